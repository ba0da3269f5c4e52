//! The lessons' C peers: what they are sent, and what they are served.

use std::path::Path;
use std::process::Command;

use super::peer::{LIFETIME, Listening, compile};
use super::program::{ONCE, command, must_match, replay, run};
use crate::hosts::namespaces::Hosts;
use crate::serving::{Serving, bundled};

/// What the receivers print of the captures of two datagrams.
const TWO: &str = "Alan 83 86\nGrace 100 0\n";

pub fn datagrams() {
    let long = "A".repeat(40);
    let of_any_length =
        format!("Alan 83 86\nLi 100 0\nHelloWorld! 0 4294967295\n张三 60 61\n{long} 1 2\n");
    for (lesson, capture, shown) in [
        ("dgram-basic", "ok_dgram_basic.pcap", "Alan 83 86\nGrace 100 0\n 0 4294967295\n"),
        ("dgram-basic", "ok_dgram_basic.pcap.zst", "Alan 83 86\nGrace 100 0\n 0 4294967295\n"),
        ("dgram-basic", "ok_dgram_basic_ipv6.pcap", "Alan 83 86\n"),
        ("dgram-basic", "ok_dgram_basic_qinq.pcap", "Alan 83 86\n"),
        ("dgram-var", "ok_dgram_var.pcap", &of_any_length),
        // Layouts that the receiver does not know: it prints their lengths.
        ("variants", "ok_variant_tagged.pcap", "36 bytes\n22 bytes\n4 bytes\n4 bytes\n"),
        ("variants", "ok_portable_packed.pcap", &"27 bytes\n".repeat(18)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let program = compile(&format!("{lesson}/receiver"), folder.path());
        let count = shown.lines().count();
        let receiver = Listening::start(&program, &[&count.to_string()]);
        let (outcome, code) = replay(capture, &["--to", &receiver.at()]);
        assert_eq!(code, 0, "{capture}: {outcome}");
        assert_eq!(outcome["sent"]["messages"], count, "{capture}: {outcome}");
        assert_eq!(receiver.finish(), shown, "{capture}");
    }
}

pub fn broadcasts() {
    let destinations = [
        "--map",
        "255.255.255.255:1989=255.255.255.255:1989",
        "--map",
        "10.0.0.255:1989=10.9.0.255:1989",
    ];
    hear("peer-b", "dgram-bcast", "ok_dgram_bcast.pcap", &destinations);
}

pub fn group() {
    hear("peer-g", "dgram-mcast", "ok_dgram_mcast.pcap", &["--to", "224.2.2.2:1989"]);
}

/// Replays two datagrams on the near host, which must reach the far one.
fn hear(name: &str, lesson: &str, capture: &str, to: &[&str]) {
    let hosts = Hosts::new(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = compile(&format!("{lesson}/receiver"), folder.path());
    let mut receiver = hosts.command(&hosts.far, "timeout");
    receiver.arg(LIFETIME).arg(program).args(["1989", "2"]).env("INTERFACE", "veth0");
    let receiver = Listening::try_start(&mut receiver, 1989).expect("a port of the far host");
    let mut replay = hosts.command(&hosts.near, env!("CARGO_BIN_EXE_wirereel"));
    replay.arg("replay").arg(bundled(capture)).args(["-T", "json", "-i", "veth0"]).args(to);
    let (outcome, code) = run(replay.current_dir(env!("CARGO_TARGET_TMPDIR")));
    assert_eq!((outcome["sent"]["messages"].as_u64(), code), (Some(2), 0), "{outcome}");
    assert_eq!(receiver.finish(), TWO);
}

pub fn stamps() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["basic", "par", "pool_static", "pool_dynamic"] {
        let program = compile(&format!("stream/server_{kind}"), folder.path());
        let capture = format!("ok_stream_{kind}.pcap");
        let server = || Listening::start(&program, &["3", "1800000000"]);

        let ended = server();
        must_match(replay(&capture, &["--to", &ended.at(), "--ignore", "value"]), 3);
        ended.finish();

        let ended = server();
        let (outcome, code) = replay(&capture, &["--to", &ended.at()]);
        assert_eq!((outcome["differed"].as_u64(), code), (Some(3), 1), "{kind}: {outcome}");
        let differences = outcome["differences"].as_array().unwrap();
        assert_eq!(differences.len(), 3, "{kind}: {outcome}");
        for difference in differences {
            assert_eq!(difference["field"], "value", "{kind}: {difference}");
            let value = |name: &str| difference[name].as_str().unwrap().parse::<u64>().unwrap();
            assert!(value("expected") < 1_700_000_003, "{kind}: {difference}");
            assert!(value("actual") >= 1_800_000_000, "{kind}: {difference}");
        }
        ended.finish();
    }
}

pub fn client() {
    let folder = tempfile::tempdir().unwrap();
    let client = compile("stream/client", folder.path());
    for (workers, stamps) in
        [("sequential", "ok_stream_basic"), ("pool=4", "ok_stream_pool_static")]
    {
        let options = [&ONCE[..], &["--workers", workers]].concat();
        let serving = Serving::start(&bundled(&format!("{stamps}.pcap")), &options);
        let said: String = (0..3).map(|_| say(&client, &serving, &["1"])).collect();
        assert_eq!(said, "1700000000\n1700000001\n1700000002\n");
        let (outcome, code) = serving.finish();
        assert_eq!((outcome["sent"]["bytes"].as_u64(), code), (Some(36), 0), "{outcome}");
    }
}

pub fn webdl() {
    let folder = tempfile::tempdir().unwrap();
    let client = compile("webdl/client", folder.path());
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/webdl/test.png");
    let image = std::fs::read(image).unwrap();
    for capture in ["ok_webdl.pcap", "ok_webdl_nginx.pcap", "ok_webdl_apache.pcap"] {
        let serving = Serving::start(&bundled(capture), &ONCE);
        let file = folder.path().join(capture);
        assert_eq!(say(&client, &serving, &[file.to_str().unwrap()]), "2417 bytes\n");
        assert!(std::fs::read(&file).unwrap() == image, "{capture}");
        must_match(serving.finish(), 1);
    }
    let mut recorded = command("follow", "ok_webdl.pcap");
    recorded.args(["tcp:0", "-T", "raw", "--side", "server"]);
    assert!(recorded.output().unwrap().stdout == image);
}

/// What a client prints of its talk with the server, from any port of its own.
fn say(client: &Path, serving: &Serving, args: &[&str]) -> String {
    let at = serving.at;
    let mut command = Command::new(client);
    command.args([&at.ip().to_string(), &at.port().to_string(), "0"]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
