"""VXLAN (RFC 7348): frames of several networks, tagged or not, one with a group policy (draft-smith-
vxlan-group-policy).
"""

import struct

from frames import Talk, ethernet, internet_sum, ipv4, udp

INNER_A, INNER_B, ALL = b"\2\0\0\0\1\1", b"\2\0\0\0\1\2", b"\xff" * 6
HAS_NETWORK, HAS_POLICY, DONT_LEARN, APPLIED = 0x0800, 0x8000, 0x0040, 0x0008


def vxlan(network, frame, flags=HAS_NETWORK, policy=0):
    return struct.pack(">HHI", flags, policy, network << 8) + frame


def echo(kind, number):
    """A ping (RFC 792)."""
    head = struct.pack(">BBHHH", kind, 0, 0, 0x1989, number)
    body = bytes(range(32))
    return head[:2] + struct.pack(">H", internet_sum(head + body)) + head[4:] + body


def who_has(target):
    """RFC 826."""
    return struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + INNER_A + bytes([172, 16, 0, 1]) + bytes(6) + target


def talk():
    scene = Talk(4789)

    def send(message):
        scene.send(scene.client, 50000 + len(scene.frames), scene.server, scene.port, message)

    def back(message):
        scene.send(scene.server, 51000 + len(scene.frames), scene.client, scene.port, message)

    hosts = ("172.16.0.1", "172.16.0.2")
    send(vxlan(42, ethernet(INNER_A, ALL, 0x0806, who_has(bytes([172, 16, 0, 2])))))
    for number in [1, 2]:
        send(vxlan(42, ethernet(INNER_A, INNER_B, 0x0800, ipv4(*hosts, 1, echo(8, number)))))
        back(vxlan(42, ethernet(INNER_B, INNER_A, 0x0800, ipv4(*hosts[::-1], 1, echo(0, number)))))
    segment = udp(hosts[0], 61000, hosts[1], 61001, b"grades")
    send(vxlan(0xFFFFFF, ethernet(INNER_A, INNER_B, 0x0800, ipv4(*hosts, 17, segment))))
    tagged = struct.pack(">HH", 10, 0x0800) + ipv4(*hosts, 17, segment)
    send(vxlan(0, ethernet(INNER_A, INNER_B, 0x8100, tagged)))
    flags = HAS_NETWORK | HAS_POLICY | DONT_LEARN | APPLIED
    send(vxlan(0x123456, ethernet(INNER_A, INNER_B, 0x0800, ipv4(*hosts, 17, segment)), flags, 0x1989))
    return scene
