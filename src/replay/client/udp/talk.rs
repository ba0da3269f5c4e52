//! One conversation of datagrams under way: which of its steps may be taken now.
//!
//! A step of the client waits for its time and for the answers before it, each for at most the
//! timeout. Once an answer has not come in time, no more are waited for until one arrives again, so
//! that a silent server costs one timeout and not one for each of its answers.
//!
//! A server that answered from ports which it opened does so again, from others. Which stands for
//! which is learnt from its answers: what the client sent to such a port goes where the answer
//! came from, to the same host, and nowhere before one has come.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use crate::flow::Side;
use crate::replay::Span;

/// Answers that one which arrives is held against.
pub(super) const MAX_CANDIDATES: usize = 16;
/// Answers that are kept, of a conversation: those that came before their turn.
const MAX_EARLY: usize = 16;
/// Ports of the server that are known, of a conversation: those learnt last.
const MAX_PORTS: usize = 256;
/// And the bytes of one that is kept.
const MAX_EARLY_LEN: usize = 2048;

/// A conversation under way.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Where its datagrams go, and whether others may answer them.
    pub to: SocketAddr,
    pub is_answered_by_any: bool,
    /// Datagrams of both sides that are still to be dealt with.
    pub left: u64,
    /// No further steps are taken.
    pub is_closed: bool,
    steps: VecDeque<Entry>,
    awaited: VecDeque<Awaited>,
    /// Answers that did not come in time, lately.
    expired: VecDeque<Awaited>,
    early: VecDeque<(SocketAddr, Vec<u8>)>,
    /// Ports of the server in the capture, and those that they are now.
    ports: VecDeque<(NonZeroU16, u16)>,
    answers: u64,
    has_given_up: bool,
    /// When the last answer that was waited for was there, or was given up.
    ready: Duration,
    last: Side,
}

/// A datagram of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub side: Side,
    /// `None` is at once.
    pub due: Option<Duration>,
    /// The server's in the capture, where it is not the one that was asked.
    pub port: Option<NonZeroU16>,
    pub span: Span,
}

/// An answer that the capture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awaited {
    pub span: Span,
    pub port: Option<NonZeroU16>,
    /// Which of the conversation's, from 1.
    pub message: u64,
    pub until: Duration,
}

/// What a conversation does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It sends this, to that port of the capture, which was due then.
    Send(Span, Option<NonZeroU16>, Option<Duration>),
    /// It waits for one more answer.
    Expect,
    /// An answer did not come in time. One that was kept may be it all the same.
    Overdue(Awaited, Option<Vec<u8>>),
    /// Nothing before that time.
    Wait(Duration),
    /// Nothing.
    Idle,
}

impl Exchange {
    /// A conversation that begins, and has so many datagrams.
    pub fn new(to: SocketAddr, is_answered_by_any: bool, left: u64) -> Self {
        Self {
            to,
            is_answered_by_any,
            left,
            is_closed: false,
            steps: VecDeque::new(),
            awaited: VecDeque::new(),
            expired: VecDeque::new(),
            early: VecDeque::new(),
            ports: VecDeque::new(),
            answers: 0,
            has_given_up: false,
            ready: Duration::ZERO,
            last: Side::Client,
        }
    }

    /// Whether an address is one that its datagrams go to.
    pub fn is_peer(&self, it: SocketAddr) -> bool {
        let is_port = self.to.port() == it.port() || self.is_known(it.port());
        self.to.ip() == it.ip() && is_port
    }

    /// Whether what comes from there can be an answer.
    pub fn hears(&self, from: SocketAddr) -> bool {
        let may_be_new = || self.awaited.iter().chain(&self.expired).any(|it| it.port.is_some());
        let is_host = self.to.ip() == from.ip();
        self.is_answered_by_any || self.is_peer(from) || (is_host && may_be_new())
    }

    /// Whether an answer that is waited for may come from there.
    fn may_come_from(&self, awaited: &Awaited, from: SocketAddr) -> bool {
        let is_asked = from.port() == self.to.port();
        match awaited.port.map(|port| self.live_port(port)) {
            Some(Some(live)) => live == from.port(),
            // A server may well answer from the port that was asked now.
            Some(None) => is_asked || !self.is_known(from.port()),
            None => is_asked || self.is_answered_by_any,
        }
    }

    /// Where a datagram goes that went to a port of the capture's server; `None` where that is not
    /// known yet.
    pub fn destination(&self, port: Option<NonZeroU16>) -> Option<SocketAddr> {
        let Some(port) = port else { return Some(self.to) };
        let mut to = self.to;
        to.set_port(self.live_port(port)?);
        Some(to)
    }

