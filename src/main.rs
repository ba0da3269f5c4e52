//! The program: parses the arguments, runs, and maps to an exit code.
//!
//! 0 clean, 1 findings, 2 usage, I/O or a capture cut short; 128 and the number of a signal that cut
//! a run short. A closed pipe is not an error.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod cli;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Verdict};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cli::usage(&error, &Cli::command()),
    };
    match cli.run() {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Ok(Verdict::Stopped(signal)) => ExitCode::from(signal.exit_code()),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, cli.is_verbose());
            ExitCode::from(2)
        }
    }
}

/// Whoever reads our output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// One line; with `-v` also what caused it, unless the line says so. Where stderr is closed, nobody is left to tell.
fn report(error: &anyhow::Error, verbose: bool) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "wirereel: {error}");
    if verbose {
        let mut said = error.to_string();
        for cause in error.chain().skip(1).map(ToString::to_string) {
            if !said.contains(&cause) {
                let _ = writeln!(stderr, "  caused by: {cause}");
            }
            said = cause;
        }
    }
}
