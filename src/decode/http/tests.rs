//! Whole conversations, with damage, and cut anyhow.

use super::*;
use crate::flow::Side::{Client, Server};
use crate::message::{Message, Value};

mod bounds;
mod damage;
mod early;
mod laws;
mod messages;

/// A step of a conversation.
#[derive(Clone, Debug)]
enum Act {
    C(Vec<u8>),
    S(Vec<u8>),
    Gap(Side, u64),
    Close(Side, bool),
}

fn c(text: impl AsRef<[u8]>) -> Act {
    Act::C(text.as_ref().to_vec())
}

fn s(text: impl AsRef<[u8]>) -> Act {
    Act::S(text.as_ref().to_vec())
}

/// What came of a conversation: messages in order, the bodies that preceded them, and what was
/// skipped by side and reason.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<String>,
    lens: Vec<u64>,
    bodies: Vec<Vec<u8>>,
    skipped: Vec<(Side, Unread, u64)>,
    open: [Vec<u8>; 2],
}

impl Seen {
    fn take(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Message { side, message } => {
                self.messages.push(line(&message));
                self.lens.push(message.len as u64);
                self.bodies.push(std::mem::take(&mut self.open[side as usize]));
            }
            StreamEvent::Body { side, bytes, .. } => {
                self.open[side as usize].extend_from_slice(bytes)
            }
            StreamEvent::BodyGap { side, len } => {
                self.open[side as usize].extend(format!("<{len}>").bytes());
            }
            StreamEvent::Skipped { side, len, reason } => {
                match self.skipped.iter_mut().find(|it| it.0 == side && it.1 == reason) {
                    Some(it) => it.2 += len,
                    None => self.skipped.push((side, reason, len)),
                }
            }
        }
    }
}

/// A message in one line: its fields, its length, its marks, its error, what it answers.
fn line(message: &Message<'_>) -> String {
    let mut out = String::new();
    let mut level = Vec::new();
    for (index, item) in message.items.iter().enumerate() {
        while level.last().is_some_and(|&end| end as usize <= index) {
            level.pop();
            out.push(')');
        }
        out.push_str(if out.is_empty() { "" } else { " " });
        match message.value(item) {
            Value::Unsigned(number) => out += &number.to_string(),
            Value::Text(text) => out += text,
            Value::Bytes(bytes) => out += &format!("{bytes:02x?}"),
            _ => {
                out += &message.node(item).unwrap().name;
                out.push('(');
                level.push(item.end);
            }
        }
    }
    out += &")".repeat(level.len());
    out += &format!(" #{}", message.len);
    for mark in message.marks.names() {
        out += &format!(" !{mark}");
    }
    if let Some(error) = message.error {
        out += &format!(" {}@{} {}", error.kind.as_str(), error.offset, error.context);
    }
    if let Some(request) = message.request {
        out += &format!(" <- {} {} {}", request.method, request.target, request.host);
    }
    out
}

/// Plays a conversation, every run of bytes cut to `at_once`.
fn play(acts: &[Act], at_once: usize) -> Seen {
    play_with(&mut Http::new(false), &mut Scratch::default(), acts, at_once)
}

fn play_with(http: &mut Http, scratch: &mut Scratch, acts: &[Act], at_once: usize) -> Seen {
    let mut seen = Seen::default();
    for act in acts {
        let sink = &mut |event: StreamEvent<'_>| seen.take(event);
        match act {
            Act::C(bytes) | Act::S(bytes) => {
                let side = if matches!(act, Act::C(_)) { Client } else { Server };
                for part in bytes.chunks(at_once) {
                    http.push(side, Input::Bytes(part), scratch, sink);
                }
            }
            Act::Gap(side, len) => http.push(*side, Input::Gap(*len), scratch, sink),
            Act::Close(side, clean) => {
                http.push(*side, Input::Close { clean: *clean }, scratch, sink);
            }
        }
    }
    seen.skipped.sort_by_key(|it| (it.0 == Server, it.1));
    seen
}

/// Plays it whole and cut in several ways, which must all come to the same.
fn played(acts: &[Act]) -> Seen {
    let whole = play(acts, usize::MAX);
    for at_once in [1, 2, 3, 5, 7, 64] {
        assert_eq!(play(acts, at_once), whole, "{acts:?} cut to {at_once}");
    }
    whole
}

fn check(acts: &[Act], messages: &[&str], bodies: &[&str]) -> Seen {
    let seen = played(acts);
    assert_eq!(seen.messages, messages);
    let found: Vec<_> = seen.bodies.iter().map(|it| it.escape_ascii().to_string()).collect();
    assert_eq!(found, bodies);
    seen
}
