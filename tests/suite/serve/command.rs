//! `wirereel serve`, run as its user would, with live clients on loopback.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::frame::{Endpoints, Flags, Segment, tcp, udp};
use crate::serving::{self, Serving, bundled};
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

const PATIENCE: Duration = Duration::from_secs(20);

fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn read_all(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Reads a response with a Content-Length.
fn read_response(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let len = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    let mut body = vec![0; len.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

fn udp_client(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(at).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn answers<const N: usize>(socket: &UdpSocket) -> [String; N] {
    [(); N].map(|()| {
        let mut buffer = [0; 2048];
        let len = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..len]).into_owned()
    })
}

/// A capture of a server that answers datagrams: twice to `ping`, once to `pong`.
fn questions(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let ends = Endpoints::numbered(1, 7000);
    let said = [(true, "ping"), (false, "one"), (false, "two"), (true, "pong"), (false, "three")];
    let mut writer = Writer::create(&path, WriteFormat::PcapNs).unwrap();
    for (number, (from_client, text)) in (1..).zip(said) {
        let data = udp(ends, from_client, text.as_bytes());
        let time = Some(Timestamp(1_700_000_000_000_000_000 + number as i64));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame = Frame { number, time, interface: 0, link_type, data: &data, orig_len };
        writer.write(&frame).unwrap();
    }
    writer.finish().unwrap();
    path
}

#[test]
fn each_client_gets_the_next_recorded_stamp() {
    let serving = Serving::start(&bundled("ok_stream_basic.pcap"), &["--once"]);
    let stamps = [(); 3].map(|()| String::from_utf8(read_all(connect(serving.at))).unwrap());
    assert_eq!(stamps, ["1700000000\r\n", "1700000001\r\n", "1700000002\r\n"]);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["conversations"].as_u64(), code), (Some(3), 0), "{outcome}");
    assert_eq!(outcome["sent"]["bytes"], 36);
}

#[test]
fn a_sequential_server_lets_the_next_client_wait() {
    let options = ["--workers", "sequential", "--once"];
    let serving = Serving::start(&bundled("ok_stream_basic.pcap"), &options);
    let mut first = connect(serving.at);
    let mut stamp = [0; 12];
    first.read_exact(&mut stamp).unwrap();
    let (mut second, third) = (connect(serving.at), connect(serving.at));
    // The first client is still there: the server has not come to the second.
    second.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let waits = second.read(&mut stamp).unwrap_err();
    assert!(matches!(waits.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waits}");
    drop(first);
    second.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_all(second), b"1700000001\r\n");
    assert_eq!(read_all(third), b"1700000002\r\n");
    assert_eq!(serving.finish().1, 0);
}

#[test]
fn a_pool_serves_as_many_at_once_as_it_has_workers() {
    let options = ["--workers", "pool=2", "--once"];
    let serving = Serving::start(&bundled("ok_stream_basic.pcap"), &options);
    let mut clients = [(); 3].map(|()| connect(serving.at));
    let mut stamp = [0; 12];
    clients[0].read_exact(&mut stamp).unwrap();
    clients[1].read_exact(&mut stamp).unwrap();
    clients[2].set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(clients[2].read(&mut stamp).is_err());
    let [first, second, third] = clients;
    drop(second);
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_all(third), b"1700000002\r\n");
    drop(first);
    assert_eq!(serving.finish().1, 0);
}

#[test]
fn requests_are_answered_by_method_and_target_in_any_order() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &["--once"]);
    let mut client = connect(serving.at);
    let mut ask = |target: &str| {
        write!(client, "GET {target} HTTP/1.1\r\nHost: elsewhere\r\n\r\n").unwrap();
        read_response(&mut client)
    };
    let (head, image) = ask("/test.png");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(image.starts_with(b"\x89PNG\r\n"));
    let (_, page) = ask("/index.html");
    assert!(page.starts_with(b"<"), "{}", String::from_utf8_lossy(&page));
    assert_eq!(ask("/test.png").1, image);
    drop(client);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(3), 0), "{outcome}");
}

