//! DHCP: udhcpc of busybox asks dnsmasq for an address, and gives it back.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::names::dnsmasq;
use crate::against::talks::told;
use crate::hosts::namespaces::Hosts;

const SERVER_PORT: u16 = 67;

pub fn dhcp(hosts: &Hosts, folder: &Path) {
    // Asking whether an address is taken is no more than a delay here.
    let range = ["--port=0", "--dhcp-range=10.9.0.100,10.9.0.110,1h", "--no-ping"];
    let boot = ["--dhcp-boot=first.img,booter,10.9.0.2", "--dhcp-authoritative"];
    let _service = dnsmasq(hosts, SERVER_PORT, &[&range[..], &boot].concat());
    // The client calls a program that sets the address; here it is to be left alone.
    let script = folder.join("script");
    fs::write(&script, "#!/bin/sh\n").expect("a script");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("a script that runs");
    let script = script.display().to_string();
    let common = ["-i", "veth0", "-f", "-n", "-q", "-t", "5", "-T", "2", "-s", &script];
    for more in [&["-x", "hostname:near", "-R"][..], &["-B", "-O", "ntpsrv"]] {
        told(hosts, "udhcpc", &[&common, more].concat(), "");
    }
}
