"""DHCP (RFC 2131) with options (RFC 2132): a lease and its end, a refusal, a relay (RFC 3046), BOOTP's
padding.
"""

import struct

from frames import CLIENT, SERVER, MACS, Talk, address

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
BROADCAST = 0x8000
HARDWARE = bytes.fromhex(MACS[CLIENT])
NOBODY, ALL = "0.0.0.0", "255.255.255.255"
PAD, END = b"\0", b"\xff"


def option(kind, value):
    return bytes([kind, len(value)]) + value


def number(kind, value):
    return option(kind, struct.pack(">I", value))


def addresses(kind, *hosts):
    return option(kind, b"".join(map(address, hosts)))


def message(
    op,
    kind,
    options,
    xid=0x3903F326,
    secs=0,
    flags=0,
    hops=0,
    client=NOBODY,
    your=NOBODY,
    server=NOBODY,
    relay=NOBODY,
    name=b"",
    file=b"",
    least=300,
):
    """Filled up to the 300 bytes that BOOTP has at least (RFC 1542, section 2.1)."""
    head = struct.pack(">BBBBIHH", op, 1, 6, hops, xid, secs, flags)
    head += b"".join(map(address, [client, your, server, relay]))
    head += HARDWARE.ljust(16, b"\0") + name.ljust(64, b"\0") + file.ljust(128, b"\0")
    body = bytes.fromhex("63825363") + option(53, bytes([kind])) + b"".join(options) + END
    return (head + body).ljust(least, b"\0")


def talk():
    scene = Talk(67, NOBODY, ALL, 68)
    identity = option(61, b"\1" + HARDWARE)
    asked = option(55, bytes([1, 3, 6, 15, 26, 28, 42, 51, 54, 58, 59, 121]))
    lease = [number(51, 86400), number(58, 43200), number(59, 75600)]
    network = [
        addresses(1, "255.255.255.0"),
        addresses(3, "10.0.0.254"),
        addresses(6, "192.0.2.53", "198.51.100.53"),
        option(15, b"example.com"),
        addresses(28, "10.0.0.255"),
        addresses(42, "192.0.2.123"),
        option(26, struct.pack(">H", 1400)),
        # Of routes without classes: a width, as many bytes of the network as it takes, the router (RFC 3442).
        option(121, bytes([16, 172, 16]) + address("10.0.0.253") + bytes([0]) + address("10.0.0.254")),
    ]
    mine = addresses(54, SERVER)

    def ask(*message_):
        scene.send(NOBODY, 68, ALL, 67, *message_)

    def answer(*message_):
        scene.send(SERVER, 67, ALL, 68, *message_)

    ask(
        message(
            1, DISCOVER, [identity, option(12, b"host"), option(60, b"wirereel 1"), asked], flags=BROADCAST
        )
    )
    answer(message(2, OFFER, [mine, *lease, *network], flags=BROADCAST, your=CLIENT, server=SERVER))
    wanted = [identity, addresses(50, CLIENT), mine, option(57, struct.pack(">H", 1500)), asked]
    ask(message(1, REQUEST, wanted, flags=BROADCAST, secs=2))
    boot = {"name": b"boot.example.com", "file": b"pxelinux.0"}
    answer(message(2, ACK, [mine, *lease, *network], flags=BROADCAST, your=CLIENT, server=SERVER, **boot))
    # Renewed without the broadcast; what stands between options is padding.
    scene.send(
        CLIENT,
        68,
        SERVER,
        67,
        message(1, REQUEST, [PAD, identity, PAD, PAD, option(12, b"host")], client=CLIENT, xid=1),
    )
    scene.send(SERVER, 67, CLIENT, 68, message(2, ACK, [mine, *lease], client=CLIENT, your=CLIENT, xid=1))
    # Through a relay, that says where it heard it; nothing fills the message up.
    circuit = option(82, option(1, b"ge-0/0/1") + option(2, HARDWARE))
    via = {"relay": "10.0.1.254", "hops": 1, "xid": 2}
    scene.send(
        "10.0.1.254",
        67,
        SERVER,
        67,
        message(1, REQUEST, [addresses(50, "10.0.9.9"), circuit], least=0, **via),
    )
    refused = [mine, option(56, b"address not of this network"), circuit]
    scene.send(SERVER, 67, "10.0.1.254", 67, message(2, NAK, refused, flags=BROADCAST, least=0, **via))
    scene.send(
        CLIENT,
        68,
        SERVER,
        67,
        message(1, INFORM, [identity, option(77, b"\4lab1\4lab2"), asked], client=CLIENT, xid=3),
    )
    vendor = option(43, option(6, bytes([8])) + END)
    scene.send(
        SERVER,
        67,
        CLIENT,
        68,
        message(2, ACK, [mine, *network[:2], option(60, b"PXEClient"), vendor], client=CLIENT, xid=3),
    )
    ask(message(1, DECLINE, [identity, addresses(50, CLIENT), mine], xid=4))
    scene.send(
        CLIENT,
        68,
        SERVER,
        67,
        message(1, RELEASE, [identity, mine], client=CLIENT, xid=0xFFFFFFFF, secs=0xFFFF),
    )
    return scene
