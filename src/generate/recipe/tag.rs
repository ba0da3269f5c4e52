//! The tag of a message that is a case: it says so, whatever else is set.

use super::error::RecipeError;
use super::message::Setting;
use super::named::Named;
use super::path::FieldPath;
use super::places::{Key, Place, Places};
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;
use crate::profile::Case;
use crate::schema::{Part, PartId, PartKind, ResolvedLayout, Role};

/// The tag of a case.
pub(super) struct CaseTag {
    /// Where it is set.
    pub place: Place,
    /// Where the protocol has it; another place where it is a member of a union, beside the case.
    beside: Option<Place>,
    pub value: i128,
    /// The enumerator of the value, where the tag is of an enum.
    name: Option<String>,
}

/// The tag of a message, where it is a case: one that is named, or of whose member fields are set.
pub(super) fn of(
    named: &Named<'_>,
    settings: &[Setting<'_>],
) -> Result<Option<CaseTag>, RecipeError> {
    let Some(layout) = named.layout() else { return Ok(None) };
    let Some(case) = named.case.or_else(|| case_by_member(named, layout, settings)) else {
        return Ok(None);
    };
    // What goes by expressions, or by its way, is filled in when it is written.
    if named.protocol.words.tag_path().is_none() {
        return Ok(None);
    }
    let named = Named { case: Some(case), ..*named };
    let missing = || RecipeError::NoTag {
        message: named.name().to_owned(),
        tag: named.protocol.words.tag_path().unwrap_or_default().to_owned(),
        protocol: named.protocol.name.clone(),
    };
    let id = id(&named, layout).ok_or_else(missing)?;
    let places = Places::new(&named, layout, []);
    let place = places.place(id).ok_or_else(missing)?;
    let beside = case.layout.is_none().then(|| own_tag(&named, layout)).flatten();
    let beside = beside.and_then(|it| places.place(it));
    let names = layout.part(id).and_then(enumerators).unwrap_or_default();
    let name = names.into_iter().find(|(_, value)| *value == case.value()).map(|(name, _)| name);
    let given = settings.iter().rev().find(|it| it.places.iter().any(|it| it.keys == place.keys));
    let value = given.and_then(|it| constant(it.recipe)).filter(|it| may_be(&named, case, *it));
    let value = value.unwrap_or_else(|| case.value());
    let tag = CaseTag { place, beside, value, name };
    tag.agree(&named, settings)?;
    Ok(Some(tag))
}

/// A number that is set.
fn constant(recipe: &ValueRecipe) -> Option<i128> {
    match recipe {
        ValueRecipe::Constant(FieldValue::Integer(value)) => Some(*value),
        _ => None,
    }
}

/// Whether a value of the tag chooses a case, or one that is called so too.
fn may_be(named: &Named<'_>, case: &Case, value: i128) -> bool {
    let mut cases = named.protocol.words.cases.iter();
    let chosen = cases.find(|it| it.values.first().is_some_and(|it| it.contains(&value)));
    chosen.is_some_and(|it| it.name == case.name)
}

/// The case of the one member of a union of which fields are set, else that of the tag's value. A tag that
/// varies says for itself.
fn case_by_member<'p>(
    named: &Named<'p>,
    layout: &ResolvedLayout,
    settings: &[Setting<'_>],
) -> Option<&'p Case> {
    let places = Places::new(named, layout, []);
    let is_set = |case: &&'p Case| {
        let member = Named { case: Some(case), ..*named }.member();
        let Some(member) = member.and_then(|it| places.place(it)) else { return false };
        let set = settings.iter().flat_map(|it| &it.places);
        set.into_iter().any(|it| it.keys.starts_with(&member.keys))
    };
    let members = || named.protocol.words.cases.iter().filter(|it| it.layout.is_none());
    let mut cases: Vec<_> = members().filter(is_set).collect();
    let first = cases.first().copied();
    if cases.iter().any(|it| first.is_some_and(|first| it.name != first.name)) {
        return None;
    }
    if first.is_none() {
        cases = members().collect();
    }
    let tag = own_tag(named, layout).and_then(|it| places.place(it))?;
    let of_tag = |it: &&Setting<'_>| it.places.iter().any(|it| it.keys == tag.keys);
    match settings.iter().rev().find(of_tag).map(|it| it.recipe) {
        Some(ValueRecipe::Constant(FieldValue::Integer(value))) => {
            cases.into_iter().find(|it| it.value() == *value).or(first)
        }
        Some(ValueRecipe::Constant(_)) | None => first,
        Some(_) => None,
    }
}

/// Where a protocol's own layout has its tag.
fn own_tag(named: &Named<'_>, layout: &ResolvedLayout) -> Option<PartId> {
    find(layout, named.protocol.words.tag_path()?).map(|(id, _)| id)
}

