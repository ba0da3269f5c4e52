//! Every case of `fixtures/`, run by the program as a user would.
//!
//! `WIREREEL_RENEW=1 cargo test --test trials fixtures` writes each `expected.jsonl` anew; review the
//! difference before it is committed.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::{Failed, Trial};
use wirereel::{
    capture::Timestamp,
    fixture::{Actual, Case, FixtureError, Verdict, discover},
};

use crate::program;

/// # Errors
///
/// Where there are no cases.
pub fn trials() -> Result<Vec<Trial>, String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let renew = env::var_os("WIREREEL_RENEW").is_some_and(|value| value == "1");
    match discover(&fixtures) {
        Ok(cases) if cases.is_empty() => Err(format!("{}: no cases", fixtures.display())),
        Ok(cases) => Ok(cases.into_iter().map(|dir| trial(dir, renew)).collect()),
        Err(error) => Err(error.to_string()),
    }
}

/// A case that does not load fails; one that the machine cannot run is listed as ignored, with the
/// reason in its name.
fn trial(dir: PathBuf, renew: bool) -> Trial {
    let name = format!("fixtures::{}", dir.file_name().unwrap_or_default().to_string_lossy());
    match Case::load(&dir) {
        Err(error) => Trial::test(name, move || Err(failed(&error))),
        Ok(case) => match case.skip_reason() {
            Some(reason) => {
                Trial::test(format!("{name} ({reason})"), || Ok(())).with_ignored_flag(true)
            }
            None => Trial::test(name, move || run(&case, renew)),
        },
    }
}

fn run(case: &Case, renew: bool) -> Result<(), Failed> {
    let verdict = if renew { case.renew(actual) } else { case.judge(actual) };
    match verdict.map_err(|error| failed(&error))? {
        Verdict::Passed | Verdict::Skipped(_) => Ok(()),
        Verdict::Failed(differences) => {
            let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
            Err(lines.join("\n").into())
        }
    }
}

fn failed(error: &FixtureError) -> Failed {
    match error.source() {
        Some(source) => format!("{error}: {source}").into(),
        None => error.to_string().into(),
    }
}

fn actual(case: &Case) -> Result<Actual, Box<dyn Error + Send + Sync>> {
    let lines = program::lines(case)?;
    Ok(Actual { lines, first_frame: first_frame(case)? })
}

fn first_frame(case: &Case) -> Result<Option<Timestamp>, Box<dyn Error + Send + Sync>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let output = command.args(["info", "-T", "json"]).arg(&case.capture).output()?;
    let info: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let Some(first) = info.get("first").and_then(serde_json::Value::as_str) else {
        return Ok(None);
    };
    let nanoseconds = first.parse::<jiff::Timestamp>()?.as_nanosecond();
    Ok(Some(Timestamp(nanoseconds.try_into()?)))
}
