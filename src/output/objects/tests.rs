//! Bodies of whole conversations, by what is then in the folder.

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::decode::http::encoding::MIN_LIMIT;
use crate::decode::http::{Http, Scratch};
use crate::flow::Input;
use crate::output::Palette;

const TEXT: &[u8] = b"a text, a text, and again a text";

/// A folder, what writes to it, and the decoders of its conversations.
struct Export {
    folder: tempfile::TempDir,
    writer: ObjectWriter,
    decoders: HashMap<u32, Http>,
    scratch: Scratch,
    frame: u64,
    rows: Vec<Object>,
}

impl Export {
    fn new(raw: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let writer = ObjectWriter::new(folder.path().join("out"), raw).unwrap();
        let (decoders, scratch) = (HashMap::new(), Scratch::default());
        Self { folder, writer, decoders, scratch, frame: 0, rows: Vec::new() }
    }

    fn push(&mut self, stream: u32, side: Side, input: Input<'_>) {
        self.frame += 1;
        let Self { writer, decoders, scratch, frame, rows, .. } = self;
        let http = decoders.entry(stream).or_insert_with(|| Http::new(false));
        http.push(side, input, scratch, &mut |event| {
            rows.extend(writer.push(*frame, StreamId(stream), &event).unwrap());
        });
    }

