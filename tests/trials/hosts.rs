//! Datagrams replayed from one host to another: to everybody, to groups, and longer than a frame.
//!
//! The hosts are network namespaces, which takes root and iproute2. Without them the tests are
//! skipped, and listed as such; with `CI=true` they fail. The receiver is this program, started in
//! the other namespace.

pub mod namespaces;
pub mod receiver;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use etherparse::PacketBuilder;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use wirereel::capture::{Frame, LinkType, Timestamp, WriteFormat, Writer};

use crate::trial;
use namespaces::{Hosts, Namespace};

pub fn trials() -> Vec<Trial> {
    let missing = Hosts::missing();
    vec![
        trial::unless(
            missing,
            "hosts::a broadcast reaches another host",
            a_broadcast_reaches_another_host,
        ),
        trial::unless(
            missing,
            "hosts::a group is reached by an interface",
            a_group_is_reached_by_an_interface,
        ),
        trial::unless(missing, "hosts::a group on this host can be left out", a_group_on_this_host),
        trial::unless(
            missing,
            "hosts::longer than a frame leaves in fragments",
            longer_than_a_frame,
        ),
        trial::unless(
            None::<&str>,
            "hosts::sockets that run out are reused",
            sockets_that_run_out_are_reused,
        ),
        trial::unless(
            None::<&str>,
            "hosts::clients without a socket are named",
            clients_without_a_socket_are_named,
        ),
    ]
}

const CLIENT: &str = "10.0.0.1:4000";
const SERVER: &str = "10.0.0.2:1989";

fn a_broadcast_reaches_another_host() -> Result<(), Failed> {
    let hosts = Hosts::new("b")?;
    let capture = Capture::of(&[(CLIENT, SERVER, b"to all".to_vec())])?;
    for to in ["255.255.255.255", "10.9.0.255"] {
        let receiver = hosts.receive(&hosts.far, None, 1)?;
        let to = format!("{to}:{}", receiver.port);
        replay(&hosts, &capture, &["--to", &to, "-i", "veth0"])?;
        receiver.must_get(&[b"to all"])?;
    }
    Ok(())
}

fn a_group_is_reached_by_an_interface() -> Result<(), Failed> {
    let hosts = Hosts::new("g")?;
    let capture = Capture::of(&[(CLIENT, "224.2.2.2:1989", b"members".to_vec())])?;
    for interface in ["veth0", "10.9.0.1"] {
        let receiver = hosts.receive(&hosts.far, Some("224.7.7.7"), 1)?;
        let map = format!("224.2.2.2:1989=224.7.7.7:{}", receiver.port);
        replay(&hosts, &capture, &["--map", &map, "-i", interface, "--ttl", "7"])?;
        receiver.must_get(&[b"members"])?;
    }
    Ok(())
}

/// The receiver takes one datagram: were those of the first run to reach it, it would be that one.
fn a_group_on_this_host() -> Result<(), Failed> {
    let hosts = Hosts::new("l")?;
    let receiver = hosts.receive(&hosts.near, Some("224.7.7.7"), 1)?;
    let to = format!("224.7.7.7:{}", receiver.port);
    for (switch, said) in [("off", b"not heard".to_vec()), ("on", b"heard".to_vec())] {
        let capture = Capture::of(&[(CLIENT, SERVER, said)])?;
        replay(&hosts, &capture, &["--to", &to, "-i", "veth0", "--loopback", switch])?;
    }
    receiver.must_get(&[b"heard"])
}

fn longer_than_a_frame() -> Result<(), Failed> {
    let hosts = Hosts::new("f")?;
    // All of them fit the receiver's buffer, so that none is lost.
    let lens = [1472, 1473, 1473, 1473, 9000, 20_000];
    let said = lens.map(|len| vec![len as u8; len]);
    let datagrams: Vec<_> = said.iter().map(|it| (CLIENT, SERVER, it.clone())).collect();
    let capture = Capture::of(&datagrams)?;
    for speed in ["-x1", "-t"] {
        let receiver = hosts.receive(&hosts.far, None, said.len())?;
        let to = format!("10.9.0.2:{}", receiver.port);
        let outcome = replay(&hosts, &capture, &["--to", &to, speed])?;
        receiver.must_get(&said)?;
        must_be(&outcome["sent"]["messages"], said.len())?;
    }
    Ok(())
}

fn sockets_that_run_out_are_reused() -> Result<(), Failed> {
    let capture = Capture::of(&clients(200, 1))?;
    let (outcome, code) = replay_with_few_descriptors(&capture)?;
    must_be(&outcome["sent"]["messages"], 200)?;
    must_be(&outcome["skipped"], &Value::Array(vec![]))?;
    must_be(code, Some(0))
}

