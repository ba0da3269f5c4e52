//! What the messages of a sender say about one layout: how probable their lengths, their padding
//! and their fields are, bits; numbers in either order.

use super::{
    content, counted,
    drift::Change,
    integer::{self, Known, Reading},
    layouts::Candidate,
    mixture::{Bits, Classes, mixture, temper},
    sample::{Sample, Seen},
    slots::{Kind, Slot},
    way::Way,
};
use crate::profile::FieldRules;
use crate::schema::{ByteOrder, ResolvedLayout};

/// What a message of another size counts against a layout, bits: more than its content can say,
/// which is 8 for each byte of a hundred or so. Half and twice as much change nothing.
const MISFIT: f64 = 1000.0;

/// Elements of a tail that are looked at in one message: evidence grows with the root of their
/// number, so that more say little and cost the same again.
const MAX_ELEMENTS: usize = 64;

/// The evidence for one layout.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// The lengths of the messages.
    pub lengths: f64,
    /// Text, padding, and whatever else does not depend on byte order.
    pub content: f64,
    /// Signs that count in full: holes whose bytes move as those of a member do, texts that begin with what is none.
    pub signs: f64,
    /// One for each field of the layout.
    pub orders: Vec<Orders>,
}

/// The evidence for the byte order of one field.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    pub declared: Bits,
    pub other: Bits,
    /// The rarer ways in which it may arrive, each with its probability before anything is seen.
    pub rare: Vec<(Way, f64, Bits)>,
    /// Distinct values that do not read alike both ways.
    pub telling: usize,
}

impl Orders {
    /// What the values say where the field arrives in one of the rarer ways.
    pub fn of(&self, way: Way) -> Option<Bits> {
        match way {
            Way::Other => Some(self.other),
            _ => self.rare.iter().find(|it| it.0 == way).map(|it| it.2),
        }
    }

    /// That it arrives in one of the rarer ways.
    pub fn rarity(&self) -> f64 {
        self.rare.iter().map(|it| it.1).sum()
    }
}

impl Evidence {
    pub fn of(candidate: &Candidate, sample: &Sample) -> Self {
        let mut values = vec![Values::default(); candidate.slots.rules.len()];
        let lengths = lengths(candidate, sample);
        let mut bits = 0.0;
        let mut signs = beginnings(candidate, sample);
        for slot in &candidate.slots.slots {
            bits += cut_off(slot, sample);
            bits += gather(slot, sample, &mut values);
        }
        if let Some(tail) = &candidate.slots.tail {
            bits += gather_tail(&tail.element, sample, &mut values);
        }
        for hole in &candidate.holes {
            let (offset, len) = (hole.offset as usize, hole.len as usize);
            bits += distinct(sample.iter().filter_map(|it| within(&it, offset, len)), |it| {
                content::padding(it)
            });
            signs -= moves(offset, len, sample);
        }
        bits += match candidate.drift {
            Some(Change::Added { offset, len, .. }) => added(offset, len, sample),
            Some(Change::LeftOver | Change::CutShort) => left_over(candidate, sample),
            Some(Change::Foreign) => foreign(candidate, sample),
            _ => beyond(candidate, sample),
        };
        let orders = values.iter().zip(&candidate.slots.rules).map(|(values, rules)| {
            bits += values.told();
            values.orders(rules)
        });
        let orders = orders.collect();
        Self { lengths, content: bits, signs, orders }
    }
}

/// The distinct values of one field.
#[derive(Clone, Debug, Default)]
struct Values {
    /// In the declared order.
    readings: Vec<Reading>,
    counts: Vec<f64>,
    taken: f64,
    repeats: f64,
    slot: Option<Slot>,
}

impl Values {
    fn take(&mut self, slot: &Slot, order: ByteOrder, bytes: &[u8], time: Option<i64>) {
        let value = read(bytes, order);
        let known = self.readings.iter().position(|it| it.value == value);
        let count = known.and_then(|at| self.counts.get_mut(at));
        self.repeats += repeat(count.as_deref().copied(), self.readings.len() as f64, self.taken);
        self.taken += 1.0;
        match count {
            Some(count) => *count += 1.0,
            None if self.readings.len() < 2 * super::sample::MAX_DISTINCT => {
                self.readings.push(Reading { value, time });
                self.counts.push(1.0);
            }
            None => {}
        }
        if self.slot.is_none() {
            self.slot = Some(slot.clone());
        }
    }

    /// Which of them came again.
    fn told(&self) -> f64 {
        if self.readings.len() == 1 { ALWAYS } else { self.repeats }
    }

