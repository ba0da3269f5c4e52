//! The field whose value says what a message is.

use super::Case;
use super::error::CodecError;
use super::plan::{Cases, Choice, Form, Plan, RootId, StepId, Term};
use crate::schema::nearest;

#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// The tag's step, at a fixed place from the start of the message.
    pub step: StepId,
    cases: Vec<(i128, Meaning)>,
}

/// What a value of the tag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The message is another struct.
    Root(RootId),
    /// A member of a union.
    Member(StepId),
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
    /// Finds the tag and what its cases name: one of `roots`, behind the layout's own, for each
    /// case with a layout, else a member of a union, which is read by the tag from then on.
    pub fn resolve(
        plan: &mut Plan,
        path: &str,
        cases: &[Case],
        roots: &[RootId],
    ) -> Result<Self, CodecError> {
        let own = roots.first().copied();
        let step = own.and_then(|root| find(plan, root, path));
        let step = step.ok_or_else(|| plan.unknown_field(path))?;
        if !plan.steps[step].is_integer() {
            let path = path.to_owned();
            return Err(CodecError::TagKind { message: plan.name().to_owned(), path });
        }
        let mut structs = roots.iter().skip(1);
        let (mut tag, mut unions) = (Self { step, cases: Vec::new() }, Vec::new());
        for case in cases {
            let meaning = match case.layout.as_ref().and_then(|_| structs.next()) {
                Some(root) => Meaning::Root(*root),
                None => {
                    let (union, member) = member(plan, &case.name)?;
                    unions.push(union);
                    Meaning::Member(member)
                }
            };
            tag.cases.push((case.value, meaning));
        }
        tag.rule(plan, unions);
        Ok(tag)
    }

    /// Has the unions read by the tag.
    fn rule(&self, plan: &mut Plan, unions: Vec<StepId>) {
        let tag = plan.terms.push(Term::of(self.step));
        let choice = |(value, meaning): &(i128, Meaning)| Choice {
            values: *value..=*value,
            member: match meaning {
                Meaning::Member(member) => Some(*member),
                Meaning::Root(_) => None,
            },
        };
        let chosen = plan.cases.push(Cases { tag, cases: self.cases.iter().map(choice).collect() });
        for union in unions {
            if let Form::Union { cases, .. } = &mut plan.steps[union].form {
                *cases = Some(chosen);
            }
        }
    }

    /// What the tag in these bytes chooses.
    pub fn select(&self, plan: &Plan, own: RootId, bytes: &[u8]) -> Selected {
        match self.value(plan, bytes) {
            Some(value) => self.root(value, own).map_or(Selected::Unknown, Selected::Root),
            None => Selected::Absent,
        }
    }

    /// The tag's value in a message.
    pub fn value(&self, plan: &Plan, bytes: &[u8]) -> Option<i128> {
        plan.number(self.step, 0, bytes)
    }

    /// The values that have a case.
    pub fn values(&self) -> impl Iterator<Item = i128> {
        self.cases.iter().map(|(value, _)| *value)
    }

    /// The struct of a value that has a case; its own root where a union's member is chosen.
    pub fn root(&self, value: i128, own: RootId) -> Option<RootId> {
        let (_, meaning) = self.cases.iter().find(|(it, _)| *it == value)?;
        Some(match meaning {
            Meaning::Root(root) => *root,
            Meaning::Member(_) => own,
        })
    }
}

/// The step of a path; in a union, also of a path within one of its members.
pub(super) fn find(plan: &Plan, root: RootId, path: &str) -> Option<StepId> {
    let steps = plan.roots[root].steps.clone();
    let first = plan.children(steps.clone()).next();
    let is_union = first.is_some_and(|(_, it)| matches!(it.form, Form::Union { .. }));
    let fits = |node: &str| {
        node == path || is_union && node.split_once('.').is_some_and(|(_, within)| within == path)
    };
    let is_it = |id: &StepId| plan.node(*id).is_some_and(|node| fits(&node.path));
    plan.placed(steps).into_iter().find(is_it)
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
