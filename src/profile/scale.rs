//! `scale`, `offset`, `unit` and `none` of a field, as they are written.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

/// Numbers that say that there is no value: one, or a list.
#[derive(Debug, PartialEq)]
pub(super) struct None(pub Vec<i128>);

impl<'de> Deserialize<'de> for None {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = None;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number such as 0x7fff, or a list of them")
            }

            fn visit_i64<E>(self, number: i64) -> Result<None, E> {
                Ok(None(vec![number.into()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<None, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = list.next_element::<i64>()? {
                    numbers.push(number.into());
                }
                Ok(None(numbers))
            }
        }
        deserializer.deserialize_any(Numbers)
    }
}

pub(super) fn factor<E: de::Error>(factor: f64) -> Result<f64, E> {
    match factor.is_finite() && factor != 0.0 {
        true => Ok(factor),
        false => Err(E::custom(format!("scale {factor}: no value has a number then"))),
    }
}

pub(super) fn offset<E: de::Error>(offset: f64) -> Result<f64, E> {
    match offset.is_finite() {
        true => Ok(offset),
        false => Err(E::custom(format!("offset {offset} is no number"))),
    }
}

pub(super) fn unit<E: de::Error>(unit: String) -> Result<String, E> {
    match unit.is_empty() || unit.contains(char::is_control) {
        true => Err(E::custom("a unit is some characters, such as \"°C\"")),
        false => Ok(unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Field {
        none: None,
    }

    #[test]
    fn numbers_for_no_value_are_one_or_several() {
        for (text, expected) in [("0x7fff", &[0x7fff][..]), ("[-1, 0]", &[-1, 0]), ("[]", &[])] {
            let field: Field = toml::from_str(&format!("none = {text}")).unwrap();
            assert_eq!(field.none, None(expected.to_vec()));
        }
        for text in ["1.5", "\"none\"", "[1.5]"] {
            assert!(toml::from_str::<Field>(&format!("none = {text}")).is_err(), "{text}");
        }
    }
}
