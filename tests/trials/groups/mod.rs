//! `wirereel generate` and `wirereel listen` between hosts: who is reached by a broadcast and by a
//! group, what is on the wire by the word of tshark, and what is measured by that of tcpdump.
//!
//! The hosts are network namespaces ([`stage`], [`way`]), which takes root and iproute2. Without them,
//! or without a program of others that a test is about, the test is skipped, and listed as such; with
//! `CI=true` it fails.

mod counts;
mod frames;
mod loss;
mod relay;
mod running;
mod stage;
mod way;

use libtest_mimic::{Failed, Trial};

use crate::against::peer::find;
use crate::hosts::namespaces::Namespace;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        alone("the oracle counts", counts::the_oracle_counts),
        on_stage("the way loses, doubles and reorders", &["nft"], loss::the_way),
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
