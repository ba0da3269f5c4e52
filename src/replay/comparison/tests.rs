use std::io::Write;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::decode::Transport;
use crate::profile::{Options, Rule};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &[u8] =
    b"HTTP/1.1 200 OK\r\nDate: Mon\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

/// What happens in a conversation, in order.
#[derive(Clone, Copy, Debug)]
enum Event<'a> {
    /// The client sends, in the capture and live.
    Asks(&'a [u8]),
    /// The server does, in the capture.
    Recorded(&'a [u8]),
    /// Bytes of the server that the capture lacks.
    Gap(u64),
    /// The server ends, in the capture.
    RecordedClose,
    /// The server sends, live.
    Live(&'a [u8]),
    /// The server ends, live.
    LiveClose,
}

fn protocols(rules: &[&str]) -> Protocols {
    let mut header = tempfile::NamedTempFile::with_suffix(".h").unwrap();
    let text = "#include <stdint.h>\n#define STAMP \"%lld\\r\\n\"\n\
        struct point { uint8_t x; uint8_t y; } __attribute__((packed));\n\
        struct shape { uint32_t id; float size; char name[4]; struct point corners[2]; } \
        __attribute__((packed));\n";
    header.write_all(text.as_bytes()).unwrap();
    let rules = rules.iter().map(|rule| rule.parse::<Rule>().unwrap()).collect();
    let options = Options { headers: vec![header.path().to_owned()], rules, ..Options::default() };
    Protocols::load(&options).unwrap()
}

fn conversation(port: u16) -> Conversation {
    Conversation {
        transport: Transport::Tcp,
        stream: 3,
        client: "10.0.0.1:40000".parse().unwrap(),
        server: ([10, 0, 0, 2], port).into(),
        start: Duration::ZERO,
        steps: Vec::new(),
        spans: Vec::new(),
    }
}

fn feed(comparator: &mut Comparator<'_>, it: &mut Comparison, event: Event<'_>) {
    match event {
        Event::Asks(bytes) => {
            comparator.recorded(it, Side::Client, Input::Bytes(bytes));
            comparator.live(it, Side::Client, Input::Bytes(bytes));
        }
        Event::Recorded(bytes) => comparator.recorded(it, Side::Server, Input::Bytes(bytes)),
        Event::Gap(len) => comparator.recorded(it, Side::Server, Input::Gap(len)),
        Event::RecordedClose => comparator.recorded(it, Side::Server, Input::Close { clean: true }),
        Event::Live(bytes) => comparator.live(it, Side::Server, Input::Bytes(bytes)),
        Event::LiveClose => comparator.live(it, Side::Server, Input::Close { clean: true }),
    }
}

fn run(port: u16, expectation: &Expectation, events: &[Event<'_>]) -> Compared {
    let protocols = protocols(&["tcp.port==1989,STAMP", "tcp.port==7,shape", "udp.port==7,shape"]);
    let mut comparator = Comparator::new(&protocols, expectation).unwrap();
    let mut it = comparator.begin(&conversation(port), Side::Server);
    events.iter().for_each(|event| feed(&mut comparator, &mut it, *event));
    comparator.finish(it)
}

fn http(expectation: &Expectation, recorded: &[u8], live: &[u8]) -> Compared {
    use Event::{Asks, Live, LiveClose, Recorded, RecordedClose};
    let events = [Asks(REQUEST), Recorded(recorded), RecordedClose, Live(live), LiveClose];
    run(80, expectation, &events)
}

/// The fields that differ, with what was expected and what came.
fn told(compared: &Compared) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let differences = compared.differences.iter();
    differences.map(|it| (&*it.field, it.expected.as_deref(), it.actual.as_deref())).collect()
}

fn counts(compared: &Compared) -> [u64; 4] {
    [compared.matched, compared.differed, compared.missing, compared.uncompared]
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\r\n\r\n", body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fields() -> Expectation {
    Expectation::default()
}

#[test]
fn http_is_the_same_however_it_is_sent() {
    let zipped = gzip(b"hello");
    let encoded =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: ";
    for live in [
        OK.to_vec(),
        answer(
            "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX: 1\r\nDate: Tue\r\ncontent-type: Text/Plain",
            b"hello",
        ),
        answer(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked",
            b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        ),
        answer("HTTP/1.0 200 OK\r\nContent-Type: text/plain", b"hello"),
        answer(&format!("{encoded}{}", zipped.len()), &zipped),
        [b"HTTP/1.1 103 Early Hints\r\n\r\n", OK].concat(),
    ] {
        let compared = http(&fields(), OK, &live);
        assert_eq!(told(&compared), [], "{}", live.escape_ascii());
        assert_eq!(counts(&compared), [1, 0, 0, 0]);
        assert_eq!(compared.received.bytes, live.len() as u64);
        let back = http(&fields(), &live, OK);
        assert_eq!((told(&back), counts(&back)), (vec![], [1, 0, 0, 0]));
    }
}

#[test]
fn http_differs_by_status_type_body_and_headers_asked_for() {
    let hello = "5 bytes, sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let missing =
        answer("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5", b"hello");
    assert_eq!(told(&http(&fields(), OK, &missing)), [("status", Some("200"), Some("404"))]);

    let changed =
        answer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6", b"hello!");
    let compared = http(&fields(), OK, &changed);
    let [(field, expected, actual)] = told(&compared)[..] else { panic!("{compared:?}") };
    assert_eq!((field, expected), ("body", Some(hello)));
    assert!(actual.unwrap().starts_with("6 bytes, sha256 ce06092f"), "{actual:?}");
    assert_eq!(counts(&compared), [0, 1, 0, 0]);
    assert_eq!((compared.differences[0].conversation, compared.differences[0].message), (3, 1));

    let other = answer("HTTP/1.1 200 OK\r\nContent-Length: 5", b"hello");
    let expected = [("http.header.content-type", Some("text/plain"), None)];
    assert_eq!(told(&http(&fields(), OK, &other)), expected);

    let dated = Expectation { headers: vec!["Date".into(), "X".into()], ..fields() };
    let other = [&OK[..16], b"\nDate: Tue", &OK[26..]].concat();
    let expected = [("http.header.date", Some("Mon"), Some("Tue"))];
    assert_eq!(told(&http(&dated, OK, &other)), expected);
}

#[test]
fn what_is_ignored_may_differ() {
    let changed = answer("HTTP/1.1 201 OK\r\nContent-Type: a/b\r\nContent-Length: 6", b"hello!");
    for (ignore, left) in [
        (&["body"][..], &["status", "http.header.content-type"][..]),
        (&["status", "http.header.content_type"], &["body"]),
        (&["http.response.status", "http.content_type", "http.body"], &[]),
        (&["fields.status", "response.body", "http.header.Content-Type"], &[]),
        (&["stat", "bod"], &["status", "http.header.content-type", "body"]),
    ] {
        let ignore = ignore.iter().map(|it| (*it).to_owned()).collect();
        let compared = http(&Expectation { ignore, ..fields() }, OK, &changed);
        let fields: Vec<_> = compared.differences.iter().map(|it| &it.field).collect();
        assert_eq!(fields, left);
        assert_eq!(compared.matched, u64::from(left.is_empty()));
    }
}

#[test]
fn less_may_be_expected() {
    let changed = answer("HTTP/1.1 200 OK\r\nContent-Length: 6", b"hello!");
    let status = Expectation { expect: Expect::Status, ..fields() };
    assert_eq!(counts(&http(&status, OK, &changed)), [1, 0, 0, 0]);
    let gone = answer("HTTP/1.1 404 OK\r\nContent-Length: 5", b"hello");
    assert_eq!(told(&http(&status, OK, &gone)), [("status", Some("200"), Some("404"))]);
    assert_eq!(counts(&http(&status, OK, b"")), [0, 0, 1, 0]);
    let none = Expectation { expect: Expect::None, ..fields() };
    let compared = http(&none, OK, &changed);
    assert_eq!((counts(&compared), compared.received.messages), ([0; 4], 1));
}

#[test]
fn bytes_may_have_to_be_the_same() {
    let exact = Expectation { expect: Expect::Exact, ..fields() };
    assert_eq!(counts(&http(&exact, OK, OK)), [1, 0, 0, 0]);
    let fine = [&OK[..13], b"GK", &OK[15..]].concat();
    let compared = http(&exact, OK, &fine);
    let expected = "offset 13: 4f4b0d0a446174653a204d6f6e0d0a43…";
    let actual = "offset 13: 474b0d0a446174653a204d6f6e0d0a43…";
    assert_eq!(told(&compared), [("bytes", Some(expected), Some(actual))]);
    assert_eq!(counts(&compared), [0, 1, 0, 0]);
    assert_eq!(counts(&http(&exact, OK, b"")), [0, 0, 1, 0]);
}

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
        let mut it = comparator.begin(&conversation(port), Side::Server);
        events.iter().for_each(|event| feed(&mut comparator, &mut it, *event));
        assert_eq!(it.has_caught_up(), expected, "{events:?}");
    }
}

