//! Layouts against what gcc and clang print for the same declarations; `tests/trials/compilers.rs`
//! asks the compilers themselves.

use std::sync::Arc;

use super::super::holes::Hole;
use super::super::{Reading, Repeat, ResolvedLayout};
use super::*;
use crate::schema::source::Span;

const U8: CType = CType::Int { kind: IntKind::UnsignedChar, order: None };
const U16: CType = CType::Int { kind: IntKind::UnsignedShort, order: None };
const U32: CType = CType::Int { kind: IntKind::UnsignedInt, order: None };
const LONG: CType = CType::Int { kind: IntKind::Long, order: None };
const LONG_LONG: CType = CType::Int { kind: IntKind::LongLong, order: None };

#[test]
fn packing_closes_the_holes_of_a_lesson_struct() {
    let fields = || {
        vec![
            field("name", array(U8, ArrayLen::Fixed(11))),
            field("math", U32),
            field("chinese", U32),
        ]
    };
    for abi in Abi::ALL {
        let natural = layout(&record(fields()), abi);
        assert_eq!((natural.size, natural.align, offsets(&natural)), (20, 4, vec![0, 12, 16]));
        assert_eq!(resolved(&natural).holes(), [Hole { offset: 11, len: 1 }]);
        let packed = layout(&RecordDef { packed: true, ..record(fields()) }, abi);
        assert_eq!((packed.size, packed.align, offsets(&packed)), (19, 1, vec![0, 11, 15]));
        assert_eq!(resolved(&packed).holes(), []);
    }
}

#[test]
fn a_last_array_of_none_one_or_any_is_a_tail() {
    for (len, size, counted) in
        [(ArrayLen::Fixed(1), 12, 1), (ArrayLen::Fixed(0), 8, 0), (ArrayLen::Flexible, 8, 0)]
    {
        let inner = Arc::new(record(vec![field("math", U32), field("chinese", U32), {
            field("name", array(U8, len))
        }]));
        let it = resolved(&layout(&inner, Abi::X86_64));
        assert_eq!((it.size, it.min_len()), (size, 8));
        let tail = it.tail().unwrap().1;
        let repeat = Repeat::ToEnd { stride: 1, counted, padding: size - 8 - counted };
        assert_eq!((tail.path.as_str(), tail.offset, tail.repeat), ("name", 8, repeat));

        let nested = CType::Record(Arc::clone(&inner));
        let last = layout(&record(vec![field("id", U32), field("in", nested.clone())]), Abi::Arm);
        let last = resolved(&last);
        assert_eq!((last.min_len(), last.tail().unwrap().1.offset), (12, 12));
        let first = layout(&record(vec![field("in", nested), field("id", U32)]), Abi::Arm);
        let first = resolved(&first);
        assert_eq!((first.min_len(), first.tail()), (first.size, None));
    }
}

#[test]
fn a_union_is_as_short_as_its_shortest_member() {
    let path = record(vec![field("type", LONG), field("path", array(U8, ArrayLen::Fixed(1)))]);
    let data = record(vec![field("type", LONG), field("data", array(U8, ArrayLen::Fixed(40)))]);
    let members = vec![
        field("path", CType::Record(Arc::new(path))),
        field("data", CType::Record(Arc::new(data))),
    ];
    let union = RecordDef { kind: RecordKind::Union, ..record(members) };
    let it = resolved(&layout(&union, Abi::X86_64));
    assert_eq!((it.size, it.min_len(), it.tail()), (48, 8, None));
    let (_, path) = it.find("path.path").unwrap();
    assert!(matches!(path.repeat, Repeat::ToEnd { .. }), "{path:?}");
    assert_eq!(path.offset, 8);
}

#[test]
fn each_abi_has_its_sizes() {
    let def = record(vec![field("c", U8), field("l", LONG), field("q", LONG_LONG)]);
    for (abi, size, expected) in [
        (Abi::X86_64, 24, [0, 8, 16]),
        (Abi::I386, 16, [0, 4, 8]),
        (Abi::Win64, 16, [0, 4, 8]),
        (Abi::Arm, 16, [0, 4, 8]),
        (Abi::Aarch64, 24, [0, 8, 16]),
        (Abi::S390x, 24, [0, 8, 16]),
    ] {
        let it = layout(&def, abi);
        assert_eq!((it.size, offsets(&it)), (size, expected.to_vec()), "{abi}");
    }
}

#[test]
fn bit_fields_share_units_as_each_compiler_does() {
    let def = record(vec![bits("a", U32, 3), bits("b", U8, 6), bits("c", U16, 9)]);
    for (abi, size, expected) in [
        (Abi::X86_64, 4, [(0, 3), (8, 6), (16, 9)]),
        (Abi::S390x, 4, [(0, 3), (8, 6), (16, 9)]),
        (Abi::Win64, 8, [(0, 3), (32, 6), (48, 9)]),
    ] {
        let it = layout(&def, abi);
        let places: Vec<_> = it.fields.iter().map(|it| it.bits.unwrap()).collect();
        assert_eq!((it.size, places), (size, expected.to_vec()), "{abi}");
    }
    let packed = layout(&RecordDef { packed: true, ..def }, Abi::X86_64);
    let places: Vec<_> = packed.fields.iter().map(|it| (it.offset, it.bits.unwrap())).collect();
    assert_eq!((packed.size, places), (3, vec![(0, (0, 3)), (0, (3, 6)), (1, (9, 9))]));
}

