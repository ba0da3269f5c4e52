//! Each cause for which nothing arrives, provoked between two hosts: it is named, and no other is.
//!
//! The hosts are network namespaces, as in `hosts`. Frames are made here and sent by a packet socket, so
//! that each can be wrong in one way.

mod interfaces;
pub mod listener;
mod scene;
pub mod sender;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::hosts::namespaces::Hosts;
use crate::trial;
use scene::{Scene, Told};
use sender::{Datagram, Sent, by_sockets, query};

const GROUP: &str = "224.2.2.2:1989";
const GROUP_6: &str = "[ff05::7]:1989";
const COUNT: usize = 12;

/// A case: what is done to the host, who listens, what is sent, and the causes that must be named.
struct Case {
    name: &'static str,
    /// Commands on the near host before anybody listens, and while somebody does.
    before: &'static [&'static str],
    meanwhile: &'static [&'static str],
    asked: fn() -> Value,
    sent: fn() -> Result<Vec<Sent>, Failed>,
    causes: &'static [&'static str],
    /// What the evidence must say.
    says: &'static [&'static str],
}

const PLAIN: Case = Case {
    name: "",
    before: &[],
    meanwhile: &[],
    asked: member,
    sent: || Ok(vec![Datagram::to(GROUP).times(COUNT, "veth0")?]),
    causes: &[],
    says: &[],
};

fn member() -> Value {
    json!({"cast": "multicast", "group": "224.2.2.2", "interface": "veth0"})
}

fn member_6() -> Value {
    json!({"cast": "multicast", "group": "ff05::7", "local": "[::]:1989", "interface": "veth0"})
}

fn broadcast() -> Value {
    json!({"cast": "broadcast", "interface": "veth0"})
}

fn unicast() -> Value {
    json!({"cast": "unicast"})
}

fn nothing() -> Result<Vec<Sent>, Failed> {
    Ok(vec![])
}

fn frames(datagram: Datagram) -> Result<Vec<Sent>, Failed> {
    Ok(vec![datagram.times(COUNT, "veth0")?])
}

const BRIDGE: &[&str] = &[
    "ip link add br0 type bridge mcast_snooping 0",
    "ip link set br0 up",
    "ip link set veth0 master br0",
    "ip address add 10.9.0.3/24 dev br0",
];

