//! What is wrong in a header by itself: what does not parse, what a compiler ignores, and what
//! lies otherwise in the memory of another machine.
//!
//! Each struct or union is looked at once, nested ones with the first message that holds them;
//! those of the system's headers through the field that has them, since only that can be changed.

mod discriminator;
mod field;
mod in_use;
mod packing;

use std::collections::HashSet;

pub use discriminator::not_told_apart_in;
pub use in_use::headers_in_use;

use super::code::Code;
use super::{Finding, HeaderPlace};
use crate::{
    profile::Protocol,
    schema::{Abi, Diagnostic, Layout, PartId, Reading, RecordDef, ResolvedLayout, Schema, Span},
};

/// A struct or union that is looked at as a message.
#[derive(Clone, Copy, Debug)]
pub struct HeaderMessage<'a> {
    /// Tag or typedef.
    pub name: &'a str,
    /// Its declaration.
    pub record: &'a RecordDef,
    /// What a profile adds to it.
    pub protocol: Option<&'a Protocol>,
}

/// What a header has wrong, as far as it concerns `messages`. `schema` is the header's index among
/// those that are read, for [`HeaderPlace::schema`].
///
/// ```
/// use wirereel::{check::{Code, HeaderMessage, header_findings}, schema::{LoadOptions, Schema}};
///
/// let text = "struct msg { char name[11]; int math; };";
/// let schema = Schema::parse("proto.h", text, &LoadOptions::default());
/// let messages: Vec<_> = HeaderMessage::all(&schema).collect();
/// let findings = header_findings(0, &schema, &messages);
/// assert_eq!(findings[0].code, Code::NotPacked);
/// ```
pub fn header_findings(
    schema: usize,
    header: &Schema,
    messages: &[HeaderMessage<'_>],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for &message in messages {
        let place = Placed { index: schema, header };
        let layouts = Abi::ALL.into_iter().filter_map(|abi| Some((abi, message.layout(abi)?)));
        let layouts: Layouts = layouts.collect();
        let whole = Within { path: "", part: Some(ResolvedLayout::ROOT), packed: false };
        Survey { place, message, layouts: &layouts, seen: &mut seen, findings: &mut findings }
            .record(message.record, &whole);
    }
    let place = Placed { index: schema, header };
    let said = header.diagnostics.iter().filter_map(|it| {
        let owner = owner(header, it.span);
        let is_syntax = it.code == crate::schema::Code::Syntax;
        let concerns = is_syntax || owner.is_none_or(|(_, record)| seen.contains(&record));
        concerns.then(|| Finding {
            message: owner.filter(|_| !is_syntax).map(|(name, _)| name.to_owned()),
            ..said(it, place)
        })
    });
    let diagnostics: Vec<_> = said.collect();
    findings.splice(0..0, diagnostics);
    findings
}

impl<'a> HeaderMessage<'a> {
    /// Every struct and union that a header names.
    pub fn all(header: &'a Schema) -> impl Iterator<Item = Self> {
        header.records().map(|(name, record)| Self { name, record, protocol: None })
    }

    /// Where an ABI puts its fields; `None` where the ABI has no layout for it.
    pub fn layout(&self, abi: Abi) -> Option<ResolvedLayout> {
        Layout::of(self.record, self.name, abi).ok()?.resolve(&Reading::default()).ok()
    }
}

/// The declaration that a remark behind or within it is about.
fn owner(header: &Schema, span: Span) -> Option<(&str, Span)> {
    let records = header.records().map(|(name, record)| (name, record.span));
    let before = records.filter(|(_, it)| it.file == span.file && it.start <= span.start);
    before.max_by_key(|(_, it)| it.start)
}

fn said(it: &Diagnostic, place: Placed<'_>) -> Finding {
    let code = match it.code {
        crate::schema::Code::Syntax => Code::Syntax,
        crate::schema::Code::UnknownAttribute => Code::UnknownAttribute,
    };
    Finding {
        level: it.level,
        header: place.of(it.span),
        help: it.help.clone(),
        ..Finding::new(code, &*it.text)
    }
}

/// A header and its number.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub index: usize,
    pub header: &'a Schema,
}

impl Placed<'_> {
    pub fn of(self, span: Span) -> Option<HeaderPlace> {
        let position = self.header.position(span)?;
        let (file, line) = (position.path.display().to_string(), position.line);
        Some(HeaderPlace { schema: self.index, span, file, line })
    }
}

/// One message being looked at.
struct Survey<'a, 's> {
    place: Placed<'a>,
    message: HeaderMessage<'a>,
    layouts: &'a Layouts,
    /// Declarations that were looked at before.
    seen: &'s mut HashSet<Span>,
    findings: &'s mut Vec<Finding>,
}

/// The layouts of a message, as far as the ABIs have one.
type Layouts = Vec<(Abi, ResolvedLayout)>;

/// Where in its message a struct or union is.
struct Within<'w> {
    /// Path with a stop behind it; empty for the message itself.
    path: &'w str,
    /// Itself; `None` where no ABI has a layout.
    part: Option<PartId>,
    /// Whether what is around it is packed.
    packed: bool,
}

impl Survey<'_, '_> {
    fn record(&mut self, record: &RecordDef, within: &Within<'_>) {
        if self.place.header.is_built_in(record.span) || !self.seen.insert(record.span) {
            return;
        }
        self.packing(record, within);
        self.fields(record, within);
    }

    /// A finding of this message.
    fn finding(&self, code: Code, text: String, span: Span) -> Finding {
        Finding {
            protocol: self.message.protocol.map(|it| it.name.clone()),
            message: Some(self.message.name.to_owned()),
            header: self.place.of(span),
            ..Finding::new(code, text)
        }
    }
}

/// The ABIs by what they make of something, the default ABI's first.
pub(super) fn by_abi<T: PartialEq>(of: impl IntoIterator<Item = (Abi, T)>) -> Vec<(T, Vec<Abi>)> {
    let mut groups: Vec<(T, Vec<Abi>)> = Vec::new();
    for (abi, value) in of {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, abis)) => abis.push(abi),
            None => groups.push((value, vec![abi])),
        }
    }
    groups
}

/// `x86_64, aarch64 and s390x`.
pub(super) fn names(abis: &[Abi]) -> String {
    if abis.len() == Abi::ALL.len() {
        return "every ABI".to_owned();
    }
    let names: Vec<_> = abis.iter().map(|it| it.name()).collect();
    listed(&names)
}

/// Names as a sentence has them.
fn listed(names: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        text += match names.len().saturating_sub(index) {
            _ if index == 0 => "",
            1 => " and ",
            _ => ", ",
        };
        text += name.as_ref();
    }
    text
}

/// `1 byte`, `2 bytes`.
fn bytes(count: u64) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[path = "header/tests.rs"]
mod tests;
