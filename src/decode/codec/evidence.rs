//! How much a layout leaves unexplained of a message: the bits that it takes to say the message's
//! bytes, given what the layout says of them.
//!
//! A layout that is the sender's makes them few: counts are small, enums have a name, text is
//! printable and ends in zeros, a `_Bool` is 0 or 1, a length is the length, a time is about that of
//! the capture. One that merely has the length reads pieces of text as huge numbers. Each value
//! costs what a code needs that expects such values (a number about twice its own bits, Elias 1975),
//! and never much more than its bytes, so that one wild value does not outweigh all others.
//!
//! What is weighed is bounded: [`MAX_LEAVES`] values, and what is behind them as plain bytes.

use std::ops::Range;

use super::plan::{Form, Plan};
use super::{Codec, Decoded};
use crate::capture::Timestamp;
use crate::message::{FieldKind, Item, Scalar, Span, text};

/// Values of one message that are weighed. A struct has some tens of them, and what a long list
/// tells is told by its beginning.
const MAX_LEAVES: usize = 512;

/// A byte of which nothing is known.
const BYTE: u32 = 8;
/// The same where it is zero, or that before it again, as bytes of a buffer often are.
const REPEATED: u32 = 4;
/// Of a hole, which compilers leave as zeros where a sender clears its struct.
const HOLE_ZERO: u32 = 1;
/// A letter, a digit or a space; what else a person writes. There are 63 and some 32 of these, and
/// words use few of them.
const LETTER: u32 = 5;
const OTHER_CHARACTER: u32 = 7;
/// Over and above its bytes, for what its type does not allow.
const WRONG: u32 = 8;
/// Bytes left over, besides what they cost themselves.
const TRAILING: u32 = 8;
/// A last array that has fewer elements than declared: as receive buffers have.
const PARTIAL: u32 = 2;
/// Text without its NUL, or less padding than `sizeof` counts.
const LOOSE: u32 = 6;
/// A value that is a length or a count of this very message.
const IS_LENGTH: u32 = 4;
/// A time: which unit, and then how far from that of the capture.
const IS_TIME: u32 = 6;
/// Sign and exponent of a float whose magnitude is between a millionth and a thousand million.
const FLOAT_HEAD: u32 = 7;

/// What the plan says of a node's values beyond their kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trait {
    /// Bits, where it is a bit-field.
    width: Option<u32>,
    /// `_Bool`.
    is_boolean: bool,
}

/// One message that is weighed.
struct Weighing<'a> {
    codec: &'a Codec,
    bytes: &'a [u8],
    items: &'a [Item],
    now: Option<Timestamp>,
    /// What a length may count besides what is behind it: the whole message, and what its last field
    /// has.
    lengths: [usize; 2],
    leaves_left: usize,
}

/// What is said of each node.
pub(super) fn traits(plan: &Plan) -> Vec<Trait> {
    let mut traits = vec![Trait::default(); plan.table.nodes.len()];
    for step in plan.steps.as_slice() {
        let noted = step.node.and_then(|node| traits.get_mut(node.number() as usize));
        let (Some(noted), Form::Bits(bits)) = (noted, step.form) else { continue };
        noted.width = Some(bits.width);
    }
    for node in &plan.booleans {
        if let Some(noted) = traits.get_mut(node.number() as usize) {
            noted.is_boolean = true;
        }
    }
    traits
}

impl Codec {
    /// Bits that [`decode`](Self::decode) leaves unexplained of these bytes; the fewer the better.
    /// `now` is when they were captured.
    pub(crate) fn cost(
        &self,
        bytes: &[u8],
        decoded: &Decoded<'_>,
        items: &[Item],
        now: Option<Timestamp>,
    ) -> u32 {
        let message = bytes.get(..decoded.len).unwrap_or(bytes);
        let lengths = [decoded.len, last_count(items)];
        let mut weighing =
            Weighing { codec: self, bytes: message, items, now, lengths, leaves_left: MAX_LEAVES };
        let mut cost = weighing.level(0..items.len(), 0..message.len());
        if decoded.trailing > 0 {
            let behind = bytes.get(message.len()..).unwrap_or_default();
            cost = cost.saturating_add(TRAILING).saturating_add(opaque(behind));
        }
        cost = cost.saturating_add(if decoded.partial { PARTIAL } else { 0 });
        cost.saturating_add(if decoded.loose { LOOSE } else { 0 })
    }
}

