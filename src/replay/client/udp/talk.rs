//! One conversation of datagrams under way: which of its steps may be taken now.
//!
//! A step of the client waits for its time and for the answers before it, each for at most the
//! timeout. Once an answer has not come in time, no more are waited for until one arrives again, so
//! that a silent server costs one timeout and not one for each of its answers.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use crate::decode::stream::Side;
use crate::replay::Span;

/// Answers that one which arrives is held against.
pub(super) const MAX_CANDIDATES: usize = 16;
/// Answers that are kept, of a conversation: those that came before their turn.
const MAX_EARLY: usize = 16;
/// And the bytes of one that is kept.
const MAX_EARLY_LEN: usize = 2048;

/// A conversation under way.
#[derive(Debug)]
pub(super) struct Talk {
    /// Where its datagrams go, and whether others may answer them.
    pub to: SocketAddr,
    pub is_answered_by_any: bool,
    /// Datagrams of both sides that are still to be dealt with.
    pub left: u64,
    /// No further steps are taken.
    pub is_closed: bool,
    steps: VecDeque<Step>,
    awaited: VecDeque<Awaited>,
    /// Answers that did not come in time, lately.
    expired: VecDeque<Span>,
    early: VecDeque<Vec<u8>>,
    answers: u64,
    has_given_up: bool,
    /// When the last answer that was waited for was there, or was given up.
    ready: Duration,
    last: Side,
}

/// A datagram of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub side: Side,
    /// `None` is at once.
    pub due: Option<Duration>,
    pub span: Span,
}

/// An answer that the capture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awaited {
    pub span: Span,
    /// Which of the conversation's, from 1.
    pub message: u64,
    pub until: Duration,
}

/// What a conversation does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It sends this, which was due then.
    Send(Span, Option<Duration>),
    /// It waits for one more answer.
    Expect,
    /// An answer did not come in time. One that was kept may be it all the same.
    Overdue(Awaited, Option<Vec<u8>>),
    /// Nothing before that time.
    Wait(Duration),
    /// Nothing.
    Idle,
}

