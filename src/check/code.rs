//! The codes of findings by their names, and what each stands for.

use std::{fmt, str::FromStr};

use super::Finding;
use crate::schema::nearest;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// An integer arrives in the other order than declared.
    ByteOrder,
    /// The sender's compiler left holes, or a tail of the struct's natural size.
    Padding,
    /// The layout fits another data model.
    TypeWidth,
    /// The sender's struct has other members than the header's, or members of another size.
    Drift,
    /// The length fits no layout.
    Length,
    /// A character tail, otherwise text, without its NUL.
    Terminator,
    /// A text tail without its NUL, whose bytes a field counts: no mistake.
    Counted,
    /// Bytes after the end that no layout explains.
    Trailing,
    /// Bytes after a NUL, or in padding, that are not zero.
    Uninitialised,
    /// Outside the declared range.
    Range,
    /// Longer than `max_len`, or fragmented.
    Oversize,
    /// A text record ended only by the close.
    Delimiter,
    /// A wrong checksum that offload does not explain.
    Checksum,
    /// HTTP line ends without CR.
    HttpBareLf,
    /// What an HTTP message says of its end is contradicted, or is nothing.
    HttpFraming,
    /// Evidence for a mistake, not enough to say so.
    Undecided,
    /// Two declared messages fit equally.
    Ambiguous,
    /// The sender is or was a member of the group that it sends to.
    GroupJoin,
    /// Header: a declaration that does not parse.
    Syntax,
    /// Header: not packed, and packing would change the layout.
    NotPacked,
    /// Header: a size that differs among the ABIs.
    PlatformWidth,
    /// Header: a pointer.
    Pointer,
    /// Header: an attribute that the compiler ignores.
    UnknownAttribute,
    /// Header: a bit-field.
    BitField,
    /// Header: an enum, whose width the compiler chooses.
    EnumWidth,
    /// Header: plain `char` as a number, whose sign the ABI chooses.
    CharSign,
    /// Header: a field that is not aligned.
    Unaligned,
    /// Header: two messages on one port that nothing tells apart.
    NoDiscriminator,
    /// Two headers: a member that only the new one has, before others.
    Inserted,
    /// Two headers: a member that only the new one has, behind all others.
    Appended,
    /// Two headers: a member, a message or a name that only the old one has.
    Removed,
    /// Two headers: a member that lies elsewhere, and none before it is another.
    Moved,
    /// Two headers: a member that stands before or behind others than it did.
    Reordered,
    /// Two headers: a member of another size.
    Resized,
    /// Two headers: a member of another type.
    Retyped,
    /// Two headers: a member of another name.
    Renamed,
    /// Two headers: a name that stands for another number.
    EnumValues,
}

