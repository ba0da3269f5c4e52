//! Who takes part in a conversation, as it was captured: an address and a port, or a process at a
//! local channel.
//!
//! Copied with every packet and compared for every one, so that it is as small as the standard
//! library's socket address, which stands for a *live* end. A local end has no name here: a pipe, a
//! FIFO, a socket of AF_UNIX, a queue or a set of semaphores is a number, and so is a process. What
//! they are called is told by the table of the source that numbered them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;

/// One end of a conversation. In order: addresses, then local ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// An address and a port.
    Ip(SocketAddr),
    /// A process at a channel of one machine.
    Local(LocalEnd),
}

/// A process at a channel. Who reads what was written is often not seen; then there is a channel
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalEnd {
    /// What the bytes pass through.
    pub channel: ChannelId,
    /// Who writes or reads; `None` where that is not known.
    pub process: Option<ProcessId>,
}

/// Number of a channel in its source. The two sockets of a pair have one each, since one process may
/// hold both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(pub u32);

/// Number of a process in its source: not the kernel's, which are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId(pub NonZeroU32);

/// An end whatever its port: what stays the same of a sender whose runs have new ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// An address.
    Ip(IpAddr),
    /// A process at a channel, which has no ports.
    Local(LocalEnd),
}

impl Endpoint {
    /// The address and the port, where it has them.
    #[inline]
    pub fn socket(self) -> Option<SocketAddr> {
        match self {
            Self::Ip(it) => Some(it),
            Self::Local(_) => None,
        }
    }

    /// The address, where it has one.
    #[inline]
    pub fn ip(self) -> Option<IpAddr> {
        self.socket().map(|it| it.ip())
    }

    /// The port, where it has one.
    #[inline]
    pub fn port(self) -> Option<u16> {
        self.socket().map(|it| it.port())
    }

    /// The end without its port.
    #[inline]
    pub fn host(self) -> Host {
        match self {
            Self::Ip(it) => Host::Ip(it.ip()),
            Self::Local(it) => Host::Local(it),
        }
    }
}

impl Host {
    /// What is hashed: one number without a branch behind it, so that the hasher's steps are known
    /// when it is compiled.
    #[inline]
    fn bits(self) -> u128 {
        match self {
            Self::Ip(IpAddr::V4(it)) => it.to_bits().into(),
            Self::Ip(IpAddr::V6(it)) => it.to_bits(),
            Self::Local(LocalEnd { channel, process }) => {
                let process = process.map_or(0, |it| it.0.get());
                u128::from(channel.0) << 32 | u128::from(process)
            }
        }
    }

    /// The address, where it has one.
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Ip(it) => Some(it),
            Self::Local(_) => None,
        }
    }
}

/// By hand: what is derived hashes two discriminants and the length of the address as well.
impl Hash for Endpoint {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.host().hash(state);
        state.write_u16(self.port().unwrap_or_default());
    }
}

impl Hash for Host {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.bits());
    }
}

impl From<SocketAddr> for Endpoint {
    #[inline]
    fn from(it: SocketAddr) -> Self {
        Self::Ip(it)
    }
}

/// An address and a port, as [`SocketAddr`] is written. Numbers of channels mean nothing without
/// their source, and are not read.
impl FromStr for Endpoint {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        text.parse().map(Self::Ip)
    }
}

/// `10.0.0.1:1989`, `[::1]:1989`, `channel:7/process:2`, `channel:7`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(it) => it.fmt(f),
            Self::Local(it) => it.fmt(f),
        }
    }
}

impl fmt::Display for LocalEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "channel:{}", self.channel.0)?;
        self.process.map_or(Ok(()), |it| write!(f, "/process:{}", it.0))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(it) => it.fmt(f),
            Self::Local(it) => it.fmt(f),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A local end for tests of what treats all ends alike.
    pub(crate) fn local(channel: u32, process: u32) -> Endpoint {
        let process = NonZeroU32::new(process).map(ProcessId);
        Endpoint::Local(LocalEnd { channel: ChannelId(channel), process })
    }

    #[test]
    fn an_end_is_no_larger_than_a_socket_address() {
        assert_eq!(size_of::<Endpoint>(), size_of::<SocketAddr>());
        assert_eq!(size_of::<Option<Endpoint>>(), size_of::<SocketAddr>());
    }

    #[test]
    fn ends_in_order_with_what_they_have() {
        let ends: [Endpoint; 6] = [
            "10.0.0.1:9".parse().unwrap(),
            "10.0.0.2:5".parse().unwrap(),
            "[::1]:80".parse().unwrap(),
            local(6, 2),
            local(7, 0),
            local(7, 1),
        ];
        for (at, one) in ends.iter().enumerate() {
            for (other_at, other) in ends.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&other_at), "{one} and {other}");
                assert_eq!(one == other, at == other_at, "{one} and {other}");
            }
        }
        let of = |it: Endpoint| (it.to_string(), it.host().to_string(), it.port());
        for (end, shown, host, port) in [
            (ends[0], "10.0.0.1:9", "10.0.0.1", Some(9)),
            (ends[2], "[::1]:80", "::1", Some(80)),
            (ends[3], "channel:6/process:2", "channel:6/process:2", None),
            (ends[4], "channel:7", "channel:7", None),
        ] {
            assert_eq!(of(end), (shown.to_owned(), host.to_owned(), port));
            assert_eq!(end.ip().is_some(), port.is_some());
            assert_eq!(end.host().ip(), end.ip());
        }
    }
}
