//! What the datagrams of a run came to.

use std::net::SocketAddr;
use std::time::Duration;

use crate::net::{Batch, LatenessHistogram, NetError, Sent, UdpSocket, Undelivered};
use crate::replay::{Difference, Lateness, Outcome, Reason, Recording};

/// An outcome under way.
pub(super) struct Tally<'r> {
    pub outcome: Outcome,
    lateness: LatenessHistogram,
    recording: Option<&'r Recording>,
    progress: &'r dyn Fn(u64),
    /// Datagrams that the progress has not been told of.
    untold: u64,
}

/// Datagrams after which the progress is told.
const TELL: u64 = 256;

impl<'r> Tally<'r> {
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// None that a user can bring about.
    pub fn new(
        progress: &'r dyn Fn(u64),
        recording: Option<&'r Recording>,
    ) -> Result<Self, NetError> {
        let lateness = LatenessHistogram::new()?;
        Ok(Self { outcome: Outcome::default(), lateness, recording, progress, untold: 0 })
    }

    /// A datagram that was due then left now.
    pub fn late(&mut self, due: Duration, now: Duration) {
        self.lateness.record(due, now, 1);
    }

    /// What a sender did with a batch, which is a single datagram where a recording is made.
    pub fn sent(&mut self, sent: Sent, socket: &UdpSocket, batch: &Batch) {
        if sent.datagrams > 0 {
            self.record_sent(socket, batch);
        }
        self.outcome.sent.messages = self.outcome.sent.messages.saturating_add(sent.datagrams);
        self.outcome.sent.bytes = self.outcome.sent.bytes.saturating_add(sent.bytes);
        for (fault, count) in sent.faults {
            self.outcome.skip(Reason::NotSent(fault), count);
        }
        sent.undelivered.iter().for_each(|(it, count)| self.undelivered(*it, *count));
        self.untold = self.untold.saturating_add(sent.datagrams);
        if self.untold >= TELL {
            self.tell();
        }
    }

    /// So many datagrams that had left did not arrive.
    pub fn undelivered(&mut self, report: Undelivered, count: u64) {
        let reason = match report.is_refusal() {
            true => Reason::DatagramRefused(report.to),
            false => Reason::Undelivered(report.to, report.errno),
        };
        self.outcome.skip(reason, count);
    }

    /// A datagram that arrived.
    pub fn received(&mut self, socket: &UdpSocket, from: SocketAddr, bytes: &[u8]) {
        self.outcome.received.count(bytes.len());
        if let Some((recording, local)) = self.recording.zip(socket.local_addr().ok()) {
            recording.datagram(from, local, bytes);
        }
    }

    fn record_sent(&self, socket: &UdpSocket, batch: &Batch) {
        let Some((recording, local)) = self.recording.zip(socket.local_addr().ok()) else { return };
        for index in 0..batch.len() {
            if let Some(to) = batch.destination(index).or(socket.peer()) {
                recording.datagram(local, to, batch.datagram(index));
            }
        }
    }

    /// An answer did not come.
    pub fn missing(&mut self, conversation: u32, message: u64, expected: String) {
        self.outcome.missing = self.outcome.missing.saturating_add(1);
        let (expected, field) = (Some(expected), String::new());
        self.outcome.note(Difference { conversation, message, field, expected, actual: None });
    }

    /// What it all came to.
    pub fn into_outcome(mut self, duration: Duration) -> Outcome {
        self.tell();
        Outcome { lateness: Lateness::from(&self.lateness), duration, ..self.outcome }
    }

    fn tell(&mut self) {
        (self.progress)(std::mem::take(&mut self.untold));
    }
}
