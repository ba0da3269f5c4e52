//! Servers that answer sooner than the recorded one, which is no fault of theirs.

use std::io::{Read, Write};

use super::stage::*;
use crate::decode::stream::Side::{Client, Server};
use crate::replay::client::transfer::EXCESS;
use crate::replay::{Expect, Timing};

#[test]
fn all_that_the_recorded_server_sends_may_come_before_its_turn() {
    const LEN: usize = EXCESS as usize + 4_000_000;
    let (to, _served) = serve(|mut stream| {
        // Without a word of the client.
        stream.write_all(&vec![b's'; 1 + LEN]).unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
    });
    let large = Sent(400, Server, vec![b's'; LEN - 500_000]);
    let steps = vec![
        answer("s"),
        Sent(400, Client, b"more".to_vec()),
        large,
        Lacks(500_000),
        Finished(400, Server),
        end(Client),
    ];
    let mut recording = Recording::new(to);
    recording.options.timing = Timing::Recorded;
    recording.talk(0, steps);
    let lacks = ("answer that cannot be compared: the capture lacks bytes before it", 1);
    for (expect, skipped) in [(Expect::Exact, &[lacks][..]), (Expect::None, &[])] {
        let outcome = recording.expect(expect).play();
        assert_eq!(reasons(&outcome), skipped, "{expect:?}");
        assert_eq!(outcome.received.bytes, 1 + LEN as u64, "{expect:?}");
        assert_eq!(outcome.sent.bytes, 4, "{expect:?}");
    }
}
