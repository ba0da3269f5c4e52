//! Names in a layout: what the paths of a profile may refer to.

use crate::schema::{Field, Layout, RecordKind, Shape};

/// The field of a path such as `point.x`. Arrays and anonymous records add nothing to a path.
///
/// # Errors
///
/// The paths that would be found where it is not.
pub(super) fn find<'a>(layout: &'a Layout, path: &str) -> Result<&'a Field, Vec<String>> {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let members = members(layout);
    let Some(field) = members.iter().find(|it| it.name.as_deref() == Some(name)) else {
        return Err(members.iter().filter_map(|it| it.name.clone()).collect());
    };
    match (rest, record(&field.shape)) {
        (None, _) => Ok(field),
        (Some(rest), Some(inner)) => find(inner, rest)
            .map_err(|names| names.iter().map(|it| format!("{name}.{it}")).collect()),
        (Some(_), None) => Err(vec![name.to_owned()]),
    }
}

/// Whether a union in the layout has a member of this name, or a member whose struct has it.
pub(super) fn has_case(layout: &Layout, name: &str) -> bool {
    let members = members(layout);
    let is_case = |field: &&Field| {
        field.name.as_deref() == Some(name)
            || record(&field.shape).is_some_and(|inner| inner.name == name)
    };
    (layout.kind == RecordKind::Union && members.iter().any(is_case))
        || layout.fields.iter().any(|it| record(&it.shape).is_some_and(|it| has_case(it, name)))
}

/// The named fields, those of anonymous records among them.
fn members(layout: &Layout) -> Vec<&Field> {
    let mut named = Vec::new();
    for field in &layout.fields {
        match (&field.name, record(&field.shape)) {
            (None, Some(anonymous)) => named.extend(members(anonymous)),
            _ => named.push(field),
        }
    }
    named
}

/// The record that a shape is, or is an array of.
fn record(shape: &Shape) -> Option<&Layout> {
    match shape {
        Shape::Record(layout) => Some(layout),
        Shape::Array { element, .. } | Shape::Tail { element, .. } => record(element),
        Shape::Integer { .. } | Shape::Float { .. } => None,
    }
}
