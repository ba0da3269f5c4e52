//! `[protocol.fields]` of a profile: what the fields of a message mean.
//!
//! A nested field is written `[protocol.fields.point.x]` or `[protocol.fields."point.x"]`; where
//! the inner name is that of a rule, such as `time`, only the latter.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use toml::Spanned;

use super::as_name::AsName;
use super::checksum::{AlgorithmName, ChecksumRule, Extra, Ranges};
use super::flags::FlagsRule;
use super::order::OrderName;
use super::scale;
use super::time::{Epoch, NtpTime, TimeName};
use super::words::{CaseRule, CountsName, FormName, Number, WordRules};
use crate::schema::{
    ByteOrder, EnumDef, FieldReading, Flags, Notation, Scale, Show, Words, nearest,
};

/// What a profile says about one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldRules {
    /// The values that make sense; integers are exact up to 2^53.
    pub range: Option<RangeInclusive<f64>>,
    /// Differs from the rest of the message.
    pub byte_order: Option<OrderName>,
    /// Whether an array of bytes is text.
    pub text: Option<bool>,
    /// Counts up with every message.
    pub counter: Option<CounterScope>,
    /// Seconds or parts of a second, since 1970 or `epoch`.
    pub time: Option<TimeUnit>,
    /// From when its time counts.
    pub epoch: Option<Epoch>,
    /// A time whose halves are seconds and parts of one.
    pub ntp: Option<NtpTime>,
    /// An answer has the value of its request: a transaction id.
    pub echo: bool,
    /// The field of an answer that has its value, as it is named.
    pub pairs: Option<String>,
    /// The sum that it is, over which bytes of the message.
    pub checksum: ChecksumRule,
    /// How it is written.
    pub show: Option<ShowName>,
    /// What names its values: the tag of an enum, or a pattern of names such as `KIND_*`.
    pub names: Option<String>,
    /// What that names in the header.
    pub enumeration: Option<Arc<EnumDef>>,
    /// What names its bits.
    pub flags: Option<FlagsRule>,
    /// The names of its bits, those of the header among them.
    pub flag_names: Option<Arc<Flags>>,
    /// By which its number is multiplied to give its value.
    pub scale: Option<f64>,
    /// What is added then.
    pub offset: Option<f64>,
    /// What the value is measured in.
    pub unit: Option<String>,
    /// Numbers that say that there is no value.
    pub none: Vec<i128>,
    /// What these four say together; of a time that is no date, its seconds.
    pub measured: Option<Arc<Scale>>,
    /// How much of it there is, which, and whether, as it is written.
    pub words: WordRules,
    /// What that comes to with the names of the header.
    pub spoken: Option<Arc<Words>>,
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
            written: self.written(),
            integer: self.as_name().and_then(AsName::integer),
            words: self.spoken.clone(),
        }
    }

    /// The integer that an array of bytes is.
    pub(super) fn as_name(&self) -> Option<AsName> {
        match self.words.form {
            Some(FormName::Integer(name)) => Some(name),
            _ => None,
        }
    }

    /// The first key that says what a number measures.
    pub(super) fn measure_key(&self) -> Option<&'static str> {
        let keys = [
            ("scale", self.scale.is_some()),
            ("offset", self.offset.is_some()),
            ("none", !self.none.is_empty()),
            ("unit", self.unit.is_some()),
        ];
        keys.into_iter().find(|it| it.1).map(|it| it.0)
    }

    /// Whether a number says that there is no value.
    #[expect(clippy::cast_precision_loss, reason = "compared with what was cast alike")]
    pub(crate) fn is_none(&self, number: f64) -> bool {
        let none = self.measured.as_ref().map_or(&[][..], |it| it.none());
        none.iter().any(|it| *it as f64 == number)
    }

    /// The numbers of the field that make sense: the range is one of values.
    pub(crate) fn raw_range(&self) -> Option<RangeInclusive<f64>> {
        let range = self.range.as_ref()?;
        Some(self.measured.as_ref().map_or_else(|| range.clone(), |it| it.raw_range(range)))
    }

    /// How its numbers are written; the width of the field is not known here.
    fn written(&self) -> Option<Notation> {
        let flags = self.flag_names.clone();
        let flags = flags.map(|flags| Notation::Flags { flags, width: u64::BITS });
        let measured = || self.measured.clone().map(Notation::Scale);
        flags.or_else(measured).or_else(|| self.date())
    }
}

/// Of what a field counts the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterScope {
    /// Of a sender, to whomever it sends.
    Sender,
    /// Of a sender in one conversation.
    Flow,
}

