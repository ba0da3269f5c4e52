//! The watch beside a listener: the host's state before and after, the link in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::Wanted;
use super::Why;
use super::diagnosis::diagnose;
use super::evidence::Evidence;
use super::host_state::HostState;
use super::seen::Seen;
use crate::net::{Interface, PacketSocket, route_source};

/// How long a watch that is to end may wait for a packet.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
/// Packets that are still read when a watch ends: more than the socket's buffer holds.
const MAX_LEFT: usize = 100_000;
/// Interfaces that are asked to take what is for all groups.
const MAX_INTERFACES: usize = 64;

/// Looks at the link while a listener listens.
///
/// It never fails: without the right to look it only sees less. As long as it lives, interfaces take
/// what is sent to any group.
#[derive(Debug)]
pub struct Watch {
    wanted: Wanted,
    before: HostState,
    began: Instant,
    link: Result<Looking, String>,
}

#[derive(Debug)]
struct Looking {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Watch {
    /// Begins to look. Before the listener binds and joins: what it adds to the host's state tells its
    /// memberships from those of others.
    pub fn begin(wanted: &Wanted) -> Self {
        let before = HostState::now(wanted);
        let link = look(wanted, &before.interfaces).map_err(|it| it.to_string());
        Self { wanted: wanted.clone(), before, began: Instant::now(), link }
    }

    /// Ends, and says why datagrams were not received; nothing where all that were seen may have been.
    /// The listener's socket must still be open: its memberships and drops are looked up.
    ///
    /// `received` is how many datagrams the listener had, `dropped` how many the kernel says that its
    /// socket dropped (`SO_RXQ_OVFL`).
    pub fn finish(self, received: u64, dropped: u64) -> Vec<Why> {
        let watched = self.began.elapsed();
        // The counts are read when all that was seen has passed the kernel.
        let link = self.link.and_then(Looking::end);
        let after = HostState::now(&self.wanted);
        let ways_back =
            link.iter().flat_map(Seen::senders).map(|it| (it, route_source(it))).collect();
        let Self { wanted, before, .. } = self;
        diagnose(&Evidence { wanted, watched, received, dropped, link, before, after, ways_back })
    }
}

fn look(wanted: &Wanted, interfaces: &[Interface]) -> std::io::Result<Looking> {
    let socket = PacketSocket::open()?;
    let is_meant = |it: &&Interface| {
        wanted.interface.as_ref().is_none_or(|named| named.index == it.index) && !it.is_loopback
    };
    for interface in interfaces.iter().filter(is_meant).take(MAX_INTERFACES) {
        // A card that refuses shows less.
        let _ = socket.take_all_groups(interface.index);
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let (wanted, interfaces) = (wanted.clone(), interfaces.to_vec());
    let told = Arc::clone(&is_over);
    let thread = thread::Builder::new()
        .name("link watch".into())
        .spawn(move || see(socket, &wanted, &interfaces, &told))?;
    Ok(Looking { is_over, thread })
}

impl Looking {
    fn end(self) -> Result<Seen, String> {
        self.is_over.store(true, Ordering::Release);
        self.thread.join().map_err(|_| "the watch of the link failed".to_owned())
    }
}

/// Looks until it is over, and then at what still waits.
fn see(
    mut socket: PacketSocket,
    wanted: &Wanted,
    interfaces: &[Interface],
    is_over: &AtomicBool,
) -> Seen {
    let mut seen = Seen::default();
    let mut left = MAX_LEFT;
    while left > 0 {
        let was_over = is_over.load(Ordering::Acquire);
        match socket.next_packet() {
            Ok(Some(packet)) => {
                seen.add(&packet, wanted, interfaces);
                left = left.saturating_sub(usize::from(was_over));
            }
            // An interface that goes down is told once, as an error; others go on.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::NETDOWN) => {}
            Ok(None) if !was_over => {
                let _ = poll(&mut [PollFd::new(&socket, PollFlags::IN)], Some(&LOOK));
            }
            _ => break,
        }
    }
    seen.missed = socket.dropped().into();
    seen
}
