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

/// What curl gets that asks for more than the recorded one did, or for less.
pub fn curl_asks_otherwise() {
    let serving = Serving::start(&bundled("ok_http_notmodified.pcap"), &[]);
    let (at, proxy) = (serving.at.to_string(), format!("http://{}", serving.at));
    let url = format!("http://{at}/test.png");
    let whole = curl_prints(&[&url]);
    assert_eq!(whole.len(), 2417);
    for (options, expected) in [
        (&["-x", &proxy, "http://elsewhere.test/test.png"][..], &whole[..]),
        (&["-r", "100-199", &url], &whole[100..200]),
        (&["-r", "-17", &url], &whole[2400..]),
        (&["-C", "2000", &url], &whole[2000..]),
        (&["--http1.0", &url], &whole),
        (&["-H", "If-None-Match: \"6553f100-971\"", "-w", "%{http_code}", &url], b"304"),
        (&["-H", "If-None-Match: \"1\"", &url], &whole),
    ] {
        assert!(curl_prints(options) == expected, "{options:?}");
    }
    let head = String::from_utf8(curl_prints(&["-I", &url])).unwrap();
    assert!(head.contains("\r\nContent-Length: 2417\r\n"), "{head}");
    assert_eq!(serving.interrupt().0["differed"], 0);

    let serving = Serving::start(&bundled("ok_http_gzip.pcap"), &[]);
    let url = format!("http://{}/lines.txt", serving.at);
    let plain = curl_prints(&[&url]);
    assert_eq!(plain.len(), 8893);
    assert!(curl_prints(&["--compressed", &url]) == plain);
    assert!(curl_prints(&["--http1.0", "--compressed", &url]) == plain);
    assert!(curl_prints(&["--raw", "-H", "Accept-Encoding: gzip", &url]).len() < plain.len());
    assert_eq!(serving.interrupt().0["differed"], 0);
}

fn curl_prints(options: &[&str]) -> Vec<u8> {
    let mut curl = Command::new("curl");
    curl.args(["-qsSf", "--noproxy", "", "--max-time", "60"]).args(options);
    let output = curl.output().unwrap();
    assert!(output.status.success(), "{options:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
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
