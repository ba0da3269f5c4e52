//! The fields of one message, of which some are filled anew for each.

use rand::rngs::ChaCha8Rng;

use super::draw::Draw;
use super::places::Key;
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;

/// The fields of one message, and what fills them.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    value: FieldValue,
    slots: Vec<Slot>,
}

/// A value within others that is filled anew.
#[derive(Clone, Debug)]
struct Slot {
    /// At each level, which field or element.
    at: Vec<usize>,
    draw: Draw,
}

impl Tree {
    pub fn new() -> Self {
        Self { value: FieldValue::Group(Vec::new()), slots: Vec::new() }
    }

    /// The fields as they are.
    pub fn value(&self) -> &FieldValue {
        &self.value
    }

    /// Sets a value, which is the same in each message.
    pub fn set(&mut self, keys: &[Key], value: FieldValue) {
        let at = self.open(keys);
        if let Some(slot) = within(&mut self.value, &at) {
            *slot = value;
        }
        // What was set before of the same field, or within it, no longer holds.
        self.slots.retain(|it| !it.at.starts_with(&at));
    }

    /// Has a value filled anew for each message; until then it is `first`.
    pub fn draw(&mut self, keys: &[Key], first: FieldValue, draw: Draw) {
        self.set(keys, first);
        let at = self.open(keys);
        self.slots.push(Slot { at, draw });
    }

    /// How many values are filled anew.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// One of them, as it is.
    pub fn slot(&self, index: usize) -> Option<&FieldValue> {
        let at = &self.slots.get(index)?.at;
        at.iter().try_fold(&self.value, |value, index| match value {
            FieldValue::Group(fields) => fields.get(*index).map(|(_, it)| it),
            FieldValue::List(elements) => elements.get(*index),
            _ => None,
        })
    }

    /// Puts another value there.
    pub fn put(&mut self, index: usize, value: FieldValue) {
        let slot = self.slots.get(index).and_then(|it| within(&mut self.value, &it.at));
        slot.into_iter().for_each(|slot| *slot = value.clone());
    }

    /// Fills what is filled anew.
    pub fn next(&mut self, rng: &mut ChaCha8Rng, now: Timestamp) {
        for Slot { at, draw } in &mut self.slots {
            if let Some(slot) = within(&mut self.value, at) {
                draw.next(rng, now, slot);
            }
        }
    }

    /// Where a value is, at each level; it is there from then on.
    fn open(&mut self, keys: &[Key]) -> Vec<usize> {
        let mut at = Vec::with_capacity(keys.len());
        for key in keys {
            if let Some(value) = within(&mut self.value, &at) {
                at.push(open(value, key));
            }
        }
        at
    }
}

fn open(value: &mut FieldValue, key: &Key) -> usize {
    match (&mut *value, key) {
        (FieldValue::Group(fields), Key::Field(name)) => {
            let known = fields.iter().position(|(it, _)| it == name);
            known.unwrap_or_else(|| {
                fields.push((name.clone(), FieldValue::Group(Vec::new())));
                fields.len().saturating_sub(1)
            })
        }
        (FieldValue::List(elements), Key::Element(index, zero)) => {
            let len = elements.len().max(index.saturating_add(1));
            elements.resize(len, zero.clone());
            *index
        }
        (_, Key::Field(_)) => {
            *value = FieldValue::Group(Vec::new());
            open(value, key)
        }
        (_, Key::Element(..)) => {
            *value = FieldValue::List(Vec::new());
            open(value, key)
        }
    }
}

fn within<'v>(value: &'v mut FieldValue, at: &[usize]) -> Option<&'v mut FieldValue> {
    at.iter().try_fold(value, |value, index| match value {
        FieldValue::Group(fields) => fields.get_mut(*index).map(|(_, it)| it),
        FieldValue::List(elements) => elements.get_mut(*index),
        _ => None,
    })
}
