//! The Host field of HTTP/1 requests, replaced in the stream of a client's bytes: RFC 9112.
//!
//! Takes pieces of any length and holds nothing back: what is read goes out at once, but for the
//! field's value. To find the next head it keeps account of bodies, which it leaves as they are.
//! Bytes that are no HTTP/1 request pass unchanged, and so does all that follows them.

/// A line that is longer is no line of HTTP, bytes.
const MAX_LINE: usize = 64 * 1024;

/// Replaces the Host field of the requests of one connection.
#[derive(Debug)]
pub(super) struct HostField<'h> {
    host: &'h str,
    state: State,
    /// What is known of the line under way, up to what tells: see [`State`].
    line: Vec<u8>,
    body: Body,
}

/// Where the next byte lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In a request line.
    RequestLine,
    /// In a field of a head, or the empty line that ends it.
    Field,
    /// In the value of the Host field, which has been replaced.
    Host,
    /// Behind a line of the Host field: white space goes on with its value.
    HostEnd,
    /// In such a line, which is dropped.
    HostFold,
    /// In a body, with so many bytes to come.
    Body(u64),
    /// In the line of a chunk's size.
    ChunkSize,
    /// In a chunk, with so many bytes to come.
    Chunk(u64),
    /// In the line end behind a chunk.
    ChunkEnd,
    /// In a field of the trailer section, or the empty line that ends it.
    Trailer,
    /// In no HTTP/1.
    Opaque,
}

/// What the head under way says of its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Body {
    len: u64,
    is_chunked: bool,
}

impl<'h> HostField<'h> {
    /// The field's value becomes `host`.
    pub fn new(host: &'h str) -> Self {
        Self { host, state: State::RequestLine, line: Vec::new(), body: Body::default() }
    }

    /// Takes the client's next bytes, and puts what is to be sent behind `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::RequestLine
                | State::Field
                | State::ChunkSize
                | State::ChunkEnd
                | State::Trailer => self.line(bytes, out),
                State::Host => self.replaced(bytes, out),
                State::HostEnd | State::HostFold => self.continued(bytes),
                State::Body(left) => self.body(bytes, left, State::Body, State::RequestLine, out),
                State::Chunk(left) => self.body(bytes, left, State::Chunk, State::ChunkEnd, out),
                State::Opaque => {
                    out.extend_from_slice(bytes);
                    &[]
                }
            };
        }
    }

    /// Passes a line on, up to its end or to the colon behind `Host`.
    fn line<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        if self.state == State::Field && !self.line.contains(&b':') {
            let name = memchr::memchr2(b':', b'\n', bytes);
            if let Some((name, rest)) = name.and_then(|at| split_behind(bytes, at))
                && name.last() == Some(&b':')
            {
                self.line.extend_from_slice(name);
                out.extend_from_slice(name);
                self.replace(out);
                return rest;
            }
        }
        let end = memchr::memchr(b'\n', bytes).and_then(|at| split_behind(bytes, at));
        let (line, rest) = end.unwrap_or((bytes, &[]));
        out.extend_from_slice(line);
        self.line.extend_from_slice(line);
        if end.is_some() {
            self.state = self.behind_line();
            self.line.clear();
        } else if self.line.len() > MAX_LINE {
            self.state = State::Opaque;
        }
        rest
    }

    /// A field's name is complete; if it is Host, the new value goes out.
    fn replace(&mut self, out: &mut Vec<u8>) {
        let name = self.line.strip_suffix(b":").unwrap_or_default();
        if name.trim_ascii_end().eq_ignore_ascii_case(b"host") {
            out.push(b' ');
            out.extend_from_slice(self.host.as_bytes());
            self.line.clear();
            self.state = State::Host;
        }
    }

    /// Drops the old value, up to its line's end.
    fn replaced<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let Some((value, rest)) =
            memchr::memchr(b'\n', bytes).and_then(|at| split_behind(bytes, at))
        else {
            // Whether the line ends with CR is only known when its end is.
            self.line.clear();
            self.line.extend(bytes.last());
            return &[];
        };
        let before = value.strip_suffix(b"\n").unwrap_or(value);
        let has_return = before.last().or(self.line.last()) == Some(&b'\r');
        out.extend_from_slice(if has_return { b"\r\n" } else { b"\n" });
        self.line.clear();
        self.state = State::HostEnd;
        rest
    }

    /// A line that begins with white space belongs to the old value: RFC 9112 section 5.2.
    fn continued<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let is_fold = self.state == State::HostFold || matches!(bytes.first(), Some(b' ' | b'\t'));
        if !is_fold {
            self.state = State::Field;
            return bytes;
        }
        let end = memchr::memchr(b'\n', bytes).and_then(|at| split_behind(bytes, at));
        self.state = if end.is_some() { State::HostEnd } else { State::HostFold };
        end.map_or(&[], |(_, rest)| rest)
    }

    /// Passes bytes of a body on.
    fn body<'b>(
        &mut self,
        bytes: &'b [u8],
        left: u64,
        within: fn(u64) -> State,
        behind: State,
        out: &mut Vec<u8>,
    ) -> &'b [u8] {
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (passed, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        out.extend_from_slice(passed);
        let left = left.saturating_sub(passed.len() as u64);
        self.state = if left == 0 { behind } else { within(left) };
        rest
    }

    /// What follows the line that has just ended.
    fn behind_line(&mut self) -> State {
        let line = self.line.trim_ascii_end();
        match self.state {
            State::RequestLine if line.is_empty() => State::RequestLine,
            State::RequestLine => {
                self.body = Body::default();
                if is_request(line) { State::Field } else { State::Opaque }
            }
            State::Field if line.is_empty() => self.body.begin(),
            State::Field => {
                self.body.note(line);
                State::Field
            }
            State::ChunkSize => match chunk_size(line) {
                Some(0) => State::Trailer,
                Some(len) => State::Chunk(len),
                None => State::Opaque,
            },
            State::ChunkEnd if line.is_empty() => State::ChunkSize,
            State::ChunkEnd => State::Opaque,
            State::Trailer if line.is_empty() => State::RequestLine,
            other => other,
        }
    }
}

