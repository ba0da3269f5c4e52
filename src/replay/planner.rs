//! One pass over a capture: frames to the conversations and the schedule of a plan.

use std::fs::File;
use std::ops::ControlFlow;
use std::time::Duration;

use super::ReplayError;
use super::plan::datagrams::{Arrived, Datagrams, Ends, is_group_frame};
use super::plan::script::{Script, Source, Store};
use super::plan::{Conversation, Limits, Payloads, Plan, Preflight, Traffic};
use super::reason::{Reason, Reasons};
use crate::capture::{CaptureError, Frame, Reader, Timestamp};
use crate::decode::Choice;
use crate::flow::duplicates::{Duplicate, Duplicates};
use crate::flow::{Consumer, Delivered, Driver, Gone, Held, SinkResult};
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
    duplicates: Duplicates,
    driver: Driver<Pair>,
    draft: Draft<'c>,
    clock: Clock,
}

/// The plan, as far as it has come.
struct Draft<'c> {
    choice: &'c Choice,
    store: Store,
    datagrams: Datagrams,
    streams: Vec<(Conversation, Traffic)>,
    skipped: Reasons,
    notes: Reasons,
}

/// Adds to the plan what a frame comes to.
struct Drafting<'d, 'c> {
    draft: &'d mut Draft<'c>,
    at: Duration,
    /// Where the frame begins in the capture's file; `None` where it cannot be read again there.
    offset: Option<u64>,
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
        let draft = Draft {
            choice,
            store: Store { payloads, parts: 0 },
            datagrams: Datagrams::default(),
            streams: Vec::new(),
            skipped: Reasons::default(),
            notes: Reasons::default(),
        };
        let (duplicates, driver, clock) = Default::default();
        Self { duplicates, driver, draft, clock }
    }

    fn push(&mut self, frame: &Frame<'_>, offset: Option<u64>) -> Result<(), ReplayError> {
        let Self { duplicates, driver, draft, clock } = self;
        let at = clock.at(frame.time);
        if let Some(duplicate) = duplicates.push(frame) {
            let reason = match duplicate {
                Duplicate::Datagram => Reason::DatagramAgain,
                Duplicate::Segment => Reason::SegmentAgain,
                Duplicate::Fragment => Reason::FragmentAgain,
            };
            draft.skipped.count(reason, 1);
            return Ok(());
        }
        SinkResult::of(driver.push(frame, &mut Drafting { draft, at, offset }))
    }

    fn finish(mut self, error: Option<CaptureError>) -> Result<Plan, ReplayError> {
        let Self { driver, draft, clock, .. } = &mut self;
        let drafting = &mut Drafting { draft, at: clock.now, offset: None };
        Result::of(driver.finish(drafting))?;
        let counts = driver.counts();
        draft.streams.sort_unstable_by_key(|(conversation, _)| conversation.stream);
        let Draft { choice, mut store, mut datagrams, streams, skipped, notes } = self.draft;
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
                let is_chosen = it.transport.is_stream() || chosen.contains(index.0.into());
                (!is_chosen).then_some(Reason::NotChosen(it.transport))
            })?;
        }
        Ok(plan)
    }
}

impl Consumer for Drafting<'_, '_> {
    type State = Pair;
    type Stop = Result<(), ReplayError>;

    fn packet(
        &mut self,
        delivered: Delivered<'_>,
        pair: &mut Pair,
        held: &mut Held,
    ) -> ControlFlow<Self::Stop> {
        self.take(&delivered, pair, held).flow()
    }

