//! What can be wrong with headers, rules and profiles: one line, in the user's words.

use std::{io, path::PathBuf};

use super::RuleError;
use super::field::field_keys;
use super::line::ProfileLine;
use crate::schema::{
    Abi, ExpressionError, LayoutError, SchemaError, UnknownAbi, WordError, nearest,
};

/// Why no protocols could be set up.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A `-d` rule that does not parse.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A profile that cannot be read.
    #[error("cannot read profile {}: {source}", path.display())]
    Read {
        /// The profile's path, as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A profile that is no TOML, or has what a profile does not have.
    #[error("{place}: {text}")]
    Toml {
        /// Where it stops making sense.
        place: ProfileLine,
        /// What is wrong, one line.
        text: String,
    },
    /// What a value of a profile refers to is wrong.
    #[error("{place}: {source}")]
    At {
        /// Where the value begins.
        place: ProfileLine,
        /// What is wrong with what it names.
        source: Box<ProfileError>,
    },
    /// A header that cannot be read.
    #[error(transparent)]
    Header(#[from] SchemaError),
    /// Given headers without a struct, a union or a text record.
    #[error("{} {}", headers.join(", "), declares_none(headers))]
    NoMessage {
        /// As they were given.
        headers: Vec<String>,
    },
    /// A message that nothing declares.
    #[error("no message \"{name}\"{}{}{}", within(.headers), hint(.nearest), because(.broken))]
    UnknownMessage {
        /// As it was named.
        name: String,
        /// Where it was looked for.
        headers: Vec<String>,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
        /// The first mistake in one of them, with its place.
        broken: Option<String>,
    },
    /// A message that two headers declare differently.
    #[error(
        "\"{name}\" is declared in {}: write {}:{name} for the one that is meant",
        headers.join(" and in "),
        headers.first().map_or("", |it| it.as_str())
    )]
    Ambiguous {
        /// As it was named.
        name: String,
        /// Each that declares it.
        headers: Vec<String>,
    },
    /// A program that was compiled for another ABI than is asked for.
    #[error(
        "{program} was compiled for {abi}, not for {asked}: of a program the ABI is known, leave it out"
    )]
    ProgramAbi {
        /// As it was given.
        program: String,
        /// What it was compiled for.
        abi: Abi,
        /// What was asked for.
        asked: Abi,
    },
    /// A rule that names a header that was not given.
    #[error("no header \"{name}\" was given with -H; given: {}", listed(.given))]
    UnknownHeader {
        /// As it was named.
        name: String,
        /// Those that were.
        given: Vec<String>,
    },
    /// A message that cannot be laid out.
    #[error("{place}: \"{message}\" has no layout for {abi}: {source}")]
    Layout {
        /// The file, line and column of what is wrong.
        place: String,
        /// Tag or typedef.
        message: String,
        /// The ABI that was to lay it out.
        abi: Abi,
        /// What is wrong with which member.
        source: Box<LayoutError>,
    },
    /// A path that leads nowhere.
    #[error("{message} has no field \"{path}\"{}", hint(.nearest))]
    UnknownField {
        /// The message that was looked through.
        message: String,
        /// As it was named.
        path: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// A key of a field that there is not.
    #[error("unknown key `{key}`, expected one of {}{}", keys(), hint(.nearest))]
    UnknownKey {
        /// As it was written.
        key: String,
        /// The nearest key that there is, where one is near.
        nearest: Option<String>,
    },
    /// What a request is paired by is no field.
    #[error(
        "\"{name}\" is no field that an answer has: it reads PROTOCOL.FIELD, MESSAGE.FIELD, or is a field \
         of the same message{}",
        hint(.nearest)
    )]
    UnknownPair {
        /// As it was written.
        name: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// A case that is neither a member of a union nor a struct.
    #[error(
        "case \"{name}\" is neither a struct of the header nor a member of a union in {message}{}",
        hint(.nearest)
    )]
    UnknownCase {
        /// The message that was looked through.
        message: String,
        /// As it was named.
        name: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// A case whose value is no number.
    #[error(
        "\"{key}\" is no value of a tag: it takes a number, or an enumerator or macro of the header{}",
        hint(.nearest)
    )]
    CaseValue {
        /// As it was written.
        key: String,
        /// The nearest constant that there is, where one is near.
        nearest: Option<String>,
    },
    /// What should be an expression.
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    /// A case for another number of tags.
    #[error("case \"{key}\" is one of {}: it takes as many values, joined by commas", of_tags(*.tags))]
    CaseTags {
        /// As it was written.
        key: String,
        /// How many tags there are.
        tags: usize,
    },
    /// A range of values that has none.
    #[error("case \"{key}\" is empty: the lower end stands first")]
    CaseRange {
        /// As it was written.
        key: String,
    },
    /// A number of bytes that makes no sense.
    #[error("`{key}` takes a number of bytes from {low} to {high}")]
    Width {
        /// The key.
        key: &'static str,
        /// The least.
        low: u64,
        /// The most.
        high: u64,
    },
    /// What is said of a field, in a comment or a profile, that the message does not bear out.
    #[error("{place}: {}{source}", of_field(.path))]
    Word {
        /// The field.
        path: String,
        /// Where the header has it: file, line and column.
        place: String,
        /// What is wrong with it.
        source: Box<WordError>,
    },
    /// What is said of a whole message that it does not bear out.
    #[error("{message}: {source}")]
    About {
        /// The message.
        message: String,
        /// What is wrong with it.
        source: Box<WordError>,
    },
    /// Names for a field's values that the header does not have.
    #[error("the header has no enum \"{pattern}\", and no enumerator or integer macro of that name{}", hint(.nearest))]
    UnknownNames {
        /// As it was written.
        pattern: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// A name for bits whose value is no mask.
    #[error("flag `{name}` is {value}, which is no mask of bits")]
    Mask {
        /// As the header has it.
        name: String,
        /// What it stands for.
        value: i128,
    },
    /// A name for bits that the field does not have.
    #[error("flag `{name}` is {bits:#x}, and \"{path}\" has {width} bits")]
    WideFlag {
        /// As the header or the profile has it.
        name: String,
        /// Its bits.
        bits: u64,
        /// The field.
        path: String,
        /// How many bits the field has.
        width: u32,
    },
    /// A number for no value that the field cannot have.
    #[error("`none` is {value}, and \"{path}\" has numbers from {min} to {max}")]
    WideNone {
        /// The number.
        value: i128,
        /// The field.
        path: String,
        /// The field's lowest.
        min: i128,
        /// Its highest.
        max: i128,
    },
    /// A way to write a field that does not go with what the field is.
    #[error("`{key}` goes with {goes_with}, which \"{path}\" is not")]
    Unfit {
        /// The key, with its value.
        key: String,
        /// What it goes with.
        goes_with: &'static str,
        /// The field.
        path: String,
    },
    /// A protocol that neither the profile has nor the program.
    #[error("no protocol \"{name}\"{}", hint(.nearest))]
    UnknownProtocol {
        /// As it was named.
        name: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// Two cases of one value, or two protocols of one name.
    #[error("{what} \"{name}\" is there twice")]
    Duplicate {
        /// What has the name: a case, a protocol.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Keys that have a meaning only together, or only for structs.
    #[error("{0}")]
    Combination(&'static str),
    /// An ABI that there is not.
    #[error(transparent)]
    Abi(#[from] UnknownAbi),
}

impl ProfileError {
    /// A name that none of `headers` declares; of what is known, the nearest is suggested.
    pub fn unknown_message<'a>(
        name: &str,
        headers: Vec<String>,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let nearest = nearest(name, known);
        Self::UnknownMessage { name: name.to_owned(), headers, nearest, broken: None }
    }

    /// A key of a field that there is not; the nearest is suggested.
    pub(super) fn unknown_key(key: &str) -> Self {
        Self::UnknownKey { key: key.to_owned(), nearest: nearest(key, field_keys()) }
    }

    /// With what is wrong in a header that may have declared it.
    pub(super) fn for_mistake(mut self, mistake: Option<String>) -> Self {
        if let Self::UnknownMessage { broken, .. } = &mut self {
            *broken = mistake;
        }
        self
    }

    pub(super) fn at(self, place: ProfileLine) -> Self {
        Self::At { place, source: Box::new(self) }
    }
}

fn of_field(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("\"{path}\": ") }
}

fn of_tags(count: usize) -> String {
    if count == 1 { "one tag".to_owned() } else { format!("{count} tags") }
}

fn declares_none(headers: &[String]) -> &'static str {
    if headers.len() == 1 { "declares no message" } else { "declare no message" }
}

fn within(headers: &[String]) -> String {
    match headers {
        [] => "; -H FILE gives the header that declares it".to_owned(),
        headers => format!(" in {}", headers.join(", ")),
    }
}

/// As the parser lists those of other tables.
fn keys() -> String {
    let quoted: Vec<_> = field_keys().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn because(broken: &Option<String>) -> String {
    broken.as_ref().map_or_else(String::new, |it| format!("; its header has a mistake, {it}"))
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"))
}
