//! One TCP connection: what both hosts send, and what the capture shows of it.
//!
//! The hosts are honest: every byte is sent, acknowledged, and sent again where the link lost it.
//! What befalls a flight of segments is drawn at random, from what the [`Weather`] allows.

use std::ops::Range;

use super::Lane;
use super::frame::{self, Endpoints, Flags, Segment};
use crate::generator::random::Random;

/// What may befall the segments.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// How many flights in a hundred are disturbed.
    pub disturbed: usize,
    /// The capture may lack segments that arrived.
    pub lossy_capture: bool,
    /// Segments are as long as they can be.
    pub full_segments: bool,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// FIN from the client, answered by FIN.
    Orderly,
    /// FIN from the client; the server goes on sending for a while.
    HalfClose,
    /// FIN with the server's last bytes, captured before the bytes that precede it.
    EarlyFin,
    /// RST from the client.
    Reset,
    /// RST that nobody heeds: both sides go on.
    ForgedReset,
    /// The capture ends before the connection does.
    Open,
}

pub const ENDINGS: [Ending; 6] = [
    Ending::Orderly,
    Ending::HalfClose,
    Ending::EarlyFin,
    Ending::Reset,
    Ending::ForgedReset,
    Ending::Open,
];

/// Writes a connection's segments.
pub struct Conversation<'r> {
    random: &'r mut Random,
    weather: Weather,
    /// Initial sequence numbers of client and server.
    isn: [u32; 2],
    /// What client and server have sent, all of it.
    pub sent: [Vec<u8>; 2],
    captured: Vec<Segment>,
    /// Largest segment, bytes.
    mss: usize,
}

const CLIENT: usize = 0;
const SERVER: usize = 1;

impl<'r> Conversation<'r> {
    /// Sequence numbers of every third connection wrap soon.
    pub fn new(random: &'r mut Random, weather: Weather) -> Self {
        let mut isn = [random.next() as u32, random.next() as u32];
        if random.chance(33) {
            isn = isn.map(|it| u32::MAX - it % 4000);
        }
        let mss = *random.pick(&[40, 200, 536, 1448]);
        Self { random, weather, isn, sent: Default::default(), captured: Vec::new(), mss }
    }

    /// SYN, SYN and ACK, ACK.
    pub fn open(&mut self) {
        let syn = Flags { syn: true, ..Flags::default() };
        let [client, server] = self.isn;
        self.push(CLIENT, client, None, syn, &[]);
        self.push(SERVER, server, Some(client.wrapping_add(1)), syn, &[]);
        self.acknowledge(CLIENT);
    }

