//! The command line. One file a command: its arguments, then a short `run`.

mod args;
mod check;
mod choosing;
mod completions;
mod decode;
mod demo;
mod excerpt;
mod export;
mod flows;
mod follow;
mod info;
mod layout;
mod man;
mod replay;
mod serve;
mod session;
mod terminal;
mod usage;
mod value;

use anstream::{AutoStream, stream::RawStream};
use clap::{ArgAction, ColorChoice, Parser, Subcommand};
use wirereel::replay::Signal;

pub use usage::usage;

const GLOBAL: &str = "Global options";

/// Decodes packed C structs and HTTP from packet captures, straight from your C header.
#[derive(Debug, Parser)]
#[command(
    name = "wirereel",
    version,
    disable_version_flag = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  wirereel demo
  wirereel decode capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel check capture.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel layout proto.h msg_st
  wirereel replay capture.pcap --to 127.0.0.1:1989"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Colour in text output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    pub color: ColorChoice,

    /// Do all the work, print only the closing summary
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,

    /// Show the chain of causes of an error
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub verbose: bool,

    /// Print the version
    // `-V` is the field tree, as in Wireshark, so that the version has no short form.
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Decode(decode::DecodeArgs),
    Info(info::InfoArgs),
    Flows(flows::FlowsArgs),
    Follow(follow::FollowArgs),
    Export(export::ExportArgs),
    Check(check::CheckArgs),
    Layout(layout::LayoutArgs),
    Replay(Box<replay::ReplayArgs>),
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What a command that ran to its end came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Clean,
    /// Exit code 1.
    Findings,
    /// Cut short by a signal, whose exit code it has.
    Stopped(Signal),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// What ends in exit code 2: usage, I/O, a capture cut short.
    pub fn run(&self) -> anyhow::Result<Verdict> {
        match &self.command {
            Command::Decode(args) => decode::run(args, self),
            Command::Info(args) => info::run(args, self),
            Command::Flows(args) => flows::run(args, self),
            Command::Follow(args) => follow::run(args, self),
            Command::Export(args) => export::run(args, self),
            Command::Check(args) => check::run(args, self),
            Command::Layout(args) => layout::run(args, self),
            Command::Replay(args) => replay::run(args, self),
            Command::Serve(args) => serve::run(args, self),
            Command::Demo(args) => demo::run(args, self),
            Command::Completions(args) => completions::run(args),
            Command::Man(args) => man::run(args),
        }
    }

    /// Whether text on a stream is coloured: as `--color` says, else as `NO_COLOR`, the terminal
    /// and the like do.
    fn is_coloured(&self, stream: &impl RawStream) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(|it| it.to_string()).unwrap_or_default();
            let call = format!("  wirereel {}", command.get_name());
            assert!(help.contains(&call), "{}", command.get_name());
        }
    }
}
