//! Who sends what, in a bounded table.
//!
//! A sender is an address, the port that it serves or sends to, and a message: each run of a client
//! has a new source port, and is the same sender all the same.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::field_sums::Verified;
use super::sight::{Occurrence, Sight};
use crate::packet::Host;
use crate::profile::ProtocolId;

/// Senders that are known at once. What others send is counted, not checked.
pub const MAX_SENDERS: usize = 1 << 16;
/// Groups of one sender that are known. What it sends to others is not weighed.
const MAX_GROUPS: usize = 64;

/// A table of senders.
#[derive(Default)]
pub(super) struct Senders {
    known: HashMap<Key, usize, RandomState>,
    list: Vec<Sender>,
    /// The sender that was asked for last: most messages follow one of their own.
    last: Option<(Key, usize)>,
    refused: u64,
}

/// What makes a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub src: Host,
    pub port: Option<u16>,
    /// `None` where there is no message.
    pub protocol: Option<ProtocolId>,
    /// Index of the message's name; `None` where there is no message.
    pub message: Option<usize>,
}

/// What is known of a sender.
pub(super) struct Sender {
    pub key: Key,
    /// Messages.
    pub total: u64,
    /// Packets whose checksum could be verified.
    pub verified: u64,
    pub groups: Vec<Group>,
    /// How often each field that is a sum was added up.
    pub sums: Vec<Verified>,
    /// What was wrong, each kind once.
    pub sights: Vec<Sight>,
}

/// A group that a sender sends to.
pub(super) struct Group {
    pub address: IpAddr,
    pub messages: u64,
    pub first: Occurrence,
}

impl Senders {
    /// The sender of a key; `None` where the table is full.
    pub fn of(&mut self, key: Key) -> Option<&mut Sender> {
        let index = match self.last {
            Some((last, index)) if last == key => index,
            _ => self.find(key)?,
        };
        self.last = Some((key, index));
        self.list.get_mut(index)
    }

    /// In order of first appearance.
    pub fn list(&self) -> &[Sender] {
        &self.list
    }

    /// How often a sender was asked for that the table had no room for.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn find(&mut self, key: Key) -> Option<usize> {
        if let Some(&index) = self.known.get(&key) {
            return Some(index);
        }
        let index = self.list.len();
        if index >= MAX_SENDERS {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        let (groups, sums, sights) = (Vec::new(), Vec::new(), Vec::new());
        self.list.push(Sender { key, total: 0, verified: 0, groups, sums, sights });
        self.known.insert(key, index);
        Some(index)
    }
}

impl Sender {
    /// Counts one more message that shows a mistake: the sight that is it, made by `first` where there is none.
    pub fn sight(
        &mut self,
        frame: u64,
        is_it: impl Fn(&Sight) -> bool,
        first: impl FnOnce() -> Sight,
    ) -> Option<&mut Sight> {
        let at = self.sights.iter().position(is_it).unwrap_or_else(|| {
            self.sights.push(first());
            self.sights.len().saturating_sub(1)
        });
        let sight = self.sights.get_mut(at)?;
        sight.count(frame);
        Some(sight)
    }

    /// Counts a message to a group.
    pub fn sends_to(&mut self, address: IpAddr, place: Occurrence) {
        let is_full = self.groups.len() >= MAX_GROUPS;
        match self.groups.iter_mut().find(|group| group.address == address) {
            Some(group) => group.messages = group.messages.saturating_add(1),
            None if !is_full => {
                self.groups.push(Group { address, messages: 1, first: place });
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_knows_its_senders_and_counts_the_others() {
        let mut senders = Senders::default();
        let key = |number: usize| Key {
            src: Host::Ip(IpAddr::from((number as u32).to_be_bytes())),
            port: Some(1989),
            protocol: None,
            message: Some(0),
        };
        for number in 0..MAX_SENDERS {
            senders.of(key(number)).unwrap().total += 1;
        }
        assert!(senders.of(key(MAX_SENDERS)).is_none());
        assert!(senders.of(key(MAX_SENDERS + 1)).is_none());
        senders.of(key(7)).unwrap().total += 1;
        senders.of(key(7)).unwrap().total += 1;
        assert_eq!((senders.list().len(), senders.refused()), (MAX_SENDERS, 2));
        let totals = senders.list()[6..9].iter().map(|it| it.total).collect::<Vec<_>>();
        assert_eq!(totals, [1, 3, 1]);
    }
}
