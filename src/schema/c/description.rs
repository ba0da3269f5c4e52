//! Comments that describe what they stand beside, and those that say how it is read.
//!
//! Descriptions are as Doxygen has them, as Doxygen has them: `/** … */`, `/*! … */`, `///` and
//! `//!` before it, and with `<` behind the mark, behind it; `///` behind a member on its own line too.
//!
//! The lexer passes over comments; those that describe something it notes with the places of the tokens
//! around them, and the parser asks for them there. Plain comments describe nothing; one that begins with `wr:`
//! has the words of a profile about the member that it stands behind, or before.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use memchr::{memchr, memmem};

use super::super::source::Span;

/// Of a longer comment the rest is left out, bytes.
const MAX_DESCRIPTION: usize = 1000;
/// Of a comment with words, bytes.
const MAX_WORDS: usize = 1 << 14;
/// Of a file, comments that are noted.
const MAX_COMMENTS: usize = 1 << 16;

/// What a comment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// People.
    Description,
    /// What a profile would say.
    Words,
}

/// One comment that describes something, or says how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    purpose: Purpose,
    /// It stands behind what it describes.
    behind: bool,
    /// Where the token before it ends; 0 where there is none.
    previous: u32,
    /// Where the token behind it begins.
    next: u32,
    /// Without its marks, on one line.
    text: Rc<str>,
}

/// What stands between two tokens.
pub(super) struct Blanks<'t> {
    pub text: &'t str,
    /// The last byte before it.
    pub before: Option<u8>,
    pub previous: u32,
    pub next: u32,
}

/// Notes the comments in some blanks that describe something.
pub(super) fn note(blanks: &Blanks<'_>, comments: &mut Vec<Comment>) {
    let mut rest = blanks.text;
    let mut same_line = true;
    while let Some(at) = memchr(b'/', rest.as_bytes()) {
        let (skipped, comment) = rest.split_at_checked(at).unwrap_or((rest, ""));
        same_line &= !skipped.contains('\n');
        let len = comment_len(comment);
        let (comment, after) = comment.split_at_checked(len).unwrap_or((comment, ""));
        rest = after;
        if let Some((behind, inside)) = describing(comment)
            && comments.len() < MAX_COMMENTS
        {
            let ends_member = same_line && matches!(blanks.before, Some(b';' | b','));
            let behind = behind || ends_member && comment.starts_with("//");
            let Blanks { previous, next, .. } = *blanks;
            let (purpose, text) = (Purpose::Description, plain(inside, MAX_DESCRIPTION));
            comments.push(Comment { purpose, behind, previous, next, text });
        }
        if let Some(words) = words(comment)
            && comments.len() < MAX_COMMENTS
        {
            // Within a declaration it is of what is declared there.
            let behind = same_line && !matches!(blanks.before, None | Some(b'{' | b'}'));
            let Blanks { previous, next, .. } = *blanks;
            let (purpose, text) = (Purpose::Words, plain(words, MAX_WORDS));
            comments.push(Comment { purpose, behind, previous, next, text });
        }
        same_line &= !comment.contains('\n');
    }
}

/// A comment with its end, or one byte where there is none.
fn comment_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let behind = |mark: usize| bytes.get(mark..).unwrap_or_default();
    match bytes {
        [b'/', b'*', ..] => {
            memmem::find(behind(2), b"*/").map_or(text.len(), |it| it.saturating_add(4))
        }
        [b'/', b'/', ..] => {
            let mut len = 2;
            while let Some(at) = memchr(b'\n', behind(len)) {
                len = len.saturating_add(at);
                let line = text.get(..len).unwrap_or_default();
                if !line.trim_end_matches([' ', '\t', '\r']).ends_with('\\') {
                    return len;
                }
                len = len.saturating_add(1);
            }
            text.len()
        }
        _ => 1,
    }
}

/// Whether it stands behind what it describes, and what stands in it; `None` of a plain comment. A line of
/// stars or slashes is a frame.
fn describing(comment: &str) -> Option<(bool, &str)> {
    let block = comment.strip_prefix("/**").or_else(|| comment.strip_prefix("/*!"));
    let inside = match block {
        Some(inside) => inside.strip_suffix("*/").filter(|it| !it.starts_with('*'))?,
        None => {
            let line = comment.strip_prefix("///").or_else(|| comment.strip_prefix("//!"))?;
            Some(line).filter(|it| !it.starts_with('/'))?
        }
    };
    Some(match inside.strip_prefix('<') {
        Some(inside) => (true, inside),
        None => (false, inside),
    })
}

/// What a profile would say, in a comment that says so.
fn words(comment: &str) -> Option<&str> {
    let block = comment.strip_prefix("/*").and_then(|it| it.strip_suffix("*/"));
    let inside = block.or_else(|| comment.strip_prefix("//"))?;
    inside.trim_start_matches(['*', '!', '/', '<']).trim_start().strip_prefix("wr:")
}

