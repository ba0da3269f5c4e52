//! Evidence and the causes that it must name: each cause, and what nearly is one.

use std::time::Duration;

use super::*;
use crate::generate::Cast;
use crate::generate::why::evidence::tests::{interface, joined, wanted};
use crate::generate::why::host_state::HostState;
use crate::generate::why::seen::Key;
use crate::net::InterfaceFlags;
use crate::net::host::{BoundSocket, Counters, ReversePath};

/// A frame count, with what is wrong with them in the fields that a test sets.
fn flow(aim: Aim, from: &str, to: &str, frames: u64) -> Flow {
    let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
    let key = Key { index: 2, from, to, vlan: None, is_outgoing: false };
    Flow { frames, ..Flow::new(key, aim, 1) }
}

fn came() -> Flow {
    flow(Aim::Wanted, "10.9.0.2", "224.2.2.2:1989", 12)
}

fn state() -> HostState {
    let local = "0.0.0.0:1989".parse().unwrap();
    HostState {
        interfaces: vec![
            interface(1, "lo", "127.0.0.1/8"),
            interface(2, "eth0", "10.9.0.1/24"),
            interface(3, "eth1", "10.8.0.1/24"),
        ],
        joined: Some(vec![joined(2, "224.2.2.2", 1)]),
        sockets: Some(vec![BoundSocket { local, inode: 0, drops: 0 }]),
        filters: vec![],
        counters: Counters::default(),
        reverse_paths: vec![(2, ReversePath::Off)],
        ports: vec![],
        has_route: true,
        drop_rules: Ok(vec![]),
    }
}

/// A member of 224.2.2.2 by eth0, where so much came and nothing was received.
fn evidence(cast: Cast, flows: &[Flow]) -> Evidence {
    Evidence {
        wanted: wanted(cast),
        watched: Duration::from_secs(2),
        received: 0,
        dropped: 0,
        link: Ok(Seen::with(flows)),
        before: HostState { joined: Some(vec![]), ..state() },
        after: state(),
        ways_back: vec![],
    }
}

fn member(flows: &[Flow]) -> Evidence {
    evidence(Cast::Multicast, flows)
}

fn causes(evidence: &Evidence) -> Vec<&'static str> {
    diagnose(evidence).iter().map(|it| it.cause.as_str()).collect()
}

