//! A capture as the library reads it: the stream of every frame, and the bytes of every stream.

use std::collections::BTreeMap;
use std::path::Path;

use wirereel::capture::Reader;
use wirereel::flow::{Arrival, Flow, Gone};
use wirereel::flow::{Held, Reassembly};
use wirereel::flow::{Input, Side};
use wirereel::packet::Transport;

/// What a side sent, in order.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// So many bytes that the capture lacks.
    Gap(u64),
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => {
                let begin: String = bytes.iter().take(8).map(|it| format!("{it:02x}")).collect();
                write!(f, "{} bytes {begin}", bytes.len())
            }
            Self::Gap(len) => write!(f, "gap {len}"),
        }
    }
}

/// The pieces of a stream, by the port that sent them.
pub type Sides = BTreeMap<u16, Vec<Piece>>;

/// What the library makes of a capture.
#[derive(Default)]
pub struct Reassembled {
    /// For each frame, from 1: its transport and stream.
    pub frames: Vec<Option<(Transport, u32)>>,
    /// For each TCP stream.
    pub streams: BTreeMap<u32, Sides>,
}

/// One connection while it is read.
#[derive(Default)]
struct Connection {
    reassembly: Option<Reassembly>,
    /// Ports of client and server.
    ports: [u16; 2],
    sides: Sides,
}

impl Connection {
    fn take(sides: &mut Sides, ports: [u16; 2], side: Side, input: Input<'_>) {
        let port = if side == Side::Client { ports[0] } else { ports[1] };
        let piece = match input {
            Input::Bytes(bytes) => Piece::Bytes(bytes.to_vec()),
            Input::Gap(len) => Piece::Gap(len),
            Input::Close { .. } => return,
        };
        append(sides.entry(port).or_default(), piece);
    }

    fn finish(mut self, held: &mut Held) -> Sides {
        let Self { reassembly, ports, sides } = &mut self;
        if let Some(reassembly) = reassembly {
            reassembly.finish(held, &mut |side, input| Self::take(sides, *ports, side, input));
        }
        self.sides
    }
}

/// Joins bytes with bytes and gaps with gaps.
pub fn append(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Bytes(known)), Piece::Bytes(more)) => known.extend(more),
        (Some(Piece::Gap(known)), Piece::Gap(more)) => *known += more,
        (_, piece) => pieces.push(piece),
    }
}

pub fn read(path: &Path) -> Reassembled {
    let mut reader = Reader::open(path).expect("a capture");
    let mut flow = Flow::<Connection>::default();
    let (mut out, mut held) = (Reassembled::default(), Held::default());
    while let Some(frame) = reader.next_frame().expect("a whole capture") {
        let Arrival::Packet(delivery) = flow.push(&frame) else {
            out.frames.push(None);
            continue;
        };
        out.frames.push(Some((delivery.packet.transport(), delivery.stream.0)));
        out.end(delivery.gone, &mut held);
        if delivery.packet.tcp.is_none() {
            continue;
        }
        let (packet, from_low) = (delivery.packet, delivery.from_low);
        let Connection { reassembly, ports, sides } = delivery.state;
        let reassembly = reassembly.get_or_insert_with(|| {
            let new = Reassembly::new(&packet, from_low);
            let [src, dst] = [packet.src, packet.dst].map(|it| it.port().expect("a port"));
            *ports = if new.side(from_low) == Side::Client { [src, dst] } else { [dst, src] };
            new
        });
        reassembly.push(&packet, from_low, &mut held, &mut |side, input| {
            Connection::take(sides, *ports, side, input);
        });
    }
    let rest: Vec<_> = flow.finish().collect();
    rest.into_iter().for_each(|gone| out.end(Some(gone), &mut held));
    out
}

impl Reassembled {
    fn end(&mut self, gone: Option<Gone<Connection>>, held: &mut Held) {
        if let Some(gone) = gone.filter(|it| it.transport == Transport::Tcp) {
            let sides = gone.state.finish(held);
            assert_eq!(
                self.streams.insert(gone.stream.0, sides).map(drop),
                None,
                "one number twice"
            );
        }
    }
}
