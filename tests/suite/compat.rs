//! What of a header's change breaks on the wire: changes made by hand, and what is said of each.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

const PACKED: &str = "__attribute__((packed))";

fn compat(old: &str, new: &str, more: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("old.h", old), ("new.h", new)] {
        fs::write(dir.path().join(name), format!("#include <stdint.h>\n{text}\n")).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.current_dir(dir.path()).args(["compat", "old.h", "new.h"]).args(more);
    command.output().unwrap()
}

/// Each finding, `level code field: text`, with its notes; and the exit code.
fn told(old: &str, new: &str) -> (Vec<String>, Option<i32>) {
    let output = compat(old, new, &["-T", "json"]);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let line = |it: &str| {
        let it: Value = serde_json::from_str(it).unwrap();
        let word = |key: &str| it[key].as_str().unwrap_or("-").to_owned();
        let notes = it["notes"].as_array().cloned().unwrap_or_default();
        let notes: Vec<_> = notes.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        format!("{} {} {}: {}{notes}", word("level"), word("code"), word("field"), word("text"))
    };
    (lines.lines().map(line).collect(), output.status.code())
}

/// A packed struct of some members.
fn packed(members: &str) -> String {
    format!("struct m {{ {members} }} {PACKED};")
}

#[test]
fn each_change_of_a_packed_struct_is_told_with_what_it_moves() {
    let old = "uint16_t seq; uint32_t up; char name[8]; float temp;";
    for (new, expected) in [
        (old, &[][..]),
        (
            "uint16_t seq; uint16_t count; uint32_t up; char name[8]; float temp;",
            &[
                "error inserted count: `count`, uint16_t at 2, is new between `seq` and `up` (`up` moves from \
               2 to 4, `name` from 6 to 8, `temp` from 14 to 16)",
            ],
        ),
        (
            "uint8_t version; uint16_t seq; uint32_t up; char name[8]; float temp;",
            &[
                "error inserted version: `version`, uint8_t at 0, is new before `seq` (`seq` moves from 0 to \
               1, `up` from 2 to 3, `name` from 6 to 7, `temp` from 14 to 15)",
            ],
        ),
        (
            "uint16_t seq; uint32_t up; char name[8]; float temp; uint32_t crc;",
            &["error appended crc: `crc`, uint32_t at 18, is new at the end"],
        ),
        (
            "uint16_t seq; char name[8]; float temp;",
            &[
                "error removed up: `up`, uint32_t at 2, is gone (`name` moves from 6 to 2, `temp` from 14 to \
               10)",
            ],
        ),
        (
            "uint16_t seq; uint32_t up; char name[8];",
            &["error removed temp: `temp`, float at 14, is gone"],
        ),
        (
            "uint32_t seq; uint32_t up; char name[8]; float temp;",
            &[
                "error resized seq: `seq` is uint32_t, and was uint16_t (`up` moves from 2 to 4, `name` from \
               6 to 8, `temp` from 14 to 16)",
            ],
        ),
        (
            "uint16_t seq; uint16_t up; char name[8]; float temp;",
            &[
                "error resized up: `up` is uint16_t, and was uint32_t (`name` moves from 6 to 4, `temp` from \
               14 to 12)",
            ],
        ),
        (
            "uint16_t seq; uint32_t up; char name[16]; float temp;",
            &[
                "error resized name: `name` is char[16], and was char[8] (`temp` moves from 14 to 22)",
            ],
        ),
        (
            "uint16_t seq; uint32_t up; char name[8]; double temp;",
            &["error resized temp: `temp` is double, and was float"],
        ),
        (
            "uint16_t seq; float up; char name[8]; float temp;",
            &["error retyped up: `up` is float, and was uint32_t"],
        ),
        (
            "uint16_t seq; int32_t up; char name[8]; float temp;",
            &["warning retyped up: `up` is int32_t, and was uint32_t"],
        ),
        (
            "uint16_t seq; uint32_t up; uint64_t name; float temp;",
            &["error retyped name: `name` is uint64_t, and was char[8]"],
        ),
        (
            "uint16_t seq; uint32_t uptime; char name[8]; float temp;",
            &["note renamed uptime: `uptime` was called `up`"],
        ),
        (
            "uint32_t up; uint16_t seq; char name[8]; float temp;",
            &[
                "error reordered up: `up` stands first, at 0, and stood behind `seq`, at 2 (`seq` moves from 0 to \
                 4)",
            ],
        ),
        (
            "uint16_t seq; uint32_t up; float temp; char name[8];",
            &[
                "error reordered temp: `temp` stands behind `up`, at 6, and stood behind `name`, at 14 (`name` \
                 moves from 6 to 10)",
            ],
        ),
        (
            "uint16_t seq; uint32_t boot; char name[8]; double temp;",
            &[
                "note renamed boot: `boot` was called `up`",
                "error resized temp: `temp` is double, and was float",
            ],
        ),
        (
            "uint16_t seq; uint16_t a; uint32_t up; uint16_t b; char name[8]; float temp;",
            &[
                "error inserted a: `a`, uint16_t at 2, is new between `seq` and `up` (`up` moves from 2 to 4)",
                "error inserted b: `b`, uint16_t at 8, is new between `up` and `name` (`name` moves from 6 to \
                 10, `temp` from 14 to 18)",
            ],
        ),
    ] {
        let (found, code) = told(&packed(old), &packed(new));
        assert_eq!(found, expected, "{new}");
        let breaks = expected.iter().any(|it| it.starts_with("error"));
        assert_eq!(code, Some(i32::from(breaks)), "{new}");
    }
}

