//! Conversations for the tests of decoders of both sides: played whole, and cut in many ways.

use std::fmt::Write;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::duplex::StreamReader;
use super::stream::StreamEvent;
use super::unread::Unread;
use crate::flow::{Input, Side};
use crate::message::{Message, Value};

/// A step of a conversation.
#[derive(Clone, Debug)]
pub(super) enum Act {
    C(Vec<u8>),
    S(Vec<u8>),
    Gap(Side, u64),
    Close(Side, bool),
}

pub(super) fn c(text: impl AsRef<[u8]>) -> Act {
    Act::C(text.as_ref().to_vec())
}

pub(super) fn s(text: impl AsRef<[u8]>) -> Act {
    Act::S(text.as_ref().to_vec())
}

/// What came of a conversation: messages in order, and what was skipped by side and reason.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub messages: Vec<String>,
    pub skipped: Vec<(Side, Unread, u64)>,
    /// Bytes of all of them.
    pub len: u64,
}

impl Seen {
    fn take(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Message { message, .. } => {
                self.len += message.len as u64;
                self.messages.push(line(&message));
            }
            StreamEvent::Skipped { side, len, reason } => {
                match self.skipped.iter_mut().find(|it| it.0 == side && it.1 == reason) {
                    Some(it) => it.2 += len,
                    None => self.skipped.push((side, reason, len)),
                }
            }
            StreamEvent::Body { .. } | StreamEvent::BodyGap { .. } => unreachable!("no bodies"),
        }
    }
}

/// A message in one line: its number, its name, its fields, its length, its marks, its error.
fn line(message: &Message<'_>) -> String {
    let mut out = message.pair.map_or("-".to_owned(), |it| it.to_string());
    write!(out, " {}", message.name).unwrap();
    level(message, message.top(), &mut out);
    write!(out, " #{}", message.len).unwrap();
    for mark in message.marks.names() {
        write!(out, " !{mark}").unwrap();
    }
    if let Some(error) = message.error {
        write!(out, " {}@{} {}", error.kind.as_str(), error.offset, error.context).unwrap();
    }
    if message.ended_by_close {
        out += " close";
    }
    out
}

fn level(message: &Message<'_>, siblings: crate::message::Siblings<'_>, out: &mut String) {
    for (index, item) in siblings {
        let name = &message.node(item).unwrap().name;
        write!(out, " {name}{}", if name.is_empty() { "" } else { "=" }).unwrap();
        match message.value(item) {
            Value::Unsigned(number) => write!(out, "{number}").unwrap(),
            Value::Signed(number) => write!(out, "{number}").unwrap(),
            Value::Float(number) => write!(out, "{number}").unwrap(),
            Value::Name(text) => *out += text,
            Value::Text(text) if text.len() > 64 => write!(out, "<{}>", text.len()).unwrap(),
            Value::Text(text) => *out += text,
            Value::Bytes(bytes) => write!(out, "{bytes:02x?}").unwrap(),
            Value::Null => *out += "null",
            Value::Shown(shown) => write!(out, "{shown}").unwrap(),
            Value::Group | Value::List => {
                out.push('(');
                level(message, message.inner(index), out);
                *out += " )";
            }
        }
    }
}

/// Plays a conversation, every run of bytes cut to `at_once`.
pub(super) fn play<D: StreamReader + Default>(acts: &[Act], at_once: usize) -> Seen {
    let (mut decoder, mut seen) = (D::default(), Seen::default());
    for act in acts {
        let lend = &mut |event: StreamEvent<'_>| {
            seen.take(event);
            ControlFlow::Continue(())
        };
        let went = match act {
            Act::C(bytes) | Act::S(bytes) => {
                let side = if matches!(act, Act::C(_)) { Side::Client } else { Side::Server };
                let mut parts = bytes.chunks(at_once);
                parts.try_for_each(|part| decoder.read(side, Input::Bytes(part), lend))
            }
            Act::Gap(side, len) => decoder.read(*side, Input::Gap(*len), lend),
            Act::Close(side, clean) => decoder.read(*side, Input::Close { clean: *clean }, lend),
        };
        assert!(went.is_continue());
    }
    seen.skipped.sort_by_key(|it| (it.0 == Side::Server, it.1));
    seen
}

/// Plays it whole and cut in several ways, which must all come to the same.
pub(super) fn played<D: StreamReader + Default>(acts: &[Act]) -> Seen {
    let whole = play::<D>(acts, usize::MAX);
    for at_once in [1, 2, 3, 5, 7, 64, 1000] {
        assert_eq!(play::<D>(acts, at_once), whole, "cut to {at_once}");
    }
    whole
}

/// The same, with what must come of it.
pub(super) fn check<D: StreamReader + Default>(acts: &[Act], messages: &[&str]) -> Seen {
    let seen = played::<D>(acts);
    assert_eq!(seen.messages, messages);
    seen
}

/// Bytes that a conversation sends.
pub(super) fn sent(acts: &[Act]) -> u64 {
    let len = |act: &Act| match act {
        Act::C(bytes) | Act::S(bytes) => bytes.len() as u64,
        Act::Gap(..) | Act::Close(..) => 0,
    };
    acts.iter().map(len).sum()
}

/// Conversations of these pieces, of any bytes, gaps and closes.
pub(super) fn acts(pieces: Vec<&'static [u8]>) -> impl Strategy<Value = Vec<Act>> {
    let piece = prop_oneof![
        6 => prop::sample::select(pieces).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ];
    let side = prop_oneof![Just(Side::Client), Just(Side::Server)];
    let act = prop_oneof![
        6 => piece.clone().prop_map(Act::C),
        6 => piece.prop_map(Act::S),
        1 => (side.clone(), 0u64..40).prop_map(|(side, len)| Act::Gap(side, len)),
        1 => (side, any::<bool>()).prop_map(|(side, clean)| Act::Close(side, clean)),
    ];
    proptest::collection::vec(act, 0..20)
}
