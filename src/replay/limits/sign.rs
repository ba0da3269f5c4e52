//! What encryption and logins look like: one table.
//!
//! Each entry looks at what one side sent at once, from its first byte. A login is told only where
//! the client's part depends on what the server chose: passwords that are sent as they are can be
//! sent again.

use std::ops::{Range, RangeFrom};

use super::head::Head;
use crate::flow::Side;
use crate::packet::Transport;
use crate::replay::plan::Kind;

/// Where in a message mechanisms of logins are named, bytes.
const NAMED_WITHIN: usize = 1024;
/// What a packet of TDS holds behind its header (MS-TDS section 2.2.3.1).
const TDS_DATA: RangeFrom<usize> = 8..;
/// Of the header of IKE, what follows both SPIs: next payload, version, exchange type, flags, message
/// id, length (RFC 7296 section 3.1).
const IKE_BEHIND_SPIS: Range<usize> = 16..28;
/// The user's name and what follows it, behind capabilities, longest packet, character set and
/// filler ("Protocol::HandshakeResponse41").
const MYSQL_USER: RangeFrom<usize> = 32..;

/// What one side sent, and how the conversation began.
#[derive(Clone, Copy)]
struct Said<'s> {
    transport: Transport,
    head: &'s Head,
    side: Side,
    bytes: &'s [u8],
}