/// The field of a case where its protocol has the tag.
fn id(named: &Named<'_>, layout: &ResolvedLayout) -> Option<PartId> {
    let whole = named.protocol.format.layout()?;
    let path = named.protocol.words.tag_path()?;
    let (tag, part) = find(whole, path)?;
    let same = |(_, it): &(PartId, &Part)| is_same(it, part) && it.name.is_some();
    match (named.case?.layout.is_some(), named.member()) {
        (true, _) => layout.fields().find(same).map(|(id, _)| id),
        (false, Some(member)) => {
            let union = layout.part(member)?.parent;
            match is_within(layout, tag, union) {
                true => layout
                    .fields()
                    .filter(|(id, _)| is_within(layout, *id, member))
                    .find(same)
                    .map(|(id, _)| id),
                false => Some(tag),
            }
        }
        (false, None) => None,
    }
}

/// In a union, a path may also be that within a member.
fn find<'l>(layout: &'l ResolvedLayout, path: &str) -> Option<(PartId, &'l Part)> {
    let within = |it: &Part| it.path.split_once('.').is_some_and(|(_, within)| within == path);
    let own = layout.find(path);
    own.or_else(|| layout.fields().find(|(_, it)| it.name.is_some() && within(it)))
}

fn is_same(one: &Part, other: &Part) -> bool {
    let place = |it: &Part| it.bits().map(|bits| (bits.first, bits.width));
    let is_integer = matches!(one.kind, PartKind::Integer { .. } | PartKind::Bits(_));
    is_integer && one.bytes() == other.bytes() && place(one) == place(other)
}

fn is_within(layout: &ResolvedLayout, id: PartId, outer: PartId) -> bool {
    let parents = std::iter::successors(Some(id), |it| {
        layout.part(*it).map(|part| part.parent).filter(|parent| parent != it)
    });
    parents.into_iter().any(|it| it == outer)
}

fn enumerators(part: &Part) -> Option<Vec<(String, i128)>> {
    let role = match &part.kind {
        PartKind::Integer { role, .. } => role,
        PartKind::Bits(bits) => &bits.role,
        _ => return None,
    };
    let Role::Enum(names) = role else { return None };
    Some(names.enumerators.iter().map(|it| (it.name.clone(), it.value)).collect())
}

impl CaseTag {
    /// Whether a setting is of the tag.
    pub fn is_of(&self, setting: &Setting<'_>) -> bool {
        let is_tag = |keys: &Vec<Key>| {
            *keys == self.place.keys || self.beside.as_ref().is_some_and(|it| it.keys == *keys)
        };
        setting.places.iter().any(|it| is_tag(&it.keys))
    }

    /// Sees that no setting says otherwise.
    fn agree(&self, named: &Named<'_>, settings: &[Setting<'_>]) -> Result<(), RecipeError> {
        let is_said = |value: &FieldValue| match value {
            FieldValue::Integer(value) => *value == self.value,
            FieldValue::Text(name) => Some(name) == self.name.as_ref(),
            _ => false,
        };
        let agrees =
            |it: &Setting<'_>| matches!(it.recipe, ValueRecipe::Constant(value) if is_said(value));
        match settings.iter().filter(|it| self.is_of(it)).find(|it| !agrees(it)) {
            None => Ok(()),
            Some(setting) => Err(RecipeError::Tag {
                set: setting.named(named.name()),
                protocol: named.protocol.name.clone(),
                value: self.value,
            }),
        }
    }
}

/// The case that takes the message's place, where its tag is set to the case's value.
pub(super) fn case_by_value<'p>(
    named: Named<'p>,
    fields: &[(FieldPath, ValueRecipe)],
) -> Named<'p> {
    let (None, Some(tag)) = (named.case, named.protocol.words.tag_path()) else { return named };
    let set = fields.iter().rev().find(|(path, _)| path.to_string() == tag);
    let names = named.layout().and_then(|it| find(it, tag)).and_then(|(_, it)| enumerators(it));
    let value = match set.map(|(_, recipe)| recipe) {
        Some(ValueRecipe::Constant(FieldValue::Integer(value))) => Some(*value),
        Some(ValueRecipe::Constant(FieldValue::Text(text))) => names
            .and_then(|names| names.iter().find(|(name, _)| name == text).map(|(_, value)| *value)),
        _ => None,
    };
    let has =
        |it: &&Case| it.values.first().zip(value).is_some_and(|(it, value)| it.contains(&value));
    let case = named.protocol.words.cases.iter().find(has);
    Named { case: case.filter(|it| it.layout.is_some()), ..named }
}

#[cfg(test)]
#[path = "tag_tests.rs"]
mod tests;
