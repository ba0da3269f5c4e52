//! A conversation that nothing decodes, in answers: what the judged side says between two steps of
//! the other is one, and is compared by itself.
//!
//! Where an answer ends in the capture is known; live it ends when the other side goes on. Of one
//! that begins with all that was recorded, what follows is taken for the beginning of the next.

use std::cmp::Ordering;

use super::bytes::byte_run::ByteRun;
use super::criteria::Criteria;
use super::ledger::Ledger;
use super::standing::{Origin, Standing};

/// The answer under way.
#[derive(Debug, Default)]
pub(super) struct Turns {
    run: ByteRun,
    /// The capture lacks bytes of it: what follows in the answer cannot be compared.
    is_lacking: bool,
    /// Bytes of the answer, with those that the capture lacks.
    recorded: u64,
    live: u64,
    /// Bytes that came since the other side went on.
    fresh: u64,
    /// Answers that came.
    pub came: u64,
}

impl Turns {
    /// The judged side has sent bytes.
    pub fn push(&mut self, origin: Origin, bytes: &[u8], criteria: &Criteria) {
        let len = bytes.len() as u64;
        match origin {
            Origin::Capture => self.recorded = self.recorded.saturating_add(len),
            Origin::Live => {
                self.live = self.live.saturating_add(len);
                self.fresh = self.fresh.saturating_add(len);
            }
        }
        if !self.is_lacking {
            self.run.push(origin, bytes, &criteria.sieve);
        }
    }

    /// The capture lacks so many bytes of the judged side.
    pub fn lack(&mut self, len: u64) {
        self.recorded = self.recorded.saturating_add(len);
        self.is_lacking |= len > 0;
    }

    /// The other side goes on, in the capture and at once live.
    pub fn go_on(&mut self) {
        self.fresh = 0;
    }

    /// The same, where that makes the answer before over.
    pub fn turn(&mut self, criteria: &Criteria, ledger: &mut Ledger) {
        self.go_on();
        if self.recorded == 0 {
            return;
        }
        if self.is_lacking || !self.run.is_ahead() {
            return self.close(criteria, ledger);
        }
        ledger.answer_bytes([self.recorded; 2], Vec::new());
        self.run.go_on();
        self.came = self.came.saturating_add(1);
        self.live = self.live.saturating_sub(self.recorded);
        self.recorded = 0;
    }

    /// The answer is over, or the conversation: it is judged.
    pub fn close(&mut self, criteria: &Criteria, ledger: &mut Ledger) {
        let is_told = !self.is_lacking || self.run.differs();
        let mut unlike = self.run.finish(&criteria.sieve);
        if self.is_lacking {
            // Where the capture goes on is no difference.
            unlike.truncate(1);
        }
        match is_told {
            true => ledger.answer_bytes([self.recorded, self.live], unlike),
            false => ledger.lack_bytes(),
        }
        self.came = self.came.saturating_add(u64::from(self.live > 0));
        (self.is_lacking, self.recorded, self.live) = (false, 0, 0);
    }

    /// It is compared by messages: what was kept is of no more use.
    pub fn forget(&mut self) {
        self.run.clear();
        (self.is_lacking, self.recorded, self.live) = (false, 0, 0);
    }

    /// Whether the judged side has said what it had in the capture so far.
    pub fn standing(&self) -> Standing {
        match self.live.cmp(&self.recorded) {
            Ordering::Equal => Standing::Answered,
            Ordering::Greater if !self.run.differs() => Standing::Answered,
            Ordering::Less if self.fresh == 0 => Standing::Behind,
            Ordering::Less | Ordering::Greater => Standing::Uncertain,
        }
    }
}
