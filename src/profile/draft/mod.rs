//! A profile drafted from declarations: an entry for each message, and what names and types suggest,
//! commented out. It loads as it is, and decodes as the header alone does.

mod constants;
mod hint;
mod line;
mod messages;
mod words;

use std::sync::Arc;

use self::constants::{Group, groups};
use self::hint::Hints;
use self::line::{Line, write};
use self::messages::Messages;
use super::{OrderName, ProfileError, Rule, Traffic, quoted};
use crate::schema::{Abi, Layout, Reading, RecordDef, ResolvedLayout, Schema};

/// What a profile is drafted from, beside the declarations.
#[derive(Clone, Debug)]
pub struct DraftOptions<'a> {
    /// The header, as the profile is to name it.
    pub header: &'a str,
    /// The one message that is meant; none: all that may be one.
    pub message: Option<&'a str>,
    /// Where the traffic of a message is.
    pub rules: &'a [Rule],
    /// Where it may be.
    pub likely: &'a [Rule],
    /// The ABI that is asked for.
    pub abi: Option<Abi>,
    /// The order that is asked for.
    pub order: Option<OrderName>,
}

/// A drafted profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What is to be written.
    pub text: String,
    /// The messages that it has entries for.
    pub messages: Vec<String>,
}

/// Drafts a profile.
///
/// # Errors
///
/// A message that the header does not declare, of those asked for and those of rules; one that has no
/// layout; a rule by which no datagram can carry it; a header that declares none.
pub fn draft(schema: &Schema, options: &DraftOptions<'_>) -> Result<Draft, ProfileError> {
    let messages = Messages::of(schema);
    let drafting = Drafting { schema, options, groups: groups(schema), messages };
    drafting.whole()
}

struct Drafting<'a> {
    schema: &'a Schema,
    options: &'a DraftOptions<'a>,
    groups: Vec<Group>,
    messages: Messages<'a>,
}

