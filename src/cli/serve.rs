//! `wirereel serve`: the server's side of a capture, played to live clients.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
    process,
    time::Duration,
};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::{
    output::{outcome_json, served_text},
    profile::Protocols,
    replay::{
        Outcome, Signal, Stop,
        server::{Listen, ServeOptions, Workers, serve},
    },
};

use super::{
    Cli, Verdict,
    args::{ProtocolArgs, ResultFormat},
    replay::{
        arguments::{ExpectationArgs, TimingName},
        complete, finish, read_plan,
    },
    terminal::stdout,
    value::{address, duration, mapping},
};

/// Play the server's side of a capture to live clients
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel serve web.pcap --listen 127.0.0.1:8080
  wirereel serve stamps.pcap --listen 1989 --workers pool=4 --once
  wirereel serve both.pcap --map 10.0.0.2:80=127.0.0.1:8080 --map 10.0.0.2:1989=127.0.0.1:1989")]
pub struct ServeArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,

    /// Where to listen; a port alone is one of 127.0.0.1, and port 0 is one that is free
    #[arg(long, value_name = "ADDR:PORT", value_parser = listen, required_unless_present = "map")]
    pub listen: Option<SocketAddr>,

    /// Where to play one server of the capture; repeatable
    #[arg(long, value_name = "SERVER=ADDR:PORT", value_parser = mapping)]
    pub map: Vec<(SocketAddr, SocketAddr)>,

    /// How many clients of TCP are served at once: sequential, per-connection or pool=N
    #[arg(long, value_name = "HOW", default_value = "per-connection", value_parser = workers)]
    pub workers: Workers,

    /// End when each recorded conversation has been played
    #[arg(long)]
    pub once: bool,

    /// Whether TCP answers come at once, or as late as they did
    #[arg(long, value_name = "WHEN", value_enum, default_value = "reply")]
    pub timing: TimingName,

    /// How long a client may be silent where the recorded one was not
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub timeout: Duration,

    /// How long to serve
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,

    /// A parameter of the query that does not count when HTTP requests are told apart; * is all of
    /// them; repeatable
    #[arg(long, value_name = "NAME")]
    pub ignore_query: Vec<String>,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,

    #[command(flatten)]
    pub comparison: ExpectationArgs,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Plays the server's side until everything has been played, the time is over, or Ctrl-C.
///
/// # Errors
///
/// Bad arguments, I/O, nothing to serve, an address that is taken.
pub fn run(args: &ServeArgs, cli: &Cli) -> Result<Verdict> {
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let options = args.options();
    options.expectation.check(&protocols)?;
    let plan = read_plan(&args.capture, &protocols, cli, &mut |_| {})?;
    let stop = Stop::default();
    stop.on_signal(|signal| process::exit(signal.exit_code().into()))?;
    let mut told = Ok(());
    // A port that the kernel chose nobody else can tell.
    let is_told = !cli.quiet || options.listen.iter().any(|it| it.at.port() == 0);
    let mut outcome = serve(&plan, &protocols, &options, &stop, &mut |addresses| {
        if is_told {
            told = tell(addresses);
        }
    })?;
    told?;
    complete(&mut outcome, &plan, cli);
    // Ctrl-C is how a server ends that runs until it is told.
    let is_end = |it: &Signal| *it == Signal::Interrupt && !outcome.interrupted;
    let signal = stop.signal().filter(|it| !is_end(it));
    outcome.interrupted |= signal.is_some();
    args.print(&outcome, cli)?;
    let is_as_recorded = outcome.differed == 0 && outcome.missing == 0;
    let verdict = if is_as_recorded { Verdict::Clean } else { Verdict::Findings };
    finish(plan, signal.map_or(verdict, Verdict::Stopped))
}

/// Says where clients may come, when they may.
fn tell(addresses: &[SocketAddr]) -> io::Result<()> {
    let mut err = io::stderr().lock();
    for address in addresses {
        writeln!(err, "listening on {address}")?;
    }
    Ok(())
}

impl ServeArgs {
    fn options(&self) -> ServeOptions {
        let mapped = self.map.iter().map(|&(server, at)| Listen { at, server: Some(server) });
        ServeOptions {
            listen: mapped.chain(self.listen.map(Listen::all)).collect(),
            workers: self.workers,
            once: self.once,
            timing: self.timing.timing(),
            expectation: self.comparison.expectation(),
            ignore_query: self.ignore_query.clone(),
            timeout: self.timeout,
            duration: self.duration,
        }
    }

    fn print(&self, outcome: &Outcome, cli: &Cli) -> Result<()> {
        let mut out = stdout();
        match self.format {
            ResultFormat::Json => outcome_json(outcome, &mut out)?,
            ResultFormat::Text => served_text(outcome, cli.palette(), &mut out)?,
        }
        Ok(out.flush()?)
    }
}

/// Reads an address with a port, or a port of loopback.
fn listen(text: &str) -> Result<SocketAddr> {
    match text.strip_prefix(':').unwrap_or(text).parse::<u16>() {
        Ok(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(_) => address(text),
    }
}

fn workers(text: &str) -> Result<Workers> {
    match (text, text.strip_prefix("pool=").map(str::parse::<NonZeroUsize>)) {
        ("sequential", _) => Ok(Workers::Sequential),
        ("per-connection", _) => Ok(Workers::PerConnection),
        (_, Some(Ok(workers))) => Ok(Workers::Pool(workers)),
        _ => bail!("write sequential, per-connection or pool=4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_loopback() {
        for (text, expected) in [
            ("8080", "127.0.0.1:8080"),
            (":0", "127.0.0.1:0"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(listen(text).unwrap(), expected.parse().unwrap(), "{text}");
        }
        for text in ["", ":", "65536", "127.0.0.1"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn workers_are_one_all_or_so_many() {
        let pool = |workers| Workers::Pool(NonZeroUsize::new(workers).unwrap());
        for (text, expected) in [
            ("sequential", Workers::Sequential),
            ("per-connection", Workers::PerConnection),
            ("pool=4", pool(4)),
        ] {
            assert_eq!(workers(text).unwrap(), expected, "{text}");
        }
        for text in ["", "pool", "pool=", "pool=0", "pool=-1", "threads"] {
            assert!(workers(text).is_err(), "{text}");
        }
    }
}
