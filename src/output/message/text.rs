//! Messages as text, one line each.
//!
//! `     4  12:34:56.123456  127.0.0.1:40000 > 127.0.0.1:1989  grades  name="Alan" math=83`: the
//! frame, the UTC time of day, the endpoints, the protocol and the fields, then what is doubtful
//! or wrong. Columns widen as they must, so that lines written later stand under one another.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::remarks::Around;
use super::value::value;
use super::when::Times;
use crate::message::{Captured, Message};
use crate::output::Palette;
use crate::output::endpoint::EndpointText;
use crate::output::escape::terminal;

/// No column is padded beyond this many cells.
const MAX_WIDTH: usize = 48;

/// Remarks are in brackets.
const REMARKS: Around = Around { open: "[", close: "]", end: "" };

/// Writes messages as lines of text.
#[derive(Debug)]
pub struct TextWriter {
    palette: Palette,
    line: Vec<u8>,
    times: Times,
    src: EndpointText,
    dst: EndpointText,
    file_width: usize,
    endpoints_width: usize,
    protocol_width: usize,
}

impl TextWriter {
    /// A writer with these colours.
    pub fn new(palette: Palette) -> Self {
        Self {
            palette,
            line: Vec::new(),
            times: Times::of_day(),
            src: EndpointText::default(),
            dst: EndpointText::default(),
            file_width: 0,
            endpoints_width: 0,
            protocol_width: 0,
        }
    }

    /// Times are written otherwise than as the time of day in UTC.
    #[must_use]
    pub fn with_times(self, times: Times) -> Self {
        Self { times, ..self }
    }

    /// Writes one message, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.line.clear();
        self.whereabouts(captured)?;
        let Self { palette, line, protocol_width, .. } = self;
        let message = &captured.message;
        write!(line, "{}", palette.strong)?;
        column(line, protocol_width, |line| terminal(message.protocol, line));
        write!(line, "{:#}", palette.strong)?;
        fields(message, palette, line)?;
        REMARKS.write(captured, |it| it.text, palette, line)?;
        line.push(b'\n');
        out.write_all(line)
    }

    /// File, frame, time and endpoints.
    fn whereabouts(&mut self, captured: &Captured<'_>) -> io::Result<()> {
        let line = &mut self.line;
        if let Some(file) = captured.file {
            column(line, &mut self.file_width, |line| terminal(file, line));
        }
        write!(line, "{:>6}  {}", captured.frame, self.palette.dim)?;
        self.times.write(captured, line);
        write!(line, "{:#}  ", self.palette.dim)?;
        column(line, &mut self.endpoints_width, |line| {
            line.extend_from_slice(self.src.text(captured.src));
            line.extend_from_slice(b" > ");
            line.extend_from_slice(self.dst.text(captured.dst));
        });
        Ok(())
    }
}

/// Writes a cell and pads it to the widest so far, two spaces behind it.
fn column(line: &mut Vec<u8>, width: &mut usize, write: impl FnOnce(&mut Vec<u8>)) {
    let start = line.len();
    write(line);
    let cell = line.get(start..).unwrap_or_default();
    let cells = std::str::from_utf8(cell).map_or(cell.len(), UnicodeWidthStr::width);
    *width = (*width).max(cells).min(MAX_WIDTH);
    let padding = width.saturating_sub(cells) + 2;
    line.resize(line.len() + padding, b' ');
}

fn fields(message: &Message<'_>, palette: &Palette, line: &mut Vec<u8>) -> io::Result<()> {
    for (at, (index, item)) in message.top().enumerate() {
        if at > 0 {
            line.push(b' ');
        }
        let name = message.node(item).map_or("", |node| &node.name);
        if !name.is_empty() {
            write!(line, "{}", palette.dim)?;
            terminal(name, line);
            write!(line, "={:#}", palette.dim)?;
        }
        value(message, index, item, line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, basic, error, named, text, varied};
    use super::*;
    use crate::packet::endpoint::tests::local;

    fn written(captured: &[Captured<'_>], palette: Palette) -> String {
        let mut writer = TextWriter::new(palette);
        let mut out = Vec::new();
        captured.iter().for_each(|it| writer.write(it, &mut out).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_message_is_a_line() {
        let (basic, varied) = (basic(), varied());
        assert_eq!(
            written(&[basic.captured(), varied.captured()], Palette::plain()),
            concat!(
                "     4  12:34:56.123456  127.0.0.1:40000 > 127.0.0.1:1989  grades  ",
                "name=\"Alan\" math=83 chinese=86\n",
                "     4  12:34:56.123456  127.0.0.1:40000 > 127.0.0.1:1989  grades  ",
                "kind=DATA odd=9 raw=0xdead delta=-5 ratio=0.1 point={x=1 y=2} score=[7 8] ",
                "note=\"a\\\"b\\x1b,\\u{9b}\"\n",
            )
        );
    }

    #[test]
    fn ends_need_no_address() {
        let sample = basic();
        let captured = Captured { src: local(7, 2), dst: local(7, 0), ..sample.captured() };
        let line = written(&[captured], Palette::plain());
        assert!(line.contains("  channel:7/process:2 > channel:7  grades  name"), "{line}");
    }

    #[test]
    fn columns_stand_under_one_another() {
        let sample = basic();
        let mut second = sample.captured();
        second.time = None;
        second.file = Some("b.pcap");
        second.dst = "10.0.0.1:9".parse().unwrap();
        second.message.protocol = "张";
        assert_eq!(
            written(&[sample.captured(), second], Palette::plain()),
            concat!(
                "     4  12:34:56.123456  127.0.0.1:40000 > 127.0.0.1:1989  grades  ",
                "name=\"Alan\" math=83 chinese=86\n",
                "b.pcap       4  -                127.0.0.1:40000 > 10.0.0.1:9      张      ",
                "name=\"Alan\" math=83 chinese=86\n",
            )
        );
    }

    #[test]
    fn doubts_and_errors_stand_at_the_end() {
        let sample = basic();
        let mut captured = sample.captured();
        captured.message.candidates = &["grades", "dgram-var", "other"];
        captured.message.trailing = 3;
        captured.message.ended_by_close = true;
        captured.message.error = Some(error());
        let line = written(&[captured], Palette::plain());
        assert_eq!(
            line.split_once("86").unwrap().1,
            "  [ambiguous: also dgram-var, other]  [3 bytes trailing]  [ended by the close]  \
             [the message ends within chinese at offset 15]\n"
        );
    }

    #[test]
    fn colours_are_the_callers_choice() {
        let sample = basic();
        let mut captured = sample.captured();
        captured.message.error = Some(error());
        assert!(!written(&[captured], Palette::plain()).contains('\x1b'));
        let coloured = written(&[captured], Palette::coloured());
        assert!(coloured.contains("\x1b[2mmath=\x1b[0m83"), "{coloured:?}");
        assert!(coloured.contains("\x1b[1m\x1b[31m[the message"), "{coloured:?}");
    }

    #[test]
    fn long_values_are_cut() {
        let sample = Sample::new(&named(&[("name", text(&"张".repeat(100)))]));
        let line = written(&[sample.captured()], Palette::plain());
        let expected = format!("name=\"{}\"… (300 bytes)\n", "张".repeat(85));
        assert!(line.ends_with(&expected), "{line}");
    }
}
