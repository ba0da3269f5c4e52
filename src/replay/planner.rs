//! One pass over a capture: frames to the conversations and the schedule of a plan.

use std::fs::File;
use std::time::Duration;

use super::datagrams::{Arrived, Datagrams, Ends, is_group_frame};
use super::preflight::Reasons;
use super::script::{Script, Source, Store};
use super::{Conversation, Limits, Payloads, Plan, Preflight, ReplayError, Traffic};
use crate::capture::{CaptureError, Frame, Reader, Timestamp};
use crate::decode::Choice;
use crate::flow::Held;
use crate::flow::duplicates::{Duplicate, Duplicates};
use crate::flow::{Arrival, Delivery, Flow, Gone};
use crate::packet::Transport;
use crate::packet::{Packet, Undecoded};

/// What is known of two endpoints.
#[derive(Default)]
enum Pair {
    #[default]
    New,
    Datagrams(Option<Ends>),
    Stream(Box<Script>),
    /// A stream of TCP that is not chosen.
    NotChosen,
}

struct Planner<'c> {
    choice: &'c Choice,
    duplicates: Duplicates,
    flow: Flow<Pair>,
    store: Store,
    datagrams: Datagrams,
    streams: Vec<(Conversation, Traffic)>,
    skipped: Reasons,
    notes: Reasons,
    clock: Clock,
}

/// Time since the first frame that has one; a frame without one has that of the frame before it.
#[derive(Default)]
struct Clock {
    origin: Option<Timestamp>,
    now: Duration,
}

