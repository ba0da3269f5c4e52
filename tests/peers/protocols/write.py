#!/usr/bin/env python3
"""Writes captures/proto_*.pcap again: messages of real protocols, byte by byte as their
specifications have them. The files are the same each time.

Usage:  tests/peers/protocols/write.py [FOLDER]     (captures/ without an argument)
"""

import importlib
import pathlib
import sys

# Nothing but captures is left behind.
sys.dont_write_bytecode = True

NAMES = [
    "ntp",
    "dns",
    "dhcp",
    "tftp",
    "cflow",
    "sflow",
    "radius",
    "stun",
    "bfd",
    "vxlan",
    "hsrp",
]


def main():
    here = pathlib.Path(__file__).resolve()
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[3] / "captures"
    for name in NAMES:
        protocol = importlib.import_module(name)
        write(protocol.talk(), folder / f"proto_{name}.pcap")
        if hasattr(protocol, "connection"):
            write(protocol.connection(), folder / f"proto_{name}_tcp.pcap")


def write(scene, path):
    scene.write(path)
    print(path.name)


if __name__ == "__main__":
    main()
