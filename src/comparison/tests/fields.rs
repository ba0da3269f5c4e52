//! Structs, text records, and bytes that nothing decodes.

use super::*;

const SHAPE: &[u8] = b"\0\0\0\x53\x3f\x80\0\0Alan\x01\x02\x03\x04";

#[test]
fn structs_are_compared_by_field() {
    let other = b"\0\0\0\x55\x3f\xc0\0\0Bert\x01\x02\x03\x09";
    let all = [
        ("id", Some("83"), Some("85")),
        ("size", Some("1.0"), Some("1.5")),
        ("name", Some("Alan"), Some("Bert")),
        ("corners[1].y", Some("4"), Some("9")),
    ];
    let events = [Event::Recorded(SHAPE), Event::Live(other)];
    let compared = run(7, &fields(), &events);
    assert_eq!((told(&compared), counts(&compared)), (all.to_vec(), [0, 1, 0, 0]));
    for (ignore, left) in [
        ("id", &all[1..]),
        ("fields.id", &all[1..]),
        ("shape.id", &all[1..]),
        ("corners.y", &all[..3]),
        ("corners[1].y", &all[..3]),
        ("corners", &all[..3]),
        ("corners[0].y", &all[..]),
        ("i", &all[..]),
    ] {
        let expectation = Expectation { ignore: vec![ignore.to_owned()], ..fields() };
        assert_eq!(told(&run(7, &expectation, &events)), left, "{ignore}");
    }
    for (tolerance, left) in [
        (&[("id", 2.0)][..], &all[1..]),
        (&[("id", 1.9)], &all[..]),
        (&[("shape.id", 2.0), ("size", 0.5), ("corners.y", 5.0), ("name", 9.0)], &all[2..3]),
    ] {
        let tolerance = tolerance.iter().map(|(path, by)| ((*path).to_owned(), *by)).collect();
        let expectation = Expectation { tolerance, ..fields() };
        assert_eq!(told(&run(7, &expectation, &events)), left);
    }
}

#[test]
fn a_struct_that_is_cut_short_is_told() {
    let live = Event::Live(&SHAPE[..14]);
    let compared = run(7, &fields(), &[Event::Recorded(SHAPE), live, Event::LiveClose]);
    let error = compared.differences.iter().find(|it| it.field == "error").unwrap();
    assert_eq!(error.expected, None);
    assert!(error.actual.as_ref().unwrap().starts_with("the message ends within "), "{error:?}");
    assert_eq!(counts(&compared), [0, 1, 0, 0]);
}

#[test]
fn text_records_are_compared_by_value() {
    use Event::{Live, Recorded};
    let events = [Recorded(b"1700000000\r\n"), Live(b"1800000000\r\n")];
    let told_all = [("value", Some("1700000000"), Some("1800000000"))];
    assert_eq!(told(&run(1989, &fields(), &events)), told_all);
    let ignore = Expectation { ignore: vec!["value".to_owned()], ..fields() };
    assert_eq!(counts(&run(1989, &ignore, &events)), [1, 0, 0, 0]);
    let broken = run(1989, &ignore, &[Recorded(b"17\r\n"), Live(b"soon\r\n")]);
    assert_eq!((broken.differed, &*broken.differences[0].field), (1, "error"));
    let broken = run(1989, &ignore, &[Recorded(b"never\r\n"), Live(b"soon\r\n")]);
    assert_eq!((broken.differed, &*broken.differences[0].field), (1, "bytes"));
}

#[test]
fn what_nothing_decodes_is_compared_by_bytes() {
    use Event::{Live, Recorded};
    let compared = run(9, &fields(), &[Live(b"\x01\x02\x04"), Recorded(b"\x01\x02\x03")]);
    assert_eq!(told(&compared), [("bytes", Some("offset 2: 03"), Some("offset 2: 04"))]);
    assert_eq!(
        counts(&run(9, &fields(), &[Live(b"\x01\x02"), Recorded(b"\x01"), Recorded(b"\x02")])),
        [1, 0, 0, 0]
    );
    assert_eq!(counts(&run(9, &fields(), &[Recorded(b"\x01\x02")])), [0, 0, 1, 0]);
    assert_eq!(counts(&run(9, &fields(), &[Live(b"\x01\x02")])), [0, 1, 0, 0]);
    assert_eq!(counts(&run(9, &fields(), &[])), [0; 4]);
}

#[test]
fn what_is_ignored_of_bytes_and_text_is_no_difference() {
    use Event::{Live, Recorded};
    let bytes = [Recorded(b"at 17:05 ok"), Live(b"at 9:5 ok")];
    let text = [Recorded(SHAPE), Live(b"\0\0\0\x53\x3f\x80\0\0Al99\x01\x02\x03\x04")];
    for (port, events, ignore, pattern, differed) in [
        (9, &bytes, "bytes:3..8", "", 0),
        (9, &bytes, "bytes:0..4", "", 1),
        (9, &bytes, "bytes", "", 0),
        (9, &bytes, "", "[0-9]+:[0-9]+", 0),
        (9, &bytes, "", "[0-9]+", 0),
        (9, &bytes, "", "ok", 1),
        (7, &text, "", "an|[0-9]+", 0),
        (7, &text, "", "an", 1),
    ] {
        let patterns = [pattern.to_owned()].into_iter().filter(|it| !it.is_empty());
        let expectation = Expectation {
            ignore: vec![ignore.to_owned()],
            ignore_patterns: patterns.collect(),
            ..fields()
        };
        let compared = run(port, &expectation, events);
        assert_eq!(compared.differed, differed, "{ignore} {pattern}: {compared:?}");
    }
}

