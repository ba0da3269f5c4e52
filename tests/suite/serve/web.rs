//! `wirereel serve` of HTTP to live clients that ask otherwise than the recorded ones did: in
//! another form of target, for a head, a part, a coding or a changed page; and to those that send
//! what is no request.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::frame::Endpoints;
use crate::serving::Serving;
use crate::tape::Does::{Ends, Says};
use crate::tape::Tape;
use assert_cmd::Command;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

/// A capture whose client asks, and is answered, so in one connection each.
fn capture(name: &str, exchanges: &[(&[u8], &[u8])]) -> PathBuf {
    let mut tape = Tape::new(name);
    for (number, (ask, answer)) in (1..).zip(exchanges) {
        let ends = Endpoints::numbered(number, 80);
        let closes = [(false, Ends), (true, Ends)];
        // A body without a length ends with the connection.
        let is_delimited = answer.windows(4).any(|it| it.eq_ignore_ascii_case(b"-len"))
            || answer.windows(7).any(|it| it == b"chunked")
            || answer.ends_with(b"\r\n\r\n");
        let closes = if is_delimited { [(true, Ends), (false, Ends)] } else { closes };
        let steps = [&[(true, Says(ask)), (false, Says(answer))][..], &closes].concat();
        tape.talk(i64::from(number) * 100, ends, &steps);
    }
    tape.finish()
}

