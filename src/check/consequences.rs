//! What follows from another finding is none of its own.

use super::Finding;
use super::code::Code;
use super::sight::Detail;
use crate::packet::Host;

/// What was inferred of the senders, by which what their messages show is judged.
pub(super) struct Inferred<'f>(pub &'f [Finding]);

impl Inferred<'_> {
    /// Whether it explains what was seen: where fields lie elsewhere than declared, what was read as a
    /// sum or a value is something else; and so it is where the bytes of a value are the other way round.
    pub fn explains(&self, seen: &Finding, detail: &Detail) -> bool {
        let of_sender = || self.0.iter().filter(|it| sent(it) == sent(seen));
        let is_moved = || {
            of_sender().any(|it| matches!(it.code, Code::Padding | Code::TypeWidth | Code::Drift))
        };
        let is_turned = || {
            let mut of_field = of_sender().filter(|it| it.field == seen.field);
            of_field.any(|it| matches!(it.code, Code::ByteOrder | Code::Undecided))
        };
        match detail {
            Detail::Sum(_) => is_moved(),
            Detail::Outside(outside) => is_moved() || outside.is_swapped() && is_turned(),
            _ => false,
        }
    }
}

/// What was sent, and by whom.
fn sent(it: &Finding) -> (Option<&str>, Option<&str>, Option<Host>) {
    (it.protocol.as_deref(), it.message.as_deref(), it.src.map(|it| it.host()))
}
