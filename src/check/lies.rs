//! Messages that say something of themselves that is not so: a length that is not theirs, a count of more than
//! there is, a type that there is not.
//!
//! Only of protocols whose profile has words for that: of all others the length is weighed against the
//! layouts that a compiler may have given the struct.

use super::Evidence;
use super::code::Code;
use super::sight::{Detail, evidence};
use crate::message::{ErrorKind, Mark, Message};

/// What a message says of itself that is not so, of a protocol whose messages say how long they are; and
/// the bytes of `frame` that show it.
pub(super) fn of(message: &Message<'_>, frame: u64) -> Option<(Code, Detail, Option<Evidence>)> {
    let bytes = message.bytes;
    if message.marks.contains(Mark::CutShort) {
        return None;
    }
    if let Some(error) = message.error {
        let last = bytes.len().saturating_sub(1);
        let shown = evidence(bytes, frame, error.offset.min(last), 4);
        let detail = Detail::Lie(error.kind, error.context.to_owned());
        return is_lie(error.kind).then_some((Code::Length, detail, shown));
    }
    let left = message.trailing;
    let shown = || evidence(bytes, frame, message.len, left);
    (left > 0).then(|| (Code::Trailing, Detail::LeftOver(left), shown()))
}

/// A capture that ends early says nothing of the sender, nor does a bound of what is read.
fn is_lie(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Short | ErrorKind::Malformed => true,
        ErrorKind::Snapped | ErrorKind::UnknownCase | ErrorKind::Limit => false,
    }
}

/// The text of a finding, and what to do.
pub(super) fn words(kind: ErrorKind, field: &str) -> (String, String) {
    match kind {
        ErrorKind::Short => (
            format!("the message ends within `{field}`: a length or a count before it says more"),
            "send as much as lengths and counts say, or say what is sent".to_owned(),
        ),
        _ => (
            format!("what `{field}` says cannot be: it is less than what there is in any case"),
            format!("let `{field}` count what the receiver takes it to count"),
        ),
    }
}
