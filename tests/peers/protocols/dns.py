"""DNS (RFC 1035): questions, answers of several types with compressed names, errors, EDNS (RFC 6891)."""

import struct

from frames import Connection, Talk, address

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, OPT, ANY = 1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 255
IN, CHAOS = 1, 3
RESPONSE, AUTHORITATIVE, TRUNCATED, WANTED, AVAILABLE = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
AUTHENTIC, UNCHECKED = 0x0020, 0x0010
NAME_OF_QUESTION = b"\xc0\x0c"


def name(text):
    labels = [label.encode() for label in text.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(text, kind, klass=IN):
    return name(text) + struct.pack(">HH", kind, klass)


def record(owner, kind, data, ttl=300, klass=IN):
    return owner + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data


def options(size=1232, flags=0, data=b""):
    return record(b"\0", OPT, data, flags, size)


def message(ident, flags, questions=(), answers=(), authorities=(), additional=()):
    sections = [questions, answers, authorities, additional]
    head = struct.pack(">HHHHHH", ident, flags, *map(len, sections))
    return head + b"".join(b"".join(section) for section in sections)


def talk():
    scene = Talk(53)
    asked = [question("www.example.com", A)]
    scene.ask(message(0x1A2B, WANTED, asked))
    answers = [
        record(NAME_OF_QUESTION, CNAME, b"\x03web\xc0\x10", 3600),
        record(b"\xc0\x2d", A, address("192.0.2.10")),
        record(b"\xc0\x2d", A, address("192.0.2.11")),
    ]
    scene.answer(message(0x1A2B, RESPONSE | WANTED | AVAILABLE, asked, answers))
    asked = [question("example.com", AAAA)]
    scene.ask(message(0x0001, WANTED | AUTHENTIC, asked, additional=[options(4096, 0x8000)]))
    cookie = struct.pack(">HH", 10, 16) + bytes(range(16))
    flags = RESPONSE | WANTED | AVAILABLE | AUTHENTIC
    answers = [record(NAME_OF_QUESTION, AAAA, address("2001:db8::10"), 60)]
    more = [options(1232, 0x8000, cookie)]
    scene.answer(message(0x0001, flags, asked, answers, additional=more))
    asked = [question("example.com", MX)]
    scene.ask(message(0xFFFF, WANTED, asked))
    answers = [
        record(NAME_OF_QUESTION, MX, struct.pack(">H", 10) + b"\x04mail" + NAME_OF_QUESTION),
        record(NAME_OF_QUESTION, MX, struct.pack(">H", 20) + b"\x05mail2" + NAME_OF_QUESTION),
    ]
    authorities = [record(NAME_OF_QUESTION, NS, b"\x02ns" + NAME_OF_QUESTION, 86400)]
    more = [record(b"\xc0\x2b", A, address("198.51.100.25"))]
    scene.answer(message(0xFFFF, RESPONSE | AUTHORITATIVE | WANTED, asked, answers, authorities, more))
    # There is no such name; the zone says for how long that holds (RFC 2308).
    asked = [question("nosuch.example.com", ANY)]
    scene.ask(message(0x0102, WANTED | UNCHECKED, asked))
    numbers = struct.pack(">IIIII", 2024010101, 7200, 3600, 1209600, 300)
    zone = record(b"\xc0\x13", SOA, b"\x02ns\xc0\x13" + b"\x0ahostmaster\xc0\x13" + numbers)
    flags = RESPONSE | WANTED | AVAILABLE | UNCHECKED | 3
    scene.answer(message(0x0102, flags, asked, authorities=[zone]))
    asked = [question("_sip._udp.example.com", SRV)]
    scene.ask(message(0x0203, WANTED, asked))
    target = struct.pack(">HHH", 1, 50, 5060) + name("sip.example.com")
    scene.answer(
        message(0x0203, RESPONSE | WANTED | AVAILABLE, asked, [record(NAME_OF_QUESTION, SRV, target)])
    )
    asked = [question("version.bind", TXT, CHAOS)]
    scene.ask(message(0x0304, 0, asked))
    texts = b"".join(bytes([len(text)]) + text for text in [b"one text", b"", b"and another"])
    answer = record(NAME_OF_QUESTION, TXT, texts, 0, CHAOS)
    scene.answer(message(0x0304, RESPONSE | AUTHORITATIVE, asked, [answer]))
    asked = [question("9.2.0.192.in-addr.arpa", PTR)]
    scene.ask(message(0x0405, WANTED, asked))
    scene.answer(message(0x0405, RESPONSE | TRUNCATED | WANTED | AVAILABLE, asked))
    asked = [question("refused.example", A)]
    scene.ask(message(0x0506, WANTED, asked))
    scene.answer(message(0x0506, RESPONSE | WANTED | 5, asked))
    # The root, whose name has no label; a name of 63 characters and one of 255 bytes.
    scene.ask(message(0x0607, 0, [question("", NS)]))
    scene.answer(
        message(0x0607, RESPONSE, [question("", NS)], [record(b"\0", NS, name("a.root-servers.net"), 518400)])
    )
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    scene.ask(message(0x0708, WANTED, [question(longest, A)]))
    scene.answer(message(0x0708, RESPONSE | WANTED | AVAILABLE | 3, [question(longest, A)]))
    return scene


def counted(message_):
    """As over TCP (RFC 1035, section 4.2.2)."""
    return struct.pack(">H", len(message_)) + message_


def connection():
    """Questions in one segment; answers in three, none of which ends where an answer does (RFC 7766)."""
    scene = Connection(53)
    asked = [[question("example.com", kind)] for kind in (A, TXT, MX)]
    scene.ask(b"".join(counted(message(ident, WANTED, each)) for ident, each in enumerate(asked)))
    texts = b"".join(bytes([200]) + bytes([letter]) * 200 for letter in b"abc")
    found = [
        [record(NAME_OF_QUESTION, A, address("192.0.2.10"))],
        [record(NAME_OF_QUESTION, TXT, texts)],
        [record(NAME_OF_QUESTION, MX, struct.pack(">H", 0) + b"\0")],
    ]
    flags = RESPONSE | WANTED | AVAILABLE
    answers = [counted(message(i, flags, asked[i], found[i])) for i in (1, 0, 2)]
    stream = b"".join(answers)
    for begin, end in [(0, 1), (1, 300), (300, len(stream))]:
        scene.answer(stream[begin:end])
    scene.close()
    return scene
