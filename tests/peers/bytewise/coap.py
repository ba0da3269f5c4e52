"""CoAP (RFC 7252): confirmable and not, options of all lengths, blocks, an observation, a reset."""

import struct

from frames import Capture

CLIENT, SERVER, GROUP = ("10.0.0.1", 40000), ("10.0.0.2", 5683), ("224.0.1.187", 5683)
CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = range(1, 5)
CREATED, CHANGED, CONTENT, CONTINUE, NOT_FOUND = 0x41, 0x44, 0x45, 0x5F, 0x84
(
    ETAG,
    OBSERVE,
    LOCATION_PATH,
    URI_PATH,
    FORMAT,
    MAX_AGE,
    URI_QUERY,
    ACCEPT,
    BLOCK2,
    BLOCK1,
    PROXY_URI,
    SIZE1,
) = (4, 6, 8, 11, 12, 14, 15, 17, 23, 27, 35, 60)


def nibble(value):
    if value < 13:
        return value, b""
    return (13, bytes([value - 13])) if value < 269 else (14, struct.pack(">H", value - 269))


def message(kind, code, mid, *, token=b"", options=(), payload=b""):
    out = struct.pack(">BBH", 1 << 6 | kind << 4 | len(token), code, mid) + token
    last = 0
    for number, value in options:
        (delta, more), (length, longer) = nibble(number - last), nibble(len(value))
        out += bytes([delta << 4 | length]) + more + longer + value
        last = number
    return out + (b"\xff" + payload if payload else b"")


def path(*names):
    return [(URI_PATH, it.encode()) for it in names]


def capture():
    out = Capture()
    ask = lambda *args, **rest: out.udp(CLIENT, SERVER, message(*args, **rest))
    tell = lambda *args, **rest: out.udp(SERVER, CLIENT, message(*args, **rest))
    ask(CON, GET, 0x7D34, token=b"\x20", options=path("temperature"))
    tell(ACK, CONTENT, 0x7D34, token=b"\x20", options=[(FORMAT, b""), (MAX_AGE, b"\x1e")], payload=b"22.3 C")
    out.udp(
        CLIENT,
        GROUP,
        message(NON, GET, 1, token=b"find", options=path(".well-known", "core") + [(URI_QUERY, b"rt=light")]),
    )
    tell(NON, CONTENT, 900, token=b"find", options=[(FORMAT, b"\x28")], payload=b'</lamp>;rt="light"')
    ask(
        CON,
        PUT,
        2,
        token=bytes(range(8)),
        options=path("lamp") + [(FORMAT, b"\x32"), (ACCEPT, b"\x32")],
        payload=b'{"on":true}',
    )
    tell(ACK, CHANGED, 2, token=bytes(range(8)))
    # Watched: the answer comes later, in a message of its own.
    ask(CON, GET, 3, token=b"w", options=[(OBSERVE, b"")] + path("lamp"))
    tell(ACK, 0, 3)
    tell(
        CON,
        CONTENT,
        901,
        token=b"w",
        options=[(ETAG, b"\xde\xca\xfb\xad"), (OBSERVE, b"\x0c")],
        payload=b"on",
    )
    ask(ACK, 0, 901)
    tell(CON, CONTENT, 902, token=b"w", options=[(OBSERVE, b"\x0d")], payload=b"off")
    ask(RST, 0, 902)
    # Lengths and deltas of one byte and of two more.
    ask(
        CON,
        GET,
        4,
        options=[
            (URI_PATH, b"a name that is longer than thirteen"),
            (PROXY_URI, b"coap://10.0.0.3/" + b"x" * 300),
        ],
    )
    tell(ACK, NOT_FOUND, 4, payload=b"no such thing")
    ask(CON, GET, 5, options=path("x") + [(2_048, b"\x2a"), (2_064, b"")])
    tell(ACK, 0x82, 5)
    ask(
        CON,
        POST,
        6,
        token=b"b",
        options=path("log") + [(BLOCK1, b"\x08"), (SIZE1, b"\x18")],
        payload=b"0123456789abcdef",
    )
    tell(ACK, CONTINUE, 6, token=b"b", options=[(BLOCK1, b"\x08")])
    ask(CON, POST, 7, token=b"b", options=path("log") + [(BLOCK1, b"\x10")], payload=b"01234567")
    tell(
        ACK,
        CREATED,
        7,
        token=b"b",
        options=[(LOCATION_PATH, b"log"), (LOCATION_PATH, b"1"), (BLOCK1, b"\x10")],
    )
    ask(CON, DELETE, 8, options=path("log", "1"))
    tell(ACK, 0x42, 8)
    # Are you there?
    ask(CON, 0, 9)
    tell(RST, 0, 9)
    return out
