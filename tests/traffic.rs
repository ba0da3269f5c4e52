//! What traffic shows by itself, in the captures and in frames made here.

use std::path::Path;

use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType, Reader};
use wirereel::check::{Code, Finding, Level, MAX_JOINED, TrafficCheck};
use wirereel::decode::Dissector;
use wirereel::fixture::{Case, discover};
use wirereel::profile::{Options, Protocols};

/// Case, and each finding: `code protocol message src dst support/total frames: text`.
const EXPECTED: &[(&str, &[&str])] = &[];

fn protocols(case: &Case) -> Protocols {
    let rules = case.decode_as.iter().map(|rule| rule.parse().unwrap()).collect();
    let (headers, profile) = (case.headers.clone(), case.profile.clone());
    Protocols::load(&Options { headers, rules, profile, ..Options::default() }).unwrap()
}

/// Checks frames, each a link type and its bytes.
fn check<'f>(
    protocols: &Protocols,
    frames: impl IntoIterator<Item = (LinkType, &'f [u8])>,
) -> Vec<Finding> {
    let mut check = TrafficCheck::new(protocols);
    let mut dissector = Dissector::new(protocols, false).unwrap();
    for (number, (link_type, data)) in (1..).zip(frames) {
        let orig_len = data.len() as u32;
        let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut |found| check.found(&found));
    }
    dissector.finish(&mut |found| check.found(&found));
    check.finish()
}

fn frames(capture: &Path) -> Vec<(LinkType, Vec<u8>)> {
    let mut reader = Reader::open(capture).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push((frame.link_type, frame.data.to_vec()));
    }
    frames
}

fn check_owned(protocols: &Protocols, frames: &[(LinkType, Vec<u8>)]) -> Vec<Finding> {
    check(protocols, frames.iter().map(|(link, data)| (*link, data.as_slice())))
}

fn case(name: &str) -> Case {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    Case::load(&fixtures.join(format!("check_{name}"))).unwrap()
}

fn shown(finding: &Finding) -> String {
    let Finding { text, support, total, frames, .. } = finding;
    let [protocol, message] =
        [&finding.protocol, &finding.message].map(|it| it.as_deref().unwrap_or("-"));
    let [src, dst] = [finding.src, finding.dst].map(|it| it.unwrap());
    let code = finding.code.as_str();
    format!("{code} {protocol} {message} {src} {dst} {support}/{total} {frames:?}: {text}")
}

#[test]
fn each_capture_gives_what_it_shows_and_nothing_else() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = discover(&fixtures).unwrap();
    let names = folders.iter().filter_map(|it| it.file_name()?.to_str()?.strip_prefix("check_"));
    let mut checked = 0;
    for name in names {
        let case = case(name);
        let found = check_owned(&protocols(&case), &frames(&case.capture));
        let found: Vec<_> = found.iter().map(shown).collect();
        let expected = EXPECTED.iter().find(|(it, _)| *it == name).map_or(&[][..], |it| it.1);
        if found != expected { eprintln!("    (\"{name}\", &{found:#?}),"); }
        checked += usize::from(!expected.is_empty());
    }
    assert_eq!(checked, EXPECTED.len(), "a case that is not there");
}
