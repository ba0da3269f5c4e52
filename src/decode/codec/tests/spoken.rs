//! What a profile or a comment says of fields, read and written.

use std::fs;

use super::*;
use crate::profile::{Options, Protocols};

/// The codec of `msg` in a header whose comments have words; `entry` is more of its `[[protocol]]`.
fn spoken(header: &str, entry: &str) -> Result<Codec, String> {
    let dir = tempfile::tempdir().unwrap();
    let header = format!("#include <stdint.h>\n#pragma pack(1)\n{header}");
    fs::write(dir.path().join("proto.h"), header).unwrap();
    let profile = dir.path().join("wirereel.toml");
    let text =
        format!("[[protocol]]\nname = \"p\"\nheader = \"proto.h\"\nmessage = \"msg\"\n{entry}\n");
    fs::write(&profile, text).unwrap();
    let options = Options { profile: Some(profile), builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).map_err(|it| it.to_string())?;
    let protocol = protocols.list().iter().find(|it| it.name == "p").unwrap();
    Codec::new(protocol.format.layout().unwrap(), &protocol.words).map_err(|it| it.to_string())
}

fn of(header: &str, entry: &str) -> Codec {
    spoken(header, entry).unwrap_or_else(|error| panic!("{header}: {error}"))
}

/// A header's message is read and written as these.
fn each_way(header: &str, cases: &[(&str, Json)]) {
    let codec = of(header, "");
    for (wire, value) in cases {
        both_ways(&codec, wire, value.clone());
    }
}

#[test]
fn counts_and_bytes_say_how_much_there_is() {
    each_way(
        "struct rec { uint8_t a; uint16_t b; };
         struct msg { uint8_t n; struct rec recs[1]; /* wr: count = \"n\" */ uint8_t last; };",
        &[
            (
                "02 01 0002 03 0004 09",
                json!({"n": 2, "recs": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "last": 9}),
            ),
            ("00 09", json!({"n": 0, "recs": [], "last": 9})),
        ],
    );
    each_way(
        "struct msg { uint8_t len; uint8_t body[1]; /* wr: bytes = \"len - 2\" */ uint8_t last; };",
        &[("05 010203 09", json!({"len": 5, "body": "010203", "last": 9}))],
    );
    each_way(
        "struct msg { uint8_t words; uint16_t x[1]; /* wr: bytes = \"words * 4\" */ uint8_t last; };",
        &[("01 0001 0002 09", json!({"words": 1, "x": [1, 2], "last": 9}))],
    );
    each_way(
        "struct msg { uint8_t n; char name[]; /* wr: count = \"n & 0x0f\" */ };",
        &[("a3 \"abc\"", json!({"n": 0xa3, "name": "abc"}))],
    );
}

#[test]
fn a_list_ends_where_it_is_said_to() {
    each_way(
        "struct msg { char file[1]; /* wr: until = 0 */ char mode[1]; /* wr: until = 0 */ };",
        &[("\"a.txt\" 00 \"octet\" 00", json!({"file": "a.txt", "mode": "octet"}))],
    );
    each_way(
        "struct msg { uint16_t x[1]; /* wr: until = 0xffff */ uint8_t last; };",
        &[("0001 0002 ffff 09", json!({"x": [1, 2, 65535], "last": 9}))],
    );
    each_way(
        "struct rec { uint8_t type; uint8_t v; };
         struct msg { struct rec recs[1]; /* wr: until = \"type == 255\" */ uint8_t last; };",
        &[(
            "01 02 ff 00 09",
            json!({"recs": [{"type": 1, "v": 2}, {"type": 255, "v": 0}], "last": 9}),
        )],
    );
    each_way(
        "struct msg { uint8_t x[1]; /* wr: count = \"rest - 2\" */ uint16_t sum; };",
        &[("010203 0009", json!({"x": "010203", "sum": 9})), ("0009", json!({"x": "", "sum": 9}))],
    );
    each_way(
        "struct rec { uint8_t a; uint8_t b; };
         struct msg { struct rec recs[1]; /* wr: while = \"rest > 2\" */ uint16_t sum; };",
        &[("0102 0304 0009", json!({"recs": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "sum": 9}))],
    );
}

