//! The command line. One file a command: its arguments, then a short `run`.

mod again;
mod args;
mod captures;
mod cast;
mod check;
mod choosing;
mod comparison;
mod compat;
mod completions;
mod decode;
mod demo;
mod diff;
mod excerpt;
mod export;
mod flows;
mod follow;
mod generate;
mod globals;
mod info;
mod interfaces;
mod layout;
mod listen;
mod man;
mod printer;
mod profile;
mod redact;
#[cfg(unix)]
mod reduce;
mod replay;
mod serve;
mod session;
mod source;
mod terminal;
mod test;
mod usage;
mod value;
mod verdict;
mod waiting;

use clap::{ArgAction, CommandFactory, Parser, Subcommand};

pub use usage::usage;
pub use verdict::Verdict;

use globals::Globals;

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

    #[command(flatten)]
    globals: Globals,

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
    Compat(compat::CompatArgs),
    Profile(profile::ProfileArgs),
    Replay(Box<replay::ReplayArgs>),
    Serve(serve::ServeArgs),
    Generate(Box<generate::GenerateArgs>),
    Listen(Box<listen::ListenArgs>),
    Redact(redact::RedactArgs),
    #[cfg(unix)]
    Reduce(reduce::ReduceArgs),
    Test(test::TestArgs),
    Diff(Box<diff::DiffArgs>),
    Interfaces(interfaces::InterfacesArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

impl Cli {
    /// Whether an error is told with what caused it.
    pub fn is_verbose(&self) -> bool {
        self.globals.verbose
    }

    /// Runs the command.
    ///
    /// # Errors
    ///
    /// What ends in exit code 2: usage, I/O, a capture cut short.
    pub fn run(&self) -> anyhow::Result<Verdict> {
        match &self.command {
            Command::Decode(args) => decode::run(args, &self.globals),
            Command::Info(args) => info::run(args, &self.globals),
            Command::Flows(args) => flows::run(args, &self.globals),
            Command::Follow(args) => follow::run(args, &self.globals),
            Command::Export(args) => export::run(args, &self.globals),
            Command::Check(args) => check::run(args, &self.globals),
            Command::Layout(args) => layout::run(args, &self.globals),
            Command::Compat(args) => compat::run(args, &self.globals),
            Command::Profile(args) => profile::run(args, &self.globals),
            Command::Replay(args) => replay::run(args, &self.globals),
            Command::Serve(args) => serve::run(args, &self.globals),
            Command::Generate(args) => generate::run(args, &self.globals),
            Command::Listen(args) => listen::run(args, &self.globals),
            Command::Redact(args) => redact::run(args, &self.globals),
            #[cfg(unix)]
            Command::Reduce(args) => reduce::run(args, &self.globals),
            Command::Test(args) => test::run(args, &self.globals),
            Command::Diff(args) => diff::run(args, &self.globals),
            Command::Interfaces(args) => interfaces::run(args, &self.globals),
            Command::Demo(args) => demo::run(args, &self.globals),
            Command::Completions(args) => completions::run(args, Self::command()),
            Command::Man(args) => man::run(args, Self::command()),
        }
    }
}

#[cfg(test)]
mod tests {
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
