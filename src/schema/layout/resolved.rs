//! A message's layout, resolved: all its parts with their paths, places and kinds, which the
//! layout report, the checks, the profile's paths and the codec read.
//!
//! A part is the message itself, a member of a struct or union, the one element that stands for all
//! of a list, or a hole. Every layout of one declaration gives its fields the same ids, whatever
//! the ABI or the packing; holes have ids behind those.

use std::ops::Range;
use std::sync::Arc;

use super::super::byte_order::ByteOrder;
use super::super::source::Span;
use super::layout::Role;
use super::notation::Notation;
use super::words::PartWords;

/// Every part of a message in one layout.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedLayout {
    /// Tag or typedef; empty where it is anonymous.
    pub name: String,
    /// `sizeof`, bytes.
    pub size: u64,
    /// `_Alignof`, bytes.
    pub align: u64,
    pub(super) parts: Vec<Part>,
    /// From here on they are holes.
    pub(super) holes: usize,
}

/// Which part of a [`ResolvedLayout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub(super) u32);

/// One part of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `None` for the message itself, anonymous records, elements and holes.
    pub name: Option<String>,
    /// The names from the message to here, joined by `.`: `point.x`. What has no name has the path of
    /// what it is in.
    pub path: String,
    /// What it is in; the message itself.
    pub parent: PartId,
    /// From the start of the message, bytes; within a list, in its first element. Of a bit-field,
    /// the first byte that holds a bit of it.
    pub offset: u64,
    /// What `sizeof` counts of it, bytes; of a bit-field, the bytes that it touches.
    pub len: u64,
    /// What its bytes are.
    pub kind: PartKind,
    /// How often it is there.
    pub repeat: Repeat,
    /// Whether it stands at the end of the message, so that what varies in it may.
    pub at_end: bool,
    /// How it is written, where that is not as its kind has it.
    pub notation: Option<Notation>,
    /// The comment that describes it.
    pub description: Option<Arc<str>>,
    /// The member that says how much of it there is.
    pub counter: Option<PartCounter>,
    /// What a comment says of it in the words of a profile, as it stands there.
    pub comment: Option<Arc<str>>,
    /// What a profile says of how much of it there is, which, and whether.
    pub words: Option<Box<PartWords>>,
    /// The declarator; of the message and of a hole, the whole declaration.
    pub span: Span,
    pub(super) children: Vec<PartId>,
}

/// What says how much of a part there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartCounter {
    /// The path of the member.
    pub path: String,
    /// It counts bytes, not elements.
    pub bytes: bool,
}

/// What the bytes of a part are.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Members behind one another. The tag or typedef; empty where it is anonymous.
    Struct(String),
    /// Members over one another.
    Union(String),
    /// Elements, of which the one within is the first.
    List,
    /// An integer of 1 to 8 or of 16 bytes.
    Integer {
        /// Has negative values.
        signed: bool,
        /// Which byte comes first.
        order: ByteOrder,
        /// What it stands for.
        role: Role,
    },
    /// Some bits of an integer.
    Bits(Bits),
    /// An integer in groups of seven bits, the least first, each but the last with its high bit set.
    Varint {
        /// What it stands for.
        role: Role,
    },
    /// A floating-point number.
    Float {
        /// Which byte comes first.
        order: ByteOrder,
        /// Bytes that carry the number, of those that it has.
        significant: u64,
    },
    /// Some `char`, `signed char`, `unsigned char` or typedefs of them.
    Characters {
        /// Text up to a NUL, not bytes without further meaning: what the profile says, else `char`,
        /// and others whose field has the name of a text.
        text: bool,
        /// Each has negative values.
        signed: bool,
    },
    /// Bytes that no member covers: between members, or padding behind the last.
    Hole,
}

