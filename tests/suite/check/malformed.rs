//! Requests whose start line is malformed, and answers that were captured first: messages all the
//! same, in their own frames.

use crate::exchange::Act::{C, CloseClient, CloseServer, S};
use crate::exchange::frames;
use wirereel::capture::{Frame, LinkType};
use wirereel::decode::{Dissector, Found};
use wirereel::message::Value;
use wirereel::profile::{Options, Protocols, Rule};

/// What a capture comes to: each message with its frame, in a line; and what was not decoded.
fn decode(frames: &[Vec<u8>], rules: &[&str]) -> (Vec<String>, Vec<(String, u64)>) {
    let rules: Vec<Rule> = rules.iter().map(|it| it.parse().unwrap()).collect();
    let protocols = Protocols::load(&Options { rules, ..Options::default() }).unwrap();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut seen = Vec::new();
    let mut take = |found: Found<'_>| {
        if let Found::Message { captured, .. } = found {
            let message = &captured.message;
            let mut line = format!("{} {} {}", captured.frame, message.protocol, message.name);
            for (_, item) in message.top() {
                line += &match message.value(item) {
                    Value::Text(text) => format!(" {}", text.escape_debug()),
                    Value::Bytes(bytes) => format!(" {}", bytes.escape_ascii()),
                    Value::Unsigned(number) => format!(" {number}"),
                    _ => continue,
                };
            }
            if let Some(error) = message.error {
                line += &format!(" {}@{} {}", error.kind.as_str(), error.offset, error.context);
            }
            if let Some(request) = message.request {
                line += &format!(" <- {}", request.target);
            }
            seen.push(line);
        }
    };
    for (number, data) in (1..).zip(frames) {
        let orig_len = data.len() as u32;
        let link_type = LinkType::Raw;
        let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut take);
    }
    let summary = dissector.finish(&mut take);
    let undecoded =
        summary.undecoded.iter().map(|(reason, count)| (reason.name().into_owned(), *count));
    (seen, undecoded.collect())
}

const REFUSED: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