    /// One side sends `bytes`, in flights of some segments.
    pub fn speak(&mut self, side: usize, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut flight = Vec::new();
            for _ in 0..=self.random.below(5) {
                let shorter =
                    if self.weather.full_segments { 0 } else { self.random.below(self.mss) };
                let len = (self.mss - shorter).min(rest.len());
                let start = self.sent[side].len();
                let (now, later) = rest.split_at(len);
                self.sent[side].extend_from_slice(now);
                rest = later;
                flight.push(start..start + len);
                if rest.is_empty() {
                    break;
                }
            }
            self.flight(side, flight);
        }
    }

    /// Random requests and answers.
    pub fn chat(&mut self, turns: usize) {
        for _ in 0..turns {
            let request = self.random_bytes(600);
            self.speak(CLIENT, &request);
            let answer = self.random_bytes(6000);
            self.speak(SERVER, &answer);
        }
    }

    pub fn end(&mut self, ending: Ending) {
        let fin = Flags { fin: true, ..Flags::default() };
        let rst = Flags { rst: true, ..Flags::default() };
        match ending {
            Ending::Orderly => {
                self.push_at_end(CLIENT, fin);
                self.push_fin_answer(SERVER, CLIENT, fin);
                self.push_fin_answer(CLIENT, SERVER, Flags::default());
            }
            Ending::HalfClose => {
                self.push_at_end(CLIENT, fin);
                self.push_fin_answer(SERVER, CLIENT, Flags::default());
                let answer = self.random_bytes(3000);
                let start = self.sent[SERVER].len();
                self.sent[SERVER].extend_from_slice(&answer);
                self.send(SERVER, start..start + answer.len().min(1000), false);
                self.send(SERVER, start + answer.len().min(1000)..start + answer.len(), true);
                self.push_fin_answer(CLIENT, SERVER, Flags::default());
            }
            Ending::EarlyFin => {
                let bytes = self.random_bytes(900);
                let start = self.sent[SERVER].len();
                self.sent[SERVER].extend_from_slice(&bytes);
                let middle = start + bytes.len() / 2;
                self.send(SERVER, middle..start + bytes.len(), true);
                self.send(SERVER, start..middle, false);
                self.push_fin_answer(CLIENT, SERVER, Flags::default());
            }
            Ending::Reset => self.push_at_end(CLIENT, rst),
            Ending::ForgedReset => {
                self.push_at_end(CLIENT, rst);
                self.chat(1);
            }
            Ending::Open => {}
        }
    }

    /// The capture begins in the middle: it lacks the first segments.
    pub fn forget_beginning(&mut self, segments: usize) {
        self.captured.drain(..segments.min(self.captured.len()));
    }

    /// How many segments the capture shows so far.
    pub fn captured(&self) -> usize {
        self.captured.len()
    }

    pub fn frames(self, ends: Endpoints) -> Lane {
        self.captured.iter().map(|segment| frame::tcp(ends, segment)).collect()
    }

    /// Sends a flight, all of which is acknowledged in the end.
    fn flight(&mut self, side: usize, flight: Vec<Range<usize>>) {
        if !self.random.chance(self.weather.disturbed) {
            self.send_all(side, &flight);
            return self.acknowledge(1 - side);
        }
        let end = flight.last().map_or(0, |last| last.end);
        match self.random.below(if self.weather.lossy_capture { 9 } else { 7 }) {
            0 => self.lost_and_sent_again(side, flight),
            1 => self.reordered(side, flight),
            2 => {
                let twice = self.random.pick(&flight).clone();
                self.send_all(side, &flight);
                self.send(side, twice, false);
            }
            3 => {
                self.send_all(side, &flight);
                self.send_again_cut_anew(side, flight[0].start, end);
            }
            4 => {
                self.send_all(side, &flight);
                self.acknowledge(1 - side);
                self.keep_alive(side);
            }
            5 => {
                self.acknowledge_up_to(1 - side, end);
                self.reordered(side, flight);
            }
            6 => self.lost_and_cut_anew(side, &flight),
            _ => {
                let missing = self.random.below(flight.len());
                for (_, range) in flight.into_iter().enumerate().filter(|(at, _)| *at != missing) {
                    self.send(side, range, false);
                }
            }
        }
        self.acknowledge(1 - side);
    }

    /// The link loses one segment; the capture is behind the loss and sees it only once.
    fn lost_and_sent_again(&mut self, side: usize, mut flight: Vec<Range<usize>>) {
        let lost = flight.remove(self.random.below(flight.len()));
        for range in flight {
            let duplicate = range.start > lost.start;
            self.send(side, range, false);
            if duplicate {
                self.acknowledge_up_to(1 - side, lost.start);
            }
        }
        self.send(side, lost, false);
    }

    /// The same, and what is sent again reaches into the segments that did arrive.
    fn lost_and_cut_anew(&mut self, side: usize, flight: &[Range<usize>]) {
        let lost = self.random.below(flight.len());
        let (before, after) = (&flight[..lost], &flight[lost + 1..]);
        self.send_all(side, before);
        self.send_all(side, after);
        let start = before.last().map_or(flight[lost].start, |it| it.start);
        let end = after.first().map_or(flight[lost].end, |it| it.end);
        let start = start + self.random.below(flight[lost].start - start + 1);
        let end = flight[lost].end + self.random.below(end - flight[lost].end + 1);
        self.send(side, start..end, false);
    }

    fn reordered(&mut self, side: usize, mut flight: Vec<Range<usize>>) {
        for at in (1..flight.len()).rev() {
            flight.swap(at, self.random.below(at + 1));
        }
        self.send_all(side, &flight);
    }

    /// Sends a part of what was sent again, with other boundaries.
    fn send_again_cut_anew(&mut self, side: usize, start: usize, end: usize) {
        let from = start + self.random.below(end - start);
        let to = from + 1 + self.random.below(end - from);
        self.send(side, from..to, false);
    }

    /// One byte that was sent and acknowledged, or none.
    fn keep_alive(&mut self, side: usize) {
        let end = self.sent[side].len();
        let seq = self.seq(side, end - 1);
        let ack = self.seq(1 - side, self.sent[1 - side].len());
        let probe: &[u8] = if self.random.chance(50) { &[0] } else { &[] };
        self.push(side, seq, Some(ack), Flags::default(), probe);
    }

    fn send_all(&mut self, side: usize, flight: &[Range<usize>]) {
        for range in flight {
            self.send(side, range.clone(), false);
        }
    }

    fn send(&mut self, side: usize, range: Range<usize>, fin: bool) {
        let ack = self.seq(1 - side, self.sent[1 - side].len());
        let seq = self.seq(side, range.start);
        let payload = self.sent[side][range].to_vec();
        self.push(side, seq, Some(ack), Flags { fin, ..Flags::default() }, &payload);
    }

    fn acknowledge(&mut self, side: usize) {
        self.acknowledge_up_to(side, self.sent[1 - side].len());
    }

    /// `side` has received so many bytes.
    fn acknowledge_up_to(&mut self, side: usize, received: usize) {
        let seq = self.seq(side, self.sent[side].len());
        let ack = self.seq(1 - side, received);
        self.push(side, seq, Some(ack), Flags::default(), &[]);
    }

    fn push_at_end(&mut self, side: usize, flags: Flags) {
        let seq = self.seq(side, self.sent[side].len());
        let ack = self.seq(1 - side, self.sent[1 - side].len());
        self.push(side, seq, Some(ack), flags, &[]);
    }

    /// Acknowledges the FIN of `of`. Its own FIN, if it was sent, lies behind it.
    fn push_fin_answer(&mut self, side: usize, of: usize, flags: Flags) {
        let own_fin = u32::from(side == CLIENT && self.client_has_ended());
        let seq = self.seq(side, self.sent[side].len()).wrapping_add(own_fin);
        let ack = self.seq(of, self.sent[of].len()).wrapping_add(1);
        self.push(side, seq, Some(ack), flags, &[]);
    }

    fn client_has_ended(&self) -> bool {
        self.captured.iter().any(|it| it.from_client && it.flags.fin)
    }

    /// The sequence number of a byte.
    fn seq(&self, side: usize, offset: usize) -> u32 {
        self.isn[side].wrapping_add(1).wrapping_add(offset as u32)
    }

    fn push(&mut self, side: usize, seq: u32, ack: Option<u32>, flags: Flags, payload: &[u8]) {
        let from_client = side == CLIENT;
        self.captured.push(Segment { from_client, seq, ack, flags, payload: payload.to_vec() });
    }

    fn random_bytes(&mut self, most: usize) -> Vec<u8> {
        let len = 1 + self.random.below(most);
        (0..len).map(|_| self.random.next() as u8).collect()
    }
}
