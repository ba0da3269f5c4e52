//! A sink that stops is lent nothing more, not even of the same frame, whoever lends to it.

use std::io;
use std::ops::ControlFlow;

use wirereel::capture::{Frame, LinkType};
use wirereel::decode::follow::Follow;
use wirereel::decode::http::{Http, Scratch};
use wirereel::decode::live::Live;
use wirereel::decode::stream::StreamEvent;
use wirereel::decode::{Conversations, Dissector, Found};
use wirereel::flow::{Input, Side};
use wirereel::packet::{StreamId, Transport};
use wirereel::profile::{Options, Protocols};

use crate::frame::{Endpoints, Flags, Segment, tcp};

/// Two messages in one segment.
const REQUESTS: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n";

fn protocols() -> Protocols {
    Protocols::load(&Options::default()).unwrap()
}

fn segment(seq: u32, flags: Flags, payload: &[u8]) -> Vec<u8> {
    let payload = payload.to_vec();
    let segment = Segment { from_client: true, seq, ack: None, flags, payload };
    tcp(Endpoints::numbered(0, 80), &segment)
}

/// A SYN, and then all requests at once, the second one first.
fn frames() -> Vec<Vec<u8>> {
    let [first, second] = [&REQUESTS[..28], &REQUESTS[28..]];
    vec![
        segment(99, Flags { syn: true, ..Flags::default() }, b""),
        segment(128, Flags::default(), second),
        segment(100, Flags::default(), first),
    ]
}

fn lent(data: &[u8]) -> Frame<'_> {
    let orig_len = data.len() as u32;
    Frame { number: 1, time: None, interface: 0, link_type: LinkType::Ethernet, data, orig_len }
}

#[test]
fn a_dissector_stops_within_a_frame() {
    let protocols = protocols();
    // How many messages the sink takes before it stops.
    for (most, expected) in [(1, 1), (2, 2), (3, 2)] {
        let mut dissector = Dissector::new(&protocols, false).unwrap();
        let mut seen = 0;
        let mut take = |found: Found<'_>| {
            seen += usize::from(matches!(found, Found::Message { .. }));
            if seen == most { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
        };
        let frames = frames();
        let went = frames.iter().try_for_each(|it| dissector.push(&lent(it), None, &mut take));
        assert_eq!(went.break_value(), (most <= 2).then_some("enough"));
        assert_eq!(seen, expected);
    }
}

#[test]
fn an_error_goes_up_as_the_sink_gave_it() {
    let protocols = protocols();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut left = 1;
    let mut take = |_: Found<'_>| match left {
        0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
        _ => {
            left -= 1;
            Ok(())
        }
    };
    let frames = frames();
    let mut frames = frames.iter();
    let went = frames.try_for_each(|it| dissector.push(&lent(it), None, &mut take));
    assert_eq!(went.unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(frames.len(), 1, "the second frame's packet was one too many");
}

#[test]
fn finish_stops_between_conversations() {
    let protocols = protocols();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut cut = 0;
    for number in 0..3 {
        let ends = Endpoints::numbered(number, 80);
        let payload = b"GET / HTTP/1.1\r\nHost".to_vec();
        let flags = Flags::default();
        let data = tcp(ends, &Segment { from_client: true, seq: 1, ack: None, flags, payload });
        dissector.push(&lent(&data), None, &mut |_| ());
    }
    let summary = dissector.finish(&mut |found: Found<'_>| {
        cut += usize::from(matches!(found, Found::Message { .. }));
        if cut == 2 { Err("enough") } else { Ok(()) }
    });
    assert_eq!((summary.err(), cut), (Some("enough"), 2), "messages that the end cut short");
}

#[test]
fn follow_stops_within_a_frame() {
    for (most, expected) in [(1, 1), (2, 2), (3, 2)] {
        let mut follow = Follow::new(Transport::Tcp, StreamId(0));
        let mut pieces = 0;
        let mut take = |_: wirereel::decode::follow::Piece<'_>| {
            pieces += 1;
            if pieces == most { Err("enough") } else { Ok(()) }
        };
        let went = frames().iter().try_for_each(|it| follow.push(&lent(it), &mut take));
        assert_eq!(went.err(), (most <= 2).then_some("enough"));
        assert_eq!(pieces, expected, "both come to light with the last frame");
    }
}

#[test]
fn decoders_of_bytes_stop_within_an_input() {
    let (mut http, mut scratch) = (Http::new(false), Scratch::default());
    let mut targets = 0;
    let mut take = |event: StreamEvent<'_>| {
        targets += usize::from(matches!(event, StreamEvent::Message { .. }));
        Err::<(), _>("enough")
    };
    let went = http.push(Side::Client, Input::Bytes(REQUESTS), &mut scratch, &mut take);
    assert_eq!((went, targets), (Err("enough"), 1));

    let protocols = protocols();
    let mut live = Live::new(&protocols, false).unwrap();
    let ends = Endpoints::numbered(0, 80);
    for (side, bytes) in [
        (Side::Client, REQUESTS),
        (Side::Client, b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
        (Side::Server, b"220 ready\r\n221 bye\r\n"),
    ] {
        let mut connection = live.connect(ends.client, ends.server);
        let mut events = 0;
        let went = live.push(&mut connection, side, Input::Bytes(bytes), &mut |_| {
            events += 1;
            ControlFlow::Break(())
        });
        assert_eq!((went, events), (ControlFlow::Break(()), 1), "{}", bytes.escape_ascii());
    }
}

#[test]
fn conversations_that_gave_way_stop_too() {
    let protocols = protocols();
    let mut conversations = Conversations::new(&protocols).unwrap();
    let syn = |seq| segment(seq, Flags { syn: true, ..Flags::default() }, b"");
    let mut take = |_: wirereel::decode::Conversation| Err("enough");
    let first = conversations.push(&lent(&syn(1)), &mut take);
    let again = conversations.push(&lent(&syn(900)), &mut take);
    assert_eq!((first, again), (Ok(()), Err("enough")), "the port pair is used again");
}
