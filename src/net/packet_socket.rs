//! What passes the links of this host, with what pnet's channel does not tell: VLAN tags, directions,
//! and whether a checksum is made yet. packet(7); needs CAP_NET_RAW.
//!
//! The kernel shows a frame before its filters, routes and firewall see it. It comes from the IP header
//! on, so that every kind of link is read alike. Only UDP, IGMP and ICMPv6 are asked for.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt::RxqOvfl;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, RecvMsg, SockFlag, SockProtocol,
    SockType, recvmsg, setsockopt, socket,
};
use socket2::{SockFilter, Socket};

use super::system;

/// Bytes that are kept of a packet: the longest one of IPv4, and of IPv6 without a jumbo payload.
const MAX_PACKET: usize = 65_575;
/// Bytes of buffer that are asked for; the kernel gives what `rmem_max` allows.
const BUFFER: usize = 4 << 20;
/// Room for the control messages of one packet.
const CONTROL_LEN: usize = 256;
/// The EtherTypes of tags: 802.1Q, 802.1ad.
const TAGS: [u16; 2] = [0x8100, 0x88a8];
/// The bits of a tag that number the VLAN.
const VLAN_ID: u16 = 0x0fff;

/// A socket that sees packets on all interfaces, and never blocks.
#[derive(Debug)]
pub struct PacketSocket {
    socket: OwnedFd,
    bytes: Vec<u8>,
    control: Vec<u8>,
    dropped: u32,
}

/// A packet as an interface has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkPacket<'a> {
    /// The interface's number.
    pub index: u32,
    /// Which way it goes.
    pub direction: Direction,
    /// The number of the VLAN whose tag it has; 0 is a tag of priority alone (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// Whether its transport's checksum is known to be right, or still to be made by a network card,
    /// so that the one it has tells nothing.
    pub checksum_is_settled: bool,
    /// From the IP header on, as far as [a bound](PacketSocket::next_packet) goes.
    pub bytes: &'a [u8],
}

/// Which way a frame goes, as its link address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To this host, or to a group.
    In,
    /// To everybody on the link, whatever its IP address says.
    Broadcast,
    /// To another host; the kernel drops it.
    Past,
    /// Away from this host.
    Out,
}

