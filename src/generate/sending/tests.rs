//! Runs over loopback: what arrives, at which times, and what is counted.

use std::cell::Cell;
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use super::*;
use crate::capture::Timestamp;
use crate::generate::recipe::Made;
use crate::generate::{Destination, GenerateError};
use crate::net::{Interface, Leaving, NetError, Pace, Unsent};

const MS: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(10);

fn options(destination: Destination, pace: Pace, count: u64) -> SendOptions<'static> {
    SendOptions {
        destination,
        leaving: Leaving::default(),
        senders: vec![SenderOptions::default()],
        pace,
        count: Some(count),
        duration: None,
        timeout: PATIENCE,
        replies: None,
    }
}

fn listener() -> (UdpSocket, Destination) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let to = Destination::Host(socket.local_addr().unwrap());
    (socket, to)
}

fn received(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut bytes = [0; 2000];
    let (len, from) = socket.recv_from(&mut bytes).unwrap();
    (bytes[..len].to_vec(), from)
}

/// Sends messages that hold their number, from 0.
fn run(options: &SendOptions<'_>) -> SendingOutcome {
    let mut number = 0;
    let mut make = |_: Timestamp, out: &mut Vec<u8>| {
        out.push(number);
        number = number.wrapping_add(1);
        Ok(Some(Made { sender: 0, gap: Some(3 * MS) }))
    };
    send(options, &mut make, &|| false, &|_| {}).unwrap()
}

#[test]
fn each_pace_sends_all_in_order() {
    for pace in [Pace::Top, Pace::PacketsPerSecond(2000.0), Pace::Mbps(0.1), Pace::Recorded(1.0)] {
        let (socket, to) = listener();
        let outcome = run(&options(to, pace, 20));
        assert_eq!((outcome.sent.datagrams, outcome.sent.bytes), (20, 20));
        assert!(!outcome.is_failure() && !outcome.interrupted && outcome.failure.is_none());
        let all: Vec<u8> = (0..20).map(|_| received(&socket).0[0]).collect();
        assert_eq!(all, (0..20).collect::<Vec<_>>(), "{pace:?}");
        let due = match pace {
            Pace::Top => Duration::ZERO,
            Pace::Recorded(_) => 57 * MS,
            Pace::PacketsPerSecond(_) => 9 * MS,
            Pace::Mbps(_) => Duration::from_micros(19 * 80),
        };
        assert!(outcome.duration >= due, "{pace:?}: {:?}", outcome.duration);
        let steps = if pace == Pace::Top { 0 } else { 20 };
        assert_eq!(outcome.lateness.steps(), steps);
    }
}

#[test]
fn a_message_is_made_when_it_is_due() {
    let (_socket, to) = listener();
    let mut times = Vec::new();
    let mut make = |time: Timestamp, out: &mut Vec<u8>| {
        times.push((time, Timestamp::now()));
        out.push(0);
        Ok(Some(Made::default()))
    };
    let options = options(to, Pace::PacketsPerSecond(100.0), 5);
    send(&options, &mut make, &|| false, &|_| {}).unwrap();
    assert_eq!(times.len(), 5);
    let first = times[0].0;
    for (index, (time, made)) in times.iter().enumerate() {
        assert!(made.nanos_since(*time) < 5_000_000, "stale by {}", made.nanos_since(*time));
        // Deadlines are absolute, so that one that is late does not move the next.
        let least = index as i64 * 10_000_000 - 9_000_000;
        assert!(time.nanos_since(first) > least, "{index}: {}", time.nanos_since(first));
    }
}

#[test]
fn groups_are_sent_to_in_turn() {
    let listener = crate::net::UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let by = Interface::resolve("127.0.0.1").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.join("224.2.7.3".parse().unwrap(), Some(&by)).unwrap();
    let groups = format!("224.2.7.2+3:{port}").parse().unwrap();
    let mut options = options(Destination::Groups(groups), Pace::Top, 9);
    options.leaving.interface = Some(by);
    assert_eq!(run(&options).sent.datagrams, 9);
    let mut all = Vec::new();
    let mut bytes = [0; 9];
    while let Ok(Some((1, _))) = listener.recv(&mut bytes) {
        all.push(bytes[0]);
    }
    // Also those of others, where the kernel hears for all (IP_MULTICAST_ALL) and another joins.
    all.retain(|it| it % 3 == 1);
    assert_eq!(all, [1, 4, 7]);
}

#[test]
fn what_nobody_takes_is_counted_with_its_destination() {
    let (socket, to) = listener();
    drop(socket);
    for (pace, count) in [(Pace::PacketsPerSecond(200.0), 3), (Pace::Top, 300)] {
        let outcome = run(&options(to, pace, count));
        assert_eq!(outcome.sent.datagrams, count);
        let refused: u64 = outcome.sent.undelivered.iter().map(|it| it.1).sum();
        assert_eq!((refused, outcome.is_failure()), (count, true), "{pace:?}");
        let refused = outcome.sent.undelivered[0].0.to.unwrap();
        assert_eq!(Destination::Host(refused), to);
    }
}

#[test]
fn what_is_too_long_is_counted_and_not_sent() {
    let (_socket, to) = listener();
    let mut make = |_: Timestamp, out: &mut Vec<u8>| {
        out.resize(65_508, 0);
        Ok(Some(Made::default()))
    };
    let outcome = send(&options(to, Pace::Top, 2), &mut make, &|| false, &|_| {}).unwrap();
    assert_eq!(outcome.sent.faults, [(Unsent::TooLong, 2)]);
    assert_eq!((outcome.sent.datagrams, outcome.is_failure()), (0, true));
    require_fit(65_507, to).unwrap();
    let error = require_fit(65_508, to).unwrap_err().to_string();
    assert_eq!(error, "a message of up to 65508 bytes is longer than a datagram can be: 65507");
}

