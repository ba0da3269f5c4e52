//! When a step may go on, and what has no counterpart.

use super::*;

#[test]
fn answers_may_be_missing_cut_short_or_too_many() {
    let compared = http(&fields(), &[OK, OK].concat(), OK);
    assert_eq!(counts(&compared), [1, 0, 1, 0]);
    assert_eq!(told(&compared), [("", Some("200 OK"), None)]);
    assert_eq!(compared.differences[0].message, 2);

    let compared = http(&fields(), OK, &[OK, OK, OK].concat());
    assert_eq!(counts(&compared), [1, 2, 0, 0]);
    assert_eq!(told(&compared)[0], ("", None, Some("200 OK")));

    let compared = http(&fields(), OK, &OK[..OK.len() - 2]);
    let [("body", Some(_), Some(actual))] = told(&compared)[..] else { panic!("{compared:?}") };
    assert!(actual.starts_with("cut short behind 3 bytes, sha256 "), "{actual}");

    let compared = http(&fields(), OK, b"");
    assert_eq!(
        (counts(&compared), told(&compared)),
        ([0, 0, 1, 0], vec![("", Some("200 OK"), None)])
    );

    // What the capture lacks is not compared.
    let compared = http(&fields(), &OK[..OK.len() - 2], OK);
    assert_eq!((counts(&compared), told(&compared)), ([1, 0, 0, 0], vec![]));
}

#[test]
fn a_gap_of_the_capture_ends_what_can_be_compared() {
    use Event::{Asks, Gap, Live, Recorded};
    let two = [REQUEST, REQUEST].concat();
    let within = [Asks(REQUEST), Recorded(&OK[..OK.len() - 4]), Gap(4), Live(OK)];
    assert_eq!(counts(&run(80, &fields(), &within)), [1, 0, 0, 0]);
    let between = [Asks(&two), Recorded(OK), Gap(70), Recorded(OK), Live(OK), Live(OK), Live(OK)];
    let compared = run(80, &fields(), &between);
    assert_eq!((counts(&compared), told(&compared)), ([1, 0, 0, 1], vec![]));
    let opaque = [Recorded(b"\x16zz"), Gap(5), Live(b"\x16zzabcdefg")];
    assert_eq!(counts(&run(9, &fields(), &opaque)), [0, 0, 0, 1]);
}

#[test]
fn simple_responses_are_whole_at_the_close() {
    use Event::{Asks, Live, LiveClose, Recorded, RecordedClose};
    let page: &[u8] = b"<p>one page</p>";
    let asks = Asks(b"GET /\r\n\r\n");
    let same = [asks, Live(page), Recorded(page), LiveClose, RecordedClose];
    let compared = run(80, &fields(), &same);
    assert_eq!((counts(&compared), told(&compared)), ([1, 0, 0, 0], vec![]));
    let refused = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let compared =
        run(80, &fields(), &[asks, Live(refused), Recorded(page), LiveClose, RecordedClose]);
    assert_eq!(told(&compared)[0], ("status", None, Some("400")));
}

#[test]
fn a_step_waits_until_the_answer_is_whole() {
    use Event::{Asks, Live, LiveClose, Recorded, RecordedClose};
    let interim: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    for (port, events, expected) in [
        (80, &[Asks(REQUEST), Recorded(OK)][..], false),
        (80, &[Asks(REQUEST), Recorded(OK), Live(&OK[..OK.len() - 1])], false),
        (80, &[Asks(REQUEST), Recorded(OK), Live(OK)], true),
        (80, &[Asks(REQUEST), Recorded(OK), LiveClose], true),
        // Another length is an answer all the same.
        (80, &[Asks(REQUEST), Recorded(OK), Live(b"HTTP/1.1 204 N\r\n\r\n")], true),
        (80, &[Asks(REQUEST), Recorded(interim)], false),
        (80, &[Asks(REQUEST), Recorded(interim), Live(interim)], true),
        (80, &[Asks(REQUEST), Recorded(interim), Live(OK)], true),
        (80, &[Asks(REQUEST), Recorded(OK), Live(interim)], false),
        (80, &[Asks(REQUEST), Recorded(&OK[..9])], false),
        (80, &[Asks(REQUEST), Recorded(&OK[..9]), Live(&OK[..2])], true),
        (80, &[Asks(b"GET /\r\n\r\n"), Recorded(b"<p>"), RecordedClose, Live(b"<p>")], false),
        (
            80,
            &[Asks(b"GET /\r\n\r\n"), Recorded(b"<p>"), RecordedClose, Live(b"<p>"), LiveClose],
            true,
        ),
        (1989, &[Recorded(b"17\r\n"), Live(b"17")], false),
        (1989, &[Recorded(b"17\r\n"), Live(b"17171717\r\n")], true),
        (9, &[Recorded(b"\x01\x02"), Live(b"\x01")], false),
        (9, &[Recorded(b"\x01\x02"), Live(b"\x01\x03")], true),
        (9, &[], true),
        (9, &[Asks(b"\x01")], true),
    ] {
        let protocols = protocols(&["tcp.port==1989,STAMP"]);
        let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
        let mut it = comparator.begin(parties(port), Side::Server);
        events.iter().for_each(|event| feed(&mut comparator, &mut it, *event));
        assert_eq!(it.has_caught_up(), expected, "{events:?}");
    }
}

