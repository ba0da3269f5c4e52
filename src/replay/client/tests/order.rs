//! What is sent and expected, in which order, and when.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::flow::Side::{Client, Server};
use crate::replay::client::tests::stage::*;
use crate::replay::{Expect, Pace, Stop, Timing, Volume};

#[test]
fn a_server_that_speaks_first_and_closes_first_is_compared() {
    let (to, _served) = serve(|mut stream| stream.write_all(b"1700000000\r\n").unwrap());
    let stamp = || vec![answer("1600000000\r\n"), end(Server), end(Client)];
    let mut recording = Recording::new(to);
    let outcome = recording.talk(0, stamp()).talk(0, stamp()).play();
    assert_eq!(counts(&outcome), [0, 2, 0]);
    assert_eq!(outcome.differences[0].field, "value");
    assert_eq!(outcome.differences[1].actual.as_deref(), Some("1700000000"));
    let outcome = recording.ignore("value").play();
    assert_eq!(counts(&outcome), [2, 0, 0]);
    assert_eq!(outcome.conversations, 2);
    assert_eq!(outcome.sent, Volume::default());
    assert_eq!(outcome.received, Volume { messages: 2, bytes: 24 });
    assert_eq!(reasons(&outcome), []);
    assert!(!outcome.interrupted);
}

