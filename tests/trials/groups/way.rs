//! A way between two hosts that loses one datagram of a hundred, doubles another, and lets five be
//! overtaken.
//!
//! ```text
//! sender eth0 ── in: nftables drops and doubles ──> a1 ── a2: the relay reorders ──> out ── eth0 receiver
//! ```
//!
//! Losses and what is overtaken are at fixed places; what is doubled is drawn at random. No first and
//! no last datagram is lost, so that the receiver can know of every loss.

use std::io::Write;
use std::process::Stdio;

use tempfile::TempDir;

use super::relay::Relay;
use super::stage::{Host, LINK, plain};
use crate::hosts::namespaces::{Namespace, join};

/// The port whose datagrams suffer.
pub const PORT: u16 = 1989;
/// Each so manieth is lost: the 51st first.
pub const LOST_OF: u64 = 100;

/// The hosts, 10.9.0.1 and 10.9.0.2, and what lies between. All of it ends with this.
pub struct Way {
    _relay: Relay,
    pub sender: Host,
    pub receiver: Host,
    pub folder: TempDir,
    _between: Namespace,
}

impl Way {
    /// One of its own for each test.
    pub fn new(test: &str) -> Result<Self, String> {
        let between = Namespace::new("between", test)?;
        let host = |name, number, end| {
            let host = Host::new(name, test)?;
            join((&host.namespace, LINK), (&between, end))?;
            host.address(LINK, &format!("10.9.0.{number}"), &format!("fd00:9::{number}"))?;
            Ok::<_, String>(host)
        };
        let (sender, receiver) = (host("sender", 1, "in")?, host("receiver", 2, "out")?);
        join((&between, "a1"), (&between, "a2"))?;
        for link in ["in", "a1", "a2", "out"] {
            plain(&between, link)?;
            between.ip(&["link", "set", link, "up"])?;
        }
        rules(&between)?;
        let relay = Relay::start(&between, ["a2", "out"], PORT);
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        Ok(Self { sender, receiver, folder, _relay: relay, _between: between })
    }
}

fn rules(between: &Namespace) -> Result<(), String> {
    let rules = format!(
        "table netdev way {{
           chain there {{
             type filter hook ingress device \"in\" priority 0
             udp dport {PORT} numgen inc mod {LOST_OF} 50 drop
             udp dport {PORT} numgen random mod 100 0 dup to \"a1\"
             fwd to \"a1\"
           }}
           chain back {{
             type filter hook ingress device \"a1\" priority 0
             fwd to \"in\"
           }}
         }}\n"
    );
    let mut nft = between.command("nft");
    nft.args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut nft = nft.spawn().map_err(|it| format!("nft: {it}"))?;
    let written = nft.stdin.take().map(|mut it| it.write_all(rules.as_bytes()));
    written.ok_or("no input")?.map_err(|it| format!("nft: {it}"))?;
    let output = nft.wait_with_output().map_err(|it| format!("nft: {it}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("nft: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
