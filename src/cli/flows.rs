//! `wirereel flows`: the conversations of a capture.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use wirereel::{
    decode::{Conversation, Conversations},
    output::{flows_json, flows_text},
    profile::Protocols,
};

use super::{
    args::{ProtocolArgs, ResultFormat},
    captures::CaptureArgs,
    choosing::{ChoiceArgs, require_streams},
    globals::Globals,
    terminal::stdout,
    verdict::Verdict,
    waiting::Pause,
};

/// Conversations that had to give way to others are printed so many at a time.
const BATCH: usize = 4096;

/// Print the conversations of captures: endpoints, packets, bytes, duration
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel flows capture.pcapng
  wirereel flows -T json a.pcap b.pcap.gz
  wirereel flows capture.pcapng -Y 'ip.addr == 10.0.0.2 && http'")]
pub struct FlowsArgs {
    #[command(flatten)]
    pub captures: CaptureArgs,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    #[command(flatten)]
    pub choice: ChoiceArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Prints the conversations of captures.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &FlowsArgs, cli: &Globals) -> Result<Verdict> {
    // Before a capture is opened, which may be a pipe that does not end.
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let reading = args.captures.reading(true, Pause::default());
    let (choice, mut session) = args.choice.open(args.captures.paths(), &protocols, &reading)?;
    cli.diagnose(&protocols)?;
    let mut conversations = Conversations::new(&protocols)?;
    let mut out = stdout();
    let mut early = Vec::new();
    let is_chosen = |it: &Conversation| choice.has(it.transport, it.stream);
    session.each(|frame, _| {
        conversations.push(frame, &mut |it| early.extend(is_chosen(&it).then_some(it)));
        if early.len() >= BATCH {
            print(&early, args.format, cli, &mut out)?;
            early.clear();
        }
        io::Result::Ok(())
    })?;
    let (left, summary) = conversations.finish();
    early.extend(left.into_iter().filter(is_chosen));
    print(&early, args.format, cli, &mut out)?;
    out.flush()?;
    cli.summarise_flows(&summary, args.format == ResultFormat::Json)?;
    session.finish()?;
    require_streams(choice.streams(), summary.streams, args.captures.paths())?;
    Ok(Verdict::Clean)
}

fn print(
    conversations: &[Conversation],
    format: ResultFormat,
    cli: &Globals,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        _ if cli.quiet => Ok(()),
        ResultFormat::Text => flows_text(conversations, cli.palette(), out),
        ResultFormat::Json => flows_json(conversations, out),
    }
}