const CASES: &[Case] = &[
    Case { name: "a member that receives is told nothing", ..PLAIN },
    Case {
        name: "checksums that a card would make are not wrong",
        sent: || Ok(vec![by_sockets(GROUP, COUNT)]),
        ..PLAIN
    },
    Case {
        name: "no member",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "join": false}),
        causes: &["not-a-member"],
        says: &[
            "12 frames from 10.9.0.2 to 224.2.2.2:1989 came by veth0",
            "no member",
            "/proc/net/igmp",
        ],
        ..PLAIN
    },
    Case {
        name: "member by another interface",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "by": "veth1"}),
        causes: &["not-a-member"],
        says: &["came by veth0", "a member of 224.2.2.2 only by veth1 (/proc/net/igmp)"],
        ..PLAIN
    },
    Case {
        name: "member of a group of IPv6 by another interface",
        asked: || json!({"cast": "multicast", "group": "ff05::7", "local": "[::]:1989", "by": "veth1"}),
        sent: || frames(Datagram::to(GROUP_6)),
        causes: &["not-a-member"],
        says: &["came by veth0", "a member of ff05::7 only by veth1 (/proc/net/igmp6)"],
        ..PLAIN
    },
    Case {
        name: "an interface that goes down",
        meanwhile: &["ip link set veth0 down"],
        sent: nothing,
        causes: &["interface-down"],
        says: &["veth0 is down (flags: BROADCAST MULTICAST)"],
        ..PLAIN
    },
    Case {
        name: "an interface without its flag",
        before: &["ip link set veth0 multicast off"],
        sent: nothing,
        causes: &["no-multicast-flag"],
        says: &["veth0 lacks the flag MULTICAST"],
        ..PLAIN
    },
    Case {
        name: "the flag does not matter where all arrives",
        before: &["ip link set veth0 multicast off"],
        ..PLAIN
    },
    Case {
        name: "no route to the group",
        before: &["ip route del 224.0.0.0/4"],
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "join": "if possible"}),
        sent: nothing,
        causes: &["no-route"],
        says: &["no route leads to 224.2.2.2"],
        ..PLAIN
    },
    Case {
        name: "the reverse-path filter",
        before: &["sysctl -w net.ipv4.conf.veth0.rp_filter=1"],
        sent: || frames(Datagram { from: "10.8.0.77:4000", ..Datagram::to(GROUP) }),
        causes: &["reverse-path-filter"],
        says: &[
            "12 frames from 10.8.0.77",
            "dropped 12 meanwhile (IPReversePathFilter), and is 1 on veth0",
        ],
        ..PLAIN
    },
    Case {
        name: "the reverse-path filter lets through who is there",
        before: &["sysctl -w net.ipv4.conf.veth0.rp_filter=1"],
        ..PLAIN
    },
    Case {
        name: "a wrong checksum",
        sent: || frames(Datagram { spoilt: Some(30), ..Datagram::to(GROUP) }),
        causes: &["wrong-checksum"],
        says: &["12 frames from 10.9.0.2", "with a wrong checksum", "InCsumErrors +12"],
        ..PLAIN
    },
    Case {
        name: "a wrong checksum of the header",
        sent: || frames(Datagram { spoilt: Some(5), ..Datagram::to(GROUP) }),
        causes: &["wrong-checksum"],
        says: &["with a wrong checksum", "InHdrErrors +12"],
        ..PLAIN
    },
    Case {
        name: "a wrong checksum over IPv6",
        asked: member_6,
        sent: || frames(Datagram { spoilt: Some(50), ..Datagram::to(GROUP_6) }),
        causes: &["wrong-checksum"],
        says: &["12 frames from fd00:9::2 to [ff05::7]:1989", "InCsumErrors +12"],
        ..PLAIN
    },
    Case {
        name: "another port of the group",
        sent: || frames(Datagram::to("224.2.2.2:1990")),
        causes: &["other-port"],
        says: &["12 frames from 10.9.0.2 to 224.2.2.2:1990", "none to 224.2.2.2:1989"],
        ..PLAIN
    },
    Case {
        name: "another group",
        sent: || frames(Datagram::to("224.2.2.3:1989")),
        causes: &["other-group"],
        says: &["12 frames from 10.9.0.2 to 224.2.2.3:1989 were seen on veth0"],
        ..PLAIN
    },
    Case {
        name: "another group of IPv6",
        asked: member_6,
        sent: || frames(Datagram::to("[ff05::8]:1989")),
        causes: &["other-group"],
        says: &["to [ff05::8]:1989 were seen on veth0, none to [ff05::7]:1989"],
        ..PLAIN
    },
    Case {
        name: "another sender than the join admits",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "source": "10.9.0.77"}),
        causes: &["source-filter"],
        says: &["12 frames from 10.9.0.2", "admits only 10.9.0.77 (/proc/net/mcfilter: 10.9.0.77)"],
        ..PLAIN
    },
    Case {
        name: "the sender that the join admits",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "source": "10.9.0.2"}),
        ..PLAIN
    },
    Case {
        name: "a rule that drops and counts",
        before: &[
            "nft add table inet t",
            "nft add chain inet t in { type filter hook input priority 0 ; }",
            "nft add rule inet t in udp dport 1989 counter drop",
            "nft add rule inet t in tcp dport 22 counter drop",
        ],
        causes: &["firewall"],
        says: &["a rule of chain inet t in", "dropped 12 meanwhile"],
        ..PLAIN
    },
    Case {
        name: "a policy that drops",
        before: &[
            "nft add table ip t",
            "nft add chain ip t in { type filter hook prerouting priority -300 ; policy drop ; }",
        ],
        causes: &["firewall"],
        says: &["chain ip t in, whose policy is to drop"],
        ..PLAIN
    },
    Case {
        name: "rules that drop others are no cause",
        before: &[
            "nft add table inet t",
            "nft add chain inet t in { type filter hook input priority 0 ; }",
            "nft add rule inet t in udp dport 1990 counter drop",
        ],
        sent: || frames(Datagram { from: "127.0.0.1:4000", ..Datagram::to(GROUP) }),
        causes: &["unknown"],
        says: &["none was received"],
        ..PLAIN
    },
    Case {
        name: "a buffer that is full",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "interface": "veth0", "buffer": 4096}),
        sent: || Ok(vec![Datagram::to(GROUP).times(200, "veth0")?]),
        causes: &["buffer-full"],
        says: &["had no room for", "RcvbufErrors"],
        ..PLAIN
    },
    Case {
        name: "a VLAN tag",
        sent: || frames(Datagram { vlan: Some(5), ..Datagram::to(GROUP) }),
        causes: &["vlan-tag"],
        says: &["12 frames from 10.9.0.2", "the tag of VLAN 5"],
        ..PLAIN
    },
    Case {
        name: "a tag of priority alone is no cause",
        sent: || frames(Datagram { vlan: Some(0x6000), ..Datagram::to(GROUP) }),
        ..PLAIN
    },
    Case {
        name: "a bridge shows a frame twice, and the bridge itself hears it",
        before: BRIDGE,
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "interface": "br0"}),
        ..PLAIN
    },
    Case {
        name: "a port of a bridge hears nothing",
        before: BRIDGE,
        causes: &["not-a-member"],
        says: &["came by br0, but this host is a member of 224.2.2.2 only by veth0"],
        ..PLAIN
    },
    Case {
        name: "a broadcast of another prefix",
        asked: broadcast,
        sent: || frames(Datagram::to("10.9.255.255:1989")),
        causes: &["other-broadcast"],
        says: &["10.9.255.255 is no broadcast address of veth0 (it has 10.9.0.255)"],
        ..PLAIN
    },
    Case {
        name: "broadcasts that arrive",
        asked: broadcast,
        sent: || {
            let both = ["10.9.0.255:1989", "255.255.255.255:1989"];
            both.iter().map(|it| Datagram::to(it).times(COUNT, "veth0")).collect()
        },
        ..PLAIN
    },
    Case {
        name: "a broadcast to another port",
        asked: broadcast,
        sent: || frames(Datagram::to("10.9.0.255:1990")),
        causes: &["other-port"],
        says: &["to 10.9.0.255:1990 were seen on veth0"],
        ..PLAIN
    },
    Case {
        name: "a group at a socket that has the host's address",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "local": "10.9.0.1:1989"}),
        causes: &["address-not-bound"],
        says: &["the socket is bound to 10.9.0.1:1989"],
        ..PLAIN
    },
    Case {
        name: "a broadcast at a socket that has the host's address",
        asked: || json!({"cast": "broadcast", "local": "10.9.0.1:1989"}),
        sent: || frames(Datagram::to("10.9.0.255:1989")),
        causes: &["address-not-bound"],
        says: &["to 10.9.0.255:1989 came by veth0", "bound to 10.9.0.1:1989"],
        ..PLAIN
    },
    Case {
        name: "this host at a port that nobody has",
        asked: unicast,
        sent: || Ok(vec![by_sockets("10.9.0.1:1990", COUNT)]),
        causes: &["port-not-bound"],
        says: &["to 10.9.0.1:1990", "no socket of this host has port 1990"],
        ..PLAIN
    },
    Case {
        name: "another address of this host",
        asked: || json!({"cast": "unicast", "local": "10.8.0.1:1989"}),
        sent: || Ok(vec![by_sockets("10.9.0.1:1989", COUNT)]),
        causes: &["address-not-bound"],
        says: &["to 10.9.0.1:1989 came by veth0", "bound to 10.8.0.1:1989"],
        ..PLAIN
    },
    Case {
        name: "another host",
        asked: unicast,
        sent: || frames(Datagram { mac: [2, 0, 0, 0, 0, 7], ..Datagram::to("10.9.0.7:1989") }),
        causes: &["other-host"],
        says: &["10.9.0.7 is no address of this host"],
        ..PLAIN
    },
    Case {
        name: "a sender that nothing can come from",
        sent: || frames(Datagram { from: "127.0.0.1:4000", ..Datagram::to(GROUP) }),
        causes: &["unknown"],
        says: &["12 frames from 127.0.0.1 to 224.2.2.2:1989 came by veth0; none was received"],
        ..PLAIN
    },
    Case {
        name: "nothing at all",
        sent: nothing,
        causes: &["not-seen", "no-querier"],
        says: &["nothing for 224.2.2.2:1989 was seen on veth0", "no IGMP query was seen"],
        ..PLAIN
    },
    Case {
        name: "nothing but a querier",
        sent: || Ok(vec![query()?]),
        causes: &["not-seen"],
        says: &["nothing for 224.2.2.2:1989 was seen on veth0"],
        ..PLAIN
    },
    Case {
        name: "nothing for this host",
        asked: unicast,
        sent: nothing,
        causes: &["not-seen"],
        says: &["nothing for this host, port 1989 was seen on any interface"],
        ..PLAIN
    },
    Case {
        name: "nothing on loopback",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "interface": "lo"}),
        sent: nothing,
        causes: &["not-seen"],
        says: &["was seen on lo"],
        ..PLAIN
    },
];

