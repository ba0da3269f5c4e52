//! Messages as a tree of fields, with the bytes of each.
//!
//! A head line, then a line for each field: its bytes from the start of the message (the end is
//! one past the last), its name, its value and its bytes in hex. Bytes that no field covers are
//! shown where they lie: holes, literals of a text record, bytes that could not be decoded, bytes
//! left over. Of bytes that are no text the characters stand beside the hex. Of HTTP, RESP and lines there are the fields alone: what delimits them is left out, and
//! a body's bytes are those that `follow` and `export objects` give. A field shows at most [`MAX_SHOWN`] bytes and a list at most [`MAX_ROWS`] elements; what is left out is
//! counted.

use std::collections::HashSet;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::remarks::Around;
use super::value::single;
use super::when::Times;
use crate::decode::http;
use crate::message::{Between, Captured, Item, Message, Scalar, Siblings, Span, Value};
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::endpoint::EndpointText;
use crate::output::escape::{character, printable, spaced, terminal};
use crate::output::time::TimeText;

/// Bytes of a field that are shown.
const MAX_SHOWN: usize = 64;
/// Elements of a list that are shown.
const MAX_ROWS: usize = 64;
/// Bytes of hex on a line.
const ACROSS: usize = 16;
/// A value wider than this pushes its bytes to the next line.
const MAX_VALUE: usize = 28;

/// Remarks have a line each.
const REMARKS: Around = Around { open: "", close: "", end: "\n" };

/// Writes messages as trees.
#[derive(Debug)]
pub struct TreeWriter {
    palette: Palette,
    text: Vec<u8>,
    time: TimeText,
    times: Option<Times>,
    src: EndpointText,
    dst: EndpointText,
}

/// One line of the tree.
struct Row {
    /// Within [`Message::bytes`].
    span: Range<usize>,
    /// Where it begins within the message; `None` for what was worked out.
    offset: Option<usize>,
    depth: usize,
    name: String,
    value: String,
    /// Whether its bytes are shown; those of groups are shown with their fields, and what was
    /// worked out has none.
    hex: bool,
    /// Whether its bytes are shown as characters too: where its value does not show them.
    characters: bool,
    /// Not a field.
    gap: bool,
    /// The comment that describes it.
    description: Option<Arc<str>>,
}

impl TreeWriter {
    /// A writer with these colours.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            text: Vec::new(),
            time: TimeText::default(),
            times: None,
            src: EndpointText::default(),
            dst: EndpointText::default(),
        }
    }

    /// Times are written otherwise than as a date in UTC.
    #[must_use]
    pub fn with_times(self, times: Times) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Writes one message and an empty line, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.text.clear();
        self.whereabouts(captured)?;
        let Self { palette, text, .. } = self;
        let message = &captured.message;
        heading(captured, palette, text)?;
        let mut rows = rows(message);
        describe_once(&mut rows);
        let name_width = rows.iter().map(Row::name_width).max().unwrap_or_default();
        let value_width =
            rows.iter().map(Row::value_width).filter(|&it| it <= MAX_VALUE).max().unwrap_or(0);
        let span_width = rows.iter().map(|row| row.span_text().len()).max().unwrap_or_default();
        for row in &rows {
            row.write(message, [span_width, name_width, value_width], palette, text)?;
        }
        REMARKS.write(captured, |it| it.tree, palette, text)?;
        text.push(b'\n');
        out.write_all(text)
    }

    /// `frame 4  2024-05-01T12:34:56.123456789Z  udp 127.0.0.1:40000 > 127.0.0.1:1989  stream 2`
    fn whereabouts(&mut self, captured: &Captured<'_>) -> io::Result<()> {
        let text = &mut self.text;
        if let Some(file) = captured.file {
            terminal(file, text);
            text.extend_from_slice(b"  ");
        }
        write!(text, "frame {}  ", captured.frame)?;
        match (captured.time, &mut self.times) {
            (Some(_), Some(times)) => times.write(captured, text),
            (Some(time), None) => self.time.rfc3339(time, text),
            (None, _) => text.extend_from_slice(b"time unknown"),
        }
        write!(text, "  {} ", captured.transport.as_str())?;
        text.extend_from_slice(self.src.text(captured.src));
        text.extend_from_slice(b" > ");
        text.extend_from_slice(self.dst.text(captured.dst));
        writeln!(text, "  stream {}", captured.stream)
    }
}

