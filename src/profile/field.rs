//! `[protocol.fields]` of a profile: what the fields of a message mean.
//!
//! A nested field is written `[protocol.fields.point.x]` or `[protocol.fields."point.x"]`; where
//! the inner name is that of a rule, such as `time`, only the latter.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use toml::Spanned;

use super::order::OrderName;
use crate::schema::{ByteOrder, EnumDef, FieldReading, Show, nearest};

/// What a profile says about one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldRules {
    /// The values that make sense; integers are exact up to 2^53.
    pub range: Option<RangeInclusive<f64>>,
    /// Differs from the rest of the message.
    pub byte_order: Option<OrderName>,
    /// Whether an array of bytes is text.
    pub text: Option<bool>,
    /// Counts up with every message of a sender.
    pub counter: bool,
    /// Seconds or parts of a second since 1970.
    pub time: Option<TimeUnit>,
    /// An answer has the value of its request: a transaction id.
    pub echo: bool,
    /// How it is written.
    pub show: Option<ShowName>,
    /// What names its values: the tag of an enum, or a pattern of names such as `KIND_*`.
    pub names: Option<String>,
    /// What that names in the header.
    pub enumeration: Option<Arc<EnumDef>>,
}

impl FieldRules {
    /// What it says of how the field is read; `host` is the order of the ABI.
    pub(super) fn reading(&self, host: ByteOrder) -> FieldReading {
        FieldReading {
            order: self.byte_order.map(|it| it.resolve(host)),
            text: self.text,
            show: self.show.map(|it| it.0),
            digits: self.time.map_or(0, TimeUnit::digits),
            names: self.enumeration.clone(),
        }
    }
}

/// The unit of a field that holds a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl TimeUnit {
    /// Digits of a second behind the point that one is.
    pub fn digits(self) -> u8 {
        match self {
            Self::S => 0,
            Self::Ms => 3,
            Self::Us => 6,
            Self::Ns => 9,
        }
    }
}

/// How a field is written, by one of the names of [`Show::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShowName(pub Show);

impl<'de> Deserialize<'de> for ShowName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Show::named(&name).map(Self).ok_or_else(|| {
            let known: Vec<_> = Show::ALL.iter().map(|it| it.1).collect();
            let hint = nearest(&name, known.iter().copied());
            let hint = hint.map_or_else(String::new, |it| format!(", did you mean \"{it}\"?"));
            de::Error::custom(format!("\"{name}\" is none of {}{hint}", known.join(", ")))
        })
    }
}

/// `[protocol.fields]`: rules per path, such as `point.x`, and where each path is first named,
/// bytes.
#[derive(Clone, Debug, Default)]
pub struct FieldEntries(pub BTreeMap<String, (FieldRules, usize)>);

impl<'de> Deserialize<'de> for FieldEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tables = BTreeMap::<Spanned<String>, FieldTable>::deserialize(deserializer)?;
        let mut entries = Self::default();
        for (name, table) in tables {
            entries.add(name.get_ref(), name.span().start, table);
        }
        Ok(entries)
    }
}

impl FieldEntries {
    fn add(&mut self, path: &str, offset: usize, table: FieldTable) {
        if table.rules != FieldRules::default() || table.nested.is_empty() {
            self.0.insert(path.to_owned(), (table.rules, offset));
        }
        for (name, nested) in table.nested {
            self.add(&format!("{path}.{}", name.get_ref()), name.span().start, nested);
        }
    }
}

/// One table under `[protocol.fields]`: the rules of a field, and the tables of those within it.
#[derive(Default)]
struct FieldTable {
    rules: FieldRules,
    nested: Vec<(Spanned<String>, FieldTable)>,
}

impl<'de> Deserialize<'de> for FieldTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = FieldTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "`range`, `byte_order`, `text`, `counter`, `time`, `echo`, `show` or `enum` of a field, \
                     or the table of a field within it",
                )
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldTable, A::Error> {
                let mut table = FieldTable::default();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    let rules = &mut table.rules;
                    match key.get_ref().as_str() {
                        "range" => rules.range = Some(range(map.next_value()?)?),
                        "byte_order" => rules.byte_order = Some(map.next_value()?),
                        "text" => rules.text = Some(map.next_value()?),
                        "counter" => rules.counter = map.next_value()?,
                        "time" => rules.time = Some(map.next_value()?),
                        "echo" => rules.echo = map.next_value()?,
                        "show" => rules.show = Some(map.next_value()?),
                        "enum" => rules.names = Some(map.next_value()?),
                        _ => table.nested.push((key, map.next_value()?)),
                    }
                }
                Ok(table)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

fn range<E: de::Error>([low, high]: [f64; 2]) -> Result<RangeInclusive<f64>, E> {
    if low <= high {
        return Ok(low..=high);
    }
    Err(E::custom(format!("range [{low}, {high}] is empty: the lower limit stands first")))
}