/// Without the right to look at links, which is taken from root.
const BLIND: &[Case] = &[
    Case {
        name: "no member, without the right to look",
        asked: || json!({"cast": "multicast", "group": "224.2.2.2", "join": false}),
        causes: &["not-a-member"],
        says: &["no member of 224.2.2.2 by any interface (/proc/net/igmp)"],
        ..PLAIN
    },
    Case {
        name: "the reverse-path filter, without the right to look",
        before: &["sysctl -w net.ipv4.conf.veth0.rp_filter=1"],
        sent: || frames(Datagram { from: "10.8.0.77:4000", ..Datagram::to(GROUP) }),
        causes: &["reverse-path-filter"],
        says: &["counted 12 such packets meanwhile, of the whole host (IPReversePathFilter)"],
        ..PLAIN
    },
    Case {
        name: "another port, without the right to look",
        sent: || frames(Datagram::to("224.2.2.2:1990")),
        causes: &["other-port"],
        says: &["counted 12 such packets meanwhile, of the whole host (Udp IgnoredMulti)"],
        ..PLAIN
    },
    Case {
        name: "nothing, without the right to look",
        sent: nothing,
        causes: &["unknown"],
        says: &["the link cannot be looked at"],
        ..PLAIN
    },
];

const WITHOUT_RIGHTS: &[&str] = &["setpriv", "--bounding-set", "-net_raw,-net_admin"];