#[test]
fn records_say_how_long_they_are() {
    each_way(
        "struct rec { uint8_t type; uint8_t len; uint16_t nets[]; };
         struct msg { uint8_t seq; struct rec recs[1]; /* wr: until = \"end\", length = \"len\" */ };",
        &[(
            "07 01 06 0001 0002 02 02 03 04 0003",
            json!({"seq": 7, "recs": [
                {"type": 1, "len": 6, "nets": [1, 2]},
                {"type": 2, "len": 2, "nets": []},
                {"type": 3, "len": 4, "nets": [3]},
            ]}),
        )],
    );
    each_way(
        "struct head { uint8_t len; uint8_t rest[]; };
         struct msg { uint8_t n; struct head head; /* wr: length = \"len + 1\" */ uint8_t last; };",
        &[("01 02 aabb 09", json!({"n": 1, "head": {"len": 2, "rest": "aabb"}, "last": 9}))],
    );
    each_way(
        "struct rec { uint8_t n; uint8_t x[]; /* wr: count = \"n\" */ };
         struct msg { uint8_t n; struct rec recs[1]; /* wr: count = \"n\", pad = 4 */ uint8_t last; };",
        &[(
            "02 02 aabb 00 01 cc 0000 09",
            json!({"n": 2, "recs": [{"n": 2, "x": "aabb"}, {"n": 1, "x": "cc"}], "last": 9}),
        )],
    );
}

#[test]
fn zeros_at_the_end_may_be_left_out() {
    let header = "struct ping { uint16_t a; uint32_t b; uint8_t c; };
         struct msg { uint8_t len; struct ping ping; /* wr: bytes = \"len\", zeros = true */ uint8_t x; };";
    let codec = of(header, "byte_order = \"little\"");
    both_ways(&codec, "03 0100 05 09", json!({"len": 3, "ping": {"a": 1, "b": 5, "c": 0}, "x": 9}));
    both_ways(&codec, "01 00 09", json!({"len": 1, "ping": {"a": 0, "b": 0, "c": 0}, "x": 9}));
    let written = encoded(&codec, json!({"ping": {"a": 1, "b": 5}, "x": 9}));
    assert_eq!(written, Ok("0301000509".to_owned()));
    assert_eq!(decoded(&codec, &bytes("03 0100")).1, "msg 3+0 short ping.b@3");
}

#[test]
fn what_is_present_is_said() {
    let header = "struct msg { uint8_t flags; uint32_t opt; /* wr: present = \"flags & 0x10\" */
                  struct { uint8_t a; uint8_t b; }; /* wr: present = \"flags >> 1 & 1\" */ uint8_t last; };";
    each_way(
        header,
        &[
            ("00 09", json!({"flags": 0, "last": 9})),
            ("10 00000005 09", json!({"flags": 16, "opt": 5, "last": 9})),
            ("12 00000005 01 02 09", json!({"flags": 18, "opt": 5, "a": 1, "b": 2, "last": 9})),
        ],
    );
    let codec = of(header, "");
    let written = encoded(&codec, json!({"opt": 5, "a": 1, "last": 9}));
    assert_eq!(written, Ok("1200000005010009".to_owned()));
}

#[test]
fn what_is_given_says_what_is_present() {
    let header = "struct msg { uint32_t kind; uint32_t a; /* wr: present = \"kind == 1\" */
                  uint64_t b; /* wr: present = \"kind == 2\" */ uint8_t n; };";
    let codec = of(header, "");
    let written = |value| encoded(&codec, value);
    assert_eq!(written(json!({"b": 7, "n": 9})), Ok("00000002000000000000000709".to_owned()));
    let both = json!({"kind": 2, "b": 7, "n": 9});
    assert_eq!(written(both), Ok("00000002000000000000000709".to_owned()));
    for (value, field) in [(json!({"kind": 1, "b": 7}), "b"), (json!({"kind": 0, "a": 0}), "a")] {
        assert_eq!(written(value), Err(format!("{field}: `kind` says that it is not there")));
    }
}

#[test]
fn what_a_count_that_is_given_counts_is_zero() {
    let header = "struct rec { uint8_t n; uint8_t x[]; /* wr: count = \"n\" */ };
        struct msg { uint32_t n; char name[8]; /* wr: count = \"n\" */
                     struct rec recs[1]; /* wr: count = \"n\" */ uint8_t last; };";
    let codec = of(header, "");
    let written = |value| encoded(&codec, value);
    assert_eq!(written(json!({"n": 2, "last": 9})), Ok("00000002 0000 0000 09".replace(' ', "")));
    assert_eq!(
        written(json!({"name": "abc"})),
        Ok("00000003 616263 000000 00".replace(' ', "")),
        "what one says holds for the other"
    );
    let error = written(json!({"n": 70_000})).unwrap_err();
    assert_eq!(error, "name: 70000 are more than the 65536 it holds");
}