    /// What the values say where the field arrives in one of the rarer ways; of those that may well be what they
    /// are, nothing.
    fn rare(
        &self,
        slot: &Slot,
        rules: &FieldRules,
        bits: &dyn Fn(&[Reading], usize) -> Bits,
    ) -> Vec<(Way, f64, Bits)> {
        let mut ways = Way::rare(slot, self.readings.len()).peekable();
        let is_none = ways.peek().is_none() || is_few_flags(&self.readings);
        if is_none || is_something(&self.readings, slot) {
            return Vec::new();
        }
        let each = ways.filter_map(|(way, probability)| {
            let read = |it: &Reading| Some(Reading { value: way.read(it.value, slot.len)?, ..*it });
            let readings = self.readings.iter().map(read).collect::<Option<Vec<_>>>()?;
            let is_it = |it: (&Reading, &Reading)| it.0.value == it.1.value;
            if self.readings.iter().zip(&readings).all(is_it) {
                return None;
            }
            let mut bits = bits(&readings, way.size(slot.len));
            bits.add(strays(&readings, slot, rules));
            Some((way, probability, bits))
        });
        each.collect()
    }

    fn orders(&self, rules: &FieldRules) -> Orders {
        let Some(slot) = &self.slot else { return Orders::default() };
        let swapped: Vec<_> = self
            .readings
            .iter()
            .map(|it| Reading { value: swap(it.value, slot.len), ..*it })
            .collect();
        let telling = self.readings.iter().zip(&swapped).filter(|(a, b)| a.value != b.value);
        let telling = telling.count();
        let bits = |readings: &[Reading], size: usize| match &slot.kind {
            Kind::Integer { signed, names, .. } => {
                let names = names.as_deref();
                integer::bits(readings, &Known { size, signed: *signed, rules, names })
            }
            _ => {
                let values: Vec<_> = readings.iter().map(|it| it.value).collect();
                content::floats(&values, size)
            }
        };
        let mut declared = bits(&self.readings, slot.len);
        let mut other = if telling == 0 { declared } else { bits(&swapped, slot.len) };
        if is_few_flags(&self.readings) {
            declared.cautious = other.cautious;
        }
        if slot.len == 2 && self.readings.iter().all(|it| it.value & 0xff == 0) {
            other.cautious = other.cautious.min(declared.cautious + MAX_MULTIPLES);
        }
        // What the profile says of a value is no guess at what values are like.
        declared.add(strays(&self.readings, slot, rules));
        other.add(strays(&swapped, slot, rules));
        let rare = self.rare(slot, rules, &bits);
        let is_half_empty = rare.iter().any(|it| it.0 == Way::FirstHalf);
        if is_half_empty
            && self.readings.len() >= MIN_EMPTY
            && !are_pieces(&self.readings, slot.len)
        {
            declared.cautious -= EMPTY_HALF;
        }
        Orders { declared, other, rare, telling }
    }
}

/// Whether all numbers are of a kind that has empty bytes: floating-point numbers, masks of one run of bits.
fn is_something(readings: &[Reading], slot: &Slot) -> bool {
    let is_run = |it: &Reading| {
        let without = it.value >> it.value.trailing_zeros().min(63);
        without & without.wrapping_add(1) == 0
    };
    let is_integer = matches!(slot.kind, Kind::Integer { .. });
    let is_float = |it: &Reading| content::is_sensible(it.value, slot.len);
    readings.iter().all(is_run) || is_integer && readings.iter().all(is_float)
}

/// What it costs a number that its lower half is always zero, bits. That words of parts may be so is told by
/// the other order too; that their upper half is zero is far more common.
const EMPTY_HALF: f64 = 4.5;
/// Distinct values from which on that counts.
const MIN_EMPTY: usize = 3;
/// Sizes of pieces in which a file is read are round too, and begin with the first.
const MAX_FIRST_PIECE: u64 = 64;

/// Whether numbers go up from near zero by the least that leaves their lower half empty.
fn are_pieces(readings: &[Reading], len: usize) -> bool {
    let piece = 1 << (4 * len.clamp(1, 8));
    let mut pairs = readings.iter().zip(readings.iter().skip(1));
    let begins = readings.first().is_some_and(|it| it.value / piece <= MAX_FIRST_PIECE);
    begins && pairs.all(|(a, b)| b.value.checked_sub(a.value) == Some(piece))
}

/// What a value outside its declared range costs, bits: one in 32 is, whatever explains it else.
const STRAY: f64 = -5.0;

