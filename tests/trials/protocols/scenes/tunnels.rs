//! Tunnels: WireGuard by wireguard-go, VXLAN by the kernel, GTP by osmo-ggsn and its client.

use std::fs::{self, File};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio, id};
use std::time::Duration;

use super::FAR;
use crate::against::peer::{Group, comes_true};
use crate::against::recording::output_of;
use crate::against::service::Service;
use crate::against::talks::told;
use crate::groups::stage::plain;
use crate::hosts::namespaces::{Hosts, Namespace};

const NEAR: &str = "10.9.0.1";
const WIREGUARD: u16 = 51_820;
const GTP_U: u16 = 2_152;
/// How long a program may take until it can be spoken to.
const PATIENCE: Duration = Duration::from_secs(30);

/// One end of a tunnel: its host, its interface, and its addresses outside and inside.
struct End<'h> {
    host: &'h Namespace,
    link: String,
    outside: &'static str,
    inside: &'static str,
}

fn ends<'h>(hosts: &'h Hosts, kind: &str) -> [End<'h>; 2] {
    // The names of wireguard-go's sockets are those of its interfaces, one machine over.
    let end = |host, side, outside, inside| End {
        host,
        link: format!("{kind}{side}{}", id()),
        outside,
        inside,
    };
    [end(&hosts.near, "n", NEAR, "10.10.0.1"), end(&hosts.far, "f", FAR, "10.10.0.2")]
}

pub fn wireguard(hosts: &Hosts, folder: &Path) {
    let ends = ends(hosts, "wg");
    let _programs = [0, 1].map(|it| wireguard_go(&ends[it], folder));
    let keys = ["near", "far"].map(|it| folder.join(it));
    let public = keys.each_ref().map(|file| {
        let private = output_of(Command::new("wg").arg("genkey"));
        fs::write(file, private).expect("a key");
        let public =
            output_of(Command::new("wg").arg("pubkey").stdin(File::open(file).expect("a key")));
        public.trim().to_owned()
    });
    for (at, end) in ends.iter().enumerate() {
        let other = &ends[1 - at];
        let mut wg = end.host.command("wg");
        wg.args(["set", &end.link, "listen-port", &WIREGUARD.to_string(), "private-key"])
            .arg(&keys[at]);
        wg.args(["peer", &public[1 - at], "allowed-ips", "10.10.0.0/24", "endpoint"]);
        output_of(wg.arg(format!("{}:{WIREGUARD}", other.outside)));
        end.up();
    }
    talk(&ends);
}

fn wireguard_go(end: &End<'_>, folder: &Path) -> Group {
    let log = File::create(folder.join(&end.link)).expect("a log");
    let mut command = end.host.command("wireguard-go");
    // It asks whether the kernel has it, and warns where it may.
    command.args(["-f", &end.link]).env("WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD", "1");
    let program = Group::spawn(
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log),
    );
    let socket = Path::new("/var/run/wireguard").join(&end.link).with_extension("sock");
    assert!(comes_true(program.child(), PATIENCE, || socket.exists()), "{}", end.link);
    program
}

pub fn vxlan(hosts: &Hosts, _: &Path) {
    let ends = ends(hosts, "vx");
    for (at, end) in ends.iter().enumerate() {
        let other = &ends[1 - at];
        let link = ["link", "add", &end.link, "type", "vxlan", "id", "4242", "dstport", "4789"];
        let way = ["local", end.outside, "remote", other.outside];
        end.host.ip(&[&link[..], &way].concat()).expect("a link");
        plain(end.host, &end.link).expect("whole checksums");
        end.up();
    }
    talk(&ends);
}

impl End<'_> {
    fn up(&self) {
        let address = format!("{}/24", self.inside);
        self.host.ip(&["address", "add", &address, "dev", &self.link]).expect("an address");
        self.host.ip(&["link", "set", &self.link, "up"]).expect("a link");
    }
}

/// Datagrams through the tunnel, there and back; the first may have to wait for it.
fn talk([near, far]: &[End<'_>; 2]) {
    let socket = |end: &End<'_>| {
        let socket = end.host.within(|| UdpSocket::bind((end.inside, 0))).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        socket
    };
    let (near, far) = (socket(near), socket(far));
    for text in ["a grade", "another one, which is longer", ""] {
        let mut bytes = [0; 64];
        let to = far.local_addr().expect("an address");
        near.send_to(text.as_bytes(), to).expect("sent");
        let (len, from) = far.recv_from(&mut bytes).expect("received");
        far.send_to(&bytes[..len], from).expect("sent");
        assert_eq!(near.recv(&mut bytes).expect("an answer"), text.len());
    }
}

/// A phone's packets to the gateway and back, with numbers and without.
pub fn gtp(hosts: &Hosts, folder: &Path) {
    let _gateway = Service::start(GTP_U, |folder| {
        let config = folder.join("ggsn.cfg");
        fs::write(&config, gateway(folder)).expect("a configuration");
        let mut command = hosts.command(&hosts.far, "osmo-ggsn");
        command.arg("-c").arg(config);
        command
    });
    let state = folder.display().to_string();
    let pid = folder.join("pid").display().to_string();
    let common = ["-l", NEAR, "-r", FAR, "--statedir", &state, "--pidfile", &pid];
    let ping = ["--pinghost", "172.16.222.0", "--pingcount", "3", "--pingrate", "20"];
    for more in [&[][..], &["--no-tx-gpdu-seq"]] {
        let said = told(hosts, "sgsnemu", &[&common[..], &ping, more].concat(), "");
        assert!(said.contains("3 packets received"), "{said}");
    }
}

fn gateway(folder: &Path) -> String {
    format!(
        "log stderr\n logging level ggsn info\nline vty\n no login\nggsn ggsn0\n \
         gtp state-dir {}\n gtp bind-ip {FAR}\n apn internet\n  gtpu-mode tun\n  tun-device tun4\n  \
         type-support v4\n  ip prefix dynamic 172.16.222.0/24\n  ip ifconfig 172.16.222.0/24\n  \
         no shutdown\n default-apn internet\n no shutdown ggsn\n",
        folder.display()
    )
}
