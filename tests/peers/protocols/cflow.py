"""NetFlow version 5 and 9 (RFC 3954) and IPFIX (RFC 7011): templates, options, flows, padding."""

import struct

from frames import BEGIN, STEP_US, SERVER, Talk, address

UPTIME_MS = 3_600_000
UDP, TCP, ICMP = 17, 6, 1


def uptime(scene):
    return UPTIME_MS + len(scene.frames) * STEP_US // 1000


def flow_5(source, destination, ports, protocol, flags=0, packets=1, octets=64, tos=0):
    """Next hop, interfaces, counts, times of uptime, ports, systems, masks."""
    record = b"".join(map(address, [source, destination, "10.0.0.254"])) + struct.pack(">HH", 1, 2)
    record += struct.pack(">IIII", packets, octets, UPTIME_MS - 60_000, UPTIME_MS - 1_000)
    record += struct.pack(">HHBBBBHHBBH", *ports, 0, flags, protocol, tos, 64496, 64511, 24, 16, 0)
    return record


def export_5(scene, sequence, flows, sampling=0):
    micros = len(scene.frames) * STEP_US
    head = struct.pack(">HHIII", 5, len(flows), uptime(scene), BEGIN, micros * 1000)
    head += struct.pack(">IBBH", sequence, 1, 7, sampling)
    scene.ask(head + b"".join(flows))


def flow_set(ident, *records):
    """Filled up to a multiple of four (RFC 3954, section 5.3; RFC 7011, section 3.3.1)."""
    body = b"".join(records)
    body += bytes(-len(body) % 4)
    return struct.pack(">HH", ident, 4 + len(body)) + body


def fields(*pairs):
    return b"".join(struct.pack(">HH", *pair) for pair in pairs)


def template(ident, *pairs):
    return struct.pack(">HH", ident, len(pairs)) + fields(*pairs)


def export_9(scene, sequence, count, *sets):
    head = struct.pack(">HHIIII", 9, count, uptime(scene), BEGIN, sequence, 0x101)
    scene.ask(head + b"".join(sets))


def export_ipfix(scene, sequence, *sets):
    body = b"".join(sets)
    scene.ask(struct.pack(">HHIII", 10, 16 + len(body), BEGIN, sequence, 0x202) + body)


def talk():
    scene = Talk(2055)
    export_5(scene, 0, [flow_5("192.0.2.1", "198.51.100.1", (49152, 443), TCP, 0x1B, 12, 9000)])
    flows = [
        flow_5("192.0.2.2", "198.51.100.2", (50000, 53), UDP, tos=0xB8),
        flow_5("192.0.2.3", "198.51.100.3", (0, 0x0800), ICMP, packets=4, octets=336),
        flow_5("203.0.113.255", "255.255.255.255", (68, 67), UDP, packets=0xFFFFFFFF, octets=0xFFFFFFFF),
    ]
    export_5(scene, 1, flows, 0x4000 | 100)
    export_5(scene, 4, [flow_5(f"192.0.2.{n}", "198.51.100.9", (1024 + n, 80), TCP, 0x02) for n in range(30)])
    export_5(scene, 34, [flow_5("0.0.0.0", "255.255.255.255", (68, 67), UDP, octets=328)], 0x8000 | 1)
    # 9: what a flow is, what the exporter says of itself, flows of it, two of one set that is filled up.
    flow = template(256, (8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4))
    short = template(258, (8, 4), (1, 4))
    scope = struct.pack(">HHH", 257, 4, 8) + fields((1, 4), (34, 4), (35, 1))
    wide = struct.pack(">HHH", 259, 4, 4) + fields((2, 4), (10, 2))
    export_9(scene, 0, 3, flow_set(0, flow, short), flow_set(1, scope))
    export_9(scene, 1, 2, flow_set(1, scope, wide))

    def counted(source, ports, protocol, octets, packets):
        counts = struct.pack(">HHBII", *ports, protocol, octets, packets)
        return address(source) + address("198.51.100.1") + counts

    two = [counted("192.0.2.1", (49152, 443), TCP, 9000, 12), counted("192.0.2.2", (50000, 53), UDP, 64, 1)]
    options = address(SERVER) + struct.pack(">IB", 100, 1)
    export_9(scene, 2, 3, flow_set(256, *two), flow_set(257, options))
    # IPFIX: a field of an enterprise, one of variable length, a template that is withdrawn, no set at all.
    scene.port = 4739
    scene.client_port += 1
    own = struct.pack(">HHI", 0x8000 | 100, 2, 32473)
    flow = struct.pack(">HH", 256, 4) + fields((8, 4), (12, 4), (82, 65535)) + own
    export_ipfix(scene, 0, flow_set(2, flow, template(258, (27, 16), (1, 8))))
    scope = struct.pack(">HHH", 257, 3, 1) + fields((144, 4), (41, 8), (42, 8))
    export_ipfix(scene, 0, flow_set(3, scope))
    named = b"".join(map(address, ["192.0.2.1", "198.51.100.1"])) + b"\x04eth0" + struct.pack(">H", 7)
    six = address("2001:db8::1") + struct.pack(">Q", 1 << 40)
    export_ipfix(scene, 0, flow_set(256, named, named), flow_set(258, six))
    export_ipfix(scene, 3, flow_set(257, struct.pack(">IQQ", 0x202, 4, 3)))
    export_ipfix(scene, 4)
    export_ipfix(scene, 4, flow_set(2, struct.pack(">HH", 258, 0)))
    return scene