fn strays(readings: &[Reading], slot: &Slot, rules: &FieldRules) -> Bits {
    let Some(range) = rules.raw_range() else { return Bits::default() };
    let number = |it: u64| match (&slot.kind, slot.len) {
        (Kind::Integer { signed, .. }, len) => integer::number(it, 8 * len as u32, *signed),
        (_, 4) => f64::from(f32::from_bits(it as u32)),
        _ => f64::from_bits(it),
    };
    let is_stray = |it: &&Reading| {
        let number = number(it.value);
        !range.contains(&number) && !rules.is_none(number)
    };
    let plain = readings.iter().filter(is_stray).count() as f64 * STRAY;
    Bits { plain, cautious: plain * temper(readings.len()) }
}

/// The most that 16-bit multiples of 256 say for the other order, bits: steps of 256, fixed-point
/// numbers and versions are as they should be. With half of it one verdict of six wrong ones goes, with twice
/// as much four come, of 4,726.
const MAX_MULTIPLES: f64 = 2.5;

/// One bit or two, or one at a time, may stand anywhere: in flags either order is as good.
fn is_few_flags(readings: &[Reading]) -> bool {
    let used = readings.iter().fold(0, |used, it| used | it.value);
    used.count_ones() <= 2 || readings.iter().all(|it| it.value.count_ones() <= 1)
}

/// The value of up to 8 bytes.
pub(super) fn read(bytes: &[u8], order: ByteOrder) -> u64 {
    let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    match order {
        ByteOrder::Big => bytes.iter().fold(0, join),
        ByteOrder::Little => bytes.iter().rev().fold(0, join),
    }
}

/// The value that the same bytes have in the other order.
pub(super) fn swap(value: u64, len: usize) -> u64 {
    value.swap_bytes() >> (64 - 8 * len.clamp(1, 8))
}

fn gather(slot: &Slot, sample: &Sample, values: &mut [Values]) -> f64 {
    let found = sample.iter().filter_map(|it| Some((within(&it, slot.offset, slot.len)?, it.time)));
    match &slot.kind {
        Kind::Integer { order, .. } | Kind::Float { order } => {
            if let Some(values) = values.get_mut(slot.field.index()) {
                found.for_each(|(bytes, time)| values.take(slot, *order, bytes, time));
            }
            0.0
        }
        kind if slot.may_end => {
            let end = slot.offset.saturating_add(slot.len);
            let there = |it: &Seen<'_>| slot.offset.min(it.bytes.len())..end.min(it.bytes.len());
            let found = sample.iter().filter_map(|it| it.bytes.get(there(&it)));
            distinct(found, if *kind == Kind::Text { content::text } else { content::padding })
        }
        Kind::Text => distinct(found.map(|it| it.0), content::text),
        Kind::Opaque => distinct(found.map(|it| it.0), content::padding),
    }
}

fn gather_tail(element: &Slot, sample: &Sample, values: &mut [Values]) -> f64 {
    match &element.kind {
        Kind::Integer { .. } | Kind::Float { .. } => {
            let longest = sample.iter().map(|it| it.bytes.len()).max().unwrap_or(0);
            let count = longest.saturating_sub(element.offset) / element.len.max(1);
            for index in 0..count.min(MAX_ELEMENTS) {
                let offset = element.offset + index * element.len;
                gather(&Slot { offset, ..element.clone() }, sample, values);
            }
            0.0
        }
        kind => {
            let of = if *kind == Kind::Text { content::text } else { content::padding };
            distinct(sample.iter().map(|it| it.bytes.get(element.offset..).unwrap_or_default()), of)
        }
    }
}

/// The bytes that are there of a field that is not there whole: they may be any, so that a layout
/// gains nothing by being too long.
fn cut_off(slot: &Slot, sample: &Sample) -> f64 {
    if slot.may_end {
        return 0.0;
    }
    let there = sample.iter().map(|it| it.bytes.len().saturating_sub(slot.offset));
    let bytes: usize = there.filter(|it| *it < slot.len).sum();
    -8.0 * bytes as f64
}

/// Bytes behind the end of a fixed layout.
fn beyond(candidate: &Candidate, sample: &Sample) -> f64 {
    if candidate.slots.tail.is_some() {
        return 0.0;
    }
    let rest = sample.iter().filter_map(|it| it.bytes.get(candidate.size..));
    distinct(rest, content::padding)
}

/// Bytes behind the last slot that no member of the sender's has.
fn left_over(candidate: &Candidate, sample: &Sample) -> f64 {
    let end = candidate.slots.slots.last().map_or(0, |it| it.offset.saturating_add(it.len));
    distinct(sample.iter().filter_map(|it| it.bytes.get(end..)), content::padding)
}

