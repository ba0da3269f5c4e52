//! Captures that this test makes: what the library says of them against what tshark says.
//!
//! `WIREREEL_SEED` sets which captures, `WIREREEL_CASES` how many connections each holds. Without
//! tshark the tests are skipped, and listed as such; with `CI=true` they fail.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use wirereel::flow::Side;
use wirereel::replay::Recording;

use crate::generator::Effort;
use crate::generator::random::Random;
use crate::trial;
use crate::wire::conversation::{Conversation, ENDINGS, Ending, Weather};
use crate::wire::frame::{self, Endpoints, Flags, Segment};
use crate::wire::http::{self, Bodies};
use crate::wire::reassembled::{self, Piece, Sides};
use crate::wire::{self, Lane, malformed, tshark};

pub fn trials() -> Vec<Trial> {
    let no_tshark = tshark::missing();
    vec![
        trial::unless(no_tshark, "tshark::streams are numbered alike", streams_are_numbered_alike),
        trial::unless(
            no_tshark,
            "tshark::reused ports begin a stream alike",
            reused_ports_begin_a_stream_alike,
        ),
        trial::unless(
            no_tshark,
            "tshark::malformed headers are numbered alike",
            malformed_headers_are_numbered_alike,
        ),
        trial::unless(
            no_tshark,
            "tshark::streams hold the same bytes",
            streams_hold_the_same_bytes,
        ),
        trial::unless(no_tshark, "tshark::objects are the same", objects_are_the_same),
        trial::unless(no_tshark, "tshark::recordings have no flaw", recordings_have_no_flaw),
        trial::unless(no_tshark, "tshark::whole streams are whole", whole_streams_are_whole),
    ]
}

/// Several conversations at once, as a replay records them: every frame is as on a real wire, and
/// both sides' bytes come out as they were sent.
fn recordings_have_no_flaw() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("live.pcapng");
    let recording = Recording::create(&path)?;
    std::thread::scope(|scope| {
        for number in 0..4_u8 {
            let recording = recording.clone();
            scope.spawn(move || record(&recording, number));
        }
    });
    recording.finish()?;
    assert_eq!(tshark::flaws(&path), "");
    let ours = reassembled::read(&path).streams;
    assert_eq!(tshark::right_checksums(&path), tshark::frames(&path).len());
    let theirs = tshark::streams(&path, ours.len() as u32);
    assert_eq!(ours.len(), 4 * 3);
    assert_eq!(ours, theirs);
    let answers = ours
        .values()
        .filter_map(|sides| sides.get(&PORT))
        .filter(|pieces| matches!(&pieces[..], [Piece::Bytes(bytes)] if bytes.len() == ANSWER_LEN));
    assert_eq!(answers.count(), ours.len());
    Ok(())
}

/// Each conversation that is written out of a capture alone has the frames and bytes that it has
/// there.
fn whole_streams_are_whole() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let excerpt = folder.path().join("whole.pcap");
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    for name in ["ok_http_chromium", "ok_http_pipelined", "ok_stream_par", "bug_stream_noend"] {
        let capture = captures.join(name).with_extension("pcap");
        let all = tshark::conversations(&capture);
        let mut alone = Vec::new();
        for number in 0..all.len() {
            let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
            command.arg("decode").arg(&capture).arg("-w").arg(&excerpt).arg("--whole-streams");
            let output = command.arg("-Y").arg(format!("tcp.stream == {number}")).output()?;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let own = tshark::conversations(&excerpt);
            assert_eq!(own.len(), 1, "{name} {number}");
            alone.extend(own);
        }
        alone.sort();
        assert_eq!((alone.is_empty(), &alone), (false, &all), "{name}");
    }
    Ok(())
}

const ANSWER_LEN: usize = 250_000;

