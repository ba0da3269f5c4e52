//! Endpoints as text: `127.0.0.1:1989`, `[::1]:1989`.
//!
//! Messages of one conversation often stand together, so the text of the last address is kept.

use std::io::Write;
use std::net::SocketAddr;

use crate::packet::Endpoint;

/// Writes endpoints; remembers the last.
#[derive(Debug, Default)]
pub(crate) struct EndpointText {
    last: Option<Endpoint>,
    text: Vec<u8>,
}

impl EndpointText {
    /// The endpoint as text.
    pub fn text(&mut self, end: Endpoint) -> &[u8] {
        if self.last != Some(end) {
            self.last = Some(end);
            self.text.clear();
            match end {
                Endpoint::Ip(address) => format(address, &mut self.text),
                // Writing to a vector does not fail.
                Endpoint::Local(it) => _ = write!(self.text, "{it}"),
            }
        }
        &self.text
    }
}

/// The texts of a sender and a receiver, which take turns.
#[derive(Debug, Default)]
pub(crate) struct EndpointTexts {
    kept: [EndpointText; 2],
    /// Whether the first was asked for last.
    was_first: bool,
}

impl EndpointTexts {
    /// The endpoint as text.
    pub fn text(&mut self, address: Endpoint) -> &[u8] {
        let [first, second] = &mut self.kept;
        let is_first = match (first.last, second.last) {
            (Some(it), _) if it == address => true,
            (_, Some(it)) if it == address => false,
            _ => !self.was_first,
        };
        self.was_first = is_first;
        if is_first { first.text(address) } else { second.text(address) }
    }
}

fn format(address: SocketAddr, out: &mut Vec<u8>) {
    let mut number = itoa::Buffer::new();
    match address {
        SocketAddr::V4(v4) => {
            for (index, octet) in v4.ip().octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                out.extend_from_slice(number.format(octet).as_bytes());
            }
        }
        // Writing to a vector does not fail.
        SocketAddr::V6(v6) => _ = write!(out, "[{}]", v6.ip()),
    }
    out.push(b':');
    out.extend_from_slice(number.format(address.port()).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::endpoint::tests::local;

    #[test]
    fn addresses_are_written_as_the_standard_library_does() {
        let mut writer = EndpointText::default();
        for text in ["127.0.0.1:1989", "255.255.255.255:65535", "0.0.0.0:0", "[::1]:1989"] {
            assert_eq!(writer.text(text.parse().unwrap()), text.as_bytes());
            assert_eq!(writer.text(text.parse().unwrap()), text.as_bytes());
        }
        let local = local(7, 2);
        assert_eq!(writer.text(local), local.to_string().as_bytes());
        let mut both = EndpointTexts::default();
        for text in ["10.0.0.1:1", "10.0.0.2:2", "10.0.0.1:1", "10.0.0.3:3", "10.0.0.1:1"] {
            assert_eq!(both.text(text.parse().unwrap()), text.as_bytes());
        }
        let mapped = "[::ffff:10.0.0.1]:80";
        assert_eq!(writer.text(mapped.parse().unwrap()), mapped.as_bytes());
    }
}
