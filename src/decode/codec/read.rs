//! Bytes to items, along a plan.

use std::ops::Range;

use super::MAX_ITEMS;
use super::number::BitField;
use super::plan::{ANONYMOUS, Form, Plan, Step};
use super::tag::Selection;
use crate::message::{ErrorKind, Item, Scalar};

/// One message while it is read.
pub(super) struct Reader<'a> {
    plan: &'a Plan,
    /// `sizeof` of the whole.
    size: usize,
    selection: Selection<'a>,
    bytes: &'a [u8],
    wire_len: usize,
    items: &'a mut Vec<Item>,
    max_items: usize,
    /// Where the message ends, as far as it is known.
    pub end: usize,
    /// A character tail had no NUL.
    pub unterminated: bool,
}

/// Why the walk ended early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    pub step: u32,
    pub offset: usize,
    pub kind: ErrorKind,
}

impl<'a> Reader<'a> {
    pub fn new(
        plan: &'a Plan,
        size: usize,
        selection: Selection<'a>,
        bytes: &'a [u8],
        wire_len: usize,
        items: &'a mut Vec<Item>,
    ) -> Self {
        let max_items = MAX_ITEMS.saturating_add(plan.table.nodes.len());
        Self {
            plan,
            size,
            selection,
            bytes,
            wire_len,
            items,
            max_items,
            end: size,
            unterminated: false,
        }
    }

    /// Reads the steps of `range`, whose offsets count from `base`.
    pub fn fields(&mut self, range: Range<u32>, base: usize) -> Result<(), Failure> {
        let mut at = range.start;
        while at < range.end {
            let Some(step) = self.plan.step(at) else { break };
            self.field(at, step, base)?;
            at = step.end;
        }
        Ok(())
    }

    /// Kept small, so that a flat struct is read by one loop.
    #[inline]
    fn field(&mut self, index: u32, step: &'a Step, base: usize) -> Result<(), Failure> {
        let offset = base.saturating_add(step.offset);
        match step.form {
            Form::Number(number) => {
                let input = self.bytes.get(offset..).unwrap_or_default();
                let Some(scalar) = number.read(input) else { return Err(self.cut(index, offset)) };
                self.push(step.node, offset, step.len, scalar);
                Ok(())
            }
            Form::Span => self.span(index, step, offset),
            Form::SpanTail { padding, terminated } => {
                self.span_tail(index, step, offset, padding, terminated)
            }
            Form::Bits(field) => self.bits(index, step, offset, field),
            Form::Group { .. } | Form::Union { .. } => self.record(index, step, base, offset),
            Form::List { len, stride } => self.list(index, step, offset, len, stride),
            Form::Tail { stride } => self.tail(index, step, offset, stride),
        }
    }

    #[inline]
    fn span(&mut self, index: u32, step: &Step, offset: usize) -> Result<(), Failure> {
        if self.bytes.get(offset..offset.saturating_add(step.len)).is_none() {
            return Err(self.cut(index, offset));
        }
        self.push(step.node, offset, step.len, Scalar::Span);
        Ok(())
    }

    fn bits(
        &mut self,
        index: u32,
        step: &Step,
        offset: usize,
        field: BitField,
    ) -> Result<(), Failure> {
        let touched = self.bytes.get(offset..offset.saturating_add(step.len));
        let Some(touched) = touched else { return Err(self.cut(index, offset)) };
        self.push(step.node, offset, step.len, field.read(touched));
        Ok(())
    }

    /// Characters to their first NUL, which counts among them, or to the end.
    fn span_tail(
        &mut self,
        index: u32,
        step: &Step,
        offset: usize,
        padding: usize,
        terminated: bool,
    ) -> Result<(), Failure> {
        let Some(rest) = self.bytes.get(offset..) else { return Err(self.cut(index, offset)) };
        let nul = if terminated { memchr::memchr(0, rest) } else { None };
        let len = nul.map_or(rest.len(), |nul| nul.saturating_add(1));
        self.push(step.node, offset, len, Scalar::Span);
        self.end = offset.saturating_add(len);
        if nul.is_some() {
            if self.wire_len.saturating_sub(self.end) == padding {
                self.end = self.wire_len;
            }
        } else if self.bytes.len() < self.wire_len {
            return Err(self.cut(index, offset));
        } else {
            self.unterminated |= terminated;
        }
        Ok(())
    }

    #[inline(never)]
    fn record(
        &mut self,
        index: u32,
        step: &'a Step,
        base: usize,
        offset: usize,
    ) -> Result<(), Failure> {
        match step.form {
            Form::Union { open } => self.nested(index, step, offset, open, |reader| {
                reader.members(index, step, base, open)
            }),
            form => {
                let open = matches!(form, Form::Group { open: true });
                self.nested(index, step, offset, open, |reader| {
                    reader.fields(index.saturating_add(1)..step.end, base)
                })
            }
        }
    }

    #[inline(never)]
    fn list(
        &mut self,
        index: u32,
        step: &Step,
        offset: usize,
        count: usize,
        stride: usize,
    ) -> Result<(), Failure> {
        self.nested(index, step, offset, false, |reader| {
            reader.elements(index, offset, count, stride)
        })
    }

