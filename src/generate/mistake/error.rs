//! Why a mistake cannot be made.

use super::kind::MistakeKind;
use super::mistake::Mistake;
use crate::decode::codec::CodecError;

/// A mistake that there is not, or that this message cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MistakeError {
    /// No such kind.
    #[error("no mistake `{name}`{}", kinds(.nearest))]
    UnknownKind {
        /// As it was written.
        name: String,
        /// What may be meant.
        nearest: Option<String>,
    },
    /// An `=` without a field.
    #[error("{kind}= names no field: leave the `=` off for all of them")]
    EmptyField {
        /// The kind.
        kind: MistakeKind,
    },
    /// A field where the mistake is of the whole message.
    #[error("{kind} is of the whole struct, not of `{field}`: write it without a field")]
    NoField {
        /// The kind.
        kind: MistakeKind,
        /// As it was written.
        field: String,
    },
    /// No such field.
    #[error("mistake {mistake}: `{message}` has no such field{}", hint(.nearest))]
    UnknownField {
        /// The mistake.
        mistake: Mistake,
        /// The message.
        message: String,
        /// What may be meant.
        nearest: Option<String>,
    },
    /// It would change nothing, or be another mistake.
    #[error("mistake {mistake}: {why}")]
    Impossible {
        /// The mistake.
        mistake: Mistake,
        /// What speaks against it.
        why: String,
    },
    /// Each says how long the message is.
    #[error(
        "mistakes {one} and {other} cannot both be made of one message: each decides its length"
    )]
    Contradiction {
        /// The one.
        one: Mistake,
        /// The other.
        other: Mistake,
    },
    /// What no struct of a header describes.
    #[error("mistakes are made of structs: `{message}` is none")]
    NoStruct {
        /// The message.
        message: String,
    },
    /// A layout that the codec refuses.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
}

fn kinds(nearest: &Option<String>) -> String {
    match nearest {
        Some(_) => hint(nearest),
        None => format!(": there are {}", MistakeKind::ALL.map(MistakeKind::as_str).join(", ")),
    }
}
