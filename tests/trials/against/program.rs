//! The program as a client, run to its end.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::serving::bundled;

/// A server that ends once all was played, and late if it is not.
pub const ONCE: [&str; 3] = ["--once", "--duration", "60s"];

/// How a replay of a bundled capture ended: its outcome and its exit code.
pub fn replay(name: &str, args: &[&str]) -> (Value, i32) {
    run(command("replay", name).args(["-T", "json"]).args(args))
}

/// Runs a command that prints one object: that, and its exit code.
pub fn run(command: &mut Command) -> (Value, i32) {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let outcome = serde_json::from_slice(&output.stdout);
    (outcome.unwrap_or_else(|error| panic!("{error}: {told}")), output.status.code().unwrap())
}

/// The program at work on a bundled capture.
pub fn command(name: &str, capture: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg(name).arg(bundled(capture));
    // Away from any wirereel.toml that the working directory may hold.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Writes the bodies of a capture into a folder.
pub fn export(capture: &Path, folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.args(["export", "objects"]).arg(capture).arg("-o").arg(folder);
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Everything was answered as it was recorded, so often.
pub fn must_match((outcome, code): (Value, i32), matched: u64) {
    assert_eq!((outcome["matched"].as_u64(), code), (Some(matched), 0), "{outcome}");
    for count in ["differed", "missing"] {
        assert_eq!(outcome[count], 0, "{outcome}");
    }
    assert_eq!(outcome["skipped"], Value::Array(vec![]), "{outcome}");
}
