//! What one sender sends, and in which order.

use std::net::SocketAddr;

use super::cycle::Cycle;
use super::explanation::Explanations;
use super::field::weights;
use super::kind::{Form, Kept, Kind, Settled};
use super::leaf::Leaf;
use crate::capture::Timestamp;
use crate::generate::recipe::MessageRecipe;
use crate::profile::{PerProtocol, Protocols};

/// Kinds of messages of one sender; what is of another one is kept as bytes.
const MAX_KINDS: usize = 64;
/// What is kept of a field besides its values, bytes.
const FIELD_LEN: usize = 1024;
/// A sender of fewer messages says nothing of what is common and what is not: they are sent as they were,
/// in turn.
const SHORT: u64 = 8;

/// One sender.
#[derive(Debug)]
pub(super) struct SenderLearner {
    pub src: SocketAddr,
    pub dst: SocketAddr,
    pub count: u64,
    /// The way that explained the last message.
    pub way: usize,
    kinds: Vec<Kind>,
    cycle: Cycle,
    /// The first messages, as long as there are few.
    first: Vec<(usize, Kept)>,
}

/// One message, as far as it is understood.
pub(super) struct Seen<'s> {
    pub form: Form,
    pub leaves: &'s [Leaf],
    /// Behind the message, or all of it.
    pub rest: &'s [u8],
    pub now: Option<Timestamp>,
}

impl SenderLearner {
    pub fn new(src: SocketAddr, dst: SocketAddr) -> Self {
        let (kinds, first) = (Vec::new(), Vec::new());
        Self { src, dst, count: 0, way: 0, kinds, cycle: Cycle::default(), first }
    }

    /// Whether there is room for a message of a kind that did not come yet.
    pub fn knows_or_may(&self, form: Form, leaves: &[Leaf], room: usize) -> bool {
        let is_room = leaves.len().saturating_mul(FIELD_LEN) <= room;
        let may = self.kinds.len() < MAX_KINDS && is_room;
        may || self.kinds.iter().any(|it| it.is(form, leaves))
    }

    pub fn take(&mut self, seen: &Seen<'_>, room: &mut usize) {
        self.count = self.count.saturating_add(1);
        let Seen { form, leaves, rest, now } = *seen;
        let known = self.kinds.iter().position(|it| it.is(form, leaves));
        let index = match known.and_then(|index| Some((index, self.kinds.get_mut(index)?))) {
            Some((index, kind)) => {
                kind.take(leaves, rest, now, room);
                index
            }
            None => {
                *room = room.saturating_sub(leaves.len().saturating_mul(FIELD_LEN));
                self.kinds.push(Kind::new(form, leaves, rest, now, room));
                self.kinds.len().saturating_sub(1)
            }
        };
        self.cycle.take(index);
        if self.count < SHORT {
            let values = leaves.iter().map(|it| it.value.clone()).collect();
            self.first.push((index, Kept { values, rest: rest.to_vec() }));
        } else {
            self.first = Vec::new();
        }
    }

    /// Its messages, and whether they come in turn.
    pub fn messages<'k>(
        &'k self,
        protocols: &'k Protocols,
        explanations: &'k PerProtocol<Option<Explanations>>,
    ) -> (Vec<MessageRecipe>, bool) {
        let named = |form| match form {
            Form::Fields { protocol, .. } => {
                let name = protocols.get(protocol).map_or("", |it| &it.name);
                (name, explanations.get(protocol).and_then(Option::as_ref))
            }
            Form::Raw => ("", None),
        };
        let settle = |kind: &'k Kind| {
            let (name, explanations) = named(kind.form);
            (name, kind.settle(explanations))
        };
        let settled: Vec<(&str, Settled<'_>)> = self.kinds.iter().map(settle).collect();
        let is_short = self.count < SHORT;
        let recipes = settled.iter().map(|(name, it)| it.recipe(name, is_short));
        let recipes: Option<Vec<_>> = recipes.collect();
        match (recipes, self.cycle.runs()) {
            (Some(recipes), Some(runs)) => {
                let of = |kind: usize, weight| {
                    Some(MessageRecipe { weight, ..recipes.get(kind)?.clone() })
                };
                let weight = |len| if runs.len() == 1 { 1 } else { len };
                let all = runs.iter().filter_map(|run| of(run.kind, weight(run.len)));
                (all.collect(), true)
            }
            (Some(recipes), None) if !is_short => {
                let counts: Vec<_> = self.kinds.iter().map(|it| it.count).collect();
                let weighed = recipes.into_iter().zip(weights(&counts));
                let all = weighed.map(|(it, weight)| MessageRecipe { weight, ..it });
                (all.collect(), false)
            }
            _ => {
                let alone = self.first.iter().filter_map(|(kind, kept)| {
                    let (name, settled) = settled.get(*kind)?;
                    Some(settled.alone(name, kept))
                });
                (alone.collect(), true)
            }
        }
    }
}
