//! The requests of one conversation, and what has answered them.
//!
//! A request is known by its value, and by which end asked: both may ask at once. It is remembered after its
//! answer too, so that what is said in several answers, or twice, is no answer to nothing; a later
//! request may have its value again.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::latencies::Latencies;
use super::pairing::{PairCounts, PairFigures};
use super::value::Value;
use crate::capture::Timestamp;
use crate::packet::Endpoint;

/// Requests of a conversation that are remembered: the latest.
pub const MAX_REMEMBERED: usize = 512;

/// A conversation.
pub(super) struct Exchange {
    /// The sender of its first message.
    first: Endpoint,
    requests: HashMap<Key, Request, RandomState>,
    /// In the order of their numbers.
    order: VecDeque<(Key, u64)>,
    counts: PairCounts,
    latencies: Latencies,
}

/// What tells a request: the rule, whether the first sender asked, and the value.
type Key = (usize, bool, Value);

struct Request {
    number: u64,
    time: Option<Timestamp>,
    is_answered: bool,
}

impl Exchange {
    pub fn new(first: Endpoint) -> Self {
        let (requests, order) = (HashMap::default(), VecDeque::new());
        let (counts, latencies) = (PairCounts::default(), Latencies::default());
        Self { first, requests, order, counts, latencies }
    }

    /// Takes what may answer a request of the other end, and gives its number.
    pub fn answer(
        &mut self,
        rule: usize,
        src: Endpoint,
        value: Value,
        time: Option<Timestamp>,
    ) -> Option<u64> {
        let key = (rule, src != self.first, value);
        let request = self.requests.get_mut(&key)?;
        if std::mem::replace(&mut request.is_answered, true) {
            self.counts.further = self.counts.further.saturating_add(1);
            return Some(request.number);
        }
        self.counts.answered = self.counts.answered.saturating_add(1);
        let latency = request.time.zip(time).map(|(asked, now)| now.0.saturating_sub(asked.0));
        if let Some(nanos) = latency.and_then(|it| u64::try_from(it).ok()) {
            self.latencies.push(nanos);
        }
        Some(request.number)
    }

    /// Counts an answer to no request.
    pub fn unasked(&mut self) {
        self.counts.unasked = self.counts.unasked.saturating_add(1);
    }

    /// Takes a request, and gives its number: that of the same one, where it is asked again before it
    /// is answered.
    pub fn ask(
        &mut self,
        rule: usize,
        src: Endpoint,
        value: Value,
        time: Option<Timestamp>,
    ) -> u64 {
        let key = (rule, src == self.first, value);
        if let Some(known) = self.requests.get(&key).filter(|it| !it.is_answered) {
            self.counts.repeated = self.counts.repeated.saturating_add(1);
            return known.number;
        }
        self.counts.asked = self.counts.asked.saturating_add(1);
        let number = self.counts.asked;
        while self.order.len() >= MAX_REMEMBERED {
            self.forget_oldest();
        }
        self.order.push_back((key.clone(), number));
        self.requests.insert(key, Request { number, time, is_answered: false });
        number
    }

    fn forget_oldest(&mut self) {
        let Some((key, number)) = self.order.pop_front() else { return };
        // The value may be that of a later request by now.
        if self.requests.get(&key).is_some_and(|it| it.number == number)
            && let Some(forgotten) = self.requests.remove(&key)
            && !forgotten.is_answered
        {
            self.counts.forgotten = self.counts.forgotten.saturating_add(1);
        }
    }

    pub fn counts(&self) -> PairCounts {
        self.counts
    }

    /// What it came to; `None` where nothing was asked or answered.
    pub fn figures(&self) -> Option<PairFigures> {
        let (median, largest) = (self.latencies.median(), self.latencies.largest());
        let is_any = self.counts != PairCounts::default();
        is_any.then_some(PairFigures { counts: self.counts, median, largest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> (Exchange, [Endpoint; 2]) {
        let ends = ["10.0.0.1:1", "10.0.0.2:2"].map(|it| it.parse().unwrap());
        (Exchange::new(ends[0]), ends)
    }

    fn at(nanos: i64) -> Option<Timestamp> {
        Some(Timestamp(nanos))
    }

    fn value(number: i128) -> Value {
        Value::Number(number)
    }

    #[test]
    fn an_answer_has_the_number_of_the_request_of_the_other_end() {
        let (mut it, [a, b]) = exchange();
        assert_eq!(it.ask(0, a, value(7), at(100)), 1);
        assert_eq!(it.ask(0, b, value(7), at(200)), 2, "both may ask with one value");
        assert_eq!(it.answer(0, a, value(7), at(250)), Some(2));
        assert_eq!(it.answer(0, b, value(7), at(400)), Some(1));
        assert_eq!(it.answer(0, b, value(8), at(400)), None);
        assert_eq!(it.answer(1, b, value(7), at(400)), None, "another rule");
        let figures = it.figures().unwrap();
        assert_eq!((figures.median, figures.largest), (Some(50), Some(300)));
        let expected = PairCounts { asked: 2, answered: 2, ..PairCounts::default() };
        assert_eq!(figures.counts, expected);
    }

    #[test]
    fn what_is_asked_again_is_the_same_request_until_it_is_answered() {
        let (mut it, [a, b]) = exchange();
        assert_eq!([it.ask(0, a, value(7), at(0)), it.ask(0, a, value(7), at(9))], [1, 1]);
        assert_eq!(it.answer(0, b, value(7), at(10)), Some(1));
        assert_eq!(it.answer(0, b, value(7), at(11)), Some(1), "a further answer");
        assert_eq!(it.ask(0, a, value(7), at(12)), 2, "the value is used again");
        assert_eq!(it.answer(0, b, value(7), at(13)), Some(2));
        let counts = it.counts();
        assert_eq!((counts.asked, counts.answered, counts.repeated, counts.further), (2, 2, 1, 1));
        assert_eq!(it.figures().unwrap().largest, Some(10), "from when it was asked first");
    }

    #[test]
    fn the_oldest_are_forgotten_and_counted() {
        let (mut it, [a, b]) = exchange();
        it.ask(0, a, value(0), None);
        it.answer(0, b, value(0), None);
        it.ask(0, a, value(0), None);
        (1..=MAX_REMEMBERED as i128).for_each(|number| _ = it.ask(0, a, value(number), None));
        assert_eq!(it.requests.len(), MAX_REMEMBERED);
        assert_eq!(it.answer(0, b, value(0), None), None);
        assert_eq!(it.answer(0, b, value(1), None), Some(3));
        assert_eq!((it.counts().forgotten, it.counts().unanswered()), (1, MAX_REMEMBERED as u64));
    }
}