#[test]
fn what_no_compiler_accepts_is_said() {
    let wide = CType::Int { kind: IntKind::Int128, order: None };
    let named_zero = bits("z", U32, 0);
    for (member, abi, kind) in [
        (field("v", CType::Void), Abi::X86_64, Kind::Void),
        (field("v", array(U8, ArrayLen::Fixed(u64::MAX))), Abi::X86_64, Kind::TooLarge),
        (
            field("v", array(array(U32, ArrayLen::Fixed(1 << 40)), ArrayLen::Fixed(1 << 40))),
            Abi::X86_64,
            Kind::TooLarge,
        ),
        (
            field("v", array(array(U8, ArrayLen::Fixed(0)), ArrayLen::Fixed(u64::MAX))),
            Abi::X86_64,
            Kind::TooLarge,
        ),
        (
            field("v", array(array(U8, ArrayLen::Flexible), ArrayLen::Fixed(2))),
            Abi::X86_64,
            Kind::NotLast,
        ),
        (field("v", wide), Abi::I386, Kind::NoSuchType { abi: Abi::I386 }),
        (field("v", CType::Aligned(Box::new(U8), 3)), Abi::X86_64, Kind::Alignment { align: 3 }),
        (bits("v", CType::Pointer, 3), Abi::X86_64, Kind::BitFieldType),
        (bits("v", LONG, 33), Abi::Win64, Kind::BitFieldWidth { width: 33, limit: 32 }),
        (
            FieldDef { name: Some("v".into()), ..named_zero },
            Abi::X86_64,
            Kind::BitFieldWidth { width: 0, limit: 32 },
        ),
    ] {
        let inner = CType::Record(Arc::new(record(vec![member])));
        let error = Layout::of(&record(vec![field("in", inner)]), "t", abi).unwrap_err();
        assert_eq!((error.kind, error.member.as_str()), (kind, "in.v"));
    }
    let flexible = vec![field("v", array(U8, ArrayLen::Flexible)), field("w", U8)];
    let error = Layout::of(&record(flexible), "t", Abi::X86_64).unwrap_err();
    assert_eq!(error.to_string(), "`v`: `[]` has no size; it can only end a struct");
}

#[test]
fn hostile_nesting_is_bounded() {
    let mut ctype = CType::Record(Arc::new(record(vec![])));
    for _ in 0..40 {
        ctype = CType::Record(Arc::new(record(vec![field("a", ctype.clone()), field("b", ctype)])));
    }
    let error = Layout::of(&record(vec![field("x", ctype)]), "t", Abi::X86_64).unwrap_err();
    assert_eq!(error.kind, Kind::TooManyFields);

    let mut ctype = U8;
    for _ in 0..200 {
        ctype = array(ctype, ArrayLen::Fixed(1));
    }
    let error = Layout::of(&record(vec![field("x", ctype)]), "t", Abi::X86_64).unwrap_err();
    assert_eq!(error.kind, Kind::TooDeep);

    let mut ctype = array(U8, ArrayLen::Fixed(1 << 30));
    for _ in 0..3 {
        ctype = CType::Record(Arc::new(record(vec![field("a", ctype.clone()), field("b", ctype)])));
    }
    let error = Layout::of(&record(vec![field("x", ctype)]), "t", Abi::X86_64).unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge);
}

#[test]
fn holes_are_found_within_and_behind() {
    let inner = Arc::new(record(vec![field("a", U8), field("b", U16), field("c", U8)]));
    let pairs = array(CType::Record(Arc::clone(&inner)), ArrayLen::Fixed(2));
    let it = layout(&record(vec![field("n", U32), field("p", pairs), field("e", U8)]), Abi::X86_64);
    let it = resolved(&it);
    let found: Vec<_> = it.holes().iter().map(|it| (it.offset, it.len)).collect();
    assert_eq!(found, [(5, 1), (9, 1), (11, 1), (15, 1), (17, 3)]);
    assert_eq!(it.own_holes(ResolvedLayout::ROOT), [Hole { offset: 17, len: 3 }]);

    let nested = field("in", CType::Record(inner));
    let union = RecordDef {
        kind: RecordKind::Union,
        ..record(vec![nested, field("d", array(U8, ArrayLen::Fixed(2)))])
    };
    assert_eq!(resolved(&layout(&union, Abi::X86_64)).holes(), [Hole { offset: 5, len: 1 }]);
}

fn record(fields: Vec<FieldDef>) -> RecordDef {
    RecordDef {
        kind: RecordKind::Struct,
        tag: None,
        typedef: false,
        fields,
        packed: false,
        pragma_pack: None,
        aligned: None,
        description: None,
        span: Span::default(),
    }
}

fn field(name: &str, ctype: CType) -> FieldDef {
    FieldDef::new(Some(name.to_owned()), ctype)
}

fn bits(name: &str, ctype: CType, width: u32) -> FieldDef {
    FieldDef { bits: Some(width), ..field(name, ctype) }
}

fn array(element: CType, len: ArrayLen) -> CType {
    CType::Array(Box::new(element), len)
}

fn layout(def: &RecordDef, abi: Abi) -> Layout {
    Layout::of(def, "t", abi).unwrap()
}

fn resolved(layout: &Layout) -> ResolvedLayout {
    layout.resolve(&Reading::default()).unwrap()
}

fn offsets(layout: &Layout) -> Vec<u64> {
    layout.fields.iter().map(|it| it.offset).collect()
}
