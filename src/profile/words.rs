//! Words that say how much of a field there is, which, and whether, as a profile has them; and what they
//! come to with the names of a header.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use super::as_name::AsName;
use super::flags::FlagsRule;
use super::headers::Headers;
use super::meaning::{check_together, measured};
use super::{FieldRules, MAX_TAGS, ProfileError};
use crate::schema::{
    Abi, Amount, BytesForm, Choice, ChoiceCase, ChoiceTarget, ElementForm, Expression, Flags,
    Operand, Words, nearest,
};

/// Any value of a tag.
pub(super) const ANY: RangeInclusive<i128> = i128::MIN..=i128::MAX;

/// A number, or what gives one.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// As it stands.
    Integer(i64),
    /// An expression, or a word.
    Text(String),
}

/// What a profile says of how much of a field there is, which, and whether; as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordRules {
    /// `count`: elements.
    pub count: Option<Number>,
    /// `bytes`.
    pub bytes: Option<Number>,
    /// `until`: `"end"`, a value, or what holds for the last.
    pub until: Option<Number>,
    /// `while`: what holds before each element.
    pub goes_on: Option<Number>,
    /// `zeros`: what is missing at the end reads as zeros.
    pub zeros: bool,
    /// `protocol`: what its bytes are a message of.
    pub protocol: Option<String>,
    /// `length`: bytes of each record; of a list of type, length and value those of the length.
    pub length: Option<Number>,
    /// `present`.
    pub present: Option<Number>,
    /// `tag`.
    pub tags: Vec<Number>,
    /// `cases`.
    pub cases: Vec<(String, CaseRule)>,
    /// `as`.
    pub form: Option<FormName>,
    /// `type`: bytes.
    pub type_len: Option<i64>,
    /// `counts`: what a length counts.
    pub counts: Option<CountsName>,
    /// `length_unit`: bytes.
    pub length_unit: Option<i64>,
    /// `pad`: bytes.
    pub pad: Option<i64>,
    /// `end`: the last type.
    pub end: Option<Number>,
    /// `single`: types without length.
    pub single: Vec<Number>,
}

/// What a case names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRule {
    /// A member, a struct, `none` or `bytes`.
    pub is: String,
    /// It holds only where this is not zero.
    pub when: Option<String>,
}

/// What an array of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormName {
    /// A list of type, length and value.
    Tlv,
    /// A list of length and value.
    Lv,
    /// An integer in groups of seven bits.
    Varint,
    /// An integer of a size that C has none of.
    Integer(AsName),
}

/// What the length of a list of type, length and value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountsName {
    /// The value alone.
    Value,
    /// Type and length too.
    All,
}

/// What names and numbers stand for.
#[derive(Clone, Copy)]
pub(super) struct Names<'h> {
    pub headers: &'h Headers,
    pub schema: usize,
    pub abi: Abi,
}

