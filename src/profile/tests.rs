//! Headers, profiles and rules as a user gives them, in a folder of their own.

use crate::packet::Transport;
use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::*;
use crate::schema::{Abi, ByteOrder};

const MSG: &str = "#include <stdint.h>
struct msg_st { uint8_t name[11]; uint32_t math; uint32_t chinese; } __attribute__((packed));\n";

const TAGGED: &str = "#include <stdint.h>
enum kind { PATH = 1, DATA };
#define END 0x10
struct path_st { uint8_t type; char path[8]; } __attribute__((packed));
struct data_st { uint8_t type; uint16_t datalen; char data[]; } __attribute__((packed));
struct end_st { uint8_t type; } __attribute__((packed));
union any_st { struct end_st end; struct path_st path; struct data_st data; };
struct { int x; struct { uint16_t y; } in; } __attribute__((packed));
typedef struct { uint8_t type; struct { uint32_t x, y; } point; } place_t;\n";

/// A folder with files, and what is asked about it.
struct Case {
    dir: TempDir,
    options: Options,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { dir, options: Options::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn header(mut self, name: &str) -> Self {
        self.options.headers.push(self.path(name));
        self
    }

    fn rule(mut self, rule: &str) -> Self {
        self.options.rules.push(rule.parse().unwrap());
        self
    }

    fn profile(mut self) -> Self {
        self.options.profile = Some(self.path("wirereel.toml"));
        self
    }

    fn no_builtin(mut self) -> Self {
        self.options.builtin = false;
        self
    }

    fn load(&self) -> Protocols {
        Protocols::load(&self.options).unwrap()
    }

    /// The error, without the folder's path.
    fn error(&self) -> String {
        let text = Protocols::load(&self.options).unwrap_err().to_string();
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

/// The names of the candidates for UDP to a port, and their ranks.
fn udp(protocols: &Protocols, port: u16) -> Vec<(&str, u32)> {
    named(protocols, Transport::Udp, port)
}

fn named(protocols: &Protocols, transport: Transport, port: u16) -> Vec<(&str, u32)> {
    let candidates = protocols.candidates(transport, 40000, port).iter();
    candidates.map(|it| (protocols.get(it.protocol).unwrap().name.as_str(), it.rank)).collect()
}

#[test]
fn the_built_ins_are_candidates_on_their_port() {
    let protocols = Case::new(&[]).load();
    assert_eq!(udp(&protocols, 1989), [("dgram-basic", 3), ("dgram-var", 4)]);
    assert_eq!(udp(&protocols, 1990), []);
    assert_eq!(named(&protocols, Transport::Tcp, 1989), [("stream-stamp", 5)]);

    let [basic, var, stamp, standard @ ..] = protocols.list() else { panic!("{protocols:?}") };
    // Those that are read when there is traffic for them stand between.
    let read = standard.iter().filter(|it| !matches!(it.format, Format::Unread));
    let names = read.map(|it| it.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["http", "resp", "lines"]);
    let [(name, rank)] = udp(&protocols, 123)[..] else { panic!("one is of port 123") };
    assert!(name == "ntp" && rank > 5, "{name} {rank}");
    let layout = basic.format.layout().unwrap();
    let offsets: Vec<_> =
        layout.fields().skip(1).map(|(_, it)| (it.path.as_str(), it.offset)).collect();
    assert_eq!((layout.size, offsets), (19, vec![("name", 0), ("math", 11), ("chinese", 15)]));
    assert_eq!(var.format.layout().unwrap().min_len(), 8);
    assert_eq!((var.max_len, basic.order), (Some(504), ByteOrder::Big));
    assert!(matches!(&stamp.format, Format::Text(text) if text == b"%lld\r\n"), "{stamp:?}");
    for schema in protocols.schemas() {
        assert_eq!(schema.diagnostics, [], "{:?}", schema.files[0].path);
    }
    assert_eq!(udp(&Case::new(&[]).no_builtin().load(), 1989), []);
}

#[test]
fn a_header_without_a_rule_may_be_any_datagram() {
    let case = Case::new(&[("proto.h", MSG)]).header("proto.h");
    let protocols = case.load();
    assert_eq!(udp(&protocols, 7), [("msg_st", 2)]);
    assert_eq!(udp(&protocols, 1989), [("msg_st", 2), ("dgram-basic", 3), ("dgram-var", 4)]);
    assert_eq!(named(&protocols, Transport::Tcp, 7), []);

    let protocols = case.rule("udp.port==7,msg_st").load();
    assert_eq!(udp(&protocols, 7), [("msg_st", 0)]);
    assert_eq!(udp(&protocols, 8), [], "with a rule, only where it says");
    assert_eq!(udp(&protocols, 1989), [("dgram-basic", 3), ("dgram-var", 4)]);
}

#[test]
fn a_name_is_the_profiles_then_a_headers_then_built_in() {
    let profile = "[[protocol]]\nname = \"msg_st\"\nheader = \"a/proto.h\"\nmessage = \"other\"\n";
    let other = "struct other { char c; };\nstruct wide { short s; };\n";
    let files = [("wirereel.toml", profile), ("a/proto.h", other), ("b.h", MSG)];

    let protocols = Case::new(&files).profile().header("b.h").rule("udp.port==7,msg_st").load();
    assert_eq!(
        protocols.get(protocols.candidates(Transport::Udp, 1, 7)[0].protocol).unwrap().message,
        "other"
    );
    let protocols = Case::new(&files).profile().header("b.h").rule("udp.port==7,b.h:msg_st").load();
    assert_eq!(
        protocols.get(protocols.candidates(Transport::Udp, 1, 7)[0].protocol).unwrap().message,
        "msg_st"
    );
    let case = Case::new(&files).profile().header("b.h");
    assert_eq!(udp(&case.rule("udp.port==7,dgram-var").load(), 7), [("dgram-var", 0)]);

    let clash = "struct wide { int type; };\ntypedef struct { int a; } dgram_t;\n";
    let clash = Case::new(&[("p.h", clash)]).header("p.h").rule("udp.port==7,dgram_t");
    assert_eq!(udp(&clash.load(), 7), [("dgram_t", 0)], "a typedef");

    let own = "struct http { int a; };";
    let own = Case::new(&[("p.h", own)]).header("p.h").rule("udp.port==7,http");
    assert_eq!(udp(&own.load(), 7), [("http", 0)], "a struct before HTTP");
    let http = Case::new(&[]).no_builtin().rule("tcp.port==8080,http");
    assert_eq!(named(&http.load(), Transport::Tcp, 8080), [("http", 0)]);
    let named_built_in = Case::new(&[]).no_builtin().rule("udp.port==7,dgram-basic");
    assert_eq!(udp(&named_built_in.load(), 7), [("dgram-basic", 0)]);
    assert_eq!(udp(&named_built_in.load(), 1989), []);
}

#[test]
fn rules_come_before_the_profile_and_the_profile_before_built_ins() {
    let profile = r#"
[[protocol]]
name = "grades"
header = "proto.h"
message = "msg_st"
decode_as = ["udp.port==1989", "udp.dstport==7"]
"#;
    let files = [("wirereel.toml", profile), ("proto.h", MSG)];
    let protocols = Case::new(&files).profile().load();
    assert_eq!(udp(&protocols, 1989), [("grades", 1)]);
    assert_eq!(udp(&protocols, 7), [("grades", 1)]);
    let case = Case::new(&files).profile().rule("udp.port==7,dgram-var");
    let protocols = case.rule("udp.dstport==7,dgram-basic").load();
    assert_eq!(udp(&protocols, 7), [("dgram-var", 0), ("dgram-basic", 0)]);
    assert_eq!(udp(&protocols, 1989), [("grades", 1)]);
}

#[test]
fn a_name_in_two_headers_needs_its_header() {
    let files = [("a/proto.h", MSG), ("b.h", "struct msg_st { int x; };\n")];
    let case = |rule| Case::new(&files).header("a/proto.h").header("b.h").rule(rule);
    assert_eq!(
        case("udp.port==7,msg_st").error(),
        "\"msg_st\" is declared in a/proto.h and in b.h: write a/proto.h:msg_st for the one that is meant"
    );
    for (rule, size) in [("udp.port==7,proto.h:msg_st", 19), ("udp.port==7,b.h:msg_st", 4)] {
        let protocols = case(rule).load();
        let candidate = protocols.candidates(Transport::Udp, 1, 7)[0];
        let protocol = protocols.get(candidate.protocol).unwrap();
        assert_eq!(protocol.format.layout().unwrap().size, size, "{rule}");
    }
    assert_eq!(
        case("udp.port==7,c.h:msg_st").error(),
        "no header \"c.h\" was given with -H; given: a/proto.h, b.h"
    );
    // The same declaration by two ways is one.
    let files = [
        ("types.h", MSG),
        ("a.h", "#include \"types.h\"\n"),
        ("b.h", "#include \"types.h\"\nstruct b { char c; };\n"),
    ];
    let case = Case::new(&files).header("a.h").header("b.h").header("a.h");
    assert_eq!(udp(&case.load(), 7), [("msg_st", 2), ("b", 2)]);
    assert_eq!(udp(&case.rule("udp.port==7,msg_st").load(), 7), [("msg_st", 0)]);
}

#[test]
fn messages_of_one_name_are_told_apart_by_their_headers() {
    let other = "struct msg_st { char c[3]; };\n";
    let case = || Case::new(&[("a.h", MSG), ("b.h", other)]).header("a.h").header("b.h");
    assert_eq!(udp(&case().load(), 7), [("a.h:msg_st", 2), ("b.h:msg_st", 2)]);
    assert_eq!(udp(&case().rule("udp.port==7,b.h:msg_st").load(), 7), [("b.h:msg_st", 0)]);
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    let case = |rule| Case::new(&[("proto.h", MSG)]).header("proto.h").rule(rule).error();
    assert_eq!(
        case("udp.port==7,msg_sd"),
        "no message \"msg_sd\" in proto.h; did you mean \"msg_st\"?"
    );
    assert_eq!(case("udp.port==7,zzz"), "no message \"zzz\" in proto.h");
    assert_eq!(
        case("udp.port==7,dgram-basik"),
        "no message \"dgram-basik\" in proto.h; did you mean \"dgram-basic\"?"
    );
    assert_eq!(
        Case::new(&[]).rule("udp.port==7,msg_st").error(),
        "no message \"msg_st\"; -H FILE gives the header that declares it"
    );
    let broken = "#include <stdint.h>\nstruct msg_st { uint32_t a; B; };\nstruct b { char c; };\n";
    assert_eq!(
        Case::new(&[("p.h", broken)]).header("p.h").rule("udp.port==7,msg_st").error(),
        "no message \"msg_st\" in p.h; its header has a mistake, p.h:2:30: expected a member's \
         name, found `;`"
    );
    assert_eq!(case("udp.port==7,http"), "http runs over TCP: the rule begins with tcp");
}

#[test]
fn the_command_line_decides_order_and_abi() {
    let profile = r#"
[[protocol]]
name = "a"
header = "p.h"
message = "m"
byte_order = "little"
abi = "i386"
[[protocol]]
name = "b"
header = "p.h"
message = "m"
byte_order = "host"
abi = "s390x"
"#;
    let mut case =
        Case::new(&[("wirereel.toml", profile), ("p.h", "struct m { long l; };\n")]).profile();
    let facts = |case: &Case| {
        let protocols = case.load();
        let [a, b, ..] = protocols.list() else { panic!("two protocols") };
        [a, b].map(|it| (it.order, it.abi, it.format.layout().unwrap().size))
    };
    use {Abi::*, ByteOrder::*};
    assert_eq!(facts(&case), [(Little, I386, 4), (Big, S390x, 8)]);
    case.options.abi = Some(Arm);
    assert_eq!(facts(&case), [(Little, Arm, 4), (Little, Arm, 4)]);
    case.options.byte_order = Some(OrderName::Big);
    assert_eq!(facts(&case), [(Big, Arm, 4), (Big, Arm, 4)]);
    case.options.byte_order = Some(OrderName::Little);
    let protocols = case.load();
    let basic = protocols.list().iter().find(|it| it.name == "dgram-basic").unwrap();
    assert_eq!(basic.order, Little, "built-ins too");
}

#[test]
fn cases_are_members_structs_and_constants() {
    let entry = |message: &str, tag: &str, cases: &str| {
        let text = format!(
            "[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"{message}\"\n\
             tag = \"{tag}\"\ncases = {cases}\n"
        );
        Case::new(&[("wirereel.toml", &text), ("t.h", TAGGED)]).profile()
    };
    let cases = |message: &str, tag: &str, cases: &str| {
        let protocols = entry(message, tag, cases).load();
        let cases = protocols.list()[0].words.cases.iter();
        let mut cases: Vec<_> = cases
            .map(|it| (it.value(), it.name.clone(), it.layout.as_ref().map(|it| it.size)))
            .collect();
        cases.sort();
        cases
    };
    let case = |value, name: &str, size| (value, name.to_owned(), size);
    assert_eq!(
        cases("end_st", "type", "{ 1 = \"path_st\", 0x2 = \"data_st\" }"),
        [case(1, "path_st", Some(9)), case(2, "data_st", Some(3))]
    );
    assert_eq!(
        cases("any_st", "end.type", "{ PATH = \"path\", DATA = \"data_st\", END = \"end\" }"),
        [case(1, "path", None), case(2, "data_st", None), case(16, "end", None)]
    );
    for (message, tag, cases, expected) in [
        (
            "end_st",
            "typ",
            "{ 1 = \"path_st\" }",
            "wirereel.toml:5:7: `tag = \"typ\"`: end_st has no field \"typ\"; did you mean \"type\"?",
        ),
        (
            "end_st",
            "type",
            "{ 1 = \"pat_st\" }",
            "case \"pat_st\" is neither a struct of the header nor a member of a union in end_st; did you mean \"path_st\"?",
        ),
        ("end_st", "type", "{ one = \"path_st\" }", "\"one\" is no value of a tag"),
        ("end_st", "type", "{ 1 = \"path_st\", 0x1 = \"data_st\" }", "case \"0x1\" is there twice"),
        ("end_st", "type", "{}", "a tag chooses among cases"),
    ] {
        let error = entry(message, tag, cases).error();
        assert!(error.contains(expected), "{error}\n{expected}");
        assert!(error.starts_with("wirereel.toml:"), "{error}");
    }
}

#[test]
fn what_a_profile_names_must_be_there() {
    let entry = |rest: &str| {
        let text =
            format!("[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"place_t\"\n{rest}");
        Case::new(&[("wirereel.toml", &text), ("t.h", TAGGED)]).profile()
    };
    let good = entry(
        "[protocol.fields.point.x]\nrange = [0, 9]\n[protocol.fields.type]\ncounter = true\n",
    );
    let protocols = good.load();
    let fields = &protocols.list()[0].fields;
    assert_eq!(fields["point.x"].range, Some(0.0..=9.0));
    assert_eq!(fields["type"].counter, Some(CounterScope::Sender));
    for (rest, expected) in [
        (
            "length = \"len\"\n",
            "wirereel.toml:5:10: `length = \"len\"`: place_t has no field \"len\"",
        ),
        (
            "[protocol.fields.point.z]\nrange = [0, 9]\n",
            "wirereel.toml:5:24: `[protocol.fields.point.z]`: place_t has no field \"point.z\"; did you mean \"point.",
        ),
        ("abi = \"vax\"\n", "wirereel.toml:5:7: `abi = \"vax\"`: unknown ABI"),
        (
            "decode_as = [\"udp.port=7\"]\n",
            "wirereel.toml:5:14: `decode_as = [\"udp.port=7\"]`: rule \"udp.port=7\": expected == at column 9",
        ),
        ("decode_as = [\"udp.port==7,place_t\"]\n", "expected nothing more at column 12"),
        (
            "cases = { 1 = \"path_st\" }\n",
            "wirereel.toml:2:8: `name = \"p\"`: cases go by the value of a field",
        ),
        (
            "[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"end_st\"\n",
            "wirereel.toml:6:8: `name = \"p\"`: protocol \"p\" is there twice",
        ),
        (
            "[[protocol]]\nname = \"q\"\nheader = \"u.h\"\nmessage = \"end_st\"\n",
            "wirereel.toml:7:10: `header = \"u.h\"`: ",
        ),
        (
            "[[protocol]]\nname = \"q\"\nheader = \"t.h\"\nmessage = \"plac_t\"\n",
            "wirereel.toml:8:11: `message = \"plac_t\"`: no message \"plac_t\" in t.h; did you mean \"place_t\"?",
        ),
    ] {
        let error = entry(rest).error();
        assert!(error.contains(expected), "{error}\n{expected}");
        assert!(!error.contains('\n'), "one line: {error}");
    }
}

#[test]
fn a_wrong_key_of_a_field_names_the_nearest() {
    let case = |rest: &str| {
        let text =
            format!("[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"place_t\"\n{rest}");
        Case::new(&[("wirereel.toml", &text), ("t.h", TAGGED)]).profile().error()
    };
    for (rest, expected) in [
        (
            "[protocol.fields.type]\nrnge = 5\n",
            "6:1: `rnge = 5`: unknown key `rnge`, expected one of `range`, ",
        ),
        ("[protocol.fields]\ntype.rnge = [0, 5]\n", "did you mean \"range\"?"),
        ("[protocol.fields.point.x]\ntxt = true\n", "6:1: `txt = true`: unknown key `txt`"),
        // What is a table could be a field within, if the field had any.
        (
            "[protocol.fields.type]\ncountr = { a = 1 }\n",
            "6:1: `countr = { a = 1 }`: unknown key `countr`, expected one of",
        ),
        ("[protocol.fields.type]\ntme = {}\n", "unknown key `tme`"),
        (
            "[protocol.fields.point.z]\ntxt = true\n",
            "5:24: `[protocol.fields.point.z]`: place_t has no field",
        ),
        ("[protocol.fields.typ]\nrnge = 5\n", "has no field \"typ\"; did you mean \"type\"?"),
        ("[protocol.field.type]\n", "unknown field `field`"),
        ("[protocol.field.type]\n", "; did you mean `fields`?"),
        (
            "[chek]\n",
            "unknown field `chek`, expected one of `protocol`, `check`, `replay`; did you mean `check`?",
        ),
        ("[check]\nalow = []\n", "did you mean `allow`?"),
        ("[replay]\nignor = []\n", "did you mean `ignore`?"),
        ("abi = \"i386_\"\n", "; did you mean `i386`?"),
    ] {
        let error = case(rest);
        assert!(
            error.starts_with("wirereel.toml:") && error.contains(expected),
            "{error}\n{expected}"
        );
    }
}

#[test]
fn what_other_rooms_look_up_keeps_its_place() {
    let text =
        "[check]\nstrict = true\nallow = [\"unaligned\", \"x\"]\n[replay]\nignore = [\"a\"]\n";
    let protocols = Case::new(&[("wirereel.toml", text)]).profile().load();
    let placed = |it: &Placed| (it.value.clone(), it.place.line, it.place.column);
    assert!(protocols.check().strict);
    let allowed: Vec<_> = protocols.check().allow.iter().map(placed).collect();
    assert_eq!(allowed, [("unaligned".to_owned(), 3, 10), ("x".to_owned(), 3, 23)]);
    assert_eq!(placed(&protocols.replay().ignore[0]), ("a".to_owned(), 5, 11));
}

#[test]
fn a_text_record_has_no_struct_s_fields() {
    let text = "#define STAMP \"Stamp:%lld\\n\"\n#define PORT \"1989\"\nstruct s { char type; };\n";
    let entry = |message: &str, rest: &str| {
        let text_of = format!(
            "[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"{message}\"\n{rest}"
        );
        Case::new(&[("wirereel.toml", text_of.as_str()), ("t.h", text)]).profile()
    };
    let protocols = entry("STAMP", "[protocol.fields.value]\ntime = \"s\"\n").load();
    let stamp = &protocols.list()[0];
    assert!(matches!(&stamp.format, Format::Text(text) if text == b"Stamp:%lld\n"), "{stamp:?}");
    assert_eq!(stamp.fields["value"].time, Some(TimeUnit::S));
    let tagged = entry("STAMP", "tag = \"type\"\ncases = { 1 = \"s\" }\n").error();
    assert!(tagged.contains("a text record has no struct's fields"), "{tagged}");
    let misspelt = entry("STAMP", "[protocol.fields]\nvalu = { time = \"s\" }\n").error();
    assert!(
        misspelt.contains("STAMP has no field \"valu\"; did you mean \"value\"?"),
        "{misspelt}"
    );
    let key = entry("STAMP", "[protocol.fields]\nvalue = { tim = \"s\" }\n").error();
    assert!(key.contains("unknown key `tim`") && key.contains("did you mean \"time\"?"), "{key}");
    let no_message = entry("PORT", "").error();
    assert!(no_message.contains("no message \"PORT\" in t.h"), "{no_message}");
}

#[test]
fn what_cannot_be_read_is_one_line() {
    let error = Case::new(&[]).header("proto.h").error();
    assert!(error.contains("proto.h") && error.contains("No such file"), "{error}");
    let error = Case::new(&[]).profile().error();
    assert!(error.starts_with("cannot read profile wirereel.toml: No such file"), "{error}");
}

#[test]
fn a_message_without_a_layout_matters_only_where_it_is_named() {
    let text = "struct bad { char a[]; int b; };\nstruct good { int c; };\n";
    let case = Case::new(&[("p.h", text)]).header("p.h");
    let protocols = case.load();
    assert_eq!(udp(&protocols, 7), [("good", 2)]);
    let unfit: Vec<_> = protocols.unfit().iter().map(ToString::to_string).collect();
    assert_eq!(unfit.len(), 1);
    let expected = "p.h:1:19: \"bad\" has no layout for x86_64: `a`: ";
    assert!(unfit[0].contains(expected), "{unfit:?}");
    let named = case.rule("udp.port==7,bad").error();
    assert!(named.starts_with(expected) && unfit[0].ends_with(&named), "{named}");
}

#[test]
fn headers_without_a_message_are_told() {
    let files = [("bare.h", "int f(void);\n"), ("none.h", ""), ("p.h", "struct s { int c; };\n")];
    let required = |case: &Case| case.load().require_messages().map_err(|it| it.to_string());
    let bare = || Case::new(&files).header("bare.h");
    let alone = required(&bare()).unwrap_err();
    assert!(alone.ends_with("bare.h declares no message"), "{alone}");
    let both = required(&bare().header("none.h")).unwrap_err();
    assert!(both.ends_with("none.h declare no message"), "{both}");
    assert_eq!(required(&Case::new(&files)), Ok(()), "no header is no mistake");
    for case in [bare().header("p.h"), bare().rule("udp.port==1,dgram-basic")] {
        assert_eq!(required(&case), Ok(()));
        let unfit: Vec<_> = case.load().unfit().iter().map(ToString::to_string).collect();
        assert!(matches!(&unfit[..], [one] if one.ends_with("bare.h declares no message")));
    }
}

#[test]
fn only_a_stream_carries_text_records_and_http() {
    let text = "#define FMT \"%d\\n\"\nstruct s { int c; };\n";
    let rule = |rule| Case::new(&[("p.h", text)]).header("p.h").rule(rule);
    let refused = "a text record is read from a stream: the rule begins with tcp";
    assert_eq!(rule("udp.port==7,FMT").error(), refused);
    assert_eq!(rule("udp.dstport==7,stream-stamp").error(), refused);
    assert_eq!(rule("udp.port==7,http").error(), "http runs over TCP: the rule begins with tcp");
    assert_eq!(
        rule("tcp.port==7,FMT").load().list().last().map(|it| it.name.as_str()),
        Some("FMT")
    );
    let profile = "[[protocol]]\nname = \"p\"\nheader = \"p.h\"\nmessage = \"FMT\"\n\
                   decode_as = [\"udp.port==7\"]\n";
    let error = Case::new(&[("wirereel.toml", profile), ("p.h", text)]).profile().error();
    assert_eq!(error, format!("wirereel.toml:5:14: `decode_as = [\"udp.port==7\"]`: {refused}"));
}

#[test]
fn what_can_match_no_message_is_refused() {
    let header = "#include <stdint.h>\n\
        struct m { struct { uint16_t magic; int8_t way; } head; uint16_t kind; uint8_t sum; };\n";
    let load = |words: &str| {
        let text =
            format!("[[protocol]]\nname = \"a\"\nheader = \"t.h\"\nmessage = \"m\"\n{words}\n");
        Case::new(&[("wirereel.toml", &text), ("t.h", header)]).profile()
    };
    let empty = "a range of `match` is empty: the lower limit stands first";
    let beyond = "no message is matched: the field cannot have such a value";
    let unread = "`match` reads { FIELD = VALUE } or { FIELD = [FROM, TO] }";
    let over = "`over` goes from a field to one in front of it: the lower limit stands first";
    let sum =
        |over| format!("[protocol.fields]\nsum = {{ checksum = \"sum8\", over = \"{over}\" }}");
    for (words, expected) in [
        ("match = { kind = [3, 1] }", empty),
        ("match = { kind = 70000 }", beyond),
        ("match = { kind = [65536, 70000] }", beyond),
        ("match = { \"head.way\" = 200 }", beyond),
        ("match = { kind = [1] }", unread),
        ("match = { head.magic = 1 }", unread),
        (&sum("sum..kind"), over),
        (&sum("kind..head"), over),
        (&sum("sum..=head"), over),
        (&sum("kind..0"), "is empty: the lower limit stands first"),
    ] {
        let error = load(words).error();
        assert!(error.contains(expected), "{words}: {error}");
    }
    for words in [
        "match = { kind = [65535, 70000], \"head.magic\" = 0xffff, \"head.way\" = -128 }",
        "match = { kind = [0, 0] }",
        &sum("head..sum"),
        &sum("head..=head"),
        &sum("4..end"),
    ] {
        let loaded = load(words).load();
        assert!(loaded.list().iter().any(|it| it.name == "a"), "{words}");
    }
}

#[test]
fn what_answers_a_request_is_looked_up_in_the_whole_profile() {
    let header = "#include <stdint.h>\n\
        struct req { uint16_t id; struct { uint8_t x; } in; };\n\
        struct rsp { uint16_t id; uint16_t re; };\n\
        struct head { uint16_t id; };\n";
    let load = |pairs: &str| {
        let text = format!(
            "[[protocol]]\nname = \"a\"\nheader = \"t.h\"\nmessage = \"req\"\n\
             [protocol.fields]\nid = {{ pairs = \"{pairs}\" }}\n\
             [[protocol]]\nname = \"b\"\nheader = \"t.h\"\nmessage = \"head\"\ntag = \"id\"\n\
             cases = {{ 1 = \"rsp\", 2 = \"req\" }}\n"
        );
        Case::new(&[("wirereel.toml", &text), ("t.h", header)]).profile()
    };
    for (pairs, protocol, message, path) in [
        ("b.re", 1, None, "re"),
        ("rsp.id", 1, Some("rsp"), "id"),
        // The message of the same protocol stands before the case of another.
        ("req.id", 0, Some("req"), "id"),
        ("id", 0, None, "id"),
        ("in.x", 0, None, "in.x"),
    ] {
        let protocols = load(pairs).load();
        let [rule] = protocols.pairs() else { panic!("{:?}", protocols.pairs()) };
        let (protocol, message) = (ProtocolId::at(protocol), message.map(str::to_owned));
        assert_eq!(rule.answer, PairEnd { protocol, message, path: path.to_owned() }, "{pairs}");
        let own = PairEnd { protocol: ProtocolId::at(0), message: None, path: "id".to_owned() };
        assert_eq!(rule.request, own);
    }
    for (pairs, expected) in [
        ("b.ree", "b has no field \"ree\"; did you mean \"re\"?"),
        ("rsp.idd", "rsp has no field \"idd\"; did you mean \"id\"?"),
        ("rps.id", "is a field of the same message; did you mean \"rsp\"?"),
        (
            "ix",
            "\"ix\" is no field that an answer has: it reads PROTOCOL.FIELD, MESSAGE.FIELD, or ",
        ),
    ] {
        let error = load(pairs).error();
        assert!(error.starts_with("wirereel.toml:6:1: `id = "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_a_number_means_goes_with_numbers_alone() {
    let header = "#include <stdint.h>\n#define BIT_A 1\n#define BIT_B -2\n#define WIDE_A 256\n\
                  struct m { uint8_t n; uint32_t t; uint8_t raw[3]; float f; char name[4]; \
                  int16_t s; uint64_t l; struct { uint8_t x; } in; } __attribute__((packed));\n";
    let case = |rules: &str| {
        let text = format!(
            "[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"m\"\n[protocol.fields]\n{rules}\n"
        );
        Case::new(&[("wirereel.toml", &text), ("t.h", header)]).profile()
    };
    for rules in [
        "n = { flags = { A = 128, \"0..3\" = \"low\" } }",
        "n = { scale = 0.5, offset = -1, unit = \"V\", none = [255, 0] }",
        "s = { none = 0x8000 }",
        "f = { unit = \"V\" }",
        "t = { time = \"s\", epoch = \"ntp\", show = \"dec\" }",
        "t = { time = \"ntp32\" }\nl = { time = \"ntp64\" }",
        "raw = { as = \"i24\", scale = 0.1, range = [0, 1] }",
        "in = { show = \"hex\" }\nname = { show = \"hex\" }",
    ] {
        case(rules).load();
    }
    for (rules, expected) in [
        ("n = { flags = \"BIT_*\" }", "flag `BIT_B` is -2, which is no mask of bits"),
        ("n = { flags = \"BOT_*\" }", "no enumerator or integer macro of that name"),
        ("n = { flags = \"WIDE_*\" }", "flag `WIDE_A` is 0x100, and \"n\" has 8 bits"),
        ("raw = { flags = { A = 1 } }", "`flags` goes with an integer, which \"raw\" is not"),
        ("n = { flags = { A = 1 }, show = \"hex\" }", "leave out `show`"),
        ("n = { flags = { A = 1 }, enum = \"BIT_A\" }", "leave out one of them"),
        ("n = { scale = 0 }", "scale 0: no value has a number then"),
        ("n = { scale = 1e-40 }", "`scale` and `offset` have too many digits"),
        ("n = { offset = inf }", "offset inf is no number"),
        ("n = { unit = \"\" }", "a unit is some characters"),
        ("n = { none = 256 }", "`none` is 256, and \"n\" has numbers from 0 to 255"),
        ("n = { none = \"x\" }", "a whole number such as 0x7fff, or a list of them"),
        ("f = { offset = 1 }", "`offset` goes with an integer of at most eight bytes"),
        ("name = { unit = \"V\" }", "`unit` goes with a number of at most eight bytes"),
        ("n = { unit = \"V\", flags = { A = 1 } }", "a number that has names is not measured"),
        ("t = { epoch = \"gps\" }", "`epoch` is from when a time counts: add `time`"),
        ("t = { time = \"ntp32\", epoch = \"ntp\" }", "leave out `epoch`"),
        (
            "n = { time = \"s\", epoch = \"gps\" }",
            "`epoch` goes with an integer of four or eight bytes",
        ),
        ("t = { time = \"ntp64\" }", "`time` goes with an integer of eight bytes"),
        ("l = { time = \"ntp32\" }", "`time` goes with an integer of four bytes"),
        ("t = { time = \"s\", epoch = \"boot\", show = \"time\" }", "is no date: leave out `show`"),
        (
            "t = { time = \"s\", epoch = \"boot\", unit = \"s\" }",
            "a time has no names, and no other unit",
        ),
        (
            "t = { time = \"s\", epoch = \"mars\" }",
            "unknown variant `mars`, expected one of `unix`, `ntp`",
        ),
        (
            "n = { as = \"u24\" }",
            "`as = \"u24\"` goes with an array of 3 bytes, which \"n\" is not",
        ),
        ("raw = { as = \"u40\" }", "`as = \"u40\"` goes with an array of 5 bytes"),
        ("raw = { as = \"u32\" }", "\"u32\" is none of tlv, lv, varint, u24"),
        ("raw = { as = \"u24\", text = true }", "what is an integer is no text"),
        (
            "name = { text = true, show = \"hex\" }",
            "`show = \"hex\"` goes with an integer, bytes, or a struct",
        ),
    ] {
        let error = case(rules).error();
        assert!(error.contains("wirereel.toml:6:") && error.contains(expected), "{rules}: {error}");
    }
}

#[test]
fn conversions_of_text_records_mean_no_more_than_they_are() {
    let text = "[[protocol]]\nname = \"p\"\nheader = \"t.h\"\nmessage = \"FMT\"\n\
                [protocol.fields]\nvalue = { scale = 0.1 }\n";
    let header = "#define FMT \"%d\\r\\n\"\n";
    let error = Case::new(&[("wirereel.toml", text), ("t.h", header)]).profile().error();
    assert!(error.contains("wirereel.toml:6:1") && error.contains("leave out flags"), "{error}");
}
