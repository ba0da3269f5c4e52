//! Which command a reply answers, where each is answered in order.
//!
//! Commands are numbered from 1 in their conversation. Those that await an answer are kept as runs
//! of numbers, so that a thousand of the usual kind (the default one) take no more room than one;
//! at most [`MAX_RUNS`] of them. Beyond that, and behind a gap, nothing is paired any more.

use std::collections::VecDeque;

/// Runs of commands that are kept.
const MAX_RUNS: usize = 1024;

/// The commands of one conversation that await their answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs<T> {
    asked: u64,
    runs: VecDeque<Run<T>>,
    is_lost: bool,
}

/// Commands one behind the other that are answered in the usual way, or one that is not.
#[derive(Clone, Debug)]
struct Run<T> {
    first: u64,
    commands: u64,
    /// What their answers are.
    answers: T,
}

impl<T: Copy + Default + PartialEq> Pairs<T> {
    /// Numbers a command; `None` where numbers have lost their meaning. With `answers` it awaits
    /// one.
    pub fn ask(&mut self, answers: Option<T>) -> Option<u64> {
        self.asked = self.asked.saturating_add(1);
        if self.is_lost {
            return None;
        }
        let number = self.asked;
        let Some(answers) = answers else { return Some(number) };
        let last = self.runs.back_mut().filter(|it| it.continues_with(number, answers));
        if let Some(run) = last {
            run.commands = run.commands.saturating_add(1);
        } else if self.runs.len() < MAX_RUNS {
            self.runs.push_back(Run { first: number, commands: 1, answers });
        } else {
            self.lose();
            return None;
        }
        Some(number)
    }

    /// The command that is answered next, and how.
    pub fn front(&mut self) -> Option<(u64, &mut T)> {
        self.runs.front_mut().map(|run| (run.first, &mut run.answers))
    }

    /// The command that is answered next has its answer.
    pub fn answer(&mut self) -> Option<u64> {
        let run = self.runs.front_mut()?;
        let number = run.first;
        run.first = run.first.saturating_add(1);
        run.commands = run.commands.saturating_sub(1);
        if run.commands == 0 {
            self.runs.pop_front();
        }
        Some(number)
    }

    /// How many commands await their answer.
    pub fn waiting(&self) -> u64 {
        self.runs.iter().fold(0, |sum, run| sum.saturating_add(run.commands))
    }

    /// Commands or answers are missing: what answers what cannot be told from here on.
    pub fn lose(&mut self) {
        self.is_lost = true;
        self.runs = VecDeque::new();
    }
}

impl<T: Copy + Default + PartialEq> Run<T> {
    fn continues_with(&self, number: u64, answers: T) -> bool {
        let is_usual = self.answers == answers && answers == T::default();
        is_usual && self.first.saturating_add(self.commands) == number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_to_the_commands_that_await_one_in_order() {
        let mut pairs = Pairs::default();
        let asked = [Some(0), Some(0), None, Some(7), Some(7), Some(0)].map(|it| pairs.ask(it));
        assert_eq!(asked, [1, 2, 3, 4, 5, 6].map(Some));
        assert_eq!(pairs.runs.len(), 4);
        for expected in [(1, 0), (2, 0), (4, 7), (5, 7), (6, 0)] {
            assert_eq!(pairs.front().map(|(number, how)| (number, *how)), Some(expected));
            assert_eq!(pairs.answer(), Some(expected.0));
        }
        assert!(pairs.front().is_none());
        assert_eq!(pairs.answer(), None);
        assert_eq!((pairs.ask(Some(0)), pairs.answer()), (Some(7), Some(7)));
    }

    #[test]
    fn a_million_plain_commands_are_one_run_and_other_ones_are_bounded() {
        let mut pairs = Pairs::default();
        (0..1_000_000).for_each(|_| assert!(pairs.ask(Some(0)).is_some()));
        assert_eq!(pairs.runs.len(), 1);
        let kept = (0..MAX_RUNS * 2).take_while(|_| pairs.ask(Some(1)).is_some()).count();
        assert_eq!(kept, MAX_RUNS - 1);
        assert_eq!((pairs.ask(Some(0)), pairs.answer()), (None, None), "lost for good");
    }
}
