//! Counting as cheaply as the hot path needs: by index, turned into names at the end.

use std::collections::BTreeMap;

use super::summary::Summary;
use super::unread::NoMessage;
use crate::flow::{Anomaly, TcpAnomalies};
use crate::profile::Protocols;

/// The counts of a run.
pub(super) struct Tally {
    frames: u64,
    /// By index of the protocol: messages under its own name.
    messages: Vec<u64>,
    /// By index of the protocol: messages under the name of a case, which replaces its own. They
    /// are few, and looked through one by one.
    cases: Vec<Vec<(String, u64)>>,
    /// Messages of protocols that are not in the list, and are recognised by content.
    others: Vec<((String, String), u64)>,
    undecoded: BTreeMap<NoMessage, u64>,
    bad_checksums: u64,
    tcp: TcpAnomalies,
}

impl Tally {
    pub fn new(protocols: usize) -> Self {
        Self {
            frames: 0,
            messages: vec![0; protocols],
            cases: vec![Vec::new(); protocols],
            others: Vec::new(),
            undecoded: BTreeMap::new(),
            bad_checksums: 0,
            tcp: TcpAnomalies::default(),
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

    /// Counts a message of a protocol by its name, be it the protocol's own or that of a case.
    pub fn named(&mut self, protocol: usize, name: &str) {
        self.message(protocol, Some(name));
    }

    /// Counts a message of a protocol that is recognised by content.
    pub fn other(&mut self, protocol: &str, name: &str) {
        let others = &mut self.others;
        match others.iter_mut().find(|((p, n), _)| *p == protocol && *n == name) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => others.push(((protocol.to_owned(), name.to_owned()), 1)),
        }
    }

    /// Counts frames or payloads that gave no message.
    pub fn undecoded(&mut self, reason: impl Into<NoMessage>, count: u64) {
        if count > 0 {
            let total = self.undecoded.entry(reason.into()).or_default();
            *total = total.saturating_add(count);
        }
    }

    /// Adds what was noticed in a TCP conversation.
    pub fn tcp(&mut self, anomalies: &TcpAnomalies) {
        self.tcp.add(anomalies);
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
        for (key, count) in &self.others {
            summary.messages = summary.messages.saturating_add(*count);
            summary.protocols.insert(key.clone(), *count);
        }
        for ((protocol, name), count) in own.chain(cases).filter(|(_, count)| *count > 0) {
            summary.messages = summary.messages.saturating_add(count);
            let key = (protocol.name.clone(), name.clone());
            let total = summary.protocols.entry(key).or_default();
            *total = total.saturating_add(count);
        }
        summary.undecoded.clone_from(&self.undecoded);
        let anomalies =
            [(Anomaly::WrongChecksum, self.bad_checksums), (Anomaly::Forgotten, evicted)];
        let anomalies = anomalies.into_iter().chain(self.tcp.counts());
        summary.anomalies = anomalies.filter(|(_, count)| *count > 0).collect();
        summary
    }
}

fn count_of<'a>(cases: &'a mut Vec<(String, u64)>, name: &str) -> Option<&'a mut u64> {
    if !cases.iter().any(|(known, _)| known == name) {
        cases.push((name.to_owned(), 0));
    }
    cases.iter_mut().find(|(known, _)| known == name).map(|(_, count)| count)
}
