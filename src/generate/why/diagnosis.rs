//! From evidence to causes. It looks at nothing else.

use super::aim::Aim;
use super::evidence::{Evidence, count};
use super::fate::{Stopped, explain, stopped};
use super::seen::{Flow, Seen};
use super::{Cause, Why, blind, nearby};
use crate::net::DropRule;

/// The causes, those that stop a packet first before others. None where all that was seen can have
/// been received.
pub(super) fn diagnose(evidence: &Evidence) -> Vec<Why> {
    match &evidence.link {
        Ok(seen) => with_link(seen, evidence),
        Err(reason) => blind::diagnose(reason, evidence),
    }
}

fn with_link(seen: &Seen, evidence: &Evidence) -> Vec<Why> {
    let (outgoing, mut came): (Vec<_>, Vec<_>) =
        seen.flows(Aim::Wanted).into_iter().partition(|it| it.key.is_outgoing);
    if came.is_empty() && evidence.received == 0 {
        // The sender may be this host: its frames are seen as they leave.
        came = outgoing;
    }
    let all = stopped(&came, evidence);
    let (unknown, known): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|it| it.cause == Cause::Unknown);
    let mut whys: Vec<_> = known.iter().map(|it| explain(it, evidence)).collect();
    whys.extend(full_buffer(evidence));
    let is_explained = whys.iter().any(|it| it.cause == Cause::BufferFull);
    match unknown.first() {
        Some(rest) if evidence.received > 0 => whys.extend(dropped_in_part(rest, evidence)),
        Some(rest) if !is_explained => whys.push(unexplained(rest, seen, evidence)),
        None if came.is_empty() && whys.is_empty() && evidence.received == 0 => {
            whys.extend(nearby::diagnose(seen, evidence));
        }
        _ => {}
    }
    whys
}

/// The kernel's count is of all sockets; that of the socket itself counts other drops too.
pub(super) fn full_buffer(evidence: &Evidence) -> Option<Why> {
    let (whole, own) = (evidence.counted().buffer_errors, evidence.socket_drops());
    let dropped = whole.min(own);
    (dropped > 0).then(|| {
        Why::new(
            Cause::BufferFull,
            format!(
                "the socket had no room for {} (RcvbufErrors +{whole})",
                count(dropped, "datagram")
            ),
            "give it more room (sysctl net.core.rmem_max), or send slower",
        )
    })
}

/// Some were received. Of a rule that dropped exactly as many as are missing it can be said.
fn dropped_in_part(rest: &Stopped, evidence: &Evidence) -> Option<Why> {
    let missing = rest.frames.checked_sub(evidence.received).filter(|it| *it > 0)?;
    let rules = evidence.rules_that_dropped();
    let (rule, _) = rules.iter().find(|(_, rise)| *rise == Some(missing))?;
    let told = format!(
        "{} of {} were received; {} dropped {missing} meanwhile",
        evidence.received,
        count(rest.frames, "frame"),
        place(rule)
    );
    Some(Why::new(Cause::Firewall, told, "let them pass in it: nft list ruleset"))
}

fn place(rule: &DropRule) -> String {
    match rule.handle {
        Some(handle) => format!("a rule of chain {} (handle {handle})", rule.chain),
        None => format!("chain {}, whose policy is to drop,", rule.chain),
    }
}

/// They came, nothing is known to have stopped them, and they were not received.
fn unexplained(rest: &Stopped, seen: &Seen, evidence: &Evidence) -> Why {
    let Stopped { frames, first, .. } = rest;
    let Flow { key, fragments, .. } = first;
    let by = evidence.name(key.index);
    let way = if key.is_outgoing { "left" } else { "came" };
    let told = format!("{} from {} to {} {way} by {by}", count(*frames, "frame"), key.from, key.to);
    let rules = evidence.rules_that_dropped();
    if let ([rule, ..], false) = (rules.as_slice(), key.is_outgoing) {
        let (rule, rise) = rule;
        let counted = match rise {
            Some(rise) => format!("dropped {rise} meanwhile"),
            None => {
                "drops, without counting, and nothing else is known to have stopped them".into()
            }
        };
        let cure = format!("let UDP port {} pass in it: nft list ruleset", key.to.port());
        return Why::new(Cause::Firewall, format!("{told}; {} {counted}", place(rule)), cure);
    }
    let mut notes =
        vec!["none was received, and nothing that was looked at explains it".to_owned()];
    if key.is_outgoing {
        notes.push("the sender is this host, and may leave out its own (IP_MULTICAST_LOOP)".into());
    }
    if *fragments > 0 {
        let failed = evidence.counted().reassembly_failures;
        notes.push(format!(
            "{} are parts of longer ones (ReasmFails +{failed})",
            count(*fragments, "frame")
        ));
    }
    if let Err(reason) = &evidence.after.drop_rules {
        notes.push(format!("the firewall's rules could not be read ({reason})"));
    }
    if seen.missed > 0 {
        notes.push(format!("{} went past the watch", count(seen.missed, "frame")));
    }
    let cure = "look at what the kernel drops: tc and XDP on the interface, dropwatch, perf trace -e skb:kfree_skb";
    Why::new(Cause::Unknown, format!("{told}; {}", notes.join("; ")), cure)
}

#[cfg(test)]
#[path = "diagnosis_tests.rs"]
mod tests;
