//! One TCP connection of two honest hosts, a frame for each thing that is said.

use etherparse::PacketBuilder;

/// What happens, in order.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// The client sends.
    C(&'a [u8]),
    /// The server sends.
    S(&'a [u8]),
    /// The client closes.
    CloseClient,
    /// The server closes.
    CloseServer,
}

const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 40700);
const SERVER: [u8; 4] = [10, 0, 0, 2];

/// The frames of a connection to `port`, from its handshake on: raw IPv4.
pub fn frames(port: u16, acts: &[Act<'_>]) -> Vec<Vec<u8>> {
    let mut next = [1000u32, 5000];
    let mut frames = vec![
        segment(port, 0, next, Flag::Syn, &[]),
        segment(port, 1, [next[0] + 1, next[1]], Flag::SynAck, &[]),
    ];
    next = next.map(|it| it + 1);
    frames.push(segment(port, 0, next, Flag::None, &[]));
    for act in acts {
        let (from, bytes, flag) = match act {
            Act::C(bytes) => (0, *bytes, Flag::None),
            Act::S(bytes) => (1, *bytes, Flag::None),
            Act::CloseClient => (0, &[][..], Flag::Fin),
            Act::CloseServer => (1, &[][..], Flag::Fin),
        };
        frames.push(segment(port, from, next, flag, bytes));
        next[from] += bytes.len() as u32 + u32::from(matches!(flag, Flag::Fin));
    }
    frames
}

#[derive(Clone, Copy)]
enum Flag {
    None,
    Syn,
    SynAck,
    Fin,
}

fn segment(port: u16, from: usize, next: [u32; 2], flag: Flag, bytes: &[u8]) -> Vec<u8> {
    let ends = [CLIENT, (SERVER, port)];
    let ((src, src_port), (dst, dst_port)) = (ends[from], ends[1 - from]);
    let (seq, ack) = (next[from], next[1 - from]);
    let tcp = PacketBuilder::ipv4(src, dst, 64).tcp(src_port, dst_port, seq, 64000);
    let tcp = match flag {
        Flag::None => tcp.ack(ack),
        Flag::Syn => tcp.syn(),
        Flag::SynAck => tcp.syn().ack(ack),
        Flag::Fin => tcp.fin().ack(ack),
    };
    let mut out = Vec::new();
    tcp.write(&mut out, bytes).unwrap();
    out
}
