//! `wirereel generate` and `wirereel listen` between hosts: who is reached by a broadcast and by a
//! group, what is on the wire by the word of tshark, and what is measured by that of tcpdump.
//!
//! The hosts are network namespaces ([`stage`], [`way`]), which takes root and iproute2. Without them,
//! or without a program of others that a test is about, the test is skipped, and listed as such; with
//! `CI=true` it fails.

mod casts;
mod counts;
mod drops;
mod files;
mod frames;
mod lessons;
mod link;
mod loss;
mod mgen;
mod program;
mod relay;
mod router;
mod running;
mod sources;
pub mod stage;
mod way;

use libtest_mimic::{Failed, Trial};

use crate::against::peer::find;
use crate::hosts::namespaces::Namespace;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        alone("the oracle counts", counts::the_oracle_counts),
        on_stage("the way loses, doubles and reorders", &["nft"], loss::the_way),
        on_stage("loss, copies and order are as captured", &["nft"], loss::measured),
        on_stage("every host hears a broadcast", &[], casts::broadcasts),
        on_stage("members hear a group of IPv4", &[], casts::groups_of_ipv4),
        on_stage("members hear a group of IPv6", &[], casts::groups_of_ipv6),
        on_stage("groups in sequence", &[], casts::groups_in_sequence),
        on_stage("a TTL of 1 ends at a router", &["gcc"], router::hops_of_ipv4),
        on_stage("a hop limit of 1 ends at a router", &["gcc"], router::hops_of_ipv6),
        on_stage("one source of a group of IPv4", &[], sources::source_of_ipv4),
        on_stage("one source of a group of IPv6", &[], sources::source_of_ipv6),
        on_stage("frames as tshark sees them", &["tshark"], link::live_frames),
        on_stage("written frames as tshark sees them", &["tshark"], link::written_frames),
        on_stage("reports as tshark sees them", &["tshark"], link::reports),
        on_stage("C receivers hear every message", &["gcc"], lessons::receivers),
        on_stage("C senders are heard", &["gcc"], lessons::senders),
        on_stage("socat receives", &["socat"], lessons::socat_receives),
        on_stage("socat sends", &["socat"], lessons::socat_sends),
        on_stage("mgen is heard", &["mgen"], mgen::heard),
        on_stage("mgen hears", &["mgen"], mgen::hears),
        on_stage("one seed makes one file", &[], files::seeds),
        on_stage("drops are the kernel's", &[], drops::of_a_full_buffer),
    ]
}

/// A test that needs nothing.
fn alone(name: &str, test: fn() -> Result<(), Failed>) -> Trial {
    trial::unless(None::<&str>, format!("groups::{name}"), test)
}

/// A test that needs hosts, and these programs beside.
fn on_stage(name: &str, programs: &[&str], test: fn() -> Result<(), Failed>) -> Trial {
    let needed = ["ethtool", "tcpdump"].iter().chain(programs);
    let lacking = needed.into_iter().find(|it| find(it).is_none());
    let missing = lacking.map(|it| format!("needs {it}"));
    let missing = missing.or_else(|| Namespace::missing().map(str::to_owned));
    trial::unless(missing, format!("groups::{name}"), test)
}
