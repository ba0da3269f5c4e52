//! What is found in headers, and what is not.

use super::*;
use crate::schema::LoadOptions;

fn findings(text: &str) -> Vec<Finding> {
    let schema = Schema::parse("p.h", text, &LoadOptions::default());
    let messages: Vec<_> = HeaderMessage::all(&schema).collect();
    header_findings(0, &schema, &messages)
}

/// Code and field of each, as they are found.
fn codes(text: &str) -> Vec<String> {
    let name = |it: &Finding| match &it.field {
        Some(field) => format!("{} {field}", it.code),
        None => it.code.to_string(),
    };
    findings(text).iter().map(name).collect()
}

#[test]
fn each_code_is_found_at_its_field() {
    for (text, expected) in [
        ("struct m { uint8_t a; uint32_t b; };", &["not-packed"][..]),
        ("struct m { uint32_t a; uint8_t name[1]; };", &["not-packed"]),
        ("union m { uint32_t a; uint8_t b[5]; };", &["not-packed"]),
        // Four bytes behind, on i386 alone.
        ("struct m { uint32_t a; uint64_t b; };", &["not-packed"]),
        ("struct m { uint8_t a; uint8_t b[3]; uint32_t c; };", &[]),
        ("struct m { uint32_t a; uint8_t name[0]; };", &[]),
        ("struct m { uint8_t a; uint32_t b; } __attribute__((packed));", &["unaligned b"]),
        ("#pragma pack(1)\nstruct m { uint8_t a; uint16_t b[2]; };", &["unaligned b"]),
        ("struct m { uint8_t a; uint8_t b[9]; } __attribute__((packed));", &[]),
        ("struct m { long a; };", &["platform-width a"]),
        ("struct m { unsigned long a[2][3]; };", &["platform-width a"]),
        ("struct m { size_t n; };", &["platform-width n"]),
        ("struct m { time_t n; };", &["platform-width n"]),
        ("struct m { wchar_t n[4]; };", &["platform-width n"]),
        ("struct m { struct timeval when; };", &["platform-width when"]),
        ("struct m { int a; short b, c; long long d; };", &[]),
        ("struct m { int a; short b, c; float d; };", &[]),
        ("struct m { char *p; };", &["pointer p"]),
        ("struct m { void (*p)(int); };", &["pointer p"]),
        ("struct m { void *p[4]; };", &["pointer p"]),
        ("struct m { unsigned a:3; unsigned b:29; };", &["bit-field a"]),
        // Whole bytes lie alike everywhere, unless they share a unit with what does not.
        ("struct m { unsigned a:16; unsigned b:8; unsigned c:8; };", &[]),
        ("struct m { unsigned a:16; unsigned b:4; unsigned c:12; };", &["bit-field b"]),
        // What fills the padding up is no padding on the wire.
        ("struct m { uint32_t a; uint16_t b; uint8_t rest[]; };", &[]),
        ("struct m { uint32_t a; uint16_t b; uint8_t rest[0]; };", &[]),
        ("struct m { uint16_t a; uint32_t b; uint8_t rest[]; };", &["not-packed"]),
        ("enum e { A }; struct m { enum e kind; };", &["enum-width kind"]),
        ("struct m { char a; };", &["char-sign a"]),
        ("struct m { char a[8]; signed char b; unsigned char c; int8_t d; };", &[]),
        (
            "struct m { uint8_t a; uint32_t b; } __attribute__((pack));",
            &["unknown-attribute", "not-packed"],
        ),
        ("struct m { uint8_t a; uint32_t b; } PACKED;", &["unknown-attribute", "not-packed"]),
        ("struct m { uint8_t a; }; enum { A = 1; B };", &["syntax"]),
        (
            "struct p { uint8_t x; uint32_t y; } __attribute__((packed));
             struct m { uint8_t t; struct p at[2]; } __attribute__((packed));",
            &["unaligned y"],
        ),
        (
            "struct m { struct { long x; } in; union { char *p; uint8_t b[8]; }; };",
            &["not-packed", "platform-width in.x", "pointer p"],
        ),
        ("#define FMT \"%ld\\n\"", &[]),
    ] {
        let text = format!("#include <stdint.h>\n#include <sys/time.h>\n{text}\n");
        assert_eq!(codes(&text), expected, "{text}");
    }
}

