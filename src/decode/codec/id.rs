//! Lists whose index says of what it is, so that one for another list does not compile.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Which `T` of a [`Table`]. The table makes them, and nothing else does.
pub(super) struct Id<T>(u32, PhantomData<fn() -> T>);

/// Grows, and never loses what it has: an id of it stays good.
#[derive(Clone, Debug)]
pub(super) struct Table<T>(Vec<T>);

impl<T> Table<T> {
    pub fn push(&mut self, value: T) -> Id<T> {
        let id = self.next();
        self.0.push(value);
        id
    }

    /// The id of the first value.
    pub fn first(&self) -> Id<T> {
        Id(0, PhantomData)
    }

    /// The id that the next value gets.
    pub fn next(&self) -> Id<T> {
        Id(u32::try_from(self.0.len()).unwrap_or(u32::MAX), PhantomData)
    }

    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// The ids of all values.
    pub fn ids(&self) -> impl Iterator<Item = Id<T>> + use<T> {
        (0..self.next().0).map(|number| Id(number, PhantomData))
    }
}

impl<T> Id<T> {
    /// The value behind.
    #[inline]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1), PhantomData)
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[expect(clippy::indexing_slicing, reason = "an id is made by its table, which never shrinks")]
impl<T> Index<Id<T>> for Table<T> {
    type Output = T;

    #[inline]
    fn index(&self, id: Id<T>) -> &T {
        &self.0[id.0 as usize]
    }
}

#[expect(clippy::indexing_slicing, reason = "an id is made by its table, which never shrinks")]
impl<T> IndexMut<Id<T>> for Table<T> {
    fn index_mut(&mut self, id: Id<T>) -> &mut T {
        &mut self.0[id.0 as usize]
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
