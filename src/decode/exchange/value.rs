//! The value by which a request and its answer are known.

use sha2::{Digest, Sha256};

use crate::message::{Item, Message, Scalar, text};

/// Bytes that are kept as they are; of more, their SHA-256.
const MAX_KEPT: usize = 32;

/// What a field holds, whatever its width and order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value {
    Number(i128),
    Bytes(Box<[u8]>),
    Digest([u8; 32]),
}

impl Value {
    /// That of a field; `None` of one that holds others, or a fraction.
    pub fn of(message: &Message<'_>, item: &Item) -> Option<Self> {
        match item.scalar {
            Scalar::Span => {
                let bytes = message.bytes_of(item);
                // A name is the same in arrays of any length.
                let bytes = text(bytes).map_or(bytes, str::as_bytes);
                Some(match bytes.len() {
                    0..=MAX_KEPT => Self::Bytes(bytes.into()),
                    _ => Self::Digest(Sha256::digest(bytes).into()),
                })
            }
            scalar => scalar.integer().map(Self::Number),
        }
    }
}
