"""sFlow version 5 (sflow.org, sflow_version_5.txt): flow and counter samples, compact and expanded, of
agents of IPv4 and IPv6.
"""

import struct

from frames import STEP_US, Talk, address, ethernet, ipv4, udp

FLOW, COUNTERS, FLOW_EXPANDED, COUNTERS_EXPANDED = range(1, 5)
RAW, ETHERNET, IPV4, SWITCH, ROUTER, GATEWAY = 1, 2, 3, 1001, 1002, 1003
INTERFACE, ETHERNET_COUNTERS, VLAN, PROCESSOR = 1, 2, 5, 1001


def words(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def opaque(data):
    """As XDR has it (RFC 4506, section 4.10)."""
    return words(len(data)) + data + bytes(-len(data) % 4)


def structure(kind, body, enterprise=0):
    """A sample, or a record of one: its type, its length, itself."""
    return words(enterprise << 12 | kind, len(body)) + body


def sampled(size):
    """The first 128 bytes of a frame of `size`, which had its check sequence besides."""
    segment = udp("192.0.2.1", 61000, "198.51.100.1", 61001, bytes(size - 42))
    packet = ipv4("192.0.2.1", "198.51.100.1", 17, segment)
    frame = ethernet(b"\2\0\0\0\0\1", b"\2\0\0\0\0\2", 0x0800, packet)
    return structure(RAW, words(1, size + 4, 4) + opaque(frame[:128]))


def interface(index, octets):
    """Ethernet, full duplex, up. What is not counted is all ones."""
    body = words(index, 6) + struct.pack(">Q", 1_000_000_000) + words(1, 3)
    body += struct.pack(">Q", octets) + words(10, 20, 30, 0, 1, 0xFFFFFFFF)
    body += struct.pack(">Q", octets * 2) + words(11, 21, 31, 2, 3) + words(0)
    return structure(INTERFACE, body)


def flow(sequence, source, pool, into, out, *records):
    body = words(sequence, source, 512, pool, 0, into, out, len(records)) + b"".join(records)
    return structure(FLOW, body)


def flow_expanded(sequence, index, pool, into, out, *records):
    body = words(sequence, 0, index, 512, pool, 3, *into, *out, len(records)) + b"".join(records)
    return structure(FLOW_EXPANDED, body)


def counters(sequence, source, *records):
    return structure(COUNTERS, words(sequence, source, len(records)) + b"".join(records))


def counters_expanded(sequence, index, *records):
    return structure(COUNTERS_EXPANDED, words(sequence, 0, index, len(records)) + b"".join(records))


def export(scene, sequence, samples, agent="192.0.2.100", sub_agent=0):
    host = address(agent)
    uptime = 3_600_000 + len(scene.frames) * STEP_US // 1000
    head = words(5, 1 if len(host) == 4 else 2) + host + words(sub_agent, sequence, uptime, len(samples))
    scene.ask(head + b"".join(samples))


def talk():
    scene = Talk(6343)
    export(scene, 1, [flow(1, 3, 512, 3, 4, sampled(70))])
    export(scene, 2, [counters(1, 3, interface(3, 1 << 33), structure(ETHERNET_COUNTERS, words(*range(13))))])
    switch = structure(SWITCH, words(10, 0, 20, 5))
    router = structure(ROUTER, words(1) + address("10.0.0.254") + words(24, 16))
    export(scene, 3, [flow(2, 3, 1024, 3, 4, sampled(1514), switch, router)])
    several = [counters(2, 4, interface(4, 5000)), flow(3, 4, 1536, 4, 0x80000002, sampled(70), switch)]
    export(scene, 4, several)
    load = structure(PROCESSOR, words(250, 300, 0xFFFFFFFF) + struct.pack(">QQ", 8 << 30, 1 << 30))
    vlan = structure(VLAN, words(10) + struct.pack(">Q", 1 << 34) + words(1, 2, 3, 4))
    export(scene, 5, [counters(3, 2 << 24 | 1, load), counters(4, 1 << 24 | 10, vlan)], "2001:db8::100", 1)
    plain = structure(
        ETHERNET,
        words(64)
        + bytes.fromhex("020000000001")
        + b"\0\0"
        + bytes.fromhex("020000000002")
        + b"\0\0"
        + words(0x0800),
    )
    packet = structure(
        IPV4, words(56, 17) + address("192.0.2.1") + address("198.51.100.1") + words(5000, 5001, 0, 0xB8)
    )
    expanded = [
        flow_expanded(4, 70_000, 2048, (0, 70_000), (0, 70_001), plain, packet),
        counters_expanded(5, 70_000, interface(70_000, 1)),
    ]
    export(scene, 6, expanded)
    export(scene, 7, [])
    return scene
