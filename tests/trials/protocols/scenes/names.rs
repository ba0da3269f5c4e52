//! DNS: dig asks dnsmasq.

use std::path::Path;

use super::FAR;
use crate::against::service::{DNSMASQ, Service};
use crate::against::talks::told;
use crate::hosts::namespaces::Hosts;

/// Names that are known and unknown, with and without EDNS.
pub fn dns(hosts: &Hosts, _: &Path) {
    let _service = dnsmasq(
        hosts,
        DNSMASQ,
        &["--address=/one.test/10.0.0.1", "--txt-record=two.test,by dnsmasq"],
    );
    let questions = [
        &["one.test", "A"][..],
        &["two.test", "TXT"],
        &["three.test", "AAAA"],
        &["one.test", "A", "+noedns", "+norecurse"],
        &["one.test", "A", "+cdflag", "+adflag", "+dnssec"],
    ];
    for question in questions {
        let server = format!("@{FAR}");
        told(hosts, "dig", &[&[server.as_str(), "+tries=1"], question].concat(), "");
    }
}

/// One on the far host that asks nobody, and listens at that port.
pub fn dnsmasq(hosts: &Hosts, port: u16, args: &[&str]) -> Service {
    Service::start(port, |folder| {
        let mut command = hosts.command(&hosts.far, "dnsmasq");
        command.args(["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"]);
        command.args(["--user=root", "--pid-file", "--bind-interfaces", "--interface=veth0"]);
        command.arg(format!("--dhcp-leasefile={}", folder.join("leases").display())).args(args);
        command
    })
}
