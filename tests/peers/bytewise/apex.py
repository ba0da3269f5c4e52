"""Telemetry of a race of three cars: each kind of packet, events with and without details."""

import math
import struct

from frames import Capture

GAME, SCREEN = ("10.0.0.1", 54321), ("10.0.0.2", 20777)
MOTION, SESSION, LAPS, EVENT, PARTICIPANTS, TELEMETRY, SETUPS = range(7)
CARS = 3


class Game:
    def __init__(self, out):
        self.out, self.frame = out, 0

    def send(self, kind, body):
        head = struct.pack(
            "<HBBQfIBB", 0x5041, 1, kind, 0x00C0FFEE_DECAFBAD, self.frame / 60, self.frame, CARS, 1
        )
        self.out.udp(GAME, SCREEN, head + body)

    def event(self, code, details=b""):
        self.send(EVENT, code + details)

    def step(self):
        self.frame += 1
        self.out.wait(15_666)


def moving(car, time):
    angle = 0.25 * time + car
    spot = (100 * math.cos(angle), 2.5 * car, 100 * math.sin(angle))
    forward = (-math.sin(angle), 0, math.cos(angle))
    speed = [25 * it for it in forward]
    ints = [round(32_767 * it) for it in (*forward, forward[2], 0, -forward[0])]
    return struct.pack(
        "<6f6h6f", *spot, *speed, *ints, 0.5, -1.25, 1.0, angle % math.tau - math.pi, 0.01, -0.02
    )


def lap(car, time):
    total = 40.5 * time + 3_000 - 50 * car
    numbers = (
        83_456 + car,
        round(1_000 * time),
        27_001,
        0,
        total % 5_000,
        total,
        car + 1,
        2,
        car == 2,
        5 * (car == 1),
    )
    return struct.pack("<IIHHffBBBB", *numbers) + bytes([(car == 2) | 1 << 1])


def driven(car):
    throttle = (1.0, 0.5, 0.0)[car]
    head = struct.pack(
        "<HfffBbHBH",
        (312, 187, 78)[car],
        throttle,
        0.125 * (car - 1),
        1 - throttle,
        0,
        (8, 5, -1)[car],
        11_750,
        car == 0,
        0x7FFF >> car,
    )
    return head + struct.pack(
        "<4H4BH4f4B", 402, 399, 455, 460, 88, 89, 91, 90, 107, 21.5, 21.5, 23.25, 23.25, 0, 0, 1, 7
    )


def capture():
    out = Capture()
    game = Game(out)
    game.event(b"SSTA")
    zones = [(0.0, 1), (0.33, 3), (0.75, -1)]
    told = struct.pack("<BbbBHBbHB", 3, 31, -2, 57, 5_793, 10, 11, 5_400, len(zones))
    game.send(SESSION, told + b"".join(struct.pack("<fb", *it) for it in zones) + b"\0")
    names = [(1, 33, 3, 1, 22, "ROBINEAU"), (0, 255, 7, 44, 10, "Größe"), (1, 9, 2, 16, 53, "L" * 32)]
    listed = b"".join(struct.pack("<BBBBB32s", ai | 2, *rest, name.encode()) for ai, *rest, name in names)
    game.send(PARTICIPANTS, bytes([len(names)]) + listed)
    for _ in range(3):
        time = game.frame / 60
        game.send(
            MOTION,
            b"".join(moving(car, time) for car in range(CARS)) + struct.pack("<4f", 25, 25.5, 24.75, 25),
        )
        game.send(LAPS, b"".join(lap(car, time) for car in range(CARS)))
        game.send(
            TELEMETRY, b"".join(driven(car) for car in range(CARS)) + struct.pack("<b", game.frame % 2 * 4)
        )
        game.step()
    game.event(b"FTLP", struct.pack("<Bf", 0, 83.456))
    game.event(b"SPTP", struct.pack("<Bf", 1, 331.5))
    game.event(b"PENA", bytes([4, 7, 1, 255, 5, 2]))
    game.event(b"BUTN", struct.pack("<I", 0x30))
    game.event(b"BUTN", struct.pack("<I", 0))
    game.event(b"RTMT", bytes([2]))
    game.event(b"ABCD", b"\1\2\3")
    game.send(SETUPS, bytes(range(20)))
    # A session without zones, as on a track of one's own.
    game.send(SESSION, struct.pack("<BbbBHBbHB", 0, 25, 20, 3, 900, 13, -1, 0, 0) + b"\1")
    game.event(b"SEND")
    return out
