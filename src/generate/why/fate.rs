//! What became of frames that came for what is waited for: the first thing on their way through the
//! kernel that stops them.
//!
//! The way is that of Linux: the tag, the IP header, membership and its sources, the reverse path, the
//! address and the port, the checksum, the buffer. The firewall stands at several places of it, and says
//! least: it comes last.

use std::net::IpAddr;

use super::evidence::{Evidence, count};
use super::seen::Flow;
use super::{Cause, Why};
use crate::generate::Cast;

/// Frames that one cause stopped; the first flow of them stands for all.
pub(super) struct Stopped {
    pub cause: Cause,
    pub frames: u64,
    pub first: Flow,
}

/// What became of all of them, by cause in the order of the way.
pub(super) fn stopped(flows: &[Flow], evidence: &Evidence) -> Vec<Stopped> {
    let mut all: Vec<Stopped> = Vec::new();
    let mut left = evidence.counted().reverse_path;
    for flow in without_copies(flows, evidence) {
        for (cause, frames) in fates(&flow, evidence, &mut left) {
            match all.iter_mut().find(|it| it.cause == cause) {
                Some(it) => it.frames = it.frames.saturating_add(frames),
                None => all.push(Stopped { cause, frames, first: flow }),
            }
        }
    }
    all.sort_by_key(|it| it.cause);
    all
}

/// A bridge, a VLAN and the like show a frame twice: on the port, and on the interface that it is
/// passed to. What becomes of it is decided there, and where the listener listens.
fn without_copies(flows: &[Flow], evidence: &Evidence) -> Vec<Flow> {
    let is_same = |a: &Flow, b: &Flow| a.key.from == b.key.from && a.key.to == b.key.to;
    let rank = |it: &Flow| {
        let is_heard = evidence.wanted.cast == Cast::Multicast
            && evidence.joined_by(it.key.to.ip()).is_some_and(|by| by.contains(&it.key.index));
        (it.key.vlan.is_some(), evidence.after.ports.contains(&it.key.index), !is_heard)
    };
    let is_copy = |it: &Flow| {
        let mut others = flows.iter().filter(|other| other.key.index != it.key.index);
        others.any(|other| is_same(it, other) && rank(other) < rank(it))
    };
    flows.iter().filter(|it| !is_copy(it)).copied().collect()
}

/// The causes that stopped a flow's frames, with how many each. `reverse_path` is how many the filter
/// dropped that are not accounted for yet.
fn fates(flow: &Flow, evidence: &Evidence, reverse_path: &mut u64) -> Vec<(Cause, u64)> {
    if let Some(cause) = stopped_whole(flow, evidence) {
        return vec![(cause, flow.frames)];
    }
    let mut fates = vec![(Cause::WrongChecksum, flow.wrong_headers)];
    let mut left = flow.frames.saturating_sub(flow.wrong_headers);
    if is_reverse_path(flow, left, evidence, *reverse_path) {
        *reverse_path = reverse_path.saturating_sub(left);
        fates.push((Cause::ReversePathFilter, left));
        left = 0;
    } else if let Some(cause) = unbound(flow, evidence) {
        fates.push((cause, left));
        left = 0;
    } else {
        fates.push((Cause::WrongChecksum, flow.wrong_checksums));
        left = left.saturating_sub(flow.wrong_checksums);
    }
    fates.push((Cause::Unknown, left));
    fates.retain(|(_, frames)| *frames > 0);
    fates
}

/// What stops every frame of a flow before its header is looked at, and by its addresses.
fn stopped_whole(flow: &Flow, evidence: &Evidence) -> Option<Cause> {
    if flow.key.vlan.is_some() {
        return Some(Cause::VlanTag);
    }
    if evidence.wanted.cast != Cast::Multicast || flow.wrong_headers == flow.frames {
        return None;
    }
    let joined = evidence.joined_by(flow.key.to.ip());
    if joined.is_some_and(|by| !by.contains(&flow.key.index)) {
        return Some(Cause::NotAMember);
    }
    let sources = &evidence.wanted.sources;
    let is_kept_out = !sources.is_empty() && !sources.contains(&flow.key.from);
    // Where the one that is admitted is heard, others are meant to be kept out.
    (is_kept_out && evidence.received == 0).then_some(Cause::SourceFilter)
}

/// Where the filter is on, dropped as many as came, and has reason to.
fn is_reverse_path(flow: &Flow, frames: u64, evidence: &Evidence, dropped: u64) -> bool {
    let key = flow.key;
    let is_on = evidence.reverse_path(key.index).value() > 0;
    let has_dropped = frames > 0 && dropped >= frames;
    let may_drop = is_on && key.from.is_ipv4() && !key.is_outgoing;
    may_drop && has_dropped && evidence.way_back_is_other(key.from, key.index)
}

