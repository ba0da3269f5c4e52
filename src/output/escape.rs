//! Making text from the wire safe: as a JSON string (RFC 8259, section 7), and for a terminal.
//!
//! Nothing that is written here can move a cursor, change a colour or reverse a line: control
//! characters, C1 included, are escaped in both.

use std::io::Write;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// `text` as a JSON string, quotes included.
pub(crate) fn json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    if bytes.iter().fold(false, |found, &byte| found | is_special(byte)) {
        json_escaped(text, out);
    } else {
        out.extend_from_slice(bytes);
    }
    out.push(b'"');
}

/// Bytes that may have to be escaped; 0xc2 leads the C1 control characters.
fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f | 0xc2)
}

/// `text` as it stands in a JSON string.
pub(crate) fn json_escaped(text: &str, out: &mut Vec<u8>) {
    let mut utf8 = [0; 4];
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            // All of them are below U+0100. Writing to a vector does not fail.
            it if it.is_control() => _ = write!(out, "\\u{:04x}", u32::from(it)),
            it => out.extend_from_slice(it.encode_utf8(&mut utf8).as_bytes()),
        }
    }
}

/// `41 6c 61 6e`
pub(crate) fn spaced(bytes: &[u8], out: &mut Vec<u8>) {
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        hex(&[*byte], out);
    }
}

/// A byte as a character beside hex.
pub(crate) fn character(byte: u8) -> u8 {
    if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'.' }
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            out.push(HEX.get(usize::from(nibble)).copied().unwrap_or(b'?'));
        }
    }
}

/// `text` for a terminal, as it would stand in a C or Rust literal, without quotes.
pub(crate) fn terminal(text: &str, out: &mut Vec<u8>) {
    let mut utf8 = [0; 4];
    for character in text.chars() {
        match character {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            it if it.is_ascii_control() => _ = write!(out, "\\x{:02x}", u32::from(it)),
            it if it.is_control() || is_invisible(it) => {
                _ = write!(out, "\\u{{{:x}}}", u32::from(it));
            }
            it => out.extend_from_slice(it.encode_utf8(&mut utf8).as_bytes()),
        }
    }
}

/// `text` for a terminal, as a string of its own.
pub(crate) fn printable(text: &str) -> String {
    let mut out = Vec::new();
    terminal(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// `text` for a terminal, in double quotes.
pub(crate) fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut parts = text.split('"');
    terminal(parts.next().unwrap_or_default(), out);
    for part in parts {
        out.extend_from_slice(b"\\\"");
        terminal(part, out);
    }
    out.push(b'"');
}

/// Format characters: they reorder, join or hide what stands around them.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl Fn(&str, &mut Vec<u8>), text: &str) -> String {
        let mut out = Vec::new();
        write(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_strings_escape_what_they_must() {
        for (text, expected) in [
            ("Alan", r#""Alan""#),
            ("", r#""""#),
            ("张三 ©", r#""张三 ©""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\n\r\t\0", r#""\n\r\t\u0000""#),
            ("\x1b[31m\x7f\u{9b}", r#""\u001b[31m\u007f\u009b""#),
        ] {
            assert_eq!(written(json_string, text), expected);
        }
    }

    #[test]
    fn nothing_reaches_a_terminal_as_a_command() {
        for (text, expected) in [
            ("Alan", r#""Alan""#),
            ("张三", r#""张三""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\x1b]0;x\x07", r#""\x1b]0;x\x07""#),
            ("\u{9b}31m\u{202e}", r#""\u{9b}31m\u{202e}""#),
        ] {
            assert_eq!(written(quoted, text), expected);
        }
    }

    #[test]
    fn hex_is_lower_case() {
        let mut out = Vec::new();
        hex(&[0x00, 0x0f, 0xa9, 0xff], &mut out);
        assert_eq!(out, b"000fa9ff");
    }

    proptest! {
        #[test]
        fn json_strings_read_back(text in any::<String>()) {
            let read: String = serde_json::from_str(&written(json_string, &text)).unwrap();
            prop_assert_eq!(read, text);
        }

        #[test]
        fn terminal_text_has_no_control_characters(text in any::<String>()) {
            prop_assert!(!written(quoted, &text).contains(char::is_control));
        }
    }
}
