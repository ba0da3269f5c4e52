//! A conversation's bytes: as text, as hex, as JSON, or as they are.
//!
//! Text and hex do not show how TCP cut the bytes: a line ends where the text says, or after
//! sixteen bytes. Datagrams stay apart.

use std::io::{self, Write};

use super::Palette;
use super::escape::{character, hex, terminal};
use super::json_types::{self as json, Text, write_line};
use crate::decode::follow::{Content, Piece};
use crate::flow::Side;

/// Bytes on a line of hex.
const ROW: usize = 16;

/// How the bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowFormat {
    /// Characters; the other bytes as `\x1b`.
    Text,
    /// Offset within the side, hex, characters.
    Hex,
    /// One object a line: `side`, `src`, `dst`, `frame`, `time`, `offset`, `len`, and `text`, `hex`
    /// or `missing`.
    Json,
    /// Nothing but the bytes; those that are missing leave no trace.
    Raw,
}

/// Writes a conversation.
#[derive(Debug)]
pub struct FollowWriter {
    format: FollowFormat,
    palette: Palette,
    /// Whose turn it is.
    turn: Option<Side>,
    /// Something stands on the line already.
    is_within_line: bool,
    /// What cannot be written yet: a line of hex, or a character of which bytes are to come.
    waiting: Vec<u8>,
    /// Offset of its first byte.
    waiting_at: u64,
    text: Vec<u8>,
}

impl FollowWriter {
    /// A writer of a format, with these colours.
    pub fn new(format: FollowFormat, palette: Palette) -> Self {
        let (waiting, text) = (Vec::new(), Vec::new());
        let (turn, is_within_line, waiting_at) = (None, false, 0);
        Self { format, palette, turn, is_within_line, waiting, waiting_at, text }
    }

    /// Writes what comes next.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, piece: &Piece<'_>, out: &mut dyn Write) -> io::Result<()> {
        match (self.format, piece.content) {
            (FollowFormat::Json, _) => return write_line(&object(piece), out),
            (FollowFormat::Raw, Content::Missing(_)) => return Ok(()),
            (FollowFormat::Raw, Content::Segment(bytes) | Content::Datagram(bytes)) => {
                return out.write_all(bytes);
            }
            (FollowFormat::Text | FollowFormat::Hex, _) => {}
        }
        if self.turn != Some(piece.side) || matches!(piece.content, Content::Datagram(_)) {
            self.begin_turn(piece, out)?;
        }
        match piece.content {
            Content::Missing(len) => self.missing(len, out),
            Content::Segment(bytes) | Content::Datagram(bytes) => {
                self.bytes(bytes, piece.offset, out)
            }
        }
    }

    /// Completes the last line.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        match self.format {
            FollowFormat::Hex => self.row(&waiting, self.waiting_at, out)?,
            _ => self.characters(&waiting, out)?,
        }
        if std::mem::take(&mut self.is_within_line) { writeln!(out) } else { Ok(()) }
    }

    fn begin_turn(&mut self, piece: &Piece<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.finish(out)?;
        let Piece { side, src, dst, frame, .. } = piece;
        let (arrow, name) = match side {
            Side::Client => ("->", "client"),
            Side::Server => ("<-", "server"),
        };
        self.turn = Some(*side);
        let (Palette { strong, .. }, style) = (self.palette, self.style());
        writeln!(
            out,
            "{strong}{style}{arrow} {name} {src} to {dst}, frame {frame}{style:#}{strong:#}"
        )
    }

    fn missing(&mut self, len: u64, out: &mut dyn Write) -> io::Result<()> {
        self.finish(out)?;
        let Palette { doubt, .. } = self.palette;
        let bytes = if len == 1 { "byte" } else { "bytes" };
        writeln!(out, "{doubt}[{len} {bytes} missing]{doubt:#}")
    }

    fn bytes(&mut self, bytes: &[u8], offset: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.waiting);
        let at = if all.is_empty() { offset } else { self.waiting_at };
        all.extend_from_slice(bytes);
        let whole = match self.format {
            FollowFormat::Hex => all.len() - all.len() % ROW,
            _ => all.len() - unfinished(&all),
        };
        let (now, later) = all.split_at(whole);
        match self.format {
            FollowFormat::Hex => {
                for (row, index) in now.chunks(ROW).zip(0_u64..) {
                    self.row(row, at.saturating_add(index.saturating_mul(ROW as u64)), out)?;
                }
            }
            _ => self.characters(now, out)?,
        }
        self.waiting_at = at.saturating_add(whole as u64);
        self.waiting.extend_from_slice(later);
        Ok(())
    }

    fn characters(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let style = self.style();
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (shown, is_whole) = match line.strip_suffix(b"\n") {
                Some(shown) => (shown, true),
                None => (line, false),
            };
            self.text.clear();
            for chunk in shown.utf8_chunks() {
                terminal(chunk.valid(), &mut self.text);
                for byte in chunk.invalid() {
                    write!(self.text, "\\x{byte:02x}")?;
                }
            }
            write!(out, "{style}")?;
            out.write_all(&self.text)?;
            write!(out, "{style:#}{}", if is_whole { "\n" } else { "" })?;
            self.is_within_line = !is_whole;
        }
        Ok(())
    }

    fn row(&mut self, bytes: &[u8], offset: u64, out: &mut dyn Write) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.text.clear();
        for (byte, column) in bytes.iter().zip(0..) {
            self.text.extend_from_slice(if column == ROW / 2 { b"  " } else { b" " });
            hex(std::slice::from_ref(byte), &mut self.text);
        }
        self.text.resize(ROW * 3 + 1, b' ');
        self.text.extend_from_slice(b"  |");
        self.text.extend(bytes.iter().copied().map(character));
        self.text.push(b'|');
        let style = self.style();
        write!(out, "{style}{offset:08x} ")?;
        out.write_all(&self.text)?;
        writeln!(out, "{style:#}")
    }

    fn style(&self) -> anstyle::Style {
        match self.turn {
            Some(Side::Server) => self.palette.server,
            _ => self.palette.client,
        }
    }
}

