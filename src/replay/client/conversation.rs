//! One conversation of the capture, played by its client over one connection.
//!
//! The client's steps leave in their order, each once the server has said what it had said before
//! it. Both sides' bytes go to the comparison twice: as recorded, step by step, and as they pass
//! through the socket.

use std::net::SocketAddr;

use tokio::time::Instant;

use super::connection::{Connection, connect};
use super::cursor::Cursor;
use super::host::HostField;
use super::worker::Worker;
use crate::comparison::Comparison;
use crate::flow::{Input, Side};
use crate::replay::Expect;
use crate::replay::fault::Fault;
use crate::replay::patience::later;
use crate::replay::plan::{Action, Conversation, Step};
use crate::replay::rhythm::{Listening, Rhythm};
use crate::replay::{RecordedConnection, ReplayError, Span};

/// A conversation under way.
pub(super) struct Playing<'w, 'p> {
    pub worker: &'w Worker<'p>,
    conversation: &'w Conversation,
    /// When it began, or should have begun.
    base: Instant,
    /// When the server's step that is waited for is due; `None` where it is due at once.
    pub answer_due: Option<Instant>,
    /// When the server let the next step be taken: what it takes longer is not our lateness.
    pub ready: Instant,
    /// `None` once it is counted.
    pub comparison: Option<Comparison>,
    pub connection: Option<Connection>,
    /// Where what passes is written.
    pub wire: Option<RecordedConnection>,
    pub host: Option<HostField<'p>>,
    /// What the comparison has been told of the recording.
    cursor: Cursor,
    /// All bytes of the recorded server, which the live one may send before their turn; and
    /// whether the comparison has been told of its end.
    pub recorded: Progress,
    pub live: Progress,
    /// Pieces since others had their turn.
    pub pieces: u32,
    /// When the server spoke, and how it does.
    pub listening: Listening,
    /// It is known how long the recorded server paused within this answer.
    is_pause_known: bool,
}

/// How far the server is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    pub bytes: u64,
    pub has_ended: bool,
}

/// What ends a conversation early.
pub(super) enum Broken {
    /// It is counted, and the run goes on.
    Fault(Fault),
    /// The run ends.
    Run(ReplayError),
}

/// Plays a conversation. `base` is when it was due; without it, it is due now.
///
/// # Errors
///
/// Payload that cannot be read again.
pub(super) async fn play(
    worker: &Worker<'_>,
    conversation: &Conversation,
    base: Option<Instant>,
) -> Result<(), ReplayError> {
    let Some(to) = worker.part.options.destinations.of(conversation.server) else {
        worker.tally.borrow_mut().skip(Fault::NoDestination);
        (worker.part.progress)(1);
        tokio::task::yield_now().await;
        return Ok(());
    };
    let mut talk = Playing::begin(worker, conversation, base.unwrap_or_else(Instant::now));
    talk.listening.rhythm = worker.rhythms.borrow().get(&to).copied().unwrap_or_default();
    let result = talk.play(to).await;
    worker.rhythms.borrow_mut().insert(to, talk.listening.rhythm);
    talk.end(result).await
}

impl<'w, 'p> Playing<'w, 'p> {
    fn begin(worker: &'w Worker<'p>, conversation: &'w Conversation, base: Instant) -> Self {
        let comparison = worker.comparator.borrow_mut().begin(conversation.parties(), Side::Server);
        let outcome = &mut worker.tally.borrow_mut().outcome;
        outcome.conversations = outcome.conversations.saturating_add(1);
        Self {
            worker,
            conversation,
            base,
            answer_due: None,
            ready: base,
            comparison: Some(comparison),
            connection: None,
            wire: None,
            host: worker.part.options.host.as_deref().map(HostField::new),
            cursor: Cursor::default(),
            recorded: Progress { bytes: conversation.answered(), has_ended: false },
            live: Progress::default(),
            pieces: 0,
            listening: Listening::new(base, Rhythm::default()),
            is_pause_known: false,
        }
    }

    async fn play(&mut self, to: SocketAddr) -> Result<(), Broken> {
        self.connect(to).await?;
        self.listening.ask(Instant::now());
        while let Some(step) = self.conversation.steps.get(self.cursor.step()) {
            self.await_answer().await?;
            match step.side {
                Side::Client if step.action == Action::Reset => {
                    self.await_due(step).await?;
                    self.reset();
                    // What else the server had on its way then is not to be expected.
                    return Ok(());
                }
                Side::Client => self.act(step).await?,
                Side::Server => self.expect(step).await?,
            }
            self.cursor.next_step();
        }
        match self.waits() {
            true => self.await_answer().await,
            false => self.linger().await,
        }
    }