fn clients_without_a_socket_are_named() -> Result<(), Failed> {
    let capture = Capture::of(&clients(200, 2))?;
    let (outcome, code) = replay_with_few_descriptors(&capture)?;
    let sent = outcome["sent"]["messages"].as_u64().unwrap_or_default();
    let skipped = |reason: &str| {
        let all = outcome["skipped"].as_array().into_iter().flatten();
        let ours = all.filter(|it| it["reason"].as_str().is_some_and(|it| it.starts_with(reason)));
        ours.filter_map(|it| it["count"].as_u64()).sum::<u64>()
    };
    let without = skipped("UDP client without a socket: out of file descriptors");
    let unsent = skipped("UDP datagram of a client that has no socket");
    if sent < 20 || without == 0 || sent + unsent != 400 {
        return Err(format!("{outcome}").into());
    }
    must_be(unsent, 2 * without)?;
    must_be(code, Some(1))
}

/// So many clients, each of which says something in every round.
fn clients(count: u16, rounds: usize) -> Vec<(String, &'static str, Vec<u8>)> {
    let round = (0..count).map(|it| (format!("10.0.0.1:{}", 5000 + it), SERVER, vec![7; 9]));
    round.cycle().take(rounds * usize::from(count)).collect()
}

fn replay_with_few_descriptors(capture: &Capture) -> Result<(Value, Option<i32>), Failed> {
    let listener = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wirereel")]);
    command.args(["replay", "-T", "json"]).arg(capture.path());
    command.args(["--to", &listener.local_addr()?.to_string()]);
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output()?;
    Ok((outcome(&output)?, output.status.code()))
}

/// Replays on the near host; it must end clean.
fn replay(hosts: &Hosts, capture: &Capture, args: &[&str]) -> Result<Value, Failed> {
    let mut command = hosts.command(&hosts.near, env!("CARGO_BIN_EXE_wirereel"));
    command.args(["replay", "-T", "json"]).arg(capture.path()).args(args);
    let output = command.current_dir(env!("CARGO_TARGET_TMPDIR")).output()?;
    let outcome = outcome(&output)?;
    match output.status.success() {
        true => Ok(outcome),
        false => Err(format!("{command:?}: {}: {outcome}", output.status).into()),
    }
}

fn outcome(output: &Output) -> Result<Value, Failed> {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).map_err(|it| format!("{it}: {told}").into())
}

fn must_be<T: std::fmt::Debug, U: std::fmt::Debug + PartialEq<T>>(
    found: U,
    expected: T,
) -> Result<(), Failed> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{found:?}, expected {expected:?}").into()),
    }
}

/// A capture that ends with its test.
struct Capture(tempfile::NamedTempFile);

impl Capture {
    /// Datagrams, one a millisecond.
    fn of<S: AsRef<str>>(datagrams: &[(S, &str, Vec<u8>)]) -> Result<Self, Failed> {
        let file = tempfile::NamedTempFile::new()?;
        let mut writer = Writer::create(file.path(), WriteFormat::Pcap)?;
        for (number, (from, to, payload)) in datagrams.iter().enumerate() {
            let data = datagram(from.as_ref(), to, payload)?;
            writer.write(&Frame {
                number: number as u64 + 1,
                time: Some(Timestamp(1_700_000_000_000_000_000 + number as i64 * 1_000_000)),
                interface: 0,
                link_type: LinkType::Ethernet,
                data: &data,
                orig_len: data.len() as u32,
            })?;
        }
        writer.finish()?;
        Ok(Self(file))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn datagram(from: &str, to: &str, payload: &[u8]) -> Result<Vec<u8>, Failed> {
    let (SocketAddr::V4(from), SocketAddr::V4(to)) = (from.parse()?, to.parse()?) else {
        return Err("these captures are of IPv4".into());
    };
    let mut data = Vec::new();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(from.ip().octets(), to.ip().octets(), 64)
        .udp(from.port(), to.port())
        .write(&mut data, payload)?;
    Ok(data)
}

/// A receiver that runs, in a namespace.
struct Receiver {
    child: std::process::Child,
    lines: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Hosts {
    /// Starts a receiver of so many datagrams, and returns when it listens.
    fn receive(
        &self,
        host: &Namespace,
        group: Option<&str>,
        datagrams: usize,
    ) -> Result<Receiver, Failed> {
        let this: PathBuf = std::env::current_exe()?;
        let mut command = self.command(host, &this.to_string_lossy());
        receiver::Asked { group: group.map(str::to_owned), datagrams }.ask(&mut command);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut port = String::new();
        lines.read_line(&mut port)?;
        Ok(Receiver { child, lines, port: port.trim().parse()? })
    }
}

impl Receiver {
    fn must_get<B: AsRef<[u8]>>(mut self, expected: &[B]) -> Result<(), Failed> {
        let got: Vec<_> = self.lines.lines().collect::<Result<_, _>>()?;
        self.child.wait()?;
        let expected: Vec<_> = expected.iter().map(|it| receiver::line(it.as_ref())).collect();
        must_be(got, expected)
    }
}
