//! UDP sockets that only listen: what they are bound to, which groups they are members of, and what
//! the kernel tells of each datagram.
//!
//! A socket of Linux receives what any socket of the host has joined, unless `IP_MULTICAST_ALL` is
//! off (ip(7), ipv6(7)); and what is sent to its port, unless it is bound to the group itself.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};

use super::host::bound_sockets;
use super::{Interface, NetError, group_source};

/// What a socket is to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address and port that it is bound to: one of this host's, a broadcast address, a group's,
    /// or any.
    pub at: SocketAddr,
    /// The groups that it joins.
    pub groups: Vec<IpAddr>,
    /// From whom it receives what is sent to the groups; from anybody where none is named (RFC 4607).
    pub sources: Vec<IpAddr>,
    /// By which interface; the routes say for groups, and any other datagram may come by any, where
    /// it is not given.
    pub interface: Option<Interface>,
    /// Whether other sockets may be bound to the same port (`SO_REUSEADDR`): all of them receive what
    /// is sent to a group or to everybody, and only the last one what is sent to the host.
    pub is_shared: bool,
}

/// Bytes of buffer that are asked for. A datagram of 19 bytes takes 768 of them, so that this is a
/// third of a second at 300,000 a second; without the right to more, the kernel gives what
/// `rmem_max` allows.
const BUFFER: usize = 64 << 20;

/// How often the kernel's table of sockets is read at most, to find one's own.
const READINGS: usize = 8;

/// A UDP socket that listens, and does not block.
#[derive(Debug)]
pub struct ListenSocket {
    socket: Socket,
}

impl ListenSocket {
    /// Binds a socket, and joins the groups.
    ///
    /// # Errors
    ///
    /// The address is taken or not of this host, a group cannot be joined, the interface not be used.
    pub fn open(listen: &Listen) -> Result<Self, NetError> {
        let domain = Domain::for_address(listen.at);
        let socket = Socket::new(domain, Type::DGRAM.nonblocking(), Some(Protocol::UDP))
            .map_err(|it| NetError::of(|| "cannot open a socket".into(), it))?;
        let socket = Self { socket };
        let is_ipv6 = listen.at.is_ipv6();
        socket.ask(is_ipv6).map_err(|it| NetError::of(|| "cannot set up a socket".into(), it))?;
        socket.bind(listen)?;
        socket.join(listen)?;
        Ok(socket)
    }

