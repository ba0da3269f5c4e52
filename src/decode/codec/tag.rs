//! The fields whose values say what a message is.

use std::ops::RangeInclusive;

use super::Case;
use super::error::CodecError;
use super::measure::Extent;
use super::placed::PlacedTerm;
use super::plan::{Cases, Choice, Form, Plan, RootId, StepId, TermId};
use crate::message::ErrorKind;
use crate::profile::MAX_TAGS;
use crate::schema::nearest;

#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// What is looked at, at fixed places from the start of the message.
    pub terms: Vec<PlacedTerm>,
    cases: Vec<RootCase>,
}

#[derive(Clone, Debug)]
struct RootCase {
    values: Vec<RangeInclusive<i128>>,
    when: Option<PlacedTerm>,
    meaning: Meaning,
}

/// What a value of the tag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The message is another struct.
    Root(RootId),
    /// A member of a union.
    Member(StepId),
    /// Just what is in every message.
    Nothing,
}

/// What the tag of one message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    Root(RootId),
    /// No case has the tag's value.
    Unknown,
    /// The tag is not in the bytes.
    Absent,
}

impl Tag {
    /// Finds what the cases name: one of `roots`, behind the layout's own, for each
    /// case with a layout, else a member of a union, which is read by the tag from then on.
    pub fn resolve(
        plan: &mut Plan,
        terms: Vec<PlacedTerm>,
        cases: &[Case],
        whens: Vec<Option<PlacedTerm>>,
        roots: &[RootId],
    ) -> Result<Self, CodecError> {
        let mut structs = roots.iter().skip(1);
        let (mut tag, mut unions) = (Self { terms, cases: Vec::new() }, Vec::new());
        for (case, when) in cases.iter().zip(whens) {
            let meaning = match case.layout.as_ref().and_then(|_| structs.next()) {
                Some(root) => Meaning::Root(*root),
                None if case.is_nothing() => Meaning::Nothing,
                None => {
                    let (union, member) = member(plan, &case.name)?;
                    unions.push(union);
                    Meaning::Member(member)
                }
            };
            tag.cases.push(RootCase { values: case.values.clone(), when, meaning });
        }
        tag.rule(plan, unions);
        Ok(tag)
    }

    /// Has the unions read by the tag.
    fn rule(&self, plan: &mut Plan, unions: Vec<StepId>) {
        let choice = |case: &RootCase| Choice {
            values: case.values.clone(),
            when: case.when.as_ref().map(|it| it.term),
            member: match case.meaning {
                Meaning::Member(member) => Some(member),
                Meaning::Root(_) | Meaning::Nothing => None,
            },
        };
        let tags = self.terms.iter().map(|it| it.term).collect();
        let cases = self.cases.iter().map(choice).collect();
        let chosen = plan.cases.push(Cases { tags, cases, otherwise: None });
        for union in unions {
            if let Form::Union { cases, .. } = &mut plan.steps[union].form {
                *cases = Some(chosen);
            }
        }
    }

    /// What the tag in these bytes chooses.
    pub fn select(&self, plan: &Plan, own: RootId, bytes: &[u8], to_server: bool) -> Selected {
        let mut values = [0; MAX_TAGS];
        for (value, term) in values.iter_mut().zip(&self.terms) {
            match term.value(plan, bytes, to_server) {
                Some(it) => *value = it,
                None => return Selected::Absent,
            }
        }
        let holds =
            |term: &PlacedTerm| term.value(plan, bytes, to_server).is_some_and(|it| it != 0);
        let root = self.root(&values, own, holds);
        root.map_or(Selected::Unknown, Selected::Root)
    }

    /// The struct of values that have a case; its own root where a union's member is chosen.
    pub fn root(
        &self,
        values: &[i128],
        own: RootId,
        holds: impl Fn(&PlacedTerm) -> bool,
    ) -> Option<RootId> {
        let is_so = |case: &&RootCase| {
            let has = case.values.iter().zip(values).all(|(values, it)| values.contains(it));
            has && case.when.as_ref().is_none_or(&holds)
        };
        let case = self.cases.iter().find(is_so)?;
        Some(match case.meaning {
            Meaning::Root(root) => root,
            Meaning::Member(_) | Meaning::Nothing => own,
        })
    }

    /// The bytes that it takes to read it.
    pub fn needed(&self) -> usize {
        self.terms.iter().map(PlacedTerm::needed).max().unwrap_or(0)
    }

    /// The error that it has no case.
    pub fn unknown<'c>(&self, plan: &'c Plan) -> Extent<'c> {
        self.terms.first().map_or(Extent::Close, |it| it.unknown(plan, ErrorKind::UnknownCase))
    }

    /// The field that an error is told of.
    pub fn field(&self) -> Option<StepId> {
        self.terms.first().and_then(PlacedTerm::field)
    }

    /// The one field that is the tag, where that is all there is to it.
    pub fn single(&self) -> Option<StepId> {
        match self.terms.as_slice() {
            [only] => only.field(),
            _ => None,
        }
    }

    /// The roots of all cases, with the first value of the tag that chooses each.
    pub fn roots(&self, own: RootId) -> impl Iterator<Item = (RootId, Option<(StepId, i128)>)> {
        let single = self.single();
        self.cases.iter().map(move |case| {
            let root = match case.meaning {
                Meaning::Root(root) => root,
                Meaning::Member(_) | Meaning::Nothing => own,
            };
            (root, single.zip(case.values.first().map(|it| *it.start())))
        })
    }

    /// What gives the tags the values of a root's case: the first value of each.
    pub fn values_of(&self, root: RootId) -> impl Iterator<Item = &[RangeInclusive<i128>]> {
        let cases = self.cases.iter().filter(move |it| it.meaning == Meaning::Root(root));
        cases.map(|it| it.values.as_slice())
    }

    /// The terms of the tag.
    pub fn term_ids(&self) -> impl Iterator<Item = TermId> {
        self.terms.iter().map(|it| it.term)
    }
}

/// The union and the member that a case names.
fn member(plan: &Plan, name: &str) -> Result<(StepId, StepId), CodecError> {
    let mut names = Vec::new();
    let root = plan.roots.as_slice().first();
    let placed = root.map(|root| plan.placed(root.steps.clone())).unwrap_or_default();
    for union in placed {
        if !matches!(plan.steps[union].form, Form::Union { .. }) {
            continue;
        }
        for (member, _) in plan.children(plan.within(union)) {
            let own = plan.node(member).map(|node| node.name.as_str());
            let record = plan.records.get(&member).map(String::as_str);
            if own == Some(name) || record == Some(name) {
                return Ok((union, member));
            }
            names.extend(own.into_iter().chain(record));
        }
    }
    Err(CodecError::UnknownCase {
        message: plan.name().to_owned(),
        name: name.to_owned(),
        nearest: nearest(name, names),
    })
}
