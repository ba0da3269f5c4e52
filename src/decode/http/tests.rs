//! Whole conversations, with damage, and cut anyhow.

use proptest::prelude::*;

use super::super::stream::Side::{Client, Server};
use super::super::{ErrorKind, Message, Value};
use super::*;

/// A step of a conversation.
#[derive(Clone, Debug)]
enum Act {
    C(Vec<u8>),
    S(Vec<u8>),
    Gap(Side, u64),
    Close(Side, bool),
}

fn c(text: impl AsRef<[u8]>) -> Act {
    Act::C(text.as_ref().to_vec())
}

fn s(text: impl AsRef<[u8]>) -> Act {
    Act::S(text.as_ref().to_vec())
}

/// What came of a conversation: messages in order, the bodies that preceded them, and what was
/// skipped by side and reason.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<String>,
    bodies: Vec<Vec<u8>>,
    skipped: Vec<(Side, &'static str, u64)>,
    open: [Vec<u8>; 2],
}

impl Seen {
    fn take(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Message { side, message } => {
                self.messages.push(line(&message));
                self.bodies.push(std::mem::take(&mut self.open[side as usize]));
            }
            StreamEvent::Body { side, bytes, .. } => {
                self.open[side as usize].extend_from_slice(bytes)
            }
            StreamEvent::BodyGap { side, len } => {
                self.open[side as usize].extend(format!("<{len}>").bytes());
            }
            StreamEvent::Skipped { side, len, reason } => {
                match self.skipped.iter_mut().find(|it| it.0 == side && it.1 == reason) {
                    Some(it) => it.2 += len,
                    None => self.skipped.push((side, reason, len)),
                }
            }
        }
    }
}

/// A message in one line: its fields, its length, its marks, its error, what it answers.
fn line(message: &Message<'_>) -> String {
    let mut out = String::new();
    let mut level = Vec::new();
    for (index, item) in message.items.iter().enumerate() {
        while level.last().is_some_and(|&end| end as usize <= index) {
            level.pop();
            out.push(')');
        }
        out.push_str(if out.is_empty() { "" } else { " " });
        match message.value(item) {
            Value::Unsigned(number) => out += &number.to_string(),
            Value::Text(text) => out += text,
            Value::Bytes(bytes) => out += &format!("{bytes:02x?}"),
            _ => {
                out += &message.node(item).unwrap().name;
                out.push('(');
                level.push(item.end);
            }
        }
    }
    out += &")".repeat(level.len());
    out += &format!(" #{}", message.len);
    for mark in message.marks.names() {
        out += &format!(" !{mark}");
    }
    if let Some(error) = message.error {
        out += &format!(" {}@{} {}", error.kind.as_str(), error.offset, error.context);
    }
    if let Some(request) = message.request {
        out += &format!(" <- {} {} {}", request.method, request.target, request.host);
    }
    out
}

/// Plays a conversation, every run of bytes cut to `at_once`.
fn play(acts: &[Act], at_once: usize) -> Seen {
    let mut http = Http::new(false);
    let mut scratch = Scratch::default();
    let mut seen = Seen::default();
    for act in acts {
        let sink = &mut |event: StreamEvent<'_>| seen.take(event);
        match act {
            Act::C(bytes) | Act::S(bytes) => {
                let side = if matches!(act, Act::C(_)) { Client } else { Server };
                for part in bytes.chunks(at_once) {
                    http.push(side, Input::Bytes(part), &mut scratch, sink);
                }
            }
            Act::Gap(side, len) => http.push(*side, Input::Gap(*len), &mut scratch, sink),
            Act::Close(side, clean) => {
                http.push(*side, Input::Close { clean: *clean }, &mut scratch, sink);
            }
        }
    }
    seen.skipped.sort_by_key(|it| (it.0 == Server, it.1));
    seen
}

/// Plays it whole and cut in several ways, which must all come to the same.
fn played(acts: &[Act]) -> Seen {
    let whole = play(acts, usize::MAX);
    for at_once in [1, 2, 3, 5, 7, 64] {
        assert_eq!(play(acts, at_once), whole, "{acts:?} cut to {at_once}");
    }
    whole
}

fn check(acts: &[Act], messages: &[&str], bodies: &[&str]) -> Seen {
    let seen = played(acts);
    assert_eq!(seen.messages, messages);
    let found: Vec<_> = seen.bodies.iter().map(|it| it.escape_ascii().to_string()).collect();
    assert_eq!(found, bodies);
    seen
}

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
        ("CONNECT h:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", reason::TUNNEL),
        ("GET /ws HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", reason::UPGRADE),
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
            "1.1 200 OK headers( ( Content-Length 9)) body( 3) #41 !cut-short short@41 body",
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
    assert_eq!(seen.skipped, [(Client, reason::RESYNC, 6), (Server, reason::RESYNC, 28)]);
}

