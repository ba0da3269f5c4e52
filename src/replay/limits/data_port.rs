//! Ports that are told on one connection, and that another one goes to: a live peer tells others.
//!
//! FTP (RFC 959 section 4.1.2, RFC 2428), RTSP (RFC 2326 section 12.39).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::flow::Side;
use crate::replay::{Conversation, Plan};

/// What was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    protocol: &'static str,
    /// `None` where it is that of who told it.
    ip: Option<IpAddr>,
    port: u16,
}

/// Says which port was told in what a side sent, and which conversation goes there.
pub(super) fn find(
    plan: &Plan,
    conversation: &Conversation,
    side: Side,
    bytes: &[u8],
) -> Option<String> {
    if !conversation.transport.is_stream() {
        return None;
    }
    let Told { protocol, ip, port } =
        bytes.split(|it| *it == b'\n').find_map(|it| told(side, it))?;
    let teller = match side {
        Side::Client => conversation.client,
        Side::Server => conversation.server,
    };
    let at = SocketAddr::new(ip.unwrap_or(teller.ip()), port);
    // Behind a translation of addresses a server tells another one than its clients see.
    let seen = SocketAddr::new(teller.ip(), port);
    let goes_there = |it: &&Conversation| it.server == at || it.server == seen;
    let other = plan.conversations.iter().find(goes_there);
    let who = if side == Side::Client { "client" } else { "server" };
    Some(match other {
        Some(it) => format!(
            "{protocol}: the {who} tells port {port}, to which {} conversation {} goes; live it is \
             another one",
            it.transport.as_str(),
            it.stream,
        ),
        None => format!("{protocol}: the {who} tells port {port}; live it is another one"),
    })
}

fn told(side: Side, line: &[u8]) -> Option<Told> {
    let line = std::str::from_utf8(line.get(..line.len().min(512))?).ok()?.trim();
    match side {
        Side::Server if line.starts_with("227 ") => {
            let numbers = line.get(4..)?.split(|it: char| !it.is_ascii_digit() && it != ',');
            numbers
                .filter(|it| it.contains(','))
                .find_map(|it| address("FTP", it.trim_matches(',')))
        }
        Side::Server if line.starts_with("229 ") => {
            let inner = line.split_once('(')?.1.split_once(')')?.0;
            extended(inner)
        }
        Side::Server if begins(line, "Transport:") => {
            let port = line.split_once("server_port=")?.1;
            let digits = port.split(|it: char| !it.is_ascii_digit()).next()?;
            Some(Told { protocol: "RTSP", ip: None, port: digits.parse().ok()? })
        }
        Side::Client if begins(line, "PORT ") => address("FTP", line.get(5..)?.trim()),
        Side::Client if begins(line, "EPRT ") => extended(line.get(5..)?.trim()),
        _ => None,
    }
}

/// `10,0,0,2,195,80`.
fn address(protocol: &'static str, text: &str) -> Option<Told> {
    let mut numbers = text.split(',').map(|it| it.parse::<u8>().ok());
    let mut next = || numbers.next().flatten();
    let ip = Ipv4Addr::new(next()?, next()?, next()?, next()?);
    let port = u16::from_be_bytes([next()?, next()?]);
    Some(Told { protocol, ip: Some(ip.into()), port })
}

/// `|1|10.0.0.2|50000|`, or `|||50000|`, with any character in place of the bar.
fn extended(text: &str) -> Option<Told> {
    let mut parts = text.split(text.chars().next()?).skip(2);
    let ip = parts.next()?;
    let ip = if ip.is_empty() { None } else { Some(ip.parse().ok()?) };
    Some(Told { protocol: "FTP", ip, port: parts.next()?.parse().ok()? })
}

fn begins(line: &str, command: &str) -> bool {
    line.get(..command.len()).is_some_and(|it| it.eq_ignore_ascii_case(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_in_several_ways() {
        use Side::{Client, Server};
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (side, line, expected) in [
            (
                Server,
                "227 Entering Passive Mode (10,0,0,2,195,80).\r",
                Some(("FTP", ip("10.0.0.2"), 50000)),
            ),
            (Server, "227 =10,0,0,2,195,80\r", Some(("FTP", ip("10.0.0.2"), 50000))),
            (
                Server,
                "229 Entering Extended Passive Mode (|||50000|)\r",
                Some(("FTP", None, 50000)),
            ),
            (Client, "PORT 10,0,0,1,195,81\r", Some(("FTP", ip("10.0.0.1"), 50001))),
            (Client, "EPRT |2|::1|50001|\r", Some(("FTP", ip("::1"), 50001))),
            (
                Server,
                "Transport: RTP/AVP;client_port=4588-4589;server_port=6256-6257",
                Some(("RTSP", None, 6256)),
            ),
            (Client, "227 Entering Passive Mode (10,0,0,2,195,80).", None),
            (Server, "227 Entering Passive Mode (10,0,0,2,195).", None),
            (Server, "227 Entering Passive Mode (10,0,0,256,195,80).", None),
            (Server, "229 Extended (|||", None),
            (Server, "229 ()", None),
            (Client, "EPRT ", None),
            (Client, "PORT", None),
        ] {
            let found = told(side, line.as_bytes()).map(|it| (it.protocol, it.ip, it.port));
            assert_eq!(found, expected, "{line}");
        }
    }
}
