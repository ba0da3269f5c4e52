"""OpenFlow 1.0: a switch greets its controller, tells of ports and packets, and is told what to do."""

import ipaddress
import struct

from frames import Capture, Connection

SWITCH, CONTROLLER = ("10.0.0.1", 40000), ("10.0.0.2", 6653)
(
    HELLO,
    ERROR,
    ECHO_REQUEST,
    ECHO_REPLY,
    VENDOR,
    FEATURES_REQUEST,
    FEATURES_REPLY,
    GET_CONFIG_REQUEST,
    GET_CONFIG_REPLY,
    SET_CONFIG,
    PACKET_IN,
    FLOW_REMOVED,
    PORT_STATUS,
    PACKET_OUT,
    FLOW_MOD,
    PORT_MOD,
    STATS_REQUEST,
    STATS_REPLY,
    BARRIER_REQUEST,
    BARRIER_REPLY,
) = range(20)
NO_BUFFER = 0xFFFF_FFFF
FLOOD, TO_CONTROLLER, NONE = 0xFFFB, 0xFFFD, 0xFFFF
NEAR, FAR = bytes.fromhex("02000a000001"), bytes.fromhex("02000a000002")


def message(kind, xid, body=b""):
    return struct.pack(">BBHI", 1, kind, 8 + len(body), xid) + body


def match(wildcards, in_port, dl_type, proto, source, target, source_port, target_port):
    head = struct.pack(">IH", wildcards, in_port) + NEAR + FAR
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    return (
        head
        + struct.pack(">HBxHBB2x", 0xFFFF, 0, dl_type, 0, proto)
        + addresses
        + struct.pack(">HH", source_port, target_port)
    )


def port(number, name, config, state, current):
    return (
        struct.pack(">H", number)
        + bytes([2, 0, 0, 0, 1, number & 0xFF])
        + struct.pack(">16sIIIIII", name, config, state, current, 0x3EF, 0xFFF, current)
    )


def output(number, max_len=0):
    return struct.pack(">HHHH", 0, 8, number, max_len)


def inner():
    frames = Capture()
    frames.udp(("10.1.0.1", 9), ("10.1.0.2", 9), b"to whom?")
    return frames.records[0][1]


def capture():
    out = Capture()
    it = Connection(out, SWITCH, CONTROLLER)
    it.client(message(HELLO, 1))
    it.server(message(HELLO, 1) + message(FEATURES_REQUEST, 2))
    ports = (
        port(1, b"eth1", 0, 0, 0x2A0) + port(2, b"eth2", 0x10, 1, 0x120) + port(0xFFFE, b"br0", 1, 0x200, 0)
    )
    features = struct.pack(">QIB3xII", 0x0000_02000A000001, 256, 2, 0xC7, 0xFFF) + ports
    it.client(message(FEATURES_REPLY, 2, features), sizes=[6, 100])
    it.server(
        message(SET_CONFIG, 3, struct.pack(">HH", 0, 128))
        + message(GET_CONFIG_REQUEST, 4)
        + message(BARRIER_REQUEST, 5)
    )
    it.client(message(GET_CONFIG_REPLY, 4, struct.pack(">HH", 0, 128)) + message(BARRIER_REPLY, 5))
    frame = inner()
    it.client(message(PACKET_IN, 0, struct.pack(">IHHBx", 0x100, len(frame), 1, 0) + frame))
    flow = match(0x0030_000E, 1, 0x0800, 17, "10.1.0.1", "10.1.0.2", 9, 9)
    added = struct.pack(">QHHHHIHH", 0xC0FFEE, 0, 60, 600, 32_768, 0x100, NONE, 1)
    it.server(message(FLOW_MOD, 6, flow + added + output(2)))
    retagged = (
        output(TO_CONTROLLER, 65_535)
        + struct.pack(">HHH2x", 1, 8, 100)
        + struct.pack(">HH6s6x", 4, 16, FAR)
        + struct.pack(">HHI", 6, 8, 0x0A010001)
    )
    it.server(
        message(FLOW_MOD, 7, flow + struct.pack(">QHHHHIHH", 1, 1, 0, 0, 1, NO_BUFFER, NONE, 0) + retagged)
    )
    # tshark looks for an action in each, also where flows are deleted.
    everything = match(0x3FFFFF, 0, 0, 0, "0.0.0.0", "0.0.0.0", 0, 0)
    it.server(
        message(
            FLOW_MOD, 8, everything + struct.pack(">QHHHHIHH", 0, 3, 0, 0, 0, NO_BUFFER, NONE, 0) + output(1)
        )
    )
    sent = output(FLOOD)
    it.server(message(PACKET_OUT, 9, struct.pack(">IHH", NO_BUFFER, 1, len(sent)) + sent + frame))
    it.client(message(PORT_STATUS, 0, struct.pack(">B7x", 2) + port(2, b"eth2", 0, 1, 0)))
    it.server(message(PORT_MOD, 10, struct.pack(">H6sIII4x", 2, bytes([2, 0, 0, 0, 1, 2]), 0x10, 0x11, 0)))
    it.server(message(STATS_REQUEST, 11, struct.pack(">HH", 0, 0)))
    described = struct.pack(
        ">256s256s256s32s256s", b"wirereel", b"namespace", b"2.11", b"1", b"the switch between"
    )
    it.client(message(STATS_REPLY, 11, struct.pack(">HH", 0, 0) + described))
    it.client(
        message(
            FLOW_REMOVED,
            0,
            flow + struct.pack(">QHBxIIH2xQQ", 0xC0FFEE, 32_768, 0, 75, 500_000_000, 60, 12, 1_024),
        )
    )
    it.server(message(ECHO_REQUEST, 12, b"still there?"))
    it.client(message(ECHO_REPLY, 12, b"still there?"))
    it.client(message(ERROR, 8, struct.pack(">HH", 3, 2) + message(FLOW_MOD, 8)))
    it.close()
    return out
