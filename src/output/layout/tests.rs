//! What the layout report prints.

use std::sync::Arc;

use super::*;
use crate::schema::{ArrayLen, CType, FieldDef, IntKind, RecordKind, Span};

#[test]
fn a_struct_is_shown_with_its_holes_and_how_abis_differ() {
    let point = record("point", vec![field("x", U8), field("y", U16)]);
    let def = record(
        "msg_st",
        vec![
            field("type", LONG),
            bits("a", U32, 3),
            bits("b", U32, 7),
            field("at", array(CType::Record(Arc::new(point)), 2)),
            field("name", array(U8, 1)),
        ],
    );
    let expected = "\
/* x86_64: offset and size in bytes */
struct msg_st {
    long type;              /*     0      8 */ /* i386 win64 arm 0 4 */
    unsigned int a:3;       /*     8:0    1 */ /* i386 win64 arm 4:0 1 */
    unsigned int b:7;       /*     8:3    2 */ /* i386 win64 arm 4:3 2 */
    /* XXX 6 bits hole, try to pack */
    struct point {
        unsigned char x;    /*    10      1 */ /* i386 arm 6 1; win64 8 1 */
        /* XXX 1 byte hole, try to pack */
        unsigned short y;   /*    12      2 */ /* i386 arm 8 2; win64 10 2 */
    } at[2];                /*    10      8 */ /* i386 arm 6 8; win64 8 8 */
    unsigned char name[1];  /*    18      1  text */ /* i386 arm 14 1; win64 16 1 */
    /* size: 24, align: 8, members: 5 */
    /* sum members: 17 */
    /* sum bitfield members: 10 bits, bit holes: 1, sum bit holes: 6 bits */
    /* padding: 5 */
    /* variable tail: name, from offset 18 to the end */
};

ABI       sizeof  align
x86_64        24      8
i386          16      4
win64         20      4
arm           16      4
aarch64       24      8
s390x         24      8
";
    assert_eq!(text(&def, "msg_st"), expected);
}

#[test]
fn a_packed_typedef_lies_alike_everywhere() {
    let fields = vec![field("name", array(U8, 11)), field("math", U32)];
    let def = RecordDef { packed: true, typedef: true, ..record("grade_t", fields) };
    let expected = "\
/* x86_64: offset and size in bytes */
typedef struct {
    unsigned char name[11];  /*     0     11  text */
    unsigned int math;       /*    11      4 */
    /* size: 15, align: 1, members: 2 */
} __attribute__((packed)) grade_t;

ABI       sizeof  align
x86_64        15      1
i386          15      1
win64         15      1
arm           15      1
aarch64       15      1
s390x         15      1
";
    assert_eq!(text(&def, "grade_t"), expected);
}

#[test]
fn a_nested_typedef_keeps_its_name_and_its_padding_is_told_apart() {
    let inner = record("inner_t", vec![field("a", U32), field("b", U8)]);
    let inner = CType::Record(Arc::new(RecordDef { typedef: true, ..inner }));
    let shown = text(&record("outer", vec![field("i", inner.clone()), field("z", U8)]), "outer");
    let expected = "
struct outer {
    struct { /* inner_t */
        unsigned int a;   /*     0      4 */
        unsigned char b;  /*     4      1 */
    } i;                  /*     0      8 */
    /* XXX last struct has 3 bytes of padding */
    unsigned char z;      /*     8      1 */
    /* size: 12, align: 4, members: 2 */
    /* padding: 3 */
    /* paddings: 1, sum paddings: 3 */
};
";
    assert!(shown.contains(expected), "{shown}");
    assert_eq!(inner.declare("i"), "inner_t i");
}

#[test]
fn what_an_abi_refuses_is_said() {
    let wide = CType::Int { kind: IntKind::Int128, order: None };
    let def = record("wide", vec![field("id", wide)]);
    let shown = text(&def, "wide");
    assert!(shown.contains("\ni386      `id`: i386 has no integer of this size\n"), "{shown}");
    let refused = LayoutReport::new(&def, "wide", Abi::Arm).err().map(|it| it.to_string());
    assert_eq!(refused.as_deref(), Some("`id`: arm has no integer of this size"));
}

#[test]
fn json_has_one_line_for_each_abi() {
    let inner = record("in", vec![field("c", U8), bits("f", U16, 4)]);
    let def = record("m", vec![field("n", U8), field("in", CType::Record(Arc::new(inner)))]);
    let mut out = Vec::new();
    LayoutReport::new(&def, "m", Abi::X86_64).unwrap().write_json(&mut out).unwrap();
    let lines: Vec<_> = std::str::from_utf8(&out).unwrap().lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[0],
        concat!(
            r#"{"name":"m","abi":"x86_64","size":4,"align":2,"min_len":4,"fields":["#,
            r#"{"name":"n","type":"unsigned char","offset":0,"size":1},"#,
            r#"{"name":"in","type":"struct in","offset":2,"size":2,"fields":["#,
            r#"{"name":"c","type":"unsigned char","offset":2,"size":1},"#,
            r#"{"name":"f","type":"unsigned short","offset":3,"size":1,"#,
            r#""bits":{"first":24,"width":4}}]}],"holes":[{"offset":1,"len":1}]}"#,
        )
    );
    assert!(lines[2].starts_with(r#"{"name":"m","abi":"win64","size":6,"#), "{}", lines[2]);
}

const U8: CType = CType::Int { kind: IntKind::UnsignedChar, order: None };
const U16: CType = CType::Int { kind: IntKind::UnsignedShort, order: None };
const U32: CType = CType::Int { kind: IntKind::UnsignedInt, order: None };
const LONG: CType = CType::Int { kind: IntKind::Long, order: None };

fn text(def: &RecordDef, name: &str) -> String {
    let mut out = Vec::new();
    let report = LayoutReport::new(def, name, Abi::X86_64).unwrap();
    report.write_text(Palette::plain(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn record(tag: &str, fields: Vec<FieldDef>) -> RecordDef {
    RecordDef {
        kind: RecordKind::Struct,
        tag: Some(tag.to_owned()),
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

fn array(element: CType, len: u64) -> CType {
    CType::Array(Box::new(element), ArrayLen::Fixed(len))
}
