//! Servers that answer sooner or later than the recorded one, which is no fault of theirs.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::flow::Side::{Client, Server};
use crate::replay::client::tests::stage::*;
use crate::replay::client::transfer::EXCESS;
use crate::replay::{Expect, Timing};

#[test]
fn all_that_the_recorded_server_sends_may_come_before_its_turn() {
    const LEN: usize = EXCESS as usize + 4_000_000;
    let (to, _served) = serve(|mut stream| {
        // Without a word of the client.
        stream.write_all(&vec![b's'; 1 + LEN]).unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
    });
    let large = Sent(400, Server, vec![b's'; LEN - 500_000]);
    let steps = vec![
        answer("s"),
        Sent(400, Client, b"more".to_vec()),
        large,
        Lacks(500_000),
        Finished(400, Server),
        end(Client),
    ];
    let mut recording = Recording::new(to);
    recording.options.timing = Timing::Recorded;
    recording.talk(0, steps);
    let lacks = ("answer that cannot be compared: the capture lacks bytes before it", 1);
    for (expect, skipped) in [(Expect::Exact, &[lacks][..]), (Expect::None, &[])] {
        let outcome = recording.expect(expect).play();
        assert_eq!(reasons(&outcome), skipped, "{expect:?}");
        assert_eq!(outcome.received.bytes, 1 + LEN as u64, "{expect:?}");
        assert_eq!(outcome.sent.bytes, 4, "{expect:?}");
    }
}

/// Waits so long before each answer and before the end. The pauses are what is tested: nothing is
/// waited for by them.
fn serve_slowly(pause: Duration) -> SocketAddr {
    let (to, _served) = serve(move |mut stream| {
        while let Some(head) = read_head(&mut stream) {
            thread::sleep(pause);
            stream.write_all(ok(head.split(' ').nth(1).unwrap()).as_bytes()).unwrap();
            if head.starts_with("GET /last") {
                thread::sleep(pause);
                break;
            }
        }
    });
    to
}

#[test]
fn a_server_may_take_as_long_as_the_recorded_one() {
    let to = serve_slowly(Duration::from_millis(500));
    let mut recording = Recording::new(to);
    recording.impatient().options.timing = Timing::Recorded;
    let answered = Sent(600, Server, ok("/last").into_bytes());
    let steps = vec![ask(&get("/last")), answered, Finished(1200, Server), Finished(1200, Client)];
    let outcome = recording.talk(0, steps).play();
    assert_eq!(reasons(&outcome), []);
    assert_eq!(counts(&outcome), [1, 0, 0]);
    recording.options.timing = Timing::Reply;
    assert_eq!(reasons(&recording.play()), [("no answer within the timeout", 1)]);
}

#[test]
fn a_slow_server_does_not_make_the_next_step_late() {
    let to = serve_slowly(Duration::from_secs(1));
    let mut recording = Recording::new(to);
    recording.options.timing = Timing::Recorded;
    let steps = vec![
        ask(&get("/1")),
        Sent(10, Server, ok("/1").into_bytes()),
        Sent(20, Client, get("/last").into_bytes()),
        Sent(30, Server, ok("/last").into_bytes()),
        Finished(30, Server),
        Finished(40, Client),
    ];
    let outcome = recording.talk(0, steps).play();
    assert_eq!(counts(&outcome), [2, 0, 0]);
    assert!(outcome.lateness.max > Duration::ZERO);
    assert!(outcome.lateness.max < Duration::from_millis(500), "{:?}", outcome.lateness);
}