impl Talk {
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
            answers: 0,
            has_given_up: false,
            ready: Duration::ZERO,
            last: Side::Client,
        }
    }

    /// Whether an address is the one that its datagrams go to.
    pub fn is_peer(&self, it: SocketAddr) -> bool {
        (self.to.ip(), self.to.port()) == (it.ip(), it.port())
    }

    /// Whether the last datagram that was added is an answer.
    pub fn ends_with_answer(&self) -> bool {
        self.last == Side::Server
    }

    /// Adds the next datagram of the capture.
    pub fn push(&mut self, step: Step) {
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
        let kept = self.early.pop_front();
        self.ready = self.ready.max(overdue.until);
        if kept.is_none() {
            self.has_given_up = true;
            self.expired.push_back(overdue.span);
            if self.expired.len() > MAX_CANDIDATES {
                self.expired.pop_front();
            }
        }
        Turn::Overdue(overdue, kept)
    }

    fn expect(&mut self, now: Duration, timeout: Duration) -> Turn {
        let Some(Step { due, span, .. }) = self.steps.pop_front() else { return Turn::Idle };
        self.answers = self.answers.saturating_add(1);
        // The server may take as long as it took in the capture.
        let until = due.map_or(now, |due| due.max(now)).saturating_add(timeout);
        self.awaited.push_back(Awaited { span, message: self.answers, until });
        Turn::Expect
    }

    fn send(&mut self, now: Duration, patience: Option<Duration>) -> Turn {
        let due = self.steps.front().and_then(|it| it.due);
        if let Some(due) = due.filter(|due| *due > now) {
            return Turn::Wait(patience.map_or(due, |it| it.min(due)));
        }
        match self.steps.pop_front() {
            Some(step) => Turn::Send(step.span, due.map(|due| due.max(self.ready))),
            None => Turn::Idle,
        }
    }

    /// Answers that one which arrives may be.
    pub fn candidates(&self) -> impl Iterator<Item = Awaited> + '_ {
        self.awaited.iter().take(MAX_CANDIDATES).copied()
    }

    /// The answer that was waited for last, if any is.
    pub fn newest(&self) -> Option<Awaited> {
        self.awaited.back().copied()
    }

    /// Answers that were given up lately.
    pub fn expired(&self) -> impl Iterator<Item = Span> + '_ {
        self.expired.iter().copied()
    }

    /// An answer is there.
    pub fn settle(&mut self, message: u64, now: Duration) {
        self.awaited.retain(|it| it.message != message);
        self.has_given_up = false;
        self.ready = now;
    }

    /// An answer that was given up is there after all; the server speaks again.
    pub fn forgive(&mut self, span: Span) {
        self.expired.retain(|it| *it != span);
        self.has_given_up = false;
    }

    /// The server refuses: nothing that is waited for will come.
    pub fn refuse(&mut self, now: Duration) {
        self.awaited.iter_mut().for_each(|it| it.until = now);
    }

    /// Keeps an answer that came before its turn, if there is room.
    pub fn keep(&mut self, bytes: &[u8]) {
        if self.early.len() < MAX_EARLY && bytes.len() <= MAX_EARLY_LEN {
            self.early.push_back(bytes.to_vec());
        }
    }

    /// Whether any is kept.
    pub fn has_early(&self) -> bool {
        !self.early.is_empty()
    }

    /// Takes out the first that was kept and that `is_meant`.
    pub fn take_early(&mut self, mut is_meant: impl FnMut(&[u8]) -> bool) -> bool {
        let found = self.early.iter().position(|it| is_meant(it));
        found.is_some_and(|at| self.early.remove(at).is_some())
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

    fn talk(steps: &[(Side, u32)]) -> Talk {
        let mut talk = Talk::new("127.0.0.1:9".parse().unwrap(), false, steps.len() as u64);
        for (number, (side, ms)) in steps.iter().enumerate() {
            let step = Step { side: *side, due: Some(*ms * MS), span: span(number as u64) };
            talk.push(step);
        }
        talk
    }

    #[test]
    fn a_step_waits_for_its_time_and_for_the_answer_before_it() {
        let mut talk = talk(&[(Side::Client, 0), (Side::Server, 3), (Side::Client, 10)]);
        let mut turn = |ms: u32, settled: Option<u64>| {
            if let Some(message) = settled {
                talk.settle(message, ms * MS);
            }
            talk.turn(ms * MS, TIMEOUT)
        };
        assert_eq!(turn(1, None), Turn::Send(span(0), Some(Duration::ZERO)));
        assert_eq!(turn(1, None), Turn::Expect);
        // The time is there, the answer is not: it has 100 ms from when it was recorded.
        assert_eq!(turn(20, None), Turn::Wait(103 * MS));
        // Late is counted from when the step could be taken.
        assert_eq!(turn(21, Some(1)), Turn::Send(span(2), Some(21 * MS)));
        assert_eq!(turn(21, None), Turn::Idle);
    }

    #[test]
    fn an_answer_that_came_does_not_make_a_step_early() {
        let mut talk = talk(&[(Side::Server, 0), (Side::Client, 10)]);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        talk.settle(1, 2 * MS);
        assert_eq!(talk.turn(2 * MS, TIMEOUT), Turn::Wait(10 * MS));
        assert_eq!(talk.turn(10 * MS, TIMEOUT), Turn::Send(span(1), Some(10 * MS)));
    }

    #[test]
    fn a_silent_server_costs_one_timeout() {
        let steps = [(Side::Client, 0), (Side::Server, 0)].repeat(5);
        let mut talk = talk(&steps);
        let (mut sent, mut overdue, mut now) = (Vec::new(), 0, Duration::ZERO);
        loop {
            match talk.turn(now, TIMEOUT) {
                Turn::Send(_, due) => sent.extend(due),
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
        talk.forgive(span(0));
        assert_eq!(talk.expired().count(), 0);
        assert_eq!(talk.turn(101 * MS, TIMEOUT), Turn::Wait(102 * MS));
        talk.refuse(50 * MS);
        assert!(matches!(talk.turn(101 * MS, TIMEOUT), Turn::Overdue(it, None) if it.message == 2));
    }

    #[test]
    fn an_answer_that_came_early_is_taken_at_its_turn_or_when_it_is_overdue() {
        let mut talk = talk(&[(Side::Server, 0), (Side::Server, 0)]);
        talk.keep(b"one");
        talk.keep(b"two");
        (0..2 * MAX_EARLY).for_each(|_| talk.keep(&[0; MAX_EARLY_LEN + 1]));
        assert!(talk.take_early(|it| it == b"two"));
        assert!(!talk.take_early(|it| it == b"two"));
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        let Turn::Overdue(_, Some(kept)) = talk.turn(200 * MS, TIMEOUT) else { panic!() };
        assert_eq!(kept, b"one");
    }

    #[test]
    fn a_closed_conversation_still_waits_for_the_answers_to_what_it_sent() {
        let steps = [(Side::Server, 0), (Side::Client, 0), (Side::Server, 0)];
        let mut talk = talk(&steps);
        assert_eq!(talk.close(), 2);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Expect);
        talk.settle(1, MS);
        assert_eq!(talk.turn(MS, TIMEOUT), Turn::Idle);
    }
}
