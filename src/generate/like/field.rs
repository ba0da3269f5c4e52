//! What one field holds from message to message.

use super::integers::{Integers, is_near};
use super::leaf::{Leaf, LeafKind};
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;
use crate::generate::recipe::ValueRecipe;
use crate::profile::TimeUnit;

/// Distinct values of one field that are kept.
const MAX_VALUES: usize = 64;
/// The longest text, and the most bytes, of which more than the first are kept.
const MAX_VALUE_LEN: usize = 512;

/// The values of one field, as far as they are needed.
#[derive(Clone, Debug)]
pub(super) struct FieldLearner {
    kind: LeafKind,
    count: u64,
    /// Distinct ones, and how often each came.
    values: Vec<(FieldValue, u64)>,
    /// There are more.
    is_beyond: bool,
    /// As declared, and in the other order; of integers alone.
    integers: Option<[Integers; 2]>,
    /// The same; of finite numbers alone.
    floats: Option<[Floats; 2]>,
    /// Characters of texts, or bytes.
    lens: (usize, usize),
    is_text: bool,
}

/// The values of a floating-point field.
#[derive(Clone, Copy, Debug)]
struct Floats {
    low: f64,
    high: f64,
    /// Neither tiny nor huge.
    is_sensible: bool,
    is_time: bool,
}

impl FieldLearner {
    pub fn new(leaf: &Leaf, now: Option<Timestamp>, room: &mut usize) -> Self {
        let integers = match (leaf.kind, &leaf.value) {
            (LeafKind::Integer { width, .. }, FieldValue::Integer(it)) => {
                Some([*it, width.swapped(*it)].map(|it| Integers::new(width, it, now)))
            }
            _ => None,
        };
        let floats = match (leaf.kind, &leaf.value) {
            (LeafKind::Float(len), FieldValue::Float(it)) => {
                Some([*it, swapped(*it, len)].map(|it| Floats::of(it, now)))
            }
            (LeafKind::Scaled, value) => number(value).map(|it| [Floats::of(it, None); 2]),
            _ => None,
        };
        let len = len_of(&leaf.value);
        let mut new = Self {
            kind: leaf.kind,
            count: 1,
            values: Vec::new(),
            is_beyond: false,
            integers,
            floats,
            lens: (len, len),
            is_text: matches!(leaf.value, FieldValue::Text(_)),
        };
        new.keep(&leaf.value, room);
        new
    }

    pub fn take(&mut self, value: &FieldValue, now: Option<Timestamp>, room: &mut usize) {
        self.count = self.count.saturating_add(1);
        match (self.kind, value, &mut self.integers) {
            (LeafKind::Integer { width, .. }, FieldValue::Integer(it), Some([own, other])) => {
                own.take(*it, now);
                other.take(width.swapped(*it), now);
            }
            (_, _, integers) => *integers = None,
        }
        match (self.kind, value, &mut self.floats) {
            (LeafKind::Float(len), FieldValue::Float(it), Some([own, other])) => {
                own.join(Floats::of(*it, now));
                other.join(Floats::of(swapped(*it, len), now));
            }
            (LeafKind::Scaled, value, Some(floats)) if let Some(it) = number(value) => {
                floats.iter_mut().for_each(|floats| floats.join(Floats::of(it, None)));
            }
            (_, _, floats) => *floats = None,
        }
        let len = len_of(value);
        self.lens = (self.lens.0.min(len), self.lens.1.max(len));
        self.is_text &= matches!(value, FieldValue::Text(_));
        self.keep(value, room);
    }

    fn keep(&mut self, value: &FieldValue, room: &mut usize) {
        if let Some((_, count)) = self.values.iter_mut().find(|it| is_same(&it.0, value)) {
            *count = count.saturating_add(1);
            return;
        }
        let len = size_of::<(FieldValue, u64)>().saturating_add(len_of(value));
        let is_first = self.count == 1;
        let is_full = self.values.len() >= MAX_VALUES || len_of(value) > MAX_VALUE_LEN;
        if !is_first && (is_full || len > *room) {
            self.is_beyond = true;
            return;
        }
        *room = room.saturating_sub(len);
        self.values.push((value.clone(), 1));
    }

    /// Whether its values are numbers in the other order: `None` where they tell nothing, or read
    /// alike both ways.
    pub fn is_swapped(&self) -> Option<bool> {
        match (self.kind, &self.integers, &self.floats) {
            (LeafKind::Integer { is_ordered: true, width }, Some([own, other]), _) => {
                let is_other = |value: i128| width.swapped(value) != value;
                let differs = own.low != own.high || is_other(own.low);
                differs.then(|| own.is_odder_than(other))
            }
            (LeafKind::Float(_), _, Some([own, other])) => {
                let is_zero = own.low == 0.0 && own.high == 0.0;
                (!is_zero).then_some(!own.is_sensible && other.is_sensible)
            }
            _ => None,
        }
    }

    /// The recipe of its values; `None` where they follow no rule and are few enough to be sent as they
    /// were, in turn.
    pub fn recipe(&self, is_swapped: bool, is_short: bool) -> Option<ValueRecipe> {
        let ruled = self.time(is_swapped).map(ValueRecipe::Now).or_else(|| {
            let (start, step) = self.integer(is_swapped)?.counter()?;
            Some(ValueRecipe::Counter { start, step })
        });
        // A value that never changes counts nothing.
        if let ([(only, _)], false) = (self.values.as_slice(), self.is_beyond) {
            let constant = || ValueRecipe::Constant(self.turned(only, is_swapped));
            return Some(self.time(is_swapped).map_or_else(constant, ValueRecipe::Now));
        }
        ruled.or_else(|| (!is_short).then(|| self.drawn(is_swapped)))
    }