/// On one line, without the stars at the beginning of lines, and without `@brief`.
fn plain(inside: &str, max: usize) -> Rc<str> {
    let mut text = String::new();
    for line in inside.lines() {
        let line = line.trim();
        let line = line.strip_prefix('*').unwrap_or(line).trim();
        let line =
            line.strip_prefix("@brief").or_else(|| line.strip_prefix("\\brief")).unwrap_or(line);
        let line = line.trim();
        if !line.is_empty() && text.len() < max {
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(line);
        }
    }
    text.truncate(text.floor_char_boundary(max));
    text.into()
}

/// The describing comments of all files, by the places of the tokens that they stand beside.
#[derive(Debug, Default)]
pub(super) struct Descriptions {
    before: HashMap<Key, Vec<Rc<str>>>,
    behind: HashMap<Key, Vec<Rc<str>>>,
}

/// Purpose, file, and where the token begins or ends.
type Key = (Purpose, u32, u32);

impl Descriptions {
    /// Takes in those of a file, once.
    pub fn add(&mut self, file: u32, comments: &[Comment]) {
        let place = |it: &Comment| if it.behind { it.previous } else { it.next };
        let key = |it: &Comment| (it.purpose, file, place(it));
        let is_known = |it: &Comment| {
            let map = if it.behind { &self.behind } else { &self.before };
            map.contains_key(&key(it))
        };
        if comments.first().is_some_and(is_known) {
            return;
        }
        for it in comments {
            let map = if it.behind { &mut self.behind } else { &mut self.before };
            map.entry(key(it)).or_default().push(it.text.clone());
        }
    }

    /// What describes that which begins with this token.
    pub fn before(&self, token: Span) -> Option<Arc<str>> {
        joined(self.before.get(&(Purpose::Description, token.file, token.start))?, " ")
    }

    /// What describes that which ends with this token.
    pub fn behind(&self, token: Span) -> Option<Arc<str>> {
        joined(self.behind.get(&(Purpose::Description, token.file, token.end))?, " ")
    }

    /// The words about that which begins with this token.
    pub fn words_before(&self, token: Span) -> Option<Arc<str>> {
        joined(self.before.get(&(Purpose::Words, token.file, token.start))?, ", ")
    }

    /// The words about that which ends with this token.
    pub fn words_behind(&self, token: Span) -> Option<Arc<str>> {
        joined(self.behind.get(&(Purpose::Words, token.file, token.end))?, ", ")
    }
}

fn joined(texts: &[Rc<str>], between: &str) -> Option<Arc<str>> {
    let texts: Vec<&str> = texts.iter().map(|it| &**it).filter(|it| !it.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join(between).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(text: &str, before: u8) -> Vec<(bool, String)> {
        let mut found = Vec::new();
        let before = Some(before);
        note(&Blanks { text, before, previous: 3, next: 90 }, &mut found);
        found.into_iter().map(|it| (it.behind, it.text.to_string())).collect()
    }

    #[test]
    fn only_comments_with_a_mark_describe_something() {
        for (text, expected) in [
            (" /** How many. */ ", vec![(false, "How many.")]),
            (" /*! How many. */ ", vec![(false, "How many.")]),
            (" /**< How many. */\n", vec![(true, "How many.")]),
            (" /*!< How many. */\n", vec![(true, "How many.")]),
            (" ///< How many\n ///< there are.\n", vec![(true, "How many"), (true, "there are.")]),
            (" //!< How many\n", vec![(true, "How many")]),
            (" /// How many\n", vec![(true, "How many")]),
            ("\n /// How many\n", vec![(false, "How many")]),
            ("\n //! How many\n", vec![(false, "How many")]),
            ("/**\n * @brief How\n *   many.\n */", vec![(false, "How many.")]),
            ("/* plain */ // plain\n", vec![]),
            ("/***** frame *****/ //////\n/**/", vec![]),
            ("/* a // b */ /** c */", vec![(false, "c")]),
            ("// a /** b */\n/** c */", vec![(false, "c")]),
            ("// a \\\n /** b */\n/** c */", vec![(false, "c")]),
            ("/** never", vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(b, t)| (b, t.to_owned())).collect();
            assert_eq!(noted(text, b';'), expected, "{text:?}");
        }
        assert_eq!(noted(" /// x\n", b'{'), [(false, "x".to_owned())]);
    }

    #[test]
    fn comments_with_words_are_of_what_they_stand_in_or_behind() {
        let says = |behind, text: &str| vec![(behind, text.to_owned())];
        for (text, before, expected) in [
            (" /* wr: count = \"n\" */\n", b';', says(true, "count = \"n\"")),
            (" // wr: count = 3\n", b';', says(true, "count = 3")),
            ("/*wr:until=0*/", b']', says(true, "until=0")),
            ("\n /* wr: a = 1,\n  * b = 2 */\n", b';', says(false, "a = 1, b = 2")),
            (" /* wr: a = 1 */", b'{', says(false, "a = 1")),
            (" /* wrote: a */", b';', vec![]),
        ] {
            assert_eq!(noted(text, before), expected, "{text:?}");
        }
    }
}
