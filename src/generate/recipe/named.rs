//! The message that a name stands for: a protocol's, a header's, or a case of a protocol.

use std::sync::Arc;

use super::error::RecipeError;
use crate::profile::{Case, Format, ProfileError, Protocol, Protocols};
use crate::schema::{Part, PartId, PartKind, ResolvedLayout, nearest};

/// The message that a name stands for.
#[derive(Clone, Copy, Debug)]
pub struct Named<'p> {
    /// The protocol whose message it is.
    pub protocol: &'p Protocol,
    /// The case that it is; its tag has that case's value.
    pub case: Option<&'p Case>,
}

impl<'p> Named<'p> {
    /// Finds a protocol by its name, a case of a protocol, also behind the name of the protocol
    /// (`myftp.path_st`), or a message of a header, also behind the name of the header
    /// (`proto.h:msg_st`).
    ///
    /// # Errors
    ///
    /// Nothing has the name, or several do; what needs no header.
    pub fn find(protocols: &'p Protocols, name: &str) -> Result<Self, RecipeError> {
        match Self::candidates(protocols, name).as_slice() {
            [] => Err(unknown(protocols, name)),
            [Self { protocol: Protocol { format: Format::Standard(_), .. }, .. }] => {
                Err(RecipeError::Standard { name: name.to_owned() })
            }
            [one] => Ok(*one),
            several => {
                let names = several.iter().map(Self::full_name).collect();
                Err(RecipeError::Ambiguous { name: name.to_owned(), names })
            }
        }
    }

    /// What a profile says comes before what a header merely declares.
    fn candidates(protocols: &'p Protocols, name: &str) -> Vec<Self> {
        let list = || protocols.read();
        let protocol = list().find(|it| it.name == name).map(Self::of);
        if let Some(described) = protocol.filter(|it| it.protocol.name != it.protocol.message) {
            return vec![described];
        }
        let cases: Vec<_> = list().flat_map(|it| Self::cases(it, name)).collect();
        if !cases.is_empty() {
            return once_each(cases);
        }
        if let Some((outer, inner)) = name.rsplit_once('.') {
            let of = list().filter(|it| it.name == outer);
            let cases: Vec<_> = of.flat_map(|it| Self::cases(it, inner)).collect();
            if !cases.is_empty() {
                return once_each(cases);
            }
        }
        if let Some(protocol) = protocol {
            return vec![protocol];
        }
        let (header, message) = match name.rsplit_once(':') {
            Some((header, message)) => (Some(header), message),
            None => (None, name),
        };
        let is_meant = |it: &&Protocol| {
            it.message == message && header.is_none_or(|header| is_in(protocols, it, header))
        };
        preferred(protocols, list().filter(is_meant).map(Self::of).collect())
    }

    /// The name that no other has.
    fn full_name(&self) -> String {
        match self.case {
            Some(case) => format!("{}.{}", self.protocol.name, case.name),
            None => self.protocol.name.clone(),
        }
    }

    /// The one message of the user's own headers and profile.
    ///
    /// # Errors
    ///
    /// There is none, or there are several.
    pub fn only(protocols: &'p Protocols) -> Result<Self, RecipeError> {
        let own = protocols.read().filter(|it| is_own(protocols, it));
        let mut found: Vec<&Protocol> = Vec::new();
        for protocol in own {
            // What a profile describes stands before what its header merely declares.
            if found.iter().all(|it| it.declared != protocol.declared) {
                found.push(protocol);
            }
        }
        match found.as_slice() {
            [] => Err(RecipeError::NoMessage),
            [protocol] => Ok(Self::of(protocol)),
            several => {
                let names = several.iter().map(|it| it.name.clone()).collect();
                Err(RecipeError::WhichMessage { names })
            }
        }
    }

    fn of(protocol: &'p Protocol) -> Self {
        Self { protocol, case: None }
    }

