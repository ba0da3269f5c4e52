//! Where in a message's fields a path leads.
//!
//! A path that passes through a list without an index leads to every element. A tail, which C gives
//! no length, has as many elements as are named by an index, and at least one.

use std::collections::HashMap;
use std::sync::Arc;

use super::draw::{Clock, Width};
use super::error::RecipeError;
use super::named::Named;
use super::path::{FieldPath, PathStep};
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;
use crate::message::{FieldKind, FieldTable};
use crate::schema::{
    Notation, Part, PartId, PartKind, Quantity, Repeat, ResolvedLayout, Scale, nearest,
};

/// Fields and elements that the recipes of one message fill: more than a datagram has bytes.
pub(super) const MAX_PLACES: usize = 1 << 16;

/// A field, or one element.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub keys: Vec<Key>,
    pub holds: Holds,
}

/// One step to a value within others.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Field(String),
    /// With what stands in the elements before, where nothing else sets them.
    Element(usize, FieldValue),
}

/// What the value of a place is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    Integer(Width),
    /// An integer that is a time of such a clock.
    Time(Width, Clock),
    /// An integer that is given by what it measures.
    Scaled(Arc<Scale>),
    /// Bytes.
    Float(u64),
    Text,
    Bytes,
    List,
    Record,
    /// A record that is written as one: an address, a time.
    Written,
    /// A number of a text record.
    Number,
}

/// The fields of one message.
pub(super) struct Places<'p> {
    message: &'p str,
    layout: &'p ResolvedLayout,
    /// Where paths begin: the message, or the member of a union that a case is.
    start: PartId,
    /// How many elements tails have.
    tails: HashMap<PartId, usize>,
}

