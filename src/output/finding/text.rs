//! Findings as rustc shows its errors: the line of the header, the bytes of a frame, what speaks
//! for it, and what to do.

use std::io::{self, Write};

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level as Title, Renderer, Snippet, normalize_untrusted_str,
};

use crate::check::{Code, Evidence, Finding, HeaderPlace};
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::diagnostic::Line;
use crate::output::escape::character;
use crate::schema::Level;
use crate::schema::Schema;

/// Bytes of a frame in one row.
const ROW: usize = 16;

/// Writes findings for people, an empty line behind each. `schemas` are those that
/// [`HeaderPlace::schema`] counts.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_text(
    findings: &[Finding],
    schemas: &[Schema],
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    for it in findings {
        let bytes = it.evidence.as_ref().map(Dump::of);
        let text = renderer.render(&groups(it, schemas, bytes.as_ref()));
        writeln!(out, "{text}\n")?;
    }
    Ok(())
}

/// Writes how many findings there are of each level, and how many were allowed.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_summary(
    findings: &[Finding],
    allowed: usize,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { strong, error, doubt, dim, .. } = palette;
    let levels = [
        (Level::Error, "error", error),
        (Level::Warning, "warning", doubt),
        (Level::Note, "note", dim),
    ];
    let mut parts = Vec::new();
    for (level, name, style) in levels {
        let count = findings.iter().filter(|it| it.level == level).count() as u64;
        if count > 0 {
            parts.push(format!("{style}{}{style:#}", counted(count, name)));
        }
    }
    if parts.is_empty() {
        parts.push(format!("{strong}no findings{strong:#}"));
    }
    if allowed > 0 {
        parts.push(format!("{dim}{allowed} allowed{dim:#}"));
    }
    writeln!(out, "{}", parts.join(", "))
}

/// What is wrong with its line of the header; then the frame, if one shows it. What is said and
/// advised stands behind whatever comes last.
fn groups<'a>(it: &'a Finding, schemas: &'a [Schema], dump: Option<&'a Dump>) -> Vec<Group<'a>> {
    let level = match it.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let title = level.primary_title(normalize_untrusted_str(&it.text)).id(it.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(snippet) = it.header.as_ref().and_then(|place| header(place, schemas, dump)) {
        group = group.element(snippet);
    }
    let mut groups = Vec::new();
    if let Some(dump) = dump {
        groups.push(group);
        group = Group::with_title(Title::NOTE.secondary_title(&dump.title));
        group = group.element(dump.snippet(it.code));
    }
    for note in remarks(it).iter().chain(&it.notes) {
        group = group.element(Title::NOTE.message(normalize_untrusted_str(note)));
    }
    if let Some(help) = &it.help {
        group = group.element(Title::HELP.message(normalize_untrusted_str(help)));
    }
    groups.push(group);
    groups
}

/// The line of the header; where bytes of a frame are the evidence, only what they belong to.
fn header<'a>(
    place: &HeaderPlace,
    schemas: &'a [Schema],
    dump: Option<&Dump>,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let files = &schemas.get(place.schema)?.files;
    let line = Line::of(&files.get(place.span.file as usize)?.text, place.span);
    let annotation = AnnotationKind::Primary.span(line.start..line.end);
    let annotation = match dump {
        Some(_) => annotation.label("declared here"),
        None => annotation,
    };
    let snippet = Snippet::source(line.text).line_start(line.number);
    Some(snippet.path(normalize_untrusted_str(&place.file)).annotation(annotation))
}

