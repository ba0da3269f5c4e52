//! Filling a list of items in the order of the output.

use std::ops::Range;

use super::message::{Item, Scalar};

/// Appends items; what a list or a group holds lies between its opening and its closing.
pub(crate) struct Items<'i>(pub &'i mut Vec<Item>);

impl Items<'_> {
    /// Text or bytes.
    pub fn span(&mut self, node: u32, range: &Range<usize>) {
        self.scalar(node, range, Scalar::Span);
    }

    /// A value that holds no others.
    pub fn scalar(&mut self, node: u32, range: &Range<usize>, scalar: Scalar) {
        let end = self.next().saturating_add(1);
        self.0.push(item(node, range, end, scalar));
    }

    /// A computed text, which stands there in [`Apart::computed`](super::Apart::computed).
    pub fn computed_text(&mut self, node: u32, text: &Range<usize>) {
        let end = self.next().saturating_add(1);
        self.0.push(Item::computed(node, text, end, Scalar::Span));
    }

    /// A computed number.
    pub fn computed(&mut self, node: u32, number: u64) {
        let end = self.next().saturating_add(1);
        self.0.push(Item::computed(node, &(0..0), end, Scalar::Unsigned(number)));
    }

    /// A list or a group begins; the index to close it by.
    pub fn open(&mut self, node: u32) -> usize {
        let index = self.0.len();
        self.0.push(item(node, &(0..0), 0, Scalar::Nested));
        index
    }

    /// All that came since is within it. `range` is where its bytes lie.
    pub fn close(&mut self, index: usize, range: &Range<usize>) {
        let end = self.next();
        if let Some(it) = self.0.get_mut(index) {
            *it = item(it.node, range, end, Scalar::Nested);
        }
    }

    /// The same, where all of it is computed.
    pub fn close_computed(&mut self, index: usize) {
        let end = self.next();
        if let Some(it) = self.0.get_mut(index) {
            *it = Item::computed(it.node, &(0..0), end, Scalar::Nested);
        }
    }

    fn next(&self) -> u32 {
        narrow(self.0.len())
    }
}

fn item(node: u32, range: &Range<usize>, end: u32, scalar: Scalar) -> Item {
    Item { node, offset: narrow(range.start), len: narrow(range.len()), end, scalar }
}

/// What is kept of a message is far shorter than 4 GiB.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