#[test]
fn clients_can_be_judged_too() {
    let protocols = protocols(&[]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let mut it = comparator.begin(&conversation(80), Side::Client);
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
            &[(
                "bytes",
                "offset 3: 533f800000416c616e01020304",
                "offset 3: 543f800000416c616e01020304",
            )],
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
        let found = comparator.datagram(&conversation(port), 2, &shape, actual);
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
fn endless_answers_stay_within_bounds() {
    let protocols = protocols(&[]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let mut it = comparator.begin(&conversation(80), Side::Server);
    feed(&mut comparator, &mut it, Event::Asks(REQUEST));
    feed(&mut comparator, &mut it, Event::Recorded(OK));
    let many = OK.repeat(100);
    for _ in 0..100 {
        feed(&mut comparator, &mut it, Event::Live(&many));
    }
    let compared = comparator.finish(it);
    assert_eq!(counts(&compared), [1, 9999, 0, 0]);
    assert_eq!(compared.differences.len(), MAX_OF_CONVERSATION);
    assert_eq!(compared.received, Volume { messages: 10_000, bytes: 10_000 * OK.len() as u64 });
}

proptest! {
    #[test]
    fn any_segmentation_and_order_gives_the_same(
        cuts in prop::collection::vec((any::<bool>(), 1..60_usize), 0..60),
        which in 0..4_usize,
        port in prop::sample::select(vec![80, 9]),
    ) {
        let chunked = answer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
        let zipped = gzip(b"hullo");
        let coded = answer(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", zipped.len()), &zipped);
        let mut recorded = [OK, &chunked, &coded].concat();
        let mut lives = [
            recorded.clone(),
            [&coded[..], OK].concat(),
            [OK, &coded[..coded.len() - 3]].concat(),
            b"\x01\x02 garbage \r\n\r\n".to_vec(),
        ];
        if port == 9 {
            // Nothing that could be taken for HTTP.
            let bytes = lives.iter_mut().chain([&mut recorded]).flatten();
            bytes.for_each(|byte| *byte |= 0x80);
        }
        let live = &lives[which][..];
        let request = if port == 80 { REQUEST } else { b"\x01\x02" };
        let protocols = protocols(&[]);
        let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
        let mut run = |cuts: &[(bool, usize)]| {
            let mut it = comparator.begin(&conversation(port), Side::Server);
            for _ in 0..3 {
                feed(&mut comparator, &mut it, Event::Asks(request));
            }
            let (mut then, mut now) = (&recorded[..], live);
            for (is_live, len) in cuts {
                let rest = if *is_live { &mut now } else { &mut then };
                let (part, behind) = rest.split_at((*len).min(rest.len()));
                feed(&mut comparator, &mut it, if *is_live { Event::Live(part) } else { Event::Recorded(part) });
                *rest = behind;
            }
            feed(&mut comparator, &mut it, Event::Live(now));
            feed(&mut comparator, &mut it, Event::Recorded(then));
            comparator.finish(it)
        };
        let whole = run(&[]);
        prop_assert_eq!(run(&cuts), whole);
    }

    #[test]
    fn garbage_is_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300), port in prop::sample::select(vec![80, 9, 7, 1989])) {
        use Event::{Asks, Live, Recorded};
        let compared = run(port, &fields(), &[Asks(REQUEST), Recorded(OK), Live(&bytes)]);
        prop_assert!(compared.matched <= 1);
        prop_assert_eq!(compared.received.bytes, bytes.len() as u64);
    }
}
