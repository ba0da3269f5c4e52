//! How the bytes of a message are read, where C does not say.

use super::super::byte_order::ByteOrder;

/// What is said of a whole message, and of its fields by path.
#[derive(Clone, Copy)]
pub struct Reading<'r> {
    /// Of numbers whose type and path do not fix it.
    pub order: ByteOrder,
    /// Of the machine whose layout it is: from which end bit-fields are counted.
    pub host: ByteOrder,
    /// What is said of the field of a path.
    pub of: &'r dyn Fn(&str) -> FieldReading,
}

/// What is said of one field; of a group, of all within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldReading {
    /// Byte order, where the type does not fix it.
    pub order: Option<ByteOrder>,
    /// Whether an array of characters is text, or bytes without further meaning; where nothing is
    /// said, its type and its name decide.
    pub text: Option<bool>,
}

impl Reading<'_> {
    /// Numbers in one order; of arrays of characters, type and name say whether they are text.
    pub fn plain(order: ByteOrder, host: ByteOrder) -> Self {
        Self { order, host, of: &|_| FieldReading::default() }
    }
}

impl Default for Reading<'_> {
    /// Network byte order, and a machine that is little-endian.
    fn default() -> Self {
        Self::plain(ByteOrder::Big, ByteOrder::Little)
    }
}
