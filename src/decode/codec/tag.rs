//! The field whose value says what a message is.

use super::Case;
use super::error::CodecError;
use super::number::NumberKind;
use super::plan::{Form, Plan, Step};
use super::read::Failure;
use crate::message::ErrorKind;
use crate::schema::nearest;

#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// The tag's step.
    pub step: u32,
    /// The unions that the cases speak of: these are read by the tag alone.
    unions: Vec<u32>,
    cases: Vec<(i128, Choice)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A struct in the message's place: index into [`Plan::roots`].
    Root(usize),
    /// The step of a union's member.
    Member(u32),
}

/// What the tag of one message says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selection<'t> {
    /// Index into [`Plan::roots`].
    pub root: usize,
    /// The chosen member of the unions ruled by the tag.
    pub member: Option<u32>,
    /// No case has the tag's value.
    pub unknown: bool,
    /// The tag's step.
    pub tag: u32,
    unions: &'t [u32],
}

impl Selection<'_> {
    /// Whether the tag decides what the union at this step holds.
    pub fn rules(&self, union: u32) -> bool {
        self.unions.contains(&union)
    }
}

impl Tag {
    /// Finds the tag and what its cases name.
    pub fn resolve(plan: &Plan, path: &str, cases: &[Case]) -> Result<Self, CodecError> {
        let step = find(plan, 0, path).ok_or_else(|| plan.unknown_field(path))?;
        if !plan.step(step).is_some_and(is_integer) {
            let path = path.to_owned();
            return Err(CodecError::TagKind { message: message(plan), path });
        }
        let mut tag = Self { step, unions: Vec::new(), cases: Vec::new() };
        let mut root = 0_usize;
        for case in cases {
            let choice = if case.layout.is_some() {
                root = root.saturating_add(1);
                Choice::Root(root)
            } else {
                let (union, member) = member(plan, &case.name)?;
                if !tag.unions.contains(&union) {
                    tag.unions.push(union);
                }
                Choice::Member(member)
            };
            tag.cases.push((case.value, choice));
        }
        Ok(tag)
    }

    /// What the tag in these bytes chooses; the layout itself where the tag is not in them.
    pub fn select<'t>(&'t self, plan: &Plan, bytes: &[u8]) -> Selection<'t> {
        let Some(value) = self.value(plan, bytes) else { return Selection::default() };
        match self.choice(value) {
            Some(choice) => self.selection(choice),
            None => Selection {
                unknown: true,
                tag: self.step,
                unions: &self.unions,
                ..Selection::default()
            },
        }
    }

    /// What each of the cases chooses.
    pub fn selections(&self) -> impl Iterator<Item = Selection<'_>> {
        self.cases.iter().map(|(_, choice)| self.selection(*choice))
    }

    fn selection(&self, choice: Choice) -> Selection<'_> {
        let chosen = Selection { tag: self.step, unions: &self.unions, ..Selection::default() };
        match choice {
            Choice::Root(root) => Selection { root, ..chosen },
            Choice::Member(member) => Selection { member: Some(member), ..chosen },
        }
    }

    /// The case of a value.
    pub fn choice(&self, value: i128) -> Option<Choice> {
        self.cases.iter().find(|(it, _)| *it == value).map(|(_, choice)| *choice)
    }

    /// The tag's value in a message.
    pub fn value(&self, plan: &Plan, bytes: &[u8]) -> Option<i128> {
        plan.number(self.step, bytes)
    }

    /// Whether the tag decides what the union at this step holds.
    pub fn rules(&self, union: u32) -> bool {
        self.unions.contains(&union)
    }

    /// The error of a message whose tag has no case.
    pub fn unknown(&self, plan: &Plan) -> Failure {
        let offset = plan.step(self.step).map_or(0, |step| step.offset);
        Failure { step: self.step, offset, kind: ErrorKind::UnknownCase }
    }
}

/// The step of a path; in a union, also of a path within one of its members.
pub(super) fn find(plan: &Plan, root: usize, path: &str) -> Option<u32> {
    let root = plan.root(root)?;
    let is_union =
        plan.step(root.steps.start).is_some_and(|it| matches!(it.form, Form::Union { .. }));
    let fits = |node: &str| {
        node == path || is_union && node.split_once('.').is_some_and(|(_, within)| within == path)
    };
    plan.placed(root.steps.clone())
        .map(|(index, _)| index)
        .find(|&index| plan.node(index).is_some_and(|node| fits(&node.path)))
}

/// The union and the member that a case names.
fn member(plan: &Plan, name: &str) -> Result<(u32, u32), CodecError> {
    let mut names = Vec::new();
    let steps = plan.root(0).map(|root| root.steps.clone()).unwrap_or_default();
    for (union, step) in plan.placed(steps) {
        if !matches!(step.form, Form::Union { .. }) {
            continue;
        }
        for (member, _) in plan.children(union.saturating_add(1)..step.end) {
            let own = plan.node(member).map(|node| node.name.as_str());
            let record = plan.records.get(&member).map(String::as_str);
            if own == Some(name) || record == Some(name) {
                return Ok((union, member));
            }
            names.extend(own.into_iter().chain(record));
        }
    }
    Err(CodecError::UnknownCase {
        message: message(plan),
        name: name.to_owned(),
        nearest: nearest(name, names),
    })
}

pub(super) fn is_integer(step: &Step) -> bool {
    match step.form {
        Form::Number(number) => !matches!(number.kind, NumberKind::Float),
        Form::Bits(_) => true,
        _ => false,
    }
}

fn message(plan: &Plan) -> String {
    plan.root(0).map(|root| root.name.clone()).unwrap_or_default()
}
