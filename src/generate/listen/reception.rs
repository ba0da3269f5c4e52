//! Receiving on a thread of its own, so that the kernel's buffer is emptied while messages are decoded
//! and printed.
//!
//! Batches go round: full ones to whoever decodes, empty ones back. There is a fixed number of them;
//! while none is empty, datagrams wait in the kernel's buffer, and what finds no room there the kernel
//! counts as dropped.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver as Inbox, RecvTimeoutError, Sender as Outbox};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::net::{Arrivals, LOOK, ListenSocket, MAX_RECEIVED, Receiver};

/// Batches that go round.
const BATCHES: usize = 16;

/// Datagrams of a batch, after which no more are added: all batches together hold 0.2 seconds at
/// 300,000 a second.
const MAX_DATAGRAMS: usize = 4096;

/// Bytes, after which no more are added. One call may add 4 MiB to them.
const MAX_BYTES: usize = 1 << 20;

/// How long nothing is asked of the kernel while much comes, or while the reader is busy, so that one
/// call brings many: a hundred at 300,000 a second, which a buffer of `rmem_max`'s usual 208 KiB holds
/// twice over. What comes alone is handed over at once.
const PAUSE: Duration = Duration::from_micros(300);

/// The thread's side.
pub(super) struct Reception<'s> {
    socket: &'s ListenSocket,
    shared: &'s Shared,
    receiver: Receiver,
    full: Outbox<Arrivals>,
    empty: Inbox<Arrivals>,
}

/// The reader's side.
pub(super) struct Batches {
    full: Inbox<Arrivals>,
    empty: Outbox<Arrivals>,
}

/// What both sides look at.
#[derive(Default)]
pub(super) struct Shared {
    /// No more is wanted than has come.
    is_over: AtomicBool,
    /// Nothing more is wanted, not even that.
    is_given_up: AtomicBool,
    /// Batches that wait for the reader.
    waiting: AtomicUsize,
}

impl Shared {
    /// What has come until now is all that is wanted; or not even that.
    pub fn end(&self, gives_up: bool) {
        self.is_given_up.fetch_or(gives_up, Ordering::Relaxed);
        self.is_over.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

/// Both sides.
pub(super) fn reception<'s>(
    socket: &'s ListenSocket,
    shared: &'s Shared,
) -> (Reception<'s>, Batches) {
    let (full, reader) = mpsc::channel();
    let (back, empty) = mpsc::channel();
    (0..BATCHES).for_each(|_| _ = back.send(Arrivals::default()));
    let receiver = Receiver::default();
    (Reception { socket, shared, receiver, full, empty }, Batches { full: reader, empty: back })
}

impl Reception<'_> {
    /// Receives until it is told to end, then takes what had come before.
    pub fn run(mut self) -> io::Result<()> {
        let mut last = Instant::now();
        while !self.shared.is_over() {
            match self.empty.recv_timeout(LOOK) {
                Ok(batch) => self.fill(batch)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if last.elapsed() < PAUSE.saturating_mul(2) {
                thread::sleep(PAUSE);
            }
            last = Instant::now();
        }
        self.take_rest(now())
    }

    /// Fills a batch until it is worth handing over.
    fn fill(&mut self, mut batch: Arrivals) -> io::Result<()> {
        while !is_full(&batch) && !self.shared.is_over() {
            let came = self.receiver.receive(self.socket, &mut batch)?;
            let is_busy = self.shared.waiting.load(Ordering::Relaxed) > 0;
            match (batch.is_empty(), came >= MAX_RECEIVED, is_busy) {
                (true, ..) => _ = self.socket.wait(LOOK)?,
                (_, true, _) => {}
                (_, _, true) => thread::sleep(PAUSE),
                _ => break,
            }
        }
        self.hand_over(batch);
        Ok(())
    }

    /// What came before `end`, and what the kernel has dropped that no datagram tells of.
    fn take_rest(&mut self, end: Duration) -> io::Result<()> {
        let is_early = |it: &Arrivals| it.iter().last().is_none_or(|it| it.time <= end);
        while !self.shared.is_given_up.load(Ordering::Relaxed) {
            let Ok(mut batch) = self.empty.recv_timeout(LOOK) else { continue };
            while !is_full(&batch) && is_early(&batch) {
                if self.receiver.receive(self.socket, &mut batch)? == 0 {
                    self.count_dropped(&mut batch);
                    self.hand_over(batch);
                    return Ok(());
                }
            }
            let is_early = is_early(&batch);
            if !is_early {
                self.count_dropped(&mut batch);
            }
            self.hand_over(batch);
            if !is_early {
                break;
            }
        }
        Ok(())
    }

    fn count_dropped(&mut self, batch: &mut Arrivals) {
        if let Some(total) = self.socket.dropped() {
            self.receiver.count_dropped(total, batch);
        }
    }

    fn hand_over(&self, batch: Arrivals) {
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        // Whoever reads no more needs nothing more.
        let _ = self.full.send(batch);
    }
}

impl Batches {
    /// The next batch, if there is one within `timeout`.
    pub fn next(&self, timeout: Duration) -> Result<Arrivals, RecvTimeoutError> {
        self.full.recv_timeout(timeout)
    }

    /// Gives a batch back.
    pub fn give_back(&self, mut batch: Arrivals, shared: &Shared) {
        shared.waiting.fetch_sub(1, Ordering::Relaxed);
        batch.clear();
        // Where nobody receives any longer, it is not needed.
        let _ = self.empty.send(batch);
    }
}

fn is_full(batch: &Arrivals) -> bool {
    batch.len() >= MAX_DATAGRAMS || batch.bytes() >= MAX_BYTES
}

fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