fn record(recording: &Recording, number: u8) {
    for turn in 0..3_u16 {
        let host = if turn == 1 { "[fd00::1]" } else { "10.0.0.1" };
        let client = format!("{host}:{}", 40_000 + u16::from(number) * 3).parse().unwrap();
        let server = format!("{host}:{PORT}").parse().unwrap();
        let mut wire = recording.connect(client, server);
        wire.sent(Side::Client, &[number; 700]);
        for piece in vec![number + 1; ANSWER_LEN].chunks(65_536) {
            wire.sent(Side::Server, piece);
        }
        recording.datagram(client, server, &vec![number; usize::from(turn) * 700]);
        match number {
            0 => wire.reset(Side::Client),
            1 => wire.finished(Side::Client),
            _ => [Side::Server, Side::Client].into_iter().for_each(|side| wire.finished(side)),
        }
    }
}

const PORT: u16 = 1989;
const FAIR: Weather = Weather { disturbed: 50, lossy_capture: false, full_segments: true };
const ROUGH: Weather = Weather { disturbed: 60, lossy_capture: true, full_segments: false };

fn streams_are_numbered_alike() -> Result<(), Failed> {
    let effort = Effort::from_env(60);
    let mut random = Random::new(effort.seed);
    let mut lanes = connections(&mut random, effort.cases);
    lanes.extend((0..effort.cases).map(|at| datagrams(at as u16, &mut random)));
    let capture = Capture::of(lanes, &mut random);
    capture.frames_agree()
}

/// Packets that are spoken of or malformed are not the library's to give out, but number what
/// follows.
fn malformed_headers_are_numbered_alike() -> Result<(), Failed> {
    let effort = Effort::from_env(400);
    let mut random = Random::new(effort.seed + 3);
    let lanes = (0..effort.cases).map(|at| malformed::lane(at as u16, &mut random)).collect();
    let capture = Capture::of(lanes, &mut random);
    let ours = reassembled::read(&capture.path).frames;
    let theirs = tshark::frames(&capture.path);
    assert_eq!(ours.len(), theirs.len(), "frames");
    let (mut given, mut lines) = (0, Vec::new());
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        given += usize::from(ours.is_some());
        if ours.is_some() && ours != theirs {
            lines.push(format!("frame {}: {ours:?}, tshark {theirs:?}", at + 1));
        }
    }
    assert!(given * 2 > theirs.len(), "{given} of {} frames", theirs.len());
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

/// Every body, content-encoding undone, in no order. The capture lacks nothing, and each object has
/// arrived once.
fn objects_are_the_same() -> Result<(), Failed> {
    let effort = Effort::from_env(60);
    let mut random = Random::new(effort.seed + 2);
    let mut sent = Vec::new();
    let lanes = (0..effort.cases as u16).map(|number| {
        let (lane, bodies) = visit(number, &mut random);
        sent.extend(bodies);
        lane
    });
    let lanes = lanes.collect();
    let capture = Capture::of(lanes, &mut random);
    let folders = ["ours", "theirs"].map(|it| capture.folder.path().join(it));
    export_objects(&capture.path, &folders[0]);
    tshark::export_objects(&capture.path, &folders[1]);
    sent.sort();
    let mut lines = Vec::new();
    for (who, folder) in ["wirereel", "tshark"].into_iter().zip(folders) {
        let exported = files(&folder);
        let missing = sent.iter().filter(|it| exported.binary_search(it).is_err()).count();
        let made_up = exported.iter().filter(|it| sent.binary_search(it).is_err()).count();
        if exported != sent {
            let (of, len) = (sent.len(), exported.len());
            lines.push(format!("{who} exports {len}, lacks {missing} of {of}, makes up {made_up}"));
        }
    }
    capture.agree(&lines)
}

fn export_objects(capture: &Path, folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.args(["export", "objects"]).arg(capture).arg("-o").arg(folder);
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What the files of a folder hold, sorted.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.expect("a file").path());
    let mut found: Vec<_> = entries.map(|it| read(it).expect("a file")).collect();
    found.sort();
    found
}