/// A member of which nothing is known but its size: a number in either order, or bytes.
fn added(offset: usize, len: usize, sample: &Sample) -> f64 {
    let found =
        || sample.iter().filter_map(|it| within(&it, offset, len).map(|bytes| (bytes, it.time)));
    let opaque = distinct(found().map(|it| it.0), content::text);
    if !matches!(len, 1 | 2 | 4 | 8) {
        return opaque;
    }
    let (field, order) = (ResolvedLayout::ROOT, ByteOrder::Big);
    let kind = Kind::Integer { signed: false, order, names: None };
    let slot = Slot { field, offset, len, may_end: false, kind };
    let mut values = Values::default();
    found().for_each(|(bytes, time)| values.take(&slot, order, bytes, time));
    let orders = values.orders(&FieldRules::default());
    let number =
        values.told() + mixture(&[(0.5, orders.declared.plain), (0.5, orders.other.plain)]);
    mixture(&[(0.8, number), (0.2, opaque)])
}

/// Messages whose text tail begins with what is no text, bits: its beginning is elsewhere.
fn beginnings(candidate: &Candidate, sample: &Sample) -> f64 {
    let Some(tail) = candidate.slots.tail.as_ref().filter(|it| it.element.kind == Kind::Text)
    else {
        return 0.0;
    };
    let is_odd = |it: &Seen<'_>| {
        let tail = it.bytes.get(tail.element.offset..).unwrap_or_default();
        let begins = tail.get(..MAX_BEGINNING).unwrap_or(tail);
        let text = begins.split(|it| *it == 0).next().unwrap_or_default();
        let is_cut = text.len() < begins.len() && begins.iter().skip(text.len()).any(|it| *it != 0);
        // A character may be cut at the end of what is looked at.
        let is_utf8 =
            std::str::from_utf8(text).map_or_else(|it| it.error_len().is_none(), |_| true);
        is_cut
            || !is_utf8
            || text.iter().any(|it| *it < b' ' && !matches!(it, b'\t' | b'\n' | b'\r'))
    };
    let odd = sample.iter().filter(is_odd).count();
    (odd as f64 * ODD_BEGINNING).max(MAX_ODD)
}

/// Bytes of a text that are its beginning.
const MAX_BEGINNING: usize = 4;
/// What each beginning that is no text counts, and the most that all do.
const ODD_BEGINNING: f64 = -2.0;
const MAX_ODD: f64 = -12.0;

/// How much less than any bytes those of a hole say when they are read as a member's, bits: what is left in memory
/// is the same, or anything.
fn moves(offset: usize, len: usize, sample: &Sample) -> f64 {
    let mut values: Vec<&[u8]> = Vec::new();
    for bytes in sample.iter().filter_map(|it| within(&it, offset, len)) {
        if !values.contains(&bytes) {
            values.push(bytes);
        }
    }
    if values.len() < MIN_MOVING {
        return 0.0;
    }
    let any = 8.0 * (len * values.len()) as f64;
    (any + added(offset, len, sample)).clamp(0.0, MAX_MOVING)
}

/// Distinct values from which on the bytes of a hole move.
const MIN_MOVING: usize = 3;
/// The most that they say against a hole.
const MAX_MOVING: f64 = 12.0;

/// Bytes of which nothing is known, each place by itself.
fn foreign(candidate: &Candidate, sample: &Sample) -> f64 {
    let of = |at: usize| added(at, 1, sample);
    (0..candidate.size.min(MAX_FOREIGN)).map(of).sum()
}

/// Bytes of a message that is no such struct that are looked at.
const MAX_FOREIGN: usize = 512;

fn within<'a>(seen: &Seen<'a>, offset: usize, len: usize) -> Option<&'a [u8]> {
    seen.bytes.get(offset..offset.checked_add(len)?)
}

/// The bits of what is new, and those that what was seen before costs.
fn distinct<'a>(found: impl Iterator<Item = &'a [u8]>, of: impl Fn(&[u8]) -> f64) -> f64 {
    let mut known: Vec<(&[u8], f64)> = Vec::new();
    let mut bits = 0.0;
    for (taken, bytes) in found.enumerate() {
        let distinct = known.len() as f64;
        match known.iter_mut().find(|it| it.0 == bytes) {
            Some((_, count)) => {
                bits += repeat(Some(*count), distinct, taken as f64);
                *count += 1.0;
            }
            None => {
                bits += repeat(None, distinct, taken as f64) + of(bytes);
                known.push((bytes, 1.0));
            }
        }
    }
    match known.as_slice() {
        [(only, _)] => ALWAYS + of(only),
        _ => bits,
    }
}

/// That all messages have the same bytes in a place, bits: every other field or so of a short
/// capture. Half and twice as much change two and one of 4,726 cases.
const ALWAYS: f64 = -1.0;

