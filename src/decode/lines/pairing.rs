//! Which command a reply answers.
//!
//! Where replies have codes or are memcached's, each command has one, in order; a preliminary code
//! (1yz) is followed by another. Other replies are paired only where a single command awaits one,
//! since nothing tells how many lines answer it.

use super::super::pairs::Pairs;
use super::dialect::{asks_no_reply, code, is_memcached};

/// The commands without a reply.
#[derive(Clone, Debug, Default)]
pub struct Pairing {
    pairs: Pairs<()>,
    /// The client sends a text whose last line is a full stop: its lines are no commands.
    is_in_text: bool,
    /// The server has said what memcached says.
    is_memcached: bool,
}

impl Pairing {
    /// Numbers a command by its line.
    pub fn ask(&mut self, line: &[u8]) -> Option<u64> {
        if self.is_in_text && line == b"." {
            self.is_in_text = false;
        }
        let is_answered = !self.is_in_text && !line.is_empty() && !asks_no_reply(line);
        self.pairs.ask(is_answered.then_some(()))
    }

    /// The number of the command that a reply answers, by its first line.
    pub fn answer(&mut self, line: &[u8]) -> Option<u64> {
        match code(line) {
            Some(100..200) => return self.pairs.front().map(|(number, ())| number),
            Some(code) => {
                let number = self.pairs.answer()?;
                // Start of a mail or of an article (RFC 5321 section 4.1.1.4, RFC 3977 section 6.3).
                self.is_in_text |= matches!(code, 354 | 340 | 335);
                return Some(number);
            }
            None => {}
        }
        self.is_memcached |= is_memcached(line);
        let is_figure = line.iter().all(u8::is_ascii_digit) && !line.is_empty();
        if is_memcached(line) || (self.is_memcached && is_figure) {
            return self.pairs.answer();
        }
        match self.pairs.waiting() {
            0 | 1 => self.pairs.answer(),
            _ => {
                self.lose();
                None
            }
        }
    }

    /// Commands or replies are missing.
    pub fn lose(&mut self) {
        self.pairs.lose();
        self.is_in_text = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_memcached_answer_in_order_and_other_lines_one_by_one() {
        let mut pairing = Pairing::default();
        assert_eq!(pairing.answer(b"220 ready"), None, "the greeting answers nothing");
        for line in [&b"MAIL"[..], b"DATA"] {
            pairing.ask(line);
        }
        assert_eq!([&b"250 ok"[..], b"354 go on"].map(|it| pairing.answer(it)), [Some(1), Some(2)]);
        for (line, number) in [(&b"Subject: a"[..], 3), (b"", 4), (b"text", 5), (b".", 6)] {
            assert_eq!(pairing.ask(line), Some(number));
        }
        assert_eq!(pairing.answer(b"250 queued"), Some(6));
        pairing.ask(b"RETR a");
        let answers = [&b"150 coming"[..], b"226 done"].map(|it| pairing.answer(it));
        assert_eq!(answers, [Some(7), Some(7)]);
        for line in [&b"set k 0 0 1 noreply"[..], b"get k", b"incr n 1", b"incr n 1"] {
            pairing.ask(line);
        }
        let answers = [&b"VALUE k 0 1"[..], b"5", b"6"].map(|it| pairing.answer(it));
        assert_eq!(answers, [Some(9), Some(10), Some(11)]);
    }

    #[test]
    fn lines_of_which_nothing_is_known_are_paired_only_one_by_one() {
        let mut pairing = Pairing::default();
        pairing.ask(b"LIST");
        let answers = [&b"+OK"[..], b"1 320", b"."].map(|it| pairing.answer(it));
        assert_eq!(answers, [Some(1), None, None]);
        pairing.ask(b"hello");
        pairing.ask(b"is anyone there?");
        assert_eq!(pairing.answer(b"yes"), None);
        assert_eq!((pairing.ask(b"who?"), pairing.answer(b"me")), (None, None));
    }
}
