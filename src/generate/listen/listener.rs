//! A run of listening: what comes is decoded, measured, lent to the caller, and answered.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use super::measured::Measured;
use super::outcome::{Heard, Rates};
use super::reception::{Batches, Shared, reception};
use super::respond::{Respond, Responder};
use super::sender_figures::Sample;
use super::senders::Senders;
use crate::capture::Timestamp;
use crate::decode::{Dissector, Found, Summary};
use crate::message::{Captured, Message};
use crate::net::{Arrival, Arrivals, LOOK, ListenSocket, interfaces};
use crate::packet::Packet;

/// When listening ends, and what counts.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    /// Datagrams, after which it ends.
    pub count: Option<u64>,
    /// How long to listen.
    pub duration: Option<Duration>,
    /// How often rates are told.
    pub interval: Option<Duration>,
    /// What was sent to other addresses does not count; all does, where none is named.
    pub to: Vec<IpAddr>,
}

/// What is lent while listening.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A datagram, before the message that it is.
    Datagram {
        /// It.
        arrival: Arrival<'a>,
        /// The address and port that it was sent to.
        dst: SocketAddr,
    },
    /// A message.
    Message(&'a Captured<'a>),
    /// Nothing waits to be decoded.
    Idle,
    /// What has come in an interval.
    Rates(Rates),
}

/// What a listener works with.
pub struct Listener<'l, 'p> {
    /// It is bound, and has joined.
    pub socket: &'l ListenSocket,
    /// What decodes.
    pub dissector: Dissector<'p>,
    /// What is measured by.
    pub measured: Measured,
    /// When it ends.
    pub options: ListenOptions,
    /// What each datagram is answered with, from the same socket.
    pub respond: Option<Respond>,
    /// Whether it is to end now.
    pub halted: &'l dyn Fn() -> bool,
}

/// What has been counted so far.
struct Run<'l, 'p> {
    listener: Listener<'l, 'p>,
    local: SocketAddr,
    senders: Senders,
    heard: Heard,
    responder: Option<Responder>,
    begun: Instant,
    told: Told,
}

/// What had come when rates were told last.
#[derive(Default)]
struct Told {
    at: Duration,
    received: u64,
    bytes: u64,
    lost: u64,
    dropped: u64,
}

impl Listener<'_, '_> {
    /// Listens until so many datagrams have come, the time is over, or it is halted; lends what comes
    /// to `sink`, and returns what it came to.
    ///
    /// # Errors
    ///
    /// That of `sink`; the socket cannot be read.
    pub fn run<E: From<io::Error>>(
        mut self,
        sink: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(Heard, Summary), E> {
        let socket = self.socket;
        let local = socket.local_addr()?;
        let shared = Shared::default();
        let (reception, batches) = reception(socket, &shared);
        let mut run = Run {
            responder: self.respond.take().map(Responder::new),
            listener: self,
            local,
            senders: Senders::new(),
            heard: Heard::default(),
            begun: Instant::now(),
            told: Told::default(),
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("reception".into());
            let reception = thread.spawn_scoped(scope, || reception.run())?;
            let listened = run.listen(&batches, &shared, sink);
            shared.end(true);
            drop(batches);
            // It never panics.
            reception.join().unwrap_or(Ok(()))?;
            listened
        })?;
        Ok(run.finish())
    }
}