    fn live_port(&self, port: NonZeroU16) -> Option<u16> {
        self.ports.iter().find(|(then, _)| *then == port).map(|(_, now)| *now)
    }

    fn is_known(&self, live: u16) -> bool {
        self.ports.iter().any(|(_, now)| *now == live)
    }

    /// An answer from a port of the capture came from there.
    fn learn(&mut self, port: Option<NonZeroU16>, from: SocketAddr) {
        let Some(port) = port.filter(|it| self.live_port(*it).is_none()) else { return };
        if self.ports.len() >= MAX_PORTS {
            self.ports.pop_front();
        }
        self.ports.push_back((port, from.port()));
    }

    /// Whether the last datagram that was added is an answer.
    pub fn ends_with_answer(&self) -> bool {
        self.last == Side::Server
    }

    /// Adds the next datagram of the capture.
    pub fn push(&mut self, step: Entry) {
        self.last = step.side;
        self.steps.push_back(step);
    }

    /// Whether a step of the client is still to be taken.
    pub fn has_to_send(&self) -> bool {
        self.steps.iter().any(|it| it.side == Side::Client)
    }

    /// Takes no further step, and returns how many are dropped: the client's, and what follows.
    pub fn close(&mut self) -> usize {
        self.is_closed = true;
        let kept = self.steps.iter().take_while(|it| it.side == Side::Server).count();
        let dropped = self.steps.len().saturating_sub(kept);
        self.steps.truncate(kept);
        dropped
    }

    /// What it does now.
    pub fn turn(&mut self, now: Duration, timeout: Duration) -> Turn {
        if let Some(overdue) = self.awaited.pop_front_if(|it| it.until <= now) {
            return self.expire(overdue);
        }
        let patience = self.awaited.front().map(|it| it.until);
        let Some(step) = self.steps.front() else {
            return patience.map_or(Turn::Idle, Turn::Wait);
        };
        if step.side == Side::Server {
            return self.expect(now, timeout);
        }
        match patience {
            Some(until) if !self.has_given_up => Turn::Wait(until),
            _ => self.send(now, patience),
        }
    }

    fn expire(&mut self, overdue: Awaited) -> Turn {
        let early = self.early.iter().position(|(from, _)| self.may_come_from(&overdue, *from));
        let kept = early.and_then(|at| self.early.remove(at)).map(|(from, bytes)| {
            self.learn(overdue.port, from);
            bytes
        });
        self.ready = self.ready.max(overdue.until);
        if kept.is_none() {
            self.has_given_up = true;
            self.expired.push_back(overdue);
            if self.expired.len() > MAX_CANDIDATES {
                self.expired.pop_front();
            }
        }
        Turn::Overdue(overdue, kept)
    }

    fn expect(&mut self, now: Duration, timeout: Duration) -> Turn {
        let Some(Entry { due, port, span, .. }) = self.steps.pop_front() else {
            return Turn::Idle;
        };
        self.answers = self.answers.saturating_add(1);
        // The server may take as long as it took in the capture.
        let until = due.map_or(now, |due| due.max(now)).saturating_add(timeout);
        self.awaited.push_back(Awaited { span, port, message: self.answers, until });
        Turn::Expect
    }

    fn send(&mut self, now: Duration, patience: Option<Duration>) -> Turn {
        let due = self.steps.front().and_then(|it| it.due);
        if let Some(due) = due.filter(|due| *due > now) {
            return Turn::Wait(patience.map_or(due, |it| it.min(due)));
        }
        match self.steps.pop_front() {
            Some(Entry { span, port, .. }) => {
                Turn::Send(span, port, due.map(|due| due.max(self.ready)))
            }
            None => Turn::Idle,
        }
    }