#[test]
fn a_union_is_as_long_as_the_member_that_the_message_says_wherever_it_is_said() {
    let header = "struct text { uint8_t n; uint8_t v[4]; /* wr: count = \"n\" */ };
        struct word { uint32_t w; }; struct big { uint8_t pad[9]; };
        struct msg { uint8_t kind; union { struct text text; struct word word; struct big big; } u;
                     uint16_t tail; };";
    let codec = of(header, "tag = \"kind\"\ncases = { 1 = \"word\", 2 = \"text\", 3 = \"big\" }");
    for (wire, value) in [
        (
            "02 03 aabbcc 1234",
            json!({"kind": 2, "u": {"text": {"n": 3, "v": "aabbcc"}}, "tail": 0x1234}),
        ),
        ("02 00 1234", json!({"kind": 2, "u": {"text": {"n": 0, "v": ""}}, "tail": 0x1234})),
        ("01 00000007 1234", json!({"kind": 1, "u": {"word": {"w": 7}}, "tail": 0x1234})),
    ] {
        both_ways(&codec, wire, value);
    }
    let errors = [
        (json!({"kind": 9}), "kind: 9 has no case"),
        (json!({"kind": 9, "u": {"word": {"w": 1}}}), "kind: 9 has no case"),
        (json!({"kind": 1, "u": {"text": {"v": "aa"}}}), "u.text: tag 1 chooses `u.word`"),
    ];
    for (value, error) in errors {
        assert_eq!(encoded(&codec, value).unwrap_err(), error);
    }
    // Where no tag chooses, it keeps the size that C gives it.
    let codec = of(header, "");
    let (value, rest) = decoded(&codec, &bytes("02 03 aabbcc 00 00000000 1234"));
    assert_eq!((&value["tail"], &*rest), (&json!(0x1234), "msg 12+0"));
    assert_eq!(value["u"]["text"]["v"], json!("aabbcc"));
    let value = json!({"kind": 2, "u": {"text": {"v": "aabbcc"}}, "tail": 0x1234});
    assert_eq!(encoded(&codec, value), Ok("0203aabbcc0000000000 1234".replace(' ', "")));
}

#[test]
fn a_tag_of_a_field_that_has_no_case_is_refused() {
    let header = "struct a { uint16_t x; }; struct b { uint32_t y; };
        struct msg { uint8_t type;
            union { struct a a; struct b b; } u; /* wr: tag = \"type\", cases = { 1 = \"a\", 2 = \"b\" } */
            uint8_t last; };";
    let codec = of(header, "");
    assert_eq!(encoded(&codec, json!({"type": 9})).unwrap_err(), "type: 9 has no case");
    let given = encoded(&codec, json!({"type": 9, "u": {"a": {"x": 1}}}));
    assert_eq!(given.unwrap_err(), "type: 9 has no case");
    assert_eq!(encoded(&codec, json!({})), Ok("00000000 0000".replace(' ', "")));
}

#[test]
fn a_tag_chooses_what_bytes_are() {
    let header = "struct a { uint16_t x; }; struct b { uint8_t n; uint8_t y[]; /* wr: count = \"n\" */ };
        struct msg { uint8_t type; uint8_t len;
            uint8_t body[1]; /* wr: bytes = \"len\", tag = \"type & 0x0f\", cases = { 1 = \"a\", \"2..4\" = \"b\", 5 = \"none\" } */
            uint8_t last; };";
    each_way(
        header,
        &[
            ("01 02 0007 09", json!({"type": 1, "len": 2, "body": {"a": {"x": 7}}, "last": 9})),
            (
                "13 02 01 aa 09",
                json!({"type": 19, "len": 2, "body": {"b": {"n": 1, "y": "aa"}}, "last": 9}),
            ),
            ("05 00 09", json!({"type": 5, "len": 0, "body": {}, "last": 9})),
        ],
    );
    let codec = of(header, "");
    // What is in it is read all the same, and so is what follows.
    assert_eq!(
        decoded(&codec, &bytes("07 02 abcd 09")),
        (
            json!({"type": 7, "len": 2, "body": {"bytes": "abcd"}, "last": 9}),
            "msg 5+0 unknown-case type@0".to_owned()
        )
    );
    let written = encoded(&codec, json!({"body": {"b": {"y": "aabb"}}, "last": 9}));
    assert_eq!(written, Ok("020302aabb09".to_owned()), "lengths, counts and tags are filled in");
    let error = encoded(&codec, json!({"type": 2, "body": {"a": {"x": 1}}})).unwrap_err();
    assert_eq!(error, "body.a: tag 2 chooses `body.b`");
}