#[test]
fn a_request_with_a_malformed_start_line_is_a_message_with_an_error() {
    for (request, expected) in [
        (&b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"[..], "GET / 1.1 malformed@4 request line"),
        (b"GET HTTP/1.1\r\nHost: a\r\n\r\n", "GET 1.1 malformed@12 target"),
        (b"GET /a b HTTP/1.1\r\n\r\n", "GET /a b 1.1 malformed@7 request line"),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / 2.0 malformed@11 version"),
        (b"GET / HTTP/0.9\r\n\r\n", "GET / 0.9 malformed@11 version"),
        (b"GET / HTTP/1.11\r\n\r\n", "GET / 1.11 malformed@14 version"),
        (b"GET / HTTQ/1.1\r\n\r\n", "GET / HTTQ/1.1 malformed@6 request line"),
        (b"GET\t/\tHTTP/1.1\r\n\r\n", "GET / 1.1 malformed@3 method"),
        (b"GET /\x01 HTTP/1.1\r\n\r\n", "GET /\\u{1} 1.1 malformed@5 target"),
        (b" GET / HTTP/1.1\r\n\r\n", "GET / 1.1 malformed@0 method"),
        (b"get /\r\n\r\n", "get / malformed@5 target"),
        (b"GET\r\n\r\n", "GET malformed@3 method"),
        (b"HELO x\r\n", "HELO x malformed@6 target"),
        (b"hello\r\n", "hello malformed@5 method"),
        (b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", "malformed@0 method"),
        (b"\x80\x80\x01\x03\x01\n\x80", "malformed@0 method"),
    ] {
        let acts = [C(request), S(REFUSED), CloseServer, CloseClient];
        let (seen, undecoded) = decode(&frames(31000, &acts), &[]);
        let (found, answer) = match &seen[..] {
            // Without the end of a line it is one by the close.
            [answer, found] if !request.contains(&b'\n') => (found, answer),
            [found, answer] => (found, answer),
            other => panic!("{}: {other:?}", request.escape_ascii()),
        };
        let frame = if request.contains(&b'\n') { 4 } else { 7 };
        assert!(found.starts_with(&format!("{frame} http request ")), "{found}");
        assert!(found.ends_with(expected), "{found}: {expected}");
        assert!(answer.starts_with("5 http response 1.1 400 Bad Request"), "{answer}");
        let unread = undecoded.iter().find(|it| it.0.contains("no decoder reads"));
        assert_eq!(unread, None, "{}", request.escape_ascii());
    }
}

#[test]
fn the_decoder_goes_on_at_the_next_message() {
    let acts = [
        C(b"GET /1 HTTP/1.1\r\n\r\n"),
        S(b"HTTP/1.1 204 No\r\n\r\n"),
        C(b"what is this\r\nX: y\r\n\r\n"),
        S(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"),
        C(b"GET /2 HTTP/1.3\r\n\r\nPOST /3 HTTP/3.1\r\nContent-Length: 2\r\n\r\nhi"),
        S(b"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 505 No\r\nContent-Length: 0\r\n\r\n"),
        C(b"GET /4 HTTP/1.1\r\n\r\n"),
        S(b"HTTP/1.1 204 No\r\n\r\n"),
    ];
    let (seen, _) = decode(&frames(31000, &acts), &[]);
    assert_eq!(
        seen,
        [
            "4 http request GET /1 1.1",
            "5 http response 1.1 204 No <- /1",
            "6 http request what is this malformed@8 request line",
            "7 http response 1.1 400 Bad <- is this",
            "8 http request GET /2 1.3",
            "8 http request POST /3 3.1 malformed@13 version",
            "9 http response 1.1 204 No <- /2",
            "9 http response 1.1 505 No <- /3",
            "10 http request GET /4 1.1",
            "11 http response 1.1 204 No <- /4",
        ]
    );
}

#[test]
fn what_is_no_http_by_either_side_stays_what_it_is() {
    let binary = &b"\x03\0\0\x13\x0e\xe0\0"[..];
    let acts = [C(binary), C(binary), S(b"\x03\0\0\x0b\x06\xd0"), C(binary), CloseClient];
    let (seen, undecoded) = decode(&frames(31000, &acts), &[]);
    assert_eq!(seen, [""; 0]);
    assert_eq!(undecoded, [("TCP payload that no decoder reads".to_owned(), 4)]);
    let text = [C(b"HELO x\r\n"), S(b"250 fine\r\n"), C(b"QUIT\r\n"), S(b"221 bye\r\n")];
    let (seen, _) = decode(&frames(31000, &text), &[]);
    let lines: Vec<_> = seen.iter().map(|it| it.split(' ').take(2).collect::<Vec<_>>()).collect();
    assert_eq!(lines, [["4", "lines"], ["5", "lines"], ["6", "lines"], ["7", "lines"]]);
    // What nobody answers ends with the capture, or with either side.
    for end in [&[][..], &[CloseClient], &[CloseServer], &[CloseServer, CloseClient]] {
        for (bytes, count) in [(binary, 0), (b"HELO x\r\n", 1)] {
            let acts = [&[C(bytes)], end].concat();
            let (seen, undecoded) = decode(&frames(31000, &acts), &[]);
            assert_eq!((seen.len(), undecoded.len()), (count, 1 - count), "{acts:?}");
        }
    }
}

#[test]
fn an_answer_of_http_09_that_was_captured_first_is_paired() {
    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const PAGE: &[u8] = b"<html>\n<p>hello</p>\n</html>\n";
    let large = vec![0xfe; 20_000];
    for (body, port, rules) in [
        (PICTURE, 31000, &[][..]),
        (PICTURE, 80, &[]),
        (PAGE, 31000, &[]),
        (PAGE, 31000, &["tcp.port==31000,http"]),
        (PICTURE, 31000, &["tcp.port==31000,http"]),
        (&large, 80, &[]),
    ] {
        let acts = [C(b"GET /a\r\n\r\n"), S(body), CloseServer, CloseClient];
        let all = frames(port, &acts);
        // The order of the frames, counted from 0.
        for order in [
            [0, 1, 2, 3, 4, 5, 6],
            [0, 1, 2, 4, 3, 5, 6],
            [0, 1, 2, 4, 5, 3, 6],
            [0, 1, 4, 5, 2, 3, 6],
            [1, 4, 5, 0, 2, 3, 6],
        ] {
            let swapped: Vec<_> = order.iter().map(|it| all[*it].clone()).collect();
            let (mut seen, undecoded) = decode(&swapped, rules);
            let number = |frame| order.iter().position(|it| *it == frame).unwrap() + 1;
            let mut expected = [
                format!("{} http request GET /a 0.9", number(3)),
                // Its end is its close.
                format!("{} http response 0.9 <- /a", number(5)),
            ];
            if number(3) > number(5) {
                // The close has no bytes, so that the last ones count.
                expected[1] = format!("{} http response 0.9 <- /a", number(4));
            }
            seen.sort();
            expected.sort();
            assert_eq!(seen, expected, "{order:?} {} {port} {rules:?}", body.len());
            assert_eq!(undecoded, [], "{order:?}");
        }
    }
}

#[test]
fn a_response_that_was_captured_before_its_request_leaves_the_others_paired() {
    let acts = [
        C(b"GET /1 HTTP/1.1\r\n\r\n"),
        S(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        C(b"HEAD /2 HTTP/1.1\r\n\r\n"),
        S(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        C(b"GET /3 HTTP/1.1\r\n\r\n"),
        S(b"HTTP/1.1 204 No\r\n\r\n"),
    ];
    let mut all = frames(31000, &acts);
    all.swap(3, 4);
    let (seen, undecoded) = decode(&all, &[]);
    assert_eq!(
        seen,
        [
            "4 http response 1.1 200 OK",
            "5 http request GET /1 1.1",
            "6 http request HEAD /2 1.1",
            "7 http response 1.1 200 OK <- /2",
            "8 http request GET /3 1.1",
            "9 http response 1.1 204 No <- /3",
        ]
    );
    assert_eq!(undecoded, []);
}

#[test]
fn any_minor_version_is_read_as_the_last_and_other_versions_are_errors() {
    for (start, is_well) in [
        ("HTTP/1.2 200 ok", true),
        ("HTTP/1.9 200", true),
        ("HTTP/2.0 200 ok", false),
        ("HTTP/0.9 200 ok", false),
        ("HTTP/1.01 200 ok", false),
        ("HTTP/1.1  200 ok", false),
        ("http/1.1 200 ok", false),
        ("ICY 200 ok", false),
    ] {
        let answer = format!("{start}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        for acts in [
            &[C(b"GET /a HTTP/1.1\r\n\r\n"), S(answer.as_bytes())][..],
            &[S(answer.as_bytes()), CloseServer],
        ] {
            let (seen, undecoded) = decode(&frames(31000, acts), &[]);
            let response = seen.last().unwrap();
            assert!(
                response.contains(" http response ") && response.contains(" 200"),
                "{response}"
            );
            assert_eq!(!response.contains("malformed@"), is_well, "{response}");
            assert_eq!(undecoded, [], "{start}");
        }
    }
}
