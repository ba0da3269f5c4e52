//! Answers against those of the capture, by message and field.
//!
//! A conversation is decoded twice, both sides each time: as the capture has it, and as it goes
//! through the live sockets. Messages of the side that is judged are paired in order. One waits
//! for its counterpart, with the fields that are compared; bodies pass through. A conversation
//! that nothing decodes is compared by bytes: what the side says between two steps of the other is
//! one answer then.
//!
//! Interim responses of HTTP (1xx) are waited for, but not compared. Behind the 101 of a WebSocket
//! its messages are compared, whatever frames they come in. Behind bytes that the capture
//! lacks between messages nothing more can be compared in a conversation.
//!
//! Bounds: [`MAX_WAITING`] answers with [`MAX_WAITING_LEN`] bytes, [`MAX_AHEAD`] bytes where
//! bytes are compared, [`MAX_OF_ANSWER`] differences of an answer, [`MAX_OF_CONVERSATION`] of a
//! conversation; what is beyond is counted.

mod alignment;
mod answer;
mod body;
mod byte_run;
mod criteria;
mod excerpt;
mod fields;
mod first_difference;
mod half;
mod http;
mod json;
mod json_difference;
mod json_path;
mod ledger;
mod line_turns;
mod multipart;
mod sieve;
#[cfg(test)]
mod tests;
mod turns;
mod websocket;

pub use answer::{MAX_WAITING, MAX_WAITING_LEN};
pub(super) use body::{Body, Passing};
pub use body::{MAX_ENCODED, MAX_IN_MEMORY, MAX_PLAIN};
pub use byte_run::MAX_AHEAD;

use self::answer::Spare;
use self::criteria::Criteria;
use self::fields::Unequal;
use self::half::{Arrival, Half, Interest};
use self::ledger::{Ledger, judge};
use self::line_turns::{Count, LineTurns};
use self::turns::Turns;
use super::{Conversation, Difference, Expect, Expectation, Outcome, Reason, ReplayError, Volume};
use crate::decode::live::Live;
use crate::flow::{Input, Side};
use crate::profile::Protocols;

/// Differences that are told of one answer.
pub const MAX_OF_ANSWER: usize = 20;

/// Differences that are told of one conversation.
pub const MAX_OF_CONVERSATION: usize = 100;

/// Compares conversations on one thread.
pub struct Comparator<'p> {
    live: Live<'p>,
    criteria: Criteria,
    spare: Spare,
}

/// One conversation under way.
pub struct Comparison {
    expect: Expect,
    judged: Side,
    recorded: Half,
    live: Half,
    turns: Turns,
    lines: LineTurns,
    ledger: Ledger,
    received: Volume,
}

/// What a conversation came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Answers that were as recorded.
    pub matched: u64,
    /// Answers that were not, or that the capture does not have.
    pub differed: u64,
    /// Answers that did not come.
    pub missing: u64,
    /// Answers that could not be compared: the capture lacks bytes before them.
    pub uncompared: u64,
    /// What the judged side sent, live. What nothing decodes is one message.
    pub received: Volume,
    /// The first [`MAX_OF_CONVERSATION`].
    pub differences: Vec<Difference>,
}

/// How far the judged side is, live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What it had said in the capture has not come.
    Behind,
    /// Another answer has come than was recorded, in bytes that nothing decodes: it is over when
    /// nothing more comes.
    Uncertain,
    /// It has said what it had in the capture.
    Answered,
}

/// Where a message was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Capture,
    Live,
}

impl Expectation {
    /// Refuses what can name nothing in any message that the protocols may read, and patterns that
    /// are none.
    ///
    /// # Errors
    ///
    /// The first such name or pattern; a protocol that no codec can read.
    pub fn check(&self, protocols: &Protocols) -> Result<(), ReplayError> {
        Criteria::new(self, &[])?;
        match self.ignore.is_empty() {
            true => Ok(()),
            false => criteria::require_known(&self.ignore, &Live::new(protocols, false)?.known()),
        }
    }
}

impl<'p> Comparator<'p> {
    /// Prepares the decoders. What the profile ignores is ignored too.
    ///
    /// # Errors
    ///
    /// A protocol that no codec can read; a pattern that is none.
    pub fn new(protocols: &'p Protocols, expectation: &Expectation) -> Result<Self, ReplayError> {
        let criteria = Criteria::new(expectation, &protocols.replay().ignore)?;
        Ok(Self { live: Live::new(protocols, false)?, criteria, spare: Spare::default() })
    }

    /// A conversation begins. `judged` is the side whose messages are compared: the server's when
    /// the client is played. Rules go by the ports of the capture.
    pub fn begin(&mut self, conversation: &Conversation, judged: Side) -> Comparison {
        let Conversation { client, server, stream, .. } = *conversation;
        let expect = self.criteria.expect;
        Comparison {
            expect,
            judged,
            recorded: Half::new(self.live.connect(client, server)),
            live: Half::new(self.live.connect(client, server)),
            turns: Turns::default(),
            lines: LineTurns::default(),
            ledger: Ledger::new(stream.0, expect),
            received: Volume::default(),
        }
    }

