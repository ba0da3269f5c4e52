//! Answers of web servers.

use super::*;

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
    let missing =
        answer("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5", b"hello");
    assert_eq!(told(&http(&fields(), OK, &missing)), [("status", Some("200"), Some("404"))]);

    let changed =
        answer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6", b"hello!");
    let compared = http(&fields(), OK, &changed);
    let shown = ("body", Some("offset 5 of 5: \"hello\""), Some("offset 5 of 6: \"hello!\""));
    assert_eq!(told(&compared), [shown]);
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
    let [expected, actual] = ["offset 13: \"OK\"", "offset 13: \"GK\""].map(Some);
    assert_eq!(told(&compared), [("bytes", expected, actual)]);
    assert_eq!(counts(&compared), [0, 1, 0, 0]);
    assert_eq!(counts(&http(&exact, OK, b"")), [0, 0, 1, 0]);
}

#[test]
fn codings_are_undone_only_as_far_as_they_can_be() {
    let coded = |coding: &str, body: &[u8]| {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: {coding}");
        answer(&format!("{head}\r\nContent-Length: {}", body.len()), body)
    };
    let zipped = gzip(b"hello");
    let stored = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(b"hello").unwrap();
        encoder.finish().unwrap()
    };
    for (one, other, is_same) in [
        (coded("gzip", &zipped), coded("gzip", &stored), true),
        (coded("gzip", &zipped), coded("x-gzip", &stored), true),
        (coded("gzip", &zipped), coded("gzip", &gzip(b"hullo")), false),
        (coded("gzip", &zipped), coded("gzip", &zipped[..9]), false),
        (coded("gzip", &zipped[..9]), coded("gzip", &zipped[..9]), true),
        // Unknown ones are compared as they came.
        (coded("compress", b"zz"), coded("compress", b"zz"), true),
        (coded("compress", b"zz"), coded("compress", b"zy"), false),
        (coded("identity", b"hello"), OK.to_vec(), true),
    ] {
        let compared = http(&fields(), &one, &other);
        let expected = if is_same { &[][..] } else { &["body"] };
        let told: Vec<_> = compared.differences.iter().map(|it| &it.field).collect();
        assert_eq!(told, expected, "{} {}", one.escape_ascii(), other.escape_ascii());
    }
}

#[test]
fn a_long_encoded_body_is_compared_as_it_came() {
    let len = usize::try_from(MAX_ENCODED).unwrap() + 1;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len}");
    let mut body = vec![0; len];
    let recorded = answer(&head, &body);
    assert_eq!(counts(&http(&fields(), &recorded, &recorded)), [1, 0, 0, 0]);
    body[len - 1] = 1;
    assert_eq!(counts(&http(&fields(), &recorded, &answer(&head, &body))), [0, 1, 0, 0]);
}

fn typed(content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}");
    answer(&format!("{head}\r\nContent-Length: {}", body.len()), body)
}