/// How many bytes at the end begin a character of UTF-8 whose other bytes may follow.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = bytes.get(bytes.len().saturating_sub(3)..).unwrap_or(bytes);
    let begins = |at: usize| tail.get(at..).map(std::str::from_utf8);
    let is_cut = |at: &usize| matches!(begins(*at), Some(Err(error)) if error.error_len().is_none() && error.valid_up_to() == 0);
    (0..tail.len()).find(is_cut).map_or(0, |at| tail.len() - at)
}

fn object<'a>(piece: &Piece<'a>) -> json::Piece<'a> {
    let bytes = match piece.content {
        Content::Missing(_) => None,
        Content::Segment(bytes) | Content::Datagram(bytes) => Some(bytes),
    };
    let text = bytes.and_then(text);
    json::Piece {
        side: if piece.side == Side::Client { "client" } else { "server" },
        src: Text(piece.src),
        dst: Text(piece.dst),
        frame: piece.frame,
        time: piece.time.map(Text),
        offset: piece.offset,
        len: piece.content.len(),
        missing: bytes.is_none().then_some(true),
        text,
        hex: bytes.filter(|_| text.is_none()).map(digits),
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut digits = Vec::new();
    hex(bytes, &mut digits);
    String::from_utf8(digits).unwrap_or_default()
}