impl Plan {
    /// Makes a plan, in one pass over a capture. `capture` is its file, open once more, if it can
    /// be read again; without it, or if the file is compressed, payload is kept in a temporary
    /// file. `each` is lent every frame.
    ///
    /// What ends the capture before its time is told by [`Preflight::error`].
    ///
    /// # Errors
    ///
    /// No temporary file can be made or written.
    pub fn read(
        reader: Reader,
        capture: Option<File>,
        each: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<Self, ReplayError> {
        Self::read_chosen(reader, capture, &Choice::default(), each)
    }

    /// As [`Plan::read`], of the conversations that are chosen; the others are left out, and
    /// counted. One of UDP that has several streams is chosen with any of them.
    ///
    /// # Errors
    ///
    /// As [`Plan::read`].
    pub fn read_chosen(
        mut reader: Reader,
        capture: Option<File>,
        choice: &Choice,
        each: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<Self, ReplayError> {
        let capture = capture.filter(|_| reader.compression().is_empty());
        let mut planner = Planner::new(Payloads::new(capture), choice);
        let error = loop {
            match reader.next_located() {
                Ok(Some((frame, offset))) => {
                    each(&frame);
                    planner.push(&frame, offset)?;
                }
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        planner.finish(error)
    }
}

impl<'c> Planner<'c> {
    fn new(payloads: Payloads, choice: &'c Choice) -> Self {
        Self {
            duplicates: Duplicates::default(),
            choice,
            flow: Flow::default(),
            store: Store { payloads, held: Held::default(), parts: 0 },
            datagrams: Datagrams::default(),
            streams: Vec::new(),
            skipped: Reasons::default(),
            notes: Reasons::default(),
            clock: Clock::default(),
        }
    }

    fn push(&mut self, frame: &Frame<'_>, offset: Option<u64>) -> Result<(), ReplayError> {
        let at = self.clock.at(frame.time);
        if let Some(duplicate) = self.duplicates.push(frame) {
            let reason = match duplicate {
                Duplicate::Datagram => Reasons::DATAGRAM_AGAIN,
                Duplicate::Segment => Reasons::SEGMENT_AGAIN,
                Duplicate::Fragment => Reasons::FRAGMENT_AGAIN,
            };
            self.skipped.count(reason, 1);
            return Ok(());
        }
        let Self { choice, flow, store, datagrams, streams, skipped, notes, .. } = self;
        let Delivery { packet, stream, from_low, state, gone, .. } = match flow.push(frame) {
            Arrival::Packet(delivery) => delivery,
            Arrival::Held => return Ok(()),
            Arrival::Membership(report) => {
                skipped.count(report.undecoded().as_str(), 1);
                return Ok(());
            }
            Arrival::Undecoded(reason) => {
                skipped.count(reason.as_str(), 1);
                return Ok(());
            }
        };
        if let Some(gone) = gone {
            end(gone, Some(&packet), store, (streams, skipped, notes))?;
        }
        let into = packet.frame_offset.map(|it| it as u64);
        let offset = offset.zip(into).and_then(|(frame, into)| frame.checked_add(into));
        let source = Source { at, payload: packet.payload, offset };
        if packet.tcp.is_some() {
            if let Pair::Stream(script) = state
                && script.gives_way_to(&packet)
            {
                // What came before its SYN was left of an earlier connection.
                if let Pair::Stream(earlier) = std::mem::take(state) {
                    let _ = earlier.finish(false, store)?;
                }
            }
            if matches!(state, Pair::New) && !choice.has(Transport::Tcp, stream) {
                skipped.count(Reasons::TCP_NOT_CHOSEN, 1);
                *state = Pair::NotChosen;
            }
            if matches!(state, Pair::New) {
                *state = Pair::Stream(Box::new(Script::new(&packet, stream, from_low, at)));
            }
            let Pair::Stream(script) = state else { return Ok(()) };
            return script.push(&packet, from_low, source, store);
        }
        if matches!(state, Pair::New) {
            *state = Pair::Datagrams(None);
        }
        let Pair::Datagrams(ends) = state else { return Ok(()) };
        let arrived = Arrived { packet: &packet, stream, source, is_group: is_group_frame(frame) };
        datagrams.push(arrived, ends, &mut store.payloads, (skipped, notes))?;
        if !choice.is_all() && choice.has(Transport::Udp, stream) {
            datagrams.choose(*ends);
        }
        Ok(())
    }

    fn finish(mut self, error: Option<CaptureError>) -> Result<Plan, ReplayError> {
        let Self { flow, store, streams, skipped, notes, .. } = &mut self;
        for gone in flow.finish().filter(|it| it.transport == Transport::Tcp) {
            end(gone, None, store, (streams, skipped, notes))?;
        }
        skipped.count(Undecoded::FragmentDropped.as_str(), flow.take_dropped());
        let counts = flow.counts();
        streams.sort_unstable_by_key(|(conversation, _)| conversation.stream);
        let Self { choice, mut store, mut datagrams, streams, skipped, notes, .. } = self;
        store.payloads.seal()?;
        let chosen = datagrams.take_chosen();
        let all = datagrams.conversations.into_iter().chain(streams);
        let (mut conversations, mut traffic): (Vec<_>, Vec<_>) = all.unzip();
        let begin = conversations.iter().map(|it| it.start).min().unwrap_or_default();
        conversations.iter_mut().for_each(|it| it.count_from(begin));
        traffic.iter_mut().for_each(|it| it.end = it.end.saturating_sub(begin));
        let schedule = datagrams.schedule.finish(begin)?;
        let mut preflight = Preflight {
            skipped: skipped.into_list(),
            notes: notes.into_list(),
            limits: Limits::default(),
            traffic,
            streams: counts,
            error,
            ..Preflight::default()
        };
        preflight.measure(schedule.len());
        let mut plan = Plan { conversations, schedule, payloads: store.payloads, preflight };
        if !choice.is_all() {
            plan.leave_out(|index, it| {
                let is_chosen = it.transport == Transport::Tcp || chosen.contains(index.into());
                (!is_chosen).then(|| Reasons::UDP_NOT_CHOSEN.to_owned())
            })?;
        }
        Ok(plan)
    }
}

/// A conversation ends: for `packet`, which is another one's or begins it anew, or with the
/// capture.
fn end(
    gone: Gone<Pair>,
    packet: Option<&Packet<'_>>,
    store: &mut Store,
    (streams, skipped, notes): (&mut Vec<(Conversation, Traffic)>, &mut Reasons, &mut Reasons),
) -> Result<(), ReplayError> {
    match gone.state {
        Pair::New | Pair::NotChosen => {}
        Pair::Datagrams(_) => notes.count(Reasons::FORGOTTEN, 1),
        Pair::Stream(script) => {
            let is_evicted = packet.is_some_and(|packet| !script.is_between_ends_of(packet));
            match script.finish(is_evicted, store)? {
                Ok((conversation, traffic)) => {
                    let missing = conversation.missing();
                    notes.count(Reasons::SERVER_GAP, missing);
                    streams.push((conversation, traffic));
                }
                Err(fault) => skipped.count(fault.as_str(), 1),
            }
        }
    }
    Ok(())
}

impl Clock {
    fn at(&mut self, time: Option<Timestamp>) -> Duration {
        if let Some(time) = time {
            let origin = *self.origin.get_or_insert(time);
            let nanos = time.nanos_since(origin);
            self.now = Duration::from_nanos(u64::try_from(nanos).unwrap_or_default());
        }
        self.now
    }
}
