//! The answers of one conversation, paired in order and judged.

use super::answer::{Answer, Spare, Waited, Waiting};
use super::body::Body;
use super::bytes::byte_run::Unlike;
use super::bytes::sieve::BYTES;
use super::criteria::Criteria;
use super::difference::{Compared, Difference, MAX_OF_ANSWER, MAX_OF_CONVERSATION};
use super::expectation::Expect;
use super::fields;
use super::http;
use super::standing::Origin;
use super::unequal::Unequal;
use super::websocket;
use crate::decode::http::is_http;
use crate::message::Message;

/// What is known of a conversation's answers.
#[derive(Debug)]
pub(super) struct Ledger {
    stream: u32,
    expect: Expect,
    /// Answers without a counterpart yet.
    expected: Waiting,
    actual: Waiting,
    /// Pairs so far, those that could not be compared included.
    paired: u64,
    /// The capture lacks bytes: what follows cannot be paired.
    is_blind: bool,
    compared: Compared,
}

impl Ledger {
    pub fn new(stream: u32, expect: Expect) -> Self {
        let (expected, actual) = (Waiting::default(), Waiting::default());
        let compared = Compared::default();
        Self { stream, expect, expected, actual, paired: 0, is_blind: false, compared }
    }

    /// Takes an answer: judges it, if its counterpart is there, else keeps it.
    pub fn answer(
        &mut self,
        origin: Origin,
        (message, mut body): (&Message<'_>, Body),
        criteria: &Criteria,
        spare: &mut Spare,
    ) {
        if !matches!(self.expect, Expect::Fields | Expect::Status) {
            return;
        }
        if self.is_blind && origin == Origin::Capture {
            return self.uncompared(1);
        }
        let (own, other) = match origin {
            Origin::Capture => (&mut self.expected, &mut self.actual),
            Origin::Live => (&mut self.actual, &mut self.expected),
        };
        match other.pop() {
            Some(Waited::Answer(mut waited)) => {
                let unequal = judge(criteria, origin, &mut waited, (message, &mut body));
                self.pair(unequal);
                spare.give(waited);
            }
            Some(Waited::Unkept) => {
                self.paired = self.paired.saturating_add(1);
                self.uncompared(1);
            }
            // Whatever it answers, the capture has lost it, or will not have it in order.
            None if self.is_blind => {}
            None => {
                let mut answer = spare.take();
                answer.fill(message, body);
                own.push(answer);
            }
        }
    }

    /// The capture lacks bytes here.
    pub fn lose(&mut self) {
        self.is_blind = true;
    }

    /// The conversation is over, and was compared by messages.
    pub fn settle(mut self, spare: &mut Spare) -> Compared {
        self.close(false, spare);
        self.compared
    }

    /// What still waits has no counterpart: the other side has gone on, or all is over. With
    /// `keeps_extra` answers that came beyond those of the capture wait on.
    pub fn close(&mut self, keeps_extra: bool, spare: &mut Spare) {
        while let Some(waited) = self.expected.pop() {
            self.paired = self.paired.saturating_add(1);
            self.compared.missing = self.compared.missing.saturating_add(1);
            if let Waited::Answer(answer) = waited {
                self.note(self.paired, whole(Some(title_of(&answer)), None));
                spare.give(answer);
            }
        }
        while let Some(waited) = (!keeps_extra).then(|| self.actual.pop()).flatten() {
            self.paired = self.paired.saturating_add(1);
            let is_told = !self.is_blind;
            self.compared.differed = self.compared.differed.saturating_add(is_told.into());
            if let Waited::Answer(answer) = waited {
                if is_told {
                    self.note(self.paired, whole(None, Some(title_of(&answer))));
                }
                spare.give(answer);
            }
        }
    }

    /// The conversation is over, and was compared by bytes.
    pub fn into_compared(self) -> Compared {
        self.compared
    }

    /// An answer was compared by bytes; of so many, as recorded and live.
    pub fn answer_bytes(&mut self, [recorded, live]: [u64; 2], unlike: Vec<Unlike>) {
        let bytes = |len: u64| Some(format!("{len} bytes"));
        match (recorded > 0, live > 0) {
            (false, false) => {}
            (true, false) => {
                self.paired = self.paired.saturating_add(1);
                self.compared.missing = self.compared.missing.saturating_add(1);
                self.note(self.paired, whole(bytes(recorded), None));
            }
            (false, true) => self.pair(vec![whole(None, bytes(live))]),
            (true, true) if self.expect == Expect::Status => self.pair(Vec::new()),
            (true, true) => {
                let shown = unlike.into_iter().take(MAX_OF_ANSWER);
                self.pair(shown.map(Unequal::from).collect());
            }
        }
    }

    /// An answer could not be compared by bytes: the capture lacks some.
    pub fn lack_bytes(&mut self) {
        self.paired = self.paired.saturating_add(1);
        self.uncompared(1);
    }

    fn pair(&mut self, unequal: Vec<Unequal>) {
        self.paired = self.paired.saturating_add(1);
        let count = match unequal.is_empty() {
            true => &mut self.compared.matched,
            false => &mut self.compared.differed,
        };
        *count = count.saturating_add(1);
        for it in unequal {
            self.note(self.paired, it);
        }
    }

    fn uncompared(&mut self, count: u64) {
        self.compared.uncompared = self.compared.uncompared.saturating_add(count);
    }

    fn note(&mut self, message: u64, unequal: Unequal) {
        if self.compared.differences.len() < MAX_OF_CONVERSATION {
            self.compared.differences.push(unequal.difference(self.stream, message));
        }
    }
}

impl From<Unlike> for Unequal {
    fn from(unlike: Unlike) -> Self {
        let Unlike { expected, actual, .. } = unlike;
        Self { field: BYTES.to_owned(), expected: Some(expected), actual: Some(actual) }
    }
}

impl Unequal {
    /// The difference in its place.
    pub fn difference(self, conversation: u32, message: u64) -> Difference {
        let Self { field, expected, actual } = self;
        Difference { conversation, message, field, expected, actual }
    }
}

/// Compares a message with the one that waited for it. `origin` is that of the message.
pub(super) fn judge(
    criteria: &Criteria,
    origin: Origin,
    waited: &mut Answer,
    (message, body): http::Seen<'_, '_>,
) -> Vec<Unequal> {
    if !waited.is_like(message) {
        let waited = Some(waited.name().to_owned());
        let [expected, actual] = in_order(origin, waited, Some(message.name.to_owned()));
        return vec![Unequal { field: "message".to_owned(), expected, actual }];
    }
    let mut waited_body = std::mem::take(&mut waited.body);
    let kept = (&waited.message(message.table), &mut waited_body);
    let [expected, actual] = in_order(origin, kept, (message, body));
    let is_http = is_http(message);
    match criteria.expect {
        Expect::Status if is_http => http::compare_status(expected.0, actual.0),
        Expect::Status => fields::compare_error(expected.0, actual.0),
        _ if is_http => http::compare(criteria, expected, actual),
        _ if message.protocol == websocket::PROTOCOL => {
            http::compare_bodies(criteria, expected, actual)
        }
        _ => fields::compare(criteria, expected.0, actual.0),
    }
}

/// What the capture has, then what came.
fn in_order<T>(origin: Origin, waited: T, own: T) -> [T; 2] {
    match origin {
        Origin::Capture => [own, waited],
        Origin::Live => [waited, own],
    }
}

fn whole(expected: Option<String>, actual: Option<String>) -> Unequal {
    Unequal { field: String::new(), expected, actual }
}

/// What an answer is, in a few words.
fn title_of(answer: &Answer) -> String {
    let message = answer.message(crate::decode::http::table());
    title(&message)
}

/// What a message is, in a few words.
pub(super) fn title(message: &Message<'_>) -> String {
    match message.protocol {
        "http" => http::title(message),
        _ => message.name.to_owned(),
    }
}
