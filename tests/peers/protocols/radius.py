"""RADIUS (RFC 2865, 2866, 3162, 5997): access with a challenge, EAP (RFC 3579), accounting, a change
of authorisation (RFC 5176).
"""

import hashlib
import hmac
import struct

from frames import SERVER, Talk, address

SECRET = b"a secret of both"
REQUEST, ACCEPT, REJECT, ACCOUNTING, ACCOUNTED, CHALLENGE = 1, 2, 3, 4, 5, 11
STATUS, DISCONNECT, DISCONNECTED, NOT_DISCONNECTED = 12, 40, 41, 42
MESSAGE_AUTHENTICATOR = 80


def avp(kind, value):
    return bytes([kind, 2 + len(value)]) + value


def text(kind, value):
    return avp(kind, value.encode())


def number(kind, value):
    return avp(kind, struct.pack(">I", value))


def host(kind, value):
    return avp(kind, address(value))


def vendor(ident, kind, value):
    return avp(26, struct.pack(">I", ident) + avp(kind, value))


def hidden(password, authenticator):
    """RFC 2865, section 5.2."""
    password = password.ljust(max(16, -(-len(password) // 16) * 16), b"\0")
    last, sealed = authenticator, b""
    for begin in range(0, len(password), 16):
        mask = hashlib.md5(SECRET + last).digest()
        last = bytes(a ^ b for a, b in zip(password[begin : begin + 16], mask))
        sealed += last
    return avp(2, sealed)


def signed(code, ident, authenticator, avps):
    """With Message-Authenticator first (RFC 3579, section 3.2)."""
    empty = avp(MESSAGE_AUTHENTICATOR, bytes(16))
    message = packet(code, ident, authenticator, [empty, *avps])
    return [avp(MESSAGE_AUTHENTICATOR, hmac.new(SECRET, message, "md5").digest()), *avps]


def packet(code, ident, authenticator, avps):
    body = b"".join(avps)
    return struct.pack(">BBH", code, ident, 20 + len(body)) + authenticator + body


def reply(code, ident, authenticator, avps=()):
    """The authenticator is a digest of the request's (RFC 2865, section 3)."""
    message = packet(code, ident, authenticator, avps)
    return message[:4] + hashlib.md5(message + SECRET).digest() + message[20:]


def accounting(code, ident, avps):
    """As a reply, to nothing (RFC 2866, section 3)."""
    return reply(code, ident, bytes(16), avps)


def talk():
    scene = Talk(1812)
    client = [
        host(4, "10.0.0.1"),
        number(5, 3),
        number(61, 15),
        text(30, "02-00-00-00-00-02"),
        text(31, "02-00-00-00-00-01"),
    ]
    first = bytes(range(16))
    scene.ask(
        packet(REQUEST, 1, first, [text(1, "alan"), hidden(b"chinese", first), *client, text(32, "switch-1")])
    )
    network = [number(6, 2), number(7, 1), host(8, "10.0.9.1"), host(9, "255.255.255.0"), number(12, 1400)]
    rights = [
        number(27, 3600),
        number(28, 600),
        avp(25, b"class of 1989"),
        text(11, "filter.in"),
        text(18, "Welcome, Alan.\n"),
    ]
    vlan = [avp(64, b"\0\0\0\x0d"), avp(65, b"\0\0\0\x06"), text(81, "10")]
    own = [vendor(9, 1, b"shell:priv-lvl=15"), vendor(311, 17, bytes(range(50)))]
    scene.answer(reply(ACCEPT, 1, first, [*network, *rights, *vlan, *own]))
    second = bytes(range(16, 32))
    scene.ask(
        packet(
            REQUEST,
            2,
            second,
            [text(1, "tom"), avp(3, b"\x07" + bytes(range(16))), avp(60, bytes(range(32))), *client],
        )
    )
    scene.answer(reply(REJECT, 2, second, [text(18, "No such user"), text(18, "Call 1989")]))
    third = bytes(range(32, 48))
    identity = avp(79, struct.pack(">BBHB", 2, 0, 10, 1) + b"alice")
    scene.ask(packet(REQUEST, 3, third, signed(REQUEST, 3, third, [text(1, "alice"), *client, identity])))
    challenge = [avp(79, struct.pack(">BBHBB", 1, 1, 6, 13, 0x20)), avp(24, b"state 1"), number(27, 30)]
    scene.answer(reply(CHALLENGE, 3, third, signed(CHALLENGE, 3, third, challenge)))
    # Is the server there?
    fourth = bytes(range(48, 64))
    scene.ask(packet(STATUS, 255, fourth, signed(STATUS, 255, fourth, [])))
    scene.answer(reply(ACCEPT, 255, fourth))
    scene.port = 1813
    session = [text(44, "5F3A0001"), text(1, "alan"), host(4, "10.0.0.1"), number(5, 3)]
    start = accounting(ACCOUNTING, 4, [number(40, 1), *session, number(55, 1_700_000_000)])
    scene.ask(start)
    scene.answer(reply(ACCOUNTED, 4, start[4:20]))
    counts = [
        number(46, 3600),
        number(42, 0xFFFFFFFF),
        number(43, 123_456),
        number(47, 4000),
        number(48, 2000),
        number(52, 3),
        number(49, 5),
    ]
    six = [avp(95, address("2001:db8::1")), avp(97, b"\0\x40" + address("2001:db8:9::")[:8])]
    stop = accounting(ACCOUNTING, 5, [number(40, 2), *session, *counts, *six, number(41, 0)])
    scene.ask(stop)
    scene.answer(reply(ACCOUNTED, 5, stop[4:20]))
    # The server asks, the one that grants access answers.
    scene.client, scene.server, scene.port = SERVER, "10.0.0.1", 3799
    answers = [(6, NOT_DISCONNECTED, number(101, 503)), (7, DISCONNECTED, number(49, 6))]
    for ident, code, why in answers:
        ended = accounting(DISCONNECT, ident, [text(1, "alan"), text(44, "5F3A0001")])
        scene.ask(ended)
        scene.answer(reply(code, ident, ended[4:20], [why]))
    return scene
