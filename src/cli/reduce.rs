//! `wirereel reduce`: the smallest capture for which a command still says the same.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Result, ensure};
use clap::Args;
use regex::bytes::Regex;
use wirereel::fixture::reduce::{ReduceError, Reduced, Reduction, Trial, emit_c, write_case};
use wirereel::profile::Protocols;
use wirereel::replay::Stop;

use super::{
    again::Again, args::ProtocolArgs, excerpt::is_same_file, globals::Globals, value,
    verdict::Verdict,
};

/// Find the smallest capture for which a command still says the same
///
/// The command is run on ever smaller captures: without conversations, without messages, with fields
/// that are zero or at a boundary. What counts is that it exits with the same code, which is not 0, or that
/// its output matches. Lengths and checksums stay true.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel reduce capture.pcap -o small.pcap -- wirereel check -q
  wirereel reduce capture.pcap -o small.pcap -H proto.h --match 'byte-order' -- wirereel check {} -H proto.h
  wirereel reduce capture.pcap -o small.pcap --case fixtures/crash --emit-c crash.c -- ./replay-to-server.sh {} 1990 ./server 1990")]
pub struct ReduceArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,

    /// Where to write the result, in the format of the capture, not compressed
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: PathBuf,

    /// The output of the command, standard error included, must match this in place of the exit code
    #[arg(long = "match", value_name = "REGEX")]
    pub pattern: Option<Regex>,

    /// How long the command may run; what takes longer does not say the same
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = value::duration)]
    pub try_timeout: Duration,

    /// How often the command is run at most
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub tries: u64,

    /// How long all of it may last; what is smallest by then is written
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = value::duration)]
    pub duration: Duration,

    /// Make the result a fixture case as well, in a new folder
    #[arg(long, value_name = "DIR")]
    pub case: Option<PathBuf>,

    /// Write a C program that sends what is left: to the host and port of its arguments, else to
    /// 127.0.0.1 and the captured port
    #[arg(long, value_name = "FILE")]
    pub emit_c: Option<PathBuf>,

    /// The command; {} in it is the capture to try, which else is appended
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Reduces a capture.
///
/// # Errors
///
/// Bad arguments, I/O, a command that cannot be started or does not fail.
pub fn run(args: &ReduceArgs, cli: &Globals) -> Result<Verdict> {
    ensure!(
        !is_same_file(&args.output, &args.capture),
        "-o {}: that is the capture to be read",
        args.output.display()
    );
    let options = args.protocols.options()?;
    let protocols = Protocols::load(&options)?;
    cli.diagnose(&protocols)?;
    let reduction = Reduction {
        trial: Trial {
            command: args.command.clone(),
            pattern: args.pattern.clone(),
            timeout: args.try_timeout,
        },
        max_tries: args.tries,
        duration: args.duration,
    };
    let stop = Stop::default();
    stop.on_signal(|_| {})?;
    let reader = Again::new(&args.capture)?.open()?;
    let reduced = reduction.run(reader, &protocols, &args.output, &|| stop.is_requested());
    let reduced = match (reduced, stop.signal()) {
        (Err(error @ ReduceError::Stopped), Some(signal)) => {
            writeln!(io::stderr(), "wirereel: {error}")?;
            return Ok(Verdict::Stopped(signal));
        }
        (reduced, _) => reduced?,
    };
    if let Some(path) = &args.emit_c {
        let source = emit_c(&reduced.left);
        ensure!(source.is_some(), "--emit-c: nothing is left that a program could send");
        fs::write(path, source.unwrap_or_default())?;
    }
    if let Some(dir) = &args.case {
        write_case(dir, &args.output, &options, &protocols)?;
    }
    summarise(&reduced)?;
    Ok(stop.signal().map_or(Verdict::Clean, Verdict::Stopped))
}

fn summarise(reduced: &Reduced) -> Result<()> {
    let Reduced { outcome, conversations, messages, fields, tries, is_cut_short, .. } = reduced;
    let mut err = io::stderr().lock();
    let [before, after] = messages;
    let [all, left] = conversations;
    writeln!(
        err,
        "{before} messages to {after}, {all} conversations to {left}, {fields} fields made simpler, in \
         {tries} tries: the command still {outcome}"
    )?;
    if *is_cut_short {
        writeln!(err, "wirereel: ended before it was as small as it can be")?;
    }
    Ok(())
}