    async fn connect(&mut self, to: SocketAddr) -> Result<(), Broken> {
        let options = self.worker.part.options;
        let recording = options.recording.as_ref();
        let deadline = later(Instant::now(), options.timeout);
        let mut alarm = self.worker.alarm();
        loop {
            let begun = Instant::now();
            match connect(to, &mut alarm, deadline).await {
                Ok(connection) => {
                    // The server's part only: beginning late is ours.
                    self.ready = later(self.base, begun.elapsed());
                    self.wire = recording.and_then(|it| {
                        let (client, server) = connection.ends().ok()?;
                        Some(it.connect(client, server))
                    });
                    self.connection = Some(connection);
                    self.worker.opened();
                    return Ok(());
                }
                Err(fault) if fault.is_passing() => {
                    self.worker.wait_for_room(fault, deadline).await?;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    /// A step of the client, once it is due.
    async fn act(&mut self, step: &Step) -> Result<(), Broken> {
        self.await_due(step).await?;
        match &step.action {
            Action::Send(range) => {
                self.is_pause_known = false;
                self.send(self.conversation.sent(range)).await?;
            }
            Action::Finish => {
                self.recall_other(Side::Client, &step.action);
                self.finish();
            }
            Action::Reset | Action::Missing(_) => {}
        }
        Ok(())
    }

    async fn await_due(&mut self, step: &Step) -> Result<(), Broken> {
        if let Some(due) = self.worker.due(self.conversation, step.at, self.base) {
            self.await_time(due).await?;
            let late = Instant::now().saturating_duration_since(due.max(self.ready));
            self.worker.tally.borrow_mut().late(late);
        }
        Ok(())
    }

    /// A step of the recorded server, which the live one has yet to follow. Each piece waits for
    /// the one before, so that neither side of the comparison runs far ahead of the other.
    async fn expect(&mut self, step: &Step) -> Result<(), Broken> {
        if !self.waits() {
            return Ok(());
        }
        if !std::mem::replace(&mut self.is_pause_known, true) {
            self.listening.pause = self.conversation.pause(self.cursor.step());
        }
        self.answer_due = self.worker.due(self.conversation, step.at, self.base);
        if let Action::Send(range) = &step.action {
            while self.recall(Side::Server, self.conversation.sent(range))? {
                self.take_turns().await;
                self.await_answer().await?;
            }
        } else {
            self.recall_other(Side::Server, &step.action);
        }
        Ok(())
    }

    /// Tells the comparison of what the recording lacks, or of a side's end.
    fn recall_other(&mut self, side: Side, action: &Action) {
        let input = match action {
            Action::Missing(len) => Input::Gap(*len),
            Action::Finish => Input::Close { clean: true },
            Action::Reset => Input::Close { clean: false },
            Action::Send(_) => return,
        };
        self.recorded.has_ended |= side == Side::Server && matches!(input, Input::Close { .. });
        if let Some(it) = &mut self.comparison {
            self.worker.comparator.borrow_mut().recorded(it, side, input);
        }
    }

    /// Tells the comparison the next piece of a step of the recording, which then lies in the
    /// buffer; false where the step has no more.
    pub fn recall(&mut self, side: Side, spans: &[Span]) -> Result<bool, ReplayError> {
        let mut piece = self.worker.buffers.recorded.borrow_mut();
        piece.clear();
        if !self.cursor.read(spans, self.worker.payloads(), &mut piece)? {
            return Ok(false);
        }
        if let Some(it) = &mut self.comparison {
            self.worker.comparator.borrow_mut().recorded(it, side, Input::Bytes(&piece));
        }
        if let Some(host) = self.host.as_mut().filter(|_| side == Side::Server) {
            host.answered(&piece);
        }
        Ok(true)
    }

    /// Counts what the conversation came to.
    async fn end(mut self, result: Result<(), Broken>) -> Result<(), ReplayError> {
        self.close();
        match result {
            Ok(()) => {}
            Err(Broken::Run(error)) => return Err(error),
            Err(Broken::Fault(fault)) => {
                self.worker.tally.borrow_mut().skip(fault);
                self.expect_rest().await?;
            }
        }
        self.count(false);
        (self.worker.part.progress)(1);
        if self.live.bytes == 0 {
            // It may not have waited for anything, and nor may the next: the user's wish to stop
            // has its turn.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Tells the comparison what was not played any more, so that each answer is accounted for.
    async fn expect_rest(&mut self) -> Result<(), ReplayError> {
        while let Some(step) = self.conversation.steps.get(self.cursor.step()) {
            match &step.action {
                _ if !self.waits() => {}
                Action::Reset if step.side == Side::Client => break,
                Action::Send(range) => {
                    while self.recall(step.side, self.conversation.sent(range))? {
                        self.take_turns().await;
                    }
                }
                other => self.recall_other(step.side, other),
            }
            self.cursor.next_step();
        }
        Ok(())
    }

    fn count(&mut self, is_interrupted: bool) {
        if let Some(comparison) = self.comparison.take() {
            let comparator = &mut self.worker.comparator.borrow_mut();
            let compared = match is_interrupted {
                true => comparator.interrupt(comparison),
                false => comparator.finish(comparison),
            };
            self.worker.tally.borrow_mut().outcome.count(compared);
        }
    }

    /// Whether the server's answers are waited for.
    pub fn waits(&self) -> bool {
        self.worker.part.options.expectation.expect != Expect::None
    }

    /// Whether the recorded server ends, now or later, by breaking off.
    pub fn is_reset_recorded(&self) -> bool {
        self.conversation
            .steps
            .iter()
            .any(|it| it.action == Action::Reset && it.side == Side::Server)
    }

    pub fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.worker.closed(connection.close());
        }
    }
}

/// The user may stop a run at any time; what was compared until then counts.
impl Drop for Playing<'_, '_> {
    fn drop(&mut self) {
        self.close();
        self.count(true);
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ReplayError> for Broken {
    fn from(error: ReplayError) -> Self {
        Self::Run(error)
    }
}
