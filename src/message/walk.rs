//! Walking a message's flat list of items one level at a time.

use super::message::{Item, Message};

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

#[cfg(test)]
mod tests {
    use super::super::marks::Marks;
    use super::super::message::{FieldTable, Item, Message, Scalar};

    #[test]
    fn a_level_passes_over_what_its_items_hold() {
        let item = |end, scalar| Item { node: 0, offset: 0, len: 0, end, scalar };
        // a { b c { d } } e, and an end that leads nowhere.
        let items = [
            item(4, Scalar::Nested),
            item(2, Scalar::Span),
            item(4, Scalar::Nested),
            item(4, Scalar::Span),
            item(0, Scalar::Span),
        ];
        let message = Message {
            protocol: "p",
            name: "m",
            table: &FieldTable::default(),
            items: &items,
            bytes: &[],
            apart: None,
            len: 0,
            trailing: 0,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: None,
        };
        let at = |level: super::Siblings<'_>| level.map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(at(message.top()), [0, 4]);
        assert_eq!(at(message.inner(0)), [1, 2]);
        assert_eq!(at(message.inner(2)), [3]);
        assert_eq!(at(message.inner(1)), [0; 0]);
        assert_eq!(at(message.inner(4)), [0; 0]);
        assert_eq!(at(message.inner(9)), [0; 0]);
    }
}