#[test]
fn what_is_ignored_names_something() {
    let protocols = protocols(&["tcp.port==1989,STAMP", "udp.port==7,shape"]);
    let check = |ignore: &str, patterns: &[&str]| {
        let ignore_patterns = patterns.iter().map(|it| (*it).to_owned()).collect();
        let expectation =
            Expectation { ignore: vec![ignore.to_owned()], ignore_patterns, ..fields() };
        expectation.check(&protocols).map_err(|error| error.to_string())
    };
    for known in [
        "value",
        "id",
        "fields.id",
        "shape.id",
        "corners",
        "corners.x",
        "corners[1].x",
        "body",
        "status",
        "http.header.date",
        "http.response.status",
        "trailing",
        "error",
        "bytes",
        "bytes:4..8",
        "body.$.path",
    ] {
        assert_eq!(check(known, &["[0-9]+"]), Ok(()), "{known}");
    }
    for (unknown, expected) in [
        ("vaule", "--ignore: no field is named `vaule`; did you mean `value`?"),
        ("shape.idd", "--ignore: no field is named `shape.idd`; did you mean `shape.id`?"),
        ("corners[1].y2", "--ignore: no field is named `corners[1].y2`; did you mean `corners.y`?"),
        ("frame.number", "--ignore: no field is named `frame.number`"),
        ("", "--ignore: no field is named ``"),
        ("bytes:8..4", "--ignore bytes:8..4: write bytes:OFFSET..OFFSET, as bytes:4..8"),
        ("bytes:4", "--ignore bytes:4: write bytes:OFFSET..OFFSET, as bytes:4..8"),
    ] {
        assert_eq!(check(unknown, &[]), Err(expected.to_owned()), "{unknown}");
    }
    let error = check("id", &["("]).unwrap_err();
    assert!(error.starts_with("--ignore-pattern: "), "{error}");
}

#[test]
fn datagrams_are_compared_by_their_ports() {
    let protocols = protocols(&["udp.port==7,shape"]);
    for (port, expect, actual, expected) in [
        (
            7,
            Expect::Fields,
            &b"\0\0\0\x54\x3f\x80\0\0Alan\x01\x02\x03\x04"[..],
            &[("id", "83", "84")][..],
        ),
        (7, Expect::Fields, SHAPE, &[]),
        (7, Expect::Status, b"\0\0\0\x54\x3f\x80\0\0Alan\x01\x02\x03\x04", &[]),
        (
            7,
            Expect::Exact,
            b"\0\0\0\x54\x3f\x80\0\0Alan\x01\x02\x03\x04",
            &[("bytes", "offset 3: 53", "offset 3: 54")],
        ),
        (
            9,
            Expect::Fields,
            b"\0\x01",
            &[("bytes", "offset 1: 0000533f800000416c616e0102030400", "offset 1: 01")],
        ),
        (9, Expect::Status, b"\0\x01", &[]),
        (7, Expect::None, b"\0\x01", &[]),
    ] {
        let expectation = Expectation { expect, ..fields() };
        let mut comparator = Comparator::new(&protocols, &expectation).unwrap();
        let mut shape = SHAPE.to_vec();
        if port == 9 {
            shape.push(0);
        }
        let found = comparator.datagram(parties(port), 2, &shape, actual);
        let found: Vec<_> = found
            .iter()
            .map(|it| {
                assert_eq!((it.conversation, it.message), (3, 2));
                (&*it.field, it.expected.as_deref().unwrap(), it.actual.as_deref().unwrap())
            })
            .collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.0, expected.0);
            assert!(
                found.1.starts_with(expected.1) && found.2.starts_with(expected.2),
                "{found:?}"
            );
        }
    }
}

#[test]
fn lists_may_have_another_length() {
    let protocols = protocols(&["udp.port==7,list"]);
    for (ignore, left) in [("", 2), ("v", 0), ("list.v", 0), ("v[1]", 1)] {
        let expectation = Expectation { ignore: vec![ignore.to_owned()], ..fields() };
        let mut comparator = Comparator::new(&protocols, &expectation).unwrap();
        let expected = b"\0\x01\0\x02\0\x03\0\x04";
        let found = comparator.datagram(parties(7), 1, expected, b"\0\x01\0\x02\0\x09");
        let told =
            found.iter().map(|it| (&*it.field, it.expected.as_deref(), it.actual.as_deref()));
        let all = [("v[1]", Some("3"), Some("9")), ("v", Some("3 elements"), Some("2 elements"))];
        let behind = all.len() - left;
        assert_eq!(told.collect::<Vec<_>>(), all[behind..], "{ignore}");
    }
}

#[test]
fn a_rule_may_hold_for_one_direction() {
    let protocols = protocols(&["udp.dstport==7,shape"]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let other = [&[0, 0, 0, 0x54], &SHAPE[4..]].concat();
    for (side, field) in [(Side::Client, "id"), (Side::Server, "bytes")] {
        let found = comparator.datagram_of(side, parties(7), 1, [SHAPE, &other]);
        assert_eq!(found.iter().map(|it| &*it.field).collect::<Vec<_>>(), [field]);
    }
}
