#!/usr/bin/env python3
"""Writes captures/proto_NAME.pcap of protocols whose messages are built from their specifications.

Usage: tests/peers/bytewise/write.py [FOLDER [NAME...]]     (captures/, all of them)
Needs: nothing but Python. Written again, the captures are the same, byte by byte; but for tls, which is
OpenSSL and needs it.
"""

import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
NO_PROTOCOL = {"frames", "write"}


def main(folder=HERE.parents[2] / "captures", *names):
    names = names or sorted(it.stem for it in HERE.glob("*.py") if it.stem not in NO_PROTOCOL)
    for name in names:
        path = pathlib.Path(folder) / f"proto_{name}.pcap"
        importlib.import_module(name).capture().write(path)
        print(path.name)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(*sys.argv[1:])
