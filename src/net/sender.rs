//! Sends batches by the fewest calls that the kernel takes: equal lengths to one destination as one
//! piece that it cuts itself (UDP GSO, udp(7) `UDP_SEGMENT`), others by `sendmmsg`, and one by one
//! where it refuses both.
//!
//! Counters are honest: sent is what the kernel accepted, and each report of one that did not
//! arrive is counted with its destination. Of a piece that stays on this host the kernel tells one
//! refusal, whatever it holds. So the first datagram to a destination leaves alone, and where it is
//! refused, all do.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::time::{Duration, Instant};

use quinn_udp::{Transmit, UdpSocketState};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, send, sendmmsg, sendto};

use super::{Batch, LOOK, Pace, UdpSocket, Undelivered};

/// By which calls datagrams may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offload {
    /// One by one, with a call each (`sendto`).
    None,
    /// Several with one call; each is a packet of its own from the start.
    Batches,
    /// Equal ones as one piece, which the kernel cuts as late as it can. Programs that record on
    /// the way may see the piece.
    Segments,
}

impl Offload {
    /// By which calls datagrams of such a pace leave: who sends at recorded times may record again
    /// on the way, and is to find the packets there.
    pub fn of(pace: Pace) -> Self {
        match pace {
            Pace::Recorded(_) => Self::Batches,
            Pace::PacketsPerSecond(_) | Pace::Mbps(_) | Pace::Top => Self::Segments,
        }
    }
}

/// What a sender did since it was last asked: what the kernel accepted, and what became of the
/// rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Datagrams that the kernel accepted.
    pub datagrams: u64,
    /// Their payload, bytes.
    pub bytes: u64,
    /// How often a full buffer was waited for.
    pub retries: u64,
    /// What hosts reported of datagrams that had left, lately or long before (ICMP).
    pub undelivered: Vec<(Undelivered, u64)>,
    /// Datagrams that were not sent, and why.
    pub faults: Vec<(Unsent, u64)>,
}

/// Why a datagram was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It is longer than the interface or UDP can take.
    TooLong,
    /// There was no room for it in time.
    BufferFull,
    /// The kernel said no; its error number.
    Kernel(i32),
}
/// Where the kernel has no memory it does not tell when it has some.
const NO_MEMORY: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000 };
/// Datagrams of one `sendmmsg`.
const MAX_MESSAGES: usize = 64;
/// How often in a row reports of earlier datagrams may keep one back.
const MAX_REPORTS: u32 = 16;

/// Sends batches by the fewest calls, and counts what the kernel accepts.
pub struct Sender<'h> {
    timeout: Duration,
    is_halted: &'h dyn Fn() -> bool,
    /// `None` where the kernel cannot cut, or must not.
    segments: Option<Segments>,
    has_batches: bool,
    /// Whether a destination refused; without those that nothing was sent to.
    destinations: HashMap<SocketAddr, bool, foldhash::fast::RandomState>,
    /// One of them that is sent to in pieces, the last.
    in_pieces: Option<SocketAddr>,
    sent: Sent,
}

struct Segments {
    state: UdpSocketState,
    /// Longer ones were refused: they do not fit the path's MTU.
    max_len: usize,
}

impl<'h> Sender<'h> {
    /// A sender that waits for a full buffer for at most `timeout`, and not once `is_halted`.
    pub fn new(offload: Offload, timeout: Duration, is_halted: &'h dyn Fn() -> bool) -> Self {
        let segments = (offload == Offload::Segments).then(Segments::new).flatten();
        let has_batches = offload >= Offload::Batches;
        Self {
            timeout,
            is_halted,
            segments,
            has_batches,
            destinations: HashMap::default(),
            in_pieces: None,
            sent: Sent::default(),
        }
    }

    /// Sends a batch, in order.
    pub fn send(&mut self, socket: &UdpSocket, batch: &Batch) {
        let mut at = 0;
        while at < batch.len() && !(self.is_halted)() {
            let run = self.run_from(batch, at);
            let done = match run {
                2.. if !self.takes_pieces(socket, batch, at) => self.send_alone(socket, batch, at),
                0..2 => self.send_separately(socket, batch, at..self.next_run(batch, at)),
                _ => self.send_segments(socket, batch, at..at.saturating_add(run)),
            };
            at = at.saturating_add(done);
        }
    }

    /// What was counted since [`take_sent`](Self::take_sent).
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// What was counted since the last time.
    pub fn take_sent(&mut self) -> Sent {
        std::mem::take(&mut self.sent)
    }

