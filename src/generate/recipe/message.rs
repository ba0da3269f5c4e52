//! One kind of message, made ready: its recipes tried against its layout, so that nothing that does
//! not fit is ever sent.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;

use super::draw::{Clock, Draw, Width};
use super::encoder::Encoder;
use super::error::{RecipeError, Set, UnfitValue};
use super::named::Named;
use super::path::FieldPath;
use super::places::{self, Holds, Place, Places};
use super::recipe::MessageRecipe;
use super::stamp::Stamp;
use super::tag;
use super::tree::Tree;
use super::trial;
use super::value::ValueRecipe;
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;
use crate::generate::GenerateError;
use crate::profile::Protocols;

/// One kind of message of one sender.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub weight: u32,
    content: Content,
    trailing: Option<Raw>,
    /// The longest that it gets, bytes.
    pub max_len: usize,
}

#[derive(Clone, Debug)]
enum Content {
    Fields { tree: Tree, encoder: Arc<Encoder>, stamp: Option<Stamp> },
    Raw(Raw),
}

/// Bytes without a layout.
#[derive(Clone, Debug)]
struct Raw {
    value: FieldValue,
    draw: Draw,
}

/// A recipe, and the places that it fills.
pub(super) struct Setting<'r> {
    pub path: String,
    pub recipe: &'r ValueRecipe,
    pub places: Vec<Place>,
}

impl Message {
    /// Tries a recipe, and makes it ready.
    pub fn new(protocols: &Protocols, recipe: &MessageRecipe) -> Result<Self, GenerateError> {
        let trailing = recipe.trailing.as_ref().map(|it| Raw::new("trailing", it)).transpose()?;
        let behind = trailing.as_ref().map_or(0, |(_, len)| *len);
        let (content, len) = match &recipe.raw {
            Some(raw) if recipe.fields.is_empty() && recipe.mistakes.is_empty() => {
                let (raw, len) = Raw::new("raw", raw)?;
                (Content::Raw(raw), len)
            }
            Some(_) => {
                let text = "raw bytes have no fields: leave out raw, or fields and mistakes";
                return Err(RecipeError::Combination(text).into());
            }
            None => Self::fields(protocols, recipe)?,
        };
        let trailing = trailing.map(|(it, _)| it);
        Ok(Self { weight: recipe.weight, content, trailing, max_len: len.saturating_add(behind) })
    }

    fn fields(
        protocols: &Protocols,
        recipe: &MessageRecipe,
    ) -> Result<(Content, usize), GenerateError> {
        let named = match recipe.message.as_str() {
            "" => Named::only(protocols)?,
            name => Named::find(protocols, name)?,
        };
        let named = tag::case_by_value(named, &recipe.fields);
        let encoder = Encoder::of(protocols, &named, &recipe.mistakes)?;
        let mut settings = settings(&named, &encoder, &recipe.fields)?;
        let tag = tag::of(&named, &settings)?;
        settings.retain(|it| tag.as_ref().is_none_or(|tag| !tag.is_of(it)));
        let mut tree = Tree::new();
        if let Some(tag) = &tag {
            tree.set(&tag.place.keys, FieldValue::Integer(tag.value));
        }
        let len = trial::max_len(&named, &encoder, &tree, &settings)?;
        for setting in &settings {
            setting.fill(&mut tree);
        }
        // Mistakes may draw numbers of their own, and a tag that varies may choose another layout.
        let is_alike = tag.is_some() || named.protocol.words.tags.is_empty();
        let is_plain = is_alike && recipe.mistakes.is_empty();
        let stamp = is_plain.then(|| Stamp::new(&tree, &encoder)).flatten();
        Ok((Content::Fields { tree, encoder: Arc::new(encoder), stamp }, len))
    }

    #[cfg(test)]
    pub fn is_stamped(&self) -> bool {
        matches!(self.content, Content::Fields { stamp: Some(_), .. })
    }

    /// The codec writes all of it from now on.
    #[cfg(test)]
    pub fn forget_stamp(&mut self) {
        if let Content::Fields { stamp, .. } = &mut self.content {
            *stamp = None;
        }
    }

