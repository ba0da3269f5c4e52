//! A part of an answer as it is shown: text where the answer is text, else hex, and its offset.

use std::ops::Range;

/// Bytes that are shown as hex.
const MAX_HEX: usize = 16;

/// Bytes of text that are shown.
const MAX_TEXT: usize = 64;

/// Bytes of an answer, to be shown.
#[derive(Clone, Copy)]
pub(in crate::comparison) struct Excerpt<'b> {
    pub bytes: &'b [u8],
    /// Where they begin in the answer.
    pub offset: u64,
    /// The answer has no bytes that are no text.
    pub is_text: bool,
    /// The answer ends where they do.
    pub is_whole: bool,
}

impl Excerpt<'_> {
    /// `offset 4: "17:05"`, `offset 4: 0053…`, `end at offset 4`.
    pub fn text(self, at: &Range<usize>) -> String {
        let offset = self.offset.saturating_add(at.start as u64);
        let bytes = self.bytes.get(at.clone()).unwrap_or_default();
        match std::str::from_utf8(bytes).ok().filter(|_| self.is_text) {
            _ if bytes.is_empty() && self.is_whole && at.start == self.bytes.len() => {
                format!("end at offset {offset}")
            }
            _ if bytes.is_empty() => format!("nothing at offset {offset}"),
            Some(text) => {
                let shown = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
                format!("offset {offset}: \"{shown}\"{}", more(shown.len(), bytes.len()))
            }
            None => {
                let shown = bytes.get(..MAX_HEX).unwrap_or(bytes);
                let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("offset {offset}: {hex}{}", more(shown.len(), bytes.len()))
            }
        }
    }
}

fn more(shown: usize, all: usize) -> &'static str {
    if shown < all { "…" } else { "" }
}

/// Of text between bytes that are none, so much is shown as text: less is text by chance.
const MIN_WORD: usize = 4;

/// Edits as they are shown, and which of them are of text: all of an answer that is text, and words
/// within another one.
pub(in crate::comparison) fn shown(
    edits: Vec<[Range<usize>; 2]>,
    answers: [&[u8]; 2],
    is_text: bool,
) -> Vec<([Range<usize>; 2], bool)> {
    if is_text {
        return widen(&edits, answers).into_iter().map(|it| (it, true)).collect();
    }
    let word = |edit: &[Range<usize>; 2]| {
        let wide = widen(std::slice::from_ref(edit), answers).pop()?;
        let is_printable = |(at, bytes): (&Range<usize>, &[u8])| {
            bytes.get(at.clone()).is_some_and(|it| it.iter().all(|it| (0x20..0x7f).contains(it)))
        };
        let len = wide.iter().map(ExactSizeIterator::len).max()?;
        (len >= MIN_WORD && wide.iter().zip(answers).all(is_printable)).then_some(wide)
    };
    let of_bytes = |edit| word(&edit).map_or((edit, false), |wide| (wide, true));
    edits.into_iter().map(of_bytes).collect()
}

/// Makes edits of text whole words, where they begin or end within one: `10` in place of `1`, not
/// `0` in place of nothing.
fn widen(edits: &[[Range<usize>; 2]], text: [&[u8]; 2]) -> Vec<[Range<usize>; 2]> {
    let mut wide: Vec<[Range<usize>; 2]> = Vec::with_capacity(edits.len());
    for (at, edit) in edits.iter().enumerate() {
        let next = edits.get(at + 1).map_or(usize::MAX, |[one, _]| one.start);
        let [mut one, mut other] = edit.clone();
        let room = one.start - wide.last().map_or(0, |[before, _]| before.end);
        let before =
            word(text, [one.start, other.start], |it, by| it.checked_sub(by + 1)).min(room);
        let behind = word(text, [one.end, other.end], |it, by| it.checked_add(by));
        if begins_with_word(edit, text) {
            (one.start, other.start) = (one.start - before, other.start - before);
        }
        if ends_with_word(edit, text) {
            let behind = behind.min(next.saturating_sub(one.end));
            (one.end, other.end) = (one.end + behind, other.end + behind);
        }
        match wide.last_mut().filter(|[before, _]| before.end == one.start) {
            Some([before, came]) => (before.end, came.end) = (one.end, other.end),
            None => wide.push([one, other]),
        }
    }
    wide
}

