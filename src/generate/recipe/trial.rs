//! The ends of what each recipe makes, written once before anything is sent.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::draw::{Clock, nanos};
use super::encoder::Encoder;
use super::error::{RecipeError, UnfitValue};
use super::message::Setting;
use super::named::Named;
use super::places::Holds;
use super::tree::Tree;
use super::value::ValueRecipe;
use crate::decode::codec::{EncodeError, FieldValue};
use crate::generate::GenerateError;
use crate::message::NTP_EPOCH;

/// The time that a field has to hold for `now`: 2038-01-19, up to which 31 bits count seconds.
const HORIZON: i64 = 0x7fff_ffff * 1_000_000_000;
/// 2036-02-07, up to which 32 bits count seconds since 1900.
const NTP_HORIZON: i64 = (0xffff_ffff + NTP_EPOCH) * 1_000_000_000;

/// Tries all settings: each by itself, so that what does not fit is named, and then together, which
/// decides where fields say something of each other. The longest message, bytes.
pub(super) fn max_len(
    named: &Named<'_>,
    encoder: &Encoder,
    base: &Tree,
    settings: &[Setting<'_>],
) -> Result<usize, GenerateError> {
    let mut trial = Trial { encoder, out: Vec::new(), max: 0 };
    let mut alone = Vec::new();
    if encoder.text().is_none() {
        for setting in settings {
            match trial.each(named.name(), &mut base.clone(), setting) {
                // What the others say may be what it needs.
                Err(error) if of_others(&error).is_some() => alone.push(error),
                outcome => outcome?,
            }
        }
    }
    let together = trial.together(named.name(), base.clone(), settings);
    together.map_err(|error| {
        // The same by itself names the setting.
        let mut alone = alone.into_iter();
        let same = alone.find(|it| of_others(it).is_some_and(|it| Some(it) == of_others(&error)));
        same.unwrap_or(error)
    })?;
    let (len, limit) = (trial.max, named.protocol.max_len);
    match limit.filter(|&max| len as u64 > max && !encoder.is_lengthened()) {
        Some(max) => Err(RecipeError::TooLong {
            message: named.name().to_owned(),
            protocol: named.protocol.name.clone(),
            len,
            max,
            path: longest_of(settings),
        }
        .into()),
        None => Ok(len),
    }
}

struct Trial<'e> {
    encoder: &'e Encoder,
    out: Vec<u8>,
    max: usize,
}

impl Trial<'_> {
    /// Writes the longest message, and each end of each setting with the others at their longest.
    fn together(
        &mut self,
        message: &str,
        mut tree: Tree,
        settings: &[Setting<'_>],
    ) -> Result<(), GenerateError> {
        for setting in settings {
            set(&mut tree, setting, |it| longest(setting.recipe, &it.holds));
        }
        self.write(&tree)?;
        settings.iter().try_for_each(|it| self.each(message, &mut tree, it))
    }

    /// Writes each end of what a setting makes, and leaves the longest.
    fn each(
        &mut self,
        message: &str,
        tree: &mut Tree,
        setting: &Setting<'_>,
    ) -> Result<(), GenerateError> {
        let Some(first) = setting.places.first() else { return Ok(()) };
        for value in ends(setting.recipe, &first.holds) {
            set(tree, setting, |_| value.clone());
            self.write(tree).map_err(|error| match error {
                GenerateError::Recipe(RecipeError::Message { source, .. }) => {
                    setting.unfit(message, source).into()
                }
                other => other,
            })?;
        }
        set(tree, setting, |it| longest(setting.recipe, &it.holds));
        Ok(())
    }

    fn write(&mut self, tree: &Tree) -> Result<(), GenerateError> {
        self.out.clear();
        self.encoder.write(tree.value(), &mut ChaCha8Rng::seed_from_u64(0), &mut self.out)?;
        self.max = self.max.max(self.out.len());
        Ok(())
    }
}

/// An error about what other fields say.
fn of_others(error: &GenerateError) -> Option<&EncodeError> {
    let GenerateError::Recipe(
        RecipeError::Value { source, .. } | RecipeError::Message { source, .. },
    ) = error
    else {
        return None;
    };
    match &**source {
        UnfitValue::Field(source) if source.is_of_others() => Some(source),
        _ => None,
    }
}

fn set(
    tree: &mut Tree,
    setting: &Setting<'_>,
    value: impl Fn(&super::places::Place) -> FieldValue,
) {
    for place in &setting.places {
        tree.set(&place.keys, value(place));
    }
}

/// The values that a recipe reaches at most, and each that is listed.
fn ends(recipe: &ValueRecipe, holds: &Holds) -> Vec<FieldValue> {
    match recipe {
        ValueRecipe::Constant(value) => vec![value.clone()],
        ValueRecipe::Range { low, high } => [*low, *high].map(FieldValue::Integer).into(),
        ValueRecipe::FloatRange { low, high } => [*low, *high].map(FieldValue::Float).into(),
        ValueRecipe::Counter { start, .. } => vec![FieldValue::Integer(*start)],
        ValueRecipe::Choice(values) => values.iter().map(|(value, _)| value.clone()).collect(),
        ValueRecipe::Now(_) | ValueRecipe::Text { .. } | ValueRecipe::Bytes { .. } => {
            vec![longest(recipe, holds)]
        }
    }
}

/// The value that takes the most bytes.
pub(super) fn longest(recipe: &ValueRecipe, holds: &Holds) -> FieldValue {
    match recipe {
        ValueRecipe::Constant(value) => value.clone(),
        ValueRecipe::Range { high, .. } => FieldValue::Integer(*high),
        ValueRecipe::FloatRange { high, .. } => FieldValue::Float(*high),
        ValueRecipe::Counter { start, .. } => FieldValue::Integer(*start),
        ValueRecipe::Now(unit) => {
            let clock = holds.clock();
            let horizon = if clock == Clock::UNIX { HORIZON } else { HORIZON.min(NTP_HORIZON) };
            let time = clock.number(horizon, nanos(*unit));
            match holds {
                Holds::Float(_) => FieldValue::Float(f64::from(i32::MAX)),
                _ => FieldValue::Integer(time),
            }
        }
        ValueRecipe::Choice(values) => {
            let all = values.iter().map(|(value, _)| value);
            all.max_by_key(|it| len(it)).cloned().unwrap_or(FieldValue::Integer(0))
        }
        ValueRecipe::Text { len } => FieldValue::Text("x".repeat(*len.end())),
        ValueRecipe::Bytes { len } => FieldValue::Bytes(vec![0; *len.end()]),
    }
}

/// Bytes of text, bytes, or elements of a list.
pub(super) fn len(value: &FieldValue) -> usize {
    match value {
        FieldValue::Text(text) => text.len(),
        FieldValue::Bytes(bytes) => bytes.len(),
        FieldValue::List(elements) => elements.len(),
        _ => 0,
    }
}

/// The setting that takes the most bytes.
fn longest_of(settings: &[Setting<'_>]) -> Option<String> {
    let size = |it: &&Setting<'_>| {
        let each = it.places.first().map_or(0, |place| len(&longest(it.recipe, &place.holds)));
        each.saturating_mul(it.places.len())
    };
    let most = settings.iter().max_by_key(size).filter(|it| size(it) > 0)?;
    Some(format!("{}={}", most.path, most.recipe))
}
