//! What C literals stand for (C17 section 6.4.4 and 6.4.5).

use super::number::Number;

/// The bytes of a string literal, between its quotes as written.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        if first != '\\' {
            bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
            continue;
        }
        rest = escape(after, &mut bytes);
    }
    bytes
}

/// Undoes one escape sequence, its backslash already read; gives what follows it.
fn escape<'a>(text: &'a str, bytes: &mut Vec<u8>) -> &'a str {
    let Some(first) = text.chars().next() else { return "" };
    let after = text.get(first.len_utf8()..).unwrap_or_default();
    let plain = match first {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'v' => 11,
        'e' => 27,
        '\n' => return after,
        '\r' => return after.strip_prefix('\n').unwrap_or(after),
        'x' => return digits(after, 16, usize::MAX, bytes),
        '0'..='7' => return digits(text, 8, 3, bytes),
        other => {
            bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            return after;
        }
    };
    bytes.push(plain);
    after
}

/// Reads at most `most` digits of a numeric escape; its low eight bits are the byte.
fn digits<'a>(text: &'a str, radix: u32, most: usize, bytes: &mut Vec<u8>) -> &'a str {
    let len = text.chars().take(most).take_while(|it| it.is_digit(radix)).count();
    let (digits, rest) = text.split_at_checked(len).unwrap_or((text, ""));
    let value = digits
        .chars()
        .filter_map(|it| it.to_digit(radix))
        .fold(0u32, |value, digit| value.wrapping_mul(radix).wrapping_add(digit));
    bytes.push(value.to_le_bytes()[0]);
    rest
}

/// The value of a character constant; one with several characters is packed as gcc packs it.
pub(super) fn character(text: &str) -> i32 {
    match unescape(text).as_slice() {
        [one] => i32::from(one.cast_signed()),
        bytes => bytes.iter().fold(0i32, |value, &byte| value.wrapping_shl(8) | i32::from(byte)),
    }
}

/// An integer literal with its suffix; `None` for a floating one and for what is neither.
pub(super) fn integer(text: &str) -> Option<Number> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.strip_prefix("0x") {
        Some(digits) => (16, digits),
        None => match lower.strip_prefix("0b") {
            Some(digits) => (2, digits),
            None if lower.starts_with('0') => (8, lower.as_str()),
            None => (10, lower.as_str()),
        },
    };
    let end = digits.find(|it: char| !it.is_digit(radix)).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at_checked(end)?;
    let value = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let (unsigned, long) = match suffix {
        "" => (false, false),
        "u" => (true, false),
        "l" | "ll" => (false, true),
        "ul" | "ull" | "lu" | "llu" => (true, true),
        _ => return None,
    };
    Some(typed(value, unsigned, long, radix != 10))
}

/// The first type that holds the value (C17 section 6.4.4.1 paragraph 5).
fn typed(value: i128, unsigned: bool, long: bool, may_be_unsigned: bool) -> Number {
    let fits = |bits: u32, unsigned: bool| value >> (bits - u32::from(!unsigned)) == 0;
    for bits in if long { &[64][..] } else { &[32, 64] } {
        if !unsigned && fits(*bits, false) {
            return Number { value, bits: *bits, unsigned: false };
        }
        if (unsigned || may_be_unsigned) && fits(*bits, true) {
            return Number { value, bits: *bits, unsigned: true };
        }
    }
    Number { value, bits: 64, unsigned: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_the_first_type_that_holds_them() {
        for (text, value, bits, unsigned) in [
            ("0", 0, 32, false),
            ("1989", 1989, 32, false),
            ("0x7C5", 1989, 32, false),
            ("0755", 493, 32, false),
            ("0b101", 5, 32, false),
            ("0xffffffff", 0xffff_ffff, 32, true),
            ("4294967295", 4_294_967_295, 64, false),
            ("1UL", 1, 64, true),
            ("2LL", 2, 64, false),
            ("18446744073709551615", 18_446_744_073_709_551_615, 64, true),
        ] {
            assert_eq!(integer(text), Some(Number { value, bits, unsigned }), "{text}");
        }
        for text in ["1.5", "08", "0x", "1e3", "12ab", "99999999999999999999"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn escapes_become_bytes() {
        for (text, bytes) in [
            (r"%lld\r\n", &b"%lld\r\n"[..]),
            (r"\0\x41\101\12x", b"\0AA\nx"),
            (r#"\"\\\'"#, b"\"\\'"),
            ("成绩", "成绩".as_bytes()),
            ("\\", b""),
        ] {
            assert_eq!(unescape(text), bytes, "{text}");
        }
        assert_eq!(character("A"), 65);
        assert_eq!(character("\\xff"), -1);
        assert_eq!(character("AB"), 0x4142);
    }
}
