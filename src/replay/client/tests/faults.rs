//! Servers that misbehave: each ends in a clear reason, within the timeout.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::flow::Side::{Client, Server};
use crate::replay::Destinations;
use crate::replay::client::tests::stage::*;
use crate::replay::client::transfer::EXCESS;

/// Two requests and their answers.
fn two_requests() -> Vec<Did> {
    let mut steps = Vec::new();
    for target in ["/1", "/2"] {
        steps.extend([ask(&get(target)), answer(&ok(target))]);
    }
    steps.extend([end(Client), end(Server)]);
    steps
}

#[test]
fn a_refused_connection_is_a_reason_and_its_answers_are_missing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap();
    drop(listener);
    let outcome = Recording::new(to).talk(0, two_requests()).talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("connection refused", 2)]);
    assert_eq!(counts(&outcome), [0, 0, 4]);
    assert_eq!(outcome.sent.bytes, 0);
}

#[test]
fn no_named_destination_is_a_reason_and_nothing_is_sent() {
    let mut recording = Recording::new("127.0.0.1:9".parse().unwrap());
    recording.options.destinations = Destinations::default();
    let outcome = recording.talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("no destination was named for the server", 1)]);
    assert_eq!((outcome.conversations, outcome.sent.bytes), (0, 0));
}

#[test]
fn an_unreachable_destination_is_a_reason() {
    let broadcast: SocketAddr = "255.255.255.255:80".parse().unwrap();
    let outcome = Recording::new(broadcast).talk(0, two_requests()).play();
    assert_eq!(outcome.skipped.len(), 1);
    assert!(outcome.skipped[0].reason.to_string().contains("nreachable"), "{:?}", outcome.skipped);
}

#[test]
fn a_connection_that_nobody_accepts_ends_with_the_timeout() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let to = socket.local_addr().unwrap().as_socket().unwrap();
    // A queue of length 0 holds one; the kernel drops what follows.
    let full: Vec<_> = (0..2)
        .map(|_| {
            let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            filler.set_nonblocking(true).unwrap();
            let _ = filler.connect(&to.into());
            filler
        })
        .collect();
    let begin = Instant::now();
    let outcome = Recording::new(to).impatient().talk(0, two_requests()).play();
    drop(full);
    assert_eq!(reasons(&outcome), [("connection not accepted within the timeout", 1)]);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_silent_server_ends_with_the_timeout_and_all_is_accounted_for() {
    let (to, _served) = serve_http(|target| if target == "/1" { ok("/1") } else { String::new() });
    let begin = Instant::now();
    let outcome = Recording::new(to).impatient().talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("no answer within the timeout", 1)]);
    assert_eq!(counts(&outcome), [1, 0, 1]);
    assert_eq!(outcome.sent.messages, 2);
    assert!((300..5000).contains(&begin.elapsed().as_millis()));
}

#[test]
fn a_server_that_closes_early_is_a_reason() {
    let (to, _served) = serve(|mut stream| {
        read_head(&mut stream).unwrap();
        stream.write_all(ok("/1").as_bytes()).unwrap();
    });
    // In time for the second request, which waits for its hour.
    let mut steps = two_requests();
    steps[2] = Sent(100, Client, get("/2").into_bytes());
    let mut recording = Recording::new(to);
    recording.options.timing = crate::replay::Timing::Recorded;
    let outcome = recording.talk(0, steps).play();
    assert_eq!(reasons(&outcome), [("the server closed early", 1)]);
    assert_eq!(counts(&outcome), [1, 0, 1]);
    assert_eq!(outcome.sent.messages, 1);
}

#[test]
fn an_answer_that_breaks_off_is_not_matched() {
    let (to, _served) = serve(|mut stream| {
        read_head(&mut stream).unwrap();
        stream.write_all(&ok("a page that is cut").as_bytes()[..60]).unwrap();
    });
    let steps = vec![ask(&get("/")), answer(&ok("a page that is cut")), end(Client)];
    let outcome = Recording::new(to).talk(0, steps).play();
    assert_eq!(outcome.matched, 0);
    assert_eq!(outcome.differed + outcome.missing, 1);
}

