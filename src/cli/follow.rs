//! `wirereel follow`: one conversation's bytes.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use wirereel::decode::follow::{Content, Follow, Piece, StreamName};
use wirereel::flow::{Flow, Side};
use wirereel::output::{FollowFormat, FollowWriter};
use wirereel::packet::{StreamId, Transport};

use super::{
    captures::LimitArgs,
    choosing::no_stream,
    globals::Globals,
    session::{Captures, Reading, Session},
    verdict::Verdict,
    waiting::output,
};

/// Print one conversation's bytes, both sides
#[derive(Debug, Args)]
#[command(
    allow_missing_positional = true,
    after_help = "Examples:
  wirereel follow capture.pcap 3
  wirereel follow capture.pcap udp:0 -T hex
  wirereel follow web.pcap tcp.stream==3 -T raw --side server > answer"
)]
pub struct FollowArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(value_name = "CAPTURE", required_unless_present = "read")]
    capture: Option<PathBuf>,

    /// The capture, named as tshark has it
    #[arg(short = 'r', long = "read", value_name = "FILE", conflicts_with = "capture")]
    read: Option<PathBuf>,

    /// Its number in `wirereel flows`: 3, tcp:3, udp:0; a bare number is TCP's if there is one
    #[arg(value_name = "STREAM")]
    pub stream: StreamName,

    /// How bytes are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,

    /// Whose bytes
    #[arg(long, value_name = "SIDE", value_enum, default_value_t)]
    pub side: Sides,

    #[command(flatten)]
    pub limit: LimitArgs,

    /// Show each piece at once, also where a program reads it
    #[arg(short = 'l', long = "line-buffered")]
    pub each: bool,
}

/// How bytes are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// As characters.
    #[default]
    Text,
    /// As hex, with offsets.
    Hex,
    /// One object a line.
    Json,
    /// As they are.
    Raw,
}

/// Whose bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sides {
    /// Everybody's.
    #[default]
    Both,
    /// Of who opened the conversation.
    Client,
    /// Of who answered.
    Server,
}

/// Prints one conversation's bytes.
///
/// # Errors
///
/// A stream that is not there, I/O, a capture cut short.
pub fn run(args: &FollowArgs, cli: &Globals) -> Result<Verdict> {
    let paths = args.capture.as_slice();
    let paths = if paths.is_empty() { args.read.as_slice() } else { paths };
    let (out, pause) = output(paths, args.each);
    let reading = args.limit.reading(true, pause);
    let StreamName { transport, number } = args.stream;
    let (transport, mut session) = match transport {
        Some(transport) => (transport, Session::open(paths, &reading)?),
        None => {
            let captures = Captures::new(paths)?;
            (find(&captures, &reading, number)?, captures.reopen(&reading)?)
        }
    };
    let mut follow = Follow::new(transport, number);
    let mut print = Print::new(args, cli, out);
    session.each(|frame, _| follow.push(frame, &mut |piece| print.piece(&piece)))?;
    let counts = follow.counts();
    let is_there = counts.has(transport, number);
    follow.finish(&mut |piece| print.piece(&piece))?;
    print.finish()?;
    if !is_there {
        bail!(no_stream(args.stream, counts, paths));
    }
    session.finish()?;
    Ok(Verdict::Clean)
}

/// What carries the stream of a bare number.
fn find(captures: &Captures<'_>, reading: &Reading, number: StreamId) -> Result<Transport> {
    let mut session = captures.open(reading)?;
    let mut flow = Flow::<()>::default();
    session.each(|frame, _| {
        flow.push(frame);
    });
    // What may have ended the capture early is told when it is read again.
    Ok(flow.counts().carrier_of(number))
}

/// Prints pieces.
struct Print {
    sides: Sides,
    /// `None` where nothing is to be printed.
    writer: Option<FollowWriter>,
    is_raw: bool,
    missing: u64,
    out: Box<dyn Write>,
}

impl Print {
    fn new(args: &FollowArgs, cli: &Globals, out: Box<dyn Write>) -> Self {
        let format = match args.format {
            Format::Text => FollowFormat::Text,
            Format::Hex => FollowFormat::Hex,
            Format::Json => FollowFormat::Json,
            Format::Raw => FollowFormat::Raw,
        };
        Self {
            sides: args.side,
            writer: (!cli.quiet).then(|| FollowWriter::new(format, cli.palette())),
            is_raw: args.format == Format::Raw,
            missing: 0,
            out,
        }
    }

    fn piece(&mut self, piece: &Piece<'_>) -> io::Result<()> {
        let is_asked = match self.sides {
            Sides::Both => true,
            Sides::Client => piece.side == Side::Client,
            Sides::Server => piece.side == Side::Server,
        };
        if !is_asked {
            return Ok(());
        }
        if let Content::Missing(len) = piece.content {
            self.missing = self.missing.saturating_add(len);
        }
        match &mut self.writer {
            Some(writer) => writer.write(piece, &mut self.out),
            None => Ok(()),
        }
    }

    fn finish(self) -> io::Result<()> {
        let Self { writer, mut out, missing, is_raw, .. } = self;
        if let Some(mut writer) = writer {
            writer.finish(&mut out)?;
        }
        out.flush()?;
        if is_raw && missing > 0 {
            writeln!(io::stderr(), "wirereel: {missing} bytes are missing from the capture")?;
        }
        Ok(())
    }
}
