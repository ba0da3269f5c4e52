//! One finding: what is wrong, where, how surely, and what to do.

use super::code::Code;
use crate::packet::{Endpoint, StreamId};
use crate::profile::{Declared, Protocol, Protocols};
pub use crate::schema::Level;
use crate::schema::Span;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// How grave.
    pub level: Level,
    /// One line, no final stop.
    pub text: String,
    /// The protocol.
    pub protocol: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// Path of the field.
    pub field: Option<String>,
    /// The conversation, where it is of one.
    pub stream: Option<StreamId>,
    /// The sender.
    pub src: Option<Endpoint>,
    /// The receiver.
    pub dst: Option<Endpoint>,
    /// The first few frames that show it.
    pub frames: Vec<u64>,
    /// Messages that show it.
    pub support: u64,
    /// Messages that could.
    pub total: u64,
    /// Inferred findings: the probability that it is right, 0 to 1.
    pub confidence: Option<f64>,
    /// Where in the message, bytes.
    pub offset: Option<u64>,
    /// How many bytes.
    pub len: Option<u64>,
    /// Where in a header.
    pub header: Option<HeaderPlace>,
    /// What to do, one line.
    pub help: Option<String>,
    /// A message that shows it.
    pub evidence: Option<Evidence>,
    /// Further lines: why, and the runner-up.
    pub notes: Vec<String>,
}

/// A place in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderPlace {
    /// Index of the schema in [`Protocols::schemas`](crate::profile::Protocols::schemas).
    pub schema: usize,
    /// Where in it.
    pub span: Span,
    /// As the user named it.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// Bytes of a real frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The frame.
    pub frame: u64,
    /// The message, at most its first 64 bytes.
    pub bytes: Vec<u8>,
    /// The bytes that are wrong: first, and how many.
    pub offset: usize,
    /// Bytes.
    pub len: usize,
}

impl HeaderPlace {
    /// Where a protocol is declared; `None` for what no header declares.
    pub fn of(protocols: &Protocols, protocol: &Protocol) -> Option<Self> {
        let Declared { schema, span } = protocol.declared?;
        Self::at(protocols, schema, span)
    }

    /// Where the field at a path is declared.
    pub(super) fn of_field(protocols: &Protocols, protocol: &Protocol, path: &str) -> Option<Self> {
        let span = protocol.layouts().find_map(|it| it.find(path))?.1.span;
        Self::at(protocols, protocol.declared?.schema, span)
    }

    /// A place in the header of this index.
    pub(super) fn at(protocols: &Protocols, schema: usize, span: Span) -> Option<Self> {
        let position = protocols.schemas().get(schema)?.position(span)?;
        let (file, line) = (position.path.display().to_string(), position.line);
        Some(Self { schema, span, file, line })
    }
}

impl Code {
    /// The name in output, in `--allow` and in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByteOrder => "byte-order",
            Self::Padding => "padding",
            Self::TypeWidth => "type-width",
            Self::Drift => "drift",
            Self::Length => "length",
            Self::Terminator => "terminator",
            Self::Counted => "counted",
            Self::Trailing => "trailing",
            Self::Uninitialised => "uninitialised",
            Self::Range => "range",
            Self::Oversize => "oversize",
            Self::Delimiter => "delimiter",
            Self::Checksum => "checksum",
            Self::HttpBareLf => "http-bare-lf",
            Self::HttpFraming => "http-framing",
            Self::Undecided => "undecided",
            Self::Ambiguous => "ambiguous",
            Self::GroupJoin => "group-join",
            Self::Syntax => "syntax",
            Self::NotPacked => "not-packed",
            Self::PlatformWidth => "platform-width",
            Self::Pointer => "pointer",
            Self::UnknownAttribute => "unknown-attribute",
            Self::BitField => "bit-field",
            Self::EnumWidth => "enum-width",
            Self::CharSign => "char-sign",
            Self::Unaligned => "unaligned",
            Self::NoDiscriminator => "no-discriminator",
            Self::Inserted => "inserted",
            Self::Appended => "appended",
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Reordered => "reordered",
            Self::Resized => "resized",
            Self::Retyped => "retyped",
            Self::Renamed => "renamed",
            Self::EnumValues => "enum-values",
        }
    }

    /// Its level, unless an inference is undecided.
    pub fn level(self) -> Level {
        match self {
            Self::ByteOrder
            | Self::Padding
            | Self::TypeWidth
            | Self::Drift
            | Self::Length
            | Self::Terminator
            | Self::HttpFraming
            | Self::Syntax
            | Self::NotPacked
            | Self::PlatformWidth
            | Self::Pointer
            | Self::UnknownAttribute
            | Self::Inserted
            | Self::Appended
            | Self::Removed
            | Self::Moved
            | Self::Reordered
            | Self::Resized
            | Self::Retyped
            | Self::EnumValues => Level::Error,
            Self::Trailing
            | Self::Uninitialised
            | Self::Range
            | Self::Oversize
            | Self::Delimiter
            | Self::Checksum
            | Self::HttpBareLf
            | Self::BitField
            | Self::EnumWidth
            | Self::CharSign => Level::Warning,
            Self::Counted
            | Self::Undecided
            | Self::Ambiguous
            | Self::GroupJoin
            | Self::Unaligned
            | Self::NoDiscriminator
            | Self::Renamed => Level::Note,
        }
    }
}