    fn ended(
        &mut self,
        gone: Gone<Pair>,
        packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> ControlFlow<Self::Stop> {
        self.draft.end(gone.state, packet, held).flow()
    }

    fn undecoded(&mut self, reason: Undecoded, frames: u64) {
        self.draft.skipped.count(reason, frames);
    }
}

impl Drafting<'_, '_> {
    /// Takes one packet. Only what has addresses can be played: what went through a local channel
    /// is counted.
    fn take(
        &mut self,
        delivered: &Delivered<'_>,
        state: &mut Pair,
        held: &mut Held,
    ) -> Result<(), ReplayError> {
        let Delivered { packet, stream, from_low, .. } = *delivered;
        let Draft { choice, store, datagrams, skipped, notes, .. } = &mut *self.draft;
        let Some((src, dst)) = packet.src.socket().zip(packet.dst.socket()) else {
            skipped.count(Reason::NoAddress, 1);
            return Ok(());
        };
        let into = packet.frame_offset.map(|it| it as u64);
        let offset = self.offset.zip(into).and_then(|(frame, into)| frame.checked_add(into));
        let source = Source { at: self.at, payload: packet.payload, offset };
        if packet.tcp.is_some() {
            if let Pair::Stream(script) = state
                && script.gives_way_to(packet)
            {
                // What came before its SYN was left of an earlier connection.
                if let Pair::Stream(earlier) = std::mem::take(state) {
                    let _ = earlier.finish(false, store, held)?;
                }
            }
            if matches!(state, Pair::New) && !choice.has(Transport::Tcp, stream) {
                skipped.count(Reason::NotChosen(Transport::Tcp), 1);
                *state = Pair::NotChosen;
            }
            if matches!(state, Pair::New) {
                let script = Script::new(packet, (src, dst), stream, from_low, self.at);
                *state = Pair::Stream(Box::new(script));
            }
            let Pair::Stream(script) = state else { return Ok(()) };
            return script.push(delivered, source, store, held);
        }
        if matches!(state, Pair::New) {
            *state = Pair::Datagrams(None);
        }
        let Pair::Datagrams(ends) = state else { return Ok(()) };
        let is_group = is_group_frame(delivered.frame);
        let arrived = Arrived { packet, src, dst, stream, source, is_group };
        datagrams.push(arrived, ends, &mut store.payloads, (skipped, notes))?;
        if !choice.is_all() && choice.has(Transport::Udp, stream) {
            datagrams.choose(*ends);
        }
        Ok(())
    }
}

impl Draft<'_> {
    /// A conversation ends: for `packet`, which is another one's or begins it anew, or with the
    /// capture.
    fn end(
        &mut self,
        pair: Pair,
        packet: Option<&Packet<'_>>,
        held: &mut Held,
    ) -> Result<(), ReplayError> {
        match (pair, packet) {
            (Pair::New | Pair::NotChosen, _) | (Pair::Datagrams(_), None) => {}
            (Pair::Datagrams(_), Some(_)) => self.notes.count(Reason::ForgottenInCapture, 1),
            (Pair::Stream(script), _) => {
                let is_evicted = packet.is_some_and(|packet| !script.is_between_ends_of(packet));
                match script.finish(is_evicted, &mut self.store, held)? {
                    Ok((conversation, traffic)) => {
                        let missing = conversation.missing();
                        self.notes.count(Reason::ServerGap, missing);
                        self.streams.push((conversation, traffic));
                    }
                    Err(reason) => self.skipped.count(reason, 1),
                }
            }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::packet::endpoint::tests::local;
    use crate::packet::{Checksum, StreamId};

    #[test]
    fn what_went_through_a_local_channel_is_skipped_with_a_reason() {
        let choice = Choice::default();
        let mut planner = Planner::new(Payloads::new(None), &choice);
        let packet = |src| Packet {
            src,
            dst: local(7, 0),
            tcp: None,
            payload: b"piped",
            wire_len: 5,
            frame_offset: None,
            checksum: Checksum::Absent,
        };
        let frame = &Frame {
            number: 1,
            time: None,
            interface: 0,
            link_type: LinkType::Raw,
            data: &[],
            orig_len: 0,
        };
        for src in [local(7, 2), "10.0.0.1:5".parse().unwrap()] {
            let (draft, at, offset) = (&mut planner.draft, Duration::ZERO, None);
            let (packet, stream) = (&packet(src), StreamId(0));
            let delivered = Delivered { packet, frame, frames: &[1], stream, from_low: true };
            let drafting = &mut Drafting { draft, at, offset };
            drafting.take(&delivered, &mut Pair::New, &mut Held::default()).unwrap();
        }
        let Preflight { conversations, skipped, .. } = planner.finish(None).unwrap().preflight;
        let skipped: Vec<_> = skipped.iter().map(|it| (it.reason.clone(), it.count)).collect();
        assert_eq!((conversations, skipped), (0, vec![(Reason::NoAddress, 2)]));
    }
}
