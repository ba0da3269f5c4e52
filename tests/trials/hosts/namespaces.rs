//! Hosts that are network namespaces: one, and the pair `near` (10.9.0.1) and `far` (10.9.0.2),
//! joined by interfaces called veth0.

use std::fs::File;
use std::os::fd::AsFd;
use std::process::{Command, id};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// A network namespace, which is removed with this.
pub struct Namespace(String);

impl Namespace {
    /// What is missing to make one.
    pub fn missing() -> Option<&'static str> {
        Self::new("probe", "").err().map(|_| "needs root and iproute2")
    }

    /// One of its own for each part in each test, with its loopback up.
    pub fn new(part: &str, test: &str) -> Result<Self, String> {
        let namespace = Self(format!("wirereel-{part}-{test}-{}", id()));
        ip(&["netns", "add", &namespace.0])?;
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// A program that runs in it; its process is that of the command.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0, program]);
        command
    }

    /// `ip` of its links, addresses and routes.
    pub fn ip(&self, args: &[&str]) -> Result<(), String> {
        ip(&[&["-n", &self.0], args].concat())
    }

    /// Does something in a thread of it: sockets that are opened there stay there.
    pub fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let space = File::open(format!("/run/netns/{}", self.0)).expect("a namespace");
        let enter = || {
            let network = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(space.as_fd(), network).expect("root");
            act()
        };
        thread::scope(|scope| scope.spawn(enter).join()).expect("no panic")
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = ip(&["netns", "del", &self.0]);
    }
}

/// Two of them.
pub struct Hosts {
    pub near: Namespace,
    pub far: Namespace,
}

impl Hosts {
    /// What is missing to make some.
    pub fn missing() -> Option<&'static str> {
        Namespace::missing()
    }

    /// Two of their own for each test.
    pub fn new(test: &str) -> Result<Self, String> {
        let hosts = Self { near: Namespace::new("near", test)?, far: Namespace::new("far", test)? };
        let Self { near, far } = &hosts;
        join((near, "veth0"), (far, "veth0"))?;
        for (host, address) in [(near, "10.9.0.1/24"), (far, "10.9.0.2/24")] {
            host.ip(&["address", "add", address, "broadcast", "+", "dev", "veth0"])?;
            host.ip(&["link", "set", "veth0", "up"])?;
            host.ip(&["route", "add", "224.0.0.0/4", "dev", "veth0"])?;
        }
        Ok(hosts)
    }

    /// A program that runs on a host.
    pub fn command(&self, host: &Namespace, program: &str) -> Command {
        host.command(program)
    }
}

/// Joins two namespaces by a pair of interfaces of these names.
pub fn join(one: (&Namespace, &str), other: (&Namespace, &str)) -> Result<(), String> {
    let pair = ["link", "add", "name", one.1, "netns", one.0.name(), "type", "veth"];
    ip(&[&pair[..], &["peer", "name", other.1, "netns", other.0.name()]].concat())
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output().map_err(|it| format!("ip: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("ip {args:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
