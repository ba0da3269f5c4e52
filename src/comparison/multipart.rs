//! Bodies of several parts (RFC 2046 section 5.1): what delimits them is chosen anew for each
//! message, and is no difference.

/// Bytes of a boundary (RFC 2046 section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// What every delimiter becomes: two hyphens, and a word in place of the boundary.
const DELIMITER: &[u8] = b"--boundary";

/// The boundary that a Content-Type names; `None` where it is not one of several parts.
pub(super) fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    let mut parameters = parameters(content_type);
    parameters.next().filter(|it| is_multipart(it))?;
    let value = parameters.find_map(|it| {
        let (name, value) = it.split_at_checked(it.iter().position(|it| *it == b'=')?)?;
        let is_it = name.trim_ascii().eq_ignore_ascii_case(b"boundary");
        is_it.then(|| value.get(1..).unwrap_or_default().trim_ascii())
    })?;
    let quoted = value.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\""));
    Some(quoted.unwrap_or(value)).filter(|it| (1..=MAX_BOUNDARY).contains(&it.len()))
}

/// A Content-Type without its boundary.
pub(super) fn without_boundary(content_type: &str) -> String {
    let mut all = parameters(content_type.as_bytes());
    if !all.next().is_some_and(is_multipart) {
        return content_type.to_owned();
    }
    let kept = parameters(content_type.as_bytes()).map(<[u8]>::trim_ascii).filter(|it| {
        !it.get(.."boundary".len()).is_some_and(|name| name.eq_ignore_ascii_case(b"boundary"))
    });
    String::from_utf8_lossy(&kept.collect::<Vec<_>>().join(&b"; "[..])).into_owned()
}

fn is_multipart(media_type: &[u8]) -> bool {
    let begin = media_type.trim_ascii_start().get(.."multipart/".len());
    begin.is_some_and(|it| it.eq_ignore_ascii_case(b"multipart/"))
}

/// What semicolons part; those within quotes do not.
fn parameters(content_type: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut is_quoted = false;
    content_type.split(move |byte| {
        is_quoted ^= *byte == b'"';
        *byte == b';' && !is_quoted
    })
}

/// Passes a body on with its delimiters alike, in pieces of any length.
#[derive(Debug)]
pub(super) struct Alike {
    delimiter: Vec<u8>,
    /// What may be the begin of one.
    held: Vec<u8>,
}

impl Alike {
    /// For a body with this boundary.
    pub fn new(boundary: &[u8]) -> Self {
        Self { delimiter: [b"--", boundary].concat(), held: Vec::new() }
    }

    /// For a body that begins so, if it begins with a delimiter: the head that names the boundary
    /// may not be known yet.
    pub fn by_begin(bytes: &[u8]) -> Option<Self> {
        let line = bytes.get(..bytes.iter().position(|it| *it == b'\n')?)?;
        let boundary = line.strip_suffix(b"\r").unwrap_or(line).strip_prefix(b"--")?;
        let boundary = boundary.trim_ascii_end();
        (1..=MAX_BOUNDARY).contains(&boundary.len()).then(|| Self::new(boundary))
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        self.held.extend_from_slice(bytes);
        let mut begin = 0_usize;
        for at in memchr::memmem::find_iter(&self.held, &self.delimiter) {
            out(self.held.get(begin..at).unwrap_or_default());
            out(DELIMITER);
            begin = at.saturating_add(self.delimiter.len());
        }
        let kept = self.delimiter.len().saturating_sub(1);
        let end = self.held.len().saturating_sub(kept).max(begin);
        out(self.held.get(begin..end).unwrap_or_default());
        self.held.drain(..end);
    }

    /// The body has ended.
    pub fn finish(self, out: &mut dyn FnMut(&[u8])) {
        out(&self.held);
    }
}

/// A whole body with its delimiters alike.
pub(super) fn alike(body: &[u8], boundary: &[u8]) -> Vec<u8> {
    let (mut parts, mut all) = (Alike::new(boundary), Vec::new());
    parts.push(body, &mut |bytes| all.extend_from_slice(bytes));
    parts.finish(&mut |bytes| all.extend_from_slice(bytes));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_boundary_is_read_from_its_parameter() {
        for (content_type, expected, rest) in [
            ("multipart/form-data; boundary=abc", Some("abc"), "multipart/form-data"),
            (
                "Multipart/Byteranges;charset=x; Boundary=\"a;b\"",
                Some("a;b"),
                "Multipart/Byteranges; charset=x",
            ),
            ("multipart/mixed", None, "multipart/mixed"),
            ("multipart/mixed; boundary=", None, "multipart/mixed"),
            ("text/plain; boundary=abc", None, "text/plain; boundary=abc"),
        ] {
            let found = boundary(content_type.as_bytes());
            assert_eq!(found, expected.map(str::as_bytes), "{content_type}");
            assert_eq!(without_boundary(content_type), rest);
        }
    }

    #[test]
    fn bodies_with_other_boundaries_are_alike() {
        let body = |boundary: &str| {
            format!("--{boundary}\r\nA: b\r\n\r\n--{boundary}x\r\n--{boundary}--\r\n").into_bytes()
        };
        let expected = alike(&body("one"), b"one");
        assert_eq!(expected, body("boundary"));
        assert_eq!(alike(&body("another"), b"another"), expected);
        assert_ne!(alike(&body("another"), b"one"), expected);
        let known = Alike::by_begin(&body("another")).unwrap();
        assert_eq!(known.delimiter, b"--another");
        for none in ["--another", "---- \r", "text\r\n--a\r\n", "--\r\n", ""] {
            assert!(Alike::by_begin(none.as_bytes()).is_none(), "{none}");
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut(body in "[-ab\n]{0,40}", cuts in prop::collection::vec(0..9usize, 0..9)) {
            let whole = alike(body.as_bytes(), b"ab");
            let expected = body.replace("--ab", "--boundary").into_bytes();
            prop_assert_eq!(&whole, &expected);
            let (mut parts, mut all, mut rest) = (Alike::new(b"ab"), Vec::new(), body.as_bytes());
            for cut in cuts {
                let (now, then) = rest.split_at(cut.min(rest.len()));
                parts.push(now, &mut |bytes| all.extend_from_slice(bytes));
                rest = then;
            }
            parts.push(rest, &mut |bytes| all.extend_from_slice(bytes));
            parts.finish(&mut |bytes| all.extend_from_slice(bytes));
            prop_assert_eq!(all, whole);
        }
    }
}
