//! Which request a response answers: the oldest that has no answer yet (RFC 9112 section 9.3.2).

use std::collections::VecDeque;

use super::super::unread::Unread;
use crate::message::Request;

/// Requests of one connection that await their answer.
pub const MAX_WAITING: usize = 1024;

/// Bytes of methods, targets and hosts that are kept for them.
pub const MAX_WAITING_TEXT: usize = 64 << 10;

/// Requests whose room is kept for another conversation.
const KEPT_WAITING: usize = 16;

/// What a request's method means for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// HTTP/0.9.
    Simple,
    Head,
    Connect,
    Other,
}

/// Requests without an answer.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    waiting: VecDeque<Waiting>,
    /// Requests behind those in `waiting` that were not kept.
    unkept: u64,
    text_len: usize,
    /// Given back, to be filled again.
    spare: String,
    /// A request was seen.
    pub has_asked: bool,
    /// The first request is the first one that there was.
    pub is_from_start: bool,
    /// The capture begins in the middle of the connection.
    pub is_from_within: bool,
    /// Answers that came before the first request, and are those to the next ones.
    ahead: u64,
    /// Why both sides are opaque from the next message on.
    pub tunnel: Option<Unread>,
}

/// A request that awaits its answer.
#[derive(Debug)]
pub(super) struct Waiting {
    pub method: Method,
    text: String,
    target: usize,
    host: usize,
}

impl Pairing {
    /// A request; `false` where it will not be paired.
    pub fn ask(&mut self, method: Method, parts: [&[u8]; 3]) -> bool {
        self.has_asked = true;
        if self.ahead > 0 {
            self.ahead = self.ahead.saturating_sub(1);
            return true;
        }
        if self.unkept > 0 || self.waiting.len() >= MAX_WAITING {
            self.unkept = self.unkept.saturating_add(1);
            return false;
        }
        let [verb, target, host] = parts.map(String::from_utf8_lossy);
        let mut text = std::mem::take(&mut self.spare);
        text.clear();
        let len = verb.len().saturating_add(target.len()).saturating_add(host.len());
        if self.text_len.saturating_add(len) > MAX_WAITING_TEXT {
            self.waiting.push_back(Waiting { method, text, target: 0, host: 0 });
            return true;
        }
        text.push_str(&verb);
        let target_at = text.len();
        text.push_str(&target);
        let host_at = text.len();
        text.push_str(&host);
        self.text_len = self.text_len.saturating_add(text.len());
        self.waiting.push_back(Waiting { method, text, target: target_at, host: host_at });
        true
    }

    /// A line that comes may be of something else than requests: none was seen.
    pub fn is_within(&self) -> bool {
        self.is_from_within && !self.has_asked
    }

    /// The request that is answered next.
    pub fn front(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    /// The next answer is to a request without a version.
    pub fn expects_simple(&self) -> bool {
        self.front().is_some_and(|it| it.method == Method::Simple)
    }

    /// A final answer begins: takes its request out.
    pub fn answer(&mut self) -> Option<Waiting> {
        if self.is_from_start && !self.has_asked {
            self.ahead = self.ahead.saturating_add(1);
            return None;
        }
        let found = self.waiting.pop_front();
        match &found {
            Some(waiting) => self.text_len = self.text_len.saturating_sub(waiting.text.len()),
            None => self.unkept = self.unkept.saturating_sub(1),
        }
        found
    }

    /// Requests were lost: an answer that came before one may be that to another.
    pub fn lose_requests(&mut self) {
        self.ahead = 0;
        self.is_from_start = false;
    }

    /// Answers were lost: what awaits one can no longer be paired.
    pub fn lose(&mut self) {
        self.ahead = 0;
        self.waiting.clear();
        self.unkept = 0;
        self.text_len = 0;
    }

    /// Another conversation begins; memory is kept.
    pub fn reset(&mut self) {
        self.lose();
        self.waiting.shrink_to(KEPT_WAITING);
        self.has_asked = false;
        self.is_from_start = false;
        self.is_from_within = false;
        self.tunnel = None;
    }

    /// Takes a request's memory back.
    pub fn recycle(&mut self, waiting: Waiting) {
        if waiting.text.capacity() <= 1024 {
            self.spare = waiting.text;
        }
    }
}

impl Waiting {
    /// Its parts, where they were kept.
    pub fn request(&self) -> Option<Request<'_>> {
        let (method, rest) = self.text.split_at_checked(self.target)?;
        let (target, host) = rest.split_at_checked(self.host.checked_sub(self.target)?)?;
        (!method.is_empty()).then_some(Request { method, target, host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_paired_in_order_up_to_the_bound() {
        let mut pairing = Pairing::default();
        for number in 0..MAX_WAITING + 2 {
            let target = number.to_string();
            let kept = pairing.ask(Method::Other, [b"GET", target.as_bytes(), b"h"]);
            assert_eq!(kept, number < MAX_WAITING);
        }
        for number in 0..MAX_WAITING {
            let waiting = pairing.answer().unwrap();
            let target = number.to_string();
            let request = Request { method: "GET", target: &target, host: "h" };
            assert_eq!(waiting.request(), Some(request));
            // One that comes now is behind those that were not kept.
            assert!(number > 0 || !pairing.ask(Method::Other, [b"GET", b"late", b""]));
        }
        for _ in 0..3 {
            assert!(pairing.answer().is_none());
        }
        assert!(pairing.ask(Method::Head, [b"HEAD", b"/", b""]));
        assert_eq!(pairing.answer().map(|it| it.method), Some(Method::Head));
    }

    #[test]
    fn text_is_kept_up_to_its_bound_and_the_method_always() {
        let mut pairing = Pairing::default();
        let target = vec![b'a'; MAX_WAITING_TEXT / 2];
        for _ in 0..3 {
            assert!(pairing.ask(Method::Head, [b"HEAD", &target, b""]));
        }
        for kept in [true, false, false] {
            let waiting = pairing.answer().unwrap();
            assert_eq!((waiting.method, waiting.request().is_some()), (Method::Head, kept));
        }
        assert!(pairing.ask(Method::Other, [b"GET", &target, b""]));
        assert!(pairing.answer().unwrap().request().is_some());
    }
}