    /// Appends the next one.
    pub fn next(
        &mut self,
        rng: &mut ChaCha8Rng,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<(), GenerateError> {
        match &mut self.content {
            Content::Fields { tree, encoder, stamp } => {
                tree.next(rng, now);
                if !stamp.as_ref().is_some_and(|it| it.write(tree, out)) {
                    encoder.write(tree.value(), rng, out)?;
                }
            }
            Content::Raw(raw) => raw.next(rng, now, out),
        }
        if let Some(trailing) = &mut self.trailing {
            trailing.next(rng, now, out);
        }
        Ok(())
    }
}

fn settings<'r>(
    named: &Named<'_>,
    encoder: &Encoder,
    fields: &'r [(FieldPath, ValueRecipe)],
) -> Result<Vec<Setting<'r>>, RecipeError> {
    let layout = named.layout().map(|layout| Places::new(named, layout, fields));
    let setting = |(path, recipe): &'r (FieldPath, ValueRecipe)| {
        let places = match (&layout, encoder.text()) {
            (Some(layout), _) => layout.of(path, recipe)?,
            (None, Some(text)) => places::in_text(named.name(), text, path)?,
            (None, None) => Vec::new(),
        };
        let setting = Setting { path: path.to_string(), recipe, places };
        setting.check(named.name())?;
        Ok(setting)
    };
    fields.iter().map(setting).collect()
}

impl Setting<'_> {
    /// Sees that the recipe makes what the field holds.
    fn check(&self, message: &str) -> Result<(), RecipeError> {
        let Some(place) = self.places.first() else { return Ok(()) };
        match mismatch(self.recipe, &place.holds) {
            None => Ok(()),
            Some(help) => {
                let (set, found) = (self.named(message), place.holds.to_string());
                Err(RecipeError::Kind { set, found, help })
            }
        }
    }

    /// What is set, for errors.
    pub fn named(&self, message: &str) -> Box<Set> {
        let (message, path) = (message.to_owned(), self.path.clone());
        Box::new(Set { message, path, recipe: self.recipe.to_string() })
    }

    /// What is wrong with one of its values.
    pub fn unfit(&self, message: &str, source: Box<UnfitValue>) -> RecipeError {
        RecipeError::Value { set: self.named(message), source }
    }

    fn fill(&self, tree: &mut Tree) {
        for place in &self.places {
            match Draw::new(self.recipe, place.holds.width()).by(place.holds.clock()) {
                // As it will be on the wire, so that hex is not read again for each message.
                Draw::Constant(FieldValue::Text(text)) if place.holds == Holds::Bytes => {
                    tree.set(&place.keys, unhex(&text).unwrap_or(FieldValue::Text(text)));
                }
                Draw::Constant(value) => tree.set(&place.keys, value),
                draw => tree.draw(&place.keys, trial::longest(self.recipe, &place.holds), draw),
            }
        }
    }
}

/// Why a recipe cannot be of what a field holds; what else may be, where there is something.
fn mismatch(recipe: &ValueRecipe, holds: &Holds) -> Option<&'static str> {
    use ValueRecipe::{Bytes, Choice, Constant, Counter, FloatRange, Now, Range, Text};
    match (recipe, holds) {
        (Constant(FieldValue::Group(_)), Holds::Record | Holds::Written) => None,
        (Constant(FieldValue::Text(_)) | Choice(_), Holds::Written) => None,
        (_, Holds::Written) => Some(": give it as it is written, or set its fields"),
        (_, Holds::Record) => Some(": set its fields, such as point.x"),
        (Constant(FieldValue::List(_)), Holds::List) => None,
        (_, Holds::List) => Some(": set its elements, such as scores[0]"),
        (Constant(_) | Choice(_), _) => None,
        (Range { .. } | FloatRange { .. }, Holds::Scaled(_)) => None,
        (Range { .. }, Holds::Integer(_) | Holds::Time(..) | Holds::Float(_) | Holds::Number) => {
            None
        }
        (FloatRange { .. }, Holds::Float(_) | Holds::Number) => None,
        (FloatRange { .. }, Holds::Integer(_) | Holds::Time(..)) => {
            Some(": its range has no points, as 0..100")
        }
        (Counter { .. }, Holds::Integer(_) | Holds::Time(..) | Holds::Number) => None,
        (Counter { .. }, Holds::Float(_) | Holds::Scaled(_)) => {
            Some(", and a counter counts integers")
        }
        (Now(_), Holds::Integer(_) | Holds::Time(..) | Holds::Float(8) | Holds::Number) => None,
        (Now(_), Holds::Float(_)) => Some(", too coarse for a time since 1970"),
        (Text { .. } | Bytes { .. }, Holds::Text) | (Bytes { .. }, Holds::Bytes) => None,
        (Text { .. }, Holds::Bytes) => Some(": bytes(n..m) makes these"),
        (Range { .. } | FloatRange { .. }, Holds::Text) => Some(": text(n..m) makes some"),
        _ => Some(""),
    }
}

