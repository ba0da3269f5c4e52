//! Any conversation, well-formed or not, gives the same messages and bodies however TCP cuts it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::decode::http::{Http, Scratch};
use wirereel::flow::{Input, Side};
use wirereel::decode::stream::StreamEvent;

/// What came of a conversation, without borrows.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<String>,
    bodies: [Vec<u8>; 2],
    gaps: u64,
    skipped: u64,
}

impl Seen {
    fn take(&mut self, event: StreamEvent<'_>) {
        match event {
            StreamEvent::Message { message, .. } => {
                let values: Vec<_> = message.items.iter().map(|it| message.value(it)).collect();
                let Self { bodies, .. } = self;
                self.messages.push(format!(
                    "{} {values:?} {} {:?} {:?} {:?} {bodies:?}",
                    message.name, message.len, message.marks, message.error, message.request
                ));
            }
            StreamEvent::Body { side, bytes, .. } => {
                self.bodies[side as usize].extend_from_slice(bytes);
            }
            StreamEvent::BodyGap { len, .. } => self.gaps += len,
            StreamEvent::Skipped { len, .. } => self.skipped += len,
        }
    }
}

fuzz_target!(|data: (u8, Vec<(u8, Vec<u8>)>)| {
    let (cut, acts) = data;
    let [whole, parts] = [usize::MAX, usize::from(cut).max(1)].map(|at_once| {
        let mut http = Http::new(true);
        let (mut scratch, mut seen) = (Scratch::default(), Seen::default());
        for (kind, bytes) in &acts {
            let side = if kind & 1 == 0 { Side::Client } else { Side::Server };
            let mut push = |input| http.push(side, input, &mut scratch, &mut |it| seen.take(it));
            match kind >> 1 {
                0 => push(Input::Close { clean: true }),
                1 => push(Input::Close { clean: false }),
                2 => push(Input::Gap(bytes.len() as u64)),
                _ => bytes.chunks(at_once).for_each(|it| push(Input::Bytes(it))),
            }
        }
        seen
    });
    assert_eq!(whole, parts);
});
