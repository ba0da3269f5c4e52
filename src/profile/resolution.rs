//! One `[[protocol]]` to a [`Protocol`]: every name in it is looked up, so that a misspelt one is
//! an error with its line, and not a field that never appears.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::headers::Message;
use super::line::ProfileLine;
use super::source::Source;
use super::{
    Case, FieldRules, Format, ProfileError, Protocol, ProtocolEntry, Protocols, ShowName, in_scope,
};
use crate::schema::{Abi, Part, PartKind, Reading, Repeat, ResolvedLayout, Role, Show, nearest};

impl Protocols {
    /// What an entry describes; `place` turns a byte of the profile into a line.
    pub(super) fn protocol_of(
        &mut self,
        entry: &ProtocolEntry,
        source: Source<'_>,
        place: impl Fn(usize) -> ProfileLine,
    ) -> Result<Protocol, ProfileError> {
        let at = |value: &Spanned<String>| {
            let place = place(value.span().start);
            move |error: ProfileError| error.at(place)
        };
        let schema =
            self.headers.load(source, entry.header.get_ref()).map_err(at(&entry.header))?;
        let abi = match &entry.abi {
            Some(name) => {
                let abi = name.get_ref().parse::<Abi>().map_err(|it| at(name)(it.into()))?;
                self.headers.check_abi(schema, Some(abi)).map_err(at(name))?;
                Some(abi)
            }
            None => None,
        };
        let abi = self.abi(schema, abi);
        let name = entry.message.get_ref();
        let message = self.headers.message(schema, name).map_err(at(&entry.message))?;
        let order = self.order(entry.byte_order, abi);
        let host = abi.byte_order();
        let fields = self.field_rules(entry, schema, &place)?;
        let rules = |path: &str| fields.get(path).map(|rules| rules.reading(host));
        let of = |path: &str| rules(path).unwrap_or_default();
        let reading = Reading { order, host, of: &of };
        let format = message.format(&self.headers, abi, &reading).map_err(at(&entry.message))?;
        let (message, format) = (&message, &format);
        let parts = Parts { protocols: self, schema, message, format, abi, reading: &reading };
        let cases = parts.cases(entry, &at)?;
        parts.check_paths(entry, &fields, &cases, &at, &place)?;
        Ok(Protocol {
            name: entry.name.get_ref().clone(),
            message: message.name.clone(),
            order,
            abi,
            max_len: entry.max_len,
            tag: entry.tag.as_ref().map(|it| it.get_ref().clone()),
            cases,
            length: entry.length.as_ref().map(|it| it.get_ref().clone()),
            fields,
            declared: Some(message.declared),
            format: format.clone(),
        })
    }

    /// What is said of each field, with the names that the header has for values.
    fn field_rules(
        &self,
        entry: &ProtocolEntry,
        schema: usize,
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<BTreeMap<String, FieldRules>, ProfileError> {
        let rules = entry.fields.rules.iter().map(|(path, (rules, offset))| {
            let at = |error: ProfileError| error.at(place(*offset));
            if rules.show.is_some() && rules.names.is_some() {
                return Err(at(ProfileError::Combination(
                    "`enum` writes a number by its name: leave out `show`",
                )));
            }
            if rules.checksum.is_without_algorithm() {
                return Err(at(ProfileError::Combination(
                    "`over`, `extra` and `seed` say more of a sum: add `checksum`",
                )));
            }
            let names = rules.names.as_deref();
            let names = names.map(|it| self.headers.enumeration(schema, it)).transpose();
            let enumeration = names.map_err(at)?;
            Ok((path.clone(), FieldRules { enumeration, ..rules.clone() }))
        });
        rules.collect()
    }
}

/// Whether a field is written as the profile says.
fn check_shown(rules: &FieldRules, path: &str, part: &Part) -> Result<(), ProfileError> {
    let role = match &part.kind {
        PartKind::Integer { role, .. } => Some(role),
        PartKind::Bits(bits) => Some(&bits.role),
        _ => None,
    };
    let unfit =
        |key: String, goes_with| Err(ProfileError::Unfit { key, goes_with, path: path.to_owned() });
    if let (Some(names), false) = (&rules.names, matches!(role, Some(Role::Enum(_)))) {
        return unfit(format!("enum = \"{names}\""), "an integer");
    }
    let Some(ShowName(show)) = rules.show else { return Ok(()) };
    let fits = match show {
        Show::Raw => true,
        Show::Dec => role.is_some(),
        Show::Hex => role.is_some() || part.characters() == Some(false),
        _ => part.notation.is_some(),
    };
    let known = Show::ALL.iter().find(|it| it.0 == show);
    match known.filter(|_| !fits) {
        Some((_, name, goes_with)) => unfit(format!("show = \"{name}\""), goes_with),
        None => Ok(()),
    }
}

/// Whether a field can hold the sum that the profile says it is.
fn check_sum(rules: &FieldRules, path: &str, part: &Part) -> Result<(), ProfileError> {
    let Some(algorithm) = rules.checksum.algorithm else { return Ok(()) };
    let is_number = match part.kind {
        PartKind::Integer { .. } => true,
        PartKind::Characters { text, .. } => !text && matches!(part.repeat, Repeat::Times { .. }),
        _ => false,
    };
    if is_number && (algorithm.bytes()..=8).contains(&part.len) {
        return Ok(());
    }
    Err(ProfileError::Unfit {
        key: format!("checksum = \"{}\"", algorithm.name),
        goes_with: match algorithm.bytes() {
            0 | 1 => "an integer or an array of 1 to 8 bytes",
            2 => "an integer or an array of 2 to 8 bytes",
            3 => "an integer or an array of 3 to 8 bytes",
            4 => "an integer or an array of 4 to 8 bytes",
            5 => "an integer or an array of 5 to 8 bytes",
            _ => "an integer or an array of 8 bytes",
        },
        path: path.to_owned(),
    })
}

/// What the names of an entry are looked up in.
struct Parts<'a> {
    protocols: &'a Protocols,
    schema: usize,
    message: &'a Message,
    format: &'a Format,
    abi: Abi,
    reading: &'a Reading<'a>,
}