#[test]
fn bit_fields_of_each_byte_order_are_the_headers_to_place() {
    let both = |little: &str, big: &str| {
        format!(
            "struct m {{\n{little}\nunsigned char a:3, b:5;\n{big}\nunsigned char b:5, a:3;\n#endif\n}};"
        )
    };
    for (little, big) in [
        ("#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__", "#else"),
        ("#if defined(__LITTLE_ENDIAN_BITFIELD)", "#elif defined(__BIG_ENDIAN_BITFIELD)"),
        ("#ifdef __LITTLE_ENDIAN_BITFIELD", "#else"),
        ("#ifndef WORDS_BIGENDIAN", "#else"),
        (
            "#include <endian.h>\n#if BYTE_ORDER == LITTLE_ENDIAN",
            "#endif\n#if BYTE_ORDER == BIG_ENDIAN",
        ),
    ] {
        assert_eq!(codes(&both(little, big)), Vec::<String>::new(), "{little}");
    }
    for (little, big) in [("#if 1", "#else"), ("#ifndef PROTO_ENDIAN_H", "#else")] {
        assert_eq!(codes(&both(little, big)), ["bit-field a"], "{little}");
    }
    // Only what stands between them.
    let outside =
        "struct m {\n#if BYTE_ORDER == LITTLE_ENDIAN\nint x;\n#endif\nunsigned a:3, b:29;\n};";
    assert_eq!(codes(outside), ["bit-field a"]);
}

#[test]
fn a_struct_that_is_not_packed_tells_its_holes_on_each_abi() {
    let found = findings("struct m { uint8_t name[11]; uint32_t math; uint64_t id; };");
    let [it] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(it.text, "`m` is not packed: 24 bytes, where its members take 23");
    assert_eq!((it.offset, it.len), (Some(11), Some(1)));
    assert_eq!(it.notes, ["every ABI: 24 bytes, a hole of 1 byte at offset 11"]);

    let found = findings("struct m { uint32_t math; uint64_t id; };");
    let [it] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(it.text, "`m` is not packed: 16 bytes, where its members take 12");
    let others = "x86_64, win64, arm, aarch64 and s390x";
    assert_eq!(it.notes, [format!("{others}: 16 bytes, a hole of 4 bytes at offset 4")]);
}

#[test]
fn a_width_is_told_for_each_abi_with_a_type_that_has_one() {
    for (text, expected, help) in [
        (
            "struct m { long a; };",
            "`a` is `long`: 8 bytes on x86_64, aarch64 and s390x; 4 on i386, win64 and arm",
            "declare it `int64_t`",
        ),
        (
            "struct m { size_t a[2]; };",
            "`a` is `size_t`: 8 bytes on x86_64, win64, aarch64 and s390x; 4 on i386 and arm",
            "declare it `uint64_t`",
        ),
        (
            "struct m { wchar_t a; };",
            "`a` is `wchar_t`: 4 bytes on x86_64, i386, arm, aarch64 and s390x; 2 on win64",
            "declare it `int32_t`",
        ),
    ] {
        let found = findings(text);
        let it = found.iter().find(|it| it.code == Code::PlatformWidth).unwrap();
        assert_eq!((it.text.as_str(), it.help.as_deref()), (expected, Some(help)));
    }
}

#[test]
fn what_is_not_aligned_is_told_from_the_start_of_the_message() {
    let found = findings(
        "struct m { uint8_t name[11]; uint32_t math, chinese; uint8_t c; uint16_t s[4]; }
         __attribute__((packed));",
    );
    let [it] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(it.text, "`math` at offset 11 and `chinese` at offset 15 are not aligned");
    assert_eq!((it.field.as_deref(), it.offset, it.len), (Some("math"), Some(11), Some(4)));
}

#[test]
fn only_messages_that_are_asked_for_are_looked_at() {
    let text = "struct a { long x; };\nstruct b { char *p; } __attribute__((pack));\n";
    let schema = Schema::parse("p.h", text, &LoadOptions::default());
    let of = |name: &'static str| {
        let record = schema.record(name).unwrap();
        let found = header_findings(3, &schema, &[HeaderMessage { name, record, protocol: None }]);
        found.iter().map(|it| it.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("a"), ["platform-width"]);
    assert_eq!(of("b"), ["unknown-attribute", "pointer"]);
    assert_eq!(header_findings(3, &schema, &[]), []);
}

#[test]
fn a_finding_knows_its_place() {
    let found = findings("struct m {\n    int8_t a[8];\n    long b;\n};\n");
    let [it] = found.as_slice() else { panic!("{found:?}") };
    let place = it.header.as_ref().unwrap();
    assert_eq!((place.schema, place.file.as_str(), place.line), (0, "p.h", 3));
    assert_eq!((it.message.as_deref(), it.offset), (Some("m"), Some(8)));
}

#[test]
fn messages_that_share_a_length_are_told() {
    let text = "struct a { uint8_t x[9]; }; struct b { uint8_t x[9]; };
                struct c { uint8_t x[4]; uint8_t name[1]; }; struct d { uint8_t x[3]; };
                struct in { uint8_t y[9]; }; struct e { struct in y; uint8_t z; };";
    let schema = Schema::parse("p.h", text, &LoadOptions::default());
    let messages: Vec<_> = HeaderMessage::all(&schema).collect();
    let found = not_told_apart_in(0, &schema, &messages);
    let texts: Vec<_> = found.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "on one port, nothing tells `a` from `b`, `c` and `d`",
            "on one port, nothing tells `b` from `c` and `d`",
            "on one port, nothing tells `c` from `e`",
        ]
    );
    assert_eq!(found[2].notes, ["`e` too can be 10 bytes long"]);
}
