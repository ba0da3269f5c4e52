"""RTP (RFC 3550): two voices with contributing sources, padding, and both kinds of header extensions."""

import struct

from frames import Capture

VOICE, MIXER = ("10.0.0.1", 5004), ("10.0.0.2", 5004)
SSRC, OTHER = 0xDECAFBAD, 0x00C0FFEE
# Samples of 20 ms at 8 kHz.
TICKS = 160


def packet(seq, payload_type, payload, *, marker=0, csrc=(), ext=b"", padding=0, ssrc=SSRC, timestamp=None):
    timestamp = 3_000_000_000 + seq * TICKS if timestamp is None else timestamp
    flags = 0x80 | bool(padding) << 5 | bool(ext) << 4 | len(csrc)
    head = struct.pack(
        ">BBHII", flags, marker << 7 | payload_type, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc
    )
    sources = b"".join(struct.pack(">I", it) for it in csrc)
    fill = bytes(padding - 1) + bytes([padding]) if padding else b""
    return head + sources + ext + payload + fill


def extension(profile, content):
    content += bytes(-len(content) % 4)
    return struct.pack(">HH", profile, len(content) // 4) + content


def one_byte(identifier, data):
    return bytes([identifier << 4 | len(data) - 1]) + data


def two_bytes(identifier, data):
    return bytes([identifier, len(data)]) + data


def sound(seed, length=TICKS):
    return bytes((seed * 37 + it * 11) & 0xFF for it in range(length))


def capture():
    out = Capture()
    send = lambda *args, **rest: (out.udp(VOICE, MIXER, packet(*args, **rest)), out.wait(19_000))
    send(65533, 0, sound(1), marker=1)
    send(65534, 0, sound(2))
    # The numbers wrap.
    send(65535, 8, sound(3))
    send(65536, 8, sound(4))
    levels = one_byte(1, b"\x85") + one_byte(3, b"\x12\x34\x56")
    send(65537, 111, sound(5, 47), ext=extension(0xBEDE, levels))
    # A byte of padding between two elements.
    padded = one_byte(1, b"\x7f") + b"\0" + one_byte(2, bytes(range(16)))
    send(65538, 111, sound(6, 51), ext=extension(0xBEDE, padded))
    long = two_bytes(5, b"") + two_bytes(200, bytes(range(20))) + two_bytes(7, b"mid")
    send(65539, 96, sound(7, 33), ext=extension(0x1000, long), marker=1)
    send(65540, 96, sound(8, 9), ext=extension(0x4242, bytes.fromhex("0102030405060708")))
    send(65541, 96, sound(9, 9), ext=extension(0x0042, b""))
    mixed = [0x11111111, 0x22222222, 0x33333333]
    out.udp(MIXER, VOICE, packet(100, 9, sound(10), csrc=mixed, ssrc=OTHER, timestamp=77))
    out.udp(MIXER, VOICE, packet(101, 9, b"", ssrc=OTHER, timestamp=237))
    out.udp(MIXER, VOICE, packet(102, 9, sound(11, 40), padding=8, ssrc=OTHER, timestamp=397))
    every = [0xA0000000 + it for it in range(15)]
    both = extension(0xBEDE, one_byte(14, b"\0"))
    out.udp(MIXER, VOICE, packet(103, 127, sound(12, 20), csrc=every, ext=both, ssrc=OTHER, timestamp=557))
    six = (("fd00::1", 5004), ("fd00::2", 5004))
    out.udp(*six, packet(7, 33, b"\x47\x1f\xff\x10" + bytes(184), ssrc=0x01020304, timestamp=90_000))
    return out