/// A name that is no finding's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no finding \"{name}\"{}", hint(.nearest))]
pub struct UnknownCode {
    /// As it was written.
    pub name: String,
    /// What may be meant.
    pub nearest: Option<String>,
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        let known = Self::ALL.into_iter().find(|it| it.as_str() == name);
        known.ok_or_else(|| UnknownCode {
            name: name.to_owned(),
            nearest: nearest(name, Self::ALL.map(Self::as_str)),
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Code {
    /// Every code: those of traffic, then those of headers, then those of two of them.
    pub const ALL: [Self; 37] = [
        Self::ByteOrder,
        Self::Padding,
        Self::TypeWidth,
        Self::Drift,
        Self::Length,
        Self::Terminator,
        Self::Counted,
        Self::Trailing,
        Self::Uninitialised,
        Self::Range,
        Self::Oversize,
        Self::Delimiter,
        Self::Checksum,
        Self::HttpBareLf,
        Self::HttpFraming,
        Self::Undecided,
        Self::Ambiguous,
        Self::GroupJoin,
        Self::Syntax,
        Self::NotPacked,
        Self::PlatformWidth,
        Self::Pointer,
        Self::UnknownAttribute,
        Self::BitField,
        Self::EnumWidth,
        Self::CharSign,
        Self::Unaligned,
        Self::NoDiscriminator,
        Self::Inserted,
        Self::Appended,
        Self::Removed,
        Self::Moved,
        Self::Reordered,
        Self::Resized,
        Self::Retyped,
        Self::Renamed,
        Self::EnumValues,
    ];

    /// What findings of this code say, in general: a sentence without its stop.
    pub fn summary(self) -> &'static str {
        match self {
            Self::ByteOrder => "An integer arrives in the other byte order than declared",
            Self::Padding => "The sender's compiler left holes that the header does not have",
            Self::TypeWidth => "The layout fits another data model",
            Self::Drift => "The sender's struct is another version than the header's",
            Self::Length => "The length fits no layout",
            Self::Terminator => "A text ends without its NUL",
            Self::Counted => "A field counts the bytes of a text that has no NUL",
            Self::Trailing => "Bytes follow that no layout explains",
            Self::Uninitialised => "Bytes that mean nothing are not zero: memory leaks to the wire",
            Self::Range => "A value is outside its declared range",
            Self::Oversize => "A message is longer than its receiver's buffer, or fragmented",
            Self::Delimiter => "A text record is ended by the close alone",
            Self::Checksum => "A checksum is wrong, and offload does not explain it",
            Self::HttpBareLf => "HTTP lines end without CR",
            Self::HttpFraming => {
                "What an HTTP message says of its end is contradicted, or is nothing"
            }
            Self::Undecided => "There is evidence for a mistake, not enough to say so",
            Self::Ambiguous => "Two declared messages fit equally",
            Self::GroupJoin => "A sender is or was a member of the group that it sends to",
            Self::Syntax => "A declaration does not parse",
            Self::NotPacked => "A struct is not packed, and its compiler leaves holes",
            Self::PlatformWidth => "The size of a type differs among the ABIs",
            Self::Pointer => "A pointer means nothing to its receiver",
            Self::UnknownAttribute => "An attribute is ignored by the compiler",
            Self::BitField => "The order of bit-fields is the compiler's choice",
            Self::EnumWidth => "The width of an enum is the compiler's choice",
            Self::CharSign => "The sign of plain char is the ABI's choice",
            Self::Unaligned => "A field is not aligned for its type",
            Self::NoDiscriminator => "Nothing tells two messages of one port apart",
            Self::Inserted => "The new header has a member before others that the old one has not",
            Self::Appended => "The new header has a member behind all that the old one has",
            Self::Removed => "The new header no longer has what the old one had",
            Self::Moved => "A member lies elsewhere than in the old header",
            Self::Reordered => "Members stand in another order than in the old header",
            Self::Resized => "A member has another size than in the old header",
            Self::Retyped => "A member has another type than in the old header",
            Self::Renamed => "A member has another name than in the old header",
            Self::EnumValues => "A name stands for another number than in the old header",
        }
    }
}

impl Finding {
    /// A finding at its code's level, about nothing in particular yet.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level(),
            text: text.into(),
            protocol: None,
            message: None,
            field: None,
            stream: None,
            src: None,
            dst: None,
            frames: Vec::new(),
            support: 0,
            total: 0,
            confidence: None,
            offset: None,
            len: None,
            header: None,
            help: None,
            evidence: None,
            notes: Vec::new(),
        }
    }
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_listed_once_and_has_a_name() {
        let names: HashSet<_> = Code::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert_eq!(Code::ALL.last().map(|it| *it as usize), Some(Code::ALL.len() - 1));
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert!(!code.summary().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        for (name, expected) in [
            ("byteorder", "no finding \"byteorder\"; did you mean \"byte-order\"?"),
            ("Padding", "no finding \"Padding\"; did you mean \"padding\"?"),
            ("xyz", "no finding \"xyz\""),
            ("", "no finding \"\""),
        ] {
            assert_eq!(name.parse::<Code>().unwrap_err().to_string(), expected);
        }
    }
}
