"""NTP (RFC 5905): a client, symmetric peers, a broadcast server, extension fields (RFC 7822), MACs."""

import hashlib
import struct

from frames import BEGIN, STEP_US, Talk

NTP_TO_UNIX = 2_208_988_800
ZERO = bytes(8)
KEY_ID, KEY = 10, b"a key of both"
UNIQUE, COOKIE, AUTHENTICATOR = 0x0104, 0x0204, 0x0404


def stamp(micros):
    """A time, so many microseconds after the first frame."""
    second, micros = divmod(micros, 1_000_000)
    return struct.pack(">II", BEGIN + second + NTP_TO_UNIX, (micros << 32) // 1_000_000)


def packet(mode, stratum, refid, times, version=4, leap=0, poll=6, precision=-24, delay=0, spread=0):
    """`times`: of the last setting, the origin, the receipt, the sending. `delay`, `spread`: 16.16."""
    head = struct.pack(">BBbb", leap << 6 | version << 3 | mode, stratum, poll, precision)
    return head + struct.pack(">II", delay, spread) + refid + b"".join(times)


def extension(kind, value):
    """Filled up to a multiple of four, and to 16 bytes at least."""
    value = value.ljust(max(12, -(-len(value) // 4) * 4), b"\0")
    return struct.pack(">HH", kind, 4 + len(value)) + value


def mac(message, digest):
    """Key, then message (RFC 5905, appendix A; SHA-1 as ntpd has it)."""
    return struct.pack(">I", KEY_ID) + hashlib.new(digest, KEY + message).digest()


def talk():
    scene = Talk(123)
    origin = stamp(0)
    scene.ask(packet(3, 0, bytes(4), [ZERO, ZERO, ZERO, origin], leap=3, poll=6, precision=0))
    times = [stamp(-64_000_000), origin, stamp(9_000), stamp(9_300)]
    scene.answer(packet(4, 1, b"GPS\0", times, delay=0, spread=0x41))
    times = [stamp(-7_000_000), ZERO, ZERO, stamp(40_000)]
    scene.ask(packet(1, 2, bytes([192, 0, 2, 7]), times, 3, 0, 10, -20, 0x1234, 0x2345))
    times = [stamp(-9_000_000), stamp(40_000), stamp(50_000), stamp(60_000)]
    scene.answer(packet(2, 3, bytes([198, 51, 100, 9]), times, 3, 1, 10, -18, 0xFFFF, 0x18000))
    # A kiss of death: the code stands where the reference is (RFC 5905, section 7.4).
    scene.ask(packet(3, 0, bytes(4), [ZERO, ZERO, ZERO, stamp(80_000)], leap=3, poll=3, precision=32))
    scene.answer(packet(4, 0, b"RATE", [ZERO, stamp(80_000), stamp(81_000), stamp(82_000)], leap=3))
    asked = packet(3, 0, bytes(4), [ZERO, ZERO, ZERO, stamp(120_000)])
    scene.ask(asked + mac(asked, "md5"))
    answered = packet(
        4, 2, bytes([192, 0, 2, 7]), times[:1] + [stamp(120_000), stamp(129_000), stamp(129_500)]
    )
    scene.answer(answered + mac(answered, "sha1"))
    # A crypto-NAK: a key of 0 and no digest.
    scene.answer(
        packet(4, 2, bytes([192, 0, 2, 7]), [ZERO, stamp(120_000), stamp(150_000), stamp(160_000)]) + bytes(4)
    )
    # As Network Time Security has them (RFC 8915, section 5.3); the last is the longest, without a MAC.
    nonce = bytes(range(32))
    secured = extension(UNIQUE, nonce) + extension(COOKIE, bytes(range(100, 200)))
    sealed = struct.pack(">HH", 16, 16) + bytes(range(32, 64))
    secured += extension(AUTHENTICATOR, sealed)
    scene.ask(packet(3, 0, bytes(4), [ZERO, ZERO, ZERO, stamp(180_000)], leap=3) + secured)
    secured = extension(UNIQUE, nonce) + extension(AUTHENTICATOR, sealed + bytes(range(64)))
    times = [stamp(-1_000_000), stamp(180_000), stamp(190_000), stamp(200_000)]
    scene.answer(packet(4, 1, b"PTP\0", times) + secured)
    # Both; the server's digest is over its extension field too.
    asked = packet(3, 0, bytes(4), [ZERO, ZERO, ZERO, stamp(220_000)], leap=3) + extension(UNIQUE, nonce[:16])
    scene.ask(asked + mac(asked, "md5"))
    answered = packet(4, 1, b"GPS\0", [stamp(-1_000_000), stamp(220_000), stamp(230_000), stamp(240_000)])
    answered += extension(UNIQUE, nonce[:16])
    scene.answer(answered + mac(answered, "sha1"))
    # To all, of a server whose time is not yet set; after that of one that is.
    for stratum, leap in [(16, 3), (1, 0)]:
        times = [stamp(-2_000_000), ZERO, ZERO, stamp(STEP_US * len(scene.frames))]
        message = packet(5, stratum, b"PPS\0" if stratum == 1 else b"INIT", times, leap=leap)
        scene.send(scene.server, 123, "10.0.0.255", 123, message)
    return scene
