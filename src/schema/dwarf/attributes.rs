//! The attributes that explain where a compiler put the members of a record.
//!
//! Debug data say where members are, not why. What a header would have to say for the ABI's rules to
//! put them there is tried, the plainest first, and taken where it gives every place and the size.
//! What nothing explains (a class of C++'s whose heir uses its padding, a machine with rules of its
//! own) is written out: packed, with an unnamed bit-field for each hole. Either way the layout is the compiler's
//! own, and whoever asks for another packing or ABI starts from a declaration.

use super::super::ctype::{CType, FieldDef, FieldNotes, IntKind, RecordDef, RecordKind};
use super::super::layout::Layout;
use super::super::source::Span;
use super::measure::Measure;
use super::placed::{PlacedMember, PlacedRecord};

/// Widest unnamed bit-field, bits.
const WIDEST: u64 = 64;

/// The record with attributes that put its members where they are; `None` where no declaration of C
/// does, as where members overlap.
pub(super) fn explained(record: &PlacedRecord, measure: &Measure) -> Option<RecordDef> {
    let fits = |it: &RecordDef| measure.fits(it, record.size) && lies(it, record, measure);
    let bare = bare(record);
    if fits(&bare) {
        return Some(bare);
    }
    let packed = RecordDef { packed: true, ..bare.clone() };
    if fits(&packed) {
        return Some(packed);
    }
    // Some compilers say every member's alignment, of its type or not.
    let mut aligned = bare.clone();
    aligned.fields.iter_mut().zip(&record.members).for_each(|(it, of)| it.aligned = of.align);
    let starts = [(&bare, None), (&bare, record.align), (&aligned, None), (&aligned, record.align)];
    let plain = starts.into_iter().flat_map(|(bare, aligned)| {
        let whole = RecordDef { aligned, ..bare.clone() };
        let packed = RecordDef { packed: true, ..whole.clone() };
        let single = single_packed(&whole, record, measure);
        let pragma = [2, 4, 8].map(|pack| RecordDef { pragma_pack: Some(pack), ..whole.clone() });
        [whole, packed, single].into_iter().chain(pragma)
    });
    let mut tries = plain.flat_map(|it| {
        let filled = with_bit_gaps(&it, record);
        std::iter::once(it).chain(filled)
    });
    tries.find(fits).or_else(|| written_out(&bare, record, measure).filter(fits))
}

/// Without attributes.
fn bare(record: &PlacedRecord) -> RecordDef {
    let field = |it: &PlacedMember| FieldDef {
        bits: it.width,
        notes: FieldNotes { meaning: it.meaning, ..FieldNotes::default() },
        ..FieldDef::new(it.name.clone(), it.ctype.clone())
    };
    RecordDef {
        kind: if record.union { RecordKind::Union } else { RecordKind::Struct },
        tag: record.name.clone(),
        typedef: record.typedef,
        fields: record.members.iter().map(field).collect(),
        packed: false,
        pragma_pack: None,
        aligned: None,
        description: None,
        span: Span::default(),
    }
}

/// Whether the ABI puts the members of a declaration where they are.
fn lies(declared: &RecordDef, record: &PlacedRecord, measure: &Measure) -> bool {
    let Ok(layout) = Layout::of(declared, "", measure.abi) else { return false };
    let places = layout.fields.iter().map(|it| match it.bits {
        Some((first, _)) => Some(first),
        None => it.offset.checked_mul(8),
    });
    layout.size == record.size && places.eq(record.members.iter().map(|it| Some(it.first_bit)))
}

/// Members that are not aligned are packed by themselves.
fn single_packed(declared: &RecordDef, record: &PlacedRecord, measure: &Measure) -> RecordDef {
    let mut declared = declared.clone();
    for (field, member) in declared.fields.iter_mut().zip(&record.members) {
        let align = measure.of(&field.ctype).map_or(1, |it| it.align.saturating_mul(8));
        field.packed = member.width.is_none() && !member.first_bit.is_multiple_of(align.max(1));
    }
    declared
}

/// With unnamed bit-fields between those that have bits between them; `None` where none have.
fn with_bit_gaps(declared: &RecordDef, record: &PlacedRecord) -> Option<RecordDef> {
    let mut fields = Vec::with_capacity(declared.fields.len());
    let mut end = None;
    for (field, member) in declared.fields.iter().zip(&record.members) {
        let gap = end.and_then(|end| member.first_bit.checked_sub(end)).filter(|&gap| gap > 0);
        if let (Some(gap @ ..=WIDEST), Some(_)) = (gap, member.width) {
            let bits = u32::try_from(gap).ok();
            fields.push(FieldDef { name: None, bits, ..field.clone() });
        }
        end = member.width.and_then(|width| member.first_bit.checked_add(u64::from(width)));
        fields.push(field.clone());
    }
    (fields.len() > declared.fields.len()).then(|| RecordDef { fields, ..declared.clone() })
}

/// Packed, with unnamed bit-fields in every hole.
fn written_out(bare: &RecordDef, record: &PlacedRecord, measure: &Measure) -> Option<RecordDef> {
    let mut fields = Vec::with_capacity(bare.fields.len());
    let (mut end, mut align) = (0, 1);
    for (field, member) in bare.fields.iter().zip(&record.members) {
        let extent = measure.of(&field.ctype)?;
        align = extent.align.max(align).max(1);
        if !record.union {
            fill(member.first_bit.checked_sub(end)?, &mut fields)?;
        }
        let len = member.width.map_or(extent.size.checked_mul(8)?, u64::from);
        end = member.first_bit.checked_add(len)?.max(if record.union { end } else { 0 });
        fields.push(field.clone());
    }
    // What follows a tail would end it: an alignment makes up the size where one can.
    let aligned = match rounding(end.div_ceil(8), record.size, align) {
        Some(align) => align,
        None if record.union && end > 0 => return None,
        None => {
            fill(record.size.checked_mul(8)?.checked_sub(end)?, &mut fields)?;
            rounding(record.size, record.size, align)?
        }
    };
    let aligned = u32::try_from(aligned).ok().filter(|&align| align > 1);
    Some(RecordDef { fields, packed: true, aligned, ..bare.clone() })
}

/// The alignment that makes `len` bytes `size`: the members' own, else a smaller, else a larger one.
fn rounding(len: u64, size: u64, own: u64) -> Option<u64> {
    /// More than a page aligns nothing that is sent.
    const LARGEST: u64 = 4096;
    let smaller = std::iter::successors(Some(own), |it| Some(it / 2).filter(|&it| it > 0));
    let larger = std::iter::successors(Some(own * 2), |it| Some(it * 2));
    let mut all = smaller.chain(larger.take_while(|&it| it <= LARGEST));
    all.find(|align| len.next_multiple_of(*align) == size)
}

/// Bits that nothing has a name for.
fn fill(mut bits: u64, fields: &mut Vec<FieldDef>) -> Option<()> {
    /// Fields that are made for one hole at most: then it is no record that anyone sends.
    const MOST: u64 = 4096;
    if bits > MOST * WIDEST {
        return None;
    }
    while bits > 0 {
        let width = bits.min(WIDEST);
        let kind = IntKind::Fixed { bits: 64, signed: false };
        let unit = FieldDef::new(None, CType::Int { kind, order: None });
        fields.push(FieldDef { bits: u32::try_from(width).ok(), ..unit });
        bits = bits.saturating_sub(width);
    }
    Some(())
}

#[cfg(test)]
#[path = "attributes_tests.rs"]
mod tests;
