//! One kind of message of a sender: those that have the same fields, made in the same way.

use super::explanation::Explanations;
use super::field::FieldLearner;
use super::leaf::{Leaf, LeafKind};
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;
use crate::generate::mistake::{Mistake, MistakeKind};
use crate::generate::recipe::{FieldPath, MessageRecipe, ValueRecipe};
use crate::profile::ProtocolId;

/// How the bytes of a message are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By a way of [`Explanations`], with bytes behind it or none.
    Fields { protocol: ProtocolId, way: usize, has_trailing: bool },
    /// As they stand.
    Raw,
}

/// The messages of one kind.
#[derive(Debug)]
pub(super) struct Kind {
    pub form: Form,
    pub count: u64,
    paths: Vec<FieldPath>,
    /// Of each: whether it is in the variable tail.
    in_tail: Vec<bool>,
    fields: Vec<FieldLearner>,
    /// Of what stands behind the message, or of raw bytes.
    rest: Option<FieldLearner>,
}

/// A message that is kept as it was.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub values: Vec<FieldValue>,
    pub rest: Vec<u8>,
}

/// What is known of a kind once all messages were seen.
pub(super) struct Settled<'k> {
    kind: &'k Kind,
    /// Which fields have the other byte order.
    swapped: Vec<bool>,
    mistakes: Vec<Mistake>,
}

impl Kind {
    pub fn new(
        form: Form,
        leaves: &[Leaf],
        rest: &[u8],
        now: Option<Timestamp>,
        room: &mut usize,
    ) -> Self {
        let fields = leaves.iter().map(|leaf| FieldLearner::new(leaf, now, room)).collect();
        let has_rest = matches!(form, Form::Raw | Form::Fields { has_trailing: true, .. });
        let rest = has_rest.then(|| FieldLearner::new(&bytes(rest), now, room));
        let paths = leaves.iter().map(|it| it.path.clone()).collect();
        let in_tail = leaves.iter().map(|it| it.is_in_tail).collect();
        Self { form, count: 1, paths, in_tail, fields, rest }
    }

    pub fn is(&self, form: Form, leaves: &[Leaf]) -> bool {
        self.form == form
            && self.paths.len() == leaves.len()
            && self.paths.iter().zip(leaves).all(|(path, leaf)| *path == leaf.path)
    }

    pub fn take(&mut self, leaves: &[Leaf], rest: &[u8], now: Option<Timestamp>, room: &mut usize) {
        self.count = self.count.saturating_add(1);
        for (field, leaf) in self.fields.iter_mut().zip(leaves) {
            field.take(&leaf.value, now, room);
        }
        if let Some(learner) = &mut self.rest {
            learner.take(&bytes(rest).value, now, room);
        }
    }

    /// `explanations` are those of its protocol.
    pub fn settle(&self, explanations: Option<&Explanations>) -> Settled<'_> {
        let way = match self.form {
            Form::Fields { way, .. } => way,
            Form::Raw => 0,
        };
        let mut mistakes = explanations.map_or(Vec::new(), |it| it.mistakes(way).to_vec());
        let mut swapped = vec![false; self.fields.len()];
        if mistakes.iter().all(|it| it.kind != MistakeKind::ByteOrder) {
            swapped = self.swapped(explanations, &mut mistakes);
        }
        Settled { kind: self, swapped, mistakes }
    }

    /// The fields whose order is another than declared, with the mistakes that say so. Elements of one
    /// field have one order; one by which others are read has the declared one, or they would be others.
    fn swapped(
        &self,
        explanations: Option<&Explanations>,
        mistakes: &mut Vec<Mistake>,
    ) -> Vec<bool> {
        let mut orders: Vec<(String, Option<bool>)> = Vec::new();
        let names: Vec<String> = self.paths.iter().map(FieldPath::without_indexes).collect();
        for (name, field) in names.iter().zip(&self.fields) {
            let tells = explanations.is_some_and(|it| it.tells(name));
            let told = field.is_swapped().filter(|_| !tells);
            match orders.iter_mut().find(|it| it.0 == *name) {
                Some((_, Some(known))) => *known &= told.unwrap_or(true),
                Some((_, known)) => *known = told,
                None => orders.push((name.clone(), told)),
            }
        }
        let told = || orders.iter().filter_map(|(name, it)| Some((name, (*it)?)));
        let is_all = told().next().is_some() && told().all(|it| it.1);
        if is_all {
            mistakes.push(MistakeKind::ByteOrder.into());
        } else {
            let single = |(name, is_swapped): (&String, bool)| {
                let mistake = Mistake { kind: MistakeKind::ByteOrder, field: Some(name.clone()) };
                is_swapped.then_some(mistake)
            };
            mistakes.extend(told().filter_map(single));
        }
        let is_swapped =
            |name: &String| is_all || orders.iter().any(|it| it.0 == *name && it.1 == Some(true));
        names.iter().map(is_swapped).collect()
    }
}

