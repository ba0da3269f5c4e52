//! The senders that are told apart: by source and protocol.

use std::net::SocketAddr;

use foldhash::{HashMap, HashMapExt};
use hdrhistogram::CreationError;

use super::sender_figures::{Sample, SenderFigures};
use crate::profile::ProtocolId;

/// Senders that are told apart, each in 40 to 200 KiB; of further ones the datagrams are counted
/// together.
pub const MAX_SENDERS: usize = 512;

/// What tells one sender from another.
pub(super) type SenderKey = (SocketAddr, Option<ProtocolId>);

/// What has come, by sender.
pub(super) struct Senders {
    known: HashMap<SenderKey, usize>,
    all: Vec<SenderFigures>,
    /// The one that sent last: most messages follow one of their own.
    last: Option<(SenderKey, usize)>,
    others: u64,
}

impl Senders {
    pub fn new() -> Self {
        Self { known: HashMap::new(), all: Vec::new(), last: None, others: 0 }
    }

    /// Counts a datagram; `name` is that of its protocol.
    pub fn push(
        &mut self,
        key: SenderKey,
        name: Option<&str>,
        sample: &Sample,
    ) -> Result<(), CreationError> {
        let index = match self.last {
            Some((last, index)) if last == key => Some(index),
            _ => self.find(key, name)?,
        };
        match index.and_then(|it| self.all.get_mut(it)) {
            Some(figures) => figures.push(sample),
            None => self.others = self.others.saturating_add(1),
        }
        self.last = index.map(|it| (key, it));
        Ok(())
    }

    fn find(&mut self, key: SenderKey, name: Option<&str>) -> Result<Option<usize>, CreationError> {
        if let Some(index) = self.known.get(&key) {
            return Ok(Some(*index));
        }
        let index = self.all.len();
        if index >= MAX_SENDERS {
            return Ok(None);
        }
        let mut figures = SenderFigures::new(key.0)?;
        figures.protocol = name.map(str::to_owned);
        self.all.push(figures);
        self.known.insert(key, index);
        Ok(Some(index))
    }

    /// Numbers that did not come, of all.
    pub fn lost(&self) -> u64 {
        self.all.iter().filter_map(SenderFigures::lost).fold(0, u64::saturating_add)
    }

    /// The senders in the order in which they were heard first, and how many datagrams further ones
    /// have sent.
    pub fn into_figures(self) -> (Vec<SenderFigures>, u64) {
        (self.all, self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_told_apart_up_to_the_bound() {
        let mut senders = Senders::new();
        let dst = "224.2.2.2:1989".parse().unwrap();
        let sample = Sample { dst, arrival: 1, len: 19, number: None, latency: None };
        for round in 0..2 {
            for port in 0..MAX_SENDERS as u16 + 3 {
                let src = SocketAddr::from(([127, 0, 0, 1], 1000 + port));
                senders.push((src, None), None, &sample).unwrap();
                assert_eq!(senders.last.is_some(), usize::from(port) < MAX_SENDERS, "{round}");
            }
        }
        let (all, others) = senders.into_figures();
        assert_eq!((all.len(), others), (MAX_SENDERS, 6));
        assert!(all.iter().all(|it| it.received == 2));
    }
}
