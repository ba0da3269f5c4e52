//! UDP sockets of this host: `/proc/net/udp` and `/proc/net/udp6`.

use std::net::{IpAddr, SocketAddr};

use super::{read, v4_of_memory, v6_of_memory};

/// A UDP socket that has a port, of whatever program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundSocket {
    /// Where it is bound. One of IPv6 that is bound to any address may receive IPv4 too.
    pub local: SocketAddr,
    /// Its number, as `/proc/self/fd` has it.
    pub inode: u64,
    /// Datagrams that it had no room for, or whose checksum was wrong, since it was opened.
    pub drops: u64,
}

/// All of both families; `None` where the kernel shows neither.
pub fn bound_sockets() -> Option<Vec<BoundSocket>> {
    let v4 = read("/proc/net/udp").map(|text| parse(&text, |it| v4_of_memory(it).map(IpAddr::V4)));
    let v6 = read("/proc/net/udp6").map(|text| parse(&text, |it| v6_of_memory(it).map(IpAddr::V6)));
    (v4.is_some() || v6.is_some()).then(|| v4.into_iter().chain(v6).flatten().collect())
}

/// Words between the local address and the socket's number.
const INODE: usize = 7;

/// ` 1011: 00000000:07C5 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 25 2 0 3`: the
/// last word is the drops.
fn parse(text: &str, address: impl Fn(&str) -> Option<IpAddr>) -> Vec<BoundSocket> {
    let socket = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (ip, port) = words.next()?.split_once(':')?;
        let local = SocketAddr::new(address(ip)?, u16::from_str_radix(port, 16).ok()?);
        let inode = words.nth(INODE)?.parse().ok()?;
        Some(BoundSocket { local, inode, drops: words.last()?.parse().ok()? })
    };
    text.lines().skip(1).filter_map(socket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_are_told_with_their_drops() {
        let v4 = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1011: 0200090A:07C5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 25 2 0000000000000000 17
 1012: 0200:07C5";
        let local = "10.9.0.2:1989".parse().unwrap();
        let found = parse(v4, |it| v4_of_memory(it).map(IpAddr::V4));
        assert_eq!(found, [BoundSocket { local, inode: 25, drops: 17 }]);
        let v6 = "  sl  local_address                         remote_address                        st
 1011: 000000FD000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 25 2 0000000000000000 0";
        let local = "[fd00::1]:53".parse().unwrap();
        let found = parse(v6, |it| v6_of_memory(it).map(IpAddr::V6));
        assert_eq!(found, [BoundSocket { local, inode: 25, drops: 0 }]);
    }

    #[test]
    fn a_socket_of_this_test_is_among_them() {
        for host in ["127.0.0.1", "::1"] {
            let Ok(socket) = std::net::UdpSocket::bind((host, 0)) else { continue };
            let local = socket.local_addr().unwrap();
            let all = bound_sockets().unwrap();
            assert!(all.iter().any(|it| (it.local, it.drops) == (local, 0)), "{local}");
        }
    }
}
