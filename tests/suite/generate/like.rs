//! `wirereel generate --like`: what a capture teaches is printed, edited, and written as frames.

use serde_json::Value;

use super::stage::{listener, received, wirereel};

const NOHTONL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/bug_dgram_basic_nohtonl.pcap");
const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/dgram-basic/proto.h");
const RULES: [&str; 4] = ["-H", HEADER, "-d", "udp.port==1989,msg_st"];

/// Code, level, field and support of each finding.
fn said(capture: &str) -> Vec<[Value; 4]> {
    let check = wirereel(&[&["check", capture, "-T", "json"], &RULES[..]].concat());
    let each = check.stdout.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
    each.map(|it| ["code", "level", "field", "support"].map(|key| it[key].clone())).collect()
}

#[test]
fn the_recipe_of_a_capture_makes_its_traffic_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (recipe, file, again) = (path("r.toml"), path("a.pcap"), path("b.pcap"));
    let to = ["generate", "unicast", "--to", "10.0.0.2:1989", "--seed", "1"];
    let like = ["--like", NOHTONL];
    let printed = wirereel(&[&to, &like[..], &["--print-recipe"], &RULES].concat());
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{}", printed.stderr);
    assert!(printed.stdout.contains("mistake = \"byte-order\"\n"), "{}", printed.stdout);
    std::fs::write(&recipe, &printed.stdout).expect("a recipe");
    let by_like = wirereel(&[&to, &like[..], &["-w", &file], &RULES].concat());
    assert_eq!(by_like.code, Some(0), "{}", by_like.stderr);
    let by_recipe = wirereel(&[&to, &["--recipe", &recipe, "-w", &again][..], &RULES].concat());
    assert_eq!(by_recipe.code, Some(0), "{}", by_recipe.stderr);
    assert!(std::fs::read(&file).expect("frames") == std::fs::read(&again).expect("frames"));
    assert_eq!(said(&file), said(NOHTONL));
    assert!(said(NOHTONL).iter().any(|it| it[0] == "byte-order"));
}

/// The capture's senders have addresses that this host does not.
#[test]
fn what_a_capture_teaches_is_sent_from_here() {
    let (socket, to) = listener();
    let to = to.to_string();
    let args = ["generate", "unicast", "--to", &to, "--like", NOHTONL, "-t"];
    let sent = wirereel(&[&args, &RULES[..]].concat());
    assert_eq!(sent.code, Some(0), "{}", sent.stderr);
    assert_eq!(&received(&socket)[11..], [100, 0, 0, 0, 60, 0, 0, 0]);
}
