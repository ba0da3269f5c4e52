//! Numbers that a profile gives a meaning: read as that, and written from it.

use proptest::prelude::*;

use super::*;
use crate::schema::{FieldReading, Flag, Flags, Notation, Scale, Show, WholeBytes};

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

fn scale(factor: f64, offset: f64, none: &[i128]) -> Notation {
    let scale = Scale::new(factor, offset, Some("°C".to_owned()), none.to_vec()).unwrap();
    Notation::Scale(Arc::new(scale))
}

#[test]
fn numbers_are_read_and_written_as_what_they_measure() {
    let tenths = written(signed(2), &scale(0.1, -40.0, &[0x8000]));
    for (wire, value) in [
        ("0000", json!(-40.0)),
        ("027b", json!(23.5)),
        ("ffff", json!(-40.1)),
        ("8000", json!(null)),
    ] {
        both_ways(&tenths, wire, json!({"v": value}));
    }
    both_ways(&written(unsigned(1), &scale(2.0, -10.0, &[])), "04", json!({"v": -2}));
    both_ways(
        &written(unsigned(8), &scale(1.0, 0.0, &[])),
        "ffffffffffffffff",
        json!({"v": u64::MAX}),
    );
    let list = record("list", 4, vec![field("v", 0, array(signed(2), 2, 2))]);
    both_ways(&reading(&list, &scale(0.5, 0.0, &[-1])), "0003 ffff", json!({"v": [1.5, null]}));
    for (value, wire) in [
        (json!(23.54), "027b"),
        (json!("23.5"), "027b"),
        (json!("23.5 °C"), "027b"),
        (json!(" none "), "8000"),
        (json!(20), "0258"),
    ] {
        assert_eq!(encoded(&tenths, json!({"v": value})).as_deref(), Ok(wire));
    }
}

#[test]
fn what_no_number_measures_is_refused() {
    let tenths = written(signed(2), &scale(0.1, -40.0, &[0x7fff]));
    let whole = written(unsigned(1), &scale(1.0, 0.0, &[]));
    let range = "v: 3300 is not within -3316.8 to 3236.7";
    let needed = "where a number, or `none` where the field has a number for that is needed";
    for (codec, value, error) in [
        (&tenths, json!(3300), range),
        (&tenths, json!(3300.0), range),
        (&tenths, json!("3300 °C"), range),
        (&tenths, json!(1e300), "v: 1000000"),
        (
            &tenths,
            json!(3236.7),
            "v: 3236.7 has the number 32767, which says that there is no value",
        ),
        (&tenths, json!("23.5 K"), &format!("v: text {needed}")),
        (&tenths, json!([1]), &format!("v: a list {needed}")),
        (&whole, json!(null), &format!("v: a fraction {needed}")),
        (&whole, json!("none"), &format!("v: text {needed}")),
        (&whole, json!(256), "v: 256 is not within 0 to 255"),
    ] {
        let found = encoded(codec, json!({"v": value})).unwrap_err();
        assert!(found.starts_with(error), "{value}: {found}");
    }
}

#[test]
fn floating_point_numbers_may_have_a_unit() {
    let codec = written(Shape::Float { size: 4, significant: 4 }, &scale(1.0, 0.0, &[]));
    both_ways(&codec, "3fc00000", json!({"v": 1.5}));
    assert_eq!(encoded(&codec, json!({"v": "1.5 °C"})).as_deref(), Ok("3fc00000"));
    let scaled = written(Shape::Float { size: 4, significant: 4 }, &scale(2.0, 0.0, &[]));
    both_ways(&scaled, "3fc00000", json!({"v": 1.5}));
}

proptest! {
    /// Every number of 32 bits is some value, from which it is made again.
    #[test]
    fn what_is_decoded_is_encoded_to_the_same_bytes(
        wire in any::<[u8; 4]>(),
        factor in prop_oneof![Just(0.1), Just(1.0), Just(-3.0), Just(8.381_903_171_539_307e-8)],
        offset in -1000_i32..1000,
    ) {
        let notations = [flags(), scale(factor, f64::from(offset) / 4.0, &[7])];
        for notation in notations {
            let codec = written(signed(4), &notation);
            let mut items = Vec::new();
            let decoded = codec.decode(&wire, 4, &mut items);
            let value = FieldValue::from(&message(&codec, &wire, &decoded, &items));
            let mut out = Vec::new();
            codec.encode(&value, &mut out).unwrap();
            prop_assert_eq!(out, wire);
            let (json, _) = self::decoded(&codec, &wire);
            prop_assert_eq!(encoded(&codec, json), Ok(hex(&wire)));
        }
    }
}

#[test]
fn times_are_read_and_written_as_dates_of_their_epoch() {
    let since = |epoch| Notation::Time { digits: 3, epoch };
    for (notation, wire, text) in [
        (since(0), "0000018bcfe56800", "2023-11-14T22:13:20.000Z"),
        (since(315_964_800), "0000000000000001", "1980-01-06T00:00:00.001Z"),
        (since(-2_208_988_800), "0000000000000000", "1900-01-01T00:00:00.000Z"),
        (since(315_964_800), "ffffffffffffffff", "18446744073709551615"),
        (since(315_964_800), "4000000000000000", "4611686018427387904"),
        (Notation::Ntp, "0000000000000000", "1900-01-01T00:00:00.000000000Z"),
        (Notation::Ntp, "e8fe6f80 80000000", "2023-11-14T22:13:20.500000000Z"),
    ] {
        both_ways(&written(unsigned(8), &notation), wire, json!({"v": text}));
    }
    let ntp = written(unsigned(8), &Notation::Ntp);
    for (value, error) in [
        ("2036-02-07T06:28:16Z", "v: 18446744073709551616 is not within 0 to 18446744073709551615"),
        ("1899-12-31T23:59:59Z", "v: -4294967296 is not within 0 to 18446744073709551615"),
        ("soon", "v: text where a time such as 2024-05-01T12:34:56Z is needed"),
    ] {
        assert_eq!(encoded(&ntp, json!({"v": value})), Err(error.to_owned()));
    }
}