#[test]
fn a_client_that_waits_to_be_asked_for_its_body_is_asked_once() {
    let serving = Serving::start(&bundled("ok_http_continue.pcap"), &[]);
    for target in ["/echo", "/other"] {
        let mut client = connect(serving.at);
        let fields = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close";
        write!(client, "POST {target} HTTP/1.1\r\n{fields}\r\n\r\n").unwrap();
        let mut asked = [0; 25];
        client.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        client.write_all(b"body").unwrap();
        let answer = String::from_utf8(read_all(client)).unwrap();
        let status = if target == "/echo" { "200 OK" } else { "404 Not Found" };
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        assert!(!answer.contains("100 Continue"), "{answer}");
    }
    // One that does not wait is told what the recorded one was, unless it is too old to know.
    for (version, begin) in [("1.1", "HTTP/1.1 100 Continue\r\n"), ("1.0", "HTTP/1.1 200 OK\r\n")] {
        let mut client = connect(serving.at);
        write!(client, "POST /echo HTTP/{version}\r\nConnection: close\r\n\r\n").unwrap();
        let answer = String::from_utf8(read_all(client)).unwrap();
        assert!(answer.starts_with(begin) && answer.contains(" 200 OK\r\n"), "{answer}");
    }
    assert_eq!(serving.interrupt().0["matched"], 3);
}

#[test]
fn what_the_capture_has_no_answer_to_is_refused_and_reported() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &[]);
    let mut client = connect(serving.at);
    client.write_all(b"GET /other?\x1b HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let (head, _) = read_response(&mut client);
    assert!(head.starts_with("HTTP/1.1 4"), "{head}");
    client.write_all(b"GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n").ok();
    drop(client);
    let mut head_only = connect(serving.at);
    head_only.write_all(b"HEAD /none HTTP/1.0\r\n\r\n").unwrap();
    let answer = String::from_utf8(read_all(head_only)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n") && answer.ends_with("\r\n\r\n"));
    let (outcome, code) = serving.interrupt();
    assert_eq!(code, 1, "{outcome}");
    assert!(outcome["differed"].as_u64() >= Some(2), "{outcome}");
    let difference = &outcome["differences"][0];
    assert_eq!(difference["field"], "target");
    assert!(difference["expected"].is_null());
}

#[test]
fn a_request_without_a_version_gets_the_bare_file_and_the_close() {
    let capture = bundled("ok_webdl_apache.pcap");
    let serving = Serving::start(&capture, &["--once"]);
    let mut client = connect(serving.at);
    for piece in [&b"GET /te"[..], b"st.png\r", b"\n\r\n"] {
        client.write_all(piece).unwrap();
    }
    let image = read_all(client);
    assert!(image.starts_with(b"\x89PNG\r\n") && image.ends_with(b"IEND\xaeB`\x82"));
    assert_eq!(serving.finish().1, 0);
}

#[test]
fn datagrams_are_answered_as_they_were() {
    let serving = Serving::start(&questions("serve_known.pcap"), &["--once"]);
    let client = udp_client(serving.at);
    client.send(b"ping").unwrap();
    assert_eq!(answers(&client), ["one", "two"]);
    client.send(b"pong").unwrap();
    assert_eq!(answers(&client), ["three"]);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(2), 0), "{outcome}");
    assert_eq!(outcome["sent"]["messages"], 3);
}

#[test]
fn a_datagram_that_was_not_recorded_is_answered_as_the_next_one_and_reported() {
    let serving = Serving::start(&questions("serve_unknown.pcap"), &["--once"]);
    let client = udp_client(serving.at);
    client.send(b"pung").unwrap();
    assert_eq!(answers(&client), ["one", "two"]);
    // What was recorded is found wherever it comes.
    client.send(b"ping").unwrap();
    assert_eq!(answers(&client), ["one", "two"]);
    client.send(b"pong").unwrap();
    assert_eq!(answers(&client), ["three"]);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
}

#[test]
fn a_lesson_datagram_is_compared_field_by_field() {
    let serving = Serving::start(&bundled("ok_dgram_basic.pcap"), &["--once"]);
    let client = udp_client(serving.at);
    for datagram in [
        b"Alan\0\0\0\0\0\0\0\0\0\0\x54\0\0\0\x56",
        b"Grace\0\0\0\0\0\0\0\0\0\x64\0\0\0\0",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff",
    ] {
        client.send(datagram).unwrap();
    }
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(outcome["matched"], 2);
    let difference = &outcome["differences"][0];
    assert!(difference["field"].as_str().unwrap().ends_with("math"), "{difference}");
    assert_eq!(difference["actual"], "84");
}

