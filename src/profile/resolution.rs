//! One `[[protocol]]` to a [`Protocol`]: every name in it is looked up, so that a misspelt one is
//! an error with its line, and not a field that never appears.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::comments::Comments;
use super::headers::Message;
use super::line::ProfileLine;
use super::source::Source;
use super::words::{ANY, Names, Number};
use super::{
    Bound, ByteRange, Case, DirectionEntry, Epoch, FieldRules, Format, MatchEntry, MessageWords,
    NtpTime, ProfileError, Protocol, ProtocolEntry, Protocols, ShowName, in_scope,
};
use crate::schema::{
    Abi, Expression, Flag, Notation, Part, PartKind, Reading, Reference, Repeat, ResolvedLayout,
    Role, Show, TO_SERVER, WholeBytes, WordError, nearest,
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
        let names = Names { headers: &self.headers, schema, abi };
        let fields = self.field_rules(entry, names, &place)?;
        let comments = Comments::new(names, host);
        let rules = |path: &str| fields.get(path).map(|rules| rules.reading(host));
        let of = |path: &str| rules(path).unwrap_or_default();
        let comment = |text: &str| comments.reading(text);
        let reading = Reading { order, host, of: &of, comment: &comment };
        let format = message.format(&self.headers, abi, &reading);
        let format = format.map_err(|error| placed(error, entry, &place, at(&entry.message)))?;
        let (message, format) = (&message, &format);
        let parts = Parts { protocols: self, schema, message, format, abi, reading: &reading };
        let words = parts.words(entry, &at, &place)?;
        parts.check_paths(entry, &fields, &words.cases, &place)?;
        let layouts = format
            .layout()
            .into_iter()
            .chain(words.cases.iter().filter_map(|it| it.layout.as_ref()));
        let layouts: Vec<_> = layouts.cloned().collect();
        let mut said = fields.clone();
        layouts.iter().for_each(|it| comments.add(it, &mut said));
        layouts.iter().try_for_each(|it| comments.check(it)).map_err(at(&entry.message))?;
        let mut protocol = Protocol {
            name: entry.name.get_ref().clone(),
            message: message.name.clone(),
            order,
            abi,
            max_len: entry.max_len,
            words,
            comments: comments.met(),
            fields: said,
            declared: Some(message.declared),
            format: format.clone(),
        };
        protocol.words.sums = protocol.sums();
        Ok(protocol)
    }

    /// What is said of each field, with the names that the header has for values.
    fn field_rules(
        &self,
        entry: &ProtocolEntry,
        names: Names<'_>,
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<BTreeMap<String, FieldRules>, ProfileError> {
        let rules = entry.fields.rules.iter().map(|(path, (rules, offset))| {
            let rules = names.complete(rules.clone());
            Ok((path.clone(), rules.map_err(|error| error.at(place(*offset)))?))
        });
        rules.collect()
    }
}

/// An error of a word stands at its field.
fn placed(
    error: ProfileError,
    entry: &ProtocolEntry,
    place: &impl Fn(usize) -> ProfileLine,
    other: impl FnOnce(ProfileError) -> ProfileError,
) -> ProfileError {
    match error {
        ProfileError::Word { ref path, .. } => match entry.fields.rules.get(path) {
            Some((_, offset)) => error.at(place(*offset)),
            // A comment says so, and has its place.
            None => error,
        },
        error => other(error),
    }
}

/// Whether what is said of a field's values goes with it.
pub(super) fn check_meant(rules: &FieldRules, path: &str, part: &Part) -> Result<(), ProfileError> {
    check_shown(rules, path, part)?;
    check_nested(rules, path, part)?;
    check_sum(rules, path, part)
}

