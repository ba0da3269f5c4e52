//! The interfaces of this host, as text and as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use super::Palette;
use super::escape::printable;
use super::json_types::{Text, write_line};
use crate::net::host::JoinedGroup;
use crate::net::{Hardware, Interface, Network};

/// Writes interfaces as text: each a line with its name, and aligned lines with all else. `joined` are
/// the groups that the host is a member of by any of them.
///
/// # Errors
///
/// Those of `out`.
pub fn interfaces_text(
    interfaces: &[Interface],
    joined: &[JoinedGroup],
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { strong, .. } = palette;
    for (number, interface) in interfaces.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{strong}{}{strong:#}", printable(&interface.name))?;
        let flags: Vec<_> = interface.flags.names().collect();
        write_lines("index", &[interface.index.to_string()], out)?;
        write_lines("type", &[or_unknown(interface.hardware())], out)?;
        write_lines("MTU", &[or_unknown(interface.mtu())], out)?;
        write_lines("flags", &[flags.join(" ")], out)?;
        let networks: Vec<_> = interface.networks.iter().map(network_text).collect();
        write_lines("addresses", &networks, out)?;
        let groups: Vec<_> = groups(interface, joined).iter().map(group_text).collect();
        write_lines("groups", &groups, out)?;
    }
    Ok(())
}

/// Writes interfaces as JSON, one object a line.
///
/// # Errors
///
/// Those of `out`.
pub fn interfaces_json(
    interfaces: &[Interface],
    joined: &[JoinedGroup],
    out: &mut dyn Write,
) -> io::Result<()> {
    interfaces.iter().try_for_each(|it| write_line(&object(it, joined), out))
}

/// The key once, and the values under each other; `none` where there is none.
fn write_lines(key: &str, values: &[String], out: &mut dyn Write) -> io::Result<()> {
    let none = ["none".to_owned()];
    let is_empty = values.iter().all(String::is_empty);
    let values = if is_empty { &none } else { values };
    for (number, value) in values.iter().enumerate() {
        let key = if number == 0 { format!("{key}:") } else { String::new() };
        writeln!(out, "  {key:<11}{value}")?;
    }
    Ok(())
}

fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |it| it.to_string())
}

fn network_text(network: &Network) -> String {
    let Network { address, prefix, broadcast } = network;
    match broadcast {
        Some(broadcast) => format!("{address}/{prefix} broadcast {broadcast}"),
        None => format!("{address}/{prefix}"),
    }
}

fn group_text((group, users): &(IpAddr, u32)) -> String {
    if *users == 1 { group.to_string() } else { format!("{group} ({users} members)") }
}

/// The groups of an interface, in order, each with how often it was joined.
fn groups(interface: &Interface, joined: &[JoinedGroup]) -> Vec<(IpAddr, u32)> {
    let ours = joined.iter().filter(|it| it.index == interface.index);
    ours.map(|it| (it.group, it.users)).collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// An interface.
#[derive(Serialize)]
struct Object<'a> {
    name: &'a str,
    index: u32,
    #[serde(rename = "type")]
    hardware: Option<Text<Hardware>>,
    mtu: Option<u64>,
    flags: Vec<&'static str>,
    addresses: Vec<Address>,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Address {
    address: IpAddr,
    prefix: u8,
    broadcast: Option<Ipv4Addr>,
}

#[derive(Serialize)]
struct Group {
    group: IpAddr,
    members: u32,
}

fn object<'a>(interface: &'a Interface, joined: &[JoinedGroup]) -> Object<'a> {
    let address =
        |it: &Network| Address { address: it.address, prefix: it.prefix, broadcast: it.broadcast };
    let groups = groups(interface, joined).into_iter();
    Object {
        name: &interface.name,
        index: interface.index,
        hardware: interface.hardware().map(Text),
        mtu: interface.mtu(),
        flags: interface.flags.names().collect(),
        addresses: interface.networks.iter().map(address).collect(),
        groups: groups.map(|(group, members)| Group { group, members }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::InterfaceFlags;

    fn interface() -> Interface {
        let address = "10.9.0.1".parse().unwrap();
        let broadcast = Some("10.9.0.255".parse().unwrap());
        let v6 = Network { address: "fd00::1".parse().unwrap(), prefix: 64, broadcast: None };
        Interface {
            // No interface of this host is called so, so that neither type nor MTU is known.
            name: "no\x1b[2Jne".into(),
            index: 7,
            addresses: vec![address, v6.address],
            broadcasts: broadcast.into_iter().collect(),
            is_up: true,
            is_loopback: false,
            flags: InterfaceFlags(0x1003),
            networks: vec![Network { address, prefix: 24, broadcast }, v6],
        }
    }

    fn joined() -> Vec<JoinedGroup> {
        let of = |index, group: &str, users| {
            let (group, interface) = (group.parse().unwrap(), String::new());
            JoinedGroup { index, interface, group, users }
        };
        vec![of(7, "ff02::1", 1), of(7, "224.2.2.2", 3), of(8, "224.9.9.9", 1)]
    }

    #[test]
    fn text_is_aligned_and_cannot_drive_the_terminal() {
        let mut out = Vec::new();
        let bare =
            Interface { networks: vec![], flags: InterfaceFlags(0), index: 9, ..interface() };
        interfaces_text(&[interface(), bare], &joined(), Palette::plain(), &mut out).unwrap();
        let expected = "\
no\\x1b[2Jne
  index:     7
  type:      unknown
  MTU:       unknown
  flags:     BROADCAST MULTICAST UP
  addresses: 10.9.0.1/24 broadcast 10.9.0.255
             fd00::1/64
  groups:    224.2.2.2 (3 members)
             ff02::1

no\\x1b[2Jne
  index:     9
  type:      unknown
  MTU:       unknown
  flags:     none
  addresses: none
  groups:    none
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_is_an_object_on_a_line() {
        let mut out = Vec::new();
        interfaces_json(&[interface()], &joined(), &mut out).unwrap();
        let expected = concat!(
            r#"{"name":"no\u001b[2Jne","index":7,"type":null,"mtu":null,"#,
            r#""flags":["BROADCAST","MULTICAST","UP"],"addresses":[{"address":"10.9.0.1","#,
            r#""prefix":24,"broadcast":"10.9.0.255"},{"address":"fd00::1","prefix":64,"#,
            r#""broadcast":null}],"groups":[{"group":"224.2.2.2","members":3},"#,
            r#"{"group":"ff02::1","members":1}]}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
