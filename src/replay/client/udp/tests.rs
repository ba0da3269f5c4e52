//! Captures made here, played to sockets of this host.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use etherparse::PacketBuilder;

use super::*;
use crate::capture::{Frame, LinkType, Reader, Timestamp, WriteFormat, Writer};
use crate::net::ManualClock;
use crate::profile;
use crate::replay::{
    Destination, Destinations, Expect, Expectation, Reason, Recording, Servers, Volume,
};

const MS: Duration = Duration::from_millis(1);
const CLIENT: &str = "10.0.0.1:4000";
const OTHER: &str = "10.0.0.1:4001";
const SERVER: &str = "10.0.0.2:1989";

/// One datagram: when, in milliseconds, from and to whom, and what.
type Sent<'a> = (u64, &'a str, &'a str, &'a [u8]);

fn plan(datagrams: &[Sent<'_>]) -> Plan {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = Writer::create(file.path(), WriteFormat::Pcap).unwrap();
    for (number, (ms, from, to, payload)) in datagrams.iter().enumerate() {
        let (SocketAddr::V4(from), SocketAddr::V4(to)) = (address(from), address(to)) else {
            panic!("these captures are of IPv4");
        };
        let mut data = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4(from.ip().octets(), to.ip().octets(), 64)
            .udp(from.port(), to.port())
            .write(&mut data, payload)
            .unwrap();
        let frame = Frame {
            number: number as u64 + 1,
            time: Some(Timestamp(1_700_000_000_000_000_000 + *ms as i64 * 1_000_000)),
            interface: 0,
            link_type: LinkType::Ethernet,
            data: &data,
            orig_len: data.len() as u32,
        };
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    let reader = Reader::open(file.path()).unwrap();
    let again = file.reopen().unwrap();
    Plan::read(reader, Some(again), &mut |_| {}).unwrap()
}

fn address(it: &str) -> SocketAddr {
    it.parse().unwrap()
}

fn options(to: SocketAddr) -> Options {
    let destinations = Destinations { to: Some(to), ..Destinations::default() };
    Options { destinations, timeout: Duration::from_secs(5), ..Options::default() }
}

fn play_all(plan: &Plan, options: &Options) -> Outcome {
    let protocols = profile::Protocols::load(&profile::Options::default()).unwrap();
    play(plan, &protocols, options, &Stop::default(), &|_| {}).unwrap()
}

fn listener() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let to = socket.local_addr().unwrap();
    (socket, to)
}

/// Answers on a thread until it is told to end by an empty datagram.
fn server(answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> (SocketAddr, Ending) {
    let (socket, to) = listener();
    let thread = std::thread::spawn(move || {
        let mut bytes = [0; 2048];
        let mut heard = Vec::new();
        loop {
            let (len, from) = socket.recv_from(&mut bytes).unwrap();
            if len == 0 {
                return heard;
            }
            heard.push(bytes[..len].to_vec());
            for answer in answer(&bytes[..len]) {
                socket.send_to(&answer, from).unwrap();
            }
        }
    });
    (to, Ending(to, thread))
}

struct Ending(SocketAddr, std::thread::JoinHandle<Vec<Vec<u8>>>);

impl Ending {
    /// What the server heard.
    fn heard(self) -> Vec<Vec<u8>> {
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"", self.0).unwrap();
        self.1.join().unwrap()
    }
}

fn volume(messages: u64, bytes: u64) -> Volume {
    Volume { messages, bytes }
}

#[test]
fn every_datagram_arrives_as_recorded_and_each_client_has_a_socket() {
    let payloads: Vec<Vec<u8>> = (0..40).map(|it| vec![it; usize::from(it) * 30]).collect();
    let sent: Vec<Sent<'_>> = payloads
        .iter()
        .enumerate()
        .map(|(at, it)| (0, [CLIENT, OTHER][at % 2], SERVER, it.as_slice()))
        .collect();
    let plan = plan(&sent);
    for pace in [Pace::Top, Pace::Recorded(1.0), Pace::PacketsPerSecond(1e5), Pace::Mbps(1e3)] {
        let (socket, to) = listener();
        let outcome = play_all(&plan, &Options { pace, loops: 2, ..options(to) });
        let mut ports = [0; 2];
        let mut bytes = [0; 2048];
        for (at, expected) in payloads.iter().cycle().take(80).enumerate() {
            let (len, from) = socket.recv_from(&mut bytes).unwrap();
            assert_eq!(&bytes[..len], expected, "{pace:?}");
            ports[at % 2] = from.port();
        }
        assert_ne!(ports[0], ports[1]);
        assert_eq!((outcome.sent, outcome.conversations), (volume(80, 46_800), 4));
        assert_eq!((outcome.skipped, outcome.interrupted), (vec![], false));
    }
}

#[test]
fn datagrams_are_due_at_recorded_times_by_the_clock() {
    let plan = plan(&[(0, CLIENT, SERVER, b"a"), (700, CLIENT, SERVER, b"b")]);
    for (pace, seconds) in [
        (Pace::Recorded(1.0), 0.7),
        (Pace::Recorded(0.5), 1.4),
        (Pace::PacketsPerSecond(0.25), 4.0),
        (Pace::Top, 0.0),
    ] {
        let (_socket, to) = listener();
        let protocols = profile::Protocols::load(&profile::Options::default()).unwrap();
        let (clock, options) = (ManualClock::default(), Options { pace, ..options(to) });
        let run = Run {
            plan: &plan,
            protocols: &protocols,
            options: &options,
            clock: &clock,
            begin: Duration::ZERO,
            is_over: &|| false,
            progress: &|_| {},
        };
        let outcome = play_by(run).unwrap();
        assert_eq!(outcome.duration.as_secs_f64(), seconds, "{pace:?}");
        assert_eq!((outcome.sent.messages, outcome.lateness.max), (2, Duration::ZERO));
    }
}

#[test]
fn a_limit_and_a_duration_end_a_run_that_would_go_on_for_ever() {
    let plan = plan(&[(0, CLIENT, SERVER, b"one"), (1, CLIENT, SERVER, b"three")]);
    let (_socket, to) = listener();
    let limited = play_all(&plan, &Options { loops: 0, limit: Some(5), ..options(to) });
    assert_eq!((limited.sent, limited.interrupted), (volume(5, 19), true));
    let told = RefCell::new(0);
    let protocols = profile::Protocols::load(&profile::Options::default()).unwrap();
    let brief = Options { loops: 0, duration: Some(30 * MS), ..options(to) };
    let count = |it| *told.borrow_mut() += it;
    let outcome = play(&plan, &protocols, &brief, &Stop::default(), &count).unwrap();
    assert!(outcome.interrupted && outcome.sent.messages > 2);
    assert_eq!(*told.borrow(), outcome.sent.messages);
    assert!(outcome.duration >= 30 * MS && outcome.duration < 2000 * MS, "{outcome:?}");
    // What is wanted is all that there is: nothing was cut off.
    let exact = play_all(&plan, &Options { limit: Some(2), ..options(to) });
    assert_eq!((exact.sent.messages, exact.interrupted), (2, false));
}

#[test]
fn a_stop_is_heard_while_a_distant_deadline_is_waited_for() {
    let plan = plan(&[(0, CLIENT, SERVER, b"a"), (3_600_000, CLIENT, SERVER, b"b")]);
    let (socket, to) = listener();
    let stop = Stop::default();
    let asking = stop.clone();
    let thread = std::thread::spawn(move || {
        socket.recv(&mut [0; 9]).unwrap();
        asking.request();
        Instant::now()
    });
    let protocols = profile::Protocols::load(&profile::Options::default()).unwrap();
    let outcome = play(&plan, &protocols, &options(to), &stop, &|_| {}).unwrap();
    let asked = thread.join().unwrap();
    assert_eq!((outcome.sent.messages, outcome.interrupted), (1, true));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[test]
fn nothing_goes_to_a_server_that_the_user_did_not_map() {
    let plan = plan(&[(0, CLIENT, SERVER, b"a"), (0, CLIENT, "10.0.0.3:53", b"bc")]);
    let (socket, to) = listener();
    let map = [(Servers::One(address("10.0.0.3:53")), to.into())].into_iter().collect();
    let destinations = Destinations { to: None, map };
    let outcome = play_all(&plan, &Options { destinations, ..options(to) });
    assert_eq!((outcome.sent, outcome.conversations), (volume(1, 2), 1));
    assert_eq!(outcome.skipped.len(), 1);
    assert_eq!(
        outcome.skipped[0].reason.to_string(),
        "UDP conversation with 10.0.0.2:1989: no destination"
    );
    assert_eq!(socket.recv(&mut [0; 9]).unwrap(), 2);
}

/// An address at which no program listens.
fn closed(host: &str) -> SocketAddr {
    UdpSocket::bind((host, 0)).unwrap().local_addr().unwrap()
}

fn refusals(outcome: &Outcome, to: SocketAddr) -> u64 {
    let reason = Reason::DatagramRefused(Some(to));
    assert_eq!(reason.to_string(), format!("UDP datagram refused: no program listens at {to}"));
    outcome.skipped.iter().filter(|it| it.reason == reason).map(|it| it.count).sum()
}

#[test]
fn each_refusal_is_counted_at_the_port_that_it_is_of() {
    const THIRD: &str = "10.0.0.2:514";
    const FOURTH: &str = "10.0.0.2:162";
    let mut sent = Vec::new();
    for ms in 0..9 {
        sent.push((ms, CLIENT, SERVER, &b"first"[..]));
        sent.push((ms, CLIENT, THIRD, b"third"));
        sent.push((ms, OTHER, FOURTH, b"fourth"));
        sent.push((ms, CLIENT, FOURTH, b"last"));
    }
    let plan = plan(&sent);
    for host in ["127.0.0.1", "::1"] {
        if UdpSocket::bind((host, 0)).is_err() {
            eprintln!("skipped: no {host}");
            continue;
        }
        for pace in [Pace::Top, Pace::Recorded(1.0), Pace::PacketsPerSecond(1e4)] {
            let socket = UdpSocket::bind((host, 0)).unwrap();
            let map = [
                (address(SERVER), socket.local_addr().unwrap()),
                (address(THIRD), closed(host)),
                (address(FOURTH), closed(host)),
            ];
            let to = options(address(SERVER));
            let destinations = Destinations { to: None, map: named(&map) };
            let outcome = play_all(&plan, &Options { destinations, pace, ..to });
            assert_eq!(outcome.sent.messages, 36, "{pace:?} {outcome:?}");
            assert_eq!(refusals(&outcome, map[1].1), 9, "{pace:?} {outcome:?}");
            assert_eq!(refusals(&outcome, map[2].1), 18, "{pace:?} {outcome:?}");
            assert_eq!(outcome.skipped.len(), 2, "{pace:?} {outcome:?}");
            socket.set_nonblocking(true).unwrap();
            let arrived = std::iter::from_fn(|| socket.recv(&mut [0; 9]).ok()).count();
            assert_eq!(arrived, 9, "{pace:?}");
        }
    }
}

fn named(map: &[(SocketAddr, SocketAddr)]) -> HashMap<Servers, Destination> {
    map.iter().map(|(server, to)| (Servers::One(*server), (*to).into())).collect()
}

#[test]
fn a_refusal_ends_the_waiting_of_its_own_conversation_only() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (1, CLIENT, "10.0.0.3:53", b"refused"),
        (2, "10.0.0.3:53", CLIENT, b"answer"),
        (3, SERVER, CLIENT, b"a1"),
        (4, CLIENT, SERVER, b"q2"),
        (5, SERVER, CLIENT, b"a2"),
    ]);
    let (to, ending) = server(|it| vec![[b"a", &it[1..]].concat()]);
    let none = closed("127.0.0.1");
    let map = named(&[(address(SERVER), to), (address("10.0.0.3:53"), none)]);
    let destinations = Destinations { to: None, map };
    let patient = Options { destinations, timeout: Duration::from_secs(60), ..options(to) };
    let outcome = play_all(&plan, &patient);
    assert_eq!(ending.heard(), [b"q1", b"q2"]);
    assert_eq!((outcome.matched, outcome.missing), (2, 1), "{outcome:?}");
    assert_eq!((refusals(&outcome, none), outcome.skipped.len()), (1, 1), "{outcome:?}");
    assert!(outcome.duration < Duration::from_secs(30), "{outcome:?}");
}

