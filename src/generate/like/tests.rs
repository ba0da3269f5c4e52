//! What is learned of a capture makes traffic of which `check` says the same.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::capture::{Frame, LinkType, Timestamp};
use crate::check::Checker;
use crate::decode::Found;
use crate::fixture::{Case, discover};
use crate::generate::recipe::{Maker, Recipe};
use crate::packet::fragmented::{self, Addressed};
use crate::packet::{build::BuildError, joining};
use crate::profile::Options;

/// What `check` says: code, level and field of each finding.
type Said = BTreeSet<(String, String, String)>;

fn said(checker: Checker<'_>, summary: &crate::decode::Summary) -> Said {
    let each = checker.finish(summary).into_iter();
    let said = |it: crate::check::Finding| {
        (it.code.to_string(), format!("{:?}", it.level), it.field.unwrap_or_default())
    };
    each.map(said).collect()
}

fn said_of_capture(protocols: &Protocols, capture: &Path) -> Said {
    let mut dissector = Dissector::new(protocols, false).unwrap();
    let mut checker = Checker::new(protocols);
    let mut reader = Reader::open(capture).unwrap();
    while let Some(frame) = reader.next_frame().unwrap() {
        dissector.push(&frame, None, &mut |found: Found<'_>| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found: Found<'_>| checker.found(&found));
    said(checker, &summary)
}

/// The frames that a recipe makes, between the ends that the capture had.
fn frames(protocols: &Protocols, learned: &Learned) -> Vec<Vec<u8>> {
    let mut maker = Maker::new(protocols, &learned.recipe, 1).unwrap();
    let (mut frames, mut message) = (Vec::new(), Vec::new());
    for (sender, dst) in learned.recipe.senders.iter().zip(&learned.destinations) {
        if sender.join {
            let mut frame = Vec::new();
            joining::report(sender.from.unwrap().ip(), dst.ip(), &mut frame);
            frames.push(frame);
        }
    }
    while let Some(made) = maker.next(Timestamp(1_800_000_000_000_000_000), &mut message).unwrap() {
        let src = learned.recipe.senders[made.sender].from.unwrap();
        let dst = learned.destinations[made.sender];
        let addressed = Addressed { src, dst, hops: 64, is_broadcast: false };
        let mut each = |frame: &[u8]| {
            frames.push(frame.to_vec());
            Ok::<(), BuildError>(())
        };
        fragmented::frames(&addressed, 7, &message, &mut Vec::new(), &mut each).unwrap();
        message.clear();
    }
    frames
}

fn said_of_frames(protocols: &Protocols, frames: &[Vec<u8>]) -> Said {
    let mut dissector = Dissector::new(protocols, false).unwrap();
    let mut checker = Checker::new(protocols);
    for (number, data) in (1..).zip(frames) {
        let time = Some(Timestamp(1_800_000_000_000_000_000 + number as i64 * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number, time, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut |found: Found<'_>| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found: Found<'_>| checker.found(&found));
    said(checker, &summary)
}

#[test]
fn check_says_of_what_is_learned_what_it_says_of_the_capture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut wrong, mut cases) = (String::new(), 0);
    for dir in discover(&fixtures).unwrap() {
        let case = Case::load(&dir).unwrap();
        let name = case.capture.file_name().unwrap().to_string_lossy().into_owned();
        if !["dgram", "variant", "portable"].iter().any(|it| name.contains(it)) {
            continue;
        }
        let protocols = Protocols::load(&Options {
            headers: case.headers.clone(),
            rules: case.decode_as.iter().map(|it| it.parse().unwrap()).collect(),
            profile: case.profile.clone(),
            ..Options::default()
        })
        .unwrap();
        let learned = learn(&mut Reader::open(&case.capture).unwrap(), &protocols).unwrap();
        let text = learned.recipe.to_toml();
        assert_eq!(Recipe::parse(Path::new("r.toml"), &text).unwrap(), learned.recipe, "{text}");
        let expected = said_of_capture(&protocols, &case.capture);
        let found = said_of_frames(&protocols, &frames(&protocols, &learned));
        if found != expected {
            wrong += &format!("{}: {found:?}, not {expected:?}\n{text}\n", case.name);
        }
        cases += 1;
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(cases > 70, "{cases}");
}
