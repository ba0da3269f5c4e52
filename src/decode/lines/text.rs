//! Whether bytes are text.

/// A line that is text throughout: printable, with tabs; UTF-8, or at most half of it beyond
/// ASCII, as in Latin alphabets.
pub(in crate::decode) fn is_text(bytes: &[u8]) -> bool {
    let is_printable = |it: &u8| !it.is_ascii_control() || b"\t\r\n".contains(it);
    if !bytes.iter().all(is_printable) {
        return false;
    }
    let beyond = bytes.iter().filter(|it| !it.is_ascii()).count();
    beyond <= bytes.len() / 2 || std::str::from_utf8(bytes).is_ok()
}

/// A line that is none, among lines that are: it has a NUL, or a quarter of it are control
/// characters. Single ones are in text too, such as form feeds, escapes and the colours of IRC.
pub(super) fn is_binary(line: &[u8]) -> bool {
    let is_control = |it: &&u8| it.is_ascii_control() && !b"\t\r\n\x0c\x1b".contains(it);
    line.contains(&0) || line.iter().filter(is_control).count().saturating_mul(4) > line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_printable() {
        for (bytes, text, binary) in [
            (&b"220 ready\r\n"[..], true, false),
            (b"a\tb\n", true, false),
            ("成绩 83\n".as_bytes(), true, false),
            (b"caf\xe9\n", true, false),
            (b"\xc9\xcd\xb3\xe2\n", false, false),
            (b"\x1b[1mbold\n", false, false),
            (b"\x0312red\x03 and so on\n", false, false),
            (b"\x16\x03\x01\x02\0\x01\n", false, true),
            (b"a\0b, which is a long line with one NUL in it\n", false, true),
            (b"\x01\x02\x03abcdef\n", false, true),
            (b"", true, false),
        ] {
            let found = (is_text(bytes), is_binary(bytes));
            assert_eq!(found, (text, binary), "{}", bytes.escape_ascii());
        }
    }
}
