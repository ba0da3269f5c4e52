"""HSRP (RFC 2281) and its version 2 (Cisco): two routers, one takes over, an advertisement, an MD5 of
a key.
"""

import hashlib
import struct

from frames import Talk, address

HELLO, COUP, RESIGN, ADVERTISE = range(4)
INITIAL, LEARN, LISTEN, SPEAK, STANDBY, ACTIVE = 0, 1, 2, 4, 8, 16
FIRST, SECOND, VIRTUAL = "10.0.0.2", "10.0.0.3", "10.0.0.1"
ALL_1, ALL_2 = "224.0.0.2", "224.0.0.102"


def packet(opcode, state, priority, group=1, times=(3, 10), auth=b"cisco"):
    """Times are seconds; what authenticates is a word in clear."""
    head = struct.pack(">BBBBBBBB", 0, opcode, state, *times, priority, group, 0)
    return head + auth.ljust(8, b"\0") + address(VIRTUAL)


def advertisement(state, active, passive):
    return struct.pack(">BBHHBBHHI", 0, ADVERTISE, 1, 10, state, 0, active, passive, 0)


def tlv(kind, value):
    return bytes([kind, len(value)]) + value


def state_2(opcode, state, priority, group, sender):
    """Of one group, on IPv4; states are counted, times are milliseconds."""
    number = 1 + [INITIAL, LEARN, LISTEN, SPEAK, STANDBY, ACTIVE].index(state)
    head = struct.pack(">BBBBH", 2, opcode, number, 4, group)
    body = head + bytes.fromhex("0200000000") + bytes([int(sender.split(".")[3])])
    return tlv(1, body + struct.pack(">III", priority, 3000, 10000) + address(VIRTUAL).ljust(16, b"\0"))


def digest(message, sender):
    """As keepers of other routers have it: over the message whose digest is 0."""
    head = struct.pack(">BBH", 1, 0, 0) + address(sender) + struct.pack(">I", 1)
    body = hashlib.md5(b"key" + message + head + bytes(16)).digest()
    return tlv(4, head + body)


def talk():
    scene = Talk(1985, ttl=1)

    def say(host, message, group=ALL_1):
        scene.send(host, 1985, group, 1985, message)

    say(FIRST, packet(HELLO, SPEAK, 100))
    say(FIRST, packet(HELLO, STANDBY, 100))
    say(FIRST, packet(HELLO, ACTIVE, 100))
    say(SECOND, packet(HELLO, SPEAK, 110, auth=b"8 bytes!"))
    say(SECOND, packet(COUP, LISTEN, 110, times=(1, 3)))
    say(FIRST, packet(RESIGN, SPEAK, 100, group=255))
    say(SECOND, advertisement(2, 1, 0))
    say(FIRST, advertisement(1, 0, 1))
    for host, state, priority in [(FIRST, STANDBY, 100), (SECOND, ACTIVE, 110)]:
        say(host, state_2(HELLO, state, priority, 4095, host), ALL_2)
    say(FIRST, state_2(HELLO, SPEAK, 100, 300, FIRST) + tlv(3, b"cisco\0\0\0"), ALL_2)
    signed = state_2(HELLO, ACTIVE, 255, 0, SECOND)
    say(SECOND, signed + digest(signed, SECOND), ALL_2)
    say(SECOND, tlv(2, struct.pack(">HH", 1, 0)), ALL_2)
    return scene
