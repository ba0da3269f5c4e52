//! From the names in what is said of a field to the parts that they name.
//!
//! A name is looked up in the record of the field, then in what that is in. It names an integer that
//! is read before what goes by it, and of which there is one: not one in a list that the field is not in
//! itself.

use super::super::expression::{Expression, Operand};
use super::super::nearest::nearest;
use super::resolved::{Part, PartId, PartKind, ResolvedLayout};
use super::words::{Reference, WordError};

/// What names the way of a message.
pub const TO_SERVER: &str = "to_server";

/// Where names are looked up.
#[derive(Clone, Copy)]
pub(super) struct Scope<'l> {
    pub parts: &'l [Part],
    /// The field that goes by them.
    pub of: PartId,
    /// Whether its own members are looked up first.
    pub within: bool,
}

impl ResolvedLayout {
    /// An expression about the whole message, its names looked up among the fields.
    ///
    /// # Errors
    ///
    /// A name that is neither a field nor a constant, or no integer, or one of a list.
    pub fn bind(&self, expression: &Expression) -> Result<Expression<Reference>, WordError> {
        Scope { parts: &self.parts, of: Self::ROOT, within: true }.bind(expression)
    }
}

impl Scope<'_> {
    pub fn bind(&self, expression: &Expression) -> Result<Expression<Reference>, WordError> {
        expression.try_map(&mut |operand| match operand {
            Operand::Path { path, constant } => match self.find(path)? {
                Some(id) => Ok(Expression::Name(Reference::Part(id))),
                None => match constant {
                    Some(value) => Ok(Expression::Number(*value)),
                    None if path == "len" => Ok(Expression::Name(Reference::Len)),
                    None if path == "rest" => Ok(Expression::Name(Reference::Rest)),
                    None if path == TO_SERVER => Ok(Expression::Name(Reference::ToServer)),
                    None => Err(self.unknown(path)),
                },
            },
            Operand::SizeOf { of, size } => match self.place_of(of) {
                Some((_, part)) => Ok(Expression::Number(part.len.into())),
                None => size.map(Expression::Number).ok_or_else(|| self.unknown(of)),
            },
        })
    }

    /// The integer of a name; `None` where there is no field that is called so.
    fn find(&self, name: &str) -> Result<Option<PartId>, WordError> {
        let Some((id, part)) = self.place_of(name) else { return Ok(None) };
        let name = name.to_owned();
        let is_integer = match &part.kind {
            PartKind::Integer { .. } | PartKind::Varint { .. } => true,
            PartKind::Bits(bits) => bits.width <= 64,
            _ => false,
        };
        if !is_integer {
            return Err(WordError::NoInteger { name });
        }
        if id >= self.of && !(self.within && self.holds(id)) {
            return Err(WordError::Later { name });
        }
        match self.list_around(id).is_none_or(|list| self.is_in(self.of, list)) {
            true => Ok(Some(id)),
            false => Err(WordError::InList { name }),
        }
    }

    /// The part of a name, in the innermost record that has one.
    fn place_of(&self, name: &str) -> Option<(PartId, &Part)> {
        let own = self.parts.get(self.of.index())?;
        let around = own.path.rmatch_indices('.').filter_map(|(at, _)| own.path.get(..at));
        // What has no name has the path of what it is in.
        let is_scope = (self.within || own.name.is_none()) && !own.path.is_empty();
        let own = is_scope.then_some(own.path.as_str());
        let scopes = own.into_iter().chain(around).map(|it| format!("{it}.{name}"));
        let found = scopes.chain([name.to_owned()]).find_map(|path| {
            let mut named = self.named().filter(|(_, it)| it.path == path);
            // Of members of several cases the one beside it is meant.
            let nearest = named.clone().filter(|(id, _)| *id < self.of).last();
            nearest.filter(|_| !self.within).or_else(|| named.next())
        });
        found.or_else(|| self.in_member(name))
    }

    /// In a message that is a union a path may also be that within one of its members.
    fn in_member(&self, name: &str) -> Option<(PartId, &Part)> {
        let root = self.parts.get(self.of.index()).filter(|_| self.of == ResolvedLayout::ROOT)?;
        let is_within =
            |it: &Part| it.path.split_once('.').is_some_and(|(_, within)| within == name);
        let is_union = matches!(root.kind, PartKind::Union(_));
        self.named().filter(|_| is_union).find(|(_, it)| is_within(it))
    }

    fn named(&self) -> impl Iterator<Item = (PartId, &Part)> + Clone {
        (0..).map(PartId).zip(self.parts).filter(|(_, it)| it.name.is_some())
    }

    fn unknown(&self, name: &str) -> WordError {
        let known = self.parts.iter().filter(|it| it.name.is_some()).map(|it| it.path.as_str());
        let last = |path: &'_ str| path.rsplit_once('.').map_or(0, |(outer, _)| outer.len() + 1);
        let names = known.clone().map(|it| it.get(last(it)..).unwrap_or(it));
        let nearest = nearest(name, known.clone().chain(names));
        WordError::UnknownName { name: name.to_owned(), nearest }
    }

    /// Whether a part is in the field itself.
    fn holds(&self, id: PartId) -> bool {
        self.is_in(id, self.of)
    }

    fn is_in(&self, mut id: PartId, outer: PartId) -> bool {
        while let Some(part) = self.parts.get(id.index()).filter(|_| id != outer) {
            if part.parent == id {
                return false;
            }
            id = part.parent;
        }
        true
    }

    /// The innermost list that a part is in.
    fn list_around(&self, id: PartId) -> Option<PartId> {
        let parent = self.parts.get(id.index())?.parent;
        let around = self.parts.get(parent.index())?;
        match around.kind {
            PartKind::List => Some(parent),
            _ if parent == id || parent == ResolvedLayout::ROOT => None,
            _ => self.list_around(parent),
        }
    }
}
