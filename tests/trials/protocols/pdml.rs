//! What tshark shows of each datagram (`-T pdml`): fields with their text and bytes.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A datagram of the protocol.
#[derive(Default)]
pub struct Shown {
    pub frame: u64,
    /// Hexadecimal.
    pub payload: String,
    /// As dissected: within the payload, in order.
    pub fields: Vec<Field>,
}

/// A field of the datagram.
#[derive(Clone)]
pub struct Field {
    pub name: String,
    /// As a person reads it.
    pub show: String,
    /// Its bytes, hexadecimal; of some bits, their number.
    pub value: String,
    /// Bytes that it takes.
    pub size: usize,
}

/// The datagrams that pass a filter.
pub fn read(capture: &Path, filter: &str) -> Result<Vec<Shown>, String> {
    let mut tshark = Command::new("tshark");
    tshark.env("TZ", "UTC").arg("-r").arg(capture).args(["-T", "pdml", "-Y", filter]);
    let output = tshark.output().map_err(|it| format!("tshark: {it}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8(output.stdout).map_err(|it| it.to_string())?;
    let mut reader = Reader::from_str(&text);
    let mut all: Vec<Shown> = Vec::new();
    let mut begin = None;
    loop {
        match reader.read_event().map_err(|it| it.to_string())? {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"packet" => {
                begin = None;
                all.push(Shown::default());
            }
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"field" => {
                if let Some(shown) = all.last_mut() {
                    take(&attributes(&tag), shown, &mut begin);
                }
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// `begin` is where the payload begins in the frame. What tshark reckons itself has no bytes.
fn take(field: &HashMap<String, String>, shown: &mut Shown, begin: &mut Option<usize>) {
    let text = |key: &str| field.get(key).cloned().unwrap_or_default();
    let number = |key: &str| text(key).parse().unwrap_or_default();
    let (name, value, position) = (text("name"), text("value"), number("pos"));
    match name.as_str() {
        "num" => shown.frame = text("show").parse().unwrap_or_default(),
        "udp.payload" if begin.is_none() => {
            (*begin, shown.payload) = (Some(position), value);
        }
        _ => {
            let size = number("size");
            // Of what has no type tshark says only where it is.
            let bytes =
                begin.and_then(|it| within(&shown.payload, position.checked_sub(it)?, size));
            let Some(bytes) = bytes.filter(|_| size > 0) else { return };
            let value = if value.is_empty() { bytes } else { value };
            shown.fields.push(Field { name, show: text("show"), value, size });
        }
    }
}

/// Some bytes of a payload, all hexadecimal.
fn within(payload: &str, offset: usize, size: usize) -> Option<String> {
    payload.get(offset * 2..(offset + size) * 2).map(str::to_owned)
}

fn attributes(tag: &BytesStart<'_>) -> HashMap<String, String> {
    let each = tag.attributes().flatten();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    each.map(|it| (text(it.key.as_ref()), text(&it.value))).collect()
}
