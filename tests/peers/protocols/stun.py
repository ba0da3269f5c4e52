"""STUN (RFC 8489, 5389) with ICE (RFC 8445) and TURN (RFC 8656): bindings, an allocation after a
challenge, indications.
"""

import hmac
import hashlib
import struct
import zlib

from frames import CLIENT, CLIENT_PORT, Connection, Talk, address

COOKIE = 0x2112A442
REQUEST, INDICATION, SUCCESS, FAILURE = 0x000, 0x010, 0x100, 0x110
BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMIT, CHANNEL = 1, 3, 4, 6, 7, 8, 9
USERNAME, INTEGRITY, ERROR_CODE, UNKNOWN, REALM, NONCE = 0x06, 0x08, 0x09, 0x0A, 0x14, 0x15
MAPPED, XOR_MAPPED, XOR_PEER, XOR_RELAYED = 0x01, 0x20, 0x12, 0x16
CHANNEL_NUMBER, LIFETIME, CONTENT, EVEN_PORT, TRANSPORT, DONT_FRAGMENT = 0x0C, 0x0D, 0x13, 0x18, 0x19, 0x1A
PRIORITY, USE_CANDIDATE, SOFTWARE, FINGERPRINT, CONTROLLED, CONTROLLING = (
    0x24,
    0x25,
    0x8022,
    0x8028,
    0x8029,
    0x802A,
)


def attribute(kind, value=b"", pad=b"\0"):
    return struct.pack(">HH", kind, len(value)) + value + pad * (-len(value) % 4)


def word(kind, value):
    return attribute(kind, struct.pack(">I", value))


def mapped(host, port):
    return attribute(MAPPED, struct.pack(">BBH", 0, 2 if ":" in host else 1, port) + address(host))


def xored(kind, host, port, ident):
    """RFC 8489, section 14.2."""
    mask = struct.pack(">I", COOKIE) + ident
    hidden = bytes(a ^ b for a, b in zip(address(host), mask))
    return attribute(kind, struct.pack(">BBH", 0, 2 if ":" in host else 1, port ^ (COOKIE >> 16)) + hidden)


