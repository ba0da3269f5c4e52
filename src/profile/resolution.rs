//! One `[[protocol]]` to a [`Protocol`]: every name in it is looked up, so that a misspelt one is
//! an error with its line, and not a field that never appears.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::headers::Message;
use super::line::ProfileLine;
use super::source::Source;
use super::{
    AsName, Case, Epoch, FieldRules, FlagsRule, Format, NtpTime, ProfileError, Protocol,
    ProtocolEntry, Protocols, ShowName,
};
use crate::schema::{
    Abi, Flag, Flags, Notation, Part, PartKind, Reading, ResolvedLayout, Role, Scale, Show,
    WholeBytes, nearest,
};

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
            check_together(rules).map_err(at)?;
            let names = rules.names.as_deref();
            let names = names.map(|it| self.headers.enumeration(schema, it)).transpose();
            let enumeration = names.map_err(at)?;
            let flags = rules.flags.as_ref().map(|it| self.flags(schema, it)).transpose();
            let flag_names = flags.map_err(at)?;
            let measured = measured(rules).map_err(at)?;
            let rules = FieldRules { enumeration, flag_names, measured, ..rules.clone() };
            Ok((path.clone(), rules))
        });
        rules.collect()
    }

    /// The names of bits that a profile means.
    fn flags(&self, schema: usize, rule: &FlagsRule) -> Result<Arc<Flags>, ProfileError> {
        match rule {
            FlagsRule::Named(flags) => Ok(Arc::new(flags.clone())),
            FlagsRule::Pattern(pattern) => {
                let names = self.headers.enumeration(schema, pattern)?;
                let flags = Flags::of_names(&names);
                flags.map(Arc::new).map_err(|(name, value)| ProfileError::Mask { name, value })
            }
        }
    }
}

/// What scale, offset, unit and numbers for no value say together.
fn measured(rules: &FieldRules) -> Result<Option<Arc<Scale>>, ProfileError> {
    let FieldRules { scale, offset, unit, none, .. } = rules;
    if rules.measure_key().is_none() {
        return Ok(rules.seconds().map(Arc::new));
    }
    let (scale, offset) = (scale.unwrap_or(1.0), offset.unwrap_or(0.0));
    match Scale::new(scale, offset, unit.clone(), none.clone()) {
        Some(scale) => Ok(Some(Arc::new(scale))),
        None => Err(ProfileError::Combination("`scale` and `offset` have too many digits")),
    }
}

