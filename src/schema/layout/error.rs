//! Why a record has no layout: which member, and what is wrong with it.

use super::super::abi::Abi;
use super::super::ctype::FieldDef;
use super::super::source::Span;
use super::bounds::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
use super::words::WordError;

/// A record that has no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", if member.is_empty() { String::new() } else { format!("`{member}`: ") })]
pub struct LayoutError {
    /// What is wrong with it.
    pub kind: LayoutErrorKind,
    /// The member, from the record down: `point.x`; empty where it concerns the whole record.
    pub member: String,
    /// The innermost declaration concerned; `None` until one is known.
    pub span: Option<Span>,
}

/// What is wrong with a member or a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutErrorKind {
    /// `void` by value.
    #[error("`void` has no size; only a pointer to it has")]
    Void,
    /// `name[]` before another member, or as an element.
    #[error("`[]` has no size; it can only end a struct")]
    NotLast,
    /// A record or an array that is too large.
    #[error("larger than {MAX_SIZE} bytes")]
    TooLarge,
    /// More than [`super::MAX_FIELDS`], those of nested records counted.
    #[error("more than {MAX_FIELDS} fields")]
    TooManyFields,
    /// Records and arrays within one another, beyond [`super::MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// No power of two, or too large.
    #[error("an alignment is a power of two up to 2^28, not {align}")]
    Alignment {
        /// As declared, bytes.
        align: u32,
    },
    /// A bit-field of something else than an integer.
    #[error("a bit-field needs an integer type")]
    BitFieldType,
    /// A bit-field wider than its type, or a named one of width 0.
    #[error(
        "a bit-field of this type has up to {limit} bits, and 0 only without a name; not {width}"
    )]
    BitFieldWidth {
        /// As declared, bits.
        width: u32,
        /// Bits of its type.
        limit: u64,
    },
    /// A type that the ABI has not.
    #[error("{abi} has no integer of this size")]
    NoSuchType {
        /// The ABI that has none.
        abi: Abi,
    },
    /// An enum whose values need more than 64 bits.
    #[error("no integer of 64 bits holds every value of this enum")]
    EnumTooWide,
    /// What a profile says of a field does not go with it.
    #[error("\"{path}\": {error}")]
    Word {
        /// The field.
        path: String,
        /// What is wrong.
        error: Box<WordError>,
        /// The field's declarator.
        span: Span,
    },
}

impl From<LayoutErrorKind> for LayoutError {
    fn from(kind: LayoutErrorKind) -> Self {
        Self { kind, member: String::new(), span: None }
    }
}

impl LayoutError {
    /// Seen from the record that has `field`.
    pub(super) fn within(mut self, field: &FieldDef) -> Self {
        if let Some(name) = &field.name {
            let inner = std::mem::take(&mut self.member);
            self.member = if inner.is_empty() { name.clone() } else { format!("{name}.{inner}") };
        }
        self.at(field.span)
    }

    /// Places it, unless something within has.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
}