#[test]
fn answers_are_matched_and_differences_named() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (1, SERVER, CLIENT, b"a1"),
        (2, CLIENT, SERVER, b"q2"),
        (3, SERVER, CLIENT, b"a2"),
        (4, SERVER, CLIENT, b"end"),
    ]);
    for timing in [Timing::Recorded, Timing::Reply] {
        let (to, ending) = server(|it| match it {
            b"q1" => vec![b"a1".to_vec()],
            _ => vec![b"other".to_vec(), b"end".to_vec()],
        });
        let outcome = play_all(&plan, &Options { timing, ..options(to) });
        assert_eq!(ending.heard(), [b"q1", b"q2"]);
        assert_eq!((outcome.matched, outcome.differed, outcome.missing), (2, 1, 0), "{outcome:?}");
        assert_eq!((outcome.sent, outcome.received), (volume(2, 4), volume(3, 10)));
        assert_eq!(outcome.differences.len(), 1);
        assert_eq!((outcome.differences[0].message, outcome.conversations), (2, 1));
    }
}

#[test]
fn with_replies_as_the_clock_a_recorded_pause_of_an_hour_is_none() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (1_800_000, SERVER, CLIENT, b"a1"),
        (3_600_000, CLIENT, SERVER, b"q2"),
    ]);
    let (to, ending) = server(|_| vec![b"a1".to_vec()]);
    let outcome = play_all(&plan, &Options { timing: Timing::Reply, ..options(to) });
    assert_eq!(ending.heard(), [b"q1", b"q2"]);
    assert_eq!((outcome.matched, outcome.sent.messages), (1, 2));
}

