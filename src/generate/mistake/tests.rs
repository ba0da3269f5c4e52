//! Each mistake is made of messages of many shapes, and `check` finds that mistake and no other.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::capture::{Frame, LinkType, Timestamp};
use crate::check::Checker;
use crate::decode::Dissector;
use crate::decode::codec::FieldValue;
use crate::packet::build;
use crate::profile::{Options, Protocols};
use crate::schema::{PartId, PartKind, Repeat, ResolvedLayout, Role};

/// Messages of a sender.
const MESSAGES: u64 = 60;

/// The protocols of one header, its message on port 1989.
fn protocols(text: &str, message: &str, profile: &str) -> Protocols {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("p.h");
    std::fs::write(&header, format!("#include <stdint.h>\n#include <stddef.h>\n{text}")).unwrap();
    // A text record is read from a stream.
    let transport = if text.starts_with("#define") { "tcp" } else { "udp" };
    let entry = format!(
        "[[protocol]]\nname = \"{message}\"\nheader = \"p.h\"\nmessage = \"{message}\"\n\
         decode_as = [\"{transport}.port==1989\"]\n{profile}"
    );
    let path = dir.path().join("wirereel.toml");
    std::fs::write(&path, entry).unwrap();
    let options = Options { profile: Some(path), builtin: false, ..Options::default() };
    Protocols::load(&options).unwrap()
}

/// Any value of a part: small numbers, words, fractions.
fn value(layout: &ResolvedLayout, id: PartId, random: &mut ChaCha8Rng) -> FieldValue {
    let part = layout.part(id).unwrap();
    let count = match part.repeat {
        Repeat::Once => 1,
        Repeat::Times { count, .. } => count,
        Repeat::ToEnd { .. } => random.random_range(2..9),
    };
    match &part.kind {
        PartKind::Struct(_) | PartKind::Union(_) => FieldValue::Group(fields(layout, id, random)),
        PartKind::List => {
            let (element, _) = layout.members(id).next().unwrap();
            FieldValue::List((0..count).map(|_| value(layout, element, random)).collect())
        }
        PartKind::Integer { role: Role::Enum(names), .. } => {
            let all = &names.enumerators;
            FieldValue::Integer(all[random.random_range(0..all.len())].value)
        }
        PartKind::Integer { .. } if part.len == 1 => {
            FieldValue::Integer(random.random_range(0..100))
        }
        PartKind::Integer { .. } => {
            // Two bytes tell their order only where they are as declared: in a range.
            if part.len == 2 {
                return FieldValue::Integer(random.random_range(200..=400));
            }
            // Of any length in bits: what is large in one order is none of these in the other.
            FieldValue::Integer(1e6_f64.powf(random.random()) as i128)
        }
        PartKind::Bits(_) => FieldValue::Integer(random.random_range(0..2)),
        PartKind::Float { .. } => FieldValue::Float(f64::from(random.random_range(40..400)) / 8.0),
        PartKind::Characters { text: true, .. } => {
            let room = if part.at_end { 9 } else { count.saturating_sub(2).clamp(2, 9) };
            let letters = 0..random.random_range(2..=room);
            FieldValue::Text(letters.map(|_| random.random_range('a'..='z')).collect())
        }
        PartKind::Characters { text: false, .. } => {
            FieldValue::Bytes((0..count).map(|_| random.random()).collect())
        }
        PartKind::Hole => unreachable!(),
    }
}

/// Those of anonymous records are among them; of a union the first.
fn fields(
    layout: &ResolvedLayout,
    id: PartId,
    random: &mut ChaCha8Rng,
) -> Vec<(String, FieldValue)> {
    let of = |(id, part): (PartId, &crate::schema::Part)| match &part.name {
        Some(name) => vec![(name.clone(), value(layout, id, random))],
        None => fields(layout, id, random),
    };
    let is_union = matches!(layout.part(id).unwrap().kind, PartKind::Union(_));
    let count = if is_union { 1 } else { usize::MAX };
    layout.members(id).take(count).flat_map(of).collect()
}

