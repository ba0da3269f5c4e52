//! Membership of a group for what one source sends to it: `MCAST_JOIN_SOURCE_GROUP` (RFC 3678
//! section 5.1), one option for both versions of IP, by the number of the interface.

use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;

use nix::libc::{
    self, AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, c_int,
};
use nix::sys::socket::{SetSockOpt, sockopt::SetStruct};

/// `struct group_source_req`, whose addresses begin where those of `unsigned long` do.
#[repr(C)]
#[derive(Clone, Debug)]
struct GroupSource {
    interface: u32,
    group: Storage,
    source: Storage,
}

/// `struct sockaddr_storage`: its bytes in the host's order, as `sockaddr_in` and `sockaddr_in6` have
/// them.
#[repr(C)]
#[cfg_attr(target_pointer_width = "64", repr(align(8)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(align(4)))]
#[derive(Clone, Debug)]
struct Storage([u8; 128]);

/// Of IPv4.
#[derive(Clone)]
struct JoinV4;
/// Of IPv6.
#[derive(Clone)]
struct JoinV6;

nix::setsockopt_impl!(
    JoinV4,
    IPPROTO_IP,
    MCAST_JOIN_SOURCE_GROUP,
    GroupSource,
    SetStruct<GroupSource>
);
nix::setsockopt_impl!(
    JoinV6,
    IPPROTO_IPV6,
    MCAST_JOIN_SOURCE_GROUP,
    GroupSource,
    SetStruct<GroupSource>
);

/// Receives what `source` sends to `group`, and comes by an interface; 0 is that of the routes.
pub(super) fn join(
    socket: &impl AsFd,
    group: IpAddr,
    source: IpAddr,
    interface: u32,
) -> io::Result<()> {
    let wanted = GroupSource { interface, group: storage(group), source: storage(source) };
    match group {
        IpAddr::V4(_) => JoinV4.set(socket, &wanted)?,
        IpAddr::V6(_) => JoinV6.set(socket, &wanted)?,
    }
    Ok(())
}

/// `sin_family`, `sin_port`, `sin_addr`; of IPv6 `sin6_flowinfo` lies before the address.
fn storage(address: IpAddr) -> Storage {
    let mut bytes = [0; 128];
    let family = |it: c_int| u16::try_from(it).unwrap_or_default().to_ne_bytes();
    let mut put = |offset: usize, field: &[u8]| {
        bytes.iter_mut().skip(offset).zip(field).for_each(|(byte, it)| *byte = *it);
    };
    match address {
        IpAddr::V4(it) => {
            put(0, &family(AF_INET));
            put(4, &it.octets());
        }
        IpAddr::V6(it) => {
            put(0, &family(AF_INET6));
            put(8, &it.octets());
        }
    }
    Storage(bytes)
}