#[test]
fn a_client_that_says_nothing_is_let_go_after_the_timeout() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &["--timeout", "200ms"]);
    let client = connect(serving.at);
    assert_eq!(read_all(client), b"");
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["conversations"].as_u64(), code), (Some(1), 0), "{outcome}");
}

#[test]
fn the_soft_limit_of_descriptors_keeps_no_client_out() {
    let capture = bundled("ok_http_keepalive.pcap");
    let serving = Serving::start_under("ulimit -Sn 64", &capture, &["--timeout", "60s"]);
    let _silent: Vec<_> = (0..100).map(|_| connect(serving.at)).collect();
    let mut last = connect(serving.at);
    write!(last, "GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(read_response(&mut last).0.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn a_client_that_sends_what_is_no_http_is_let_go() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &[]);
    let mut client = connect(serving.at);
    client.write_all(&[0x80; 4000]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    read_all(client);
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(outcome["differences"][0]["actual"], "what is no HTTP", "{outcome}");
}

#[test]
fn an_address_that_is_taken_is_one_clear_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let (stderr, code) = serving::refused(&bundled("ok_stream_basic.pcap"), &["--listen", &at]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with(&format!("wirereel: cannot listen at {at}: ")), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn a_capture_without_answers_serves_nothing() {
    let capture = bundled("ok_stream_noserver.pcap");
    let (stderr, code) = serving::refused(&capture, &["--listen", "127.0.0.1:0"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("nothing to serve"), "{stderr}");
}

#[test]
fn a_connection_that_a_browser_never_used_is_nothing_to_tell() {
    let serving = Serving::start(&bundled("ok_http_chromium.pcap"), &[]);
    let mut client = connect(serving.at);
    write!(client, "GET /test.png HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(read_response(&mut client).1.ends_with(b"IEND\xaeB`\x82"));
    drop(client);
    let (outcome, code) = serving.interrupt();
    assert_eq!((&outcome["skipped"], code), (&serde_json::json!([]), 0), "{outcome}");
}

/// A capture of a server that closes 5 ms behind its second answer, and does not say so.
fn impatient(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let ends = Endpoints::numbered(1, 80);
    let (syn, fin) =
        (Flags { syn: true, ..Flags::default() }, Flags { fin: true, ..Flags::default() });
    let ask = |target| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let said = [
        (0, true, syn, String::new()),
        (0, false, syn, String::new()),
        (1, true, Flags::default(), ask("/1")),
        (2, false, Flags::default(), answer.to_owned()),
        (3, true, Flags::default(), ask("/2")),
        (4, false, Flags::default(), answer.to_owned()),
        (9, false, fin, String::new()),
        (9, true, fin, String::new()),
    ];
    let mut writer = Writer::create(&path, WriteFormat::PcapNs).unwrap();
    let mut next = [100, 200];
    for (number, (ms, from_client, flags, text)) in (1..).zip(said) {
        let [own, other] = if from_client { [0, 1] } else { [1, 0] };
        let ack = (number > 1).then_some(next[other]);
        let segment = Segment { from_client, seq: next[own], ack, flags, payload: text.into() };
        let data = tcp(ends, &segment);
        next[own] += segment.payload.len() as u32 + u32::from(flags.syn) + u32::from(flags.fin);
        let time = Some(Timestamp(1_700_000_000_000_000_000 + ms * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        writer
            .write(&Frame { number, time, interface: 0, link_type, data: &data, orig_len })
            .unwrap();
    }
    writer.finish().unwrap();
    path
}

#[test]
fn a_connection_is_closed_where_the_recorded_server_closed_it() {
    let serving = Serving::start(&impatient("impatient.pcap"), &["--timeout", "1h"]);
    let mut client = connect(serving.at);
    write!(client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert_eq!(read_response(&mut client).1, b"ok");
    write!(client, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(read_all(client).ends_with(b"\r\n\r\nok"), "then the end, not an hour later");
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["matched"].as_u64(), code), (Some(2), 0), "{outcome}");
}

/// Sends a byte now and then until the server ends the connection; `false` if it does not.
fn is_let_go(mut stream: TcpStream, said: &[u8]) -> bool {
    // The pause is what is tested, this client's pace; nothing is waited for by it.
    said.iter().cycle().take(1000).any(|byte| {
        thread::sleep(Duration::from_millis(20));
        stream.write_all(&[*byte]).is_err()
    })
}

#[test]
fn a_client_that_trickles_does_not_hold_a_server() {
    let options = ["--workers", "sequential", "--timeout", "300ms"];
    let reasons = ["client does not close", "client does not finish its request"];
    for (name, reason) in
        ["ok_stream_basic.pcap", "ok_http_keepalive.pcap"].into_iter().zip(reasons)
    {
        let serving = Serving::start(&bundled(name), &options);
        assert!(is_let_go(connect(serving.at), b"GET /aaaa"), "{name}");
        let (outcome, _) = serving.interrupt();
        assert_eq!(outcome["skipped"][0]["reason"], reason, "{outcome}");
    }
}

#[test]
fn refusals_are_counted_and_their_clients_numbered() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &[]);
    let (mut asked, mut answered) = (0, 0);
    for target in ["/one", "/two"] {
        let mut client = connect(serving.at);
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).unwrap();
        asked += request.len();
        answered += read_all(client).len();
    }
    let (outcome, _) = serving.interrupt();
    let [sent, received] = [&outcome["sent"], &outcome["received"]];
    assert_eq!(*sent, serde_json::json!({"messages": 2, "bytes": answered}), "{outcome}");
    assert_eq!(*received, serde_json::json!({"messages": 2, "bytes": asked}), "{outcome}");
    for number in 0..2 {
        let difference = &outcome["differences"][number];
        assert_eq!(difference["conversation"], number, "{outcome}");
        assert_eq!(difference["message"], 1, "{outcome}");
    }
}

#[test]
fn half_a_request_is_counted() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &[]);
    let mut len = 0;
    for half in ["GE", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"] {
        let mut client = connect(serving.at);
        client.write_all(half.as_bytes()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(client), b"", "{half}");
        len += half.len();
    }
    let (outcome, _) = serving.interrupt();
    let skipped = serde_json::json!([{"reason": "client broke off within a request", "count": 3}]);
    assert_eq!(outcome["skipped"], skipped, "{outcome}");
    assert_eq!(outcome["received"], serde_json::json!({"messages": 0, "bytes": len}), "{outcome}");
    assert_eq!(outcome["sent"]["messages"], 0, "{outcome}");
}

#[test]
fn a_request_without_a_version_may_end_with_the_clients_bytes() {
    let serving = Serving::start(&bundled("ok_webdl_apache.pcap"), &["--once"]);
    let mut client = connect(serving.at);
    client.write_all(b"GET /test.png\r\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(client).starts_with(b"\x89PNG\r\n"));
    assert_eq!(serving.finish().1, 0);
}

#[test]
fn quiet_lists_no_differences_but_counts_them() {
    let serving = Serving::start(&bundled("ok_http_keepalive.pcap"), &["-q"]);
    let mut client = connect(serving.at);
    client.write_all(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    read_response(&mut client);
    drop(client);
    let (outcome, code) = serving.interrupt();
    assert_eq!((outcome["differed"].as_u64(), code), (Some(1), 1), "{outcome}");
    assert_eq!(outcome["differences"], serde_json::json!([]));
}

#[test]
fn what_the_plan_leaves_out_is_told_and_nobody_is_no_fault() {
    let capture = bundled("ok_dgram_mcast.pcap");
    let serving = Serving::start(&capture, &["--duration", "10ms"]);
    let (outcome, code) = serving.finish();
    assert_eq!((outcome["conversations"].as_u64(), code), (Some(0), 0), "{outcome}");
    assert_eq!(outcome["skipped"], serde_json::json!([{"reason": "IGMP", "count": 1}]));
    // Each answer was to be given once.
    let serving = Serving::start(&capture, &["--duration", "10ms", "--once"]);
    let (outcome, code) = serving.finish();
    assert!(outcome["missing"].as_u64() > Some(0), "{outcome}");
    assert_eq!(code, 1);
}
