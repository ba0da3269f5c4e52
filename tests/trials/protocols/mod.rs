//! Protocols that everybody speaks, declared as their public headers declare them: what programs of
//! Debian's packages say to each other, recorded between two hosts, is decoded to the values that
//! tshark shows, and `check` finds nothing.
//!
//! Header, profile and a capture of each lie in `fixtures/protocols`, where the same is asserted of that
//! capture without these programs. Where one is missing the test is skipped, and listed as such; with
//! `CI=true` it fails.

mod comparison;
pub mod pdml;
mod protocol;
mod scenes;
mod table;

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::against::talks::lacking;
use crate::hosts::namespaces::Hosts;
use crate::trial;
use crate::wire::tshark;
use protocol::Protocol;

/// Where a recording is kept, as a new capture of the fixtures.
const KEEP: &str = "WIREREEL_KEEP_PROTOCOLS";

pub fn trials() -> Vec<Trial> {
    table::PROTOCOLS.iter().flat_map(|it| [bundled(it), live(it)]).collect()
}

/// The capture of the fixtures.
fn bundled(protocol: &'static Protocol) -> Trial {
    let name = format!("protocols::{}_is_what_tshark_shows", protocol.name);
    trial::unless(tshark::missing(), name, || {
        let capture = protocol.folder().join("capture.pcap");
        Ok(comparison::equal(protocol, &capture)?)
    })
}

/// What its programs say today.
fn live(protocol: &'static Protocol) -> Trial {
    let name = format!("protocols::{}_of_real_programs_is_what_tshark_shows", protocol.name);
    let missing = Hosts::missing().or(tshark::missing()).map(str::to_owned);
    let missing = missing.or_else(|| lacking(&["tcpdump", "ethtool"]));
    let missing = missing.or_else(|| lacking(protocol.programs));
    trial::unless(missing, name, || record(protocol))
}

fn record(protocol: &Protocol) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let capture = match std::env::var_os(KEEP) {
        Some(kept) => PathBuf::from(kept).join(protocol.name).with_extension("pcap"),
        None => folder.path().join("recorded.pcap"),
    };
    scenes::play(protocol, folder.path(), &capture)?;
    Ok(comparison::equal(protocol, &capture)?)
}

/// The folder of a protocol's header, profile and capture.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/protocols").join(name)
}
