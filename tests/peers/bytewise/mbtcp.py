"""Modbus/TCP: queries and responses of its function codes, refusals, several at once, cut anywhere."""

import struct

from frames import Capture, Connection

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 502)


def message(transaction, function, content, unit=1):
    return struct.pack(">HHHBB", transaction, 0, 2 + len(content), unit, function) + content


def numbers(*values):
    return struct.pack(f">{len(values)}H", *values)


# What is asked and what is answered, in turn.
TALK = [
    (1, numbers(19, 19), b"\x03\xcd\x6b\x05"),
    (2, numbers(196, 22), b"\x03\xac\xdb\x35"),
    (3, numbers(107, 3), b"\x06" + numbers(555, 0, 100)),
    (4, numbers(8, 1), b"\x02" + numbers(10)),
    (5, numbers(172, 0xFF00), numbers(172, 0xFF00)),
    (6, numbers(1, 3), numbers(1, 3)),
    (15, numbers(19, 10) + b"\x02\xcd\x01", numbers(19, 10)),
    (16, numbers(1, 2) + b"\x04" + numbers(10, 258), numbers(1, 2)),
    (22, numbers(4, 0x00F2, 0x0025), numbers(4, 0x00F2, 0x0025)),
    (
        23,
        numbers(3, 6, 14, 3) + b"\x06" + numbers(255, 255, 255),
        b"\x0c" + numbers(254, 2765, 1, 3, 13, 255),
    ),
    (24, numbers(1246), numbers(6, 2, 440, 4740)),
    (7, b"", b"\x6d"),
    (8, numbers(0, 0xA537), numbers(0, 0xA537)),
    (11, b"", numbers(0xFFFF, 264)),
    (17, b"", b"\x06\x0areel\xff"),
    (
        43,
        b"\x0e\x01\x00",
        b"\x0e\x01\x01\x00\x00\x03"
        + b"".join(bytes([it, len(text)]) + text for it, text in enumerate((b"wirereel", b"W-1", b"v2.11"))),
    ),
]


def capture():
    out = Capture()
    one = Connection(out, CLIENT, SERVER)
    for transaction, (function, query, response) in enumerate(TALK, 1):
        one.client(message(transaction, function, query))
        one.server(message(transaction, function, response))
    # Refused: no such function, no such address.
    one.client(message(100, 3, numbers(60_000, 10), unit=17))
    one.server(message(100, 0x83, b"\x02", unit=17))
    one.client(message(101, 43, b"\x0e\x04\x80"))
    one.server(message(101, 0xAB, b"\x01"))
    one.close()
    # Several queries in one segment, and a response over two, cut in its header.
    two = Connection(out, ("10.0.0.1", 40001), SERVER)
    two.client(b"".join(message(it, 3, numbers(it, 125)) for it in (7, 8)))
    many = [message(it, 3, b"\xfa" + numbers(*range(it, it + 125))) for it in (7, 8)]
    two.server(b"".join(many), sizes=[5, 252])
    two.close()
    return out
