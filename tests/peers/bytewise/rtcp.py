"""RTCP (RFC 3550, RFC 4585, RFC 5104, RFC 3611): compound packets of all types."""

import struct

from frames import Capture

NEAR, FAR = ("10.0.0.1", 5005), ("10.0.0.2", 5005)
SSRC, OTHER = 0xDECAFBAD, 0x00C0FFEE
# Seconds from 1900 to 1970.
NTP_TO_UNIX = 2_208_988_800
SR, RR, SDES, BYE, APP, RTPFB, PSFB, XR = range(200, 208)


def packet(kind, count, content, padding=0):
    content += bytes(-len(content) % 4)
    if padding:
        content += bytes(padding - 1) + bytes([padding])
    return struct.pack(">BBH", 0x80 | bool(padding) << 5 | count, kind, len(content) // 4) + content


def report(source, fraction, lost, highest, jitter, last=0, delay=0):
    lost = (lost & 0xFFFFFF).to_bytes(3, "big")
    return struct.pack(">IB", source, fraction) + lost + struct.pack(">IIII", highest, jitter, last, delay)


def sender_report(*reports, extension=b"", fraction=0x8000_0000):
    seconds = 1_700_000_000 + NTP_TO_UNIX
    head = struct.pack(">IIIIII", SSRC, seconds, fraction, 3_000_000_160, 1_234, 197_440)
    return packet(SR, len(reports), head + b"".join(reports) + extension)


def receiver_report(ssrc, *reports, padding=0):
    return packet(RR, len(reports), struct.pack(">I", ssrc) + b"".join(reports), padding)


def chunk(ssrc, *items):
    text = b"".join(bytes([kind, len(it)]) + it for kind, it in items) + b"\0"
    return struct.pack(">I", ssrc) + text + bytes(-len(text) % 4)


def description(ssrc, *items):
    return packet(SDES, 1, chunk(ssrc, *items))


def goodbye(*sources, reason=None):
    told = b"" if reason is None else bytes([len(reason)]) + reason
    return packet(BYE, len(sources), b"".join(struct.pack(">I", it) for it in sources) + told)


def application(subtype, name, data):
    return packet(APP, subtype, struct.pack(">I", SSRC) + name + data)


def feedback(kind, format_, media, content):
    return packet(kind, format_, struct.pack(">II", OTHER, media) + content)


def block(kind, specific, content):
    return struct.pack(">BBH", kind, specific, len(content) // 4) + content


def extended(*blocks):
    return packet(XR, 0, struct.pack(">I", OTHER) + b"".join(blocks))


def capture():
    out = Capture()
    near = lambda *packets: out.udp(NEAR, FAR, b"".join(packets))
    far = lambda *packets: out.udp(FAR, NEAR, b"".join(packets))
    cname = (1, b"alan@10.0.0.1")
    near(sender_report(), description(SSRC, cname))
    lossy = report(SSRC, 0x40, 17, 0x0001_0005, 421, 0x1234_8000, 0x0001_8000)
    far(
        receiver_report(OTHER, lossy),
        description(OTHER, (1, b"grace@10.0.0.2"), (2, "Grace Höpper".encode()), (6, b"")),
    )
    # More came than were sent: some twice.
    early = report(OTHER, 0, -3, 103, 0)
    near(
        sender_report(early, report(0x11111111, 255, 8_388_607, 0xFFFF_FFFF, 9)),
        description(SSRC, cname, (7, b"on air"), (8, b"\x04noteus")),
    )
    bandwidth = struct.pack(">HHII", 1, 12, SSRC, 64_000)
    near(sender_report(early, extension=bandwidth), description(SSRC, cname))
    many = [report(0xA0000000 + it, it, it, it * 65_536, it) for it in range(31)]
    far(receiver_report(OTHER, *many), description(OTHER, (1, b"g")))
    nack = struct.pack(">HHHH", 4_711, 0x8001, 4_730, 0)
    far(receiver_report(OTHER, lossy), feedback(RTPFB, 1, SSRC, nack))
    # 700 kbit/s with 40 bytes of overhead.
    limit = struct.pack(">II", SSRC, 3 << 26 | 87_500 << 9 | 40)
    far(receiver_report(OTHER), feedback(RTPFB, 3, 0, limit))
    near(receiver_report(SSRC), feedback(RTPFB, 4, 0, limit))
    far(receiver_report(OTHER, lossy), feedback(PSFB, 1, SSRC, b""))
    fir = struct.pack(">IB", SSRC, 7) + bytes(3)
    far(receiver_report(OTHER), feedback(PSFB, 4, 0, fir))
    sli = struct.pack(">I", 99 << 19 | 12 << 6 | 5)
    far(receiver_report(OTHER), feedback(PSFB, 2, SSRC, sli))
    remb = b"REMB" + struct.pack(">BBHI", 1, 4 << 2 | 1, 0x1170, SSRC)
    far(receiver_report(OTHER), feedback(PSFB, 15, 0, remb))
    near(receiver_report(SSRC), description(SSRC, cname), application(5, b"wire", b"reel4you"))
    reference = block(4, 0, struct.pack(">II", 1_700_000_001 + NTP_TO_UNIX, 0x4000_0000))
    delays = block(5, 0, struct.pack(">IIIIII", SSRC, 0x1234_8000, 65_536, 0x11111111, 0, 0))
    far(receiver_report(OTHER), extended(reference, delays))
    statistics = struct.pack(">IHHIIIIIIBBBB", SSRC, 10, 510, 5, 1, 2, 90, 17, 11, 0, 0, 0, 0)
    voice = struct.pack(
        ">IBBBBHHHHbbBBBBBBBBHHH",
        SSRC,
        12,
        3,
        90,
        2,
        120,
        8_000,
        87,
        60,
        -20,
        -70,
        127,
        16,
        81,
        127,
        38,
        127,
        0xF5,
        0,
        40,
        80,
        300,
    )
    times = struct.pack(">IHHII", SSRC, 65_535, 1, 1_000, 1_160)
    far(receiver_report(OTHER), extended(block(6, 0xE0, statistics), block(7, 0, voice), block(3, 0, times)))
    near(sender_report(early), description(SSRC, cname), goodbye(SSRC, reason=b"that is all"))
    # A mixer tells of those whom it heard, and one who has no name.
    heard = [
        chunk(0x11111111, cname),
        chunk(0x22222222),
        chunk(OTHER, (1, b"grace@10.0.0.2"), (3, b"g@h.example")),
    ]
    far(receiver_report(OTHER), packet(SDES, len(heard), b"".join(heard)))
    far(receiver_report(OTHER), goodbye(OTHER, 0x11111111))
    far(
        receiver_report(OTHER, lossy),
        packet(APP, 0, struct.pack(">I", OTHER) + b"last" + bytes(4), padding=8),
    )
    return out