/// `grades (msg_st), 19 bytes at offset 42 of the frame`
fn heading(captured: &Captured<'_>, palette: &Palette, text: &mut Vec<u8>) -> io::Result<()> {
    let Palette { strong, .. } = palette;
    let message = &captured.message;
    write!(text, "{strong}")?;
    terminal(message.protocol, text);
    write!(text, "{strong:#}")?;
    if message.name != message.protocol {
        text.extend_from_slice(b" (");
        terminal(message.name, text);
        text.push(b')');
    }
    write!(text, ", {}", counted(message.len, "byte"))?;
    match captured.frame_offset {
        Some(offset) => writeln!(text, " at offset {offset} of the frame"),
        None if http::is_http(message) => writeln!(text),
        None => writeln!(text, ", joined from several frames"),
    }
}

fn rows(message: &Message<'_>) -> Vec<Row> {
    // What is left over stands behind the message, in the same bytes.
    let end = message.len.saturating_add(message.trailing);
    let present = end.min(message.bytes.len());
    let decoded = present.min(message.len);
    let mut rows = Vec::new();
    let covered = level(message, message.top(), 0, 0, &mut rows);
    if message.table.between == Between::Delimiters {
        rows.retain(|row| !row.gap || !row.hex);
        return rows;
    }
    rows.extend(gap(covered..decoded, 0, rest(message)));
    rows.extend(gap(covered.max(decoded)..present, 0, "(trailing)"));
    rows.extend(gap(present..end, 0, "(not captured)"));
    rows
}

/// Elements have the same fields: what describes these is said with the first.
fn describe_once(rows: &mut [Row]) {
    let mut seen = HashSet::new();
    for row in rows {
        let is_new = |it: &Arc<str>| seen.insert(Arc::as_ptr(it).cast::<u8>());
        row.description = row.description.take().filter(is_new);
    }
}

/// Adds the rows of one level that begins at `start`; where its last field ends.
fn level(
    message: &Message<'_>,
    siblings: Siblings<'_>,
    start: usize,
    depth: usize,
    rows: &mut Vec<Row>,
) -> usize {
    let mut covered = start;
    let mut left_out: Option<(usize, Range<usize>)> = None;
    for (at, (index, item)) in siblings.enumerate() {
        // What is computed covers nothing.
        let span = match item.span() {
            Span::Bytes(span) => span,
            Span::Computed => covered..covered,
        };
        let node = message.node(item).filter(|node| !node.name.is_empty());
        if node.is_none() && at >= MAX_ROWS {
            let (count, from) = left_out.get_or_insert((0, span.clone()));
            (*count, from.end) = (*count + 1, span.end.max(from.end));
            covered = covered.max(span.end);
            continue;
        }
        rows.extend(gap(covered..span.start, depth, between(message)));
        covered = covered.max(span.end);
        let name = node.map_or_else(|| format!("[{at}]"), |node| printable(&node.name));
        rows.push(Row::field(message, item, depth, name, span.clone()));
        if item.scalar == Scalar::Nested {
            let end = level(message, message.inner(index), span.start, depth + 1, rows);
            rows.extend(gap(end..span.end, depth + 1, rest(message)));
        }
    }
    rows.extend(left_out.map(|(count, span)| {
        let value = format!("{count} more elements");
        Row { hex: false, ..Row::gap(span, depth, "…", value) }
    }));
    covered
}

