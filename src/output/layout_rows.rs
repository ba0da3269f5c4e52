//! The lines of a layout: declarations, members with their place, and the holes between them.
//! Nested records are written out, with offsets from the start of the outermost.

use crate::schema::{Field, FieldDef, Layout, RecordDef, RecordKind};

/// One line.
pub(super) struct Row {
    pub(super) depth: usize,
    pub(super) text: String,
    pub(super) kind: RowKind,
}

/// What a line says.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum RowKind {
    /// The beginning or end of the outermost record, or the beginning of a nested one.
    Brace,
    /// A member.
    Member(Place),
    /// Bytes or bits that no member covers.
    Hole,
    /// Sums.
    Note,
}

/// Where a member is, from the start of the outermost record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes.
    pub(super) offset: u64,
    /// Bytes; those that a bit-field touches.
    pub(super) len: u64,
    /// A bit-field's first bit and its width.
    pub(super) bits: Option<(u64, u32)>,
}

impl Place {
    fn of(field: &Field, base: u64) -> Self {
        let bits = field.bits.map(|(first, width)| (base * 8 + first, width));
        Self { offset: base + field.offset, len: field.len(), bits }
    }
}

/// Every line of `layout`, which `record` declares and which is known as `name`.
pub(super) fn rows(record: &RecordDef, layout: &Layout, name: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let alias = record.tag.as_deref() != Some(name) && !name.is_empty();
    let typedef = if alias { "typedef " } else { "" };
    let open = format!("{typedef}{} {{", record.heading());
    rows.push(Row { depth: 0, text: open, kind: RowKind::Brace });
    body(record, layout, 0, 1, &mut rows);
    sums(layout, &mut rows);
    let alias = if alias { format!(" {name}") } else { String::new() };
    let close = format!("}}{}{alias};", record.attributes());
    rows.push(Row { depth: 0, text: close, kind: RowKind::Brace });
    rows
}

fn body(record: &RecordDef, layout: &Layout, base: u64, depth: usize, rows: &mut Vec<Row>) {
    let shown = record.fields.iter().filter(|it| it.bits.is_none() || it.name.is_some());
    let is_struct = layout.kind == RecordKind::Struct;
    let mut end = 0;
    for (declared, field) in shown.zip(&layout.fields) {
        let first = field.bits.map_or(field.offset * 8, |(first, _)| first);
        if is_struct {
            hole(end, first, depth, rows);
            end = first + field.bits.map_or(field.len() * 8, |(_, width)| u64::from(width));
        } else {
            end = end.max(first + field.len() * 8);
        }
        member(declared, field, base, depth, rows);
    }
    let padding = bits_and_bytes(end, layout.size * 8);
    if let Some(text) = padding {
        let text = format!("/* XXX {text} of padding */");
        rows.push(Row { depth, text, kind: RowKind::Hole });
    }
}

fn member(declared: &FieldDef, field: &Field, base: u64, depth: usize, rows: &mut Vec<Row>) {
    let name = declared.name.as_deref().unwrap_or_default();
    let mut text = declared.ctype.declare(name);
    if let (Some(nested), Some(inner)) = (declared.ctype.record(), field.shape.record()) {
        let heading = nested.heading();
        let open = format!("{heading} {{");
        rows.push(Row { depth, text: open, kind: RowKind::Brace });
        body(nested, inner, base + field.offset, depth + 1, rows);
        let declarator = text.strip_prefix(&heading).unwrap_or(&text);
        text = format!("}}{}{declarator}", nested.attributes());
    }
    if let Some(width) = declared.bits {
        text = format!("{text}:{width}");
    }
    let text = format!("{text}{};", declared.attributes());
    let kind = RowKind::Member(Place::of(field, base));
    rows.push(Row { depth, text, kind });
}

fn hole(end: u64, start: u64, depth: usize, rows: &mut Vec<Row>) {
    if let Some(text) = bits_and_bytes(end, start) {
        let text = format!("/* XXX {text} hole, try to pack */");
        rows.push(Row { depth, text, kind: RowKind::Hole });
    }
}

/// What lies between two bits: the rest of a byte, whole bytes, the begin of a byte.
fn bits_and_bytes(end: u64, start: u64) -> Option<String> {
    let gap = start.checked_sub(end).filter(|gap| *gap > 0)?;
    let whole = (start / 8).saturating_sub(end.div_ceil(8));
    Some(match (gap - whole * 8, whole) {
        (0, bytes) => plural(bytes, "byte"),
        (bits, 0) => plural(bits, "bit"),
        (bits, bytes) => format!("{} and {}", plural(bits, "bit"), plural(bytes, "byte")),
    })
}

fn sums(layout: &Layout, rows: &mut Vec<Row>) {
    let holes = layout.holes();
    let len: u64 = holes.iter().map(|it| it.len).sum();
    let (size, align) = (layout.size, layout.align);
    let members = layout.fields.len();
    let mut notes = vec![format!("/* size: {size}, align: {align}, members: {members} */")];
    if !holes.is_empty() {
        let (sum, count) = (size.saturating_sub(len), holes.len());
        notes.push(format!("/* sum members: {sum}, holes: {count}, sum holes: {len} */"));
    }
    if let Some(tail) = layout.tail() {
        let (name, offset) = (tail.name, tail.offset);
        notes.push(format!("/* variable tail: {name}, from offset {offset} to the end */"));
    }
    rows.extend(notes.into_iter().map(|text| Row { depth: 1, text, kind: RowKind::Note }));
}

pub(super) fn plural(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}
