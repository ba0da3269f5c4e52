//! The program, run on a fixture case as its user would.

use std::{error::Error, process::Command};

use wirereel::fixture::{Case, Run};

/// The lines of JSON that the case's command prints.
///
/// # Errors
///
/// Where the command ends otherwise than it must.
pub fn lines(case: &Case) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
    let mut command = command(case);
    let output = command.output()?;
    let lines: Vec<_> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    let expected = case.exit_code(&lines);
    if output.status.code() != Some(expected) {
        let (status, stderr) = (output.status, String::from_utf8_lossy(&output.stderr));
        return Err(format!("{command:?}: {status}, expected {expected}: {stderr}").into());
    }
    Ok(lines)
}

fn command(case: &Case) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let name = match case.run {
        Run::Decode => "decode",
        Run::Check => "check",
    };
    command.args([name, "-T", "json"]);
    for header in &case.headers {
        command.arg("-H").arg(header);
    }
    for rule in &case.decode_as {
        command.arg("-d").arg(rule);
    }
    if let Some(profile) = &case.profile {
        command.arg("--profile").arg(profile);
    }
    // Away from any wirereel.toml that the working directory may hold.
    command.arg(&case.capture).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}