/// What the bytes behind the last field are.
fn rest(message: &Message<'_>) -> &'static str {
    if message.error.is_some() { "(not decoded)" } else { between(message) }
}

/// What bytes between fields are.
fn between(message: &Message<'_>) -> &'static str {
    match message.table.between {
        Between::Holes => "(hole)",
        Between::Literals | Between::Delimiters => "(literal)",
    }
}

fn gap(span: Range<usize>, depth: usize, name: &str) -> Option<Row> {
    let value = counted(span.len(), "byte");
    (!span.is_empty()).then(|| Row::gap(span, depth, name, value))
}

impl Row {
    fn gap(span: Range<usize>, depth: usize, name: &str, value: String) -> Self {
        let offset = Some(span.start);
        let (name, hex) = (name.to_owned(), true);
        Self {
            span,
            offset,
            depth,
            name,
            value,
            hex,
            characters: true,
            gap: true,
            description: None,
        }
    }

    fn field(
        message: &Message<'_>,
        item: &Item,
        depth: usize,
        name: String,
        span: Range<usize>,
    ) -> Self {
        let value = message.value(item);
        let mut text = Vec::new();
        match value {
            // They stand beside it.
            Value::Bytes(bytes) => text.extend_from_slice(counted(bytes.len(), "byte").as_bytes()),
            value => single(message, item, value, &mut text),
        }
        let is_other = matches!(value, Value::Name(_) | Value::Shown(_))
            || message.scale(item).is_some_and(|it| value == Value::Null || !it.is_raw());
        if let (true, Some(number)) = (is_other, item.scalar.integer()) {
            let number = number.to_string();
            if text != number.as_bytes() {
                text.extend_from_slice(format!(" ({number})").as_bytes());
            }
        }
        let nested = item.scalar == Scalar::Nested;
        let characters = matches!(value, Value::Bytes(_));
        let value = String::from_utf8(text).unwrap_or_default();
        let offset = message.offset_of(item);
        let hex = !nested && offset.is_some();
        let description = message.node(item).and_then(|it| it.description.clone());
        Self { hex, characters, span, offset, depth, name, value, gap: false, description }
    }

    fn name_width(&self) -> usize {
        self.name.width() + 2 * self.depth
    }

    fn value_width(&self) -> usize {
        self.value.width()
    }

    fn span_text(&self) -> String {
        let span = |start: usize| format!("{start}..{}", start.saturating_add(self.span.len()));
        self.offset.map(span).unwrap_or_default()
    }

    fn write(
        &self,
        message: &Message<'_>,
        [span_width, name_width, value_width]: [usize; 3],
        palette: &Palette,
        text: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Palette { dim, doubt, .. } = palette;
        let style = if self.gap { doubt } else { dim };
        let indent = 2 * self.depth;
        let padding = name_width.saturating_sub(self.name_width());
        write!(text, "  {:>span_width$}  {:indent$}{style}", self.span_text(), "")?;
        write!(text, "{}{style:#}{:padding$}  {}", self.name, "", self.value)?;
        let hex_column = 2 + span_width + 2 + name_width + 2 + value_width + 2;
        let hex = if self.hex { message.bytes.get(self.span.clone()) } else { None };
        let hex = hex.unwrap_or_default();
        let shown = hex.get(..MAX_SHOWN).unwrap_or(hex);
        for (at, line) in shown.chunks(ACROSS).enumerate() {
            if at == 0 && self.value_width() <= value_width {
                write!(text, "{:1$}", "", value_width - self.value_width() + 2)?;
            } else {
                write!(text, "\n{:hex_column$}", "")?;
            }
            write!(text, "{style}")?;
            spaced(line, text);
            if self.characters {
                let across = shown.len().min(ACROSS);
                write!(text, "{:1$}  ", "", 3 * (across - line.len()))?;
                text.extend(line.iter().copied().map(character));
            }
            write!(text, "{style:#}")?;
        }
        if shown.len() < hex.len() {
            write!(
                text,
                "\n{:hex_column$}… {} more",
                "",
                counted(hex.len() - shown.len(), "byte")
            )?;
        }
        while text.last() == Some(&b' ') {
            text.pop();
        }
        text.push(b'\n');
        if let Some(description) = &self.description {
            let column = span_width + 4 + indent + 2;
            write!(text, "{:column$}{dim}", "")?;
            terminal(description, text);
            writeln!(text, "{dim:#}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
