//! The Host field of HTTP/1 requests, replaced in the stream of a client's bytes: RFC 9112.
//!
//! Takes pieces of any length and holds nothing back: what is read goes out at once, but for the
//! field's value. Where heads lie is told by the decoder, so that what goes out decodes to the same
//! messages with another Host. All else passes unchanged.

use crate::decode::http::{Part, Requests};

/// Bytes of a field's name that are looked at, white space before the colon included.
const MAX_NAME: usize = 64;

/// Replaces the Host field of the requests of one connection.
#[derive(Debug)]
pub(super) struct HostField<'h> {
    host: &'h str,
    requests: Requests,
    line: Line,
    /// What is known of the name of the field under way.
    name: Vec<u8>,
    /// The line before was of the Host field: white space goes on with its value.
    is_behind_host: bool,
    /// The last byte of a value that is dropped.
    last: u8,
}

/// Where in a line of a head the next byte lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Before the colon.
    Name,
    /// Behind it, or in a line that is of no interest.
    Value,
    /// In the value of the Host field, which has been replaced.
    Host,
    /// In a line that goes on with it, which is dropped.
    Fold,
}

impl<'h> HostField<'h> {
    /// The field's value becomes `host`.
    pub fn new(host: &'h str) -> Self {
        Self {
            host,
            requests: Requests::default(),
            line: Line::Name,
            name: Vec::new(),
            is_behind_host: false,
            last: 0,
        }
    }

