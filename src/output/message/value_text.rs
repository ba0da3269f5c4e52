//! Values of messages as plain text, each output putting around it what it needs: quotes, escapes.

use std::io::Write;

use super::value::float;
use crate::message::FieldValue;
use crate::output::endpoint::EndpointTexts;
use crate::output::escape::hex;
use crate::output::time::{TimeText, epoch};

/// Writes values; remembers the text of the last time and of the last endpoints.
#[derive(Debug, Default)]
pub(super) struct ValueText {
    time: TimeText,
    ends: EndpointTexts,
}

impl ValueText {
    /// One value. Text is not escaped.
    pub fn write(&mut self, value: &FieldValue<'_>, out: &mut Vec<u8>) {
        let mut digits = itoa::Buffer::new();
        match *value {
            FieldValue::Unsigned(number) => out.extend_from_slice(digits.format(number).as_bytes()),
            FieldValue::Signed(number) => out.extend_from_slice(digits.format(number).as_bytes()),
            FieldValue::Float(number) => float(number, None, out),
            FieldValue::Single(number) => float(number.into(), Some(number), out),
            FieldValue::Name { name, .. } | FieldValue::Text(name) => {
                out.extend_from_slice(name.as_bytes());
            }
            FieldValue::Bytes(bytes) => hex(bytes, out),
            FieldValue::NotText(bytes) => {
                out.extend_from_slice(b"0x");
                hex(bytes, out);
            }
            FieldValue::Hex { number, digits } => _ = write!(out, "0x{number:0digits$x}"),
            FieldValue::Hardware(address) => {
                for (at, byte) in address.iter().enumerate() {
                    out.extend_from_slice(if at > 0 { b":" } else { b"" });
                    hex(&[*byte], out);
                }
            }
            // Writing to a vector does not fail.
            FieldValue::Shown { shown, .. } => _ = write!(out, "{shown}"),
            FieldValue::Address(ip) => _ = write!(out, "{ip}"),
            FieldValue::Endpoint(end) => out.extend_from_slice(self.ends.text(end)),
            FieldValue::Time(at) => self.time.rfc3339(at, out),
            FieldValue::Epoch(at) => epoch(at, out),
            FieldValue::Error(error) => _ = write!(out, "{error}"),
        }
    }
}
