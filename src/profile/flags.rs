//! `flags` of a field: names for the bits of an integer, those of the header or the profile's own.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use toml::Spanned;

use crate::schema::{Flag, Flags};

/// What names the bits of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FlagsRule {
    /// The tag of an enum, or a pattern of names such as `FLAG_*`.
    Pattern(String),
    /// Each with its bits.
    Named(Flags),
}

impl<'de> Deserialize<'de> for FlagsRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rule;
        impl<'de> Visitor<'de> for Rule {
            type Value = FlagsRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names such as \"FLAG_*\", or a table such as { SYN = 0x02 }")
            }

            fn visit_str<E: de::Error>(self, pattern: &str) -> Result<FlagsRule, E> {
                Ok(FlagsRule::Pattern(pattern.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FlagsRule, A::Error> {
                let mut flags: Vec<(usize, Flag)> = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    let flag = flag(key.get_ref(), map.next_value()?)?;
                    if flags.iter().any(|it| it.1.name == flag.name) {
                        let text = format!("flag \"{}\" is there twice", flag.name);
                        return Err(de::Error::custom(text));
                    }
                    flags.push((key.span().start, flag));
                }
                // They are written in the order of the file.
                flags.sort_by_key(|it| it.0);
                Ok(FlagsRule::Named(Flags::new(flags.into_iter().map(|it| it.1).collect())))
            }
        }
        deserializer.deserialize_any(Rule)
    }
}

/// What stands under a key of the table.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a mask such as SYN = 0x02, or a name such as \"0..3\" = \"version\""
)]
enum Entry {
    Mask(i64),
    Name(String),
}

fn flag<E: de::Error>(key: &str, entry: Entry) -> Result<Flag, E> {
    match entry {
        Entry::Mask(mask) => {
            let bits = u64::try_from(mask)
                .map_err(|_| E::custom(format!("flag \"{key}\" is {mask}, which is no mask")))?;
            Ok(Flag::of_bits(name(key)?, bits))
        }
        Entry::Name(of) => {
            let ends = key.split_once("..").and_then(|(low, high)| {
                Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
            });
            let number =
                ends.and_then(|(low, high)| Flag::of_number(name::<E>(&of).ok()?, low, high));
            number.ok_or_else(|| match name::<E>(&of) {
                Err(error) => error,
                Ok(_) => E::custom(format!(
                    "\"{key}\" names no bits: it takes the lowest and the highest, of 0 to 63, as \"0..3\""
                )),
            })
        }
    }
}

/// What stands between `|` and before `=`, and in filters without quotes.
fn name<E: de::Error>(name: &str) -> Result<&str, E> {
    let is_plain = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.');
    match name.chars().all(is_plain) && name.starts_with(|it: char| it.is_alphabetic() || it == '_')
    {
        true => Ok(name),
        false => Err(E::custom(format!(
            "\"{name}\" is no name of a flag: a letter or `_`, then letters, digits, `_`, `-` and `.`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Field {
        flags: FlagsRule,
    }

    fn read(text: &str) -> Result<FlagsRule, String> {
        let field = toml::from_str::<Field>(&format!("flags = {text}"));
        field.map(|it| it.flags).map_err(|it| it.message().to_owned())
    }

    #[test]
    fn names_stand_in_the_order_of_the_file() {
        assert_eq!(read("\"FLAG_*\""), Ok(FlagsRule::Pattern("FLAG_*".to_owned())));
        let Ok(FlagsRule::Named(flags)) = read("{ SYN = 0x02, \"8..11\" = \"version\", ACK = 16 }")
        else {
            panic!("a table");
        };
        let found: Vec<_> =
            flags.iter().map(|it| (it.name.as_str(), it.bits, it.is_number)).collect();
        assert_eq!(found, [("SYN", 2, false), ("version", 0xf00, true), ("ACK", 16, false)]);
    }

    #[test]
    fn what_names_no_bits_is_told() {
        for (text, expected) in [
            ("{ SYN = -1 }", "flag \"SYN\" is -1, which is no mask"),
            ("{ \"A|B\" = 1 }", "\"A|B\" is no name of a flag"),
            ("{ \"3..1\" = \"x\" }", "\"3..1\" names no bits"),
            ("{ \"0..64\" = \"x\" }", "\"0..64\" names no bits"),
            ("{ \"3\" = \"x\" }", "\"3\" names no bits"),
            ("{ \"0..3\" = \"a b\" }", "\"a b\" is no name of a flag"),
            ("{ A = 1, \"0..3\" = \"A\" }", "flag \"A\" is there twice"),
            ("{ A = 1.5 }", "a mask such as SYN = 0x02"),
            ("3", "names such as \"FLAG_*\""),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
