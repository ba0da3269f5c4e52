//! The objects of JSON that are written of a replay: a type for each, whose fields are the keys in
//! their order. As everywhere, keys may be added, never renamed.

use std::net::SocketAddr;

use serde::Serialize;

use crate::output::json_types::Text;
use crate::output::outcome_parts::{Quantiles, Skipped, Volume};
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
    pub skipped: Vec<Skipped<&'a Reason>>,
    pub lateness_us: Quantiles,
    pub duration_s: f64,
    pub differences: Vec<Difference<'a>>,
    /// Only where it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
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
    pub skipped: Vec<Skipped<&'a Reason>>,
    pub notes: Vec<Skipped<&'a Reason>>,
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
