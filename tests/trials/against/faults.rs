//! Servers that are not there, say nothing, or leave.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::peer::free_port;
use super::program::replay;

const BROWSER: &str = "ok_http_chromium.pcap";

pub fn refused() {
    for (capture, conversations, answers) in [(BROWSER, 2, 2), ("ok_stream_par.pcap", 3, 3)] {
        let (outcome, code) = replay(capture, &["--to", &format!("127.0.0.1:{}", free_port())]);
        assert_eq!((outcome["missing"].as_u64(), code), (Some(answers), 1), "{outcome}");
        assert_eq!(outcome["sent"]["messages"], 0, "{outcome}");
        let skipped = json!([{ "reason": "connection refused", "count": conversations }]);
        assert_eq!(outcome["skipped"], skipped, "{outcome}");
    }
}

/// Without the timeout the server would keep its client for as long as it lives.
pub fn silent() {
    let server = Server::start(|mut client| {
        let _ = client.read_to_end(&mut Vec::new());
    });
    for (capture, answers) in [(BROWSER, 2), ("ok_stream_basic.pcap", 3)] {
        let begin = Instant::now();
        let to = server.at.to_string();
        let (outcome, code) = replay(capture, &["--to", &to, "--timeout", "300ms"]);
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        assert_eq!((outcome["missing"].as_u64(), code), (Some(answers), 1), "{outcome}");
        assert_eq!(outcome["matched"], 0, "{outcome}");
        assert_eq!(outcome["skipped"][0]["reason"], "no answer within the timeout", "{outcome}");
    }
}

pub fn closes() {
    let server = Server::start(drop);
    let begin = Instant::now();
    let (outcome, code) = replay(BROWSER, &["--to", &server.at.to_string(), "--timeout", "60s"]);
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!((outcome["missing"].as_u64(), code), (Some(2), 1), "{outcome}");
    assert_eq!(outcome["matched"], 0, "{outcome}");
}

/// A server that does the same to each client, until the test ends.
struct Server {
    at: SocketAddr,
    /// Hung up to end it.
    _stop: mpsc::Sender<()>,
}

impl Server {
    fn start(serve: fn(TcpStream)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = mpsc::channel();
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if stopped.try_recv() == Err(mpsc::TryRecvError::Disconnected) {
                    return;
                }
                thread::spawn(move || serve(client));
            }
        });
        Self { at, _stop: stop }
    }
}
