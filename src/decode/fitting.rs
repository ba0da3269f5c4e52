//! Which message a datagram is that no rule names: the one that explains its bytes best, and those of
//! its port.
//!
//! What each candidate leaves unexplained is weighed in bits ([`Codec::cost`](super::codec::Codec)).
//! A port carries few kinds of messages, so that what was seen of it before counts too: a candidate
//! that explained each datagram nearly as well as the best one is preferred, where a single message
//! does not tell, to one that fits only some, or that was worse time and again. What is remembered is
//! the sum of how much worse each was, so that of two kinds that take turns neither gains.
//!
//! Bounds: [`MAX_PORTS`] ports have a memory, of the candidates that fitted something of them.

use foldhash::HashMap;

use crate::profile::{Candidate, ProtocolId};

/// Candidates that are within so many bits of the best one are named beside it: odds of 64 to 1 or
/// less. Of generated headers whose structs are alike (`tests/suite/decode/fitting`) a wrong choice
/// goes unmarked in less than one message of a hundred with it, and hardly one is marked in vain.
const MARGIN: u32 = 6;

/// What counts against a candidate on one message at most: no single one decides for a port.
const MOST_REGRET: u32 = 32;
/// What counts against one that did not fit at all.
const NO_FIT: u32 = 16;
/// How much of what was remembered counts: a quarter of its bits, up to twice the margin, so that
/// what a message says clearly by itself is believed.
const SHARE: u32 = 4;
const MOST_REMEMBERED: u32 = 2 * MARGIN;
/// A sum that is as good as any larger one: it fills the share of any port.
const ENOUGH: u32 = 1 << 16;
/// A built-in gives way to what the user names, unless that explains a message much worse.
const BUILT_IN: u32 = 16;

/// Ports of which something is remembered. A host has 65,536; captures have some tens whose datagrams
/// no rule names, unless somebody scans them.
const MAX_PORTS: usize = 4096;

/// What is remembered of ports, and what the message at hand is weighed with.
#[derive(Default)]
pub(super) struct Fitting {
    ports: HashMap<Way, Port>,
    weighed: Vec<Weighed>,
    /// The least total so far.
    least: Option<u32>,
}

/// The port of the service, which is the lower one, and whether the datagram goes to it.
type Way = (u16, bool);

/// How much worse each candidate was than the best, over all messages of a port.
#[derive(Default)]
struct Port {
    messages: u32,
    regrets: HashMap<ProtocolId, u32>,
}

/// A candidate that fits the message at hand.
#[derive(Clone, Copy)]
struct Weighed {
    candidate: Candidate,
    /// Its own cost, and with what is remembered.
    own: u32,
    total: u32,
}

impl Fitting {
    /// A datagram between two ports is weighed next.
    pub fn begin(&mut self) {
        self.weighed.clear();
        self.least = None;
    }

    /// Adds a candidate that fits, with what it leaves unexplained; whether it is the best so far.
    pub fn add(&mut self, ports: (u16, u16), candidate: Candidate, cost: u32) -> bool {
        let built_in = if candidate.is_built_in() { BUILT_IN } else { 0 };
        let own = cost.saturating_add(built_in);
        let remembered = self.ports.get(&way(ports)).map_or(0, |it| it.against(candidate.protocol));
        let total = own.saturating_add(remembered);
        let is_best = self.least.is_none_or(|least| total < least);
        if is_best {
            self.least = Some(total);
        }
        self.weighed.push(Weighed { candidate, own, total });
        is_best
    }

    /// All candidates were added: remembers how well each did. Gives those that explain the message as
    /// well as the best, which comes first; it alone where there is no doubt.
    pub fn finish(&mut self, ports: (u16, u16)) -> impl Iterator<Item = ProtocolId> {
        self.remember(way(ports));
        let best = self.weighed.iter().copied().min_by_key(|it| it.total);
        let is_rival = move |it: &&Weighed| {
            best.is_some_and(|best| {
                let is_near = it.total.saturating_sub(best.total) < MARGIN;
                let is_other = it.candidate.protocol != best.candidate.protocol;
                is_near && is_other && it.candidate.rank == best.candidate.rank
            })
        };
        let rivals = self.weighed.iter().filter(is_rival).map(|it| it.candidate.protocol);
        best.map(|it| it.candidate.protocol).into_iter().chain(rivals)
    }

