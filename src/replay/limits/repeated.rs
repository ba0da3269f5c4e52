//! Values that a server chose and its clients sent back: cookies, tokens, session ids. A live server
//! chooses others.
//!
//! Of text a value is a run of letters, digits, `-` and `_`; of bytes it is [`WINDOW`] of them. Both
//! must look as if drawn at random, which names, times and headers do not. What the client said
//! before the server did is the client's own.
//!
//! Values are kept as digests, [`MAX_VALUES`] of either side; those beyond are not looked for.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use crate::flow::Side;
use crate::packet::StreamId;
use crate::replay::plan::Kind;

/// Values of either side that are remembered, 16 bytes each.
pub const MAX_VALUES: usize = 1 << 17;

/// The shortest text that is a value: shorter ones are repeated by chance.
const MIN_TEXT: usize = 12;

/// Of a longer one so much is compared.
const MAX_TEXT: usize = 256;

/// Bytes that are a value where they are no text.
const WINDOW: usize = 8;

/// Bytes of a binary message that are looked at.
const MAX_BINARY: usize = 4 << 10;

/// Text of a value that is shown.
const SHOWN: usize = 16;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    hasher: foldhash::fast::RandomState,
    /// Which conversation's server chose it.
    chosen: HashMap<u64, StreamId, foldhash::fast::RandomState>,
    /// Clients said it before.
    said: HashSet<u64, foldhash::fast::RandomState>,
}

/// Tells what was found.
type Note<'n> = &'n mut dyn FnMut(Kind, String);

/// The lines of a head of HTTP, and what follows them.
struct Page<'b> {
    first: &'b [u8],
    fields: Vec<&'b [u8]>,
    body: &'b [u8],
}

impl Repeated {
    /// Looks at what a side sent at once.
    pub fn look(&mut self, conversation: StreamId, side: Side, bytes: &[u8], note: Note<'_>) {
        match (page(bytes), side) {
            (Some(page), Side::Server) => self.response(conversation, &page),
            (Some(page), Side::Client) => self.request(conversation, &page, note),
            (None, _) => self.values(conversation, side, bytes, note),
        }
    }

    fn response(&mut self, conversation: StreamId, page: &Page<'_>) {
        for line in &page.fields {
            match field(line, "set-cookie") {
                Some(value) => {
                    let pair = value.split(|it| *it == b';').next().unwrap_or_default();
                    if let Some(digest) = self.cookie(pair) {
                        self.choose(conversation, digest);
                    }
                }
                None => self.values(conversation, Side::Server, line, &mut |_, _| {}),
            }
        }
        self.values(conversation, Side::Server, page.body, &mut |_, _| {});
    }

    fn request(&mut self, conversation: StreamId, page: &Page<'_>, note: Note<'_>) {
        self.target(conversation, page.first, note);
        for line in &page.fields {
            let Some(value) = field(line, "cookie") else {
                self.values(conversation, Side::Client, line, note);
                continue;
            };
            for pair in value.split(|it| *it == b';').map(<[u8]>::trim_ascii) {
                let server = self.cookie(pair).and_then(|it| self.origin(it));
                if let Some(server) = server {
                    let name = pair.split(|it| *it == b'=').next().unwrap_or_default();
                    let name = String::from_utf8_lossy(name).into_owned();
                    let text = format!(
                        "HTTP session: cookie {name}, which the server set in conversation \
                         {server}, is sent back as it was; live it is another one"
                    );
                    note(Kind::Session, text);
                }
            }
        }
        self.values(conversation, Side::Client, page.body, note);
    }

    /// The name of a file is no value: what a page links to is there again.
    fn target(&mut self, conversation: StreamId, line: &[u8], note: Note<'_>) {
        let method = line.split(|it| *it == b' ').next().unwrap_or_default().len();
        let (_, target) = line.split_at_checked(method + 1).unwrap_or_default();
        let path = target.split(|it| matches!(it, b' ' | b'?' | b'#')).next().unwrap_or_default();
        let is_file = path.rsplit(|it| *it == b'/').next().is_some_and(|it| it.contains(&b'.'));
        let (file, rest) = target.split_at(if is_file { path.len() } else { 0 });
        for name in texts(file) {
            self.say(self.digest(name));
        }
        self.values(conversation, Side::Client, rest, note);
    }

