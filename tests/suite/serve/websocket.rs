//! `wirereel serve` of a WebSocket to live clients that have keys and masks of their own, and
//! `wirereel replay` of one to a live server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::frame::Endpoints;
use crate::serving::Serving;
use crate::tape::Does::{Ends, Says};
use crate::tape::Tape;
use assert_cmd::Command;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

/// "Hello" compressed (RFC 7692 section 7.2.3.1), and once more with the same window.
const HELLO: [&[u8]; 2] = [b"\xf2\x48\xcd\xc9\xc9\x07\x00", b"\xf2\x00\x11\x00\x00"];

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The answer to that key (RFC 6455 section 1.3).
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

fn request(key: &str, fields: &str) -> String {
    format!(
        "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n"
    )
}

fn response(accept: &str, fields: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{fields}\r\n"
    )
}

/// A short frame; the client's are masked.
fn framed(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    let masked = payload.iter().zip(mask.unwrap_or_default().into_iter().cycle());
    let masked: Vec<_> = masked.map(|(byte, key)| byte ^ key).collect();
    let head = [first, len | if mask.is_some() { 0x80 } else { 0 }];
    [&head[..], mask.as_ref().map_or(&[][..], |it| &it[..]), &masked].concat()
}

fn from_client(first: u8, payload: &[u8]) -> Vec<u8> {
    framed(first, payload, Some([1, 2, 3, 4]))
}

/// A server that greets, answers two messages of which its client pings before the second, and is
/// asked to close.
fn recorded(name: &str, fields: &str, greeting: &[u8]) -> PathBuf {
    let (ask, answer) = (request("recorded", fields), response("recorded", fields));
    let close = 1000_u16.to_be_bytes();
    let steps = [
        (true, ask.into_bytes()),
        (false, [answer.as_bytes(), greeting].concat()),
        (true, from_client(0x81, b"one")),
        (false, framed(0x81, b"{\"n\":1}", None)),
        (true, from_client(0x89, b"recorded ping")),
        (false, framed(0x8a, b"recorded ping", None)),
        (true, [from_client(0x01, b"t"), from_client(0x80, b"wo")].concat()),
        (false, framed(0x82, b"\x00\x02", None)),
        (true, from_client(0x88, &close)),
        (false, framed(0x88, &close, None)),
    ];
    let mut tape = Tape::new(name);
    let says = steps.iter().map(|(side, bytes)| (*side, Says(bytes)));
    let all: Vec<_> = says.chain([(false, Ends), (true, Ends)]).collect();
    tape.talk(0, Endpoints::numbered(1, 80), &all);
    tape.finish()
}

struct Client(TcpStream);

impl Client {
    /// Shakes hands; gives the head of the answer too.
    fn open(serving: &Serving, request: &str) -> (Self, String) {
        let mut stream = TcpStream::connect(serving.at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        (Self(stream), String::from_utf8(head).unwrap())
    }

    fn say(&mut self, first: u8, payload: &[u8]) {
        self.0.write_all(&framed(first, payload, Some([9, 8, 7, 6]))).unwrap();
    }

    /// The next frame, which is short and not masked.
    fn hear(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let mut payload = vec![0; head[1].into()];
        self.0.read_exact(&mut payload).unwrap();
        (head[0], payload)
    }

    /// Whether the server sends nothing more, and ends.
    fn sees_the_end(mut self) -> bool {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).is_ok() && rest.is_empty()
    }
}

#[test]
fn the_key_is_answered_and_messages_go_out_in_their_turn() {
    let capture = recorded("chat.pcap", "", &framed(0x81, b"welcome", None));
    let serving = Serving::start(&capture, &["--once"]);
    let (mut client, head) = Client::open(&serving, &request(KEY, ""));
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(head.contains(&format!("Sec-WebSocket-Accept: {ACCEPT}\r\n")), "{head}");
    assert_eq!(client.hear(), (0x81, b"welcome".to_vec()));
    client.say(0x89, b"ours");
    assert_eq!(client.hear(), (0x8a, b"ours".to_vec()), "a pong of our own ping");
    client.say(0x81, b"one");
    assert_eq!(client.hear(), (0x81, b"{\"n\":1}".to_vec()));
    client.say(0x81, b"two");
    assert_eq!(client.hear(), (0x82, vec![0, 2]), "in other frames, and no recorded pong");
    client.say(0x88, &1000_u16.to_be_bytes());
    assert_eq!(client.hear(), (0x88, 1000_u16.to_be_bytes().to_vec()));
    client.0.shutdown(Shutdown::Write).unwrap();
    assert!(client.sees_the_end());
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(4), 0), "{outcome}");
    assert_eq!(outcome["skipped"], json!([]), "{outcome}");
    // The handshake, three messages and the close came; the handshake and three messages went.
    assert_eq!(outcome["received"]["messages"], 4, "{outcome}");
    assert_eq!(outcome["sent"]["messages"], 4, "{outcome}");
}

