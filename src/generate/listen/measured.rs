//! Which fields a listener measures by: those that the user names, or those that a profile calls a
//! counter and a time.

use super::sent_at::{SentAt, TimeField};
use crate::message::{FieldRef, FieldTable, Known, Message, Owner, Scalar};
use crate::profile::{FieldRules, Protocol, Protocols, TimeUnit};

/// The fields by which messages are measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Of each message the first of these counts that it has.
    counters: Vec<FieldRef>,
    /// The same for when it was sent.
    times: Vec<SentAt>,
}

/// A number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// It, in its two's complement where it is signed.
    pub value: u64,
    /// So many bits are known of it.
    pub bits: u32,
}

impl Measured {
    /// By what the user names; where that is nothing, by what the profile says.
    pub fn new(
        protocols: &Protocols,
        known: &[Known<'_>],
        counter: Option<FieldRef>,
        sent_at: Option<SentAt>,
    ) -> Self {
        let mut measured = Self::default();
        for it in known {
            let named = |protocol: &&Protocol| protocol.name == it.protocol;
            let Some(protocol) = protocols.list().iter().find(named) else { continue };
            measured.counters.extend(counters(protocol, it.table));
            measured.times.extend(time(protocol, it.table));
        }
        if let Some(counter) = counter {
            measured.counters = vec![counter];
        }
        if let Some(sent_at) = sent_at {
            measured.times = vec![sent_at];
        }
        measured
    }

    /// The message's number, where it has one.
    pub fn number(&self, message: &Message<'_>) -> Option<Number> {
        let item = self.counters.iter().find_map(|it| it.item(message))?;
        let value = match item.scalar {
            Scalar::Unsigned(value) => value,
            Scalar::Signed(value) => value.cast_unsigned(),
            _ => return None,
        };
        // The digits of a text have no width of their own.
        let is_text = message.table.between != crate::message::Between::Holes;
        Some(Number { value, bits: if is_text { 64 } else { item.len.saturating_mul(8) } })
    }

    /// Nanoseconds from when the message was sent to its arrival, which is told as nanoseconds since
    /// 1970. `None` where nothing says when it was sent; `Some(None)` where what does makes no sense.
    pub fn latency(&self, message: &Message<'_>, arrival: i64) -> Option<Option<i64>> {
        let sent_at = self.times.iter().find(|it| it.is_in(message))?;
        Some(sent_at.latency(message, arrival))
    }

    /// Whether nothing is counted.
    pub fn is_without_counter(&self) -> bool {
        self.counters.is_empty()
    }

    /// Whether nothing says when messages were sent.
    pub fn is_without_time(&self) -> bool {
        self.times.is_empty()
    }
}

/// The fields of a protocol's message that the profile calls counters, in declared order.
fn counters(protocol: &Protocol, table: &FieldTable) -> impl Iterator<Item = FieldRef> {
    let is_counter = |path: &&str| protocol.fields.get(*path).is_some_and(|it| it.counter);
    table.paths().filter(is_counter).map(|path| field(protocol, path))
}

/// The first field that the profile calls a time; where it counts seconds, with parts of a second
/// right behind it.
fn time(protocol: &Protocol, table: &FieldTable) -> Option<SentAt> {
    let unit = |path: &str| protocol.fields.get(path).and_then(|it: &FieldRules| it.time);
    let mut paths = table.paths().skip_while(|path| unit(path).is_none());
    let first = paths.next()?;
    let field = |path, unit| TimeField { field: field(protocol, path), unit: Some(unit) };
    let whole = unit(first)?;
    let part = paths.next().and_then(|path| Some((path, unit(path)?)));
    let part = part.filter(|(_, part)| whole == TimeUnit::S && *part != TimeUnit::S);
    let fields = [Some((first, whole)), part].into_iter().flatten();
    Some(SentAt::new(fields.map(|(path, unit)| field(path, unit)).collect()))
}

fn field(protocol: &Protocol, path: &str) -> FieldRef {
    FieldRef::Field { owner: Owner::Protocol(protocol.name.clone()), path: path.to_owned() }
}