/// How many elements, or bytes, the last field has.
fn last_count(items: &[Item]) -> usize {
    let mut at = 0;
    let mut last = None;
    while let Some(item) = items.get(at) {
        last = Some((at, item));
        at = (item.end as usize).max(at.saturating_add(1));
    }
    let Some((at, item)) = last else { return 0 };
    match item.scalar {
        Scalar::Nested => elements(items, at.saturating_add(1)..item.end as usize),
        _ => item.len as usize,
    }
}

fn elements(items: &[Item], range: Range<usize>) -> usize {
    let (mut at, mut count) = (range.start, 0_usize);
    while let Some(item) = items.get(at).filter(|_| at < range.end) {
        count = count.saturating_add(1);
        at = (item.end as usize).max(at.saturating_add(1));
    }
    count
}

impl Weighing<'_> {
    /// The items of one level, which take these bytes. Of members over one another the one that says
    /// it best counts: of such that begin at the same place.
    fn level(&mut self, items: Range<usize>, span: Range<usize>) -> u32 {
        let (mut at, mut covered, mut cost) = (items.start, span.start, 0_u32);
        // Where the last item began, and what it and those over it cost.
        let mut last: Option<(usize, u32)> = None;
        while let Some(item) = self.items.get(at).filter(|_| at < items.end) {
            let next = (item.end as usize).max(at.saturating_add(1));
            let Some((start, stop)) = place(item) else {
                at = next;
                continue;
            };
            if self.leaves_left == 0 {
                break;
            }
            let is_bits = self.trait_of(item).width.is_some();
            let own = self.item(at, item, start..stop);
            match last {
                Some((begun, least)) if start < covered && !is_bits => {
                    if start == begun && own < least {
                        cost = cost.saturating_sub(least.saturating_sub(own));
                        last = Some((begun, own));
                    }
                }
                _ => {
                    cost = cost.saturating_add(self.hole(covered..start)).saturating_add(own);
                    last = Some((start, own));
                }
            }
            covered = covered.max(stop);
            at = next;
        }
        let rest = covered..span.end;
        let behind = if self.leaves_left == 0 { self.opaque(rest) } else { self.hole(rest) };
        cost.saturating_add(behind)
    }

    fn item(&mut self, at: usize, item: &Item, span: Range<usize>) -> u32 {
        if item.scalar == Scalar::Nested {
            return self.level(at.saturating_add(1)..item.end as usize, span);
        }
        self.leaves_left = self.leaves_left.saturating_sub(1);
        let noted = self.trait_of(item);
        let kind = self.codec.table().nodes.get(item.node as usize).map(|it| &it.kind);
        let raw = noted.width.unwrap_or_else(|| item.len.saturating_mul(8));
        let most = raw.saturating_add(2);
        match (item.scalar, kind) {
            (Scalar::Float(value), _) => float(value, item.len),
            (Scalar::Unsigned(value), _) if noted.is_boolean => {
                if value <= 1 {
                    1
                } else {
                    raw.saturating_add(WRONG)
                }
            }
            (Scalar::Unsigned(_) | Scalar::Signed(_), Some(FieldKind::Enum(names))) => {
                let value = item.scalar.integer().unwrap_or_default();
                match names.enumerators.iter().any(|it| it.value == value) {
                    true => digits(names.enumerators.len().saturating_sub(1) as u64),
                    false => raw.saturating_add(WRONG),
                }
            }
            (Scalar::Unsigned(value), _) => number(value)
                .min(most)
                .min(self.length(value, item, raw))
                .min(self.time(i128::from(value), item)),
            (Scalar::Signed(value), _) => {
                // The sign is one bit more.
                let folded = value.unsigned_abs().saturating_mul(2);
                number(folded).min(most).min(self.time(i128::from(value), item))
            }
            (Scalar::Span, Some(FieldKind::Text | FieldKind::String)) => {
                characters(self.bytes.get(span).unwrap_or_default())
            }
            _ => self.opaque(span),
        }
    }

    /// A number that is the length of the message, of what is behind it, or of its last field.
    fn length(&self, value: u64, item: &Item, raw: u32) -> u32 {
        let stop = place(item).map_or(0, |(_, stop)| stop);
        let behind = self.bytes.len().saturating_sub(stop);
        let is_length = |len: usize| len > 1 && value == len as u64;
        let counts = self.lengths.into_iter().chain([behind]).any(is_length);
        if counts { IS_LENGTH.min(raw) } else { u32::MAX }
    }

    /// A number that is about the time of the capture, in seconds since 1970 or fractions of them.
    fn time(&self, value: i128, item: &Item) -> u32 {
        let Some(now) = self.now.filter(|_| value > 0) else { return u32::MAX };
        let units: &[i128] = match item.len {
            4 => &[1_000_000_000],
            8 => &[1_000_000_000, 1_000_000, 1_000, 1],
            _ => &[],
        };
        let away = |unit: &i128| {
            let now = i128::from(now.0).checked_div(*unit).unwrap_or_default();
            u64::try_from(value.abs_diff(now)).unwrap_or(u64::MAX)
        };
        let nearest = units.iter().map(away).min();
        nearest.map_or(u32::MAX, |away| IS_TIME.saturating_add(digits(away)))
    }

    fn trait_of(&self, item: &Item) -> Trait {
        self.codec.traits.get(item.node as usize).copied().unwrap_or_default()
    }

    fn hole(&self, span: Range<usize>) -> u32 {
        let bytes = self.bytes.get(span).unwrap_or_default();
        bytes
            .iter()
            .fold(0, |cost, &byte| cost.saturating_add(if byte == 0 { HOLE_ZERO } else { BYTE }))
    }

    fn opaque(&self, span: Range<usize>) -> u32 {
        opaque(self.bytes.get(span).unwrap_or_default())
    }
}