impl Names<'_> {
    /// With what the header has for the names in the rules of a field.
    pub fn complete(&self, rules: FieldRules) -> Result<FieldRules, ProfileError> {
        check_together(&rules)?;
        if rules.checksum.is_without_algorithm() {
            return Err(ProfileError::Combination(
                "`over`, `extra` and `seed` say more of a sum: add `checksum`",
            ));
        }
        let spoken = self.words(&rules.words)?.map(Arc::new);
        let named = rules.names.as_deref();
        let enumeration = named.map(|it| self.headers.enumeration(self.schema, it)).transpose()?;
        let flag_names = rules.flags.as_ref().map(|it| self.flags(it)).transpose()?;
        let measured = measured(&rules)?;
        Ok(FieldRules { enumeration, spoken, flag_names, measured, ..rules })
    }

    /// The names of bits that a profile means.
    fn flags(&self, rule: &FlagsRule) -> Result<Arc<Flags>, ProfileError> {
        match rule {
            FlagsRule::Named(flags) => Ok(Arc::new(flags.clone())),
            FlagsRule::Pattern(pattern) => {
                let names = self.headers.enumeration(self.schema, pattern)?;
                let flags = Flags::of_names(&names);
                flags.map(Arc::new).map_err(|(name, value)| ProfileError::Mask { name, value })
            }
        }
    }

    /// An expression, with what the header has for its names.
    pub fn expression(&self, number: &Number) -> Result<Expression, ProfileError> {
        let text = match number {
            Number::Integer(value) => return Ok(Expression::Number((*value).into())),
            Number::Text(text) => text,
        };
        let parsed: Expression = text.parse()?;
        parsed.try_map(&mut |name| {
            Ok(Expression::Name(match name {
                Operand::Path { path, .. } => Operand::Path {
                    path: path.clone(),
                    constant: self.headers.constant(self.schema, path),
                },
                Operand::SizeOf { of, .. } => Operand::SizeOf {
                    of: of.clone(),
                    size: self.headers.size(self.schema, of, self.abi).map(Into::into),
                },
            }))
        })
    }

    /// A number, decimal or hexadecimal, or the name of one.
    pub fn value(&self, key: &str) -> Result<i128, ProfileError> {
        let key = key.trim();
        let (sign, digits) = key.strip_prefix('-').map_or((1, key), |it| (-1, it));
        let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(digits) => i128::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        };
        let number = number.and_then(|it: i128| it.checked_mul(sign));
        number.or_else(|| self.headers.constant(self.schema, key)).ok_or_else(|| {
            let nearest = nearest(key, self.headers.constants(self.schema));
            ProfileError::CaseValue { key: key.to_owned(), nearest }
        })
    }

    /// The values of each of so many tags that a key means; `None` where it is `default`.
    pub fn case_values(
        &self,
        key: &str,
        tags: usize,
    ) -> Result<Option<Vec<RangeInclusive<i128>>>, ProfileError> {
        if key == "default" {
            return Ok(None);
        }
        let values =
            key.split(',').map(|it| self.range(it.trim())).collect::<Result<Vec<_>, _>>()?;
        match values.len() == tags {
            true => Ok(Some(values)),
            false => Err(ProfileError::CaseTags { key: key.to_owned(), tags }),
        }
    }

    fn range(&self, key: &str) -> Result<RangeInclusive<i128>, ProfileError> {
        if key == "*" {
            return Ok(ANY);
        }
        let Some((low, high)) = key.split_once("..") else {
            let value = self.value(key)?;
            return Ok(value..=value);
        };
        let (low, high) = (self.value(low)?, self.value(high.strip_prefix('=').unwrap_or(high))?);
        match low <= high {
            true => Ok(low..=high),
            false => Err(ProfileError::CaseRange { key: key.to_owned() }),
        }
    }

    /// What is said of a field; `None` where nothing is.
    pub fn words(&self, rules: &WordRules) -> Result<Option<Words>, ProfileError> {
        if *rules == WordRules::default() {
            return Ok(None);
        }
        // What its bytes are a message of says nothing of how many they are.
        if *rules == (WordRules { protocol: rules.protocol.clone(), ..WordRules::default() }) {
            return Ok(None);
        }
        let form = self.form(rules)?;
        let is_list = matches!(form, Some(BytesForm::List(_)));
        let of = |it: &Option<Number>| it.as_ref().map(|it| self.expression(it)).transpose();
        let until = match &rules.until {
            None => None,
            Some(Number::Integer(value)) => Some(Amount::Value((*value).into())),
            Some(Number::Text(text)) if text == "end" => Some(Amount::End),
            Some(until) => Some(Amount::Until(self.expression(until)?)),
        };
        let count = of(&rules.count)?.map(Amount::Count);
        let bytes = of(&rules.bytes)?.map(Amount::Bytes);
        let goes_on = of(&rules.goes_on)?.map(Amount::While);
        let mut amounts = [count, bytes, until, goes_on].into_iter().flatten();
        let amount = amounts.next();
        if amounts.next().is_some() {
            return Err(ProfileError::Combination(
                "`count`, `bytes`, `until` and `while` each say how much there is: leave one",
            ));
        }
        let pad = if is_list { 1 } else { positive("pad", rules.pad)? };
        let length = if is_list { None } else { of(&rules.length)? };
        let choice = self.choice(rules, is_list)?;
        let (present, zeros) = (of(&rules.present)?, rules.zeros);
        Ok(Some(Words { amount, length, present, choice, form, pad, zeros }))
    }

    fn choice(&self, rules: &WordRules, is_list: bool) -> Result<Option<Choice>, ProfileError> {
        let tags =
            rules.tags.iter().map(|it| self.expression(it)).collect::<Result<Vec<_>, _>>()?;
        let problem = match (tags.len(), rules.cases.is_empty(), is_list) {
            (0, true, _) => return Ok(None),
            (1.., _, true) => "of a list the type chooses: leave out `tag`",
            (0, false, false) => "cases go by the value of a field: add `tag`",
            (1.., true, _) => "a tag chooses among cases: add `cases`",
            (tags, ..) if tags > MAX_TAGS => "at most four tags are looked at together",
            _ => {
                let of = if is_list { 1 } else { tags.len() };
                return Ok(Some(Choice { tags, cases: self.cases(&rules.cases, of)? }));
            }
        };
        Err(ProfileError::Combination(problem))
    }

    fn cases(
        &self,
        cases: &[(String, CaseRule)],
        tags: usize,
    ) -> Result<Vec<ChoiceCase>, ProfileError> {
        let (mut found, mut last) = (Vec::new(), Vec::new());
        for (key, case) in cases {
            let when = case.when.as_ref().map(|it| self.expression(&Number::Text(it.clone())));
            let (when, is) = (when.transpose()?, self.target(&case.is)?);
            match self.case_values(key, tags)? {
                Some(values) => found.push(ChoiceCase { values, when, is }),
                None => last.push(ChoiceCase { values: vec![ANY; tags], when, is }),
            }
        }
        found.extend(last);
        Ok(found)
    }

    fn target(&self, name: &str) -> Result<ChoiceTarget, ProfileError> {
        Ok(match name {
            "none" => ChoiceTarget::Nothing,
            "bytes" => ChoiceTarget::Bytes,
            name => match self.headers.record_layout(self.schema, name, self.abi)? {
                Some(layout) => ChoiceTarget::Record(name.to_owned(), Arc::new(layout)),
                None => {
                    let like = self.headers.record_like(self.schema, name);
                    ChoiceTarget::Member { name: name.to_owned(), like }
                }
            },
        })
    }

    fn form(&self, rules: &WordRules) -> Result<Option<BytesForm>, ProfileError> {
        let list_only = [
            rules.type_len.is_some(),
            rules.counts.is_some(),
            rules.length_unit.is_some(),
            rules.end.is_some(),
            !rules.single.is_empty(),
        ];
        let is_list = matches!(rules.form, Some(FormName::Tlv | FormName::Lv));
        if list_only.contains(&true) && !is_list {
            return Err(ProfileError::Combination(
                "`type`, `counts`, `length_unit`, `end` and `single` speak of a list: add `as = \"tlv\"`",
            ));
        }
        let tag = match rules.form {
            None | Some(FormName::Integer(_)) => return Ok(None),
            Some(FormName::Varint) => return Ok(Some(BytesForm::Varint)),
            Some(FormName::Tlv) => Some(width("type", rules.type_len)?),
            Some(FormName::Lv) => None,
        };
        let length = match &rules.length {
            None => None,
            Some(Number::Integer(len)) => Some(*len),
            Some(Number::Text(_)) => Some(0),
        };
        let value = |it: &Number| match it {
            Number::Integer(value) => Ok((*value).into()),
            Number::Text(name) => self.value(name),
        };
        Ok(Some(BytesForm::List(ElementForm {
            tag,
            length: width("length", length)?,
            counts_all: rules.counts == Some(CountsName::All),
            unit: positive("length_unit", rules.length_unit)?,
            pad: positive("pad", rules.pad)?,
            end: rules.end.as_ref().map(value).transpose()?,
            single: rules.single.iter().map(value).collect::<Result<_, _>>()?,
        })))
    }
}

