//! What recorded messages show of a change: each is read by both versions.

use std::collections::{BTreeMap, HashMap};

use crate::check::sight::note_frame;
use crate::check::{Code, Finding};
use crate::decode::Found;
use crate::decode::codec::{Codec, CodecError};
use crate::message::{Item, Message, Value};
use crate::profile::Protocols;

/// Messages that were recorded with the old version.
pub struct Corpus {
    /// By message, as the new version has it.
    codecs: HashMap<String, Codec>,
    seen: HashMap<String, Seen>,
    items: Vec<Item>,
}

/// What came of the messages of one name.
#[derive(Default)]
struct Seen {
    total: u64,
    /// Those that are read otherwise, and their first frames.
    differing: u64,
    frames: Vec<u64>,
    /// By path: how many, and the first of them.
    fields: BTreeMap<String, (u64, Reading)>,
}

/// A field that both versions read.
#[derive(Clone, Debug)]
struct Reading {
    frame: u64,
    old: String,
    new: String,
}

impl Corpus {
    /// For the messages that the new version declares.
    ///
    /// # Errors
    ///
    /// A layout that the codec refuses.
    pub fn new(new: &Protocols) -> Result<Self, CodecError> {
        let mut codecs = HashMap::new();
        for protocol in new.list() {
            if let (Some(layout), Some(_)) = (protocol.format.layout(), protocol.declared) {
                let codec = Codec::new(layout, &protocol.words)?;
                codecs.entry(protocol.message.clone()).or_insert(codec);
            }
        }
        Ok(Self { codecs, seen: HashMap::new(), items: Vec::new() })
    }

    /// Takes what a frame brought to light by the old version.
    pub fn found(&mut self, found: &Found<'_>) {
        let Found::Message { captured, .. } = found else { return };
        let message = &captured.message;
        let Some(codec) = self.codecs.get(message.name) else { return };
        let seen = self.seen.entry(message.name.to_owned()).or_default();
        seen.total = seen.total.saturating_add(1);
        let wire_len = message.len.saturating_add(message.trailing).max(message.bytes.len());
        let mut items = std::mem::take(&mut self.items);
        let decoded = codec.decode(message.bytes, wire_len, &mut items);
        let new = codec.message(message.protocol, message.bytes, &decoded, &items);
        let differs = (message.error.is_some(), message.trailing, message.len)
            != (decoded.error.is_some(), decoded.trailing, decoded.len);
        let (before, after) = (values(message), values(&new));
        let mut is_other = differs;
        for (key, old) in &before {
            let Some(new) = after.get(key).filter(|it| *it != old) else { continue };
            is_other = true;
            let reading = || Reading { frame: captured.frame, old: old.clone(), new: new.clone() };
            let field = seen.fields.entry(key.0.clone());
            let field = field.or_insert_with(|| (0, reading()));
            // Elements of one array count once in a message.
            if key.1 == 0 || field.0 == 0 {
                field.0 = field.0.saturating_add(1);
            }
        }
        if is_other {
            seen.differing = seen.differing.saturating_add(1);
            note_frame(&mut seen.frames, captured.frame);
        }
        self.items = items;
    }

    /// Tells with each finding how many of its messages show it, and what one of them reads.
    pub fn prove(&self, findings: &mut [Finding]) {
        for finding in findings {
            let Some(seen) = finding.message.as_ref().and_then(|it| self.seen.get(it)) else {
                continue;
            };
            let own = finding.field.as_ref().and_then(|it| seen.fields.get(it));
            let is_of_field = matches!(finding.code, Code::Retyped | Code::ByteOrder);
            finding.total = seen.total;
            finding.support = match (is_of_field, own) {
                (true, own) => own.map_or(0, |it| it.0),
                (false, _) => seen.differing,
            };
            finding.frames = if finding.support > 0 { seen.frames.clone() } else { Vec::new() };
            let first = own.map(|it| (finding.field.as_deref().unwrap_or_default(), it));
            let any = seen.fields.iter().next().map(|(path, it)| (path.as_str(), it));
            let shown = first.or(any.filter(|_| !is_of_field));
            if let Some((path, (_, Reading { frame, old, new }))) = shown {
                finding
                    .notes
                    .push(format!("frame {frame}: `{path}` is {old}, and by the new header {new}"));
            }
        }
    }
}

/// Values by path, and by which of those of one path they are.
fn values(message: &Message<'_>) -> BTreeMap<(String, usize), String> {
    let mut values = BTreeMap::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for item in message.items {
        let Some(node) = message.node(item) else { continue };
        let text = match message.value(item) {
            Value::Unsigned(value) => value.to_string(),
            Value::Signed(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Name(text) => text.to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::Bytes(bytes) => format!("0x{}", hex(bytes)),
            Value::Shown(shown) => shown.to_string(),
            Value::Null | Value::Group | Value::List => continue,
        };
        let count = counts.entry(node.path.as_str()).or_default();
        values.insert((node.path.clone(), *count), text);
        *count = count.saturating_add(1);
    }
    values
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
