//! The program on a host: what it sends, and what it says of what it hears.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::Value;

use super::running::{Ended, Running};
use super::stage::{Host, LINK};

/// The port of the lessons.
pub const PORT: u16 = 1989;
/// The message of the lessons that have a fixed length; `math` is at this offset.
pub const BASIC: &str = "dgram-basic";
pub const MATH: usize = 11;
/// Where a listener of everything is bound.
pub const ANYWHERE: [&str; 2] = ["--to", "0.0.0.0:1989"];

/// The folder of a peer: its header, its sources.
pub fn peer(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

/// The program on a host, with the message of a lesson.
pub fn wirereel(host: &Host, lesson: &str, name: &str, args: &[&str]) -> Command {
    let mut command = host.command(env!("CARGO_BIN_EXE_wirereel"));
    command.arg(name).args(args).arg("-H").arg(peer(lesson).join("proto.h"));
    command.args(["--no-builtin", "--message", "msg_st"]);
    command
}

/// Sends to the end, at a pace that no listener is too slow for; all of it must leave.
pub fn generate(host: &Host, lesson: &str, args: &[&str]) -> Result<Value, Failed> {
    sent(wirereel(host, lesson, "generate", &[args, &["-p", "1000", "-T", "json"]].concat()))
}

/// Runs a sender to its end, which must be a good one: its outcome.
pub fn sent(mut command: Command) -> Result<Value, Failed> {
    let output = command.output()?;
    let ended = Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        told: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    last(&ended.well().map_err(|it| format!("{command:?}: {it:?}"))?)
}

/// The arguments by which `count` messages are sent whose `math` counts from `first`.
pub fn counted(first: u32, count: u32) -> [String; 4] {
    ["--set".into(), format!("math=counter({first}, 1)"), "--count".into(), count.to_string()]
}

/// `wirereel listen` under way.
pub struct Listener(pub Running);

impl Listener {
    /// Starts one that hears a lesson's messages, and returns when it is bound and has joined these
    /// groups.
    pub fn start(
        host: &Host,
        lesson: &str,
        (folder, name): (&Path, &str),
        args: &[&str],
        groups: &[&str],
    ) -> Result<Self, Failed> {
        let args = [args, &["-T", "json", "--counter", "math"]].concat();
        let command = wirereel(host, lesson, "listen", &args);
        let listener = Self(Running::start(command, folder, name)?);
        listener.0.until_heard(PORT, groups)?;
        Ok(listener)
    }

    /// Ends it once it has read all that came: what it heard.
    pub fn interrupt(self) -> Result<Heard, Failed> {
        self.interrupt_at(PORT)
    }

    /// The same where it is bound to another port.
    pub fn interrupt_at(self, port: u16) -> Result<Heard, Failed> {
        self.0.until_read(port)?;
        Heard::of(&self.0.interrupt()?)
    }
}

/// What a listener said: messages, and at the end its outcome.
#[derive(Debug)]
pub struct Heard {
    pub messages: Vec<Value>,
    pub outcome: Value,
}

impl Heard {
    fn of(ended: &Ended) -> Result<Self, Failed> {
        let mut messages = ended.lines()?;
        let outcome = messages.pop().ok_or_else(|| format!("{ended:?}"))?;
        Ok(Self { messages, outcome })
    }

    /// The values of `math`, in order.
    pub fn math(&self) -> Vec<u64> {
        let values = self.messages.iter().map(|it| it["fields"]["math"].as_u64());
        values.map(Option::unwrap_or_default).collect()
    }

    /// It must have heard these and nothing else, of this sender.
    pub fn must_be(&self, sender: &str, math: impl IntoIterator<Item = u32>) -> Result<(), Failed> {
        let expected: Vec<u64> = math.into_iter().map(u64::from).collect();
        let of_sender = |it: &Value| it["src"].as_str().is_some_and(|it| it.starts_with(sender));
        match self.math() == expected && self.messages.iter().all(of_sender) {
            true => Ok(()),
            false => Err(format!("expected {expected:?} of {sender}: {self:#?}").into()),
        }
    }
}

fn last(ended: &Ended) -> Result<Value, Failed> {
    ended.lines()?.pop().ok_or_else(|| format!("{ended:?}").into())
}

/// The interface of a host, as the program takes it.
pub const ON_LINK: [&str; 2] = ["-i", LINK];
