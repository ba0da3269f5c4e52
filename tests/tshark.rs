//! Captures that this test makes: what the library says of them against what tshark says.
//!
//! `WIREREEL_SEED` sets which captures, `WIREREEL_CASES` how many connections each holds. Without
//! tshark the tests are skipped, and listed as such; with `CI=true` they fail.

mod generator;
mod wire;

use std::process::ExitCode;

use generator::Effort;
use generator::random::Random;
use libtest_mimic::{Arguments, Failed, Trial};
use wire::conversation::{Conversation, ENDINGS, Ending, Weather};
use wire::frame::{self, Endpoints};
use wire::reassembled::{self, Piece, Sides};
use wire::{Lane, tshark};

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let tests: [(&str, Test); 2] = [
        ("streams are numbered alike", streams_are_numbered_alike),
        ("streams hold the same bytes", streams_hold_the_same_bytes),
    ];
    let trials = tests.into_iter().map(|(name, test)| trial(name, test)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, test: Test) -> Trial {
    let in_ci = std::env::var("CI").is_ok_and(|it| it == "true");
    match tshark::missing() {
        None => Trial::test(name, test),
        Some(missing) if in_ci => Trial::test(name, move || Err(missing.into())),
        Some(missing) => Trial::test(name, || Ok(())).with_kind(missing).with_ignored_flag(true),
    }
}

const PORT: u16 = 1989;
const ROUGH: Weather = Weather { disturbed: 60, lossy_capture: true };

fn streams_are_numbered_alike() -> Result<(), Failed> {
    let effort = Effort::from_env(60);
    let mut random = Random::new(effort.seed);
    let mut lanes = connections(&mut random, effort.cases);
    lanes.extend((0..effort.cases).map(|at| datagrams(at as u16, &mut random)));
    let capture = Capture::of(lanes, &mut random);
    let (ours, theirs) = (reassembled::read(&capture.path).frames, tshark::frames(&capture.path));
    assert_eq!(ours.len(), theirs.len(), "frames");
    let differing = ours.iter().zip(&theirs).enumerate().filter(|(_, (ours, theirs))| ours != theirs);
    let lines: Vec<_> = differing
        .take(10)
        .map(|(at, (ours, theirs))| format!("frame {}: {ours:?}, tshark {theirs:?}", at + 1))
        .collect();
    capture.agree(&lines)
}

/// Compared is what the capture holds of each side, and each gap before such bytes. Not compared,
/// since tshark does not show them: gaps that no bytes follow, and gaps before the first bytes of a
/// side, which ours knows from an acknowledgement.
fn streams_hold_the_same_bytes() -> Result<(), Failed> {
    let effort = Effort::from_env(60);
    let mut random = Random::new(effort.seed + 1);
    let lanes = connections(&mut random, effort.cases);
    let capture = Capture::of(lanes, &mut random);
    let ours = reassembled::read(&capture.path).streams;
    let theirs = tshark::streams(&capture.path, ours.len() as u32);
    assert_eq!(ours.len(), theirs.len(), "streams");
    let mut lines = Vec::new();
    for (number, ours) in &ours {
        let (ours, theirs) = (between_gaps(ours), between_gaps(&theirs[number]));
        if ours != theirs {
            lines.push(format!("stream {number}: {ours:?}\n  tshark: {theirs:?}"));
        }
    }
    capture.agree(&lines)
}

fn between_gaps(sides: &Sides) -> Sides {
    let is_gap = |piece: &Piece| matches!(piece, Piece::Gap(_));
    let bare = sides.iter().map(|(port, pieces)| {
        let end = pieces.iter().rposition(|it| !is_gap(it)).map_or(0, |last| last + 1);
        (*port, pieces[..end].iter().skip_while(|it| is_gap(it)).cloned().collect())
    });
    bare.filter(|(_, pieces): &(u16, Vec<_>)| !pieces.is_empty()).collect()
}

/// A capture file, kept where the comparison fails.
struct Capture {
    folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

impl Capture {
    fn of(lanes: Vec<Lane>, random: &mut Random) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("made.pcap");
        wire::write(&path, lanes, random);
        Self { folder, path }
    }

    fn agree(self, differences: &[String]) -> Result<(), Failed> {
        if differences.is_empty() {
            return Ok(());
        }
        let kept = self.folder.keep();
        Err(format!("{}: {}", kept.display(), differences.join("\n")).into())
    }
}

/// Connections of every ending, some of them twice over one pair of ports.
fn connections(random: &mut Random, count: usize) -> Vec<Lane> {
    (0..count as u16).map(|number| connection(number, random)).collect()
}

fn connection(number: u16, random: &mut Random) -> Lane {
    let ends = Endpoints::numbered(number, PORT);
    let mut lane = Lane::new();
    for times in 0..=usize::from(random.chance(30)) {
        let ending = *random.pick(&ENDINGS);
        // Only a SYN tells that a pair of ports is used again.
        let begins = if times == 0 { random.below(8) } else { 8 };
        let turns = 1 + random.below(3);
        let mut conversation = Conversation::new(random, ROUGH);
        conversation.open();
        match begins {
            // A handshake half seen.
            0 => conversation.forget_beginning(1),
            1 => conversation.forget_beginning(2),
            // None at all, nor the first bytes.
            2 => {
                conversation.chat(1);
                conversation.forget_beginning(conversation.captured());
            }
            _ => {}
        }
        conversation.chat(turns);
        conversation.end(ending);
        lane.extend(conversation.frames(ends));
        if ending == Ending::Open {
            break;
        }
    }
    lane
}

/// Datagrams both ways; some find nobody, and come back quoted.
fn datagrams(number: u16, random: &mut Random) -> Lane {
    let ends = Endpoints::numbered(number, PORT);
    let mut lane = Lane::new();
    for _ in 0..=random.below(4) {
        let sent = frame::udp(ends, random.chance(70), b"Alan");
        if random.chance(30) {
            lane.push(frame::port_unreachable(ends, &sent));
        }
        // The datagram itself may have gone another way.
        if random.chance(80) {
            lane.push(sent);
        }
    }
    lane
}