/// How many letters and digits follow a place that are the same in both.
fn word(text: [&[u8]; 2], from: [usize; 2], step: impl Fn(usize, usize) -> Option<usize>) -> usize {
    let at = |text: &[u8], from, by| step(from, by).and_then(|it| text.get(it).copied());
    let ([one, other], [begin, start]) = (text, from);
    let is_same = |by: &usize| {
        let byte = at(one, begin, *by);
        byte.is_some_and(is_of_word) && byte == at(other, start, *by)
    };
    (0..).take_while(is_same).count()
}

fn begins_with_word(edit: &[Range<usize>; 2], text: [&[u8]; 2]) -> bool {
    let first = |(at, text): (&Range<usize>, &[u8])| text.get(at.clone())?.first().copied();
    edit.iter().zip(text).filter_map(first).any(is_of_word)
}

fn ends_with_word(edit: &[Range<usize>; 2], text: [&[u8]; 2]) -> bool {
    let last = |(at, text): (&Range<usize>, &[u8])| text.get(at.clone())?.last().copied();
    edit.iter().zip(text).filter_map(last).any(is_of_word)
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_of_text_are_whole_words() {
        for (edit, expected, actual, wide) in [
            ([1..2, 1..1], "10\n", "1\n", ["10", "1"]),
            ([3..7, 3..3], "one two, three", "one, three", [" two", ""]),
            ([4..5, 4..5], "up 14 s", "up 17 s", ["14", "17"]),
            ([2..3, 2..3], "a-b-c", "a-d-c", ["b", "d"]),
            ([0..0, 0..4], "end", "the end", ["", "the "]),
        ] {
            let found = widen(&[edit], [expected.as_bytes(), actual.as_bytes()]);
            let [[one, other]] = &found[..] else { panic!("{found:?}") };
            assert_eq!([&expected[one.clone()], &actual[other.clone()]], wide);
        }
        let edits = [[1..2, 1..2], [6..7, 6..7]];
        assert_eq!(widen(&edits, [b"a1bbbb2c d", b"a9bbbb8c d"]), [[0..8, 0..8]]);
    }

    #[test]
    fn words_among_bytes_are_shown_as_text() {
        for (edit, expected, actual, is_text) in [
            ([6..7, 6..7], &b"\0\x0412:01\0"[..], &b"\0\x0412:02\0"[..], false),
            ([4..6, 4..6], b"\0\x04177412\0", b"\0\x04179912\0", true),
            ([1..2, 1..2], b"\0\x04\0", b"\0\x05\0", false),
            ([1..5, 1..1], b"\0name\0", b"\0\0", true),
        ] {
            let shown = shown(vec![edit], [expected, actual], false);
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0].1, is_text, "{shown:?}");
        }
    }

    #[test]
    fn long_and_binary_parts_are_cut() {
        let text =
            |bytes, at, is_text| Excerpt { bytes, offset: 10, is_text, is_whole: true }.text(&at);
        assert_eq!(text(b"ab\r\n\"", 1..5, true), "offset 11: \"b\r\n\"\"");
        assert_eq!(text(b"ab", 0..2, false), "offset 10: 6162");
        assert_eq!(text(&[0xe2, 0x82], 0..2, true), "offset 10: e282");
        assert_eq!(text(b"ab", 2..2, true), "end at offset 12");
        assert_eq!(text(b"ab", 1..1, true), "nothing at offset 11");
        let long = [b'x'; 65];
        assert_eq!(text(&long, 0..64, true), format!("offset 10: {:?}", "x".repeat(64)));
        assert_eq!(text(&long, 0..65, true), format!("offset 10: {:?}…", "x".repeat(64)));
        assert_eq!(text(&long, 0..16, false), format!("offset 10: {}", "78".repeat(16)));
        assert_eq!(text(&long, 0..17, false), format!("offset 10: {}…", "78".repeat(16)));
    }
}