#[test]
fn what_lies_otherwise_on_some_machines_is_told_of_these() {
    for (old, new, expected) in [
        // Packing alone.
        (
            "struct m { uint8_t a; uint32_t b; uint8_t c; };".to_owned(),
            packed("uint8_t a; uint32_t b; uint8_t c;"),
            &["error moved b: `b` begins at 1, and began at 4 (`c` moves from 8 to 5)"][..],
        ),
        // In padding, nothing moves.
        (
            "struct m { uint8_t a; uint32_t b; };".to_owned(),
            "struct m { uint8_t a; uint8_t x; uint32_t b; };".to_owned(),
            &[
                "warning inserted x: `x`, uint8_t at 1, is new between `a` and `b`, in what was padding",
            ],
        ),
        (
            "struct m { uint32_t b; uint8_t a; };".to_owned(),
            "struct m { uint32_t b; uint8_t a; uint8_t x; };".to_owned(),
            &["warning appended x: `x`, uint8_t at 5, is new at the end, in what was padding"],
        ),
        (
            "struct m { uint8_t a; uint8_t x; uint32_t b; };".to_owned(),
            "struct m { uint8_t a; uint32_t b; };".to_owned(),
            &["warning removed x: `x`, uint8_t at 1, is gone: its bytes are padding now"],
        ),
        // `long` is as `int32_t` where it has four bytes.
        (
            packed("int32_t a;"),
            packed("long a;"),
            &[
                "error resized a: `a` is int64_t, and was int32_t (this is so on x86_64, aarch64 and s390x)",
            ],
        ),
        // Tail padding alone.
        (
            packed("uint32_t a; uint8_t b;"),
            "struct m { uint32_t a; uint8_t b; };".to_owned(),
            &["error resized -: `m` is 8 bytes, and was 5"],
        ),
    ] {
        assert_eq!(told(&old, &new).0, expected, "{new}");
    }
}

#[test]
fn what_is_within_others_is_told_by_its_path() {
    let inner = |members: &str| format!("struct p {{ {members} }} {PACKED};");
    let outer = packed("uint8_t n; struct p p; uint8_t last;");
    let list = packed("uint8_t n; struct p p[2]; uint8_t last;");
    for (old, new, expected) in [
        (
            inner("int16_t x, y;") + &outer,
            inner("int16_t x, z, y;") + &outer,
            &[
                "error inserted z: `z`, int16_t at 2, is new between `x` and `y` (`y` moves from 2 to 4)",
                "error inserted p.z: `p.z`, int16_t at 3, is new between `p.x` and `p.y` (`p.y` moves from 3 to \
                 5, `last` from 5 to 7)",
            ][..],
        ),
        (
            inner("int16_t x, y;") + &list,
            inner("int16_t x, y;") + &packed("uint8_t n; struct p p[3]; uint8_t last;"),
            &["error resized p: `p` has 3 elements, and had 2 (`last` moves from 9 to 13)"],
        ),
        (
            packed("uint8_t k; union { uint32_t a; float b; } u; uint8_t last;"),
            packed("uint8_t k; union { uint32_t a; float b; uint8_t c; } u; uint8_t last;"),
            &["note inserted u.c: `u.c`, uint8_t at 1, is new among the members of its union"],
        ),
        (
            packed("uint8_t k; union { uint32_t a; float b; } u; uint8_t last;"),
            packed("uint8_t k; union { uint32_t a; float b; double d; } u; uint8_t last;"),
            &[
                "error inserted u.d: `u.d`, double at 1, is new among the members of its union (`last` moves \
               from 5 to 9)",
            ],
        ),
        (
            packed("uint8_t a:3, b:5; uint8_t c;"),
            packed("uint8_t a:4, b:4; uint8_t c;"),
            &[
                "error resized a: `a` is 4 bits of uint8_t, and was 3 bits of uint8_t (`b` moves from 0 bit 3 to 0 \
                 bit 4)",
                "error resized b: `b` is 4 bits of uint8_t, and was 5 bits of uint8_t",
            ],
        ),
        (
            packed("uint8_t n; uint16_t v[4];"),
            packed("uint8_t n; uint16_t v[];"),
            &["error resized v: `v` has any number of elements, and had 4"],
        ),
    ] {
        assert_eq!(told(&old, &new).0, expected, "{new}");
    }
}