    /// One of few values, or any of a range.
    fn drawn(&self, is_swapped: bool) -> ValueRecipe {
        let is_few = !self.is_beyond && (self.values.len() as u64).saturating_mul(2) <= self.count;
        let choice = || self.choice(is_swapped);
        match (self.integer(is_swapped), self.float(is_swapped), self.kind) {
            _ if is_few => choice(),
            (Some(it), ..) => ValueRecipe::Range { low: it.low, high: it.high },
            (_, Some(it), _) => ValueRecipe::FloatRange { low: it.low, high: it.high },
            (.., LeafKind::Text) if self.is_text => {
                ValueRecipe::Text { len: self.lens.0..=self.lens.1 }
            }
            (.., LeafKind::Text | LeafKind::Bytes) => {
                ValueRecipe::Bytes { len: self.lens.0..=self.lens.1 }
            }
            _ => choice(),
        }
    }

    /// One of those that are kept, as often as they came.
    pub fn choice(&self, is_swapped: bool) -> ValueRecipe {
        let all = self.values.iter().map(|(_, count)| *count).collect::<Vec<_>>();
        let turned = self.values.iter().map(|(value, _)| self.turned(value, is_swapped));
        match self.values.as_slice() {
            [(only, _)] => ValueRecipe::Constant(self.turned(only, is_swapped)),
            _ => ValueRecipe::Choice(turned.zip(weights(&all)).collect()),
        }
    }

    /// A value of the field as the order has it that its sender has.
    pub fn turned(&self, value: &FieldValue, is_swapped: bool) -> FieldValue {
        match (self.kind, value) {
            (LeafKind::Integer { width, is_ordered: true }, FieldValue::Integer(it))
                if is_swapped =>
            {
                FieldValue::Integer(width.swapped(*it))
            }
            (LeafKind::Float(len), FieldValue::Float(it)) if is_swapped => {
                FieldValue::Float(swapped(*it, len))
            }
            _ => value.clone(),
        }
    }

    fn time(&self, is_swapped: bool) -> Option<TimeUnit> {
        let integer = self.integer(is_swapped).and_then(Integers::time);
        let is_time = |it: &Floats| it.is_time && self.kind == LeafKind::Float(8);
        integer.or_else(|| self.float(is_swapped).filter(is_time).map(|_| TimeUnit::S))
    }

    fn integer(&self, is_swapped: bool) -> Option<&Integers> {
        let [own, other] = self.integers.as_ref()?;
        Some(if is_swapped { other } else { own })
    }

    fn float(&self, is_swapped: bool) -> Option<Floats> {
        let [own, other] = self.floats?;
        Some(if is_swapped { other } else { own }).filter(|it| it.low.is_finite())
    }
}

impl Floats {
    fn of(value: f64, now: Option<Timestamp>) -> Self {
        let is_sensible = value == 0.0 || (1e-9..1e15).contains(&value.abs());
        Self { low: value, high: value, is_sensible, is_time: is_near(value, now) }
    }

    /// What is no number makes the range none either.
    fn join(&mut self, other: Self) {
        self.is_sensible &= other.is_sensible;
        self.is_time &= other.is_time;
        let is_range = self.low.is_finite() && other.low.is_finite();
        self.low = if is_range { self.low.min(other.low) } else { f64::NAN };
        self.high = if is_range { self.high.max(other.high) } else { f64::NAN };
    }
}

/// What an integer measures; `None` where it says that it is no value.
#[expect(clippy::cast_precision_loss, reason = "drawn from a range of such numbers")]
fn number(value: &FieldValue) -> Option<f64> {
    match value {
        FieldValue::Integer(it) => Some(*it as f64),
        FieldValue::Float(it) => Some(*it),
        _ => None,
    }
}

/// Numbers that are none are the same as themselves.
fn is_same(one: &FieldValue, other: &FieldValue) -> bool {
    match (one, other) {
        (FieldValue::Float(one), FieldValue::Float(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

fn swapped(value: f64, len: u64) -> f64 {
    match len {
        #[expect(clippy::cast_possible_truncation, reason = "it was a float of four bytes")]
        4 => f64::from(f32::from_bits((value as f32).to_bits().swap_bytes())),
        _ => f64::from_bits(value.to_bits().swap_bytes()),
    }
}

fn len_of(value: &FieldValue) -> usize {
    match value {
        FieldValue::Text(text) => text.chars().count(),
        FieldValue::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

/// Counts as small as their proportions allow.
pub(super) fn weights(counts: &[u64]) -> Vec<u32> {
    let divisor = counts.iter().fold(0, |divisor, it| gcd(*it, divisor)).max(1);
    // What 32 bits do not hold is halved until they do.
    let most = counts.iter().max().map_or(1, |it| it.checked_div(divisor).unwrap_or(1));
    let scale = most.checked_ilog2().unwrap_or(0).saturating_sub(31);
    let weight = |it: &u64| (it.checked_div(divisor).unwrap_or(1) >> scale).max(1);
    counts.iter().map(|it| u32::try_from(weight(it)).unwrap_or(u32::MAX)).collect()
}

fn gcd(a: u64, b: u64) -> u64 {
    match b {
        0 => a,
        _ => gcd(b, a.checked_rem(b).unwrap_or(0)),
    }
}
