//! Values outside the range that a profile gives them, beside what else is wrong with their sender.

use std::fs;

use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType};
use wirereel::check::{Checker, Finding};
use wirereel::decode::Dissector;
use wirereel::profile::{Options, Protocols};

const PROFILE: &str = "[[protocol]]
name = \"p\"
header = \"proto.h\"
message = \"m\"
decode_as = [\"udp.port==1989\"]
[protocol.fields]
a = { range = [0, 100] }
";

/// What is found of the datagrams of one sender, but for what is said of the header.
fn found<P: AsRef<[u8]>>(members: &str, payloads: &[P]) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let header = format!("#include <stdint.h>\n#pragma pack(1)\nstruct m {{ {members} }};\n");
    fs::write(dir.path().join("proto.h"), header).unwrap();
    let profile = dir.path().join("wirereel.toml");
    fs::write(&profile, PROFILE).unwrap();
    let options = Options { profile: Some(profile), builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let mut checker = Checker::new(&protocols);
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    for (number, payload) in (1..).zip(payloads) {
        let packet = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(40000, 1989);
        let mut data = Vec::new();
        packet.write(&mut data, payload.as_ref()).unwrap();
        let (orig_len, link_type) = (data.len() as u32, LinkType::Raw);
        let frame = Frame { number, time: None, interface: 0, link_type, data: &data, orig_len };
        dissector.push(&frame, None, &mut |found| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found| checker.found(&found));
    let mut findings = checker.finish(&summary);
    findings.retain(|it| it.src.is_some());
    findings
}

fn summary(findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let field = it.field.as_deref().unwrap_or("-");
        format!("{} {field} {}/{}", it.code.as_str(), it.support, it.total)
    };
    findings.iter().map(line).collect()
}

const TWO: &str = "uint16_t a; uint16_t b;";

#[test]
fn outside_in_both_orders() {
    let found = found(TWO, &[[0, 99, 0, 1], [3, 3, 0, 2], [0, 98, 0, 3]]);
    assert_eq!(summary(&found), ["range a 1/3"]);
    assert_eq!(found[0].frames, [2]);
    assert_eq!(found[0].text, "`a` is 771, outside 0 to 100");
    assert_eq!((found[0].offset, found[0].len), (Some(0), Some(2)));
}

#[test]
fn within_in_the_other_order_alone() {
    let found = found(TWO, &[[0, 99, 0, 1], [7, 0, 0, 2], [0, 98, 0, 3], [0, 12, 0, 4]]);
    assert_eq!(summary(&found), ["range a 1/4"]);
    let help = found[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("its bytes in the other order are within"), "{help}");
}

/// A sender that turns all of its bytes around has that wrong, and no value besides.
#[test]
fn another_order_is_told_once() {
    let swapped = |number: u8| [50 + number % 7, 0, number, 0];
    let all: Vec<_> = (1..21).map(swapped).collect();
    let both = found(TWO, &all);
    assert_eq!(summary(&both), ["byte-order a 20/20", "byte-order b 20/20"], "{both:#?}");
    // One that is outside in that order too is another thing.
    let all: Vec<_> = (1..21).map(swapped).chain([[1, 1, 21, 0]]).collect();
    let found = found(TWO, &all);
    assert!(summary(&found).contains(&"range a 21/21".to_owned()), "{:?}", summary(&found));
}

/// Where the fields lie elsewhere, what was read as one is something else.
#[test]
fn another_layout_is_told_once() {
    let natural = |number: u8| [number, 0xee, 0, 60 + number, 0, 0, 1, number];
    let all: Vec<_> = (1..9).map(natural).collect();
    let found = found("uint8_t id; uint16_t a; uint32_t b;", &all);
    let codes: Vec<_> = found.iter().map(|it| it.code.as_str()).collect();
    assert!(codes.contains(&"padding") && !codes.contains(&"range"), "{codes:?}");
}

#[test]
fn elements_and_numbers_of_any_kind() {
    let header = "uint8_t b; uint8_t a[3];";
    assert_eq!(summary(&found(header, &[[9, 1, 2, 100], [9, 1, 101, 102]])), ["range a 1/2"]);
    let float = |it: f32| it.to_be_bytes();
    assert_eq!(summary(&found("float a;", &[99.5, 100.5].map(float))), ["range a 1/2"]);
    let bits = "uint8_t a : 7; uint8_t b : 1;";
    assert_eq!(summary(&found(bits, &[[100], [101]])), ["range a 1/2"]);
}
