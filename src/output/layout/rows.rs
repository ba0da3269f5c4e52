//! The lines of a layout: declarations, members with their place, and the holes between them.
//! Nested records are written out, with offsets from the start of the outermost.

use super::gaps::{Gap, Gaps, padding_within, paddings};
use crate::output::count::counted;
use crate::output::escape::printable;
use crate::schema::{FieldDef, Part, PartId, RecordDef, RecordKind, ResolvedLayout};

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
    Member(PartId),
    /// Bytes or bits that no member covers.
    Hole,
    /// A description, or sums.
    Note,
}

/// Every line of `layout`, which `record` declares and which is known as `name`.
pub(super) fn rows(record: &RecordDef, layout: &ResolvedLayout, name: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    // A namespace or a unit may stand before the tag.
    let before = record.tag.as_deref().and_then(|tag| name.strip_suffix(tag));
    let is_tag = before.is_some_and(|it| it.is_empty() || it.ends_with(':'));
    let is_alias = record.typedef || !is_tag && !name.is_empty();
    let typedef = if is_alias { "typedef " } else { "" };
    let open = format!("{typedef}{} {{", opening(record));
    if let Some(description) = &record.description {
        let text = format!("/** {} */", printable(description));
        rows.push(Row { depth: 0, text, kind: RowKind::Note });
    }
    rows.push(Row { depth: 0, text: open, kind: RowKind::Brace });
    body(record, layout, ResolvedLayout::ROOT, 1, &mut rows);
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

fn body(
    record: &RecordDef,
    layout: &ResolvedLayout,
    of: PartId,
    depth: usize,
    rows: &mut Vec<Row>,
) {
    let gaps = Gaps::of(layout, of).before.into_iter().chain(std::iter::repeat(Gap::default()));
    for ((declared, (id, _)), gap) in record.placed().zip(layout.members(of)).zip(gaps) {
        hole(gap.bits, "bit", depth, rows);
        hole(gap.bytes, "byte", depth, rows);
        member(declared, layout, id, depth, rows);
        let padding = padding_within(layout, id);
        if padding > 0 {
            let text = format!("/* XXX last struct has {} of padding */", counted(padding, "byte"));
            rows.push(Row { depth, text, kind: RowKind::Hole });
        }
    }
}

fn member(
    declared: &FieldDef,
    layout: &ResolvedLayout,
    id: PartId,
    depth: usize,
    rows: &mut Vec<Row>,
) {
    let name = declared.name.as_deref().unwrap_or_default();
    let mut text = declared.ctype.declare(name);
    if let (Some(nested), Some((inner, _))) = (declared.ctype.record(), layout.element(id)) {
        let heading = nested.heading();
        // The typedef has no other place where the body is written out.
        let typedef = if nested.typedef { format!(" /* {heading} */") } else { String::new() };
        let open = format!("{} {{{typedef}", opening(nested));
        rows.push(Row { depth, text: open, kind: RowKind::Brace });
        body(nested, layout, inner, depth + 1, rows);
        let declarator = text.strip_prefix(&heading).unwrap_or(&text);
        text = format!("}}{}{declarator}", nested.attributes());
    }
    if let Some(width) = declared.bits {
        text = format!("{text}:{width}");
    }
    let text = format!("{text}{};", declared.attributes());
    rows.push(Row { depth, text, kind: RowKind::Member(id) });
    if let Some(description) = &declared.notes.description {
        let text = format!("/**< {} */", printable(description));
        rows.push(Row { depth: depth + 1, text, kind: RowKind::Note });
    }
}

fn hole(len: u64, unit: &str, depth: usize, rows: &mut Vec<Row>) {
    if len > 0 {
        let text = format!("/* XXX {} hole, try to pack */", counted(len, unit));
        rows.push(Row { depth, text, kind: RowKind::Hole });
    }
}

/// The sums that pahole prints, in its words, and the variable tail.
fn sums(layout: &ResolvedLayout, rows: &mut Vec<Row>) {
    let gaps = Gaps::of(layout, ResolvedLayout::ROOT);
    let (size, align) = (layout.size, layout.align);
    let members: Vec<_> = layout.members(ResolvedLayout::ROOT).map(|it| it.1).collect();
    let mut notes = vec![format!("size: {size}, align: {align}, members: {}", members.len())];
    member_sums(&members, &gaps, &mut notes);
    if gaps.padding > 0 {
        notes.push(format!("padding: {}", gaps.padding));
    }
    if let (count @ 1.., sum) = paddings(layout, ResolvedLayout::ROOT) {
        notes.push(format!("paddings: {count}, sum paddings: {sum}"));
    }
    if gaps.bit_padding > 0 {
        notes.push(format!("bit_padding: {} bits", gaps.bit_padding));
    }
    if let Some((_, tail)) = layout.tail() {
        let (name, offset) = (tail.name.as_deref().unwrap_or_default(), tail.offset);
        let end = match &tail.counter {
            Some(counter) if counter.bytes => format!("as many bytes as {} says", counter.path),
            Some(counter) => format!("as many elements as {} says", counter.path),
            None => "to the end".to_owned(),
        };
        notes.push(format!("variable tail: {name}, from offset {offset} {end}"));
    }
    let note = |text| Row { depth: 1, text: format!("/* {text} */"), kind: RowKind::Note };
    rows.extend(notes.into_iter().map(note));
}

/// What members and holes come to; nothing where there are no holes.
fn member_sums(members: &[&Part], gaps: &Gaps, notes: &mut Vec<String>) {
    let (holes, bit_holes) = (gaps.holes(), gaps.bit_holes());
    if holes.0 == 0 && bit_holes.0 == 0 {
        return;
    }
    let plain = members.iter().filter(|it| it.bits().is_none());
    let bytes: u64 = plain.map(|it| it.len).sum();
    let bits: u64 = members.iter().filter_map(|it| it.bits()).map(|it| u64::from(it.width)).sum();
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
