//! The objects of JSON output that are no messages: a type for each, whose fields are the keys in
//! their order. What is written of a replay lies with the replay's text.
//!
//! Other programs rely on it: keys may be added, never renamed. Times are RFC 3339 in UTC,
//! endpoints as they are displayed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::exchanges::{Numbers, Pairs};
use crate::capture::Timestamp;
use crate::flow::Anomaly;
use crate::packet::{Endpoint, StreamId};

/// Writes an object on a line.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn write_line(object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(object)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// What is written as text, as it is displayed.
pub(super) struct Text<T>(pub T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A capture.
#[derive(Serialize)]
pub(super) struct Info<'a> {
    pub file: &'a str,
    pub format: Option<&'static str>,
    pub frames: u64,
    pub bytes: u64,
    pub first: Option<Text<Timestamp>>,
    pub last: Option<Text<Timestamp>>,
    pub link_types: Vec<Cow<'static, str>>,
    pub truncated: bool,
    pub error: Option<String>,
    pub byte_order: Option<&'static str>,
    pub compression: Vec<&'static str>,
    pub wire_bytes: u64,
    pub snapped: u64,
    pub interface_count: u64,
    pub interfaces: Vec<Interface<'a>>,
}

/// An interface of a capture.
#[derive(Serialize)]
pub(super) struct Interface<'a> {
    pub name: Option<&'a str>,
    pub link_type: Cow<'static, str>,
    pub snaplen: u32,
}

/// A conversation; lists are from `a` to `b`, and back.
#[derive(Serialize)]
pub(super) struct Conversation<'a> {
    pub transport: &'static str,
    pub stream: StreamId,
    pub a: Text<Endpoint>,
    pub b: Text<Endpoint>,
    pub packets: [u64; 2],
    pub bytes: [u64; 2],
    pub start: Option<Text<Timestamp>>,
    pub duration_s: Option<f64>,
    pub protocol: Option<&'a str>,
    #[serde(serialize_with = "by_reason")]
    pub anomalies: &'a [(Anomaly, u64)],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Numbers<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
}

fn by_reason<S: Serializer>(counts: &[(Anomaly, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(reason, count)| (reason.as_str(), count)))
}

/// Counts under their names.
pub(super) type Counts<'a> = BTreeMap<Cow<'a, str>, u64>;

/// The closing summary of conversations.
#[derive(Serialize)]
pub(super) struct FlowSummary<'a> {
    pub frames: u64,
    pub conversations: Counts<'static>,
    pub undecoded: Counts<'static>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Numbers<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    pub unnumbered: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The closing summary of messages.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    pub frames: u64,
    pub messages: u64,
    pub protocols: Counts<'a>,
    pub undecoded: Counts<'static>,
    pub anomalies: Counts<'static>,
    pub by_message: Vec<MessageCount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub idle_rules: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingCounts>,
}

/// How many messages of a kind there are.
#[derive(Serialize)]
pub(super) struct MessageCount<'a> {
    pub protocol: &'a str,
    pub message: &'a str,
    pub messages: u64,
}

/// How many findings of each level there are, and how many were allowed.
#[derive(Serialize)]
pub(super) struct FindingCounts {
    pub error: usize,
    pub warning: usize,
    pub note: usize,
    pub allowed: usize,
}

/// A finding; what is not known of it has no key.
#[derive(Serialize)]
pub(super) struct Finding<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<Text<Endpoint>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dst: Option<Text<Endpoint>>,
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    pub frames: &'a [u64],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub len: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub notes: &'a [String],
}

/// A line of a header, from 1.
#[derive(Serialize)]
pub(super) struct HeaderPlace<'a> {
    pub file: &'a str,
    pub line: usize,
}

/// A message as an ABI lays it out, or why it does not.
#[derive(Serialize)]
pub(super) struct Layout<'a> {
    pub name: &'a str,
    pub abi: &'static str,
    #[serde(flatten)]
    pub laid_out: LaidOut<'a>,
}

/// What became of it.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum LaidOut<'a> {
    Placed {
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        size: u64,
        align: u64,
        min_len: u64,
        fields: Vec<Field<'a>>,
        holes: Vec<Hole>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tail: Option<Tail<'a>>,
    },
    Refused {
        error: String,
    },
}

/// A member; offsets and bits count from the start of the outermost record.
#[derive(Serialize)]
pub(super) struct Field<'a> {
    pub name: Option<&'a str>,
    pub r#type: String,
    pub offset: u64,
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<Bits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Field<'a>>>,
}

/// A bit-field's first bit and its width.
#[derive(Serialize)]
pub(super) struct Bits {
    pub first: u64,
    pub width: u32,
}

/// Bytes that no member covers.
#[derive(Serialize)]
pub(super) struct Hole {
    pub offset: u64,
    pub len: u64,
}

/// An array at the end of which a message may have fewer elements.
#[derive(Serialize)]
pub(super) struct Tail<'a> {
    pub name: Option<&'a str>,
    pub offset: u64,
    pub stride: u64,
}

/// A piece of a conversation: `text`, or `hex` where it is no plain text, or `missing`.
#[derive(Serialize)]
pub(super) struct Piece<'a> {
    pub side: &'static str,
    pub src: Text<Endpoint>,
    pub dst: Text<Endpoint>,
    pub frame: u64,
    pub time: Option<Text<Timestamp>>,
    pub offset: u64,
    pub len: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
}
