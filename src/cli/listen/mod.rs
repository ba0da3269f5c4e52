//! `wirereel listen`: receives, decodes and measures datagrams, and says why none come.

mod arguments;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process, thread,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use wirereel::{
    capture::WriteFormat,
    decode::Dissector,
    generate::listen::{Event, Heard, ListenOptions, ListenTo, Listener, Measured, Recording},
    generate::why::{Wanted, Watch},
    message::filter::Filter,
    net::ListenSocket,
    output::{heard_json, heard_text, rates_text},
    profile::Protocols,
    replay::{Signal, Stop},
};

use super::{
    args::ProtocolArgs,
    globals::Globals,
    printer::{MessageFormat, PrintArgs, Printed, Printer},
    verdict::Verdict,
    waiting::output,
};
use arguments::{EndArgs, ListenToArgs, MeasureArgs, RespondArgs};

/// Receive, decode and measure datagrams, and say why none come
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel listen multicast --group 224.2.2.2:1989 -i lo -H proto.h --message msg_st
  wirereel listen multicast --group 224.2.2.2:1989 -i lo -H proto.h --message msg_st --counter seq
  wirereel listen broadcast --to :1989 -H proto.h --message msg_st --count 100 -T json
  wirereel listen unicast --to 127.0.0.1:1989 --respond echo
  wirereel listen unicast --to :1989 -H proto.h --respond msg_st --set name=Alan --set math=counter
  wirereel listen multicast --group 224.2.2.2:1989 -i eth0 --duration 10s -w received.pcapng")]
pub struct ListenArgs {
    #[command(flatten)]
    pub to: ListenToArgs,

    /// The message that comes, as -d udp.port==PORT,NAME says it
    #[arg(long, value_name = "NAME")]
    pub message: Option<String>,

    #[command(flatten)]
    pub print: PrintArgs,

    /// Print only the messages that a filter in Wireshark's syntax lets pass; all are counted
    #[arg(short = 'Y', long = "filter", value_name = "FILTER")]
    pub filter: Option<String>,

    /// Write all that is received to a capture, .pcap or .pcapng
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    pub write: Option<PathBuf>,

    #[command(flatten)]
    pub measure: MeasureArgs,

    #[command(flatten)]
    pub end: EndArgs,

    #[command(flatten)]
    pub respond: RespondArgs,