impl PacketSocket {
    /// Sees what passes from now on.
    ///
    /// # Errors
    ///
    /// The process lacks CAP_NET_RAW.
    pub fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let kind = SockType::Datagram;
        let it = socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll)?;
        let it = Socket::from(it);
        it.attach_filter(&filter())?;
        system::ask_for_packet_data(&it)?;
        // Without it, fewer frames wait; and what is not counted is not told.
        let _ = it.set_recv_buffer_size(BUFFER);
        let _ = setsockopt(&it, RxqOvfl, &1);
        let (bytes, control) = (vec![0; MAX_PACKET], vec![0; CONTROL_LEN]);
        Ok(Self { socket: it.into(), bytes, control, dropped: 0 })
    }

    /// Lets an interface take what is sent to groups that this host is no member of.
    ///
    /// # Errors
    ///
    /// There is no such interface.
    pub fn take_all_groups(&self, interface: u32) -> io::Result<()> {
        system::take_all_groups(&self.socket, interface)
    }

    /// Packets that it had no room for.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// The next packet, if there is one; no more of it than the longest that IP has.
    ///
    /// # Errors
    ///
    /// Those of the interface: it went down, for example.
    pub fn next_packet(&mut self) -> io::Result<Option<LinkPacket<'_>>> {
        let mut slices = [IoSliceMut::new(&mut self.bytes)];
        let flags = MsgFlags::MSG_DONTWAIT;
        let descriptor = self.socket.as_raw_fd();
        let received = recvmsg::<LinkAddr>(descriptor, &mut slices, Some(&mut self.control), flags);
        let (len, facts) = match received {
            Ok(message) => (message.bytes, Facts::of(&message)),
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        self.dropped = facts.dropped.unwrap_or(self.dropped);
        let bytes = self.bytes.get(..len).unwrap_or_default();
        let (inner, bytes) = behind_tag(facts.ether_type, bytes);
        Ok(Some(LinkPacket {
            index: facts.index,
            direction: facts.direction,
            vlan: facts.vlan.or(inner),
            checksum_is_settled: facts.checksum_is_settled,
            bytes,
        }))
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// What comes beside a packet's bytes.
struct Facts {
    index: u32,
    ether_type: u16,
    direction: Direction,
    vlan: Option<u16>,
    checksum_is_settled: bool,
    dropped: Option<u32>,
}

impl Facts {
    fn of(message: &RecvMsg<'_, '_, LinkAddr>) -> Self {
        let mut facts = Self {
            index: message.address.and_then(|it| u32::try_from(it.ifindex()).ok()).unwrap_or(0),
            ether_type: message.address.map_or(0, |it| u16::from_be(it.protocol())),
            direction: message.address.map_or(Direction::In, direction),
            vlan: None,
            checksum_is_settled: false,
            dropped: None,
        };
        for control in message.cmsgs().into_iter().flatten() {
            match control {
                ControlMessageOwned::RxqOvfl(dropped) => facts.dropped = Some(dropped),
                ControlMessageOwned::Unknown(it)
                    if it.cmsg_header.cmsg_level == libc::SOL_PACKET
                        && it.cmsg_header.cmsg_type == libc::PACKET_AUXDATA =>
                {
                    (facts.vlan, facts.checksum_is_settled) = auxiliary(&it.data_bytes);
                }
                _ => {}
            }
        }
        facts
    }
}

fn direction(address: LinkAddr) -> Direction {
    match address.pkttype() {
        libc::PACKET_OUTGOING => Direction::Out,
        libc::PACKET_OTHERHOST => Direction::Past,
        libc::PACKET_BROADCAST => Direction::Broadcast,
        _ => Direction::In,
    }
}

/// The tag that stands behind another one, which the kernel leaves among the bytes; and what follows it.
fn behind_tag(ether_type: u16, bytes: &[u8]) -> (Option<u16>, &[u8]) {
    match bytes {
        [high, low, _, _, rest @ ..] if TAGS.contains(&ether_type) => {
            (Some(u16::from_be_bytes([*high, *low]) & VLAN_ID), rest)
        }
        _ => (None, bytes),
    }
}

/// The VLAN and the state of the checksum of `struct tpacket_auxdata`: three words, of which the first
/// is the status, and four half words, of which the third is the tag.
fn auxiliary(bytes: &[u8]) -> (Option<u16>, bool) {
    const TAG: usize = 16;
    const SETTLED: u32 = libc::TP_STATUS_CSUMNOTREADY | libc::TP_STATUS_CSUM_VALID;
    let status = bytes.first_chunk().map_or(0, |it| u32::from_ne_bytes(*it));
    let tag = bytes.get(TAG..).and_then(|it| it.first_chunk()).map(|it| u16::from_ne_bytes(*it));
    let vlan = tag.filter(|_| status & libc::TP_STATUS_VLAN_VALID != 0).map(|it| it & VLAN_ID);
    (vlan, status & SETTLED != 0)
}

/// Passes UDP, IGMP, ICMPv6 and what may have them behind extension headers or tags; all else, TCP
/// above all, never reaches the process.
fn filter() -> Vec<SockFilter> {
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const BYTE: u16 = (libc::BPF_LD | libc::BPF_B | libc::BPF_ABS) as u16;
    const HALF: u16 = (libc::BPF_LD | libc::BPF_H | libc::BPF_ABS) as u16;
    const IS_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const ETHER_TYPE: u32 = (libc::SKF_AD_OFF + libc::SKF_AD_PROTOCOL).cast_unsigned();
    // Where each family has its protocol, and those that are passed: UDP and IGMP; UDP, ICMPv6 and the
    // extension headers.
    const V4: (u32, [u32; 2]) = (9, [17, 2]);
    const V6: (u32, [u32; 7]) = (6, [17, 58, 0, 43, 44, 51, 60]);
    // The jumps are counted from the instruction behind; the last two return.
    vec![
        SockFilter::new(HALF, 0, 0, ETHER_TYPE),
        SockFilter::new(IS_EQUAL, 4, 0, 0x0800),
        SockFilter::new(IS_EQUAL, 6, 0, 0x86dd),
        SockFilter::new(IS_EQUAL, 13, 0, TAGS[0].into()),
        SockFilter::new(IS_EQUAL, 12, 0, TAGS[1].into()),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(BYTE, 0, 0, V4.0),
        SockFilter::new(IS_EQUAL, 9, 0, V4.1[0]),
        SockFilter::new(IS_EQUAL, 8, 7, V4.1[1]),
        SockFilter::new(BYTE, 0, 0, V6.0),
        SockFilter::new(IS_EQUAL, 6, 0, V6.1[0]),
        SockFilter::new(IS_EQUAL, 5, 0, V6.1[1]),
        SockFilter::new(IS_EQUAL, 4, 0, V6.1[2]),
        SockFilter::new(IS_EQUAL, 3, 0, V6.1[3]),
        SockFilter::new(IS_EQUAL, 2, 0, V6.1[4]),
        SockFilter::new(IS_EQUAL, 1, 0, V6.1[5]),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn what_the_kernel_knows_beside_the_bytes() {
        let bytes = |status: u32, tag: u16| {
            let mut bytes = [0; 20];
            bytes[..4].copy_from_slice(&status.to_ne_bytes());
            bytes[16..18].copy_from_slice(&tag.to_ne_bytes());
            bytes
        };
        for (status, tag, expected) in [
            (1, 7, (None, false)),
            (1 | 1 << 4, 0x6007, (Some(7), false)),
            (1 | 1 << 4, 0x2000, (Some(0), false)),
            (1 | 1 << 3, 0, (None, true)),
            (1 | 1 << 7, 0, (None, true)),
        ] {
            assert_eq!(auxiliary(&bytes(status, tag)), expected, "{status:x} {tag:x}");
        }
        assert_eq!(auxiliary(&[1, 2]), (None, false));
    }

    #[test]
    fn a_second_tag_lies_among_the_bytes() {
        let bytes = [0x20, 0x05, 0x08, 0x00, 0x45];
        assert_eq!(behind_tag(0x8100, &bytes), (Some(5), &[0x45][..]));
        assert_eq!(behind_tag(0x0800, &bytes), (None, &bytes[..]));
        assert_eq!(behind_tag(0x8100, &bytes[..3]), (None, &bytes[..3]));
    }

    /// On loopback a datagram is seen as it leaves and as it comes, and its checksum is never made.
    #[test]
    fn datagrams_are_seen_both_ways_and_nothing_of_tcp() {
        let Ok(mut packets) = PacketSocket::open() else {
            eprintln!("skipped: needs CAP_NET_RAW");
            return;
        };
        packets.take_all_groups(1).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let _tcp = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let to = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = to.local_addr().unwrap().port();
        to.send_to(b"seen", ("127.0.0.1", port)).unwrap();
        let mut seen = Vec::new();
        while let Some(packet) = packets.next_packet().unwrap() {
            let [.., a, b, _, _, _, _, b's', b'e', b'e', b'n'] = packet.bytes else { continue };
            if u16::from_be_bytes([*a, *b]) == port {
                seen.push((packet.direction, packet.vlan, packet.checksum_is_settled));
            }
        }
        assert_eq!(seen, [(Direction::Out, None, true), (Direction::In, None, true)]);
    }
}
