//! What keeps a layout from being compiled, and values from being encoded.

use thiserror::Error;

use crate::schema::WordError;

/// A layout and options that do not go together. Each names what to change.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// A case that is neither a given struct nor a member of a union in the layout.
    #[error("case `{name}` is no member of a union in {message}{}", hint(.nearest))]
    UnknownCase {
        /// The layout.
        message: String,
        /// As the options name it.
        name: String,
        /// The member that may be meant.
        nearest: Option<String>,
    },
    /// A name in an expression about the message.
    #[error("{message}: {source}")]
    Word {
        /// The layout.
        message: String,
        /// What is wrong with it.
        source: Box<WordError>,
    },
    /// A tag, a length or an identity that cannot be read before the rest of the message.
    #[error("{message}: \"{expression}\" goes by a field that has no fixed place")]
    NotPlaced {
        /// The layout.
        message: String,
        /// What goes by it.
        expression: String,
    },
    /// Wider than any number here.
    #[error("bit-field `{path}` has {width} bits, more than 64")]
    BitFieldWidth {
        /// The field.
        path: String,
        /// Bits.
        width: u32,
    },
    /// Too many parts hold counts, lengths or tags of others.
    #[error("{message} has more than {max} parts with counts, lengths or tags of others")]
    TooManyParts {
        /// The layout.
        message: String,
        /// Parts.
        max: usize,
    },
    /// Too many fields, nested ones counted wherever they stand.
    #[error("{message} has more than {max} fields")]
    TooManyFields {
        /// The layout.
        message: String,
        /// Fields.
        max: usize,
    },
}

/// A value that does not go into its field. `path` is the field's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// No such field where the value stands.
    #[error("no field `{path}`{}", hint(.nearest))]
    UnknownField {
        /// As the value names it.
        path: String,
        /// The field that may be meant.
        nearest: Option<String>,
    },
    /// No such name in the field's enum.
    #[error("{path}: `{name}` is not in its enum{}", hint(.nearest))]
    UnknownName {
        /// The field.
        path: String,
        /// As the value has it.
        name: String,
        /// The name that may be meant.
        nearest: Option<String>,
    },
    /// A name that none of the field's flags has.
    #[error("{path}: `{name}` is none of its flags{}", hint(.nearest))]
    UnknownFlag {
        /// The field.
        path: String,
        /// As the value has it.
        name: String,
        /// The name that may be meant.
        nearest: Option<String>,
    },
    /// A value whose number says that there is none.
    #[error("{path}: {value} has the number {raw}, which says that there is no value: give `none`")]
    NoValue {
        /// The field.
        path: String,
        /// As it was given.
        value: String,
        /// The number of the field.
        raw: i128,
    },
    /// A number too small or too large.
    #[error("{path}: {value} is not within {min} to {max}")]
    Range {
        /// The field.
        path: String,
        /// The number.
        value: String,
        /// Lowest.
        min: String,
        /// Highest.
        max: String,
    },
    /// More characters, bytes or elements than the field holds.
    #[error("{path}: {len} are more than the {max} it holds")]
    TooLong {
        /// The field.
        path: String,
        /// Characters, bytes or elements given.
        len: usize,
        /// What it holds.
        max: usize,
    },
    /// Text that would end at a NUL within it.
    #[error("{path}: text with a NUL inside; give it as bytes")]
    Nul {
        /// The field.
        path: String,
    },
    /// Bytes that end at a value, with the value within them.
    #[error("{path}: {value} ends it, and stands within it")]
    Ends {
        /// The field.
        path: String,
        /// The value.
        value: u8,
    },
    /// An element that ends its list, and others behind it.
    #[error("{path}: element {index} ends it, and others stand behind it")]
    EndsList {
        /// The list.
        path: String,
        /// From 0.
        index: usize,
    },
    /// A list none of whose elements ends it, and no value that would.
    #[error("{path}: its last element does not end it, and no other is known to")]
    Unended {
        /// The list.
        path: String,
    },
    /// A list for a number, and the like.
    #[error("{path}: {found} where {expected} is needed")]
    Kind {
        /// The field.
        path: String,
        /// What the field holds.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
    /// Several members of a union with different bytes.
    #[error("{path}: members of a union that contradict each other; give one")]
    Members {
        /// The union; the message's name where it has none.
        path: String,
    },
    /// A member of a union that the tag does not choose.
    #[error("{path}: tag {tag} chooses `{chosen}`")]
    Case {
        /// The member given.
        path: String,
        /// The tag's value.
        tag: i128,
        /// The member that goes with it.
        chosen: String,
    },
    /// A field that others, which are given, say is not there.
    #[error("{path}: `{by}` says that it is not there")]
    Absent {
        /// The field given.
        path: String,
        /// What says so.
        by: String,
    },
    /// A tag that chooses nothing.
    #[error("{path}: {value} has no case")]
    NoCase {
        /// The tag.
        path: String,
        /// Its value.
        value: i128,
    },
    /// A count or a length that is given beside another number of elements or bytes.
    #[error("{path}: it says {said} where there are {found}")]
    Contradicts {
        /// The field that says so.
        path: String,
        /// What it says.
        said: i128,
        /// Bytes or elements given.
        found: i128,
    },
    /// A field that would have to say how long, how many or which something else is, and cannot.
    #[error("{path}: no value of it says {wanted}")]
    Untold {
        /// The field.
        path: String,
        /// Bytes, elements, or the value of a tag.
        wanted: i128,
    },
    /// Longer than any message may be.
    #[error("{path}: the message would be longer than {max} bytes")]
    TooLarge {
        /// The field; the message's name for its fixed part.
        path: String,
        /// Bytes.
        max: usize,
    },
}

impl EncodeError {
    /// Whether it is about what fields say of others: with more fields given it may be none.
    #[cfg(feature = "generate")]
    pub(crate) fn is_of_others(&self) -> bool {
        matches!(
            self,
            Self::Case { .. }
                | Self::Absent { .. }
                | Self::NoCase { .. }
                | Self::Contradicts { .. }
                | Self::Untold { .. }
        )
    }
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
}
