"""WireGuard: handshakes, a cookie under load, data and keepalives. What is encrypted are bytes of a
fixed sequence: without the keys nobody tells them apart."""

import hashlib
import struct

from frames import Capture

ONE, TWO = ("10.0.0.1", 51820), ("10.0.0.2", 51820)


def noise(name, length):
    return hashlib.shake_128(name.encode()).digest(length)


def initiation(sender, cookie=None):
    secret = noise(f"ephemeral {sender}", 32) + noise(f"static {sender}", 48) + noise(f"time {sender}", 28)
    return struct.pack("<II", 1, sender) + secret + noise(f"mac1 {sender}", 16) + (cookie or bytes(16))


def response(sender, receiver):
    secret = noise(f"ephemeral {sender}", 32) + noise(f"empty {sender}", 16)
    return struct.pack("<III", 2, sender, receiver) + secret + noise(f"mac1 {sender}", 16) + bytes(16)


def cookie_reply(receiver):
    return struct.pack("<II", 3, receiver) + noise("nonce", 24) + noise("cookie", 32)


def data(receiver, counter, length):
    # Packets are filled up to a multiple of 16 bytes.
    length += -length % 16
    return struct.pack("<IIQ", 4, receiver, counter) + noise(f"data {receiver} {counter}", length + 16)


def capture():
    out = Capture()
    near, far = 0xC0FFEE01, 0xDECAFB02
    out.udp(ONE, TWO, initiation(near))
    out.udp(TWO, ONE, cookie_reply(near))
    out.wait(5_000_000)
    out.udp(ONE, TWO, initiation(near + 16, noise("mac2", 16)))
    out.udp(TWO, ONE, response(far, near + 16))
    out.udp(ONE, TWO, data(far, 0, 0))
    for counter, length in enumerate((84, 60, 1_408)):
        out.udp(TWO, ONE, data(near + 16, counter, length))
        out.udp(ONE, TWO, data(far, counter + 1, length))
    out.wait(25_000_000)
    out.udp(TWO, ONE, data(near + 16, 3, 0))
    # Much later, and over IPv6: the counter has all its bytes.
    six = (("fd00::1", 51820), ("fd00::2", 51821))
    out.udp(*six, data(far, 0x0102_0304_0506_0708, 33))
    return out
