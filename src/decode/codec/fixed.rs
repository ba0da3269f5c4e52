//! The fields that lie alike in every message: their items are made once, and of each message
//! only the numbers are read.
//!
//! These are the first fields of a record, up to a union or a variable tail. What the walk of
//! [`super::read`] lists for them, where all their bytes are there, is listed here in one pass.

use super::number::{BitField, Number};
use super::plan::{ANONYMOUS, Form, Plan, Root, Step};
use crate::message::{Item, Scalar};

/// Items of one record that are kept ready.
const MAX_READY_ITEMS: usize = 1 << 10;

#[derive(Clone, Debug, Default)]
pub(super) struct Fixed {
    /// The first step that is not among these.
    pub next: u32,
    /// Bytes of the message that they take, the padding of records among them included.
    pub len: usize,
    items: Vec<Item>,
    /// What differs from message to message: the item by its index, and how its value is read.
    numbers: Vec<(usize, Number)>,
    bits: Vec<(usize, BitField)>,
}

impl Fixed {
    /// Those of a root, as many as are kept ready.
    pub fn of(plan: &Plan, root: &Root) -> Self {
        let mut fixed = Self { next: root.steps.start, ..Self::default() };
        for (index, step) in plan.children(root.steps.clone()) {
            let (len, count) = (fixed.len, fixed.items.len());
            if fixed.add(plan, index, 0).is_none() {
                fixed.len = len;
                fixed.truncate(count);
                break;
            }
            fixed.next = step.end;
        }
        fixed
    }

    /// Lists the fields of a message, into an empty list; where not all are there, none.
    #[inline]
    pub fn read(&self, bytes: &[u8], items: &mut Vec<Item>) -> bool {
        if bytes.len() < self.len {
            return false;
        }
        items.extend_from_slice(&self.items);
        for (index, number) in &self.numbers {
            if let Some(item) = items.get_mut(*index)
                && let Some(scalar) =
                    bytes.get(item.offset as usize..).and_then(|it| number.read(it))
            {
                item.scalar = scalar;
            }
        }
        for (index, bits) in &self.bits {
            if let Some(item) = items.get_mut(*index)
                && let Some(touched) = item.bytes_in(bytes)
            {
                item.scalar = bits.read(touched);
            }
        }
        true
    }

    fn truncate(&mut self, count: usize) {
        self.items.truncate(count);
        self.numbers.retain(|(index, _)| *index < count);
        self.bits.retain(|(index, _)| *index < count);
    }

    /// Adds a step and what is in it; `None` where it does not lie alike in every message, or is
    /// too much.
    fn add(&mut self, plan: &Plan, index: u32, base: usize) -> Option<()> {
        let step = plan.step(index)?;
        let offset = base.checked_add(step.offset)?;
        self.len = self.len.max(offset.checked_add(step.len)?);
        let at = self.items.len();
        let scalar = match step.form {
            Form::Number(_) | Form::Bits(_) => Scalar::Unsigned(0),
            Form::Span => Scalar::Span,
            Form::Group { open: false } | Form::List { .. } => Scalar::Nested,
            Form::Group { open: true }
            | Form::Union { .. }
            | Form::Tail { .. }
            | Form::SpanTail { .. } => return None,
        };
        if step.node != ANONYMOUS {
            let (start, len) = (u32::try_from(offset).ok()?, u32::try_from(step.len).ok()?);
            self.items.push(Item { node: step.node, offset: start, len, end: 0, scalar });
            match step.form {
                Form::Number(number) => self.numbers.push((at, number)),
                Form::Bits(bits) => self.bits.push((at, bits)),
                _ => {}
            }
        }
        self.add_inner(plan, index, step, base)?;
        let end = self.items.len();
        if let Some(item) = self.items.get_mut(at).filter(|_| step.node != ANONYMOUS) {
            item.end = u32::try_from(end).ok()?;
        }
        (end <= MAX_READY_ITEMS).then_some(())
    }

    /// Adds what is in a group or list.
    fn add_inner(&mut self, plan: &Plan, index: u32, step: &Step, base: usize) -> Option<()> {
        let first = index.checked_add(1)?;
        match step.form {
            Form::Group { .. } => plan
                .children(first..step.end)
                .try_for_each(|(member, _)| self.add(plan, member, base)),
            Form::List { len, stride } => (0..len).try_for_each(|element| {
                let offset = base.checked_add(step.offset)?;
                self.add(plan, first, offset.checked_add(element.checked_mul(stride)?)?)
            }),
            _ => Some(()),
        }
    }
}
