//! Where two bodies first differ, and what stands there: text with a few characters before it, or
//! bytes in hex.

use super::sieve::Sieve;

/// Bytes of text before the difference.
const BEFORE: usize = 24;

/// Bytes of text from the difference on.
const BEHIND: usize = 40;

/// Bytes in hex, from the difference on.
const HEX_LEN: usize = 16;

/// What stands where the bodies first differ, in each: `offset 22 of 57: "… this is 1 of"`, or
/// `offset 3 of 8: 4b0d0a`; `offset 8 of 8: end` where a body that is no text ends there. What
/// patterns match is passed over. `None` where they do not differ.
pub(in crate::comparison) fn unlike(
    expected: &[u8],
    actual: &[u8],
    sieve: &Sieve,
) -> Option<[String; 2]> {
    let left = [expected, actual].map(|body| sieve.sift(body));
    let [one, other] = &left;
    if one.bytes == other.bytes {
        return None;
    }
    let common = one.bytes.iter().zip(&*other.bytes).take_while(|(one, other)| one == other);
    let at = common.count();
    let is_text = [expected, actual].into_iter().all(is_text);
    let [one, other] = left.map(|it| it.origin(&(at..at.saturating_add(1))).start);
    Some([(expected, one), (actual, other)].map(|(body, offset)| {
        let shown = if is_text { text(body, offset) } else { hex(body, offset) };
        format!("offset {offset} of {}: {shown}", body.len())
    }))
}

/// Whether it can be shown: UTF-8, and of the control characters those alone that text has.
fn is_text(body: &[u8]) -> bool {
    let is_shown = |it: char| !it.is_control() || matches!(it, '\t' | '\r' | '\n');
    std::str::from_utf8(body).is_ok_and(|text| text.chars().all(is_shown))
}

fn text(body: &[u8], offset: usize) -> String {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let begin = text.floor_char_boundary(offset.saturating_sub(BEFORE));
    let end = text.ceil_char_boundary(offset.saturating_add(BEHIND).min(text.len()));
    let before = if begin > 0 { "…" } else { "" };
    let behind = if end < text.len() { "…" } else { "" };
    format!("\"{before}{}{behind}\"", text.get(begin..end).unwrap_or_default())
}

fn hex(body: &[u8], offset: usize) -> String {
    let rest = body.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return "end".to_owned();
    }
    let shown = rest.get(..HEX_LEN).unwrap_or(rest);
    let mut hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    if shown.len() < rest.len() {
        hex.push('…');
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown_with_what_is_around_it() {
        let long =
            "a long text before the place that differs, and a long one behind it, to the end";
        let other = long.replace("differs", "DIFFERS");
        for (one, other, expected, actual) in [
            (
                &b"hello"[..],
                &b"hello!"[..],
                "offset 5 of 5: \"hello\"",
                "offset 5 of 6: \"hello!\"",
            ),
            (b"", b"a\n", "offset 0 of 0: \"\"", "offset 0 of 2: \"a\n\""),
            ("é1".as_bytes(), "è1".as_bytes(), "offset 1 of 3: \"é1\"", "offset 1 of 3: \"è1\""),
            (b"ab\0d", b"ab\x01", "offset 2 of 4: 0064", "offset 2 of 3: 01"),
            (b"\xff\0", b"\xff", "offset 1 of 2: 00", "offset 1 of 1: end"),
            (
                &[0; 40],
                b"text",
                "offset 0 of 40: 00000000000000000000000000000000…",
                "offset 0 of 4: 74657874",
            ),
            (
                long.as_bytes(),
                other.as_bytes(),
                "offset 34 of 79: \"…t before the place that differs, and a long one behind it, to th…\"",
                "offset 34 of 79: \"…t before the place that DIFFERS, and a long one behind it, to th…\"",
            ),
        ] {
            let shown = unlike(one, other, &Sieve::default()).unwrap();
            assert_eq!(shown, [expected, actual], "{}", one.escape_ascii());
            let [one, other] = unlike(other, one, &Sieve::default()).unwrap();
            assert_eq!([other, one], [expected, actual]);
        }
        assert_eq!(unlike(b"same", b"same", &Sieve::default()), None);
    }

    #[test]
    fn what_patterns_match_is_not_the_first_difference() {
        let sieve = Sieve::new(&[], &["[0-9]+".to_owned()]).unwrap();
        let shown = unlike(b"at 5: a", b"at 17: b", &sieve).unwrap();
        assert_eq!(shown, ["offset 6 of 7: \"at 5: a\"", "offset 7 of 8: \"at 17: b\""]);
        assert_eq!(unlike(b"at 5", b"at 17", &sieve), None);
    }
}
