//! Two hosts, `near` (10.9.0.1) and `far` (10.9.0.2), joined by a pair of interfaces called veth0.

use std::process::{Command, id};

/// Network namespaces, which are removed with this.
pub struct Hosts {
    pub near: String,
    pub far: String,
}

impl Hosts {
    /// What is missing to make some.
    pub fn missing() -> Option<&'static str> {
        let name = format!("wirereel-probe-{}", id());
        let made = ip(&["netns", "add", &name]);
        let _ = ip(&["netns", "del", &name]);
        made.err().map(|_| "needs root and iproute2")
    }

    /// Two of their own for each test.
    pub fn new(test: &str) -> Result<Self, String> {
        let name = |side: &str| format!("wirereel-{side}-{test}-{}", id());
        let hosts = Self { near: name("near"), far: name("far") };
        let Self { near, far } = &hosts;
        ip(&["netns", "add", near])?;
        ip(&["netns", "add", far])?;
        let pair = ["link", "add", "name", "veth0", "netns", near, "type", "veth", "peer", "name"];
        ip(&[&pair[..], &["veth0", "netns", far]].concat())?;
        for (host, address) in [(near, "10.9.0.1/24"), (far, "10.9.0.2/24")] {
            ip(&["-n", host, "address", "add", address, "broadcast", "+", "dev", "veth0"])?;
            ip(&["-n", host, "link", "set", "lo", "up"])?;
            ip(&["-n", host, "link", "set", "veth0", "up"])?;
            ip(&["-n", host, "route", "add", "224.0.0.0/4", "dev", "veth0"])?;
        }
        Ok(hosts)
    }

    /// A program that runs on a host.
    pub fn command(&self, host: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", host, program]);
        command
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in [&self.near, &self.far] {
            let _ = ip(&["netns", "del", host]);
        }
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output().map_err(|it| format!("ip: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("ip {args:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
