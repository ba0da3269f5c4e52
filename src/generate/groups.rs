//! Groups as they are named: one, or several whose addresses follow each other, and a port.
//!
//! `224.2.2.2:1989` is one group, `224.2.2.2+10:1989` the ten from `224.2.2.2` to `224.2.2.11`; an
//! IPv6 address stands in brackets: `[ff05::7]+3:1989`. The ranges are those of RFC 1112 section 4
//! and RFC 4291 section 2.7.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// As many groups as a socket of Linux can be made a member of by raising
/// `net.ipv4.igmp_max_memberships` within reason.
pub const MAX_GROUPS: u32 = 1024;

/// Groups whose addresses follow each other, and the port that their members are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    first: IpAddr,
    count: u32,
    port: u16,
}

/// What is no such thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupsError {
    /// It is written otherwise.
    #[error(
        "\"{text}\" is no group: write 224.2.2.2:1989, [ff05::7]:1989, or 224.2.2.2+10:1989 for ten groups"
    )]
    Syntax {
        /// As it was written.
        text: String,
    },
    /// The address is none of a group.
    #[error(
        "{address} is no multicast address: those of IPv4 begin with 224 to 239, those of IPv6 with ff"
    )]
    NoGroup {
        /// The address.
        address: IpAddr,
    },
    /// So many do not fit behind the first, or are too many for a socket.
    #[error("{count} groups from {first} on: {why}")]
    Count {
        /// The first.
        first: IpAddr,
        /// How many were asked for.
        count: u32,
        /// What speaks against it.
        why: &'static str,
    },
    /// Nothing is sent to port 0.
    #[error("port 0 is no port that datagrams can be sent to")]
    Port,
}

impl Groups {
    /// `count` groups from `first` on.
    ///
    /// # Errors
    ///
    /// The first or the last is no group, there are none or more than 1,024, port 0.
    pub fn new(first: IpAddr, count: u32, port: u16) -> Result<Self, GroupsError> {
        let groups = Self { first, count, port };
        if !first.is_multicast() {
            return Err(GroupsError::NoGroup { address: first });
        }
        let why = match count {
            0 => Some("at least one is needed"),
            1..=MAX_GROUPS => None,
            _ => Some("at most 1024 can be joined"),
        };
        let is_within = |it: IpAddr| it.is_multicast() && it.is_ipv4() == first.is_ipv4();
        let beyond = groups.addresses().last().filter(|last| !is_within(*last));
        match why.or(beyond.map(|_| "the last one would be none of the multicast range")) {
            Some(why) => Err(GroupsError::Count { first, count, why }),
            None if port == 0 => Err(GroupsError::Port),
            None => Ok(groups),
        }
    }

    /// Their addresses, in order.
    pub fn addresses(self) -> impl Iterator<Item = IpAddr> {
        (0..self.count.min(MAX_GROUPS)).map(move |index| match self.first {
            IpAddr::V4(it) => Ipv4Addr::from(u32::from(it).wrapping_add(index)).into(),
            IpAddr::V6(it) => Ipv6Addr::from(u128::from(it).wrapping_add(index.into())).into(),
        })
    }

    /// The port.
    pub fn port(self) -> u16 {
        self.port
    }

    /// Whether they are groups of IPv6.
    pub fn is_ipv6(self) -> bool {
        self.first.is_ipv6()
    }
}

impl FromStr for Groups {
    type Err = GroupsError;

    fn from_str(text: &str) -> Result<Self, GroupsError> {
        let syntax = || GroupsError::Syntax { text: text.to_owned() };
        let (named, port) = text.rsplit_once(':').ok_or_else(syntax)?;
        let (address, count) = match named.split_once('+') {
            Some((address, count)) => (address, count.parse().map_err(|_| syntax())?),
            None => (named, 1),
        };
        let is_v6 = address.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let first = match is_v6 {
            Some(address) => address.parse::<Ipv6Addr>().map(IpAddr::V6),
            None => address.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        Self::new(first.map_err(|_| syntax())?, count, port.parse().map_err(|_| syntax())?)
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, count, port } = *self;
        match (count, first) {
            (1, _) => SocketAddr::new(first, port).fmt(f),
            (_, IpAddr::V4(first)) => write!(f, "{first}+{count}:{port}"),
            (_, IpAddr::V6(first)) => write!(f, "[{first}]+{count}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_written_as_they_are_read() {
        for (text, first, last) in [
            ("224.2.2.2:1989", "224.2.2.2", "224.2.2.2"),
            ("224.2.2.250+10:1989", "224.2.2.250", "224.2.3.3"),
            ("[ff05::7]:5", "ff05::7", "ff05::7"),
            ("[ff05::ffff]+2:5", "ff05::ffff", "ff05::1:0"),
        ] {
            let groups: Groups = text.parse().unwrap();
            let all: Vec<_> = groups.addresses().map(|it| it.to_string()).collect();
            assert_eq!((all[0].as_str(), all[all.len() - 1].as_str()), (first, last));
            assert_eq!(groups.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_group_is_refused_with_its_reason() {
        for (text, error) in [
            ("224.2.2.2", "\"224.2.2.2\" is no group"),
            ("224.2.2.2+x:1989", "\"224.2.2.2+x:1989\" is no group"),
            ("ff05::7:1989", "\"ff05::7:1989\" is no group"),
            ("10.0.0.1:1989", "10.0.0.1 is no multicast address"),
            ("[fd00::1]:1989", "fd00::1 is no multicast address"),
            ("239.255.255.255+2:1989", "2 groups from 239.255.255.255 on: the last one"),
            ("224.2.2.2+0:1989", "0 groups from 224.2.2.2 on: at least one"),
            ("224.2.2.2+1025:1989", "1025 groups from 224.2.2.2 on: at most 1024"),
            ("224.2.2.2:0", "port 0"),
            ("224.2.2.2:65536", "\"224.2.2.2:65536\" is no group"),
        ] {
            let found = text.parse::<Groups>().unwrap_err().to_string();
            assert!(found.starts_with(error), "{text}: {found}");
        }
    }
}
