//! What a profile says of a field that is a sum: the algorithm, the bytes that it is over, what is
//! taken in behind them.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::schema::checksum::Algorithm;
use crate::schema::nearest;

/// The sum that a field is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChecksumRule {
    /// How it is computed; `None` where the field is no sum.
    pub algorithm: Option<&'static Algorithm>,
    /// What it is over, one behind another; the whole message where nothing is said.
    pub over: Vec<ByteRange>,
    /// Bytes that are taken in behind these.
    pub extra: Vec<u8>,
    /// The value before the first byte, where it is not the algorithm's own.
    pub seed: Option<u64>,
}

/// Bytes of a message, from one bound to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub from: Bound,
    /// The first byte that is not of it.
    pub to: Bound,
}

/// A place in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// So many bytes behind its start.
    At(u64),
    /// Where the field of this path begins.
    Begin(String),
    /// Where it ends.
    Behind(String),
    /// The end of the message.
    End,
}

impl ChecksumRule {
    /// Whether something is said of a sum, but not which it is.
    pub(super) fn is_without_algorithm(&self) -> bool {
        self.algorithm.is_none() && *self != Self::default()
    }

    /// The fields that it names, as they are written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let bounds = self.over.iter().flat_map(|it| [&it.from, &it.to]);
        bounds.filter_map(Bound::field)
    }
}

/// The paths that a name beside a field may stand for: in the record of the field first, then in what
/// that is in, up to the message.
pub(crate) fn in_scope<'n>(field: &'n str, name: &'n str) -> impl Iterator<Item = String> + 'n {
    let record = |path: &'n str| path.rsplit_once('.').map(|it| it.0);
    let records = std::iter::successors(record(field), move |it| record(it));
    records.map(move |it| format!("{it}.{name}")).chain([name.to_owned()])
}

impl FromStr for ByteRange {
    type Err = String;

    /// Such as `0..cksum`, `head..=body`, `4..end`, `..end`.
    fn from_str(text: &str) -> Result<Self, String> {
        let unread = || {
            format!(
                "\"{text}\" is no range of bytes: it reads FROM..TO or FROM..=FIELD, where FROM and TO are \
                 a number of bytes, a field, or end"
            )
        };
        let (from, to) = text.split_once("..").ok_or_else(unread)?;
        let from = match from.trim() {
            "" => Bound::At(0),
            from => Bound::begin(from).ok_or_else(unread)?,
        };
        let to = match (to.trim(), to.trim().strip_prefix('=')) {
            ("", _) => Bound::End,
            (_, Some(field)) => match Bound::begin(field.trim()) {
                Some(Bound::Begin(path)) => Bound::Behind(path),
                _ => return Err(unread()),
            },
            (to, None) => Bound::begin(to).ok_or_else(unread)?,
        };
        let is_backwards = match (&from, &to) {
            (Bound::At(from), Bound::At(to)) => from > to,
            // Nothing is in front of the start, or behind the end.
            (Bound::Begin(_) | Bound::Behind(_) | Bound::End, Bound::At(0)) => true,
            (from, to) => *from == Bound::End && *to != Bound::End,
        };
        match is_backwards {
            true => Err(format!("the range \"{text}\" is empty: the lower limit stands first")),
            false => Ok(Self { from, to }),
        }
    }
}

impl Bound {
    /// The field that it is at.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Begin(path) | Self::Behind(path) => Some(path),
            Self::At(_) | Self::End => None,
        }
    }

    fn begin(text: &str) -> Option<Self> {
        let is_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '$');
        let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        match (number, text) {
            (Some(number), _) => Some(Self::At(number)),
            (None, "end") => Some(Self::End),
            (None, _) if text.starts_with(|it: char| it.is_ascii_digit()) => None,
            (None, _) if text.is_empty() || !text.chars().all(is_name) => None,
            (None, path) => Some(Self::Begin(path.to_owned())),
        }
    }
}

