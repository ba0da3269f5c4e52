//! What a layout is compiled into: data, with one reader ([`super::read`]), one writer
//! ([`super::write`]) and one measure ([`super::extent`]).
//!
//! - **Steps** lie flat, in the order of the items they give; what is within a step follows it, up
//!   to its `end`. A step without a node is an anonymous record: it lists no item of its own.
//! - A **segment** is steps whose offsets count from one running base. All have fixed places,
//!   except that the last may be *open*: its bytes say where it ends, and there the next segment
//!   has its base. So a tail, a counted list or a chosen case may stand anywhere.
//! - A **sequence** is segments one behind the other: a root, an open record, the element of an
//!   open list, or what a length frames.
//! - A **term** is a number that a field says, wherever in the message its segment began.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use super::id::{Id, Table};
use super::number::{BitField, Number, NumberKind};
use super::ready::Ready;
use crate::message::{FieldTable, NodeId};

pub(super) type StepId = Id<Step>;
pub(super) type SequenceId = Id<Sequence>;
pub(super) type TermId = Id<Term>;
pub(super) type CasesId = Id<Cases>;
pub(super) type RootId = Id<Root>;

/// Steps behind one another, with what is in them.
pub(super) type Steps = Range<StepId>;

#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub steps: Table<Step>,
    pub sequences: Table<Sequence>,
    pub terms: Table<Term>,
    pub cases: Table<Cases>,
    pub table: FieldTable,
    /// The layout itself, then the structs of its cases.
    pub roots: Table<Root>,
    /// Items that its segments keep ready.
    pub ready_items: usize,
    /// The names of the records behind steps, for cases that name a member by its struct.
    pub records: HashMap<StepId, String>,
    /// The nodes that are sums over bytes of the message.
    pub sums: Vec<u32>,
    /// The nodes that are `_Bool`.
    pub booleans: Vec<NodeId>,
}

/// A record that a whole message can be.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub name: String,
    pub steps: Steps,
    pub sequence: SequenceId,
    /// The nodes of its own steps.
    pub table: FieldTable,
    /// `sizeof`.
    pub size: usize,
    /// Where the last field ends; see [`Step::reach`].
    pub reach: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    pub segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub steps: Steps,
    /// From the base to its end, as far as `sizeof` counts.
    pub len: usize,
    /// The step, its last, that says otherwise.
    pub open: Option<StepId>,
    /// Under which number its base is kept, where a term speaks of its fields.
    pub mark: Option<Mark>,
    /// The items of its first steps.
    pub ready: Ready,
    /// The first step that is not among these.
    pub walked: StepId,
}

/// The number under which the base of a segment is kept while a message is read or written; below
/// [`MAX_MARKS`](super::bases::MAX_MARKS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(pub u8);

#[derive(Clone, Debug)]
pub(super) struct Step {
    /// `None` for an anonymous record.
    pub node: Option<NodeId>,
    /// The next step that is not within this one.
    pub end: StepId,
    /// From the base of its segment.
    pub offset: usize,
    /// Bytes that `sizeof` counts.
    pub len: usize,
    /// Where the last field within ends: padding behind it, what is open, and an array within which
    /// the message may end, need not be there.
    pub reach: usize,
    pub form: Form,
}

/// Its number lies by itself, as every field read asks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
pub(super) enum Form {
    Number(Number),
    Bits(BitField),
    /// Text or bytes, of the step's length; where `may_end`, of what the message has of it.
    Span {
        may_end: bool,
    },
    /// A record all of whose members have fixed places, from the base that it has itself.
    Group,
    /// Members over one another; of several cases, where its tag is there, the one chosen. Open,
    /// it is as long as its members. `whole`: a message of `sizeof` bytes has all of it.
    Union {
        open: bool,
        whole: bool,
        cases: Option<CasesId>,
    },
    /// Elements at fixed places; where `may_end`, those that the message has whole.
    List {
        len: usize,
        stride: usize,
        may_end: bool,
    },
    /// Characters up to the end of the message, or to a NUL and the `padding` behind it; or as many as
    /// a field says.
    SpanTail {
        padding: usize,
        terminated: bool,
        count: Option<TermId>,
    },
    /// A record with open members. The first segment has the record's own base.
    Sequence(SequenceId),
    /// Elements, each of which has its base where the one before ends.
    Repeat {
        count: Count,
        element: SequenceId,
    },
    /// What takes as many bytes as a field says. Its base is where it starts.
    Framed {
        len: TermId,
        sequence: SequenceId,
    },
}