/// The bytes, where they are plain text.
fn text(bytes: &[u8]) -> Option<&str> {
    let is_odd = |it: char| it.is_control() && !matches!(it, '\t' | '\n' | '\r');
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_odd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    const TIME: Timestamp = Timestamp(1_714_566_896_123_456_789);

    fn piece(side: Side, frame: u64, offset: u64, content: Content<'_>) -> Piece<'_> {
        let client = "10.0.0.1:40000".parse().unwrap();
        let server = "10.0.0.2:80".parse().unwrap();
        let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
        Piece { side, src, dst, frame, time: Some(TIME), offset, content }
    }

    fn written(format: FollowFormat, pieces: &[Piece<'_>]) -> String {
        let mut out = Vec::new();
        let mut writer = FollowWriter::new(format, Palette::plain());
        pieces.iter().for_each(|it| writer.write(it, &mut out).unwrap());
        writer.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn dialogue<'a>() -> Vec<Piece<'a>> {
        vec![
            piece(Side::Client, 4, 0, Content::Segment(b"GET /test.png\r\n\r\n\xe5")),
            piece(Side::Client, 5, 18, Content::Segment(b"\xbc\xa0\\")),
            piece(Side::Server, 6, 0, Content::Segment(b"\x89PNG\x1b[2J")),
            piece(Side::Server, 6, 8, Content::Missing(7)),
            piece(Side::Server, 7, 15, Content::Segment(b"end\xe5")),
        ]
    }

    #[test]
    fn text_has_a_head_for_each_turn_and_commands_no_terminal() {
        let expected = "\
-> client 10.0.0.1:40000 to 10.0.0.2:80, frame 4
GET /test.png\\r
\\r
张\\\\
<- server 10.0.0.2:80 to 10.0.0.1:40000, frame 6
\\x89PNG\\x1b[2J
[7 bytes missing]
end\\xe5
";
        assert_eq!(written(FollowFormat::Text, &dialogue()), expected);
    }

    #[test]
    fn hex_fills_its_lines_over_segments_and_counts_what_is_missing() {
        let expected = "\
-> client 10.0.0.1:40000 to 10.0.0.2:80, frame 4
00000000  47 45 54 20 2f 74 65 73  74 2e 70 6e 67 0d 0a 0d  |GET /test.png...|
00000010  0a e5 bc a0 5c                                    |....\\|
<- server 10.0.0.2:80 to 10.0.0.1:40000, frame 6
00000000  89 50 4e 47 1b 5b 32 4a                           |.PNG.[2J|
[7 bytes missing]
0000000f  65 6e 64 e5                                       |end.|
";
        assert_eq!(written(FollowFormat::Hex, &dialogue()), expected);
    }

    #[test]
    fn json_is_an_object_a_piece() {
        let expected = concat!(
            r#"{"side":"server","src":"10.0.0.2:80","dst":"10.0.0.1:40000","frame":6,"#,
            r#""time":"2024-05-01T12:34:56.123456789Z","offset":0,"len":3,"text":"a\r\n"}"#,
            "\n",
            r#"{"side":"server","src":"10.0.0.2:80","dst":"10.0.0.1:40000","frame":6,"#,
            r#""time":"2024-05-01T12:34:56.123456789Z","offset":3,"len":2,"hex":"001b"}"#,
            "\n",
            r#"{"side":"server","src":"10.0.0.2:80","dst":"10.0.0.1:40000","frame":6,"#,
            r#""time":"2024-05-01T12:34:56.123456789Z","offset":5,"len":9,"missing":true}"#,
            "\n",
        );
        let pieces = [
            piece(Side::Server, 6, 0, Content::Segment(b"a\r\n")),
            piece(Side::Server, 6, 3, Content::Segment(b"\0\x1b")),
            piece(Side::Server, 6, 5, Content::Missing(9)),
        ];
        assert_eq!(written(FollowFormat::Json, &pieces), expected);
    }

    #[test]
    fn datagrams_stay_apart() {
        let pieces = [
            piece(Side::Client, 1, 0, Content::Datagram(b"a")),
            piece(Side::Client, 2, 1, Content::Datagram(b"b")),
        ];
        let expected = "\
-> client 10.0.0.1:40000 to 10.0.0.2:80, frame 1
a
-> client 10.0.0.1:40000 to 10.0.0.2:80, frame 2
b
";
        assert_eq!(written(FollowFormat::Text, &pieces), expected);
        assert_eq!(written(FollowFormat::Raw, &pieces), "ab");
    }

    #[test]
    fn any_segmentation_reads_alike() {
        let bytes = "x张三\n\u{1f600}é\\\r\nend".as_bytes();
        for format in [FollowFormat::Text, FollowFormat::Hex] {
            let whole = written(format, &[piece(Side::Client, 1, 0, Content::Segment(bytes))]);
            for cut in 1..bytes.len() {
                let (a, b) = bytes.split_at(cut);
                let pieces = [
                    piece(Side::Client, 1, 0, Content::Segment(a)),
                    piece(Side::Client, 1, cut as u64, Content::Segment(b)),
                ];
                assert_eq!(written(format, &pieces), whole, "{format:?} {cut}");
            }
        }
    }
}