#[test]
fn names_texts_and_messages_are_compared_too() {
    let m = packed("uint8_t kind;");
    for (old, new, expected) in [
        (
            format!("enum kind {{ GET = 1, PUT }}; {m}"),
            format!("enum kind {{ GET = 1, HEAD, PUT }}; {m}"),
            &["error enum-values PUT: `PUT` was 2, and is 3"][..],
        ),
        (
            format!("enum kind {{ GET = 1 }}; {m}"),
            format!("enum kind {{ GET = 1, PUT }}; {m}"),
            &[],
        ),
        (
            format!("enum {{ GET = 1, PUT }}; {m}"),
            format!("enum {{ GET = 1, STORE }}; {m}"),
            &["warning enum-values PUT: `PUT`, which was 2, is now `STORE`"],
        ),
        (
            format!("#define VERSION 1\n{m}"),
            format!("#define VERSION 2\n{m}"),
            &["warning enum-values VERSION: `VERSION` was 1, and is 2"],
        ),
        (
            format!("#define FMT \"%d\\n\"\n{m}"),
            format!("#define FMT \"%d\\r\\n\"\n{m}"),
            &["error retyped -: the text of `FMT` was \"%d\\n\" and is \"%d\\r\\n\""],
        ),
        (
            format!("{m} struct n {{ int x; }};"),
            m.clone(),
            &["warning removed -: `n` is no longer declared"],
        ),
        (m.clone(), format!("{m} struct n {{ int x; }};"), &[]),
    ] {
        assert_eq!(told(&old, &new).0, expected, "{new}");
    }
    // Where a name of a number stands is not known: no line is shown for it.
    let of = |value: u8| format!("enum kind {{ GET = {value} }}; {m}");
    let output = compat(&of(1), &of(2), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("error[enum-values]: `GET` was 1, and is 2\n"), "{text}");
    assert!(!text.contains("-->"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let m = packed("uint8_t kind;");
    for (more, error) in [
        (&["x"][..], "no message \"x\" in old.h"),
        (&["--abi", "vax"], "invalid value 'vax'"),
        (&["--allow", "apended"], "did you mean \"appended\"?"),
    ] {
        let output = compat(&m, &m, more);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(error), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
    let longer = packed("uint8_t kind; uint8_t more;");
    assert_eq!(compat(&m, &longer, &["--allow", "appended"]).status.code(), Some(0));
    let sarif = compat(&m, &longer, &["-T", "sarif"]);
    let document: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(document["runs"][0]["results"][0]["ruleId"], "appended");
}

/// The compiler agrees with what pins the new version, and not with a change of it.
#[test]
fn asserts_hold_where_the_header_is_as_it_was() {
    let header = |more: &str| {
        format!(
            "struct p {{ int16_t x, y; }};
             struct m {{ uint8_t k; long t; struct p p; struct p list[2]; uint8_t a:3; union {{ float f; double d; }};
                         {more} char tail[]; }};
             typedef struct {{ char c; void *p; }} alias;"
        )
    };
    let output = compat("", &header(""), &["--emit-asserts"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("_Static_assert(offsetof(struct m, p.y) == 18, \"p.y at 18\");"),
        "{text}"
    );
    assert!(text.contains("defined(_WIN64)"), "{text}");
    for (more, holds) in [("", true), ("int more;", false)] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("new.h"), format!("#include <stdint.h>\n{}", header(more)))
            .unwrap();
        fs::write(dir.path().join("a.c"), &text).unwrap();
        let mut gcc = Command::new("gcc");
        let output = gcc.current_dir(dir.path()).args(["-fsyntax-only", "a.c"]).output().unwrap();
        assert_eq!(output.status.success(), holds, "{}", String::from_utf8_lossy(&output.stderr));
    }
}
