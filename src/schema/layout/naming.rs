//! Whether the name of a field says that its bytes are text.
//!
//! C has no type for text, and `uint8_t name[11]` is as common as `uint8_t mac[6]`. The last word of the
//! field's own name decides, never its bytes: one field is read alike in all messages. Words are
//! split at `_`, at digits, and where the case changes.

/// Last words that name text.
const WORDS: [&str; 12] = [
    "name", "text", "str", "string", "msg", "title", "user", "host", "path", "file", "label",
    "comment",
];

/// Words that are written as one, and name text. No rule tells `hostname` from `ciphertext`.
const COMPOUNDS: [&str; 5] = ["hostname", "username", "filename", "pathname", "nickname"];

/// Whether a name such as `sun_path`, `fileName` or `HOSTNAME` is that of text.
pub(super) fn names_text(name: &str) -> bool {
    let last = last_word(name);
    WORDS.iter().chain(&COMPOUNDS).any(|it| last.eq_ignore_ascii_case(it))
}

/// The last word: letters, of which only the first, or all, or none are capitals.
pub(crate) fn last_word(name: &str) -> &str {
    let is_letter = |it: &u8| !it.is_ascii_digit() && *it != b'_';
    let bytes = name.as_bytes();
    let end = bytes.iter().rposition(is_letter).map_or(0, |it| it.saturating_add(1));
    let letters = bytes.get(..end).unwrap_or_default();
    let mut start = end;
    while let Some(at) = start.checked_sub(1)
        && letters.get(at).is_some_and(is_letter)
        && !begins_word(letters, start)
    {
        start = at;
    }
    name.get(start..end).unwrap_or_default()
}

/// Whether a word begins with a letter: the `N` of `fileName`, and the `H`, but not the `P`, of
/// `HTTPHost`.
fn begins_word(letters: &[u8], at: usize) -> bool {
    let is_small =
        |at: Option<usize>| at.and_then(|it| letters.get(it)).is_some_and(u8::is_ascii_lowercase);
    letters.get(at).is_some_and(u8::is_ascii_uppercase)
        && (is_small(at.checked_sub(1)) || is_small(at.checked_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_decides() {
        for (name, word) in [
            ("name", "name"),
            ("sun_path", "path"),
            ("name_len", "len"),
            ("name2", "name"),
            ("str_1_", "str"),
            ("fileName", "Name"),
            ("HTTPHost", "Host"),
            ("HOST", "HOST"),
            ("hostNAME", "NAME"),
            ("x", "x"),
            ("", ""),
            ("_", ""),
            ("größe", "größe"),
        ] {
            assert_eq!(last_word(name), word, "{name}");
        }
    }

    #[test]
    fn some_words_name_text() {
        for name in ["name", "ut_user", "hostname", "fileName", "FILENAME", "szTitle", "msg3"] {
            assert!(names_text(name), "{name}");
        }
        for name in ["mac", "hostaddr", "ciphertext", "context", "name_len", "surname", "data", ""]
        {
            assert!(!names_text(name), "{name}");
        }
    }
}