struct Sign {
    is: fn(Said<'_>) -> bool,
    kind: Kind,
    text: &'static str,
}

const TABLE: &[Sign] = &[
    encrypted(
        is_tls,
        "TLS: encrypted with keys of that session, so that the server will refuse it",
    ),
    encrypted(
        is_ssh,
        "SSH: encrypted with keys of that session, so that the server will refuse it",
    ),
    encrypted(
        is_dtls,
        "DTLS: encrypted with keys of that session, so that the server will refuse it",
    ),
    encrypted(
        is_quic,
        "QUIC: encrypted with keys of that session, so that the server will refuse it",
    ),
    encrypted(
        is_wireguard,
        "WireGuard: encrypted with keys of that session, and times must be new",
    ),
    encrypted(is_ike, "IKE: encrypted with keys of that session, so that the peer will refuse it"),
    login(is_postgres_sasl, "PostgreSQL login by SCRAM: it answers a nonce that the server chose"),
    login(is_postgres_md5, "PostgreSQL login by MD5: it answers a salt that the server chose"),
    login(is_postgres_gss, "PostgreSQL login by GSSAPI or SSPI: its tickets are for that session"),
    login(is_postgres_cancel, "PostgreSQL cancel request: its key is one that the server chose"),
    login(is_mysql, "MySQL login: it answers a nonce that the server chose"),
    login(is_http_digest, "Digest authentication: it answers a nonce that the server chose"),
    login(is_http_ntlm, "NTLM or Negotiate: the login answers a challenge that the server chose"),
    login(is_ntlm, "NTLM: the login answers a challenge that the server chose"),
    login(is_kerberos, "Kerberos: tickets and authenticators are taken once, and not for long"),
    login(is_mechanism, "SASL login by a mechanism that answers a challenge that the server chose"),
    login(is_apop, "POP3 login by APOP: it answers a time stamp that the server chose"),
    login(is_mqtt, "MQTT 5 enhanced authentication: it answers a challenge that the server chose"),
    login(is_vnc, "VNC login: it answers a challenge that the server chose"),
    login(is_oracle, "Oracle login: it answers a session key that the server chose"),
    login(is_chap, "CHAP login: it answers a challenge that the server chose"),
    login(is_nats, "NATS login: it signs a nonce that the server chose"),
    login(is_snmp, "SNMPv3: it goes by the identity and the clock of the agent"),
];

const fn encrypted(is: fn(Said<'_>) -> bool, text: &'static str) -> Sign {
    Sign { is, kind: Kind::Encrypted, text }
}

const fn login(is: fn(Said<'_>) -> bool, text: &'static str) -> Sign {
    Sign { is, kind: Kind::Login, text }
}

/// The first entry that what a side sent at once looks like.
pub(super) fn find(
    transport: Transport,
    head: &Head,
    side: Side,
    bytes: &[u8],
) -> Option<(Kind, &'static str)> {
    let said = Said { transport, head, side, bytes };
    TABLE.iter().find(|it| (it.is)(said)).map(|it| (it.kind, it.text))
}

impl Said<'_> {
    fn is_tcp_client(self) -> bool {
        self.transport == Transport::Tcp && self.side == Side::Client
    }

    fn is_tcp_server(self) -> bool {
        self.transport == Transport::Tcp && self.side == Side::Server
    }

    fn is_udp(self) -> bool {
        self.transport == Transport::Udp
    }

    /// Where something stands in what was sent first.
    fn names(self, what: &[u8]) -> bool {
        let begin = self.bytes.get(..NAMED_WITHIN).unwrap_or(self.bytes);
        memchr::memmem::find(begin, what).is_some()
    }

    fn has(self, what: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, what).is_some()
    }

    /// It is text of lines with fields, as HTTP, SIP and RTSP are, and a field begins so.
    fn has_field(self, name: &str, schemes: &[&str]) -> bool {
        let lines = self.bytes.split(|byte| *byte == b'\n').skip(1);
        let head = lines.take_while(|line| !matches!(line, [] | [b'\r']));
        let value = |line: &[u8]| {
            let (own, value) = line.split_at_checked(name.len() + 1)?;
            let is_named = own.eq_ignore_ascii_case(format!("{name}:").as_bytes());
            is_named.then(|| value.trim_ascii_start().to_ascii_lowercase())
        };
        let mut values = head.filter_map(value);
        values.any(|value| schemes.iter().any(|scheme| value.starts_with(scheme.as_bytes())))
    }

    fn authorizes_by(self, schemes: &[&str]) -> bool {
        self.side == Side::Client
            && ["authorization", "proxy-authorization"].iter().any(|it| self.has_field(it, schemes))
    }
}

/// A ClientHello (RFC 8446 section 4.1.2), also behind a request to begin with TLS, and in TDS.
fn is_tls(said: Said<'_>) -> bool {
    let hello = |bytes: &[u8]| matches!(bytes, [0x16, 0x03, 0..=4, _, _, 0x01, ..]);
    let in_tds =
        matches!(said.bytes, [0x12, 0x01, ..]) && said.bytes.get(TDS_DATA).is_some_and(hello);
    said.is_tcp_client() && (hello(said.bytes) || in_tds)
}

/// RFC 4253 section 4.2.
fn is_ssh(said: Said<'_>) -> bool {
    said.transport == Transport::Tcp
        && (said.bytes.starts_with(b"SSH-2.0-") || said.bytes.starts_with(b"SSH-1."))
}

/// RFC 9147 section 5, RFC 6347 section 4.1.
fn is_dtls(said: Said<'_>) -> bool {
    said.is_udp() && matches!(said.bytes, [0x16, 0xfe, 0xfd | 0xff, ..])
}

/// A long header (RFC 9000 section 17.2) of version 1 or 2.
fn is_quic(said: Said<'_>) -> bool {
    said.is_udp()
        && said.bytes.len() >= 1200
        && matches!(
            said.bytes,
            [0xc0..=0xff, 0, 0, 0, 1, ..] | [0xc0..=0xff, 0x6b, 0x33, 0x43, 0xcf, ..]
        )
}

/// A handshake initiation: type 1 and 148 bytes.
fn is_wireguard(said: Said<'_>) -> bool {
    said.is_udp() && said.bytes.len() == 148 && said.bytes.starts_with(&[1, 0, 0, 0])
}

/// IKE_SA_INIT (RFC 7296 section 3.1) of version 2: the length is that of the datagram.
fn is_ike(said: Said<'_>) -> bool {
    let header = said.bytes.get(IKE_BEHIND_SPIS);
    let len = u32::try_from(said.bytes.len()).map(u32::to_be_bytes);
    said.is_udp()
        && header.is_some_and(|it| matches!(it, [_, 0x20, 34, ..]))
        && len.is_ok_and(|len| header.is_some_and(|it| it.ends_with(&len)))
}

/// The code of an authentication request ("Message Formats", PostgreSQL).
fn postgres_request(said: Said<'_>) -> Option<u8> {
    match said.bytes {
        [b'R', 0, 0, _, 8..=0xff, 0, 0, 0, code, ..] if said.is_tcp_server() => Some(*code),
        _ => None,
    }
}

fn is_postgres_sasl(said: Said<'_>) -> bool {
    postgres_request(said) == Some(10)
}

fn is_postgres_md5(said: Said<'_>) -> bool {
    postgres_request(said) == Some(5)
}

fn is_postgres_gss(said: Said<'_>) -> bool {
    matches!(postgres_request(said), Some(7 | 9))
}

fn is_postgres_cancel(said: Said<'_>) -> bool {
    said.is_tcp_client() && said.bytes.starts_with(&[0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e])
}

/// The client's answer to a handshake of version 10, but for that of an empty password, which is
/// empty ("Protocol::HandshakeResponse41").
fn is_mysql(said: Said<'_>) -> bool {
    let is_greeted = matches!(said.head.server[..], [_, _, 0, 0, 0x0a, b'0'..=b'9', ..]);
    let response = match said.bytes {
        [_, _, 0, 1, rest @ ..] if said.is_tcp_client() && is_greeted => rest.get(MYSQL_USER),
        _ => None,
    };
    let len = response.and_then(|it| {
        let end = memchr::memchr(0, it)?;
        it.get(end + 1).copied()
    });
    len.is_some_and(|len| len > 0)
}

/// RFC 7616; also of SIP and RTSP.
fn is_http_digest(said: Said<'_>) -> bool {
    said.authorizes_by(&["digest "])
}

/// RFC 4559.
fn is_http_ntlm(said: Said<'_>) -> bool {
    said.authorizes_by(&["ntlm ", "negotiate ", "scram-"])
}

/// An AUTHENTICATE_MESSAGE (MS-NLMP section 2.2.1.3), in whatever carries it, also in Base64.
fn is_ntlm(said: Said<'_>) -> bool {
    said.is_tcp_client() && (said.has(b"NTLMSSP\0\x03\0\0\0") || said.names(b"TlRMTVNTUAAD"))
}

/// A request to the key distribution centre, or one with a ticket (RFC 4120 section 5): version 5
/// and the type of the message.
fn is_kerberos(said: Said<'_>) -> bool {
    let types: [&[u8]; 3] = [
        b"\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a",
        b"\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0c",
        b"\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0e",
    ];
    said.side == Side::Client && types.iter().any(|it| said.names(it))
}

/// The mechanisms of SASL that answer a challenge, as the client names them: in SMTP, IMAP, LDAP,
/// XMPP, MongoDB, Kafka.
fn is_mechanism(said: Said<'_>) -> bool {
    let mechanisms: [&[u8]; 6] =
        [b"SCRAM-SHA-", b"CRAM-MD5", b"DIGEST-MD5", b"GSS-SPNEGO", b"GSSAPI", b"AUTH NTLM"];
    let named = mechanisms.iter().find(|it| said.names(it));
    let is_page = memchr::memmem::find(&said.head.client, b" HTTP/1.").is_some();
    said.is_tcp_client() && !is_page && named.is_some()
}

/// RFC 1939 section 7.
fn is_apop(said: Said<'_>) -> bool {
    said.is_tcp_client()
        && said.head.server.starts_with(b"+OK")
        && said.bytes.get(..5).is_some_and(|it| it.eq_ignore_ascii_case(b"APOP "))
}

/// An AUTH packet (MQTT 5 section 3.15), in a conversation that begins with CONNECT of version 5.
fn is_mqtt(said: Said<'_>) -> bool {
    let connect = memchr::memmem::find(&said.head.client, b"\0\x04MQTT\x05");
    said.is_tcp_client() && connect.is_some_and(|at| at < 8) && said.bytes.first() == Some(&0xf0)
}

/// Security type 2 (RFC 6143 section 7.2.2).
fn is_vnc(said: Said<'_>) -> bool {
    said.is_tcp_client() && said.head.server.starts_with(b"RFB 00") && said.bytes == [2]
}

fn is_oracle(said: Said<'_>) -> bool {
    said.is_tcp_client() && said.names(b"AUTH_SESSKEY")
}

/// RFC 7143 section 12.1.3.
fn is_chap(said: Said<'_>) -> bool {
    said.is_tcp_client() && said.names(b"CHAP_R=")
}

fn is_nats(said: Said<'_>) -> bool {
    said.is_tcp_client() && said.bytes.starts_with(b"CONNECT {") && said.has(b"\"sig\":\"")
}

/// RFC 3412 section 6, with a user: the security parameters are not empty (RFC 3414 section 2.4).
fn is_snmp(said: Said<'_>) -> bool {
    let body = match said.bytes {
        [0x30, len @ 0..=0x7f, rest @ ..] if rest.len() == usize::from(*len) => rest,
        [0x30, 0x81, _, rest @ ..] | [0x30, 0x82, _, _, rest @ ..] => rest,
        _ => return false,
    };
    said.is_udp() && body.starts_with(&[2, 1, 3, 0x30])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(
        transport: Transport,
        before: (Side, &[u8]),
        side: Side,
        bytes: &[u8],
    ) -> Option<&'static str> {
        let mut head = Head::default();
        [before, (side, bytes)].iter().for_each(|(side, bytes)| head.take(*side, bytes));
        find(transport, &head, side, bytes).map(|(_, text)| text)
    }

