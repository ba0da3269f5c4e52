//! Where the answers of a conversation in lines end: each has any number of them, and nothing in a
//! line says whether another follows.
//!
//! What the judged side says between two steps of the other is one answer, whose lines are paired in
//! order; those left over on either side have no counterpart. Where several commands were under way
//! at once the answers run into each other: then lines that came before their turn are kept for it.

use super::standing::Standing;

/// How many messages had come when the other side went on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineTurns {
    recorded: u64,
    live: u64,
    /// Commands before the answer under way began, and those that it answers with them.
    asked_before: u64,
    asked: u64,
    is_pipelined: bool,
}

/// Messages of the judged side in the capture and live, and of the other one in the capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub recorded: u64,
    pub live: u64,
    pub asked: u64,
}

impl LineTurns {
    /// How far the judged side is with the answer under way.
    pub fn standing(self, now: Count) -> Standing {
        let recorded = now.recorded.saturating_sub(self.recorded);
        let live = now.live.saturating_sub(self.live);
        match live {
            live if live >= recorded => Standing::Answered,
            1.. => Standing::Uncertain,
            0 => Standing::Behind,
        }
    }

    /// The other side goes on, its next commands counted. Whether that ends an answer.
    pub fn go_on(&mut self, now: Count) -> bool {
        let is_answered = now.recorded > self.recorded;
        if is_answered {
            self.is_pipelined |= self.asked.saturating_sub(self.asked_before) > 1;
            self.asked_before = self.asked;
            self.recorded = now.recorded;
            // Lines that came before their turn belong to it.
            self.live = if self.is_pipelined { now.live.min(now.recorded) } else { now.live };
        }
        self.asked = now.asked;
        is_answered
    }

    /// Whether lines that are left over came before their turn.
    pub fn may_be_early(self) -> bool {
        self.is_pipelined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(recorded: u64, live: u64, asked: u64) -> Count {
        Count { recorded, live, asked }
    }

    #[test]
    fn an_answer_is_counted_from_its_command_on() {
        let mut turns = LineTurns::default();
        assert!(!turns.go_on(count(0, 0, 1)));
        for (live, standing) in
            [(0, Standing::Behind), (1, Standing::Uncertain), (3, Standing::Answered)]
        {
            assert_eq!(turns.standing(count(3, live, 1)), standing);
        }
        // It was shorter, then longer: the next one is counted by itself.
        assert!(turns.go_on(count(3, 1, 2)));
        assert_eq!(turns.standing(count(4, 1, 2)), Standing::Behind);
        assert!(turns.go_on(count(4, 4, 3)));
        assert_eq!(turns.standing(count(5, 4, 3)), Standing::Behind);
        assert_eq!(turns.standing(count(5, 5, 3)), Standing::Answered);
        assert!(!turns.may_be_early());
    }

    #[test]
    fn answers_to_commands_under_way_at_once_may_come_early() {
        let mut turns = LineTurns::default();
        assert!(!turns.go_on(count(0, 0, 2)));
        assert!(turns.go_on(count(1, 2, 3)));
        assert!(turns.may_be_early());
        assert_eq!(turns.standing(count(2, 2, 3)), Standing::Answered);
    }
}
