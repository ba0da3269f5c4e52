//! Which protocol of the list: a number that only [`Protocols`](super::Protocols) gives, and the
//! tables that have something for each of them.

use super::standard::Standard;

/// One of [`Protocols::list`](super::Protocols::list).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolId(u32);

/// Where the list has those that need no header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandardIds {
    first: u32,
}

/// Something for each protocol, in the order of the list.
#[derive(Clone, Debug)]
pub(crate) struct PerProtocol<T>(Vec<T>);

impl ProtocolId {
    /// The protocol that stands at `index`; there are far fewer than 2³² of them.
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl StandardIds {
    /// They stand one behind the other, from `index` on.
    pub(super) fn from(index: usize) -> Self {
        Self { first: ProtocolId::at(index).0 }
    }

    /// One of them.
    pub fn of(self, standard: Standard) -> ProtocolId {
        ProtocolId(self.first.saturating_add(standard as u32))
    }
}

impl<T> PerProtocol<T> {
    /// What there is for a protocol; `None` for one of another list.
    #[inline]
    pub fn get(&self, protocol: ProtocolId) -> Option<&T> {
        self.0.get(protocol.index())
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, protocol: ProtocolId) -> Option<&mut T> {
        self.0.get_mut(protocol.index())
    }

    /// All, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> FromIterator<T> for PerProtocol<T> {
    fn from_iter<I: IntoIterator<Item = T>>(each: I) -> Self {
        Self(each.into_iter().collect())
    }
}