/// `counter = true`, or of what.
struct Counter(Option<CounterScope>);

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scope;
        impl Visitor<'_> for Scope {
            type Value = Counter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, \"sender\" or \"flow\"")
            }

            fn visit_bool<E>(self, is_counter: bool) -> Result<Counter, E> {
                Ok(Counter(is_counter.then_some(CounterScope::Sender)))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Counter, E> {
                match name {
                    "sender" => Ok(Counter(Some(CounterScope::Sender))),
                    "flow" => Ok(Counter(Some(CounterScope::Flow))),
                    _ => Err(E::invalid_value(de::Unexpected::Str(name), &self)),
                }
            }
        }
        deserializer.deserialize_any(Scope)
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

/// What a key of a field says.
#[derive(Clone, Copy)]
enum FieldKey {
    Range,
    ByteOrder,
    Text,
    Counter,
    Time,
    Epoch,
    Echo,
    Pairs,
    Checksum,
    Over,
    Extra,
    Seed,
    Show,
    Enum,
    Flags,
    Scale,
    Offset,
    Unit,
    None,
    Word(WordKey),
}

/// A key that says how much of a field there is, which, or whether.
#[derive(Clone, Copy)]
enum WordKey {
    Count,
    Bytes,
    Until,
    While,
    Zeros,
    Protocol,
    Length,
    Present,
    Tag,
    Cases,
    As,
    Type,
    Counts,
    LengthUnit,
    Pad,
    End,
    Single,
}

/// Every key of a field's table. What is none of them names a field within it.
const KEYS: [(&str, FieldKey); 36] = [
    ("range", FieldKey::Range),
    ("byte_order", FieldKey::ByteOrder),
    ("text", FieldKey::Text),
    ("counter", FieldKey::Counter),
    ("time", FieldKey::Time),
    ("epoch", FieldKey::Epoch),
    ("echo", FieldKey::Echo),
    ("pairs", FieldKey::Pairs),
    ("checksum", FieldKey::Checksum),
    ("over", FieldKey::Over),
    ("extra", FieldKey::Extra),
    ("seed", FieldKey::Seed),
    ("show", FieldKey::Show),
    ("enum", FieldKey::Enum),
    ("flags", FieldKey::Flags),
    ("scale", FieldKey::Scale),
    ("offset", FieldKey::Offset),
    ("unit", FieldKey::Unit),
    ("none", FieldKey::None),
    ("count", FieldKey::Word(WordKey::Count)),
    ("bytes", FieldKey::Word(WordKey::Bytes)),
    ("until", FieldKey::Word(WordKey::Until)),
    ("while", FieldKey::Word(WordKey::While)),
    ("zeros", FieldKey::Word(WordKey::Zeros)),
    ("protocol", FieldKey::Word(WordKey::Protocol)),
    ("length", FieldKey::Word(WordKey::Length)),
    ("present", FieldKey::Word(WordKey::Present)),
    ("tag", FieldKey::Word(WordKey::Tag)),
    ("cases", FieldKey::Word(WordKey::Cases)),
    ("as", FieldKey::Word(WordKey::As)),
    ("type", FieldKey::Word(WordKey::Type)),
    ("counts", FieldKey::Word(WordKey::Counts)),
    ("length_unit", FieldKey::Word(WordKey::LengthUnit)),
    ("pad", FieldKey::Word(WordKey::Pad)),
    ("end", FieldKey::Word(WordKey::End)),
    ("single", FieldKey::Word(WordKey::Single)),
];

impl FieldKey {
    fn of(name: &str) -> Option<Self> {
        KEYS.into_iter().find(|it| it.0 == name).map(|it| it.1)
    }
}

/// The names of all keys of a field's table.
pub(super) fn field_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().map(|it| it.0)
}

/// `[protocol.fields]`, as it is written.
#[derive(Clone, Debug, Default)]
pub struct FieldEntries {
    /// Rules per path, such as `point.x`, and where each path is first named, bytes.
    pub rules: BTreeMap<String, (FieldRules, usize)>,
    /// What is neither a key nor the table of a field within: its path, and where it stands, bytes.
    pub unknown: Vec<(String, usize)>,
}

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
    /// Those of one table, which has no name.
    pub(super) fn of_field(table: FieldTable) -> Self {
        let mut entries = Self::default();
        entries.add("", 0, table);
        entries
    }

    fn add(&mut self, path: &str, offset: usize, table: FieldTable) {
        // Where a name holds what is no field, that name is looked at first: it may be no field itself.
        let has_fields_only = table.nested.iter().all(|it| matches!(it.1, Nested::Field(_)));
        if table.rules != FieldRules::default() || table.nested.is_empty() || !has_fields_only {
            self.rules.insert(path.to_owned(), (table.rules, offset));
        }
        for (name, nested) in table.nested {
            let (path, offset) = (format!("{path}.{}", name.get_ref()), name.span().start);
            match nested {
                Nested::Field(table) => self.add(&path, offset, *table),
                Nested::Other => self.unknown.push((path, offset)),
            }
        }
    }
}