#[test]
fn tags_are_looked_at_together_and_with_conditions() {
    let header = "struct a { uint8_t x; }; struct b { uint16_t y; };
        union any { struct a a; struct b b; };
        struct msg { uint8_t fmt; uint8_t type; uint8_t version;
            union any any; /* wr: tag = [\"fmt\", \"type\"], cases = { \"1,2\" = \"a\", \"1,*\" = { is = \"b\", when = \"version > 1\" }, default = \"a\" } */ };";
    each_way(
        header,
        &[
            ("01 02 02 07", json!({"fmt": 1, "type": 2, "version": 2, "any": {"a": {"x": 7}}})),
            ("01 03 02 0007", json!({"fmt": 1, "type": 3, "version": 2, "any": {"b": {"y": 7}}})),
            ("01 03 01 07", json!({"fmt": 1, "type": 3, "version": 1, "any": {"a": {"x": 7}}})),
        ],
    );
}

#[test]
fn type_length_and_value_are_a_list() {
    let header = "struct mask { uint32_t addr; }; struct kind { uint8_t value; };
        struct msg { uint8_t id;
            uint8_t options[1]; /* wr: as = \"tlv\", end = 255, single = [0], cases = { 1 = \"mask\", 53 = \"kind\" } */ };";
    each_way(
        header,
        &[(
            "07 35 01 03 00 01 04 ffffff00 0c 02 6162 ff",
            json!({"id": 7, "options": [
                {"type": 53, "length": 1, "kind": {"value": 3}},
                {"type": 0},
                {"type": 1, "length": 4, "mask": {"addr": 0xffff_ff00_u32}},
                {"type": 12, "length": 2, "bytes": "6162"},
                {"type": 255},
            ]}),
        )],
    );
    let codec = of(header, "");
    let written =
        encoded(&codec, json!({"id": 7, "options": [{"kind": {"value": 3}}, {"type": 255}]}));
    assert_eq!(written, Ok("07350103ff".to_owned()));
    assert_eq!(decoded(&codec, &bytes("07 35 05 03")).1, "msg 4+0 short options.length@4");
    each_way(
        "struct msg { uint8_t id; uint8_t attrs[]; /* wr: as = \"tlv\", type = 2, length = 2, counts = \"all\", pad = 4 */ };",
        &[(
            "07 0001 0006 abcd 0000 0002 0004",
            json!({"id": 7, "attrs": [
                {"type": 1, "length": 6, "value": "abcd"}, {"type": 2, "length": 4, "value": ""},
            ]}),
        )],
    );
    each_way(
        "struct msg { uint8_t n; uint8_t names[1]; /* wr: as = \"lv\", bytes = \"n\" */ uint8_t last; };",
        &[(
            "05 01 61 02 6263 09",
            json!({"n": 5, "names": [
                {"length": 1, "value": "61"}, {"length": 2, "value": "6263"},
            ], "last": 9}),
        )],
    );
    // What does not fit its place, between the list and the value: the list ends, not the message.
    let placed = of(
        "struct mask { uint32_t addr; };
         struct msg { uint8_t n; uint8_t opts[1]; /* wr: as = \"tlv\", bytes = \"n\", cases = { 1 = \"mask\" } */
                      uint8_t last; };",
        "",
    );
    for (wire, opts, rest) in [
        (
            "05 02 09 aabbcc 07",
            json!([{"type": 2, "length": 9, "bytes": "aabbcc"}]),
            "msg 7+0 malformed opts.length@2",
        ),
        (
            "07 01 02 aabb 02 01 cc 07",
            json!([{"type": 1, "length": 2}, {"type": 2, "length": 1, "bytes": "cc"}]),
            "msg 9+0 malformed opts.length@2",
        ),
        ("01 02 07", json!([{"type": 2}]), "msg 3+0 malformed n@0"),
    ] {
        let (value, said) = decoded(&placed, &bytes(wire));
        assert_eq!((&value["opts"], &*said), (&opts, rest), "{wire}");
        assert_eq!(value["last"], 7, "what is behind the list is read");
    }
    assert_eq!(decoded(&placed, &bytes("0b 02 09 aabb")).1, "msg 5+0 short opts.length@5");
    let within = of(
        "struct rec { uint8_t n; uint16_t x[1]; /* wr: count = \"n\" */ };
         struct msg { uint8_t len; struct rec rec; /* wr: bytes = \"len\" */ uint8_t last; };",
        "",
    );
    let (value, rest) = decoded(&within, &bytes("04 02 0001 02 07"));
    assert_eq!((&value["last"], &*rest), (&json!(7), "msg 6+0 malformed rec.n@1"));
    // A length that is less than what it counts.
    let all = "struct msg { uint8_t attrs[]; /* wr: as = \"tlv\", counts = \"all\" */ };";
    assert_eq!(decoded(&of(all, ""), &bytes("01 00 02 02")).1, "msg 4+0 malformed attrs.length@1");
}

