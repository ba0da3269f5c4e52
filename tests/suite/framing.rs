//! Messages that frame themselves, over TCP: however their stream is cut, reordered, sent twice or
//! lost in part, each is found in its place.

use std::ops::Range;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use wirereel::capture::{Frame, LinkType, Reader, Timestamp};
use wirereel::decode::{Dissector, Found};
use wirereel::flow::{Input, Side};
use wirereel::profile::{Options, Protocols};

use crate::exchange::{Act, frames};

/// A bundled capture, the port of its server, and what the port does not say.
type Talk = (&'static str, u16, Option<&'static str>);

const TALKS: [Talk; 8] = [
    ("bgp", 179, None),
    ("openflow", 6653, None),
    ("mqtt", 1883, None),
    ("mqtt5", 1883, Some("tcp.port==1883,mqtt5")),
    ("tls", 443, None),
    ("mbtcp", 502, None),
    ("dns_tcp", 53, None),
    ("stun_tcp", 3478, None),
];

/// Where a message begins in what its side sent, its struct and its bytes.
type Placed = (usize, String, Vec<u8>);

/// What was found on the two sides of a connection.
#[derive(Debug, Default)]
struct Heard {
    /// What arrived, in order.
    sent: [Vec<u8>; 2],
    /// Messages, those with an error too.
    messages: [Vec<(String, Vec<u8>)>; 2],
    errors: usize,
    /// Bytes that no message explains.
    skipped: [u64; 2],
}

fn protocols(rule: Option<&str>) -> Protocols {
    let rules = rule.into_iter().map(|it| it.parse().unwrap()).collect();
    Protocols::load(&Options { rules, ..Options::default() }).unwrap()
}

impl Heard {
    fn keep(&mut self, found: &Found<'_>) {
        let at = |side: Side| usize::from(side == Side::Server);
        match found {
            Found::Arrived { side, input: Input::Bytes(bytes), stream, .. }
                if stream.to_string() == "0" =>
            {
                self.sent[at(*side)].extend_from_slice(bytes);
            }
            Found::Skipped { side, len, .. } => self.skipped[at(*side)] += len,
            Found::Message { captured, side: Some(side), .. }
                if captured.stream.to_string() == "0" =>
            {
                let message = &captured.message;
                self.errors += usize::from(message.error.is_some());
                let bytes = message.bytes[..message.len].to_vec();
                self.messages[at(*side)].push((message.name.to_owned(), bytes));
            }
            _ => {}
        }
    }

    /// The bundled capture as it is.
    fn recorded(talk: &Talk, protocols: &Protocols) -> Self {
        let name = format!("captures/proto_{}.pcap", talk.0);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let (mut dissector, mut heard) =
            (Dissector::new(protocols, false).unwrap(), Self::default());
        let mut reader = Reader::open(&path).unwrap();
        while let Some(frame) = reader.next_frame().unwrap() {
            dissector.push(&frame, None, &mut |found| heard.keep(&found));
        }
        dissector.finish(&mut |found| heard.keep(&found));
        heard
    }

    /// Raw IPv4 frames, a millisecond apart.
    fn of(frames: &[Vec<u8>], protocols: &Protocols) -> Self {
        let (mut dissector, mut heard) =
            (Dissector::new(protocols, false).unwrap(), Self::default());
        for (number, data) in (1..).zip(frames) {
            let frame = Frame {
                number,
                time: Some(Timestamp(number as i64 * 1_000_000)),
                interface: 0,
                link_type: LinkType::Raw,
                data,
                orig_len: data.len() as u32,
            };
            dissector.push(&frame, None, &mut |found| heard.keep(&found));
        }
        dissector.finish(&mut |found| heard.keep(&found));
        heard
    }

    /// The messages of a side in their places, where nothing is missing.
    fn placed(&self, side: usize) -> Vec<Placed> {
        let mut from = 0;
        let place = |(name, bytes): &(String, Vec<u8>)| {
            let rest = &self.sent[side][from..];
            let at = from + rest.windows(bytes.len()).position(|it| it == bytes).unwrap();
            from = at + bytes.len();
            (at, name.clone(), bytes.clone())
        };
        self.messages[side].iter().map(place).collect()
    }
}

