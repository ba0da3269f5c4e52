//! `wirereel man`: manual pages, in roff.

use std::io::Write;

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;

use super::{terminal::stdout, verdict::Verdict};

/// Print the manual page of the program, or of one command
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel man | man -l -
  wirereel man decode > wirereel-decode.1")]
pub struct ManArgs {
    /// The command
    #[arg(value_name = "COMMAND")]
    pub page: Option<String>,
}

/// Prints a manual page.
///
/// # Errors
///
/// A command that does not exist; I/O.
pub fn run(args: &ManArgs, mut program: Command) -> anyhow::Result<Verdict> {
    program.build();
    let command = match &args.page {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .with_context(|| format!("no command \"{name}\" to print a page of"))?,
    };
    let title = command.get_display_name().unwrap_or("wirereel").to_owned();
    let mut page = Vec::new();
    Man::new(command).title(title).render(&mut page)?;
    let mut out = stdout();
    out.write_all(&page)?;
    out.flush()?;
    Ok(Verdict::Clean)
}
