"""TLS 1.2 and 1.3 as OpenSSL speaks it: both ends are Python's, without sockets between them, and what they
say is cut into segments here. Keys and random numbers are new each time, so that these bytes are too.

Needs: the program `openssl`, for a certificate.
"""

import pathlib
import ssl
import subprocess
import tempfile

from frames import Capture, Connection

# As long as no test looks at it.
DAYS = "3650"


def certificate(folder):
    key, chain = folder / "key.pem", folder / "chain.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        DAYS,
    ]
    subprocess.run(
        [*command, "-subj", "/CN=reel.example", "-keyout", key, "-out", chain],
        check=True,
        capture_output=True,
    )
    return chain, key


class End:
    """One end of a connection, its bytes in memory."""

    def __init__(self, context, is_server, name=None):
        self.received, self.sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.received, self.sent, is_server, name)

    def attempt(self, action):
        try:
            return action()
        except ssl.SSLError:
            return None


def talk(connection, client, server, actions):
    """Each action of an end, then whatever the two have to say to each other."""
    for end, action in actions:
        end.attempt(action)
        while client.sent.pending or server.sent.pending:
            for one, other, is_client in ((client, server, True), (server, client, False)):
                said = one.sent.read()
                if said:
                    # The first record is cut within its header.
                    connection.send(is_client, said, sizes=[3, 700])
                    other.received.write(said)
                    other.attempt(other.tls.do_handshake)
                    other.attempt(lambda: other.tls.read(65_536))


def session(out, port, files, version, ciphers=None):
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(*files)
    ours.load_verify_locations(files[0])
    for context in (ours, theirs):
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["h2", "http/1.1"])
    if ciphers:
        ours.set_ciphers(ciphers)
    name = "reel.example" if ciphers is None else "other.example"
    client, server = End(ours, False, name), End(theirs, True)
    connection = Connection(out, ("10.0.0.1", port), ("10.0.0.2", 443))
    actions = [
        (client, client.tls.do_handshake),
        (client, lambda: client.tls.write(b"GET / HTTP/1.1\r\nHost: reel.example\r\n\r\n")),
        (server, lambda: server.tls.write(b"HTTP/1.1 204 No Content\r\n\r\n")),
        (client, client.tls.unwrap),
    ]
    talk(connection, client, server, actions)
    connection.close()


def capture():
    out = Capture()
    with tempfile.TemporaryDirectory() as folder:
        files = certificate(pathlib.Path(folder))
        session(out, 40000, files, ssl.TLSVersion.TLSv1_3)
        session(out, 40001, files, ssl.TLSVersion.TLSv1_2)
        # The name is not that of the certificate: an alert.
        session(out, 40002, files, ssl.TLSVersion.TLSv1_2, "ECDHE+AESGCM")
    return out