    /// Answers that one which arrives from there may be.
    pub fn candidates(&self, from: SocketAddr) -> impl Iterator<Item = Awaited> + '_ {
        let first = self.awaited.iter().take(MAX_CANDIDATES);
        first.filter(move |it| self.may_come_from(it, from)).copied()
    }

    /// The answer that was waited for last, if any is.
    pub fn newest(&self) -> Option<Awaited> {
        self.awaited.back().copied()
    }

    /// Answers that were given up lately, and may come from there after all.
    pub fn expired(&self, from: SocketAddr) -> impl Iterator<Item = Awaited> + '_ {
        self.expired.iter().filter(move |it| self.may_come_from(it, from)).copied()
    }

    /// An answer is there, from that address.
    pub fn settle(&mut self, awaited: Awaited, from: SocketAddr, now: Duration) {
        self.awaited.retain(|it| it.message != awaited.message);
        self.learn(awaited.port, from);
        self.has_given_up = false;
        self.ready = now;
    }

    /// An answer that was given up is there after all; the server speaks again.
    pub fn forgive(&mut self, late: Awaited, from: SocketAddr) {
        self.expired.retain(|it| it.message != late.message);
        self.learn(late.port, from);
        self.has_given_up = false;
    }

    /// The server refuses: nothing that is waited for will come.
    pub fn refuse(&mut self, now: Duration) {
        self.awaited.iter_mut().for_each(|it| it.until = now);
    }

    /// Keeps an answer that came before its turn, if there is room.
    pub fn keep(&mut self, from: SocketAddr, bytes: &[u8]) {
        if self.early.len() < MAX_EARLY && bytes.len() <= MAX_EARLY_LEN {
            self.early.push_back((from, bytes.to_vec()));
        }
    }

    /// Whether any is kept.
    pub fn has_early(&self) -> bool {
        !self.early.is_empty()
    }

    /// Takes out the first that was kept, may be an answer and `is_meant`; returns whence it came.
    pub fn take_early(
        &mut self,
        awaited: Awaited,
        mut is_meant: impl FnMut(&[u8]) -> bool,
    ) -> Option<SocketAddr> {
        let is_it = |(from, bytes): &(SocketAddr, Vec<u8>)| {
            self.may_come_from(&awaited, *from) && is_meant(bytes)
        };
        let found = self.early.iter().position(is_it)?;
        self.early.remove(found).map(|(from, _)| from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const TIMEOUT: Duration = Duration::from_millis(100);

    fn span(offset: u64) -> Span {
        Span { offset, len: 1, is_spooled: false }
    }

    /// What is waited for first is there.
    fn settle(talk: &mut Exchange, now: Duration) {
        let awaited = talk.candidates(talk.to).next().unwrap();
        talk.settle(awaited, talk.to, now);
    }

    fn talk(steps: &[(Side, u32)]) -> Exchange {
        let mut talk = Exchange::new("127.0.0.1:9".parse().unwrap(), false, steps.len() as u64);
        for (number, (side, ms)) in steps.iter().enumerate() {
            let due = Some(*ms * MS);
            let step = Entry { side: *side, due, port: None, span: span(number as u64) };
            talk.push(step);
        }
        talk
    }

    #[test]
    fn a_step_waits_for_its_time_and_for_the_answer_before_it() {
        let mut talk = talk(&[(Side::Client, 0), (Side::Server, 3), (Side::Client, 10)]);
        let mut turn = |ms: u32, is_settled: bool| {
            if is_settled {
                settle(&mut talk, ms * MS);
            }
            talk.turn(ms * MS, TIMEOUT)
        };
        assert_eq!(turn(1, false), Turn::Send(span(0), None, Some(Duration::ZERO)));
        assert_eq!(turn(1, false), Turn::Expect);
        // The time is there, the answer is not: it has 100 ms from when it was recorded.
        assert_eq!(turn(20, false), Turn::Wait(103 * MS));
        // Late is counted from when the step could be taken.
        assert_eq!(turn(21, true), Turn::Send(span(2), None, Some(21 * MS)));
        assert_eq!(turn(21, false), Turn::Idle);
    }

    #[test]
    fn an_answer_that_came_does_not_make_a_step_early() {
        let mut talk = talk(&[(Side::Server, 0), (Side::Client, 10)]);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        settle(&mut talk, 2 * MS);
        assert_eq!(talk.turn(2 * MS, TIMEOUT), Turn::Wait(10 * MS));
        assert_eq!(talk.turn(10 * MS, TIMEOUT), Turn::Send(span(1), None, Some(10 * MS)));
    }

    #[test]
    fn a_silent_server_costs_one_timeout() {
        let steps = [(Side::Client, 0), (Side::Server, 0)].repeat(5);
        let mut talk = talk(&steps);
        let (mut sent, mut overdue, mut now) = (Vec::new(), 0, Duration::ZERO);
        loop {
            match talk.turn(now, TIMEOUT) {
                Turn::Send(_, _, due) => sent.extend(due),
                Turn::Overdue(_, None) => overdue += 1,
                Turn::Wait(at) => now = at,
                Turn::Expect => {}
                other => break assert_eq!(other, Turn::Idle),
            }
        }
        // A step that was waited for in vain is not late by that.
        assert_eq!(sent, [Duration::ZERO, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT]);
        assert_eq!((overdue, now), (5, 2 * TIMEOUT));
    }

    #[test]
    fn an_answer_makes_the_next_one_waited_for_again() {
        let steps = [(Side::Server, 0), (Side::Server, 0), (Side::Client, 0)];
        let mut talk = talk(&steps);
        assert_eq!(
            [talk.turn(MS, TIMEOUT), talk.turn(2 * MS, TIMEOUT)],
            [Turn::Expect, Turn::Expect]
        );
        assert!(matches!(talk.turn(101 * MS, TIMEOUT), Turn::Overdue(it, None) if it.message == 1));
        let from = talk.to;
        let late = talk.expired(from).next().unwrap();
        talk.forgive(late, from);
        assert_eq!(talk.expired(from).count(), 0);
        assert_eq!(talk.turn(101 * MS, TIMEOUT), Turn::Wait(102 * MS));
        talk.refuse(50 * MS);
        assert!(matches!(talk.turn(101 * MS, TIMEOUT), Turn::Overdue(it, None) if it.message == 2));
    }

    #[test]
    fn an_answer_that_came_early_is_taken_at_its_turn_or_when_it_is_overdue() {
        let mut talk = talk(&[(Side::Server, 0), (Side::Server, 0)]);
        let from = talk.to;
        talk.keep(from, b"one");
        talk.keep(from, b"two");
        (0..2 * MAX_EARLY).for_each(|_| talk.keep(from, &[0; MAX_EARLY_LEN + 1]));
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        let awaited = talk.newest().unwrap();
        assert_eq!(talk.take_early(awaited, |it| it == b"two"), Some(from));
        assert_eq!(talk.take_early(awaited, |it| it == b"two"), None);
        let Turn::Overdue(_, Some(kept)) = talk.turn(200 * MS, TIMEOUT) else { panic!() };
        assert_eq!(kept, b"one");
    }

    #[test]
    fn a_closed_conversation_still_waits_for_the_answers_to_what_it_sent() {
        let steps = [(Side::Server, 0), (Side::Client, 0), (Side::Server, 0)];
        let mut talk = talk(&steps);
        assert_eq!(talk.close(), 2);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        settle(&mut talk, MS);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Idle);
    }

    #[test]
    fn ports_that_the_server_opens_are_learnt_from_its_answers() {
        let [first, second] = [50_001, 50_002].map(NonZeroU16::new);
        let mut talk = talk(&[]);
        for (number, side, port) in [
            (0, Side::Client, None),
            (1, Side::Server, first),
            (2, Side::Client, first),
            (3, Side::Client, second),
            (4, Side::Server, second),
        ] {
            talk.push(Entry { side, due: None, port, span: span(number) });
        }
        let [asked, opened, other] = [9, 61_000, 62_000].map(|port| ([127, 0, 0, 1], port).into());
        let stranger: SocketAddr = "127.0.0.2:61000".parse().unwrap();
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Send(span(0), None, None));
        assert!(!talk.hears(opened), "nothing is waited for");
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        assert_eq!((talk.destination(None), talk.destination(first)), (Some(asked), None));
        assert!(talk.hears(opened) && !talk.hears(stranger) && !talk.is_peer(opened));
        let awaited = talk.candidates(opened).next().unwrap();
        talk.settle(awaited, opened, MS);
        assert!(talk.is_peer(opened));
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Send(span(2), first, None));
        assert_eq!(talk.destination(first), Some(opened));
        // The second is another, and not where the first is.
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Send(span(3), second, None));
        assert_eq!(talk.destination(second), None);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        assert_eq!((talk.candidates(opened).count(), talk.candidates(other).count()), (0, 1));
        let awaited = talk.candidates(other).next().unwrap();
        talk.settle(awaited, other, MS);
        assert_eq!(
            (talk.destination(first), talk.destination(second)),
            (Some(opened), Some(other))
        );
    }

    #[test]
    fn ports_that_are_known_are_bounded() {
        let mut talk = talk(&[]);
        for port in 1..=u16::MAX {
            talk.learn(NonZeroU16::new(port), ([127, 0, 0, 1], port).into());
        }
        assert_eq!(talk.ports.len(), MAX_PORTS);
        assert_eq!(talk.destination(NonZeroU16::new(1)), None);
    }
}
