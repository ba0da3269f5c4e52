//! Names of declarations by their words.

use crate::schema::last_word;

/// What says of a name that it is one of a type, and not what the type is for.
const SUFFIXES: [&str; 11] =
    ["st", "t", "s", "msg", "message", "pkt", "packet", "hdr", "header", "body", "struct"];

/// The words of a name, in small letters: `path`, `st` of `path_st`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = name;
    loop {
        let word = last_word(rest);
        let Some(at) = rest.rfind(word).filter(|_| !word.is_empty()) else { break };
        words.push(word.to_lowercase());
        rest = rest.get(..at).unwrap_or_default();
    }
    words.reverse();
    words
}

/// Whether the last word of a name is one of these.
pub(super) fn ends_in(name: &str, among: &[&str]) -> bool {
    among.iter().any(|it| last_word(name).eq_ignore_ascii_case(it))
}

/// The words of a member or struct without those that only say what it is: `path` of `path_st`.
pub(super) fn stem(name: &str) -> Vec<String> {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|it| SUFFIXES.contains(&it.as_str())) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_words() {
        for (name, all, stem_of) in [
            ("path_st", "path st", "path"),
            ("MSG_LOGIN_REQ", "msg login req", "msg login req"),
            ("loginReq", "login req", "login req"),
            ("msg", "msg", "msg"),
            ("data_msg_t", "data msg t", "data"),
            ("v2_path2", "v path", "v path"),
            ("_", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(words(name).join(" "), all, "{name}");
            assert_eq!(stem(name).join(" "), stem_of, "{name}");
        }
        assert!(ends_in("msgType", &["type"]) && !ends_in("typed", &["type"]));
    }
}