fn sized(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Asks in a connection of its own, to which nothing more is sent: the whole answer.
fn ask(serving: &Serving, request: &str) -> Vec<u8> {
    let mut client = TcpStream::connect(serving.at).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    answer
}

/// Asks for a target with these fields: the status, the head and the body.
fn get(serving: &Serving, target: &str, fields: &str) -> (u16, String, Vec<u8>) {
    parts(&ask(serving, &format!("GET {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n")))
}

fn parts(answer: &[u8]) -> (u16, String, Vec<u8>) {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head[9..12].parse().unwrap();
    (status, head, answer[end..].to_vec())
}

fn body(answer: &(u16, String, Vec<u8>)) -> (u16, &str) {
    (answer.0, std::str::from_utf8(&answer.2).unwrap())
}

#[test]
fn a_target_is_answered_in_every_form_by_its_host() {
    let capture = capture(
        "forms.pcap",
        &[
            (b"GET /a HTTP/1.1\r\nHost: one.test\r\n\r\n", &sized("200 OK", "one")),
            (b"GET http://two.test/a HTTP/1.1\r\nHost: two.test\r\n\r\n", &sized("200 OK", "two")),
            (b"GET http://two.test/b?q HTTP/1.1\r\nHost: x\r\n\r\n", &sized("200 OK", "proxied")),
            (b"OPTIONS * HTTP/1.1\r\nHost: one.test\r\n\r\n", &sized("200 OK", "star")),
            (b"CONNECT one.test:443 HTTP/1.1\r\n\r\n", &sized("407 Who", "who")),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    for (request, status, expected) in [
        ("GET http://one.test/a HTTP/1.1\r\nHost: one.test\r\n\r\n", 200, "one"),
        ("GET http://TWO.test:80/a HTTP/1.1\r\nHost: one.test\r\n\r\n", 200, "two"),
        ("GET /a HTTP/1.1\r\nHost: two.test\r\n\r\n", 200, "two"),
        ("GET /b?q HTTP/1.1\r\nHost: elsewhere\r\n\r\n", 200, "proxied"),
        ("OPTIONS http://one.test HTTP/1.1\r\nHost: one.test\r\n\r\n", 200, "star"),
        ("CONNECT one.test:443 HTTP/1.1\r\n\r\n", 407, "who"),
        (
            "CONNECT other.test:443 HTTP/1.1\r\n\r\n",
            501,
            "the capture has no answer to this; the nearest recorded request is CONNECT \
             one.test:443\n",
        ),
    ] {
        let answer = parts(&ask(&serving, request));
        assert_eq!(body(&answer), (status, expected), "{request}");
    }
    let (outcome, _) = serving.interrupt();
    assert_eq!((&outcome["matched"], &outcome["differed"]), (&json!(6), &json!(1)), "{outcome}");
}

#[test]
fn a_head_gets_what_a_get_would_without_its_body() {
    let coded =
        [&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "[..], b"25\r\n\r\n"];
    let zipped = gzip("hello");
    assert_eq!(zipped.len(), 25);
    let coded = [&coded.concat()[..], &zipped].concat();
    let capture = capture(
        "heads.pcap",
        &[
            (b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK\r\nX: get", "body")),
            (
                b"HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            ),
            (b"GET /z HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n", &coded),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    let head = |target: &str| {
        let answer = ask(&serving, &format!("HEAD {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        String::from_utf8(answer).unwrap()
    };
    assert_eq!(head("/a"), "HTTP/1.1 200 OK\r\nX: get\r\nContent-Length: 4\r\n\r\n");
    assert_eq!(head("/b"), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    assert_eq!(head("/z"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    let none = get(&serving, "/b", "");
    assert_eq!((none.0, none.2.ends_with(b"recorded request is HEAD /b\n")), (404, true));
    // A connection goes on behind an answer without a body.
    let two = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    assert_eq!(ask(&serving, two), format!("{0}{0}body", head("/a")).into_bytes());
}

#[test]
fn only_a_client_that_has_a_copy_is_told_that_it_is_unchanged() {
    let unchanged: &[u8] = b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";
    let date = "Mon, 01 Jan 2024 00:00:00 GMT";
    let capture = capture(
        "copies.pcap",
        &[
            (b"GET /a HTTP/1.1\r\nHost: h\r\nIf-None-Match: \"1\"\r\n\r\n", unchanged),
            (b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK\r\nETag: \"1\"", "whole")),
            (
                format!("GET /d HTTP/1.1\r\nHost: h\r\nIf-Modified-Since: {date}\r\n\r\n")
                    .as_bytes(),
                format!("HTTP/1.1 304 Not Modified\r\nLast-Modified: {date}\r\n\r\n").as_bytes(),
            ),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    for (fields, expected) in [
        ("", (200, "whole")),
        ("If-None-Match: \"0\", W/\"1\"\r\n", (304, "")),
        ("If-None-Match: \"2\"\r\n", (200, "whole")),
    ] {
        assert_eq!(body(&get(&serving, "/a", fields)), expected, "{fields}");
    }
    for (date, status) in [(date, 304), ("Tue, 02 Jan 2024 00:00:00 GMT", 304)] {
        assert_eq!(get(&serving, "/d", &format!("If-Modified-Since: {date}\r\n")).0, status);
    }
    let plain = get(&serving, "/d", "");
    let text = "the capture has the answer to this recorded only for a client that has a copy; \
                the nearest recorded request is GET /d\n";
    assert_eq!(body(&plain), (404, text));
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    let difference = &outcome["differences"][0];
    assert_eq!(difference["expected"], "GET /d, recorded only for a client that has a copy");
    assert_eq!(difference["actual"], "GET /d");
}

#[test]
fn a_part_is_the_recorded_one_or_cut_out_of_the_whole() {
    let part: &[u8] =
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\nX: part\r\n\r\n01";
    let parts: &[u8] = b"HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; \
        boundary=b\r\nContent-Length: 5\r\n\r\nparts";
    let chunked: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"1\"\r\n\r\n4\r\n0123\r\n5\r\n45678\r\n0\r\n\r\n";
    let capture = capture(
        "parts.pcap",
        &[
            (b"GET /a HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n", part),
            (b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK", "012345678")),
            (b"GET /m HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1,3-4\r\n\r\n", parts),
            (b"GET /c HTTP/1.1\r\nHost: h\r\n\r\n", chunked),
            (b"GET /w HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n", &sized("200 OK", "whole")),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    for (target, fields, expected, range) in [
        ("/a", "", (200, "012345678"), ""),
        ("/a", "Range: bytes=0-1\r\n", (206, "01"), "X: part"),
        ("/a", "Range: bytes=3-4\r\n", (206, "34"), "Content-Range: bytes 3-4/9"),
        ("/a", "Range: bytes=-2\r\n", (206, "78"), "Content-Range: bytes 7-8/9"),
        ("/a", "Range: bytes=9-\r\n", (416, ""), "Content-Range: bytes */9"),
        ("/a", "Range: bytes=0-1,3-4\r\n", (200, "012345678"), ""),
        ("/a", "Range: lines=0-1\r\n", (200, "012345678"), ""),
        ("/m", "Range: bytes=0-1, 3-4\r\n", (206, "parts"), "boundary=b"),
        ("/c", "Range: bytes=2-5\r\nIf-Range: \"1\"\r\n", (206, "2345"), "Content-Length: 4"),
        (
            "/c",
            "Range: bytes=2-5\r\nIf-Range: \"2\"\r\n",
            (200, "4\r\n0123\r\n5\r\n45678\r\n0\r\n\r\n"),
            "",
        ),
        // The recorded server has no parts.
        ("/w", "Range: bytes=1-2\r\n", (200, "whole"), ""),
    ] {
        let answer = get(&serving, target, fields);
        assert_eq!(body(&answer), expected, "{target} {fields}");
        assert!(answer.1.contains(range), "{}", answer.1);
        assert_eq!(answer.1.contains("chunked"), answer.2.starts_with(b"4\r\n"), "{}", answer.1);
    }
    assert_eq!(get(&serving, "/m", "").0, 404);
}

#[test]
fn a_coded_body_goes_to_who_takes_it_and_others_get_it_undone() {
    let coded = |coding: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nETag: \"1\"");
        [format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
    };
    let zipped = gzip("hello");
    let ask = |target: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, own\r\n\r\n")
    };
    let bomb = gzip(&"0".repeat((16 << 20) + 1));
    let capture = capture(
        "codings.pcap",
        &[
            (ask("/a").as_bytes(), &coded("gzip", &zipped)),
            (ask("/b").as_bytes(), &coded("own", b"secret")),
            (ask("/c").as_bytes(), &coded("gzip", &bomb)),
            (ask("/d").as_bytes(), &coded("gzip", &zipped[..15])),
            (b"GET /both HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK", "plain")),
            (ask("/both").as_bytes(), &coded("gzip", &zipped)),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    for (fields, is_coded) in [
        ("Accept-Encoding: gzip, own\r\n", true),
        ("Accept-Encoding: br, GZIP;q=0.5\r\n", true),
        ("Accept-Encoding: *\r\n", true),
        ("", false),
        ("Accept-Encoding: br, gzip;q=0\r\n", false),
    ] {
        let (status, head, body) = get(&serving, "/a", fields);
        let expected = if is_coded { &zipped[..] } else { b"hello" };
        assert_eq!((status, &body[..]), (200, expected), "{fields}");
        assert_eq!(head.contains("Content-Encoding: gzip"), is_coded, "{head}");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
        let both = get(&serving, "/both", fields);
        assert_eq!(both.2, if is_coded { &zipped[..] } else { b"plain" }, "{fields}");
    }
    for target in ["/b", "/c", "/d"] {
        assert_eq!(get(&serving, target, "Accept-Encoding: gzip, own\r\n").0, 200, "{target}");
        assert_eq!(get(&serving, target, "").0, 406, "{target}");
    }
    let (outcome, _) = serving.interrupt();
    assert_eq!(outcome["differed"], 3, "{outcome}");
}

#[test]
fn older_clients_get_no_chunks_and_the_oldest_no_head() {
    let chunked: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n\
        2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX: y\r\n\r\n";
    let capture = capture(
        "old.pcap",
        &[
            (b"GET /c HTTP/1.1\r\nHost: h\r\n\r\n", chunked),
            (
                b"GET /k HTTP/1.1\r\nHost: h\r\n\r\n",
                &sized("200 OK\r\nConnection: keep-alive", "k"),
            ),
            (b"GET /bare\r\n\r\n", b"a bare file"),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    let answer = parts(&ask(&serving, "GET /c HTTP/1.0\r\n\r\n"));
    assert_eq!(body(&answer), (200, "hello"));
    assert_eq!(answer.1, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(ask(&serving, "GET /c\r\n\r\n"), b"hello");
    assert_eq!(ask(&serving, "GET /k\r\n\r\n"), b"k");
    assert_eq!(get(&serving, "/c", "").2, &chunked[59..]);
    let bare = get(&serving, "/bare", "");
    assert_eq!(body(&bare), (200, "a bare file"));
    assert!(bare.1.contains("Content-Length: 11\r\n"), "{}", bare.1);
    // A connection is kept as the client's version has it.
    for (request, answers, connection) in [
        ("GET /k HTTP/1.0\r\n\r\n", 1, "Connection: close\r\n"),
        ("GET /k HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 2, "Connection: keep-alive\r\n"),
        ("GET /c HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 2, "Connection: keep-alive\r\n"),
        ("GET /k HTTP/1.1\r\n\r\n", 2, "Connection: keep-alive\r\n"),
        ("GET /k HTTP/1.1\r\nConnection: close\r\n\r\n", 1, "Connection: close\r\n"),
    ] {
        let answer = String::from_utf8(ask(&serving, &request.repeat(2))).unwrap();
        assert_eq!(answer.matches("HTTP/1.1 200").count(), answers, "{request}{answer}");
        assert_eq!(answer.matches(connection).count(), answers, "{request}{answer}");
    }
}

#[test]
fn parameters_that_are_ignored_do_not_count() {
    let capture = capture(
        "queries.pcap",
        &[
            (b"GET /a?id=1&t=100 HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK", "one")),
            (b"GET /a?id=2&t=200 HTTP/1.1\r\nHost: h\r\n\r\n", &sized("200 OK", "two")),
        ],
    );
    for (options, target, expected) in [
        (&["--ignore-query", "t"][..], "/a?id=2&t=999", "two"),
        (&["--ignore-query", "t"], "/a?t=1&id=1", "one"),
        (&["--ignore-query", "t", "--ignore-query", "id"], "/a", "one"),
        (&["--ignore-query", "*"], "/a?id=2&t=200", "two"),
        (&["--ignore-query", "*"], "/a?anything", "one"),
    ] {
        let serving = Serving::start(&capture, options);
        assert_eq!(body(&get(&serving, target, "")), (200, expected), "{options:?} {target}");
        assert_eq!(get(&serving, "/a/b", "").0, 404);
    }
    let serving = Serving::start(&capture, &[]);
    let none = get(&serving, "/a?id=2&t=201", "");
    let nearest = "the nearest recorded request is GET /a?id=2&t=200\n";
    assert!(none.0 == 404 && none.2.ends_with(nearest.as_bytes()), "{}", none.2.escape_ascii());
    let (outcome, _) = serving.interrupt();
    let difference = &outcome["differences"][0];
    assert_eq!(difference["expected"], "GET /a?id=2&t=200", "{outcome}");
    assert_eq!(difference["actual"], "GET /a?id=2&t=201");
}

#[test]
fn bodies_and_credentials_choose_among_the_answers_to_one_resource() {
    let post = |content_type: &str, body: &str| {
        let fields = format!("Content-Type: {content_type}\r\nContent-Length: {}", body.len());
        format!("POST /rpc HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n{body}")
    };
    let form = |boundary: &str, value: &str| {
        let body = format!("--{boundary}\r\nX: y\r\n\r\n{value}\r\n--{boundary}--\r\n");
        post(&format!("multipart/form-data; boundary={boundary}"), &body)
    };
    let capture = capture(
        "choices.pcap",
        &[
            (post("text/plain", "first").as_bytes(), &sized("200 OK", "1")),
            (post("text/plain", "second").as_bytes(), &sized("200 OK", "2")),
            (form("recorded", "third").as_bytes(), &sized("200 OK", "3")),
            (b"GET /p HTTP/1.1\r\nHost: h\r\n\r\n", &sized("401 Who", "who")),
            (
                b"GET /p HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpi\r\n\r\n",
                &sized("200 OK", "in"),
            ),
        ],
    );
    let serving = Serving::start(&capture, &[]);
    for (request, expected) in [
        (post("text/plain", "second"), (200, "2")),
        (form("another-one", "third"), (200, "3")),
        (post("text/plain", "first"), (200, "1")),
        ("GET /p HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\r\n".to_owned(), (200, "in")),
        ("GET /p HTTP/1.1\r\n\r\n".to_owned(), (401, "who")),
    ] {
        assert_eq!(body(&parts(&ask(&serving, &request))), expected, "{request}");
    }
}

#[test]
fn what_cannot_be_framed_is_refused_and_the_connection_ends() {
    let capture = capture(
        "framing.pcap",
        &[(b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", &sized("200 OK", "a"))],
    );
    let serving = Serving::start(&capture, &[]);
    let next = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    let long = "x".repeat(70_000);
    let cases = [
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 4\r\n\r\nabc"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        (
            400,
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        (400, "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n"),
        (400, "POST /a HTTP/1.1\r\nHost: h\r\nno field\r\n\r\n"),
        (501, "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: own, chunked\r\n\r\n0\r\n\r\n"),
        (431, &format!("POST /a HTTP/1.1\r\nHost: h\r\nX: {long}")),
        (431, &format!("POST /a HTTP/1.1\r\nHost: h\r\n{}", "X: y\r\n".repeat(20_000))),
        (414, &format!("GET /{long}")),
    ];
    let count = cases.len();
    for (status, request) in cases {
        let request = if status == 400 { format!("{request}{next}") } else { request.to_owned() };
        let answer = parts(&ask(&serving, &request));
        let begin = request.get(..100).unwrap_or(&request);
        assert_eq!(answer.0, status, "{begin}");
        assert!(answer.1.contains("Connection: close\r\n"), "{begin}");
        let after = String::from_utf8(answer.2).unwrap();
        assert!(!after.contains("HTTP/1.1"), "{begin}: {after}");
    }
    // The same length twice is no conflict.
    let twice = "POST /a HTTP/1.1\r\nContent-Length: 0, 0\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(body(&parts(&ask(&serving, twice))), (200, "a"));
    let garbage = parts(&ask(&serving, "\u{1}\u{2}no request of any kind\r\n\r\n"));
    assert_eq!(garbage.0, 400);
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(outcome["differed"].as_u64(), Some(count as u64 + 1), "{outcome}");
}

/// A server on a thread that answers each connection so, once it has been asked.
fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let mut request = [0; 1024];
            if client.read(&mut request).is_ok() {
                let _ = client.write_all(&answer);
                let _ = client.shutdown(Shutdown::Write);
                let _ = client.read_to_end(&mut Vec::new());
            }
        }
    });
    at
}

fn replayed(capture: &PathBuf, answer: Vec<u8>, options: &[&str]) -> (String, i32) {
    let mut command = Command::cargo_bin("wirereel").unwrap();
    command.arg("replay").arg(capture).args(["--to", &server(answer), "-t"]).args(options);
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn what_differs_in_a_small_body_is_shown() {
    let typed = |body: &str| sized("200 OK\r\nContent-Type: application/json", body);
    let recorded = typed(r#"{"n":1,"items":[{"id":7}],"at":"10:00"}"#);
    let capture = capture("bodies.pcap", &[(b"GET /j HTTP/1.1\r\nHost: h\r\n\r\n", &recorded)]);
    let other = typed(r#"{"at":"10:05","items":[{"id":8},{"id":9}],"n":2.0}"#);
    let (text, code) = replayed(&capture, other.clone(), &[]);
    let expected = [
        "body.$.n: expected 1, got 2.0",
        "body.$.items[0].id: expected 7, got 8",
        "body.$.items[1]: expected nothing, got {\"id\":9}",
        "body.$.at: expected \"10:00\", got \"10:05\"",
    ];
    let told: Vec<_> =
        text.lines().filter_map(|it| it.strip_prefix("conversation 0, answer 1: ")).collect();
    assert_eq!((told, code), (expected.to_vec(), 1), "{text}");
    let ignored = [
        "--ignore",
        "body.$..id",
        "--ignore",
        "body.$.items[1]",
        "--ignore-pattern",
        "1[0-9]:[0-9]+",
    ];
    let near = ["--tolerance", "body.$.n=1", "-T", "json"];
    let (text, code) = replayed(&capture, other, &[&ignored[..], &near].concat());
    let outcome: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(1), 0), "{outcome}");

    let (text, code) = replayed(&capture, typed("{\"n\":1,\"items\""), &["-T", "json"]);
    let outcome: Value = serde_json::from_str(&text).unwrap();
    let difference = &outcome["differences"][0];
    assert_eq!((difference["field"].as_str(), code), (Some("body"), 1), "{outcome}");
    assert_eq!(difference["actual"], "offset 14 of 14: \"{\"n\":1,\"items\"\"", "{outcome}");
}
