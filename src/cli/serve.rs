//! `wirereel serve`: the server's side of a capture, played to live clients.

use std::{
    collections::HashSet,
    io::{self, Write},
    net::SocketAddr,
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
        Destination, Destinations, Outcome, Plan, Servers, Signal, Stop,
        server::{Listen, ServeOptions, Workers, serve},
    },
};

use super::{
    args::{ProtocolArgs, ResultFormat},
    choosing::ChoiceArgs,
    globals::Globals,
    replay::{
        arguments::{ExpectationArgs, TimingName, map},
        complete, finish, read_plan, require_something,
    },
    terminal::stdout,
    value::{duration, listening, mapping},
    verdict::Verdict,
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
    #[arg(long, value_name = "ADDR:PORT", value_parser = listening, required_unless_present = "map")]
    pub listen: Option<SocketAddr>,

    /// Where to play some servers of the capture: 10.0.0.2:80=127.0.0.1:8080, 10.0.0.2=127.0.0.1
    /// (all its ports, kept), :80=:8080 (of any address, at 127.0.0.1); repeatable, the closest
    /// holds; without --listen, servers that none names are left out
    #[arg(long, value_name = "SERVER=ADDR:PORT", value_parser = mapping)]
    pub map: Vec<(Servers, Destination)>,

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
    pub choice: ChoiceArgs,

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
pub fn run(args: &ServeArgs, cli: &Globals) -> Result<Verdict> {
    let protocols = Protocols::load(&args.protocols.options()?)?;
    let destinations = Destinations { to: args.listen, map: map(&args.map)? };
    let mut plan = read_plan(&args.capture, &args.choice, &protocols, cli, &mut |_| {})?;
    plan.leave_out_unnamed(&destinations)?;
    require_something(&plan, &args.capture, "serve")?;
    let options = args.options(&plan, &destinations);
    options.expectation.check(&protocols)?;
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
    fn options(&self, plan: &Plan, destinations: &Destinations) -> ServeOptions {
        ServeOptions {
            listen: self.addresses(plan, destinations),
            workers: self.workers,
            once: self.once,
            timing: self.timing.timing(),
            expectation: self.comparison.expectation(),
            ignore_query: self.ignore_query.clone(),
            timeout: self.timeout,
            duration: self.duration,
        }
    }

    /// The addresses to listen at, in the order of the options. What goes to one address is played
    /// there together; of free ports each option gets one of its own.
    fn addresses(&self, plan: &Plan, destinations: &Destinations) -> Vec<Listen> {
        let mut seen = HashSet::new();
        let servers = plan.conversations.iter().map(|it| it.server).filter(|it| seen.insert(*it));
        let mapped: Vec<_> = servers
            .filter_map(|server| destinations.mapped(server).map(|(name, at)| (name, at, server)))
            .collect();
        let mut listen = Vec::<Listen>::new();
        for (name, _) in &self.map {
            let begin = listen.len();
            for (_, at, server) in mapped.iter().filter(|(own, ..)| own == name) {
                let shared = if at.port() == 0 { begin } else { 0 };
                match listen.iter_mut().skip(shared).find(|it| it.at == *at) {
                    Some(known) => known.servers.push(*server),
                    None => listen.push(Listen { at: *at, servers: vec![*server] }),
                }
            }
        }
        listen.extend(self.listen.map(Listen::all));
        listen
    }

    fn print(&self, outcome: &Outcome, cli: &Globals) -> Result<()> {
        let mut out = stdout();
        match self.format {
            ResultFormat::Json => outcome_json(outcome, &mut out)?,
            ResultFormat::Text => served_text(outcome, cli.palette(), &mut out)?,
        }
        Ok(out.flush()?)
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