    /// The same behind a handshake of WebSocket: what the sides say then, compressed or not, in the
    /// capture and live. Its bytes are never the same, since clients mask them.
    pub(super) fn begin_websocket(
        &mut self,
        conversation: &Conversation,
        judged: Side,
        deflated: [bool; 2],
    ) -> Comparison {
        let Conversation { client, server, .. } = *conversation;
        let mut it = self.begin(conversation, judged);
        let [recorded, live] =
            deflated.map(|it| Half::behind_handshake(self.live.connect(client, server), it));
        if it.expect == Expect::Exact {
            it.expect = Expect::Fields;
            it.ledger = Ledger::new(conversation.stream.0, Expect::Fields);
        }
        Comparison { recorded, live, ..it }
    }

    /// Takes what a side sent in the capture, as its steps come due.
    pub fn recorded(&mut self, it: &mut Comparison, side: Side, input: Input<'_>) {
        if it.expect != Expect::None {
            self.push(it, Origin::Capture, side, input);
        }
    }

    /// Takes what a side sent through the live socket: the played side's too.
    pub fn live(&mut self, it: &mut Comparison, side: Side, input: Input<'_>) {
        self.push(it, Origin::Live, side, input);
    }

    /// The conversation is over: what is left without a counterpart is counted.
    pub fn finish(&mut self, mut it: Comparison) -> Compared {
        let close = Input::Close { clean: false };
        for side in [it.judged.other(), it.judged] {
            self.recorded(&mut it, side, close);
            self.live(&mut it, side, close);
        }
        let compares_bytes = it.compares_bytes();
        let Comparison { recorded, live, mut turns, mut ledger, mut received, expect, .. } = it;
        recorded.end(&mut self.live);
        received.bytes = live.end(&mut self.live).bytes;
        let compared = match (expect, compares_bytes) {
            (Expect::None, _) => Compared::default(),
            (_, true) => {
                turns.close(&self.criteria, &mut ledger);
                ledger.into_compared()
            }
            (_, false) => ledger.settle(&mut self.spare),
        };
        let came = turns.came.max(u64::from(received.bytes > 0));
        received.messages = received.messages.max(came);
        Compared { received, ..compared }
    }

    /// The run was stopped within the conversation: as [`finish`](Self::finish), but a message under
    /// way is no answer yet, and what has no counterpart could still have got one.
    pub fn interrupt(&mut self, it: Comparison) -> Compared {
        let Comparison { recorded, live, ledger, mut received, .. } = it;
        recorded.end(&mut self.live);
        received.bytes = live.end(&mut self.live).bytes;
        Compared { received, ..ledger.into_compared() }
    }

    /// Compares a datagram that the server sent with the one of the capture, `message` of its
    /// conversation's: by the protocol that their ports select, else by bytes. Gives what differs.
    pub fn datagram(
        &mut self,
        conversation: &Conversation,
        message: u64,
        expected: &[u8],
        actual: &[u8],
    ) -> Vec<Difference> {
        self.datagram_of(Side::Server, conversation, message, [expected, actual])
    }

    /// The same for a datagram that `side` sent: first as in the capture, then as it came.
    pub fn datagram_of(
        &mut self,
        side: Side,
        conversation: &Conversation,
        message: u64,
        [expected, actual]: [&[u8]; 2],
    ) -> Vec<Difference> {
        if expected == actual || self.criteria.expect == Expect::None {
            return Vec::new();
        }
        let unequal = match self.criteria.expect {
            Expect::Exact => None,
            _ => self.messages(side, conversation, [expected, actual]),
        };
        let is_any = self.criteria.expect == Expect::Status;
        let criteria = &self.criteria;
        let bytes = || {
            let mut unlike = byte_run::unlike(&criteria.sieve, expected, actual);
            unlike.truncate(if is_any { 0 } else { MAX_OF_ANSWER });
            unlike.into_iter().map(Unequal::from).collect()
        };
        let unequal = unequal.unwrap_or_else(bytes).into_iter();
        unequal.map(|it| it.difference(conversation.stream.0, message)).collect()
    }

    /// What two datagrams differ in; `None` where no protocol reads the expected one.
    fn messages(
        &mut self,
        side: Side,
        conversation: &Conversation,
        [expected, actual]: [&[u8]; 2],
    ) -> Option<Vec<Unequal>> {
        let Self { live, criteria, spare } = self;
        let Conversation { client, server, .. } = *conversation;
        let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
        let mut kept = spare.take();
        let is_read = live.datagram(src, dst, expected, &mut |message| {
            kept.fill(message, Body::default());
        });
        let mut unequal = None;
        let is_answer = is_read
            && live.datagram(src, dst, actual, &mut |message| {
                let seen = (message, &mut Body::default());
                unequal = Some(judge(criteria, Origin::Live, &mut kept, seen));
            });
        if is_read && !is_answer {
            let field = "message".to_owned();
            let actual = Some(format!("{} bytes that fit no message", actual.len()));
            unequal = Some(vec![Unequal { field, expected: Some(kept.name().to_owned()), actual }]);
        }
        spare.give(kept);
        unequal
    }

