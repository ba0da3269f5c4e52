//! Which command a reply answers.
//!
//! Each command has one reply, in order, with these exceptions: a subscription is confirmed once
//! for each channel, `CLIENT REPLY OFF` and `SKIP` silence the server, and what the server sends
//! of its own accord (a push, a published message, what MONITOR shows) answers nothing.

use super::super::pairs::Pairs;
use super::fields::{Words, first_element};
use super::header::Kind;
use crate::message::Item;

/// What a published message begins with, in RESP2.
const PUBLISHED: [&[u8]; 3] = [b"message", b"pmessage", b"smessage"];

const CONFIRMATIONS: [&[u8]; 6] =
    [b"subscribe", b"psubscribe", b"ssubscribe", b"unsubscribe", b"punsubscribe", b"sunsubscribe"];

/// The commands without a reply, and what the server was asked to send.
#[derive(Clone, Debug, Default)]
pub struct Pairing {
    pairs: Pairs<Answers>,
    silence: Silence,
    subscribes: bool,
    monitors: bool,
}

/// How a command is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Answers {
    /// By one reply.
    #[default]
    Once,
    /// By so many confirmations.
    Confirmations(usize),
}

/// CLIENT REPLY.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Silence {
    #[default]
    None,
    /// The next command has no reply.
    Next,
    /// None has.
    All,
}

impl Pairing {
    /// Numbers a command.
    pub fn ask(&mut self, items: &[Item], bytes: &[u8]) -> Option<u64> {
        let words = Words::of(items, bytes);
        let is = |name: &[u8]| words.command.eq_ignore_ascii_case(name);
        if is(b"monitor") {
            self.monitors = true;
        }
        let silenced = self.silences(&words);
        let answers = if CONFIRMATIONS.iter().any(|it| is(it)) {
            self.subscribes = true;
            Answers::Confirmations(words.count.max(1))
        } else {
            Answers::Once
        };
        self.pairs.ask((!silenced).then_some(answers))
    }

    /// Whether a command has no reply.
    fn silences(&mut self, words: &Words<'_>) -> bool {
        let [verb, how] = words.args;
        let is_reply =
            words.command.eq_ignore_ascii_case(b"client") && verb.eq_ignore_ascii_case(b"reply");
        if is_reply {
            self.silence = match how.to_ascii_lowercase().as_slice() {
                b"off" => Silence::All,
                b"skip" => Silence::Next,
                _ => Silence::None,
            };
            return self.silence != Silence::None;
        }
        let is_silent = self.silence != Silence::None;
        if self.silence == Silence::Next {
            self.silence = Silence::None;
        }
        is_silent
    }

    /// The number of the command that a reply answers.
    pub fn answer(&mut self, kind: Kind, items: &[Item], bytes: &[u8]) -> Option<u64> {
        let confirms = |first: &[u8]| CONFIRMATIONS.contains(&first);
        match kind {
            Kind::Push => confirms(first_element(items, bytes)).then(|| self.confirmed())?,
            Kind::Array if self.subscribes => {
                let first = first_element(items, bytes);
                if PUBLISHED.contains(&first) {
                    None
                } else if confirms(first) {
                    self.confirmed()
                } else {
                    self.replied()
                }
            }
            Kind::Simple if self.monitors && is_monitored(bytes) => None,
            _ => self.replied(),
        }
    }

    /// A reply, or the error that a subscription met.
    fn replied(&mut self) -> Option<u64> {
        self.pairs.answer()
    }

    fn confirmed(&mut self) -> Option<u64> {
        let (number, answers) = self.pairs.front()?;
        match answers {
            Answers::Once => None,
            Answers::Confirmations(2..) => {
                if let Answers::Confirmations(left) = answers {
                    *left = left.saturating_sub(1);
                }
                Some(number)
            }
            Answers::Confirmations(_) => self.pairs.answer(),
        }
    }

    /// Commands or replies are missing.
    pub fn lose(&mut self) {
        self.pairs.lose();
    }
}

/// Whether a simple string is what MONITOR shows: `+1714564496.123456 [0 127.0.0.1:40000] "GET"`.
fn is_monitored(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"+").unwrap_or_default();
    let digits = text.iter().take_while(|it| it.is_ascii_digit() || **it == b'.').count();
    digits > 0 && text.get(digits..).is_some_and(|it| it.starts_with(b" ["))
}