impl<'p> Places<'p> {
    /// Of a struct or union. `paths` are all that are set.
    pub fn new<'f>(
        named: &Named<'p>,
        layout: &'p ResolvedLayout,
        fields: impl IntoIterator<Item = &'f (FieldPath, ValueRecipe)>,
    ) -> Self {
        let start = named.member().unwrap_or(ResolvedLayout::ROOT);
        let mut places = Self { message: named.name(), layout, start, tails: HashMap::new() };
        for (path, recipe) in fields {
            places.count(places.begin(path), &path.steps, recipe);
        }
        places
    }

    /// Where a path leads.
    pub fn of(&self, path: &FieldPath, recipe: &ValueRecipe) -> Result<Vec<Place>, RecipeError> {
        let start = self.begin(path);
        let mut walk = Walk { places: self, path, recipe, found: Vec::new() };
        walk.part(start, &path.steps, &self.keys(start))?;
        Ok(walk.found)
    }

    /// The place of one part that is in no list.
    pub fn place(&self, id: PartId) -> Option<Place> {
        Some(Place { keys: self.keys(id), holds: holds(self.layout.part(id)?) })
    }

    /// A case's own fields come before those around it.
    fn begin(&self, path: &FieldPath) -> PartId {
        match path.steps.first() {
            Some(PathStep::Name(name)) if self.member(self.start, name).is_some() => self.start,
            _ => ResolvedLayout::ROOT,
        }
    }

    /// Notes the elements of tails that are named by an index, or given as a list.
    fn count(&mut self, at: PartId, steps: &[PathStep], recipe: &ValueRecipe) {
        let Some(part) = self.layout.part(at) else { return };
        let (len, next, rest) = match (steps.split_first(), &part.kind) {
            (Some((PathStep::Element(index), rest)), PartKind::List) => {
                (index.saturating_add(1), self.element(at), rest)
            }
            (None, PartKind::List) => match recipe {
                ValueRecipe::Constant(FieldValue::List(it)) => (it.len(), None, &[][..]),
                _ => (1, None, &[][..]),
            },
            (Some(_), PartKind::List) => (1, self.element(at), steps),
            (Some((PathStep::Name(name), rest)), _) => (0, self.member(at, name), rest),
            _ => return,
        };
        if matches!(part.repeat, Repeat::ToEnd { .. }) {
            let known = self.tails.entry(at).or_default();
            *known = len.max(*known);
        }
        if let Some(next) = next {
            self.count(next, rest, recipe);
        }
    }

    /// A member by name, also in records that have none.
    fn member(&self, id: PartId, name: &str) -> Option<PartId> {
        self.layout.part(id)?.record()?;
        self.layout.members(id).find_map(|(member, part)| match &part.name {
            Some(it) => (it == name).then_some(member),
            None => self.member(member, name),
        })
    }

    fn element(&self, list: PartId) -> Option<PartId> {
        self.layout.members(list).next().map(|(id, _)| id)
    }

    /// The names from the message to a part that is in no list.
    fn keys(&self, id: PartId) -> Vec<Key> {
        let Some(part) = self.layout.part(id).filter(|_| id != ResolvedLayout::ROOT) else {
            return Vec::new();
        };
        let mut keys = self.keys(part.parent);
        keys.extend(part.name.clone().map(Key::Field));
        keys
    }

    fn unknown(&self, path: &FieldPath) -> RecipeError {
        let text = path.to_string();
        let within = self.layout.part(self.start).map_or("", |it| it.path.as_str());
        let own = self.layout.paths().filter_map(|it| it.strip_prefix(within)?.strip_prefix('.'));
        let whole = self.layout.paths().filter(|it| !it.is_empty());
        let all: Vec<&str> = own.chain(whole).collect();
        RecipeError::UnknownField {
            message: self.message.to_owned(),
            nearest: nearest(&path.without_indexes(), all.iter().copied()),
            path: text,
            fields: all.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// One path while it is followed.
struct Walk<'w, 'p> {
    places: &'w Places<'p>,
    path: &'w FieldPath,
    recipe: &'w ValueRecipe,
    found: Vec<Place>,
}

impl Walk<'_, '_> {
    fn part(&mut self, id: PartId, steps: &[PathStep], keys: &[Key]) -> Result<(), RecipeError> {
        let Some(part) = self.places.layout.part(id) else { return Ok(()) };
        match (steps.split_first(), &part.kind) {
            (Some((PathStep::Element(index), rest)), PartKind::List) => match part.repeat {
                Repeat::Times { count, .. } if *index as u64 >= count => {
                    Err(self.no_element(part, *index, usize::try_from(count).ok()))
                }
                _ => self.element(id, *index, rest, keys),
            },
            (Some((PathStep::Element(index), _)), _) => Err(self.no_element(part, *index, None)),
            (None, PartKind::List) if is_list(self.recipe) => self.add(part, keys),
            (_, PartKind::List) => {
                let count = match part.repeat {
                    Repeat::Times { count, .. } => usize::try_from(count).unwrap_or(usize::MAX),
                    _ => self.places.tails.get(&id).copied().unwrap_or(1),
                };
                (0..count).try_for_each(|index| self.element(id, index, steps, keys))
            }
            (Some((PathStep::Name(name), rest)), _) => match self.places.member(id, name) {
                Some(member) => self.part(member, rest, &with(keys, Key::Field(name.clone()))),
                None => Err(self.places.unknown(self.path)),
            },
            (None, _) => self.add(part, keys),
        }
    }

    fn element(
        &mut self,
        list: PartId,
        index: usize,
        steps: &[PathStep],
        keys: &[Key],
    ) -> Result<(), RecipeError> {
        let Some(id) = self.places.element(list) else { return Ok(()) };
        let Some(part) = self.places.layout.part(id) else { return Ok(()) };
        if index >= MAX_PLACES {
            return Err(self.too_many());
        }
        self.part(id, steps, &with(keys, Key::Element(index, zero(part))))
    }

    fn add(&mut self, part: &Part, keys: &[Key]) -> Result<(), RecipeError> {
        if self.found.len() >= MAX_PLACES {
            return Err(self.too_many());
        }
        self.found.push(Place { keys: keys.to_vec(), holds: holds(part) });
        Ok(())
    }

    fn too_many(&self) -> RecipeError {
        RecipeError::TooMany { message: self.places.message.to_owned(), max: MAX_PLACES }
    }

    fn no_element(&self, part: &Part, index: usize, count: Option<usize>) -> RecipeError {
        let (message, path) = (self.places.message.to_owned(), part.path.clone());
        RecipeError::NoElement { message, path, index, count }
    }
}

/// The place of a conversion of a text record.
pub(super) fn in_text(
    message: &str,
    table: &FieldTable,
    path: &FieldPath,
) -> Result<Vec<Place>, RecipeError> {
    let text = path.to_string();
    let Some(node) = table.nodes.iter().find(|it| it.path == text) else {
        return Err(RecipeError::UnknownField {
            message: message.to_owned(),
            nearest: nearest(&text, table.paths()),
            path: text,
            fields: table.paths().map(str::to_owned).collect(),
        });
    };
    let holds = if node.kind == FieldKind::Number { Holds::Number } else { Holds::Text };
    Ok(vec![Place { keys: vec![Key::Field(text)], holds }])
}

fn is_list(recipe: &ValueRecipe) -> bool {
    matches!(recipe, ValueRecipe::Constant(FieldValue::List(_)))
}

fn with(keys: &[Key], key: Key) -> Vec<Key> {
    keys.iter().cloned().chain([key]).collect()
}

/// What a part holds, as the codec has it.
fn holds(part: &Part) -> Holds {
    let is_integer = matches!(part.kind, PartKind::Integer { .. } | PartKind::Bits(_));
    match &part.kind {
        _ if let (true, Some(Notation::Scale(scale))) = (is_integer, &part.notation)
            && !scale.is_raw() =>
        {
            Holds::Scaled(scale.clone())
        }
        PartKind::Struct(_) | PartKind::Union(_) if part.notation.is_some() => Holds::Written,
        PartKind::Struct(_) | PartKind::Union(_) => Holds::Record,
        PartKind::List => Holds::List,
        PartKind::Integer { signed, .. } => match part.len {
            len @ 1..=8 => {
                let bits = u32::try_from(len).unwrap_or(8).saturating_mul(8);
                let width = Width { bits, signed: *signed };
                match part.notation {
                    Some(Notation::Time { epoch, .. }) => Holds::Time(width, Clock::Since(epoch)),
                    Some(Notation::Ntp) => Holds::Time(width, Clock::Ntp),
                    _ => Holds::Integer(width),
                }
            }
            _ => Holds::Bytes,
        },
        PartKind::Varint { .. } => Holds::Integer(Width { bits: 64, signed: false }),
        PartKind::Bits(bits) => Holds::Integer(Width { bits: bits.width, signed: bits.signed }),
        PartKind::Float { .. } if matches!(part.len, 4 | 8) => Holds::Float(part.len),
        PartKind::Characters { text: true, .. } => Holds::Text,
        PartKind::Float { .. } | PartKind::Characters { text: false, .. } | PartKind::Hole => {
            Holds::Bytes
        }
    }
}

/// What stands where nothing is set.
fn zero(part: &Part) -> FieldValue {
    match holds(part) {
        Holds::Integer(_) | Holds::Time(..) | Holds::Number => FieldValue::Integer(0),
        Holds::Scaled(scale) => match scale.value(0) {
            Some(Quantity::Whole(value)) => FieldValue::Integer(value),
            Some(Quantity::Fraction(value)) => FieldValue::Float(value),
            None => FieldValue::Text("none".to_owned()),
        },
        Holds::Float(_) => FieldValue::Float(0.0),
        Holds::Text => FieldValue::Text(String::new()),
        Holds::Bytes => FieldValue::Bytes(Vec::new()),
        Holds::List => FieldValue::List(Vec::new()),
        Holds::Record | Holds::Written => FieldValue::Group(Vec::new()),
    }
}