/// Where an item stands; `None` for what was computed.
fn place(item: &Item) -> Option<(usize, usize)> {
    match item.span() {
        Span::Bytes(span) => Some((span.start, span.end)),
        Span::Computed => None,
    }
}

/// Binary digits of a number.
fn digits(value: u64) -> u32 {
    u64::BITS.saturating_sub(value.leading_zeros())
}

/// A number, of which small ones are likelier: its digits, and how many they are.
fn number(value: u64) -> u32 {
    digits(value).saturating_mul(2).saturating_add(2)
}

/// Sign, exponent, and the digits of the mantissa that there are: numbers that people set are short.
fn float(value: f64, len: u32) -> u32 {
    const USUAL: Range<f64> = 1e-6..1e9;
    if value == 0.0 {
        return 2;
    }
    let raw = len.saturating_mul(8);
    if !USUAL.contains(&value.abs()) {
        return raw.saturating_add(WRONG);
    }
    let width = if len == 4 { 23 } else { 52 };
    // A float of four bytes that was widened has zeros behind its own digits.
    let zeros = (value.to_bits() | 1 << 52).trailing_zeros();
    let zeros = zeros.saturating_sub(52_u32.saturating_sub(width));
    FLOAT_HEAD.saturating_add(width.saturating_sub(zeros))
}