/// Where something is received, the rest is for another socket.
fn unbound(flow: &Flow, evidence: &Evidence) -> Option<Cause> {
    let to = flow.key.to;
    if evidence.received > 0 {
        return None;
    }
    if !evidence.wanted.is_bound_to(to.ip()) {
        return Some(Cause::AddressNotBound);
    }
    (evidence.is_port_bound(to.port()) == Some(false)).then_some(Cause::PortNotBound)
}

/// What is told of it.
pub(super) fn explain(stopped: &Stopped, evidence: &Evidence) -> Why {
    let Stopped { cause, frames, first } = stopped;
    let key = first.key;
    let (by, from, to) = (evidence.name(key.index), key.from, key.to);
    let way = if key.is_outgoing { "left" } else { "came" };
    let came = format!("{} from {from} to {to} {way} by {by}", count(*frames, "frame"));
    let (evidence, cure) = match cause {
        Cause::VlanTag => {
            let vlan = key.vlan.unwrap_or(0);
            (
                format!("{came} with the tag of VLAN {vlan}, which no interface takes off"),
                format!(
                    "listen by an interface of that VLAN (ip link add link {by} name {by}.{vlan} type vlan id {vlan}), or let the switch take off the tag"
                ),
            )
        }
        Cause::NotAMember => (
            format!("{came}, {}", members(to.ip(), evidence)),
            format!("join by that interface: -i {by}"),
        ),
        Cause::SourceFilter => {
            let (admitted, kernel) = (listed(&evidence.wanted.sources), admitted(first, evidence));
            (
                format!("{came}; the join admits only {admitted}{kernel}"),
                format!("add --source {from}, or join without a source"),
            )
        }
        Cause::ReversePathFilter => reverse_path(&came, key.index, from, evidence),
        Cause::AddressNotBound => (
            format!("{came}; the socket is bound to {}", evidence.wanted.local),
            format!("bind to any address, or to {}", to.ip()),
        ),
        Cause::PortNotBound => (
            format!("{came}; no socket of this host has port {} (/proc/net/udp)", to.port()),
            format!("start the program that listens at port {}", to.port()),
        ),
        _ => wrong_checksum(&came, evidence),
    };
    Why::new(*cause, evidence, cure)
}

fn members(group: IpAddr, evidence: &Evidence) -> String {
    let file = if group.is_ipv4() { "/proc/net/igmp" } else { "/proc/net/igmp6" };
    let by = evidence.joined_by(group).unwrap_or_default();
    match by.as_slice() {
        [] => format!("and this host is no member of {group} ({file})"),
        _ => {
            let names: Vec<_> = by.iter().map(|it| evidence.name(*it)).collect();
            format!("but this host is a member of {group} only by {} ({file})", names.join(", "))
        }
    }
}

fn reverse_path(came: &str, index: u32, from: IpAddr, evidence: &Evidence) -> (String, String) {
    let (by, value) = (evidence.name(index), evidence.reverse_path(index).value());
    let dropped = evidence.counted().reverse_path;
    (
        format!(
            "{came}; the reverse-path filter dropped {dropped} meanwhile (IPReversePathFilter), and is {value} on {by}: answers to {from} would not leave by it"
        ),
        format!(
            "ip route add {from} dev {by}, or sysctl net.ipv4.conf.{by}.rp_filter=2 (0 where no route leads there; that of all must be no larger)"
        ),
    )
}

fn wrong_checksum(came: &str, evidence: &Evidence) -> (String, String) {
    let counted = evidence.counted();
    let kernel =
        [(counted.checksum_errors, "InCsumErrors"), (counted.header_errors, "InHdrErrors")];
    let kernel: Vec<_> =
        kernel.iter().filter(|(it, _)| *it > 0).map(|(it, name)| format!("{name} +{it}")).collect();
    let counts = match kernel.is_empty() {
        true => String::new(),
        false => format!(" (the kernel counted {})", kernel.join(", ")),
    };
    (
        format!("{came} with a wrong checksum{counts}"),
        "mend what makes or changes the frames: the sender's checksum, offloading that is not done, a box between".into(),
    )
}

/// What the kernel says that the interface admits.
fn admitted(flow: &Flow, evidence: &Evidence) -> String {
    let (index, group) = (flow.key.index, flow.key.to.ip());
    let filters = evidence.after.filters.iter();
    let ours = filters.filter(|it| it.index == index && it.group == group && it.admitting > 0);
    let sources: Vec<_> = ours.map(|it| it.source).collect();
    let file = if group.is_ipv4() { "/proc/net/mcfilter" } else { "/proc/net/mcfilter6" };
    if sources.is_empty() { String::new() } else { format!(" ({file}: {})", listed(&sources)) }
}

fn listed(all: &[IpAddr]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
