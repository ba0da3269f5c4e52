"""PTP, version 2 (IEEE 1588-2008): two steps and one, peer delays, TLVs, signaling and management."""

import struct

from frames import Capture

EVENT, GENERAL = 319, 320
PRIMARY, PEER = "224.0.1.129", "224.0.0.107"
MASTER, SLAVE = "10.0.0.1", "10.0.0.2"
MASTER_CLOCK, SLAVE_CLOCK = 0x0200_00FF_FE00_0001, 0x0200_00FF_FE00_0002
ANY_CLOCK, ANY_PORT = 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF
# TAI is ahead of UTC by so much.
SECONDS = 1_700_000_037
TWO_STEP, UNICAST = 0x0200, 0x0400
CONTROL = {0x0: 0, 0x1: 1, 0x8: 2, 0x9: 3, 0xD: 4}


def message(
    kind, seq, body, *, clock=MASTER_CLOCK, port=1, flags=0, correction=0, period=0, domain=0, minor=0
):
    control = CONTROL.get(kind, 5)
    head = struct.pack(
        ">BBHBBHqIQHHBb",
        kind,
        minor << 4 | 2,
        34 + len(body),
        domain,
        0,
        flags,
        correction,
        0,
        clock,
        port,
        seq,
        control,
        period,
    )
    return head + body


def timestamp(seconds, nanoseconds):
    return seconds.to_bytes(6, "big") + struct.pack(">I", nanoseconds)


def tlv(kind, content):
    return struct.pack(">HH", kind, len(content)) + content


def announce(clock_class=6, accuracy=0x21, variance=0x4E5D, steps=0, source=0x20):
    return timestamp(0, 0) + struct.pack(
        ">hBBBBHBQHB", 37, 0, 128, clock_class, accuracy, variance, 127, MASTER_CLOCK, steps, source
    )


def managed(action, identifier, data=b"", target=(ANY_CLOCK, ANY_PORT), hops=1):
    head = struct.pack(">QHBBBB", *target, hops, hops, action, 0)
    return head + tlv(1, struct.pack(">H", identifier) + data)


def capture():
    out = Capture()
    event = lambda host, data, group=PRIMARY: out.udp((host, EVENT), (group, EVENT), data)
    general = lambda host, data, group=PRIMARY: out.udp((host, GENERAL), (group, GENERAL), data)
    requesting = struct.pack(">QH", SLAVE_CLOCK, 1)
    general(MASTER, message(0xB, 1, announce(), flags=0x003C, period=1))
    event(MASTER, message(0x0, 1, timestamp(0, 0), flags=TWO_STEP, period=-3))
    general(MASTER, message(0x8, 1, timestamp(SECONDS, 1_234_567), correction=0x0001_8000, period=-3))
    event(SLAVE, message(0x1, 1, timestamp(0, 0), clock=SLAVE_CLOCK, period=127))
    general(
        MASTER, message(0x9, 1, timestamp(SECONDS, 999_999_999) + requesting, period=-3, correction=-65_536)
    )
    # One step, and an extension of an organization behind it.
    event(MASTER, message(0x0, 2, timestamp(2**47, 5), period=-3, domain=24, minor=1))
    # Peer delay in two steps.
    event(SLAVE, message(0x2, 9, timestamp(0, 0) + bytes(10), clock=SLAVE_CLOCK, period=127), PEER)
    event(MASTER, message(0x3, 9, timestamp(SECONDS, 42) + requesting, flags=TWO_STEP, period=127), PEER)
    general(MASTER, message(0xA, 9, timestamp(SECONDS, 43) + requesting, period=127), PEER)
    # Through two boundary clocks.
    path = tlv(8, struct.pack(">QQ", MASTER_CLOCK, 0x0200_00FF_FE00_0099))
    general(MASTER, message(0xB, 2, announce(248, 0xFE, 0xFFFF, 2, 0xA0) + path, flags=0x0003, period=0))
    vendor = tlv(3, bytes.fromhex("0000aa 000001") + b"reel")
    general(MASTER, message(0xB, 3, announce(7, 0x25, 100, 0, 0x60) + vendor))
    # Unicast is asked for, granted and cancelled.
    to_master, to_slave = struct.pack(">QH", MASTER_CLOCK, ANY_PORT), struct.pack(">QH", SLAVE_CLOCK, 1)
    asked = tlv(4, struct.pack(">BbI", 0xB0, 0, 300)) + tlv(4, struct.pack(">BbI", 0x00, -4, 300))
    granted = tlv(5, struct.pack(">BbIBB", 0xB0, 0, 300, 0, 1))
    signal = lambda seq, body, clock: message(0xC, seq, body, clock=clock, flags=UNICAST, period=127)
    slave, master = (SLAVE, GENERAL), (MASTER, GENERAL)
    out.udp(slave, master, signal(1, to_master + asked, SLAVE_CLOCK))
    out.udp(master, slave, signal(1, to_slave + granted, MASTER_CLOCK))
    out.udp(slave, master, signal(2, to_master + tlv(6, b"\xb0\x00"), SLAVE_CLOCK))
    out.udp(master, slave, signal(2, to_slave + tlv(7, b"\xb0\x00"), MASTER_CLOCK))
    # Management: what is asked, and what is answered.
    answer = struct.pack(">QH", SLAVE_CLOCK, 1)
    sets = [
        (0x2000, struct.pack(">BBHBBBHBQBB", 1, 0, 1, 128, 248, 0xFE, 0xFFFF, 128, MASTER_CLOCK, 0, 0)),
        (0x2001, struct.pack(">Hqq", 1, -0x0002_4000, 0x0064_8000)),
        (
            0x2002,
            struct.pack(
                ">QHBBHiBBBHBQ", MASTER_CLOCK, 1, 0, 0, 0xFFFF, -2, 128, 6, 0x21, 0x4E5D, 127, MASTER_CLOCK
            ),
        ),
        (0x2003, struct.pack(">hBB", 37, 0x3C, 0x20)),
        (0x2005, b"\x80\x00"),
    ]
    for seq, (identifier, data) in enumerate(sets, 20):
        general(SLAVE, message(0xD, seq, managed(0, identifier), clock=SLAVE_CLOCK, period=127))
        replied = managed(2, identifier, data, struct.unpack(">QH", answer))
        general(MASTER, message(0xD, seq, replied, period=127))
    refused = struct.pack(">QHBBBB", SLAVE_CLOCK, 1, 0, 0, 2, 0) + tlv(2, struct.pack(">HHI", 6, 0x2006, 0))
    general(MASTER, message(0xD, 30, refused, period=127))
    return out