#[test]
fn varints_take_as_many_bytes_as_they_need() {
    let header = "struct msg { uint8_t head; uint8_t len[4]; /* wr: as = \"varint\" */
                  uint8_t rest[]; /* wr: bytes = \"len\" */ };";
    each_way(
        header,
        &[
            ("10 02 aabb", json!({"head": 16, "len": 2, "rest": "aabb"})),
            ("10 00", json!({"head": 16, "len": 0, "rest": ""})),
        ],
    );
    let codec = of(header, "");
    let rest = "ab".repeat(200);
    let written = encoded(&codec, json!({"head": 16, "rest": rest}));
    assert_eq!(written, Ok(format!("10c801{rest}")), "its own length is found");
    assert_eq!(decoded(&codec, &bytes("10 ffffffff 01")).1, "msg 6+0 malformed len@1");
    assert_eq!(decoded(&codec, &bytes("10 80")).1, "msg 2+0 short len@1");
}

#[test]
fn a_message_says_its_length_and_what_it_is() {
    let header = "struct msg { uint8_t type; uint16_t len; };
        struct a { struct msg h; uint8_t x[]; }; struct b { struct msg h; uint32_t y; };";
    let entry = "length = \"len + 1\"\ntag = \"type\"\ncases = { 1 = \"a\", 2 = \"b\" }\nmatch = { type = [1, 2] }";
    let codec = of(header, entry);
    for (wire, value, rest) in [
        ("01 0004 aabb", json!({"h": {"type": 1, "len": 4}, "x": "aabb"}), "a 5+0"),
        ("02 0006 00000007", json!({"h": {"type": 2, "len": 6}, "y": 7}), "b 7+0"),
    ] {
        assert_eq!(decoded(&codec, &bytes(wire)), (value.clone(), rest.to_owned()));
        assert_eq!(encoded(&codec, value), Ok(hex(&bytes(wire))));
    }
    for (wire, rest) in [
        ("01 0003 aabb", "a 4+1"),
        ("01 0006 aabb", "a 5+0 short len@5"),
        ("01 0000 aabb", "a 5+0 malformed len@1"),
        ("02 0004 00000007", "b 5+2 malformed len@1"),
    ] {
        assert_eq!(decoded(&codec, &bytes(wire)).1, rest, "{wire}");
    }
    assert_eq!(encoded(&codec, json!({"x": "aabb"})), Ok("010004aabb".to_owned()));
    assert_eq!(encoded(&codec, json!({"y": 7})), Ok("02000600000007".to_owned()));
    assert!(codec.matches(&bytes("01 0000")) && !codec.matches(&bytes("03 0000")));
    assert!(!codec.matches(&[]), "what is not there is not what it should be");
}

#[test]
fn the_way_of_a_message_tells_what_it_is() {
    let header =
        "struct msg { uint8_t code; uint8_t a; }; struct rsp { uint8_t code; uint16_t b; };";
    let codec = of(header, "direction = { to_server = \"msg\", to_client = \"rsp\" }");
    let mut items = Vec::new();
    let wire = bytes("01 0002");
    let names = [true, false].map(|to_server| {
        codec.decode_toward(to_server, &wire, wire.len(), &mut items).name.to_owned()
    });
    assert_eq!(names, ["msg", "rsp"]);
    assert!(codec.goes_by_way());
}

#[test]
fn the_struct_that_has_what_is_given_is_written() {
    let header = "struct msg { uint8_t id; struct { uint8_t a; } body; };
        struct rsp { uint8_t id; struct { uint8_t a; uint16_t b; } body; };";
    let codec = of(header, "direction = { to_server = \"msg\", to_client = \"rsp\" }");
    for (fields, expected) in [
        (json!({"id": 1, "body": {"a": 2}}), vec![1, 2]),
        (json!({"id": 1, "body": {"a": 2, "b": 3}}), vec![1, 2, 0, 3]),
    ] {
        let mut out = Vec::new();
        codec.encode(&serde_json::from_value(fields).unwrap(), &mut out).unwrap();
        assert_eq!(out, expected);
    }
}

