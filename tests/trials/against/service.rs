//! Servers of Debian's packages, each on the loopback of a host of its own, with a folder of its own.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::peer::{Group, comes_true, find};
use super::recording::output_of;
use crate::hosts::namespaces::Hosts;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where Debian keeps what only the server's own programs call.
const POSTGRES: &str = "/usr/lib/postgresql";

pub const REDIS: u16 = 6379;
pub const MEMCACHED: u16 = 11211;
pub const POSTGRESQL: u16 = 5432;
pub const MOSQUITTO: u16 = 1883;
pub const DNSMASQ: u16 = 53;
pub const TFTPD: u16 = 69;

/// A server at work, fresh: it knows nothing of those before it. Removed with this.
pub struct Service {
    folder: tempfile::TempDir,
    _group: Group,
}

impl Service {
    /// What it wrote of itself.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts what `command` makes of a new folder, and waits until it listens at `port`.
    pub fn start(port: u16, command: impl FnOnce(&Path) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Started by root, many run as somebody else.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let mut command = command(folder.path());
        let log = File::create(folder.path().join("log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let group = Group::spawn(command.stdin(Stdio::null()));
        let is_up = listens(group.child(), port);
        let service = Self { folder, _group: group };
        assert!(is_up, "{command:?}: {}", service.log());
        service
    }
}

pub fn redis(hosts: &Hosts) -> Service {
    Service::start(REDIS, |folder| {
        let mut command = hosts.command(&hosts.near, "redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder);
        command
    })
}

pub fn memcached(hosts: &Hosts) -> Service {
    Service::start(MEMCACHED, |_| {
        let mut command = hosts.command(&hosts.near, "memcached");
        command.args(["-u", "nobody", "-l", "127.0.0.1", "-U", "0"]);
        command
    })
}

/// Every user of this machine is trusted.
pub fn postgresql(hosts: &Hosts) -> Service {
    Service::start(POSTGRESQL, |folder| {
        let bin = postgres_bin().unwrap();
        let data = folder.join("data");
        let mut init = Command::new("setpriv");
        let init = init.args(USER_POSTGRES).arg(bin.join("initdb"));
        output_of(init.args(["-A", "trust", "-U", "postgres", "-D"]).arg(&data));
        let mut command = hosts.command(&hosts.near, "setpriv");
        command.args(USER_POSTGRES).arg(bin.join("postgres")).arg("-D").arg(&data);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        command
    })
}

const USER_POSTGRES: [&str; 3] = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

/// Where PostgreSQL's own programs are.
pub fn postgres_bin() -> Option<PathBuf> {
    let versions = fs::read_dir(POSTGRES).ok()?.flatten();
    versions.map(|it| it.path().join("bin")).find(|it| it.join("postgres").is_file())
}

pub fn mosquitto(hosts: &Hosts) -> Service {
    Service::start(MOSQUITTO, |_| {
        let mut command = hosts.command(&hosts.near, find("mosquitto").unwrap().to_str().unwrap());
        command.arg("-v");
        command
    })
}

/// Knows two names of its own, and asks nobody.
pub fn dnsmasq(hosts: &Hosts) -> Service {
    Service::start(DNSMASQ, |_| {
        let mut command = hosts.command(&hosts.near, find("dnsmasq").unwrap().to_str().unwrap());
        command.args(["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"]);
        command.args([
            "--log-queries",
            "--log-facility=-",
            "--user=root",
            "--listen-address=127.0.0.1",
        ]);
        command.args(["--address=/one.test/10.0.0.1", "--txt-record=two.test,told by dnsmasq"]);
        command
    })
}

/// Serves and takes the files of the folder `files`.
pub fn tftpd(hosts: &Hosts) -> Service {
    Service::start(TFTPD, |folder| {
        let files = folder.join("files");
        fs::create_dir(&files).unwrap();
        fs::set_permissions(&files, Permissions::from_mode(0o777)).unwrap();
        for (name, len) in [("small", 100), ("blocks", 5 * 512), ("long", 70_000)] {
            let bytes: Vec<u8> = (0..len).map(|it: u32| (it % 251) as u8).collect();
            fs::write(files.join(name), bytes).unwrap();
            fs::set_permissions(files.join(name), Permissions::from_mode(0o644)).unwrap();
        }
        let mut command = hosts.command(&hosts.near, find("in.tftpd").unwrap().to_str().unwrap());
        command.args([
            "-L",
            "-4",
            "-a",
            "127.0.0.1:69",
            "-c",
            "-p",
            "-U",
            "000",
            "-u",
            "nobody",
            "-s",
        ]);
        command.arg(&files);
        command
    })
}

/// Waits until a socket of the process's network is bound to `port`; `false` if it ends before.
fn listens(server: &Child, port: u16) -> bool {
    let process = format!("/proc/{}", server.id());
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|it| format!("{process}/net/{it}"));
    comes_true(server, PATIENCE, || {
        // The host is the test's own, so that nobody else is bound there; `ip` enters it first.
        let has_entered = network_of(&process) != network_of("/proc/self");
        let mut tables = tables.iter().filter_map(|it| fs::read_to_string(it).ok());
        has_entered && tables.any(|it| is_bound(&it, port))
    })
}

/// The network namespace of a process.
fn network_of(process: &str) -> Option<PathBuf> {
    fs::read_link(format!("{process}/ns/net")).ok()
}

/// Whether a table of sockets (`man 5 proc`) has one that listens at `port`: of TCP in state 0A, of
/// UDP in state 07.
fn is_bound(table: &str, port: u16) -> bool {
    let end = format!(":{port:04X}");
    table.lines().any(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let local = words.next().is_some_and(|it| it.ends_with(&end));
        local && words.nth(1).is_some_and(|it| it == "0A" || it == "07")
    })
}
