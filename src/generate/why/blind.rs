//! What can be said without the right to see the link: the host's own state, and the kernel's counts,
//! which are of the whole host. What is only likely is said as such.

use super::diagnosis::full_buffer;
use super::evidence::{Evidence, count};
use super::{Cause, Why, nearby};
use crate::generate::Cast;

/// One cause: what follows from the host's state, then what the kernel counted, then none.
pub(super) fn diagnose(reason: &str, evidence: &Evidence) -> Vec<Why> {
    if evidence.received > 0 {
        return full_buffer(evidence).into_iter().collect();
    }
    let why = nearby::unable(evidence)
        .or_else(|| nearby::no_member(evidence))
        .or_else(|| bound_otherwise(evidence))
        .or_else(|| full_buffer(evidence))
        .or_else(|| counted(evidence))
        .unwrap_or_else(|| unknown(reason, evidence));
    vec![why]
}

/// A socket that has a host's address hears neither groups nor everybody; one that is not there hears
/// nothing.
fn bound_otherwise(evidence: &Evidence) -> Option<Why> {
    let wanted = &evidence.wanted;
    let local = wanted.local;
    let is_of_host = evidence.after.interfaces.iter().any(|it| it.addresses.contains(&local.ip()));
    if is_of_host && wanted.cast != Cast::Unicast {
        let what = if wanted.cast == Cast::Multicast { "groups" } else { "everybody" };
        return Some(Why::new(
            Cause::AddressNotBound,
            format!("the socket is bound to {local}, where nothing that is sent to {what} arrives"),
            "bind to any address",
        ));
    }
    let port = local.port();
    (evidence.is_port_bound(port) == Some(false)).then(|| {
        Why::new(
            Cause::PortNotBound,
            format!("no socket of this host has port {port} (/proc/net/udp)"),
            format!("start the program that listens at port {port}"),
        )
    })
}

/// What the kernel counted while nothing came, whomever it was for.
fn counted(evidence: &Evidence) -> Option<Why> {
    let counted = evidence.counted();
    let is_unicast = evidence.wanted.cast == Cast::Unicast;
    let rows = [
        (
            counted.reverse_path,
            Cause::ReversePathFilter,
            "IPReversePathFilter",
            "ip route get SENDER; sysctl net.ipv4.conf.INTERFACE.rp_filter=2 where the way back may be another",
        ),
        (
            counted.checksum_errors,
            Cause::WrongChecksum,
            "Udp InCsumErrors",
            "mend what makes or changes the frames",
        ),
        (
            counted.header_errors,
            Cause::WrongChecksum,
            "Ip InHdrErrors",
            "mend what makes or changes the frames",
        ),
        (
            if is_unicast { counted.no_ports } else { 0 },
            Cause::PortNotBound,
            "Udp NoPorts",
            "compare the sender's port with this one",
        ),
        (
            if is_unicast { 0 } else { counted.ignored_groups },
            Cause::OtherPort,
            "Udp IgnoredMulti",
            "compare the sender's port with this one",
        ),
    ];
    let (number, cause, key, cure) = rows.into_iter().find(|(it, ..)| *it > 0)?;
    let told = format!(
        "the kernel counted {} meanwhile, of the whole host ({key})",
        count(number, "such packet")
    );
    Some(Why::new(cause, told, cure))
}

fn unknown(reason: &str, evidence: &Evidence) -> Why {
    let told = format!(
        "the link cannot be looked at ({reason}), and what /proc says does not explain why nothing for {} came",
        evidence.wanted.told()
    );
    Why::new(
        Cause::Unknown,
        told,
        "run it with CAP_NET_RAW (as root, or setcap cap_net_raw+ep): then the link says more",
    )
}