/// Who sent it, how often, and how sure it is.
fn remarks(it: &Finding) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut seen = String::new();
    if it.total > 0 {
        seen = format!("{} of {}", it.support, counted(it.total, "message"));
    }
    let ends = match (it.src, it.dst) {
        (Some(src), Some(dst)) => format!("from {src} to {dst}"),
        (Some(src), None) => format!("from {src}"),
        (None, Some(dst)) => format!("to {dst}"),
        (None, None) => String::new(),
    };
    let frames: Vec<_> = it.frames.iter().map(u64::to_string).collect();
    let frames = match (frames.len(), it.support > frames.len() as u64) {
        (0, _) => String::new(),
        (1, false) => format!("frame {}", frames.join("")),
        (_, false) => format!("frames {}", frames.join(", ")),
        (_, true) => format!("frames {}, …", frames.join(", ")),
    };
    let parts = [seen, ends, frames].into_iter().filter(|it| !it.is_empty());
    let parts = parts.collect::<Vec<_>>().join(", ");
    if !parts.is_empty() {
        remarks.push(parts);
    }
    if let Some(confidence) = it.confidence {
        remarks.push(format!("confidence {}", rounded(confidence)));
    }
    remarks
}

/// Three digits, none of them more than it is: 0.9499 is no 0.95.
pub(super) fn rounded(confidence: f64) -> f64 {
    (confidence.clamp(0.0, 1.0) * 1000.0 + 1e-9).floor() / 1000.0
}

/// Bytes of a frame as rows of hex and text.
struct Dump {
    title: String,
    rows: String,
    /// Where the bytes that are wrong stand in the rows: one piece a row.
    marks: Vec<std::ops::Range<usize>>,
    /// The last of the bytes is among them.
    at_end: bool,
}

impl Dump {
    fn of(evidence: &Evidence) -> Self {
        let end = evidence.offset.saturating_add(evidence.len);
        let mut rows = String::new();
        let mut marks = Vec::new();
        for (index, row) in evidence.bytes.chunks(ROW).enumerate() {
            let first = index.saturating_mul(ROW);
            rows += &format!("{first:04x} ");
            let start = rows.len();
            for byte in row {
                rows += &format!(" {byte:02x}");
            }
            let wrong = evidence.offset.clamp(first, first + row.len())..end.min(first + row.len());
            if wrong.start < wrong.end {
                // Three characters a byte, the first of which is a space.
                let from = start + (wrong.start - first) * 3 + 1;
                marks.push(from..start + (wrong.end - first) * 3);
            }
            let gap = (ROW - row.len()) * 3 + 2;
            rows += &" ".repeat(gap);
            rows.extend(row.iter().map(|&it| char::from(character(it))));
            rows.push('\n');
        }
        // What is missing is shown behind the last byte that is there.
        if marks.is_empty() {
            let last = rows.trim_end_matches('\n').rfind('\n').map_or(0, |it| it + 1);
            let bytes = evidence.bytes.len().saturating_sub(1) % ROW + 1;
            let at = (last + 5 + bytes * 3).min(rows.len());
            marks.push(at..at);
        }
        let end = evidence.offset.saturating_add(evidence.len);
        let at_end = end >= evidence.bytes.len();
        Self { title: format!("the bytes of frame {}", evidence.frame), rows, marks, at_end }
    }

    fn snippet(&self, code: Code) -> Snippet<'_, Annotation<'_>> {
        let last = self.marks.len().saturating_sub(1);
        let marks = self.marks.iter().enumerate().map(|(index, mark)| {
            let annotation = AnnotationKind::Primary.span(mark.clone());
            if index == last { annotation.label(label(code, self.at_end)) } else { annotation }
        });
        Snippet::source(&self.rows).line_numbering(false).fold(false).annotations(marks)
    }
}

/// What is wrong with the bytes that are marked.
fn label(code: Code, at_end: bool) -> &'static str {
    match code {
        Code::ByteOrder => "in the other order",
        Code::Padding => "not in the header",
        Code::TypeWidth => "of another width",
        Code::Drift => "of another version",
        Code::Length if at_end => "the message ends here",
        // A length or a count that cannot be.
        Code::Length | Code::Oversize => "said here",
        Code::Terminator => "no NUL",
        Code::Trailing => "left over",
        Code::Uninitialised => "not cleared",
        Code::Range => "out of range",
        Code::Delimiter => "ended by the close",
        Code::Checksum => "wrong",
        Code::HttpBareLf => "no CR before it",
        Code::HttpFraming => "contradicts the rest",
        _ => "here",
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
