//! Which field of an answer has the value of which field of its request: `pairs`, its names looked up
//! once all protocols of a profile are there.

use std::sync::Arc;

use super::line::ProfileLine;
use super::protocol_id::ProtocolId;
use super::{ProfileError, Protocol, ProtocolEntry, Protocols};
use crate::schema::{ResolvedLayout, nearest};

/// A field of requests, and the one of their answers that has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRule {
    /// That of the request.
    pub request: PairEnd,
    /// That of the answer; the same one where one message is both.
    pub answer: PairEnd,
}

/// A field of some messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairEnd {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The message; all that have the field where none is named.
    pub message: Option<String>,
    /// The field.
    pub path: String,
}

impl Protocols {
    /// Which fields tell what answers what.
    pub fn pairs(&self) -> &[PairRule] {
        &self.pairs
    }

    /// What a bundled protocol, which is read for that, says of pairs within itself.
    pub(crate) fn own_pairs(&self, protocol: ProtocolId) -> Vec<PairRule> {
        let fields = self.get(protocol).into_iter().flat_map(|it| &it.fields);
        let named = fields.filter_map(|(path, rules)| Some((path, rules.pairs.as_ref()?)));
        let rules = named.filter_map(|(path, named)| {
            let request = PairEnd { protocol, message: None, path: path.clone() };
            let answer = self.answering(protocol.index(), protocol, named).ok()?;
            Some(PairRule { request, answer })
        });
        rules.collect()
    }

    /// Looks up what the entries of a profile, whose protocols begin at `first`, say of pairs.
    pub(super) fn resolve_pairs(
        &mut self,
        first: usize,
        entries: &[ProtocolEntry],
        place: impl Fn(usize) -> ProfileLine,
    ) -> Result<(), ProfileError> {
        for (index, entry) in (first..).zip(entries) {
            let Some(Protocol { fields, .. }) = self.list.get(index) else { continue };
            let mut pairs = Vec::new();
            for (path, named) in
                fields.iter().filter_map(|(it, rules)| Some((it, rules.pairs.as_ref()?)))
            {
                let protocol = ProtocolId::at(index);
                let request = PairEnd { protocol, message: None, path: path.clone() };
                let answer = self.answering(first, protocol, named);
                // What a comment says has its place in the header.
                let rule = entry.fields.rules.get(path);
                let offset = rule.map_or(entry.message.span().start, |it| it.1);
                let answer = answer.map_err(|error| error.at(place(offset)))?;
                pairs.push(PairRule { request, answer });
            }
            self.pairs.append(&mut pairs);
        }
        Ok(())
    }

    /// `PROTOCOL.FIELD`, `MESSAGE.FIELD` of any protocol from `first` on, or a field of the same
    /// message.
    fn answering(
        &self,
        first: usize,
        own: ProtocolId,
        named: &str,
    ) -> Result<PairEnd, ProfileError> {
        let all = || (first..).zip(self.list.iter().skip(first));
        let end = |protocol, message: Option<&str>, path: &str| PairEnd {
            protocol,
            message: message.map(str::to_owned),
            path: path.to_owned(),
        };
        let own_protocol = self.get(own);
        let mut meant = None;
        if let Some((owner, path)) = named.split_once('.') {
            let of_protocol = all().filter(|(_, it)| it.name == owner).map(|it| (it, None));
            // That of the same protocol stands before others of its name.
            let own_first = own_protocol.map(|it| (own.index(), it)).into_iter().chain(all());
            let of_message = own_first.filter(|(_, it)| it.layouts().any(|it| it.name == owner));
            for ((index, it), message) in of_protocol.chain(of_message.map(|it| (it, Some(owner))))
            {
                let is_meant =
                    |it: &&Arc<ResolvedLayout>| message.is_none_or(|name| it.name == name);
                if it.layouts().filter(is_meant).any(|it| it.find(path).is_some()) {
                    return Ok(end(ProtocolId::at(index), message, path));
                }
                meant = meant.or(Some((owner, path, it)));
            }
        }
        let has = |path: &str| own_protocol.is_some_and(|it| has(it, path));
        match meant {
            _ if has(named) => Ok(end(own, None, named)),
            Some((owner, path, it)) => Err(ProfileError::UnknownField {
                message: owner.to_owned(),
                path: path.to_owned(),
                nearest: nearest(path, it.layouts().flat_map(|it| it.paths())),
            }),
            None => {
                let own =
                    own_protocol.into_iter().flat_map(Protocol::layouts).flat_map(|it| it.paths());
                let owner = named.split_once('.').map(|it| it.0);
                let others = owner.and_then(|owner| {
                    let names = all().flat_map(|(_, it)| {
                        [it.name.as_str()]
                            .into_iter()
                            .chain(it.layouts().map(|it| it.name.as_str()))
                    });
                    nearest(owner, names)
                });
                Err(ProfileError::UnknownPair {
                    name: named.to_owned(),
                    nearest: others.or_else(|| nearest(named, own)),
                })
            }
        }
    }
}

fn has(protocol: &Protocol, path: &str) -> bool {
    protocol.layouts().any(|it| it.find(path).is_some())
}