    /// Takes the client's next bytes, and puts what is to be sent behind `out`.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let part = self.requests.take(bytes);
            let (taken, rest) = bytes.split_at_checked(part.len()).unwrap_or((bytes, &[]));
            match part {
                Part::Field(_) => self.field(taken, out),
                Part::Other(_) => {
                    out.extend_from_slice(taken);
                    self.begin_line(false);
                }
            }
            bytes = rest;
        }
    }

    /// Takes what the recorded server said: behind some answers comes no more HTTP.
    pub fn answered(&mut self, bytes: &[u8]) {
        self.requests.answered(bytes);
    }

    /// Takes bytes of one line of a head.
    fn field(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let is_begin = self.line == Line::Name && self.name.is_empty();
        if is_begin && self.is_behind_host && matches!(bytes.first(), Some(b' ' | b'\t')) {
            self.line = Line::Fold;
        }
        match self.line {
            Line::Name => self.name(bytes, out),
            Line::Value => out.extend_from_slice(bytes),
            Line::Host => self.drop_value(bytes, out),
            Line::Fold => {}
        }
        if bytes.last() == Some(&b'\n') {
            self.begin_line(matches!(self.line, Line::Host | Line::Fold));
        }
    }

    /// Passes a field's name on; behind the colon of Host the new value goes out.
    fn name(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let colon = memchr::memchr(b':', bytes);
        let name = bytes.get(..colon.unwrap_or(bytes.len())).unwrap_or_default();
        let room = MAX_NAME.saturating_sub(self.name.len());
        self.name.extend_from_slice(name.get(..room).unwrap_or(name));
        let is_host = self.name.trim_ascii_end().eq_ignore_ascii_case(b"host");
        let split = colon.and_then(|at| bytes.split_at_checked(at.saturating_add(1)));
        match split {
            Some((name, value)) if is_host => {
                out.extend_from_slice(name);
                out.push(b' ');
                out.extend_from_slice(self.host.as_bytes());
                self.line = Line::Host;
                self.last = 0;
                self.drop_value(value, out);
            }
            _ => {
                out.extend_from_slice(bytes);
                if colon.is_some() || self.name.len() >= MAX_NAME {
                    self.line = Line::Value;
                }
            }
        }
    }

    /// Drops the old value, but for its line's end.
    fn drop_value(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if let Some(value) = bytes.strip_suffix(b"\n") {
            let before = value.last().copied().unwrap_or(self.last);
            out.extend_from_slice(if before == b'\r' { b"\r\n" } else { b"\n" });
        } else if let Some(last) = bytes.last() {
            self.last = *last;
        }
    }

    fn begin_line(&mut self, is_behind_host: bool) {
        self.line = Line::Name;
        self.name.clear();
        self.is_behind_host = is_behind_host;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decode::http::{Http, Scratch};
    use crate::decode::stream::StreamEvent;
    use crate::flow::{Input, Side};
    use crate::message::{Message, Value};

    fn replace(pieces: &[&[u8]]) -> String {
        let mut field = HostField::new("live:8080");
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| field.push(piece, &mut out));
        String::from_utf8(out).unwrap()
    }

    /// What comes in, and what goes out.
    const CASES: [(&str, &str); 15] = [
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
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nHost: a\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nHost: a\r\n",
        ),
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
        // What is no size is no chunk, and lengths that differ are none: the next request is found.
        (
            "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nHost: t\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nHost: t\r\nGET / HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        (
            "PUT / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n\r\nHost: t\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n\r\nHost: t\r\nGET / HTTP/1.1\r\nHost: live:8080\r\n\r\n",
        ),
        // One length said twice is that length.
        (
            "PUT / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\nhelloGET / HTTP/1.2\r\nHost: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\nhelloGET / HTTP/1.2\r\nHost: live:8080\r\n\r\n",
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
    fn behind_a_tunnel_nothing_changes() {
        let connect = "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n";
        let within = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for (answer, host) in [
            ("HTTP/1.1 200 OK\r\n\r\n", "a"),
            ("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "live"),
        ] {
            let mut field = HostField::new("live");
            let mut out = Vec::new();
            field.push(connect.as_bytes(), &mut out);
            field.answered(answer.as_bytes());
            field.push(within.as_bytes(), &mut out);
            let expected = format!(
                "CONNECT h:80 HTTP/1.1\r\nHost: live\r\n\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n"
            );
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    /// A request of any framing, well-formed and not.
    fn request() -> impl Strategy<Value = String> {
        let start = prop::sample::select(vec![
            "GET / HTTP/1.1",
            "POST /p HTTP/1.0",
            "PUT http://a/x HTTP/1.1",
            "OPTIONS * HTTP/1.7",
            "GET  / HTTP/1.1",
            "get / HTTP/3.0",
        ]);
        let line = || {
            prop::sample::select(vec![
                "Host: old",
                "host:old",
                "HOST:\told \r\n  folded",
                "X: Host: no",
                "X-Host: no",
                "Hosts: no",
                "broken line",
            ])
        };
        let body = prop::sample::select(vec![
            ("", ""),
            ("Content-Length: 0", ""),
            ("Content-Length: 9", "Host: a\r\n"),
            ("Content-Length: 9, 9", "Host: a\r\n"),
            ("content-length: 9\r\nContent-Length: 9", "Host: a\r\n"),
            ("Transfer-Encoding: chunked", "9;x=\"y\"\r\nHost: a\r\n\r\n0\r\n\r\n"),
            ("transfer-encoding: Chunked", "1\r\na\r\n0\r\nHost: trailer\r\n\r\n"),
            ("Transfer-Encoding: gzip, chunked\r\nContent-Length: 1", "0\r\n\r\n"),
            ("Content-Length: 3, 4", "Host: a\r\n"),
            ("Transfer-Encoding: gzip", "Host: a\r\n"),
            ("Transfer-Encoding: chunked", "zz\r\nHost: a\r\n"),
        ]);
        let lines = |count| prop::collection::vec(line(), 0..count);
        let end = prop::sample::select(vec!["\r\n", "\n"]);
        (start, lines(3), body, lines(3), end).prop_map(|(start, before, body, behind, end)| {
            let mut head = vec![start];
            head.extend(before);
            head.extend(Some(body.0).filter(|it| !it.is_empty()));
            head.extend(behind);
            format!("{}{end}{end}{}", head.join(end), body.1)
        })
    }

    /// The messages of a client's bytes, with their bodies, and Host as if it were always the same.
    fn decoded(bytes: &[u8]) -> Vec<String> {
        let (mut http, mut scratch) = (Http::new(false), Scratch::default());
        let (mut found, mut body) = (Vec::new(), Vec::new());
        for input in [Input::Bytes(bytes), Input::Close { clean: true }] {
            http.push(Side::Client, input, &mut scratch, &mut |event| match event {
                StreamEvent::Body { bytes, .. } => body.extend_from_slice(bytes),
                StreamEvent::Message { message, .. } => {
                    found.push(format!("{} {}", told(&message), body.escape_ascii()));
                    body.clear();
                }
                StreamEvent::Skipped { len, reason, .. } => {
                    found.push(format!("{} {len}", reason.as_str()))
                }
                StreamEvent::BodyGap { .. } => {}
            });
        }
        found
    }

    fn told(message: &Message<'_>) -> String {
        let mut is_host = false;
        let mut texts = Vec::new();
        for item in message.items {
            let text = match message.value(item) {
                Value::Text(text) => text.to_owned(),
                Value::Bytes(bytes) => bytes.escape_ascii().to_string(),
                Value::Unsigned(number) => number.to_string(),
                _ => continue,
            };
            let is_name = text.eq_ignore_ascii_case("host");
            texts.push(if is_host { "…".to_owned() } else { text });
            is_host = is_name && !is_host;
        }
        let error = message.error.map(|it| (it.context, it.kind));
        format!("{texts:?} {:?} {error:?}", message.marks)
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
        assert!(field.name.capacity() < 4 * MAX_NAME, "{}", field.name.capacity());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
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
        fn what_goes_out_decodes_to_the_same_but_for_host(
            requests in prop::collection::vec(request(), 1..6),
            cuts in prop::collection::vec(0usize..600, 0..12),
        ) {
            let given = requests.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(given.len())).collect();
            cuts.extend([0, given.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &given[cut[0]..cut[1]]).collect();
            let out = replace(&pieces);
            prop_assert_eq!(replace(&[&given]), out.clone());
            prop_assert_eq!(decoded(out.as_bytes()), decoded(&given));
        }

        #[test]
        fn any_bytes_pass(bytes: Vec<u8>) {
            let mut out = Vec::new();
            HostField::new("live").push(&bytes, &mut out);
            prop_assert_eq!(out, bytes);
        }
    }
}
