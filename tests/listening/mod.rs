//! `wirereel listen` under way, and senders of numbered messages.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// `struct msg_st { uint32_t seq; uint64_t sent_us; char name[7]; }`, packed; its fields named in a
/// profile beside it.
pub const LEN: usize = 19;

/// A listener.
pub struct Listening {
    /// Where it listens.
    pub at: SocketAddr,
    child: Child,
    stderr: BufReader<ChildStderr>,
}

/// What a listener said.
pub struct Said {
    /// Lines of standard output.
    pub lines: Vec<String>,
    /// Standard error, but for what tells where it listens.
    pub stderr: String,
    /// Its exit code.
    pub code: Option<i32>,
}

/// The command, away from any profile of the working directory.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("listen").args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A file for a test, with this text.
pub fn written(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The header of the numbered messages.
pub fn header() -> String {
    let fields = "uint32_t seq; uint64_t sent_us; char name[7];";
    let text =
        format!("#include <stdint.h>\nstruct msg_st {{ {fields} }} __attribute__((packed));\n");
    // Each test writes the same, so that none sees a part of it.
    let name = format!("listen_{:?}.h", std::thread::current().id());
    written(&name, &text)
}

impl Listening {
    /// Starts a listener, and waits until it listens.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let told = line.strip_prefix("listening on ").and_then(|it| it.split([',', '\n']).next());
        let Some(Ok(at)) = told.map(str::parse) else {
            stderr.read_to_string(&mut line).unwrap();
            panic!("{line}");
        };
        Self { at, child, stderr }
    }

    /// Waits for the next line of standard error.
    pub fn told(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line
    }

    /// Waits until it has ended.
    pub fn finish(mut self) -> Said {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code();
        Said { lines: stdout.lines().map(str::to_owned).collect(), stderr, code }
    }

    /// Ends it by a signal.
    pub fn end_by(self, signal: Signal) -> Said {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.finish()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    /// The messages that were printed as JSON, and what came in all.
    pub fn json(&self) -> (Vec<Value>, Value) {
        let lines = self.lines.iter().map(|it| serde_json::from_str(it));
        let mut values: Vec<Value> = lines.collect::<Result<_, _>>().unwrap_or_else(|error| {
            panic!("{error}: {:?}{}", self.lines, self.stderr);
        });
        let heard = values.pop().unwrap_or_else(|| panic!("{}", self.stderr));
        (values, heard)
    }
}

/// A numbered message.
pub fn message(seq: u32, sent_us: u64) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[..4].copy_from_slice(&seq.to_be_bytes());
    bytes[4..12].copy_from_slice(&sent_us.to_be_bytes());
    bytes[12..16].copy_from_slice(b"Alan");
    bytes
}

/// A sender that may send to everybody, and to groups by loopback.
pub fn sender(from: &str) -> UdpSocket {
    let from: SocketAddr = from.parse().unwrap();
    let socket = Socket::new(Domain::for_address(from), Type::DGRAM, None).unwrap();
    socket.set_broadcast(true).unwrap();
    socket.bind(&from.into()).unwrap();
    socket.set_multicast_if_v4(&"127.0.0.1".parse().unwrap()).unwrap();
    socket.into()
}

/// A port of its own for a group, which another socket keeps from being taken by others.
pub fn port() -> (u16, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap().port(), socket)
}
