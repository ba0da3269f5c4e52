//! What was seen of one sender and one code, folded: how often, where first, and how bad.

use super::code::Code;
use super::field_ranges::Outside;
use super::field_sums::WrongSum;
use super::{Evidence, Finding, HeaderPlace, http_framing, lies};
use crate::decode::FramingFault;
use crate::message::ErrorKind;
use crate::packet::{Endpoint, StreamId};
use crate::profile::{ProtocolId, Protocols};

/// Frames that a finding names.
const MAX_FRAMES: usize = 5;
/// Bytes of a message that a finding shows.
const MAX_EVIDENCE: usize = 64;

/// Where something was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence {
    pub frame: u64,
    pub stream: StreamId,
    pub src: Endpoint,
    pub dst: Endpoint,
}

/// One kind of mistake of one sender.
pub(super) struct Sight {
    pub code: Code,
    pub support: u64,
    pub frames: Vec<u64>,
    pub first: Occurrence,
    pub detail: Detail,
    pub evidence: Option<Evidence>,
}

/// What more there is to say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Detail {
    Nothing,
    /// The longest message, bytes; and whether one was over the limit, or came in fragments.
    Size {
        longest: u64,
        is_over: bool,
        is_fragmented: bool,
    },
    /// The messages that fit as well.
    Rivals(String),
    /// How a text record is declared to end.
    End(String),
    /// What is wrong with how a message of HTTP ends.
    Framing(FramingFault),
    /// A field that is no sum of its message.
    Sum(WrongSum),
    /// A field whose value is outside its range.
    Outside(Outside),
    /// What a message says of its length, its counts or its cases does not fit it: the kind, and the field.
    Lie(ErrorKind, String),
    /// Bytes that are left over behind a message that says how long it is.
    LeftOver(usize),
    /// Bytes that the length counts, and no member has.
    Unclaimed(usize),
    /// The sender has left the group, and was not seen to join it.
    Left,
}

impl Sight {
    pub fn new(code: Code, first: Occurrence, detail: Detail, evidence: Option<Evidence>) -> Self {
        Self { code, support: 0, frames: Vec::new(), first, detail, evidence }
    }

    /// Counts one more message that shows it.
    pub fn count(&mut self, frame: u64) {
        self.support = self.support.saturating_add(1);
        note_frame(&mut self.frames, frame);
    }

    /// Whether it is of a code, and of the kind that the code has several of.
    pub fn is(&self, code: Code, kind: Option<FramingFault>) -> bool {
        let own = match self.detail {
            Detail::Framing(fault) => Some(fault),
            Detail::Sum(_) | Detail::Outside(_) | Detail::Lie(ErrorKind::Limit, _) => return false,
            _ => None,
        };
        self.code == code && own == kind
    }

    /// Whether it is of a field that is no sum of its message.
    pub fn is_sum_of(&self, path: &str) -> bool {
        matches!(&self.detail, Detail::Sum(wrong) if wrong.path == path)
    }

    /// Whether it is of a bound of what is read.
    pub fn is_beyond(&self) -> bool {
        matches!(self.detail, Detail::Lie(ErrorKind::Limit, _))
    }

    /// Folds in the size of another message.
    pub fn size(&mut self, size: &Detail) {
        if let Detail::Size { longest, is_over, is_fragmented } = &mut self.detail
            && let Detail::Size { longest: len, is_over: over, is_fragmented: fragmented } = *size
        {
            *longest = len.max(*longest);
            *is_over |= over;
            *is_fragmented |= fragmented;
        }
    }

    /// The finding that it comes to, of `total` messages of a protocol.
    pub fn finding(
        &self,
        total: u64,
        protocol: Option<ProtocolId>,
        name: Option<&str>,
        protocols: &Protocols,
    ) -> Finding {
        let protocol = protocol.and_then(|it| protocols.get(it));
        let declared =
            matches!(self.code, Code::Oversize | Code::Delimiter | Code::Ambiguous | Code::Length);
        let header = match (protocol, &self.detail) {
            (Some(protocol), Detail::Sum(wrong)) => {
                HeaderPlace::of_field(protocols, protocol, &wrong.path)
            }
            (Some(protocol), Detail::Outside(outside)) => {
                HeaderPlace::of_field(protocols, protocol, &outside.path)
            }
            _ => protocol.filter(|_| declared).and_then(|it| HeaderPlace::of(protocols, it)),
        };
        let field = match &self.detail {
            Detail::Sum(wrong) => Some(wrong.path.clone()),
            Detail::Outside(outside) => Some(outside.path.clone()),
            _ => None,
        };
        let max_len = protocol.and_then(|it| it.max_len);
        let (text, help) = self.words(max_len, name);
        Finding {
            code: self.code,
            level: self.code.level(),
            text,
            protocol: protocol.map(|it| it.name.clone()),
            message: name.map(str::to_owned),
            field,
            stream: Some(self.first.stream),
            src: Some(self.first.src),
            dst: Some(self.first.dst),
            frames: self.frames.clone(),
            support: self.support,
            total,
            confidence: None,
            offset: self.evidence.as_ref().map(|it| it.offset as u64),
            len: self.evidence.as_ref().map(|it| it.len as u64),
            header,
            help,
            evidence: self.evidence.clone(),
            notes: Vec::new(),
        }
    }

