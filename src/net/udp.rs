//! UDP sockets: how they are opened, and what they are allowed to reach.
//!
//! They never block. Datagrams longer than the path's MTU are cut into fragments, as those of a
//! program that sets nothing are (`IP_PMTUDISC_WANT`, ip(7)).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::net::{RecvFlags, SocketAddrAny, recvfrom, sockopt};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::{Interface, NetError, Undelivered, report_undelivered, take_undelivered};

/// Bytes that any datagram fits in.
pub const MAX_DATAGRAM: usize = 65_535;

/// Bytes of buffer that are asked for; the kernel gives what `rmem_max` and `wmem_max` allow.
const BUFFER: usize = 4 << 20;

/// How datagrams leave the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// By which interface; the routes say, where it is not given.
    pub interface: Option<Interface>,
    /// Hops; the kernel's 1 for groups, where it is not given.
    pub ttl: Option<u32>,
    /// Whether members of a group on this host receive them too; they do, where it is not given.
    pub loopback: Option<bool>,
}

/// A UDP socket that does not block.
#[derive(Debug)]
pub struct UdpSocket {
    socket: Socket,
    peer: Option<SocketAddr>,
}

impl UdpSocket {
    /// A socket with a port of its own, which can send to `destination`: to everybody and to
    /// groups too.
    ///
    /// # Errors
    ///
    /// The process is out of file descriptors, or the interface cannot be used for it.
    pub fn to(destination: SocketAddr, leaving: &Leaving) -> Result<Self, NetError> {
        let any = match destination {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = Self::leaving(any, destination, leaving)?;
        socket.tried("cannot bind a socket", |it| it.bind(&SockAddr::from(any)))?;
        Ok(socket)
    }

    /// The same, from an address of this host.
    ///
    /// # Errors
    ///
    /// As [`to`](Self::to); the address is taken, or not of this host.
    pub fn from(
        local: SocketAddr,
        destination: SocketAddr,
        leaving: &Leaving,
    ) -> Result<Self, NetError> {
        let socket = Self::leaving(local, destination, leaving)?;
        let action = || format!("cannot send from {local}");
        socket.socket.bind(&local.into()).map_err(|it| NetError::of(action, it))?;
        Ok(socket)
    }

    fn leaving(
        family: SocketAddr,
        destination: SocketAddr,
        leaving: &Leaving,
    ) -> Result<Self, NetError> {
        let socket = Self::open(family)?;
        if destination.is_ipv4() {
            socket.tried("cannot broadcast", |it| it.set_broadcast(true))?;
        }
        socket.leave_by(destination, leaving)?;
        Ok(socket)
    }

    /// A socket that listens there.
    ///
    /// # Errors
    ///
    /// The address is taken, or not of this host; the process is out of file descriptors.
    pub fn bind(local: SocketAddr) -> Result<Self, NetError> {
        let socket = Self::open(local)?;
        let action = || format!("cannot listen at {local}");
        socket.socket.bind(&local.into()).map_err(|it| NetError::of(action, it))?;
        Ok(socket)
    }

    fn open(family: SocketAddr) -> Result<Self, NetError> {
        let domain = Domain::for_address(family);
        let socket = Socket::new(domain, Type::DGRAM.nonblocking(), Some(Protocol::UDP))
            .map_err(|it| NetError::of(|| "cannot open a socket".into(), it))?;
        // Smaller buffers are no failure: a full one is waited for.
        let _ = socket.set_send_buffer_size(BUFFER);
        let _ = socket.set_recv_buffer_size(BUFFER);
        report_undelivered(&socket, family.is_ipv6())
            .map_err(|it| NetError::of(|| "cannot ask for errors".into(), it))?;
        Ok(Self { socket, peer: None })
    }

    /// Sends to this peer only, and receives from it only.
    ///
    /// # Errors
    ///
    /// It cannot be reached.
    pub fn connect(&mut self, peer: SocketAddr) -> Result<(), NetError> {
        let action = || format!("cannot reach {peer}");
        self.socket.connect(&peer.into()).map_err(|it| NetError::of(action, it))?;
        self.peer = Some(peer);
        Ok(())
    }

    /// Whom it is connected to.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Receives what is sent to a group, by an interface or by that of the routes.
    ///
    /// # Errors
    ///
    /// The address is no group's, or the interface cannot receive it.
    pub fn join(&self, group: std::net::IpAddr, by: Option<&Interface>) -> Result<(), NetError> {
        let index = by.map_or(0, |it| it.index);
        self.tried("cannot join the group", |it| match group {
            std::net::IpAddr::V4(group) => {
                let by = socket2::InterfaceIndexOrAddress::Index(index);
                it.join_multicast_v4_n(&group, &by)
            }
            std::net::IpAddr::V6(group) => it.join_multicast_v6(&group, index),
        })
    }

    /// The address that it has.
    ///
    /// # Errors
    ///
    /// The kernel does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let local = self.socket.local_addr()?;
        local.as_socket().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }

