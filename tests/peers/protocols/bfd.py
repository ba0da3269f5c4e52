"""BFD (RFC 5880, 5881): a session comes up, is polled, goes down; passwords and digests; over several
hops (RFC 5883).
"""

import hashlib
import struct

from frames import CLIENT, SERVER, Talk

ADMIN_DOWN, DOWN, INIT, UP = range(4)
POLL, FINAL, CONTROL_PLANE, AUTHENTICATED, DEMAND = 0x20, 0x10, 0x08, 0x04, 0x02
FIRST, SECOND = 0x11111111, 0xA2B2C2D2
KEY = b"secret"


def control(state, mine, yours, diag=0, flags=0, every=1_000_000, multiplier=3, echo=0, auth=b""):
    """Times are microseconds."""
    flags |= AUTHENTICATED if auth else 0
    head = struct.pack(">BBBB", 1 << 5 | diag, state << 6 | flags, multiplier, 24 + len(auth))
    return head + struct.pack(">IIIII", mine, yours, every, every, echo) + auth


def password(text, key=1):
    """RFC 5880, section 4.2."""
    return struct.pack(">BBB", 1, 3 + len(text), key) + text


def digested(kind, sequence, **session):
    """MD5, SHA-1, or the meticulous form of either (section 4.3 and 4.4): over a packet that holds the
    key.
    """
    name, size = {2: ("md5", 16), 3: ("md5", 16), 4: ("sha1", 20), 5: ("sha1", 20)}[kind]
    head = struct.pack(">BBBBI", kind, 8 + size, 2, 0, sequence)
    message = control(auth=head + KEY.ljust(size, b"\0"), **session)
    return message[:32] + hashlib.new(name, message).digest()


def talk():
    scene = Talk(3784, client_port=49152, ttl=255)

    def first(message):
        scene.send(CLIENT, 49152, SERVER, scene.port, message)

    def second(message):
        scene.send(SERVER, 49153, CLIENT, scene.port, message)

    first(control(DOWN, FIRST, 0))
    second(control(INIT, SECOND, FIRST))
    first(control(UP, FIRST, SECOND))
    second(control(UP, SECOND, FIRST))
    first(control(UP, FIRST, SECOND, flags=POLL | CONTROL_PLANE, every=50_000, echo=50_000))
    second(control(UP, SECOND, FIRST, flags=FINAL | CONTROL_PLANE, every=50_000, multiplier=5))
    second(control(UP, SECOND, FIRST, flags=DEMAND))
    first(control(DOWN, FIRST, 0, diag=1, every=300_000))
    second(control(ADMIN_DOWN, SECOND, FIRST, diag=7))
    first(control(UP, FIRST, SECOND, auth=password(b"secret")))
    second(control(UP, SECOND, FIRST, auth=password(b"sixteen letters!", 255)))
    for sequence, kind in enumerate([2, 3, 4, 5], 0xFFFFFFFD):
        number = sequence & 0xFFFFFFFF
        first(digested(kind, number, state=UP, mine=FIRST, yours=SECOND))
    scene.port, scene.ttl = 4784, 64
    first(control(UP, FIRST, SECOND, every=0xFFFFFFFF, multiplier=255))
    return scene
