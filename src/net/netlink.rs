//! Netlink, as far as lists of the kernel's netfilter need it: a request for all, and its answers.
//! RFC 3549, and `linux/netlink.h`.

use std::io;
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Bytes of one answer: the kernel fills up to 32 KiB.
const ANSWER: usize = 64 << 10;
/// Answers that are read to one request: some 16 MB.
const MAX_ANSWERS: usize = 512;
/// The kernel answers at once; more is a fault.
const PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// `struct nlmsghdr`, and `struct nfgenmsg` behind it.
const HEADER_LEN: usize = 16;
const NETFILTER_LEN: usize = 4;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;

/// Asks netfilter for all of a kind, and hands over each with its family.
///
/// # Errors
///
/// The process lacks CAP_NET_ADMIN; the kernel does not know the kind, or does not answer.
pub(super) fn dump(
    subsystem: u16,
    kind: u16,
    each: &mut dyn FnMut(u8, Attributes<'_>),
) -> io::Result<()> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let protocol = SockProtocol::NetlinkNetFilter;
    let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, protocol)?;
    let request = request(subsystem << 8 | kind);
    let to_kernel = NetlinkAddr::new(0, 0);
    sendto(socket.as_raw_fd(), &request, &to_kernel, MsgFlags::empty())?;
    let mut answer = vec![0; ANSWER];
    for _ in 0..MAX_ANSWERS {
        let mut waiting = [PollFd::new(&socket, PollFlags::IN)];
        if poll(&mut waiting, Some(&PATIENCE))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let len = recv(socket.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        if read(answer.get(..len).unwrap_or_default(), each)? {
            return Ok(());
        }
    }
    Ok(())
}

/// A header, then family (any), version and resource (none).
fn request(kind: u16) -> Vec<u8> {
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_DUMP).cast_unsigned();
    let flags = u16::try_from(flags).unwrap_or_default();
    let len = u32::try_from(HEADER_LEN + NETFILTER_LEN).unwrap_or_default();
    let words = [kind.to_ne_bytes(), flags.to_ne_bytes()].concat();
    [&len.to_ne_bytes()[..], &words, &[0; 8], &[0; NETFILTER_LEN]].concat()
}

/// Reads the messages of an answer; true with the last.
fn read(mut answer: &[u8], each: &mut dyn FnMut(u8, Attributes<'_>)) -> io::Result<bool> {
    while let Some((header, _)) = answer.split_first_chunk::<HEADER_LEN>() {
        let [l0, l1, l2, l3, k0, k1, ..] = *header;
        let len = usize::try_from(u32::from_ne_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let body = answer.get(HEADER_LEN..len).ok_or(io::ErrorKind::InvalidData)?;
        match u16::from_ne_bytes([k0, k1]) {
            NLMSG_DONE => return Ok(true),
            NLMSG_ERROR => return error(body).map(|()| true),
            _ => {
                if let Some((netfilter, attributes)) = body.split_first_chunk::<NETFILTER_LEN>() {
                    each(netfilter[0], Attributes::new(attributes));
                }
            }
        }
        answer = answer.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// An error number, negated; zero is none.
fn error(body: &[u8]) -> io::Result<()> {
    let number = body.first_chunk().map_or(0, |it| i32::from_ne_bytes(*it));
    if number == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(number.saturating_neg())) }
}

/// Attributes one behind the other: each a length, a kind, and its value.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The value of the first of a kind.
    fn value(self, kind: u16) -> Option<&'a [u8]> {
        let mut all = self;
        all.find(|(it, _)| *it == kind).map(|(_, value)| value)
    }

    pub fn nested(self, kind: u16) -> Option<Self> {
        self.value(kind).map(Self)
    }

    /// A text that ends with a NUL.
    pub fn text(self, kind: u16) -> Option<&'a str> {
        std::str::from_utf8(self.value(kind)?.split(|it| *it == 0).next()?).ok()
    }

    /// A number of 32 bits, big-endian as netfilter has them.
    pub fn number(self, kind: u16) -> Option<u32> {
        self.value(kind)?.first_chunk().map(|it| u32::from_be_bytes(*it))
    }

    /// A number of 64 bits, big-endian.
    pub fn long(self, kind: u16) -> Option<u64> {
        self.value(kind)?.first_chunk().map(|it| u64::from_be_bytes(*it))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        /// The two highest bits say how the value is written.
        const KIND: u16 = 0x3fff;
        let ([l0, l1, k0, k1], _) = self.0.split_first_chunk::<4>()?;
        let len = usize::from(u16::from_ne_bytes([*l0, *l1]));
        let value = self.0.get(4..len)?;
        self.0 = self.0.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some((u16::from_ne_bytes([*k0, *k1]) & KIND, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let message = |kind: u16, body: &[u8]| {
            let len = u32::try_from(HEADER_LEN + body.len()).unwrap();
            [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10], body].concat()
        };
        let mut seen = Vec::new();
        let mut each = |family, it: Attributes<'_>| seen.push((family, it.number(3)));
        let body = [7, 0, 0, 0, 8, 0, 3, 0, 0, 0, 1, 0];
        let answer = [message(0xa03, &body), message(NLMSG_DONE, &[])].concat();
        assert!(cfg!(target_endian = "big") || read(&answer, &mut each).unwrap());
        let refused = message(NLMSG_ERROR, &(-1i32).to_ne_bytes());
        assert_eq!(read(&refused, &mut each).unwrap_err().raw_os_error(), Some(1));
        assert!(!read(&answer[..30], &mut |_, _| {}).is_ok_and(|it| it), "it is cut");
        assert!(cfg!(target_endian = "big") || seen == [(7, Some(256))]);
    }

    #[test]
    fn attributes_end_where_their_lengths_do_not_fit() {
        let long = [9u16.to_ne_bytes(), 1u16.to_ne_bytes(), [0, 0], [0, 0]].concat();
        let short = [3u16.to_ne_bytes(), 1u16.to_ne_bytes()].concat();
        for bytes in [&long[..], &short, &[0; 64], &[]] {
            assert_eq!(Attributes::new(bytes).count(), 0, "{bytes:?}");
        }
    }
}
