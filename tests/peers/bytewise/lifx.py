"""LIFX (LIFX LAN Protocol): lamps are found, asked, coloured and switched."""

import struct

from frames import Capture

PORT = 56700
APP, LAMP, ALL = ("10.0.0.1", 40000), ("10.0.0.2", PORT), ("10.255.255.255", PORT)
LAMP_ADDRESS = bytes.fromhex("d073d5001337")
SOURCE = 0x2B67_0001
OFF, ON = 0, 65_535


def message(kind, payload=b"", *, target=LAMP_ADDRESS, sequence=0, answer=0, confirm=0):
    tagged = target == bytes(6)
    head = struct.pack(
        "<HHI6s8xBB8xHxx",
        36 + len(payload),
        1_024 | 1 << 12 | tagged << 13,
        SOURCE,
        target,
        answer | confirm << 1,
        sequence,
        kind,
    )
    return head + payload


def color(hue, saturation, brightness, kelvin):
    parts = (round(hue * 65_536 / 360) % 65_536, round(saturation * 65_535), round(brightness * 65_535))
    return struct.pack("<HHHH", *parts, kelvin)


def capture():
    out = Capture()
    ask = lambda *args, **rest: out.udp(APP, LAMP, message(*args, **rest))
    tell = lambda *args, **rest: out.udp(LAMP, APP, message(*args, **rest))
    out.udp(APP, ALL, message(2, target=bytes(6), answer=1))
    tell(3, struct.pack("<BI", 1, PORT))
    tell(3, struct.pack("<BI", 5, PORT))
    ask(14, sequence=1)
    tell(15, struct.pack("<Q8xHH", 1_548_977_726_000_000_000, 60, 3), sequence=1)
    ask(32, sequence=2)
    tell(33, struct.pack("<III", 1, 97, 0), sequence=2)
    ask(48, sequence=3)
    place = bytes(range(16)) + struct.pack("<32sQ", "Küche".encode(), 1_699_999_999_123_456_789)
    tell(50, place, sequence=3)
    ask(101, sequence=4)
    state = struct.pack("<hH32s8x", 0, ON, b"Lamp over the table, by the door")
    tell(107, color(120, 1, 0.5, 3_500) + state, sequence=4)
    ask(102, b"\0" + color(270, 0.25, 1, 2_700) + struct.pack("<I", 1_024), sequence=5, confirm=1, answer=1)
    tell(45, sequence=5)
    tell(107, color(270, 0.25, 1, 2_700) + state, sequence=5)
    ask(117, struct.pack("<HI", OFF, 500), sequence=6, confirm=1)
    tell(45, sequence=6)
    ask(20, sequence=254)
    tell(22, struct.pack("<H", OFF), sequence=254)
    ask(24, struct.pack("<32s", b"bed"), sequence=255, answer=1)
    tell(25, struct.pack("<32s", b"bed"), sequence=255)
    ask(58, bytes(range(64)), sequence=0)
    tell(59, bytes(range(64)), sequence=0)
    # Of a kind that is not said here.
    ask(406, bytes([0] * 10), sequence=1)
    return out
