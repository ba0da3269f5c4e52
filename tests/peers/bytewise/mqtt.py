"""MQTT 3.1 and 3.1.1: sessions of a client with a broker, at all levels of service."""

import struct

from frames import Capture, Connection

BROKER = ("10.0.0.2", 1883)
(
    CONNECT,
    CONNACK,
    PUBLISH,
    PUBACK,
    PUBREC,
    PUBREL,
    PUBCOMP,
    SUBSCRIBE,
    SUBACK,
    UNSUBSCRIBE,
    UNSUBACK,
    PINGREQ,
    PINGRESP,
    DISCONNECT,
) = range(1, 15)


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def message(kind, body=b"", flags=0):
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


def text(string):
    return struct.pack(">H", len(string.encode())) + string.encode()


def number(value):
    return struct.pack(">H", value)


def connect(name, version, flags, alive, *strings):
    head = text("MQIsdp" if version == 3 else "MQTT") + bytes([version, flags]) + number(alive)
    return message(CONNECT, head + text(name) + b"".join(strings))


def publish(topic, content, *, identifier=None, quality=0, retain=0, again=0):
    sent = b"" if identifier is None else number(identifier)
    return message(PUBLISH, text(topic) + sent + content, again << 3 | quality << 1 | retain)


def capture():
    out = Capture()
    it = Connection(out, ("10.0.0.1", 40000), BROKER)
    # With a will, a name and a password.
    it.client(connect("reel", 4, 0xEE, 60, text("reel/gone"), text("gone"), text("alan"), text("s3cret")))
    it.server(message(CONNACK, b"\0\0"))
    wanted = text("reel/+/speed") + b"\1" + text("reel/#") + b"\0" + text("größe") + b"\2"
    it.client(message(SUBSCRIBE, number(1) + wanted, 2))
    it.server(message(SUBACK, number(1) + b"\1\0\x80"))
    it.client(publish("reel/1/speed", b"12.5"))
    it.server(publish("reel/1/speed", b"12.5", retain=1))
    it.client(
        publish("reel/1/speed", b"13", identifier=7, quality=1)
        + publish("reel/1/speed", b"13", identifier=7, quality=1, again=1)
    )
    it.server(message(PUBACK, number(7)) + message(PUBACK, number(7)))
    it.client(publish("reel/2/speed", b"", identifier=8, quality=2))
    it.server(message(PUBREC, number(8)))
    it.client(message(PUBREL, number(8), 2))
    it.server(message(PUBCOMP, number(8)))
    # Lengths of two bytes: the least, and one that is cut in its topic.
    it.client(publish("reel/wide", bytes(range(117))))
    it.client(publish("reel/wide", bytes(range(256)) * 2), sizes=[8, 200])
    it.client(message(UNSUBSCRIBE, number(2) + text("reel/#") + text("größe"), 2))
    it.server(message(UNSUBACK, number(2)))
    it.client(message(PINGREQ))
    it.server(message(PINGRESP))
    it.client(message(DISCONNECT))
    it.close()
    # An old client, and one that is refused.
    old = Connection(out, ("10.0.0.1", 40001), BROKER)
    old.client(connect("", 3, 0x02, 0))
    old.server(message(CONNACK, b"\0\2"))
    old.close()
    return out
