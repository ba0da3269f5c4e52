//! Every shape of field, both ways, and cut short.

use super::*;
use crate::schema::{Abi, FieldReading};

#[test]
fn the_lesson_structs_read_and_write() {
    let basic = codec(&basic());
    let value = json!({"name": "Alan", "math": 83, "chinese": 86});
    both_ways(&basic, r#""Alan" 00000000000000 00000053 00000056"#, value.clone());
    assert_eq!((basic.size(), basic.min_len()), (19, 19));

    let packed = codec(&var(9));
    let value = json!({"math": 83, "chinese": 86, "name": "Alan"});
    both_ways(&packed, r#"00000053 00000056 "Alan" 00"#, value.clone());
    both_ways(&packed, "00000053 00000056 00", json!({"math": 83, "chinese": 86, "name": ""}));
    assert_eq!((packed.size(), packed.min_len()), (9, 8));

    // 12 + strlen: the padding that sizeof counts follows the NUL.
    let natural = codec(&var(12));
    both_ways(&natural, r#"00000053 00000056 "Alan" 00 000000"#, value);
}

#[test]
fn a_character_tail_ends_at_its_first_nul() {
    let packed = codec(&var(9));
    let natural = codec(&var(12));
    for (codec, tail, name, rest) in [
        (&packed, r#""Al" 00 "junk""#, json!("Al"), "var 11+4"),
        (&packed, r#""Alan""#, json!("Alan"), "var 12+0"),
        (&packed, "", json!(""), "var 8+0"),
        (&packed, "00 00", json!(""), "var 9+1"),
        (&packed, "ff fe 00", json!("fffe00"), "var 11+0"),
        (&natural, r#""Al" 00"#, json!("Al"), "var 11+0"),
        (&natural, r#""Al" 00 0000"#, json!("Al"), "var 11+2"),
        (&natural, r#""Al" 00 abcdef"#, json!("Al"), "var 14+0"),
        (&natural, r#""Al" 00 00000000"#, json!("Al"), "var 11+4"),
    ] {
        let wire = [bytes("00000053 00000056"), bytes(tail)].concat();
        let value = json!({"math": 83, "chinese": 86, "name": name});
        assert_eq!(decoded(codec, &wire), (value, rest.to_owned()), "{tail}");
    }
}

#[test]
fn a_tail_of_its_nul_counts_the_nul_in_its_span() {
    let codec = codec(&var(9));
    let mut items = Vec::new();
    codec.decode(&bytes(r#"00000053 00000056 "Al" 00 "junk""#), 15, &mut items);
    let spans: Vec<_> = items.iter().map(|item| (item.offset, item.len, item.end)).collect();
    assert_eq!(spans, [(0, 4, 1), (4, 4, 2), (8, 3, 3)]);
}

#[test]
fn cut_short_keeps_what_is_before() {
    let basic = codec(&basic());
    let wire = bytes(r#""Alan" 00000000000000 00000053 00000056 aabb"#);
    let name = json!({"name": "Alan"});
    let two = json!({"name": "Alan", "math": 83});
    let all = json!({"name": "Alan", "math": 83, "chinese": 86});
    for (len, wire_len, value, rest) in [
        (0, 0, json!({}), "basic 0+0 short name@0"),
        (10, 10, json!({}), "basic 10+0 short name@0"),
        (14, 14, name.clone(), "basic 14+0 short math@11"),
        (14, 19, name, "basic 14+0 snapped math@11"),
        (18, 18, two, "basic 18+0 short chinese@15"),
        (19, 19, all.clone(), "basic 19+0"),
        (21, 21, all.clone(), "basic 19+2"),
        (19, 21, all, "basic 19+2"),
    ] {
        let got = snapped(&basic, &wire[..len], wire_len);
        assert_eq!(got, (value, rest.to_owned()), "{len} of {wire_len}");
    }
    let var = codec(&var(9));
    let got = snapped(&var, &bytes(r#"00000053 00000056 "Al""#), 13);
    let value = json!({"math": 83, "chinese": 86, "name": "Al"});
    assert_eq!(got, (value, "var 10+0 snapped name@8".to_owned()));
}

#[test]
fn every_kind_of_number() {
    let fields = vec![
        field(
            "fixed",
            0,
            Shape::Integer {
                size: 2,
                signed: false,
                order: Some(ByteOrder::Little),
                role: Role::Number,
            },
        ),
        field("i", 2, signed(2)),
        field("c", 4, character()),
        field("b", 5, Shape::Integer { size: 1, signed: false, order: None, role: Role::Boolean }),
        field(
            "e",
            6,
            Shape::Integer { size: 2, signed: true, order: None, role: Role::Enum(colours()) },
        ),
        field("p", 8, Shape::Integer { size: 8, signed: false, order: None, role: Role::Pointer }),
        field("f", 16, Shape::Float { size: 4, significant: 4 }),
        field("d", 24, Shape::Float { size: 8, significant: 8 }),
        field("wide", 32, signed(16)),
        field("ld", 48, Shape::Float { size: 12, significant: 10 }),
    ];
    let codec = codec(&record("numbers", 60, fields));
    let ld = "ffffffffffffff7fff3f0000";
    let wire = format!(
        "0100 fffe 41 01 ffff 00007fff00000001 3f800000 00000000 c000000000000000 {} {ld}",
        "00".repeat(15) + "07"
    );
    let value = json!({
        "fixed": 1, "i": -2, "c": 65, "b": 1, "e": "NONE", "p": 0x7fff_0000_0001_u64,
        "f": 1.0, "d": -2.0, "wide": "00".repeat(15) + "07", "ld": ld,
    });
    both_ways(&codec, &wire, value);
}

#[test]
fn a_message_may_end_within_its_last_array() {
    let raw = || array(byte(), 4, 1);
    let rep = codec(&record("rep", 6, vec![field("id", 0, unsigned(2)), field("ext", 2, raw())]));
    assert_eq!((rep.size(), rep.min_len()), (6, 2));
    for (wire, ext) in [("0001 01020304", "01020304"), ("0001 0102", "0102"), ("0001", "")] {
        both_ways(&rep, wire, json!({"id": 1, "ext": ext}));
    }
    let cut = snapped(&rep, &bytes("0001 01"), 5);
    assert_eq!(cut, (json!({"id": 1, "ext": "01"}), "rep 3+0 snapped ext@2".to_owned()));
    assert_eq!(decoded(&rep, &bytes("00")).1, "rep 1+0 short id@0");
    assert_eq!(decoded(&rep, &bytes("0001 01020304 05")).1, "rep 6+1");

    let flows = array(unsigned(2), 3, 2);
    let inner = record("body", 8, vec![field("n", 0, unsigned(2)), field("flows", 2, flows)]);
    let whole = codec(&record("m", 8, vec![field("b", 0, nested(inner))]));
    for (wire, flows, rest) in [
        ("0002 0007 0008 0009", json!([7, 8, 9]), "m 8+0"),
        ("0002 0007 0008", json!([7, 8]), "m 6+0"),
        ("0002 0007 00", json!([7]), "m 4+1"),
        ("0002", json!([]), "m 2+0"),
    ] {
        let value = json!({"b": {"n": 2, "flows": flows}});
        assert_eq!(decoded(&whole, &bytes(wire)), (value, rest.to_owned()), "{wire}");
    }
    both_ways(&whole, "0002 0007", json!({"b": {"n": 2, "flows": [7]}}));
}

/// Padding behind the last element is not sent where a sender goes by the length of its members.
#[test]
fn the_last_element_of_a_last_array_needs_no_padding() {
    let flow = record("flow", 4, vec![field("a", 0, unsigned(2)), field("b", 2, byte())]);
    let flows = array(nested(flow), 3, 4);
    let codec = codec(&record("m", 12, vec![field("flows", 0, flows)]));
    let two = json!({"flows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]});
    assert_eq!(decoded(&codec, &bytes("0001 02 00 0003 04")), (two, "m 7+0".to_owned()));
}

#[test]
fn what_lies_before_the_end_is_never_shorter() {
    let fields = vec![field("ext", 0, array(byte(), 4, 1)), field("id", 4, unsigned(2))];
    let codec = codec(&record("m", 6, fields));
    assert_eq!(codec.min_len(), 6);
    assert_eq!(decoded(&codec, &bytes("010203")).1, "m 3+0 short ext@0");
}

#[test]
fn bit_fields_of_whole_bytes_go_by_the_order_of_numbers() {
    let bits = |name: &str, first: u64, width: u32| Field {
        bits: Some((first, width)),
        ..field(name, first / 8, unsigned(4))
    };
    let fields =
        || vec![bits("id", 0, 16), bits("rd", 16, 1), bits("op", 17, 7), bits("n", 24, 24)];
    let head = record("head", 8, fields());
    let value = json!({"id": 0x0102, "rd": 1, "op": 2, "n": 0x030405});
    both_ways(&codec(&head), "0102 05 030405 0000", value.clone());
    let little = Reading::plain(ByteOrder::Little, ByteOrder::Little);
    both_ways(&compiled(&head, &little), "0201 05 050403 0000", value.clone());
    let big_host = Reading::plain(ByteOrder::Big, ByteOrder::Big);
    both_ways(&compiled(&head, &big_host), "0102 82 030405 0000", value);
}

#[test]
fn text_that_is_not_utf_8_is_given_as_hex() {
    let codec = codec(&record("m", 4, vec![field("name", 0, array(character(), 4, 1))]));
    let value = |value: Json| serde_json::from_value::<FieldValue>(value).unwrap();
    let mut out = Vec::new();
    codec.encode(&value(json!({"name": {"hex": "ff00fe01"}})), &mut out).unwrap();
    assert_eq!(out, [0xff, 0, 0xfe, 1]);
    let error = codec.encode(&value(json!({"name": {"hex": "f"}})), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "name: a group where text is needed");
}

/// JSON has no such numbers: they are printed, and given, by name.
#[test]
fn numbers_that_json_lacks_are_given_by_name() {
    let codec =
        codec(&record("m", 4, vec![field("f", 0, Shape::Float { size: 4, significant: 4 })]));
    for (name, wire) in [("NaN", "7fc00000"), ("Infinity", "7f800000"), ("-Infinity", "ff800000")] {
        let value: FieldValue = serde_json::from_value(json!({ "f": name })).unwrap();
        let mut out = Vec::new();
        codec.encode(&value, &mut out).unwrap();
        assert_eq!(out, bytes(wire), "{name}");
    }
    let value: FieldValue = serde_json::from_value(json!({ "f": "nan" })).unwrap();
    let error = codec.encode(&value, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "f: text where a number is needed");
}

#[test]
fn an_enum_value_without_a_name_is_a_number() {
    let shape = Shape::Integer { size: 1, signed: false, order: None, role: Role::Enum(colours()) };
    let codec = codec(&record("e", 1, vec![field("colour", 0, shape)]));
    both_ways(&codec, "02", json!({"colour": "GREEN"}));
    both_ways(&codec, "07", json!({"colour": 7}));
}

#[test]
fn byte_order_of_type_field_and_message() {
    let le = |size| Shape::Integer {
        size,
        signed: false,
        order: Some(ByteOrder::Little),
        role: Role::Number,
    };
    let point = record("point", 4, vec![field("x", 0, unsigned(2)), field("y", 2, le(2))]);
    let fields =
        vec![field("a", 0, unsigned(2)), field("p", 2, nested(point)), field("z", 6, unsigned(2))];
    let layout = record("order", 8, fields);
    let wire = bytes("0001 0002 0003 0004");
    for (order, said, a, x, y, z) in [
        (ByteOrder::Big, None, 1, 2, 0x300, 4),
        (ByteOrder::Little, None, 0x100, 0x200, 0x300, 0x400),
        (ByteOrder::Big, Some(("p", ByteOrder::Little)), 1, 0x200, 0x300, 4),
        (ByteOrder::Little, Some(("p.y", ByteOrder::Big)), 0x100, 0x200, 0x300, 0x400),
        (ByteOrder::Little, Some(("z", ByteOrder::Big)), 0x100, 0x200, 0x300, 4),
    ] {
        let of = |path: &str| {
            let order = said.filter(|(it, _)| *it == path).map(|(_, order)| order);
            FieldReading { order, ..FieldReading::default() }
        };
        let codec = compiled(&layout, &Reading { order, of: &of, ..Reading::default() });
        let expected = json!({"a": a, "p": {"x": x, "y": y}, "z": z});
        assert_eq!(decoded(&codec, &wire).0, expected, "{said:?}");
        assert_eq!(encoded(&codec, expected), Ok(hex(&wire)), "{said:?}");
    }
}

#[test]
fn nested_and_anonymous_records() {
    let point = record("point", 4, vec![field("x", 0, unsigned(2)), field("y", 2, signed(2))]);
    let hidden = record("", 4, vec![field("u", 0, unsigned(1)), field("p", 1, nested(point))]);
    let fields = vec![field("a", 0, unsigned(1)), field("", 2, nested(hidden))];
    let codec = codec(&record("outer", 8, fields));
    both_ways(&codec, "01 00 02 0003 fffc 00", json!({"a": 1, "u": 2, "p": {"x": 3, "y": -4}}));
    assert_eq!(
        codec.table().nodes.iter().map(|node| node.path.as_str()).collect::<Vec<_>>(),
        ["a", "u", "p", "p.x", "p.y"]
    );
    assert_eq!(
        decoded(&codec, &bytes("01 00 02 0003 ff")),
        (json!({"a": 1, "u": 2, "p": {"x": 3}}), "outer 6+0 short p.y@5".to_owned())
    );
    // A group of which nothing is there is not listed.
    assert_eq!(
        decoded(&codec, &bytes("01 00 02 00")),
        (json!({"a": 1, "u": 2}), "outer 4+0 short p.x@3".to_owned())
    );
}

#[test]
fn padding_at_the_end_may_be_missing() {
    let inner = record("inner", 2, vec![field("b", 0, unsigned(1))]);
    let fields = vec![field("a", 0, unsigned(4)), field("in", 4, nested(inner))];
    let codec = codec(&record("padded", 8, fields));
    let value = json!({"a": 1, "in": {"b": 2}});
    both_ways(&codec, "00000001 02 000000", value.clone());
    assert_eq!(decoded(&codec, &bytes("00000001 02")), (value, "padded 5+0".to_owned()));
    let mut items = Vec::new();
    assert!(codec.decode(&bytes("00000001 02"), 5, &mut items).loose);
    assert!(!codec.decode(&bytes("00000001 02 000000"), 8, &mut items).loose);
}

#[test]
fn arrays() {
    let pair = record("pair", 3, vec![field("k", 0, unsigned(1)), field("v", 1, unsigned(2))]);
    let fields = vec![
        field("score", 0, array(unsigned(2), 2, 2)),
        field("grid", 4, array(array(unsigned(1), 2, 1), 2, 2)),
        field("lines", 8, array(array(character(), 3, 1), 2, 3)),
        field("pairs", 14, array(nested(pair), 2, 3)),
        field("none", 20, array(unsigned(4), 0, 4)),
    ];
    let codec = codec(&record("arrays", 20, fields));
    let wire = r#"0001 0002 01 02 03 04 "ab" 00 "cde" 05 0006 07 0008"#;
    let value = json!({
        "score": [1, 2], "grid": [[1, 2], [3, 4]], "lines": ["ab", "cde"],
        "pairs": [{"k": 5, "v": 6}, {"k": 7, "v": 8}], "none": [],
    });
    both_ways(&codec, wire, value);
    let (value, rest) = decoded(&codec, &bytes(wire)[..18]);
    assert_eq!(value["pairs"], json!([{"k": 5, "v": 6}, {"k": 7}]));
    assert_eq!(rest, "arrays 18+0 short pairs.v@18");
    assert_eq!(value.get("none"), None);
}

#[test]
fn tails_of_other_elements_take_whole_ones() {
    let fields = vec![field("n", 0, unsigned(2)), field("v", 2, tail(unsigned(2), 2, 1))];
    let codec = codec(&record("numbers", 4, fields));
    both_ways(&codec, "0001", json!({"n": 1, "v": []}));
    both_ways(&codec, "0001 0002 0003", json!({"n": 1, "v": [2, 3]}));
    let odd = decoded(&codec, &bytes("0001 0002 03"));
    assert_eq!(odd, (json!({"n": 1, "v": [2]}), "numbers 4+1".to_owned()));
    let cut = snapped(&codec, &bytes("0001 0002 03"), 6);
    assert_eq!(cut, (json!({"n": 1, "v": [2]}), "numbers 5+0 snapped v@4".to_owned()));
}

#[test]
fn a_tail_of_unions_has_all_members_of_each() {
    let members = vec![field("whole", 0, unsigned(2)), field("first", 0, unsigned(1))];
    let element = nested(union("either", 2, members));
    let fields = vec![field("id", 0, unsigned(4)), field("tail", 4, tail(element, 2, 1))];
    let codec = codec(&record("unions", 6, fields));
    let both = |whole, first| json!({"whole": whole, "first": first});
    both_ways(
        &codec,
        "00000007 0102 0304",
        json!({"id": 7, "tail": [both(0x0102, 1), both(0x0304, 3)]}),
    );
}

#[test]
fn a_tail_within_is_what_sizeof_counts() {
    let fields = vec![field("first", 0, nested(var(9))), field("second", 9, nested(var(9)))];
    let codec = codec(&record("two", 18, fields));
    let first = json!({"math": 1, "chinese": 2, "name": "A"});
    let second = json!({"math": 3, "chinese": 4, "name": "Bob"});
    both_ways(
        &codec,
        r#"00000001 00000002 "A" 00000003 00000004 "Bob" 00"#,
        json!({"first": first, "second": second}),
    );
}

#[test]
fn text_false_makes_bytes() {
    let of = |path: &str| FieldReading {
        text: (path == "name").then_some(false),
        ..FieldReading::default()
    };
    let reading = Reading { of: &of, ..Reading::default() };
    let fixed = compiled(&basic(), &reading);
    both_ways(
        &fixed,
        r#""Alan" 00000000000000 00000053 00000056"#,
        json!({"name": "416c616e00000000000000", "math": 83, "chinese": 86}),
    );
    // A tail of bytes has no terminator.
    let tail = compiled(&var(9), &reading);
    both_ways(
        &tail,
        "00000053 00000056 00 01 00",
        json!({"math": 83, "chinese": 86, "name": "000100"}),
    );
}

#[test]
fn bit_fields_follow_the_abi() {
    let fields = || {
        vec![
            bit_field("version", 0, 4, false),
            bit_field("length", 4, 4, false),
            bit_field("offset", 8, 13, true),
            bit_field("flag", 21, 1, false),
            field("after", 4, unsigned(2)),
            bit_field("long", 51, 62, false),
        ]
    };
    let layout = record("bits", 15, fields());
    for (abi, wire) in [
        (Abi::X86_64, "54 ff3f 00 0102 08 00 00 00 00 00 00 00 00"),
        (Abi::S390x, "45 fffc 00 0102 00 00 00 00 00 00 00 00 80"),
    ] {
        let codec = compiled(&layout, &Reading::plain(ByteOrder::Big, abi.byte_order()));
        let value = json!({
            "version": 4, "length": 5, "offset": -1, "flag": 1, "after": 0x0102, "long": 1,
        });
        both_ways(&codec, wire, value);
        let (cut, rest) = decoded(&codec, &bytes(wire)[..10]);
        assert_eq!((cut.get("long"), &cut["after"]), (None, &json!(0x0102)));
        assert_eq!(rest, "bits 10+0 short long@6");
    }
}

#[test]
fn missing_fields_are_zero_and_wrong_ones_are_named() {
    let colour =
        Shape::Integer { size: 1, signed: false, order: None, role: Role::Enum(colours()) };
    let fields = vec![
        field("name", 0, array(character(), 4, 1)),
        field("math", 4, unsigned(2)),
        field("colour", 6, colour),
        field("list", 7, array(signed(1), 2, 1)),
        field("point", 9, nested(record("p", 1, vec![field("x", 0, unsigned(1))]))),
        field("f", 10, Shape::Float { size: 4, significant: 4 }),
        bit_field("bits", 112, 3, true),
    ];
    let codec = codec(&record("all", 15, fields));
    let zeros = "00".repeat(15);
    assert_eq!(encoded(&codec, json!({})), Ok(zeros.clone()));
    assert_eq!(
        encoded(&codec, json!({"list": [1]})),
        Ok(zeros[..14].to_owned() + "0100" + &zeros[..12])
    );
    assert_eq!(
        encoded(&codec, json!({"name": "00410042"})),
        Ok("00410042".to_owned() + &zeros[8..])
    );
    for (value, error) in [
        (json!(3), "all: an integer where a group is needed"),
        (json!({"maths": 1}), "no field `maths`; did you mean `math`?"),
        (json!({"point": {"y": 1}}), "no field `point.y`"),
        (json!({"math": 65536}), "math: 65536 is not within 0 to 65535"),
        (json!({"math": -1}), "math: -1 is not within 0 to 65535"),
        (json!({"list": [1, -129]}), "list: -129 is not within -128 to 127"),
        (json!({"list": [1, 2, 3]}), "list: 3 are more than the 2 it holds"),
        (json!({"bits": 4}), "bits: 4 is not within -4 to 3"),
        (json!({"name": "Alans"}), "name: 5 are more than the 4 it holds"),
        (json!({"name": "A\0"}), "name: text with a NUL inside; give it as bytes"),
        (json!({"name": 4}), "name: an integer where text is needed"),
        (json!({"colour": "GREN"}), "colour: `GREN` is not in its enum; did you mean `GREEN`?"),
        (json!({"math": "4"}), "math: text where an integer is needed"),
        (json!({"math": 0.5}), "math: a fraction where an integer is needed"),
        (json!({"point": 1}), "point: an integer where a group is needed"),
        (json!({"list": 1}), "list: an integer where a list is needed"),
        (json!({"f": []}), "f: a list where a number is needed"),
    ] {
        assert_eq!(encoded(&codec, value.clone()), Err(error.to_owned()), "{value}");
    }
    assert!(encoded(&codec, json!({"f": 1e300})).unwrap_err().starts_with("f: 1000000"));
}

#[test]
fn what_is_too_large_is_refused() {
    let big = record("big", 1 << 40, vec![field("x", 0, array(unsigned(1), 1 << 40, 1))]);
    let codec = codec(&big);
    assert_eq!(
        encoded(&codec, json!({})),
        Err("big: the message would be longer than 16777216 bytes".to_owned())
    );
    let mut items = Vec::new();
    let decoded = codec.decode(&vec![0; 1 << 17], 1 << 17, &mut items);
    let error = decoded.error.unwrap();
    assert_eq!((error.kind, error.context), (ErrorKind::Limit, "x"));
    assert_eq!(items.len(), MAX_ITEMS + codec.table().nodes.len());

    // Elements without bytes would never run out.
    let empty = record("", 0, vec![]);
    let fields = vec![field("x", 0, array(nested(empty), u64::MAX, 0))];
    let none = super::codec(&record("none", 0, fields));
    assert_eq!(none.decode(&[], 0, &mut items).error.unwrap().kind, ErrorKind::Limit);
}

#[test]
fn layouts_that_cannot_be_compiled() {
    let unresolved = |layout: &Layout| layout.resolve(&Reading::default()).unwrap_err();
    let error = |layout: &Layout, tag: Option<&str>| {
        let tags = tag.map(|it| it.parse().unwrap()).into_iter().collect();
        let options = MessageWords { tags, ..MessageWords::default() };
        Codec::new(&resolved(layout), &options).unwrap_err()
    };
    let mut deep = record("deep", 1, vec![field("x", 0, unsigned(1))]);
    let mut wide = deep.clone();
    for _ in 0..70 {
        deep = record("deep", 1, vec![field("x", 0, nested(deep))]);
    }
    assert_eq!(unresolved(&deep).to_string(), "nested more than 64 deep");
    for _ in 0..17 {
        let half = nested(wide);
        wide = record("wide", 1, vec![field("x", 0, half.clone()), field("y", 0, half)]);
    }
    assert_eq!(unresolved(&wide).to_string(), "more than 65536 fields");
    let bits = record("b", 16, vec![bit_field("x", 0, 100, false)]);
    assert_eq!(error(&bits, None).to_string(), "bit-field `x` has 100 bits, more than 64");
    assert_eq!(
        error(&basic(), Some("maths")).to_string(),
        "basic: no field \"maths\" stands before it, and the header has no constant of that name; \
         did you mean \"math\"?"
    );
}

#[test]
fn the_layout_that_explains_a_message_fits_it_best() {
    let fits = |wire: &str| {
        let wire = bytes(wire);
        let mut fits = [basic(), var(9), var(12)].map(|layout| {
            let codec = codec(&layout);
            let mut items = Vec::new();
            let decoded = codec.decode(&wire, wire.len(), &mut items);
            (codec.fit(&wire, &decoded, &items), format!("{}{}", layout.name, layout.size))
        });
        fits.sort();
        let best = fits.iter().filter(|it| it.0 == fits[0].0);
        best.map(|it| it.1.clone()).collect::<Vec<_>>().join(" ")
    };
    for (wire, best) in [
        (r#""Alan" 00000000000000 00000053 00000056"#, "basic19"),
        (r#""HelloWorld" 00 00000053 00000056"#, "basic19"),
        (r#""HelloWorldX" 00000053 00000056"#, "basic19"),
        (r#""Alan" 00000000000000 53000000 56000000"#, "basic19"),
        (r#"00000053 00000056 "HelloWorld" 00"#, "var12 var9"),
        (r#"00000053 00000056 "Alan" 00"#, "var12 var9"),
        (r#"00000053 00000056 "Alan" 00 000000"#, "var12"),
        // Without its NUL it is still text.
        (r#"00000053 00000056 "HelloWorldX""#, "var12 var9"),
    ] {
        assert_eq!(fits(wire), best, "{wire}");
    }
}
