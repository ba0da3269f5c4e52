//! `wirereel decode`: the messages of a capture.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use wirereel::{
    decode::{Captured, Dissector, FieldRef, Known},
    output::{CsvWriter, FieldsWriter, JsonWriter, TextWriter, TreeWriter},
    profile::Protocols,
};

use super::{Cli, Verdict, args::ProtocolArgs, session::Session, terminal::stdout};

/// Print the messages of captures
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel decode capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel decode capture.pcap -H proto.h -T json
  wirereel decode capture.pcap -H proto.h -T fields -e name -e math
  tcpdump -w - udp port 1989 | wirereel decode - -H proto.h -V")]
pub struct DecodeArgs {
    /// pcap or pcapng, also compressed; - is standard input; several are merged by time
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,

    /// How messages are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: DecodeFormat,

    /// With -T fields: a field to print, such as math or point.x; repeatable
    #[arg(short = 'e', long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// Show the field tree and the bytes of each field
    #[arg(short = 'V', long)]
    pub tree: bool,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// How messages are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DecodeFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// A header line, then a line a message; a column for each field of each message.
    Csv,
    /// The fields that -e names, separated by tabs.
    Fields,
}

/// Prints the messages of captures.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &DecodeArgs, cli: &Cli) -> Result<Verdict> {
    args.validate()?;
    // Before a capture is opened, which may be a pipe that does not end.
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let mut session = Session::open(&args.captures, cli.quiet || !io::stdout().is_terminal())?;
    cli.diagnose(&protocols)?;
    let mut dissector = Dissector::new(&protocols)?;
    let mut printer = Printer::new(args, cli, &dissector.known(), session.is_several())?;
    let mut out = stdout();
    printer.begin(&mut out)?;
    while let Some((file, frame)) = session.next_frame() {
        let mut written = Ok(());
        dissector.push(&frame, file, &mut |message| written = printer.print(message, &mut out));
        written?;
    }
    out.flush()?;
    cli.summarise(&dissector.finish(), args.format == DecodeFormat::Json)?;
    session.finish()?;
    Ok(Verdict::Clean)
}

/// The writer that the arguments ask for.
enum Printer {
    Nothing,
    Text(Box<TextWriter>),
    Tree(Box<TreeWriter>),
    Json(Box<JsonWriter>),
    Csv(Box<CsvWriter>),
    Fields(Box<FieldsWriter>),
}

impl Printer {
    fn new(args: &DecodeArgs, cli: &Cli, known: &[Known<'_>], is_several: bool) -> Result<Self> {
        let fields = args
            .fields
            .iter()
            .map(|name| FieldRef::parse(name, known))
            .collect::<Result<Vec<_>, _>>()?;
        if cli.quiet {
            return Ok(Self::Nothing);
        }
        Ok(match args.format {
            DecodeFormat::Text if args.tree => Self::Tree(Box::new(TreeWriter::new(cli.palette()))),
            DecodeFormat::Text => Self::Text(Box::new(TextWriter::new(cli.palette()))),
            DecodeFormat::Json => Self::Json(Box::default()),
            DecodeFormat::Csv => Self::Csv(Box::new(CsvWriter::new(known, is_several))),
            DecodeFormat::Fields => Self::Fields(Box::new(FieldsWriter::new(fields))),
        })
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Self::Csv(writer) = self { writer.header(out) } else { Ok(()) }
    }

    fn print(&mut self, message: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Text(writer) => writer.write(message, out),
            Self::Tree(writer) => writer.write(message, out),
            Self::Json(writer) => writer.write(message, out),
            Self::Csv(writer) => writer.write(message, out),
            Self::Fields(writer) => writer.write(message, out),
        }
    }
}

impl DecodeArgs {
    fn validate(&self) -> Result<()> {
        let by_field = self.format == DecodeFormat::Fields;
        ensure!(!by_field || !self.fields.is_empty(), "-T fields prints nothing without -e NAME");
        ensure!(by_field || self.fields.is_empty(), "-e NAME goes only with -T fields");
        ensure!(
            !self.tree || self.format == DecodeFormat::Text,
            "-V shows a tree of text: it goes only with -T text"
        );
        Ok(())
    }
}