/// The messages that a sender with these mistakes sends.
fn messages(protocols: &Protocols, mistakes: &[&str]) -> Result<Vec<Vec<u8>>, MistakeError> {
    let protocol = &protocols.list()[0];
    let mistakes: Vec<Mistake> = mistakes.iter().map(|it| it.parse().unwrap()).collect();
    let codec = MistakenCodec::new(protocols, protocol, None, &mistakes)?;
    let layout = protocol.format.layout().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let each = (0..MESSAGES).map(|_| {
        let value = value(layout, ResolvedLayout::ROOT, &mut random);
        let mut bytes = b"before".to_vec();
        codec.write(&value, &mut random, &mut bytes).unwrap();
        bytes.split_off(6)
    });
    Ok(each.collect())
}

/// What `check` says of the traffic: code and field of each finding.
fn check(protocols: &Protocols, messages: &[Vec<u8>]) -> Vec<(String, String)> {
    let mut dissector = Dissector::new(protocols, false).unwrap();
    let mut checker = Checker::new(protocols);
    let (src, dst) = (([10, 0, 0, 1], 40_000).into(), ([10, 0, 0, 2], 1989).into());
    for (number, payload) in (1..).zip(messages) {
        let mut data = Vec::new();
        build::datagram(src, dst, payload, &mut data).unwrap();
        let time = Some(Timestamp(1_700_000_000_000_000_000 + i64::from(number) * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame =
            Frame { number: number as u64, time, interface: 0, link_type, data: &data, orig_len };
        dissector.push(&frame, None, &mut |found| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found| checker.found(&found));
    let findings = checker.finish(&summary).into_iter().filter(|it| it.src.is_some());
    findings.map(|it| (it.code.to_string(), it.field.unwrap_or_default())).collect()
}

/// A struct, and the mistakes that are made of it: each with the findings of it, as `code field`.
struct Shape {
    text: &'static str,
    message: &'static str,
    profile: &'static str,
    mistakes: &'static [(&'static [&'static str], &'static [&'static str])],
}

const BASIC: &str = include_str!("../../../tests/peers/dgram-basic/proto.h");
const VAR: &str = include_str!("../../../tests/peers/dgram-var/proto.h");
const SCORES: &str = include_str!("../../../tests/peers/variants/scores.h");
const NAME0: &str = include_str!("../../../tests/peers/variants/name0.h");
const NAME64: &str = include_str!("../../../tests/peers/variants/name64.h");
const THREE: &str = include_str!("../../../tests/peers/variants/three.h");
const SHAPES: &str = include_str!("../../../tests/peers/variants/shapes.h");
const READING: &str = include_str!("../../../tests/peers/portable/proto.h");
const READING_PACKED: &str = include_str!("../../../tests/peers/portable/proto_packed.h");

const SHAPES_OF_MESSAGES: &[Shape] = &[
    Shape {
        text: BASIC,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["byte-order=chinese"], &["byte-order chinese"]),
            (&["byte-order=math", "byte-order=math"], &["byte-order math"]),
            (&["padding"], &["padding math"]),
            (
                &["padding", "byte-order"],
                &["padding math", "byte-order math", "byte-order chinese"],
            ),
            (&["length"], &["length "]),
            (&["length=name"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["uninitialised=name"], &["uninitialised name"]),
            (
                &["padding", "uninitialised"],
                &["padding math", "uninitialised name", "uninitialised "],
            ),
            (&["trailing"], &["trailing "]),
            (&["trailing", "uninitialised"], &["trailing ", "uninitialised name"]),
            (&["group-join"], &[]),
        ],
    },
    Shape {
        text: VAR,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["byte-order=math"], &["byte-order math"]),
            (&["padding"], &["padding "]),
            (&["padding", "uninitialised"], &["padding ", "uninitialised name"]),
            (&["terminator"], &["terminator name"]),
            (&["terminator=name"], &["terminator name"]),
            (
                &["terminator", "byte-order"],
                &["terminator name", "byte-order math", "byte-order chinese"],
            ),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing name"]),
            (&["trailing=name"], &["trailing name"]),
            (&["trailing", "uninitialised=name"], &["trailing name", "uninitialised name"]),
        ],
    },
    Shape {
        text: VAR,
        message: "msg_st",
        profile: "max_len = 504",
        mistakes: &[
            (&["trailing"], &["trailing name", "oversize "]),
            (&["terminator"], &["terminator name"]),
        ],
    },
    Shape {
        text: BASIC,
        message: "msg_st",
        profile: "max_len = 100",
        mistakes: &[(&["trailing"], &["trailing "])],
    },
    Shape {
        text: SCORES,
        message: "grades_t",
        profile: "[protocol.fields]\nscore = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order"], &["byte-order score"]),
            (&["byte-order=score"], &["byte-order score"]),
            (&["padding"], &["padding score"]),
            (&["length"], &["length "]),
            (&["length=score"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: NAME0,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&["byte-order=math"], &["byte-order math"]),
            (&["terminator"], &["terminator name"]),
            (&["length=math"], &["length "]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing name"]),
        ],
    },
    Shape {
        text: NAME64,
        message: "student",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order math", "byte-order chinese"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: THREE,
        message: "msg_st",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order math", "byte-order chinese", "byte-order english"]),
            (&["padding"], &["padding math"]),
            (&["length=chinese"], &["length "]),
            (&["uninitialised"], &["uninitialised name"]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: SHAPES,
        message: "shape_st",
        profile: "byte_order = \"little\"\n[protocol.fields]\n\"corners.x\" = { range = [200, 400] }\n\"corners.y\" = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=corners"], &["byte-order corners.x", "byte-order corners.y"]),
            (&["byte-order=corners.x"], &["byte-order corners.x"]),
            (&["byte-order=balance"], &["byte-order balance"]),
            (&["byte-order=area"], &["byte-order area"]),
            (&["padding"], &["padding fill"]),
            (&["type-width"], &["type-width area"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: READING,
        message: "reading",
        profile: "byte_order = \"little\"",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=stamp"], &["byte-order stamp"]),
            (&["byte-order=value"], &["byte-order value"]),
            (&["byte-order=level"], &["byte-order level"]),
            (&["padding"], &["padding stamp"]),
            (&["type-width"], &["type-width stamp"]),
            (&["type-width=value"], &["type-width stamp"]),
            (&["length"], &["length "]),
            (&["uninitialised"], &["uninitialised "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: READING_PACKED,
        message: "reading",
        profile: "",
        mistakes: &[
            (&["byte-order=stamp"], &["byte-order stamp"]),
            (&["byte-order=level"], &["byte-order level"]),
            (&["padding"], &["padding stamp"]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: "struct log { long when; uint16_t level; char text[]; } __attribute__((packed));",
        message: "log",
        profile: "",
        mistakes: &[
            (&[], &[]),
            (&["type-width"], &["type-width when"]),
            (&["type-width=when"], &["type-width when"]),
            (&["byte-order=when"], &["byte-order when"]),
            (&["padding"], &["padding "]),
            (&["terminator"], &["terminator text"]),
            (&["length"], &["length "]),
            (&["trailing"], &["trailing text"]),
        ],
    },
    Shape {
        text: "struct item { char label[9]; uint16_t price; } __attribute__((packed));
struct basket { uint16_t n; struct item items[3]; uint64_t total; } __attribute__((packed));",
        message: "basket",
        profile: "[protocol.fields]\n\"items.price\" = { range = [200, 400] }",
        mistakes: &[
            (&[], &[]),
            (&["byte-order=items.price"], &["byte-order items.price"]),
            (&["byte-order=items"], &["byte-order items.price"]),
            (&["padding"], &["padding items.price"]),
            (&["uninitialised"], &["uninitialised items.label"]),
            (&["length=items"], &["length "]),
            (&["trailing"], &["trailing "]),
        ],
    },
    Shape {
        text: "struct list { uint32_t n; uint32_t values[]; };",
        message: "list",
        profile: "",
        mistakes: &[
            (&["byte-order"], &["byte-order n", "byte-order values"]),
            (&["length"], &["length "]),
            (&["length=n"], &["length "]),
        ],
    },
];

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
        let codec =
            MistakenCodec::new(&protocols, &protocols.list()[0], None, &[mistake.clone()]).unwrap();
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
        let cases = [None, protocol.cases.get(case)];
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
