//! Conversations whose answers are waited for: one thread, in which none holds up the others.
//!
//! Datagrams are read from the schedule shortly before they are due, and at most [`MAX_PENDING`]
//! are known at a time. Each conversation says when it has to be looked at next; between those
//! times the sockets are listened to.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::time::Duration;

use super::answers::Answers;
use super::run::Run;
use super::sockets::Sockets;
use super::talk::{Entry, Exchange, Turn};
use super::tally::Tally;
use crate::flow::Side;
use crate::net::{Batch, Deadlines, LOOK, Offload, Pace, Sender};
use crate::replay::{ConversationId, Datagram, Entries, Reason, ReplayError, Span, Timing};

/// Datagrams that are read and not dealt with. Beyond, a conversation that waits for an answer may
/// hold up others, for the timeout at most.
const MAX_PENDING: usize = 1 << 16;
/// As many where no recorded time says what is near.
const AHEAD: usize = 1 << 10;
/// How long before they are due datagrams are read.
const HORIZON: Duration = Duration::from_millis(20);
/// A wait ends so long before the time; the rest is spent on looking at the sockets.
const MARGIN: Duration = Duration::from_micros(200);

struct Dialogue<'r, 's> {
    run: Run<'r>,
    sockets: &'s mut Sockets,
    tally: &'s mut Tally<'r>,
    sender: Sender<'r>,
    deadlines: Deadlines,
    answers: Answers<'r>,
    batch: Batch,
    /// When which conversation has to be looked at.
    wakes: BinaryHeap<Reverse<(Duration, ConversationId)>>,
    /// Datagrams that were sent, or refused by the kernel.
    datagrams: u64,
    /// The user wants no more datagrams; what was sent is still answered.
    is_closing: bool,
}

/// The schedule, and its next entry.
struct Ahead<'p> {
    entries: Entries<'p>,
    next: Option<Datagram>,
}

/// Plays the plan as often as the user wants.
///
/// # Errors
///
/// The schedule or the payload cannot be read again; a protocol that no codec can read.
pub(super) fn play<'r>(
    run: Run<'r>,
    sockets: &mut Sockets,
    tally: &mut Tally<'r>,
) -> Result<(), ReplayError> {
    let mut dialogue = Dialogue {
        run,
        sockets,
        tally,
        sender: Sender::new(Offload::None, run.options.timeout, run.is_over),
        deadlines: Deadlines::new(run.options.pace, run.begin),
        answers: Answers::new(run)?,
        batch: Batch::default(),
        wakes: BinaryHeap::new(),
        datagrams: 0,
        is_closing: false,
    };
    let mut passes: u64 = 0;
    loop {
        let before = dialogue.datagrams;
        dialogue.pass()?;
        passes = passes.saturating_add(1);
        let is_last = run.options.loops > 0 && passes >= run.options.loops;
        dialogue.tally.outcome.interrupted |= dialogue.is_closing && !is_last;
        if dialogue.is_closing || !run.goes_on(passes, dialogue.datagrams > before) {
            return Ok(());
        }
        dialogue.begin_pass();
    }
}