proptest! {
    /// A date has as many nanoseconds when it is read again.
    #[test]
    fn dates_of_ntp_keep_their_nanoseconds(wire in any::<[u8; 8]>()) {
        let codec = written(unsigned(8), &Notation::Ntp);
        let (json, _) = decoded(&codec, &wire);
        let again = encoded(&codec, json.clone()).unwrap();
        prop_assert_eq!(decoded(&codec, &bytes(&again)).0, json);
    }
}

/// The codec of a layout whose field `v` is shown in hex.
fn in_hex(layout: &Layout) -> Codec {
    let of = |path: &str| FieldReading {
        show: (path == "v").then_some(Show::Hex),
        ..FieldReading::default()
    };
    compiled(layout, &Reading { of: &of, ..Reading::default() })
}

#[test]
fn records_and_text_are_read_and_written_in_hex() {
    let inner = record("in", 3, vec![field("x", 0, unsigned(2)), field("y", 2, unsigned(1))]);
    let behind = field("w", 6, unsigned(1));
    let list = array(nested(inner.clone()), 2, 3);
    let listed = in_hex(&record("list", 7, vec![field("v", 0, list), behind]));
    both_ways(&listed, "000102 0a0b0c 07", json!({"v": ["000102", "0a0b0c"], "w": 7}));
    let one =
        in_hex(&record("one", 4, vec![field("v", 0, nested(inner)), field("w", 3, unsigned(1))]));
    both_ways(&one, "00010207", json!({"v": "000102", "w": 7}));
    let fields = json!({"v": {"x": 1, "y": 2}, "w": 7});
    assert_eq!(encoded(&one, fields).as_deref(), Ok("00010207"));
    assert_eq!(encoded(&one, json!({"v": "0x000102"})).as_deref(), Ok("00010200"));
    for wrong in ["0001", "00010203", "00010g"] {
        let error = "v: text where bytes in hex is needed";
        assert_eq!(encoded(&one, json!({"v": wrong})), Err(error.to_owned()), "{wrong}");
    }
    let text = in_hex(&record("text", 4, vec![field("v", 0, array(character(), 4, 1))]));
    both_ways(&text, "41420000", json!({"v": "41420000"}));
    let numbers = in_hex(&record("numbers", 4, vec![field("v", 0, array(unsigned(2), 2, 2))]));
    both_ways(&numbers, "002a 0001", json!({"v": ["0x002a", "0x0001"]}));
}

#[test]
fn a_record_in_hex_is_as_long_as_its_bytes() {
    let codec = in_hex(&record("outer", 9, vec![field("v", 0, nested(var(9)))]));
    let wire = r#"00000053 00000056 "Alan" 00"#;
    both_ways(&codec, wire, json!({"v": "0000005300000056416c616e00"}));
}

#[test]
fn arrays_of_bytes_are_integers_of_as_many_bytes() {
    let octets = |len| {
        array(Shape::Integer { size: 1, signed: false, order: None, role: Role::Byte }, len, 1)
    };
    for (len, signed, order, wire, value) in [
        (3, false, ByteOrder::Big, "fffffe", json!(0x00ff_fffe)),
        (3, true, ByteOrder::Big, "fffffe", json!(-2)),
        (3, true, ByteOrder::Little, "feffff", json!(-2)),
        (5, false, ByteOrder::Big, "0100000002", json!(0x01_0000_0002_u64)),
        (6, true, ByteOrder::Little, "000000000080", json!(-0x8000_0000_0000_i64)),
        (7, false, ByteOrder::Little, "01000000000000", json!(1)),
    ] {
        let of = |path: &str| FieldReading {
            integer: (path == "v").then_some(WholeBytes { len, signed }),
            order: Some(order),
            ..FieldReading::default()
        };
        let layout = record("one", len, vec![field("v", 0, octets(len))]);
        let codec = compiled(&layout, &Reading { of: &of, ..Reading::default() });
        both_ways(&codec, wire, json!({"v": value}));
        let other = record("other", len + 1, vec![field("v", 0, octets(len + 1))]);
        let codec = compiled(&other, &Reading { of: &of, ..Reading::default() });
        both_ways(&codec, &format!("{wire}00"), json!({"v": format!("{wire}00")}));
        let rows = record("rows", 2 * len, vec![field("v", 0, array(octets(len), 2, len))]);
        let codec = compiled(&rows, &Reading { of: &of, ..Reading::default() });
        both_ways(&codec, &format!("{wire}{wire}"), json!({"v": [value, value]}));
    }
}

#[test]
fn integers_of_three_bytes_have_their_range() {
    let of = |_: &str| FieldReading {
        integer: Some(WholeBytes { len: 3, signed: true }),
        ..FieldReading::default()
    };
    let octet = Shape::Integer { size: 1, signed: false, order: None, role: Role::Byte };
    let layout = record("one", 3, vec![field("v", 0, array(octet, 3, 1))]);
    let codec = compiled(&layout, &Reading { of: &of, ..Reading::default() });
    assert_eq!(encoded(&codec, json!({"v": -0x80_0000})).as_deref(), Ok("800000"));
    let error = "v: 8388608 is not within -8388608 to 8388607".to_owned();
    assert_eq!(encoded(&codec, json!({"v": 0x80_0000})), Err(error));
    let (_, rest) = decoded(&codec, &[1, 2]);
    assert_eq!(rest, "one 2+0 short v@0");
}