#[test]
fn messages_are_compared_by_their_payload() {
    let capture = recorded("chat_other.pcap", "", b"");
    let serving = Serving::start(&capture, &[]);
    let (mut client, _) = Client::open(&serving, &request(KEY, ""));
    client.say(0x81, b"on");
    assert_eq!(client.hear().0, 0x81);
    client.say(0x82, b"two");
    assert_eq!(client.hear().0, 0x82);
    client.say(0x88, &[]);
    client.hear();
    client.0.shutdown(Shutdown::Write).unwrap();
    assert!(client.sees_the_end());
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(3), 1), "{outcome}");
    let told = |number: usize| {
        let it = &outcome["differences"][number];
        ["field", "expected", "actual"].map(|key| it[key].as_str().unwrap().to_owned())
    };
    assert_eq!(told(0), ["body", "offset 2 of 3: \"one\"", "offset 2 of 2: \"on\""]);
    assert_eq!(told(1), ["message", "text", "binary"]);
    assert_eq!(told(2), ["body", "offset 0 of 4: \"1000\"", "offset 0 of 0: \"\""]);
}

#[test]
fn a_client_that_closes_early_is_answered_and_the_rest_is_missing() {
    let capture = recorded("chat_short.pcap", "", b"");
    let serving = Serving::start(&capture, &[]);
    let (mut client, _) = Client::open(&serving, &request(KEY, ""));
    client.say(0x81, b"one");
    assert_eq!(client.hear().0, 0x81);
    client.say(0x88, b"\x03\xe9bye");
    assert_eq!(client.hear(), (0x88, b"\x03\xe9bye".to_vec()));
    client.0.shutdown(Shutdown::Write).unwrap();
    assert!(client.sees_the_end());
    let (outcome, _) = serving.interrupt();
    assert_eq!((&outcome["differed"], &outcome["missing"]), (&json!(1), &json!(1)), "{outcome}");
    assert_eq!(outcome["skipped"], json!([]), "{outcome}");
}

#[test]
fn compressed_messages_go_to_who_offers_that_and_decompressed_to_others() {
    let greeting = [framed(0xc1, HELLO[0], None), framed(0xc1, HELLO[1], None)].concat();
    let agreed = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let capture = recorded("chat_deflated.pcap", agreed, &greeting);
    let serving = Serving::start(&capture, &[]);
    for (offer, is_agreed) in [(agreed, true), (OFFER, true), ("", false)] {
        let (mut client, head) = Client::open(&serving, &request(KEY, offer));
        assert_eq!(head.contains("permessage-deflate"), is_agreed, "{head}");
        for compressed in HELLO {
            let plain = (0x81, b"Hello".to_vec());
            let expected = if is_agreed { (0xc1, compressed.to_vec()) } else { plain };
            assert_eq!(client.hear(), expected);
        }
        client.say(0x81, b"one");
        assert_eq!(client.hear(), (0x81, b"{\"n\":1}".to_vec()));
    }
    assert_eq!(serving.interrupt().0["differed"], 0);
}

#[test]
fn a_subprotocol_that_is_not_offered_is_not_agreed_to() {
    let chosen = "Sec-WebSocket-Protocol: chat\r\n";
    let serving = Serving::start(&recorded("chat_named.pcap", chosen, b""), &[]);
    for (offer, is_agreed) in [
        ("Sec-WebSocket-Protocol: mqtt, chat\r\n", true),
        ("Sec-WebSocket-Protocol: mqtt\r\n", false),
    ] {
        let (_, head) = Client::open(&serving, &request(KEY, offer));
        assert_eq!(head.contains(chosen), is_agreed, "{head}");
    }
}

