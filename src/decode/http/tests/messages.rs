//! Whole conversations, from the first version to upgrades, and what is odd in them.

use super::*;

#[test]
fn requests_and_responses_are_paired_and_framed() {
    let seen = check(
        &[
            c("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"),
            s("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
            s("HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n\
               3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"),
            Act::Close(Client, true),
            Act::Close(Server, true),
        ],
        &[
            "GET /a 1.1 headers( ( Host h)) body( 0) #28",
            "POST /b 1.1 headers( ( Content-Length 3)) body( 3) #42",
            "1.1 200 OK headers( ( Content-Length 2)) body( 2) #40 <- GET /a h",
            "1.1 201 Made headers( ( Transfer-Encoding chunked)) body( 5) trailers( ( X-Sum 5)) \
             #85 <- POST /b ",
        ],
        &["", "xyz", "hi", "abcde"],
    );
    assert_eq!(seen.skipped, []);
}

#[test]
fn http_09_is_answered_by_bytes_until_the_close() {
    for request in ["GET /test.png\r\n\r\n", "GET /test.png\r\n", "GET /test.png\n"] {
        let marks = if request.ends_with("\r\n") { "" } else { " !http-bare-lf" };
        let asked = format!("GET /test.png 0.9 headers() body( 0) #{}{marks}", request.len());
        for answer in
            ["\x7fPNG\r\n\x1a\n", "HTT", "H", "\r\n\r\nx", "HTTP/1.1 is not one\n", "HTTP/1.x\n"]
        {
            let response = format!("0.9 headers() body( {0}) #{0} <- GET /test.png ", answer.len());
            check(
                &[c(request), s(answer), Act::Close(Server, true), Act::Close(Client, true)],
                &[&asked, &response],
                &["", &answer.as_bytes().escape_ascii().to_string()],
            );
        }
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno";
        check(
            &[c(request), s(head), Act::Close(Server, true)],
            &[
                &asked,
                "1.1 400 Bad Request headers( ( Content-Length 2)) body( 2) #49 <- GET /test.png ",
            ],
            &["", "no"],
        );
    }
}

#[test]
fn the_answer_to_head_and_some_statuses_have_no_body() {
    check(
        &[
            c(
                "HEAD / HTTP/1.1\r\n\r\nGET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n",
            ),
            s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
            s(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            ),
            s("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 200\r\n\r\nrest"),
            Act::Close(Server, true),
        ],
        &[
            "HEAD / 1.1 headers() body( 0) #19",
            "GET /1 1.1 headers() body( 0) #19",
            "GET /2 1.1 headers() body( 0) #19",
            "GET /3 1.1 headers() body( 0) #19",
            "1.1 200 OK headers( ( Content-Length 9)) body( 0) #38 <- HEAD / ",
            "1.1 100 Continue headers() body( 0) #25 <- GET /1 ",
            "1.1 304 Not Modified headers( ( Content-Length 9)) body( 0) #48 <- GET /1 ",
            "1.1 204 No Content headers() body( 0) #27 <- GET /2 ",
            "1.0 200  headers() body( 4) #20 <- GET /3 ",
        ],
        &["", "", "", "", "", "", "", "", "rest"],
    );
}

#[test]
fn behind_an_upgrade_or_a_connect_both_sides_are_opaque() {
    for (request, answer, reason) in [
        ("CONNECT h:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", Unread::HttpTunnel),
        ("GET /ws HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", Unread::HttpUpgrade),
    ] {
        let seen = played(&[
            c(request),
            s(format!("{answer}\x16\x03\x03")),
            c("GET / HTTP/1.1\r\n\r\n"),
            Act::Gap(Server, 10),
            s("HTTP/1.1 200 OK\r\n\r\n"),
            Act::Close(Server, true),
        ]);
        assert_eq!(seen.messages.len(), 2);
        assert_eq!(seen.skipped, [(Client, reason, 18), (Server, reason, 3 + 10 + 19)]);
    }
    let refused = played(&[
        c("CONNECT h:443 HTTP/1.1\r\n\r\n"),
        s("HTTP/1.1 407 No\r\nContent-Length: 1\r\n\r\n."),
        c("GET / HTTP/1.1\r\n\r\n"),
    ]);
    assert_eq!((refused.messages.len(), refused.skipped.len()), (3, 0));
}

#[test]
fn what_is_odd_is_marked() {
    for (acts, expected) in [
        (
            vec![c("GET / HTTP/1.1\nHost: a\r\n\r\n")],
            "GET / 1.1 headers( ( Host a)) body( 0) #26 !http-bare-lf",
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n")],
            "1.1 200 OK headers( ( Transfer-Encoding chunked)) body( 0) #50 !http-bare-lf",
        ),
        (
            vec![c("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")],
            "POST / 1.1 headers( ( Content-Length 3) ( Content-Length 4)) body( 0) #57 \
             !http-framing malformed@52 content-length",
        ),
        (
            vec![c(
                "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            )],
            "POST / 1.1 headers( ( Content-Length 3) ( Transfer-Encoding chunked)) body( 0) #71 !http-framing",
        ),
        (
            vec![s(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n10000000000000000\r\n",
            )],
            "1.1 200 OK headers( ( Transfer-Encoding chunked)) body( 1) #69 !http-framing !cut-short malformed@69 chunk size",
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad\r\n\r\n")],
            "1.1 200 OK headers( ( Transfer-Encoding chunked)) body( 0) #57 malformed@50 header",
        ),
        (
            vec![c(b"GET / HTTP/1.1\r\nHo st: a\r\nB: \xe9\r\n\r\n")],
            "GET / 1.1 headers( ( B [e9])) body( 0) #34 malformed@16 header",
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Act::Close(Server, true)],
            "1.1 200 OK headers( ( Content-Length 9)) body( 3) #41 !http-framing !cut-short short@41 body",
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\n\r\nabc"), Act::Close(Server, false)],
            "1.1 200 OK headers() body( 3) #22 !cut-short short@22 body",
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\nA: b\r\nContent-"), Act::Close(Server, true)],
            "1.1 200 OK headers( ( A b)) body( 0) #31 !cut-short short@31 headers",
        ),
    ] {
        assert_eq!(played(&acts).messages, [expected]);
    }
}

#[test]
fn a_body_has_its_digest_where_all_of_it_is_known() {
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let mut http = Http::new(true);
    let (mut scratch, mut seen) = (Scratch::default(), Seen::default());
    let sink = &mut |event: StreamEvent<'_>| seen.take(event);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    for input in [
        Input::Bytes(head),
        Input::Bytes(b"a"),
        Input::Bytes(b"bc"),
        Input::Bytes(head),
        Input::Bytes(b"a"),
        Input::Gap(1),
        Input::Bytes(b"c"),
        Input::Bytes(head),
        Input::Bytes(b"abc"),
        Input::Bytes(b"HTTP/1.1 204 No\r\n\r\n"),
    ] {
        http.push(Server, input, &mut scratch, sink);
    }
    let with = format!("1.1 200 OK headers( ( Content-Length 3)) body( 3 {ABC}) #41");
    let without = "1.1 200 OK headers( ( Content-Length 3)) body( 3) #41 !gap";
    let empty = "1.1 204 No headers() body( 0) #19";
    assert_eq!(seen.messages, [&with, without, &with, empty]);
}

#[test]
fn a_client_that_expects_a_continue_awaits_it_until_its_body_begins() {
    let expects =
        |version: &str, fields: &str| format!("POST / HTTP/{version}\r\n{fields}\r\n\r\n");
    let length = "Content-Length: 2\r\nExpect";
    for (request, awaits) in [
        (expects("1.1", &format!("{length}: 100-continue")), true),
        (expects("1.1", &format!("{length}:100-Continue ")), true),
        (expects("1.1", "Transfer-Encoding: chunked\r\nExpect: 100-continue"), true),
        // An expectation of HTTP/1.0 is ignored (RFC 9110 section 10.1.1).
        (expects("1.0", &format!("{length}: 100-continue")), false),
        (expects("1.1", &format!("{length}: 200-ok")), false),
        (expects("1.1", "Expect: 100-continue"), false),
        (expects("1.1", "Content-Length: 2"), false),
    ] {
        let mut http = Http::default();
        let mut push = |side, bytes: &[u8]| {
            http.push(side, Input::Bytes(bytes), &mut Scratch::default(), &mut |_| {});
            http.awaits_continue()
        };
        let (head, end) = request.split_at(request.len() - 1);
        assert!(!push(Client, head.as_bytes()), "{head}");
        assert_eq!(push(Client, end.as_bytes()), awaits, "{request}");
        assert!(!push(Client, if request.contains("chunked") { b"2\r\na" } else { b"a" }));
        assert!(!push(Client, if request.contains("chunked") { b"b\r\n0\r\n\r\n" } else { b"b" }));
    }
}
