//! Nothing came for what is waited for: what the interface is like, and what else is on the link.

use super::aim::Aim;
use super::evidence::{Evidence, count};
use super::seen::{Flow, Seen};
use super::{Cause, Why};
use crate::generate::Cast;
use crate::net::Interface;

/// The interface's own state comes before what others do; a sender that is off by its port alone is
/// nearer than one of another group.
pub(super) fn diagnose(seen: &Seen, evidence: &Evidence) -> Vec<Why> {
    if let Some(why) = unable(evidence).or_else(|| near_sender(seen, evidence)) {
        return vec![why];
    }
    if let Some(why) = no_member(evidence) {
        return vec![why];
    }
    let mut whys = vec![not_seen(seen, evidence)];
    whys.extend(no_querier(seen, evidence));
    whys
}

/// What keeps anything from coming: the interface, or that there is none for it.
pub(super) fn unable(evidence: &Evidence) -> Option<Why> {
    let named = evidence.wanted.interface.as_ref();
    // As it is now: it may have gone down meanwhile.
    let interface = named.map(|it| evidence.interface(it.index).unwrap_or(it));
    interface
        .and_then(|it| down(it).or_else(|| without_groups(it, evidence)))
        .or_else(|| no_route(evidence).filter(|_| named.is_none()))
}

fn down(interface: &Interface) -> Option<Why> {
    let name = &interface.name;
    let cause = Cause::InterfaceDown;
    if !interface.flags.is_up() {
        let evidence = format!("{name} is down (flags: {})", flags(interface));
        return Some(Why::new(cause, evidence, format!("ip link set {name} up")));
    }
    (!interface.flags.is_running() && !interface.is_loopback).then(|| {
        let evidence = format!("{name} is up, but not connected (flags: {})", flags(interface));
        Why::new(cause, evidence, "look at the cable, the peer, the switch's port")
    })
}

fn without_groups(interface: &Interface, evidence: &Evidence) -> Option<Why> {
    let is_unable = !interface.carries_groups();
    (is_unable && evidence.wanted.cast == Cast::Multicast).then(|| {
        let name = &interface.name;
        let evidence = format!("{name} lacks the flag MULTICAST (flags: {})", flags(interface));
        let cure = format!("ip link set {name} multicast on, or listen by another interface");
        Why::new(Cause::NoMulticastFlag, evidence, cure)
    })
}

fn no_route(evidence: &Evidence) -> Option<Why> {
    let wanted = &evidence.wanted;
    let is_member = wanted.groups.iter().any(|it| evidence.joined_by(*it) != Some(vec![]));
    let is_so = wanted.cast == Cast::Multicast && !evidence.after.has_route && !is_member;
    let group = wanted.groups.first().filter(|_| is_so)?;
    let all = if group.is_ipv4() { "224.0.0.0/4" } else { "ff00::/8" };
    Some(Why::new(
        Cause::NoRoute,
        format!(
            "no route leads to {group} and no interface is named, so that the host is no member of it"
        ),
        format!("-i INTERFACE, or ip route add {all} dev INTERFACE"),
    ))
}

/// The host is no member, so that no switch need send it anything.
pub(super) fn no_member(evidence: &Evidence) -> Option<Why> {
    let wanted = &evidence.wanted;
    let group = wanted.groups.iter().find(|it| evidence.joined_by(**it) == Some(vec![]))?;
    let file = if group.is_ipv4() { "/proc/net/igmp" } else { "/proc/net/igmp6" };
    let evidence = format!("this host is no member of {group} by any interface ({file})");
    Some(Why::new(Cause::NotAMember, evidence, "join it: -i INTERFACE"))
}

fn near_sender(seen: &Seen, evidence: &Evidence) -> Option<Why> {
    let aims = [Aim::OtherPort, Aim::OtherGroup, Aim::OtherBroadcast, Aim::OtherHost];
    aims.into_iter().find_map(|aim| {
        let flow = seen.flows(aim).into_iter().find(|it| is_meant(it, evidence))?;
        Some(misdirected(&flow, evidence))
    })
}

