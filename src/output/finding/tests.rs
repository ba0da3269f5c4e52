//! How findings look.

use super::super::findings_json;
use super::*;
use crate::schema::LoadOptions;

const HEADER: &str = "\
#include <stdint.h>
struct msg_st {
    uint8_t name[11];
    uint32_t math;
} __attribute__((packed));
";

fn schema() -> Schema {
    Schema::parse("proto.h", HEADER, &LoadOptions::default())
}

/// `math` of the header, the wrong way round.
fn byte_order() -> Finding {
    let schema = schema();
    let span = schema.record("msg_st").unwrap().fields[1].span;
    let mut bytes = b"Alan\0\0\0\0\0\0\0".to_vec();
    bytes.extend_from_slice(&[0x64, 0, 0, 0, 0, 0, 0, 0x56]);
    Finding {
        protocol: Some("msg_st".into()),
        message: Some("msg_st".into()),
        field: Some("math".into()),
        src: "10.0.0.1:40000".parse().ok(),
        dst: "10.0.0.2:1989".parse().ok(),
        frames: vec![17, 18],
        support: 3,
        total: 3,
        confidence: Some(0.99964),
        offset: Some(11),
        len: Some(4),
        header: Some(HeaderPlace { schema: 0, span, file: "proto.h".into(), line: 4 }),
        help: Some("`htonl(math)` at the sender".into()),
        evidence: Some(Evidence { frame: 17, bytes, offset: 11, len: 4 }),
        notes: vec!["100 in little-endian order, 1677721600 as declared".into()],
        ..Finding::new(Code::ByteOrder, "`math` arrives in little-endian order")
    }
}

fn text(finding: &Finding, colour: bool) -> String {
    let mut out = Vec::new();
    findings_text(std::slice::from_ref(finding), &[schema()], colour, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(finding: &Finding) -> String {
    let mut out = Vec::new();
    findings_json(std::slice::from_ref(finding), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_finding_shows_its_line_and_its_bytes() {
    let expected = "\
error[byte-order]: `math` arrives in little-endian order
 --> proto.h:4:14
  |
4 |     uint32_t math;
  |              ^^^^ declared here
  |
note: the bytes of frame 17
  |
  | 0000  41 6c 61 6e 00 00 00 00 00 00 00 64 00 00 00 00  Alan.......d....
  |                                        ^^^^^^^^^^^ in the other order
  | 0010  00 00 56                                         ..V
  = note: 3 of 3 messages, from 10.0.0.1:40000 to 10.0.0.2:1989, frames 17, 18, …
  = note: confidence 0.999
  = note: 100 in little-endian order, 1677721600 as declared
  = help: `htonl(math)` at the sender

";
    assert_eq!(text(&byte_order(), false), expected);
}

#[test]
fn bytes_of_two_rows_are_marked_in_both() {
    let evidence = Evidence { frame: 2, bytes: vec![b'a'; 20], offset: 14, len: 4 };
    let finding = Finding {
        evidence: Some(evidence),
        header: None,
        ..Finding::new(Code::Uninitialised, "bytes behind the NUL are not zero")
    };
    let expected = "\
warning[uninitialised]: bytes behind the NUL are not zero
 |
note: the bytes of frame 2
 |
 | 0000  61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61  aaaaaaaaaaaaaaaa
 |                                                 ^^^^^
 | 0010  61 61 61 61                                      aaaa
 |       ^^^^^ not cleared

";
    assert_eq!(text(&finding, false), expected);
}

#[test]
fn bytes_that_are_missing_are_marked_behind_the_last() {
    for (len, offset) in [(0, 0), (1, 1), (16, 16), (16, 64), (20, 20), (64, usize::MAX)] {
        let evidence = Evidence { frame: 1, bytes: vec![b'a'; len], offset, len: 4 };
        let finding =
            Finding { evidence: Some(evidence), ..Finding::new(Code::Terminator, "no NUL") };
        let shown = text(&finding, false);
        let mark = shown.lines().find(|it| it.contains('^')).expect("a mark");
        let last_row = match len % 16 {
            0 if len > 0 => 16,
            rest => rest,
        };
        if len > 0 {
            let column = " | 0000 ".len() + last_row * 3;
            assert_eq!(mark.find('^'), Some(column), "{len} {offset}\n{shown}");
        }
    }
}

#[test]
fn colour_is_the_callers_choice() {
    assert!(!text(&byte_order(), false).contains('\x1b'));
    assert!(text(&byte_order(), true).contains('\x1b'));
}

#[test]
fn nothing_from_the_wire_commands_a_terminal() {
    let finding = Finding {
        field: Some("\x1b[2J".into()),
        help: Some("\x1b[2J".into()),
        notes: vec!["\x1b[2J\u{202e}".into()],
        evidence: Some(Evidence { frame: 1, bytes: b"\x1b[2J".to_vec(), offset: 0, len: 4 }),
        ..Finding::new(Code::Length, "\x1b[2J")
    };
    let shown = text(&finding, false);
    assert!(!shown.contains(['\x1b', '\u{202e}']), "{shown}");
}

#[test]
fn confidence_is_never_rounded_up() {
    for (confidence, expected) in
        [(0.95, 0.95), (0.94999, 0.949), (0.9999, 0.999), (1.0, 1.0), (0.0, 0.0), (1.5, 1.0)]
    {
        assert_eq!(rounded(confidence), expected, "{confidence}");
    }
}

#[test]
fn json_has_the_keys_of_the_contract() {
    let expected = concat!(
        r#"{"code":"byte-order","level":"error","text":"`math` arrives in little-endian order","#,
        r#""protocol":"msg_st","message":"msg_st","field":"math","src":"10.0.0.1:40000","#,
        r#""dst":"10.0.0.2:1989","frames":[17,18],"support":3,"total":3,"confidence":0.999,"#,
        r#""offset":11,"len":4,"header":{"file":"proto.h","line":4},"#,
        r#""help":"`htonl(math)` at the sender","#,
        r#""notes":["100 in little-endian order, 1677721600 as declared"]}"#,
        "\n"
    );
    assert_eq!(json(&byte_order()), expected);
}

#[test]
fn the_summary_counts_levels() {
    let written = |findings: &[Finding], allowed| {
        let mut out = Vec::new();
        findings_summary(findings, allowed, Palette::plain(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let note = Finding::new(Code::Unaligned, "");
    assert_eq!(written(&[], 0), "no findings\n");
    assert_eq!(written(&[], 2), "no findings, 2 allowed\n");
    let three = [byte_order(), note.clone(), note];
    assert_eq!(written(&three, 0), "1 error, 2 notes\n");
}

#[test]
fn what_is_not_known_has_no_key() {
    let bare = Finding::new(Code::GroupJoin, "the sender joined \"g\"");
    let expected =
        "{\"code\":\"group-join\",\"level\":\"note\",\"text\":\"the sender joined \\\"g\\\"\"}\n";
    assert_eq!(json(&bare), expected);
    assert_eq!(text(&bare, false), "note[group-join]: the sender joined \"g\"\n\n");
}