impl Settled<'_> {
    /// The recipe of all messages of the kind; `None` where they are few and follow no rule.
    pub fn recipe(&self, protocol: &str, is_short: bool) -> Option<MessageRecipe> {
        let kind = self.kind;
        let fields = kind.fields.iter().zip(&self.swapped);
        let recipes = fields.map(|(field, swapped)| field.recipe(*swapped, is_short));
        let recipes = recipes.collect::<Option<Vec<_>>>()?;
        let rest = match &kind.rest {
            Some(rest) if kind.form == Form::Raw => Some(rest.choice(false)),
            Some(rest) => Some(rest.recipe(false, is_short)?),
            None => None,
        };
        if kind.form == Form::Raw && is_short && matches!(rest, Some(ValueRecipe::Choice(_))) {
            return None;
        }
        Some(self.with(protocol, recipes, rest))
    }

    /// The recipe of one of few messages, which come in turn, so that what counts or tells the time does
    /// so in each.
    pub fn alone(&self, protocol: &str, kept: &Kept) -> MessageRecipe {
        let kind = self.kind;
        let fields = kind.fields.iter().zip(&self.swapped).zip(&kept.values);
        let recipes = fields.map(|((field, swapped), value)| {
            let value = field.turned(value, *swapped);
            match (field.recipe(*swapped, true), &value) {
                (Some(ValueRecipe::Counter { step, .. }), FieldValue::Integer(start)) => {
                    let step = step.saturating_mul(i128::from(kind.count));
                    ValueRecipe::Counter { start: *start, step }
                }
                (Some(now @ ValueRecipe::Now(_)), _) => now,
                _ => ValueRecipe::Constant(value),
            }
        });
        let rest = || ValueRecipe::Constant(FieldValue::Bytes(kept.rest.clone()));
        self.with(protocol, recipes.collect(), kind.rest.is_some().then(rest))
    }

    fn with(
        &self,
        protocol: &str,
        recipes: Vec<ValueRecipe>,
        rest: Option<ValueRecipe>,
    ) -> MessageRecipe {
        if self.kind.form == Form::Raw {
            return MessageRecipe { raw: rest, ..MessageRecipe::new("") };
        }
        let fields = collapsed(self.kind, recipes);
        let mistakes = self.mistakes.clone();
        MessageRecipe { fields, mistakes, trailing: rest, ..MessageRecipe::new(protocol) }
    }
}

/// The fields with their recipes. Elements of a list are one line where they all hold the same, but for
/// those of a tail, which has one element where no index is named; and where each is constant.
fn collapsed(kind: &Kind, recipes: Vec<ValueRecipe>) -> Vec<(FieldPath, ValueRecipe)> {
    let names: Vec<String> = kind.paths.iter().map(FieldPath::without_indexes).collect();
    let mut fields: Vec<(FieldPath, ValueRecipe)> = Vec::with_capacity(recipes.len());
    let mut at: usize = 0;
    // Those of one field stand together, unless it is in a list of structs.
    for run in names.chunk_by(|one, next| one == next) {
        let behind = at.saturating_add(run.len());
        let paths = kind.paths.get(at..behind).unwrap_or_default();
        let own = recipes.get(at..behind).unwrap_or_default();
        let in_tail = kind.in_tail.get(at).copied().unwrap_or(false);
        match run.first().and_then(|name| in_one(name, paths, own, in_tail)) {
            Some(field) => fields.push(field),
            None => fields.extend(paths.iter().cloned().zip(own.iter().cloned())),
        }
        at = behind;
    }
    fields
}

/// The elements of a list as one field; `None` where there is one alone, or they differ.
fn in_one(
    name: &str,
    paths: &[FieldPath],
    recipes: &[ValueRecipe],
    in_tail: bool,
) -> Option<(FieldPath, ValueRecipe)> {
    let whole: FieldPath = name.parse().ok()?;
    let (first, rest) = recipes.split_first()?;
    let elements = || (0..paths.len()).map(|index| whole.element(index));
    if rest.is_empty() || !elements().eq(paths.iter().cloned()) {
        return None;
    }
    if !in_tail && rest.iter().all(|it| it == first) {
        return Some((whole, first.clone()));
    }
    let constant = |it: &ValueRecipe| match it {
        ValueRecipe::Constant(value) => Some(value.clone()),
        _ => None,
    };
    let all = recipes.iter().map(constant).collect::<Option<Vec<_>>>()?;
    Some((whole, ValueRecipe::Constant(FieldValue::List(all))))
}

fn bytes(rest: &[u8]) -> Leaf {
    let value = FieldValue::Bytes(rest.to_vec());
    Leaf { path: FieldPath::of("raw"), kind: LeafKind::Bytes, value, is_in_tail: false }
}
