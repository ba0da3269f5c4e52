//! NTP between two of chrony, PTP between two of linuxptp: none of them touches the clock of this machine.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{FAR, LINK};
use crate::against::peer::{Group, comes_true};
use crate::against::service::Service;
use crate::against::talks::told;
use crate::hosts::namespaces::{Hosts, Namespace};

const NTP: u16 = 123;
/// Two clocks find each other in some announcements, a quarter of a second apart.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asked plainly, with a key and with an extension field.
pub fn ntp(hosts: &Hosts, folder: &Path) {
    let keys = folder.join("keys").display().to_string();
    fs::write(&keys, "1 SHA1 HEX:0123456789abcdef0123456789abcdef01234567\n").expect("keys");
    let _service = Service::start(NTP, |folder| {
        let mut command = hosts.command(&hosts.far, "chronyd");
        // -x: without control of the clock.
        command.args(["-x", "-d", "-u", "root", "local stratum 8", "allow", "cmdport 0"]);
        command.arg(format!("keyfile {keys}")).arg("bindcmdaddress /");
        command.arg(format!("pidfile {}", folder.join("pid").display()));
        command
    });
    for more in ["iburst maxsamples 2", "key 1 maxsamples 1", "maxsamples 1 extfield F323"] {
        let server = format!("server {FAR} {more}");
        let (keys, pid) =
            (format!("keyfile {keys}"), format!("pidfile {}", folder.join("pid").display()));
        // -Q: tells how wrong the clock is, and leaves it so.
        let common = ["-Q", "-u", "root", "-t", "10", "cmdport 0", "bindcmdaddress /"];
        told(hosts, "chronyd", &[&common[..], &[&server, &keys, &pid]].concat(), "");
    }
}

/// Until the follower knows how far away its master is.
pub fn ptp(hosts: &Hosts, folder: &Path) {
    let _master = clock(hosts, &hosts.far, folder, &["--priority1", "100"]);
    let follower = clock(hosts, &hosts.near, folder, &["--slaveOnly", "1"]);
    let knows = || {
        let mut pmc = Command::new("pmc");
        pmc.args(["-u", "-b", "0", "-i"]).arg(folder.join("client"));
        pmc.arg("-s").arg(socket(&hosts.near, folder)).arg("GET CURRENT_DATA_SET");
        let said = pmc.output().map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
        let said = said.unwrap_or_default();
        let delay = said.split_once("meanPathDelay").map(|it| it.1.trim());
        delay.is_some_and(|it| it != "0.0")
    };
    assert!(comes_true(follower.child(), PATIENCE, knows), "no delay is known");
}

fn socket(host: &Namespace, folder: &Path) -> std::path::PathBuf {
    folder.join(host.name())
}

/// One that runs freely: it measures, and sets nothing.
fn clock(hosts: &Hosts, host: &Namespace, folder: &Path, more: &[&str]) -> Group {
    let mut command = hosts.command(host, "ptp4l");
    command.args(["-i", LINK, "-4", "-S", "-m", "-q", "--free_running", "1"]);
    command.args(["--logAnnounceInterval", "-2", "--logSyncInterval", "-3"]);
    command.args(["--logMinDelayReqInterval", "-3", "--uds_address"]).arg(socket(host, folder));
    let log = File::create(socket(host, folder).with_extension("log")).expect("a log");
    Group::spawn(command.args(more).stdout(log).stderr(Stdio::null()))
}
