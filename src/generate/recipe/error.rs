//! What can be wrong with a recipe: one line, in the user's words, with its place.

use std::{fmt, io, path::PathBuf};

use crate::decode::codec::{CodecError, EncodeError};
use crate::decode::text::{TextEncodeError, TextFormatError};
use crate::profile::ProfileError;

/// Why a recipe makes no messages.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// A recipe or a gap that cannot be read.
    #[error("recipe \"{text}\", column {column}: {expected}")]
    Syntax {
        /// As it was written.
        text: String,
        /// Where it stops making sense; characters, from 1.
        column: usize,
        /// What is to stand there.
        expected: String,
    },
    /// A path of a field that cannot be read.
    #[error("\"{text}\" is no path of a field: write math, point.x, scores[2] or recs[0].x")]
    Path {
        /// As it was written.
        text: String,
    },
    /// `--set` without a field and a recipe.
    #[error("\"{text}\" sets nothing: write FIELD=RECIPE, such as math=0..100")]
    Setting {
        /// As it was written.
        text: String,
    },
    /// A recipe file that cannot be read.
    #[error("cannot read recipe {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A recipe file that is no TOML, or has what a recipe does not have.
    #[error(transparent)]
    Toml(Box<ProfileError>),
    /// Neither a message nor bytes.
    #[error("there is nothing to send: name a message, with --message or [[message]] of a recipe")]
    NoMessage,
    /// Both, or what goes with neither.
    #[error("{0}")]
    Combination(&'static str),
    /// A name that no message has.
    #[error("no message \"{name}\"{}{}", hint(.nearest), because(.unfit))]
    UnknownMessage {
        /// As it was named.
        name: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
        /// Why it has no layout, where a header declares it.
        unfit: Option<String>,
    },
    /// A name that several messages have.
    #[error("\"{name}\" is {}: name one of these", .names.join(" and "))]
    Ambiguous {
        /// As it was named.
        name: String,
        /// By which each is known.
        names: Vec<String>,
    },
    /// Several messages, of which none is named.
    #[error("which message: {}? --message NAME says", listed(.names))]
    WhichMessage {
        /// Their names.
        names: Vec<String>,
    },
    /// What needs no header has no fields to be set.
    #[error("{name} is no message of a header: recipes make structs, unions and text records")]
    Standard {
        /// Its name.
        name: String,
    },
    /// A field that the message does not have.
    #[error("{message} has no field \"{path}\"{}; its fields: {}", hint(.nearest), listed(.fields))]
    UnknownField {
        /// The message.
        message: String,
        /// As it was named.
        path: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
        /// Its fields.
        fields: Vec<String>,
    },
    /// An index beyond a list, or of no list.
    #[error("{message}: {path} has {}, so there is no {path}[{index}]", elements(*.count))]
    NoElement {
        /// The message.
        message: String,
        /// What has the index.
        path: String,
        /// From 0.
        index: usize,
        /// How many there are; `None`: it is no list.
        count: Option<usize>,
    },
    /// A recipe that makes another kind of value than the field holds.
    #[error("{set} does not go: the field is {found}{help}")]
    Kind {
        /// What was set.
        set: Box<Set>,
        /// What the field is.
        found: String,
        /// What goes instead, or nothing.
        help: &'static str,
    },
    /// A value that does not go into its field.
    #[error("{set} does not fit: {source}")]
    Value {
        /// What was set.
        set: Box<Set>,
        /// What is wrong, with the field's limits.
        source: Box<UnfitValue>,
    },
    /// The messages together.
    #[error("{message}: {source}")]
    Message {
        /// The message.
        message: String,
        /// What is wrong with it.
        source: Box<UnfitValue>,
    },
    /// Longer than its receiver takes.
    #[error("{message} of up to {len} bytes does not fit: the receiver of {protocol} takes {max} (max_len){}", longest(.path))]
    TooLong {
        /// The message.
        message: String,
        /// Its protocol.
        protocol: String,
        /// The longest that the recipe makes, bytes.
        len: usize,
        /// The receiver's buffer, bytes.
        max: u64,
        /// The field of which the most can be left out, and its recipe.
        path: Option<String>,
    },
    /// More fields than a recipe sets.
    #[error("{message}: more than {max} fields and elements are set")]
    TooMany {
        /// The message.
        message: String,
        /// As many are.
        max: usize,
    },
    /// A tag that says the message is another one.
    #[error("{set} says otherwise: as a case of {protocol} it is {value}; leave it out")]
    Tag {
        /// What was set, of a case.
        set: Box<Set>,
        /// The protocol.
        protocol: String,
        /// The value that goes with the case.
        value: i128,
    },
    /// A case without a field where its protocol's tag is.
    #[error(
        "{message} has no field where the tag \"{tag}\" of {protocol} is: name {protocol} instead"
    )]
    NoTag {
        /// The message, a case.
        message: String,
        /// Path of the tag.
        tag: String,
        /// The protocol.
        protocol: String,
    },
    /// A protocol whose layout and options do not go together.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A text record whose format cannot be read.
    #[error(transparent)]
    Format(#[from] TextFormatError),
}

/// A field and its recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The message.
    pub message: String,
    /// The field, as it was named.
    pub path: String,
    /// Its recipe.
    pub recipe: String,
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}={}", self.message, self.path, self.recipe)
    }
}

/// A value that its field, or its conversion, does not take.
#[derive(Debug, thiserror::Error)]
pub enum UnfitValue {
    /// Of a struct or union.
    #[error(transparent)]
    Field(#[from] EncodeError),
    /// Of a text record.
    #[error(transparent)]
    Conversion(#[from] TextEncodeError),
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"))
}

fn because(unfit: &Option<String>) -> String {
    unfit.as_ref().map_or_else(String::new, |it| format!(": {it}"))
}

fn longest(path: &Option<String>) -> String {
    path.as_ref().map_or_else(String::new, |it| format!("; its longest part is {it}"))
}

fn elements(count: Option<usize>) -> String {
    count.map_or_else(|| "no elements".to_owned(), |it| format!("{it} elements"))
}

/// The first few: a line is to be read.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(shown.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
