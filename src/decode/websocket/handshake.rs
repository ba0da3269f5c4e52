//! The handshake (RFC 6455 section 4.2, RFC 7692 section 7.1).

use sha1::{Digest, Sha1};

/// What every server appends to a client's key (RFC 6455 section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const DEFLATE: &[u8] = b"permessage-deflate";

/// What a client says in its handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Sec-WebSocket-Key.
    pub key: Box<[u8]>,
    /// Sec-WebSocket-Version.
    pub version: Box<[u8]>,
    /// Sec-WebSocket-Extensions, all its fields as one list.
    pub extensions: Box<[u8]>,
    /// Sec-WebSocket-Protocol, all its fields as one list.
    pub protocols: Box<[u8]>,
}

impl Offer {
    /// Whether a server may go on (RFC 6455 section 4.2.1).
    pub fn is_valid(&self) -> bool {
        !self.key.is_empty() && *self.version == *b"13"
    }

    /// Whether the client has offered a subprotocol.
    pub fn has_protocol(&self, protocol: &[u8]) -> bool {
        list(&self.protocols).any(|it| it == protocol.trim_ascii())
    }
}

/// Whether an Upgrade names WebSocket.
pub fn names_websocket(upgrade: &[u8]) -> bool {
    list(upgrade).any(|it| it.eq_ignore_ascii_case(b"websocket"))
}

/// The Sec-WebSocket-Accept to a key.
pub fn accept(key: &[u8]) -> String {
    base64(&Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Whether extensions that were agreed to compress messages.
pub fn deflates(extensions: &[u8]) -> bool {
    list(extensions).any(|it| name(it).eq_ignore_ascii_case(DEFLATE))
}

/// Whether extensions that a server has agreed to answer another client's offer too: all are
/// offered, and their parameters keep within what that client can do (RFC 7692 section 7.1).
pub fn may_answer(offer: &[u8], agreed: &[u8]) -> bool {
    list(agreed).all(|agreed| {
        list(offer).filter(|it| name(it).eq_ignore_ascii_case(name(agreed))).any(
            |offer| match name(agreed).eq_ignore_ascii_case(DEFLATE) {
                true => may_deflate(offer, agreed),
                false => offer.eq_ignore_ascii_case(agreed),
            },
        )
    })
}

fn may_deflate(offer: &[u8], agreed: &[u8]) -> bool {
    let value = |extension, wanted: &[u8]| {
        let mut found = parameters(extension).filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value)
    };
    let bits = |extension, name: &[u8]| {
        value(extension, name).map(|it| std::str::from_utf8(it).ok().and_then(|it| it.parse().ok()))
    };
    let widest = |bits: Option<Option<u8>>| bits.flatten().unwrap_or(15);
    let own = b"client_max_window_bits";
    let other = b"server_max_window_bits";
    let reset = b"server_no_context_takeover";
    // What the server may ask of the client only if that has said that it knows it.
    (bits(agreed, own).is_none() || bits(offer, own).is_some())
        && widest(bits(agreed, other)) <= widest(bits(offer, other))
        && (value(offer, reset).is_none() || value(agreed, reset).is_some())
}

fn list(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field.split(|it| *it == b',').map(<[u8]>::trim_ascii).filter(|it| !it.is_empty())
}

fn name(extension: &[u8]) -> &[u8] {
    extension.split(|it| *it == b';').next().unwrap_or_default().trim_ascii()
}

fn parameters(extension: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    extension.split(|it| *it == b';').skip(1).map(|parameter| {
        let end = parameter.iter().position(|it| *it == b'=').unwrap_or(parameter.len());
        let (name, value) = parameter.split_at_checked(end).unwrap_or((parameter, &[]));
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let quoted = value.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\""));
        (name.trim_ascii(), quoted.unwrap_or(value))
    })
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| {
            bits << 8 | u32::from(group.get(at).copied().unwrap_or_default())
        });
        for (place, shift) in [18_u32, 12, 6, 0].into_iter().enumerate() {
            let digit = ALPHABET.get((bits >> shift & 0x3f) as usize).copied().unwrap_or_default();
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc_is_accepted() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v")] {
            assert_eq!(base64(bytes), text);
        }
    }

    #[test]
    fn what_was_agreed_must_be_offered() {
        let deflate = "permessage-deflate";
        for (offer, agreed, may) in [
            ("", "", true),
            (deflate, "", true),
            ("", deflate, false),
            (deflate, deflate, true),
            ("x, Permessage-Deflate; client_max_window_bits", deflate, true),
            (deflate, "permessage-deflate; client_max_window_bits=12", false),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"12\"",
                true,
            ),
            ("permessage-deflate; server_max_window_bits=10", deflate, false),
            (
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate;server_max_window_bits=10",
                true,
            ),
            ("permessage-deflate; server_no_context_takeover", deflate, false),
            ("permessage-deflate; server_no_context_takeover, permessage-deflate", deflate, true),
            ("own; a=1", "own; a=1", true),
            ("own; a=1", "own; a=2", false),
        ] {
            assert_eq!(may_answer(offer.as_bytes(), agreed.as_bytes()), may, "{offer} {agreed}");
        }
        assert!(deflates(b"x, permessage-deflate; a") && !deflates(b"x-permessage-deflate"));
    }

    #[test]
    fn an_offer_names_its_protocols_and_the_version() {
        let offer = Offer {
            key: b"k"[..].into(),
            version: b"13"[..].into(),
            protocols: b"chat, mqtt"[..].into(),
            ..Offer::default()
        };
        assert!(
            offer.is_valid() && !Offer { version: b"8"[..].into(), ..offer.clone() }.is_valid()
        );
        assert!(offer.has_protocol(b"mqtt") && !offer.has_protocol(b"mq"));
        assert!(names_websocket(b"h2c, WebSocket") && !names_websocket(b"h2c"));
    }
}
