//! A server that the program plays, on a port that the kernel chose.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

/// `wirereel serve` under way.
pub struct Serving {
    /// Where it listens.
    pub at: SocketAddr,
    child: Child,
    stderr: BufReader<ChildStderr>,
}

/// A capture of the project.
pub fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

fn command(capture: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("serve").arg(capture).args(["-T", "json"]).args(options);
    // Away from any wirereel.toml that the working directory may hold.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a server that must end by itself: its stderr, and its exit code.
pub fn refused(capture: &Path, options: &[&str]) -> (String, i32) {
    let output = command(capture, options).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

impl Serving {
    /// Starts a server and waits until it listens.
    pub fn start(capture: &Path, options: &[&str]) -> Self {
        Self::spawn(command(capture, options).args(["--listen", "127.0.0.1:0"]))
    }

    /// Runs a command that serves, and waits until it listens.
    pub fn run(serve: &mut Command) -> Self {
        serve.current_dir(env!("CARGO_TARGET_TMPDIR"));
        Self::spawn(serve.stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    /// The same in a shell where `limit` holds, a command of its own.
    pub fn start_under(limit: &str, capture: &Path, options: &[&str]) -> Self {
        let serve = command(capture, options);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")]);
        shell.arg(serve.get_program()).args(serve.get_args());
        shell.current_dir(env!("CARGO_TARGET_TMPDIR"));
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(shell.args(["--listen", "127.0.0.1:0"]))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let at = line.trim_end().strip_prefix("listening on ").map(str::parse);
        let Some(Ok(at)) = at else {
            stderr.read_to_string(&mut line).unwrap();
            panic!("{line}");
        };
        Self { at, child, stderr }
    }

    /// Waits until it has played everything: its outcome and its exit code.
    pub fn finish(mut self) -> (Value, i32) {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code();
        let outcome = serde_json::from_str(&stdout);
        (outcome.unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")), code.unwrap())
    }

    /// Ends it as Ctrl-C does.
    pub fn interrupt(self) -> (Value, i32) {
        self.end_by(rustix::process::Signal::INT)
    }

    /// Lets it rest meanwhile.
    pub fn while_stopped(&self, act: impl FnOnce()) {
        use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::STOP).unwrap();
        waitpid(Some(pid), WaitOptions::UNTRACED).unwrap();
        act();
        kill_process(pid, Signal::CONT).unwrap();
    }

    /// Ends it by a signal.
    pub fn end_by(self, signal: rustix::process::Signal) -> (Value, i32) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
        self.finish()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