#[test]
fn a_handshake_that_is_none_is_refused() {
    let serving = Serving::start(&recorded("chat_none.pcap", "", b""), &[]);
    let old = request(KEY, "").replace("Version: 13", "Version: 8");
    let keyless = request(KEY, "").replace("Sec-WebSocket-Key", "X");
    for (request, status) in [
        (old, "426 Upgrade Required"),
        (keyless, "426 Upgrade Required"),
        ("GET /chat HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), "404 Not Found"),
    ] {
        let (_, head) = Client::open(&serving, &request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        assert_eq!(head.contains("Sec-WebSocket-Version: 13\r\n"), status.starts_with("426"));
    }
    let (outcome, _) = serving.interrupt();
    assert_eq!(outcome["differed"], 3, "{outcome}");
}

#[test]
fn what_follows_another_change_of_protocol_is_played_by_steps() {
    let ask = b"GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n";
    let answer = b"HTTP/1.1 101 Echo\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n\x00hi";
    let connect = b"CONNECT h:7 HTTP/1.1\r\nHost: h:7\r\n\r\n";
    let mut tape = Tape::new("tunnels.pcap");
    for (number, ask, answer) in
        [(1, &ask[..], &answer[..]), (2, connect, b"HTTP/1.1 200 Connected\r\n\r\n\x00hi")]
    {
        let steps = [
            (true, Says(ask)),
            (false, Says(answer)),
            (true, Says(b"\x01ping")),
            (false, Says(b"\x02pong")),
            (true, Ends),
            (false, Ends),
        ];
        tape.talk(i64::from(number) * 100, Endpoints::numbered(number, 80), &steps);
    }
    let serving = Serving::start(&tape.finish(), &["--once"]);
    for (ask, status) in [(&ask[..], "101"), (connect, "200")] {
        let (mut client, head) = Client::open(&serving, std::str::from_utf8(ask).unwrap());
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        let mut said = [0; 3];
        client.0.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"\x00hi");
        client.0.write_all(b"\x01ping").unwrap();
        let mut said = [0; 5];
        client.0.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"\x02pong");
        client.0.shutdown(Shutdown::Write).unwrap();
        assert!(client.sees_the_end());
    }
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(0), 0), "{outcome}");
}

#[test]
fn a_recorded_client_is_played_and_messages_of_the_live_server_compared() {
    let capture = recorded("chat_replayed.pcap", "", &framed(0x81, b"welcome", None));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        let wait = |client: &mut TcpStream, len: usize| {
            client.read_exact(&mut vec![0; len]).unwrap();
        };
        wait(&mut client, request("recorded", "").len());
        // In two frames where there was one.
        let greeting = [framed(0x01, b"wel", None), framed(0x80, b"come", None)].concat();
        client.write_all(&[response("recorded", "").as_bytes(), &greeting].concat()).unwrap();
        wait(&mut client, from_client(0x81, b"one").len());
        client.write_all(&framed(0x81, b"{\"n\": 2}", None)).unwrap();
        wait(&mut client, from_client(0x89, b"recorded ping").len());
        client.write_all(&framed(0x8a, b"recorded ping", None)).unwrap();
        wait(&mut client, 7 + 8);
        client.write_all(&framed(0x82, b"\x00\x02", None)).unwrap();
        wait(&mut client, 8);
        client.write_all(&framed(0x88, &1000_u16.to_be_bytes(), None)).unwrap();
    });
    let mut command = Command::cargo_bin("wirereel").unwrap();
    command.arg("replay").arg(&capture).args(["--to", &at, "-t", "-T", "json"]);
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output().unwrap();
    server.join().unwrap();
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&outcome["matched"], &outcome["differed"]), (&json!(4), &json!(1)), "{outcome}");
    let difference = &outcome["differences"][0];
    let told = [&difference["field"], &difference["expected"], &difference["actual"]];
    assert_eq!(told, [&json!("body.$.n"), &json!("1"), &json!("2")], "{outcome}");
}
