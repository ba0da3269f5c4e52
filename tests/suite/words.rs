//! Random profiles: what their words read, they write.

use proptest::prelude::*;
use proptest::test_runner::Config;

#[path = "../words/mod.rs"]
mod drawn;

use drawn::{Drawn, Rewritten};

/// A profile, and bytes of which many are small, so that lengths and counts often fit.
fn any_profile() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let bytes = prop_oneof![3 => 0..6_u8, 1 => any::<u8>()];
    (proptest::collection::vec(any::<u8>(), 24), proptest::collection::vec(bytes, 0..64))
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_read_is_written_and_read_alike((profile, wire) in any_profile()) {
        let Some((drawn, _)) = Drawn::from(&profile) else { return Ok(()) };
        let first = drawn.rewritten(&wire, wire.len());
        for len in 0..wire.len() {
            let _ = drawn.rewritten(&wire[..len], len);
            let cut = drawn.rewritten(&wire[..len], wire.len());
            prop_assert!(cut.error.is_some() || cut.len <= len, "{len}");
        }
        if first.error.is_some() {
            return Ok(());
        }
        let Some(bytes) = first.bytes else {
            return Err(TestCaseError::fail(format!("{:?} is not written", first.value)));
        };
        let Rewritten { error, len, value, bytes: again } = drawn.rewritten(&bytes, bytes.len());
        prop_assert_eq!((error, len), (None, bytes.len()));
        prop_assert_eq!(&value, &first.value);
        prop_assert_eq!(again.as_ref(), Some(&bytes));
        // Counts, lengths and flags that are left out are filled in.
        let mut filled = Vec::new();
        let untold = drawn.untold(&value);
        prop_assert!(drawn.codec.encode(&untold, &mut filled).is_ok(), "{:?}", untold);
        let filled = drawn.rewritten(&filled, filled.len());
        prop_assert_eq!(filled.error, None);
        prop_assert_eq!(drawn.untold(&filled.value), untold);
    }

    #[test]
    fn where_a_message_ends_is_told_as_it_is_read((profile, wire) in any_profile()) {
        let Some((drawn, _)) = Drawn::from(&profile) else { return Ok(()) };
        let codec = &drawn.codec;
        let framing = codec.framing();
        let mut told = None;
        for len in 0..=wire.len() {
            use wirereel::decode::codec::Extent;
            match codec.extent(&framing, &wire[..len], true) {
                Extent::Bytes(end) => {
                    prop_assert!(told.is_none_or(|it| it == end), "{:?} {}", told, end);
                    told = Some(end);
                }
                Extent::Needs(more) => prop_assert!(more > len && told.is_none(), "{} {}", len, more),
                Extent::Nul(_) | Extent::Close | Extent::Unknown { .. } => {}
            }
        }
        let read = drawn.rewritten(&wire, wire.len());
        if let (Some(end), None) = (told, read.error) {
            prop_assert!(read.ends_at(end, wire.len()), "{} of {}", end, read.len);
        }
    }
}
