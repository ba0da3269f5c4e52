//! The objects of JSON that are written of a replay: a type for each, whose fields are the keys in
//! their order. As everywhere, keys may be added, never renamed.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::output::escape::json_escaped;
use crate::output::json_types::Text;
use crate::packet::StreamId;
use crate::replay::Reason;

/// What a run came to.
#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    pub conversations: u64,
    pub sent: Volume,
    pub received: Volume,
    pub matched: u64,
    pub differed: u64,
    pub missing: u64,
    pub skipped: Vec<Skipped<'a>>,
    pub lateness_us: Lateness,
    pub duration_s: f64,
    pub differences: Vec<Difference<'a>>,
    /// Only where it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
}

/// Messages and their bytes.
#[derive(Serialize)]
pub(super) struct Volume {
    pub messages: u64,
    pub bytes: u64,
}

/// How often something was left out.
#[derive(Serialize)]
pub(super) struct Skipped<'a> {
    pub reason: Text<&'a Reason>,
    pub count: u64,
}

/// Microseconds, to the nanosecond.
#[derive(Serialize)]
pub(super) struct Lateness {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

/// What is not as recorded.
#[derive(Serialize)]
pub(super) struct Difference<'a> {
    pub conversation: u32,
    pub message: u64,
    pub field: &'a str,
    pub expected: Option<&'a str>,
    pub actual: Option<&'a str>,
}

/// A conversation of a plan; lists are of the client, and of the server.
#[derive(Serialize)]
pub(super) struct Conversation<'a> {
    pub transport: &'static str,
    pub stream: StreamId,
    pub client: Text<SocketAddr>,
    pub server: Text<SocketAddr>,
    pub sends: [u64; 2],
    pub bytes: [u64; 2],
    pub start_s: f64,
    pub duration_s: f64,
    pub protocol: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<OwnLimit<'a>>,
}

/// What a side does in a conversation of TCP.
#[derive(Serialize)]
pub(super) struct Step {
    pub at_s: f64,
    pub side: &'static str,
    pub action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub len: Option<u64>,
}

/// What cannot work in the conversation that it stands in.
#[derive(Serialize)]
pub(super) struct OwnLimit<'a> {
    pub kind: &'static str,
    pub text: &'a str,
}

/// What a plan comes to.
#[derive(Serialize)]
pub(super) struct Preflight<'a> {
    pub conversations: u64,
    pub datagrams: u64,
    pub bytes: u64,
    pub duration_s: f64,
    pub skipped: Vec<Skipped<'a>>,
    pub notes: Vec<Skipped<'a>>,
    pub limits: Vec<Limit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits_more: Option<u64>,
}

/// What cannot work, and in which conversation.
#[derive(Serialize)]
pub(super) struct Limit<'a> {
    pub conversation: StreamId,
    pub transport: &'static str,
    pub kind: &'static str,
    pub text: &'a str,
}

/// Writes an outcome on a line. Its values come from live peers: control characters in them are
/// escaped, those beyond ASCII too. Numbers have no exponent.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn write_outcome(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    outcome.serialize(&mut Serializer::with_formatter(&mut line, Plain))?;
    line.push(b'\n');
    out.write_all(&line)
}

struct Plain;

impl Formatter for Plain {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value}")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut escaped = Vec::with_capacity(fragment.len());
        json_escaped(fragment, &mut escaped);
        writer.write_all(&escaped)
    }
}