impl<'r> Dialogue<'r, '_> {
    /// New sockets, so that late answers are not taken for those of the new pass.
    fn begin_pass(&mut self) {
        self.answers.forget();
        self.sockets.close_all();
        self.sockets.begin_pass();
        self.deadlines.begin_pass(Some(self.run.clock.now()));
    }

    fn pass(&mut self) -> Result<(), ReplayError> {
        let mut entries = self.run.plan.schedule.entries();
        let next = entries.next_entry()?;
        let mut ahead = Ahead { entries, next };
        loop {
            if (self.run.is_over)() {
                self.answers.forget();
                self.wakes.clear();
                return Ok(());
            }
            let now = self.run.clock.now();
            self.read(&mut ahead, now)?;
            self.wake(now)?;
            if ahead.next.is_none() && self.answers.are_all_settled() {
                return Ok(());
            }
            self.listen(&ahead)?;
        }
    }

    /// Reads what is due soon.
    fn read(&mut self, ahead: &mut Ahead<'_>, now: Duration) -> Result<(), ReplayError> {
        while let Some(entry) = ahead.next.filter(|it| self.is_near(it, now)) {
            self.take(entry, now);
            ahead.next = ahead.entries.next_entry()?;
        }
        Ok(())
    }

    fn is_near(&self, entry: &Datagram, now: Duration) -> bool {
        let pending = self.answers.pending();
        match self.deadlines.recorded(entry.at) {
            _ if self.is_closing => true,
            _ if self.run.options.timing == Timing::Reply => pending < MAX_PENDING,
            Some(due) => pending < MAX_PENDING && due <= now.saturating_add(HORIZON),
            None => pending < AHEAD,
        }
    }

    /// Hands a datagram of the capture to its conversation.
    fn take(&mut self, entry: Datagram, now: Duration) {
        let Datagram { at, conversation, side, port, span } = entry;
        let Some(to) = self.sockets.destination(conversation) else { return };
        if self.is_closing && side == Side::Client {
            self.tally.outcome.interrupted = true;
            self.close(conversation);
        }
        let is_new = !self.answers.is_under_way(conversation);
        if is_new && self.is_closing {
            return;
        }
        if is_new {
            let by_any = self.sockets.is_answered_by_any(conversation);
            let left = self.run.datagrams(conversation);
            let client = self.sockets.client(conversation).unwrap_or_default();
            self.answers.begin(conversation, client, Exchange::new(to, by_any, left));
        }
        let follows_answer =
            self.answers.talk(conversation).is_some_and(|it| it.ends_with_answer());
        let due = self.due(side, at, span, follows_answer);
        self.answers.push(conversation, Entry { side, due, port, span });
        self.wakes.push(Reverse((now, conversation)));
    }

    fn due(
        &mut self,
        side: Side,
        at: Duration,
        span: Span,
        follows_answer: bool,
    ) -> Option<Duration> {
        let goes_by_reply = self.run.options.timing == Timing::Reply;
        match side {
            Side::Server if goes_by_reply => None,
            Side::Server => self.deadlines.recorded(at),
            Side::Client if goes_by_reply && follows_answer && self.is_recorded() => None,
            Side::Client => self.deadlines.next_deadline(at, span.len as usize),
        }
    }

    fn is_recorded(&self) -> bool {
        matches!(self.run.options.pace, Pace::Recorded(_))
    }

    /// Looks at each conversation whose time has come.
    fn wake(&mut self, now: Duration) -> Result<(), ReplayError> {
        while let Some(Reverse((at, conversation))) = self.wakes.peek().copied() {
            if at > now || (self.run.is_over)() {
                break;
            }
            self.wakes.pop();
            self.advance(conversation)?;
        }
        Ok(())
    }

    fn advance(&mut self, conversation: ConversationId) -> Result<(), ReplayError> {
        let timeout = self.run.options.timeout;
        loop {
            let now = self.run.clock.now();
            let Some(talk) = self.answers.talk_mut(conversation) else { return Ok(()) };
            match talk.turn(now, timeout) {
                Turn::Send(span, port, due) => {
                    let to = talk.destination(port);
                    self.send(conversation, (span, to), due, now)?;
                }
                Turn::Expect => self.answers.look_at_early(conversation, now, self.tally)?,
                Turn::Overdue(awaited, kept) => {
                    self.answers.overdue(conversation, awaited, kept, self.tally)?;
                }
                Turn::Wait(at) => {
                    self.wakes.push(Reverse((at, conversation)));
                    return Ok(());
                }
                Turn::Idle => {
                    self.end_if_done(conversation);
                    return Ok(());
                }
            }
        }
    }

    fn end_if_done(&mut self, conversation: ConversationId) {
        let client = self.sockets.client(conversation).unwrap_or_default();
        if self.answers.end_if_done(conversation, client) {
            self.sockets.settle(conversation, self.run.datagrams(conversation));
        }
    }

    fn send(
        &mut self,
        conversation: ConversationId,
        (span, to): (Span, Option<SocketAddr>),
        due: Option<Duration>,
        now: Duration,
    ) -> Result<(), ReplayError> {
        self.answers.deal_with(conversation, 1);
        if to.is_none() {
            self.tally.outcome.skip(Reason::UntoldPort, 1);
            return Ok(());
        }
        if !self.sockets.open(conversation, self.tally)? {
            self.close(conversation);
            return Ok(());
        }
        let client = self.sockets.client(conversation).unwrap_or_default();
        let Some(socket) = self.sockets.socket(client) else { return Ok(()) };
        let to = to.filter(|_| socket.peer().is_none());
        self.batch.clear();
        self.batch.push(to, self.answers.payload(span)?);
        if let Some(due) = due {
            self.tally.late(due, now);
        }
        self.sender.send(socket, &self.batch);
        let sent = self.sender.take_sent();
        for (report, _) in sent.undelivered.iter().filter(|(it, _)| it.is_refusal()) {
            let woken = self.answers.refused(client, report.to, now);
            self.wakes.extend(woken.into_iter().map(|it| Reverse((now, it))));
        }
        self.tally.sent(sent, socket, &self.batch);
        self.datagrams = self.datagrams.saturating_add(1);
        if self.run.is_enough(self.datagrams) {
            self.close_all();
        }
        Ok(())
    }

    /// No conversation sends any more.
    fn close_all(&mut self) {
        self.is_closing = true;
        for conversation in self.answers.under_way() {
            // Those that send nothing more are closed by their next step: what is read till then
            // answers what was sent.
            let sends = self.answers.talk(conversation).is_some_and(Exchange::has_to_send);
            self.tally.outcome.interrupted |= sends && self.close(conversation) > 0;
            self.wakes.push(Reverse((Duration::ZERO, conversation)));
        }
    }

    /// A conversation sends no more; returns how many of its datagrams are dropped.
    fn close(&mut self, conversation: ConversationId) -> usize {
        let Some(talk) = self.answers.talk_mut(conversation) else { return 0 };
        let dropped = talk.close();
        self.answers.deal_with(conversation, dropped);
        dropped
    }

    /// Listens until something is due.
    fn listen(&mut self, ahead: &Ahead<'_>) -> Result<(), ReplayError> {
        let now = self.run.clock.now();
        let left = self.next_time(ahead, now).saturating_sub(now);
        let (answers, wakes, clock) = (&mut self.answers, &mut self.wakes, self.run.clock);
        let mut failure = None;
        self.sockets.wait(
            left.saturating_sub(MARGIN).min(LOOK),
            self.tally,
            &mut |it, tally| {
                let now = clock.now();
                match answers.arrived(it, now, tally) {
                    Ok(woken) => wakes.extend(woken.into_iter().map(|it| Reverse((now, it)))),
                    Err(error) => failure = Some(error),
                }
            },
        )?;
        failure.map_or(Ok(()), Err)
    }

    /// When something is to be done that no datagram brings about.
    fn next_time(&self, ahead: &Ahead<'_>, now: Duration) -> Duration {
        let wake = self.wakes.peek().map(|Reverse((at, _))| *at);
        let look = now.saturating_add(LOOK);
        let read = match &ahead.next {
            Some(it) if self.is_near(it, now) => now,
            Some(it) if self.answers.pending() < MAX_PENDING => {
                self.deadlines.recorded(it.at).map_or(look, |due| due.saturating_sub(HORIZON))
            }
            _ => look,
        };
        wake.unwrap_or(look).min(read)
    }
}
