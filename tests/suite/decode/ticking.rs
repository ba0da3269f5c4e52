//! Time that passes without a frame: what has waited for too long waits no more.

use std::time::Duration;

use etherparse::{IpFragOffset, IpNumber, Ipv4Header};
use wirereel::capture::{Frame, LinkType, Timestamp};
use wirereel::decode::follow::{Content, Follow};
use wirereel::decode::live::Live;
use wirereel::decode::stream::StreamEvent;
use wirereel::decode::{Conversations, Dissector, Found, NoMessage, Unread};
use wirereel::flow::{Input, PATIENCE, Side, TIMEOUT};
use wirereel::packet::{StreamId, Transport, Undecoded};
use wirereel::profile::{Options, Protocols};

use crate::frame::{Endpoints, Flags, Segment, tcp};

fn protocols(rule: &str) -> Protocols {
    let rules = vec![rule.parse().unwrap()];
    Protocols::load(&Options { rules, ..Options::default() }).unwrap()
}

fn at(time: Duration) -> Timestamp {
    Timestamp(time.as_nanos() as i64)
}

fn frame(link_type: LinkType, data: &[u8], time: Option<Timestamp>) -> Frame<'_> {
    Frame { number: 1, time, interface: 0, link_type, data, orig_len: data.len() as u32 }
}

/// One half of a datagram.
fn fragment(is_last: bool) -> Vec<u8> {
    let datagram = [&[0x9c, 0x40, 7, 0xc5, 0, 32, 0, 0][..], &[b'a'; 24]].concat();
    let half = &datagram[if is_last { 16..32 } else { 0..16 }];
    let mut header = Ipv4Header::new(16, 64, IpNumber::UDP, [10, 0, 0, 1], [10, 0, 0, 2]).unwrap();
    header.identification = 7;
    header.dont_fragment = false;
    header.more_fragments = !is_last;
    header.fragment_offset = IpFragOffset::try_new(if is_last { 2 } else { 0 }).unwrap();
    header.header_checksum = header.calc_header_checksum();
    let mut out = Vec::new();
    header.write(&mut out).unwrap();
    out.extend(half);
    out
}

#[test]
fn a_datagram_that_stays_incomplete_is_dropped() {
    let protocols = Protocols::load(&Options::default()).unwrap();
    let dropped = |waited: Duration| {
        let mut dissector = Dissector::new(&protocols, false).unwrap();
        let [first, last] = [false, true].map(fragment);
        let count = |it: &Dissector<'_>| {
            let reason = NoMessage::Frame(Undecoded::FragmentDropped);
            it.summary().undecoded.get(&reason).copied().unwrap_or_default()
        };
        dissector.push(&frame(LinkType::Raw, &first, Some(at(Duration::ZERO))), None, &mut |_| ());
        dissector.tick(at(waited), &mut |_| ());
        let by_tick = count(&dissector);
        // Without a time of its own, the other half tells nothing of how late it is.
        dissector.push(&frame(LinkType::Raw, &last, None), None, &mut |_| ());
        let summary = dissector.finish(&mut |_| ());
        (by_tick, summary.streams.of(Transport::Udp))
    };
    assert_eq!(dropped(TIMEOUT), (0, 1), "it is whole");
    assert_eq!(dropped(TIMEOUT + Duration::from_nanos(1)), (1, 0));
}

/// A handshake, and a request whose first bytes the capture lacks behind `GET`.
fn gap() -> Vec<Vec<u8>> {
    let ends = Endpoints::numbered(0, 80);
    let data = |from_client, seq, ack, syn, payload: &[u8]| {
        let (flags, payload) = (Flags { syn, ..Flags::default() }, payload.to_vec());
        tcp(ends, &Segment { from_client, seq, ack, flags, payload })
    };
    vec![
        data(true, 99, None, true, b""),
        data(false, 199, Some(100), true, b""),
        data(true, 110, Some(200), false, b"behind the gap"),
    ]
}

