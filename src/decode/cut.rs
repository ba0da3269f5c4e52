//! Runs of a message's bytes that are not kept: how many they were, and their SHA-256.
//!
//! A message keeps its first bytes in memory; what is beyond a bound passes by and is digested,
//! so that two messages can still be told apart. Digests are written behind the kept bytes, where
//! items can name them.

use sha2::{Digest, Sha256};

use crate::message::Items;
use crate::message::{FieldKind, Item, Message, Node, Scalar};

/// The nodes of [`nodes`], from the first of them.
const LIST: u32 = 0;
const RUN: u32 = 1;
const LEN: u32 = 2;
const SHA256: u32 = 3;

/// What was left out of one message.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts {
    runs: Vec<Run>,
    /// The last one, still growing.
    open: Option<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    /// Where it would lie in what is kept.
    at: usize,
    len: u64,
    /// `None` where some of it is not known.
    hasher: Option<Sha256>,
}

/// The fields: `cut`, a list of `len` and `sha256`.
pub(super) fn nodes() -> [Node; 4] {
    let node = |name: &str, path: &str, kind| Node { name: name.into(), path: path.into(), kind };
    [
        node("cut", "cut", FieldKind::List),
        node("", "cut", FieldKind::Group),
        node("len", "cut.len", FieldKind::Number),
        node("sha256", "cut.sha256", FieldKind::Text),
    ]
}

impl Cuts {
    /// Leaves out bytes that would follow what is kept up to `at`.
    pub fn bytes(&mut self, at: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let run = self.run(at);
        run.len = run.len.saturating_add(bytes.len() as u64);
        if let Some(hasher) = &mut run.hasher {
            hasher.update(bytes);
        }
    }

    /// The same of bytes that are not known.
    pub fn gap(&mut self, at: usize, len: u64) {
        let run = self.run(at);
        run.len = run.len.saturating_add(len);
        run.hasher = None;
    }

    fn run(&mut self, at: usize) -> &mut Run {
        self.open.get_or_insert_with(|| Run { at, len: 0, hasher: Some(Sha256::new()) })
    }

    /// What is left out next is another run.
    pub fn end_run(&mut self) {
        self.runs.extend(self.open.take());
    }

    /// Bytes so far, of every run.
    pub fn len(&self) -> u64 {
        self.runs.iter().chain(&self.open).fold(0, |sum, run| sum.saturating_add(run.len))
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.open = None;
    }

    /// Lists the runs, if there are any; their digests go behind `kept`. `first` is the index of
    /// the first of [`nodes`].
    pub fn list(&mut self, first: u32, items: &mut Vec<Item>, kept: &mut Vec<u8>) {
        self.end_run();
        if self.runs.is_empty() {
            return;
        }
        let node = |which: u32| first.saturating_add(which);
        let mut items = Items(items);
        let list = items.open(node(LIST));
        for Run { at, len, hasher } in self.runs.drain(..) {
            let place = at..at;
            let run = items.open(node(RUN));
            items.scalar(node(LEN), &place, Scalar::Unsigned(len));
            if let Some(hasher) = hasher {
                let start = kept.len();
                kept.extend(hasher.finalize().iter().flat_map(|it| [it >> 4, it & 0xf]).map(digit));
                items.span(node(SHA256), &(start..kept.len()));
            }
            items.close(run, &place);
        }
        items.close(list, &(0..0));
    }
}

/// A hexadecimal digit.
fn digit(nibble: u8) -> u8 {
    let digit = char::from_digit(nibble.into(), 16).unwrap_or_default();
    u8::try_from(digit).unwrap_or_default()
}

/// Where an item begins within its message, whose fields of [`nodes`] begin at `first`: what was
/// cut before it counts. `None` for these fields, which stand nowhere in it.
pub(super) fn offset_in_message(message: &Message<'_>, item: &Item, first: u32) -> Option<usize> {
    let is_cut = |it: &Item| it.node >= first;
    if is_cut(item) {
        return None;
    }
    let lens = message.items.iter().filter(|it| it.node == first.saturating_add(LEN));
    let before = lens.filter(|it| it.offset <= item.offset && item.scalar != Scalar::Nested);
    let cut = before.filter_map(|it| usize::try_from(it.scalar.integer()?).ok());
    Some(cut.fold(item.offset as usize, usize::saturating_add))
}
