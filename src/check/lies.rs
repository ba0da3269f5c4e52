//! Messages that say something of themselves that is not so: a length that is not theirs, a count of more than
//! there is, a type that there is not.
//!
//! Only of protocols whose profile has words for that: of all others the length is weighed against the
//! layouts that a compiler may have given the struct.

use std::ops::Range;

use super::Evidence;
use super::code::Code;
use super::sight::{Detail, evidence};
use crate::decode::codec::{MAX_ITEMS, MAX_STREAMED_LEN};
use crate::message::{ErrorKind, Mark, Message};
use crate::profile::{Case, Protocol};

/// What a message says of itself that is not so, of a protocol whose messages say how long they are; and
/// the bytes of `frame` that show it.
pub(super) fn of(
    message: &Message<'_>,
    frame: u64,
    protocol: &Protocol,
) -> Option<(Code, Detail, Option<Evidence>)> {
    if !protocol.says_lengths() {
        return None;
    }
    let bytes = message.bytes;
    if message.marks.contains(Mark::CutShort) {
        return None;
    }
    if let Some(error) = message.error {
        let last = bytes.len().saturating_sub(1);
        let shown =
            evidence(bytes, frame, error.offset.min(last), field_len(message, error.offset));
        let detail = Detail::Lie(error.kind, error.context.to_owned());
        return code(error.kind).map(|code| (code, detail, shown));
    }
    let (from, detail) = match (message.trailing, unclaimed(message, protocol)) {
        (left @ 1.., _) => (message.len..message.len.saturating_add(left), Detail::LeftOver(left)),
        (0, Some(rest)) => (rest.clone(), Detail::Unclaimed(rest.len())),
        (0, None) => return None,
    };
    Some((Code::Trailing, detail, evidence(bytes, frame, from.start, from.len())))
}

/// The bytes at the end of a message that its length counts, and no member has. What a case says is nothing may
/// be anything.
fn unclaimed(message: &Message<'_>, protocol: &Protocol) -> Option<Range<usize>> {
    let words = &protocol.words;
    let is_open = message.name == protocol.message && words.cases.iter().any(Case::is_nothing);
    if words.length.is_none() || is_open {
        return None;
    }
    let layout = protocol.layouts().find(|it| it.name == message.name)?;
    let items = message.items.iter().map(|it| (it.offset as usize).saturating_add(it.len as usize));
    // Behind its last member a struct may have padding.
    let size = usize::try_from(layout.size).unwrap_or(usize::MAX);
    let end = items.max().unwrap_or(0).max(size);
    (end < message.len).then_some(end..message.len)
}

/// The bytes of the field that an error is told of.
fn field_len(message: &Message<'_>, offset: usize) -> usize {
    const UNREAD: usize = 4;
    let fields = message.items.iter().filter(|it| it.offset as usize == offset && it.len > 0);
    fields.map(|it| it.len as usize).min().unwrap_or(UNREAD)
}

/// A capture that ends early says nothing of the sender. What is beyond the bounds of what is read may be so.
fn code(kind: ErrorKind) -> Option<Code> {
    match kind {
        ErrorKind::Short | ErrorKind::Malformed => Some(Code::Length),
        ErrorKind::Limit => Some(Code::Oversize),
        ErrorKind::Snapped | ErrorKind::UnknownCase => None,
    }
}

/// The text of a finding, and what to do.
pub(super) fn words(kind: ErrorKind, field: &str) -> (String, String) {
    match kind {
        ErrorKind::Short => (
            format!("the message ends within `{field}`: a length or a count before it says more"),
            "send as much as lengths and counts say, or say what is sent".to_owned(),
        ),
        ErrorKind::Limit => (
            format!(
                "what `{field}` says is more than is read of one message: {MAX_STREAMED_LEN} bytes of a stream, \
                 {MAX_ITEMS} fields"
            ),
            format!(
                "look whether `{field}` lies there, and in which byte order; what is behind it is not decoded"
            ),
        ),
        _ => (
            format!(
                "what `{field}` says cannot be: it is less than what there is in any case, or more \
                 than what is around it"
            ),
            format!("let `{field}` count what the receiver takes it to count"),
        ),
    }
}
