//! NetFlow: softflowd tells what conversations captures hold.

use std::path::Path;

use super::FAR;
use crate::against::talks::told;
use crate::hosts::namespaces::Hosts;
use crate::serving::bundled;

const COLLECTOR: u16 = 2055;

pub fn netflow(hosts: &Hosts, folder: &Path) {
    let pid = folder.join("pid").display().to_string();
    let to = format!("{FAR}:{COLLECTOR}");
    for capture in ["ok_http_chromium.pcap", "ok_stream_par.pcap", "ok_dgram_var.pcap"] {
        let capture = bundled(capture).display().to_string();
        // -d stays in the foreground, and without a control socket ends with the capture.
        let args = ["-d", "-r", &capture, "-n", &to, "-v", "5", "-c", "none", "-p", &pid];
        told(hosts, "softflowd", &args, "");
    }
}
