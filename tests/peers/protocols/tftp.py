"""TFTP (RFC 1350) with options (RFC 2347 to 2349, 7440); the server answers from port 69 itself, as
dnsmasq does in single-port mode.
"""

import struct

from frames import Talk

READ, WRITE, DATA, ACK, ERROR, AGREED = range(1, 7)


def strings(*texts):
    return b"".join(text.encode() + b"\0" for text in texts)


def request(kind, *texts):
    return struct.pack(">H", kind) + strings(*texts)


def data(block, content):
    return struct.pack(">HH", DATA, block) + content


def ack(block):
    return struct.pack(">HH", ACK, block)


def error(code, text):
    return struct.pack(">HH", ERROR, code) + strings(text)


def talk():
    scene = Talk(69)
    content = b"a grade each line\n" * 50
    # A file of two blocks; the shorter one is the last.
    scene.ask(request(READ, "grades.txt", "octet"))
    for block, part in enumerate([content[:512], content[512:]], 1):
        scene.answer(data(block, part))
        scene.ask(ack(block))
    # Written with all the options that there are; of a last block that is full, an empty one follows.
    scene.client_port += 1
    wanted = ["blksize", "1024", "timeout", "3", "tsize", "1024", "windowsize", "1"]
    scene.ask(request(WRITE, "dir/new file", "octet", *wanted))
    scene.answer(request(AGREED, *wanted))
    for block, part in enumerate([bytes(range(256)) * 4, b""], 1):
        scene.ask(data(block, part))
        scene.answer(ack(block))
    scene.client_port += 1
    scene.ask(request(READ, "nosuch", "netascii"))
    scene.answer(error(1, "File not found"))
    scene.client_port += 1
    scene.ask(request(WRITE, "full", "OCTET", "tsize", "1000000"))
    scene.answer(error(3, "Disk full"))
    # The client does not want what was agreed to.
    scene.client_port += 1
    scene.ask(request(READ, "grades.txt", "octet", "blksize", "65464"))
    scene.answer(request(AGREED, "blksize", "8"))
    scene.ask(error(8, ""))
    return scene
