//! Answers: each is paired with the message that it belongs to, by what it repeats of it, or in
//! order.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::options::ReplyOptions;
use super::outcome::Replies;
use crate::net::{
    Batch, Clock, LOOK, LatenessHistogram, MAX_DATAGRAM, NetError, Readiness, Sender, UdpSocket,
};

/// Messages of one sender that wait for their answers at once: two seconds of 32,000 a second. The
/// oldest beyond them count as missing.
const MAX_WAITING: usize = 1 << 16;
/// Datagrams that one socket may give in a row, so that none keeps the others waiting.
const MAX_IN_A_ROW: usize = 64;
/// So short before a deadline the sockets are looked at without a pause: who sleeps is woken late.
const SPIN: Duration = Duration::from_micros(200);

/// What is awaited, and what came.
pub(super) struct Awaited<'r> {
    options: ReplyOptions<'r>,
    readiness: Readiness,
    ready: Vec<u64>,
    buffer: Vec<u8>,
    /// Of each sender.
    queues: Vec<Queue>,
    replies: Replies,
}

/// The messages of one sender that wait, in their order.
#[derive(Default)]
struct Queue {
    asked: VecDeque<Asked>,
    /// The number of the first in `asked`, counted from the beginning.
    first: u64,
    /// The numbers of those that wait, by key.
    numbers: HashMap<u64, u64, foldhash::fast::RandomState>,
}

#[derive(Clone, Copy)]
struct Asked {
    key: Option<u64>,
    sent: Duration,
    is_answered: bool,
}

impl<'r> Awaited<'r> {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn new(options: ReplyOptions<'r>, sockets: &[UdpSocket]) -> Result<Self, NetError> {
        let readiness = Readiness::new()?;
        for (number, socket) in (0..).zip(sockets) {
            readiness.watch(socket, number)?;
        }
        let round_trips = LatenessHistogram::new()?;
        Ok(Self {
            options,
            readiness,
            ready: Vec::new(),
            buffer: vec![0; MAX_DATAGRAM],
            queues: sockets.iter().map(|_| Queue::default()).collect(),
            replies: Replies { answered: 0, missing: 0, unasked: 0, round_trips },
        })
    }

    /// These leave now, and are to be answered; with a key, those that have one.
    pub fn expect(&mut self, socket: usize, batch: &Batch, now: Duration) {
        let Some(queue) = self.queues.get_mut(socket) else { return };
        for index in 0..batch.len() {
            let key = self.options.key.map(|key| key(batch.datagram(index)));
            match key {
                Some(None) => {}
                key => self.replies.missing += queue.push(key.flatten(), now),
            }
        }
    }

    /// Receives until a time. Returns whether it has come; it has not where `is_over`.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn receive_until(
        &mut self,
        at: Duration,
        clock: &dyn Clock,
        sockets: &[UdpSocket],
        sender: &mut Sender<'_>,
        is_over: &dyn Fn() -> bool,
    ) -> Result<bool, NetError> {
        loop {
            if is_over() {
                return Ok(false);
            }
            let left = at.saturating_sub(clock.now());
            self.receive(left.saturating_sub(SPIN).min(LOOK), clock, sockets, sender)?;
            if left.is_zero() {
                return Ok(true);
            }
        }
    }

    /// Waits for the last answers, and gives what it all came to.
    ///
    /// # Errors
    ///
    /// The sockets cannot be waited for.
    pub fn finish(
        mut self,
        clock: &dyn Clock,
        sockets: &[UdpSocket],
        sender: &mut Sender<'_>,
        is_halted: &dyn Fn() -> bool,
    ) -> Result<Replies, NetError> {
        while !is_halted() && self.queues.iter().any(|it| !it.asked.is_empty()) {
            self.receive(LOOK, clock, sockets, sender)?;
            let since = clock.now().saturating_sub(self.options.patience);
            for queue in &mut self.queues {
                self.replies.missing += queue.forget_before(since);
            }
        }
        let left: u64 = self.queues.iter().map(Queue::unanswered).sum();
        self.replies.missing = self.replies.missing.saturating_add(left);
        Ok(self.replies)
    }

    fn receive(
        &mut self,
        timeout: Duration,
        clock: &dyn Clock,
        sockets: &[UdpSocket],
        sender: &mut Sender<'_>,
    ) -> Result<(), NetError> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        self.readiness.wait(timeout, &mut ready)?;
        for number in ready.iter().filter_map(|it| usize::try_from(*it).ok()) {
            if let Some(socket) = sockets.get(number) {
                self.receive_of(number, socket, clock, sender);
            }
        }
        self.ready = ready;
        Ok(())
    }

    fn receive_of(
        &mut self,
        number: usize,
        socket: &UdpSocket,
        clock: &dyn Clock,
        sender: &mut Sender<'_>,
    ) {
        let Some(queue) = self.queues.get_mut(number) else { return };
        for _ in 0..MAX_IN_A_ROW {
            // First, so that no call fails of an earlier datagram.
            sender.hear(socket);
            let len = match socket.recv(&mut self.buffer) {
                Ok(None) => return,
                Ok(Some((len, _))) => len,
                // It came since, and is taken by the next turn.
                Err(_) => continue,
            };
            let now = clock.now();
            self.replies.missing += queue.forget_before(now.saturating_sub(self.options.patience));
            let bytes = self.buffer.get(..len).unwrap_or_default();
            let asked = match self.options.key {
                Some(key) => key(bytes).and_then(|key| queue.answer(key)),
                None => queue.answer_first(),
            };
            match asked {
                Some(sent) => {
                    self.replies.answered = self.replies.answered.saturating_add(1);
                    self.replies.round_trips.record(sent, now, 1);
                }
                None => self.replies.unasked = self.replies.unasked.saturating_add(1),
            }
        }
    }
}