#[test]
fn absurd_messages_stay_within_their_bounds_and_are_reported() {
    let next = "GET /next HTTP/1.1\r\n\r\n";
    let endless = |start: &str| format!("{start}{}", "a: b\r\n".repeat(1 << 18));
    for (side, bytes, bound, marked) in [
        (Client, endless("GET / HTTP/1.1\r\n"), MAX_HEAD, "malformed@24592 headers"),
        (
            Client,
            format!("GET / HTTP/1.1\r\na: {}", "x".repeat(1 << 20)),
            MAX_HEAD,
            "malformed@65536 headers",
        ),
        (Client, format!("GET /{}", "x".repeat(1 << 20)), MAX_HEAD, ""),
        (Client, "\r\n".repeat(1 << 19), 0, ""),
        (
            Server,
            endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
            MAX_HEAD,
            "trailers",
        ),
        (
            Server,
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}",
                "x".repeat(1 << 20)
            ),
            MAX_HEAD,
            "chunk extension",
        ),
        (Server, "HTTP/1.1 100 C\r\n\r\n".repeat(1 << 12), 1024, "1.1 100 C"),
    ] {
        let mut http = Http::new(true);
        let (mut scratch, mut seen) = (Scratch::default(), Seen::default());
        let sink = &mut |event: StreamEvent<'_>| seen.take(event);
        for part in bytes.as_bytes().chunks(1460) {
            http.push(side, Input::Bytes(part), &mut scratch, sink);
            let direction = if side == Client { &http.client } else { &http.server };
            assert!(direction.memory() <= bound.max(1024) * 2, "{}", direction.memory());
        }
        http.push(Client, Input::Bytes(b"\r\n\r\n"), &mut scratch, sink);
        http.push(Client, Input::Bytes(next.as_bytes()), &mut scratch, sink);
        http.push(Server, Input::Gap(1), &mut scratch, sink);
        assert!(
            seen.messages.last().unwrap().starts_with("GET /next"),
            "{:?}",
            seen.messages.last()
        );
        let first = &seen.messages[0];
        assert!(first.contains(marked), "{}", &first[first.len().saturating_sub(80)..]);
        assert!(http.client.memory() + http.server.memory() <= 4096);
    }
}

#[test]
fn requests_beyond_the_queue_are_marked() {
    let asked = "GET /a HTTP/1.1\r\n\r\n".repeat(MAX_WAITING + 1);
    let answers = "HTTP/1.1 204 N\r\n\r\n".repeat(MAX_WAITING + 1);
    let seen = play(&[c(asked), s(answers)], usize::MAX);
    let unpaired: Vec<_> =
        (0..=MAX_WAITING).filter(|&it| seen.messages[it].contains("!http-unpaired")).collect();
    assert_eq!(unpaired, [MAX_WAITING]);
    let answers = &seen.messages[MAX_WAITING + 1..];
    assert!(answers[..MAX_WAITING].iter().all(|it| it.ends_with(" <- GET /a ")));
    assert!(!answers[MAX_WAITING].contains("<-"));
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

/// Pieces of HTTP, well-formed and not, that make conversations of every kind.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n\r\n",
        "GET /x\r\n",
        "\r\n",
        "\n",
        "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT a HTTP/1.1\r\n\r\n",
        "POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "POST /p HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhello\n0\nT: v\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.0 200\r\n\r\n",
        "HTTP/1.1 101 S\r\n\r\n",
        "HTTP/1.1 ",
        "GET ",
        "a: b\r\n",
        " fold\r\n",
        "0\r\n",
        "ffff\r\n",
    ]);
    prop_oneof![
        4 => known.prop_map(|it| it.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let side = prop_oneof![Just(Client), Just(Server)];
    prop_oneof![
        6 => piece().prop_map(Act::C),
        6 => piece().prop_map(Act::S),
        1 => (side.clone(), 0u64..40).prop_map(|(side, len)| Act::Gap(side, len)),
        1 => (side, any::<bool>()).prop_map(|(side, clean)| Act::Close(side, clean)),
    ]
}

proptest! {
    #[test]
    fn any_segmentation_decodes_alike(acts in proptest::collection::vec(act(), 0..16), cut in 1usize..20) {
        prop_assert_eq!(play(&acts, cut), play(&acts, usize::MAX));
    }

    #[test]
    fn every_byte_is_accounted_for(acts in proptest::collection::vec(act(), 0..16)) {
        let mut acts = acts;
        acts.extend([Act::Close(Client, true), Act::Close(Server, true)]);
        let seen = play(&acts, usize::MAX);
        let sent: u64 = acts.iter().map(|act| match act {
            Act::C(bytes) | Act::S(bytes) => bytes.len() as u64,
            Act::Gap(_, len) => *len,
            Act::Close(..) => 0,
        }).sum();
        let len = |line: &String| -> u64 {
            line.split('#').nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
        };
        let known: u64 = seen.messages.iter().map(len).sum::<u64>()
            + seen.skipped.iter().map(|it| it.2).sum::<u64>();
        // Only the line ends between messages are no one's.
        prop_assert!(known <= sent, "{} of {} {:?}", known, sent, seen);
        let ends: u64 = acts.iter().map(|act| match act {
            Act::C(bytes) | Act::S(bytes) => bytes.iter().filter(|it| b"\r\n".contains(it)).count() as u64,
            _ => 0,
        }).sum();
        prop_assert!(known + ends >= sent, "{} of {} {:?}", known, sent, seen);
    }
}
