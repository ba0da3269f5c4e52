//! Where a message in a stream of bytes ends, before all of it is there.

use std::ops::Range;

use super::Codec;
use super::error::CodecError;
use super::plan::{Form, Plan, Step};
use super::tag::{Selection, find, is_integer};
use crate::message::Scalar;

/// The longest message of a stream, bytes. A length that says more is absurd.
pub const MAX_STREAMED_LEN: usize = 1 << 20;

/// How messages of a codec follow one another in a stream.
#[derive(Clone, Debug)]
pub struct Framing {
    /// The step that counts the tail's elements, for each of the plan's roots.
    lengths: Vec<Option<u32>>,
    /// Bytes, where all messages have as many.
    fixed: Option<usize>,
}

/// How far the message at the start of some bytes reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent<'c> {
    /// So many bytes.
    Bytes(usize),
    /// It cannot be told before so many bytes are there.
    Needs(usize),
    /// To the first NUL, which counts among its bytes, at or behind an offset.
    Nul(usize),
    /// To the end of the stream.
    Close,
    /// It cannot be told: the field at a path has a value that says nothing, or is absurd.
    Unknown {
        /// The tag, or the length.
        path: &'c str,
        /// Of the field, bytes.
        offset: usize,
        /// The bytes that can be read all the same.
        len: usize,
        /// It is the tag, whose value has no case.
        is_tag: bool,
    },
}

/// What a record ends with.
enum Ending {
    Fixed(usize),
    Tail { offset: usize, stride: usize, terminated: bool },
}

impl Framing {
    /// Bytes, where all messages have as many.
    pub fn fixed(&self) -> Option<usize> {
        self.fixed
    }
}

impl Codec {
    /// How messages follow one another; `length` is the path of the field that counts the
    /// elements of the variable tail.
    ///
    /// # Errors
    ///
    /// No such field, or none of integers.
    pub fn framing(&self, length: Option<&str>) -> Result<Framing, CodecError> {
        let plan = &self.plan;
        let roots = 0..plan.roots.len();
        let lengths: Vec<_> =
            roots.map(|root| length.and_then(|path| find(plan, root, path))).collect();
        if let Some(path) = length {
            let step = lengths.iter().flatten().next().ok_or_else(|| plan.unknown_field(path))?;
            if !plan.step(*step).is_some_and(is_integer) {
                let message = self.name().to_owned();
                return Err(CodecError::LengthKind { message, path: path.to_owned() });
            }
        }
        let mut framing = Framing { lengths, fixed: None };
        framing.fixed = self.fixed();
        Ok(framing)
    }

    /// The size that all cases have in common.
    fn fixed(&self) -> Option<usize> {
        let mut sizes = self.selections().into_iter().map(|it| match self.ending(it) {
            Ending::Fixed(size) => Some(size),
            Ending::Tail { .. } => None,
        });
        let first = sizes.next().flatten()?;
        sizes.all(|size| size == Some(first)).then_some(first)
    }

    fn selections(&self) -> Vec<Selection<'_>> {
        let chosen = self.tag.iter().flat_map(|tag| tag.selections());
        let mut selections: Vec<_> = chosen.collect();
        if selections.is_empty() {
            selections.push(Selection::default());
        }
        selections
    }

    /// How far the message at the start of `bytes` reaches. What it says of some bytes holds
    /// whatever follows them.
    pub fn extent(&self, framing: &Framing, bytes: &[u8]) -> Extent<'_> {
        if let Some(size) = framing.fixed {
            return Extent::Bytes(size);
        }
        let mut selection = Selection::default();
        if let Some(tag) = &self.tag {
            let needed = self.plan.step(tag.step).map_or(0, Step::reach_of_number);
            if bytes.len() < needed {
                return Extent::Needs(needed);
            }
            selection = tag.select(&self.plan, bytes);
            if selection.unknown {
                return self.unknown(tag.step, needed, true);
            }
        }
        let (offset, stride, terminated) = match self.ending(selection) {
            Ending::Fixed(size) => return Extent::Bytes(size),
            Ending::Tail { offset, stride, terminated } => (offset, stride, terminated),
        };
        let length = framing.lengths.get(selection.root).copied().flatten();
        let Some(length) = length else {
            return if terminated { Extent::Nul(offset) } else { Extent::Close };
        };
        let needed = self.plan.step(length).map_or(0, Step::reach_of_number).max(offset);
        if bytes.len() < needed {
            return Extent::Needs(needed);
        }
        let count = self.plan.number(length, bytes).and_then(|it| usize::try_from(it).ok());
        let tail = count.and_then(|it| it.checked_mul(stride));
        match tail.and_then(|it| offset.checked_add(it)) {
            Some(len) if len <= MAX_STREAMED_LEN => Extent::Bytes(len),
            _ => self.unknown(length, needed, false),
        }
    }

    fn unknown(&self, step: u32, len: usize, is_tag: bool) -> Extent<'_> {
        let offset = self.plan.step(step).map_or(0, |it| it.offset);
        let path = self.plan.path(step).unwrap_or_default();
        Extent::Unknown { path, offset, len, is_tag }
    }

    fn ending(&self, selection: Selection<'_>) -> Ending {
        let root = self.plan.root(selection.root);
        root.map_or(Ending::Fixed(0), |root| {
            within(&self.plan, root.steps.clone(), root.size, selection)
        })
    }
}

/// What the last of the steps directly within `range`, a record up to `end`, ends with.
fn within(plan: &Plan, range: Range<u32>, end: usize, selection: Selection<'_>) -> Ending {
    match plan.children(range).last() {
        Some((index, step)) if step.is_open() => ending(plan, index, step, selection),
        _ => Ending::Fixed(end),
    }
}

fn ending(plan: &Plan, index: u32, step: &Step, selection: Selection<'_>) -> Ending {
    let end = step.offset.saturating_add(step.len);
    let tail = |stride, terminated| Ending::Tail { offset: step.offset, stride, terminated };
    match step.form {
        Form::SpanTail { terminated, .. } => tail(1, terminated),
        Form::Tail { stride } => tail(stride, false),
        Form::Group { open: true } => {
            within(plan, index.saturating_add(1)..step.end, end, selection)
        }
        Form::Union { open: true } if selection.rules(index) => {
            let member = selection.member.and_then(|it| Some((it, plan.step(it)?)));
            member.map_or(Ending::Fixed(end), |(it, step)| ending(plan, it, step, selection))
        }
        _ => Ending::Fixed(end),
    }
}

impl Step {
    fn is_open(&self) -> bool {
        match self.form {
            Form::Tail { .. } | Form::SpanTail { .. } => true,
            Form::Group { open } | Form::Union { open } => open,
            Form::Number(_) | Form::Bits(_) | Form::Span | Form::List { .. } => false,
        }
    }

    /// Where a number ends, bytes.
    fn reach_of_number(&self) -> usize {
        self.offset.saturating_add(self.len)
    }
}

impl Plan {
    /// The number at a step that is an integer.
    pub(super) fn number(&self, step: u32, bytes: &[u8]) -> Option<i128> {
        let step = self.step(step)?;
        let scalar = match step.form {
            Form::Number(number) => number.read(bytes.get(step.offset..)?)?,
            Form::Bits(bits) => {
                bits.read(bytes.get(step.offset..step.offset.saturating_add(step.len))?)
            }
            _ => return None,
        };
        match scalar {
            Scalar::Unsigned(value) => Some(i128::from(value)),
            Scalar::Signed(value) => Some(i128::from(value)),
            Scalar::Float(_) | Scalar::Span | Scalar::Nested | Scalar::Null => None,
        }
    }
}
