//! The order in which a sender's kinds of messages come: in turn, or any.

/// Runs of one cycle that are looked for.
const MAX_RUNS: usize = 64;

/// What comes in turn: each kind once, so often in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Cycle {
    runs: Vec<Run>,
    /// It began anew: all that comes from then on is compared.
    is_closed: bool,
    /// The run that is under way, and how much of it came.
    at: (usize, u32),
    is_broken: bool,
}

/// So many of one kind in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub kind: usize,
    pub len: u32,
}

impl Cycle {
    /// One message more.
    pub fn take(&mut self, kind: usize) {
        if self.is_broken {
            return;
        }
        if self.is_closed {
            self.compare(kind);
            return;
        }
        let is_first = self.runs.first().is_some_and(|it| it.kind == kind);
        let is_known = self.runs.iter().any(|it| it.kind == kind);
        let is_full = self.runs.len() >= MAX_RUNS;
        match self.runs.last_mut() {
            Some(last) if last.kind == kind => last.len = last.len.saturating_add(1),
            Some(_) if is_first => {
                self.is_closed = true;
                self.at = (0, 1);
            }
            _ if is_full || is_known => self.is_broken = true,
            _ => self.runs.push(Run { kind, len: 1 }),
        }
    }

    fn compare(&mut self, kind: usize) {
        let (index, came) = self.at;
        let is_over = self.runs.get(index).is_some_and(|it| came >= it.len);
        let next =
            if index.saturating_add(1) < self.runs.len() { index.saturating_add(1) } else { 0 };
        let (index, came) = if is_over { (next, 0) } else { (index, came) };
        self.is_broken = self.runs.get(index).is_none_or(|it| it.kind != kind);
        self.at = (index, came.saturating_add(1));
    }

    /// The kinds in turn; `None` where they come in no such order.
    pub fn runs(&self) -> Option<&[Run]> {
        (!self.is_broken).then_some(&self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_found_and_broken() {
        let runs = |kinds: &[usize]| {
            let mut cycle = Cycle::default();
            kinds.iter().for_each(|it| cycle.take(*it));
            cycle.runs().map(|it| it.iter().map(|it| (it.kind, it.len)).collect::<Vec<_>>())
        };
        assert_eq!(runs(&[4, 4, 4]), Some(vec![(4, 3)]));
        assert_eq!(runs(&[0, 1, 1, 2]), Some(vec![(0, 1), (1, 2), (2, 1)]));
        assert_eq!(runs(&[0, 1, 1, 0, 1, 1, 0, 1]), Some(vec![(0, 1), (1, 2)]));
        assert_eq!(runs(&[0, 1, 1, 0, 1, 0]), None);
        assert_eq!(runs(&[0, 1, 2, 1]), None);
        assert_eq!(runs(&[]), Some(vec![]));
    }
}