#[test]
fn what_lies_behind_a_gap_is_given_out() {
    let frames = gap();
    let over = PATIENCE + Duration::from_nanos(1);
    for (waited, expected) in [
        (PATIENCE, vec![]),
        (over, vec![Content::Missing(10), Content::Segment(b"behind the gap")]),
    ] {
        let mut follow = Follow::new(Transport::Tcp, StreamId(0));
        let mut early = 0;
        for data in &frames {
            let frame = frame(LinkType::Ethernet, data, Some(at(Duration::ZERO)));
            follow.push(&frame, &mut |_| early += 1);
        }
        assert_eq!(early, 0);
        let mut contents = Vec::new();
        follow.tick(at(waited), &mut |piece| {
            contents.push(match piece.content {
                Content::Segment(b"behind the gap") => Content::Segment(b"behind the gap"),
                Content::Missing(len) => Content::Missing(len),
                other => panic!("{other:?}"),
            });
        });
        assert_eq!(contents, expected);
        // It is given out once.
        let mut left = 0;
        follow.finish(&mut |_| left += 1);
        assert_eq!(left, 2 - expected.len());
    }
}

#[test]
fn messages_behind_a_gap_are_lent_and_counted() {
    let protocols = protocols("tcp.port==80,http");
    let ends = Endpoints::numbered(0, 80);
    let mut frames = gap();
    let request = b"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n".to_vec();
    let flags = Flags::default();
    let last = Segment { from_client: true, seq: 124, ack: Some(200), flags, payload: request };
    frames.push(tcp(ends, &last));
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut conversations = Conversations::new(&protocols).unwrap();
    let mut names = Vec::new();
    let mut take = |found: Found<'_>| {
        if let Found::Message { captured, packet, .. } = found {
            assert!(packet.is_none(), "no packet completed it");
            names.push((captured.message.name.to_owned(), captured.frame));
        }
    };
    for data in &frames {
        let frame = frame(LinkType::Ethernet, data, Some(at(Duration::ZERO)));
        dissector.push(&frame, None, &mut take);
        conversations.push(&frame, &mut |_| ());
    }
    let over = at(PATIENCE + Duration::from_nanos(1));
    dissector.tick(over, &mut take);
    conversations.tick(over);
    assert_eq!(names, [("request".to_owned(), 1)]);
    let (all, _) = conversations.finish();
    assert_eq!(all[0].protocol.as_deref(), Some("http"));
}

/// A greeting may be the answer to what the capture shows later; alone it is lines of text.
#[test]
fn a_greeting_that_nobody_answers_is_lent() {
    let protocols = Protocols::load(&Options::default()).unwrap();
    let ends = Endpoints::numbered(0, 2121);
    let greeting = |from_client, seq, ack, syn, payload: &[u8]| {
        let (flags, payload) = (Flags { syn, ..Flags::default() }, payload.to_vec());
        tcp(ends, &Segment { from_client, seq, ack, flags, payload })
    };
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut replies = 0;
    let mut take = |found: Found<'_>| {
        replies += usize::from(matches!(found, Found::Message { .. }));
    };
    for data in [
        greeting(true, 99, None, true, b""),
        greeting(false, 199, Some(100), true, b""),
        greeting(false, 200, Some(100), false, b"220 ready\r\n"),
    ] {
        let frame = frame(LinkType::Ethernet, &data, Some(at(Duration::ZERO)));
        dissector.push(&frame, None, &mut take);
    }
    dissector.tick(at(PATIENCE), &mut take);
    dissector.tick(at(PATIENCE + Duration::from_nanos(1)), &mut take);
    dissector.finish(&mut |found| assert!(!matches!(found, Found::Message { .. })));
    assert_eq!(replies, 1);
}

#[test]
fn a_live_answer_before_its_request_is_given_up() {
    let protocols = protocols("tcp.port==80,http");
    let mut live = Live::new(&protocols, false).unwrap();
    let ends = Endpoints::numbered(0, 80);
    let mut connection = live.connect(ends.client, ends.server);
    let bytes = Input::Bytes(b"no HTTP at all\r\n");
    let (mut early, mut skipped) = (0, Vec::new());
    live.push(&mut connection, Side::Server, bytes, &mut |_| early += 1);
    live.tick(&mut connection, &mut |event| {
        if let StreamEvent::Skipped { len, reason, .. } = *event {
            skipped.push((len, reason));
        }
    });
    assert_eq!((early, skipped), (0, vec![(16, Unread::HttpResync)]));
}
