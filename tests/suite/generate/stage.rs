//! What the tests of `wirereel generate` share: the program, a listener, a header.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// Longer than any run takes that is not broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// `name`, `math`, `chinese`: 19 bytes.
pub const BASIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/dgram-basic/proto.h");

/// What a run came to: exit code, standard output and standard error.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the program where there is no profile.
pub fn wirereel(args: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("wirereel").expect("the program is built");
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).args(args);
    let output = command.timeout(PATIENCE).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// `wirereel generate`, of the messages of [`BASIC`].
pub fn generate(cast: &str, args: &[&str]) -> Ran {
    wirereel(&[&["generate", cast, "-H", BASIC], args].concat())
}

impl Ran {
    /// The outcome, of a run that was clean.
    pub fn outcome(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.json()
    }

    /// The outcome, of any run.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("one object")
    }
}

/// A listener, and where it is.
pub fn listener() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

/// The next datagram.
pub fn received(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = [0; 65_535];
    let (len, _) = socket.recv_from(&mut bytes).expect("a datagram in time");
    bytes[..len].to_vec()
}

/// How many datagrams wait.
pub fn waiting(socket: &UdpSocket) -> usize {
    socket.set_nonblocking(true).expect("a mode");
    let mut bytes = [0; 65_535];
    std::iter::from_fn(|| socket.recv(&mut bytes).ok()).count()
}

/// Writes a file of a test into a folder.
pub fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}