    /// The cases of a protocol that have a name: of a union's member, it or its struct.
    fn cases(protocol: &'p Protocol, name: &str) -> impl Iterator<Item = Self> {
        let is_named = move |case: &&Case| {
            let is_member = |record: &ResolvedLayout| {
                let member = member(record, &case.name);
                let part = member.and_then(|it| record.part(it));
                part.is_some_and(|it| it.name.as_deref() == Some(name) || it.record() == Some(name))
            };
            case.name == name
                || match &case.layout {
                    Some(layout) => layout.name == name,
                    None => protocol.format.layout().is_some_and(|it| is_member(it)),
                }
        };
        protocol
            .words
            .cases
            .iter()
            .filter(is_named)
            .map(move |case| Self { protocol, case: Some(case) })
    }

    /// What output calls it.
    pub fn name(&self) -> &'p str {
        self.case.map_or(&self.protocol.message, |it| &it.name)
    }

    /// The layout that its bytes have; `None` for a text record.
    pub fn layout(&self) -> Option<&'p Arc<ResolvedLayout>> {
        self.case.and_then(|it| it.layout.as_ref()).or(self.protocol.format.layout())
    }

    /// The member of a union that it is, where its fields are those of one.
    pub(super) fn member(&self) -> Option<PartId> {
        let case = self.case.filter(|it| it.layout.is_none())?;
        member(self.layout()?, &case.name)
    }
}

/// The member of a union that has a name, or whose struct has it.
fn member(layout: &ResolvedLayout, name: &str) -> Option<PartId> {
    let is_named = |(id, part): &(PartId, &Part)| {
        let record = layout.element(*id).and_then(|(_, it)| it.record());
        part.name.is_some() && (part.name.as_deref() == Some(name) || record == Some(name))
    };
    let parent_is_union = |part: &Part| {
        layout.part(part.parent).is_some_and(|it| matches!(it.kind, PartKind::Union(_)))
    };
    layout.fields().filter(|(_, it)| parent_is_union(it)).find(is_named).map(|(id, _)| id)
}

/// The user's own come before what is built in, where any is.
fn preferred<'p>(protocols: &Protocols, found: Vec<Named<'p>>) -> Vec<Named<'p>> {
    let own: Vec<_> = found.iter().copied().filter(|it| is_own(protocols, it.protocol)).collect();
    if own.is_empty() { found } else { own }
}

fn is_own(protocols: &Protocols, protocol: &Protocol) -> bool {
    protocol.declared.is_some_and(|it| !protocols.is_built_in_header(it.schema))
}

/// `include/proto.h` and `proto.h` both name `src/include/proto.h`.
fn is_in(protocols: &Protocols, protocol: &Protocol, header: &str) -> bool {
    let schema = protocol.declared.and_then(|it| protocols.schemas().get(it.schema));
    schema.and_then(|it| it.files.first()).is_some_and(|it| it.path.ends_with(header))
}

fn unknown(protocols: &Protocols, name: &str) -> RecipeError {
    let is_meant =
        |it: &&ProfileError| matches!(it, ProfileError::Layout { message, .. } if message == name);
    let named = protocols.read().filter(|it| !matches!(it.format, Format::Standard(_)));
    let known = named.flat_map(|it| {
        [it.name.as_str(), it.message.as_str()]
            .into_iter()
            .chain(it.words.cases.iter().map(|case| case.name.as_str()))
    });
    RecipeError::UnknownMessage {
        name: name.to_owned(),
        nearest: nearest(name, known),
        unfit: protocols.unfit().iter().find(is_meant).map(ToString::to_string),
    }
}

/// Of cases of one protocol that are one struct the first: which of them it is, its tag says.
fn once_each(cases: Vec<Named<'_>>) -> Vec<Named<'_>> {
    let mut each: Vec<Named<'_>> = Vec::new();
    for it in cases {
        let name = |it: &Named<'_>| it.case.map(|case| (case.name.clone(), case.layout.is_some()));
        let same = |known: &Named<'_>| {
            std::ptr::eq(known.protocol, it.protocol) && name(known) == name(&it)
        };
        if !each.iter().any(same) {
            each.push(it);
        }
    }
    each
}

#[cfg(test)]
#[path = "named_tests.rs"]
mod tests;