    /// Takes the next datagram, if there is one: its length, which is more than `into` has where
    /// it was cut, and its sender.
    ///
    /// # Errors
    ///
    /// What became of a datagram that was sent before, as
    /// [`take_undelivered`](Self::take_undelivered) says.
    pub fn recv(&self, into: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        match recvfrom(&self.socket, into, RecvFlags::TRUNC) {
            Ok((_, len, from)) => Ok(from.and_then(address).map(|from| (len, from))),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Takes the next report of a datagram that left and did not arrive, if there is one.
    pub fn take_undelivered(&self) -> Option<Undelivered> {
        take_undelivered(&self.socket)
    }

    /// A socket of another kind, whose buffer a test can fill.
    #[cfg(test)]
    pub(super) fn of_descriptor(descriptor: std::os::fd::OwnedFd) -> Self {
        Self { socket: descriptor.into(), peer: None }
    }

    fn leave_by(&self, to: SocketAddr, leaving: &Leaving) -> Result<(), NetError> {
        match (to.ip().is_multicast(), to) {
            (true, SocketAddr::V4(_)) => self.leave_to_group(leaving),
            (true, SocketAddr::V6(_)) => self.leave_to_group_v6(leaving),
            (false, _) => self.leave_to_host(to, leaving),
        }
    }

    fn leave_to_group(&self, leaving: &Leaving) -> Result<(), NetError> {
        let any = Ipv4Addr::UNSPECIFIED;
        if let Some(it) = &leaving.interface {
            let set = sockopt::set_ip_multicast_if_with_ifindex(self, &any, &any, it.index);
            set.map_err(|cause| NetError::of(|| by(it), cause.into()))?;
        }
        if let Some(ttl) = leaving.ttl {
            self.tried("cannot set the TTL", |it| it.set_multicast_ttl_v4(ttl))?;
        }
        leaving.loopback.map_or(Ok(()), |is_on| {
            self.tried("cannot set loopback", |it| it.set_multicast_loop_v4(is_on))
        })
    }

    fn leave_to_group_v6(&self, leaving: &Leaving) -> Result<(), NetError> {
        if let Some(by) = &leaving.interface {
            let index = by.index;
            self.tried("cannot use the interface", |it| it.set_multicast_if_v6(index))?;
        }
        if let Some(hops) = leaving.ttl {
            self.tried("cannot set the hop limit", |it| it.set_multicast_hops_v6(hops))?;
        }
        leaving.loopback.map_or(Ok(()), |is_on| {
            self.tried("cannot set loopback", |it| it.set_multicast_loop_v6(is_on))
        })
    }

    fn leave_to_host(&self, to: SocketAddr, leaving: &Leaving) -> Result<(), NetError> {
        if let Some(it) = &leaving.interface {
            let bound = self.socket.bind_device(Some(it.name.as_bytes()));
            bound.map_err(|cause| NetError::of(|| by(it), cause))?;
        }
        let Some(ttl) = leaving.ttl else { return Ok(()) };
        self.tried("cannot set the TTL", |it| match to {
            SocketAddr::V4(_) => it.set_ttl_v4(ttl),
            SocketAddr::V6(_) => it.set_unicast_hops_v6(ttl),
        })
    }

    fn tried(
        &self,
        action: &str,
        try_it: impl FnOnce(&Socket) -> io::Result<()>,
    ) -> Result<(), NetError> {
        try_it(&self.socket).map_err(|cause| NetError::of(|| action.to_owned(), cause))
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn by(interface: &Interface) -> String {
    format!("cannot send by interface {}", interface.name)
}

fn address(any: SocketAddrAny) -> Option<SocketAddr> {
    SocketAddr::try_from(any).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Batch, Offload, Sender};

    fn send(socket: &UdpSocket, to: Option<SocketAddr>, bytes: &[u8]) -> crate::net::Sent {
        let mut batch = Batch::default();
        batch.push(to, bytes);
        let halted = || false;
        let mut sender = Sender::new(Offload::Segments, std::time::Duration::from_secs(1), &halted);
        sender.send(socket, &batch);
        sender.take_sent()
    }

    #[test]
    fn a_long_datagram_arrives_with_its_whole_length() {
        let listener = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let to = listener.local_addr().unwrap();
        let socket = UdpSocket::to(to, &Leaving::default()).unwrap();
        assert_eq!(send(&socket, Some(to), &[7; 65_507]).datagrams, 1);
        let mut short = [0; 4];
        let (len, from) = listener.recv(&mut short).unwrap().unwrap();
        assert_eq!(
            (len, short, from.port()),
            (65_507, [7; 4], socket.local_addr().unwrap().port())
        );
        assert_eq!(listener.recv(&mut short).unwrap(), None);
    }

    #[test]
    fn groups_are_left_to_and_joined_by_interface_and_loopback() {
        let by = Interface::resolve("127.0.0.1").unwrap();
        let listener = UdpSocket::bind("0.0.0.0:0".parse().unwrap()).unwrap();
        listener.join("224.2.2.2".parse().unwrap(), Some(&by)).unwrap();
        let to =
            SocketAddr::new("224.2.2.2".parse().unwrap(), listener.local_addr().unwrap().port());
        for loopback in [false, true] {
            let leaving =
                Leaving { interface: Some(by.clone()), ttl: Some(3), loopback: Some(loopback) };
            let socket = UdpSocket::to(to, &leaving).unwrap();
            assert_eq!(sockopt::ip_multicast_ttl(&socket).unwrap(), 3);
            assert_eq!(sockopt::ip_multicast_loop(&socket).unwrap(), loopback);
            if loopback {
                assert_eq!(send(&socket, Some(to), b"Alan").datagrams, 1);
                let mut bytes = [0; 9];
                let (len, from) = listener.recv(&mut bytes).unwrap().unwrap();
                assert_eq!(&bytes[..len], b"Alan");
                assert_eq!(from.port(), socket.local_addr().unwrap().port());
            }
        }
    }

    #[test]
    fn an_address_in_use_and_a_group_that_is_none_are_named() {
        let listener = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let taken = listener.local_addr().unwrap();
        let error = UdpSocket::bind(taken).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen at {taken}: ")), "{error}");
        let error = listener.join("10.0.0.1".parse().unwrap(), None).unwrap_err().to_string();
        assert!(error.starts_with("cannot join the group: "), "{error}");
    }
}
