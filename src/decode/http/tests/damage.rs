//! Conversations that lack bytes, at their start, in the middle or at their end.

use super::*;
use crate::message::ErrorKind;

#[test]
fn gaps_are_counted_in_bodies_and_lose_the_framing_elsewhere() {
    const NEXT: &str = "HTTP/1.1 204 No\r\n\r\n";
    let gap = |len| Act::Gap(Server, len);
    for (acts, messages, body, skipped) in [
        (
            vec![s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), gap(4), s("de")],
            1,
            "abc<4>de",
            0,
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), gap(6), s(NEXT)],
            2,
            "abc<6>",
            0,
        ),
        (
            vec![
                s("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                gap(16),
                s("xx\r\n"),
                s(NEXT),
            ],
            2,
            "abc<6>",
            14,
        ),
        (
            vec![
                s("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na"),
                gap(2),
                s("\r\n0\r\n\r\n"),
            ],
            1,
            "a<2>",
            0,
        ),
        (
            vec![
                s("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na"),
                gap(3),
                s("\n0\r\n\r\n"),
                s(NEXT),
            ],
            2,
            "a",
            9,
        ),
        (
            vec![s("HTTP/1.1 200 OK\r\n\r\nab"), gap(2), s("c"), Act::Close(Server, true)],
            1,
            "ab<2>c",
            0,
        ),
        (
            vec![
                s("HTTP/1.1 200 OK\r\nConte"),
                gap(2),
                s("-Length: 3\r\n\r\n}}}HTTP/1.1 204 No\r\n\r\n"),
            ],
            2,
            "",
            19,
        ),
        (vec![s("HTTP/1."), gap(2), s(" 200 OK\r\n\r\n"), s(NEXT)], 1, "", 20),
    ] {
        let seen = played(&acts);
        assert_eq!(seen.messages.len(), messages, "{seen:?}");
        assert_eq!(seen.bodies[0], body.as_bytes(), "{seen:?}");
        let is_marked = seen.messages[0].contains(" !gap");
        assert_eq!(is_marked, !seen.messages[0].contains("204"), "{seen:?}");
        assert_eq!(seen.skipped.iter().map(|it| it.2).sum::<u64>(), skipped, "{seen:?}");
    }
    // What answers were lost for is not paired with later ones.
    let lost = played(&[
        c("HEAD / HTTP/1.1\r\n\r\n"),
        gap(100),
        c("GET /2 HTTP/1.1\r\n\r\n"),
        s("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
    ]);
    assert!(lost.messages[2].ends_with(" <- GET /2 "), "{lost:?}");
    assert_eq!(lost.bodies[2], b"x");
}

#[test]
fn a_capture_may_start_within_a_message() {
    let seen = check(
        &[
            s("the rest of a body\nand more}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
            c("form=1GET /next HTTP/1.1\r\n\r\n"),
            s("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ],
        &[
            "1.1 200 OK headers( ( Content-Length 2)) body( 2) #40",
            "GET /next 1.1 headers() body( 0) #22",
            "1.1 200 OK headers( ( Content-Length 0)) body( 0) #38 <- GET /next ",
        ],
        &["hi", "", ""],
    );
    assert_eq!(seen.skipped, [(Client, Unread::HttpResync, 6), (Server, Unread::HttpResync, 28)]);
}

#[test]
fn errors_of_kind_short_are_more_bytes_needed() {
    let mut kinds = Vec::new();
    let mut http = Http::new(false);
    let sink = &mut |event: StreamEvent<'_>| {
        if let StreamEvent::Message { message, .. } = event {
            kinds.extend(message.error.map(|it| it.kind));
        }
    };
    let mut scratch = Scratch::default();
    http.push(
        Client,
        Input::Bytes(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5"),
        &mut scratch,
        sink,
    );
    http.push(Client, Input::Close { clean: true }, &mut scratch, sink);
    http.push(
        Client,
        Input::Bytes(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5x"),
        &mut scratch,
        sink,
    );
    assert_eq!(kinds, [ErrorKind::Short, ErrorKind::Malformed]);
}
