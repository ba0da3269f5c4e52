//! A recipe as a file of TOML says it.
//!
//! Unknown keys are errors, so that a misspelt one is never ignored, and each error has its line. What
//! stands in quotes is a recipe; numbers, lists and tables are themselves, and the fields of a table are
//! those within the field that it is for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use super::entry::{Entry, Fields, Read};
use super::error::RecipeError;
use super::gap::GapRecipe;
use super::recipe::{MessageRecipe, Order, Recipe, SenderRecipe};
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;
use crate::generate::mistake::Mistake;
use crate::profile::parse_toml;

impl Recipe {
    /// Reads a recipe file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, and those of [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| RecipeError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a recipe file; `path` is for its errors.
    ///
    /// # Errors
    ///
    /// Where it is not TOML, or has keys or values that a recipe does not have.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RecipeError> {
        let file: RecipeFile = parse_toml(path, text).map_err(|it| RecipeError::Toml(it.into()))?;
        Ok(Self {
            seed: file.seed.map(|Seed(seed)| seed),
            messages: file.message.into_iter().map(MessageEntry::recipe).collect(),
            order: file.order,
            senders: file.sender.into_iter().map(SenderEntry::recipe).collect(),
            gap: file.gap.map(|Read(gap)| gap),
        })
    }
}

/// The file as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeFile {
    seed: Option<Seed>,
    #[serde(default)]
    order: Order,
    gap: Option<Read<GapRecipe>>,
    #[serde(default)]
    message: Vec<MessageEntry>,
    #[serde(default)]
    sender: Vec<SenderEntry>,
}

/// `[[message]]`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageEntry {
    #[serde(default)]
    name: String,
    weight: Option<std::num::NonZeroU32>,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    mistake: Mistakes,
    raw: Option<Entry>,
    trailing: Option<Entry>,
}

/// `[[sender]]`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SenderEntry {
    from: Option<Address>,
    #[serde(default)]
    join: bool,
    message: Option<Vec<MessageEntry>>,
    count: Option<u64>,
}

impl MessageEntry {
    fn recipe(self) -> MessageRecipe {
        MessageRecipe {
            message: self.name,
            weight: self.weight.map_or(1, Into::into),
            fields: self.fields.0,
            mistakes: self.mistake.0,
            raw: self.raw.map(Entry::recipe),
            trailing: self.trailing.map(Entry::recipe),
        }
    }
}

impl SenderEntry {
    fn recipe(self) -> SenderRecipe {
        SenderRecipe {
            from: self.from.map(|Address(it)| it),
            join: self.join,
            messages: self.message.map(|it| it.into_iter().map(MessageEntry::recipe).collect()),
            count: self.count,
        }
    }
}

/// A seed; those that TOML has no integer for stand in quotes.
struct Seed(u64);

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seed = match Entry::deserialize(deserializer)? {
            Entry::Recipe(ValueRecipe::Constant(FieldValue::Integer(it))) => u64::try_from(it).ok(),
            _ => None,
        };
        seed.map(Self).ok_or_else(|| de::Error::custom("a seed is a whole number below 2^64"))
    }
}

/// `10.0.0.1:4000`, or without a port, which any will do for.
struct Address(SocketAddr);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let alone = || text.parse::<IpAddr>().map(|it| SocketAddr::new(it, 0));
        let address = text.parse().or_else(|_| alone());
        address
            .map(Self)
            .map_err(|_| format!("\"{text}\" is no address: write 10.0.0.1 or [fd00::1]:4000"))
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Read::<Self>::deserialize(deserializer).map(|Read(it)| it)
    }
}

/// One mistake, or a list.
#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl<'de> Deserialize<'de> for Mistakes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Mistakes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mistake, such as \"byte-order=math\", or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Mistakes, E> {
                text.parse().map(|it| Mistakes(vec![it])).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Mistakes, A::Error> {
                let mut mistakes = Vec::new();
                while let Some(Read(it)) = list.next_element()? {
                    mistakes.push(it);
                }
                Ok(Mistakes(mistakes))
            }
        }
        deserializer.deserialize_any(List)
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