/// What goes to this host at a port that a program has is for that program, and no mistake.
fn is_meant(flow: &Flow, evidence: &Evidence) -> bool {
    let is_of_group = evidence.wanted.cast == Cast::Multicast;
    let port = flow.key.to.port();
    flow.aim != Aim::OtherPort || is_of_group || evidence.is_port_bound(port) == Some(false)
}

fn misdirected(flow: &Flow, evidence: &Evidence) -> Why {
    let key = flow.key;
    let (to, by, wanted) = (key.to, evidence.name(key.index), &evidence.wanted);
    let way = if key.is_outgoing { "left" } else { "were seen" };
    let seen = format!("{} from {} to {to} {way} on {by}", count(flow.frames, "frame"), key.from);
    let tag = key.vlan.map_or(String::new(), |it| format!(", with the tag of VLAN {it}"));
    let none = format!("{seen}{tag}, none to {}", wanted.told());
    let port = to.port();
    match flow.aim {
        Aim::OtherGroup => {
            let cure = format!(
                "listen to that group: --group {to}; or let the sender use {}",
                wanted.told()
            );
            Why::new(Cause::OtherGroup, none, cure)
        }
        Aim::OtherBroadcast => Why::new(
            Cause::OtherBroadcast,
            format!(
                "{none}: {} is no broadcast address of {by} ({})",
                to.ip(),
                broadcasts(&by, evidence)
            ),
            "give both hosts the same prefix, or let the sender use 255.255.255.255",
        ),
        Aim::OtherHost => Why::new(
            Cause::OtherHost,
            format!("{none}: {} is no address of this host", to.ip()),
            "let the sender use this host's address",
        ),
        _ if wanted.cast == Cast::Unicast => Why::new(
            Cause::PortNotBound,
            format!("{none}; no socket of this host has port {port} (/proc/net/udp)"),
            format!("listen at port {port}, or let the sender use {}", wanted.local.port()),
        ),
        _ => Why::new(
            Cause::OtherPort,
            none,
            format!("listen at port {port}, or let the sender use {}", wanted.local.port()),
        ),
    }
}

fn broadcasts(name: &str, evidence: &Evidence) -> String {
    let own = evidence.after.interfaces.iter().find(|it| it.name == name);
    let own: Vec<_> = own.iter().flat_map(|it| &it.broadcasts).map(ToString::to_string).collect();
    if own.is_empty() { "it has none".to_owned() } else { format!("it has {}", own.join(", ")) }
}

fn not_seen(seen: &Seen, evidence: &Evidence) -> Why {
    let by = evidence.wanted.interface.as_ref().map_or("any interface", |it| &it.name);
    let seconds = evidence.watched.as_secs_f64();
    Why::new(
        Cause::NotSeen,
        format!(
            "in {seconds:.1} s nothing for {} was seen on {by} ({} of UDP, IGMP and ICMPv6 were)",
            evidence.wanted.told(),
            count(seen.packets, "packet")
        ),
        "look at the sender: whether it runs, its interface, its destination, its TTL; and at what lies between",
    )
}

/// Said only beside [`Cause::NotSeen`]: where something comes, nobody needs to ask.
fn no_querier(seen: &Seen, evidence: &Evidence) -> Option<Why> {
    /// RFC 3376 section 8.2, RFC 3810 section 9.2.
    const QUERY_INTERVAL: u64 = 125;
    let wanted = &evidence.wanted;
    let is_loopback = wanted.interface.as_ref().is_some_and(|it| it.is_loopback);
    if wanted.cast != Cast::Multicast || is_loopback || seen.querier.is_some() {
        return None;
    }
    let protocol = if wanted.local.is_ipv4() { "IGMP" } else { "MLD" };
    let seconds = evidence.watched.as_secs_f64();
    Some(Why::new(
        Cause::NoQuerier,
        format!(
            "no {protocol} query was seen in {seconds:.1} s (a querier asks every {QUERY_INTERVAL} s): a switch that snoops forgets members that nobody asks for"
        ),
        format!(
            "watch for longer than {QUERY_INTERVAL} s to be sure; then let a router or the switch be the querier, or switch snooping off"
        ),
    ))
}

fn flags(interface: &Interface) -> String {
    interface.flags.names().collect::<Vec<_>>().join(" ")
}
