//! Every case of `fixtures/`, as `wirereel test` runs it; and a law of their expectations.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use wirereel::fixture::{Case, Run, discover, libtest};

/// # Errors
///
/// Where the folder cannot be read, or holds no cases.
pub fn trials() -> Result<Vec<Trial>, String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = libtest::trials(&fixtures).map_err(|error| error.to_string())?;
    if cases.is_empty() {
        return Err(format!("{}: no cases", fixtures.display()));
    }
    let law = Trial::test("fixtures::every_error_is_shown_by_every_message", move || {
        supported(&fixtures)
    });
    Ok(cases.into_iter().chain([law]).collect())
}

/// What is said of a header; all else is said of messages.
const HEADER: [&str; 5] =
    ["syntax", "not-packed", "platform-width", "pointer", "unknown-attribute"];

/// What is wrong with a sender is wrong in each of its messages: the captures were made so. A value
/// that reads alike in both orders shows neither.
fn supported(fixtures: &Path) -> Result<(), Failed> {
    let mut seen = 0;
    for dir in discover(fixtures).map_err(|error| error.to_string())? {
        let case = Case::load(fixtures, &dir).map_err(|error| error.to_string())?;
        let checks = case.trials.iter().filter(|it| it.run == Run::Check);
        // Of a case that has conditions alone nothing is written out.
        for trial in checks.filter(|it| it.expected.is_file()) {
            for line in fs::read_to_string(&trial.expected)?.lines() {
                let finding: Value = serde_json::from_str(line)?;
                let text = |key| finding.get(key).and_then(Value::as_str).unwrap_or_default();
                if text("level") != "error" || HEADER.contains(&text("code")) {
                    continue;
                }
                seen += 1;
                let [support, total] =
                    ["support", "total"].map(|key| finding.get(key).and_then(Value::as_u64));
                let alike = match text("code") {
                    "byte-order" => alike(trial, &finding)?,
                    _ => 0,
                };
                if support.map(|it| it + alike) != total || support.is_none_or(|it| it == 0) {
                    return Err(format!("{}: {support:?} of {total:?}", trial.name).into());
                }
            }
        }
    }
    if seen > 0 { Ok(()) } else { Err("no error is expected anywhere".into()) }
}

/// How many messages of the sender of a finding have a value in its field that reads alike in both orders.
fn alike(trial: &wirereel::fixture::Trial, finding: &Value) -> Result<u64, Failed> {
    let capture = trial.capture.as_ref().ok_or("no capture")?;
    let beside = trial.dir.join("wirereel.toml");
    let profile = trial.protocols.profile.as_ref().unwrap_or(&beside);
    let field = finding.get("field").and_then(Value::as_str).ok_or("no field")?;
    let len = finding.get("len").and_then(Value::as_u64).ok_or("no len")? as usize;
    let mut decode = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    decode.arg("decode").arg(capture).args(["-T", "json", "--profile"]).arg(profile);
    let mut count = 0;
    for line in String::from_utf8(decode.output()?.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let is_of = ["src", "message"].iter().all(|key| message.get(key) == finding.get(key));
        let fields = message.get("fields").ok_or("no fields")?;
        let value = field.split('.').try_fold(fields, |it, name| it.get(name));
        let Some(value) = value.and_then(Value::as_i64).filter(|_| is_of) else { continue };
        let bytes = value.to_le_bytes();
        let bytes = bytes.get(..len).ok_or("not a number of 8 bytes at most")?;
        count += u64::from(bytes.iter().eq(bytes.iter().rev()));
    }
    Ok(count)
}
