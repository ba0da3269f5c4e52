//! Where a sender's datagrams went: one address mostly, several where groups take turns.

use std::net::SocketAddr;

use crate::generate::groups::MAX_GROUPS;

/// Addresses that are told apart; datagrams to further ones are not counted here.
const MAX_DESTINATIONS: usize = MAX_GROUPS as usize;

/// Addresses, in the order in which they came first, each with its datagrams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destinations {
    counts: Vec<(SocketAddr, u64)>,
    /// That of the datagram before.
    last: usize,
}

impl Destinations {
    /// Counts a datagram.
    pub(super) fn push(&mut self, to: SocketAddr) {
        let is_at = |index: &usize| self.counts.get(*index).is_some_and(|it| it.0 == to);
        // The same again, or the next in turn.
        let next = self.last.checked_add(1).filter(|it| *it < self.counts.len()).unwrap_or(0);
        let near = [self.last, next].into_iter().find(is_at);
        let found = near.or_else(|| self.counts.iter().position(|it| it.0 == to));
        let index = match found {
            None if self.counts.len() >= MAX_DESTINATIONS => return,
            None => {
                self.counts.push((to, 0));
                self.counts.len().saturating_sub(1)
            }
            Some(index) => index,
        };
        self.last = index;
        if let Some((_, count)) = self.counts.get_mut(index) {
            *count = count.saturating_add(1);
        }
    }

    /// The addresses and their datagrams.
    pub fn counts(&self) -> &[(SocketAddr, u64)] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_count() {
        let mut destinations = Destinations::default();
        let to = |last: u8| SocketAddr::from(([239, 2, 2, last], 1989));
        [1, 1, 2, 3, 1, 2, 3, 2].iter().for_each(|it| destinations.push(to(*it)));
        assert_eq!(destinations.counts(), [(to(1), 3), (to(2), 3), (to(3), 2)]);
        (0..=255).for_each(|it| destinations.push(SocketAddr::from(([10, 0, 0, 1], 5000 + it))));
        (0..2000).for_each(|it| destinations.push(SocketAddr::from(([10, 0, 0, 2], it))));
        destinations.push(to(2));
        assert_eq!((destinations.counts().len(), destinations.counts()[1].1), (1024, 4));
    }
}
