//! How the bytes of a message are read, where C does not say.

use std::sync::Arc;

use super::super::byte_order::ByteOrder;
use super::super::ctype::EnumDef;
use super::notation::{Notation, Show};
use super::words::{WordError, Words};

/// What is said of a whole message, and of its fields by path.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    /// Of numbers whose type and path do not fix it.
    pub order: ByteOrder,
    /// Of the machine whose layout it is: from which end bit-fields are counted.
    pub host: ByteOrder,
    /// What is said of the field of a path.
    pub of: &'r dyn Fn(&str) -> FieldReading,
    /// What a comment at a field says of it, by its text.
    pub comment: &'r dyn Fn(&str) -> Result<FieldReading, WordError>,
}

/// An integer of a size that C has none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeBytes {
    /// Bytes: 3, 5, 6 or 7.
    pub len: u64,
    /// Has negative values.
    pub signed: bool,
}

/// What is said of one field; of a group, of all within it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldReading {
    /// Byte order, where the type does not fix it.
    pub order: Option<ByteOrder>,
    /// Whether an array of characters is text, or bytes without further meaning; where nothing is
    /// said, its type and its name decide.
    pub text: Option<bool>,
    /// How it is written, where its type does not say what is meant.
    pub show: Option<Show>,
    /// How its numbers are written, where the profile has names for them.
    pub written: Option<Notation>,
    /// What an array of as many bytes is, in place of bytes.
    pub integer: Option<WholeBytes>,
    /// Digits of a second behind the point that one unit of a time is: 0 of seconds, 3 of milliseconds.
    pub digits: u8,
    /// The names of its values.
    pub names: Option<Arc<EnumDef>>,
    /// How much of it there is, which, and whether.
    pub words: Option<Arc<Words>>,
}

impl Reading<'_> {
    /// Numbers in one order; of arrays of characters, type and name say whether they are text.
    pub fn plain(order: ByteOrder, host: ByteOrder) -> Self {
        let comment = &|_: &str| Ok(FieldReading::default());
        Self { order, host, of: &|_| FieldReading::default(), comment }
    }
}

impl FieldReading {
    /// With what is said elsewhere, where this says nothing.
    pub fn or(self, other: Self) -> Self {
        let elsewhere = other.written.filter(|_| self.show.is_none());
        Self {
            order: self.order.or(other.order),
            text: self.text.or(other.text),
            show: self.show.or(other.show),
            digits: if self.digits == 0 { other.digits } else { self.digits },
            names: self.names.or(other.names),
            written: self.written.or(elsewhere),
            integer: self.integer.or(other.integer),
            words: self.words.or(other.words),
        }
    }
}

impl Default for Reading<'_> {
    /// Network byte order, and a machine that is little-endian.
    fn default() -> Self {
        Self::plain(ByteOrder::Big, ByteOrder::Little)
    }
}