/// One table under `[protocol.fields]`: the rules of a field, and what is under other names.
#[derive(Default)]
pub(super) struct FieldTable {
    rules: FieldRules,
    nested: Vec<(Spanned<String>, Nested)>,
}

/// What stands under a name that is no key.
enum Nested {
    /// The table of a field within.
    Field(Box<FieldTable>),
    /// A value: whoever wrote it meant a key.
    Other,
}

impl<'de> Deserialize<'de> for FieldTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = FieldTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the table of a field, such as { range = [0, 100] }")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldTable, A::Error> {
                FieldTable::read(map)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl FieldTable {
    fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut table = Self::default();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let rules = &mut table.rules;
            match FieldKey::of(key.get_ref()) {
                Some(FieldKey::Range) => rules.range = Some(range(map.next_value()?)?),
                Some(FieldKey::ByteOrder) => rules.byte_order = Some(map.next_value()?),
                Some(FieldKey::Text) => rules.text = Some(map.next_value()?),
                Some(FieldKey::Counter) => {
                    let Counter(scope) = map.next_value()?;
                    rules.counter = scope;
                }
                Some(FieldKey::Time) => map.next_value::<TimeName>()?.apply(rules),
                Some(FieldKey::Epoch) => rules.epoch = Some(map.next_value()?),
                Some(FieldKey::Echo) => rules.echo = map.next_value()?,
                Some(FieldKey::Pairs) => rules.pairs = Some(map.next_value()?),
                Some(FieldKey::Checksum) => {
                    let AlgorithmName(algorithm) = map.next_value()?;
                    rules.checksum.algorithm = Some(algorithm);
                }
                Some(FieldKey::Over) => {
                    let Ranges(over) = map.next_value()?;
                    rules.checksum.over = over;
                }
                Some(FieldKey::Extra) => {
                    let Extra(extra) = map.next_value()?;
                    rules.checksum.extra = extra;
                }
                Some(FieldKey::Seed) => rules.checksum.seed = Some(map.next_value()?),
                Some(FieldKey::Show) => rules.show = Some(map.next_value()?),
                Some(FieldKey::Enum) => rules.names = Some(map.next_value()?),
                Some(FieldKey::Flags) => rules.flags = Some(map.next_value()?),
                Some(FieldKey::Scale) => rules.scale = Some(scale::factor(map.next_value()?)?),
                Some(FieldKey::Offset) => rules.offset = Some(scale::offset(map.next_value()?)?),
                Some(FieldKey::Unit) => rules.unit = Some(scale::unit(map.next_value()?)?),
                Some(FieldKey::None) => rules.none = map.next_value::<scale::None>()?.0,
                Some(FieldKey::Word(WordKey::Cases)) => {
                    rules.words.cases = map.next_value::<CaseRules>()?.0;
                }
                Some(FieldKey::Word(word)) => match map.next_value::<WordOrField>()? {
                    // A field may be called as a word is: what is a table speaks of it.
                    WordOrField::Field(field) => table.nested.push((key, Nested::Field(field))),
                    WordOrField::Word(value) => word.read(value, &mut rules.words)?,
                },
                None => table.nested.push((key, map.next_value()?)),
            }
        }
        Ok(table)
    }
}

/// What stands under a name that is a word, and may be a field.
enum WordOrField {
    Word(WordValue),
    Field(Box<FieldTable>),
}

/// The value of a word.
enum WordValue {
    Number(Number),
    List(Vec<Number>),
    Truth(bool),
}

