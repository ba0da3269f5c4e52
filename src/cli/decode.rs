//! `wirereel decode`: the messages of a capture, all or those that a filter lets pass.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use wirereel::decode::{Choosing, Dissector, Found};
use wirereel::message::filter::Filter;
use wirereel::message::{Captured, FieldRef, Known};
use wirereel::output::{CsvWriter, FieldsWriter, JsonWriter, TextWriter, TreeWriter};
use wirereel::profile::{Protocols, Standard};

use super::{
    args::ProtocolArgs,
    choosing::{NumberArgs, reads_digests, require_streams},
    excerpt::Excerpt,
    globals::Globals,
    session::{Captures, Session},
    terminal::stdout,
    verdict::Verdict,
};

/// Print the messages of captures
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel decode capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel decode capture.pcap -H proto.h -T json
  wirereel decode capture.pcap -H proto.h -T fields -e name -e math
  wirereel decode capture.pcap -H proto.h -Y 'msg_st.math > 60 && ip.src == 10.0.0.1' -w some.pcap
  wirereel decode web.pcap -Y 'http.response.status >= 500' -w failed.pcap --whole-streams
  tcpdump -w - udp port 1989 | wirereel decode - -H proto.h -V")]
pub struct DecodeArgs {
    /// pcap or pcapng, also compressed; - is standard input; several are merged by time
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,

    /// How messages are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: DecodeFormat,

    /// With -T fields: a field to print, such as math, msg_st.point.x or http.host; repeatable.
    /// Of any message there are frame.number (also frame), frame.time (also time),
    /// frame.time_epoch, file, src, dst, ip.src, ip.dst, ip.addr, the same behind ipv6,
    /// udp.srcport, udp.dstport, udp.port, udp.stream, the same behind tcp, stream, transport,
    /// protocol, message, len, candidates, trailing, pair and error
    #[arg(short = 'e', long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// Print only the messages that a filter in Wireshark's syntax lets pass
    #[arg(short = 'Y', long = "filter", value_name = "FILTER")]
    pub filter: Option<String>,

    #[command(flatten)]
    pub numbers: NumberArgs,

    /// Write the frames that carry the printed messages to a capture, .pcap or .pcapng; those of
    /// handshakes and bare acknowledgements are not among them, but by --whole-streams
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// With -w: write every frame of each conversation of which a message passes, such that the
    /// file can be replayed; where nothing decodes one, its packets' addresses, ports and numbers
    /// are asked
    #[arg(long, requires = "write")]
    pub whole_streams: bool,

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
pub fn run(args: &DecodeArgs, cli: &Globals) -> Result<Verdict> {
    args.validate()?;
    // Before a capture is opened, which may be a pipe that does not end.
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let dissector = Dissector::new(&protocols, args.reads_digests(cli))?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let filter = Filter::parse(filter, &dissector.known())?;
    let streams = args.numbers.set();
    let mut excerpt = args.write.as_ref().map(|it| Excerpt::new(it, &args.captures)).transpose()?;
    let mut choosing = args.whole_streams.then(|| Choosing::new(&filter));
    let (captures, mut session) = args.open(cli)?;
    cli.diagnose(&protocols)?;
    let mut printer = Printer::new(args, cli, &dissector.known(), session.is_several())?;
    let mut out = stdout();
    printer.begin(&mut out)?;
    let mut matched = 0_u64;
    let mut summary = session.dissect(dissector, &mut |found| {
        if let Some(choosing) = &mut choosing {
            choosing.take(&found);
        }
        let Found::Message { captured, carriers, .. } = found else { return Ok(()) };
        let is_wanted = streams.contains(captured.transport, captured.stream);
        let matches = is_wanted && filter.matches(captured);
        if let Some(excerpt) = &mut excerpt {
            excerpt.note(captured, carriers, matches);
        }
        if !matches {
            return Ok(());
        }
        matched = matched.saturating_add(1);
        printer.print(captured, &mut out)
    })?;
    out.flush()?;
    let whole = choosing.map(|it| it.finish(streams.clone()));
    if let (Some(excerpt), Some(captures)) = (excerpt, &captures) {
        excerpt.write(captures, whole.as_ref())?;
    }
    let is_restricted = args.filter.is_some() || !streams.is_all();
    summary.matched = is_restricted.then_some(matched);
    cli.summarise(&summary, args.format == DecodeFormat::Json)?;
    session.finish()?;
    require_streams(&streams, summary.streams, &args.captures)?;
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
    fn new(
        args: &DecodeArgs,
        cli: &Globals,
        known: &[Known<'_>],
        is_several: bool,
    ) -> Result<Self> {
        let fields = args
            .fields
            .iter()
            .map(|name| FieldRef::column(name, known))
            .collect::<Result<Vec<_>, _>>()?;
        if cli.quiet {
            return Ok(Self::Nothing);
        }
        Ok(match args.format {
            DecodeFormat::Text if args.tree => Self::Tree(Box::new(TreeWriter::new(cli.palette()))),
            DecodeFormat::Text => Self::Text(Box::new(TextWriter::new(cli.palette()))),
            DecodeFormat::Json => Self::Json(Box::default()),
            DecodeFormat::Csv => {
                let columns = known.iter().filter(|it| args.has_columns(it)).copied();
                Self::Csv(Box::new(CsvWriter::new(&columns.collect::<Vec<_>>(), is_several)))
            }
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
    /// Whether CSV has columns for a message. Those of HTTP, RESP and lines, which may come on any
    /// port, would only be in the way of messages that the user names.
    fn has_columns(&self, known: &Known<'_>) -> bool {
        let ProtocolArgs { headers, rules, profile, no_builtin, .. } = &self.protocols;
        let names_none = headers.is_empty() && rules.is_empty() && profile.is_none() && !no_builtin;
        let is_named = rules.iter().any(|rule| rule.trim_end().ends_with(known.protocol));
        Standard::by_name(known.protocol).is_none() || names_none || is_named
    }

    /// Digests are for those who read them: whoever looks at what is printed, or a filter.
    fn reads_digests(&self, cli: &Globals) -> bool {
        !cli.quiet || self.filter.as_deref().is_some_and(reads_digests)
    }

    /// Opens the captures; keeps what is needed to read them again, where that is to be done.
    fn open(&self, cli: &Globals) -> Result<(Option<Captures<'_>>, Session)> {
        let shows_progress = cli.quiet || !io::stdout().is_terminal();
        if self.write.is_none() {
            return Ok((None, Session::open(&self.captures, shows_progress)?));
        }
        let captures = Captures::new(&self.captures)?;
        let session = captures.open(shows_progress)?;
        Ok((Some(captures), session))
    }

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