    fn values(&mut self, conversation: StreamId, side: Side, bytes: &[u8], note: Note<'_>) {
        let is_binary = bytes.iter().any(|it| is_control(*it));
        let mut value = |it: &mut Self, value: &[u8], shown: &dyn Fn() -> String| {
            let digest = it.digest(value);
            match side {
                Side::Server => it.choose(conversation, digest),
                Side::Client => {
                    if let Some(server) = it.origin(digest) {
                        let text = format!(
                            "value {}, which the server chose in conversation {server}, is sent back \
                             as it was; live it is another one",
                            shown(),
                        );
                        note(Kind::Token, text);
                    }
                    it.say(digest);
                }
            }
        };
        for text in texts(bytes) {
            value(self, text, &|| {
                let shown = String::from_utf8_lossy(text.get(..SHOWN).unwrap_or(text)).into_owned();
                if text.len() > SHOWN { format!("{shown}…") } else { shown }
            });
        }
        if is_binary {
            let looked_at = bytes.get(..MAX_BINARY).unwrap_or(bytes);
            for window in looked_at.windows(WINDOW).filter(|it| is_random(it)) {
                value(self, window, &|| window.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
    }

    /// A cookie's name with its value, if it has one.
    fn cookie(&self, pair: &[u8]) -> Option<u64> {
        let pair = pair.trim_ascii();
        let (_, value) = pair.split_at_checked(memchr::memchr(b'=', pair)? + 1)?;
        (!value.is_empty()).then(|| self.hasher.hash_one(("cookie", pair)))
    }

    fn choose(&mut self, conversation: StreamId, digest: u64) {
        if self.chosen.len() < MAX_VALUES && !self.said.contains(&digest) {
            self.chosen.entry(digest).or_insert(conversation);
        }
    }

    fn say(&mut self, digest: u64) {
        self.chosen.remove(&digest);
        if self.said.len() < MAX_VALUES {
            self.said.insert(digest);
        }
    }

    fn origin(&self, digest: u64) -> Option<StreamId> {
        self.chosen.get(&digest).copied()
    }

    fn digest(&self, value: &[u8]) -> u64 {
        self.hasher.hash_one(value)
    }
}

/// The head of HTTP that something begins with.
fn page(bytes: &[u8]) -> Option<Page<'_>> {
    let mut rest = bytes;
    let first = line(&mut rest)?;
    let version = first.rsplit(|it| *it == b' ').next().unwrap_or_default();
    if !first.starts_with(b"HTTP/1.") && !version.starts_with(b"HTTP/1.") {
        return None;
    }
    let mut fields = Vec::new();
    while let Some(field) = line(&mut rest).filter(|it| !it.is_empty()) {
        fields.push(field);
    }
    Some(Page { first, fields, body: rest })
}

/// The next line, if it is whole.
fn line<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (line, behind) = rest.split_at_checked(memchr::memchr(b'\n', rest)? + 1)?;
    *rest = behind;
    Some(line.trim_ascii_end())
}

/// The value of a field, if it has the name.
fn field<'b>(line: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let (own, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
    own.eq_ignore_ascii_case(name.as_bytes()).then(|| value.get(1..))?.map(<[u8]>::trim_ascii)
}

/// The values of a text.
fn texts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_of_value = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    let runs = bytes.split(move |it| !is_of_value(it));
    runs.map(|it| it.get(..MAX_TEXT).unwrap_or(it)).filter(|it| is_drawn(it))
}

/// Whether a text looks as if drawn at random: a mixture of many letters and digits, or a number of
/// many digits. Words have no digits within, and times repeat theirs.
fn is_drawn(text: &[u8]) -> bool {
    let digits = text.iter().filter(|it| it.is_ascii_digit()).count();
    let letters = text.iter().filter(|it| it.is_ascii_alphabetic()).count();
    let is_mixed = |pair: &[u8]| match pair {
        [one, other] => {
            (one.is_ascii_digit() && other.is_ascii_alphabetic())
                || (one.is_ascii_alphabetic() && other.is_ascii_digit())
        }
        _ => false,
    };
    let changes = text.windows(2).filter(|it| is_mixed(it)).count();
    let is_mixture = digits >= 2 && letters >= 2 && changes >= 3;
    text.len() >= MIN_TEXT && distinct(text) >= 8 && (is_mixture || digits == text.len())
}

/// Whether bytes that are no text look as if drawn at random.
fn is_random(bytes: &[u8]) -> bool {
    let unprintable = bytes.iter().filter(|it| !(0x20..0x7f).contains(*it)).count();
    let zeros = bytes.iter().filter(|it| **it == 0).count();
    distinct(bytes) >= 7 && unprintable >= 3 && zeros <= 1
}

