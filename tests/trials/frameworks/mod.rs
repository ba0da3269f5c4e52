//! Cases run by other tools: pytest and CTest, by the examples, and the action of a code host.

mod action;
mod ctest;
mod pytest;

use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

pub fn trials() -> Vec<Trial> {
    let mut trials = action::trials();
    trials.extend(ctest::trials());
    trials.extend(pytest::trials());
    trials
}

/// Cases by folder, with their `test.toml`: one of each verdict.
const CASES: [(&str, &str); 4] = [
    (
        "lessons/ok",
        "capture = 'ok_dgram_basic.pcap'
        [[run]]
        name = 'messages'
        run = 'decode'
        expect = [{ equals.fields.name = 'Alan' }]
        [[run]]
        name = 'findings'
        run = 'check'
        expect = [{ count = 0 }]",
    ),
    (
        "lessons/changed",
        "capture = 'ok_dgram_basic.pcap'
        run = 'decode'
        expect = [{ equals.fields.math = 84 }]",
    ),
    (
        "lessons/skipped",
        "capture = 'ok_dgram_basic.pcap'
        run = 'decode'
        requires = 'program:a;b[c'
        expect = [{ equals.fields.math = 83 }]",
    ),
    ("lessons/broken", "capture = 'ok_dgram_basic.pcap'\nrum = 'decode'"),
];

/// A folder with the cases in `fixtures`.
fn cases() -> Result<TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    for (name, toml) in CASES {
        let case = folder.path().join("fixtures").join(name);
        fs::create_dir_all(&case)?;
        fs::write(case.join("test.toml"), toml)?;
    }
    std::os::unix::fs::symlink(project().join("captures"), folder.path().join("captures"))?;
    Ok(folder)
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command that finds the program by its name.
fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    let own = Path::new(env!("CARGO_BIN_EXE_wirereel")).parent().map(Path::to_owned);
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = own.into_iter().chain(env::split_paths(&path));
    command.env("PATH", env::join_paths(folders).unwrap_or(path));
    command
}

/// What a command printed on both its streams, and whether it succeeded.
fn output(command: &mut Command) -> Result<(String, bool), Failed> {
    let Output { status, stdout, stderr } = command.output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((text(stdout) + &text(stderr), status.success()))
}

/// That a text has all of these pieces.
fn require(text: &str, pieces: &[&str]) -> Result<(), Failed> {
    match pieces.iter().find(|it| !text.contains(**it)) {
        None => Ok(()),
        Some(piece) => Err(format!("no {piece:?} in: {text}").into()),
    }
}
