//! What clap says of the arguments: help as it is, mistakes in one line.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Command, Error, error::ErrorKind};

/// Prints help, the version, or what is wrong with the arguments; gives the exit code. Where a
/// stream is closed, nobody is left to tell.
pub fn usage(error: &Error, program: &Command) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
    } else {
        let command =
            command(program, env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()));
        let text = one_line(&error.render().to_string());
        let _ = writeln!(io::stderr(), "wirereel: {text}; see 'wirereel {command}--help'");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The command that the arguments name, and a space behind it.
fn command(program: &Command, arguments: impl Iterator<Item = String>) -> String {
    let mut named = arguments.filter(|it| program.find_subcommand(it).is_some());
    named.next().map(|it| format!("{it} ")).unwrap_or_default()
}

/// What clap says before its usage block: the error, the values or arguments that go with it, and
/// the name that may be meant.
fn one_line(rendered: &str) -> String {
    let text = rendered.strip_prefix("error: ").unwrap_or(rendered);
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    let told = lines.take_while(|it| !it.starts_with("Usage:") && !it.starts_with("For more"));
    let mut line = String::new();
    for part in told {
        match part.strip_prefix("tip: ") {
            Some(tip) if tip.contains("similar") => line.push_str("; "),
            // How to give it as a value helps nobody who misspelt it.
            Some(_) => continue,
            None if line.is_empty() => {}
            None => line.push(' '),
        }
        line.push_str(part.strip_prefix("tip: ").unwrap_or(part));
    }
    line
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::{command, one_line};

    #[test]
    fn a_mistake_is_one_line() {
        for (rendered, expected) in [
            (
                "error: invalid value 'xml' for '-T'\n  [possible values: text, json]\n\nFor more \
                 information, try '--help'.\n",
                "invalid value 'xml' for '-T' [possible values: text, json]",
            ),
            (
                "error: unexpected argument '--heade' found\n\n  tip: a similar argument exists: \
                 '--header'\n\nUsage: wirereel decode\n",
                "unexpected argument '--heade' found; a similar argument exists: '--header'",
            ),
            (
                "error: unexpected argument '-z' found\n\n  tip: to pass '-z' as a value, use '-- \
                 -z'\n\nUsage: wirereel\n",
                "unexpected argument '-z' found",
            ),
        ] {
            assert_eq!(one_line(rendered), expected);
        }
    }

    #[test]
    fn the_command_is_the_first_that_is_named() {
        let program = Command::new("wirereel").subcommands(["decode", "info"].map(Command::new));
        let of = |line: &str| command(&program, line.split(' ').map(str::to_owned));
        assert_eq!(of("-v decode info"), "decode ");
        assert_eq!(of("nosuch"), "");
    }
}