/// Whether the keys of a field go with one another.
fn check_together(rules: &FieldRules) -> Result<(), ProfileError> {
    let wrong = |text| Err(ProfileError::Combination(text));
    let (names, flags) = (rules.names.is_some(), rules.flags.is_some());
    let measures = rules.measure_key().is_some();
    let shows_date = rules.show == Some(ShowName(Show::Time));
    match rules.show.is_some() {
        _ if rules.as_name.and_then(AsName::integer).is_some() && rules.text.is_some() => {
            wrong("what is an integer is no text: leave out `text`, or `as`")
        }
        _ if rules.epoch.is_some() && rules.ntp.is_some() => {
            wrong("`ntp64` and `ntp32` say themselves from when they count: leave out `epoch`")
        }
        _ if rules.epoch.is_some() && rules.time.is_none() => {
            wrong("`epoch` is from when a time counts: add `time`")
        }
        _ if rules.has_epoch() && (names || flags || measures) => wrong(
            "a time has no names, and no other unit: leave out `enum`, `flags`, `scale`, `offset`, `unit` and `none`",
        ),
        true if shows_date
            && (rules.epoch == Some(Epoch::Boot) || rules.ntp == Some(NtpTime::Short)) =>
        {
            wrong("a time since the start of the sender is no date: leave out `show`")
        }
        true if names => wrong("`enum` writes a number by its name: leave out `show`"),
        true if flags => wrong("`flags` write a number by the names of its bits: leave out `show`"),
        true if measures => wrong(
            "`scale`, `offset`, `unit` and `none` say how a number is written: leave out `show`",
        ),
        _ if names && flags => wrong("`enum` names values and `flags` bits: leave out one of them"),
        _ if measures && (names || flags) => wrong(
            "a number that has names is not measured: leave out `enum` and `flags`, or the others",
        ),
        _ => Ok(()),
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
    if let Some(name) = rules.as_name
        && let Some(WholeBytes { len, .. }) = name.integer()
        && !(matches!(part.kind, PartKind::Integer { .. }) && part.len == len)
    {
        return unfit(format!("as = \"{}\"", name.name()), name.goes_with());
    }
    if let Some(flags) = &rules.flag_names {
        let Some(Notation::Flags { width, .. }) = part.notation else {
            return unfit("flags".to_owned(), "an integer");
        };
        let is_wide = |it: &&Flag| it.bits.checked_shr(width).unwrap_or(0) != 0;
        if let Some(Flag { name, bits, .. }) = flags.iter().find(is_wide) {
            let (name, path) = (name.clone(), path.to_owned());
            return Err(ProfileError::WideFlag { name, bits: *bits, path, width });
        }
    }
    if let Some(key) = rules.measure_key() {
        let Some(Notation::Scale(scale)) = &part.notation else {
            let goes_with = match key {
                "unit" => "a number of at most eight bytes",
                _ => "an integer of at most eight bytes",
            };
            return unfit(key.to_owned(), goes_with);
        };
        let (min, max) = bounds(part);
        if let Some(value) = scale.none().iter().find(|it| !(min..=max).contains(*it)) {
            let (value, path) = (*value, path.to_owned());
            return Err(ProfileError::WideNone { value, path, min, max });
        }
    }
    if rules.has_epoch() && rules.show.is_none() {
        let goes_with = match (rules.ntp, rules.epoch) {
            (Some(NtpTime::Stamp), _) => "an integer of eight bytes",
            (Some(NtpTime::Short), _) => "an integer of four bytes",
            (None, Some(Epoch::Boot)) => "an integer of at most eight bytes",
            (None, _) => "an integer of four or eight bytes",
        };
        let is_short = rules.ntp == Some(NtpTime::Short);
        if part.notation.is_none() || is_short && part.len != 4 {
            let key = if rules.ntp.is_some() { "time" } else { "epoch" };
            return unfit(key.to_owned(), goes_with);
        }
    }
    let Some(ShowName(show)) = rules.show else { return Ok(()) };
    let fits = match show {
        Show::Raw => true,
        Show::Dec => role.is_some(),
        Show::Hex => role.is_some() || part.characters() == Some(false) || part.record().is_some(),
        _ => part.notation.is_some(),
    };
    let known = Show::ALL.iter().find(|it| it.0 == show);
    match known.filter(|_| !fits) {
        Some((_, name, goes_with)) => unfit(format!("show = \"{name}\""), goes_with),
        None => Ok(()),
    }
}

/// The lowest and the highest number of an integer.
fn bounds(part: &Part) -> (i128, i128) {
    let (width, signed) = match &part.kind {
        PartKind::Integer { signed, .. } => (part.len.saturating_mul(8), *signed),
        PartKind::Bits(bits) => (bits.width.into(), bits.signed),
        _ => (64, true),
    };
    let values = 1_i128.checked_shl(u32::try_from(width).unwrap_or(64)).unwrap_or(i128::MAX);
    match signed {
        true => ((values / 2).saturating_neg(), (values / 2).saturating_sub(1)),
        false => (0, values.saturating_sub(1)),
    }
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
            self.check_conversion(path)?;
            let is_meant = |it: &&FieldRules| {
                let is_number = it.flags.is_some() || it.measure_key().is_some();
                is_number || it.has_epoch() || it.as_name.is_some()
            };
            return match rules.filter(is_meant) {
                Some(_) => Err(ProfileError::Combination(
                    "a conversion of a text record is written as it stands: leave out flags, scale, offset, unit, none, epoch and as",
                )),
                None => Ok(()),
            };
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
        let shown = rules.zip(parts).map(|(rules, (_, part))| check_shown(rules, path, part));
        shown.unwrap_or(Ok(()))
    }

    /// The conversions of a text record have no names in C: they are `value`, or `value1`, `value2`.
    fn check_conversion(&self, path: &str) -> Result<(), ProfileError> {
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
