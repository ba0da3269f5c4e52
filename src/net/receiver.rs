//! Datagrams from a socket, many with one call (recvmmsg(2)), each with what the kernel knows of it:
//! when it came (`SO_TIMESTAMPNS`), which address it was for (`IP_PKTINFO`, `IPV6_RECVPKTINFO`), and
//! how many were dropped before it because the buffer was full (`SO_RXQ_OVFL`); socket(7), ip(7).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg,
};
use nix::sys::time::TimeSpec;

use super::udp::MAX_DATAGRAM;
use super::{Arrival, Arrivals};

/// Datagrams of one call at most; fewer are all that there were.
pub const MAX_RECEIVED: usize = 64;

/// Bytes from one buffer to the next: room for any datagram, and a line of the cache more, so that
/// the beginnings of all do not compete for the same place in it.
const STRIDE: usize = (MAX_DATAGRAM + 1) + 64;

/// Takes datagrams from a socket.
#[derive(Debug)]
pub struct Receiver {
    /// [`MAX_RECEIVED`] buffers. Of each only the pages are in memory that a datagram has touched.
    buffers: Vec<u8>,
    /// What the kernel's counter of drops, which wraps, stood at last.
    dropped: u32,
}

impl Default for Receiver {
    fn default() -> Self {
        Self { buffers: vec![0; MAX_RECEIVED.saturating_mul(STRIDE)], dropped: 0 }
    }
}

/// What the kernel tells of one datagram.
#[derive(Default)]
struct Told {
    time: Option<Duration>,
    to: Option<IpAddr>,
    dropped: Option<u32>,
}

impl Receiver {
    /// Adds what has come to `into`, up to a bound, without waiting; returns how many came.
    ///
    /// # Errors
    ///
    /// The socket's.
    pub fn receive(&mut self, socket: &impl AsFd, into: &mut Arrivals) -> io::Result<usize> {
        let Self { buffers, dropped } = self;
        let mut pieces = buffers.chunks_exact_mut(STRIDE);
        let mut slices: [[IoSliceMut<'_>; 1]; MAX_RECEIVED] =
            std::array::from_fn(|_| [IoSliceMut::new(pieces.next().unwrap_or_default())]);
        // Made anew for each call: it keeps the lengths of the last one's answers, and what is longer
        // than these would be cut.
        let control = nix::cmsg_space!(TimeSpec, u32, in_pktinfo, in6_pktinfo);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(MAX_RECEIVED, Some(control));
        let descriptor = socket.as_fd().as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT;
        let messages = match recvmmsg(descriptor, &mut headers, slices.iter_mut(), flags, None) {
            Ok(messages) => messages,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(0),
            Err(errno) => return Err(errno.into()),
        };
        let mut count = 0_usize;
        for message in messages {
            let told = told(&message);
            if let Some(total) = told.dropped {
                into.count_dropped(total.wrapping_sub(*dropped).into());
                *dropped = total;
            }
            let Some(src) = message.address.as_ref().and_then(address) else { continue };
            let payload = message.iovs().next().unwrap_or_default();
            let time = told.time.unwrap_or_else(now);
            into.push(&Arrival { src, to: told.to, time, payload });
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// Drops that the kernel has counted, `total` in all, and that no datagram has told of.
    pub fn count_dropped(&mut self, total: u32, into: &mut Arrivals) {
        into.count_dropped(total.wrapping_sub(self.dropped).into());
        self.dropped = total;
    }
}

fn told(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Told {
    let mut told = Told::default();
    for control in message.cmsgs().into_iter().flatten() {
        match control {
            ControlMessageOwned::ScmTimestampns(time) => told.time = Some(time.into()),
            ControlMessageOwned::RxqOvfl(total) => told.dropped = Some(total),
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                let address = Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes());
                told.to = Some(address.into());
            }
            ControlMessageOwned::Ipv6PacketInfo(info) => {
                told.to = Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).into());
            }
            _ => {}
        }
    }
    told
}

fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|it| SocketAddrV4::from(*it).into());
    v4.or_else(|| storage.as_sockaddr_in6().map(|it| SocketAddrV6::from(*it).into()))
}
