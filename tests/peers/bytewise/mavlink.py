"""MAVLink 2: telemetry of a vehicle to a ground station, and commands back; payloads without the zeros that
end them, several messages in a datagram, a signed one, one of another dialect."""

import hashlib
import struct

from frames import Capture

VEHICLE, STATION = ("10.0.0.1", 14580), ("10.0.0.2", 14550)
HEARTBEAT, SYS_STATUS, SYSTEM_TIME, PING, PARAM_REQUEST_LIST, PARAM_VALUE, PARAM_SET = 0, 1, 2, 4, 21, 22, 23
GPS_RAW_INT, ATTITUDE, GLOBAL_POSITION_INT, VFR_HUD, COMMAND_LONG, COMMAND_ACK, TIMESYNC = (
    24,
    30,
    33,
    74,
    76,
    77,
    111,
)
BATTERY_STATUS, VIBRATION, STATUSTEXT = 147, 241, 253
# A byte for each message that its checksum takes in: it is made of the names and types of its fields.
EXTRA = {
    0: 50,
    1: 124,
    2: 137,
    4: 237,
    21: 159,
    22: 220,
    23: 168,
    24: 24,
    30: 39,
    33: 104,
    74: 20,
    76: 152,
    77: 143,
    111: 34,
    147: 154,
    241: 90,
    253: 83,
}


def checksum(data):
    """CRC-16/MCRF4XX."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


class Sender:
    """Numbers its messages."""

    def __init__(self, system, component, seq=0):
        self.system, self.component, self.seq = system, component, seq

    def message(self, kind, form, *values, key=None):
        payload = struct.pack("<" + form, *values)
        payload = payload.rstrip(b"\0") or payload[:1]
        head = struct.pack("<BBBBBB", len(payload), key is not None, 0, self.seq, self.system, self.component)
        body = head + kind.to_bytes(3, "little") + payload
        self.seq = (self.seq + 1) % 256
        packet = b"\xfd" + body + struct.pack("<H", checksum(body + bytes([EXTRA[kind]])))
        if key is not None:
            told = b"\x01" + (28_000_000_000_000).to_bytes(6, "little")
            packet += told + hashlib.sha256(key + packet + told).digest()[:6]
        return packet


def capture():
    out = Capture()
    vehicle, station = Sender(1, 1, 252), Sender(255, 190)
    up = lambda *packets: (out.udp(VEHICLE, STATION, b"".join(packets)), out.wait(99_000))
    down = lambda *packets: (out.udp(STATION, VEHICLE, b"".join(packets)), out.wait(99_000))
    beat = lambda mode, state: vehicle.message(HEARTBEAT, "IBBBBB", 4, 2, 3, mode, state, 3)
    up(beat(0x51, 3))
    down(station.message(HEARTBEAT, "IBBBBB", 0, 6, 8, 0, 4, 3))
    up(
        vehicle.message(
            SYS_STATUS,
            "IIIHHhHHHHHHb",
            0x0231_FC2F,
            0x0221_FC2F,
            0x0231_FC2F,
            251,
            12_587,
            1_050,
            0,
            0,
            0,
            0,
            0,
            0,
            87,
        )
    )
    up(vehicle.message(SYSTEM_TIME, "QI", 1_700_000_000_500_000, 123_456_789))
    # The fields' numbers are those of the air: 47.3977418 N, 8.5455938 E, and a heading of 353.67 degrees.
    up(
        vehicle.message(
            GPS_RAW_INT,
            "QiiiHHHHBB",
            1_700_000_000_400_000,
            473_977_418,
            85_455_938,
            488_020,
            121,
            200,
            530,
            65_535,
            3,
            10,
        ),
        vehicle.message(
            GLOBAL_POSITION_INT,
            "IiiiihhhH",
            123_456_900,
            473_977_418,
            85_455_938,
            488_020,
            10_120,
            12,
            -7,
            -250,
            35_367,
        ),
        vehicle.message(ATTITUDE, "Iffffff", 123_456_910, 0.125, -0.5, 3.0, 0.0, -0.25, 0.0625),
    )
    # Nothing turns, and it does not climb: floats that are not sent.
    up(
        vehicle.message(ATTITUDE, "Iffffff", 123_457_010, 0.25, 0.0, -1.5, 0.0, 0.0, 0.0),
        vehicle.message(VFR_HUD, "ffffhH", 5.25, 5.5, 488.0, 0.0, 0, 0),
    )
    # The throttle's high byte is zero: only its low one comes.
    up(vehicle.message(VFR_HUD, "ffffhH", 5.25, 5.5, 488.5, 0.75, 353, 60))
    down(station.message(PARAM_REQUEST_LIST, "BB", 1, 1))
    up(
        vehicle.message(PARAM_VALUE, "fHH16sB", 50.0, 2, 0, b"BATT_CAPACITY", 9),
        vehicle.message(PARAM_VALUE, "fHH16sB", 0.0, 2, 1, b"SIXTEEN_LETTERS_", 4),
    )
    down(station.message(PARAM_SET, "fBB16sB", 60.0, 1, 1, b"BATT_CAPACITY", 9))
    down(station.message(COMMAND_LONG, "fffffffHBBB", 1.0, 0, 0, 0, 0, 0, 0, 400, 1, 1, 0, key=b"secret"))
    up(vehicle.message(COMMAND_ACK, "HBBiBB", 400, 0, 0, 0, 255, 190), beat(0xD1, 4))
    up(vehicle.message(STATUSTEXT, "B50sHB", 6, b"Arming motors", 0, 0))
    up(vehicle.message(STATUSTEXT, "B50sHB", 4, b"0123456789" * 5, 7, 1))
    down(station.message(PING, "QIBB", 1_700_000_001_000_000, 5, 0, 0))
    up(vehicle.message(PING, "QIBB", 1_700_000_001_000_000, 5, 255, 190))
    down(station.message(TIMESYNC, "qq", 0, 1_700_000_001_000_000_000))
    up(vehicle.message(TIMESYNC, "qq", 123_458_000_000_000, 1_700_000_001_000_000_000))
    up(vehicle.message(VIBRATION, "QfffIII", 123_458_100_000, 0.5, 0.25, 1.75, 0, 2, 0))
    up(
        vehicle.message(
            BATTERY_STATUS, "iih10HhBBBb", 512, -1, 2_150, *[12_587] + [65_535] * 9, 1_050, 0, 0, 1, 87
        )
    )
    return out