impl Queue {
    /// Adds one, and returns how many had to give way without an answer.
    fn push(&mut self, key: Option<u64>, sent: Duration) -> u64 {
        let number = self.first.saturating_add(self.asked.len() as u64);
        self.asked.push_back(Asked { key, sent, is_answered: false });
        if let Some(key) = key {
            self.numbers.insert(key, number);
        }
        if self.asked.len() > MAX_WAITING { self.forget_first() } else { 0 }
    }

    /// Forgets those that were sent before a time, and returns how many had no answer.
    fn forget_before(&mut self, time: Duration) -> u64 {
        let mut missing: u64 = 0;
        while self.asked.front().is_some_and(|it| it.is_answered || it.sent < time) {
            missing = missing.saturating_add(self.forget_first());
        }
        missing
    }

    /// The first gives way. Returns 1 if it had no answer.
    fn forget_first(&mut self) -> u64 {
        let Some(asked) = self.asked.pop_front() else { return 0 };
        if let Some(key) = asked.key.filter(|it| self.numbers.get(it) == Some(&self.first)) {
            self.numbers.remove(&key);
        }
        self.first = self.first.saturating_add(1);
        u64::from(!asked.is_answered)
    }

    /// When the message was sent that an answer with this key belongs to.
    fn answer(&mut self, key: u64) -> Option<Duration> {
        let number = self.numbers.remove(&key)?;
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let asked = self.asked.get_mut(index)?;
        asked.is_answered = true;
        let sent = asked.sent;
        self.forget_before(Duration::ZERO);
        Some(sent)
    }

    /// When the first message was sent that waits.
    fn answer_first(&mut self) -> Option<Duration> {
        let sent = self.asked.pop_front()?.sent;
        self.first = self.first.saturating_add(1);
        Some(sent)
    }

    fn unanswered(&self) -> u64 {
        self.asked.iter().filter(|it| !it.is_answered).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn answers_by_key_come_in_any_order_and_once() {
        let mut queue = Queue::default();
        for (key, sent) in [(7, 1), (8, 2), (9, 3)] {
            assert_eq!(queue.push(Some(key), sent * MS), 0);
        }
        assert_eq!(queue.answer(9), Some(3 * MS));
        assert_eq!(queue.answer(9), None);
        assert_eq!(queue.answer(7), Some(MS));
        assert_eq!((queue.asked.len(), queue.first), (2, 1));
        assert_eq!(queue.forget_before(3 * MS), 1);
        assert_eq!((queue.answer(8), queue.unanswered()), (None, 0));
        assert!(queue.numbers.is_empty());
    }

    #[test]
    fn a_key_that_comes_again_is_the_later_messages() {
        let mut queue = Queue::default();
        queue.push(Some(1), MS);
        queue.push(Some(1), 2 * MS);
        assert_eq!(queue.answer(1), Some(2 * MS));
        assert_eq!((queue.answer(1), queue.unanswered()), (None, 1));
    }

    #[test]
    fn in_order_the_first_that_waits_is_answered() {
        let mut queue = Queue::default();
        for sent in 1..=3 {
            queue.push(None, sent * MS);
        }
        assert_eq!(queue.answer_first(), Some(MS));
        assert_eq!(queue.forget_before(3 * MS), 1);
        assert_eq!((queue.answer_first(), queue.answer_first()), (Some(3 * MS), None));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut queue = Queue::default();
        let missing: u64 = (0..MAX_WAITING as u64 + 5).map(|it| queue.push(Some(it), MS)).sum();
        assert_eq!(
            (missing, queue.asked.len(), queue.numbers.len()),
            (5, MAX_WAITING, MAX_WAITING)
        );
        assert_eq!(queue.answer(4), None);
        assert_eq!(queue.answer(5), Some(MS));
    }
}