/// Whether a field whose bytes are a message is bytes.
fn check_nested(rules: &FieldRules, path: &str, part: &Part) -> Result<(), ProfileError> {
    let Some(name) = &rules.words.protocol else { return Ok(()) };
    match part.characters() {
        Some(_) => Ok(()),
        None => Err(ProfileError::Unfit {
            key: format!("protocol = \"{name}\""),
            goes_with: "an array of bytes",
            path: path.to_owned(),
        }),
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
    if let Some(name) = rules.as_name()
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

/// Whether the range beside a field goes from a field to one in front of it in the same struct.
fn is_backwards(layout: &ResolvedLayout, path: &str, range: &ByteRange) -> bool {
    let place = |bound: &Bound| {
        let (at, part) = in_scope(path, bound.field()?)
            .find_map(|it| layout.find(&it).map(|(_, part)| (it, part)))?;
        let behind = if matches!(bound, Bound::Behind(_)) { part.len } else { 0 };
        let outer = at.rsplit_once('.').map(|it| it.0.to_owned());
        Some((outer, part.offset.saturating_add(behind)))
    };
    match (place(&range.from), place(&range.to)) {
        (Some((outer, from)), Some((other, to))) => outer == other && from > to,
        _ => false,
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
    /// What the entry says of the whole message.
    fn words<F: FnOnce(ProfileError) -> ProfileError>(
        &self,
        entry: &ProtocolEntry,
        at: &impl Fn(&Spanned<String>) -> F,
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<MessageWords, ProfileError> {
        let names = Names { headers: &self.protocols.headers, schema: self.schema, abi: self.abi };
        let mut words = MessageWords {
            several: entry.several,
            skip: entry.skip.into(),
            sync: entry.sync.clone(),
            ..MessageWords::default()
        };
        if let Some(tag) = &entry.tag {
            let here = |error: ProfileError| error.at(place(tag.span().start));
            for number in &tag.get_ref().0 {
                words.tags.push(self.about(names.expression(number).map_err(here)?).map_err(here)?);
            }
        }
        words.cases = match &entry.direction {
            Some(direction) => {
                let here = |error: ProfileError| error.at(place(direction.span().start));
                if entry.tag.is_some() {
                    return Err(here(ProfileError::Combination(
                        "`direction` is a tag itself: leave it out, and name `to_server` in `tag`",
                    )));
                }
                words.tags = vec![names.expression(&Number::Text(TO_SERVER.to_owned()))?];
                self.directions(direction.get_ref()).map_err(here)?
            }
            None => self.cases(entry, names, words.tags.len(), at, place)?,
        };
        if let Some(length) = &entry.length {
            let here = |error: ProfileError| error.at(place(length.span().start));
            let expression = names.expression(length.get_ref()).map_err(here)?;
            words.length = Some(self.length(expression).map_err(here)?);
        }
        for (path, values) in &entry.identity {
            let field = self
                .about(names.expression(&Number::Text(path.get_ref().clone())).map_err(at(path))?);
            let field = field.map_err(at(path))?;
            let here = |error: ProfileError| error.at(place(values.span().start));
            let value = |number: &Number| match number {
                Number::Integer(value) => Ok((*value).into()),
                Number::Text(text) => names.value(text).map_err(here),
            };
            let values = match values.get_ref() {
                MatchEntry::Value(only) => value(only)?..=value(only)?,
                MatchEntry::Range([low, high]) => value(low)?..=value(high)?,
            };
            if values.is_empty() {
                return Err(here(ProfileError::Combination(
                    "a range of `match` is empty: the lower limit stands first",
                )));
            }
            let part = self.layout()?.find(path.get_ref()).map(|it| it.1);
            let (low, high) = part.map_or((i128::MIN, i128::MAX), bounds);
            if *values.end() < low || *values.start() > high {
                return Err(here(ProfileError::Combination(
                    "no message is matched: the field cannot have such a value",
                )));
            }
            words.identity.push((field, values));
        }
        Ok(words)
    }

    /// The struct of what goes to the port of the rule, and of what comes from it.
    fn directions(&self, entry: &DirectionEntry) -> Result<Vec<Case>, ProfileError> {
        let ways = [(1, &entry.to_server), (0, &entry.to_client)];
        let cases = ways.map(|(to_server, name)| {
            let layout = match *name == self.message.name {
                true => self.format.layout().cloned(),
                false => self.case_layout(name)?,
            };
            Ok(Case::of(to_server, name, layout))
        });
        cases.into_iter().collect()
    }

    /// The length of the message, which cannot go by itself.
    fn length(&self, expression: Expression) -> Result<Expression, ProfileError> {
        let expression = self.about(expression)?;
        let bound = self.layout()?.bind(&expression);
        let names_itself = bound.is_ok_and(|it| it.names().contains(&&Reference::Len));
        match names_itself {
            true => Err(self.unknown_field("len", self.layout()?.paths())),
            false => Ok(expression),
        }
    }

    /// An expression about the message, whose names are its fields.
    fn about(&self, expression: Expression) -> Result<Expression, ProfileError> {
        let layout = self.layout()?;
        match layout.bind(&expression) {
            Ok(_) => Ok(expression),
            Err(WordError::UnknownName { name, nearest }) => {
                let message = self.message.name.clone();
                Err(ProfileError::UnknownField { message, path: name, nearest })
            }
            Err(source) => {
                let message = self.message.name.clone();
                Err(ProfileError::About { message, source: Box::new(source) })
            }
        }
    }

    fn cases<F: FnOnce(ProfileError) -> ProfileError>(
        &self,
        entry: &ProtocolEntry,
        names: Names<'_>,
        tags: usize,
        at: &impl Fn(&Spanned<String>) -> F,
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<Vec<Case>, ProfileError> {
        let (mut cases, mut last): (Vec<Case>, Vec<Case>) = (Vec::new(), Vec::new());
        let entries = &entry.cases.0;
        match (&entry.tag, entries.is_empty()) {
            (Some(tag), true) => {
                let error = ProfileError::Combination("a tag chooses among cases: add `cases`");
                return Err(error.at(place(tag.span().start)));
            }
            (None, false) => {
                return Err(at(&entry.name)(ProfileError::Combination(
                    "cases go by the value of a field: add `tag`",
                )));
            }
            _ => {}
        }
        for (key, rule) in entries {
            let here = |error: ProfileError| error.at(place(rule.span().start));
            let values = names.case_values(key.get_ref(), tags).map_err(at(key))?;
            let rule = rule.get_ref();
            let when = rule.when.as_ref().map(|it| {
                names.expression(&Number::Text(it.clone())).and_then(|it| self.about(it))
            });
            let when = when.transpose().map_err(here)?;
            let is_same = |it: &Case| Some(&it.values) == values.as_ref() && it.when == when;
            if cases.iter().any(is_same) {
                let name = key.get_ref().clone();
                return Err(at(key)(ProfileError::Duplicate { what: "case", name }));
            }
            let name = rule.is.clone();
            let layout = match name.as_str() {
                "none" => None,
                name => self.case_layout(name).map_err(here)?,
            };
            match values {
                Some(values) => cases.push(Case { values, when, name, layout }),
                None => last.push(Case { values: vec![ANY; tags], when, name, layout }),
            }
        }
        cases.extend(last);
        Ok(cases)
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
            Err(error @ (ProfileError::Layout { .. } | ProfileError::Word { .. })) => Err(error),
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

    /// Rules for fields may also concern the cases of the message.
    fn check_paths(
        &self,
        entry: &ProtocolEntry,
        fields: &BTreeMap<String, FieldRules>,
        cases: &[Case],
        place: &impl Fn(usize) -> ProfileLine,
    ) -> Result<(), ProfileError> {
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
            self.check_conversion(path, rules)?;
            let is_meant = |it: &&FieldRules| {
                let is_number = it.flags.is_some() || it.measure_key().is_some();
                is_number || it.has_epoch() || it.as_name().is_some()
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
        let Some((rules, (_, part))) = rules.zip(parts) else { return Ok(()) };
        check_meant(rules, path, part)?;
        rules.checksum.names().try_for_each(|name| {
            let is_known = in_scope(path, name).any(|it| self.check_path(&it, cases).is_ok());
            if is_known { Ok(()) } else { self.check_path(name, cases) }
        })?;
        let layouts = || self.layouts(layout, cases);
        let is_backwards = |range: &ByteRange| layouts().any(|it| is_backwards(it, path, range));
        match rules.checksum.over.iter().any(is_backwards) {
            true => Err(ProfileError::Combination(
                "`over` goes from a field to one in front of it: the lower limit stands first",
            )),
            false => Ok(()),
        }
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