/// How often something is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Count {
    #[cfg_attr(not(test), expect(dead_code, reason = "C alone cannot say it"))]
    Exactly(usize),
    Said(TermId),
    /// Up to the end of the message, or of the frame that it is in.
    ToEnd,
}

/// `(field & mask) * factor / divisor + bias`. The field is in every message that what it counts is in, and
/// can be read before that: it stands before it, or at a fixed place in the same segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub field: StepId,
    /// Bits of the field; all of them where it is -1.
    pub mask: i128,
    pub factor: i128,
    pub divisor: i128,
    pub bias: i128,
    /// Of the field's segment; the plan gives it, once it is complete.
    pub mark: Option<Mark>,
}

/// What the values of a tag choose. The first that has the value holds.
#[derive(Clone, Debug)]
pub(super) struct Cases {
    pub tag: TermId,
    pub cases: Vec<Choice>,
}

#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub values: RangeInclusive<i128>,
    /// The step of a union's member; `None`: nothing is there.
    pub member: Option<StepId>,
}

impl Sequence {
    /// Bytes, where every one has as many.
    pub fn fixed_len(&self) -> Option<usize> {
        match self.segments.as_slice() {
            [only] if only.open.is_none() => Some(only.len),
            _ => None,
        }
    }

    /// All its items, where every one has the same, and they are kept ready.
    pub fn alike(&self) -> Option<&Ready> {
        match self.segments.as_slice() {
            [only] if only.walked == only.steps.end => Some(&only.ready),
            _ => None,
        }
    }
}

impl Step {
    /// Whether only the message says how long it is.
    pub fn is_open(&self) -> bool {
        match self.form {
            Form::SpanTail { .. }
            | Form::Sequence(_)
            | Form::Repeat { .. }
            | Form::Framed { .. } => true,
            Form::Union { open, .. } => open,
            Form::Number(_)
            | Form::Bits(_)
            | Form::Span { .. }
            | Form::Group
            | Form::List { .. } => false,
        }
    }

    pub fn is_integer(&self) -> bool {
        match self.form {
            Form::Number(number) => !matches!(number.kind, NumberKind::Float),
            Form::Bits(_) => true,
            _ => false,
        }
    }

    /// Where it ends by `sizeof`, from its base.
    pub fn stop(&self) -> usize {
        self.offset.saturating_add(self.len)
    }
}

impl Term {
    /// The field's own value.
    pub fn of(field: StepId) -> Self {
        Self { field, mask: -1, factor: 1, divisor: 1, bias: 0, mark: None }
    }

    /// What it says, from the field's value.
    pub fn apply(&self, field: i128) -> i128 {
        let scaled = (field & self.mask).saturating_mul(self.factor);
        scaled.checked_div(self.divisor).unwrap_or(0).saturating_add(self.bias)
    }

    /// The field's value, its other bits as they are in `field`, that says `wanted`.
    pub fn invert(&self, wanted: i128, field: i128) -> Option<i128> {
        let scaled = wanted.checked_sub(self.bias)?;
        let bits = scaled.checked_mul(self.divisor)?.checked_div(self.factor)?;
        let value = (field & !self.mask) | (bits & self.mask);
        (self.apply(value) == wanted).then_some(value)
    }
}

impl Cases {
    pub fn find(&self, tag: i128) -> Option<&Choice> {
        self.cases.iter().find(|it| it.values.contains(&tag))
    }

    /// The member that a tag chooses.
    pub fn member(&self, tag: i128) -> Option<StepId> {
        self.find(tag)?.member
    }

    /// Tags that choose a member, as far as the ends of its cases tell; `bits` are those that the
    /// tag has.
    pub fn tags_of(&self, member: StepId, bits: i128) -> impl Iterator<Item = i128> {
        let choices = self.cases.iter().filter(move |it| it.member == Some(member));
        let tags = choices.flat_map(move |it| [*it.values.start(), *it.values.end(), bits]);
        tags.filter(move |tag| self.member(*tag) == Some(member))
    }
}
