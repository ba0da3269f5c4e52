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
    let text = tshark(capture, &["-Y", filter])?;
    let mut all: Vec<Shown> = Vec::new();
    let mut begin = None;
    each(&text, |tag| match tag {
        None => {
            begin = None;
            all.push(Shown::default());
        }
        Some(field) => {
            if let Some(shown) = all.last_mut() {
                take(&field, shown, &mut begin);
            }
        }
    })?;
    Ok(all)
}

/// All that is shown of each frame and has bytes, by its number; `rules` say what is on which port.
pub fn every_field(capture: &Path, rules: &[&str]) -> Result<HashMap<u64, Vec<Field>>, String> {
    let rules: Vec<_> = rules.iter().flat_map(|it| ["-d", it]).collect();
    let text = tshark(capture, &rules)?;
    let mut frames: HashMap<u64, Vec<Field>> = HashMap::new();
    let mut frame = 0;
    each(&text, |tag| match tag {
        None => frame += 1,
        Some(field) => {
            let text = |key: &str| field.get(key).cloned().unwrap_or_default();
            let size = text("size").parse().unwrap_or_default();
            let [name, show, value] = ["name", "show", "value"].map(text);
            if size > 0 {
                frames.entry(frame).or_default().push(Field { name, show, value, size });
            }
        }
    })?;
    Ok(frames)
}

fn tshark(capture: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut tshark = Command::new("tshark");
    tshark.env("TZ", "UTC").arg("-r").arg(capture).args(["-T", "pdml"]).args(arguments);
    let output = tshark.output().map_err(|it| format!("tshark: {it}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|it| it.to_string())
}

/// Each field, and before those of a packet nothing.
fn each(text: &str, mut take: impl FnMut(Option<HashMap<String, String>>)) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|it| it.to_string())? {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"packet" => take(None),
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"field" => {
                take(Some(attributes(&tag)));
            }
            Event::Eof => return Ok(()),
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