    /// A client's answer to MySQL, with a password or without.
    fn mysql(password: &[u8]) -> Vec<u8> {
        let mut response = vec![0x4c, 0, 0, 1, 0x85, 0xa6, 0x3f, 0x20, 0, 0, 0, 1, 33];
        response.extend([0; 23]);
        response.extend(b"alan\0");
        response.push(password.len() as u8);
        response.extend(password);
        response
    }

    #[test]
    fn what_cannot_work_is_named_by_what_it_looks_like() {
        use Side::{Client, Server};
        let greeting: &[u8] = b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0abcdefgh\0";
        let [with, without] = [mysql(&[7; 20]), mysql(b"")];
        let ldap = b"\x30\x18\x02\x01\x01\x60\x13\x02\x01\x03\x04\0\xa3\x0c\x04\x0aDIGEST-MD5";
        let authorized =
            |how: &str| format!("GET / HTTP/1.1\r\nHost: a\r\nauthorization: {how}\r\n\r\n");
        let [digest, basic, negotiate] =
            ["Digest username=\"a\"", "Basic YTpi", "Negotiate YII="].map(authorized);
        for (spoke, before, side, bytes, expected) in [
            (
                Client,
                &b""[..],
                Client,
                &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
                Some("TLS"),
            ),
            (Server, b"S", Client, b"\x16\x03\x01\0\xc8\x01", Some("TLS")),
            (Client, b"", Client, b"\x12\x01\0\x2f\0\0\x01\0\x16\x03\x01\0\x20\x01", Some("TLS")),
            (Client, b"", Client, b"\x16\x03", None),
            (Client, b"", Server, b"SSH-2.0-OpenSSH_9.2\r\n", Some("SSH")),
            (
                Client,
                b"",
                Server,
                b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0",
                Some("PostgreSQL login by SCRAM"),
            ),
            (Client, b"", Server, b"R\0\0\0\x0c\0\0\0\x05salt", Some("PostgreSQL login by MD5")),
            (Client, b"", Server, b"R\0\0\0\x08\0\0\0\x07", Some("PostgreSQL login by GSSAPI")),
            (Client, b"", Server, b"R\0\0\0\x08\0\0\0\0", None),
            (Client, b"", Server, b"R\0\0\0\x08\0\0\0\x03", None),
            (
                Client,
                b"",
                Client,
                b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\x12\x34abcd",
                Some("PostgreSQL cancel"),
            ),
            (Server, greeting, Client, &with, Some("MySQL")),
            (Server, greeting, Client, &without, None),
            (Client, b"", Client, &with, None),
            (Client, b"", Client, digest.as_bytes(), Some("Digest")),
            (Client, b"", Client, basic.as_bytes(), None),
            (Client, b"", Client, negotiate.as_bytes(), Some("NTLM or Negotiate")),
            (Client, b"", Client, b"GET / HTTP/1.1\r\n\r\nauthorization: Digest a", None),
            (Client, b"", Client, b"\0\0\0\x80\xfeSMB..NTLMSSP\0\x03\0\0\0", Some("NTLM")),
            (Client, b"", Server, b"\0\0\0\x80\xfeSMB..NTLMSSP\0\x02\0\0\0", None),
            (Server, b"220 mail\r\n", Client, b"AUTH CRAM-MD5\r\n", Some("SASL")),
            (Server, b"220 mail CRAM-MD5\r\n", Client, b"AUTH PLAIN AGEAYg==\r\n", None),
            (Client, b"", Client, ldap, Some("SASL")),
            (Client, b"", Client, b"POST /doc HTTP/1.1\r\n\r\nOn CRAM-MD5", None),
            (Server, b"+OK <1896.697170952@mail>\r\n", Client, b"APOP alan c4c9\r\n", Some("POP3")),
            (Client, b"\x10\x20\0\x04MQTT\x05\x02", Client, b"\xf0\x05\x18", Some("MQTT 5")),
            (Client, b"\x10\x20\0\x04MQTT\x04\x02", Client, b"\xf0\x05\x18", None),
            (Server, b"RFB 003.008\n", Client, b"\x02", Some("VNC")),
            (Server, b"RFB 003.008\n", Client, b"\x01", None),
            (Client, b"", Client, b"CONNECT {\"nkey\":\"U\",\"sig\":\"x\"}\r\n", Some("NATS")),
            (Server, b"+OK\r\n", Client, b"*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n", None),
        ] {
            let found = text(Transport::Tcp, (spoke, before), side, bytes);
            let is_as_expected = match (found, expected) {
                (Some(found), Some(expected)) => found.starts_with(expected),
                (found, expected) => found == expected,
            };
            assert!(is_as_expected, "{}: {found:?}", bytes.escape_ascii());
            // None of it is mistaken where another thing carries it, nor where it is cut.
            (0..bytes.len()).for_each(|len| {
                text(Transport::Udp, (spoke, before), side, &bytes[..len]);
                text(Transport::Tcp, (spoke, before), side, &bytes[..len]);
            });
        }
    }

    #[test]
    fn datagrams_have_encryption_and_logins_of_their_own() {
        let quic = [&[0xc3, 0, 0, 0, 1][..], &[7; 1200]].concat();
        let mut ike = [0; 28];
        (ike[17], ike[18], ike[27]) = (0x20, 34, 28);
        let wireguard = [&[1, 0, 0, 0][..], &[7; 144]].concat();
        let kerberos = b"\x6a\x1e\x30\x1c\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa4";
        for (bytes, expected) in [
            (&b"\x16\xfe\xfd\0\0"[..], Some("DTLS")),
            (&quic, Some("QUIC")),
            (&quic[..600], None),
            (&ike, Some("IKE")),
            (&wireguard, Some("WireGuard")),
            (kerberos, Some("Kerberos")),
            (b"\x30\x06\x02\x01\x03\x30\x01\0", Some("SNMPv3")),
            (b"\x30\x06\x02\x01\x01\x04\x01\0", None),
        ] {
            let found = text(Transport::Udp, (Side::Client, b""), Side::Client, bytes);
            assert_eq!(found.and_then(|it| it.split(':').next()), expected, "{bytes:?}");
        }
    }
}