fn visit(number: u16, random: &mut Random) -> (Lane, Bodies) {
    let seed = random.next();
    let mut conversation = Conversation::new(random, FAIR);
    conversation.open();
    let bodies = http::browse(&mut conversation, &mut Random::new(seed));
    conversation.end(Ending::Orderly);
    (conversation.frames(Endpoints::numbered(number, 80)), bodies)
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

    fn frames_agree(self) -> Result<(), Failed> {
        let ours = reassembled::read(&self.path).frames;
        let theirs = tshark::frames(&self.path);
        assert_eq!(ours.len(), theirs.len(), "frames");
        let pairs = ours.iter().zip(&theirs).enumerate();
        let lines: Vec<_> = pairs
            .filter(|(_, (ours, theirs))| ours != theirs)
            .map(|(at, (ours, theirs))| format!("frame {}: {ours:?}, tshark {theirs:?}", at + 1))
            .collect();
        self.agree(&lines)
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

/// Segments that may or may not begin a new stream: `c` and `s` for who sends, or `q` for the
/// client's segment quoted in ICMP; S F R for flags; a sequence number and, after a comma, an
/// acknowledgement.
const REUSES: [&str; 20] = [
    "q S 100; c S 200; s S 5,201; c S 100",
    "c S 100; q S 100; c S 200; q S 100; c S 100",
    "q S 100; c S 100; q S 100; c S 100; c S 300",
    "c S 100; s S 500,101; c F 101,501; c S 100; s S 900,101; c - 101,901",
    "c S 100; s S 500,101; c R 101,501; c S 100; s S 500,101",
    "c S 100; s R 0,101; c S 100; s R 0,101; c S 100",
    "c S 100; c S 100; s S 500,101; s S 500,101; c S 100",
    "c S 100; s S 500,101; c S 200; s S 600,201; c F 201,601; s F 601,202",
    "c - 100,500; s - 500,100; c S 99; s S 700,100; c S 100",
    "s - 500,100; c S 99; c S 77; s S 700,78",
    "s S 500,101; c S 100; c - 101,501; s S 600,101; c - 101,601",
    "c S 100; s S 500,101; s F 501,101; c F 101,502; s - 502,102; s S 800,101; c S 300",
    "c S 100; s S 100,101; s S 100; c S 100,101",
    "s S 700; c S 100; s S 500,101; c S 900",
    "c S 0; s S 0,1; c - 1,1; c S 0; c F 1,1; c S 0; c S 1",
    "c R 100; c S 100; c S 100; s R 0,101; s R 0,101; c S 100",
    "c - 100; c S 99; s - 500; c - 100; s S 499; s S 500; s S 500",
    "c - 0,0; c S 4294967295; s S 4294967295; s S 0",
    "c S 100,900; s S 899; s S 500,101; s S 1",
    "c S 100; s F 500,101; s S 499,101; c F 101,501; c S 100; c S 100",
];

fn reused_ports_begin_a_stream_alike() -> Result<(), Failed> {
    let ends = Endpoints::numbered(0, PORT);
    let mut lines = Vec::new();
    for text in REUSES {
        let lane = text.split("; ").map(|it| described(ends, it)).collect();
        let capture = Capture::of(vec![lane], &mut Random::new(1));
        let (ours, theirs) =
            (reassembled::read(&capture.path).frames, tshark::frames(&capture.path));
        let numbers = |frames: Vec<Option<(_, u32)>>| -> Vec<_> {
            frames.into_iter().map(|it| it.map(|(_, stream)| stream)).collect()
        };
        let (ours, theirs) = (numbers(ours), numbers(theirs));
        if ours != theirs {
            lines.push(format!("{text}\n  {ours:?}\n  {theirs:?} says tshark"));
        }
    }
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n").into()) }
}

fn described(ends: Endpoints, text: &str) -> Vec<u8> {
    let words: Vec<_> = text.split([' ', ',']).collect();
    let number = |at: usize| words.get(at).map(|it| it.parse().expect("a number"));
    let flags = Flags {
        syn: words[1].contains('S'),
        fin: words[1].contains('F'),
        rst: words[1].contains('R'),
    };
    let (seq, ack) = (number(2).expect("a sequence number"), number(3));
    let from_client = words[0] != "s";
    let segment = Segment { from_client, seq, ack, flags, payload: Vec::new() };
    let sent = frame::tcp(ends, &segment);
    if words[0] == "q" { frame::port_unreachable(ends, &sent) } else { sent }
}
