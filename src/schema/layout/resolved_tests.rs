//! Declarations of C against the parts of their resolved layouts.

use super::super::error::LayoutErrorKind;
use super::super::reading::FieldReading;
use super::super::{Layout, Reading};
use super::*;
use crate::schema::{Abi, LoadOptions, Schema};

const HEADER: &str = "
    struct point { char tag; short x; };
    struct msg {
        char name[3];
        unsigned flags:3, mode:5;
        struct { int a; };
        union { struct point p; double d; } u;
        struct point at[4];
        long ids[2][3];
        signed char text[];
    };
";

fn msg(abi: Abi, packed: bool, reading: &Reading<'_>) -> ResolvedLayout {
    let text = if packed { format!("#pragma pack(1)\n{HEADER}") } else { HEADER.to_owned() };
    let schema = Schema::parse("proto.h", &text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    Layout::of(schema.record("msg").unwrap(), "msg", abi).unwrap().resolve(reading).unwrap()
}

fn kind(kind: &PartKind) -> String {
    match kind {
        PartKind::Struct(name) => format!("struct {name}"),
        PartKind::Union(name) => format!("union {name}"),
        PartKind::List => "list".to_owned(),
        PartKind::Integer { signed, order, .. } => {
            format!("{order:?} {}", if *signed { "signed" } else { "unsigned" })
        }
        PartKind::Varint { .. } => "varint".to_owned(),
        PartKind::Bits(it) => format!("bits {}+{}", it.first, it.width),
        PartKind::Float { order, .. } => format!("{order:?} float"),
        PartKind::Characters { text: true, .. } => "text".to_owned(),
        PartKind::Characters { text: false, .. } => "bytes".to_owned(),
        PartKind::Hole => "hole".to_owned(),
    }
}

/// A line for each part, with what is in it behind it: name, path, place and kind.
fn lines(layout: &ResolvedLayout, id: PartId, found: &mut Vec<String>) {
    for (child, it) in layout.children(id) {
        assert_eq!(it.parent, id);
        let name = it.name.as_deref().unwrap_or("-");
        found.push(format!("{name} {} {}+{} {}", it.path, it.offset, it.len, kind(&it.kind)));
        lines(layout, child, found);
    }
}

#[test]
fn every_part_has_its_path_and_place_and_holes_lie_between() {
    let mut found = Vec::new();
    let layout = msg(Abi::X86_64, false, &Reading::default());
    lines(&layout, ResolvedLayout::ROOT, &mut found);
    let expected = [
        "name name 0+3 text",
        "flags flags 3+1 bits 24+3",
        "mode mode 3+1 bits 27+5",
        "-  4+4 struct ",
        "a a 4+4 Big signed",
        "u u 8+8 union ",
        "p u.p 8+4 struct point",
        "tag u.p.tag 8+1 Big signed",
        "- u.p 9+1 hole",
        "x u.p.x 10+2 Big signed",
        "d u.d 8+8 Big float",
        "at at 16+16 list",
        "- at 16+4 struct point",
        "tag at.tag 16+1 Big signed",
        "- at 17+1 hole",
        "x at.x 18+2 Big signed",
        "ids ids 32+48 list",
        "- ids 32+24 list",
        "- ids 32+8 Big signed",
        "text text 80+0 text",
    ];
    assert_eq!(found, expected);
    let (_, text) = layout.tail().unwrap();
    assert_eq!(text.repeat, Repeat::ToEnd { counted: 0, stride: 1, padding: 0 });
    let (_, ids) = layout.find("ids").unwrap();
    assert_eq!(ids.repeat, Repeat::Times { count: 2, stride: 24 });
    // The holes of every element, though one stands for all.
    let holes: Vec<_> = layout.holes().iter().map(|it| it.offset).collect();
    assert_eq!(holes, [17, 21, 25, 29]);
}

#[test]
fn type_name_and_profile_say_what_is_text() {
    let header = "typedef unsigned char u8; typedef char code[4];
        struct m { char a[2]; u8 mac[6]; u8 ifname[3]; u8 nick_name[3]; signed char hostName[2];
                   code c; u8 names[2][3]; u8 path[2][3]; u8 flag; char last[]; };";
    let schema = Schema::parse("proto.h", header, &LoadOptions::default());
    let layout = Layout::of(schema.record("m").unwrap(), "m", Abi::X86_64).unwrap();
    let of = |layout: &ResolvedLayout| {
        let characters = layout.fields().filter_map(|(_, it)| Some((&it.path, it.characters()?)));
        let text = characters.filter(|it| it.1).map(|it| it.0.clone());
        text.collect::<Vec<_>>().join(" ")
    };
    let plain = layout.resolve(&Reading::default()).unwrap();
    assert_eq!(of(&plain), "a nick_name hostName c path last");
    let said = |path: &str| FieldReading {
        text: match path {
            "mac" => Some(true),
            "path" | "a" => Some(false),
            _ => None,
        },
        ..FieldReading::default()
    };
    let said = layout.resolve(&Reading { of: &said, ..Reading::default() }).unwrap();
    assert_eq!(of(&said), "mac nick_name hostName c last");
}

#[test]
fn whole_bytes_of_bit_fields_have_the_order_of_numbers() {
    let header = "struct m { unsigned id:16, a:3, b:5, c:8, d:24; };";
    let schema = Schema::parse("proto.h", header, &LoadOptions::default());
    for abi in [Abi::X86_64, Abi::S390x] {
        let layout = Layout::of(schema.record("m").unwrap(), "m", abi).unwrap();
        let reading = Reading::plain(ByteOrder::Big, abi.byte_order());
        let layout = layout.resolve(&reading).unwrap();
        let orders: Vec<_> = layout.fields().filter_map(|(_, it)| Some(it.bits()?.order)).collect();
        let host = abi.byte_order();
        assert_eq!(orders, [ByteOrder::Big, host, host, ByteOrder::Big, ByteOrder::Big], "{abi}");
    }
}

#[test]
fn a_last_array_may_be_shorter() {
    for (members, min_len, last) in [
        ("int a; char b[5];", 4, Some("b")),
        ("int a; struct { char x; short y[2]; } b;", 6, Some("b.y")),
        ("char b[5]; int a;", 12, None),
        ("int a; union { char x[8]; short y; } b;", 4, None),
        ("int a; union { int x; short y; } b;", 8, None),
        ("int a; short b[2][2];", 4, Some("b")),
        ("int a; char b[];", 4, None),
    ] {
        let header = format!("struct m {{ {members} }};");
        let schema = Schema::parse("proto.h", &header, &LoadOptions::default());
        let layout = Layout::of(schema.record("m").unwrap(), "m", Abi::X86_64).unwrap();
        let layout = layout.resolve(&Reading::default()).unwrap();
        let path = layout.last_array().map(|it| it.0.path.as_str());
        assert_eq!((layout.min_len(), path), (min_len, last), "{members}");
    }
}

#[test]
fn an_id_names_the_same_field_on_every_abi_and_packed() {
    let fields = |layout: &ResolvedLayout| {
        let fields = layout.fields().map(|(id, it)| (id, it.name.clone(), it.path.clone()));
        fields.collect::<Vec<_>>()
    };
    let declared = msg(Abi::X86_64, false, &Reading::default());
    let mut places = Vec::new();
    for abi in Abi::ALL {
        for packed in [false, true] {
            let other = msg(abi, packed, &Reading::default());
            assert_eq!(fields(&other), fields(&declared), "{abi}");
            let (id, _) = declared.find("at.x").unwrap();
            places.push(other.part(id).unwrap().offset);
        }
    }
    places.sort_unstable();
    places.dedup();
    // Of win64 a unit of four bytes holds the bit-fields.
    assert_eq!(places, [17, 18, 20, 26]);
}

#[test]
fn what_is_said_of_a_path_holds_within_it() {
    let of = |path: &str| match path {
        "u" => FieldReading { order: Some(ByteOrder::Little), ..FieldReading::default() },
        "u.p.x" => FieldReading { order: Some(ByteOrder::Big), ..FieldReading::default() },
        "text" => FieldReading { text: Some(false), ..FieldReading::default() },
        _ => FieldReading::default(),
    };
    let reading = Reading { of: &of, ..Reading::default() };
    let layout = msg(Abi::X86_64, false, &reading);
    for (path, expected) in [
        ("u.d", "Little float"),
        ("u.p.x", "Big signed"),
        ("at.x", "Big signed"),
        ("name", "text"),
        ("text", "bytes"),
    ] {
        assert_eq!(kind(&layout.find(path).unwrap().1.kind), expected, "{path}");
    }
    assert_eq!(layout.find("u.x"), None);
    let paths: Vec<_> = layout.paths().collect();
    assert_eq!(
        paths,
        "name flags mode a u u.p u.p.tag u.p.x u.d at at.tag at.x ids text"
            .split(' ')
            .collect::<Vec<_>>()
    );
}

#[test]
fn parts_are_bounded() {
    let lists = (0..40_000).map(|it| format!("int m{it}[2];"));
    let text = format!("struct wide {{ {} }};", lists.collect::<String>());
    let schema = Schema::parse("proto.h", &text, &LoadOptions::default());
    let layout = Layout::of(schema.record("wide").unwrap(), "wide", Abi::X86_64).unwrap();
    let error = layout.resolve(&Reading::default()).unwrap_err();
    assert_eq!(error.kind, LayoutErrorKind::TooManyFields);
}