    /// Whether so many datagrams at once can go to the destination of one: it did not refuse the
    /// first.
    fn takes_pieces(&mut self, socket: &UdpSocket, batch: &Batch, at: usize) -> bool {
        let to = batch.destination(at).or(socket.peer());
        if to == self.in_pieces {
            return to.is_some();
        }
        let takes_them = to.is_some_and(|to| self.destinations.get(&to) == Some(&false));
        if takes_them {
            self.in_pieces = to;
        }
        takes_them
    }

    /// Sends one datagram, and hears at once what hosts near by say of it.
    fn send_alone(&mut self, socket: &UdpSocket, batch: &Batch, at: usize) -> usize {
        let done = self.send_separately(socket, batch, at..at.saturating_add(1));
        if let Some(to) = batch.destination(at).or(socket.peer()) {
            self.destinations.entry(to).or_insert(false);
        }
        self.hear(socket);
        done
    }

    /// Counts what was reported of earlier datagrams; returns whether anything was.
    pub fn hear(&mut self, socket: &UdpSocket) -> bool {
        let mut is_anything = false;
        while let Some(report) = socket.take_undelivered() {
            is_anything = true;
            self.count_undelivered(report);
        }
        is_anything
    }

    fn count_undelivered(&mut self, report: Undelivered) {
        if let Some(to) = report.to.filter(|_| report.is_refusal()) {
            self.destinations.insert(to, true);
            self.in_pieces = self.in_pieces.filter(|it| *it != to);
        }
        match self.sent.undelivered.iter_mut().find(|(it, _)| *it == report) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.sent.undelivered.push((report, 1)),
        }
    }

    fn run_from(&self, batch: &Batch, at: usize) -> usize {
        self.segments.as_ref().map_or(1, |it| batch.run_from(at, it.max_len))
    }

    /// The first datagram behind `at` that begins a run, or where a call's room ends.
    fn next_run(&self, batch: &Batch, at: usize) -> usize {
        let end = batch.len().min(at.saturating_add(MAX_MESSAGES));
        let next = at.saturating_add(1);
        (next..end).find(|it| self.run_from(batch, *it) > 1).unwrap_or(end)
    }

    /// Sends a run as one piece; where that is refused, separately. Returns how many are dealt with.
    fn send_segments(&mut self, socket: &UdpSocket, batch: &Batch, run: Range<usize>) -> usize {
        let mut patience = Patience::default();
        while let Some(segments) = &self.segments {
            match segments.try_send(socket, batch, run.clone()) {
                Ok(()) => {
                    self.sent.count(run.len(), batch.bytes_of(run.clone()).len());
                    return run.len();
                }
                Err(errno) if self.is_passing(socket, errno) => {
                    if !self.can_try_again(socket, errno, &mut patience) {
                        break;
                    }
                }
                Err(errno) => {
                    let Some(segments) = &mut self.segments else { break };
                    if !segments.narrow(errno, batch.datagram(run.start).len()) {
                        self.segments = None;
                    }
                    break;
                }
            }
        }
        let end = run.end.min(run.start.saturating_add(MAX_MESSAGES));
        self.send_separately(socket, batch, run.start..end)
    }

    /// Sends some by one call, and returns how many are dealt with: sent, or known not to leave.
    fn send_separately(&mut self, socket: &UdpSocket, batch: &Batch, range: Range<usize>) -> usize {
        let mut patience = Patience::default();
        loop {
            let sent = match self.has_batches && range.len() > 1 {
                true => send_several(socket, batch, range.clone()),
                false => send_one(socket, batch, range.start).map(|()| 1),
            };
            match sent {
                Ok(count) => {
                    let bytes = batch.bytes_of(range.start..range.start.saturating_add(count));
                    self.sent.count(count, bytes.len());
                    if self.has_batches && count < range.len() {
                        // What ended the call is not told again.
                        self.hear(socket);
                    }
                    return count;
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOSYS) if self.has_batches => self.has_batches = false,
                Err(errno) if self.is_passing(socket, errno) => {
                    if !self.can_try_again(socket, errno, &mut patience) {
                        return self.give_up(errno);
                    }
                }
                Err(errno) => return self.give_up(errno),
            }
        }
    }

    /// Whether an error does not speak of the datagram to be sent: the buffer is full, or it is
    /// that of an earlier one.
    fn is_passing(&mut self, socket: &UdpSocket, errno: Errno) -> bool {
        if is_full(errno) {
            return true;
        }
        let is_reported = self.hear(socket);
        if !is_reported && errno == Errno::CONNREFUSED {
            self.count_undelivered(Undelivered::refused(socket.peer()));
        }
        is_reported || errno == Errno::CONNREFUSED
    }

    /// Whether the call can be tried again.
    fn can_try_again(&mut self, socket: &UdpSocket, errno: Errno, wait: &mut Patience) -> bool {
        if !is_full(errno) {
            wait.reports = wait.reports.saturating_add(1);
            return wait.reports < MAX_REPORTS;
        }
        self.sent.retries = self.sent.retries.saturating_add(1);
        let waited = wait.since.get_or_insert_with(Instant::now).elapsed();
        let left = self.timeout.saturating_sub(waited);
        if left.is_zero() || (self.is_halted)() {
            return false;
        }
        wait_for_room(socket, errno, left.min(LOOK));
        true
    }

    /// Counts one datagram that does not leave.
    fn give_up(&mut self, errno: Errno) -> usize {
        let fault = match errno {
            Errno::MSGSIZE => Unsent::TooLong,
            errno if is_full(errno) => Unsent::BufferFull,
            errno => Unsent::Kernel(errno.raw_os_error()),
        };
        match self.sent.faults.iter_mut().find(|(it, _)| *it == fault) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.sent.faults.push((fault, 1)),
        }
        1
    }
}