#[test]
fn requests_wait_for_answers_whatever_their_length() {
    let (to, served) = serve_http(|target| ok(&target.repeat(5000)));
    let mut recording = Recording::new(to);
    let mut steps = Vec::new();
    for target in ["/a", "/b", "/c"] {
        steps.extend([ask(&get(target)), answer(&ok(target))]);
    }
    steps.extend([end(Client), end(Server)]);
    let outcome = recording.talk(0, steps).play();
    assert_eq!(counts(&outcome), [0, 3, 0]);
    assert_eq!(served.recv().unwrap(), [get("/a"), get("/b"), get("/c")].concat());
    assert_eq!(outcome.sent, Volume { messages: 3, bytes: 3 * get("/a").len() as u64 });
    let received = Volume { messages: 3, bytes: 3 * ok(&"/a".repeat(5000)).len() as u64 };
    assert_eq!(outcome.received, received);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn pipelined_requests_leave_before_the_first_answer() {
    let (to, _served) = serve(|mut stream| {
        let targets = [0; 3].map(|_| read_head(&mut stream).unwrap());
        for head in targets {
            stream.write_all(ok(head.split(' ').nth(1).unwrap()).as_bytes()).unwrap();
        }
    });
    let mut steps: Vec<_> = ["/1", "/2", "/3"].map(|it| ask(&get(it))).into();
    steps.push(answer(&["/1", "/2", "/3"].map(ok).concat()));
    steps.extend([end(Server), end(Client)]);
    let outcome = Recording::new(to).talk(0, steps).play();
    assert_eq!(counts(&outcome), [3, 0, 0]);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn the_host_field_is_what_the_user_wants() {
    let (to, served) = serve_http(|_| ok("page"));
    let mut recording = Recording::new(to);
    recording.options.host = Some("live.example".to_owned());
    let steps = vec![ask(&get("/a")), answer(&ok("page")), end(Client), end(Server)];
    let outcome = recording.talk(0, steps).play();
    assert_eq!(counts(&outcome), [1, 0, 0]);
    assert_eq!(served.recv().unwrap(), "GET /a HTTP/1.1\r\nHost: live.example\r\n\r\n");
}

#[test]
fn a_client_that_ends_first_still_gets_its_answer() {
    let (to, _served) = serve(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        stream.write_all(&all).unwrap();
    });
    let echo = vec![ask("one"), ask("two"), end(Client), answer("onetwo"), end(Server)];
    let outcome = Recording::new(to).talk(0, echo).play();
    assert_eq!(counts(&outcome), [1, 0, 0]);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn a_client_that_broke_off_breaks_off() {
    let (to, served) = serve(|mut stream| {
        let mut all = Vec::new();
        stream.write_all(b"hello").unwrap();
        stream.read_to_end(&mut all).map_err(|error| error.kind())
    });
    let steps = vec![answer("hello"), ask("bye"), Reset(Client), answer("on its way")];
    let outcome = Recording::new(to).talk(0, steps).play();
    assert_eq!(served.recv().unwrap(), Err(std::io::ErrorKind::ConnectionReset));
    assert_eq!(counts(&outcome), [1, 0, 0]);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn both_may_send_more_than_the_kernel_holds_at_once() {
    const LEN: usize = 6_000_000;
    let (to, _served) = serve(|mut stream| {
        // Reads nothing before it has sent all.
        stream.write_all(&vec![b's'; LEN]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap()
    });
    let large = |side, byte| Sent(0, side, vec![byte; LEN]);
    let steps = vec![large(Client, b'c'), large(Server, b's'), end(Server), end(Client)];
    let mut recording = Recording::new(to);
    let outcome = recording.talk(0, steps).expect(Expect::Exact).play();
    assert_eq!(reasons(&outcome), []);
    assert_eq!(outcome.sent, Volume { messages: 1, bytes: LEN as u64 });
    assert_eq!(counts(&outcome), [1, 0, 0]);
}

#[test]
fn bytes_that_the_capture_lacks_are_waited_for() {
    let body = "x".repeat(1000);
    let (to, _served) = serve_http(move |_| ok(&"y".repeat(1000)));
    let (head, rest) = (ok(&body)[..100].to_owned(), ok(&body)[700..].to_owned());
    let steps = vec![ask(&get("/")), answer(&head), Lacks(600), answer(&rest), ask(&get("/2"))];
    let outcome = Recording::new(to).talk(0, steps).play();
    assert_eq!(outcome.sent.messages, 2);
    assert_eq!(outcome.missing, 0);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn answers_behind_bytes_that_the_capture_lacks_are_told_as_uncompared() {
    let (to, _served) = serve_http(ok);
    let steps = vec![
        ask(&get("/1")),
        Lacks(ok("/1").len() as u64),
        ask(&get("/2")),
        answer(&ok("/2")),
        end(Client),
        end(Server),
    ];
    let outcome = Recording::new(to).talk(0, steps).play();
    let reason = "answer that cannot be compared: the capture lacks bytes before it";
    assert_eq!(reasons(&outcome), [(reason, 1)]);
    assert_eq!(counts(&outcome), [0, 0, 0]);
    assert_eq!(outcome.sent.messages, 2);
}

#[test]
fn a_thousand_at_once_are_all_answered_and_compared() {
    const ALL: usize = 1000;
    let before = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let enough =
        rustix::process::Rlimit { current: before.maximum.map(|it| it.min(8192)), ..before };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, enough).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut streams: Vec<_> = (0..ALL).map(|_| listener.accept().unwrap().0).collect();
        for stream in &mut streams {
            let head = read_head(stream).unwrap();
            stream.write_all(ok(head.split(' ').nth(1).unwrap()).as_bytes()).unwrap();
        }
    });
    let mut recording = Recording::new(to);
    for it in 0..ALL {
        let target = format!("/{it}");
        let page = if it % 100 == 7 { ok("another page") } else { ok(&target) };
        recording.talk(0, vec![ask(&get(&target)), answer(&page), end(Server), end(Client)]);
    }
    let ended = AtomicU64::new(0);
    let outcome = recording.play_with(&|more| {
        ended.fetch_add(more, Ordering::Relaxed);
    });
    server.join().unwrap();
    assert_eq!(counts(&outcome), [990, 10, 0]);
    assert_eq!((outcome.conversations, ended.into_inner()), (1000, 1000));
    assert_eq!(outcome.sent.messages, 1000);
    assert_eq!(outcome.received.messages, 1000);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn no_more_at_once_than_the_user_wants() {
    for wanted in [1, 3] {
        let now = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let seen = Arc::clone(&now);
        let (to, _served) = serve(move |mut stream| {
            let (open, most) = &*seen;
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let head = read_head(&mut stream).unwrap();
            // Before the answer, which lets the next one begin.
            open.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(ok(head.split(' ').nth(1).unwrap()).as_bytes()).unwrap();
        });
        let mut recording = Recording::new(to);
        recording.options.concurrency = Some(wanted);
        for _ in 0..200 {
            recording.talk(0, vec![ask(&get("/")), answer(&ok("/")), end(Client)]);
        }
        let outcome = recording.play();
        assert_eq!(counts(&outcome), [200, 0, 0]);
        let most = now.1.load(Ordering::SeqCst);
        assert!(most <= wanted, "{most} at once, not {wanted}");
    }
}

#[test]
fn conversations_overlap_as_they_did() {
    // The first is answered only when the second has been: one after the other would never end.
    let second = Arc::new((Mutex::new(false), Condvar::new()));
    let (to, _served) = serve(move |mut stream| {
        let head = read_head(&mut stream).unwrap();
        let (is_there, changed) = &*second;
        if head.starts_with("GET /first") {
            let is_there = is_there.lock().unwrap();
            drop(changed.wait_while(is_there, |it| !*it).unwrap());
        } else {
            *is_there.lock().unwrap() = true;
            changed.notify_all();
        }
        stream.write_all(ok("page").as_bytes()).unwrap();
    });
    let mut recording = Recording::new(to);
    for (start, target) in [(20, "/second"), (0, "/first")] {
        recording.talk(start, vec![ask(&get(target)), answer(&ok("page")), end(Server)]);
    }
    assert_eq!(counts(&recording.play()), [2, 0, 0]);
}

#[test]
fn a_step_is_never_early() {
    let (to, served) = serve(|mut stream| {
        let mut times = Vec::new();
        while read_head(&mut stream).is_some() {
            times.push(Instant::now());
            stream.write_all(ok("page").as_bytes()).unwrap();
        }
        times.push(Instant::now());
        times
    });
    let sent = |at, side, text: String| Sent(at, side, text.into_bytes());
    let mut recording = Recording::new(to);
    recording.talk(
        700,
        vec![
            sent(80, Client, get("/1")),
            sent(90, Server, ok("page")),
            sent(200, Client, get("/2")),
            sent(210, Server, ok("page")),
            Finished(300, Client),
            Finished(310, Server),
        ],
    );
    recording.options.timing = Timing::Recorded;
    for (speed, due) in [(1.0, [780, 900, 1000]), (10.0, [78, 90, 100])] {
        recording.options.pace = Pace::Recorded(speed);
        let begin = Instant::now();
        let outcome = recording.play();
        assert_eq!(counts(&outcome), [2, 0, 0]);
        for (time, due) in served.recv().unwrap().into_iter().zip(due) {
            assert!(time - begin >= Duration::from_millis(due), "{due} at {speed}");
        }
        assert!(outcome.lateness.max > Duration::ZERO);
        assert!(outcome.lateness.p50 <= outcome.lateness.max);
    }
    recording.options.timing = Timing::Reply;
    assert_eq!(recording.play().lateness.max, Duration::ZERO);
}

#[test]
fn the_plan_is_played_again_and_the_limit_ends_it() {
    let (to, _served) = serve_http(|_| ok("page"));
    let mut recording = Recording::new(to);
    for start in [0, 5] {
        let steps = vec![ask(&get("/")), answer(&ok("page")), end(Client), end(Server)];
        recording.talk(start, steps);
    }
    for (loops, limit, concurrency, expected) in [
        (3, None, None, 6),
        (3, None, Some(2), 6),
        (0, Some(5), None, 5),
        (0, Some(5), Some(2), 5),
        (1, Some(1), None, 1),
    ] {
        recording.options.loops = loops;
        recording.options.limit = limit;
        recording.options.concurrency = concurrency;
        let outcome = recording.play();
        assert_eq!(counts(&outcome), [expected, 0, 0], "{loops} {limit:?} {concurrency:?}");
        assert_eq!(outcome.interrupted, limit.is_some());
    }
}

#[test]
fn a_run_that_is_stopped_says_what_it_came_to() {
    let (stop, met) = (Stop::default(), Arc::new(AtomicUsize::new(0)));
    // It is stopped when the first has ended and the other waits for an answer that never comes.
    let meet = {
        let stop = stop.clone();
        move || {
            if met.fetch_add(1, Ordering::SeqCst) == 1 {
                stop.request();
            }
        }
    };
    let asked = meet.clone();
    let (to, _served) = serve_http(move |target| match target {
        "/silent" => {
            asked();
            String::new()
        }
        _ => ok("page"),
    });
    let mut recording = Recording::new(to);
    recording.stop = stop;
    recording.talk(0, vec![ask(&get("/")), answer(&ok("page")), end(Client), end(Server)]);
    recording.talk(
        0,
        vec![ask(&get("/")), answer(&ok("page")), ask(&get("/silent")), answer(&ok("page"))],
    );
    let outcome = recording.play_with(&|_| meet());
    assert!(outcome.interrupted);
    assert_eq!(counts(&outcome), [2, 0, 0]);
    assert_eq!(outcome.conversations, 2);
    assert_eq!(reasons(&outcome), []);
}

#[test]
fn an_answer_that_was_under_way_when_the_run_was_stopped_is_none() {
    let page = ok("page");
    let half = page[..page.len() - 2].to_owned();
    let (sent, stop) = (half.clone(), Stop::default());
    let stopping = stop.clone();
    let (to, _served) = serve(move |mut stream| {
        let _ = stream.write_all(sent.as_bytes());
        // The client ends only when it is stopped.
        let mut request = [0; 99];
        let _ = stream.read(&mut request);
        stopping.request();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut recording = Recording::new(to);
    recording.stop = stop;
    recording.talk(0, vec![ask(&get("/")), answer(&page), end(Client), end(Server)]);
    let outcome = recording.play();
    assert!(outcome.interrupted);
    assert_eq!((counts(&outcome), outcome.differences.len()), ([0, 0, 0], 0));
    assert_eq!(outcome.sent.messages, 1);
}

#[test]
fn a_run_for_ever_ends_with_its_duration() {
    let (to, _served) = serve_http(|_| ok("page"));
    let mut recording = Recording::new(to);
    recording.options.loops = 0;
    recording.options.duration = Some(Duration::from_millis(200));
    recording.talk(0, vec![ask(&get("/")), answer(&ok("page")), end(Client), end(Server)]);
    let outcome = recording.play();
    assert!(outcome.interrupted && outcome.matched > 1, "{outcome:?}");
    assert!(outcome.duration >= Duration::from_millis(200));
    assert_eq!((outcome.differed, outcome.missing), (0, 0));
}

#[test]
fn without_expectation_no_answer_is_waited_for() {
    let (to, served) = serve_http(|target| if target == "/2" { ok("page") } else { String::new() });
    let mut recording = Recording::new(to);
    let mut steps = Vec::new();
    for target in ["/1", "/2"] {
        steps.extend([ask(&get(target)), answer(&ok(target))]);
    }
    steps.push(end(Client));
    let outcome = recording.talk(0, steps).expect(Expect::None).play();
    assert_eq!(counts(&outcome), [0, 0, 0]);
    assert_eq!(outcome.sent.messages, 2);
    assert_eq!(served.recv().unwrap(), [get("/1"), get("/2")].concat());
    assert_eq!(outcome.received.bytes, ok("page").len() as u64);
}

#[test]
fn a_run_for_ever_ends_though_nobody_listens() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut recording = Recording::new(listener.local_addr().unwrap());
    drop(listener);
    recording.options.loops = 0;
    recording.options.duration = Some(Duration::from_millis(100));
    recording.talk(0, vec![ask(&get("/")), answer(&ok("page"))]);
    for concurrency in [None, Some(3)] {
        recording.options.concurrency = concurrency;
        let outcome = recording.play();
        assert!(outcome.interrupted && outcome.missing > 1, "{outcome:?}");
        assert_eq!(outcome.skipped[0].reason.to_string(), "connection refused");
    }
}
