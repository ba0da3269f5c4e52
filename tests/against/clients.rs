//! Clients of others, served out of the capture of a browser.

use std::fs;
use std::process::Command;

use super::program::{ONCE, export, must_match};
use crate::serving::{Serving, bundled};

const BROWSER: &str = "ok_http_chromium.pcap";

pub fn curl() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("recorded");
    export(&bundled(BROWSER), &recorded);
    let serving = Serving::start(&bundled(BROWSER), &ONCE);
    let mut curl = Command::new("curl");
    curl.args(["-qsSf", "--noproxy", "*", "--max-time", "60"]);
    for name in ["index.html", "test.png"] {
        curl.arg("-o").arg(folder.path().join(name)).arg(format!("http://{}/{name}", serving.at));
    }
    let output = curl.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (name, len) in [("index.html", 195), ("test.png", 2417)] {
        let got = fs::read(folder.path().join(name)).unwrap();
        assert_eq!(got.len(), len, "{name}");
        assert!(got == fs::read(recorded.join(name)).unwrap(), "{name}");
    }
    answered(serving);
}

pub fn browser() {
    let folder = tempfile::tempdir().unwrap();
    let serving =
        Serving::start(&bundled(BROWSER), &["--once", "--timeout", "60s", "--duration", "120s"]);
    let mut browser = Command::new("timeout");
    browser.args(["-k", "5", "90", "chromium", "--headless", "--no-sandbox", "--disable-gpu"]);
    browser.args([
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]);
    browser.args(["--disable-component-update", "--disable-sync", "--no-proxy-server"]);
    browser.arg(format!("--user-data-dir={}", folder.path().join("chromium").display()));
    browser.args(["--dump-dom", &format!("http://{}/index.html", serving.at)]);
    browser.env("HOME", folder.path());
    let output = browser.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && page.contains("<h1>Grades</h1>"), "{page}{told}");
    answered(serving);
}

/// The server ends once the page and the image have been asked for; nothing else was.
fn answered(serving: Serving) {
    must_match(serving.finish(), 2);
}
