//! Which declarations of a header are messages: what no other is made of, and what several begin
//! with.

use std::collections::HashSet;
use std::sync::Arc;

use crate::schema::{CType, FieldDef, RecordDef, Schema, Span};

/// The structs and unions that may be messages, in declared order, and those that are left out since
/// they hold a pointer.
pub(super) struct Messages<'s> {
    pub records: Vec<(&'s str, &'s Arc<RecordDef>)>,
    pub with_pointers: Vec<&'s str>,
}

impl<'s> Messages<'s> {
    /// Those of a header or program.
    pub fn of(schema: &'s Schema) -> Self {
        let all: Vec<_> = schema.records().filter(|it| schema.record(it.0).is_some()).collect();
        let nested: HashSet<_> = all.iter().flat_map(|(_, it)| parts(it)).collect();
        let is_top = |it: &&(&str, &Arc<RecordDef>)| !nested.contains(&it.1.span);
        let tops: Vec<_> = all.iter().filter(is_top).copied().collect();
        let is_head = |it: &&(&str, &Arc<RecordDef>)| {
            tops.iter().filter(|top| begins_with(top.1, it.1)).count() > 1
        };
        let kept = all.iter().filter(|it| is_top(it) || is_head(it)).copied();
        let (with_pointers, records) = kept.partition::<Vec<_>, _>(|it| has_pointer(it.1));
        Self { records, with_pointers: with_pointers.into_iter().map(|it| it.0).collect() }
    }

    /// The others that begin as this one is: the messages that it may turn out to be.
    pub fn beginning_as(&self, head: &RecordDef) -> Vec<&'s str> {
        let alike =
            self.records.iter().filter(|it| it.1.span != head.span && begins_with(it.1, head));
        alike.map(|it| it.0).collect()
    }
}

/// Whether a record's first member is this one, or its first members are this one's.
fn begins_with(record: &RecordDef, head: &RecordDef) -> bool {
    let is_first = record
        .fields
        .first()
        .is_some_and(|it| record_of(&it.ctype).is_some_and(|it| it.span == head.span));
    let same = |(one, other): (&FieldDef, &FieldDef)| {
        one.name == other.name && one.ctype == other.ctype && one.bits == other.bits
    };
    let (all, own) = (record.fields.len(), head.fields.len());
    is_first || own > 0 && all > own && record.fields.iter().zip(&head.fields).all(same)
}

/// The records that a record holds, those in them left out.
fn parts(record: &RecordDef) -> impl Iterator<Item = Span> {
    record.fields.iter().filter_map(|it| record_of(&it.ctype)).flat_map(|it| {
        // Those of anonymous members are members of the record.
        let inner: Vec<_> = if it.tag.is_none() { parts(it).collect() } else { Vec::new() };
        inner.into_iter().chain([it.span])
    })
}

fn record_of(ctype: &CType) -> Option<&RecordDef> {
    match ctype {
        CType::Record(record) => Some(record),
        CType::Array(inner, _) | CType::Aligned(inner, _) => record_of(inner),
        _ => None,
    }
}

fn has_pointer(record: &RecordDef) -> bool {
    record.fields.iter().any(|it| is_pointer(&it.ctype))
}

fn is_pointer(ctype: &CType) -> bool {
    match ctype {
        CType::Pointer => true,
        CType::Record(record) => has_pointer(record),
        CType::Array(inner, _) | CType::Aligned(inner, _) => is_pointer(inner),
        _ => false,
    }
}