/// The place of a bit-field.
#[derive(Clone, Debug, PartialEq)]
pub struct Bits {
    /// From the start of the message. On little-endian ABIs bits are counted from the least
    /// significant bit of byte 0 upwards; on big-endian ones from the most significant bit.
    pub first: u64,
    /// How many there are.
    pub width: u32,
    /// Size of the declared integer, bytes.
    pub unit: u64,
    /// Has negative values.
    pub signed: bool,
    /// From which end they are counted; of [whole bytes](Self::is_whole_bytes), which byte comes
    /// first.
    pub order: ByteOrder,
    /// What the integer stands for.
    pub role: Role,
}

/// How often a part, or the character or element in it, is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// By itself.
    Once,
    /// An array.
    Times {
        /// Elements.
        count: u64,
        /// Bytes from one to the next.
        stride: u64,
    },
    /// As often as the profile says.
    Said {
        /// Elements that `sizeof` counts.
        counted: u64,
        /// Bytes from one to the next, as C has it.
        stride: u64,
    },
    /// A variable tail: up to the end of the message.
    ToEnd {
        /// Elements that `sizeof` counts: 0 or 1.
        counted: u64,
        /// Bytes from one to the next.
        stride: u64,
        /// Bytes behind it that `sizeof` counts.
        padding: u64,
    },
}

impl ResolvedLayout {
    /// The message itself.
    pub const ROOT: PartId = PartId(0);

    /// All but the holes, in declared order, with what is in a part behind it.
    pub fn fields(&self) -> impl Iterator<Item = (PartId, &Part)> {
        (0..).map(PartId).zip(self.parts.iter().take(self.holes))
    }

    /// What an id of this layout names.
    pub fn part(&self, id: PartId) -> Option<&Part> {
        self.parts.get(id.index())
    }

    /// What is directly in a part, in declared order, with the holes between.
    pub fn children(&self, id: PartId) -> impl DoubleEndedIterator<Item = (PartId, &Part)> + Clone {
        let children = self.part(id).map_or(&[][..], |it| &it.children);
        children.iter().filter_map(|&it| Some((it, self.part(it)?)))
    }

    /// The members of a struct or union; the element of a list.
    pub fn members(&self, id: PartId) -> impl DoubleEndedIterator<Item = (PartId, &Part)> + Clone {
        self.children(id).filter(|(_, it)| it.kind != PartKind::Hole)
    }

    /// What a list is of, however deep; anything else itself.
    pub fn element(&self, id: PartId) -> Option<(PartId, &Part)> {
        let part = self.part(id)?;
        match part.kind {
            PartKind::List => self.element(*part.children.first()?),
            _ => Some((id, part)),
        }
    }

    /// Whether it is what a list is of, and so has no name of its own.
    pub fn is_element(&self, part: &Part) -> bool {
        self.part(part.parent).is_some_and(|it| it.kind == PartKind::List)
    }

    /// The field of a path such as `point.x`: arrays and anonymous records add nothing to it.
    pub fn find(&self, path: &str) -> Option<(PartId, &Part)> {
        self.fields().find(|(_, it)| it.name.is_some() && it.path == path)
    }

