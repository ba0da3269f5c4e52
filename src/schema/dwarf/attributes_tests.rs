use super::*;
use crate::schema::Abi;

fn int(kind: IntKind) -> CType {
    CType::Int { kind, order: None }
}

fn member(ctype: CType, first_bit: u64, width: Option<u32>) -> PlacedMember {
    let name = Some(format!("m{first_bit}"));
    PlacedMember { name, ctype, first_bit, width, align: None, meaning: None, line: None }
}

fn record(size: u64, members: Vec<PlacedMember>) -> PlacedRecord {
    let (name, align) = (None, None);
    PlacedRecord { union: false, name, typedef: false, size, align, members, line: None }
}

fn explain(record: &PlacedRecord) -> RecordDef {
    let found = explained(record, &Measure::new(Abi::X86_64)).unwrap();
    let layout = Layout::of(&found, "", Abi::X86_64).unwrap();
    assert_eq!(layout.size, record.size);
    found
}

#[test]
fn the_plainest_explanation_is_taken() {
    let byte = || member(int(IntKind::UnsignedChar), 0, None);
    let natural = explain(&record(8, vec![byte(), member(int(IntKind::Int), 32, None)]));
    assert!(!natural.packed && natural.pragma_pack.is_none());
    let packed = explain(&record(5, vec![byte(), member(int(IntKind::Int), 8, None)]));
    assert!(packed.packed);
    let pragma = explain(&record(6, vec![byte(), member(int(IntKind::Int), 16, None)]));
    assert_eq!((pragma.packed, pragma.pragma_pack), (false, Some(2)));
    let members = vec![
        byte(),
        member(int(IntKind::Short), 8, None),
        member(int(IntKind::LongLong), 64, None),
    ];
    let single = explain(&record(16, members));
    assert!(!single.packed && single.fields[1].packed && !single.fields[2].packed);
}

#[test]
fn bits_between_bit_fields_are_unnamed_ones() {
    let bits = |first, width| member(int(IntKind::UnsignedInt), first, Some(width));
    let found = explain(&record(4, vec![bits(0, 3), bits(8, 5)]));
    assert!(!found.packed);
    let widths: Vec<_> = found.fields.iter().map(|it| (it.name.is_some(), it.bits)).collect();
    assert_eq!(widths, [(true, Some(3)), (false, Some(5)), (true, Some(5))]);
}

#[test]
fn what_nothing_explains_is_written_out() {
    let long = |first| member(int(IntKind::Long), first, None);
    let found = explain(&record(40, vec![long(24), long(256)]));
    assert!(found.packed && found.fields.len() > 2);
    let overlapping = record(8, vec![long(0), long(32)]);
    assert!(explained(&overlapping, &Measure::new(Abi::X86_64)).is_none());
}

#[test]
fn bits_before_a_byte_are_a_hole_too() {
    let members = vec![
        member(int(IntKind::UnsignedLong), 0, Some(7)),
        member(int(IntKind::Short), 7, Some(13)),
        member(int(IntKind::UnsignedInt), 20, Some(26)),
        member(int(IntKind::UnsignedShort), 48, None),
        member(int(IntKind::UnsignedInt), 64, None),
    ];
    let found = explain(&record(12, members));
    assert!(found.packed);
}
