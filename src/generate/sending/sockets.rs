//! A socket for each sender.
//!
//! Where messages go to one host, the socket is connected to it: only that one is heard then. Members
//! of a group, and everybody on a network, answer from addresses of their own.

use std::net::SocketAddr;

use super::options::{SendOptions, SenderOptions};
use crate::generate::{Destination, DestinationError, GenerateError};
use crate::net::UdpSocket;

/// Opens the socket of each sender.
///
/// # Errors
///
/// An address that is taken, not of this host, or of the other version of IP; an interface that
/// cannot be used.
pub(super) fn open(options: &SendOptions<'_>) -> Result<Vec<UdpSocket>, GenerateError> {
    let addresses = options.destination.addresses();
    let first = addresses.first().copied();
    let first = first.unwrap_or(SocketAddr::from(([0; 4], 0)));
    options.senders.iter().map(|sender| open_one(*sender, first, &addresses, options)).collect()
}

fn open_one(
    sender: SenderOptions,
    to: SocketAddr,
    all: &[SocketAddr],
    options: &SendOptions<'_>,
) -> Result<UdpSocket, GenerateError> {
    let mut socket = match sender.from {
        None => UdpSocket::to(to, &options.leaving)?,
        Some(from) if from.is_ipv4() != to.is_ipv4() => {
            return Err(DestinationError::Families { from, to }.into());
        }
        Some(from) => UdpSocket::from(from, to, &options.leaving)?,
    };
    match options.destination {
        Destination::Host(to) => socket.connect(to)?,
        Destination::Groups(_) if sender.joins => {
            let by = options.leaving.interface.as_ref();
            all.iter().try_for_each(|group| socket.join(group.ip(), by))?;
        }
        Destination::Broadcast(_) | Destination::Groups(_) => {}
    }
    Ok(socket)
}