impl WordKey {
    fn read<E: de::Error>(self, value: WordValue, words: &mut WordRules) -> Result<(), E> {
        let unfit = |expected: &str| Err(E::custom(format!("expected {expected}")));
        match (self, value) {
            (Self::Count, WordValue::Number(it)) => words.count = Some(it),
            (Self::Bytes, WordValue::Number(it)) => words.bytes = Some(it),
            (Self::Until, WordValue::Number(it)) => words.until = Some(it),
            (Self::While, WordValue::Number(it)) => words.goes_on = Some(it),
            (Self::Zeros, WordValue::Truth(it)) => words.zeros = it,
            (Self::Length, WordValue::Number(it)) => words.length = Some(it),
            (Self::Present, WordValue::Number(it)) => words.present = Some(it),
            (Self::Tag, WordValue::Number(it)) => words.tags = vec![it],
            (Self::Tag, WordValue::List(it)) => words.tags = it,
            (Self::Type, WordValue::Number(Number::Integer(it))) => words.type_len = Some(it),
            (Self::LengthUnit, WordValue::Number(Number::Integer(it))) => {
                words.length_unit = Some(it);
            }
            (Self::Pad, WordValue::Number(Number::Integer(it))) => words.pad = Some(it),
            (Self::End, WordValue::Number(it)) => words.end = Some(it),
            (Self::Single, WordValue::Number(it)) => words.single = vec![it],
            (Self::Single, WordValue::List(it)) => words.single = it,
            (Self::As, WordValue::Number(Number::Text(name))) => {
                words.form = Some(named(&name, &FORMS)?);
            }
            (Self::Counts, WordValue::Number(Number::Text(name))) => {
                words.counts = Some(named(&name, &COUNTS)?);
            }
            (Self::Protocol, WordValue::Number(Number::Text(name))) => words.protocol = Some(name),
            (Self::Protocol, _) => return unfit("the name of a protocol"),
            (Self::Zeros, _) => return unfit("true or false"),
            (Self::As | Self::Counts, _) => return unfit("a word in quotes"),
            (Self::Type | Self::LengthUnit | Self::Pad, _) => return unfit("a number of bytes"),
            _ => return unfit("a whole number, or an expression such as \"len - 8\""),
        }
        Ok(())
    }
}

const FORMS: [(&str, FormName); 11] = [
    ("tlv", FormName::Tlv),
    ("lv", FormName::Lv),
    ("varint", FormName::Varint),
    ("u24", FormName::Integer(AsName::U24)),
    ("u40", FormName::Integer(AsName::U40)),
    ("u48", FormName::Integer(AsName::U48)),
    ("u56", FormName::Integer(AsName::U56)),
    ("i24", FormName::Integer(AsName::I24)),
    ("i40", FormName::Integer(AsName::I40)),
    ("i48", FormName::Integer(AsName::I48)),
    ("i56", FormName::Integer(AsName::I56)),
];

const COUNTS: [(&str, CountsName); 2] = [("value", CountsName::Value), ("all", CountsName::All)];

fn named<T: Copy, E: de::Error>(name: &str, known: &[(&str, T)]) -> Result<T, E> {
    let found = known.iter().find(|it| it.0 == name).map(|it| it.1);
    found.ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|it| it.0).collect();
        let hint = nearest(name, names.iter().copied());
        let hint = hint.map_or_else(String::new, |it| format!(", did you mean \"{it}\"?"));
        E::custom(format!("\"{name}\" is none of {}{hint}", names.join(", ")))
    })
}

impl<'de> Deserialize<'de> for WordOrField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = WordOrField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or an expression such as \"len - 8\"")
            }

            fn visit_bool<E>(self, value: bool) -> Result<WordOrField, E> {
                Ok(WordOrField::Word(WordValue::Truth(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<WordOrField, E> {
                Ok(WordOrField::Word(WordValue::Number(Number::Integer(value))))
            }

            fn visit_str<E>(self, text: &str) -> Result<WordOrField, E> {
                Ok(WordOrField::Word(WordValue::Number(Number::Text(text.to_owned()))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<WordOrField, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = list.next_element()? {
                    numbers.push(number);
                }
                Ok(WordOrField::Word(WordValue::List(numbers)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WordOrField, A::Error> {
                FieldTable::read(map).map(Box::new).map(WordOrField::Field)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// `cases`, in the order in which they are written.
struct CaseRules(Vec<(String, CaseRule)>);

impl<'de> Deserialize<'de> for CaseRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = CaseRules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of cases, such as { 1 = \"path_st\" }")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CaseRules, A::Error> {
                let mut cases = Vec::new();
                while let Some(case) = map.next_entry()? {
                    cases.push(case);
                }
                Ok(CaseRules(cases))
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Nested;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Nested, E> {
                Ok(Nested::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Nested, E> {
                Ok(Nested::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Nested, E> {
                Ok(Nested::Other)
            }

            fn visit_str<E>(self, _: &str) -> Result<Nested, E> {
                Ok(Nested::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Nested, A::Error> {
                IgnoredAny.visit_seq(list).map(|_| Nested::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Nested, A::Error> {
                FieldTable::read(map).map(|it| Nested::Field(Box::new(it)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn range<E: de::Error>([low, high]: [f64; 2]) -> Result<RangeInclusive<f64>, E> {
    if low <= high {
        return Ok(low..=high);
    }
    Err(E::custom(format!("range [{low}, {high}] is empty: the lower limit stands first")))
}
