//! One conversation, as it was recorded and as it passes: both are decoded, and their messages
//! paired.

use std::net::SocketAddr;

use super::answer::Spare;
use super::body::Body;
use super::bytes::byte_run;
use super::criteria::{Criteria, require_known, require_placed};
use super::difference::{Compared, Difference, MAX_OF_ANSWER, Volume};
use super::error::ComparisonError;
use super::expectation::{Expect, Expectation};
use super::half::{Arrival, Half, Interest};
use super::ledger::{Ledger, judge};
use super::line_turns::{Count, LineTurns};
use super::standing::{Origin, Standing};
use super::turns::Turns;
use super::unequal::Unequal;
use crate::decode::live::Live;
use crate::flow::{Input, Side};
use crate::packet::StreamId;
use crate::profile::Protocols;

/// Whose messages are compared, as the capture has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The conversation's number in the capture.
    pub stream: StreamId,
    /// Who opened it.
    pub client: SocketAddr,
    /// Its peer.
    pub server: SocketAddr,
}

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

impl Expectation {
    /// Refuses what can name nothing in any message that the protocols may read, and patterns that
    /// are none.
    ///
    /// # Errors
    ///
    /// The first such name or pattern; a protocol that no codec can read.
    pub fn check(&self, protocols: &Protocols) -> Result<(), ComparisonError> {
        Criteria::new(self, &[])?;
        if self.ignore.is_empty() && protocols.replay().ignore.is_empty() {
            return Ok(());
        }
        let live = Live::new(protocols, false)?;
        require_known(&self.ignore, &live.known())?;
        require_placed(protocols, &live.known())
    }
}

impl<'p> Comparator<'p> {
    /// Prepares the decoders. What the profile ignores is ignored too.
    ///
    /// # Errors
    ///
    /// A protocol that no codec can read; a pattern that is none.
    pub fn new(
        protocols: &'p Protocols,
        expectation: &Expectation,
    ) -> Result<Self, ComparisonError> {
        let criteria = Criteria::new(expectation, &protocols.replay().ignore)?;
        Ok(Self { live: Live::new(protocols, false)?, criteria, spare: Spare::default() })
    }

    /// A conversation begins. `judged` is the side whose messages are compared: the server's when
    /// the client is played. Rules go by the ports of the capture.
    pub fn begin(&mut self, parties: Parties, judged: Side) -> Comparison {
        let Parties { client, server, stream } = parties;
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
    pub fn begin_websocket(
        &mut self,
        parties: Parties,
        judged: Side,
        deflated: [bool; 2],
    ) -> Comparison {
        let Parties { client, server, .. } = parties;
        let mut it = self.begin(parties, judged);
        let [recorded, live] =
            deflated.map(|it| Half::behind_handshake(self.live.connect(client, server), it));
        if it.expect == Expect::Exact {
            it.expect = Expect::Fields;
            it.ledger = Ledger::new(parties.stream.0, Expect::Fields);
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
        parties: Parties,
        message: u64,
        expected: &[u8],
        actual: &[u8],
    ) -> Vec<Difference> {
        self.datagram_of(Side::Server, parties, message, [expected, actual])
    }

    /// The same for a datagram that `side` sent: first as in the capture, then as it came.
    pub fn datagram_of(
        &mut self,
        side: Side,
        parties: Parties,
        message: u64,
        [expected, actual]: [&[u8]; 2],
    ) -> Vec<Difference> {
        if expected == actual || self.criteria.expect == Expect::None {
            return Vec::new();
        }
        let unequal = match self.criteria.expect {
            Expect::Exact => None,
            _ => self.messages(side, parties, [expected, actual]),
        };
        let is_any = self.criteria.expect == Expect::Status;
        let criteria = &self.criteria;
        let bytes = || {
            let mut unlike = byte_run::unlike(&criteria.sieve, expected, actual);
            unlike.truncate(if is_any { 0 } else { MAX_OF_ANSWER });
            unlike.into_iter().map(Unequal::from).collect()
        };
        let unequal = unequal.unwrap_or_else(bytes).into_iter();
        unequal.map(|it| it.difference(parties.stream.0, message)).collect()
    }

    /// What two datagrams differ in; `None` where no protocol reads the expected one.
    fn messages(
        &mut self,
        side: Side,
        parties: Parties,
        [expected, actual]: [&[u8]; 2],
    ) -> Option<Vec<Unequal>> {
        let Self { live, criteria, spare } = self;
        let Parties { client, server, .. } = parties;
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