#[test]
fn json_is_compared_by_path() {
    let [one, other] = [r#"{"n":1,"items":[{"id":1},{"id":2}]}"#, r#"{"items":[{"id":7}], "n":2}"#]
        .map(|it| typed("application/json", it.as_bytes()));
    let n = ("body.$.n", Some("1"), Some("2"));
    let [first, second] = [
        ("body.$.items[0].id", Some("1"), Some("7")),
        ("body.$.items[1]", Some(r#"{"id":2}"#), None),
    ];
    assert_eq!(told(&http(&fields(), &one, &other)), [n, first, second]);
    for (ignore, left) in [
        (&["body.$.n"][..], &[first, second][..]),
        (&["body.$..id", "http.response.body.$.items[1]"], &[n]),
        (&["body.$.*"], &[]),
        (&["body.$"], &[]),
        (&["body"], &[]),
    ] {
        let ignore = ignore.iter().map(|it| (*it).to_owned()).collect();
        let compared = http(&Expectation { ignore, ..fields() }, &one, &other);
        assert_eq!(told(&compared), left);
        assert_eq!(compared.matched, u64::from(left.is_empty()));
    }
    let tolerance = vec![("body.$.n".to_owned(), 1.0)];
    let near = Expectation { tolerance, ..fields() };
    assert_eq!(told(&http(&near, &one, &other)), [first, second]);
    let spelt = typed("application/json", br#"{ "items": [{"id":1e0},{"id":2.0}], "n": 1 }"#);
    assert_eq!(told(&http(&fields(), &one, &spelt)), []);
    // In whatever coding it comes.
    let zipped = gzip(br#"{"n":3,"items":[{"id":1},{"id":2}]}"#);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip";
    let zipped = answer(&format!("{head}\r\nContent-Length: {}", zipped.len()), &zipped);
    assert_eq!(told(&http(&fields(), &one, &zipped)), [("body.$.n", Some("1"), Some("3"))]);
}

#[test]
fn what_is_no_json_is_compared_by_bytes() {
    for (one, other, expected, actual) in [
        (
            &b"{\"n\":1"[..],
            &b"{\"n\":2"[..],
            "offset 5 of 6: \"{\"n\":1\"",
            "offset 5 of 6: \"{\"n\":2\"",
        ),
        (b"1", b"1.0", "offset 1 of 1: \"1\"", "offset 1 of 3: \"1.0\""),
        (b"\0\x01", b"\0\x02\x03", "offset 1 of 2: 01", "offset 1 of 3: 0203"),
        (b"", b"a", "offset 0 of 0: \"\"", "offset 0 of 1: \"a\""),
    ] {
        let [one, other] = [one, other].map(|it| typed("application/json", it));
        let shown = ("body", Some(expected), Some(actual));
        assert_eq!(told(&http(&fields(), &one, &other)), [shown]);
    }
    // What is not kept is told by its length and digest.
    let [one, other] = [7, 8].map(|it| typed("text/plain", &vec![it; MAX_PLAIN + 1]));
    let compared = http(&fields(), &one, &other);
    let [("body", Some(expected), Some(actual))] = told(&compared)[..] else { panic!() };
    assert!(expected.starts_with("65537 bytes, sha256 ") && expected != actual, "{expected}");
}

#[test]
fn a_boundary_is_no_difference_however_long_the_body() {
    let body = |boundary: &str, text: &str, len: usize| {
        let part = |text: &str| format!("--{boundary}\r\nX: y\r\n\r\n{text}\r\n");
        let body = part(text) + &part(&"a".repeat(len)) + &format!("--{boundary}--\r\n");
        typed(&format!("multipart/byteranges; boundary={boundary}"), body.as_bytes())
    };
    for len in [9, MAX_PLAIN - 50, MAX_PLAIN, 3 * MAX_PLAIN] {
        let one = body("first", "text", len);
        assert_eq!(told(&http(&fields(), &one, &body("another-one", "text", len))), [], "{len}");
        let compared = http(&fields(), &one, &body("another-one", "tent", len));
        let fields: Vec<_> = compared.differences.iter().map(|it| &*it.field).collect();
        assert_eq!(fields, ["body"], "{len}");
    }
    let shown = (
        "body",
        Some(
            "offset 22 of 71: \"--boundary\r\nX: y\r\n\r\ntext\r\n--boundary\r\nX: y\r\n\r\naaaaaaaaa\r\n--bou…\"",
        ),
    );
    let compared = http(&fields(), &body("one", "text", 9), &body("two", "tent", 9));
    assert_eq!((told(&compared)[0].0, told(&compared)[0].1), shown);
}

#[test]
fn bodies_that_wait_for_their_counterparts_are_shown_too() {
    use Event::{Asks, Live, Recorded};
    let [one, other] = [1, 2].map(|it| typed("text/json", format!("[{it}]").as_bytes()));
    let events =
        [Asks(REQUEST), Asks(REQUEST), Recorded(&one), Recorded(&one), Live(&one), Live(&other)];
    let compared = run(80, &fields(), &events);
    assert_eq!(told(&compared), [("body.$[0]", Some("1"), Some("2"))]);
}

#[test]
fn an_intact_body_beyond_the_bound_is_compared_as_it_came_and_said_to_be() {
    use crate::decode::http::encoding::MIN_LIMIT;

    let level = |level: u32| {
        let zeros = std::io::Read::take(std::io::repeat(0), MIN_LIMIT + 1);
        let mut encoder = flate2::read::GzEncoder::new(zeros, flate2::Compression::new(level));
        let mut body = Vec::new();
        std::io::Read::read_to_end(&mut encoder, &mut body).unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip";
        answer(&format!("{head}\r\nContent-Length: {}", body.len()), &body)
    };
    let (one, other) = (level(1), level(9));
    assert_eq!(counts(&http(&fields(), &one, &one)), [1, 0, 0, 0]);
    for (expected, actual) in [(&one, &other), (&one, &answer("HTTP/1.1 200 OK", b""))] {
        let compared = http(&fields(), expected, actual);
        let body = compared.differences.iter().find(|it| it.field == "body").unwrap();
        let text = body.expected.as_deref().unwrap();
        assert!(text.ends_with("as it came: too long to undo its coding"), "{text}");
        assert!(!text.contains("damaged"), "{text}");
    }
}
