//! Which datagrams are a server's: a rule names the port that they come from, and not the one that they
//! go to, which is new for each client.

use crate::message::Captured;
use crate::profile::Protocols;

/// Whether a datagram comes from the port that a rule names. In a stream the sides tell.
pub(super) fn is_answer(protocols: &Protocols, captured: &Captured<'_>) -> bool {
    let ports = captured.src.port().zip(captured.dst.port());
    let comes_from_it =
        |(src, dst)| protocols.declared_port(captured.transport, src, dst) == Some(src);
    !captured.transport.is_stream() && ports.is_some_and(comes_from_it)
}