    fn push(&mut self, it: &mut Comparison, origin: Origin, side: Side, input: Input<'_>) {
        let Self { live, criteria, spare } = self;
        if it.compares_bytes() {
            it.push_bytes(origin, (side, input), criteria);
        }
        let Comparison { recorded, live: now, turns, ledger, received, judged, expect, .. } = it;
        let half = if origin == Origin::Capture { recorded } else { now };
        let interest = Interest { judged: *judged, digests: criteria.compares_bodies() };
        half.push(live, interest, (side, input), &mut |arrival| {
            if origin == Origin::Live {
                received.messages = received.messages.saturating_add(1);
            }
            match arrival {
                Arrival::Answer(message, body) => {
                    ledger.answer(origin, (message, body), criteria, spare);
                }
                Arrival::Interim => {}
                Arrival::Lost => ledger.lose(),
            }
        });
        if origin == Origin::Capture && *expect != Expect::Exact && half.is_read() {
            turns.forget();
        }
        let goes_on = origin == Origin::Capture && side != it.judged;
        if goes_on && matches!(input, Input::Bytes(_)) {
            if it.compares_bytes() {
                it.turn(criteria);
            } else if it.answers_in_lines() && it.lines.go_on(it.count()) {
                it.ledger.close(it.lines.may_be_early(), spare);
            }
        }
    }
}

impl Comparison {
    /// Whether the judged side has, live, sent all that it had sent in the capture so far: as many
    /// complete messages where a decoder reads both, else as many bytes. A live close ends the
    /// waiting, and nothing is waited for where no answer is expected.
    pub fn has_caught_up(&self) -> bool {
        self.standing() == Standing::Answered
    }

    /// How far the judged side is, live, with what it had sent in the capture so far.
    pub fn standing(&self) -> Standing {
        let counts_messages = self.recorded.is_read() && self.live.is_read();
        if self.expect != Expect::None && self.compares_bytes() && !counts_messages {
            return match self.live.progress().is_closed {
                true => Standing::Answered,
                false => self.turns.standing(),
            };
        }
        if counts_messages && self.answers_in_lines() && self.expect != Expect::None {
            return match self.live.progress().is_closed {
                true => Standing::Answered,
                false => self.lines.standing(self.count()),
            };
        }
        match self.expect == Expect::None
            || self.live.has_caught_up_with(&self.recorded, self.judged)
        {
            true => Standing::Answered,
            false => Standing::Behind,
        }
    }

    /// Its answers are lines, any number of them; a client's commands are one each.
    fn answers_in_lines(&self) -> bool {
        self.judged == Side::Server && self.recorded.is_of_lines()
    }

    /// How many messages there were so far.
    fn count(&self) -> Count {
        let recorded = self.recorded.progress();
        Count { recorded: recorded.messages, live: self.live_messages(), asked: recorded.asked }
    }

    /// Complete messages of the judged side, live; without interim responses.
    pub fn live_messages(&self) -> u64 {
        self.live.progress().messages
    }

    /// Takes what a side sent where bytes are compared.
    fn push_bytes(&mut self, origin: Origin, (side, input): (Side, Input<'_>), it: &Criteria) {
        match (input, origin) {
            (Input::Bytes(bytes), _) if side == self.judged => self.turns.push(origin, bytes, it),
            (Input::Gap(len), Origin::Capture) if side == self.judged => self.turns.lack(len),
            _ => {}
        }
    }

    /// The other side has gone on, in the capture.
    fn turn(&mut self, criteria: &Criteria) {
        let Self { turns, ledger, recorded, expect, .. } = self;
        // As long as it may become one of messages, nothing is said of its answers.
        match *expect == Expect::Exact || recorded.is_opaque() {
            true => turns.turn(criteria, ledger),
            false => turns.go_on(),
        }
    }

    fn compares_bytes(&self) -> bool {
        match self.expect {
            Expect::None => false,
            Expect::Exact => true,
            Expect::Fields | Expect::Status => !self.recorded.is_read(),
        }
    }
}

impl Outcome {
    /// Adds what a conversation came to.
    pub fn count(&mut self, compared: Compared) {
        self.matched = self.matched.saturating_add(compared.matched);
        self.differed = self.differed.saturating_add(compared.differed);
        self.missing = self.missing.saturating_add(compared.missing);
        self.received.add(compared.received);
        if compared.uncompared > 0 {
            self.skip(Reason::Uncompared, compared.uncompared);
        }
        compared.differences.into_iter().for_each(|it| self.note(it));
    }
}