impl Parts<'_> {
    fn cases<F: FnOnce(ProfileError) -> ProfileError>(
        &self,
        entry: &ProtocolEntry,
        at: &impl Fn(&Spanned<String>) -> F,
    ) -> Result<Vec<Case>, ProfileError> {
        let mut cases: Vec<Case> = Vec::new();
        for (key, name) in &entry.cases {
            let value = self.case_value(key.get_ref()).map_err(at(key))?;
            if cases.iter().any(|it| it.value == value) {
                let name = key.get_ref().clone();
                return Err(at(key)(ProfileError::Duplicate { what: "case", name }));
            }
            let layout = self.case_layout(name.get_ref()).map_err(at(name))?;
            cases.push(Case { value, name: name.get_ref().clone(), layout });
        }
        match (&entry.tag, cases.is_empty()) {
            (Some(tag), true) => {
                Err(at(tag)(ProfileError::Combination("a tag chooses among cases: add `cases`")))
            }
            (None, false) => Err(at(&entry.name)(ProfileError::Combination(
                "cases go by the value of a field: add `tag`",
            ))),
            _ => Ok(cases),
        }
    }

    /// A number, decimal or hexadecimal, or the name of one.
    fn case_value(&self, key: &str) -> Result<i128, ProfileError> {
        let number = match key.strip_prefix("0x").or_else(|| key.strip_prefix("0X")) {
            Some(digits) => i128::from_str_radix(digits, 16).ok(),
            None => key.parse().ok(),
        };
        number.or_else(|| self.protocols.headers.constant(self.schema, key)).ok_or_else(|| {
            ProfileError::CaseValue {
                key: key.to_owned(),
                nearest: nearest(key, self.protocols.headers.constants(self.schema)),
            }
        })
    }

    /// `None` for a member of a union in the message, which comes before a struct of that name.
    fn case_layout(&self, name: &str) -> Result<Option<Arc<ResolvedLayout>>, ProfileError> {
        let layout = self.layout()?;
        if has_case(layout, name) {
            return Ok(None);
        }
        let headers = &self.protocols.headers;
        let message = headers.message(self.schema, name);
        match message.and_then(|it| it.format(headers, self.abi, self.reading)) {
            Ok(Format::Record(layout)) => Ok(Some(layout)),
            Err(error @ ProfileError::Layout { .. }) => Err(error),
            _ => {
                let known = headers.names(self.schema);
                let known = known.iter().map(String::as_str).chain(union_members(layout));
                Err(ProfileError::UnknownCase {
                    message: self.message.name.clone(),
                    name: name.to_owned(),
                    nearest: nearest(name, known),
                })
            }
        }
    }

    /// Tag and length name fields of the message; rules for fields may also concern its cases.
    fn check_paths<F: FnOnce(ProfileError) -> ProfileError>(
        &self,
        entry: &ProtocolEntry,
        fields: &BTreeMap<String, FieldRules>,
        cases: &[Case],
        at: &impl Fn(&Spanned<String>) -> F,
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<(), ProfileError> {
        for path in entry.tag.iter().chain(&entry.length) {
            self.check_path(path.get_ref(), &[]).map_err(at(path))?;
        }
        let paths = entry.fields.rules.iter().filter_map(|(path, (_, offset))| {
            let rules = fields.get(path);
            self.check_field(path, rules, cases).err().map(|error| (*offset, error))
        });
        let keys = entry.fields.unknown.iter().map(|(path, offset)| {
            (*offset, ProfileError::unknown_key(path.rsplit('.').next().unwrap_or(path)))
        });
        // A wrong name is told before what stands under it.
        match paths.chain(keys).min_by_key(|it| it.0) {
            Some((offset, error)) => Err(error.at(place(offset))),
            None => Ok(()),
        }
    }

    /// What stands under a field that has none within it can only be meant as a key.
    fn check_field(
        &self,
        path: &str,
        rules: Option<&FieldRules>,
        cases: &[Case],
    ) -> Result<(), ProfileError> {
        let Some(layout) = self.format.layout() else {
            return self.check_conversion(path, rules);
        };
        let is_leaf = |path: &str| {
            let found = self.layouts(layout, cases).find_map(|it| Some((it, it.find(path)?.0)));
            found.is_some_and(|(it, id)| it.element(id).is_some_and(|it| it.1.record().is_none()))
        };
        self.check_path(path, cases).map_err(|error| match path.rsplit_once('.') {
            Some((field, key)) if is_leaf(field) => ProfileError::unknown_key(key),
            _ => error,
        })?;
        let parts = self.layouts(layout, cases).find_map(|it| it.element(it.find(path)?.0));
        let Some((rules, (_, part))) = rules.zip(parts) else { return Ok(()) };
        check_shown(rules, path, part)?;
        check_sum(rules, path, part)?;
        rules.checksum.names().try_for_each(|name| {
            let is_known = in_scope(path, name).any(|it| self.check_path(&it, cases).is_ok());
            if is_known { Ok(()) } else { self.check_path(name, cases) }
        })
    }

    /// The conversions of a text record have no names in C: they are `value`, or `value1`, `value2`.
    fn check_conversion(&self, path: &str, rules: Option<&FieldRules>) -> Result<(), ProfileError> {
        if rules.is_some_and(|it| it.pairs.is_some()) {
            let text = "a text record is paired with nothing: `pairs` goes with a struct";
            return Err(ProfileError::Combination(text));
        }
        if rules.is_some_and(|it| it.checksum.algorithm.is_some()) {
            let text = "a text record has no bytes to add up: `checksum` goes with a struct";
            return Err(ProfileError::Combination(text));
        }
        let number = path.strip_prefix("value");
        if number.is_some_and(|it| it.chars().all(|it| it.is_ascii_digit())) {
            return Ok(());
        }
        Err(match path.rsplit_once('.') {
            Some(("value", key)) => ProfileError::unknown_key(key),
            _ => self.unknown_field(path, ["value"]),
        })
    }

    fn check_path(&self, path: &str, cases: &[Case]) -> Result<(), ProfileError> {
        let layout = self.layout()?;
        if self.layouts(layout, cases).any(|it| it.find(path).is_some()) {
            return Ok(());
        }
        Err(self.unknown_field(path, self.layouts(layout, cases).flat_map(|it| it.paths())))
    }

    /// That of the message, and those of the structs that take its place.
    fn layouts<'l>(
        &self,
        layout: &'l Arc<ResolvedLayout>,
        cases: &'l [Case],
    ) -> impl Iterator<Item = &'l Arc<ResolvedLayout>> {
        [layout].into_iter().chain(cases.iter().filter_map(|it| it.layout.as_ref()))
    }

    fn unknown_field<'n>(
        &self,
        path: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> ProfileError {
        ProfileError::UnknownField {
            message: self.message.name.clone(),
            path: path.to_owned(),
            nearest: nearest(path, known),
        }
    }

    fn layout(&self) -> Result<&Arc<ResolvedLayout>, ProfileError> {
        let text = "a text record has no struct's fields: tag, cases and length do not go with it";
        self.format.layout().ok_or(ProfileError::Combination(text))
    }
}

/// Whether a union in the layout has a member of this name, or a member whose struct has it.
fn has_case(layout: &ResolvedLayout, name: &str) -> bool {
    layout.fields().any(|(id, part)| {
        let record = layout.element(id).and_then(|(_, it)| it.record());
        let is_named = part.name.as_deref() == Some(name);
        (is_named || part.name.is_some() && record == Some(name)) && is_in_union(layout, part)
    })
}

/// The names of what lies directly in a union.
fn union_members(layout: &ResolvedLayout) -> impl Iterator<Item = &str> {
    let parts = layout.fields().map(|it| it.1).filter(|it| is_in_union(layout, it));
    parts.filter_map(|it| it.name.as_deref())
}

/// Members of an anonymous record are members of what it is in.
fn is_in_union(layout: &ResolvedLayout, part: &Part) -> bool {
    match layout.part(part.parent) {
        Some(Part { kind: PartKind::Union(_), .. }) => true,
        Some(record) if record.record().is_some() && record.name.is_none() => {
            record.parent != part.parent && is_in_union(layout, record)
        }
        _ => false,
    }
}