impl Drafting<'_> {
    fn whole(&self) -> Result<Draft, ProfileError> {
        let named = self.options.rules.iter().map(|it| it.target.name.as_str());
        let asked: Vec<_> = self.options.message.into_iter().chain(named).collect();
        let mut text = self.opening();
        let mut left_out = Vec::new();
        let mut drafted = Vec::new();
        for name in self.names(&asked)? {
            match self.entry(name) {
                Ok(entry) => {
                    text.push_str(&entry);
                    drafted.push(name.to_owned());
                }
                Err(error) if asked.contains(&name) => return Err(error),
                Err(error) => left_out.push(format!("# {name} is left out: {error}\n")),
            }
        }
        if drafted.is_empty() {
            return Err(ProfileError::NoMessage { headers: vec![self.options.header.to_owned()] });
        }
        if !left_out.is_empty() {
            text.push('\n');
            text.extend(left_out);
        }
        if asked.is_empty() && !self.messages.with_pointers.is_empty() {
            let names = self.messages.with_pointers.join(", ");
            text.push_str(&format!("\n# Left out, since they hold pointers: {names}\n"));
        }
        Ok(Draft { text, messages: drafted })
    }

    fn opening(&self) -> String {
        let from = self.options.header.replace(['\n', '\r'], " ");
        format!(
            "# Drafted from {from}. What is commented out is a guess from names and types: keep what is right.\n\
             # docs/profile.md says what each key means.\n"
        )
    }

    /// The messages that get an entry.
    fn names<'n>(&'n self, asked: &[&'n str]) -> Result<Vec<&'n str>, ProfileError> {
        let Some(message) = self.options.message else {
            let texts = self.schema.text_records.iter().map(|it| it.name.as_str());
            let mut names: Vec<_> =
                self.messages.records.iter().map(|it| it.0).chain(texts).collect();
            for name in asked {
                if !names.contains(name) {
                    names.push(self.declared(name)?);
                }
            }
            return Ok(names);
        };
        for name in asked {
            self.declared(name)?;
        }
        let mut names = vec![message];
        names.extend(asked.iter().filter(|it| **it != message));
        names.dedup();
        Ok(names)
    }

    fn declared<'n>(&self, name: &'n str) -> Result<&'n str, ProfileError> {
        if self.schema.record(name).is_some() || self.schema.text_record(name).is_some() {
            return Ok(name);
        }
        let headers = vec![self.options.header.to_owned()];
        let units: Vec<_> = self.schema.units_of(name).into_iter().map(str::to_owned).collect();
        if !units.is_empty() {
            return Err(ProfileError::Ambiguous { name: name.to_owned(), headers: units });
        }
        Err(ProfileError::unknown_message(name, headers, self.schema.messages()))
    }

    /// One `[[protocol]]`.
    fn entry(&self, name: &str) -> Result<String, ProfileError> {
        let layout = self.schema.record(name).map(|it| self.layout(name, it)).transpose()?;
        let remark = layout.as_ref().map_or("a text record".to_owned(), size);
        let mut lines = vec![
            Line::new("[[protocol]]", ""),
            Line::new(format!("name = {}", quoted(name)), "what output calls it"),
            Line::new(format!("header = {}", quoted(self.options.header)), ""),
            Line::new(format!("message = {}", quoted(name)), remark),
        ];
        lines.push(self.decode_as(name, layout.is_some())?);
        let mut fields = Vec::new();
        if let (Some(layout), Some(record)) = (&layout, self.schema.record(name)) {
            let order = self.options.order.unwrap_or(OrderName::Big).name();
            lines.push(Line::new(format!("byte_order = {}", quoted(order)), "big, little or host"));
            if let Some(abi) = self.options.abi {
                lines.push(Line::new(format!("abi = {}", quoted(abi.name())), ""));
            }
            let alike = self.messages.beginning_as(record);
            let hints = Hints { layout, groups: &self.groups, alike: &alike };
            lines.extend(hints.of_message());
            fields = hints.of_fields();
        }
        if !fields.is_empty() {
            lines.push(Line::guess("[protocol.fields]", ""));
            lines.extend(fields);
        }
        let mut text = String::from("\n");
        write(&lines, &mut text);
        Ok(text)
    }

    fn layout(&self, name: &str, record: &Arc<RecordDef>) -> Result<ResolvedLayout, ProfileError> {
        let abi = self.schema.abi.or(self.options.abi).unwrap_or_default();
        let order = self.options.order.unwrap_or(OrderName::Big).resolve(abi.byte_order());
        Layout::of(record, name, abi)
            .and_then(|it| it.resolve(&Reading::plain(order, abi.byte_order())))
            .map_err(|source| {
                let place = self.schema.position(source.span.unwrap_or(record.span));
                let place = place.map_or_else(String::new, |it| it.to_string());
                ProfileError::Layout {
                    place,
                    message: name.to_owned(),
                    abi,
                    source: Box::new(source),
                }
            })
    }

    /// Where its traffic is, as rules say, else a guess.
    fn decode_as(&self, name: &str, is_record: bool) -> Result<Line, ProfileError> {
        let of = |rules: &[Rule]| -> Vec<Traffic> {
            rules.iter().filter(|it| it.target.name == name).map(|it| it.traffic).collect()
        };
        let text = |all: &[Traffic]| {
            let all: Vec<_> = all.iter().map(|it| quoted(&it.to_string())).collect();
            format!("decode_as = [{}]", all.join(", "))
        };
        let (told, likely) = (of(self.options.rules), of(self.options.likely));
        if !is_record && told.iter().any(|it| !it.transport.is_stream()) {
            let text = "a text record is read from a stream: the rule begins with tcp";
            return Err(ProfileError::Combination(text));
        }
        Ok(match (told.as_slice(), likely.as_slice()) {
            ([], []) if is_record => {
                Line::guess("decode_as = [\"udp.port==1989\"]", "where its traffic is")
            }
            ([], []) => Line::guess("decode_as = [\"tcp.port==1989\"]", "where its traffic is"),
            ([], likely) => Line::guess(text(likely), "where the capture has what fits"),
            (told, _) => Line::new(text(told), ""),
        })
    }
}

fn size(layout: &ResolvedLayout) -> String {
    let (min, size) = (layout.min_len(), layout.size);
    match layout.tail() {
        Some(_) => format!("{min} bytes or more"),
        None if min < size => format!("{min} to {size} bytes"),
        None if size == 1 => "1 byte".to_owned(),
        None => format!("{size} bytes"),
    }
}
