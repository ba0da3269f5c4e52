//! BFD: two of BIRD watch each other, until one is gone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::FAR;
use crate::against::peer::{Group, comes_true};
use crate::hosts::namespaces::{Hosts, Namespace};

const NEAR: &str = "10.9.0.1";
/// They begin slowly, a second apart.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn bfd(hosts: &Hosts, folder: &Path) {
    let near = bird(hosts, &hosts.near, folder, (NEAR, FAR));
    let far = bird(hosts, &hosts.far, folder, (FAR, NEAR));
    for (host, program) in [(&hosts.near, &near), (&hosts.far, &far)] {
        let is_up = || state(&control(host, folder)).contains(" Up ");
        assert!(comes_true(program.child(), PATIENCE, is_up), "{}", host.name());
    }
    drop(far);
    let is_down = || state(&control(&hosts.near, folder)).contains(" Down ");
    assert!(comes_true(near.child(), PATIENCE, is_down), "nobody missed the other one");
}

fn control(host: &Namespace, folder: &Path) -> PathBuf {
    folder.join(host.name()).with_extension("ctl")
}

/// The sessions that a program has.
fn state(control: &Path) -> String {
    let birdc =
        Command::new("birdc").arg("-s").arg(control).args(["show", "bfd", "sessions"]).output();
    birdc.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default()
}

fn bird(hosts: &Hosts, host: &Namespace, folder: &Path, (own, other): (&str, &str)) -> Group {
    let config = folder.join(host.name()).with_extension("conf");
    let text = format!(
        "router id {own};\nprotocol device {{}}\nprotocol bfd {{\n  interface \"veth0\" {{\n    \
         min rx interval 50 ms; min tx interval 50 ms; multiplier 4;\n  }};\n  \
         neighbor {other} dev \"veth0\" local {own};\n}}\n"
    );
    fs::write(&config, text).expect("a configuration");
    let log = File::create(config.with_extension("log")).expect("a log");
    let mut command = hosts.command(host, "bird");
    command.arg("-f").arg("-c").arg(&config).arg("-s").arg(control(host, folder));
    command.arg("-P").arg(config.with_extension("pid")).stdin(Stdio::null());
    Group::spawn(command.stdout(Stdio::null()).stderr(log))
}
