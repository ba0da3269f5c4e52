//! Numbers that a profile gives a meaning: read as that, and written from it.

use super::*;
use crate::schema::{FieldReading, Flag, Flags, Notation};

/// The codec of one integer `v`, written so.
fn written(shape: Shape, notation: &Notation) -> Codec {
    let len = shape.size();
    let layout = record("one", len, vec![field("v", 0, shape)]);
    reading(&layout, notation)
}

fn reading(layout: &Layout, notation: &Notation) -> Codec {
    let of = |path: &str| FieldReading {
        written: (path == "v").then(|| notation.clone()),
        ..FieldReading::default()
    };
    compiled(layout, &Reading { of: &of, ..Reading::default() })
}

fn flags() -> Notation {
    let flags = vec![
        Flag::of_bits("SYN", 0x02),
        Flag::of_bits("ACK", 0x10),
        Flag::of_number("version", 12, 15).unwrap(),
    ];
    Notation::Flags { flags: Arc::new(Flags::new(flags)), width: 64 }
}

#[test]
fn bits_are_read_and_written_by_their_names() {
    let codec = written(unsigned(2), &flags());
    for (wire, text) in [
        ("0000", "0"),
        ("0012", "SYN|ACK"),
        ("3042", "SYN|version=3|0x40"),
        ("8001", "version=8|0x1"),
    ] {
        both_ways(&codec, wire, json!({"v": text}));
    }
    for (value, wire) in
        [(json!("ACK | SYN"), "0012"), (json!(18), "0012"), (json!("0x12"), "0012")]
    {
        assert_eq!(encoded(&codec, json!({"v": value})).as_deref(), Ok(wire));
    }
    for (value, error) in [
        (json!("SYN|AKC"), "v: `AKC` is none of its flags; did you mean `ACK`?"),
        (json!("version=16"), "v: `version=16` is none of its flags; did you mean `version`?"),
        (json!("0x10000"), "v: 65536 is not within 0 to 65535"),
        (json!(-1), "v: -1 is not within 0 to 65535"),
        (json!(1.5), "v: a fraction where an integer is needed"),
    ] {
        assert_eq!(encoded(&codec, json!({"v": value})), Err(error.to_owned()));
    }
}

#[test]
fn bits_of_signed_numbers_and_bit_fields_are_those_that_they_have() {
    both_ways(&written(signed(1), &flags()), "92", json!({"v": "SYN|ACK|0x80"}));
    let layout = record("bits", 1, vec![bit_field("v", 0, 5, true), bit_field("w", 5, 3, false)]);
    both_ways(&reading(&layout, &flags()), "3a", json!({"v": "SYN|ACK|0x8", "w": 1}));
}

#[test]
fn elements_have_the_meaning_of_their_array() {
    let layout = record("list", 4, vec![field("v", 0, array(unsigned(2), 2, 2))]);
    both_ways(&reading(&layout, &flags()), "0002 0010", json!({"v": ["SYN", "ACK"]}));
}
