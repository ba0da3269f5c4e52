//! One decoder serves captures and live bytes: the same conversation, read from a capture and from
//! a socket in small pieces, gives the same messages.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;

use wirereel::capture::Reader;
use wirereel::decode::follow::{Content, Follow};
use wirereel::decode::live::{Connection, Live};
use wirereel::decode::stream::StreamEvent;
use wirereel::decode::{Dissector, Found};
use wirereel::flow::{Input, Side};
use wirereel::message::OwnedMessage;
use wirereel::packet::{StreamId, Transport};
use wirereel::profile::{Options, Protocols};

use crate::random::Random;

/// Captures with one TCP conversation at least, that lack nothing.
const CAPTURES: [&str; 10] = [
    "ok_stream_basic",
    "ok_stream_par",
    "ok_webdl",
    "ok_webdl_nginx",
    "ok_http_10",
    "ok_http_chromium",
    "ok_http_chunked",
    "ok_http_gzip",
    "ok_http_keepalive",
    "ok_http_pipelined",
];

/// What a conversation came to: its messages, and the bodies of each side.
#[derive(Debug, Default, PartialEq)]
struct Talk {
    messages: Vec<Told>,
    bodies: [Vec<u8>; 2],
}

#[derive(Debug, PartialEq)]
enum Told {
    Message(Side, Box<OwnedMessage>),
    Lack(String),
}

/// What one side sent before the other spoke.
struct Turn {
    side: Side,
    bytes: Vec<u8>,
}

/// The ends of a conversation, and what was said.
struct Said {
    client: SocketAddr,
    server: SocketAddr,
    turns: Vec<Turn>,
}

#[test]
fn a_socket_and_a_capture_give_the_same_messages() {
    let protocols = Protocols::load(&Options { builtin: true, ..Options::default() }).unwrap();
    let mut random = Random::new(1);
    let mut compared = 0;
    for name in CAPTURES {
        for (stream, from_capture) in read_capture(name, &protocols).into_iter().enumerate() {
            let Some(said) = follow(name, stream as u32) else { continue };
            let mut live = Live::new(&protocols, true).unwrap();
            let from_socket = converse(&said, &mut live, &mut random);
            assert_eq!(from_socket, from_capture, "{name}, stream {stream}");
            compared += from_capture.messages.len();
        }
    }
    assert!(compared > 30, "{compared}");
}

/// Each stream of a capture.
fn read_capture(name: &str, protocols: &Protocols) -> Vec<Talk> {
    let mut talks = Vec::<Talk>::new();
    let mut take = |found: Found<'_>| {
        if let Some((_, stream, event)) = found.of_stream() {
            let at = stream.0 as usize;
            talks.resize_with(talks.len().max(at + 1), Talk::default);
            talks[at].take(&event);
        }
    };
    let mut reader = Reader::open(&path(name)).unwrap();
    let mut dissector = Dissector::new(protocols, true).unwrap();
    while let Some(frame) = reader.next_frame().unwrap() {
        dissector.push(&frame, None, &mut take);
    }
    dissector.finish(&mut take);
    talks
}

/// What was said in a stream; `None` where nobody spoke.
fn follow(name: &str, stream: u32) -> Option<Said> {
    let mut said: Option<Said> = None;
    let mut reader = Reader::open(&path(name)).unwrap();
    let mut follow = Follow::new(Transport::Tcp, StreamId(stream));
    while let Some(frame) = reader.next_frame().unwrap() {
        follow.push(&frame, &mut |piece| {
            let Content::Segment(bytes) = piece.content else { panic!("{name} lacks bytes") };
            let is_client = piece.side == Side::Client;
            let (client, server) =
                if is_client { (piece.src, piece.dst) } else { (piece.dst, piece.src) };
            let (client, server) = (client.socket().unwrap(), server.socket().unwrap());
            let said = said.get_or_insert_with(|| Said { client, server, turns: Vec::new() });
            match said.turns.last_mut() {
                Some(turn) if turn.side == piece.side => turn.bytes.extend(bytes),
                _ => said.turns.push(Turn { side: piece.side, bytes: bytes.to_vec() }),
            }
        });
    }
    said
}

/// Says the same over loopback, and decodes what is read at the other end.
fn converse(said: &Said, live: &mut Live<'_>, random: &mut Random) -> Talk {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let mut connection = live.connect(said.client, said.server);
    let mut talk = Talk::default();
    for Turn { side, bytes } in &said.turns {
        let (from, to) = match side {
            Side::Client => (&mut client, &mut server),
            Side::Server => (&mut server, &mut client),
        };
        std::thread::scope(|scope| {
            scope.spawn(|| from.write_all(bytes).unwrap());
            let mut left = bytes.len();
            while left > 0 {
                let most = left.min(1 + random.below(40));
                left -= talk.read(*side, to, most, live, &mut connection);
            }
        });
    }
    for (side, from, to) in
        [(Side::Server, &server, &mut &client), (Side::Client, &client, &mut &server)]
    {
        from.shutdown(Shutdown::Write).unwrap();
        assert_eq!(talk.read(side, to, 1, live, &mut connection), 0);
    }
    talk
}

impl Talk {
    /// Reads once; the bytes that came.
    fn read(
        &mut self,
        side: Side,
        from: &mut impl Read,
        most: usize,
        live: &mut Live<'_>,
        connection: &mut Connection,
    ) -> usize {
        let mut buffer = vec![0; most];
        let len = from.read(&mut buffer).unwrap();
        let input = match len {
            0 => Input::Close { clean: true },
            len => Input::Bytes(&buffer[..len]),
        };
        live.push(connection, side, input, &mut |event| self.take(event));
        len
    }

    fn take(&mut self, event: &StreamEvent<'_>) {
        match *event {
            StreamEvent::Message { side, message } => {
                self.messages.push(Told::Message(side, Box::new((&message).into())));
            }
            StreamEvent::Body { side, bytes, .. } => {
                self.bodies[usize::from(side == Side::Server)].extend(bytes);
            }
            StreamEvent::BodyGap { .. } | StreamEvent::Skipped { .. } => {
                self.messages.push(Told::Lack(format!("{event:?}")));
            }
        }
    }
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "captures", &format!("{name}.pcap")].iter().collect()
}
