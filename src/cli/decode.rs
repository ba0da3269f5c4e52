//! `wirereel decode`: the messages of a capture, all or those that a filter lets pass.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use wirereel::decode::{Choosing, Dissector, Found};
use wirereel::flow::Anomaly;
use wirereel::message::filter::Filter;
use wirereel::profile::Protocols;

use super::{
    args::ProtocolArgs,
    captures::CaptureArgs,
    choosing::{NumberArgs, reads_digests, require_streams},
    excerpt::Excerpt,
    globals::Globals,
    printer::{MessageFormat, PrintArgs, Printed, Printer},
    session::{Captures, Reading, Session},
    verdict::Verdict,
    waiting::output,
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
    #[command(flatten)]
    pub captures: CaptureArgs,

    #[command(flatten)]
    pub print: PrintArgs,

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

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Prints the messages of captures.
///
/// # Errors
///
/// Bad arguments, I/O, a capture cut short.
pub fn run(args: &DecodeArgs, cli: &Globals) -> Result<Verdict> {
    args.print.validate()?;
    // Before a capture is opened, which may be a pipe that does not end.
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let dissector = Dissector::new(&protocols, args.reads_digests(cli))?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let filter = Filter::parse(filter, &dissector.known())?;
    let streams = args.numbers.set();
    let paths = args.captures.paths();
    let mut excerpt = args.write.as_ref().map(|it| Excerpt::new(it, paths)).transpose()?;
    let mut choosing = args.whole_streams.then(|| Choosing::new(&filter));
    let (mut out, pause) = output(paths, args.print.each);
    let shows_progress = cli.quiet || !io::stdout().is_terminal();
    let reading = args.captures.reading(shows_progress, pause);
    let (captures, mut session) = args.open(&reading)?;
    cli.diagnose(&protocols)?;
    let printed = Printed {
        is_several: session.is_several(),
        is_fine: session.is_fine(),
        frames: args.print.times.filter(|it| it.needs_frames()).map(|_| session.note_times()),
    };
    let known = dissector.known();
    let mut printer = Printer::new(&args.print, &protocols, cli, &known, printed)?;
    drop(known);
    printer.begin(&mut out)?;
    let (mut matched, mut not_text) = (0_u64, 0_u64);
    let mut summary = session.dissect(dissector, &mut |found| {
        if let Some(choosing) = &mut choosing {
            choosing.take(&found);
        }
        let Found::Message { captured, carriers, .. } = found else { return Ok(()) };
        if !cli.quiet {
            not_text = not_text.saturating_add(captured.message.not_text());
        }
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
        let again = Reading { shows_progress: false, ..reading };
        excerpt.write(captures, &again, whole.as_ref())?;
    }
    summary.note(Anomaly::NotText, not_text);
    let is_restricted = args.filter.is_some() || !streams.is_all();
    summary.matched = is_restricted.then_some(matched);
    cli.summarise(&summary, args.print.format == MessageFormat::Json)?;
    session.finish()?;
    require_streams(&streams, summary.streams, paths)?;
    Ok(Verdict::Clean)
}

impl DecodeArgs {
    /// Digests are for those who read them: whoever looks at what is printed, or a filter.
    fn reads_digests(&self, cli: &Globals) -> bool {
        !cli.quiet || self.filter.as_deref().is_some_and(reads_digests)
    }

    /// Opens the captures; keeps what is needed to read them again, where that is to be done.
    fn open(&self, reading: &Reading) -> Result<(Option<Captures<'_>>, Session)> {
        let paths = self.captures.paths();
        if self.write.is_none() {
            return Ok((None, Session::open(paths, reading)?));
        }
        let captures = Captures::new(paths)?;
        let session = captures.open(reading)?;
        Ok((Some(captures), session))
    }
}
