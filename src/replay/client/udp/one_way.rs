//! Datagrams that nothing is waited for: each leaves at its deadline, those that are due together
//! by one call.
//!
//! The next datagrams are read before their time is waited for. None leaves before its deadline.

use std::time::Duration;

use super::run::Run;
use super::sockets::Sockets;
use super::tally::Tally;
use crate::flow::Side;
use crate::net::{Batch, Deadlines, Offload, Sender, wait_until};
use crate::replay::{Datagram, Reason, ReplayError};

/// Datagrams of one socket, waiting for the first one's deadline.
#[derive(Default)]
struct Due {
    client: u32,
    batch: Batch,
    /// Of each; none at top speed.
    deadlines: Vec<Duration>,
}

struct OneWay<'r, 's> {
    run: Run<'r>,
    sockets: &'s mut Sockets,
    tally: &'s mut Tally<'r>,
    sender: Sender<'r>,
    deadlines: Deadlines,
    due: Due,
    /// Datagrams that left or were refused by the kernel.
    datagrams: u64,
    /// When arrivals were last looked for.
    looked: Duration,
}

/// How often a busy run looks for arrivals, and how long before a deadline it does not.
const ARRIVALS: Duration = Duration::from_millis(10);
const BEFORE_DEADLINE: Duration = Duration::from_millis(1);

/// Plays the plan as often as the user wants.
///
/// # Errors
///
/// The schedule or the payload cannot be read again.
pub(super) fn play<'r>(
    run: Run<'r>,
    sockets: &mut Sockets,
    tally: &mut Tally<'r>,
) -> Result<(), ReplayError> {
    let mut way = OneWay {
        run,
        sockets,
        tally,
        sender: Sender::new(Offload::of(run.options.pace), run.options.timeout, run.is_over),
        deadlines: Deadlines::new(run.options.pace, run.begin),
        due: Due::default(),
        datagrams: 0,
        looked: run.begin,
    };
    let mut passes: u64 = 0;
    loop {
        let before = way.datagrams;
        way.pass()?;
        passes = passes.saturating_add(1);
        if way.tally.outcome.interrupted || !run.goes_on(passes, way.datagrams > before) {
            return Ok(());
        }
        way.sockets.begin_pass();
        way.deadlines.begin_pass(None);
    }
}

impl OneWay<'_, '_> {
    fn pass(&mut self) -> Result<(), ReplayError> {
        let plan = self.run.plan;
        let mut entries = plan.schedule.entries();
        let mut payloads = plan.payloads.window();
        while let Some(entry) = entries.next_entry()? {
            if (self.run.is_over)() {
                break;
            }
            if entry.side == Side::Client && self.sockets.destination(entry.conversation).is_some()
            {
                let waiting = self.due.batch.len() as u64;
                if self.run.is_enough(self.datagrams.saturating_add(waiting)) {
                    self.tally.outcome.interrupted = true;
                    break;
                }
                match entry.port {
                    None => self.gather(entry, payloads.read(entry.span)?)?,
                    // Nobody waits for the answer that says what it is now.
                    Some(_) => self.tally.outcome.skip(Reason::UntoldPort, 1),
                }
            }
            self.sockets.settle(entry.conversation, 1);
        }
        self.flush()
    }

    /// Adds a datagram to those that are due with it; others are sent first.
    fn gather(&mut self, entry: Datagram, bytes: &[u8]) -> Result<(), ReplayError> {
        let deadline = self.deadlines.next_deadline(entry.at, bytes.len());
        let Some(client) = self.sockets.client(entry.conversation) else { return Ok(()) };
        // What the kernel takes of a batch cannot be told apart, so that a recording has none.
        let has_room = self.run.options.recording.is_none() && !self.due.batch.is_full();
        if self.due.client != client || !has_room || !self.is_due_too(deadline) {
            self.flush()?;
        }
        if !self.sockets.open(entry.conversation, self.tally)? {
            return Ok(());
        }
        let is_connected = self.sockets.socket(client).is_some_and(|it| it.peer().is_some());
        let to = self.sockets.destination(entry.conversation).filter(|_| !is_connected);
        self.due.client = client;
        self.due.batch.push(to, bytes);
        self.due.deadlines.extend(deadline);
        Ok(())
    }

    /// Whether a datagram can leave with the first that waits: its deadline is the same, or both
    /// have passed.
    fn is_due_too(&self, deadline: Option<Duration>) -> bool {
        let (Some(first), Some(deadline)) = (self.due.deadlines.first(), deadline) else {
            return true;
        };
        deadline <= *first || deadline <= self.run.clock.now()
    }

    /// Waits until the first one's deadline, and sends all.
    fn flush(&mut self) -> Result<(), ReplayError> {
        self.look(self.due.deadlines.first().copied())?;
        let Run { clock, is_over, .. } = self.run;
        let has_come = match self.due.deadlines.first() {
            Some(deadline) => wait_until(clock, *deadline, is_over),
            None => true,
        };
        if has_come && !self.due.batch.is_empty() {
            self.send();
        }
        self.due.batch.clear();
        self.due.deadlines.clear();
        Ok(())
    }

    fn send(&mut self) {
        let now = self.run.clock.now();
        self.due.deadlines.iter().for_each(|it| self.tally.late(*it, now));
        let Some(socket) = self.sockets.socket(self.due.client) else { return };
        self.sender.send(socket, &self.due.batch);
        self.datagrams = self.datagrams.saturating_add(self.due.batch.len() as u64);
        self.tally.sent(self.sender.take_sent(), socket, &self.due.batch);
    }

    /// Counts what arrives unasked, while there is time.
    fn look(&mut self, deadline: Option<Duration>) -> Result<(), ReplayError> {
        let now = self.run.clock.now();
        let has_time = deadline.is_none_or(|it| it.saturating_sub(now) > BEFORE_DEADLINE);
        if !has_time || now.saturating_sub(self.looked) < ARRIVALS {
            return Ok(());
        }
        self.looked = now;
        self.sockets.wait(Duration::ZERO, self.tally, &mut |_, _| {})
    }
}