def failure(code, reason):
    return attribute(ERROR_CODE, struct.pack(">HBB", 0, code // 100, code % 100) + reason.encode())


def message(kind, ident, attributes=(), key=None, fingerprint=False):
    """The length in what is digested counts to the end of the digest (RFC 8489, section 14.5 and 14.7)."""
    body = b"".join(attributes)

    def head(more):
        return struct.pack(">HHI", kind, len(body) + more, COOKIE) + ident

    if key:
        body += attribute(INTEGRITY, hmac.new(key, head(24) + body, "sha1").digest())
    if fingerprint:
        body += word(FINGERPRINT, zlib.crc32(head(8) + body) ^ 0x5354554E)
    return head(0) + body


def talk():
    scene = Talk(3478)
    idents = iter(hashlib.sha256(bytes([number])).digest()[:12] for number in range(99))
    mine = (CLIENT, CLIENT_PORT)
    ident = next(idents)
    scene.ask(message(BINDING | REQUEST, ident))
    software = attribute(SOFTWARE, b"wirereel")
    scene.answer(
        message(BINDING | SUCCESS, ident, [xored(XOR_MAPPED, *mine, ident), mapped(*mine), software])
    )
    # Of a check for a path; what fills up may be anything.
    ident, key = next(idents), b"VOkJxbRl1RmTxUk/WvJxBt"
    check = [
        attribute(SOFTWARE, b"test client", b" "),
        word(PRIORITY, 0x6E0001FF),
        attribute(CONTROLLED, bytes.fromhex("932ff9b151263b36")),
        attribute(USERNAME, b"evtj:h6vY", b" "),
    ]
    scene.ask(message(BINDING | REQUEST, ident, check, key, True))
    answer = [attribute(SOFTWARE, b"test vector", b" "), xored(XOR_MAPPED, "2001:db8::1", 32853, ident)]
    scene.answer(message(BINDING | SUCCESS, ident, answer, key, True))
    ident = next(idents)
    check = [
        word(PRIORITY, 0x7E0000FF),
        attribute(USE_CANDIDATE),
        attribute(CONTROLLING, bytes(range(8))),
        attribute(USERNAME, b"evtj:h6vY"),
    ]
    scene.ask(message(BINDING | REQUEST, ident, check, key, True))
    scene.answer(message(BINDING | FAILURE, ident, [failure(487, "Role Conflict")], key, True))
    scene.ask(message(BINDING | INDICATION, next(idents), [], fingerprint=True))
    # An address of the relay, for whom the server asks who that is.
    ident = next(idents)
    udp = word(TRANSPORT, 17 << 24)
    scene.ask(message(ALLOCATE | REQUEST, ident, [udp, attribute(DONT_FRAGMENT)]))
    realm = [attribute(REALM, b"example.com"), attribute(NONCE, b"f//499k954d6OL34oL9FSTvy64sA")]
    scene.answer(message(ALLOCATE | FAILURE, ident, [failure(401, "Unauthorized"), *realm]))
    ident = next(idents)
    key = hashlib.md5(b"alan:example.com:chinese").digest()
    who = [attribute(USERNAME, b"alan"), *realm]
    scene.ask(message(ALLOCATE | REQUEST, ident, [udp, word(LIFETIME, 3600), *who], key))
    relayed = [
        xored(XOR_RELAYED, "192.0.2.15", 50000, ident),
        xored(XOR_MAPPED, *mine, ident),
        word(LIFETIME, 600),
    ]
    scene.answer(message(ALLOCATE | SUCCESS, ident, relayed, key))
    ident = next(idents)
    scene.ask(message(PERMIT | REQUEST, ident, [xored(XOR_PEER, "192.0.2.150", 0, ident), *who], key))
    scene.answer(message(PERMIT | SUCCESS, ident, [], key))
    ident = next(idents)
    scene.ask(
        message(
            SEND | INDICATION,
            ident,
            [xored(XOR_PEER, "192.0.2.150", 32102, ident), attribute(CONTENT, b"hello")],
        )
    )
    ident = next(idents)
    scene.answer(
        message(
            DATA | INDICATION,
            ident,
            [xored(XOR_PEER, "192.0.2.150", 32102, ident), attribute(CONTENT, b"hello to you")],
        )
    )
    ident = next(idents)
    bound = [word(CHANNEL_NUMBER, 0x4000 << 16), xored(XOR_PEER, "192.0.2.210", 49191, ident), *who]
    scene.ask(message(CHANNEL | REQUEST, ident, bound, key))
    scene.answer(message(CHANNEL | SUCCESS, ident, [], key))
    ident = next(idents)
    scene.ask(message(REFRESH | REQUEST, ident, [word(LIFETIME, 0), *who], key))
    scene.answer(message(REFRESH | SUCCESS, ident, [word(LIFETIME, 0)], key))
    # A server that cannot reserve the next port.
    ident = next(idents)
    scene.ask(message(ALLOCATE | REQUEST, ident, [udp, attribute(EVEN_PORT, b"\x80"), *who], key))
    unknown = attribute(UNKNOWN, struct.pack(">H", EVEN_PORT))
    scene.answer(message(ALLOCATE | FAILURE, ident, [failure(420, "Unknown Attribute"), unknown], key))
    return scene


def connection():
    """Over TCP (RFC 8489, section 6.2.2): two requests in one segment, an answer in two."""
    scene = Connection(3478)
    idents = [hashlib.sha256(bytes([number])).digest()[:12] for number in (100, 101)]
    software = attribute(SOFTWARE, b"wirereel 0.1")
    scene.ask(b"".join(message(BINDING | REQUEST, ident, [software]) for ident in idents))
    answers = [
        message(BINDING | SUCCESS, ident, [xored(XOR_MAPPED, CLIENT, CLIENT_PORT, ident)]) for ident in idents
    ]
    scene.answer(answers[0] + answers[1][:9])
    scene.answer(answers[1][9:])
    scene.close()
    return scene
