//! Programs of others, started by the tests and ended with them.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds after which a C peer ends, whatever it still waits for.
pub const LIFETIME: &str = "60";
/// How soon it is looked again whether it does.
const AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
/// How often a port may turn out to be taken by then.
const ATTEMPTS: usize = 5;

/// Where a program is installed; servers are, as a rule, outside of a user's path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|it| it.join(program)).find(|it| it.is_file())
}

/// A port that was free for both transports a moment ago.
pub fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Builds a C peer of the project: `dgram-basic/receiver`.
pub fn compile(source: &str, folder: &Path) -> PathBuf {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
    let program = folder.join(source.replace('/', "-"));
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=gnu11", "-O1", "-o"]).arg(&program).arg(peers.join(source).with_extension("c"));
    let output = gcc.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

/// A child and the processes that it starts, which are its group.
pub struct Group(Child);

impl Group {
    pub fn spawn(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().unwrap())
    }

    /// The first of them.
    pub fn child(&self) -> &Child {
        &self.0
    }

    /// The exit code of the first, once it has ended.
    pub fn code(&mut self) -> Option<i32> {
        self.0.try_wait().ok().flatten().and_then(|it| it.code())
    }

    /// Whether the first has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Once it has been waited for, its number may be another's.
        if self.is_running() {
            let _ = kill_process_group(Pid::from_child(&self.0), Signal::TERM);
            let _ = self.0.wait();
        }
    }
}

/// A C peer that listens, and prints what it gets.
pub struct Listening {
    pub port: u16,
    group: Group,
    lines: BufReader<ChildStdout>,
}

impl Listening {
    /// Starts a peer that takes its port and `args`, and waits until it listens.
    pub fn start(program: &Path, args: &[&str]) -> Self {
        let attempt = |_| {
            let port = free_port();
            let mut command = Command::new("timeout");
            command.arg(LIFETIME).arg(program).arg(port.to_string()).args(args);
            Self::try_start(&mut command, port)
        };
        (0..ATTEMPTS).find_map(attempt).expect("a peer that listens")
    }

    /// Runs a command that listens at `port`; `None` where that is taken.
    pub fn try_start(command: &mut Command, port: u16) -> Option<Self> {
        let mut group = Group::spawn(command.stdout(Stdio::piped()));
        let mut lines = BufReader::new(group.0.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        (line == "listening\n").then_some(Self { port, group, lines })
    }

    /// `127.0.0.1:PORT`.
    pub fn at(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for the end of the peer, which must be a good one: what it printed.
    pub fn finish(mut self) -> String {
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        assert!(self.group.0.wait().unwrap().success());
        text
    }
}

/// A web server at work.
pub struct WebServer {
    pub at: SocketAddr,
    _group: Group,
}

impl WebServer {
    /// Starts a server that `command` makes for an address, and waits until it takes connections.
    /// What it tells goes into `log`.
    pub fn start(log: &Path, command: impl Fn(SocketAddr) -> Command) -> Self {
        let attempt = |_| {
            let at = SocketAddr::from(([127, 0, 0, 1], free_port()));
            let log = File::create(log).unwrap();
            let group = Group::spawn(command(at).stdout(Stdio::null()).stderr(log));
            let is_up = comes_true(&group.0, PATIENCE, || TcpStream::connect(at).is_ok());
            is_up.then_some(Self { at, _group: group })
        };
        let server = (0..ATTEMPTS).find_map(attempt);
        server.unwrap_or_else(|| panic!("{}", std::fs::read_to_string(log).unwrap_or_default()))
    }
}

/// Waits until something is true of a server; `false` if the server ends before. The kernel wakes
/// nobody when the socket of another process begins to listen: one has to look again.
pub fn comes_true(server: &Child, patience: Duration, is_true: impl Fn() -> bool) -> bool {
    let end = pidfd_open(Pid::from_child(server), PidfdFlags::empty()).unwrap();
    let begin = Instant::now();
    while begin.elapsed() < patience {
        if is_true() {
            return true;
        }
        if poll(&mut [PollFd::new(&end, PollFlags::IN)], Some(&AGAIN)).unwrap() > 0 {
            return false;
        }
    }
    false
}