impl Holds {
    /// By which a time is told.
    pub fn clock(&self) -> Clock {
        match self {
            Self::Time(_, clock) => *clock,
            _ => Clock::UNIX,
        }
    }

    /// Of an integer.
    pub fn width(&self) -> Option<Width> {
        match self {
            Self::Integer(width) | Self::Time(width, _) => Some(*width),
            Self::Number => Some(Width { bits: 64, signed: true }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Holds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(Width { bits, signed }) | Self::Time(Width { bits, signed }, _) => {
                let sign = if *signed { "a signed" } else { "an unsigned" };
                write!(f, "{sign} integer of {bits} bits")
            }
            Self::Scaled(_) => f.write_str("a number with a scale"),
            Self::Float(len) => write!(f, "a floating-point number of {len} bytes"),
            Self::Text => f.write_str("text"),
            Self::Bytes => f.write_str("bytes"),
            Self::List => f.write_str("a list"),
            Self::Record => f.write_str("a struct or union"),
            Self::Written => f.write_str("a struct that is written as one"),
            Self::Number => f.write_str("a number"),
        }
    }
}

/// Bytes from pairs of hex digits.
fn unhex(text: &str) -> Option<FieldValue> {
    match format!("hex({text})").parse().ok()? {
        ValueRecipe::Constant(it @ FieldValue::Bytes(_)) => Some(it),
        _ => None,
    }
}

impl Raw {
    /// With the most bytes that it makes.
    fn new(key: &'static str, recipe: &ValueRecipe) -> Result<(Self, usize), RecipeError> {
        let bytes = |value: &FieldValue| match value {
            FieldValue::Bytes(_) => Some(value.clone()),
            FieldValue::Text(text) => unhex(text),
            _ => None,
        };
        let read = match recipe {
            ValueRecipe::Constant(value) => {
                bytes(value).map(|it| (trial::len(&it), Draw::Constant(it)))
            }
            ValueRecipe::Choice(values) => {
                let each = |(it, weight): &(FieldValue, u32)| Some((bytes(it)?, *weight));
                values.iter().map(each).collect::<Option<Vec<_>>>().map(|read| {
                    let len = read.iter().map(|(it, _)| trial::len(it)).max().unwrap_or(0);
                    (len, Draw::new(&ValueRecipe::Choice(read), None))
                })
            }
            ValueRecipe::Bytes { len } | ValueRecipe::Text { len } => {
                Some((*len.end(), Draw::new(recipe, None)))
            }
            _ => None,
        };
        let error = || RecipeError::Kind {
            set: Box::new(Set {
                message: "recipe".to_owned(),
                path: key.to_owned(),
                recipe: recipe.to_string(),
            }),
            found: "bytes".to_owned(),
            help: ": hex(00ff), bytes(n..m), text(n..m) or a choice make these",
        };
        let (len, draw) = read.ok_or_else(error)?;
        Ok((Self { value: FieldValue::Bytes(Vec::new()), draw }, len))
    }

    fn next(&mut self, rng: &mut ChaCha8Rng, now: Timestamp, out: &mut Vec<u8>) {
        self.draw.next(rng, now, &mut self.value);
        match &self.value {
            FieldValue::Bytes(bytes) => out.extend_from_slice(bytes),
            FieldValue::Text(text) => out.extend_from_slice(text.as_bytes()),
            _ => {}
        }
    }
}
