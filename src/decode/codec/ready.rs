//! The fields of a segment that lie alike in every message: their items are made once, and of each
//! message only the numbers are read.

use super::number::{BitField, Number};
use crate::message::{Item, NodeId, Scalar};

/// Items of one segment that are kept ready.
const MAX_READY_ITEMS: usize = 1 << 10;

#[derive(Clone, Debug, Default)]
pub(super) struct Ready {
    /// Bytes that they take, the padding of records among them included.
    pub len: usize,
    /// Offsets and ends count from the segment.
    items: Vec<Item>,
    /// What differs from message to message: the item by its index, and how its value is read.
    numbers: Vec<(usize, Number)>,
    bits: Vec<(usize, BitField)>,
}

impl Ready {
    /// Lists the fields of a message that starts with them, into an empty list; where not all are
    /// there, none.
    #[inline(never)]
    pub fn read(&self, bytes: &[u8], items: &mut Vec<Item>) -> bool {
        if bytes.len() < self.len {
            return false;
        }
        items.extend_from_slice(&self.items);
        self.values(bytes, items);
        true
    }

    /// Lists the fields of a segment that starts at `base`, behind other items.
    #[inline]
    pub fn read_at(&self, bytes: &[u8], base: usize, items: &mut Vec<Item>) -> bool {
        match base == 0 && items.is_empty() {
            true => self.read(bytes, items),
            false => self.read_behind(bytes, base, items),
        }
    }

    fn read_behind(&self, bytes: &[u8], base: usize, items: &mut Vec<Item>) -> bool {
        let Some(bytes) = bytes.get(base..).filter(|bytes| bytes.len() >= self.len) else {
            return false;
        };
        let at = items.len();
        items.extend_from_slice(&self.items);
        let items = items.get_mut(at..).unwrap_or_default();
        self.values(bytes, items);
        shift(items, base as u32, at as u32);
        true
    }

    #[inline]
    fn values(&self, bytes: &[u8], items: &mut [Item]) {
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
    }

    /// Adds a number, whose value each message has anew.
    pub fn number(
        &mut self,
        node: NodeId,
        offset: usize,
        len: usize,
        number: Number,
    ) -> Option<()> {
        self.numbers.push((self.items.len(), number));
        self.add(node, offset, len, Scalar::Unsigned(0))
    }

    /// Adds a bit-field, whose value each message has anew.
    pub fn bits(&mut self, node: NodeId, offset: usize, len: usize, bits: BitField) -> Option<()> {
        self.bits.push((self.items.len(), bits));
        self.add(node, offset, len, Scalar::Unsigned(0))
    }

    /// Adds an item; `None` where it is one too many.
    pub fn add(&mut self, node: NodeId, offset: usize, len: usize, scalar: Scalar) -> Option<()> {
        let (offset, len) = (u32::try_from(offset).ok()?, u32::try_from(len).ok()?);
        let end = u32::try_from(self.count()).ok()?.checked_add(1)?;
        self.items.push(Item { node: node.number(), offset, len, end, scalar });
        (self.count() <= MAX_READY_ITEMS).then_some(())
    }

    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// All that was added since is within the item at this index.
    pub fn close(&mut self, index: usize) {
        let end = self.count() as u32;
        if let Some(item) = self.items.get_mut(index) {
            item.end = end;
        }
    }

    /// Leaves `count` items.
    pub fn truncate(&mut self, count: usize) {
        self.items.truncate(count);
        self.numbers.retain(|(index, _)| *index < count);
        self.bits.retain(|(index, _)| *index < count);
    }
}

/// From within the segment to within the message.
fn shift(items: &mut [Item], base: u32, at: u32) {
    for item in items {
        item.offset = item.offset.saturating_add(base);
        item.end = item.end.saturating_add(at);
    }
}
