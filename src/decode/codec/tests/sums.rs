//! Fields that are sums: where they are looked for, what is added up, and when they are written.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{bytes, encoded};
use crate::decode::codec::{Codec, MAX_SUMS};
use crate::profile::{Options, Protocols};

const HEADER: &str = r#"
#include <stdint.h>
struct part { uint8_t value[2]; uint8_t sum; } __attribute__((packed));
struct msg {
    uint8_t magic;
    uint8_t kind;
    uint16_t head;
    uint8_t blob[4];
    uint32_t cksum;
} __attribute__((packed));
struct many { uint8_t n; struct part parts[3]; uint16_t whole; } __attribute__((packed));
struct tail { uint16_t crc; uint8_t body[]; } __attribute__((packed));
struct said { uint8_t data[2]; uint8_t sum; /* wr: checksum = "sum8", over = "0..sum" */ };
struct wide { uint8_t sum[3]; uint8_t data[100]; } __attribute__((packed));
struct rows { struct part parts[70]; } __attribute__((packed));
"#;

/// The codec of a message of [`HEADER`] whose fields have these rules.
fn codec(message: &str, rules: &str) -> Result<Codec, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("proto.h"), HEADER).unwrap();
    let profile = folder.path().join("wirereel.toml");
    let text = format!(
        "[[protocol]]\nname = \"p\"\nheader = \"proto.h\"\nmessage = \"{message}\"\n\
         [protocol.fields]\n{rules}\n"
    );
    std::fs::write(&profile, text).unwrap();
    let options = Options { profile: Some(profile), ..Options::default() };
    let protocols = Protocols::load(&options).map_err(|it| it.to_string())?;
    let protocol = protocols.list().first().unwrap();
    let layout = protocol.format.layout().unwrap();
    Ok(Codec::new(layout, &protocol.words).unwrap())
}

/// What the sums of a message say and should say, with where they lie.
fn sums(codec: &Codec, wire: &str) -> Vec<(usize, u64, u64)> {
    let (wire, mut items) = (bytes(wire), Vec::new());
    let decoded = codec.decode(&wire, wire.len(), &mut items);
    assert_eq!((decoded.error, decoded.trailing), (None, 0));
    let found = codec.sums().of(&items, &wire);
    found.list.iter().map(|it| (it.span.start, it.said, it.computed(&wire))).collect()
}