    fn remember(&mut self, way: Way) {
        let Some(least) = self.weighed.iter().map(|it| it.own).min() else { return };
        if self.ports.len() >= MAX_PORTS && !self.ports.contains_key(&way) {
            return;
        }
        let port = self.ports.entry(way).or_default();
        port.messages = port.messages.saturating_add(1).min(ENOUGH);
        let missed = port.messages.saturating_mul(NO_FIT);
        // As if none had fitted, which is then taken back of those that did.
        for regret in port.regrets.values_mut() {
            *regret = regret.saturating_add(NO_FIT).min(ENOUGH);
        }
        for it in &self.weighed {
            let regret = port.regrets.entry(it.candidate.protocol).or_insert(missed);
            let worse = it.own.saturating_sub(least).min(MOST_REGRET);
            *regret = regret.saturating_sub(NO_FIT).saturating_add(worse).min(ENOUGH);
        }
    }
}

impl Port {
    /// What is remembered against a candidate, bits.
    fn against(&self, protocol: ProtocolId) -> u32 {
        let missed = self.messages.saturating_mul(NO_FIT);
        let regret = self.regrets.get(&protocol).copied().unwrap_or(missed);
        regret.checked_div(SHARE).unwrap_or_default().min(MOST_REMEMBERED)
    }
}

fn way((src, dst): (u16, u16)) -> Way {
    if dst <= src { (dst, true) } else { (src, false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: (u16, u16) = (40_000, 1989);

    fn candidate(index: usize, rank: u32) -> Candidate {
        Candidate { protocol: ProtocolId::at(index), rank }
    }

    /// Weighs a message of which each of these leaves so much unexplained; gives the best one, and
    /// those that are named beside it.
    fn weigh(fitting: &mut Fitting, ports: (u16, u16), costs: &[(usize, u32)]) -> Vec<usize> {
        fitting.begin();
        let mut best = None;
        for &(index, cost) in costs {
            if fitting.add(ports, candidate(index, 2), cost) {
                best = Some(ProtocolId::at(index));
            }
        }
        let named: Vec<_> = fitting.finish(ports).collect();
        assert_eq!(named.first().copied(), best);
        (0..9).filter(|&it| named.contains(&ProtocolId::at(it))).collect()
    }

    #[test]
    fn what_is_a_little_worse_each_time_is_no_rival_in_the_end() {
        let mut fitting = Fitting::default();
        let came: Vec<_> =
            (0..12).map(|_| weigh(&mut fitting, PORTS, &[(0, 102), (1, 100)])).collect();
        assert_eq!((&came[0], &came[11]), (&vec![0, 1], &vec![1]));
        assert_eq!(weigh(&mut fitting, (1989, 40_000), &[(0, 102), (1, 100)]), [0, 1], "other way");
        assert_eq!(weigh(&mut fitting, (40_000, 7), &[(0, 102), (1, 100)]), [0, 1], "other port");
    }

    #[test]
    fn kinds_that_take_turns_are_told_by_each_message() {
        let mut fitting = Fitting::default();
        for _ in 0..100 {
            assert_eq!(weigh(&mut fitting, PORTS, &[(0, 100), (1, 130)]), [0]);
            assert_eq!(weigh(&mut fitting, PORTS, &[(0, 130), (1, 100)]), [1]);
        }
        for _ in 0..100 {
            weigh(&mut fitting, PORTS, &[(0, 100), (1, 130)]);
        }
        assert_eq!(weigh(&mut fitting, PORTS, &[(0, 130), (1, 100)]), [1], "a rare one");
    }

    #[test]
    fn what_fits_all_is_preferred_to_what_fits_some() {
        let mut fitting = Fitting::default();
        for _ in 0..4 {
            weigh(&mut fitting, PORTS, &[(0, 100)]);
        }
        assert_eq!(weigh(&mut fitting, PORTS, &[(1, 100), (0, 101)]), [0]);
        assert_eq!(weigh(&mut fitting, PORTS, &[(1, 60), (0, 101)]), [1], "but for what is clear");
    }

    #[test]
    fn a_built_in_gives_way() {
        let mut fitting = Fitting::default();
        fitting.begin();
        let own = candidate(0, 2);
        let built_in = candidate(1, 3);
        assert!(fitting.add(PORTS, built_in, 90));
        assert!(fitting.add(PORTS, own, 100));
        assert_eq!(fitting.finish(PORTS).collect::<Vec<_>>(), [own.protocol]);
    }

    #[test]
    fn ports_are_remembered_up_to_the_bound() {
        let mut fitting = Fitting::default();
        for port in 1..6000 {
            weigh(&mut fitting, (65_000, port), &[(0, 1)]);
        }
        assert_eq!(fitting.ports.len(), MAX_PORTS);
    }
}