    /// The text, and what to do.
    fn words(&self, max_len: Option<u64>, name: Option<&str>) -> (String, Option<String>) {
        let (text, help) = match (self.code, &self.detail) {
            (Code::Oversize, Detail::Size { longest, is_over: true, is_fragmented }) => {
                let max = max_len.unwrap_or_default();
                let fragments = if *is_fragmented { ", in fragments" } else { "" };
                (
                    format!("{longest} bytes{fragments}, and the receiver's buffer holds {max}"),
                    format!("send at most {max} bytes, or receive into a larger buffer"),
                )
            }
            (Code::Oversize, Detail::Size { longest, .. }) => (
                format!("a datagram of {longest} bytes arrived in fragments"),
                "send less at once: with one fragment lost, the datagram is".to_owned(),
            ),
            (Code::Delimiter, Detail::End(end)) => (
                format!("only the close ends the record, not {end}"),
                format!("write {end} too, as the format says"),
            ),
            (Code::Delimiter, _) => (
                "only the close ends the record".to_owned(),
                "let the format end with a delimiter such as \\r\\n, and write it".to_owned(),
            ),
            (_, Detail::Sum(wrong)) => wrong.words(),
            (_, Detail::Outside(outside)) => outside.words(),
            (Code::Checksum, _) => (
                "a checksum is wrong, and offload does not explain it".to_owned(),
                "look for damage on the way, or for a sender that makes its own packets".to_owned(),
            ),
            (_, Detail::Lie(kind, field)) => lies::words(*kind, field),
            (Code::Trailing, Detail::LeftOver(len)) => (
                match len {
                    1 => "a byte is left over behind what the message says that it has".to_owned(),
                    len => format!(
                        "{len} bytes are left over behind what the message says that it has"
                    ),
                },
                "let the length say all that is sent, or send no more than it says".to_owned(),
            ),
            (Code::Trailing, Detail::Unclaimed(len)) => (
                match len {
                    1 => "a byte that the length counts is none of its members'".to_owned(),
                    len => format!("{len} bytes that the length counts are none of its members'"),
                },
                "let the length say no more than is sent; or declare what these bytes are"
                    .to_owned(),
            ),
            (Code::HttpBareLf, _) => (
                "a line ends with LF alone".to_owned(),
                "end lines with \\r\\n: strict servers answer 400".to_owned(),
            ),
            (Code::HttpFraming, Detail::Framing(fault)) => {
                let (text, help) = http_framing::words(*fault);
                (text, help.to_owned())
            }
            (Code::Ambiguous, Detail::Rivals(rivals)) => (
                format!("{rivals} would fit as well as {}", name.unwrap_or_default()),
                format!(
                    "say which it is: {}; until then neither its layout nor its byte order is judged",
                    rule(self.first)
                ),
            ),
            (Code::GroupJoin, Detail::Left) => (
                format!(
                    "the sender was a member of {}, to which it sends: it reports that it leaves the \
                     group, or drops sources of it",
                    self.first.dst.host()
                ),
                "only receivers need IP_ADD_MEMBERSHIP or IPV6_JOIN_GROUP".to_owned(),
            ),
            (Code::GroupJoin, _) => (
                format!("the sender is a member of {}, to which it sends", self.first.dst.host()),
                "only receivers need IP_ADD_MEMBERSHIP or IPV6_JOIN_GROUP".to_owned(),
            ),
            (code, _) => (code.as_str().to_owned(), String::new()),
        };
        (text, Some(help).filter(|it| !it.is_empty()))
    }
}

/// The option that says what is sent to a place.
fn rule(place: Occurrence) -> String {
    let port = place.dst.port();
    port.map_or_else(|| "-d".to_owned(), |port| format!("-d udp.port=={port},MESSAGE"))
}

/// Adds a frame to the first few.
pub(super) fn note_frame(frames: &mut Vec<u64>, frame: u64) {
    if frames.len() < MAX_FRAMES && frames.last() != Some(&frame) {
        frames.push(frame);
    }
}

/// Bytes of a message to show; `None` where they are not among its first.
pub(super) fn evidence(bytes: &[u8], frame: u64, offset: usize, len: usize) -> Option<Evidence> {
    let shown = bytes.len().min(MAX_EVIDENCE);
    let len = len.min(shown.checked_sub(offset)?);
    let bytes = bytes.get(..shown)?.to_vec();
    (len > 0).then_some(Evidence { frame, bytes, offset, len })
}

/// The first line that a line feed without a carriage return ends; what follows it need not be
/// as it was on the wire. `None` where the line is not among the first bytes.
pub(super) fn bare_lf(head: &[u8], frame: u64) -> Option<Evidence> {
    let is_bare = |at: usize| at.checked_sub(1).and_then(|it| head.get(it)) != Some(&b'\r');
    let at = memchr::memchr_iter(b'\n', head).find(|&at| is_bare(at))?;
    evidence(head.get(..=at)?, frame, at, 1)
}
