//! Fields that a profile calls sums, and that do not say what they should.
//!
//! Only whole messages are looked at: what was not captured cannot be added up.

use super::code::Code;
use super::senders::Sender;
use super::sight::{Detail, Occurrence, Sight, evidence};
use crate::decode::codec::{FoundSum, FoundSums, Sums};
use crate::message::Message;
use crate::profile::Protocol;

/// The sums of one protocol, looked up in the fields of its messages; `None` before the first one.
#[derive(Default)]
pub(super) struct FieldSums(Option<Sums>);

/// How often a field of a sender was added up.
pub(super) struct Verified {
    pub path: Box<str>,
    pub messages: u64,
}

/// A sum that does not fit, as the first message has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrongSum {
    pub path: String,
    algorithm: &'static str,
    /// What it is over, as the profile says.
    over: String,
    len: usize,
    said: u64,
    computed: u64,
    /// All messages would fit with the bytes the other way round.
    is_swapped: bool,
}

impl FieldSums {
    /// Looks at the sums of a message of a protocol; how many were beyond the bound.
    pub fn check(
        &mut self,
        protocol: &Protocol,
        sender: &mut Sender,
        place: Occurrence,
        message: &Message<'_>,
    ) -> u64 {
        let sums = self.0.get_or_insert_with(|| Sums::new(message.table, protocol.sums()));
        if sums.is_empty() {
            return 0;
        }
        let whole = message.bytes.get(..message.len).filter(|_| message.error.is_none());
        let Some(bytes) = whole else { return 0 };
        let FoundSums { list, left_out } = sums.of(message.items, bytes);
        list.iter().for_each(|it| look(sender, place, it, bytes));
        left_out
    }
}

fn look(sender: &mut Sender, place: Occurrence, found: &FoundSum, bytes: &[u8]) {
    let computed = found.computed(bytes);
    match sender.sums.iter_mut().find(|it| *it.path == *found.path()) {
        Some(known) => known.messages = known.messages.saturating_add(1),
        None => sender.sums.push(Verified { path: found.path().into(), messages: 1 }),
    }
    if found.said == computed {
        return;
    }
    let is_swapped = found.swapped() == computed;
    let first = || {
        let wrong = WrongSum::new(found, computed, is_swapped);
        let shown = evidence(bytes, place.frame, found.span.start, found.span.len());
        Sight::new(Code::Checksum, place, Detail::Sum(wrong), shown)
    };
    let sight = sender.sight(place.frame, |it| it.is_sum_of(found.path()), first);
    if let Some(Detail::Sum(wrong)) = sight.map(|it| &mut it.detail) {
        wrong.is_swapped &= is_swapped;
    }
}

impl WrongSum {
    fn new(found: &FoundSum, computed: u64, is_swapped: bool) -> Self {
        let rule = &found.rule().rule;
        let ranges: Vec<_> = rule.over.iter().map(ToString::to_string).collect();
        Self {
            path: found.path().to_owned(),
            algorithm: rule.algorithm.map_or("", |it| it.name),
            over: if ranges.is_empty() { "0..end".to_owned() } else { ranges.join(", ") },
            len: found.span.len(),
            said: found.said,
            computed,
            is_swapped,
        }
    }

    /// How many messages of a sender were added up.
    pub fn total(&self, sender: &Sender) -> u64 {
        sender.sums.iter().find(|it| *it.path == *self.path).map_or(0, |it| it.messages)
    }

    /// The text, and what to do.
    pub fn words(&self) -> (String, String) {
        let Self { path, algorithm, over, len, said, computed, .. } = self;
        let digits = len.saturating_mul(2).saturating_add(2);
        let text = format!(
            "`{path}` is {said:#0digits$x}, and {algorithm} over {over} is {computed:#0digits$x}"
        );
        let help = match self.is_swapped {
            true => format!(
                "its bytes are in the other order: turn them around at the sender, or say \
                 `byte_order` of `{path}` in the profile"
            ),
            false => format!(
                "let the sender set `{path}` last, or correct `checksum`, `over` or `seed` in the profile; \
                 where it fits most messages, look for damage on the way"
            ),
        };
        (text, help)
    }
}
