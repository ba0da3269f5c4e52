//! `wirereel export`: what captures carry, as files.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::{Args, Subcommand};
use wirereel::decode::{Dissector, Found};
use wirereel::output::{Object, ObjectWriter};
use wirereel::packet::Transport;
use wirereel::profile::Protocols;

use super::{
    args::{ProtocolArgs, ResultFormat},
    captures::CaptureArgs,
    choosing::{ChoiceArgs, require_streams},
    globals::Globals,
    verdict::Verdict,
    waiting::output,
};

/// Write what captures carry to files
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel export objects web.pcap -o folder")]
pub struct ExportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Objects(ObjectsArgs),
}

/// Write HTTP bodies to files: pages, images, uploads
///
/// Names come from the request and never lead out of the folder; nothing in it is overwritten. A
/// body of which bytes are missing has .partial behind its name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel export objects web.pcap -o folder
  wirereel export objects web.pcap -o folder -T json
  wirereel export objects web.pcap -o folder -Y 'http.header.host == \"example.org\"'
  tcpdump -w - tcp | wirereel export objects - -o folder --raw")]
pub struct ObjectsArgs {
    #[command(flatten)]
    pub captures: CaptureArgs,

    /// The folder; made where it is missing
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    pub folder: PathBuf,

    /// Leave bodies as they were sent: do not undo their content-encoding
    #[arg(long)]
    pub raw: bool,

    /// How the listing is printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    #[command(flatten)]
    pub choice: ChoiceArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Writes what captures carry to files.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &ExportArgs, cli: &Globals) -> Result<Verdict> {
    match &args.what {
        What::Objects(args) => objects(args, cli),
    }
}

fn objects(args: &ObjectsArgs, cli: &Globals) -> Result<Verdict> {
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let shows_progress = cli.quiet || !io::stdout().is_terminal();
    let paths = args.captures.paths();
    let (mut out, pause) = output(paths, false);
    let reading = args.captures.reading(shows_progress, pause);
    let (choice, mut session) = args.choice.open(paths, &protocols, &reading)?;
    cli.diagnose(&protocols)?;
    let dissector = Dissector::new(&protocols, false)?;
    let mut writer = ObjectWriter::new(&args.folder, args.raw)?;
    let summary = session.dissect(dissector, &mut |found: Found<'_>| {
        let Some((frame, stream, event)) = found.of_stream() else { return Ok(()) };
        if !choice.has(Transport::Tcp, stream) {
            return Ok(());
        }
        match writer.push(frame, stream, &event)? {
            Some(object) => args.print(&object, cli, &mut out),
            None => Ok(()),
        }
    })?;
    out.flush()?;
    cli.summarise(&summary, args.format == ResultFormat::Json)?;
    session.finish()?;
    require_streams(choice.streams(), summary.streams, paths)?;
    Ok(Verdict::Clean)
}

impl ObjectsArgs {
    fn print(&self, object: &Object, cli: &Globals, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            _ if cli.quiet => Ok(()),
            ResultFormat::Text => object.write_text(cli.palette(), out),
            ResultFormat::Json => object.write_json(out),
        }
    }
}
