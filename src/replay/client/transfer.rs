//! What passes through the socket of a conversation, and what is waited for.

use tokio::time::{Instant, sleep_until};

use super::connection::Event;
use super::conversation::{Broken, Playing};
use crate::comparison::Standing;
use crate::flow::{Input, Side};
use crate::replay::Span;
use crate::replay::fault::Fault;
use crate::replay::patience::Patience;

/// What a server may send beyond what was recorded, bytes. A live answer may well be longer; one
/// that does not end is not read for ever.
pub(super) const EXCESS: u64 = 8 * 1024 * 1024;

/// Pieces that one conversation transfers before others have their turn.
const TURN: u32 = 16;

/// What was waited for.
enum Passed {
    /// So many bytes came; 0 is the end.
    Read(u64),
    /// So many bytes went.
    Wrote(usize),
    /// The time came.
    Deadline,
}

impl Playing<'_, '_> {
    /// Waits until the server has said what the recorded one had, its end too. Where nothing decodes
    /// what it says it may say something else, and has done so when it is quiet.
    ///
    /// # Errors
    ///
    /// It does not within the timeout.
    pub async fn await_answer(&mut self) -> Result<(), Broken> {
        if !self.waits() || self.is_answered() {
            return Ok(());
        }
        // It may take as long as the recorded one had.
        let now = Instant::now();
        let begin = self.answer_due.map_or(now, |due| due.max(now));
        let mut patience = Patience::new(self.worker.part.options.timeout, begin);
        while !self.is_answered() {
            let quiet = self.quiet();
            let deadline = quiet.map_or(patience.deadline(), |it| it.min(patience.deadline()));
            match self.next(&[], deadline).await? {
                Passed::Read(len) => patience.progress(len, Instant::now()),
                Passed::Wrote(_) => {}
                Passed::Deadline if quiet.is_some_and(|it| it <= Instant::now()) => break,
                Passed::Deadline if self.standing() != Standing::Behind => {
                    return Err(Fault::StillOpen.into());
                }
                Passed::Deadline => return Err(Fault::Silent.into()),
            }
        }
        self.ready = Instant::now();
        Ok(())
    }

    /// Waits for a step's time, and takes what comes meanwhile.
    pub async fn await_time(&mut self, due: Instant) -> Result<(), Broken> {
        while Instant::now() < due {
            self.next(&[], due).await?;
        }
        Ok(())
    }

    /// Waits for the server's end where nothing is expected: a connection that is closed over bytes
    /// that were not read is reset, and the server may lose what it was sent.
    pub async fn linger(&mut self) -> Result<(), Broken> {
        let mut patience = self.patience();
        while self.connection.is_some() && !self.live.has_ended {
            match self.next(&[], patience.deadline()).await? {
                Passed::Read(len) => patience.progress(len, Instant::now()),
                Passed::Wrote(_) => {}
                Passed::Deadline => break,
            }
        }
        Ok(())
    }

    /// Sends what the client had sent in a step.
    ///
    /// # Errors
    ///
    /// The server has ended, or takes nothing within the timeout.
    pub async fn send(&mut self, spans: &[Span]) -> Result<(), Broken> {
        if self.live.has_ended && !self.recorded.has_ended {
            return Err(Fault::ClosedEarly.into());
        }
        while self.recall(Side::Client, spans)? {
            let rest = self.send_piece()?;
            if !rest.is_empty() {
                self.send_rest(&rest).await?;
            }
            self.take_turns().await;
        }
        let sent = &mut self.worker.tally.borrow_mut().outcome.sent;
        sent.messages = sent.messages.saturating_add(1);
        Ok(())
    }

    /// Sends the piece in the buffer, as far as the kernel takes it at once; what is left.
    fn send_piece(&mut self) -> Result<Vec<u8>, Broken> {
        let worker = self.worker;
        let recorded = worker.buffers.recorded.borrow();
        let mut rewritten = worker.buffers.outgoing.borrow_mut();
        let piece = match &mut self.host {
            Some(host) => {
                rewritten.clear();
                host.push(&recorded, &mut rewritten);
                rewritten.as_slice()
            }
            None => recorded.as_slice(),
        };
        // What fails now fails again below, where what came before is read.
        let taken = self.connection.as_mut().map(|it| it.try_write(piece).unwrap_or(0));
        let (taken, rest) = piece.split_at_checked(taken.unwrap_or(0)).unwrap_or((piece, &[]));
        self.sent(taken);
        Ok(rest.to_vec())
    }

    /// Sends what the kernel did not take at once, and reads meanwhile: the server may not read
    /// before we do.
    async fn send_rest(&mut self, mut rest: &[u8]) -> Result<(), Broken> {
        let mut patience = self.patience();
        while !rest.is_empty() {
            match self.next(rest, patience.deadline()).await? {
                Passed::Wrote(len) => {
                    patience.progress(len as u64, Instant::now());
                    rest = rest.get(len..).unwrap_or_default();
                }
                Passed::Read(len) => patience.progress(len, Instant::now()),
                Passed::Deadline => return Err(Fault::Blocked.into()),
            }
        }
        Ok(())
    }