/// What is changed of the evidence, and the causes that are named then.
type Row = (&'static str, fn(&mut Evidence), &'static [&'static str]);

#[track_caller]
fn must_name(of: &Evidence, rows: &[Row]) {
    for (name, change, expected) in rows {
        let mut evidence = of.clone();
        change(&mut evidence);
        assert_eq!(causes(&evidence), *expected, "{name}");
    }
}

fn rule(packets: Option<u64>) -> DropRule {
    DropRule { chain: "inet t in".into(), handle: Some(3), packets }
}

fn set_rule(it: &mut Evidence, before: Option<u64>, after: Option<u64>) {
    it.before.drop_rules = Ok(vec![rule(before)]);
    it.after.drop_rules = Ok(vec![rule(after)]);
}

fn set_reverse_path(it: &mut Evidence, value: ReversePath, dropped: u64, back: Option<&str>) {
    it.after.reverse_paths = vec![(2, value)];
    it.after.counters.reverse_path = dropped;
    it.ways_back = vec![("10.9.0.2".parse().unwrap(), back.map(|it| it.parse().unwrap()))];
}

#[test]
fn frames_that_came_have_the_first_cause_of_their_way() {
    let rows: &[Row] = &[
        ("nothing explains it", |_| {}, &["unknown"]),
        ("received", |it| it.received = 12, &[]),
        (
            "member elsewhere",
            |it| it.after.joined = Some(vec![joined(3, "224.2.2.2", 1)]),
            &["not-a-member"],
        ),
        ("no member", |it| it.after.joined = Some(vec![]), &["not-a-member"]),
        ("memberships are not known", |it| it.after.joined = None, &["unknown"]),
        (
            "another source",
            |it| it.wanted.sources = vec!["10.9.0.7".parse().unwrap()],
            &["source-filter"],
        ),
        ("its source", |it| it.wanted.sources = vec!["10.9.0.2".parse().unwrap()], &["unknown"]),
        (
            "another source beside one that is heard",
            |it| (it.wanted.sources, it.received) = (vec!["10.9.0.7".parse().unwrap()], 5),
            &[],
        ),
        (
            "bound to the host",
            |it| it.wanted.local = "10.9.0.1:1989".parse().unwrap(),
            &["address-not-bound"],
        ),
        (
            "bound to the group",
            |it| it.wanted.local = "224.2.2.2:1989".parse().unwrap(),
            &["unknown"],
        ),
        ("no socket", |it| it.after.sockets = Some(vec![]), &["port-not-bound"]),
        ("sockets are not known", |it| it.after.sockets = None, &["unknown"]),
        (
            "no member, bound otherwise, no socket: the first",
            |it| {
                it.after.joined = Some(vec![]);
                it.wanted.local = "10.9.0.1:1989".parse().unwrap();
                it.after.sockets = Some(vec![]);
            },
            &["not-a-member"],
        ),
    ];
    must_name(&member(&[came()]), rows);
}

#[test]
fn the_reverse_path_filter_has_dropped_what_came() {
    use ReversePath::{Loose, Off, Strict};
    let rows: &[Row] = &[
        (
            "strict",
            |it| set_reverse_path(it, Strict, 12, Some("10.8.0.1")),
            &["reverse-path-filter"],
        ),
        ("no way back", |it| set_reverse_path(it, Strict, 12, None), &["reverse-path-filter"]),
        (
            "loose, no way back",
            |it| set_reverse_path(it, Loose, 12, None),
            &["reverse-path-filter"],
        ),
        (
            "loose, another way",
            |it| set_reverse_path(it, Loose, 12, Some("10.8.0.1")),
            &["unknown"],
        ),
        (
            "fewer were dropped",
            |it| set_reverse_path(it, Strict, 11, Some("10.8.0.1")),
            &["unknown"],
        ),
        (
            "the way back is the same",
            |it| set_reverse_path(it, Strict, 12, Some("10.9.0.1")),
            &["unknown"],
        ),
        ("it is off", |it| set_reverse_path(it, Off, 12, Some("10.8.0.1")), &["unknown"]),
        (
            "a firewall too",
            |it| {
                set_reverse_path(it, Strict, 12, Some("10.8.0.1"));
                set_rule(it, None, None);
            },
            &["reverse-path-filter"],
        ),
    ];
    must_name(&member(&[came()]), rows);
}

#[test]
fn what_is_wrong_with_frames_is_told_by_their_number() {
    let wrong = |wrong_headers, wrong_checksums| Flow { wrong_headers, wrong_checksums, ..came() };
    let tagged = Flow { key: Key { vlan: Some(5), ..came().key }, ..came() };
    for (flow, received, expected) in [
        (wrong(0, 12), 0, &["wrong-checksum"][..]),
        (wrong(12, 0), 0, &["wrong-checksum"]),
        (wrong(0, 2), 10, &["wrong-checksum"]),
        (wrong(0, 2), 0, &["wrong-checksum", "unknown"]),
        (tagged, 0, &["vlan-tag"]),
        (tagged, 7, &["vlan-tag"]),
    ] {
        let evidence = Evidence { received, ..member(&[flow]) };
        assert_eq!(causes(&evidence), expected, "{flow:?} {received}");
    }
    let told = diagnose(&member(&[wrong(0, 2)]));
    assert!(told[0].evidence.starts_with("2 frames from 10.9.0.2"), "{}", told[0]);
    assert!(told[1].evidence.starts_with("10 frames from 10.9.0.2"), "{}", told[1]);
}

#[test]
fn a_firewall_is_named_where_nothing_else_is_left() {
    let rows: &[Row] = &[
        ("it counted", |it| set_rule(it, Some(3), Some(15)), &["firewall"]),
        ("it counts nothing", |it| set_rule(it, None, None), &["firewall"]),
        ("its count stands still", |it| set_rule(it, Some(3), Some(3)), &["unknown"]),
        ("it cannot be read", |it| it.after.drop_rules = Err("not permitted".into()), &["unknown"]),
        (
            "it dropped what is missing",
            |it| {
                set_rule(it, Some(0), Some(2));
                it.received = 10;
            },
            &["firewall"],
        ),
        (
            "it dropped others",
            |it| {
                set_rule(it, Some(0), Some(3));
                it.received = 10;
            },
            &[],
        ),
    ];
    must_name(&member(&[came()]), rows);
}

#[test]
fn a_full_buffer_goes_by_both_counts() {
    let full = |it: &mut Evidence, whole, own| {
        it.after.counters.buffer_errors = whole;
        it.dropped = own;
    };
    for (whole, own, received, expected) in [
        (12, 12, 0, &["buffer-full"][..]),
        (12, 12, 40, &["buffer-full"]),
        // Other sockets' drops, and drops of another kind.
        (12, 0, 0, &["unknown"]),
        (0, 12, 0, &["unknown"]),
    ] {
        let mut evidence = Evidence { received, ..member(&[came()]) };
        full(&mut evidence, whole, own);
        assert_eq!(causes(&evidence), expected, "{whole} {own} {received}");
    }
}

#[test]
fn where_nothing_came_the_interface_is_looked_at_first() {
    let rows: &[Row] = &[
        ("nothing", |_| {}, &["not-seen", "no-querier"]),
        ("received all the same", |it| it.received = 1, &[]),
        ("somebody asks", |it| asked(it), &["not-seen"]),
        ("down", |it| flags(it, 0x1002), &["interface-down"]),
        ("not connected", |it| flags(it, 0x1003), &["interface-down"]),
        ("without groups", |it| flags(it, 0x43), &["no-multicast-flag"]),
        ("connected", |it| flags(it, 0x1043), &["not-seen", "no-querier"]),
        ("no member", |it| it.after.joined = Some(vec![]), &["not-a-member"]),
        (
            "no route, no member",
            |it| (it.after.joined, it.after.has_route) = (Some(vec![]), false),
            &["no-route"],
        ),
        ("no route, a member", |it| it.after.has_route = false, &["not-seen", "no-querier"]),
    ];
    must_name(&member(&[]), rows);
}

fn asked(it: &mut Evidence) {
    let mut seen = Seen::default();
    seen.querier = Some("10.9.0.9".parse().unwrap());
    it.link = Ok(seen);
}

/// eth0, named and with these flags.
fn flags(it: &mut Evidence, flags: u32) {
    let eth0 = &mut it.after.interfaces[1];
    eth0.flags = InterfaceFlags(flags);
    it.wanted.interface = Some(eth0.clone());
}

#[test]
fn loopback_needs_neither_flags_nor_a_querier() {
    let mut evidence = member(&[]);
    evidence.wanted.interface = Some(evidence.after.interfaces[0].clone());
    evidence.after.joined = Some(vec![joined(1, "224.2.2.2", 1)]);
    assert_eq!(causes(&evidence), ["not-seen"]);
}

#[test]
fn the_nearest_sender_is_named_alone() {
    let port = flow(Aim::OtherPort, "10.9.0.2", "224.2.2.2:1990", 3);
    let group = flow(Aim::OtherGroup, "10.9.0.2", "224.2.2.3:1989", 90);
    for (flows, expected) in [
        (&[port, group][..], "other-port"),
        (&[group], "other-group"),
        (&[came(), port, group], "unknown"),
    ] {
        assert_eq!(causes(&member(flows)), [expected], "{flows:?}");
    }
    let all = flow(Aim::OtherBroadcast, "10.9.0.2", "10.9.255.255:1989", 1);
    assert_eq!(causes(&evidence(Cast::Broadcast, &[all])), ["other-broadcast"]);
    let host = flow(Aim::OtherHost, "10.9.0.2", "10.9.0.7:1989", 1);
    assert_eq!(causes(&evidence(Cast::Unicast, &[host])), ["other-host"]);
    // A port that another program has is that program's.
    let port = flow(Aim::OtherPort, "10.9.0.2", "10.9.0.1:1990", 1);
    let mut evidence = evidence(Cast::Unicast, &[port]);
    assert_eq!(causes(&evidence), ["port-not-bound"]);
    let local = "0.0.0.0:1990".parse().unwrap();
    evidence.after.sockets.as_mut().unwrap().push(BoundSocket { local, inode: 0, drops: 0 });
    assert_eq!(causes(&evidence), ["not-seen"]);
}

#[test]
fn a_frame_that_is_seen_twice_has_one_cause() {
    let by = |index, vlan| Flow { key: Key { index, vlan, ..came().key }, ..came() };
    let mut evidence = member(&[by(2, None), by(3, None)]);
    assert_eq!(causes(&evidence), ["unknown"], "eth0 is the member, and eth1 shows the same");
    evidence.received = 12;
    assert_eq!(causes(&evidence), [""; 0]);
    let mut evidence = member(&[by(2, Some(5)), by(3, None)]);
    assert_eq!(causes(&evidence), ["not-a-member"], "eth1 is the VLAN's interface");
    evidence.after.joined = Some(vec![joined(3, "224.2.2.2", 1)]);
    assert_eq!(causes(&evidence), ["unknown"]);
    let mut evidence = member(&[by(2, None), by(3, None)]);
    evidence.after.ports = vec![2];
    assert_eq!(causes(&evidence), ["not-a-member"], "eth0 is a port of the bridge eth1");
}

#[test]
fn a_sender_on_this_host_is_seen_as_it_leaves() {
    let leaves = Flow { key: Key { is_outgoing: true, ..came().key }, ..came() };
    let mut evidence = member(&[leaves]);
    set_rule(&mut evidence, None, None);
    let [why] = &diagnose(&evidence)[..] else { panic!("one") };
    assert_eq!(why.cause, Cause::Unknown);
    assert!(
        why.evidence.contains("12 frames from 10.9.0.2 to 224.2.2.2:1989 left by eth0"),
        "{why}"
    );
    assert!(why.evidence.contains("IP_MULTICAST_LOOP"), "{why}");
    evidence.after.joined = Some(vec![joined(3, "224.2.2.2", 1)]);
    assert_eq!(causes(&evidence), ["not-a-member"]);
    evidence.received = 3;
    assert_eq!(causes(&evidence), [""; 0]);
}

#[test]
fn without_the_right_to_look_the_kernel_is_asked() {
    let rows: &[Row] = &[
        ("nothing", |_| {}, &["unknown"]),
        ("received", |it| it.received = 1, &[]),
        ("down", |it| flags(it, 0x1002), &["interface-down"]),
        ("no member", |it| it.after.joined = Some(vec![]), &["not-a-member"]),
        (
            "bound to the host",
            |it| it.wanted.local = "10.9.0.1:1989".parse().unwrap(),
            &["address-not-bound"],
        ),
        (
            "bound to the group",
            |it| it.wanted.local = "224.2.2.2:1989".parse().unwrap(),
            &["unknown"],
        ),
        ("no socket", |it| it.after.sockets = Some(vec![]), &["port-not-bound"]),
        ("reverse path", |it| it.after.counters.reverse_path = 1, &["reverse-path-filter"]),
        ("checksums", |it| it.after.counters.checksum_errors = 1, &["wrong-checksum"]),
        ("headers", |it| it.after.counters.header_errors = 1, &["wrong-checksum"]),
        ("ignored", |it| it.after.counters.ignored_groups = 1, &["other-port"]),
        ("no port, which is of hosts", |it| it.after.counters.no_ports = 1, &["unknown"]),
        (
            "a full buffer",
            |it| (it.after.counters.buffer_errors, it.dropped, it.received) = (5, 5, 9),
            &["buffer-full"],
        ),
    ];
    let blind = Evidence { link: Err("not permitted".into()), ..member(&[]) };
    must_name(&blind, rows);
    let mut unicast = Evidence { wanted: wanted(Cast::Unicast), ..blind };
    unicast.after.counters.no_ports = 3;
    let [why] = &diagnose(&unicast)[..] else { panic!("one") };
    assert_eq!(why.cause, Cause::PortNotBound);
    assert!(why.evidence.contains("counted 3 such packets"), "{why}");
}
