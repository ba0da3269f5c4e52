"""BGP-4 (RFC 4271): two peers open, tell routes of both families, withdraw some, and part."""

import ipaddress
import struct

from frames import Capture, Connection

OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH = range(1, 6)
OPTIONAL, TRANSITIVE, EXTENDED = 0x80, 0x40, 0x10
AS_SET, AS_SEQUENCE = 1, 2


def message(kind, body=b""):
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body


def capability(code, value=b""):
    return bytes([code, len(value)]) + value


def opened(number, identifier, *parameters, hold=90):
    joined = b"".join(bytes([2, len(it)]) + it for it in parameters)
    return message(
        OPEN,
        struct.pack(">BHH", 4, number, hold)
        + ipaddress.ip_address(identifier).packed
        + bytes([len(joined)])
        + joined,
    )


def prefix(text):
    network = ipaddress.ip_network(text)
    return bytes([network.prefixlen]) + network.network_address.packed[: (network.prefixlen + 7) // 8]


def attribute(flags, code, value):
    length = struct.pack(">H", len(value)) if flags & EXTENDED else bytes([len(value)])
    return bytes([flags, code]) + length + value


def segment(kind, *numbers):
    return struct.pack(f">BB{len(numbers)}I", kind, len(numbers), *numbers)


def update(withdrawn=(), attributes=(), routes=()):
    gone, told = b"".join(map(prefix, withdrawn)), b"".join(attributes)
    return message(
        UPDATE,
        struct.pack(">H", len(gone))
        + gone
        + struct.pack(">H", len(told))
        + told
        + b"".join(map(prefix, routes)),
    )


def capture():
    out = Capture()
    it = Connection(out, ("10.0.0.1", 40000), ("10.0.0.2", 179))
    families = capability(1, b"\0\1\0\1") + capability(1, b"\0\2\0\1")
    large = capability(65, struct.pack(">I", 4_200_000_001))
    restart = capability(64, struct.pack(">H", 1 << 15 | 120) + b"\0\1\1\x80")
    host = capability(73, b"\x04near" + b"\x07example")
    it.client(
        opened(
            23_456,
            "10.0.0.1",
            families,
            capability(2),
            large + restart,
            host + capability(6) + capability(9, b"\4"),
        )
    )
    # The other side has all of them in one parameter.
    it.server(
        opened(
            65_001,
            "10.0.0.2",
            families
            + capability(2)
            + capability(65, struct.pack(">I", 65_001))
            + capability(69, b"\0\1\1\3"),
            hold=180,
        )
    )
    it.client(message(KEEPALIVE))
    it.server(message(KEEPALIVE))
    origin, path = attribute(TRANSITIVE, 1, b"\0"), attribute(
        TRANSITIVE, 2, segment(AS_SEQUENCE, 4_200_000_001)
    )
    hop = attribute(TRANSITIVE, 3, bytes([10, 0, 0, 1]))
    it.client(
        update(
            attributes=[origin, path, hop],
            routes=["192.0.2.0/24", "198.51.100.128/25", "203.0.113.7/32", "10.0.0.0/8"],
        )
    )
    it.client(update(attributes=[origin, path, hop], routes=["0.0.0.0/0"]))
    long = attribute(
        TRANSITIVE | EXTENDED,
        2,
        segment(AS_SEQUENCE, *range(65_001, 65_070)) + segment(AS_SET, 64_512, 64_513),
    )
    many = [
        attribute(TRANSITIVE, 1, b"\2"),
        long,
        attribute(TRANSITIVE, 3, bytes([10, 0, 0, 2])),
        attribute(OPTIONAL, 4, struct.pack(">I", 50)),
        attribute(TRANSITIVE, 5, struct.pack(">I", 200)),
        attribute(TRANSITIVE, 6, b""),
        attribute(OPTIONAL | TRANSITIVE, 7, struct.pack(">I", 65_010) + bytes([10, 9, 8, 7])),
        attribute(OPTIONAL | TRANSITIVE, 8, struct.pack(">HHHH", 65_001, 100, 65_535, 0xFF01)),
        attribute(OPTIONAL, 9, bytes([10, 1, 1, 1])),
        attribute(OPTIONAL, 10, bytes([10, 1, 1, 2, 10, 1, 1, 3])),
        attribute(OPTIONAL | TRANSITIVE, 32, struct.pack(">III", 4_200_000_001, 1, 2)),
    ]
    it.server(update(attributes=many, routes=["172.16.0.0/12", "172.16.254.0/23"]), sizes=[17, 100])
    reach = (
        struct.pack(">HBB", 2, 1, 16)
        + ipaddress.ip_address("fd00::1").packed
        + b"\0"
        + prefix("2001:db8::/32")
        + prefix("2001:db8:0:1::/64")
    )
    it.client(update(attributes=[attribute(OPTIONAL, 14, reach), origin, path]) + message(KEEPALIVE))
    it.client(
        update(withdrawn=["192.0.2.0/24", "10.0.0.0/8"])
        + update(attributes=[attribute(OPTIONAL, 15, struct.pack(">HB", 2, 1) + prefix("2001:db8::/32"))])
    )
    # The end of what there was to tell (RFC 4724).
    it.client(update())
    it.server(message(ROUTE_REFRESH, struct.pack(">HBB", 1, 0, 1)))
    it.client(message(NOTIFICATION, bytes([6, 2, 5]) + b"tired"))
    it.close()
    # Not the number that was expected.
    other = Connection(out, ("10.0.0.1", 40001), ("10.0.0.2", 179))
    other.client(opened(65_099, "10.0.0.1"))
    other.server(message(NOTIFICATION, bytes([2, 2])))
    other.close()
    return out
