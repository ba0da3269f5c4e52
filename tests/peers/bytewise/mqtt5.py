"""MQTT 5.0: the same with reasons, properties and options of subscriptions."""

import struct

from frames import Capture, Connection
from mqtt import (
    BROKER,
    CONNACK,
    CONNECT,
    DISCONNECT,
    PUBACK,
    PUBLISH,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBACK,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
)
from mqtt import message, number, text, varint

AUTH = 15


def properties(*each):
    joined = b"".join(each)
    return varint(len(joined)) + joined


def long(value):
    return struct.pack(">I", value)


def pair(key, value):
    return b"\x26" + text(key) + text(value)


def capture():
    out = Capture()
    it = Connection(out, ("10.0.0.1", 40000), BROKER)
    asked = properties(
        b"\x11" + long(3_600),
        b"\x21" + number(20),
        b"\x19\x01",
        b"\x15" + text("SCRAM"),
        b"\x16" + number(3) + b"\0\1\2",
        pair("kind", "test"),
    )
    will = properties(b"\x18" + long(5), b"\x01\x01", b"\x03" + text("text/plain"))
    body = (
        text("MQTT")
        + b"\x05\x0e"
        + number(30)
        + asked
        + text("reel5")
        + will
        + text("reel/gone")
        + text("gone")
    )
    it.client(message(CONNECT, body))
    it.server(message(AUTH, b"\x18" + properties(b"\x15" + text("SCRAM"), b"\x16" + number(2) + b"\3\4")))
    it.client(message(AUTH, b"\x18" + properties(b"\x15" + text("SCRAM"), b"\x16" + number(1) + b"\5")))
    told = properties(
        b"\x12" + text("reel5-1"),
        b"\x13" + number(25),
        b"\x22" + number(8),
        b"\x24\x01",
        b"\x27" + long(65_536),
        b"\x2a\x00",
        b"\x1f" + text("welcome"),
    )
    it.server(message(CONNACK, b"\x00\x00" + told))
    wanted = text("reel/+") + b"\x1d" + text("$share/all/reel/#") + b"\x22"
    it.client(message(SUBSCRIBE, number(1) + properties(b"\x0b" + varint(300)) + wanted, 2))
    it.server(message(SUBACK, number(1) + properties() + b"\x01\x9e"))
    said = properties(
        b"\x23" + number(3),
        b"\x02" + long(60),
        b"\x08" + text("reel/back"),
        b"\x09" + number(4) + b"\xde\xca\xfb\xad",
        pair("a", "1"),
        pair("a", "2"),
    )
    it.client(message(PUBLISH, text("reel/one") + number(9) + said + b"21.5", 2))
    it.server(message(PUBACK, number(9)))
    it.client(message(PUBLISH, text("reel/one") + number(10) + properties() + b"22", 5))
    it.server(message(PUBREC, number(10) + b"\x10"))
    it.client(message(PUBREL, number(10) + b"\x92" + properties(b"\x1f" + text("what?")), 2))
    it.server(message(PUBCOMP, number(10) + b"\x92"))
    it.server(message(PUBLISH, text("reel/one") + properties(b"\x0b" + varint(300)) + b"23", 1))
    it.client(message(UNSUBSCRIBE, number(2) + properties() + text("reel/+") + text("none"), 2))
    it.server(message(UNSUBACK, number(2) + properties() + b"\x00\x11"))
    it.server(message(DISCONNECT, b"\x8e" + properties(b"\x1c" + text("other.example"))))
    it.close()
    return out
