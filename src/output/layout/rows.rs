//! The lines of a layout: declarations, members with their place, and the holes between them.
//! Nested records are written out, with offsets from the start of the outermost.

use super::gaps::{Gap, Gaps, padding_within, paddings};
use crate::output::count::counted;
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
    let is_alias = record.typedef || record.tag.as_deref() != Some(name) && !name.is_empty();
    let typedef = if is_alias { "typedef " } else { "" };
    let open = format!("{typedef}{} {{", opening(record));
    rows.push(Row { depth: 0, text: open, kind: RowKind::Brace });
    body(record, layout, 0, 1, &mut rows);
    sums(layout, &mut rows);
    let alias = if is_alias { format!(" {name}") } else { String::new() };
    let close = format!("}}{}{alias};", record.attributes());
    rows.push(Row { depth: 0, text: close, kind: RowKind::Brace });
    rows
}

/// Keyword and tag; the keyword alone where only a typedef names it.
fn opening(record: &RecordDef) -> String {
    match record.kind {
        _ if !record.typedef => record.heading(),
        RecordKind::Struct => "struct".to_owned(),
        RecordKind::Union => "union".to_owned(),
    }
}

fn body(record: &RecordDef, layout: &Layout, base: u64, depth: usize, rows: &mut Vec<Row>) {
    let gaps = Gaps::of(layout).before.into_iter().chain(std::iter::repeat(Gap::default()));
    for ((declared, field), gap) in record.placed().zip(&layout.fields).zip(gaps) {
        hole(gap.bits, "bit", depth, rows);
        hole(gap.bytes, "byte", depth, rows);
        member(declared, field, base, depth, rows);
        let padding = padding_within(field);
        if padding > 0 {
            let text = format!("/* XXX last struct has {} of padding */", counted(padding, "byte"));
            rows.push(Row { depth, text, kind: RowKind::Hole });
        }
    }
}

fn member(declared: &FieldDef, field: &Field, base: u64, depth: usize, rows: &mut Vec<Row>) {
    let name = declared.name.as_deref().unwrap_or_default();
    let mut text = declared.ctype.declare(name);
    if let (Some(nested), Some(inner)) = (declared.ctype.record(), field.shape.record()) {
        let heading = nested.heading();
        // The typedef has no other place where the body is written out.
        let typedef = if nested.typedef { format!(" /* {heading} */") } else { String::new() };
        let open = format!("{} {{{typedef}", opening(nested));
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

fn hole(len: u64, unit: &str, depth: usize, rows: &mut Vec<Row>) {
    if len > 0 {
        let text = format!("/* XXX {} hole, try to pack */", counted(len, unit));
        rows.push(Row { depth, text, kind: RowKind::Hole });
    }
}

/// The sums that pahole prints, in its words, and the variable tail.
fn sums(layout: &Layout, rows: &mut Vec<Row>) {
    let gaps = Gaps::of(layout);
    let (size, align) = (layout.size, layout.align);
    let members = layout.fields.len();
    let mut notes = vec![format!("size: {size}, align: {align}, members: {members}")];
    member_sums(layout, &gaps, &mut notes);
    if gaps.padding > 0 {
        notes.push(format!("padding: {}", gaps.padding));
    }
    if let (count @ 1.., sum) = paddings(layout) {
        notes.push(format!("paddings: {count}, sum paddings: {sum}"));
    }
    if gaps.bit_padding > 0 {
        notes.push(format!("bit_padding: {} bits", gaps.bit_padding));
    }
    if let Some(tail) = layout.tail() {
        let (name, offset) = (tail.name, tail.offset);
        notes.push(format!("variable tail: {name}, from offset {offset} to the end"));
    }
    let note = |text| Row { depth: 1, text: format!("/* {text} */"), kind: RowKind::Note };
    rows.extend(notes.into_iter().map(note));
}

/// What members and holes come to; nothing where there are no holes.
fn member_sums(layout: &Layout, gaps: &Gaps, notes: &mut Vec<String>) {
    let (holes, bit_holes) = (gaps.holes(), gaps.bit_holes());
    if holes.0 == 0 && bit_holes.0 == 0 {
        return;
    }
    let plain = layout.fields.iter().filter(|it| it.bits.is_none());
    let bytes: u64 = plain.map(Field::len).sum();
    let bits: u64 = layout.fields.iter().filter_map(|it| it.bits).map(|it| u64::from(it.1)).sum();
    if bytes > 0 {
        let holes = match holes {
            (0, _) => String::new(),
            (count, sum) => format!(", holes: {count}, sum holes: {sum}"),
        };
        notes.push(format!("sum members: {bytes}{holes}"));
    }
    if bits > 0 {
        let holes = match bit_holes {
            (0, _) => format!(" ({} bytes)", bits / 8),
            (count, sum) => format!(", bit holes: {count}, sum bit holes: {sum} bits"),
        };
        notes.push(format!("sum bitfield members: {bits} bits{holes}"));
    }
}
