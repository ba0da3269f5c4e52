"""Frames of captures that are written byte by byte: Ethernet, IPv4 or IPv6, UDP or TCP.

Addresses, times and numbers are fixed, and checksums are whole, so that the same script writes the
same bytes again and Wireshark has nothing to say.
"""

import ipaddress
import struct

# 2023-11-14 22:13:20 UTC.
BEGIN = 1_700_000_000
MILLISECOND = 1_000
LINKTYPE_ETHERNET = 1
PROTO_TCP, PROTO_UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
LINK_GROUPS = ipaddress.ip_network("224.0.0.0/24")
# What one segment carries on Ethernet.
MSS = 1460


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(address):
    """The hardware address of a host; that of a group as RFC 1112 and RFC 2464 derive it."""
    last = address.packed[-4:]
    if not address.is_multicast:
        return b"\x02\x00" + last
    if address.version == 6:
        return b"\x33\x33" + last
    return b"\x01\x00\x5e" + bytes([last[1] & 0x7F]) + last[2:]


class Capture:
    """A capture in the classic format, microseconds."""

    def __init__(self):
        self.records = []
        self.now = 0
        self.ids = 0

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_ETHERNET))
            for time, frame in self.records:
                seconds, micros = divmod(time, 1_000_000)
                head = (BEGIN + seconds, micros, len(frame), len(frame))
                file.write(struct.pack("<IIII", *head) + frame)

    def wait(self, micros):
        """The next frame comes so much later."""
        self.now += micros

    def packet(self, source, target, protocol, segment):
        """An IP packet; `segment` takes the sum of the pseudo header's bytes."""
        source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
        ends = source.packed + target.packed
        if source.version == 4:
            body = segment(ends + struct.pack(">HH", protocol, len(segment(b""))))
            self.ids += 1
            # No router takes on what is for a group of the link.
            ttl = 1 if target in LINK_GROUPS else 64
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), self.ids, 0x4000, ttl, protocol, 0)
            sum_of = checksum(head + ends)
            packet = head[:10] + struct.pack(">H", sum_of) + ends + body
        else:
            body = segment(ends + struct.pack(">II", len(segment(b"")), protocol))
            packet = struct.pack(">IHBB", 0x6000_0000, len(body), protocol, 64) + ends + body
        kind = 0x0800 if source.version == 4 else 0x86DD
        frame = mac(target) + mac(source) + struct.pack(">H", kind) + packet
        self.records.append((self.now, frame))
        self.now += MILLISECOND

    def udp(self, source, target, payload):
        """A datagram; ends are pairs of address and port."""

        def segment(pseudo):
            head = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0)
            sum_of = checksum(pseudo + head + payload) or 0xFFFF
            return head[:6] + struct.pack(">H", sum_of) + payload

        self.packet(source[0], target[0], PROTO_UDP, segment)


class Connection:
    """A TCP connection, from its handshake to its end. Each segment is acknowledged by what the other
    side sends next, or by a segment of its own."""

    def __init__(self, capture, client, server):
        self.capture = capture
        self.ends = {True: client, False: server}
        self.next = {True: 1_000, False: 9_000}
        self.segment(True, SYN, options=struct.pack(">BBH", 2, 4, MSS))
        self.segment(False, SYN | ACK, options=struct.pack(">BBH", 2, 4, MSS))
        self.segment(True, ACK)

    def segment(self, is_client, flags, payload=b"", options=b""):
        source, target = self.ends[is_client], self.ends[not is_client]
        sequence = self.next[is_client]
        acknowledged = self.next[not is_client] if flags & ACK else 0

        def build(pseudo):
            offset = (20 + len(options)) // 4 << 4
            numbers = (source[1], target[1], sequence, acknowledged, offset, flags, 64240, 0, 0)
            whole = struct.pack(">HHIIBBHHH", *numbers) + options + payload
            return whole[:16] + struct.pack(">H", checksum(pseudo + whole)) + whole[18:]

        self.capture.packet(source[0], target[0], PROTO_TCP, build)
        self.next[is_client] += len(payload) + bool(flags & (SYN | FIN))

    def send(self, is_client, payload, sizes=()):
        """Some bytes, cut at `sizes`, then at what a segment carries."""
        sizes = iter(sizes)
        while payload:
            size = min(next(sizes, MSS), MSS)
            self.segment(is_client, PSH | ACK, payload[:size])
            payload = payload[size:]
        self.segment(not is_client, ACK)

    def client(self, payload, sizes=()):
        self.send(True, payload, sizes)

    def server(self, payload, sizes=()):
        self.send(False, payload, sizes)

    def close(self):
        self.segment(True, FIN | ACK)
        self.segment(False, FIN | ACK)
        self.segment(True, ACK)
