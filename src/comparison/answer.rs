//! A message that is kept until its counterpart comes.

use std::collections::VecDeque;

use super::body::Body;
use crate::message::{Apart, DecodeError, ErrorKind, FieldTable, Item, Marks, Message};

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
    protocol: String,
    name: String,
    items: Vec<Item>,
    bytes: Vec<u8>,
    apart: Apart,
    len: usize,
    trailing: usize,
    ended_by_close: bool,
    marks: Marks,
    error: Option<(usize, String, ErrorKind)>,
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
        set(&mut self.protocol, message.protocol);
        set(&mut self.name, message.name);
        self.items.clear();
        self.items.extend_from_slice(message.items);
        self.bytes.clear();
        self.bytes.extend_from_slice(message.bytes);
        self.apart.clear();
        if let Some(apart) = message.apart {
            self.apart.computed.push_str(&apart.computed);
            self.apart.omitted.extend_from_slice(&apart.omitted);
        }
        self.len = message.len;
        self.trailing = message.trailing;
        self.ended_by_close = message.ended_by_close;
        self.marks = message.marks;
        self.error = message.error.map(|it| (it.offset, it.context.to_owned(), it.kind));
        self.body = body;
    }

    /// Whether `other` is the same kind of message, so that their fields are of one table.
    pub fn is_like(&self, other: &Message<'_>) -> bool {
        self.protocol == other.protocol && self.name == other.name
    }

    /// The message; `table` is that of one that it is like.
    pub fn message<'a>(&'a self, table: &'a FieldTable) -> Message<'a> {
        let error = self.error.as_ref();
        Message {
            protocol: &self.protocol,
            name: &self.name,
            table,
            items: &self.items,
            bytes: &self.bytes,
            apart: Some(&self.apart),
            len: self.len,
            trailing: self.trailing,
            candidates: &[],
            ended_by_close: self.ended_by_close,
            marks: self.marks,
            request: None,
            pair: None,
            error: error.map(|(offset, context, kind)| DecodeError {
                offset: *offset,
                context,
                kind: *kind,
            }),
        }
    }

    /// What it is: `response`, `msg_st`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its memory can serve another.
    fn is_small(&self) -> bool {
        self.bytes.capacity() <= KEPT_CAPACITY && self.items.capacity() <= KEPT_CAPACITY
    }

    fn memory(&self) -> usize {
        let items = self.items.len().saturating_mul(size_of::<Item>());
        let texts = self.bytes.len().saturating_add(self.apart.computed.len());
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

fn set(text: &mut String, to: &str) {
    text.clear();
    text.push_str(to);
}
