//! What no memory is spent on.

use super::*;

#[test]
fn absurd_messages_stay_within_their_bounds_and_are_reported() {
    let next = "GET /next HTTP/1.1\r\n\r\n";
    let endless = |start: &str| format!("{start}{}", "a: b\r\n".repeat(1 << 18));
    for (side, bytes, bound, marked) in [
        (Client, endless("GET / HTTP/1.1\r\n"), MAX_HEAD, "limit@24592 headers"),
        (
            Client,
            format!("GET / HTTP/1.1\r\na: {}", "x".repeat(1 << 20)),
            MAX_HEAD,
            "limit@65536 headers",
        ),
        (Client, format!("GET /{}", "x".repeat(1 << 20)), MAX_HEAD, "limit@65536 request line"),
        (Client, "\r\n".repeat(1 << 19), 0, ""),
        (
            Server,
            endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
            MAX_HEAD,
            "limit@65539 trailers",
        ),
        (
            Server,
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}",
                "x".repeat(1 << 20)
            ),
            MAX_HEAD,
            "limit@4143 chunk extension",
        ),
        (Server, "HTTP/1.1 100 C\r\n\r\n".repeat(1 << 12), 1024, "1.1 100 C"),
    ] {
        let mut http = Http::new(true);
        let (mut scratch, mut seen) = (Scratch::default(), Seen::default());
        let sink = &mut |event: StreamEvent<'_>| seen.take(event);
        for part in bytes.as_bytes().chunks(1460) {
            http.push(side, Input::Bytes(part), &mut scratch, sink);
            let direction = http.directions.of(side);
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
        assert!(http.directions.client.memory() + http.directions.server.memory() <= 4096);
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