/// Text as a person would write it, then zeros; or bytes that are none.
fn characters(bytes: &[u8]) -> u32 {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    let (said, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let is_empty_before_more = said.is_empty() && behind.iter().any(|&it| it != 0);
    let is_text = text(bytes).is_some_and(|text| {
        text.chars().all(|it| !it.is_control() || matches!(it, '\t' | '\r' | '\n'))
    });
    if !is_text || is_empty_before_more {
        return (bytes.len() as u32).saturating_mul(BYTE).saturating_add(WRONG);
    }
    let letters = said.iter().filter(|it| it.is_ascii_alphanumeric() || **it == b' ').count();
    let others = said.len().saturating_sub(letters) as u32;
    let written = (letters as u32).saturating_mul(LETTER);
    let written = written.saturating_add(others.saturating_mul(OTHER_CHARACTER));
    let left = behind.iter().filter(|it| **it != 0).count() as u32;
    // Where it ends, and what a sender did not clear behind that.
    written.saturating_add(2).saturating_add(left.saturating_mul(BYTE))
}

/// Bytes without a meaning.
fn opaque(bytes: &[u8]) -> u32 {
    let before = std::iter::once(&0).chain(bytes);
    bytes.iter().zip(before).fold(0, |cost, (&byte, &before)| {
        let is_repeated = byte == 0 || byte == before;
        cost.saturating_add(if is_repeated { REPEATED } else { BYTE })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{array, basic, bytes, character, codec, field, record, unsigned};
    use super::*;
    use crate::schema::Layout;

    fn cost(layout: &Layout, wire: &str) -> u32 {
        let (codec, wire, mut items) = (codec(layout), bytes(wire), Vec::new());
        let decoded = codec.decode(&wire, wire.len(), &mut items);
        codec.cost(&wire, &decoded, &items, Some(Timestamp(1_700_000_000 * 1_000_000_000)))
    }

    fn words(count: u64) -> Layout {
        let fields = (0..count).map(|at| field(&format!("w{at}"), at * 4, unsigned(4)));
        record("words", count * 4, fields.collect())
    }

    #[test]
    fn text_read_as_numbers_costs_more_than_as_text() {
        let name = record("name", 12, vec![field("name", 0, array(character(), 12, 1))]);
        for (wire, is_text) in [
            (r#""Alan" 0000000000000000"#, true),
            (r#""hello, world""#, true),
            ("00000001 00000002 00000100", false),
            ("00000001 6553f100 00000100", false),
        ] {
            let (as_text, as_words) = (cost(&name, wire), cost(&words(3), wire));
            assert_eq!(as_text + 8 < as_words, is_text, "{wire}: {as_text} {as_words}");
            assert_eq!(as_words + 8 < as_text, !is_text, "{wire}: {as_text} {as_words}");
        }
    }

    #[test]
    fn each_value_costs_what_it_says() {
        // Two digits are six bits; a length, and a time that is three seconds off.
        assert_eq!(cost(&words(1), "00000003"), 6);
        assert_eq!(cost(&words(2), "00000008 00000000"), 4 + 2);
        assert_eq!(cost(&words(1), "6553f103"), 6 + 2);
        assert_eq!(cost(&words(1), "deadbeef"), 34);
        assert_eq!(float(1.5, 4), 7 + 1);
        assert_eq!(float(f64::from(0.1_f32), 4), 7 + 23);
        assert_eq!(float(1e-40, 4), 32 + 8);
        assert_eq!(float(f64::NAN, 8), 64 + 8);
        assert_eq!(characters(b"Al\0\0"), 2 * 5 + 2);
        assert_eq!(characters(b"\0\0\0S"), 4 * 8 + 8);
        assert_eq!(opaque(&[0, 7, 7, 8]), 4 + 8 + 4 + 8);
    }

    #[test]
    fn what_is_left_over_costs_its_bytes_and_that_it_is_there() {
        let whole = r#""Alan" 00000000000000 00000053 00000056"#;
        let plain = cost(&basic(), whole);
        assert_eq!(cost(&basic(), &format!("{whole} 0102")), plain + 8 + 16);
    }
}