    #[inline(never)]
    fn tail(
        &mut self,
        index: u32,
        step: &Step,
        offset: usize,
        stride: usize,
    ) -> Result<(), Failure> {
        let rest = self.bytes.get(offset..).map_or(0, <[u8]>::len);
        let count = rest.checked_div(stride).unwrap_or(0);
        self.end = offset.saturating_add(count.saturating_mul(stride));
        let whole = Step { len: count.saturating_mul(stride), ..*step };
        self.list(index, &whole, offset, count, stride)?;
        match self.bytes.len() < self.wire_len || offset > self.bytes.len() {
            true => Err(self.cut(index, self.end)),
            false => Ok(()),
        }
    }

    /// Lists the item of a group or list and what `inner` reads within it.
    fn nested(
        &mut self,
        index: u32,
        step: &Step,
        offset: usize,
        open: bool,
        inner: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if open {
            self.end = offset.saturating_add(step.len);
        }
        let at = self.items.len();
        self.push(step.node, offset, 0, Scalar::Nested);
        let mut outcome = inner(self);
        if step.node == ANONYMOUS {
            return outcome;
        }
        if outcome.is_ok() && offset > self.bytes.len() {
            // Empty as it is, it lies beyond the end.
            outcome = Err(self.cut(index, offset));
        }
        let end = if open { self.end } else { offset.saturating_add(step.len) };
        let end = end.min(self.bytes.len());
        let next = self.items.len();
        if outcome.is_err() && next == at.saturating_add(1) {
            // Nothing of it was there.
            self.items.truncate(at);
        } else if let Some(item) = self.items.get_mut(at) {
            item.len = end.saturating_sub(offset) as u32;
            item.end = next as u32;
        }
        outcome
    }

    fn elements(
        &mut self,
        list: u32,
        offset: usize,
        count: usize,
        stride: usize,
    ) -> Result<(), Failure> {
        let index = list.saturating_add(1);
        let Some(element) = self.plan.step(index) else { return Ok(()) };
        let mut base = offset;
        for _ in 0..count {
            if self.items.len() >= self.max_items {
                return Err(Failure { step: list, offset: base, kind: ErrorKind::Limit });
            }
            self.field(index, element, base)?;
            base = base.saturating_add(stride);
        }
        Ok(())
    }

    /// Reads the member that the tag chooses, or every member that the bytes can hold.
    fn members(&mut self, index: u32, step: &Step, base: usize, open: bool) -> Result<(), Failure> {
        let plan = self.plan;
        let range = index.saturating_add(1)..step.end;
        let offset = base.saturating_add(step.offset);
        if self.selection.rules(index) && self.selection.member.is_none() {
            return self.up_to_tag(range, offset, open);
        }
        let mut furthest = None;
        let mut left_out = None;
        for (member, it) in plan.children(range) {
            if self.selection.rules(index) {
                if self.selection.member != Some(member) {
                    continue;
                }
            } else if base.saturating_add(it.reach) > self.bytes.len() {
                left_out = left_out.or(Some(member));
                continue;
            }
            if open {
                self.end = base.saturating_add(it.offset).saturating_add(it.len);
            }
            self.field(member, it, base)?;
            furthest = furthest.max(Some(self.end));
        }
        if open {
            self.end = furthest.unwrap_or(offset);
            if self.wire_len == self.size {
                self.end = self.wire_len;
            }
        }
        let snapped = self.bytes.len() < self.wire_len;
        match left_out {
            Some(member) if furthest.is_none() || snapped => Err(self.cut(member, offset)),
            _ => Ok(()),
        }
    }

    /// The tag's value is unknown: of the union it is in, the fields up to the tag are read; of
    /// any other, nothing.
    fn up_to_tag(&mut self, range: Range<u32>, offset: usize, open: bool) -> Result<(), Failure> {
        let plan = self.plan;
        let tag = self.selection.tag;
        self.end = if open { offset } else { self.end };
        let Some(step) = plan.step(tag).filter(|_| range.contains(&tag)) else { return Ok(()) };
        let Some((member, it)) = plan.children(range).find(|(at, it)| (*at..it.end).contains(&tag))
        else {
            return Ok(());
        };
        let (bytes, wire_len) = (self.bytes, self.wire_len);
        self.bytes = bytes.get(..step.reach).unwrap_or(bytes);
        self.wire_len = self.bytes.len();
        // It ends early by intent: the error of the message is the unknown tag. A union that a
        // tag rules is in no list, so that its offsets count from the start.
        let _ = self.field(member, it, 0);
        self.end = self.bytes.len();
        (self.bytes, self.wire_len) = (bytes, wire_len);
        Ok(())
    }

    #[inline]
    fn push(&mut self, node: u32, offset: usize, len: usize, scalar: Scalar) {
        if node == ANONYMOUS {
            return;
        }
        let end = (self.items.len() as u32).saturating_add(1);
        self.items.push(Item { node, offset: offset as u32, len: len as u32, end, scalar });
    }

    #[cold]
    fn cut(&self, step: u32, offset: usize) -> Failure {
        let kind = match self.bytes.len() < self.wire_len {
            true => ErrorKind::Snapped,
            false => ErrorKind::Short,
        };
        Failure { step, offset, kind }
    }
}
