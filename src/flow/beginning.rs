//! Where the sequence numbers of one side of a connection begin (RFC 9293 sections 3.4 and 3.5).
//!
//! A SYN says it. Until one is seen, and where none is captured, it is guessed from the first
//! segment, or from what the peer acknowledges; the SYN that comes after all puts the guess right.
//! Of two SYNs with different numbers the one that the peer acknowledges holds.

/// What a peer may acknowledge beyond what is known to have been sent: the capture may lack
/// segments, but no window is larger (RFC 7323 section 2.3).
pub(super) const MAX_REACH: u64 = 1 << 30;
/// The same while the peer's own SYN was not seen. A segment of an earlier connection between the
/// same ports acknowledges any number; one in 256 would be taken for one of this connection.
pub(super) const MAX_FIRST_REACH: u64 = 1 << 24;

/// Where a side begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beginning {
    /// Sequence number of the first byte, once the state is not unknown.
    first: u32,
    /// That of another SYN, which the peer may have accepted in its place.
    rival: u32,
    has_rival: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unknown,
    /// No SYN was seen.
    Guessed,
    /// Its SYN was seen.
    Opened,
    /// The peer acknowledged it.
    Accepted,
}

/// What a SYN does to its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// It says what was known, or guessed.
    Known,
    /// The side begins elsewhere than was guessed: so many bytes earlier, `None` for another
    /// connection's numbers.
    Elsewhere(Option<u32>),
}

impl Beginning {
    /// Nothing of the side was seen, nor spoken of.
    pub fn is_unknown(&self) -> bool {
        self.state == State::Unknown
    }

    /// Its SYN was seen.
    pub fn is_opened(&self) -> bool {
        matches!(self.state, State::Opened | State::Accepted)
    }

    /// The sequence number of the first byte.
    pub fn first(&self) -> Option<u32> {
        (!self.is_unknown()).then_some(self.first)
    }

    /// The offset of a sequence number within 2^31 of the byte at `next`; `None` where it lies
    /// before the first byte, or nothing is known.
    pub fn offset_of(&self, seq: u32, next: u64) -> Option<u64> {
        if self.is_unknown() {
            return None;
        }
        // Sequence numbers are modulo 2^32.
        let next_seq = self.first.wrapping_add(next as u32);
        let distance = seq.wrapping_sub(next_seq).cast_signed();
        next.checked_add_signed(i64::from(distance))
    }

    /// How far before the first byte that is known a sequence number lies.
    pub fn earlier(&self, seq: u32) -> u32 {
        let distance = self.first.wrapping_sub(seq).cast_signed();
        u32::try_from(distance).unwrap_or_default()
    }

    /// Takes this for the first byte, where nothing better is known.
    pub fn guess(&mut self, seq: u32) {
        if self.is_unknown() {
            (self.first, self.state) = (seq, State::Guessed);
        }
    }

    /// Takes this for the first byte in place of what was guessed.
    pub fn guess_anew(&mut self, seq: u32) {
        if self.state == State::Guessed {
            self.first = seq;
        }
    }

    /// Takes a SYN, behind which the first byte has this number.
    pub fn open(&mut self, first: u32) -> Opening {
        let is_known = self.is_unknown() || self.first == first;
        match self.state {
            State::Unknown | State::Guessed => {
                let earlier = self.first.wrapping_sub(first);
                (self.first, self.state) = (first, State::Opened);
                if is_known {
                    return Opening::Known;
                }
                let near = u64::from(earlier) <= MAX_FIRST_REACH;
                return Opening::Elsewhere(near.then_some(earlier));
            }
            State::Opened if !is_known => (self.rival, self.has_rival) = (first, true),
            State::Opened | State::Accepted => {}
        }
        Opening::Known
    }

    /// Takes a number that the peer acknowledges, or that the side itself goes on with. Whether it
    /// is another SYN's: then the side begins with that one's number.
    pub fn prefers_rival(&mut self, seq: u32, is_acknowledged: bool) -> bool {
        if self.state != State::Opened {
            return false;
        }
        let is_rival = self.has_rival && seq == self.rival;
        if is_rival {
            self.first = self.rival;
        }
        if is_rival || (is_acknowledged && self.earlier(seq) == 0) {
            self.state = State::Accepted;
        }
        is_rival
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_do_not_wrap() {
        let mut beginning = Beginning::default();
        assert_eq!(beginning.offset_of(5, 0), None, "nothing is known");
        beginning.guess(u32::MAX - 1);
        for (seq, next, expected) in [
            (u32::MAX - 1, 0, Some(0)),
            (3, 0, Some(5)),
            (u32::MAX - 2, 0, None),
            (u32::MAX - 2, 1 << 32, Some((1 << 32) - 1)),
            (3, (1 << 32) + 2, Some((1 << 32) + 5)),
        ] {
            assert_eq!(beginning.offset_of(seq, next), expected, "{seq} at {next}");
        }
    }

    #[test]
    fn a_syn_puts_a_guess_right() {
        for (guess, syn, expected) in [
            (None, 100, Opening::Known),
            (Some(100), 100, Opening::Known),
            (Some(130), 100, Opening::Elsewhere(Some(30))),
            (Some(90), 100, Opening::Elsewhere(None)),
            (Some(5), u32::MAX, Opening::Elsewhere(Some(6))),
        ] {
            let mut beginning = Beginning::default();
            guess.into_iter().for_each(|seq| beginning.guess(seq));
            assert_eq!(beginning.open(syn), expected, "{guess:?}");
            assert_eq!(beginning.offset_of(syn, 0), Some(0));
        }
    }

    #[test]
    fn of_two_syns_the_acknowledged_one_holds() {
        for (acknowledged, first) in [(100, 100), (900, 900), (130, 100)] {
            let mut beginning = Beginning::default();
            beginning.open(100);
            beginning.open(900);
            assert_eq!(beginning.prefers_rival(acknowledged, true), first == 900);
            assert_eq!(beginning.offset_of(first, 0), Some(0), "{acknowledged}");
            beginning.open(500);
            assert!(!beginning.prefers_rival(500, true), "settled");
        }
    }
}