#[test]
fn senders_have_sockets_of_their_own() {
    let (socket, to) = listener();
    let from: SocketAddr = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut options = options(to, Pace::Top, 6);
    options.senders.push(SenderOptions { from: Some(from), joins: false });
    let mut number = 0;
    let mut make = |_: Timestamp, out: &mut Vec<u8>| {
        out.push(number);
        number += 1;
        Ok(Some(Made { sender: usize::from(number % 3 == 0), gap: None }))
    };
    let outcome = send(&options, &mut make, &|| false, &|_| {}).unwrap();
    assert_eq!(outcome.sent.datagrams, 6);
    let all: Vec<_> = (0..6).map(|_| received(&socket)).collect();
    let named: Vec<_> = all.iter().filter(|it| it.1 == from).map(|it| it.0[0]).collect();
    assert_eq!(named, [2, 5]);
    assert_eq!(all.iter().map(|it| it.0[0]).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn an_address_that_is_taken_or_of_the_other_version_is_refused() {
    let (socket, to) = listener();
    let taken = socket.local_addr().unwrap();
    let other: SocketAddr = "[::1]:0".parse().unwrap();
    for (from, error) in [
        (taken, format!("cannot send from {taken}: Address already in use (os error 98)")),
        (other, format!("{other} and {taken} are addresses of different versions of IP")),
    ] {
        let mut options = options(to, Pace::Top, 1);
        options.senders = vec![SenderOptions { from: Some(from), joins: false }];
        let mut make = |_: Timestamp, _: &mut Vec<u8>| Ok(None);
        let found = send(&options, &mut make, &|| false, &|_| {}).unwrap_err();
        assert_eq!(found.to_string(), error);
    }
}

#[test]
fn what_was_sent_before_an_end_is_told() {
    let (socket, to) = listener();
    let mut left = 3;
    let mut make = |_: Timestamp, out: &mut Vec<u8>| {
        out.push(left);
        left -= 1;
        if left == 0 {
            return Err(GenerateError::Net(NetError::OutOfDescriptors));
        }
        Ok(Some(Made::default()))
    };
    let outcome = send(&options(to, Pace::Top, 9), &mut make, &|| false, &|_| {}).unwrap();
    assert_eq!(outcome.sent.datagrams, 2);
    assert!(outcome.failure.is_some());
    assert_eq!([received(&socket).0, received(&socket).0], [[3], [2]]);
    let asked = Cell::new(0);
    let halted = || {
        asked.set(asked.get() + 1);
        asked.get() > 40
    };
    let unbounded = SendOptions { count: None, ..options(to, Pace::PacketsPerSecond(1e6), 1) };
    let mut make = |_: Timestamp, out: &mut Vec<u8>| {
        out.push(0);
        Ok(Some(Made::default()))
    };
    let outcome = send(&unbounded, &mut make, &halted, &|_| {}).unwrap();
    assert!(outcome.interrupted);
    let limited = SendOptions { duration: Some(20 * MS), ..unbounded };
    let outcome = send(&limited, &mut make, &|| false, &|_| {}).unwrap();
    assert!(!outcome.interrupted && outcome.duration >= 20 * MS);
}

/// Answers `count` messages, each by what `answer` makes of it.
fn answering(
    count: usize,
    mut answer: impl FnMut(Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
) -> (Destination, thread::JoinHandle<()>) {
    let (socket, to) = listener();
    let answering = thread::spawn(move || {
        for _ in 0..count {
            let (bytes, from) = received(&socket);
            for bytes in answer(bytes) {
                socket.send_to(&bytes, from).unwrap();
            }
        }
    });
    (to, answering)
}

#[test]
fn answers_in_order_are_measured() {
    for pace in [Pace::Top, Pace::PacketsPerSecond(1000.0)] {
        let (to, answering) = answering(30, |it| vec![it]);
        let mut options = options(to, pace, 30);
        options.replies = Some(ReplyOptions { patience: PATIENCE, key: None });
        let outcome = run(&options);
        answering.join().unwrap();
        let replies = outcome.replies.unwrap();
        assert_eq!((replies.answered, replies.missing, replies.unasked), (30, 0, 0), "{pace:?}");
        assert_eq!(replies.round_trips.steps(), 30);
        assert!(replies.round_trips.max() > Duration::ZERO);
    }
}

#[test]
fn answers_by_key_may_be_lost_doubled_and_late() {
    // Of ten the third is lost, the fifth comes twice, and the first behind the second.
    let mut kept = Vec::new();
    let (to, answering) = answering(10, move |it| match it[0] {
        0 => {
            kept = it;
            vec![]
        }
        1 => vec![it, std::mem::take(&mut kept)],
        2 => vec![],
        4 => vec![it.clone(), it],
        _ => vec![it],
    });
    let key = |bytes: &[u8]| bytes.first().copied().map(u64::from);
    let mut options = options(to, Pace::PacketsPerSecond(500.0), 10);
    options.replies = Some(ReplyOptions { patience: Duration::from_millis(300), key: Some(&key) });
    let outcome = run(&options);
    answering.join().unwrap();
    let is_failure = outcome.is_failure();
    let replies = outcome.replies.unwrap();
    assert_eq!((replies.answered, replies.missing, replies.unasked), (9, 1, 1));
    assert!(is_failure);
}
