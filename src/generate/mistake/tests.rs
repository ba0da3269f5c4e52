//! Each mistake is made of messages of many shapes, and `check` finds that mistake and no other.

mod shapes;
mod traffic;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use self::shapes::{BASIC, NAME0, NAME64, READING, SHAPES_OF_MESSAGES, Shape, VAR};
use self::traffic::{check, messages, protocols};
use super::*;
use crate::decode::codec::FieldValue;

#[test]
fn check_finds_the_mistake_that_is_made_and_no_other() {
    let mut wrong = String::new();
    for Shape { text, message, profile, mistakes } in SHAPES_OF_MESSAGES {
        let protocols = protocols(text, message, profile);
        for (made, expected) in *mistakes {
            let sent = messages(&protocols, made).unwrap_or_else(|it| panic!("{message}: {it}"));
            let found = check(&protocols, &sent);
            let mut found: Vec<_> =
                found.iter().map(|(code, field)| format!("{code} {field}")).collect();
            found.sort();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            if found != expected {
                let (first, len) = (&sent[0], sent[0].len());
                wrong += &format!("{message} {made:?}: {found:?}, {len} bytes: {first:02x?}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_a_message_cannot_have_is_refused_with_the_reason() {
    let little = "byte_order = \"little\"";
    for (text, message, profile, mistakes, error) in [
        (
            NAME0,
            "msg_st",
            "",
            &["padding"][..],
            "padding: `msg_st` has no holes: padding would change nothing",
        ),
        (NAME64, "student", "", &["padding"], "padding: `student` has no holes"),
        (
            BASIC,
            "msg_st",
            "",
            &["type-width"],
            "type-width: `msg_st` is the same on every ABI: it has no `long`",
        ),
        (
            READING,
            "reading",
            little,
            &["type-width=id"],
            "type-width=id: `id` is as wide on every ABI",
        ),
        (
            BASIC,
            "msg_st",
            "",
            &["terminator"],
            "terminator: `msg_st` ends with no text of any length",
        ),
        (
            VAR,
            "msg_st",
            "",
            &["terminator=math"],
            "terminator=math: only the tail, `name`, needs a NUL",
        ),
        (
            BASIC,
            "msg_st",
            "",
            &["byte-order=name"],
            "byte-order=name: `name` has no number of several bytes",
        ),
        (
            BASIC,
            "msg_st",
            "",
            &["byte-order=meth"],
            "byte-order=meth: `msg_st` has no such field; did you mean `math`?",
        ),
        (
            VAR,
            "msg_st",
            "",
            &["uninitialised"],
            "uninitialised: `msg_st` has no holes, and no text of fixed length",
        ),
        (
            BASIC,
            "msg_st",
            "",
            &["uninitialised=math"],
            "uninitialised=math: behind a NUL in `math` is no byte left over",
        ),
        (BASIC, "msg_st", "", &["trailing=name"], "trailing=name: only behind the last field"),
        (
            "struct m { uint32_t n; uint16_t all[]; };",
            "m",
            "",
            &["trailing"],
            "trailing: bytes behind `all` are more of it",
        ),
        (
            "struct m { uint32_t n; uint16_t all[]; };",
            "m",
            "",
            &["terminator"],
            "terminator: `all`, the tail of `m`, is no text",
        ),
        ("struct m { char text[]; };", "m", "", &["length"], "length: "),
        (
            "struct m { uint32_t a; uint64_t b; };",
            "m",
            "",
            &["padding"],
            "padding: packed, `m` lies as on i386: that is type-width",
        ),
        (
            BASIC,
            "msg_st",
            "",
            &["padding", "length"],
            "mistakes padding and length cannot both be made",
        ),
        (
            "#define FMT \"%lld\\r\\n\"",
            "FMT",
            "",
            &["length"],
            "mistakes are made of structs: `FMT` is none",
        ),
    ] {
        let protocols = protocols(text, message, profile);
        let found = messages(&protocols, mistakes).unwrap_err().to_string();
        let is_expected = found.strip_prefix("mistake ").unwrap_or(&found).starts_with(error);
        assert!(is_expected, "{message} {mistakes:?}: {found}");
    }
}

/// The lengths that the program's own peers send with these mistakes.
#[test]
fn mistakes_have_the_lengths_of_real_senders() {
    let text = |it: &str| FieldValue::Text(it.to_owned());
    let alan = FieldValue::Group(vec![
        ("name".to_owned(), text("Alan")),
        ("math".to_owned(), FieldValue::Integer(83)),
        ("chinese".to_owned(), FieldValue::Integer(86)),
    ]);
    for (header, mistake, len) in [
        (BASIC, "padding", 20),
        (BASIC, "uninitialised", 19),
        (BASIC, "length", 18),
        (VAR, "padding", 16),
        (VAR, "terminator", 12),
        (VAR, "trailing", 507),
        (VAR, "length", 7),
    ] {
        let protocols = protocols(header, "msg_st", "");
        let mistake: Mistake = mistake.parse().unwrap();
        let codec = MistakenCodec::new(
            &protocols,
            &protocols.list()[0],
            None,
            std::slice::from_ref(&mistake),
        )
        .unwrap();
        let mut out = Vec::new();
        codec.write(&alan, &mut ChaCha8Rng::seed_from_u64(1), &mut out).unwrap();
        assert_eq!(out.len(), len, "{mistake}");
    }
}

/// In every case of a tagged protocol that can have it, and in no other.
#[test]
fn a_case_has_the_mistakes_that_it_can_have() {
    let text = "struct head { uint8_t type; } __attribute__((packed));
struct note { uint8_t type; uint32_t n; char text[]; } __attribute__((packed));
struct end { uint8_t type; uint16_t n; } __attribute__((packed));";
    let profile = "tag = \"type\"\ncases = { 1 = \"note\", 2 = \"end\" }";
    let protocols = protocols(text, "head", profile);
    let written = |mistake: &str, case: usize, fields: &[(&str, FieldValue)]| {
        let protocol = &protocols.list()[0];
        let cases = [None, protocol.words.cases.get(case)];
        cases.map(|it| {
            let codec = MistakenCodec::new(&protocols, protocol, it, &[mistake.parse().unwrap()]);
            let fields = fields.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
            let mut out = Vec::new();
            let value = FieldValue::Group(fields);
            codec
                .map(|it| it.write(&value, &mut ChaCha8Rng::seed_from_u64(1), &mut out).unwrap())?;
            Ok::<_, MistakeError>(out)
        })
    };
    let int = FieldValue::Integer;
    let note = [("type", int(1)), ("n", int(5)), ("text", FieldValue::Text("ab".into()))];
    let end = [("type", int(2)), ("n", int(5))];
    let [whole, own] = written("terminator", 0, &note);
    assert_eq!(whole, Ok(b"\x01\0\0\0\x05ab".to_vec()));
    assert_eq!(own, whole);
    let [whole, own] = written("terminator", 1, &end);
    assert_eq!(whole, Ok(b"\x02\0\x05".to_vec()));
    assert!(matches!(own, Err(MistakeError::Impossible { .. })), "{own:?}");
    let [whole, own] = written("byte-order=n", 1, &end);
    assert_eq!((whole.clone(), whole), (own, Ok(b"\x02\x05\0".to_vec())));
}

/// What `docs/generating.md` shows of each mistake is what is written.
#[test]
fn the_bytes_of_the_documentation_are_those_that_are_written() {
    let text = include_str!("../../../docs/generating.md");
    let (_, text) = text.split_once("\n## Deliberate mistakes\n").unwrap();
    let text = text.split_once("\n## ").map_or(text, |it| it.0);
    let field = |name: &str, it| (name.to_owned(), it);
    let int = FieldValue::Integer;
    let name = field("name", FieldValue::Text("Alan".to_owned()));
    let scores = vec![name, field("math", int(83)), field("chinese", int(86))];
    let reading = vec![
        field("id", int(1)),
        field("stamp", int(1_700_000_000)),
        field("value", int(2150)),
        field("flags", int(1)),
        field("level", FieldValue::Float(21.5)),
    ];
    let mut shown = Vec::new();
    for section in text.split("\n### ").skip(1) {
        let (header, message, profile, fields) = match section.split('`').nth(1).unwrap() {
            "dgram-basic" => (BASIC, "msg_st", "", &scores),
            "dgram-var" => (VAR, "msg_st", "", &scores),
            "portable" => (READING, "reading", "byte_order = \"little\"", &reading),
            other => panic!("{other}"),
        };
        let protocols = protocols(header, message, profile);
        let block = section.split("```").nth(1).unwrap();
        for line in block.lines().skip(1) {
            let (mistake, bytes) = line.split_once(' ').unwrap();
            let mistakes: Vec<Mistake> = match mistake {
                "-" => Vec::new(),
                _ => vec![mistake.parse().unwrap()],
            };
            let codec = MistakenCodec::new(&protocols, &protocols.list()[0], None, &mistakes);
            let mut out = Vec::new();
            let value = FieldValue::Group(fields.clone());
            codec.unwrap().write(&value, &mut ChaCha8Rng::seed_from_u64(1), &mut out).unwrap();
            let mut written: String = out.iter().map(|it| format!("{it:02x}")).collect();
            if let Some((_, zeros)) = bytes.split_once(", ") {
                let zeros: usize = zeros.split(' ').next().unwrap().parse().unwrap();
                let kept = written.len() - 2 * zeros;
                assert!(written.split_off(kept).bytes().all(|it| it == b'0'), "{line}");
            }
            let bytes = bytes.split(", ").next().unwrap().replace(' ', "");
            assert_eq!(written, bytes, "{message}: {mistake}");
            shown.extend(mistakes.into_iter().map(|it| it.kind));
        }
    }
    let unshown = MistakeKind::ALL.into_iter().filter(|it| !shown.contains(it));
    assert_eq!(unshown.collect::<Vec<_>>(), [MistakeKind::GroupJoin]);
}