#[test]
fn a_reset_is_a_reason_unless_it_was_recorded() {
    let (to, _served) = serve(|mut stream| {
        read_head(&mut stream).unwrap();
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let outcome = Recording::new(to).talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("the server reset the connection", 1)]);
    assert_eq!(counts(&outcome), [0, 0, 2]);
    let recorded = vec![ask(&get("/1")), Reset(Server)];
    let outcome = Recording::new(to).talk(0, recorded).play();
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn endless_bytes_are_not_read_for_ever() {
    let (to, served) = serve(|mut stream| {
        read_head(&mut stream).unwrap();
        let mut sent = 0_u64;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 65536]).is_ok() {
            sent += 65536;
        }
        sent
    });
    let outcome = Recording::new(to).talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("the server sent far more than was recorded", 1)]);
    assert!(outcome.received.bytes <= EXCESS + 2 * 65536, "{}", outcome.received.bytes);
    assert!(served.recv().unwrap() >= EXCESS);
    assert_eq!(outcome.matched, 0);
}

#[test]
fn a_server_that_says_a_byte_now_and_then_ends_with_the_timeout() {
    let (to, _served) = serve(|mut stream| {
        let mut rest = [0; 1];
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        read_head(&mut stream).unwrap();
        let tick = |stream: &mut std::net::TcpStream| stream.read(&mut rest);
        let mut tick = tick;
        while !matches!(tick(&mut stream), Ok(0)) && stream.write_all(b"H").is_ok() {}
    });
    let begin = Instant::now();
    let outcome = Recording::new(to).impatient().talk(0, two_requests()).play();
    assert_eq!(reasons(&outcome), [("no answer within the timeout", 1)]);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn garbage_differs_and_ends() {
    let (to, _served) = serve(|mut stream| {
        read_head(&mut stream).unwrap();
        let garbage: Vec<u8> =
            (0..200_000_u32).map(|it| (it.wrapping_mul(it) >> 7) as u8).collect();
        let _ = stream.write_all(&garbage);
    });
    let outcome = Recording::new(to).talk(0, two_requests()).play();
    assert_eq!(outcome.matched, 0);
    assert!(outcome.differed + outcome.missing >= 2, "{outcome:?}");
}

#[test]
fn a_server_that_does_not_read_ends_with_the_timeout() {
    let (to, served) = serve(|stream| {
        let mut byte = [0];
        stream.peek(&mut byte).unwrap();
        stream
    });
    let steps = vec![Sent(0, Client, vec![b'x'; 30_000_000]), answer("thanks")];
    let outcome = Recording::new(to).impatient().talk(0, steps).play();
    assert_eq!(reasons(&outcome), [("the server did not read within the timeout", 1)]);
    assert!(outcome.sent.bytes > 0 && outcome.sent.bytes < 30_000_000);
    assert_eq!(outcome.sent.messages, 0);
    drop(served);
}

#[test]
fn a_server_that_keeps_the_connection_is_told_from_one_that_is_silent() {
    let (to, _served) = serve_http(ok);
    let steps = vec![ask(&get("/")), answer(&ok("/")), end(Server), end(Client)];
    let outcome = Recording::new(to).impatient().talk(0, steps).play();
    assert_eq!(reasons(&outcome), [("the server kept the connection open", 1)]);
    assert_eq!(counts(&outcome), [1, 0, 0]);
}

#[test]
fn one_that_fails_does_not_keep_the_others() {
    let (to, _served) = serve_http(|target| if target == "/1" { ok("/1") } else { String::new() });
    let mut recording = Recording::new(to);
    for _ in 0..20 {
        recording.talk(0, two_requests());
        recording.talk(0, vec![ask(&get("/1")), answer(&ok("/1")), end(Client), end(Server)]);
    }
    let outcome = recording.impatient().play();
    assert_eq!(counts(&outcome), [40, 0, 20]);
    assert_eq!(reasons(&outcome), [("no answer within the timeout", 20)]);
}
