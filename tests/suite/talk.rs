//! A conversation of TCP as frames, the numbers of one side running over.

use std::net::SocketAddr;

use wirereel::packet::TcpFlags;
use wirereel::packet::build::{self, Segment};

/// Gives the frames of both SYNs, of what is said in turn, by the client where that is so, and of both
/// FINs.
pub fn conversation<'s>(
    [client, server]: [SocketAddr; 2],
    says: impl IntoIterator<Item = (bool, &'s [u8])>,
    mut take: impl FnMut(Vec<u8>),
) {
    let mut next = [1_000_u32, 4_294_967_290];
    let mut segment = |from_client: bool, flags: TcpFlags, payload: &[u8]| {
        let own = usize::from(!from_client);
        let (seq, ack) = (next[own], next[1 - own]);
        let flags = TcpFlags { ack: !(flags.syn && from_client), ..flags };
        let (src, dst) = if from_client { (client, server) } else { (server, client) };
        let mut frame = Vec::new();
        build::segment(src, dst, &Segment { seq, ack, flags, payload }, &mut frame).unwrap();
        let len = payload.len() as u32 + u32::from(flags.syn || flags.fin);
        next[own] = seq.wrapping_add(len);
        take(frame);
    };
    let syn = TcpFlags { syn: true, ..TcpFlags::default() };
    let fin = TcpFlags { fin: true, ..TcpFlags::default() };
    segment(true, syn, b"");
    segment(false, syn, b"");
    says.into_iter().for_each(|(from_client, it)| segment(from_client, TcpFlags::default(), it));
    segment(true, fin, b"");
    segment(false, fin, b"");
}
