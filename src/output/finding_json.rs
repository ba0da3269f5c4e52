//! Findings as JSON, one object a line, and as the properties of a SARIF result. What is not known
//! of a finding has no key.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::finding::rounded;
use super::summary::summary_object;
use crate::check::Finding;
use crate::decode::Summary;
use crate::schema::Level;

/// Writes findings as JSON lines.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_json(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for it in findings {
        writeln!(out, "{}", Value::Object(object(it)))?;
    }
    Ok(())
}

/// Writes the closing summary of a run as [`summary_json`](super::summary_json) does, with
/// `findings`: how many there are of each level, and how many were `allowed`.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_summary_json(
    findings: &[Finding],
    allowed: usize,
    summary: &Summary,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count = |level| findings.iter().filter(|it| it.level == level).count();
    let counts = json!({
        "error": count(Level::Error),
        "warning": count(Level::Warning),
        "note": count(Level::Note),
        "allowed": allowed,
    });
    let mut object = summary_object(summary);
    if let Some(object) = object.as_object_mut() {
        object.insert("findings".to_owned(), counts);
    }
    writeln!(out, "{object}")
}

/// Every key of a finding, in the order of the contract.
pub(super) fn object(it: &Finding) -> Map<String, Value> {
    let has_count = it.total > 0;
    let place = it.header.as_ref();
    let keys = [
        ("code", Some(it.code.as_str().into())),
        ("level", Some(level(it.level).into())),
        ("text", Some(it.text.as_str().into())),
        ("protocol", it.protocol.as_deref().map(Value::from)),
        ("message", it.message.as_deref().map(Value::from)),
        ("field", it.field.as_deref().map(Value::from)),
        ("stream", it.stream.map(|it| it.0.into())),
        ("src", it.src.map(|it| it.to_string().into())),
        ("dst", it.dst.map(|it| it.to_string().into())),
        ("frames", (!it.frames.is_empty()).then(|| it.frames.clone().into())),
        ("support", has_count.then(|| it.support.into())),
        ("total", has_count.then(|| it.total.into())),
        ("confidence", it.confidence.map(|it| rounded(it).into())),
        ("offset", it.offset.map(Value::from)),
        ("len", it.len.map(Value::from)),
        ("header", place.map(|it| json!({ "file": it.file, "line": it.line }))),
        ("help", it.help.as_deref().map(Value::from)),
        ("notes", (!it.notes.is_empty()).then(|| it.notes.clone().into())),
    ];
    keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// The name of a level, which is SARIF's too (section 3.27.10).
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
