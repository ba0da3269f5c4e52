//! The run over live sockets.
//!
//! Messages that are due together leave by one call. None is made before it is due, and none
//! leaves before its deadline.

use std::net::SocketAddr;
use std::time::Duration;

use super::options::{Make, SendOptions};
use super::outcome::SendingOutcome;
use super::replies::Awaited;
use super::sockets;
use crate::capture::Timestamp;
use crate::generate::{Destination, GenerateError};
use crate::net::{
    Batch, Clock, Deadlines, LatenessHistogram, MonotonicClock, NetError, Offload, Pace, Sender,
    UdpSocket, Unsent, wait_until,
};

/// Messages after which the progress is told.
const TELL: u64 = 256;
/// Enough to make what the first message needs.
const LEAD: Duration = Duration::from_millis(2);
/// How long a refusal of the last messages may take: from this host, and from others, round half the
/// earth and back.
const LINGER: Duration = Duration::from_millis(20);
const LINGER_DISTANT: Duration = Duration::from_millis(300);

struct Run<'r> {
    options: &'r SendOptions<'r>,
    make: &'r mut Make<'r>,
    clock: &'r dyn Clock,
    is_over: &'r dyn Fn() -> bool,
    progress: &'r dyn Fn(u64),
    sockets: Vec<UdpSocket>,
    sender: Sender<'r>,
    awaited: Option<Awaited<'r>>,
    deadlines: Deadlines,
    lateness: LatenessHistogram,
    /// Where messages go in turn; `None` is the sockets' own peer.
    to: Vec<Option<SocketAddr>>,
    next_to: usize,
    /// Messages of one sender that wait to be sent, and their deadlines.
    batch: Batch,
    due: Vec<Duration>,
    from: usize,
    /// A message that is not yet among them: it may be another sender's.
    message: Vec<u8>,
    /// When the next one is due by the gaps before it, and for when the next one is made.
    at: Duration,
    time: Timestamp,
    /// The clock when it was last looked at.
    now: Duration,
    made: u64,
    untold: u64,
}

/// The longest payload of UDP: 65,535 bytes less the headers of UDP and of IPv4, which counts its own;
/// that of IPv6 it does not count.
const MAX_IPV4: usize = 65_507;
const MAX_IPV6: usize = 65_527;

/// Refuses messages that no datagram holds.
///
/// # Errors
///
/// The longest is too long.
pub fn require_fit(len: usize, destination: Destination) -> Result<(), GenerateError> {
    let max = if destination.is_ipv6() { MAX_IPV6 } else { MAX_IPV4 };
    if len > max { Err(GenerateError::TooLong { len, max }) } else { Ok(()) }
}

/// Sends messages until all are sent, the time is over, or `is_halted`. `progress` is told how
/// many have been made since it was told last.
///
/// # Errors
///
/// Sockets that cannot be had. A message that cannot be made ends the run, and is told with what was
/// sent before. What one message runs into on its way is counted; where the kernel takes not even the
/// first, the run ends.
pub fn send<'r>(
    options: &'r SendOptions<'r>,
    make: &'r mut Make<'r>,
    is_halted: &dyn Fn() -> bool,
    progress: &dyn Fn(u64),
) -> Result<SendingOutcome, GenerateError> {
    let sockets = sockets::open(options)?;
    let clock = MonotonicClock::new();
    let lead = if options.pace == Pace::Top { Duration::ZERO } else { LEAD };
    let begin = clock.now().saturating_add(lead);
    let end = options.duration.map(|it| begin.saturating_add(it));
    let is_over = || is_halted() || end.is_some_and(|end| clock.now() >= end);
    let mut run = Run::new(options, make, (&clock, begin), &is_over, progress, sockets)?;
    let failure = run.play().err();
    let duration = clock.now().saturating_sub(begin);
    let interrupted = is_halted() && !run.is_enough();
    let outcome = run.finish(duration, is_halted)?;
    Ok(SendingOutcome { interrupted, failure, ..outcome })
}

