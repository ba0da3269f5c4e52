//! `wirereel generate -w`: frames of the same traffic, the same ones from the same seed.

use std::fs;
use std::process::Command;

use super::stage::{BASIC, Ran, generate, listener, received, wirereel};

/// What every run here has.
const RECIPE: [&str; 10] = [
    "--set",
    "name=text(3..10)",
    "--set",
    "math=0..100",
    "--set",
    "chinese=now(s)",
    "-p",
    "250",
    "--count",
    "40",
];

fn written(cast: &str, file: &str, args: &[&str]) -> Ran {
    generate(cast, &[&["-w", file, "-T", "json"], args, &RECIPE].concat())
}

#[test]
fn one_seed_makes_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let group = ["--group", "224.2.2.2+3:1989", "--ttl", "3"];
    let file = |name: &str, seed: &str| {
        let outcome =
            written("multicast", &path(name), &[&group[..], &["--seed", seed]].concat()).outcome();
        assert_eq!(outcome["written"], serde_json::json!({"messages": 40, "bytes": 760}));
        assert_eq!((&outcome["frames"], &outcome.get("sent")), (&40.into(), &None));
        fs::read(path(name)).expect("written")
    };
    let classic = file("a.pcap", "7");
    assert_eq!(classic[..4], [0xd4, 0xc3, 0xb2, 0xa1]);
    assert_eq!(classic, file("b.pcap", "7"));
    assert_ne!(classic, file("c.pcap", "8"));
    let next = file("a.pcapng", "7");
    assert_eq!(next[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    assert_eq!(next, file("b.pcapng", "7"));
}

#[test]
fn a_seed_that_was_drawn_makes_the_file_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let to = ["--to", "10.0.0.2:1989"];
    let seed = written("unicast", &path("a.pcap"), &to).outcome()["seed"].to_string();
    written("unicast", &path("b.pcap"), &[&to[..], &["--seed", &seed]].concat()).outcome();
    assert_eq!(
        fs::read(path("a.pcap")).expect("written"),
        fs::read(path("b.pcap")).expect("written")
    );
}

#[test]
fn a_replay_of_the_file_sends_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.pcap");
    let file = file.to_str().expect("UTF-8");
    let (socket, to) = listener();
    let to = to.to_string();
    let seed = ["--seed", "11"];
    written("unicast", file, &[&["--to", &to][..], &seed].concat()).outcome();
    assert_eq!(wirereel(&["replay", file, "--to", &to, "-t"]).code, Some(0));
    let replayed: Vec<_> = (0..40).map(|_| received(&socket)).collect();
    // Time is the file's own; all else is as it is sent.
    let args = [&["--to", &to, "-T", "json"][..], &seed, &RECIPE].concat();
    generate("unicast", &args).outcome();
    for expected in &replayed {
        assert_eq!(received(&socket)[..15], expected[..15]);
    }
    let decoded = wirereel(&["decode", file, "-H", BASIC, "-T", "fields", "-e", "chinese"]);
    assert!(decoded.stdout.starts_with("1767225600\n"), "{}", decoded.stdout);
}

#[test]
fn frames_are_valid_and_addressed_as_a_host_does_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = "#include <stdint.h>\nstruct big { uint32_t seq; uint8_t pad[4000]; } __attribute__((packed));\n";
    let header = super::stage::written(folder.path(), "big.h", header);
    let Ok(version) = Command::new("tshark").arg("-v").output() else {
        return eprintln!("skipped: no tshark");
    };
    assert!(version.status.success());
    for (cast, to, ttl, mac, frames) in [
        ("multicast", ["--group", "224.130.2.2:1989"], "1", "01:00:5e:02:02:02", 6),
        ("multicast", ["--group", "[ff05::1:7]:1989"], "1", "33:33:00:01:00:07", 6),
        ("broadcast", ["--to", "10.0.0.255:1989"], "64", "ff:ff:ff:ff:ff:ff", 6),
        ("unicast", ["--to", "10.0.0.2:1989"], "64", "02:00:0a:00:00:02", 6),
    ] {
        let file = folder.path().join("big.pcap");
        let file = file.to_str().expect("UTF-8");
        let rest =
            ["-H", &header, "--set", "seq=counter", "--count", "2", "-t", "-w", file, "-T", "json"];
        let ran = wirereel(&[&["generate", cast], &to[..], &rest].concat());
        assert_eq!(ran.outcome()["frames"], frames, "{to:?}");
        let shown = Command::new("tshark")
            .args(["-r", file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"])
            .args(["-T", "fields", "-e", "eth.dst", "-e", "ip.ttl", "-e", "ipv6.hlim"])
            .args(["-e", "ip.checksum.status", "-e", "udp.checksum.status", "-e", "udp.length"])
            .args(["-e", "_ws.malformed", "-E", "separator=,"])
            .output()
            .expect("tshark runs");
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        assert_eq!(shown.lines().count(), frames, "{shown}");
        for line in shown.lines() {
            let fields: Vec<_> = line.split(',').collect();
            let hops = fields[1].to_owned() + fields[2];
            assert_eq!((fields[0], hops.as_str(), fields[6]), (mac, ttl, ""), "{line}");
            assert!(matches!(fields[3], "" | "1"), "{line}");
        }
        // Joined in the last fragment of each, with a checksum that is right.
        let joined = shown.lines().filter(|it| it.ends_with(",1,4012,")).count();
        assert_eq!(joined, 2, "{shown}");
    }
}

#[test]
fn a_sender_that_joins_its_group_is_found_by_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    for group in ["224.2.2.2:1989", "[ff05::7]:1989"] {
        for (mistake, found) in [(&["--mistake", "group-join"][..], 1), (&[], 0)] {
            let file = path("a.pcap");
            let outcome =
                written("multicast", &file, &[&["--group", group][..], mistake].concat()).outcome();
            assert_eq!(outcome["frames"], 40 + found, "{group}");
            let check = wirereel(&["check", &file, "-H", BASIC, "-T", "json"]);
            let codes = check.stdout.matches("\"code\":\"group-join\"").count();
            assert_eq!(codes as u64, found, "{group}: {}", check.stdout);
        }
    }
}