    /// Room, and what the kernel is to tell of each datagram.
    fn ask(&self, is_ipv6: bool) -> io::Result<()> {
        let socket = &self.socket;
        if setsockopt(socket, sockopt::RcvBufForce, &BUFFER).is_err() {
            socket.set_recv_buffer_size(BUFFER)?;
        }
        setsockopt(socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(socket, sockopt::RxqOvfl, &1)?;
        if is_ipv6 {
            socket.set_only_v6(true)?;
            setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            // Since Linux 4.20; before, what others have joined is heard too, if it is bound to it.
            let _ = socket.set_multicast_all_v6(false);
        } else {
            setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?;
            socket.set_multicast_all_v4(false)?;
        }
        Ok(())
    }

    fn bind(&self, listen: &Listen) -> Result<(), NetError> {
        let Listen { at, groups, interface, is_shared, .. } = listen;
        let action = || format!("cannot listen at {at}");
        let tried = |result: io::Result<()>| result.map_err(|it| NetError::of(action, it));
        tried(self.socket.set_reuse_address(*is_shared))?;
        if at.is_ipv4() && groups.is_empty() {
            // Answers may be for everybody.
            tried(self.socket.set_broadcast(true))?;
        }
        if let (true, Some(by)) = (groups.is_empty(), interface) {
            let bound = self.socket.bind_device(Some(by.name.as_bytes()));
            let action = || format!("cannot listen at interface {}", by.name);
            bound.map_err(|it| NetError::of(action, it))?;
        }
        tried(self.socket.bind(&scoped(*at, interface.as_ref()).into()))
    }

    fn join(&self, listen: &Listen) -> Result<(), NetError> {
        let index = listen.interface.as_ref().map_or(0, |it| it.index);
        for &group in &listen.groups {
            let joined = self.join_group(group, &listen.sources, index);
            joined.map_err(|it| refused(group, listen.interface.as_ref(), it))?;
        }
        Ok(())
    }

    fn join_group(&self, group: IpAddr, sources: &[IpAddr], index: u32) -> io::Result<()> {
        if !sources.is_empty() {
            let mut sources = sources.iter();
            return sources.try_for_each(|it| group_source::join(&self.socket, group, *it, index));
        }
        match group {
            IpAddr::V4(group) => {
                self.socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(index))
            }
            IpAddr::V6(group) => self.socket.join_multicast_v6(&group, index),
        }
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

    /// Waits until a datagram can be taken, for at most `timeout`; returns whether one can.
    ///
    /// # Errors
    ///
    /// The kernel refuses, which no use of this type brings about.
    pub fn wait(&self, timeout: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(timeout).ok();
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Sends a datagram, without waiting for room.
    ///
    /// # Errors
    ///
    /// The kernel does not take it.
    pub fn send(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        self.socket.send_to(bytes, &to.into()).map(drop)
    }

    /// How many datagrams the kernel has dropped since the socket was opened, modulo 2³²; `None`
    /// where it does not say. That is the counter that `SO_RXQ_OVFL` tells with the next datagram,
    /// which may never come: proc_net(5), the column `drops`.
    pub fn dropped(&self) -> Option<u32> {
        let link = fs::read_link(format!("/proc/self/fd/{}", self.socket.as_raw_fd())).ok()?;
        let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        let inode: u64 = inode.parse().ok()?;
        let own = || bound_sockets()?.into_iter().find(|it| it.inode == inode);
        // While others open and close theirs, a reading may miss a socket.
        (0..READINGS).find_map(|_| own()).and_then(|it| u32::try_from(it.drops).ok())
    }
}

impl AsFd for ListenSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// An address of one link needs its interface (RFC 4007 section 6).
fn scoped(at: SocketAddr, interface: Option<&Interface>) -> SocketAddr {
    match (at, interface) {
        (SocketAddr::V6(at), Some(by)) if at.scope_id() == 0 && is_of_a_link(at) => {
            SocketAddrV6::new(*at.ip(), at.port(), 0, by.index).into()
        }
        _ => at,
    }
}

/// `fe80::/10`, and groups of the scopes 1 and 2 (RFC 4291 sections 2.5.6 and 2.7).
fn is_of_a_link(at: SocketAddrV6) -> bool {
    let [first, second, ..] = at.ip().octets();
    let is_narrow_group = first == 0xff && matches!(second & 0x0f, 1 | 2);
    is_narrow_group || (first == 0xfe && second & 0xc0 == 0x80)
}

fn refused(group: IpAddr, interface: Option<&Interface>, cause: io::Error) -> NetError {
    let by = interface.map_or(String::new(), |it| format!(" on {}", it.name));
    let is = |errno: nix::errno::Errno| cause.raw_os_error() == Some(errno as i32);
    let hint = if is(nix::errno::Errno::ENODEV) && interface.is_none() {
        "; no route leads to it, so that an interface must be named: -i"
    } else if is(nix::errno::Errno::ENOBUFS) {
        "; a socket may join as many as net.ipv4.igmp_max_memberships says, with as many sources as \
         net.ipv4.igmp_max_msf"
    } else {
        ""
    };
    NetError::of(|| format!("cannot join {group}{by}{hint}"), cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Arrivals, Receiver};

    fn listen(at: &str) -> Listen {
        Listen {
            at: at.parse().unwrap(),
            groups: Vec::new(),
            sources: Vec::new(),
            interface: None,
            is_shared: false,
        }
    }

    fn received(socket: &ListenSocket, wanted: usize) -> Arrivals {
        let (mut receiver, mut arrivals) = (Receiver::default(), Arrivals::default());
        while arrivals.len() < wanted && socket.wait(Duration::from_secs(5)).unwrap() {
            receiver.receive(socket, &mut arrivals).unwrap();
        }
        arrivals
    }

    #[test]
    fn a_batch_has_each_datagram_with_its_sender_its_address_and_its_time() {
        for (at, from) in [("127.0.0.1:0", "127.0.0.2:0"), ("[::1]:0", "[::1]:0")] {
            let socket = ListenSocket::open(&listen(at)).unwrap();
            let to = socket.local_addr().unwrap();
            let sender = std::net::UdpSocket::bind(from).unwrap();
            let before = std::time::SystemTime::now();
            let lens = [0, 19, 65_000, 1];
            lens.iter().for_each(|len| _ = sender.send_to(&vec![7; *len], to).unwrap());
            let arrivals = received(&socket, lens.len());
            let found: Vec<_> = arrivals.iter().map(|it| it.payload.len()).collect();
            assert_eq!(found, lens);
            for arrival in arrivals.iter() {
                assert_eq!(arrival.src, sender.local_addr().unwrap());
                assert_eq!(arrival.to, Some(to.ip()));
                let before = before.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
                let passed = arrival.time.abs_diff(before);
                assert!(passed < Duration::from_secs(60), "{passed:?}");
            }
            assert_eq!(socket.dropped(), Some(0));
        }
    }

    #[test]
    fn what_the_kernel_drops_is_counted() {
        let socket = ListenSocket::open(&listen("127.0.0.1:0")).unwrap();
        socket.socket.set_recv_buffer_size(4096).unwrap();
        let to = socket.local_addr().unwrap();
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        (0..100).for_each(|_| _ = sender.send_to(&[7; 100], to).unwrap());
        let total = socket.dropped().unwrap();
        let (mut receiver, mut arrivals) = (Receiver::default(), Arrivals::default());
        receiver.receive(&socket, &mut arrivals).unwrap();
        assert_eq!(arrivals.dropped(), 0, "those that came had no drops before them");
        assert_eq!(arrivals.len() as u32 + total, 100);
        // The next one tells of them.
        sender.send_to(&[7; 100], to).unwrap();
        assert!(socket.wait(Duration::from_secs(5)).unwrap());
        arrivals.clear();
        receiver.receive(&socket, &mut arrivals).unwrap();
        assert_eq!((arrivals.len(), arrivals.dropped()), (1, u64::from(total)));
        receiver.count_dropped(total + 3, &mut arrivals);
        assert_eq!(arrivals.dropped(), u64::from(total) + 3);
    }

    #[test]
    fn a_group_is_heard_from_the_sources_that_are_named() {
        let by = Interface::resolve("127.0.0.1").unwrap();
        let group: IpAddr = "232.2.2.2".parse().unwrap();
        let port = ListenSocket::open(&listen("0.0.0.0:0")).unwrap().local_addr().unwrap().port();
        let wanted = Listen {
            at: (group, port).into(),
            groups: vec![group],
            sources: vec!["127.0.0.2".parse().unwrap()],
            interface: Some(by.clone()),
            is_shared: true,
        };
        let socket = ListenSocket::open(&wanted).unwrap();
        let all = ListenSocket::open(&Listen { sources: Vec::new(), ..wanted }).unwrap();
        for from in ["127.0.0.3:0", "127.0.0.2:0"] {
            let sender = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
            sender.bind(&from.parse::<SocketAddr>().unwrap().into()).unwrap();
            sender.set_multicast_if_v4(&"127.0.0.1".parse().unwrap()).unwrap();
            sender.send_to(from.as_bytes(), &SocketAddr::new(group, port).into()).unwrap();
        }
        let texts = |arrivals: Arrivals| {
            let text = |it: crate::net::Arrival<'_>| String::from_utf8(it.payload.into()).unwrap();
            arrivals.iter().map(text).collect::<Vec<_>>()
        };
        // Once the second one is there, the first would have been.
        assert_eq!(texts(received(&all, 2)), ["127.0.0.3:0", "127.0.0.2:0"]);
        assert_eq!(texts(received(&socket, 1)), ["127.0.0.2:0"]);
    }

    #[test]
    fn what_cannot_be_heard_is_named() {
        let taken = ListenSocket::open(&listen("127.0.0.1:0")).unwrap().local_addr().unwrap();
        let first = ListenSocket::open(&listen(&taken.to_string())).unwrap();
        let error = ListenSocket::open(&listen(&taken.to_string())).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen at {taken}: ")), "{error}");
        drop(first);
        let error = ListenSocket::open(&listen("192.0.2.1:0")).unwrap_err().to_string();
        assert!(error.starts_with("cannot listen at 192.0.2.1:0: "), "{error}");
        let wanted = Listen { groups: vec!["10.0.0.1".parse().unwrap()], ..listen("0.0.0.0:0") };
        let error = ListenSocket::open(&wanted).unwrap_err().to_string();
        assert!(error.starts_with("cannot join 10.0.0.1: "), "{error}");
    }
}
