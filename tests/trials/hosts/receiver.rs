//! A receiver of datagrams, which says on which port it listens, and then what it gets.

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// What a receiver is to do, told by its environment.
pub struct Asked {
    pub group: Option<String>,
    pub datagrams: usize,
}

const DATAGRAMS: &str = "WIREREEL_TEST_RECEIVE";
const GROUP: &str = "WIREREEL_TEST_GROUP";
/// Nothing takes as long, unless it does not come at all.
const PATIENCE: Duration = Duration::from_secs(20);

impl Asked {
    /// Whether this program is to be a receiver.
    pub fn from_env() -> Option<Self> {
        let datagrams = std::env::var(DATAGRAMS).ok()?.parse().ok()?;
        Some(Self { group: std::env::var(GROUP).ok(), datagrams })
    }

    /// Makes a program a receiver.
    pub fn ask(&self, command: &mut Command) {
        command.env(DATAGRAMS, self.datagrams.to_string());
        if let Some(group) = &self.group {
            command.env(GROUP, group);
        }
    }
}

/// Receives, and prints a line for each datagram.
pub fn receive(asked: &Asked) -> ExitCode {
    match try_receive(asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("receiver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_receive(asked: &Asked) -> Result<(), Box<dyn Error>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    if let Some(group) = &asked.group {
        socket.join_multicast_v4(&group.parse()?, &"0.0.0.0".parse()?)?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{}", socket.local_addr()?.port())?;
    let mut bytes = vec![0; 65_536];
    for _ in 0..asked.datagrams {
        let len = socket.recv(&mut bytes)?;
        writeln!(out, "{}", line(&bytes[..len]))?;
    }
    Ok(())
}

/// What is printed of a datagram: its length, its first bytes, and a sum that its order changes.
pub fn line(datagram: &[u8]) -> String {
    let sum =
        datagram.iter().fold(7u64, |sum, it| sum.wrapping_mul(31).wrapping_add(u64::from(*it)));
    let head = &datagram[..datagram.len().min(16)];
    format!("{} {} {sum:x}", datagram.len(), String::from_utf8_lossy(head).escape_debug())
}
