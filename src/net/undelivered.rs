//! What became of datagrams that had left: the errors that hosts report of them (ICMP), each with
//! the address that the datagram was for.
//!
//! A socket that is sent to several hosts from does not tell otherwise whose error it is, and one
//! error that waits hides those behind it. Linux keeps them in a queue of the socket: ip(7)
//! `IP_RECVERR`, ipv6(7) `IPV6_RECVERR`, recvmsg(2) `MSG_ERRQUEUE`. The queue shares the room of
//! the receive buffer; what finds none is told as an error of the next call alone, without its
//! address.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, sock_extended_err};
use nix::sys::socket::sockopt::{Ipv4RecvErr, Ipv6RecvErr};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, RecvMsg, SockaddrStorage, recvmsg, setsockopt,
};

/// A datagram that left, and that a host on the way did not pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Whom it was for; `None` where the kernel had no room to note it.
    pub to: Option<SocketAddr>,
    /// What the kernel calls the report: its error number.
    pub errno: i32,
}

impl Undelivered {
    /// A refusal that says no more.
    pub fn refused(to: Option<SocketAddr>) -> Self {
        Self { to, errno: Errno::ECONNREFUSED as i32 }
    }

    /// Whether no program listens there: port unreachable (RFC 1122 section 4.1.3.1).
    pub fn is_refusal(&self) -> bool {
        self.errno == Errno::ECONNREFUSED as i32
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_refusal() {
            f.write_str("UDP datagram refused: no program listens")?;
            return self.to.map_or(Ok(()), |to| write!(f, " at {to}"));
        }
        f.write_str("UDP datagram not delivered")?;
        self.to.map_or(Ok(()), |to| write!(f, " to {to}"))?;
        write!(f, ": {}", io::Error::from_raw_os_error(self.errno))
    }
}

/// Asks for reports of what a UDP socket sends. Errors of its calls may then be those of earlier
/// datagrams: whoever gets one takes what there is by [`take_undelivered`].
///
/// # Errors
///
/// The kernel refuses.
pub fn report_undelivered(socket: &impl AsFd, is_ipv6: bool) -> io::Result<()> {
    // A socket of IPv6 may send over IPv4 too.
    setsockopt(socket, Ipv4RecvErr, &true)?;
    if is_ipv6 {
        setsockopt(socket, Ipv6RecvErr, &true)?;
    }
    Ok(())
}

/// Room for one report with the address of the host that it comes from.
const CONTROL_LEN: usize = 256;

/// Takes the next report, if there is one.
pub fn take_undelivered(socket: &impl AsFd) -> Option<Undelivered> {
    let mut control = vec![0; CONTROL_LEN];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    loop {
        // What the datagram held is of no interest.
        let mut slices = [IoSliceMut::new(&mut [])];
        let descriptor = socket.as_fd().as_raw_fd();
        match recvmsg::<SockaddrStorage>(descriptor, &mut slices, Some(&mut control), flags) {
            // What does not come from the network was told by the call that it is of.
            Ok(message) => match undelivered(&message) {
                Some(it) => return Some(it),
                None => continue,
            },
            Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

fn undelivered(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Undelivered> {
    let report = message.cmsgs().ok()?.find_map(|it| match it {
        ControlMessageOwned::Ipv4RecvErr(report, _) => Some(report),
        ControlMessageOwned::Ipv6RecvErr(report, _) => Some(report),
        _ => None,
    })?;
    let sock_extended_err { ee_errno, ee_origin, .. } = report;
    let is_of_network = [SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6].contains(&ee_origin);
    let errno = i32::try_from(ee_errno).ok().filter(|_| is_of_network)?;
    Some(Undelivered { to: message.address.as_ref().and_then(address), errno })
}

fn address(any: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || any.as_sockaddr_in().map(|it| SocketAddr::V4(SocketAddrV4::from(*it)));
    let v6 = || any.as_sockaddr_in6().map(|it| unmapped(SocketAddrV6::from(*it)));
    v4().or_else(v6)
}

/// An address of IPv4 is told as one even of a socket that has both.
fn unmapped(it: SocketAddrV6) -> SocketAddr {
    let mapped = Ipv6Addr::to_ipv4_mapped(it.ip());
    mapped.map_or(SocketAddr::V6(it), |ip| (ip, it.port()).into())
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    fn closed(host: &str) -> SocketAddr {
        UdpSocket::bind((host, 0)).unwrap().local_addr().unwrap()
    }

    #[test]
    fn each_refusal_has_its_destination() {
        for host in ["127.0.0.1", "::1"] {
            let Ok(socket) = UdpSocket::bind((host, 0)) else {
                eprintln!("skipped: no {host}");
                continue;
            };
            report_undelivered(&socket, host == "::1").unwrap();
            let closed = [closed(host), closed(host)];
            let mut refused = Vec::new();
            for to in [closed[0], closed[1], closed[1]] {
                // The error of the datagram before keeps this one back once.
                if socket.send_to(b"x", to).is_err() {
                    refused.extend(std::iter::from_fn(|| take_undelivered(&socket)));
                    socket.send_to(b"x", to).unwrap();
                }
            }
            refused.extend(std::iter::from_fn(|| take_undelivered(&socket)));
            let ports: Vec<_> = refused.iter().map(|it| it.to.unwrap().port()).collect();
            assert_eq!(ports, [closed[0].port(), closed[1].port(), closed[1].port()]);
            assert!(
                refused.iter().all(|it| it.is_refusal() && it.to.unwrap().ip() == closed[0].ip())
            );
            // All was taken: the next datagram leaves at once.
            let open = UdpSocket::bind((host, 0)).unwrap();
            assert_eq!(socket.send_to(b"x", open.local_addr().unwrap()).unwrap(), 1);
        }
    }

    #[test]
    fn what_a_call_said_itself_is_no_report() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        report_undelivered(&socket, false).unwrap();
        socket.send_to(&[0; 65_508], closed("127.0.0.1")).unwrap_err();
        assert_eq!(take_undelivered(&socket), None);
    }

    #[test]
    fn a_socket_of_both_families_tells_addresses_of_ipv4_as_such() {
        let Ok(socket) = UdpSocket::bind("[::]:0") else { return eprintln!("skipped: no IPv6") };
        report_undelivered(&socket, true).unwrap();
        let SocketAddr::V4(to) = closed("127.0.0.1") else { panic!() };
        let mapped = SocketAddrV6::new(to.ip().to_ipv6_mapped(), to.port(), 0, 0);
        socket.send_to(b"x", mapped).unwrap();
        let refused = take_undelivered(&socket).unwrap();
        assert_eq!((refused.to, refused.is_refusal()), (Some(to.into()), true));
    }
}
