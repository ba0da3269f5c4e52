//! Messages by recipe, one after the other.
//!
//! Each sender has counters and random numbers of its own, so that what one sends does not depend on
//! the others. The numbers come from ChaCha with 8 rounds, whose output is the same on every machine.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::error::RecipeError;
use super::gap::GapRecipe;
use super::message::Message;
use super::recipe::{MessageRecipe, Order, Recipe, SenderRecipe};
use crate::capture::Timestamp;
use crate::generate::GenerateError;
use crate::profile::Protocols;

/// Makes messages, the same ones from the same seed.
#[derive(Debug)]
pub struct Maker {
    senders: Vec<Sender>,
    /// Whose turn it is.
    turn: usize,
    order: Order,
    gap: Option<GapRecipe>,
    /// For gaps alone.
    rng: ChaCha8Rng,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Who sends it: an index into [`Recipe::senders`]; 0 where there are none.
    pub sender: usize,
    /// The recipe's time from it to the next one, whoever sends that: so that the next is made when it is due.
    pub gap: Option<Duration>,
}

#[derive(Debug)]
struct Sender {
    messages: Vec<Message>,
    /// Which message it is, and how often it still comes.
    turn: (usize, u32),
    weights: u64,
    rng: ChaCha8Rng,
    /// Messages until it has done.
    left: Option<u64>,
}

impl Maker {
    /// Makes a recipe ready: nothing that it makes does not fit. Where it names no message, the one of the
    /// user's own headers is meant. `seed` stands before that of the recipe.
    ///
    /// # Errors
    ///
    /// A message or a field that there is not; a recipe that does not go with its field; a value that does not
    /// fit, at either end of what the recipe makes; a message over its protocol's `max_len`.
    pub fn new(protocols: &Protocols, recipe: &Recipe, seed: u64) -> Result<Self, GenerateError> {
        let one = [SenderRecipe::default()];
        let senders = if recipe.senders.is_empty() { &one } else { recipe.senders.as_slice() };
        let prepare = |messages: &[MessageRecipe]| {
            let ready = messages.iter().map(|it| Message::new(protocols, it));
            ready.collect::<Result<Vec<_>, _>>()
        };
        let shared = prepare(&recipe.messages)?;
        let sender = |(index, sender): (u64, &SenderRecipe)| {
            let messages = match &sender.messages {
                Some(own) => prepare(own)?,
                None => shared.clone(),
            };
            if messages.is_empty() {
                return Err(RecipeError::NoMessage.into());
            }
            let weights = messages.iter().map(|it| u64::from(it.weight)).sum();
            let rng = stream(seed, index);
            Ok(Sender { messages, turn: (0, 0), weights, rng, left: sender.count })
        };
        let senders = (0..).zip(senders).map(sender).collect::<Result<Vec<_>, GenerateError>>()?;
        let (order, gap) = (recipe.order, recipe.gap.clone());
        let rng = stream(seed, u64::MAX);
        Ok(Self { senders, turn: 0, order, gap, rng })
    }

    /// The longest message that it makes, bytes.
    pub fn max_len(&self) -> usize {
        let all = self.senders.iter().flat_map(|it| &it.messages);
        all.map(|it| it.max_len).max().unwrap_or(0)
    }

    /// Appends the next message to `out`. `now` is what `now(…)` in recipes stands for. `None`: every
    /// sender has sent as many as it is to.
    ///
    /// # Errors
    ///
    /// A time that its field no longer holds. `out` is then as it was.
    pub fn next(
        &mut self,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<Option<Made>, GenerateError> {
        let Some(index) = self.whose_turn() else { return Ok(None) };
        let Some(sender) = self.senders.get_mut(index) else { return Ok(None) };
        sender.next(self.order, now, out)?;
        let gap = self.gap.as_ref().map(|gap| draw(gap, &mut self.rng));
        Ok(Some(Made { sender: index, gap }))
    }

    /// The next sender that has not done.
    fn whose_turn(&mut self) -> Option<usize> {
        for _ in 0..self.senders.len() {
            let index = self.turn;
            self.turn = if index.saturating_add(1) < self.senders.len() { index + 1 } else { 0 };
            if self.senders.get(index).is_some_and(|it| it.left != Some(0)) {
                return Some(index);
            }
        }
        None
    }
}

impl Sender {
    fn next(
        &mut self,
        order: Order,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<(), GenerateError> {
        let index = match order {
            _ if self.messages.len() == 1 => 0,
            Order::InTurn => self.in_turn(),
            Order::ByWeight => self.by_weight(),
        };
        if let Some(message) = self.messages.get_mut(index) {
            message.next(&mut self.rng, now, out)?;
        }
        self.left = self.left.map(|it| it.saturating_sub(1));
        Ok(())
    }

    fn in_turn(&mut self) -> usize {
        let (index, times) = self.turn;
        let weight = self.messages.get(index).map_or(1, |it| it.weight);
        let next = index.saturating_add(1);
        self.turn = match times.saturating_add(1) {
            times if times < weight => (index, times),
            _ if next < self.messages.len() => (next, 0),
            _ => (0, 0),
        };
        index
    }

    fn by_weight(&mut self) -> usize {
        let weights = self.messages.iter().map(|it| it.weight);
        weighted(&mut self.rng, self.weights, weights).unwrap_or(0)
    }
}

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn draw(gap: &GapRecipe, rng: &mut ChaCha8Rng) -> Duration {
    match gap {
        GapRecipe::Constant(gap) => *gap,
        GapRecipe::Range { low, high } => rng.random_range(*low..=*high),
        GapRecipe::Choice(gaps) => {
            let all: u64 = gaps.iter().map(|(_, weight)| u64::from(*weight)).sum();
            let drawn = weighted(rng, all, gaps.iter().map(|(_, weight)| *weight));
            drawn.and_then(|it| gaps.get(it)).map_or(Duration::ZERO, |(gap, _)| *gap)
        }
    }
}

/// The place of one of these, by weight; `all` is the sum of them.
fn weighted(
    rng: &mut ChaCha8Rng,
    all: u64,
    mut weights: impl Iterator<Item = u32>,
) -> Option<usize> {
    let mut at = rng.random_range(0..all.max(1));
    let is_it = |weight: u32| {
        let is_it = at < u64::from(weight);
        at = at.saturating_sub(u64::from(weight));
        is_it
    };
    weights.position(is_it)
}

#[cfg(test)]
#[path = "maker_tests.rs"]
mod tests;
