//! Three hosts on one bridge, and where it is asked for a fourth behind a router.
//!
//! Host number N has `eth0` with 10.9.0.N and fd00:9::N. The router is 10.9.0.254 and fd00:9::fe, and
//! 10.9.1.254 and fd00:a::fe to the network of the host `beyond`, 10.9.1.1 and fd00:a::1. Checksums are
//! whole on every link, and no datagram is longer than a frame there: what tcpdump sees is what a
//! wire would carry.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use tempfile::TempDir;

use crate::against::recording::Recorder;
use crate::hosts::namespaces::{Namespace, join};

/// The interface of every host.
pub const LINK: &str = "eth0";

/// All hosts on the bridge.
pub const EVERYBODY: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 255);

/// The hosts, and a folder for what is recorded of them. All of it ends with this.
pub struct Stage {
    pub one: Host,
    pub two: Host,
    pub three: Host,
    switch: Namespace,
    pub folder: TempDir,
}

/// A host: what it is called on the stage, and its namespace.
pub struct Host {
    name: &'static str,
    pub namespace: Namespace,
}

impl Stage {
    /// One of its own for each test.
    pub fn new(test: &str) -> Result<Self, String> {
        let switch = Namespace::new("switch", test)?;
        // No snooping: what a host does not hear has come to its link all the same.
        switch.ip(&["link", "add", "name", "bridge", "type", "bridge", "mcast_snooping", "0"])?;
        switch.ip(&["link", "set", "bridge", "up"])?;
        let host = |name, number| {
            let host = Host::new(name, test)?;
            host.plug(&switch)?;
            host.address(LINK, &format!("10.9.0.{number}"), &format!("fd00:9::{number}"))?;
            Ok::<_, String>(host)
        };
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        Ok(Self {
            one: host("one", 1)?,
            two: host("two", 2)?,
            three: host("three", 3)?,
            switch,
            folder,
        })
    }

    /// A router at the bridge, and a host on the network behind it.
    pub fn router(&self, test: &str) -> Result<Router, String> {
        let router = Host::new("router", test)?;
        let beyond = Host::new("beyond", test)?;
        router.plug(&self.switch)?;
        router.address(LINK, "10.9.0.254", "fd00:9::fe")?;
        join((&router.namespace, FAR_LINK), (&beyond.namespace, LINK))?;
        router.address(FAR_LINK, "10.9.1.254", "fd00:a::fe")?;
        beyond.address(LINK, "10.9.1.1", "fd00:a::1")?;
        for (host, through) in [(&self.one, "10.9.0.254"), (&beyond, "10.9.1.254")] {
            host.namespace.ip(&["route", "add", "default", "via", through])?;
        }
        for (host, through) in [(&self.one, "fd00:9::fe"), (&beyond, "fd00:a::fe")] {
            host.namespace.ip(&["-6", "route", "add", "default", "via", through])?;
        }
        router.set("net/ipv4/ip_forward", "1")?;
        router.set("net/ipv6/conf/all/forwarding", "1")?;
        Ok(Router { router, beyond })
    }
}

/// The router's interface to the other network.
pub const FAR_LINK: &str = "eth1";

/// A router, and the host behind it.
pub struct Router {
    pub router: Host,
    pub beyond: Host,
}

impl Host {
    /// One without a link.
    pub fn new(name: &'static str, test: &str) -> Result<Self, String> {
        Ok(Self { name, namespace: Namespace::new(name, test)? })
    }

    /// The address of its link's hardware.
    pub fn hardware_address(&self) -> Result<String, Failed> {
        let output = self.command("cat").arg(format!("/sys/class/net/{LINK}/address")).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// A program that runs there, away from any wirereel.toml that the working directory may hold.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.namespace.command(&program.as_ref().to_string_lossy());
        command.current_dir(env!("CARGO_TARGET_TMPDIR"));
        command
    }

    /// Starts to record what passes its link, into a file of the folder that has its name.
    pub fn record(&self, folder: &Path) -> (Recorder, PathBuf) {
        let file = folder.join(self.name).with_extension("pcap");
        (Recorder::start(&self.namespace, LINK, &file), file)
    }

    /// Joins it to the bridge.
    fn plug(&self, switch: &Namespace) -> Result<(), String> {
        join((&self.namespace, LINK), (switch, self.name))?;
        switch.ip(&["link", "set", self.name, "master", "bridge", "up"])
    }

    /// Gives an interface its addresses, and sets it up.
    pub fn address(&self, link: &str, v4: &str, v6: &str) -> Result<(), String> {
        plain(&self.namespace, link)?;
        let ip = |args: &[&str]| self.namespace.ip(&[args, &["dev", link]].concat());
        ip(&["address", "add", &format!("{v4}/24"), "broadcast", "+"])?;
        ip(&["address", "add", &format!("{v6}/64"), "nodad"])?;
        self.namespace.ip(&["link", "set", link, "up"])?;
        if link == LINK {
            ip(&["route", "add", "224.0.0.0/4"])?;
        }
        Ok(())
    }

    /// Sets a parameter of its kernel.
    pub fn set(&self, parameter: &str, value: &str) -> Result<(), String> {
        set(&self.namespace, parameter, value)
    }
}

/// Whole checksums, nothing longer than a frame, and an IPv6 address of its own that is there at once.
pub fn plain(namespace: &Namespace, link: &str) -> Result<(), String> {
    set(namespace, &format!("net/ipv6/conf/{link}/accept_dad"), "0")?;
    run(namespace.command("ethtool").args(["-K", link, "tx", "off", "gro", "off"]))
}

fn set(namespace: &Namespace, parameter: &str, value: &str) -> Result<(), String> {
    run(namespace.command("sysctl").args(["-qw", &format!("{parameter}={value}")]))
}

/// Runs a command that must succeed.
pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|it| format!("{command:?}: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