/// Bytes of an integer.
fn width(key: &'static str, len: Option<i64>) -> Result<u64, ProfileError> {
    match len.unwrap_or(1) {
        len @ 1..=8 => Ok(len.unsigned_abs()),
        _ => Err(ProfileError::Width { key, low: 1, high: 8 }),
    }
}

fn positive(key: &'static str, len: Option<i64>) -> Result<u64, ProfileError> {
    match len.unwrap_or(1) {
        len @ 1..=255 => Ok(len.unsigned_abs()),
        _ => Err(ProfileError::Width { key, low: 1, high: 255 }),
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Number;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or an expression such as \"len - 8\"")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Integer(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                Ok(Number::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// One, or several in a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers(pub Vec<Number>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Numbers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an expression such as \"type & 0x0f\", or a list of such")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Numbers, E> {
                Ok(Numbers(vec![Number::Integer(value)]))
            }

            fn visit_str<E>(self, text: &str) -> Result<Numbers, E> {
                Ok(Numbers(vec![Number::Text(text.to_owned())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = list.next_element()? {
                    numbers.push(number);
                }
                match numbers.len() {
                    1..=MAX_TAGS => Ok(Numbers(numbers)),
                    _ => Err(de::Error::custom("one to four are looked at together")),
                }
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for CaseRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = CaseRule;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a member or a struct, or { is = \"…\", when = \"…\" }")
            }

            fn visit_str<E>(self, text: &str) -> Result<CaseRule, E> {
                Ok(CaseRule { is: text.to_owned(), when: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CaseRule, A::Error> {
                let (mut is, mut when) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "is" => is = Some(map.next_value()?),
                        "when" => when = Some(map.next_value()?),
                        _ => return Err(de::Error::unknown_field(&key, &["is", "when"])),
                    }
                }
                let is = is.ok_or_else(|| de::Error::missing_field("is"))?;
                Ok(CaseRule { is, when })
            }
        }
        deserializer.deserialize_any(Any)
    }
}
