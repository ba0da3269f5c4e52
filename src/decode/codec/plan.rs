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
//! - A **term** is a number that fields say, wherever in the message their segments began.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use super::id::{Id, Table};
use super::number::{BitField, Number, NumberKind};
use super::ready::Ready;
use crate::message::{FieldTable, NodeId};
use crate::profile::MAX_TAGS;
use crate::schema::Expression;

pub(super) type StepId = Id<Step>;
pub(super) type SequenceId = Id<Sequence>;
pub(super) type TermId = Id<Term>;
pub(super) type OperandId = Id<Operand>;
pub(super) type CasesId = Id<Cases>;
pub(super) type RootId = Id<Root>;

/// Steps behind one another, with what is in them.
pub(super) type Steps = Range<StepId>;

#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub steps: Table<Step>,
    pub sequences: Table<Sequence>,
    pub terms: Table<Term>,
    pub operands: Table<Operand>,
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
    /// The bytes of the whole message, where it says so.
    pub length: Option<TermId>,
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
    /// fields say.
    SpanTail {
        padding: usize,
        terminated: bool,
        count: Option<TermId>,
    },
    /// Characters up to the first of this value, which counts among them.
    SpanUntil {
        last: u8,
    },
    /// An integer in groups of seven bits, in at most so many bytes.
    Varint {
        max: u8,
    },
    /// What is there where a term is not zero. The first segment has the step's own base.
    Optional {
        present: TermId,
        sequence: SequenceId,
    },
    /// A record with open members. The first segment has the record's own base.
    Sequence(SequenceId),
    /// Elements, each of which has its base where the one before ends.
    Repeat {
        count: Count,
        element: SequenceId,
        /// Each takes a multiple of so many bytes.
        pad: u8,
    },
    /// What takes as many bytes as fields say, its own among them. Its base is where it starts.
    /// `zeros`: what is missing at its end reads as zeros.
    Framed {
        len: TermId,
        sequence: SequenceId,
        zeros: bool,
    },
}

/// How often something is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Count {
    Exactly(usize),
    Said(TermId),
    /// Up to the end of the message, or of the frame that it is in.
    ToEnd,
    /// Up to the first for which the term is not zero; `lax`: the end of the frame will do.
    Until {
        last: TermId,
        lax: bool,
    },
    /// As long as the term is not zero before an element.
    While(TermId),
}

/// A number that fields say. They are read before what it speaks of: they stand before it, or at a fixed
/// place in the same segment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub expression: Expression<Name>,
    /// The field that was met last of those that it names.
    pub last: Option<StepId>,
}

/// What the expression of a term names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Name {
    Field(OperandId),
    /// The bytes of the frame.
    Len,
    /// The bytes that are left of it.
    Rest,
    /// 1 of what goes to the port of the rule, 0 of what comes from it.
    ToServer,
}

/// A field that a term speaks of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Operand {
    pub field: StepId,
    /// Of the field's segment; the plan gives it, once it is complete.
    pub mark: Option<Mark>,
}

/// What the values of tags choose. The first case that has them holds.
#[derive(Clone, Debug)]
pub(super) struct Cases {
    pub tags: Vec<TermId>,
    pub cases: Vec<Choice>,
    /// What is read where there is no case.
    pub otherwise: Option<StepId>,
}

#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// Of each tag.
    pub values: Vec<RangeInclusive<i128>>,
    /// It holds only where this is not zero.
    pub when: Option<TermId>,
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
            | Form::SpanUntil { .. }
            | Form::Varint { .. }
            | Form::Optional { .. }
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
            Form::Bits(_) | Form::Varint { .. } => true,
            _ => false,
        }
    }

    /// Where it ends by `sizeof`, from its base.
    pub fn stop(&self) -> usize {
        self.offset.saturating_add(self.len)
    }
}

impl Cases {
    /// The first case that has the values of the tags, as `value` tells them, and holds; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Those of `value` and `holds`.
    pub fn choose<E>(
        &self,
        value: impl Fn(TermId) -> Result<i128, E>,
        holds: impl Fn(TermId) -> Result<bool, E>,
    ) -> Result<Option<&Choice>, E> {
        let mut tags = [0; MAX_TAGS];
        for (value_of, tag) in tags.iter_mut().zip(&self.tags) {
            *value_of = value(*tag)?;
        }
        for case in self.cases.iter().filter(|it| it.has(&tags)) {
            if case.when.map_or(Ok(true), &holds)? {
                return Ok(Some(case));
            }
        }
        Ok(None)
    }
}

impl Choice {
    /// Whether its values are those of the tags.
    pub fn has(&self, tags: &[i128]) -> bool {
        self.values.iter().zip(tags).all(|(values, tag)| values.contains(tag))
    }
}
