//! Findings as JSON, one object a line, and as the properties of a SARIF result. What is not known
//! of a finding has no key.

use std::io::{self, Write};

use super::text::rounded;
use crate::check::Finding;
use crate::decode::Summary;
use crate::output::json_types::{self as json, FindingCounts, HeaderPlace, Text, write_line};
use crate::output::summary::summary_object;
use crate::schema::Level;

/// Writes findings as JSON lines.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_json(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for it in findings {
        write_line(&object(it), out)?;
    }
    Ok(())
}

/// Writes the closing summary of a run as [`summary_json`](crate::output::summary_json) does, with
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
    let findings = FindingCounts {
        error: count(Level::Error),
        warning: count(Level::Warning),
        note: count(Level::Note),
        allowed,
    };
    write_line(&json::Summary { findings: Some(findings), ..summary_object(summary) }, out)
}

fn object(it: &Finding) -> json::Finding<'_> {
    let place = it.header.as_ref();
    json::Finding {
        code: Some(it.code.as_str()),
        level: Some(level(it.level)),
        text: Some(&it.text),
        header: place.map(|it| HeaderPlace { file: &it.file, line: it.line }),
        ..properties(it)
    }
}

/// What a result of SARIF has no place of its own for.
pub(super) fn properties(it: &Finding) -> json::Finding<'_> {
    let has_count = it.total > 0;
    json::Finding {
        code: None,
        level: None,
        text: None,
        protocol: it.protocol.as_deref(),
        message: it.message.as_deref(),
        field: it.field.as_deref(),
        stream: it.stream,
        src: it.src.map(Text),
        dst: it.dst.map(Text),
        frames: &it.frames,
        support: has_count.then_some(it.support),
        total: has_count.then_some(it.total),
        confidence: it.confidence.map(rounded),
        offset: it.offset,
        len: it.len,
        header: None,
        help: it.help.as_deref(),
        notes: &it.notes,
    }
}

/// The name of a level, which is SARIF's too (section 3.27.10).
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