impl Body {
    /// Reads a field that tells where the body ends.
    fn note(&mut self, field: &[u8]) {
        let Some((name, value)) =
            memchr::memchr(b':', field).and_then(|at| split_behind(field, at))
        else {
            return;
        };
        let name = name.strip_suffix(b":").unwrap_or(name).trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.len =
                std::str::from_utf8(value).ok().and_then(|it| it.trim().parse().ok()).unwrap_or(0);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let value = value.trim_ascii_end();
            let last = value.len().saturating_sub(b"chunked".len());
            self.is_chunked =
                value.get(last..).is_some_and(|it| it.eq_ignore_ascii_case(b"chunked"));
        }
    }

    /// What follows the head: RFC 9112 section 6.3, where chunking comes before a length.
    fn begin(self) -> State {
        match self {
            Self { is_chunked: true, .. } => State::ChunkSize,
            Self { len: 0, .. } => State::RequestLine,
            Self { len, .. } => State::Body(len),
        }
    }
}

/// Whether a line is the first of an HTTP/1 request; one of HTTP/0.9 has no fields.
fn is_request(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let is_method = !method.is_empty() && method.iter().all(|byte| byte.is_ascii_graphic());
    let version = words.nth(1).unwrap_or_default();
    is_method && matches!(version, b"HTTP/1.0" | b"HTTP/1.1")
}

/// The hexadecimal size, before any extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn split_behind(bytes: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(at.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replace(pieces: &[&[u8]]) -> String {
        let mut field = HostField::new("live:8080");
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| field.push(piece, &mut out));
        String::from_utf8(out).unwrap()
    }

    /// What comes in, and what goes out.
    const CASES: [(&str, &str); 13] = [
        (
            "GET / HTTP/1.1\r\nHost: old.example\r\nAccept: */*\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: live:8080\r\nAccept: */*\r\n\r\n",
        ),
        (
            "GET / HTTP/1.0\nhOsT : a\nX: Host: b\n\n",
            "GET / HTTP/1.0\nhOsT : live:8080\nX: Host: b\n\n",
        ),
        // No field where there was none, and no request at all.
        ("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"),
        ("GET /test.png\r\n\r\nHost: a\r\n", "GET /test.png\r\n\r\nHost: a\r\n"),
        ("PRI * HTTP/2.0\r\nHost: a\r\n", "PRI * HTTP/2.0\r\nHost: a\r\n"),
        // The target stays.
        (
            "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        // Bodies stay, and the request behind them is found.
        (
            "POST / HTTP/1.1\r\ncontent-length: 9\r\nHost: a\r\n\r\nHost: a\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 9\r\nHost: live:8080\r\n\r\nHost: a\r\nGET / HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        (
            "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n9;x=y\r\nHost: a\r\n\r\n0\r\nHost: t\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n9;x=y\r\nHost: a\r\n\r\n0\r\nHost: t\r\n\r\nGET / HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        // A folded value goes with its field; a folded line is no field.
        (
            "GET / HTTP/1.1\r\nHost:\r\n old\r\n\tolder\r\nX: 1\r\n Host: 2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: live:8080\r\nX: 1\r\n Host: 2\r\n\r\n",
        ),
        // Each of several, empty or not.
        (
            "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: live:8080\r\nHost: live:8080\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        // What is no size is no chunk: the rest stays.
        (
            "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
        ),
        // Another protocol behind the head.
        (
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\nbytes\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost: live:8080\r\nUpgrade: x\r\n\r\nbytes\nHost: a\r\n",
        ),
        ("", ""),
    ];

    #[test]
    fn only_the_value_of_the_host_field_changes() {
        for (given, expected) in CASES {
            assert_eq!(replace(&[given.as_bytes()]), expected);
        }
    }

    #[test]
    fn nothing_is_held_back() {
        let head = "GET / HTTP/1.1\r\nHos";
        assert_eq!(replace(&[head.as_bytes()]), head);
        assert_eq!(replace(&[head.as_bytes(), b"t:"]), "GET / HTTP/1.1\r\nHost: live:8080");
    }

    #[test]
    fn a_line_without_end_passes_and_stays_bounded() {
        let mut field = HostField::new("live");
        let mut out = Vec::new();
        for _ in 0..100 {
            field.push(&[b'x'; 4096], &mut out);
        }
        assert_eq!(out.len(), 100 * 4096);
        assert!(field.line.capacity() < 4 * MAX_LINE, "{}", field.line.capacity());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_segmentation_gives_the_same(case in 0..CASES.len(), cuts in prop::collection::vec(0usize..200, 0..12)) {
            let given = CASES[case].0.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(given.len())).collect();
            cuts.extend([0, given.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &given[cut[0]..cut[1]]).collect();
            prop_assert_eq!(replace(&pieces), CASES[case].1);
        }

        #[test]
        fn any_bytes_pass(bytes: Vec<u8>) {
            let mut out = Vec::new();
            HostField::new("live").push(&bytes, &mut out);
            prop_assert_eq!(out, bytes);
        }
    }
}
