//! Two hosts that are joined by two links: `near` listens, `far` sends. Each has 10.9.0.N/24 on veth0 and
//! 10.8.0.N/24 on veth1, near being 1 and far 2; groups are routed by veth0.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use libtest_mimic::Failed;
use serde_json::Value;

use super::listener;
use super::sender;
use crate::hosts::namespaces::Hosts;

pub struct Scene {
    hosts: Hosts,
}

impl Scene {
    pub fn new(test: &str) -> Result<Self, Failed> {
        let hosts = Hosts::new(&format!("w{test}"))?;
        let scene = Self { hosts };
        let (near, far) = (scene.hosts.near.name(), scene.hosts.far.name());
        let pair = ["link", "add", "name", "veth1", "netns", near, "type", "veth", "peer", "name"];
        run(Command::new("ip").args(pair).args(["veth1", "netns", far]))?;
        for (host, address) in [(near, "10.8.0.1/24"), (far, "10.8.0.2/24")] {
            run(ip(host).args(["address", "add", address, "broadcast", "+", "dev", "veth1"]))?;
            run(ip(host).args(["link", "set", "veth1", "up"]))?;
            // IPv6 is there without waiting for its addresses to be found free.
            for (link, net) in [("veth0", "9"), ("veth1", "8")] {
                let address = format!("fd00:{net}::{}/64", if host == near { 1 } else { 2 });
                run(ip(host).args(["address", "add", &address, "dev", link, "nodad"]))?;
            }
        }
        Ok(scene)
    }

    /// Runs a command on the near host, whose words are parted by spaces.
    pub fn near(&self, command: &str) -> Result<String, Failed> {
        let mut words = command.split(' ');
        let mut it = self.hosts.command(&self.hosts.near, words.next().unwrap_or_default());
        run(it.args(words))
    }

    /// Starts a listener on the near host, which has joined when this returns. `setpriv` and its
    /// options may stand before it.
    pub fn listen(&self, asked: Value, before: &[&str]) -> Result<Listener, Failed> {
        let this: PathBuf = std::env::current_exe()?;
        let this = this.to_string_lossy().into_owned();
        let words: Vec<&str> = before.iter().copied().chain([&*this]).collect();
        let mut command = self.hosts.command(&self.hosts.near, words[0]);
        command.args(&words[1..]).env(listener::ASKED, asked.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut ready = String::new();
        lines.read_line(&mut ready)?;
        match ready.trim() {
            "ready" => Ok(Listener { child, lines }),
            other => Err(format!("the listener said {other:?}").into()),
        }
    }

    /// Sends frames from the far host by an interface, or datagrams by its sockets.
    pub fn send(&self, sent: &sender::Sent) -> Result<(), Failed> {
        let this: PathBuf = std::env::current_exe()?;
        let mut command = self.hosts.command(&self.hosts.far, &this.to_string_lossy());
        command.env(sender::ASKED, sent.by);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut to = child.stdin.take().ok_or("no input")?;
        for line in &sent.lines {
            writeln!(to, "{line}")?;
        }
        drop(to);
        match child.wait()?.success() {
            true => Ok(()),
            false => Err("the sender failed".into()),
        }
    }
}

pub struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What a listener told in the end.
#[derive(Debug)]
pub struct Told {
    pub received: u64,
    pub causes: Vec<String>,
    pub evidence: String,
}

impl Listener {
    /// Lets it end, and takes what it tells.
    pub fn end(mut self) -> Result<Told, Failed> {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.lines.read_to_string(&mut text)?;
        self.child.wait()?;
        let told: Value = serde_json::from_str(&text).map_err(|it| format!("{it}: {text}"))?;
        let all = told["why"].as_array().ok_or("no causes")?;
        let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
        Ok(Told {
            received: told["received"].as_u64().ok_or("no count")?,
            causes: all.iter().map(|it| text(it, "cause")).collect(),
            evidence: all.iter().map(|it| text(it, "evidence")).collect::<Vec<_>>().join("\n"),
        })
    }
}

pub fn ip(host: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["-n", host]);
    command
}

pub fn run(command: &mut Command) -> Result<String, Failed> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
