//! Counting as cheaply as the hot path needs: by index, turned into names at the end.

use std::collections::BTreeMap;

use super::Summary;
use super::packet::Undecoded;
use crate::profile::Protocols;

/// The counts of a run.
pub(super) struct Tally {
    frames: u64,
    /// By index of the protocol: messages under its own name.
    messages: Vec<u64>,
    /// By index of the protocol: messages under the name of a case, which replaces its own. They
    /// are few, and looked through one by one.
    cases: Vec<Vec<(String, u64)>>,
    undecoded: BTreeMap<Undecoded, u64>,
    bad_checksums: u64,
}

impl Tally {
    pub fn new(protocols: usize) -> Self {
        Self {
            frames: 0,
            messages: vec![0; protocols],
            cases: vec![Vec::new(); protocols],
            undecoded: BTreeMap::new(),
            bad_checksums: 0,
        }
    }

    pub fn frame(&mut self) {
        self.frames = self.frames.saturating_add(1);
    }

    /// Counts a message of a protocol; `case` is its name where that is not the protocol's own.
    pub fn message(&mut self, protocol: usize, case: Option<&str>) {
        let count = match case {
            None => self.messages.get_mut(protocol),
            Some(name) => self.cases.get_mut(protocol).and_then(|cases| count_of(cases, name)),
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }

    pub fn undecoded(&mut self, reason: Undecoded, frames: u64) {
        if frames > 0 {
            let count = self.undecoded.entry(reason).or_default();
            *count = count.saturating_add(frames);
        }
    }

    pub fn bad_checksum(&mut self) {
        self.bad_checksums = self.bad_checksums.saturating_add(1);
    }

    pub fn summary(&self, protocols: &Protocols, evicted: u64) -> Summary {
        let list = protocols.list();
        let own = list.iter().zip(&self.messages).map(|(it, count)| ((it, &it.message), *count));
        let cases = list.iter().zip(&self.cases).flat_map(|(protocol, cases)| {
            cases.iter().map(move |(name, count)| ((protocol, name), *count))
        });
        let mut summary = Summary { frames: self.frames, ..Summary::default() };
        for ((protocol, name), count) in own.chain(cases).filter(|(_, count)| *count > 0) {
            summary.messages = summary.messages.saturating_add(count);
            let key = (protocol.name.clone(), name.clone());
            let total = summary.protocols.entry(key).or_default();
            *total = total.saturating_add(count);
        }
        summary.undecoded =
            self.undecoded.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
        let anomalies = [
            ("wrong checksum", self.bad_checksums),
            ("conversation forgotten to keep the table bounded", evicted),
        ];
        summary.anomalies = anomalies.into_iter().filter(|(_, count)| *count > 0).collect();
        summary
    }
}

fn count_of<'a>(cases: &'a mut Vec<(String, u64)>, name: &str) -> Option<&'a mut u64> {
    if !cases.iter().any(|(known, _)| known == name) {
        cases.push((name.to_owned(), 0));
    }
    cases.iter_mut().find(|(known, _)| known == name).map(|(_, count)| count)
}