#[test]
fn what_is_absent_in_an_element_is_not_that_of_the_one_before() {
    each_way(
        "struct it {
             uint8_t flags;
             uint8_t len; /* wr: present = \"!(flags & 1)\" */
             uint16_t len16; /* wr: present = \"flags & 1\" */
             struct { uint8_t body[1]; /* wr: until = \"end\" */ } value; /* wr: bytes = \"len + len16\" */
         };
         struct msg { uint8_t n; struct it its[1]; /* wr: bytes = \"n\" */ uint8_t last; };",
        &[(
            "0a 01 0003 aabbcc 00 02 ddee 09",
            json!({
                "n": 10,
                "its": [
                    {"flags": 1, "len16": 3, "value": {"body": "aabbcc"}},
                    {"flags": 0, "len": 2, "value": {"body": "ddee"}},
                ],
                "last": 9,
            }),
        )],
    );
}

#[test]
fn words_that_cannot_be_are_told_with_their_field() {
    let error = |header: &str| spoken(header, "").unwrap_err();
    for (header, expected) in [
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: count = \"m\" */ };",
            "proto.h:3:33: \"x\": no field \"m\" stands before it, and the header has no constant of that name",
        ),
        (
            "struct msg { uint8_t x[1]; /* wr: count = \"n\" */ uint8_t n; };",
            "\"n\" stands behind it: it can go only by what stands before it",
        ),
        (
            "struct r { uint8_t n; }; struct msg { struct r r[2]; uint8_t x[1]; /* wr: count = \"r.n\" */ };",
            "\"r.n\" is in a list, and which element is meant is not said",
        ),
        ("struct msg { char n[2]; uint8_t x[1]; /* wr: count = \"n\" */ };", "\"n\" is no integer"),
        ("struct msg { uint8_t n; uint32_t x; /* wr: count = \"n\" */ };", "it goes with an array"),
        (
            "struct msg { uint8_t n; uint32_t x; /* wr: as = \"tlv\" */ };",
            "it goes with an array of bytes",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: count = \"n +\" */ };",
            "in \"n +\": expected a number, a field or `(`, found its end",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: count = \"n\", bytes = 3 */ };",
            "`count`, `bytes`, `until` and `while` each say how much there is: leave one",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: tag = \"n\", cases = { 1 = \"zz\" } */ };",
            "case \"zz\" is no struct of the header",
        ),
        (
            "struct opt_speed { uint8_t x; };
             struct msg { uint8_t x[1]; /* wr: as = \"tlv\", cases = { 1 = \"opt_sped\" } */ };",
            "case \"opt_sped\" is no struct of the header; did you mean \"opt_speed\"?",
        ),
        (
            "struct msg { uint8_t n; union { uint8_t word; } u; /* wr: tag = \"n\", cases = { 1 = \"wrd\" } */ };",
            "case \"wrd\" is no member of it; did you mean \"word\"?",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: while = \"rest > 2\" */ };",
            "`while` goes with an array of records, or of numbers of more than a byte",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: until = \"n == 2\" */ };",
            "`until` goes with an array of records, where it is a condition",
        ),
        (
            "struct msg { uint8_t n; uint8_t x[1]; /* wr: count = \"n\", pad = 4 */ };",
            "`pad` goes with an array of records or numbers",
        ),
        (
            "struct r { uint8_t a; }; struct msg { uint8_t n; struct r r; /* wr: zeros = true */ };",
            "`zeros` goes with a record of which `bytes` or `length` says how long it is",
        ),
    ] {
        assert!(error(header).contains(expected), "{}\n{expected}", error(header));
    }
}

#[test]
fn counts_that_lie_end_in_an_error_and_in_bounded_work() {
    let counted = of(
        "struct r { uint8_t a; }; struct msg { uint32_t n; struct r x[1]; /* wr: count = \"n\" */ };",
        "",
    );
    assert_eq!(decoded(&counted, &bytes("ffffffff 01")).1, "msg 5+0 short x.a@5");
    let minus = of("struct msg { uint8_t n; uint8_t x[1]; /* wr: bytes = \"n - 8\" */ };", "");
    assert_eq!(decoded(&minus, &bytes("04 01")).1, "msg 2+0 malformed n@0");
    let divided = of("struct msg { uint8_t n; uint8_t x[1]; /* wr: bytes = \"8 / n\" */ };", "");
    assert_eq!(decoded(&divided, &bytes("00 01")).1, "msg 2+0 malformed n@0");
    let none = of(
        "struct r { uint8_t n; uint8_t x[]; }; struct msg { uint8_t a; struct r r[1]; /* wr: until = \"end\", length = \"n\" */ };",
        "",
    );
    assert_eq!(decoded(&none, &bytes("01 00 00")).1, "msg 3+0 malformed r.n@1");
}