impl Run<'_, '_> {
    fn listen<E: From<io::Error>>(
        &mut self,
        batches: &Batches,
        shared: &Shared,
        sink: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while !self.is_enough() {
            if self.is_over() {
                shared.end(false);
            }
            let mut batch = batches.next(Duration::ZERO);
            if let Err(RecvTimeoutError::Timeout) = batch {
                sink(Event::Idle)?;
                batch = batches.next(LOOK);
            }
            match batch {
                Ok(batch) => {
                    self.take(&batch, sink)?;
                    batches.give_back(batch, shared);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tell(sink)?;
        }
        Ok(())
    }

    fn take<E: From<io::Error>>(
        &mut self,
        batch: &Arrivals,
        sink: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.heard.dropped = self.heard.dropped.saturating_add(batch.dropped());
        for arrival in batch.iter() {
            if self.is_enough() {
                break;
            }
            let to = arrival.to.unwrap_or(self.local.ip());
            if !self.listener.options.to.is_empty() && !self.listener.options.to.contains(&to) {
                self.heard.elsewhere = self.heard.elsewhere.saturating_add(1);
                continue;
            }
            let dst = SocketAddr::new(to, self.local.port());
            self.heard.received = self.heard.received.saturating_add(1);
            self.heard.bytes = self.heard.bytes.saturating_add(arrival.payload.len() as u64);
            // First, since whoever asked may measure how long it takes.
            self.answer(&arrival)?;
            sink(Event::Datagram { arrival, dst })?;
            self.decode(&arrival, dst, sink)?;
        }
        Ok(())
    }

    fn decode<E: From<io::Error>>(
        &mut self,
        arrival: &Arrival<'_>,
        dst: SocketAddr,
        sink: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Arrival { src, time, payload, .. } = *arrival;
        let time = Timestamp::default().saturating_add(time);
        let nanos = time.0;
        let Self { listener, senders, heard, .. } = self;
        let Listener { dissector, measured, .. } = listener;
        let sample = |message: Option<&Message<'_>>| Sample {
            dst,
            arrival: nanos,
            len: payload.len(),
            number: message.and_then(|it| measured.number(it)),
            latency: message.and_then(|it| measured.latency(it, nanos)),
        };
        let packet = Packet::received(src, dst, payload);
        dissector.push_datagram(packet, heard.received, Some(time), &mut |found| match found {
            Found::Message { captured, protocol, .. } => {
                let message = &captured.message;
                let key = (src, Some(protocol));
                let counted = senders.push(key, Some(message.protocol), &sample(Some(message)));
                counted.map_err(io::Error::other)?;
                sink(Event::Message(captured))
            }
            Found::Packet { .. } => {
                let counted = senders.push((src, None), None, &sample(None));
                Ok(counted.map_err(io::Error::other)?)
            }
            _ => Ok(()),
        })
    }

    fn answer(&mut self, arrival: &Arrival<'_>) -> io::Result<()> {
        let Some(responder) = &mut self.responder else { return Ok(()) };
        let now = Timestamp::default().saturating_add(arrival.time);
        let answer = responder.answer(arrival.payload, now).map_err(io::Error::other)?;
        let Some(answer) = answer else { return Ok(()) };
        let counter = match self.listener.socket.send(arrival.src, answer) {
            Ok(()) => &mut self.heard.answered,
            Err(_) => &mut self.heard.unanswered,
        };
        *counter = counter.saturating_add(1);
        Ok(())
    }

    /// Tells rates, if it is time.
    fn tell<E>(&mut self, sink: &mut impl FnMut(Event<'_>) -> Result<(), E>) -> Result<(), E> {
        let at = self.begun.elapsed();
        let passed = at.saturating_sub(self.told.at);
        if self.listener.options.interval.is_none_or(|it| passed < it) {
            return Ok(());
        }
        let lost = self.senders.lost();
        let rates = Rates {
            at,
            passed,
            received: self.heard.received.saturating_sub(self.told.received),
            bytes: self.heard.bytes.saturating_sub(self.told.bytes),
            lost: lost.cast_signed().saturating_sub(self.told.lost.cast_signed()),
            dropped: self.heard.dropped.saturating_sub(self.told.dropped),
        };
        let Heard { received, bytes, dropped, .. } = self.heard;
        self.told = Told { at, received, bytes, lost, dropped };
        sink(Event::Rates(rates))
    }

    fn is_enough(&self) -> bool {
        self.listener.options.count.is_some_and(|it| self.heard.received >= it)
    }

    fn is_over(&self) -> bool {
        let is_late = |it| self.begun.elapsed() >= it;
        self.listener.options.duration.is_some_and(is_late) || (self.listener.halted)()
    }

    fn finish(self) -> (Heard, Summary) {
        let is_short = match self.listener.options.count {
            Some(count) => self.heard.received < count,
            None => self.heard.received == 0 && self.listener.options.duration.is_some(),
        };
        let (mut senders, of_others) = self.senders.into_figures();
        let own: HashSet<_> = interfaces().into_iter().flat_map(|it| it.addresses).collect();
        senders.iter_mut().for_each(|it| it.is_local = own.contains(&it.src.ip()));
        let duration = self.begun.elapsed();
        let heard = Heard { senders, of_others, duration, is_short, ..self.heard };
        (heard, self.listener.dissector.summary())
    }
}
