//! nginx and Apache, with the project's configuration and the site of the captures.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::peer::{WebServer, find};
use super::program::{export, must_match, replay};
use crate::serving::bundled;

const BROWSER: &str = "ok_http_chromium.pcap";
/// When the files of the captured site were last changed, in seconds since 1970.
const LAST_MODIFIED: u64 = 1_700_000_000;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers");
const NGINX: &str = include_str!("../../peers/web/nginx.conf");
const APACHE: &str = include_str!("../../peers/web/apache.conf");

pub fn nginx() {
    let site = Site::of_browser();
    browse(&site, &site.nginx());
}

pub fn apache() {
    let site = Site::of_browser();
    browse(&site, &site.apache());
}

/// Against the server that was recorded, each of its answers is the recorded one.
pub fn recorded_of_nginx() {
    let site = Site::of_curl();
    let server = site.nginx();
    for (name, answers) in
        [("10", 1), ("gzip", 1), ("head", 2), ("notmodified", 2), ("pipelined", 4)]
    {
        replay_recorded(name, &server, answers);
    }
}

pub fn recorded_of_apache() {
    let site = Site::of_curl();
    let server = site.apache();
    for (name, answers) in [("keepalive", 2), ("chunked", 1), ("continue", 1)] {
        replay_recorded(name, &server, answers);
    }
}

fn replay_recorded(name: &str, server: &WebServer, answers: u64) {
    let capture = format!("ok_http_{name}.pcap");
    must_match(replay(&capture, &["--to", &server.at.to_string()]), answers);
}

/// The browser's requests, and webdl's, which have no version.
fn browse(site: &Site, server: &WebServer) {
    let to = server.at.to_string();
    let [recorded, live] = ["live.pcapng", "live"].map(|it| site.path(it));
    let args = ["--to", &to, "-w", text(&recorded), "--objects", text(&live)];
    must_match(replay(BROWSER, &args), 2);
    let image = fs::read(site.path("site/test.png")).unwrap();
    assert_eq!(image.len(), 2417);
    assert!(image_of(&live) == image, "the image of --objects");
    let exported = site.path("exported");
    export(&recorded, &exported);
    assert!(image_of(&exported) == image, "the image of -w");

    for webdl in ["ok_webdl_apache.pcap", "ok_webdl_nginx.pcap", "ok_webdl.pcap"] {
        must_match(replay(webdl, &["--to", &to]), 1);
    }

    let page = site.path("site/index.html");
    let changed = fs::read_to_string(&page).unwrap().replacen("Grades", "Degree", 1);
    fs::write(&page, changed).unwrap();
    let (outcome, code) = replay(BROWSER, &["--to", &to]);
    let counts = ["matched", "differed", "missing"].map(|it| outcome[it].as_u64());
    assert_eq!((counts, code), ([Some(1), Some(1), Some(0)], 1), "{outcome}");
    let differences = outcome["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{outcome}");
    assert_eq!(differences[0]["field"], "body", "{outcome}");
}

/// The one image among the bodies in a folder.
fn image_of(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|it| fs::read(it.unwrap().path()).unwrap());
    let images: Vec<_> = files.filter(|it| it.starts_with(b"\x89PNG\r\n")).collect();
    <[_; 1]>::try_from(images).expect("one image").concat()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a server serves, and where it keeps its files; removed with this.
struct Site(tempfile::TempDir);

impl Site {
    /// The page and the image that the browser was given, out of the capture.
    fn of_browser() -> Self {
        let site = Self::new();
        export(&bundled(BROWSER), &site.path("site"));
        site.date();
        site
    }

    /// The site that the captures of curl were recorded with.
    fn of_curl() -> Self {
        let site = Self::new();
        let lines: String = (1..=1000).map(|it| format!("line {it}\n")).collect();
        let page = format!("{lines}<!--#echo var=\"DOCUMENT_NAME\" -->\nthe end\n");
        fs::create_dir(site.path("site")).unwrap();
        for (from, to) in [
            ("web/index.html", "site/index.html"),
            ("webdl/test.png", "site/test.png"),
            ("web/echo.cgi", "echo.cgi"),
        ] {
            fs::copy(Path::new(PEERS).join(from), site.path(to)).unwrap();
        }
        fs::write(site.path("site/lines.txt"), lines).unwrap();
        fs::write(site.path("site/page.shtml"), page).unwrap();
        site.date();
        site
    }

    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Started by root, the servers read it as somebody else.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for server in ["nginx", "apache"] {
            fs::create_dir(folder.path().join(server)).unwrap();
        }
        Self(folder)
    }

    /// ETag and Last-Modified follow from it.
    fn date(&self) {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_MODIFIED);
        for file in fs::read_dir(self.path("site")).unwrap() {
            let file = File::options().append(true).open(file.unwrap().path()).unwrap();
            file.set_modified(date).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn nginx(&self) -> WebServer {
        let program = find("nginx").unwrap();
        let [conf, prefix] = ["nginx.conf", "nginx/"].map(|it| self.path(it));
        WebServer::start(&self.path("nginx.log"), |at| {
            fs::write(&conf, replaced(NGINX, "10.0.0.2:8080", &at.to_string())).unwrap();
            let mut command = Command::new(&program);
            command.arg("-p").arg(&prefix).arg("-c").arg(&conf).args(["-e", "stderr"]);
            command
        })
    }

    fn apache(&self) -> WebServer {
        let program = find("apache2").unwrap();
        let conf = self.path("apache.conf");
        // Behind it stands the one that is recorded refusing HTTP/0.9.
        let (lenient, _) = APACHE.split_once("Listen 10.0.0.2").unwrap();
        WebServer::start(&self.path("apache.log"), |at| {
            fs::write(&conf, replaced(lenient, "Listen 8081", &format!("Listen {at}"))).unwrap();
            let mut command = Command::new(&program);
            command.arg("-DFOREGROUND").arg("-f").arg(&conf).env("WORK", self.0.path());
            command
        })
    }
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}