/// As it is written in a profile.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        match from {
            Bound::At(number) => write!(f, "{number}..")?,
            Bound::Begin(path) | Bound::Behind(path) => write!(f, "{path}..")?,
            Bound::End => f.write_str("end..")?,
        }
        match to {
            Bound::At(number) => write!(f, "{number}"),
            Bound::Begin(path) => f.write_str(path),
            Bound::Behind(path) => write!(f, "={path}"),
            Bound::End => f.write_str("end"),
        }
    }
}

/// `checksum = "crc32"`.
pub(super) struct AlgorithmName(pub &'static Algorithm);

impl<'de> Deserialize<'de> for AlgorithmName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Algorithm::named(&name).map(Self).ok_or_else(|| {
            let short: Vec<_> = Algorithm::short_names().collect();
            let hint = nearest(&name, Algorithm::all().map(|it| it.name));
            let hint = hint.map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"));
            de::Error::custom(format!(
                "there is no checksum \"{name}\": it is one of {}, or a CRC by its name in the catalogue, \
                 such as crc-16-dnp{hint}",
                short.join(", ")
            ))
        })
    }
}

/// `over = "0..cksum"`, or a list of such.
pub(super) struct Ranges(pub Vec<ByteRange>);

/// `extra = 50`, or a list of bytes.
pub(super) struct Extra(pub Vec<u8>);

impl<'de> Deserialize<'de> for Ranges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Ranges;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a range of bytes such as \"0..cksum\", or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ranges, E> {
                text.parse().map(|it| Ranges(vec![it])).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ranges, A::Error> {
                let mut ranges = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    ranges.push(text.parse().map_err(de::Error::custom)?);
                }
                match ranges.is_empty() {
                    true => {
                        Err(de::Error::custom("a sum over no bytes says nothing: name a range"))
                    }
                    false => Ok(Ranges(ranges)),
                }
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Extra;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a byte, 0 to 255, or a list of them")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Extra, E> {
                let byte = u8::try_from(number);
                byte.map(|it| Extra(vec![it])).map_err(|_| {
                    E::invalid_value(de::Unexpected::Signed(number), &"a byte, 0 to 255")
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Extra, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element()? {
                    bytes.push(byte);
                }
                Ok(Extra(bytes))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_written() {
        use Bound::{At, Begin, Behind, End};
        let field = |path: &str| path.to_owned();
        for (text, from, to) in [
            ("0..cksum", At(0), Begin(field("cksum"))),
            ("1..=head.len", At(1), Behind(field("head.len"))),
            ("body..end", Begin(field("body")), End),
            ("4..8", At(4), At(8)),
        ] {
            let range: ByteRange = text.parse().unwrap();
            assert_eq!(range, ByteRange { from, to });
            assert_eq!(range.to_string(), text);
        }
        assert_eq!("..".parse(), Ok(ByteRange { from: At(0), to: End }));
        assert_eq!(" 0x10 .. =b ".parse::<ByteRange>().unwrap().to_string(), "16..=b");
    }

    #[test]
    fn a_name_is_looked_for_from_within_outwards() {
        assert_eq!(in_scope("a.b.sum", "n").collect::<Vec<_>>(), ["a.b.n", "a.n", "n"]);
        assert_eq!(in_scope("sum", "head.n").collect::<Vec<_>>(), ["head.n"]);
    }

    #[test]
    fn what_is_no_range_is_told() {
        for text in ["cksum", "0..=4", "0..=", "a b..c", "4x..end", "-1..end", "0..a-b"] {
            let error = text.parse::<ByteRange>().unwrap_err();
            assert!(error.contains(" is no range of bytes"), "{text}: {error}");
        }
        for text in ["8..4", "cksum..0", "end..cksum", "end..4"] {
            let error = text.parse::<ByteRange>().unwrap_err();
            assert!(error.ends_with("is empty: the lower limit stands first"), "{text}: {error}");
        }
    }
}
