//! A message that is kept until its counterpart comes.

use std::collections::VecDeque;

use super::body::Body;
use crate::message::{FieldTable, Item, Message, Parts};

/// Answers of one conversation that wait for their counterpart.
pub const MAX_WAITING: usize = 1024;

/// Bytes of them. Of the bodies that find no room the digests are kept.
pub const MAX_WAITING_LEN: usize = 1 << 20;

/// Answers whose memory is kept for the next ones.
const MAX_SPARE: usize = 64;

/// Memory of an answer that is kept for the next one, bytes.
const KEPT_CAPACITY: usize = 4096;

/// A message, owned.
#[derive(Debug, Default)]
pub(super) struct Answer {
    parts: Parts,
    /// Of HTTP, where bodies are compared.
    pub body: Body,
}

/// The answers of one origin that wait, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    answers: VecDeque<Box<Answer>>,
    len: usize,
    /// Those behind them that were not kept.
    unkept: u64,
}

/// Memory of answers that are done with, to be filled again.
#[derive(Debug, Default)]
pub(super) struct Spare {
    #[expect(clippy::vec_box, reason = "answers move between queues in their boxes")]
    answers: Vec<Box<Answer>>,
}

/// What waited.
#[derive(Debug)]
pub(super) enum Waited {
    /// This.
    Answer(Box<Answer>),
    /// One that was not kept.
    Unkept,
}

impl Answer {
    /// Copies a message.
    pub fn fill(&mut self, message: &Message<'_>, body: Body) {
        // What it answers is not compared.
        self.parts.fill(&Message { request: None, pair: None, ..*message });
        self.body = body;
    }

    /// Whether `other` is the same kind of message, so that their fields are of one table.
    pub fn is_like(&self, other: &Message<'_>) -> bool {
        self.parts.protocol == other.protocol && self.parts.name == other.name
    }

    /// The message; `table` is that of one that it is like.
    pub fn message<'a>(&'a self, table: &'a FieldTable) -> Message<'a> {
        self.parts.message(table)
    }

    /// What it is: `response`, `msg_st`.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// Its memory can serve another.
    fn is_small(&self) -> bool {
        let Parts { bytes, items, .. } = &self.parts;
        bytes.capacity() <= KEPT_CAPACITY && items.capacity() <= KEPT_CAPACITY
    }

    /// Bytes that it takes, about.
    pub fn memory(&self) -> usize {
        let Parts { bytes, items, .. } = &self.parts;
        let items = items.len().saturating_mul(size_of::<Item>());
        let texts = bytes.len().saturating_add(self.parts.computed_len());
        texts.saturating_add(items).saturating_add(self.body.memory())
    }
}

impl Waiting {
    /// Keeps an answer behind the others, if there is room; else counts it.
    pub fn push(&mut self, mut answer: Box<Answer>) {
        if self.len.saturating_add(answer.memory()) > MAX_WAITING_LEN {
            answer.body.condense();
        }
        let len = self.len.saturating_add(answer.memory());
        if self.unkept > 0 || self.answers.len() >= MAX_WAITING || len > MAX_WAITING_LEN {
            self.unkept = self.unkept.saturating_add(1);
            return;
        }
        self.len = len;
        self.answers.push_back(answer);
    }

    /// Takes the oldest.
    pub fn pop(&mut self) -> Option<Waited> {
        match self.answers.pop_front() {
            Some(answer) => {
                self.len = self.len.saturating_sub(answer.memory());
                Some(Waited::Answer(answer))
            }
            None if self.unkept > 0 => {
                self.unkept = self.unkept.saturating_sub(1);
                Some(Waited::Unkept)
            }
            None => None,
        }
    }
}

impl Spare {
    /// An answer, to be filled.
    pub fn take(&mut self) -> Box<Answer> {
        self.answers.pop().unwrap_or_default()
    }

    /// Keeps an answer's memory, unless there is enough.
    pub fn give(&mut self, mut answer: Box<Answer>) {
        if self.answers.len() < MAX_SPARE && answer.is_small() {
            answer.body = Body::default();
            self.answers.push(answer);
        }
    }
}