    /// A request and the whole answer to it.
    fn fetch(&mut self, target: &str, headers: &str, body: &[u8]) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: example.test\r\n\r\n");
        self.push(0, Side::Client, Input::Bytes(request.as_bytes()));
        let len = body.len();
        let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {len}\r\n\r\n");
        self.push(0, Side::Server, Input::Bytes(head.as_bytes()));
        self.push(0, Side::Server, Input::Bytes(body));
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path().join("out")).unwrap();
        let mut files: Vec<_> = entries
            .map(|it| it.unwrap())
            .map(|it| (it.file_name().into_string().unwrap(), fs::read(it.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_answer_without_a_head_is_a_file_of_all_of_it() {
    let png = b"\x89PNG\r\n\x1a\n\0\xff".repeat(1000);
    let mut export = Export::new(false);
    export.push(3, Side::Client, Input::Bytes(b"GET /test.png\r\n\r\n"));
    for part in png.chunks(1460) {
        export.push(3, Side::Server, Input::Bytes(part));
    }
    export.push(3, Side::Server, Input::Close { clean: true });
    assert_eq!(export.files(), [("test.png".to_owned(), png)]);
    let (mut json, mut text) = (Vec::new(), Vec::new());
    export.rows[0].write_json(&mut json).unwrap();
    export.rows[0].write_text(Palette::plain(), &mut text).unwrap();
    let sha256 = "7719002e44c5bc07ed7a7d72293a911685618cdc59d9b1086c3a1a535ff3fdb2";
    assert_eq!(
        String::from_utf8(json).unwrap(),
        format!(
            "{{\"frame\":9,\"stream\":3,\"message\":\"response\",\"host\":null,\
             \"target\":\"/test.png\",\"content_type\":null,\"len\":10000,\
             \"sha256\":\"{sha256}\",\"file\":\"test.png\",\"marks\":[]}}\n"
        )
    );
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "       9      3      10000  test.png  /test.png\n"
    );
}

#[test]
fn codings_are_undone_unless_raw() {
    for (raw, name, headers, body, file, marks) in [
        (false, "a.txt", "Content-Encoding: gzip\r\n", gzip(TEXT), TEXT.to_vec(), &[][..]),
        (true, "a.txt", "Content-Encoding: gzip\r\n", gzip(TEXT), gzip(TEXT), &[]),
        (
            false,
            "a.txt",
            "Content-Encoding: x\r\n",
            TEXT.to_vec(),
            TEXT.to_vec(),
            &["encoding-unknown"],
        ),
        (
            false,
            "a.txt.partial",
            "Content-Encoding: gzip\r\n",
            TEXT.to_vec(),
            vec![],
            &["encoding-damaged"],
        ),
        (
            false,
            "a.txt",
            "Content-Encoding: br, br, br, br, br\r\n",
            TEXT.to_vec(),
            TEXT.to_vec(),
            &["encoding-too-many"],
        ),
        (
            false,
            "a.txt",
            "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
            gzip(&gzip(TEXT)),
            TEXT.to_vec(),
            &[],
        ),
    ] {
        let mut export = Export::new(raw);
        export.fetch("/a.txt", headers, &body);
        assert_eq!(export.files(), [(name.to_owned(), file.clone())], "{headers}");
        let row = &export.rows[0];
        assert_eq!((row.len, &row.marks[..]), (file.len() as u64, marks));
        let digest: String = Sha256::digest(&file).iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!(row.sha256, digest);
    }
}

#[test]
fn an_enormous_body_is_too_long_and_not_damaged() {
    let bomb = gzip(&vec![0; (MIN_LIMIT + 5) as usize]);
    let mut export = Export::new(false);
    export.fetch("/zeros", "Content-Encoding: gzip\r\n", &bomb);
    let row = &export.rows[0];
    assert_eq!((row.file.as_str(), row.len), ("zeros.partial", MIN_LIMIT));
    assert_eq!(row.marks, ["encoding-too-long"]);
}

#[test]
fn nothing_leaves_the_folder_and_nothing_is_overwritten() {
    let mut export = Export::new(false);
    fs::write(export.folder.path().join("out/x.png"), "was there").unwrap();
    for target in ["/x.png", "/a/x.png?1", "/../../x.png", "/%2e%2e%2f%2e%2e%2fx.png", "/..", "/"] {
        export.fetch(target, "Content-Type: text/plain\r\n", b"new");
    }
    let names =
        ["_.._x.png", "index(1).txt", "index.txt", "x(1).png", "x(2).png", "x(3).png", "x.png"];
    assert_eq!(export.names(), names);
    assert_eq!(fs::read(export.folder.path().join("out/x.png")).unwrap(), b"was there");
    let outside: Vec<_> = fs::read_dir(export.folder.path()).unwrap().collect();
    assert_eq!(outside.len(), 1);
}

#[test]
fn what_is_missing_shows_in_name_and_marks() {
    let mut export = Export::new(false);
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    for inputs in [
        &[Input::Bytes(b"abc"), Input::Gap(3), Input::Bytes(b"def")][..],
        &[Input::Bytes(b"abc"), Input::Close { clean: true }],
    ] {
        export.push(0, Side::Client, Input::Bytes(b"GET /x.txt HTTP/1.1\r\n\r\n"));
        export.push(0, Side::Server, Input::Bytes(head));
        for input in inputs {
            export.push(0, Side::Server, *input);
        }
    }
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnone\r\n";
    export.push(1, Side::Server, Input::Bytes(chunked));
    let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    assert_eq!(
        export.files(),
        [
            file("index.partial", b"abc"),
            file("x(1).txt.partial", b"abc"),
            file("x.txt.partial", b"abc\0\0\0def"),
        ]
    );
    let marks: Vec<_> = export.rows.iter().map(|it| it.marks.join(" ")).collect();
    assert_eq!(marks, ["gap", "http-framing cut-short", "http-framing cut-short"]);
}

#[test]
fn a_file_ends_at_a_gap_beyond_the_bound() {
    let mut export = Export::new(false);
    export.push(0, Side::Server, Input::Bytes(b"HTTP/1.1 200 OK\r\n\r\nabc"));
    for input in [Input::Gap(MAX_HOLES + 1), Input::Bytes(b"def"), Input::Close { clean: true }] {
        export.push(0, Side::Server, input);
    }
    assert_eq!(export.files(), [("index.partial".to_owned(), b"abc".to_vec())]);
}

#[test]
fn bodies_of_requests_are_objects_too() {
    let mut export = Export::new(false);
    let request = b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=1";
    export.push(0, Side::Client, Input::Bytes(request));
    export.push(0, Side::Server, Input::Bytes(b"HTTP/1.1 204 No\r\n\r\n"));
    assert_eq!(export.files(), [("form".to_owned(), b"a=1".to_vec())]);
    let row = &export.rows[0];
    assert_eq!((row.message, row.host.as_deref()), ("request", Some("h")));
    assert_eq!(export.rows.len(), 1);
}

#[test]
fn bodies_under_way_stay_within_the_bound_of_memory() {
    const STREAMS: u32 = 50;
    let part = vec![7; spool::MAX_WAITING - 1];
    let mut export = Export::new(false);
    for stream in 0..STREAMS {
        export.push(stream, Side::Server, Input::Bytes(b"HTTP/1.1 200 OK\r\n\r\n"));
    }
    for _ in 0..4 {
        for stream in 0..STREAMS {
            export.push(stream, Side::Server, Input::Bytes(&part));
            assert!(export.writer.waiting <= MAX_MEMORY);
            let waiting: usize = export.writer.under_way.values().map(Spool::waiting).sum();
            assert_eq!(export.writer.waiting, waiting);
        }
    }
    assert!(export.names().iter().any(|it| it.starts_with('.')));
    export.writer.forget(StreamId(0));
    for stream in 1..STREAMS {
        export.push(stream, Side::Server, Input::Close { clean: true });
    }
    let files = export.files();
    assert_eq!(files.len(), STREAMS as usize - 1);
    assert!(files.iter().all(|(name, bytes)| !name.starts_with('.') && *bytes == part.repeat(4)));
    assert_eq!(export.writer.waiting, 0);
}