/// Both sides' bytes in pieces, each side in its order.
fn acts<'a>(sent: &'a [Vec<u8>; 2], cuts: &[(bool, usize)]) -> Vec<Act<'a>> {
    let mut rest = [&sent[0][..], &sent[1][..]];
    let mut acts = Vec::new();
    for (is_server, len) in cuts.iter().cycle() {
        let mut side = usize::from(*is_server);
        if rest[side].is_empty() {
            side = 1 - side;
        }
        let (piece, behind) = rest[side].split_at((*len).min(rest[side].len()));
        if piece.is_empty() {
            break;
        }
        rest[side] = behind;
        acts.push(if side == 0 { Act::C(piece) } else { Act::S(piece) });
    }
    acts.extend([Act::CloseClient, Act::CloseServer]);
    acts
}

/// What the network does to two frames: the second comes first, or the first twice.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Swapped,
    Twice,
}

fn cuts() -> impl Strategy<Value = Vec<(bool, usize)>> {
    let len = prop_oneof![2 => 1..4_usize, 3 => 4..40_usize, 1 => 40..1400_usize];
    proptest::collection::vec((any::<bool>(), len), 1..24)
}

/// The source's address in an IPv4 header.
const SRC: Range<usize> = 12..16;

/// Frames of the handshake.
const OPENING: usize = 3;

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_segmentation_and_order_gives_the_same_messages(
        which in 0..TALKS.len(),
        cuts in cuts(),
        faults in proptest::collection::vec(
            (any::<Index>(), prop_oneof![Just(Fault::Swapped), Just(Fault::Twice)]), 0..12),
    ) {
        let talk = &TALKS[which];
        let protocols = protocols(talk.2);
        let recorded = Heard::recorded(talk, &protocols);
        prop_assert!(recorded.messages.iter().all(|it| it.len() > 1), "{:?}", talk);
        prop_assert_eq!((recorded.errors, recorded.skipped), (0, [0, 0]));
        let mut frames = frames(talk.1, &acts(&recorded.sent, &cuts));
        for (index, fault) in faults {
            // The closing frames stay where they are.
            let data = frames.len() - OPENING - 2;
            let at = OPENING + index.index(data);
            match fault {
                // What one host sent: no answer is seen before what it acknowledges.
                Fault::Swapped if at + 1 < OPENING + data && frames[at][SRC] == frames[at + 1][SRC] => {
                    frames.swap(at, at + 1);
                }
                Fault::Swapped => {}
                Fault::Twice => frames.insert(at, frames[at].clone()),
            }
        }
        let heard = Heard::of(&frames, &protocols);
        prop_assert_eq!(&heard.sent, &recorded.sent);
        prop_assert_eq!(&heard.messages, &recorded.messages);
        prop_assert_eq!((heard.errors, heard.skipped), (0, [0, 0]));
    }

    #[test]
    fn what_is_lost_takes_no_message_before_it(
        which in 0..TALKS.len(),
        cuts in cuts(),
        lost in any::<Index>(),
    ) {
        let talk = &TALKS[which];
        let protocols = protocols(talk.2);
        let recorded = Heard::recorded(talk, &protocols);
        let acts = acts(&recorded.sent, &cuts);
        let mut frames = frames(talk.1, &acts);
        let lost = lost.index(acts.len() - 2);
        frames.remove(OPENING + lost);
        let heard = Heard::of(&frames, &protocols);
        let (side, len) = match acts[lost] {
            Act::C(bytes) => (0, bytes.len()),
            Act::S(bytes) => (1, bytes.len()),
            _ => unreachable!(),
        };
        let before = acts[..lost].iter().map(|it| match it {
            Act::C(bytes) if side == 0 => bytes.len(),
            Act::S(bytes) if side == 1 => bytes.len(),
            _ => 0,
        });
        let from = before.sum::<usize>();
        let to = from + len;
        let placed = recorded.placed(side);
        // The other side is not touched.
        prop_assert_eq!(&heard.messages[1 - side], &recorded.messages[1 - side]);
        prop_assert_eq!(heard.skipped[1 - side], 0);
        let whole = placed.iter().filter(|(at, _, bytes)| at + bytes.len() <= from).count();
        prop_assert!(heard.messages[side].len() >= whole);
        prop_assert_eq!(&heard.messages[side][..whole], &recorded.messages[side][..whole]);
        // Bytes by which messages are found tell where the next one begins.
        if talk.0 == "bgp" {
            let behind = placed.iter().filter(|(at, _, _)| *at >= to).count();
            let messages = &heard.messages[side];
            let all = &recorded.messages[side];
            prop_assert!(messages.ends_with(&all[all.len() - behind..]), "{} {}", from, to);
        }
    }
}
