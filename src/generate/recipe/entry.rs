//! Values of a recipe file: recipes in quotes, numbers, lists, and tables of fields.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::path::FieldPath;
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;

/// What a string of the file is read as.
pub(super) struct Read<T>(pub T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);
        impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
            type Value = Read<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Read<T>, E> {
                text.parse().map(Read).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
    }
}

/// A value of the file: a recipe, or a table of such.
pub(super) enum Entry {
    Recipe(ValueRecipe),
    Table(Vec<(FieldPath, Entry)>),
}

impl Entry {
    /// A table is the fields of one value.
    pub fn recipe(self) -> ValueRecipe {
        match self {
            Self::Recipe(recipe) => recipe,
            Self::Table(_) => ValueRecipe::Constant(FieldValue::Group(Vec::new())),
        }
    }

    fn constant(self) -> Option<FieldValue> {
        match self {
            Self::Recipe(ValueRecipe::Constant(value)) => Some(value),
            Self::Recipe(_) => None,
            Self::Table(fields) => {
                let field =
                    |(path, it): (FieldPath, Self)| Some((path.to_string(), it.constant()?));
                fields.into_iter().map(field).collect::<Option<_>>().map(FieldValue::Group)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        fn constant<E>(value: FieldValue) -> Result<Entry, E> {
            Ok(Entry::Recipe(ValueRecipe::Constant(value)))
        }
        impl<'de> Visitor<'de> for Any {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a recipe in quotes, a number, a list or a table of fields")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Entry, E> {
                text.parse().map(Entry::Recipe).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Entry, E> {
                constant(FieldValue::Integer(value.into()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Entry, E> {
                constant(FieldValue::Float(value))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Entry, E> {
                constant(FieldValue::Integer(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entry, A::Error> {
                const TEXT: &str = "a list holds constants; a recipe is for one element, as \"scores[0]\", or for all";
                let mut elements = Vec::new();
                while let Some(it) = list.next_element::<Entry>()? {
                    elements.push(it.constant().ok_or_else(|| de::Error::custom(TEXT))?);
                }
                constant(FieldValue::List(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut fields = Vec::new();
                while let Some((Read(path), it)) = map.next_entry()? {
                    fields.push((path, it));
                }
                Ok(Entry::Table(fields))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// `fields`: recipes by path; what is in a table has the table's path before its own.
#[derive(Default)]
pub(super) struct Fields(pub Vec<(FieldPath, ValueRecipe)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Self::default();
        match Entry::deserialize(deserializer)? {
            Entry::Table(entries) => entries.into_iter().for_each(|it| fields.add(None, it)),
            Entry::Recipe(_) => {
                return Err(de::Error::custom("fields is a table: fields.math = \"0..100\""));
            }
        }
        Ok(fields)
    }
}

impl Fields {
    fn add(&mut self, outer: Option<&FieldPath>, (path, entry): (FieldPath, Entry)) {
        let path = outer.map_or_else(|| path.clone(), |outer| outer.within(&path));
        match entry {
            Entry::Recipe(recipe) => self.0.push((path, recipe)),
            Entry::Table(inner) => inner.into_iter().for_each(|it| self.add(Some(&path), it)),
        }
    }
}