#[track_caller]
fn refused(message: &str, rules: &str, expected: &str) {
    let error = codec(message, rules).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_sum_is_filled_in_and_found_again() {
    let codec = codec("msg", r#"cksum = { checksum = "crc32", over = "0..cksum" }"#).unwrap();
    let given: Json = json!({ "magic": 0x31, "kind": 0x32, "head": 0x3334, "blob": "35363738" });
    // Of 12345678, as zlib has it.
    let wire = encoded(&codec, given).unwrap();
    assert_eq!(wire, "3132333435363738 9ae0daaf".replace(' ', ""));
    assert_eq!(sums(&codec, &wire), [(8, 0x9ae0_daaf, 0x9ae0_daaf)]);
    assert_eq!(sums(&codec, "3132333435363739 9ae0daaf")[0].1, 0x9ae0_daaf);
    assert_ne!(sums(&codec, "3132333435363739 9ae0daaf")[0].2, 0x9ae0_daaf);
}

#[test]
fn what_is_given_stays() {
    let codec = codec("msg", r#"cksum = { checksum = "sum32" }"#).unwrap();
    assert_eq!(
        encoded(&codec, json!({ "kind": 5, "cksum": 7 })).unwrap(),
        "000500000000000000000007"
    );
    assert_eq!(encoded(&codec, json!({ "kind": 5 })).unwrap(), "000500000000000000000005");
}

#[test]
fn ranges_stand_one_behind_another_and_the_own_bytes_are_zeros() {
    let over = |over: &str| {
        let rules = format!("cksum = {{ checksum = \"sum32\", {over} }}");
        sums(&codec("msg", &rules).unwrap(), "01 02 0304 05060708 ffffffff")[0].2
    };
    assert_eq!(over(""), 36, "the whole message");
    assert_eq!(over("over = \"1..head\""), 2);
    assert_eq!(over("over = \"1..=head\""), 9);
    assert_eq!(over("over = [\"0..1\", \"blob..end\"]"), 27);
    assert_eq!(over("over = [\"0..1\", \"0..1\", \"0..1\"]"), 3);
    assert_eq!(over("over = \"9..11\""), 0, "within the field itself");
    assert_eq!(over("over = \"head..cksum\", extra = 50"), 83);
    assert_eq!(over("over = \"0..1\", extra = [1, 2], seed = 0x100"), 260);
    let beyond = codec("msg", "cksum = { checksum = \"sum32\", over = \"0..13\" }").unwrap();
    assert_eq!(sums(&beyond, "01 02 0304 05060708 ffffffff"), [], "more than there is");
}

#[test]
fn each_element_has_its_own_sum_and_the_outer_one_comes_last() {
    let rules = r#""parts.sum" = { checksum = "xor8", over = "value..sum" }
                   whole = { checksum = "sum16", over = "n..whole", byte_order = "little" }"#;
    let codec = codec("many", rules).unwrap();
    let parts = json!([{ "value": "0102" }, { "value": "0f01", "sum": 9 }, {}]);
    let wire = encoded(&codec, json!({ "n": 3, "parts": parts })).unwrap();
    assert_eq!(wire, "03 010203 0f0109 000000 2200".replace(' ', ""));
    let said: Vec<_> = sums(&codec, &wire).iter().map(|it| (it.1, it.2)).collect();
    assert_eq!(said, [(3, 3), (9, 14), (0, 0), (0x22, 0x22)]);
}

#[test]
fn bytes_are_read_in_the_order_that_the_profile_says() {
    let rules = |order| {
        let text = format!(
            "sum = {{ checksum = \"crc24\", over = \"data..end\", byte_order = \"{order}\" }}"
        );
        codec("wide", &text).unwrap()
    };
    let data = json!({ "data": format!("{}{}", "313233343536373839", "00".repeat(91)) });
    let big = encoded(&rules("big"), data.clone()).unwrap();
    let little = encoded(&rules("little"), data).unwrap();
    let swapped: String = [4, 2, 0].map(|it| &big[it..it + 2]).concat();
    assert_eq!(little[..6], swapped);
    let found = &sums(&rules("little"), &little)[0];
    assert_eq!(found.1, found.2);
}

#[test]
fn a_tail_is_added_up_to_the_end() {
    let rules = r#"crc = { checksum = "crc16-modbus", over = "body..end", byte_order = "little" }"#;
    let codec = codec("tail", rules).unwrap();
    let wire = encoded(&codec, json!({ "body": "313233343536373839" })).unwrap();
    assert_eq!(wire, "374b313233343536373839");
    assert_eq!(encoded(&codec, json!({})).unwrap(), "ffff", "of nothing the initial value");
}

#[test]
fn a_comment_says_it_as_well() {
    let said = codec("said", "data = { text = false }").unwrap();
    assert_eq!(encoded(&said, json!({ "data": "0203" })).unwrap(), "020305");
}

#[test]
fn no_more_than_so_many_are_looked_at() {
    let rules = r#""parts.sum" = { checksum = "sum8", over = "value..sum" }"#;
    let codec = codec("rows", rules).unwrap();
    let (wire, mut items) = (vec![0; 210], Vec::new());
    codec.decode(&wire, wire.len(), &mut items);
    let found = codec.sums().of(&items, &wire);
    assert_eq!((found.list.len(), found.left_out), (MAX_SUMS, 70 - MAX_SUMS as u64));
}

#[test]
fn what_a_sum_cannot_be_is_told_with_its_place() {
    let place = "wirereel.toml:6:1: `";
    refused("msg", "head = { checksum = \"crc32\" }", place);
    refused(
        "msg",
        "head = { checksum = \"crc32\" }",
        "`checksum = \"crc32\"` goes with an integer or an array of 4 to 8 bytes, which \"head\" is not",
    );
    refused("tail", "body = { checksum = \"sum8\" }", "an array of 1 to 8 bytes, which \"body\"");
    refused("msg", "cksum = { over = \"0..4\" }", "say more of a sum: add `checksum`");
    refused(
        "msg",
        "cksum = { checksum = \"crc32\", over = \"0..cksm\" }",
        "msg has no field \"cksm\"; did you mean \"cksum\"?",
    );
    let unknown = "cksum = { checksum = \"crc-32-iso-hdcl\" }";
    refused("msg", unknown, "wirereel.toml:6:22: ");
    refused("msg", unknown, "did you mean \"crc-32-iso-hdlc\"?");
    refused(
        "msg",
        "cksum = { checksum = \"crc32\", over = \"all\" }",
        "\"all\" is no range of bytes",
    );
    refused("msg", "cksum = { checksum = \"crc32\", extra = 256 }", "expected a byte, 0 to 255");
    refused(
        "msg",
        "cksum = { checksum = \"crc32\", over = [] }",
        "a sum over no bytes says nothing",
    );
}

/// Whatever comes, in whole or in part: no panic, and what is written holds.
#[test]
fn any_bytes_have_their_sums() {
    let codecs = [
        (
            "many",
            r#""parts.sum" = { checksum = "crc8", over = "value..sum" }
               whole = { checksum = "fletcher16", over = ["n..whole", "3..5"] }"#,
        ),
        ("tail", r#"crc = { checksum = "crc16-ccitt", over = "2..end", extra = 50 }"#),
        (
            "msg",
            r#"cksum = { checksum = "crc32c", over = ["0..=kind", "blob..cksum"], seed = 7 }
               head = { checksum = "internet", over = "0..end" }"#,
        ),
    ]
    .map(|(message, rules)| codec(message, rules).unwrap());
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    proptest!(|(wire in bytes, from in 0_usize..40)| {
        for codec in &codecs {
            let (mut wire, mut items) = (wire.clone(), Vec::new());
            let len = codec.decode(&wire, wire.len(), &mut items).len;
            // Fewer than the items speak of, too.
            let part = codec.sums().of(&items, wire.get(..from).unwrap_or(&wire));
            part.write(&mut wire.clone(), |_| true);
            codec.sums().of(&items, &wire[..len]).write(&mut wire[..len], |_| true);
            for it in &codec.sums().of(&items, &wire[..len]).list {
                prop_assert_eq!(it.said, it.computed(&wire[..len]), "{} {:?}", codec.name(), it);
            }
        }
    });
}