#[test]
fn a_condition_of_several_fields_holds_part_by_part() {
    let header =
        "struct msg { uint8_t f; uint8_t s; uint16_t x; /* wr: present = \"f & 1 && s == 4\" */ };";
    let codec = of(header, "");
    for (value, expected) in [
        (json!({"f": 1, "s": 4, "x": 5}), Ok("01040005")),
        (json!({"f": 3, "x": 5}), Ok("03040005")),
        (json!({"x": 5}), Ok("01040005")),
        (json!({"f": 2, "s": 4}), Ok("0204")),
        (json!({"f": 1, "s": 3, "x": 5}), Err("x: `f`, `s` says that it is not there")),
        (json!({"f": 2, "x": 5}), Err("x: `f`, `s` says that it is not there")),
    ] {
        let written = encoded(&codec, value.clone());
        assert_eq!(written, expected.map(str::to_owned).map_err(str::to_owned), "{value}");
    }
}

#[test]
fn what_is_read_without_a_case_has_a_tag_without_one() {
    let header = "struct a { uint8_t x; };
        struct msg { uint8_t type;
            union { struct a a; uint16_t other; } u; /* wr: tag = \"type\", cases = { \"0..2\" = \"a\", 4 = \"a\", default = \"other\" } */ };";
    each_way(header, &[("07 0005", json!({"type": 7, "u": {"other": 5}}))]);
    let codec = of(header, "");
    let value = json!({"u": {"other": 5}});
    assert_eq!(encoded(&codec, value), Ok("030005".to_owned()), "the first that has none");
    let error = encoded(&codec, json!({"type": 4, "u": {"other": 5}})).unwrap_err();
    assert_eq!(error, "u.other: tag 4 chooses `u.a`");
}

#[test]
fn a_count_that_is_given_is_that_of_what_is_given() {
    let header = "struct msg { uint8_t n; uint16_t x[1]; /* wr: count = \"n\" */
        uint8_t len; char text[1]; /* wr: bytes = \"len - 1\" */ };";
    let codec = of(header, "");
    for (value, expected) in [
        (json!({"n": 2, "x": [1, 2], "len": 3, "text": "ab"}), Ok("0200010002036162")),
        (json!({"n": 2, "x": [1]}), Ok("020001000001")),
        (json!({"n": 1, "x": [1, 2]}), Err("n: it says 1 where there are 2")),
        (json!({"n": 0, "x": [1, 2]}), Err("n: it says 0 where there are 2")),
        (json!({"len": 2, "text": "ab"}), Err("len: it says 1 where there are 2")),
        (json!({"len": 4, "text": "ab"}), Err("len: it says 3 where there are 2")),
        (json!({"len": 0, "text": ""}), Err("len: it says -1 where there are 0")),
    ] {
        let written = encoded(&codec, value.clone());
        assert_eq!(written, expected.map(str::to_owned).map_err(str::to_owned), "{value}");
    }
    let header = "struct a { uint16_t y; };
        struct msg { uint8_t len; struct a a; /* wr: bytes = \"len\" */ uint8_t last; };";
    let codec = of(header, "");
    let written = |len: u8| encoded(&codec, json!({"len": len, "a": {"y": 7}, "last": 9}));
    assert_eq!(written(2), Ok("02000709".to_owned()));
    assert_eq!(written(3), Ok("0300070009".to_owned()), "what has no name is zero");
    assert_eq!(written(1), Err("len: it says 1 where there are 2".to_owned()));
}

/// Writes values of the message of a header.
fn filled(header: &str, cases: &[(Json, Result<&str, &str>)]) {
    let codec = of(header, "");
    for (value, expected) in cases {
        let written = encoded(&codec, value.clone());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(written, expected, "{header} {value}");
    }
}