impl<'r> Run<'r> {
    fn new(
        options: &'r SendOptions<'r>,
        make: &'r mut Make<'r>,
        (clock, begin): (&'r dyn Clock, Duration),
        is_over: &'r dyn Fn() -> bool,
        progress: &'r dyn Fn(u64),
        sockets: Vec<UdpSocket>,
    ) -> Result<Self, NetError> {
        let to = match options.destination {
            Destination::Host(_) => vec![None],
            it => it.addresses().into_iter().map(Some).collect(),
        };
        let awaited = options.replies.map(|it| Awaited::new(it, &sockets)).transpose()?;
        Ok(Self {
            options,
            make,
            clock,
            is_over,
            progress,
            sender: Sender::new(Offload::of(options.pace), options.timeout, is_over),
            awaited,
            sockets,
            deadlines: Deadlines::new(options.pace, begin),
            lateness: LatenessHistogram::new()?,
            to,
            next_to: 0,
            batch: Batch::default(),
            due: Vec::new(),
            from: 0,
            message: Vec::new(),
            at: Duration::ZERO,
            time: Timestamp::now(),
            now: begin,
            made: 0,
            untold: 0,
        })
    }

    fn play(&mut self) -> Result<(), GenerateError> {
        while !self.is_enough() && !self.is_stuck() {
            let due = self.deadlines.due(self.at);
            if !self.has_come(due) || self.batch.is_full() {
                self.flush();
                if !self.wait(due)? {
                    return Ok(());
                }
            }
            if self.batch.is_empty() || self.options.pace != Pace::Top {
                self.time = Timestamp::now();
            }
            match self.add(due) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.flush();
                    return Err(error);
                }
            }
        }
        self.flush();
        Ok(())
    }

    fn is_enough(&self) -> bool {
        self.options.count.is_some_and(|count| self.made >= count)
    }

    /// Whether the kernel took nothing, and will take nothing later.
    fn is_stuck(&self) -> bool {
        let sent = self.sender.sent();
        let is_refused = |(it, _): &(Unsent, u64)| matches!(it, Unsent::Kernel(_));
        sent.datagrams == 0 && sent.faults.iter().any(is_refused)
    }

    /// Whether a deadline has passed; the clock is looked at only where it must be.
    fn has_come(&mut self, due: Option<Duration>) -> bool {
        let Some(due) = due else { return true };
        if due > self.now {
            self.now = self.clock.now();
        }
        due <= self.now
    }

    /// Waits until a message is due, and receives meanwhile. Returns whether the time has come.
    fn wait(&mut self, due: Option<Duration>) -> Result<bool, NetError> {
        let Self { clock, is_over, .. } = *self;
        let due = due.unwrap_or_default();
        match &mut self.awaited {
            Some(awaited) => {
                awaited.receive_until(due, clock, &self.sockets, &mut self.sender, is_over)
            }
            None => Ok(wait_until(clock, due, is_over)),
        }
    }

    /// Makes a message, and adds it to those that wait. Returns whether there was one more.
    fn add(&mut self, due: Option<Duration>) -> Result<bool, GenerateError> {
        self.message.clear();
        let Some(made) = (self.make)(self.time, &mut self.message)? else { return Ok(false) };
        if made.sender != self.from {
            self.flush();
            self.from = made.sender;
        }
        let to = self.to.get(self.next_to).copied().flatten();
        self.next_to = self.next_to.saturating_add(1);
        if self.next_to >= self.to.len() {
            self.next_to = 0;
        }
        self.batch.push(to, &self.message);
        if let Some(due) = due {
            self.deadlines.count(due, self.message.len());
            self.due.push(due);
        }
        self.at = self.at.saturating_add(made.gap.unwrap_or_default());
        self.made = self.made.saturating_add(1);
        Ok(true)
    }

    /// Sends what waits.
    fn flush(&mut self) {
        let Some(socket) = self.sockets.get(self.from).filter(|_| !self.batch.is_empty()) else {
            return;
        };
        self.now = self.clock.now();
        self.due.iter().for_each(|it| self.lateness.record(*it, self.now, 1));
        if let Some(awaited) = &mut self.awaited {
            awaited.expect(self.from, &self.batch, self.now);
        }
        self.sender.send(socket, &self.batch);
        self.untold = self.untold.saturating_add(self.batch.len() as u64);
        if self.untold >= TELL {
            (self.progress)(std::mem::take(&mut self.untold));
        }
        self.batch.clear();
        self.due.clear();
    }

    fn finish(
        mut self,
        duration: Duration,
        is_halted: &dyn Fn() -> bool,
    ) -> Result<SendingOutcome, GenerateError> {
        (self.progress)(self.untold);
        let mut replies = None;
        match self.awaited.take() {
            Some(awaited) => {
                let Self { clock, sockets, sender, .. } = &mut self;
                replies = Some(awaited.finish(*clock, sockets, sender, is_halted)?);
            }
            None => self.linger(),
        }
        for socket in &self.sockets {
            self.sender.hear(socket);
        }
        let (sent, lateness) = (self.sender.take_sent(), self.lateness);
        Ok(SendingOutcome { sent, lateness, duration, replies, interrupted: false, failure: None })
    }

    /// Waits for refusals of the last messages. Nobody refuses what is for a group or for everybody.
    fn linger(&self) {
        let Destination::Host(to) = self.options.destination else { return };
        let time = if to.ip().is_loopback() { LINGER } else { LINGER_DISTANT };
        wait_until(self.clock, self.clock.now().saturating_add(time), &|| false);
    }
}
