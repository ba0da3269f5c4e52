//! What holds for any conversation: its cut does not matter, and no byte is lost.

use proptest::prelude::*;

use super::*;

/// Pieces of HTTP, well-formed and not, that make conversations of every kind.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n\r\n",
        "GET /x\r\n",
        "\r\n",
        "\n",
        "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT a HTTP/1.1\r\n\r\n",
        "POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "POST /p HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhello\n0\nT: v\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.0 200\r\n\r\n",
        "HTTP/1.1 101 S\r\n\r\n",
        "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET  /a b HTTP/1.1\r\n\r\n",
        "HELO x\r\n",
        "\x01 ",
        "HTTP/1.1 ",
        "GET ",
        "a: b\r\n",
        " fold\r\n",
        "0\r\n",
        "ffff\r\n",
    ]);
    prop_oneof![
        4 => known.prop_map(|it| it.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let side = prop_oneof![Just(Client), Just(Server)];
    prop_oneof![
        6 => piece().prop_map(Act::C),
        6 => piece().prop_map(Act::S),
        1 => (side.clone(), 0u64..40).prop_map(|(side, len)| Act::Gap(side, len)),
        1 => (side, any::<bool>()).prop_map(|(side, clean)| Act::Close(side, clean)),
    ]
}

proptest! {
    #[test]
    fn any_segmentation_decodes_alike(acts in proptest::collection::vec(act(), 0..16), cut in 1usize..20) {
        prop_assert_eq!(play(&acts, cut), play(&acts, usize::MAX));
    }

    #[test]
    fn a_decoder_serves_another_conversation_like_a_new_one(
        before in proptest::collection::vec(act(), 0..16),
        acts in proptest::collection::vec(act(), 0..16),
    ) {
        let mut scratch = Scratch::default();
        let mut http = scratch.take(true);
        play_with(&mut http, &mut scratch, &before, usize::MAX);
        scratch.give(http);
        let mut http = scratch.take(false);
        prop_assert!(scratch.spare.is_empty());
        let seen = play_with(&mut http, &mut scratch, &acts, usize::MAX);
        prop_assert_eq!(seen, play(&acts, usize::MAX));
    }

    #[test]
    fn every_byte_is_accounted_for(acts in proptest::collection::vec(act(), 0..16)) {
        let mut acts = acts;
        acts.extend([Act::Close(Client, true), Act::Close(Server, true)]);
        let seen = play(&acts, usize::MAX);
        let sent: u64 = acts.iter().map(|act| match act {
            Act::C(bytes) | Act::S(bytes) => bytes.len() as u64,
            Act::Gap(_, len) => *len,
            Act::Close(..) => 0,
        }).sum();
        let known = seen.lens.iter().sum::<u64>() + seen.skipped.iter().map(|it| it.2).sum::<u64>();
        // Only the line ends between messages are no one's.
        prop_assert!(known <= sent, "{} of {} {:?}", known, sent, seen);
        let ends: u64 = acts.iter().map(|act| match act {
            Act::C(bytes) | Act::S(bytes) => bytes.iter().filter(|it| b"\r\n".contains(it)).count() as u64,
            _ => 0,
        }).sum();
        prop_assert!(known + ends >= sent, "{} of {} {:?}", known, sent, seen);
    }
}
