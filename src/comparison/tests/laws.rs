//! What holds for any bytes, however they are cut.

use proptest::prelude::*;

use super::*;

#[test]
fn endless_answers_stay_within_bounds() {
    let protocols = protocols(&[]);
    let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
    let mut it = comparator.begin(parties(80), Side::Server);
    feed(&mut comparator, &mut it, Event::Asks(REQUEST));
    feed(&mut comparator, &mut it, Event::Recorded(OK));
    let many = OK.repeat(100);
    for _ in 0..100 {
        feed(&mut comparator, &mut it, Event::Live(&many));
    }
    let compared = comparator.finish(it);
    assert_eq!(counts(&compared), [1, 9999, 0, 0]);
    assert_eq!(compared.differences.len(), MAX_OF_CONVERSATION);
    assert_eq!(compared.received, Volume { messages: 10_000, bytes: 10_000 * OK.len() as u64 });
}

proptest! {
    #[test]
    fn any_segmentation_and_order_gives_the_same(
        cuts in prop::collection::vec((any::<bool>(), 1..60_usize), 0..60),
        which in 0..4_usize,
        port in prop::sample::select(vec![80, 9]),
    ) {
        let chunked = answer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
        let zipped = gzip(b"hullo");
        let coded = answer(&format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", zipped.len()), &zipped);
        let mut recorded = [OK, &chunked, &coded].concat();
        let mut lives = [
            recorded.clone(),
            [&coded[..], OK].concat(),
            [OK, &coded[..coded.len() - 3]].concat(),
            b"\x01\x02 garbage \r\n\r\n".to_vec(),
        ];
        if port == 9 {
            // Nothing that could be taken for HTTP.
            let bytes = lives.iter_mut().chain([&mut recorded]).flatten();
            bytes.for_each(|byte| *byte |= 0x80);
        }
        let live = &lives[which][..];
        let request = if port == 80 { REQUEST } else { b"\x01\x02" };
        let protocols = protocols(&[]);
        let mut comparator = Comparator::new(&protocols, &fields()).unwrap();
        let mut run = |cuts: &[(bool, usize)]| {
            let mut it = comparator.begin(parties(port), Side::Server);
            for _ in 0..3 {
                feed(&mut comparator, &mut it, Event::Asks(request));
            }
            let (mut then, mut now) = (&recorded[..], live);
            for (is_live, len) in cuts {
                let rest = if *is_live { &mut now } else { &mut then };
                let (part, behind) = rest.split_at((*len).min(rest.len()));
                feed(&mut comparator, &mut it, if *is_live { Event::Live(part) } else { Event::Recorded(part) });
                *rest = behind;
            }
            feed(&mut comparator, &mut it, Event::Live(now));
            feed(&mut comparator, &mut it, Event::Recorded(then));
            comparator.finish(it)
        };
        let whole = run(&[]);
        prop_assert_eq!(run(&cuts), whole);
    }

    #[test]
    fn garbage_is_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300), port in prop::sample::select(vec![80, 9, 7, 1989])) {
        use Event::{Asks, Live, Recorded};
        let compared = run(port, &fields(), &[Asks(REQUEST), Recorded(OK), Live(&bytes)]);
        prop_assert!(compared.matched <= 1);
        prop_assert_eq!(compared.received.bytes, bytes.len() as u64);
    }
}
