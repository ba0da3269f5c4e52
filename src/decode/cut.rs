//! Runs of a message's bytes that are not kept: how many they were, and their SHA-256.
//!
//! A message keeps its first bytes in memory; what is beyond a bound passes by and is digested,
//! so that two messages can still be told apart.

use sha2::{Digest, Sha256};

use crate::message::{Apart, FieldKind, Item, Items, Node, Omitted};

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
    /// Those that were listed, with their digests.
    listed: Apart,
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
    let node = |name: &str, path: &str, kind| Node::new(name, path, kind);
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
        if self.open.is_some() || !self.runs.is_empty() || !self.listed.omitted.is_empty() {
            *self = Self::default();
        }
    }

    /// Lists the runs, if there are any. `first` is the index of the first of [`nodes`].
    pub fn list(&mut self, first: u32, items: &mut Vec<Item>) {
        self.end_run();
        if self.runs.is_empty() {
            return;
        }
        let node = |which: u32| first.saturating_add(which);
        let mut items = Items(items);
        let list = items.open(node(LIST));
        for Run { at, len, hasher } in self.runs.drain(..) {
            self.listed.omitted.push(Omitted { at, len });
            let run = items.open(node(RUN));
            items.computed(node(LEN), len);
            if let Some(hasher) = hasher {
                let text = self.listed.hex(&hasher.finalize());
                items.computed_text(node(SHA256), &text);
            }
            items.close_computed(run);
        }
        items.close_computed(list);
    }

    /// What the message has beside what is kept of it, once that is listed.
    pub fn apart(&self) -> Option<&Apart> {
        (!self.listed.omitted.is_empty()).then_some(&self.listed)
    }
}
