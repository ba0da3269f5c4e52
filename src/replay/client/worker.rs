//! One thread's share of the conversations: begun when they are due, all at once on one runtime.

use super::cursor::PIECE;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::connection::Alarm;
use super::part::Part;
use super::tally::Tally;
use crate::comparison::Comparator;
use crate::replay::fault::Fault;
use crate::replay::options::{Pace, Timing};
use crate::replay::patience::later;
use crate::replay::plan::Conversation;
use crate::replay::rhythm::Rhythm;
use crate::replay::{Payloads, ReplayError};

/// One thread: what its conversations share.
pub(super) struct Worker<'p> {
    pub part: Part<'p>,
    pub comparator: RefCell<Comparator<'p>>,
    pub buffers: Buffers,
    pub tally: RefCell<Tally>,
    /// Connections that are open, and those who wait for one to end.
    open: Cell<usize>,
    freed: Notify,
    /// Of connections that have ended.
    alarms: RefCell<Vec<Alarm>>,
    /// How each destination answers; there are no more of them than the user has named.
    pub rhythms: RefCell<HashMap<SocketAddr, Rhythm>>,
}

/// Bytes on their way between a poll and what it wakes; no conversation holds them while it waits.
pub(super) struct Buffers {
    /// From the server.
    pub incoming: RefCell<Vec<u8>>,
    /// From the capture.
    pub recorded: RefCell<Vec<u8>>,
    /// From the capture, as they are sent.
    pub outgoing: RefCell<Vec<u8>>,
}

impl<'p> Worker<'p> {
    /// A thread that has played nothing yet.
    ///
    /// # Errors
    ///
    /// Protocols that no decoder can be made for, rules of the comparison that cannot be read.
    pub fn new(part: Part<'p>) -> Result<Self, ReplayError> {
        let comparator = Comparator::new(part.protocols, &part.options.expectation)?;
        Ok(Self {
            part,
            comparator: RefCell::new(comparator),
            buffers: Buffers {
                incoming: RefCell::new(vec![0; PIECE]),
                recorded: RefCell::default(),
                outgoing: RefCell::default(),
            },
            tally: RefCell::new(Tally::new()?),
            open: Cell::new(0),
            freed: Notify::new(),
            alarms: RefCell::default(),
            rhythms: RefCell::default(),
        })
    }

    /// A recorded time at the speed of the run.
    pub fn scaled(&self, at: Duration) -> Duration {
        let speed = match self.part.options.pace {
            Pace::Recorded(speed) => speed,
            Pace::Top => return Duration::ZERO,
            // Those are of datagrams.
            Pace::PacketsPerSecond(_) | Pace::Mbps(_) => 1.0,
        };
        Duration::try_from_secs_f64(at.as_secs_f64() / speed).unwrap_or(Duration::MAX)
    }

    /// When a step of a conversation that began at `base` is due; `None` where only answers count.
    pub fn due(&self, conversation: &Conversation, at: Duration, base: Instant) -> Option<Instant> {
        match self.part.options.timing {
            Timing::Reply => None,
            Timing::Recorded => {
                Some(later(base, self.scaled(at.saturating_sub(conversation.start))))
            }
        }
    }

    /// What spans are read from.
    pub fn payloads(&self) -> &'p Payloads {
        self.part.payloads
    }

    /// What it all came to.
    pub fn into_tally(self) -> Tally {
        self.tally.into_inner()
    }

    /// A connection is open.
    pub fn opened(&self) {
        self.open.set(self.open.get().saturating_add(1));
    }

    /// An alarm for the next connection.
    pub fn alarm(&self) -> Alarm {
        self.alarms.borrow_mut().pop().unwrap_or_default()
    }

    /// A connection is closed: one who waits may try again.
    pub fn closed(&self, alarm: Alarm) {
        self.alarms.borrow_mut().push(alarm);
        self.open.set(self.open.get().saturating_sub(1));
        self.freed.notify_one();
    }

    /// Waits until something may have become free: a descriptor, a port. Descriptors become free
    /// when others in this thread end, so that they are waited for; else the deadline counts.
    ///
    /// # Errors
    ///
    /// The fault, where nothing will become free.
    pub async fn wait_for_room(&self, fault: Fault, deadline: Instant) -> Result<(), Fault> {
        const AGAIN: Duration = Duration::from_millis(10);
        let now = Instant::now();
        let will_be_free = fault == Fault::NoDescriptors && self.open.get() > 0;
        if now >= deadline && !will_be_free {
            return Err(fault);
        }
        tokio::select! {
            () = self.freed.notified() => {}
            () = sleep_until(later(now, AGAIN)) => {}
        }
        Ok(())
    }
}
