"""Frames of Ethernet, IPv4, UDP and TCP, byte by byte, and the capture file that holds them.

Addresses and times are fixed, so that a capture is the same whenever it is written.
"""

import socket
import struct

BEGIN = 1_700_000_000
STEP_US = 20_000
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
MACS = {CLIENT: "020000000001", SERVER: "020000000002"}
CLIENT_PORT = 40000


def internet_sum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)


def mac(host):
    """Of a host, of a group (RFC 1112, section 6.4), of all."""
    if host in MACS:
        return bytes.fromhex(MACS[host])
    first, second, third, fourth = address(host)
    if 224 <= first < 240:
        return bytes([0x01, 0x00, 0x5E, second & 0x7F, third, fourth])
    if host == "255.255.255.255":
        return b"\xff" * 6
    return bytes([0x02, 0x00, first, second, third, fourth])


def udp(source, source_port, destination, destination_port, payload):
    """RFC 768; a sum of 0 is sent as all ones."""
    length = 8 + len(payload)
    head = struct.pack(">HHHH", source_port, destination_port, length, 0)
    pseudo = address(source) + address(destination) + struct.pack(">BBH", 0, 17, length)
    cksum = internet_sum(pseudo + head + payload) or 0xFFFF
    return head[:6] + struct.pack(">H", cksum) + payload


def tcp(source, source_port, destination, destination_port, flags, sequence, acknowledged, payload=b""):
    """RFC 9293, without options."""
    head = struct.pack(">HHII", source_port, destination_port, sequence, acknowledged)
    head += struct.pack(">BBHHH", 5 << 4, flags, 64240, 0, 0)
    pseudo = address(source) + address(destination) + struct.pack(">BBH", 0, 6, len(head) + len(payload))
    cksum = internet_sum(pseudo + head + payload)
    return head[:16] + struct.pack(">H", cksum) + head[18:] + payload


def ipv4(source, destination, protocol, payload, ttl=64, ident=0):
    """RFC 791, not to be fragmented."""
    total = 20 + len(payload)
    head = struct.pack(">BBHHHBBH", 0x45, 0, total, ident, 0x4000, ttl, protocol, 0)
    head += address(source) + address(destination)
    return head[:10] + struct.pack(">H", internet_sum(head)) + head[12:] + payload


def ethernet(source, destination, kind, payload):
    """Padded to the 60 bytes that a wire carries at least."""
    return (destination + source + struct.pack(">H", kind) + payload).ljust(60, b"\0")


class Talk:
    """What a client and a server of one port say to each other."""

    def __init__(self, port, client=CLIENT, server=SERVER, client_port=CLIENT_PORT, ttl=64):
        self.port, self.client, self.server = port, client, server
        self.client_port, self.ttl = client_port, ttl
        self.frames = []

    def ask(self, payload, **other):
        self.send(self.client, self.client_port, self.server, self.port, payload, **other)

    def answer(self, payload, **other):
        self.send(self.server, self.port, self.client, self.client_port, payload, **other)

    def send(self, source, source_port, destination, destination_port, payload):
        segment = udp(source, source_port, destination, destination_port, payload)
        self.carry(source, destination, 17, segment)

    def carry(self, source, destination, protocol, segment):
        packet = ipv4(source, destination, protocol, segment, self.ttl, len(self.frames) + 1)
        self.frames.append(ethernet(mac(source), mac(destination), 0x0800, packet))

    def write(self, path):
        """A pcap of link type Ethernet, microseconds, little-endian."""
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for number, frame in enumerate(self.frames):
                second, micros = divmod(number * STEP_US, 1_000_000)
                head = struct.pack("<IIII", BEGIN + second, micros, len(frame), len(frame))
                file.write(head + frame)


FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10


class Connection(Talk):
    """The same over TCP: `ask` and `answer` are one segment each, acknowledged by the next of the other."""

    def __init__(self, port, **other):
        super().__init__(port, **other)
        self.sent = {self.client: 1_000_000, self.server: 4_000_000_000}
        self.segment(self.client, SYN)
        self.segment(self.server, SYN | ACK)
        self.segment(self.client, ACK)

    def send(self, source, source_port, destination, destination_port, payload):
        self.segment(source, PSH | ACK, payload)

    def close(self):
        self.segment(self.client, FIN | ACK)
        self.segment(self.server, FIN | ACK)
        self.segment(self.client, ACK)

    def segment(self, source, flags, payload=b""):
        ends = [(self.client, self.client_port), (self.server, self.port)]
        (_, source_port), (destination, destination_port) = ends if source == self.client else ends[::-1]
        numbers = [self.sent[source], self.sent[destination] if flags & ACK else 0]
        segment = tcp(source, source_port, destination, destination_port, flags, *numbers, payload)
        self.carry(source, destination, 6, segment)
        self.sent[source] += len(payload) + (1 if flags & (SYN | FIN) else 0)
