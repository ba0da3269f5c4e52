"""GTP-U (3GPP TS 29.281): packets of a user in tunnels, extension headers, and the path's own messages."""

import ipaddress
import struct

from frames import Capture

PORT = 2152
NODE, GATEWAY = ("10.0.0.1", PORT), ("10.0.0.2", PORT)
USER, PEER = ("192.0.2.10", 40000), ("198.51.100.7", 7)
PDU_SESSION, PDCP, UDP_PORT = 0x85, 0xC0, 0x40
E, S, PN = 0x04, 0x02, 0x01


def message(kind, teid, body, *, seq=None, npdu=None, extensions=()):
    flags = 0x30 | bool(extensions) * E | (seq is not None) * S | (npdu is not None) * PN
    optional = b""
    if flags & 7:
        types = [it[0] for it in extensions] + [0]
        optional = struct.pack(">HBB", seq or 0, npdu or 0, types[0])
        for (_, content), following in zip(extensions, types[1:]):
            optional += bytes([(len(content) + 2) // 4]) + content + bytes([following])
    return struct.pack(">BBHI", flags, kind, len(optional) + len(body), teid) + optional + body


def inner(data, source=USER, target=PEER):
    """What a user sends: an IP packet."""
    frames = Capture()
    frames.udp(source, target, data)
    return frames.records[0][1][14:]


def capture():
    out = Capture()
    up = lambda data: out.udp(NODE, GATEWAY, data)
    down = lambda data: out.udp(GATEWAY, NODE, data)
    up(message(1, 0, b"", seq=1))
    down(message(2, 0, bytes([14, 7]), seq=1))
    private = bytes([255]) + struct.pack(">HH", 6, 10415) + b"reel"
    up(message(1, 0, private, seq=2))
    down(message(2, 0, bytes([14, 0]) + private, seq=2))
    up(message(255, 0x00A1B2C3, inner(b"from a user")))
    down(message(255, 0x00A1B2C4, inner(b"to a user", PEER, USER)))
    up(message(255, 0x00A1B2C3, inner(b"in order"), seq=65_535))
    up(message(255, 0x00A1B2C3, inner(b"of SNDCP"), npdu=200))
    # To a flow of 5G: downlink with reflective QoS, and uplink.
    down(message(255, 0x00A1B2C4, inner(b"flow 9", PEER, USER), extensions=[(PDU_SESSION, b"\x00\x49")]))
    up(message(255, 0x00A1B2C3, inner(b"flow 1"), extensions=[(PDU_SESSION, b"\x10\x01")]))
    # With a paging policy, which makes it longer.
    paging = bytes([0x00, 0x85, 0x60, 0, 0, 0])
    down(message(255, 0x00A1B2C4, inner(b"page", PEER, USER), extensions=[(PDU_SESSION, paging)]))
    # Handed over: two headers in a row.
    both = [(PDCP, struct.pack(">H", 4_000)), (PDU_SESSION, b"\x00\x07")]
    up(message(255, 0x00A1B2C5, inner(b"forwarded"), seq=3, extensions=both))
    long = (("fd00::1", PORT), ("fd00::2", PORT))
    out.udp(*long, message(255, 0xFFFF_FFFF, inner(b"six", ("fd00:1::1", 9), ("fd00:1::2", 9))))
    # Nothing is known of a tunnel: its number and the node's address.
    address = ipaddress.ip_address("10.0.0.2").packed
    told = bytes([16]) + struct.pack(">I", 0x00A1B2C3) + bytes([133]) + struct.pack(">H", 4) + address
    down(message(26, 0, told, seq=0, extensions=[(UDP_PORT, struct.pack(">H", PORT))]))
    six = ipaddress.ip_address("fd00::2").packed
    told = bytes([16]) + struct.pack(">I", 0xFFFF_FFFF) + bytes([133]) + struct.pack(">H", 16) + six
    out.udp(long[1], long[0], message(26, 0, told, seq=0))
    down(message(31, 0, bytes([141, 3, PDCP, PDU_SESSION, UDP_PORT]), seq=4))
    up(message(254, 0x00A1B2C3, b""))
    return out