#[test]
fn a_silent_server_ends_within_the_timeout_and_its_answers_are_missing() {
    let steps: Vec<Sent<'_>> = [(0, CLIENT, SERVER, &b"q"[..]), (0, SERVER, CLIENT, &b"a"[..])]
        .into_iter()
        .cycle()
        .take(40)
        .collect();
    let plan = plan(&steps);
    let (_socket, to) = listener();
    let begin = Instant::now();
    let outcome = play_all(&plan, &Options { timeout: 100 * MS, ..options(to) });
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!((outcome.missing, outcome.sent.messages), (20, 20));
    assert_eq!(outcome.differences[0].expected.as_deref(), Some("1 bytes"));
    assert_eq!((outcome.differences.len(), &outcome.differences[19].actual), (20, &None));
}

#[test]
fn a_late_answer_holds_up_its_own_conversation_only() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"slow"),
        (1, SERVER, CLIENT, b"done"),
        (2, CLIENT, SERVER, b"last"),
        (3, OTHER, SERVER, b"quick"),
        (4, SERVER, OTHER, b"here"),
        (5, OTHER, SERVER, b"more"),
    ]);
    // The slow one is answered when the quick one has sent all that it has.
    let (socket, to) = listener();
    let thread = std::thread::spawn(move || {
        let (mut bytes, mut slow, mut heard) = ([0; 64], None, Vec::new());
        while heard.len() < 4 {
            let (len, from) = socket.recv_from(&mut bytes).unwrap();
            let said = String::from_utf8(bytes[..len].to_vec()).unwrap();
            match said.as_str() {
                "slow" => slow = Some(from),
                "quick" => assert_eq!(socket.send_to(b"here", from).unwrap(), 4),
                "more" => assert_eq!(socket.send_to(b"done", slow.unwrap()).unwrap(), 4),
                _ => {}
            }
            heard.push(said);
        }
        heard
    });
    let outcome = play_all(&plan, &options(to));
    assert_eq!(thread.join().unwrap(), ["slow", "quick", "more", "last"]);
    assert_eq!((outcome.matched, outcome.missing, outcome.conversations), (2, 0, 2));
}

