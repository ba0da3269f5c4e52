//! The header findings of a run: those of the messages that its traffic had.

use std::{cmp::Reverse, collections::HashSet};

use super::{HeaderMessage, Placed, discriminator, header_findings};
use crate::{
    check::{Code, Finding},
    decode::Summary,
    profile::{Candidate, Protocol, Protocols},
    schema::Span,
};

/// What the user's headers have wrong, as far as it concerns the messages that a run counted.
/// Headers that are built in are not the user's to change.
pub fn headers_in_use(protocols: &Protocols, summary: &Summary) -> Vec<Finding> {
    let in_use = InUse { protocols, summary };
    let schemas = protocols.schemas().iter().enumerate();
    let own = schemas.filter(|(index, _)| !protocols.is_built_in_header(*index));
    let mut findings: Vec<_> = own
        .flat_map(|(index, schema)| {
            let messages: Vec<_> = protocols
                .list()
                .iter()
                .filter(|it| it.declared.is_some_and(|it| it.schema == index))
                .flat_map(|it| in_use.messages(it))
                .collect();
            // What does not parse gives no message that could be in use.
            let findings = header_findings(index, schema, &messages).into_iter();
            findings.filter(|it| it.code != Code::Syntax)
        })
        .collect();
    findings.extend(in_use.not_told_apart());
    findings
}

struct InUse<'a> {
    protocols: &'a Protocols,
    summary: &'a Summary,
}

impl<'a> InUse<'a> {
    fn has(&self, protocol: &Protocol) -> bool {
        self.summary.protocols.keys().any(|(name, _)| *name == protocol.name)
    }

    /// The message of a protocol, and those of its cases that came.
    fn messages(&self, protocol: &'a Protocol) -> Vec<HeaderMessage<'a>> {
        let declared = protocol.declared.filter(|_| self.has(protocol));
        let schema = declared.and_then(|it| self.protocols.schemas().get(it.schema));
        let Some(schema) = schema else { return Vec::new() };
        let counted = |name: &str| {
            self.summary.protocols.contains_key(&(protocol.name.clone(), name.to_owned()))
        };
        let cases =
            protocol.words.cases.iter().filter(|it| it.layout.is_some() && counted(&it.name));
        let names = std::iter::once(protocol.message.as_str()).chain(cases.map(|it| &*it.name));
        let message = |name| {
            let record = schema.record(name)?;
            Some(HeaderMessage { name, record, protocol: Some(protocol) })
        };
        names.filter_map(message).collect()
    }

    /// For each message in use, the others of its ports that it may be taken for.
    fn not_told_apart(&self) -> Vec<Finding> {
        let mut pairs = HashSet::new();
        let mut findings = Vec::new();
        let mut lists: Vec<_> = self.protocols.candidate_lists().collect();
        // In an order of their own, the longest first: it names the most at once.
        lists.sort_by_key(|list| {
            let protocols: Vec<_> = list.iter().map(|it| it.protocol).collect();
            (Reverse(list.len()), protocols)
        });
        for candidates in lists {
            for (index, one) in candidates.iter().enumerate() {
                let mut others: Vec<(String, u64)> = Vec::new();
                for other in candidates.iter().skip(index.saturating_add(1)) {
                    let pair = (one.protocol.min(other.protocol), one.protocol.max(other.protocol));
                    if one.rank == other.rank && pairs.insert(pair) {
                        others.extend(self.rivals(one, other));
                    }
                }
                findings.extend(self.not_told_from(one, &others));
            }
        }
        findings
    }

    fn rivals(&self, one: &Candidate, other: &Candidate) -> Option<(String, u64)> {
        let (one, other) = (self.protocols.get(one.protocol)?, self.protocols.get(other.protocol)?);
        let is_used = self.has(one) || self.has(other);
        let len = discriminator::rivals(one, other).filter(|_| is_used)?;
        let file = self.header(other).and_then(|(place, span)| place.of(span));
        let name = match file.filter(|_| one.name == other.name) {
            Some(place) => format!("{}:{}", place.file, other.name),
            None => other.name.clone(),
        };
        Some((name, len))
    }

    fn header(&self, protocol: &Protocol) -> Option<(Placed<'a>, Span)> {
        let declared = protocol.declared?;
        let header = self.protocols.schemas().get(declared.schema)?;
        Some((Placed { index: declared.schema, header }, declared.span))
    }

    fn not_told_from(&self, one: &Candidate, others: &[(String, u64)]) -> Option<Finding> {
        let protocol = self.protocols.get(one.protocol)?;
        let (place, span) = self.header(protocol)?;
        let finding = discriminator::not_told_apart(&protocol.name, others)?;
        Some(Finding {
            protocol: Some(protocol.name.clone()),
            message: Some(protocol.message.clone()),
            header: place.of(span),
            ..finding
        })
    }
}
