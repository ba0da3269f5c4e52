//! Any conversation in RESP or lines, well-formed or not, gives the same messages however TCP cuts
//! it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::decode::lines::Lines;
use wirereel::decode::resp::Resp;
use wirereel::flow::{Input, Side};
use wirereel::decode::stream::StreamEvent;

/// What came of a conversation, without borrows.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<String>,
    skipped: u64,
}

impl Seen {
    fn take(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Message { message, .. } => {
                let values: Vec<_> = message.items.iter().map(|it| message.value(it)).collect();
                self.messages.push(format!(
                    "{} {values:?} {} {:?} {:?} {:?}",
                    message.name, message.len, message.marks, message.error, message.pair
                ));
            }
            StreamEvent::Skipped { len, .. } => self.skipped += len,
            StreamEvent::Body { .. } | StreamEvent::BodyGap { .. } => {}
        }
    }
}

type Push<'d> = &'d mut dyn FnMut(Side, Input<'_>, &mut dyn FnMut(StreamEvent<'_>));

fn play(acts: &[(u8, Vec<u8>)], at_once: usize, decode: Push<'_>) -> Seen {
    let mut seen = Seen::default();
    for (kind, bytes) in acts {
        let side = if kind & 1 == 0 { Side::Client } else { Side::Server };
        let mut push = |input| decode(side, input, &mut |it| seen.take(it));
        match kind >> 1 {
            0 => push(Input::Close { clean: true }),
            1 => push(Input::Close { clean: false }),
            2 => push(Input::Gap(bytes.len() as u64)),
            _ => bytes.chunks(at_once).for_each(|it| push(Input::Bytes(it))),
        }
    }
    seen
}

fuzz_target!(|data: (u8, Vec<(u8, Vec<u8>)>)| {
    let (cut, acts) = data;
    let parts = usize::from(cut).max(1);
    let resp = |at_once| {
        let mut resp = Resp::default();
        play(&acts, at_once, &mut |side, input, sink| resp.push(side, input, sink))
    };
    assert_eq!(resp(usize::MAX), resp(parts));
    let lines = |at_once| {
        let mut lines = Lines::default();
        play(&acts, at_once, &mut |side, input, sink| lines.push(side, input, sink))
    };
    assert_eq!(lines(usize::MAX), lines(parts));
});
