//! Connections of TCP, begun without waiting for them.

use std::io;
use std::net::{SocketAddr, TcpStream};

use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

/// Begins a connection, which does not block, and tells whether it is there already: a server of
/// this host has accepted it when it is asked a second time, without an event to wait for.
///
/// # Errors
///
/// The kernel refuses the socket, or the server the connection.
pub fn begin_connect(to: SocketAddr) -> io::Result<(TcpStream, bool)> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM.nonblocking(), None)?;
    let to = SockAddr::from(to);
    let is_connected = match socket.connect(&to) {
        Err(error) if is_under_way(&error) => match socket.connect(&to) {
            Err(error) if is_under_way(&error) => Ok(false),
            again => again.map(|()| true),
        },
        first => first.map(|()| true),
    };
    Ok((socket.into(), is_connected?))
}

fn is_under_way(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::INPROGRESS | Errno::ALREADY))
}
