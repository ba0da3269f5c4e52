//! What `check` says of the ends of HTTP messages, each kind in its own words.

use crate::exchange::Act::{self, C, CloseClient, CloseServer, S};
use crate::exchange::frames;
use wirereel::capture::{Frame, LinkType};
use wirereel::check::{Code, Finding, TrafficCheck};
use wirereel::decode::Dissector;
use wirereel::profile::{Options, Protocols};
use wirereel::schema::Level;

fn check(acts: &[Act<'_>]) -> Vec<Finding> {
    let protocols = Protocols::load(&Options::default()).unwrap();
    let mut check = TrafficCheck::new(&protocols);
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    for (number, data) in (1..).zip(&frames(8080, acts)) {
        let orig_len = data.len() as u32;
        let link_type = LinkType::Raw;
        let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut |found| check.found(&found));
    }
    dissector.finish(&mut |found| check.found(&found));
    check.finish()
}

/// Text and help of each finding.
fn words(acts: &[Act<'_>]) -> Vec<(String, String)> {
    let framing = |it: &Finding| it.code == Code::HttpFraming && it.level == Level::Error;
    let found = check(acts);
    assert!(found.iter().all(framing), "{found:?}");
    found.into_iter().map(|it| (it.text, it.help.unwrap())).collect()
}

const GET: Act<'_> = C(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
const HEAD: Act<'_> = C(b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");

/// The conversation that shows a mistake; what text and help must name.
type Case<'a> = (&'a [Act<'a>], &'a str, &'a str);

const CASES: &[Case<'_>] = &[
    (
        &[C(b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")],
        "contradict",
        "one Content-Length",
    ),
    (&[C(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")], "negative", "8.6"),
    (
        &[C(b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")],
        "beyond 64 bits",
        "8.6",
    ),
    (&[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3 bytes\r\n\r\nabc")], "no number", "digits"),
    (
        &[C(
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        )],
        "both Content-Length and Transfer-Encoding",
        "smuggled",
    ),
    (
        &[C(b"POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n")],
        "malformed, and is not read",
        "colon",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n")],
        "folded",
        "one line",
    ),
    (
        &[GET, S(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")],
        "HTTP/1.0",
        "send HTTP/1.1",
    ),
    (&[C(b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n")], "last transfer coding", "rule 4"),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")],
        "chunked twice",
        "once, and last",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunky\r\n\r\n"), CloseServer],
        "not registered",
        "chunked alone",
    ),
    (&[GET, S(b"HTTP/1.1 103 Hints\r\nContent-Length: 3\r\n\r\n")], "1xx", "15.2"),
    (&[GET, S(b"HTTP/1.1 100 Go\r\nTransfer-Encoding: chunked\r\n\r\n")], "1xx", "15.2"),
    (&[GET, S(b"HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nabc"), CloseServer], "204", "15.3.5"),
    (&[GET, S(b"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n")], "204", "15.3.5"),
    (
        &[
            C(b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"),
            S(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"),
        ],
        "CONNECT",
        "9.3.6",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n")],
        "hexadecimal",
        "7.1",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11112222333344445\r\n")],
        "beyond 64 bits",
        "7.1",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n")],
        "not followed by CRLF",
        "7.1",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), CloseServer],
        "as long as its Content-Length",
        "incomplete",
    ),
    (
        &[C(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), CloseClient],
        "before the end of its chunked body",
        "size 0",
    ),
    (
        &[HEAD, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), CloseServer],
        "can have no body",
        "HEAD",
    ),
    (
        &[GET, S(b"HTTP/1.1 304 Not\r\n\r\n<p>no\n</p>"), S(b"HTTP/1.1 200 OK\r\n\r\n")],
        "can have no body",
        "304",
    ),
    (
        &[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef\r\n"), CloseServer],
        "are no response",
        "cover all",
    ),
];

#[test]
fn each_kind_is_told_once_and_in_its_own_words() {
    for (acts, text, help) in CASES {
        let found = words(acts);
        let [(found_text, found_help)] = &found[..] else { panic!("{acts:?}: {found:?}") };
        assert!(found_text.contains(text), "{found_text}");
        assert!(found_help.contains(help) && found_help.contains("RFC 91"), "{found_help}");
    }
    let long = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}\r\na\r\n0\r\n\r\n",
        "x".repeat(5000)
    );
    let found = words(&[GET, S(long.as_bytes())]);
    assert!(found[0].0.contains("longer than the 4096 bytes"), "{found:?}");
    assert!(found[0].1.contains("extensions"), "{found:?}");
}

#[test]
fn mistakes_of_one_sender_are_told_apart_and_counted() {
    let found = check(&[
        GET,
        S(b"HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n"),
        GET,
        S(b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n"),
        S(b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"),
    ]);
    let found: Vec<_> = found.iter().map(|it| (it.frames.clone(), it.support, it.total)).collect();
    assert_eq!(found, [(vec![5, 8], 2, 3), (vec![7], 1, 3)]);
}

#[test]
fn what_is_well_or_was_cut_by_the_capture_is_no_mistake() {
    for acts in [
        &[HEAD, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), CloseServer][..],
        &[GET, S(b"HTTP/1.1 304 Not\r\nContent-Length: 3\r\n\r\n"), CloseServer],
        &[GET, S(b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n\r\n"), CloseServer],
        &[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc\r\n"), CloseServer],
        &[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")],
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc")],
        &[GET, S(b"HTTP/1.1 200 OK\r\n\r\nall of it"), CloseServer],
        &[GET, S(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\0"), CloseServer],
        &[GET, S(b"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nother"), CloseServer],
        &[GET, S(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")],
        &[GET, S(b"HTTP/1.7 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")],
    ] {
        assert_eq!(words(acts), [], "{acts:?}");
    }
}