impl Segments {
    fn new() -> Option<Self> {
        // What the kernel can do is asked of a socket of its own: asking switches path MTU
        // discovery on, and datagrams that are too long would no longer leave in fragments.
        let asked = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
            .or_else(|_| std::net::UdpSocket::bind("[::]:0"))
            .ok()?;
        let state = UdpSocketState::new((&asked).into()).ok()?;
        (state.max_gso_segments() > 1).then_some(Self { state, max_len: usize::MAX })
    }

    fn try_send(&self, socket: &UdpSocket, batch: &Batch, run: Range<usize>) -> Result<(), Errno> {
        let to = batch.destination(run.start).or_else(|| socket.peer());
        let transmit = Transmit {
            destination: to.ok_or(Errno::DESTADDRREQ)?,
            ecn: None,
            segment_size: Some(batch.datagram(run.start).len()),
            contents: batch.bytes_of(run),
            src_ip: None,
        };
        self.state.try_send(socket.into(), &transmit).map_err(|it| errno_of(&it))
    }

    /// Learns from a refusal of segments of `len` bytes. Returns whether shorter ones may pass:
    /// those that do not fit the MTU are EINVAL, or EMSGSIZE since Linux 6.16; EIO says that the
    /// interface cannot do checksums, without which nothing is cut.
    fn narrow(&mut self, errno: Errno, len: usize) -> bool {
        self.max_len = self.max_len.min(len.saturating_sub(1));
        matches!(errno, Errno::INVAL | Errno::MSGSIZE) && self.max_len > 0
    }
}

/// How long one call is tried.
#[derive(Default)]
struct Patience {
    /// When room was first waited for.
    since: Option<Instant>,
    reports: u32,
}

impl Sent {
    fn count(&mut self, datagrams: usize, bytes: usize) {
        self.datagrams = self.datagrams.saturating_add(datagrams as u64);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(out, "longer than the interface can send"),
            Self::BufferFull => write!(out, "no room in the socket's buffer in time"),
            Self::Kernel(errno) => {
                write!(out, "cannot be sent: {}", io::Error::from_raw_os_error(*errno))
            }
        }
    }
}

fn is_full(errno: Errno) -> bool {
    matches!(errno, Errno::AGAIN | Errno::NOBUFS)
}

fn errno_of(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// A socket that is full tells when it has room; a queue behind it does not.
fn wait_for_room(socket: &UdpSocket, errno: Errno, at_most: Duration) {
    let mut fds = [PollFd::new(socket, PollFlags::OUT)];
    // A wait that fails is one that was short.
    let _ = match errno {
        Errno::NOBUFS => poll(&mut [], Some(&NO_MEMORY)),
        _ => poll(&mut fds, Timespec::try_from(at_most).ok().as_ref()),
    };
}

fn send_one(socket: &UdpSocket, batch: &Batch, index: usize) -> Result<(), Errno> {
    let bytes = batch.datagram(index);
    match batch.destination(index) {
        Some(to) => sendto(socket, bytes, SendFlags::empty(), &to)?,
        None => send(socket, bytes, SendFlags::empty())?,
    };
    Ok(())
}

fn send_several(socket: &UdpSocket, batch: &Batch, range: Range<usize>) -> Result<usize, Errno> {
    let slices: Vec<_> = range.clone().map(|it| [IoSlice::new(batch.datagram(it))]).collect();
    let destinations: Vec<_> = range.map(|it| batch.destination(it).map(any)).collect();
    let mut controls: Vec<_> = slices.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let mut messages: Vec<_> = slices
        .iter()
        .zip(&destinations)
        .zip(&mut controls)
        .map(|((slice, to), control)| match to {
            Some(to) => MMsgHdr::new_with_addr(to, slice, control),
            None => MMsgHdr::new(slice, control),
        })
        .collect();
    sendmmsg(socket, &mut messages, SendFlags::empty())
}

fn any(address: SocketAddr) -> SocketAddrAny {
    address.into()
}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