#[test]
fn another_answer_of_bytes_is_over_when_nothing_follows() {
    use Event::{Asks, Live, LiveClose, Recorded};
    use Standing::{Answered, Behind, Uncertain};
    for (events, expected) in [
        (&[Asks(b"\x01"), Recorded(b"abc")][..], Behind),
        (&[Asks(b"\x01"), Recorded(b"abc"), Live(b"a")], Uncertain),
        (&[Asks(b"\x01"), Recorded(b"abc"), Live(b"xyz")], Answered),
        (&[Asks(b"\x01"), Recorded(b"abc"), Live(b"abcd")], Answered),
        (&[Asks(b"\x01"), Recorded(b"abc"), Live(b"abxd")], Uncertain),
        (&[Asks(b"\x01"), Recorded(b"abc"), LiveClose], Answered),
        // What was too short or too long before does not count in the next.
        (&[Asks(b"\x01"), Recorded(b"abc"), Live(b"a"), Asks(b"\x02"), Recorded(b"d")], Behind),
        (
            &[
                Asks(b"\x01"),
                Recorded(b"abc"),
                Live(b"a"),
                Asks(b"\x02"),
                Recorded(b"d"),
                Live(b"d"),
            ],
            Answered,
        ),
        (&[Asks(b"\x01"), Recorded(b"a"), Live(b"xbc"), Asks(b"\x02"), Recorded(b"d")], Behind),
        // What came early does.
        (&[Asks(b"\x01"), Recorded(b"a"), Live(b"ad"), Asks(b"\x02"), Recorded(b"d")], Answered),
        (&[Asks(b"\x01"), Recorded(b"a"), Live(b"ade"), Asks(b"\x02"), Recorded(b"x")], Uncertain),
        // Where messages are counted, one that is missing is waited for.
        (&[Asks(REQUEST), Recorded(OK), Live(b"HTTP/1.1 ")], Behind),
    ] {
        let protocols = protocols(&[]);
        let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
        let mut it = comparator.begin(parties(9), Side::Server);
        events.iter().for_each(|event| feed(&mut comparator, &mut it, *event));
        assert_eq!(it.standing(), expected, "{events:?}");
    }
}

#[test]
fn each_answer_of_bytes_is_compared_by_itself() {
    use Event::{Asks, Gap, Live, LiveClose, Recorded};
    let [one, two, three] = [b"\x01", b"\x02", b"\x03"].map(|it| Asks(it));
    for (events, expected, fields_told) in [
        (
            &[one, Recorded(b"10\n"), Live(b"1\n"), two, Recorded(b"bye"), Live(b"bye")][..],
            [1, 1, 0, 0],
            &[(1, Some("offset 0: \"10\""), Some("offset 0: \"1\""))][..],
        ),
        (
            &[
                one,
                Recorded(b"a"),
                two,
                Recorded(b"b"),
                Live(b"b"),
                three,
                Recorded(b"c"),
                Live(b"c"),
            ],
            [2, 0, 1, 0],
            &[(1, Some("1 bytes"), None)],
        ),
        // What the second brings early is the second's.
        (
            &[one, Recorded(b"a"), Live(b"abc"), two, Recorded(b"bcd"), Live(b"d")],
            [2, 0, 0, 0],
            &[],
        ),
        // And what was more than expected differs once.
        (
            &[
                one,
                Recorded(b"one."),
                Live(b"one. More."),
                two,
                Recorded(b"two."),
                Live(b"two."),
                three,
                Recorded(b"end"),
                Live(b"end"),
            ],
            [2, 1, 0, 0],
            &[(2, Some("nothing at offset 0"), Some("offset 0: \" More.\""))],
        ),
        (
            &[one, Recorded(b"a"), Live(b"a"), two, Live(b"why?")],
            [1, 1, 0, 0],
            &[(2, None, Some("4 bytes"))],
        ),
        (
            &[one, Recorded(b"a"), Live(b"b"), two, Recorded(b"c"), LiveClose],
            [0, 1, 1, 0],
            &[(1, Some("offset 0: \"a\""), Some("offset 0: \"b\"")), (2, Some("1 bytes"), None)],
        ),
        // Behind a gap the next answer can be compared again.
        (
            &[
                one,
                Recorded(b"ab"),
                Gap(3),
                Recorded(b"f"),
                Live(b"abcdef"),
                two,
                Recorded(b"g"),
                Live(b"h"),
            ],
            [0, 1, 0, 1],
            &[(2, Some("offset 0: \"g\""), Some("offset 0: \"h\""))],
        ),
        (
            &[one, Recorded(b"ab"), Live(b"xbcdef"), Gap(3), Recorded(b"f")],
            [0, 1, 0, 0],
            &[(1, Some("offset 0: \"ab\""), Some("offset 0: \"xbcdef\""))],
        ),
    ] {
        let compared = run(9, &fields(), events);
        assert_eq!(counts(&compared), expected, "{events:?}: {compared:?}");
        let told = compared.differences.iter();
        let told = told.map(|it| (it.message, it.expected.as_deref(), it.actual.as_deref()));
        assert_eq!(told.collect::<Vec<_>>(), fields_told, "{events:?}");
    }
}

#[test]
fn clients_can_be_judged_too() {
    let protocols = protocols(&[]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let mut it = comparator.begin(parties(80), Side::Client);
    comparator.recorded(&mut it, Side::Client, Input::Bytes(REQUEST));
    assert!(!it.has_caught_up());
    comparator.live(
        &mut it,
        Side::Client,
        Input::Bytes(b"POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n"),
    );
    assert!(it.has_caught_up());
    assert_eq!(it.live_messages(), 1);
    let compared = comparator.finish(it);
    let expected = [("method", Some("GET"), Some("POST")), ("target", Some("/"), Some("/a"))];
    assert_eq!(told(&compared), expected);
}
