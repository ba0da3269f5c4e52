//! The flat list of steps that a layout is compiled into, in the order of the items they give.
//!
//! A step's children follow it, up to its `end`. Offsets count from the start of the message, or
//! of the list element that the step is in. Anonymous records are steps without a node: they hold
//! their members together, but list no item.

use std::collections::HashMap;
use std::ops::Range;

use super::error::CodecError;
use super::fixed::Fixed;
use super::number::{BitField, Number};
use crate::message::{FieldTable, Node};
use crate::schema::nearest;

/// [`Step::node`] of an anonymous record.
pub(super) const ANONYMOUS: u32 = u32::MAX;

#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    pub table: FieldTable,
    /// The layout itself, then the structs of its cases.
    pub roots: Vec<Root>,
    /// The names of the records behind steps, for cases that name a member by its struct.
    pub records: HashMap<u32, String>,
}

/// A record that a whole message can be.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub name: String,
    pub steps: Range<u32>,
    /// The nodes of its own steps.
    pub table: FieldTable,
    /// `sizeof`.
    pub size: usize,
    /// Where the last field ends; see [`Step::reach`].
    pub reach: usize,
    /// The fields that lie alike in every message.
    pub fixed: Fixed,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Index into the table, or [`ANONYMOUS`].
    pub node: u32,
    /// The next step that is not within this one.
    pub end: u32,
    pub offset: usize,
    /// Bytes that `sizeof` counts.
    pub len: usize,
    /// Where the last field within ends: padding behind it, and tails, need not be there.
    pub reach: usize,
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Number(Number),
    Bits(BitField),
    /// Text or bytes, of the step's length.
    Span,
    /// `open`: the message ends with a tail or a union in it, which says how long it is.
    Group {
        open: bool,
    },
    Union {
        open: bool,
    },
    List {
        len: usize,
        stride: usize,
    },
    /// Elements up to the end of the message.
    Tail {
        stride: usize,
    },
    /// Characters up to the end of the message, or to a NUL and the `padding` behind it.
    SpanTail {
        padding: usize,
        terminated: bool,
    },
}

impl Plan {
    pub fn step(&self, index: u32) -> Option<&Step> {
        self.steps.get(index as usize)
    }

    pub fn root(&self, index: usize) -> Option<&Root> {
        self.roots.get(index)
    }

    pub fn node(&self, step: u32) -> Option<&Node> {
        self.table.nodes.get(self.step(step)?.node as usize)
    }

    /// The path of a step, or of the first step with a path within it.
    pub fn path(&self, step: u32) -> Option<&str> {
        let end = self.step(step)?.end;
        (step..end).find_map(|it| self.node(it)).map(|node| node.path.as_str())
    }

    /// The steps directly within `range`.
    pub fn children(&self, range: Range<u32>) -> impl Iterator<Item = (u32, &Step)> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let step = (at < range.end).then(|| self.step(at)).flatten()?;
            let index = std::mem::replace(&mut at, step.end);
            Some((index, step))
        })
    }

    /// The steps within `range` that stand at one place of the message: none within a list.
    pub fn placed(&self, range: Range<u32>) -> impl Iterator<Item = (u32, &Step)> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let step = (at < range.end).then(|| self.step(at)).flatten()?;
            let next = match step.form {
                Form::List { .. } | Form::Tail { .. } => step.end,
                _ => at.saturating_add(1),
            };
            Some((std::mem::replace(&mut at, next), step))
        })
    }

    /// The error that a path names nothing.
    pub fn unknown_field(&self, path: &str) -> CodecError {
        CodecError::UnknownField {
            message: self.root(0).map(|root| root.name.clone()).unwrap_or_default(),
            path: path.to_owned(),
            nearest: nearest(path, self.table.nodes.iter().map(|node| node.path.as_str())),
        }
    }
}
