//! Which conversation begins next, and when: loops, the limit, and a thread's share of both.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::replay::plan::Conversation;

/// The TCP conversations of a plan in the order in which they begin, over and over.
#[derive(Debug)]
pub(super) struct Agenda {
    /// Indices of the plan's conversations.
    order: Vec<usize>,
    /// Conversations in all, loops and limit regarded.
    total: u64,
    is_limited: bool,
    /// Those that were taken.
    taken: AtomicU64,
}

/// What one of several threads begins: every so-many-th conversation.
#[derive(Debug)]
pub(super) struct Starts<'a> {
    agenda: &'a Agenda,
    /// The number of the next one, counted over all loops.
    next: u64,
    round: u64,
    threads: u64,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// This conversation of the plan.
    Conversation(usize),
    /// The plan begins once more.
    Again,
}

impl Agenda {
    /// The TCP conversations of a plan. Loops 0 are for ever.
    pub fn new(conversations: &[Conversation], loops: u64, limit: Option<u64>) -> Self {
        let start = |at: usize| conversations.get(at).map_or(Duration::ZERO, |it| it.start);
        let is_stream = |(_, it): &(usize, &Conversation)| it.transport.is_stream();
        let mut order: Vec<usize> =
            conversations.iter().enumerate().filter(is_stream).map(|(at, _)| at).collect();
        order.sort_by_key(|at| start(*at));
        let all = match (order.len() as u64, loops) {
            (0, _) => 0,
            (_, 0) => u64::MAX,
            (len, loops) => len.saturating_mul(loops),
        };
        let total = all.min(limit.unwrap_or(u64::MAX));
        Self { order, total, is_limited: total < all, taken: AtomicU64::new(0) }
    }

    /// Conversations in one loop.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Conversations in all loops.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether the limit leaves some of the loops out.
    pub fn is_limited(&self) -> bool {
        self.is_limited
    }

    /// The next conversation of all, for whoever asks first.
    pub fn take(&self) -> Option<usize> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        self.index(number).filter(|_| number < self.total)
    }

    /// Which conversation of the plan comes at a number, counted over all loops.
    fn index(&self, number: u64) -> Option<usize> {
        let rank = number.checked_rem(self.order.len() as u64)?;
        self.order.get(usize::try_from(rank).ok()?).copied()
    }

    /// The share of a thread.
    pub fn share(&self, thread: usize, threads: usize) -> Starts<'_> {
        let threads = threads.max(1) as u64;
        Starts { agenda: self, next: thread as u64, round: 0, threads }
    }

    /// The loop that a conversation belongs to.
    fn round(&self, number: u64) -> u64 {
        number.checked_div(self.order.len() as u64).unwrap_or(0)
    }
}

impl<'a> Starts<'a> {
    /// Of which it is a share.
    pub fn agenda(&self) -> &'a Agenda {
        self.agenda
    }
}

impl Iterator for Starts<'_> {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        let agenda = self.agenda;
        // Every thread goes through as many loops as the others, also those without a part for it.
        let last = agenda.total.checked_sub(1)?;
        if self.round < agenda.round(self.next.min(last)) {
            self.round = self.round.saturating_add(1);
            return Some(Start::Again);
        }
        let index = agenda.index(self.next).filter(|_| self.next <= last)?;
        self.next = self.next.saturating_add(self.threads);
        Some(Start::Conversation(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{StreamId, Transport};

    fn conversation(transport: Transport, start: u64) -> Conversation {
        Conversation {
            transport,
            stream: StreamId(0),
            client: "10.0.0.1:40000".parse().unwrap(),
            server: "10.0.0.2:80".parse().unwrap(),
            start: Duration::from_secs(start),
            steps: Vec::new(),
            spans: Vec::new(),
        }
    }

    fn agenda(loops: u64, limit: Option<u64>) -> Agenda {
        let starts = [(Transport::Tcp, 7), (Transport::Udp, 1), (Transport::Tcp, 5)];
        let mut conversations: Vec<_> =
            starts.map(|(transport, start)| conversation(transport, start)).into();
        conversations.push(conversation(Transport::Tcp, 6));
        Agenda::new(&conversations, loops, limit)
    }

    fn share(agenda: &Agenda, thread: usize, threads: usize, most: usize) -> Vec<Option<usize>> {
        let index = |start| match start {
            Start::Conversation(index) => Some(index),
            Start::Again => None,
        };
        agenda.share(thread, threads).take(most).map(index).collect()
    }

    #[test]
    fn tcp_conversations_begin_in_the_order_of_their_starts_in_every_loop() {
        let twice = [Some(2), Some(3), Some(0), None, Some(2), Some(3), Some(0)];
        assert_eq!(share(&agenda(2, None), 0, 1, 99), twice);
        assert_eq!(share(&agenda(0, None), 0, 1, 7), twice);
        assert_eq!(agenda(1, None).len(), 3);
    }

    #[test]
    fn threads_share_what_one_would_play_and_loop_alike() {
        assert_eq!(share(&agenda(2, None), 0, 2, 99), [Some(2), Some(0), None, Some(3)]);
        assert_eq!(share(&agenda(2, None), 1, 2, 99), [Some(3), None, Some(2), Some(0)]);
        assert_eq!(share(&agenda(2, None), 7, 8, 99), [None]);
    }

    #[test]
    fn what_is_taken_is_taken_once_in_order_up_to_the_limit() {
        let limited = agenda(0, Some(5));
        let taken: Vec<_> = std::iter::from_fn(|| limited.take()).collect();
        assert_eq!(taken, [2, 3, 0, 2, 3]);
        assert_eq!(limited.take(), None);
        assert_eq!(Agenda::new(&[], 0, None).take(), None);
    }

    #[test]
    fn the_limit_ends_a_loop_in_its_middle() {
        let limited = agenda(0, Some(4));
        assert_eq!(share(&limited, 0, 1, 99), [Some(2), Some(3), Some(0), None, Some(2)]);
        assert_eq!(share(&limited, 1, 2, 99), [Some(3), None, Some(2)]);
        assert!(limited.is_limited());
        assert!(!agenda(1, Some(3)).is_limited());
        assert!(agenda(1, Some(2)).is_limited());
        assert!(!agenda(0, None).is_limited());
        assert_eq!([agenda(2, None).total(), limited.total()], [6, 4]);
        assert_eq!(Agenda::new(&[], 0, None).share(0, 1).next(), None);
    }
}
