//! Which fields a listener measures by: those that the user names, or those that a profile calls a
//! counter and a time.

use std::sync::Arc;

use super::sent_at::{SentAt, TimeField};
use crate::message::{Between, FieldRef, FieldTable, Known, Message, Owner, Scalar};
use crate::profile::{FieldRules, Protocol, Protocols, TimeUnit};
use crate::schema::ResolvedLayout;

/// The fields by which messages are measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Of each message the first of these counts that it has.
    counters: Vec<Counter>,
    /// The same for when it was sent.
    times: Vec<SentAt>,
}

/// A field that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counter {
    field: FieldRef,
    /// Of a bit-field.
    bits: Option<u32>,
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
            let Some(protocol) = protocols.read().find(named) else { continue };
            measured.counters.extend(counters(protocol, it));
            measured.times.extend(time(protocol, it.table));
        }
        if let Some(field) = counter {
            let layouts = protocols.read().flat_map(Protocol::layouts);
            let bits = path_of(&field).and_then(|path| bits(layouts, path));
            measured.counters = vec![Counter { field, bits }];
        }
        if let Some(sent_at) = sent_at {
            measured.times = vec![sent_at];
        }
        measured
    }

    /// The message's number, where it has one.
    pub fn number(&self, message: &Message<'_>) -> Option<Number> {
        let item = |it: &Counter| Some((it.field.item(message)?, it.bits));
        let (item, bits) = self.counters.iter().find_map(item)?;
        let value = match item.scalar {
            Scalar::Unsigned(value) => value,
            Scalar::Signed(value) => value.cast_unsigned(),
            _ => return None,
        };
        // The digits of a text have no width of their own.
        let is_struct = message.table.between == Between::Holes;
        let whole = if is_struct { item.len.saturating_mul(8) } else { u64::BITS };
        Some(Number { value, bits: bits.unwrap_or(whole) })
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
fn counters<'k>(
    protocol: &'k Protocol,
    known: &'k Known<'_>,
) -> impl Iterator<Item = Counter> + 'k {
    let is_counter =
        |path: &&str| protocol.fields.get(*path).is_some_and(|it| it.counter.is_some());
    known.table.paths().filter(is_counter).map(|path| {
        let bits = bits(protocol.layouts(), path);
        Counter { field: field(protocol, path), bits }
    })
}

/// The width of a bit-field, which is less than the bytes that it touches.
fn bits<'l>(mut layouts: impl Iterator<Item = &'l Arc<ResolvedLayout>>, path: &str) -> Option<u32> {
    layouts.find_map(|it| it.find(path)?.1.bits().map(|it| it.width))
}

fn path_of(field: &FieldRef) -> Option<&str> {
    match field {
        FieldRef::Field { path, .. } => Some(path),
        _ => None,
    }
}

/// The first field that the profile calls a time; where it counts seconds, with parts of a second
/// right behind it.
fn time(protocol: &Protocol, table: &FieldTable) -> Option<SentAt> {
    let unit = |path: &str| protocol.fields.get(path).and_then(FieldRules::dated);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Dissector, Found};
    use crate::packet::Packet;
    use crate::profile::Options;

    const HEADER: &str = "#include <stdint.h>
        struct beat {
            uint8_t kind : 4, seq : 4;
            uint16_t other;
            struct { uint32_t tv_sec, tv_usec; } at;
        } __attribute__((packed));
        struct stamped {
            uint8_t kind : 4, seq : 4;
            uint16_t other;
            uint64_t at;
        } __attribute__((packed));";

    const PROFILE: &str = "[[protocol]]
        name = 'beats'
        header = 'beat.h'
        message = 'beat'
        decode_as = ['udp.port==5']
        [protocol.fields]
        seq = { counter = true }
        at.tv_sec = { time = 's' }
        at.tv_usec = { time = 'us' }";

    /// The number and the latency of a message that came two milliseconds after it was sent.
    fn measured(counter: Option<&str>) -> (Option<Number>, Option<Option<i64>>) {
        heard(PROFILE, counter, [1_700_000_000_u32, 250_000])
    }

    fn heard(
        profile: &str,
        counter: Option<&str>,
        time: [u32; 2],
    ) -> (Option<Number>, Option<Option<i64>>) {
        let text = profile;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("beat.h"), HEADER).unwrap();
        let profile = folder.path().join("wirereel.toml");
        std::fs::write(&profile, text).unwrap();
        let options = Options { profile: Some(profile), ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let mut dissector = Dissector::new(&protocols, false).unwrap();
        let known = dissector.known();
        let counter = counter.map(|it| FieldRef::parse(it, &known).unwrap());
        let measured = Measured::new(&protocols, &known, counter, None);
        let mut bytes = vec![0xa3, 0x01, 0x02];
        time.iter().for_each(|it| bytes.extend(it.to_be_bytes()));
        let ends = ["10.0.0.1:9", "10.0.0.2:5"].map(|it| it.parse().unwrap());
        let mut found = None;
        let packet = Packet::received(ends[0], ends[1], &bytes);
        dissector.push_datagram(packet, 1, None, &mut |it: Found<'_>| {
            if let Found::Message { captured, .. } = it {
                let message = &captured.message;
                let arrival = 1_700_000_000_252_000_000;
                found = Some((measured.number(message), measured.latency(message, arrival)));
            }
        });
        found.unwrap()
    }

    #[test]
    fn the_profile_or_the_user_says_what_counts() {
        let latency = Some(Some(2_000_000));
        assert_eq!(measured(None), (Some(Number { value: 10, bits: 4 }), latency));
        let other = Number { value: 0x0102, bits: 16 };
        assert_eq!(measured(Some("other")), (Some(other), latency));
        assert_eq!(measured(Some("at")).0, None, "it is no number");
    }

    #[test]
    fn times_of_another_epoch_tell_the_same() {
        let (entry, _) = PROFILE.split_once("at.tv_sec").unwrap();
        for (rules, time, expected) in [
            ("at.tv_sec = { time = 's', epoch = 'ntp' }", [3_908_988_800, 0], Some(252_000_000)),
            ("at.tv_sec = { time = 's', epoch = 'gps' }", [1_384_035_200, 0], Some(252_000_000)),
            ("at.tv_sec = { time = 's', epoch = 'gps' }", [1_700_000_000, 0], None),
        ] {
            let (_, latency) = heard(&format!("{entry}{rules}"), None, time);
            assert_eq!(latency, Some(expected), "{rules}");
        }
        let none = format!("{entry}at.tv_sec = {{ time = 's', epoch = 'boot' }}");
        assert_eq!(heard(&none, None, [7, 0]).1, None);
        // A quarter of a second, and no more of it.
        let ntp = format!("{entry}at = {{ time = 'ntp64' }}").replace("'beat'", "'stamped'");
        let (_, latency) = heard(&ntp, None, [3_908_988_800, 0x4000_0000]);
        assert_eq!(latency, Some(Some(2_000_000)));
    }
}
