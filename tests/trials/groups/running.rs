//! Programs under way on a host, and what the kernel says of their sockets.

use std::fs::{self, File};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use libtest_mimic::Failed;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::against::peer::{Group, comes_true};

/// Nothing takes as long, unless it does not come at all.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A program under way; it is ended with this.
pub struct Running {
    group: Group,
    told: PathBuf,
    out: PathBuf,
}

/// How a program ended.
#[derive(Debug)]
#[expect(dead_code, reason = "what it told is shown where a test fails")]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub told: String,
}

impl Running {
    /// Starts it; what it prints goes into files of the folder that have that name.
    pub fn start(mut command: Command, folder: &Path, name: &str) -> Result<Self, Failed> {
        let [out, told] = ["out", "told"].map(|it| folder.join(name).with_extension(it));
        command.stdout(File::create(&out)?).stderr(File::create(&told)?);
        Ok(Self { group: Group::spawn(&mut command), told, out })
    }

    /// Waits until something is true while it runs.
    pub fn until(&self, what: &str, is_true: impl Fn() -> bool) -> Result<(), Failed> {
        // It may have ended with what was waited for.
        match comes_true(self.group.child(), PATIENCE, &is_true) || is_true() {
            true => Ok(()),
            false => Err(format!("never {what}: {:?}", self.said(None)).into()),
        }
    }

    /// Whether its output begins so.
    pub fn has_printed(&self, text: &str) -> bool {
        fs::read_to_string(&self.out).is_ok_and(|it| it.starts_with(text))
    }

    /// Waits until a socket of its host is bound to that port, and the host is a member of these
    /// groups.
    pub fn until_heard(&self, port: u16, groups: &[&str]) -> Result<(), Failed> {
        let groups: Vec<_> = groups.iter().map(|it| member(it.parse().expect("a group"))).collect();
        self.until("heard", || {
            let members = self.net("igmp") + &self.net("igmp6");
            self.queue(port).is_some() && groups.iter().all(|it| members.contains(it))
        })
    }

    /// Waits until nothing is left in the buffers of the sockets bound to that port.
    pub fn until_read(&self, port: u16) -> Result<(), Failed> {
        self.until("read", || self.queue(port).is_none_or(|it| it == 0))
    }

    /// The bytes that wait in its sockets bound to that port; `None` if it has none.
    fn queue(&self, port: u16) -> Option<u64> {
        let queues = self.sockets(port).into_iter().filter_map(|it| {
            let (_, queue) = it.get(4)?.split_once(':')?;
            u64::from_str_radix(queue, 16).ok()
        });
        queues.reduce(|sum, it| sum + it)
    }

    /// Datagrams that the kernel dropped at its sockets bound to that port.
    pub fn drops(&self, port: u16) -> u64 {
        let drops = self.sockets(port).into_iter().filter_map(|it| it.last()?.parse::<u64>().ok());
        drops.sum()
    }

    /// What /proc/net/udp and udp6 say of its sockets bound to that port, in words.
    fn sockets(&self, port: u16) -> Vec<Vec<String>> {
        let bound = format!(":{port:04X}");
        let folder = format!("/proc/{}/fd", self.group.child().id());
        let links = fs::read_dir(folder).into_iter().flatten().flatten();
        let links = links.filter_map(|it| fs::read_link(it.path()).ok());
        let own: Vec<_> = links.map(|it| it.to_string_lossy().into_owned()).collect();
        let text = self.net("udp") + &self.net("udp6");
        let lines = text.lines().map(|it| it.split_whitespace().map(str::to_owned).collect());
        let is_own = |words: &Vec<String>| {
            let inode = words.get(9).map(|it| format!("socket:[{it}]"));
            words.get(1).is_some_and(|it| it.ends_with(&bound))
                && inode.is_some_and(|it| own.contains(&it))
        };
        lines.filter(is_own).collect()
    }

    /// A table of the network that it sees.
    pub fn net(&self, table: &str) -> String {
        let pid = self.group.child().id();
        fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default()
    }

    /// Lets it rest, or go on.
    pub fn signal(&self, signal: Signal) -> Result<(), Failed> {
        Ok(kill_process(Pid::from_child(self.group.child()), signal)?)
    }

    /// Ends it as Ctrl-C does.
    pub fn interrupt(self) -> Result<Ended, Failed> {
        self.signal(Signal::INT)?;
        self.finish()
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Result<Ended, Failed> {
        // False: it has ended.
        match comes_true(self.group.child(), PATIENCE, || false) || self.group.is_running() {
            true => Err(format!("does not end: {:?}", self.said(None)).into()),
            false => {
                let code = self.group.code();
                Ok(self.said(code))
            }
        }
    }

    fn said(&self, code: Option<i32>) -> Ended {
        let text = |file| String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned();
        Ended { code, out: text(&self.out), told: text(&self.told) }
    }
}

impl Ended {
    /// It must have ended well.
    pub fn well(self) -> Result<Self, Failed> {
        match self.code {
            Some(0) => Ok(self),
            _ => Err(format!("{self:?}").into()),
        }
    }

    /// The lines of JSON that it printed.
    pub fn lines(&self) -> Result<Vec<Value>, Failed> {
        let lines = self.out.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().map_err(|it| format!("{it}: {self:?}").into())
    }
}

/// How /proc/net/igmp and igmp6 write a group.
fn member(group: IpAddr) -> String {
    match group {
        IpAddr::V4(it) => format!("{:08X}", u32::from_ne_bytes(it.octets())),
        IpAddr::V6(it) => format!("{:032x}", u128::from(it)),
    }
}
