//! Walking a message's flat list of items one level at a time.

use super::{Item, Message};

/// The items of one level, each with its index; what they hold is passed over.
#[derive(Clone, Debug)]
pub struct Siblings<'a> {
    items: &'a [Item],
    next: usize,
    end: usize,
}

impl<'a> Message<'a> {
    /// The outermost fields.
    pub fn top(&self) -> Siblings<'a> {
        Siblings { items: self.items, next: 0, end: self.items.len() }
    }

    /// What the group or list at `index` holds: its fields or elements; nothing for a scalar.
    pub fn inner(&self, index: usize) -> Siblings<'a> {
        let end = self.items.get(index).map_or(0, |item| item.end as usize);
        Siblings { items: self.items, next: index.saturating_add(1), end }
    }
}

impl<'a> Iterator for Siblings<'a> {
    type Item = (usize, &'a Item);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        if index >= self.end {
            return None;
        }
        let item = self.items.get(index)?;
        self.next = index.saturating_add(1).max(item.end as usize);
        Some((index, item))
    }
}