    /// Look at the link and at the host's state meanwhile, and say what keeps datagrams from being
    /// received; by itself where nothing comes in --duration
    #[arg(long)]
    pub why: bool,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Listens until so much has come, the time is over, or Ctrl-C.
///
/// # Errors
///
/// Bad arguments, I/O, an address that is taken.
pub fn run(args: &ListenArgs, cli: &Globals) -> Result<Verdict> {
    args.print.validate()?;
    let to = args.to.listen_to()?;
    let format = args.write.as_deref().map(write_format).transpose()?;
    // A watch begins before a socket is bound, which it looks for; a chosen port there is none before.
    let early = (to.at.port() == 0).then(|| ListenSocket::open(&to.socket())).transpose()?;
    let port = match &early {
        Some(socket) => socket.local_addr()?.port(),
        None => to.at.port(),
    };
    let protocols = Protocols::load(&args.protocol_options(port)?)?;
    let dissector = Dissector::new(&protocols, false)?;
    let known = dissector.known();
    let filter = Filter::parse(args.filter.as_deref().unwrap_or_default(), &known)?;
    let (counter, sent_at) = args.measure.fields(&known)?;
    let measured = Measured::new(&protocols, &known, counter, sent_at);
    cli.diagnose(&protocols)?;
    let mut printer = Printer::new(&args.print, &protocols, cli, &known, Printed::default())?;
    drop(known);
    let recording = args.write.as_deref().zip(format);
    let mut recording =
        recording.map(|(path, format)| Recording::create(path, format)).transpose()?;
    let stop = Stop::default();
    stop.on_signal(|signal| process::exit(signal.exit_code().into()))?;
    let respond = args.respond.respond(&protocols)?;
    let mut watch = args.watch(&to, port);
    let socket = early.map_or_else(|| ListenSocket::open(&to.socket()), Ok)?;
    let (mut out, _) = output(&[], args.print.each);
    printer.begin(&mut out)?;
    tell(&to, &socket, cli)?;
    let listener = Listener {
        socket: &socket,
        dissector,
        measured,
        options: args.options(&to),
        respond,
        halted: &|| stop.is_requested(),
    };
    let mut matched = 0_u64;
    let (mut heard, mut summary) = listener.run(&mut |event| -> Result<()> {
        match event {
            Event::Datagram { arrival, dst } => {
                if !args.why {
                    dismiss(watch.take());
                }
                if let Some(recording) = &mut recording {
                    recording.write(&arrival, dst)?;
                }
            }
            Event::Message(captured) if filter.matches(captured) => {
                matched = matched.saturating_add(1);
                printer.print(captured, &mut out)?;
            }
            Event::Message(_) => {}
            Event::Idle => {
                out.flush()?;
                recording.as_mut().map_or(Ok(()), Recording::flush)?;
            }
            Event::Rates(rates) => rates_text(&rates, cli.err_palette(), &mut io::stderr())?,
        }
        Ok(())
    })?;
    // The socket is still open, and its memberships are looked up.
    let why = watch.map(|it| it.finish(heard.received, heard.dropped));
    heard.why = why.unwrap_or_default();
    // What is listened for needs no rule to say that nothing came.
    summary.idle_rules.clear();
    summary.matched = args.filter.is_some().then_some(matched);
    args.conclude(&heard, cli, &mut out)?;
    cli.summarise(&summary, args.print.format == MessageFormat::Json)?;
    finish(recording)?;
    // Ctrl-C is how a listener ends that runs until it is told.
    let signal = stop.signal();
    Ok(match signal.filter(|it| *it != Signal::Interrupt) {
        Some(signal) => Verdict::Stopped(signal),
        None if heard.is_short && signal.is_none() => Verdict::Findings,
        None => Verdict::Clean,
    })
}

/// Says that whoever waits may send.
fn tell(to: &ListenTo, socket: &ListenSocket, cli: &Globals) -> Result<()> {
    let local = socket.local_addr()?;
    // A port that the kernel chose nobody else can tell.
    if cli.quiet && to.at.port() != 0 {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    write!(err, "listening on {local}")?;
    if let (true, [first, .., last]) = (local.ip().is_unspecified(), to.groups.as_slice()) {
        write!(err, ", groups {first} to {last}")?;
    }
    if let Some(it) = &to.interface {
        write!(err, ", {}", it.name)?;
    }
    Ok(writeln!(err)?)
}

/// Something came, so that nothing is to be looked for. Ending takes a moment, in which more comes.
fn dismiss(watch: Option<Watch>) {
    if let Some(watch) = watch {
        thread::spawn(move || watch.finish(1, 0));
    }
}

fn finish(recording: Option<Recording>) -> Result<()> {
    let Some(recording) = recording else { return Ok(()) };
    match recording.finish()? {
        0 => Ok(()),
        unwritable => bail!("-w: {unwritable} datagrams are too long for a frame"),
    }
}

impl ListenArgs {
    fn options(&self, to: &ListenTo) -> ListenOptions {
        ListenOptions {
            count: self.end.count,
            duration: self.end.duration,
            interval: self.measure.interval,
            to: to.destinations(),
        }
    }

    /// Looks from the beginning, where it may have to be said why nothing came.
    fn watch(&self, to: &ListenTo, port: u16) -> Option<Watch> {
        let mut local = to.socket().at;
        local.set_port(port);
        let (groups, sources) = (to.groups.clone(), to.sources.clone());
        let interface = to.interface.clone();
        let wanted = Wanted { cast: to.cast, local, groups, sources, interface };
        (self.why || self.end.duration.is_some()).then(|| Watch::begin(&wanted))
    }

    /// With a rule for what --message names.
    fn protocol_options(&self, port: u16) -> Result<wirereel::profile::Options> {
        let mut options = self.protocols.options()?;
        if let Some(name) = &self.message {
            let rule = format!("udp.port=={port},{name}");
            options.rules.push(rule.parse().with_context(|| format!("--message {name}"))?);
        }
        Ok(options)
    }

    /// Prints what came: behind the messages, or where these are a table, apart from them.
    fn conclude(&self, heard: &Heard, cli: &Globals, out: &mut dyn Write) -> Result<()> {
        match self.print.format {
            MessageFormat::Json => heard_json(heard, out)?,
            MessageFormat::Text => heard_text(heard, cli.palette(), out)?,
            MessageFormat::Csv | MessageFormat::Fields => {
                heard_text(heard, cli.err_palette(), &mut io::stderr())?;
            }
        }
        Ok(out.flush()?)
    }
}

/// By the name of the file. Times are the kernel's, in nanoseconds.
fn write_format(path: &Path) -> Result<WriteFormat> {
    match path.extension().and_then(|it| it.to_str()) {
        Some("pcapng") => Ok(WriteFormat::Pcapng),
        Some("pcap") => Ok(WriteFormat::PcapNs),
        _ => bail!("-w {}: the name must end in .pcap or .pcapng", path.display()),
    }
}