pub fn trials() -> Vec<Trial> {
    let missing = Hosts::missing();
    let all = CASES.iter().map(|it| (it, &[][..]));
    let all = all.chain(BLIND.iter().map(|it| (it, WITHOUT_RIGHTS)));
    let trial = |(number, (case, rights)): (usize, (&'static Case, &'static [&'static str]))| {
        let name = format!("why::{}", case.name);
        trial::unless(missing, name, move || try_case(number, case, rights))
    };
    let mut trials: Vec<_> = all.enumerate().map(trial).collect();
    let interfaces = interfaces::agree_with_iproute2;
    trials.push(trial::unless(missing, "why::interfaces agree with iproute2", interfaces));
    trials
}

fn try_case(number: usize, case: &Case, rights: &[&str]) -> Result<(), Failed> {
    let scene = Scene::new(&number.to_string())?;
    for command in case.before {
        scene.near(command)?;
    }
    let listener = scene.listen((case.asked)(), rights)?;
    for command in case.meanwhile {
        scene.near(command)?;
    }
    let sent = (case.sent)()?;
    for it in &sent {
        scene.send(it)?;
    }
    let told: Told = listener.end()?;
    let is_said = case.says.iter().all(|it| told.evidence.contains(it));
    let all = sent.iter().map(|it| it.lines.len() as u64).sum();
    let has_received = match case.causes {
        [] => told.received == all,
        ["buffer-full"] => told.received > 0 && told.received < all,
        _ => told.received == 0,
    };
    match told.causes == case.causes && is_said && has_received {
        true => Ok(()),
        false => Err(format!("{told:#?}").into()),
    }
}