fn distinct(bytes: &[u8]) -> u32 {
    let mut seen = [0_u64; 4];
    for byte in bytes {
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|it| it.count_ones()).sum()
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::{Client, Server};

    /// What is told of messages that follow each other, each of a conversation.
    fn told(said: &[(u32, Side, &[u8])]) -> Vec<(Kind, String)> {
        let (mut repeated, mut told) = (Repeated::default(), Vec::new());
        for (conversation, side, bytes) in said {
            repeated.look(StreamId(*conversation), *side, bytes, &mut |kind, text| {
                told.push((kind, text))
            });
        }
        told
    }

    #[test]
    fn a_cookie_that_comes_back_is_a_session() {
        let set =
            b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc; Path=/\r\nset-cookie: x=; Path=/\r\n\r\n";
        let back = b"GET /b HTTP/1.1\r\nCookie: theme=dark; sid=abc\r\n\r\n";
        let other = b"GET /b HTTP/1.1\r\nCookie: sid=abd; x=\r\n\r\n";
        let found = told(&[(3, Server, set), (4, Client, other), (5, Client, back)]);
        let [(Kind::Session, text)] = &found[..] else { panic!("{found:?}") };
        assert!(text.contains("cookie sid, which the server set in conversation 3,"), "{text}");
        assert_eq!(told(&[(3, Client, back), (3, Server, set)]), []);
    }

    #[test]
    fn what_the_server_drew_and_the_client_repeats_is_a_token() {
        let form = b"HTTP/1.1 200 OK\r\n\r\n<input name=csrf value=\"9f8e7d6c5b4a39\">";
        let post = b"POST / HTTP/1.1\r\nContent-Length: 19\r\n\r\ncsrf=9f8e7d6c5b4a39";
        for (said, expected) in [
            (&[(0, Server, &form[..]), (1, Client, post)][..], Some("value 9f8e7d6c5b4a39, which")),
            // The client had it before.
            (&[(0, Client, post), (0, Server, form), (1, Client, post)], None),
            (
                &[
                    (0, Server, b"+OK 550e8400-e29b-41d4-a716-446655440000\r\n"),
                    (0, Client, b"GET 550e8400-e29b-41d4-a716-446655440000\r\n"),
                ],
                Some("value 550e8400-e29b-41…, which"),
            ),
            (
                &[
                    (0, Server, b"\x01\x00\x9a\x31\xf0\x07\xc4\xee\x5b\x88"),
                    (0, Client, b"\x02\x9a\x31\xf0\x07\xc4\xee\x5b\x88\x00"),
                ],
                Some("value 9a31f007c4ee5b88, which"),
            ),
            // Names, times and what is everywhere.
            (
                &[
                    (0, Server, b"application/x-www-form-urlencoded 2024-01-01T00:00:00Z"),
                    (0, Client, b"application/x-www-form-urlencoded 2024-01-01T00:00:00Z"),
                ],
                None,
            ),
            (
                &[
                    (0, Server, b"\0\0\0\x08\0\0\0\x01\0\0"),
                    (0, Client, b"\0\0\0\x08\0\0\0\x01\0\0"),
                ],
                None,
            ),
            // A file that a page links to.
            (
                &[
                    (0, Server, b"HTTP/1.1 200 OK\r\n\r\n<script src=/js/main-8f7d6a5b4c3d.js>"),
                    (0, Client, b"GET /js/main-8f7d6a5b4c3d.js HTTP/1.1\r\n\r\n"),
                    (0, Client, b"GET /a HTTP/1.1\r\nReferer: /js/main-8f7d6a5b4c3d.js\r\n\r\n"),
                ],
                None,
            ),
            (
                &[
                    (0, Server, b"HTTP/1.1 201 Created\r\nLocation: /orders/8f7d6a5b4c3d\r\n\r\n"),
                    (0, Client, b"GET /orders/8f7d6a5b4c3d HTTP/1.1\r\n\r\n"),
                ],
                Some("value 8f7d6a5b4c3d, which"),
            ),
        ] {
            let found = told(said);
            match expected {
                Some(expected) => {
                    let [(Kind::Token, text)] = &found[..] else { panic!("{expected}: {found:?}") };
                    assert!(text.starts_with(expected), "{text}");
                }
                None => assert_eq!(found, [], "{said:?}"),
            }
        }
    }

    #[test]
    fn no_more_values_are_kept_than_the_bound() {
        let mut repeated = Repeated::default();
        for digest in 0..MAX_VALUES as u64 + 9 {
            repeated.choose(StreamId(0), digest);
            repeated.say(1 << 40 | digest);
        }
        assert_eq!((repeated.chosen.len(), repeated.said.len()), (MAX_VALUES, MAX_VALUES));
    }
}
