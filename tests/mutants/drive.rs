//! A capture through all commands that read one, by the calls that the program makes: decode,
//! check, flows, follow, export objects, redact, and a replay's dry run.
//!
//! Whatever the bytes are, each ends without panic, and all see the same frames.

use std::cell::Cell;
use std::io::{self, Cursor};

use wirereel::capture::{CaptureError, Reader};
use wirereel::check::Checker;
use wirereel::decode::follow::Follow;
use wirereel::decode::{Conversation, Conversations, Dissector, Found};
use wirereel::fixture::redact::{Key, RedactError, Redaction};
use wirereel::output::{
    FollowFormat, FollowWriter, JsonWriter, ObjectWriter, Palette, TreeWriter, findings_json,
    findings_sarif, findings_text, flows_json, flows_text, plan_json, plan_text, preflight_text,
};
use wirereel::packet::{StreamId, Transport};
use wirereel::profile::{Options, Protocols};
use wirereel::replay::Plan;

/// Conversations of a capture that are followed.
const MAX_FOLLOWED: usize = 4;

/// What the commands share.
pub struct Drive {
    protocols: Protocols,
    rules: Protocols,
    redaction: Redaction,
    /// Mutants that were redacted, and those that would no longer have been the same.
    pub redacted: Cell<[u64; 2]>,
}

impl Drive {
    pub fn new() -> Self {
        let load = |rules: &[&str]| {
            let rules = rules.iter().map(|it| it.parse().expect("a rule")).collect();
            Protocols::load(&Options { builtin: true, rules, ..Options::default() })
                .expect("the built-in protocols load")
        };
        Self {
            protocols: load(&[]),
            rules: load(&["tcp.port==80,http", "tcp.port==1989,http"]),
            redaction: Redaction {
                key: "07".repeat(32).parse::<Key>().expect("a key"),
                fields: Vec::new(),
                keep: Vec::new(),
                blank_unknown: true,
            },
            redacted: Cell::default(),
        }
    }

    /// Runs each command once.
    pub fn run(&self, capture: &[u8]) {
        if Reader::new(Cursor::new(capture.to_vec())).is_err() {
            return;
        }
        let frames = self.decode(&self.protocols, capture);
        assert_eq!(self.decode(&self.rules, capture), frames);
        assert_eq!(self.check(capture), frames);
        let conversations = self.flows(capture, frames);
        for conversation in conversations.iter().take(MAX_FOLLOWED) {
            follow(capture, conversation.transport, conversation.stream);
        }
        self.export(capture);
        self.redact(capture, frames);
        self.dry_run(capture);
    }

    fn decode(&self, protocols: &Protocols, capture: &[u8]) -> u64 {
        let mut dissector = Dissector::new(protocols, true).expect("decoders");
        let (mut json, mut tree) = (JsonWriter::default(), TreeWriter::new(Palette::default()));
        let mut take = |found: Found<'_>| {
            if let Found::Message { captured, .. } = found {
                json.write(captured, &mut io::sink()).expect("a sink");
                tree.write(captured, &mut io::sink()).expect("a sink");
            }
        };
        let frames = each_frame(capture, |frame| dissector.push(frame, None, &mut take));
        let summary = dissector.finish(&mut take);
        assert_eq!(summary.frames, frames);
        frames
    }

    fn check(&self, capture: &[u8]) -> u64 {
        let mut checker = Checker::new(&self.protocols);
        let mut dissector = Dissector::new(&self.protocols, false).expect("decoders");
        let mut take = |found: Found<'_>| checker.found(&found);
        let frames = each_frame(capture, |frame| dissector.push(frame, None, &mut take));
        let summary = dissector.finish(&mut take);
        let (findings, out) = (checker.finish(&summary), &mut io::sink());
        let schemas = self.protocols.schemas();
        findings_text(&findings, schemas, false, out).expect("a sink");
        findings_json(&findings, out).expect("a sink");
        findings_sarif(&findings, schemas, None, out).expect("a sink");
        frames
    }

    fn flows(&self, capture: &[u8], frames: u64) -> Vec<Conversation> {
        let mut conversations = Conversations::new(&self.protocols).expect("decoders");
        let mut all = Vec::new();
        each_frame(capture, |frame| conversations.push(frame, &mut |ended| all.push(ended)));
        let (left, summary) = conversations.finish();
        all.extend(left);
        assert_eq!(summary.frames, frames);
        flows_text(&all, Palette::default(), &mut io::sink()).expect("a sink");
        flows_json(&all, &mut io::sink()).expect("a sink");
        all
    }

    fn export(&self, capture: &[u8]) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = ObjectWriter::new(folder.path(), false).expect("a folder");
        let mut dissector = Dissector::new(&self.protocols, false).expect("decoders");
        let mut take = |found: Found<'_>| {
            if let Some((frame, stream, event)) = found.of_stream() {
                let object = writer.push(frame, stream, &event).expect("a file");
                object.into_iter().for_each(|it| it.write_json(&mut io::sink()).expect("a sink"));
            }
        };
        each_frame(capture, |frame| dissector.push(frame, None, &mut take));
        dissector.finish(&mut take);
    }

    /// The result is proved to be the same, or else refused, and then nothing is written.
    fn redact(&self, capture: &[u8], frames: u64) {
        let open = || Reader::new(Cursor::new(capture.to_vec()));
        let mut out = Vec::new();
        let [mut redacted, mut refused] = self.redacted.get();
        match self.redaction.write_to(&open, &self.protocols, ("memory", &mut out)) {
            Ok(found) => {
                assert_eq!((found.frames, each_frame(&out, |_| {})), (frames, frames));
                redacted += 1;
            }
            Err(RedactError::Differs { .. }) => refused += 1,
            // A time or a link type that the format cannot hold.
            Err(RedactError::Capture(CaptureError::Unwritable { .. })) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(!out.is_empty() || redacted == self.redacted.get()[0]);
        self.redacted.set([redacted, refused]);
    }

    fn dry_run(&self, capture: &[u8]) {
        let Ok(reader) = Reader::new(Cursor::new(capture.to_vec())) else { return };
        let plan = Plan::read(reader, None, &mut |_| {}).expect("a temporary file");
        let (palette, out) = (Palette::default(), &mut io::sink());
        plan_text(&plan, |_| None, palette, out).expect("a sink");
        plan_json(&plan, |_| None, out).expect("a sink");
        preflight_text(&plan.preflight, palette, out).expect("a sink");
    }
}

fn follow(capture: &[u8], transport: Transport, stream: StreamId) {
    let mut follow = Follow::new(transport, stream);
    let palette = Palette::default();
    let mut writers =
        [FollowFormat::Text, FollowFormat::Hex].map(|it| FollowWriter::new(it, palette));
    let mut sent = [0; 2];
    let mut take = |piece: wirereel::decode::follow::Piece<'_>| {
        assert_eq!(piece.offset, sent[piece.side as usize], "pieces of a side follow each other");
        sent[piece.side as usize] += piece.content.len();
        for writer in &mut writers {
            writer.write(&piece, &mut io::sink()).expect("a sink");
        }
    };
    each_frame(capture, |frame| follow.push(frame, &mut take));
    follow.finish(&mut take);
}

/// Lends the frames of a capture, up to where it is broken, and gives their number.
fn each_frame(capture: &[u8], mut take: impl FnMut(&wirereel::capture::Frame<'_>)) -> u64 {
    let mut reader = Reader::new(Cursor::new(capture.to_vec())).expect("it could be opened");
    let mut frames = 0;
    while let Ok(Some(frame)) = reader.next_frame() {
        frames += 1;
        take(&frame);
    }
    frames
}
