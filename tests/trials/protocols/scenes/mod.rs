//! Two hosts on a wire, and what their programs say to each other there.

pub mod clocks;
pub mod files;
pub mod flows;
pub mod leases;
pub mod names;
pub mod tunnels;
pub mod watching;

use std::path::Path;

use super::protocol::Protocol;
use crate::against::recording::{Recorder, mark};
use crate::groups::stage::plain;
use crate::hosts::namespaces::Hosts;

/// The interface that joins the hosts.
const LINK: &str = "veth0";
/// The other host.
const FAR: &str = "10.9.0.2";

/// Records what a protocol's programs say.
pub fn play(protocol: &Protocol, folder: &Path, capture: &Path) -> Result<(), String> {
    let hosts = Hosts::new(protocol.name)?;
    for host in [&hosts.near, &hosts.far] {
        plain(host, LINK)?;
    }
    let recorder = Recorder::start(&hosts.near, LINK, capture);
    (protocol.talk)(&hosts, folder);
    mark(&hosts.near, FAR.parse().expect("an address"));
    recorder.finish();
    Ok(())
}