#[test]
fn what_says_how_much_is_there_where_what_it_counts_is() {
    filled(
        "struct msg { uint8_t f; uint8_t l; /* wr: present = \"f & 1\" */
            char b[1]; /* wr: count = \"l\", present = \"f & 1\" */ };",
        &[
            (json!({"b": "hello"}), Ok("010568656c6c6f")),
            (json!({"f": 1, "b": "hello"}), Ok("010568656c6c6f")),
            (json!({"f": 3, "l": 5, "b": "hello"}), Ok("030568656c6c6f")),
            (json!({"f": 2}), Ok("02")),
            (json!({}), Ok("00")),
            (json!({"l": 2}), Ok("01020000")),
            (json!({"f": 2, "b": "hello"}), Err("b: `f` says that it is not there")),
        ],
    );
    filled(
        "struct msg { uint8_t f; uint8_t l[4]; /* wr: as = \"varint\", present = \"f & 1\" */
            uint8_t b[1]; /* wr: bytes = \"l\", present = \"f & 1\" */
            uint8_t m[4]; /* wr: as = \"varint\" */ uint8_t c[1]; /* wr: bytes = \"m\" */ };",
        &[
            (json!({"b": "aabb", "c": "cc"}), Ok("0102aabb01cc")),
            (json!({"c": "cc"}), Ok("0001cc")),
            (json!({"b": "ab".repeat(200)}), Ok(&format!("01c801{}00", "ab".repeat(200)))),
        ],
    );
    // What is there where a flag is not set, and what is there for what is counted alone.
    filled(
        "struct msg { uint8_t f; uint8_t l; /* wr: present = \"!(f & 1)\" */
            uint8_t b[1]; /* wr: count = \"l\", present = \"!(f & 1)\" */ };",
        &[(json!({"b": "aa"}), Ok("0001aa")), (json!({"f": 1}), Ok("01")), (json!({}), Ok("01"))],
    );
    filled(
        "struct msg { uint8_t f; uint8_t l; /* wr: present = \"f & 1\" */
            uint8_t b[1]; /* wr: count = \"l\" */ };",
        &[
            (json!({"b": "aa"}), Ok("0101aa")),
            (json!({"f": 2, "b": ""}), Ok("02")),
            (json!({"f": 2, "b": "aa"}), Err("l: `f` says that it is not there")),
        ],
    );
    // In each element by itself.
    filled(
        "struct it { uint8_t f; uint8_t l; /* wr: present = \"f & 1\" */
            uint8_t b[1]; /* wr: count = \"l\", present = \"f & 1\" */ };
         struct msg { uint8_t n; struct it its[1]; /* wr: count = \"n\" */ };",
        &[(json!({"its": [{}, {"b": "aa"}, {"f": 2}]}), Ok("03000101aa02"))],
    );
    // Two that contradict each other.
    filled(
        "struct msg { uint8_t f; uint8_t a; /* wr: present = \"f == 0\" */
            uint8_t b; /* wr: present = \"f == 2\" */ };",
        &[
            (json!({"a": 1}), Ok("0001")),
            (json!({"b": 1}), Ok("0201")),
            (json!({"a": 1, "b": 1}), Err("a: `f` says that it is not there")),
        ],
    );
}

#[test]
fn a_list_has_an_end_where_it_is_to_have_one() {
    filled(
        "struct msg { uint16_t t[1]; /* wr: until = 0xffff */ uint8_t z; };",
        &[
            (json!({"t": [20], "z": 1}), Ok("0014ffff01")),
            (json!({"t": [20, 0xffff], "z": 1}), Ok("0014ffff01")),
            (json!({"t": []}), Ok("ffff00")),
            (json!({"z": 1}), Ok("ffff01")),
            (json!({"t": [0xffff, 20]}), Err("t: element 0 ends it, and others stand behind it")),
        ],
    );
    let pairs = "struct e { uint8_t k; uint8_t v; };";
    filled(
        &format!(
            "{pairs} struct msg {{ struct e t[1]; /* wr: until = \"k == 255\" */ uint8_t z; }};"
        ),
        &[
            (json!({"t": [{"k": 1, "v": 2}]}), Ok("0102ff0000")),
            (json!({"t": [{"k": 1, "v": 2}, {"k": 255, "v": 3}]}), Ok("0102ff0300")),
            (json!({"t": [{"v": 2}, {"v": 3}]}), Ok("0002ff0300")),
            (
                json!({"t": [{"k": 255}, {"k": 1}]}),
                Err("t: element 0 ends it, and others stand behind it"),
            ),
        ],
    );
    // A bit that says that more follow, and one that says that none do.
    filled(
        &format!(
            "{pairs} struct msg {{ struct e t[1]; /* wr: until = \"!(k & 0x80)\" */ uint8_t z; }};"
        ),
        &[
            (json!({"t": [{"v": 2}, {"v": 3}]}), Ok("8002000300")),
            (json!({"t": [{"k": 0x81}, {"k": 1}]}), Ok("8100010000")),
            (json!({"t": [{"k": 0x81}]}), Ok("8100000000")),
        ],
    );
    filled(
        &format!(
            "{pairs} struct msg {{ struct e t[1]; /* wr: until = \"k * v == 6\" */ uint8_t z; }};"
        ),
        &[
            (json!({"t": [{"k": 2, "v": 3}], "z": 9}), Ok("020309")),
            (
                json!({"t": [{"k": 2, "v": 2}]}),
                Err("t: its last element does not end it, and no other is known to"),
            ),
        ],
    );
}
