//! Counting as cheaply as the hot path needs: by index, turned into names at the end.

use std::collections::BTreeMap;

use super::summary::Summary;
use super::unread::NoMessage;
use crate::flow::{Anomaly, TcpAnomalies};
use crate::profile::{PerProtocol, ProtocolId, Protocols};

/// The counts of a run.
pub(super) struct Tally {
    /// Messages under the protocol's own name.
    messages: PerProtocol<u64>,
    /// Messages under another name than the protocol's own, as that of a case. They are few, and
    /// looked through one by one.
    cases: PerProtocol<Vec<(String, u64)>>,
    undecoded: BTreeMap<NoMessage, u64>,
    bad_checksums: u64,
    tcp: TcpAnomalies,
}

impl Tally {
    pub fn new(protocols: &Protocols) -> Self {
        let list = protocols.list();
        Self {
            messages: list.iter().map(|_| 0).collect(),
            cases: list.iter().map(|_| Vec::new()).collect(),
            undecoded: BTreeMap::new(),
            bad_checksums: 0,
            tcp: TcpAnomalies::default(),
        }
    }

    /// Counts a message of a protocol; `case` is its name where that is not the protocol's own.
    #[inline]
    pub fn message(&mut self, protocol: ProtocolId, case: Option<&str>) {
        let count = match case {
            None => self.messages.get_mut(protocol),
            Some(name) => self.cases.get_mut(protocol).and_then(|cases| count_of(cases, name)),
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }

    /// Counts a message of a protocol by its name, be it the protocol's own or that of a case.
    pub fn named(&mut self, protocol: ProtocolId, name: &str) {
        self.message(protocol, Some(name));
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
        let own =
            list.iter().zip(self.messages.iter()).map(|(it, count)| ((it, &it.message), *count));
        let cases = list.iter().zip(self.cases.iter()).flat_map(|(protocol, cases)| {
            cases.iter().map(move |(name, count)| ((protocol, name), *count))
        });
        let mut summary = Summary::default();
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
    let known = cases.iter().position(|(known, _)| known == name);
    let index = known.unwrap_or_else(|| {
        cases.push((name.to_owned(), 0));
        cases.len().saturating_sub(1)
    });
    cases.get_mut(index).map(|(_, count)| count)
}
