//! Which of many sockets have something to read: epoll, with waits shorter than a millisecond.

use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::NetError;

/// A set of sockets, each known by a number.
#[derive(Debug)]
pub struct Readiness {
    epoll: OwnedFd,
}

/// Sockets that one look tells of.
const EVENTS: usize = 64;

impl Readiness {
    /// Without sockets.
    ///
    /// # Errors
    ///
    /// The process is out of file descriptors.
    pub fn new() -> Result<Self, NetError> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)
            .map_err(|it| NetError::of(|| "cannot wait for sockets".into(), it.into()))?;
        Ok(Self { epoll })
    }

    /// Watches a socket, which `number` is to stand for. A socket that is closed leaves by itself.
    ///
    /// # Errors
    ///
    /// The kernel has no room for another.
    pub fn watch(&self, socket: impl AsFd, number: u64) -> Result<(), NetError> {
        epoll::add(&self.epoll, socket, EventData::new_u64(number), EventFlags::IN)
            .map_err(|it| NetError::of(|| "cannot wait for a socket".into(), it.into()))
    }

    /// Waits until a socket can be read, or has an error, for at most `timeout`, and gives each
    /// one's number to `ready`.
    ///
    /// # Errors
    ///
    /// The kernel refuses, which no use of this type brings about.
    pub fn wait(&self, timeout: Duration, ready: &mut Vec<u64>) -> Result<(), NetError> {
        // epoll counts in milliseconds; poll, which can watch an epoll, in nanoseconds.
        if !timeout.is_zero() && !readable(self, timeout)? {
            return Ok(());
        }
        let mut events = [const { MaybeUninit::<Event>::uninit() }; EVENTS];
        match epoll::wait(&self.epoll, &mut events, Some(&Timespec::default())) {
            Ok((events, _)) => ready.extend(events.iter().map(|it| it.data.u64())),
            Err(Errno::INTR) => {}
            Err(it) => return Err(refused(it)),
        }
        Ok(())
    }
}

fn readable(readiness: &Readiness, timeout: Duration) -> Result<bool, NetError> {
    let timeout = Timespec::try_from(timeout).ok();
    let mut fds = [PollFd::new(&readiness.epoll, PollFlags::IN)];
    match poll(&mut fds, timeout.as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(it) => Err(refused(it)),
    }
}

fn refused(it: Errno) -> NetError {
    NetError::of(|| "cannot wait for sockets".into(), it.into())
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn those_that_can_be_read_are_told_by_their_numbers() {
        let sockets = [(); 3].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let readiness = Readiness::new().unwrap();
        for (number, socket) in sockets.iter().enumerate() {
            readiness.watch(socket, number as u64 + 10).unwrap();
        }
        let mut ready = Vec::new();
        readiness.wait(Duration::from_micros(200), &mut ready).unwrap();
        assert!(ready.is_empty());
        for to in [&sockets[0], &sockets[2]] {
            sockets[1].send_to(b"x", to.local_addr().unwrap()).unwrap();
        }
        while ready.len() < 2 {
            ready.clear();
            readiness.wait(Duration::from_secs(5), &mut ready).unwrap();
        }
        ready.sort_unstable();
        assert_eq!(ready, [10, 12]);
    }
}