#[test]
fn an_answer_that_comes_too_late_does_not_shift_the_others() {
    let mut sent: Vec<Sent<'_>> = Vec::new();
    for (question, answer) in [(b"q1", b"a1"), (b"q2", b"a2"), (b"q3", b"a3")] {
        sent.push((0, CLIENT, SERVER, question));
        sent.push((0, SERVER, CLIENT, answer));
    }
    let plan = plan(&sent);
    let (to, ending) = server(|it| match it {
        b"q1" => vec![],
        b"q2" => vec![b"a2".to_vec()],
        _ => vec![b"a1".to_vec(), b"a3".to_vec()],
    });
    let outcome = play_all(&plan, &Options { timeout: 200 * MS, ..options(to) });
    assert_eq!(ending.heard().len(), 3);
    assert_eq!((outcome.matched, outcome.differed, outcome.missing), (2, 0, 1), "{outcome:?}");
    assert_eq!(outcome.received, volume(3, 6));
}

#[test]
fn each_pass_of_a_dialogue_is_compared_and_a_limit_waits_for_the_last_answer() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (0, SERVER, CLIENT, b"a1"),
        (0, CLIENT, SERVER, b"q2"),
        (0, SERVER, CLIENT, b"a2"),
    ]);
    let answer = |it: &[u8]| vec![[b"a", &it[1..]].concat()];
    let (to, ending) = server(answer);
    let outcome = play_all(&plan, &Options { loops: 3, pace: Pace::Top, ..options(to) });
    assert_eq!((outcome.matched, outcome.conversations, ending.heard().len()), (6, 3, 6));
    for limit in [1, 3] {
        let (to, ending) = server(answer);
        let limited = Options { loops: 0, limit: Some(limit), ..options(to) };
        let outcome = play_all(&plan, &limited);
        assert_eq!((outcome.sent.messages, outcome.matched), (limit, limit));
        assert!(outcome.interrupted && outcome.missing == 0);
        assert_eq!(ending.heard().len() as u64, outcome.sent.messages);
    }
}

