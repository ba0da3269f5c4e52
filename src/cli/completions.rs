//! `wirereel completions`: what a shell needs to complete our arguments.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::{terminal::stdout, verdict::Verdict};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:
  wirereel completions bash > ~/.local/share/bash-completion/completions/wirereel")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints completions.
///
/// # Errors
///
/// I/O.
pub fn run(args: &CompletionsArgs, mut program: Command) -> anyhow::Result<Verdict> {
    // Straight to stdout, a closed pipe would panic in the generator.
    let mut script = Vec::new();
    generate(args.shell, &mut program, "wirereel", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Verdict::Clean)
}