    /// The client sends no more.
    pub fn finish(&mut self) {
        self.listening.ask(Instant::now());
        self.observe(Side::Client, Input::Close { clean: true });
        match &self.connection {
            Some(_) if self.live.has_ended => self.close(),
            Some(connection) => connection.finish(),
            None => {}
        }
    }

    /// The client breaks off.
    pub fn reset(&mut self) {
        self.observe(Side::Client, Input::Close { clean: false });
        if let Some(connection) = self.connection.take() {
            self.worker.closed(connection.reset());
        }
    }

    /// Waits for one thing to happen, and tells the comparison.
    async fn next(&mut self, outgoing: &[u8], deadline: Instant) -> Result<Passed, Broken> {
        self.take_turns().await;
        let worker = self.worker;
        let Some(connection) = &mut self.connection else {
            sleep_until(deadline).await;
            return Ok(Passed::Deadline);
        };
        let incoming = (!self.live.has_ended).then_some(&worker.buffers.incoming);
        match connection.next(outgoing, incoming, deadline).await {
            Event::Deadline => Ok(Passed::Deadline),
            Event::Wrote(Ok(len)) => {
                self.sent(outgoing.get(..len).unwrap_or_default());
                Ok(Passed::Wrote(len))
            }
            Event::Wrote(Err(error)) => {
                self.drain().await?;
                Err(Fault::of_transfer(&error).into())
            }
            Event::Read(Ok(0)) => {
                self.ended(true);
                Ok(Passed::Read(0))
            }
            Event::Read(Ok(len)) => self.received(len),
            Event::Read(Err(error)) => {
                self.ended(false);
                match Fault::of_transfer(&error) {
                    Fault::Reset if self.is_reset_recorded() => Ok(Passed::Read(0)),
                    fault => Err(fault.into()),
                }
            }
        }
    }

    /// Takes what lies in the socket already, after writing has failed.
    async fn drain(&mut self) -> Result<(), Broken> {
        while !self.live.has_ended
            && let Some(connection) = &mut self.connection
        {
            let incoming = Some(&self.worker.buffers.incoming);
            match connection.next(&[], incoming, Instant::now()).await {
                Event::Read(Ok(len)) if len > 0 => self.received(len)?,
                _ => break,
            };
        }
        Ok(())
    }

    /// Takes note of bytes that went out.
    fn sent(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let len = bytes.len() as u64;
        {
            let sent = &mut self.worker.tally.borrow_mut().outcome.sent;
            sent.bytes = sent.bytes.saturating_add(len);
        }
        self.listening.ask(Instant::now());
        self.observe(Side::Client, Input::Bytes(bytes));
    }

    /// Takes what came from the buffer.
    fn received(&mut self, len: usize) -> Result<Passed, Broken> {
        let worker = self.worker;
        let incoming = worker.buffers.incoming.borrow();
        self.listening.hear(Instant::now());
        self.observe(Side::Server, Input::Bytes(incoming.get(..len).unwrap_or_default()));
        self.live.bytes = self.live.bytes.saturating_add(len as u64);
        if self.live.bytes > self.recorded.bytes.saturating_add(EXCESS) {
            return Err(Fault::Excess.into());
        }
        Ok(Passed::Read(len as u64))
    }

    fn ended(&mut self, clean: bool) {
        self.live.has_ended = true;
        self.observe(Side::Server, Input::Close { clean });
    }

    fn observe(&mut self, side: Side, input: Input<'_>) {
        if let Some(it) = &mut self.comparison {
            self.worker.comparator.borrow_mut().live(it, side, input);
        }
        match (&mut self.wire, input) {
            (Some(wire), Input::Bytes(bytes)) => wire.sent(side, bytes),
            (Some(wire), Input::Close { clean: true }) => wire.finished(side),
            (Some(wire), Input::Close { clean: false }) => wire.reset(side),
            (Some(_), Input::Gap(_)) | (None, _) => {}
        }
    }

    fn is_answered(&self) -> bool {
        self.live.has_ended || (self.has_caught_up() && !self.recorded.has_ended)
    }

    fn has_caught_up(&self) -> bool {
        self.standing() == Standing::Answered
    }

    fn standing(&self) -> Standing {
        self.comparison.as_ref().map_or(Standing::Answered, |it| it.standing())
    }

    /// When what has come is all of another answer than was recorded, if no more comes. `None` where
    /// the server is waited for, also for its end.
    fn quiet(&self) -> Option<Instant> {
        let is_uncertain = self.standing() == Standing::Uncertain && !self.recorded.has_ended;
        let timeout = self.worker.part.options.timeout;
        is_uncertain.then(|| self.listening.quiet(self.answer_due, timeout))
    }

    fn patience(&self) -> Patience {
        Patience::new(self.worker.part.options.timeout, Instant::now())
    }

    /// Lets the other conversations of the thread go on, now and then.
    pub async fn take_turns(&mut self) {
        self.pieces = self.pieces.saturating_add(1);
        if self.pieces >= TURN {
            self.pieces = 0;
            tokio::task::yield_now().await;
        }
    }
}
