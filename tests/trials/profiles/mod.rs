//! Bundled profiles: what they make of messages of real protocols is what tshark shows.
//!
//! `profiles/NAME.tsv` has a line for each field that both know: the protocol, the path here, the name
//! there (`a|b` is either), and `some` where tshark gives that name to other fields too.
//! `captures/proto_NAME.pcap` is decoded as a user would, with no profile named.

mod comparison;
mod constants;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::trial;
use crate::wire::tshark;

/// What tshark does not know by itself: on which port a protocol is.
const TSHARK_RULES: [(&str, &[&str]); 2] = [
    ("rtp", &["udp.port==5004,rtp"]),
    ("someip", &["udp.port==30490,someip", "udp.port==30501,someip", "tcp.port==30501,someip"]),
];

/// Versions of a protocol that share the port of another: which is meant has to be said.
const RULES: [(&str, &[&str]); 1] = [("mqtt5", &["tcp.port==1883,mqtt5"])];

/// A capture, and what is needed to compare it.
struct Compared {
    capture: PathBuf,
    table: PathBuf,
    header: PathBuf,
    rules: &'static [&'static str],
    tshark_rules: &'static [&'static str],
}

/// A trial for each capture that has a table.
pub fn trials() -> Vec<Trial> {
    let mut captures: Vec<_> = files("captures").collect();
    captures.sort();
    captures.iter().filter_map(|it| of_capture(it)).collect()
}

fn of_capture(capture: &Path) -> Option<Trial> {
    let name = capture.file_stem()?.to_str()?.strip_prefix("proto_")?.to_owned();
    let table = profile(name.strip_suffix("_tcp").unwrap_or(&name), "tsv");
    let base = name.trim_end_matches("_tcp").trim_end_matches(|it: char| it.is_ascii_digit());
    let compared = Compared {
        capture: capture.to_owned(),
        table: table.exists().then_some(table)?,
        header: profile(base, "h"),
        rules: of(&RULES, &name),
        tshark_rules: of(&TSHARK_RULES, &name),
    };
    let title = format!("profiles::{name}_is_what_tshark_shows");
    Some(trial::unless(tshark::missing(), title, move || Ok(comparison::equal(&compared)?)))
}

fn of(rules: &[(&str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    rules.iter().find(|it| it.0 == name).map_or(&[], |it| it.1)
}

fn profile(name: &str, extension: &str) -> PathBuf {
    root().join("profiles").join(name).with_extension(extension)
}

fn files(folder: &str) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(root().join(folder)).into_iter().flatten().flatten().map(|it| it.path())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
