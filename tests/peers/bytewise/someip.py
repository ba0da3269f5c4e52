"""SOME/IP (AUTOSAR): service discovery, calls with answers and errors, events, segments, and several
messages in one datagram; the same over TCP."""

import ipaddress
import struct

from frames import Capture, Connection

SD, SERVICE = 30490, 30509
HOST, UNIT, GROUP = "10.0.0.1", "10.0.0.2", "224.224.224.245"
REQUEST, NO_RETURN, NOTIFICATION, RESPONSE, ERROR, TP = 0x00, 0x01, 0x02, 0x80, 0x81, 0x20


def message(service, method, payload, *, client=0x0001, session=1, kind=REQUEST, code=0, interface=1):
    head = struct.pack(
        ">HHIHHBBBB", service, method, 8 + len(payload), client, session, 1, interface, kind, code
    )
    return head + payload


def segment(offset, more, payload, **rest):
    return message(0x1234, 0x8002, struct.pack(">I", offset | more) + payload, kind=NOTIFICATION | TP, **rest)


def entry(kind, first, second, counts, service, instance, major, ttl, detail):
    head = struct.pack(">BBBBHHB", kind, first, second, counts, service, instance, major)
    return head + ttl.to_bytes(3, "big") + struct.pack(">I", detail)


def option(kind, content):
    return struct.pack(">HBB", len(content) + 1, kind, 0) + content


def endpoint(address, protocol, port, kind=0x04):
    packed = ipaddress.ip_address(address).packed
    return option(kind | (len(packed) == 16) * 2, packed + struct.pack(">BBH", 0, protocol, port))


def discovery(session, entries, options=(), flags=0xC0):
    entries, options = b"".join(entries), b"".join(options)
    arrays = struct.pack(">I", len(entries)) + entries + struct.pack(">I", len(options)) + options
    payload = bytes([flags, 0, 0, 0]) + arrays
    return message(0xFFFF, 0x8100, payload, client=0, session=session, kind=NOTIFICATION)


def capture():
    out = Capture()
    host, unit, group = (HOST, SD), (UNIT, SD), (GROUP, SD)
    out.udp(host, group, discovery(1, [entry(0x00, 0, 0, 0x00, 0x1234, 0xFFFF, 0xFF, 3, 0xFFFF_FFFF)]))
    text = b"".join(
        bytes([len(it)]) + it
        for it in (
            b"hostname=unit",
            b"",
        )
    )
    offered = [
        entry(0x01, 0, 2, 0x21, 0x1234, 0x5678, 1, 0xFFFFFF, 5),
        entry(0x01, 0, 0, 0x10, 0x4321, 1, 2, 10, 0),
    ]
    ends = [endpoint(UNIT, 17, SERVICE), endpoint(UNIT, 6, SERVICE), option(0x01, text)]
    out.udp(unit, group, discovery(1, offered, ends))
    balanced = [endpoint("fd00::2", 17, SERVICE), option(0x02, struct.pack(">HH", 1, 10))]
    out.udp(unit, group, discovery(2, [entry(0x01, 0, 0, 0x20, 0x1234, 0x5679, 1, 3, 0)], balanced, 0x40))
    # Two eventgroups are subscribed to; one is given, one refused.
    asked = [
        entry(0x06, 0, 0, 0x10, 0x1234, 0x5678, 1, 0xFFFFFF, group_) for group_ in (0x0000_0001, 0x0081_0002)
    ]
    out.udp(host, unit, discovery(1, asked, [endpoint(HOST, 17, SERVICE)]))
    answers = [
        entry(0x07, 0, 0, 0x10, 0x1234, 0x5678, 1, 0xFFFFFF, 1),
        entry(0x07, 0, 0, 0x00, 0x1234, 0x5678, 1, 0, 0x0001_0002),
    ]
    out.udp(unit, host, discovery(1, answers, [endpoint("239.1.2.3", 17, SERVICE, 0x14)]))
    out.udp(unit, group, discovery(3, [entry(0x01, 0, 0, 0x00, 0x4321, 1, 2, 0, 0)], flags=0x40))
    client, server = (HOST, SERVICE), (UNIT, SERVICE)
    out.udp(client, server, message(0x1234, 0x0001, b"\x00\x00\x00\x2a"))
    out.udp(server, client, message(0x1234, 0x0001, b"\x00\x00\x00\x2b", kind=RESPONSE))
    out.udp(client, server, message(0x1234, 0x0009, b"", session=2))
    out.udp(server, client, message(0x1234, 0x0009, b"", session=2, kind=ERROR, code=3))
    fired = [message(0x1234, 0x0002, bytes([it]), session=it, kind=NO_RETURN) for it in (3, 4)]
    events = [
        message(0x1234, 0x8001, bytes([it] * 5), client=0, session=it, kind=NOTIFICATION) for it in (1, 2, 3)
    ]
    out.udp(client, server, b"".join(fired))
    out.udp(server, client, b"".join(events))
    parts = [bytes(range(64)), bytes(range(64, 128)), b"the end"]
    for index, part in enumerate(parts):
        more = index + 1 < len(parts)
        out.udp(server, client, segment(index * 64, more, part, client=0, session=4))
    # The second request is cut within its header.
    stream = Connection(out, (HOST, 40000), server)
    stream.client(
        message(0x4321, 1, b"one", session=1) + message(0x4321, 2, b"two", session=2), sizes=[23, 9]
    )
    stream.server(message(0x4321, 1, b"1", session=1, kind=RESPONSE))
    stream.server(message(0x4321, 2, b"", session=2, kind=ERROR, code=1))
    stream.close()
    return out
