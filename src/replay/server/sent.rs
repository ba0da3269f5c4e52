//! Where the answers lie in what a recorded server sent.
//!
//! They are asked for in their order, so that all of it is gone through once.

use crate::flow::Side;
use crate::replay::{Action, Conversation, Span};

/// What a server sent, which is gone through once.
pub(super) struct Sent<'c> {
    /// Each with its length; `None` for what the capture lacks.
    parts: Box<dyn Iterator<Item = (u64, Option<Span>)> + 'c>,
    /// The one under way, and where it begins.
    part: Option<(u64, Option<Span>)>,
    offset: u64,
}

impl<'c> Sent<'c> {
    pub fn new(conversation: &'c Conversation) -> Self {
        let of_server = conversation.steps.iter().filter(|step| step.side == Side::Server);
        let mut parts = of_server.flat_map(|step| {
            let (spans, missing) = match &step.action {
                Action::Send(range) => (conversation.sent(range), None),
                Action::Missing(len) => (&[][..], Some((*len, None))),
                Action::Finish | Action::Reset => (&[][..], None),
            };
            spans.iter().map(|span| (u64::from(span.len), Some(*span))).chain(missing)
        });
        let part = parts.next();
        Self { parts: Box::new(parts), part, offset: 0 }
    }

    /// The bytes from `begin` to `end`, which lie behind those asked for before; `None` where the
    /// capture lacks some.
    pub fn slice(&mut self, begin: u64, end: u64) -> Option<Vec<Span>> {
        let (mut spans, mut is_whole) = (Vec::new(), true);
        while let Some((len, span)) = self.part.filter(|_| self.offset < end) {
            let next = self.offset.saturating_add(len);
            match span {
                Some(span) => spans.extend(overlap(span, self.offset, begin, end)),
                None => is_whole &= next <= begin || begin >= end,
            }
            if next > end {
                break;
            }
            (self.part, self.offset) = (self.parts.next(), next);
        }
        is_whole.then_some(spans)
    }
}

/// The part of a span at `offset` that lies between `begin` and `end`.
pub(super) fn overlap(span: Span, offset: u64, begin: u64, end: u64) -> Option<Span> {
    let next = offset.saturating_add(u64::from(span.len));
    let (first, last) = (begin.max(offset), end.min(next));
    let len = last.checked_sub(first).filter(|len| *len > 0)?;
    let into = first.saturating_sub(offset);
    let len = u32::try_from(len).ok()?;
    Some(Span { offset: span.offset.saturating_add(into), len, ..span })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::packet::{StreamId, Transport};
    use crate::replay::Step;

    #[test]
    fn slices_are_cut_where_answers_end_and_none_has_a_gap() {
        let span = |offset, len| Span { offset, len, is_spooled: false };
        let step = |side, action| Step { at: Duration::ZERO, side, action };
        let conversation = Conversation {
            transport: Transport::Tcp,
            stream: StreamId(0),
            client: ([127, 0, 0, 1], 1).into(),
            server: ([127, 0, 0, 1], 2).into(),
            start: Duration::ZERO,
            steps: vec![
                step(Side::Client, Action::Send(0..1)),
                step(Side::Server, Action::Send(1..3)),
                step(Side::Server, Action::Missing(5)),
                step(Side::Server, Action::Send(3..4)),
                step(Side::Server, Action::Finish),
            ],
            // The server's bytes: 0 to 10, 10 to 20, 20 to 25 lacking, 25 to 35.
            spans: vec![span(0, 9), span(100, 10), span(200, 10), span(300, 10)],
        };
        let mut sent = Sent::new(&conversation);
        assert_eq!(sent.slice(0, 0), Some(vec![]));
        assert_eq!(sent.slice(0, 4), Some(vec![span(100, 4)]));
        assert_eq!(sent.slice(4, 12), Some(vec![span(104, 6), span(200, 2)]));
        assert_eq!(sent.slice(13, 15), Some(vec![span(203, 2)]));
        assert_eq!(sent.slice(18, 22), None);
        assert_eq!(sent.slice(22, 26), None);
        assert_eq!(sent.slice(26, 26), Some(vec![]));
        assert_eq!(sent.slice(26, 40), Some(vec![span(301, 9)]));
        assert_eq!(sent.slice(40, 50), Some(vec![]));
    }
}