/// Whether a value is new, of which so many were taken before; which of the old ones it is.
fn repeat(count: Option<f64>, distinct: f64, taken: f64) -> f64 {
    let new = (distinct + 1.0) / (taken + 2.0);
    match count {
        None => new.log2(),
        Some(count) => ((1.0 - new) * count / taken.max(1.0)).log2(),
    }
}

/// How a length fits a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Exactly; a text tail ends with its NUL.
    Exact,
    /// It ends within the last array, behind a whole element.
    Partial,
    /// Behind the NUL are as many bytes as `sizeof` counts behind the tail.
    Padded,
    /// A text tail goes to the end without a NUL.
    Unterminated,
    /// Bytes are left over: so many.
    Longer(usize),
    /// So many bytes are missing.
    Shorter(usize),
}

/// How a message fits a layout.
pub(super) fn fit(candidate: &Candidate, seen: &Seen<'_>) -> Fit {
    if candidate.is_open {
        return Fit::Exact;
    }
    let Some(tail) = &candidate.slots.tail else {
        return match (seen.len, candidate.size) {
            (len, size) if len > size => Fit::Longer(len - size),
            (len, size) if len < size => shorter(candidate, len),
            _ => Fit::Exact,
        };
    };
    let start = tail.element.offset;
    if seen.len < start {
        return Fit::Shorter(start - seen.len);
    }
    if tail.element.kind != Kind::Text {
        let rest = (seen.len - start) % tail.element.len.max(1);
        return if rest == 0 { Fit::Exact } else { Fit::Longer(rest) };
    }
    let text = seen.bytes.get(start..).unwrap_or_default();
    match memchr::memchr(0, text) {
        // What was not kept may hold the NUL.
        None if seen.bytes.len() < seen.len => Fit::Exact,
        None => Fit::Unterminated,
        Some(end) => match seen.len - start - end - 1 {
            0 => Fit::Exact,
            extra if extra == tail.pad => Fit::Padded,
            extra => Fit::Longer(extra),
        },
    }
}

/// Of a message with fewer bytes than declared: elements of the last array are missing, or all of
/// what cannot be.
fn shorter(candidate: &Candidate, len: usize) -> Fit {
    let open = candidate.open.and_then(|(start, stride)| Some((len.checked_sub(start)?, stride)));
    match open.map(|(behind, stride)| behind % stride.max(1)) {
        None => Fit::Shorter(candidate.size - len),
        Some(0) => Fit::Partial,
        Some(rest) => Fit::Longer(rest),
    }
}

/// The lengths under the layout: of a fixed size nearly always the right one. A sender that goes by
/// `sizeof` pads its tail always, one that goes by the tail's offset never.
fn lengths(candidate: &Candidate, sample: &Sample) -> f64 {
    let has_pad = candidate.slots.tail.as_ref().is_some_and(|it| it.pad > 0);
    if counted::of(candidate, sample).is_some() {
        return COUNTED + by_length(candidate, sample, Fit::Unterminated);
    }
    let exact = by_length(candidate, sample, Fit::Exact);
    if !has_pad {
        return exact;
    }
    mixture(&[(0.4, exact), (0.6, by_length(candidate, sample, Fit::Padded))])
}

/// That a field counts the text of every message, bits: some messages in which two bytes are as they have to be, where
/// another layout would have to have them so by chance.
const COUNTED: f64 = 12.0;

fn by_length(candidate: &Candidate, sample: &Sample, right: Fit) -> f64 {
    let mut wrong = Classes::<512>::new(512);
    let mut is_right = [0.99_f64, 0.01];
    let mut bits = 0.0;
    for seen in sample.iter() {
        let [good, bad] = &mut is_right;
        let total = *good + *bad;
        let found = fit(candidate, &seen);
        if found == right {
            bits += (*good / total).log2();
            *good += 1.0;
            continue;
        }
        bits += (*bad / total).log2();
        *bad += 1.0;
        // A fixed size is all but certain; behind a text there may be more, and of a last array
        // less.
        let is_open = candidate.slots.tail.is_some() || found == Fit::Partial;
        if !is_open || matches!(found, Fit::Shorter(_)) {
            bits -= MISFIT;
        }
        bits += wrong.take(match found {
            Fit::Exact => 0,
            // A layout with a tail has the one, any other the other.
            Fit::Padded | Fit::Partial => 1,
            Fit::Unterminated => 2,
            Fit::Longer(by) => 3 + by.min(250),
            Fit::Shorter(by) => 254 + by.min(250),
        });
    }
    bits
}
