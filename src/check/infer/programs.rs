//! Programs of one host: a port that shows a mistake beside a port that surely does not make it.
//!
//! Messages of a host are weighed together, since a program has a new port with each run. Where two ports
//! contradict each other they are two programs, and each is weighed by itself.

use super::{
    claim::Verdict,
    layouts::Candidate,
    posterior::Posterior,
    sample::{Sample, Seen},
};
use crate::packet::Endpoint;

/// Ports that are compared; others go with those that have most messages.
const MAX_PORTS: usize = 16;
/// Distinct messages from which a port is heard: fewer say little of their own.
const MIN_MESSAGES: usize = 3;
/// From here on a port is sure of what it shows, and from as far below 1 on, of what it does not.
const SURE_OF: f64 = 0.99;

/// What one program sends, weighed.
#[derive(Debug)]
pub(super) struct Program {
    /// The first of its ends.
    pub src: Endpoint,
    ports: Vec<Endpoint>,
    pub verdict: Verdict,
}

/// The programs that messages come of, as far as they are weighed.
#[derive(Debug, Default)]
pub(super) struct Programs(Vec<Program>);

impl Programs {
    /// Adds those of a sample; it holds no message of the others.
    pub fn weigh(&mut self, candidates: &[Candidate], sample: &Sample) {
        let groups = groups(candidates, sample);
        let is_one = groups.len() < 2;
        let program = |ports: Vec<Endpoint>| {
            let src = *ports.first()?;
            let verdict = match is_one {
                true => Verdict::of(candidates, sample),
                false => Verdict::of(candidates, &sample.only(|it| ports.contains(&it.src))),
            };
            Some(Program { src, ports, verdict })
        };
        self.0.extend(groups.into_iter().filter_map(program));
    }

    /// Judges a message by what its program was found to do; `false` where it may be of another one.
    pub fn judge(&mut self, candidates: &[Candidate], seen: &Seen<'_>) -> bool {
        let program = match self.0.as_mut_slice() {
            [only] => Some(only),
            several => several.iter_mut().find(|it| it.ports.contains(&seen.src)),
        };
        program.map(|it| it.verdict.judge(candidates, seen)).is_some()
    }

    /// In the order of their first messages.
    pub fn list(&self) -> &[Program] {
        &self.0
    }
}

/// What a port is sure of.
struct Heard {
    src: Endpoint,
    messages: usize,
    layout: Option<usize>,
    /// Of each field: in the other order, or surely not.
    swapped: Vec<Option<bool>>,
}

impl Heard {
    fn of(candidates: &[Candidate], sample: &Sample, src: Endpoint) -> Self {
        let own = sample.only(|it| it.src == src);
        let messages = own.iter().count();
        if messages < MIN_MESSAGES {
            return Self { src, messages, layout: None, swapped: Vec::new() };
        }
        let known: Vec<_> = candidates.iter().collect();
        let posterior = Posterior::of(&known, &own);
        let is_sure = |share: &f64| *share >= SURE_OF;
        let layout = posterior.layouts.get(posterior.winner).is_some_and(is_sure);
        let orders = posterior.wrong.iter().zip(&posterior.own);
        let swapped = orders.map(|(wrong, own)| match wrong.share() {
            SURE_OF.. if own.tells_other() => Some(true),
            share if share <= 1.0 - SURE_OF && own.tells_declared() => Some(false),
            _ => None,
        });
        let swapped = swapped.collect();
        Self { src, messages, layout: layout.then_some(posterior.winner), swapped }
    }

    fn contradicts(&self, other: &Self) -> bool {
        let layouts = matches!((self.layout, other.layout), (Some(a), Some(b)) if a != b);
        let mut orders = self.swapped.iter().zip(&other.swapped);
        layouts || orders.any(|it| matches!(it, (Some(a), Some(b)) if a != b))
    }

    fn is_sure(&self) -> bool {
        self.layout.is_some() || self.swapped.iter().any(Option::is_some)
    }
}

/// The ends of each program, in the order of their first messages.
fn groups(candidates: &[Candidate], sample: &Sample) -> Vec<Vec<Endpoint>> {
    let mut ends: Vec<Endpoint> = Vec::new();
    for seen in sample.iter() {
        if !ends.contains(&seen.src) {
            ends.push(seen.src);
        }
    }
    if ends.len() < 2 {
        return vec![ends];
    }
    let of = |&src: &Endpoint| Heard::of(candidates, sample, src);
    let heard: Vec<_> = ends.iter().take(MAX_PORTS).map(of).collect();
    let mut groups: Vec<Vec<&Heard>> = Vec::new();
    for one in heard.iter().filter(|it| it.is_sure()) {
        match groups.iter_mut().find(|group| !group.iter().any(|it| it.contradicts(one))) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    if groups.len() < 2 {
        return vec![ends];
    }
    let messages = |group: &[&Heard]| group.iter().map(|it| it.messages).sum::<usize>();
    let largest = (0..groups.len()).max_by_key(|&it| groups.get(it).map(|it| messages(it)));
    let mut groups: Vec<Vec<_>> =
        groups.iter().map(|group| group.iter().map(|it| it.src).collect()).collect();
    let is_known = |src: &Endpoint| groups.iter().any(|it| it.contains(src));
    let unsure: Vec<_> = ends.into_iter().filter(|it| !is_known(it)).collect();
    if let Some(group) = largest.and_then(|it| groups.get_mut(it)) {
        group.extend(unsure);
    }
    groups
}