    /// The paths by which [`find`](Self::find) knows a field, in declared order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.fields().filter(|(_, it)| it.name.is_some()).map(|(_, it)| it.path.as_str())
    }

    /// The variable tail with which every message of this layout ends, if it does. A union has
    /// none of its own: its members may.
    pub fn tail(&self) -> Option<(PartId, &Part)> {
        self.tail_of(Self::ROOT)
    }

    fn tail_of(&self, id: PartId) -> Option<(PartId, &Part)> {
        let part = self.part(id)?;
        match (part.repeat, &part.kind) {
            (Repeat::ToEnd { .. }, _) => Some((id, part)),
            (Repeat::Once, PartKind::Struct(_)) => self.tail_of(self.members(id).next_back()?.0),
            _ => None,
        }
    }

    /// The array that is the last member, and the bytes of an element: a message may have fewer of
    /// them than declared. A union has none of its own: its members may.
    pub fn last_array(&self) -> Option<(&Part, u64)> {
        self.last_array_of(Self::ROOT)
    }

    fn last_array_of(&self, id: PartId) -> Option<(&Part, u64)> {
        let part = self.part(id)?;
        match (part.repeat, &part.kind) {
            (Repeat::Times { stride, .. }, _) if part.may_end_within() => Some((part, stride)),
            (Repeat::Once, PartKind::Struct(_)) => {
                self.last_array_of(self.members(id).next_back()?.0)
            }
            _ => None,
        }
    }

    /// The fewest bytes that a message can have: up to the first element of its last member, where
    /// that is an array, or `sizeof` where it is not. Of a union with which the message ends, the
    /// shortest member's.
    ///
    /// Where a profile says how much of something there is, up to the first of that.
    pub fn min_len(&self) -> u64 {
        let spoken = self.first_open().map(|it| it.offset);
        spoken.or_else(|| self.open_end(Self::ROOT)).unwrap_or(self.size)
    }

    /// The first part of which only the message says how long it is, because a profile says so: what
    /// is behind it has no fixed place.
    pub fn first_open(&self) -> Option<&Part> {
        let mut parts = self.parts.iter().take(self.holes);
        parts.find(|it| it.is_open())
    }

    /// Where a part ends of which nothing that varies is there; `None` where nothing varies.
    fn open_end(&self, id: PartId) -> Option<u64> {
        let part = self.part(id)?;
        match (part.repeat, &part.kind) {
            (Repeat::ToEnd { .. }, _) => Some(part.offset),
            _ if part.may_end_within() => Some(part.offset),
            (Repeat::Once, PartKind::Struct(_)) => self.open_end(self.members(id).next_back()?.0),
            (Repeat::Once, PartKind::Union(_)) => {
                let ends = self.members(id).map(|(id, it)| (self.open_end(id), it.end()));
                let varies = ends.clone().any(|(open, _)| open.is_some());
                let shortest = ends.map(|(open, end)| open.unwrap_or(end)).min();
                shortest.filter(|end| varies && *end < part.end())
            }
            _ => None,
        }
    }
}

impl Part {
    /// The first byte behind it.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.len)
    }

    /// Its bytes.
    pub fn bytes(&self) -> Range<u64> {
        self.offset..self.end()
    }

    /// Whether it is an array with which the message ends, and which is as large as the longest
    /// message needs: one may end within it.
    pub fn may_end_within(&self) -> bool {
        self.at_end && matches!(self.repeat, Repeat::Times { count: 1.., .. })
    }

    /// Whether a profile says that the message says how long it is.
    pub fn is_open(&self) -> bool {
        let is_varint = matches!(self.kind, PartKind::Varint { .. });
        is_varint || self.words.as_ref().is_some_and(|it| it.is_open())
    }

    /// Whether it is bytes in whose place structs stand that the header does not join to a union.
    pub fn is_bytes(&self) -> bool {
        matches!((&self.kind, self.repeat), (PartKind::Union(_), Repeat::Said { .. }))
    }

    /// Of characters, whether they are text.
    pub fn characters(&self) -> Option<bool> {
        match self.kind {
            PartKind::Characters { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The place of a bit-field.
    pub fn bits(&self) -> Option<&Bits> {
        match &self.kind {
            PartKind::Bits(bits) => Some(bits),
            _ => None,
        }
    }

    /// Tag or typedef of a struct or union, empty where it is anonymous.
    pub fn record(&self) -> Option<&str> {
        match &self.kind {
            PartKind::Struct(name) | PartKind::Union(name) => Some(name),
            _ => None,
        }
    }
}

impl Bits {
    /// Whether it takes whole bytes, and so is an integer like others.
    pub fn is_whole_bytes(&self) -> bool {
        is_whole_bytes(self.first, self.width)
    }
}

/// Whether bits begin and end with a byte.
pub(super) fn is_whole_bytes(first: u64, width: u32) -> bool {
    first.is_multiple_of(8) && width.is_multiple_of(8)
}

impl PartId {
    /// In [`ResolvedLayout::fields`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
#[path = "resolved_tests.rs"]
mod tests;