#[test]
fn answers_that_are_not_expected_are_not_waited_for() {
    let plan = plan(&[(0, CLIENT, SERVER, b"q"), (0, SERVER, CLIENT, b"a")]);
    let (_socket, to) = listener();
    let expectation = Expectation { expect: Expect::None, ..Expectation::default() };
    let outcome = play_all(&plan, &Options { expectation, ..options(to) });
    assert_eq!((outcome.sent.messages, outcome.missing), (1, 0));
    assert!(outcome.duration < Duration::from_secs(4));
}

#[test]
fn a_server_that_never_stops_sending_does_not_keep_a_run_from_ending() {
    let plan = plan(&[(0, CLIENT, SERVER, b"q"), (0, SERVER, CLIENT, b"a")]);
    let (to, ending) = server(|_| vec![vec![7; 100]; 400]);
    let outcome = play_all(&plan, &options(to));
    assert_eq!(ending.heard(), [b"q"]);
    assert_eq!((outcome.differed, outcome.matched), (1, 0));
    assert!(outcome.received.messages >= 1);
}

#[test]
fn an_unknown_interface_ends_the_run_before_anything_is_sent() {
    let plan = plan(&[(0, CLIENT, SERVER, b"q")]);
    let mut options = options(address("127.0.0.1:9"));
    options.group.interface = Some("no-such-if".into());
    let protocols = profile::Protocols::load(&profile::Options::default()).unwrap();
    let error = play(&plan, &protocols, &options, &Stop::default(), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("no-such-if"), "{error}");
}

#[test]
fn a_limit_waits_for_an_answer_that_was_recorded_much_later() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (100, SERVER, CLIENT, b"a1"),
        (200, CLIENT, SERVER, b"q2"),
        (200, SERVER, CLIENT, b"a2"),
    ]);
    let (to, ending) = server(|it| vec![[b"a", &it[1..]].concat()]);
    let outcome = play_all(&plan, &Options { limit: Some(1), ..options(to) });
    assert_eq!((outcome.sent.messages, outcome.matched, outcome.missing), (1, 1, 0));
    assert!(outcome.interrupted);
    assert_eq!(ending.heard(), [b"q1"]);
}

/// The frames of a recording: between which ports, and what.
fn frames(path: &std::path::Path) -> Vec<(u16, u16, Vec<u8>)> {
    let mut reader = Reader::open(path).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        let sliced = etherparse::SlicedPacket::from_ethernet(frame.data).unwrap();
        let Some(etherparse::TransportSlice::Udp(udp)) = sliced.transport else { panic!() };
        frames.push((udp.source_port(), udp.destination_port(), udp.payload().to_vec()));
    }
    frames
}

#[test]
fn what_left_and_what_arrived_is_recorded() {
    let plan = plan(&[
        (0, CLIENT, SERVER, b"q1"),
        (0, SERVER, CLIENT, b"a1"),
        (0, CLIENT, SERVER, b"q2"),
        (0, SERVER, CLIENT, b"a2"),
    ]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let recording = Recording::create(file.path()).unwrap();
    let (to, ending) = server(|it| vec![[b"a", &it[1..]].concat()]);
    let outcome = play_all(&plan, &Options { recording: Some(recording.clone()), ..options(to) });
    recording.finish().unwrap();
    assert_eq!((outcome.matched, ending.heard().len()), (2, 2));
    let frames = frames(file.path());
    let (client, server) = (frames[0].0, to.port());
    let expected = [
        (client, server, b"q1".to_vec()),
        (server, client, b"a1".to_vec()),
        (client, server, b"q2".to_vec()),
        (server, client, b"a2".to_vec()),
    ];
    assert_eq!(frames, expected);
}

#[test]
fn datagrams_that_nothing_answers_are_recorded_too() {
    let sent: Vec<Sent<'_>> = (0..9).map(|_| (0, CLIENT, SERVER, &b"x"[..])).collect();
    let plan = plan(&sent);
    for pace in [Pace::Top, Pace::Recorded(1.0)] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let recording = Recording::create(file.path()).unwrap();
        let (_socket, to) = listener();
        let recorded = Options { pace, recording: Some(recording.clone()), ..options(to) };
        let outcome = play_all(&plan, &recorded);
        recording.finish().unwrap();
        assert_eq!(outcome.sent, volume(9, 9));
        let frames = frames(file.path());
        assert_eq!(frames.len(), 9);
        assert!(frames.iter().all(|it| it.1 == to.port() && it.2 == b"x"), "{frames:?}");
    }
}
