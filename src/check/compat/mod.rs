//! What of a header's change breaks on the wire: two versions of it held against each other, message by
//! message and ABI by ABI.
//!
//! A change has one cause: a member that was inserted, removed, resized or put elsewhere. That all behind it
//! moves is told with the cause, not again for each. What moves without one (the packing changed) is a change of its
//! own.

mod change;
mod corpus;
mod members;
mod numbers;
mod order;

pub use self::corpus::Corpus;

use self::change::Change;
use super::header::{Placed, by_abi, names};
use super::{Finding, HeaderMessage};
use crate::schema::{Abi, Schema, Span};

/// Two versions of a header, as the compiler of an ABI reads them.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'s> {
    /// The ABI.
    pub abi: Abi,
    /// The version that programs have.
    pub old: &'s Schema,
    /// The one that shall take its place.
    pub new: &'s Schema,
}

/// What of the change breaks on the wire: names for numbers, then message by message as the old version declares
/// them. Places in headers
/// are of the schema 0, the old one, or 1, the new one. `message` is the one that is asked for.
///
/// ```
/// use wirereel::check::{Code, Versions, compat};
/// use wirereel::schema::{Abi, LoadOptions, Schema};
///
/// let parse = |text: &str| Schema::parse("proto.h", text, &LoadOptions::default());
/// let old = parse("struct msg { int seq; int up; };");
/// let new = parse("struct msg { int seq; short count; int up; } __attribute__((packed));");
/// let versions = [Versions { abi: Abi::X86_64, old: &old, new: &new }];
/// let findings = compat(&versions, None);
/// assert_eq!(findings[0].code, Code::Inserted);
/// assert_eq!(findings[0].notes, ["`up` moves from 4 to 6"]);
/// ```
pub fn compat(versions: &[Versions<'_>], message: Option<&str>) -> Vec<Finding> {
    let mut changes: Vec<(Abi, Change)> = Vec::new();
    for it in versions {
        let all = numbers::changes(*it, message).into_iter().chain(it.changes(message));
        changes.extend(all.map(|change| (it.abi, change)));
    }
    merged(versions, changes)
}

impl Versions<'_> {
    fn changes(&self, message: Option<&str>) -> Vec<Change> {
        let mut changes = Vec::new();
        let is_asked = |name: &str| message.is_none_or(|it| it == name);
        for (name, old) in self.old.records().filter(|it| is_asked(it.0)) {
            let Some(new) = self.new.record(name) else {
                changes.push(Change::gone(name, old.span));
                continue;
            };
            let [old, new] = [old, new]
                .map(|record| HeaderMessage { name, record, protocol: None }.layout(self.abi));
            if let (Some(old), Some(new)) = (old, new) {
                changes.extend(members::changes(&old, &new));
            }
        }
        for old in self.old.text_records.iter().filter(|it| is_asked(&it.name)) {
            match self.new.text_record(&old.name) {
                Some(new) if new.format != old.format => {
                    changes.push(Change::format(&old.name, [&old.format, &new.format], new.span));
                }
                Some(_) => {}
                None => changes.push(Change::gone(&old.name, old.span)),
            }
        }
        changes
    }
}

/// One finding for each change, whatever the ABIs that have it.
fn merged(versions: &[Versions<'_>], changes: Vec<(Abi, Change)>) -> Vec<Finding> {
    let mut groups: Vec<(Change, Vec<(Abi, String)>)> = Vec::new();
    for (abi, change) in changes {
        let said = (abi, change.said());
        match groups.iter_mut().find(|(it, _)| it.is_of(&change)) {
            Some((_, abis)) => abis.push(said),
            None => groups.push((change, vec![said])),
        }
    }
    let place = |change: &Change| {
        let first = versions.first().filter(|_| change.span != Span::default())?;
        let header = if change.is_in_new { first.new } else { first.old };
        Placed { index: usize::from(change.is_in_new), header }.of(change.span)
    };
    let finding = |(change, abis): (Change, Vec<(Abi, String)>)| {
        let mut notes = change.notes();
        let mut groups = by_abi(abis).into_iter();
        if let Some((_, abis)) = groups.next().filter(|it| it.1.len() < versions.len()) {
            notes.push(format!("this is so on {}", names(&abis)));
        }
        notes.extend(groups.map(|(text, abis)| format!("on {}: {text}", names(&abis))));
        Finding {
            level: change.level,
            message: Some(change.message.clone()).filter(|it| !it.is_empty()),
            field: Some(change.path.clone()).filter(|it| !it.is_empty()),
            offset: change.place.as_ref().map(|it| it.0),
            len: change.place.as_ref().map(|it| it.1),
            header: place(&change),
            help: change.help().map(str::to_owned),
            notes,
            ..Finding::new(change.code, &*change.text)
        }
    };
    groups.into_iter().map(finding).collect()
}
