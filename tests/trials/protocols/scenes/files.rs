//! TFTP: tftp fetches and puts files of tftpd-hpa.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::FAR;
use crate::against::peer::find;
use crate::against::service::{Service, TFTPD};
use crate::against::talks::told;
use crate::hosts::namespaces::Hosts;

/// From where the server sends files, so that a rule can name it.
const TRANSFERS: &str = "40000:40000";

pub fn tftp(hosts: &Hosts, folder: &Path) {
    let _service = Service::start(TFTPD, |folder| {
        let files = folder.join("files");
        fs::create_dir(&files).expect("a folder");
        fs::set_permissions(&files, Permissions::from_mode(0o777)).expect("a folder for all");
        let bytes: Vec<u8> = (0..1100).map(|it: u32| (it % 251) as u8).collect();
        fs::write(files.join("small"), bytes).expect("a file");
        fs::set_permissions(files.join("small"), Permissions::from_mode(0o644)).expect("a file");
        let program = find("in.tftpd").expect("in.tftpd");
        let mut command = hosts.command(&hosts.far, &program.to_string_lossy());
        command.args(["-L", "-4", "-a", &format!("{FAR}:{TFTPD}"), "-c", "-p", "-U", "000"]);
        command.args(["-R", TRANSFERS, "-u", "nobody", "-s"]).arg(files);
        command
    });
    let sent = folder.join("sent");
    fs::write(&sent, "a grade each line\n".repeat(40)).expect("a file");
    let got = folder.join("got").display().to_string();
    let sent = sent.display().to_string();
    for command in [&["get", "small", &got][..], &["get", "nosuch", &got], &["put", &sent, "sent"]]
    {
        let common = ["-m", "binary", FAR, "69", "-c"];
        told(hosts, "tftp", &[&common, command].concat(), "");
    }
}
