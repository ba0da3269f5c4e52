//! What a property of a message is: how output, filters and people are told of it.
//!
//! A property is said of the message as a whole, beside its fields. The properties that there are
//! stand in `common_fields.rs`, and nothing that reads them names one.

use std::fmt;

use super::captured::Captured;
use super::field_value::FieldValue;
use super::marks::Marks;

/// One property.
#[derive(Clone, Copy)]
pub struct Property {
    /// Its key in JSON, and its column in CSV where it has one. It is a name for `-e` and `-Y` too,
    /// where no field has that name. `None` where output has the same under another key.
    pub key: Option<&'static str>,
    /// The names that it has even where a field has them too: Wireshark's, mostly.
    pub names: &'static [&'static str],
    /// What its values are.
    pub kind: PropertyKind,
    /// When it has a column in CSV.
    pub csv: Column,
    /// What a line of text says of it.
    pub text: Remark,
    /// What the tree says of it.
    pub tree: Remark,
    /// What it is in one message.
    pub values: for<'a> fn(&Captured<'a>) -> Values<'a>,
}

/// What the values of a property are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// A time, as a date.
    Time,
    /// A time, as seconds since 1970.
    Epoch,
    /// An address of this version.
    Address(IpVersion),
    /// An address and a port; filters have them apart.
    Endpoint,
    /// Bytes.
    Bytes,
    /// An address of IEEE 802.
    Hardware,
}

/// Version of the Internet protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpVersion {
    /// RFC 791.
    V4,
    /// RFC 8200.
    V6,
}

/// When there is a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Never.
    None,
    /// Always.
    Always,
    /// Where several captures are read.
    Several,
}

/// What people are told of a property where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Nothing, or in a place of its own: at the head of the message, or in a row among fields.
    None,
    /// These words.
    Words(&'static str),
    /// Each of its values, as a remark of its own.
    Each,
    /// Its values but the first, which is the message's own, behind these words.
    Others(&'static str),
    /// A number of bytes, before this word.
    Bytes(&'static str),
    /// The value, behind these words. It is no doubt.
    Value(&'static str),
    /// The error.
    Error,
    /// The error, with where it is in the frame.
    ErrorInFrame,
}

/// What a property is in one message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values<'a> {
    /// It does not apply.
    None,
    /// It applies, but is not known.
    Unknown,
    /// A value.
    One(FieldValue<'a>),
    /// Those of the ends that have one, the sender's first.
    Both([Option<FieldValue<'a>>; 2]),
    /// A list of names, empty where it does not apply.
    Names(&'a [&'a str]),
    /// A list of marks, empty where it does not apply.
    Marks(Marks),
}

impl Property {
    /// The name by which it is told from others.
    pub fn name(&self) -> &'static str {
        self.key.or(self.names.first().copied()).unwrap_or_default()
    }

    /// Whether a filter can compare it.
    pub fn is_comparable(&self) -> bool {
        !matches!(self.kind, PropertyKind::Endpoint)
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Property({})", self.name())
    }
}

/// No two have a name in common.
impl PartialEq for Property {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Property {}

impl<'a> Values<'a> {
    /// A value, where it applies.
    pub fn of(value: Option<FieldValue<'a>>) -> Self {
        value.map_or(Self::None, Self::One)
    }

    /// Whether there is no value.
    #[inline]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None | Self::Unknown => true,
            Self::One(_) => false,
            Self::Both(values) => values.iter().all(Option::is_none),
            Self::Names(names) => names.is_empty(),
            Self::Marks(marks) => marks.is_empty(),
        }
    }

    /// The values, if it has any.
    pub fn iter(self) -> impl Iterator<Item = FieldValue<'a>> {
        let pair = match self {
            Self::One(value) => [Some(value), None],
            Self::Both(values) => values,
            _ => [None, None],
        };
        pair.into_iter().flatten().chain(self.names().map(FieldValue::Text))
    }

    /// Those of a list.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        let (names, marks): (&'a [&'a str], _) = match self {
            Self::Names(names) => (names, Marks::default()),
            Self::Marks(marks) => (&[][..], marks),
            _ => (&[][..], Marks::default()),
        };
        let marks = marks.iter().map(|mark| -> &'a str { mark.as_str() });
        names.iter().copied().chain(marks)
    }
}
