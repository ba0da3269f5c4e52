//! Headers as people really write them: what they declare, and what is said about them.

use std::fs;

use wirereel::schema::{
    ArrayLen, ByteOrder, CType, Code, Diagnostic, FieldDef, IntKind, LoadOptions, RecordDef,
    RecordKind, Schema,
};

fn parse(text: &str) -> Schema {
    Schema::parse("proto.h", text, &LoadOptions::default())
}

/// Parses what must have nothing wrong with it.
fn clean(text: &str) -> Schema {
    let schema = parse(text);
    assert_eq!(schema.diagnostics, [], "{text}");
    schema
}

fn record<'a>(schema: &'a Schema, name: &str) -> &'a RecordDef {
    schema.record(name).unwrap_or_else(|| panic!("no {name}: {:#?}", schema.diagnostics))
}

fn field<'a>(schema: &'a Schema, path: &str) -> &'a FieldDef {
    let (name, field) = path.split_once('.').unwrap();
    let fields = &record(schema, name).fields;
    fields.iter().find(|it| it.name.as_deref() == Some(field)).unwrap_or_else(|| panic!("{path}"))
}

fn fields(record: &RecordDef) -> Vec<&str> {
    record.fields.iter().map(|it| it.name.as_deref().unwrap_or("")).collect()
}

fn int(kind: IntKind) -> CType {
    CType::Int { kind, order: None }
}

fn fixed(bits: u8, signed: bool) -> CType {
    int(IntKind::Fixed { bits, signed })
}

fn array(element: CType, len: u64) -> CType {
    CType::Array(Box::new(element), ArrayLen::Fixed(len))
}

/// Line, column and text of each diagnostic.
fn said(schema: &Schema) -> Vec<(usize, usize, &str)> {
    let place = |it: &Diagnostic| {
        let position = schema.position(it.span).unwrap();
        (position.line, position.column)
    };
    schema.diagnostics.iter().map(|it| (place(it).0, place(it).1, it.text.as_str())).collect()
}

const LESSON: &str = "#ifndef PROTO_H__
#define PROTO_H__

#include <stdint.h>

#define RCVPORT\t\"1989\"
#define NAMESIZE 11 /* 名字的最大长度 */
// 成绩

struct msg_st
{
	uint8_t name[NAMESIZE];
	uint32_t math;
	uint32_t chinese;
}__attribute__((packed));

int send_msg(int sd, const struct msg_st *msg);
static inline int twice(int x) { if (x) { return x * 2; } return 0; }
extern const char *names[];

#endif
";

#[test]
fn the_lesson_header() {
    for text in [LESSON.to_owned(), LESSON.replace('\n', "\r\n"), format!("\u{feff}{LESSON}")] {
        let schema = clean(&text);
        let msg = record(&schema, "msg_st");
        assert_eq!(
            (msg.kind, msg.packed, msg.tag.as_deref()),
            (RecordKind::Struct, true, Some("msg_st"))
        );
        assert_eq!(fields(msg), ["name", "math", "chinese"]);
        assert_eq!(field(&schema, "msg_st.name").ctype, array(int(IntKind::UnsignedChar), 11));
        assert_eq!(field(&schema, "msg_st.math").ctype, fixed(32, false));
        assert_eq!(schema.messages().collect::<Vec<_>>(), ["msg_st"]);
        assert_eq!(schema.constant("NAMESIZE"), Some(11));
        let span = msg.span;
        let shown = &text[span.start as usize..span.end as usize];
        assert!(shown.starts_with("struct msg_st") && shown.ends_with('}'), "{shown}");
    }
}

#[test]
fn lengths_of_arrays() {
    let schema = clean(
        "#define NAMEMAX (512-8-8)
         enum { TWO = 2, FOUR = TWO << 1 };
         #define COUNT(x) ((x) + 1)
         struct hdr { char type; int len; };
         struct s { char body[512 - sizeof(struct hdr)];
             char name[13]; uint16_t score[4]; char max[NAMEMAX]; int grid[TWO][FOUR + 1];
             char hex[0x10], pad[sizeof(uint32_t) * 2]; char c[COUNT(3)]; int8_t mac[ETH_ALEN];
         };
         struct zero { int n; char name[0]; };
         struct open { int n; char name[]; };
         struct one { int n; uint8_t name[1]; };",
    );
    let char = int(IntKind::Char);
    assert_eq!(field(&schema, "s.body").ctype, array(char.clone(), 504));
    assert_eq!(field(&schema, "s.name").ctype, array(char.clone(), 13));
    assert_eq!(field(&schema, "s.score").ctype, array(fixed(16, false), 4));
    assert_eq!(field(&schema, "s.max").ctype, array(char.clone(), 496));
    assert_eq!(field(&schema, "s.grid").ctype, array(array(int(IntKind::Int), 5), 2));
    assert_eq!(field(&schema, "s.hex").ctype, array(char.clone(), 16));
    assert_eq!(field(&schema, "s.pad").ctype, array(char.clone(), 8));
    assert_eq!(field(&schema, "s.c").ctype, array(char.clone(), 4));
    assert_eq!(field(&schema, "s.mac").ctype, array(int(IntKind::SignedChar), 6));
    assert_eq!(field(&schema, "zero.name").ctype, array(char.clone(), 0));
    assert_eq!(field(&schema, "one.name").ctype, array(int(IntKind::UnsignedChar), 1));
    let open = CType::Array(Box::new(char), ArrayLen::Flexible);
    assert_eq!(field(&schema, "open.name").ctype, open);
}

#[test]
fn packed_in_every_place_where_gcc_takes_it() {
    for (text, packed) in [
        ("typedef struct { char a; int b; } __attribute__((packed)) t;", true),
        ("typedef struct __attribute__((packed)) { char a; int b; } t;", true),
        ("typedef struct t { char a; int b; } __attribute__((__packed__, aligned(4))) t;", true),
        ("struct [[gnu::packed]] t { char a; int b; };", true),
        ("struct __attribute__((packed)) t { char a; int b; };", true),
        ("#define PACKED __attribute__((packed))\nstruct t { char a; int b; } PACKED;", true),
        ("#define PACKED(x) x __attribute__((packed))\nPACKED(struct t { char a; int b; });", true),
        ("struct t { char a; int b; };", false),
        ("typedef struct { char a; int b; } t;", false),
    ] {
        assert_eq!(record(&clean(text), "t").packed, packed, "{text}");
    }
    // gcc accepts these and packs nothing.
    for text in [
        "typedef struct { char a; int b; } t __attribute__((packed));",
        "__attribute__((packed)) struct t { char a; int b; };",
        "typedef __attribute__((packed)) struct { char a; int b; } t;",
        "struct t { char a; int b; } [[gnu::packed]];",
    ] {
        let schema = parse(text);
        assert!(!record(&schema, "t").packed, "{text}");
        let codes: Vec<_> = schema.diagnostics.iter().map(|it| it.code).collect();
        assert_eq!(codes, [Code::UnknownAttribute], "{text}");
    }
}

#[test]
fn attributes_of_members_and_types() {
    let schema = clean(
        "typedef int aligned_int __attribute__((aligned(16)));
         struct t {
             char a; int b __attribute__((packed)); __attribute__((packed)) int c;
             int d __attribute__((aligned(8))), e; _Alignas(16) char f; aligned_int g;
             int h __attribute__((unused, deprecated(\"no\"))) ; alignas(double) char i;
         } __attribute__((may_alias, aligned(32)));",
    );
    let packed: Vec<_> = record(&schema, "t").fields.iter().map(|it| it.packed).collect();
    assert_eq!(packed, [false, true, true, false, false, false, false, false, false]);
    let aligned: Vec<_> = record(&schema, "t").fields.iter().map(|it| it.aligned).collect();
    assert_eq!(aligned, [None, None, None, Some(8), None, Some(16), None, None, Some(8)]);
    assert_eq!(field(&schema, "t.g").ctype, CType::Aligned(Box::new(int(IntKind::Int)), 16));
    assert_eq!(record(&schema, "t").aligned, Some(32));
}

#[test]
fn pragma_pack_in_its_forms() {
    let schema = clean(
        "#pragma pack(push, 1)
         struct a { char x; int y; };
         #pragma pack(push)
         #pragma pack(2)
         struct b { char x; };
         #pragma pack(pop)
         struct c { char x; };
         #pragma pack(pop)
         struct d { char x; };
         #pragma pack(1)
         struct e { char x; };
         #pragma pack()
         struct f { char x; };
         _Pragma(\"pack(push, 4)\") struct g { char x; }; _Pragma(\"pack(pop)\")
         #define BEGIN __pragma(pack(push, 1))
         #define END __pragma(pack(pop))
         BEGIN struct h { char x; }; END
         struct i { char x; };",
    );
    let packs: Vec<_> = schema.records().map(|it| it.1.pragma_pack).collect();
    let expected = [Some(1), Some(2), Some(1), None, Some(1), None, Some(4), Some(1), None];
    assert_eq!(packs, expected);
}

#[test]
fn nested_and_anonymous_records_and_unions() {
    let schema = clean(
        "struct point { int x, y; };
         typedef struct msg {
             uint8_t type;
             union { struct point at; struct { uint16_t len; char text[8]; } say; uint32_t raw[2]; } u;
             struct { int inner; };
             enum colour { RED, GREEN = 5, BLUE } colour;
             struct msg *next;
             struct later *other;
             int (*call)(int, char *);
             void *blob, **more;
         } msg_t, *msg_p;
         typedef union { uint32_t word; uint8_t bytes[4]; } either;",
    );
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["point", "msg", "either"]);
    assert!(std::ptr::eq(record(&schema, "msg"), record(&schema, "msg_t")));
    assert!(schema.record("msg_p").is_none());
    assert_eq!(record(&schema, "either").kind, RecordKind::Union);
    assert_eq!(record(&schema, "either").tag.as_deref(), Some("either"));
    let msg = record(&schema, "msg");
    let names = ["type", "u", "", "colour", "next", "other", "call", "blob", "more"];
    assert_eq!(fields(msg), names);
    assert!(msg.fields[4..].iter().all(|it| it.ctype == CType::Pointer));
    let CType::Enum(colour) = &field(&schema, "msg.colour").ctype else { panic!() };
    let values: Vec<_> = colour.enumerators.iter().map(|it| (it.name.as_str(), it.value)).collect();
    assert_eq!(values, [("RED", 0), ("GREEN", 5), ("BLUE", 6)]);
    let CType::Record(u) = &field(&schema, "msg.u").ctype else { panic!() };
    assert_eq!((u.kind, fields(u)), (RecordKind::Union, vec!["at", "say", "raw"]));
    assert_eq!(schema.constant("BLUE"), Some(6));
}

#[test]
fn bit_fields() {
    let schema = clean(
        "#define W 3
         struct b { unsigned a : W; int : 2, c : 4; unsigned : 0; uint8_t d : 1, e; _Bool f : 1; };",
    );
    let seen: Vec<_> =
        record(&schema, "b").fields.iter().map(|it| (it.name.as_deref(), it.bits)).collect();
    let expected = [
        (Some("a"), Some(3)),
        (None, Some(2)),
        (Some("c"), Some(4)),
        (None, Some(0)),
        (Some("d"), Some(1)),
        (Some("e"), None),
        (Some("f"), Some(1)),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn typedefs_keep_what_they_stand_for() {
    let schema = clean(
        "typedef unsigned char octet; typedef octet mac_t[6]; typedef mac_t pair[2];
         typedef struct tag fwd; struct tag { pair macs; __be16 port; __le32 mark; };
         struct user { fwd inner; size_t size; time_t when; u_char c[4]; long long ll; }; ",
    );
    assert_eq!(field(&schema, "tag.macs").ctype, array(array(int(IntKind::UnsignedChar), 6), 2));
    let be16 = CType::Int {
        kind: IntKind::Fixed { bits: 16, signed: false },
        order: Some(ByteOrder::Big),
    };
    assert_eq!(field(&schema, "tag.port").ctype, be16);
    assert_eq!(field(&schema, "user.size").ctype, int(IntKind::Size));
    assert_eq!(field(&schema, "user.when").ctype, int(IntKind::Time));
    assert_eq!(field(&schema, "user.c").ctype, array(int(IntKind::UnsignedChar), 4));
    assert_eq!(field(&schema, "user.ll").ctype, int(IntKind::LongLong));
    assert!(std::ptr::eq(record(&schema, "fwd"), record(&schema, "tag")));
}

#[test]
fn text_records() {
    let schema = clean(
        r#"#define FMT_STAMP "%lld\r\n"
           #define PORT "1989"
           #define SEP "\n"
           #define NESTED ("Stamp:" "%" PRId64 SEP)
           #define LOG(x) printf("%d", x)
           #define PERCENT "100%"
           "#,
    );
    let seen: Vec<_> =
        schema.text_records.iter().map(|it| (it.name.as_str(), it.format.as_slice())).collect();
    assert_eq!(seen, [("FMT_STAMP", &b"%lld\r\n"[..]), ("NESTED", b"Stamp:%ld\n")]);
    assert_eq!(
        schema.position(schema.text_records[0].span).map(|it| (it.line, it.column)),
        Some((1, 9))
    );
}

#[test]
fn conditions_and_definitions_from_outside() {
    let text = "#ifdef __GNUC__
        #define PACKED __attribute__((packed))
        #else
        #error \"don't\"
        #endif
        #if defined(LEN) && LEN > 8 || !defined LEN
        #  define LEN 8
        #elif LEN == 4
        #undef LEN
        #define LEN 5
        #else
        it's ignored
        #endif
        struct a { char name[LEN]; } PACKED TRAILER;";
    for (value, expected) in [("4", 5), ("9", 8)] {
        let defines = vec![
            ("LEN".to_owned(), value.to_owned()),
            ("TRAILER".to_owned(), "__attribute__((aligned(2)))".to_owned()),
        ];
        let schema = Schema::parse("a.h", text, &LoadOptions { defines, ..Default::default() });
        assert_eq!(schema.diagnostics, []);
        assert_eq!(field(&schema, "a.name").ctype, array(int(IntKind::Char), expected));
        assert_eq!(record(&schema, "a").aligned, Some(2));
        assert!(record(&schema, "a").packed);
    }
}

#[test]
fn a_bad_enum_is_one_error_at_its_line() {
    let text = "struct before { int a; };\nenum { A = 1; B };\nstruct after { int b; };\n";
    let schema = parse(text);
    assert_eq!(said(&schema), [(2, 13, "expected `,` or `}`, found `;`")]);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["before", "after"]);
    let multi = "typedef enum\n{\n    A = 1;\n    B\n} kind_t;\nstruct after { int b; };\n";
    let schema = parse(multi);
    assert_eq!(said(&schema), [(3, 10, "expected `,` or `}`, found `;`")]);
    assert!(schema.record("after").is_some());
}

#[test]
fn each_mistake_is_one_error_and_the_others_load() {
    for (bad, line, column, text) in [
        ("HIDE_ALL", 4, 1, "expected `;`, found `struct`"),
        ("struct bad { int x }", 2, 20, "expected `;`, found `}`"),
        ("struct bad { int x[; };", 2, 20, "expected a value, found `;`"),
        ("struct bad { uint33_t x; };", 2, 14, "unknown type name `uint33_t`"),
        ("struct bad { struct nowhere x; };", 2, 14, "`struct nowhere` is not defined here"),
        ("struct bad { before x; };", 2, 14, "unknown type name `before`"),
        ("struct bad { int x[-1]; };", 2, 20, "an array cannot have -1 elements"),
        ("struct bad { int x[1 / 0]; };", 2, 22, "division by zero"),
        ("struct bad { int x[MAXIMUM]; };", 2, 20, "`MAXIMUM` is not defined"),
        ("struct bad { int x : 200; };", 2, 22, "a bit-field cannot have 200 bits"),
        ("struct bad { int x : 0; };", 2, 22, "the bit-field `x` has no bits"),
        ("struct bad { float x : 3; };", 2, 24, "a bit-field has an integer type"),
        ("struct bad { short double x; };", 2, 20, "these words make no type together"),
        ("struct bad { void x; };", 2, 19, "a member cannot be `void`"),
        ("struct bad { int f(void); };", 2, 18, "a member cannot be a function"),
        ("struct bad { int ; };", 2, 18, "expected a member's name, found `;`"),
        ("struct bad { int x；\n};", 2, 19, "expected `;`, found `；`"),
        ("struct before { int y; };", 2, 8, "`before` is defined twice"),
        ("struct bad { int x; public: int y; };", 2, 29, "expected a value, found `int`"),
        ("int x = 1 2;\n#if", 3, 2, "expected a value, found the end"),
        ("#include \"missing.h\"", 2, 10, "cannot find the included file \"missing.h\""),
        ("#if 1 +\n#endif", 2, 2, "expected a value, found the end"),
        ("#endif", 2, 2, "`#endif` without `#if`"),
        ("#error stop here", 2, 2, "#error stop here"),
        ("_Alignas(3) int x;", 2, 10, "an alignment is a power of two"),
    ] {
        let source = format!("struct before {{ int a; }};\n{bad}\n\nstruct after {{ int b; }};\n");
        let schema = parse(&source);
        assert_eq!(said(&schema).first(), Some(&(line, column, text)), "{bad}");
        if !bad.ends_with("#if") {
            assert_eq!(schema.diagnostics.len(), 1, "{bad}: {:#?}", schema.diagnostics);
            assert!(schema.record("after").is_some(), "{bad}");
        }
        assert!(schema.record("before").is_some(), "{bad}");
    }
}

#[test]
fn a_missing_semicolon_or_brace_costs_little() {
    let schema = parse("struct a { int x; }\nstruct b { int y; };\n");
    assert_eq!(said(&schema), [(1, 19, "expected `;` behind the closing brace")]);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["a", "b"]);
    let schema = parse("struct a { int {x; };\nint f(void);\nstruct b { int y; };\n");
    assert_eq!(schema.diagnostics.len(), 1);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["b"]);
    let schema = parse("struct a {\n  int x;\n");
    assert_eq!(said(&schema), [(1, 1, "the closing brace is missing")]);
}

#[test]
fn suggestions() {
    for (text, help) in [
        ("struct a { unit32_t x; };", "did you mean `uint32_t`?"),
        ("struct point { int x; }; struct a { struct piont x; };", "did you mean `point`?"),
        ("struct point { int x; }; struct a { point x; };", "write `struct point`"),
        ("struct a { int x; } __attribute__((pack));", "did you mean `packed`?"),
        ("struct a { int x; } PACKED;", "define it: -D PACKED='__attribute__((packed))'"),
        ("typedef struct { int x; } __packed;", "define it: -D __packed='__attribute__((packed))'"),
        (
            "typedef struct { int x; } PACKED a;",
            "`PACKED` is not defined; define it: -D PACKED='__attribute__((packed))'",
        ),
        (
            "struct PACKED a { int x; };",
            "`PACKED` is not defined; define it: -D PACKED='__attribute__((packed))'",
        ),
        ("enum { A; B };", "commas separate the names of an enum"),
        ("struct a { char x[LEN]; };", "give it a value: -D LEN=VALUE"),
    ] {
        let schema = parse(text);
        let helps: Vec<_> = schema.diagnostics.iter().filter_map(|it| it.help.as_deref()).collect();
        assert_eq!(helps, [help], "{text}: {:#?}", schema.diagnostics);
    }
}

#[test]
fn traps_are_reported_and_the_record_stays_unpacked() {
    let schema =
        parse("struct a { char x; int y; } PACKED;\nstruct b { int z; } __attribute__((pack));");
    let seen: Vec<_> = schema.diagnostics.iter().map(|it| it.code).collect();
    assert_eq!(seen, [Code::UnknownAttribute, Code::UnknownAttribute]);
    assert_eq!(said(&schema)[0].0, 1);
    assert_eq!((said(&schema)[1].0, said(&schema)[1].1), (2, 36));
    assert!(!record(&schema, "a").packed && !record(&schema, "b").packed);
    for text in [
        "struct a { int x; } global, *pointer, many[4];",
        "typedef struct { int x; } packet_packed, PACKET;",
        "API(int) f(struct nowhere *x);\nint EXPORT g(unknown_t x, FILE *);\nextern DIR *directory;",
    ] {
        clean(text);
    }
}

#[test]
fn includes_beside_the_header_and_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("inc")).unwrap();
    fs::write(
        path("types.h"),
        "#pragma once\ntypedef struct { int x; } point;\n#include \"proto.h\"\n",
    )
    .unwrap();
    fs::write(path("inc/more.h"), "#define LEN 7\nstruct more { int z; };\n").unwrap();
    fs::write(
        path("proto.h"),
        "#ifndef P\n#define P\n#include \"types.h\"\n#include \"types.h\"\n#include <more.h>\n\
         #include <sys/types.h>\n#include \"stdint.h\"\nstruct msg { point at; char name[LEN]; };\n#endif\n",
    )
    .unwrap();
    let options = LoadOptions { include_dirs: vec![path("inc")], ..Default::default() };
    let schema = Schema::load(&path("proto.h"), &options).unwrap();
    assert_eq!(schema.diagnostics, []);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["point", "more", "msg"]);
    let span = record(&schema, "more").span;
    let position = schema.position(span).unwrap();
    assert_eq!((position.path, position.line), (path("inc/more.h").as_path(), 2));
    assert_eq!(schema.files[0].path, path("proto.h"));
}

#[test]
fn a_file_closes_only_what_it_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("b.h"), "#endif\n#else\n#if 1\n").unwrap();
    let text =
        "#if 1\n#include \"b.h\"\nstruct a { int x; };\n#else\nstruct b { int x; };\n#endif\n";
    fs::write(path("a.h"), text).unwrap();
    let schema = Schema::load(&path("a.h"), &LoadOptions::default()).unwrap();
    let expected = [
        (1, 2, "`#endif` without `#if`"),
        (2, 2, "`#else` without `#if`"),
        (3, 2, "this `#if` has no `#endif`"),
    ];
    assert_eq!(said(&schema), expected);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn an_endless_include_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h");
    fs::write(&path, "#include \"a.h\"\n#include \"a.h\"\nstruct a { int x; };\n").unwrap();
    let schema = Schema::load(&path, &LoadOptions::default()).unwrap();
    assert_eq!(said(&schema)[0], (1, 10, "this file includes itself without end"));
    assert!(schema.record("a").is_some());
}

#[test]
fn a_member_is_declared_once() {
    let schema = parse(
        "struct a { int x; char x; };
struct b { int y; struct { int z; union { int w, y; }; }; };
typedef struct { int n; int :3; int :4; struct { int n; } m; } c;
",
    );
    let expected =
        [(1, 24, "the member `x` is declared twice"), (2, 50, "the member `y` is declared twice")];
    assert_eq!(said(&schema), expected);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["c"]);
}

#[test]
fn only_a_name_that_is_near_is_suggested() {
    for (text, help) in [
        ("struct a { foo_t x; };", None),
        ("struct a { in x; };", None),
        ("struct a { uint32t x; };", Some("did you mean `uint32_t`?")),
        ("typedef int grade_t; struct a { grades_t x; };", Some("did you mean `grade_t`?")),
    ] {
        let schema = parse(text);
        assert_eq!(schema.diagnostics[0].help.as_deref(), help, "{text}");
    }
}

#[test]
fn what_is_no_text_is_no_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    for bytes in [&b"struct a { int x; };\0"[..], b"\x01\x02 {", b"\xff\xfes\0t\0"] {
        fs::write(&path, bytes).unwrap();
        let error = Schema::load(&path, &LoadOptions::default()).unwrap_err().to_string();
        assert!(error.ends_with("a.bin is not a C header (not text)"), "{error}");
    }
    // GBK, a form feed, and the end of file as CP/M had it.
    for bytes in [&b"/* \xb3\xc9\xbc\xa8 */\x0c struct a { int x; };\x1a"[..], b""] {
        fs::write(&path, bytes).unwrap();
        assert!(Schema::load(&path, &LoadOptions::default()).is_ok(), "{bytes:?}");
    }
}

#[test]
fn a_header_that_cannot_be_read_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let error = Schema::load(folder.path(), &LoadOptions::default()).unwrap_err().to_string();
    assert!(error.ends_with("it is a directory") && error.contains("cannot read"), "{error}");
    let missing = folder.path().join("missing.h");
    let error = Schema::load(&missing, &LoadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("missing.h") && !error.contains('\n'), "{error}");
}

#[test]
fn bombs_are_bounded() {
    let mut doubling = String::from("#define A0 int x;\n");
    for n in 1..40 {
        doubling += &format!("#define A{n} A{} A{}\n", n - 1, n - 1);
    }
    doubling += "struct s { A39 };\n";
    let mut chain = String::from("struct s0 { int x; };\n");
    let mut wide = chain.clone();
    let mut arrays = String::from("typedef int t0;\n");
    for n in 1..2000 {
        chain += &format!("struct s{n} {{ struct s{} x; }};\n", n - 1);
        wide += &format!("struct s{n} {{ struct s{p} x, y; }};\n", p = n - 1);
        arrays += &format!("typedef t{} t{n}[1000];\n", n - 1);
    }
    for text in [
        doubling,
        chain,
        wide,
        arrays,
        "struct a {".repeat(50_000),
        format!("int {}x;", "(".repeat(50_000)),
        format!("typedef int x{};", "[1]".repeat(50_000)),
        format!("typedef int {}x;", "(*".repeat(50_000)),
        format!("struct a {{ char x[{}1]; }};", "-".repeat(50_000)),
        format!("struct a {{ char x[{}1]; }};", "sizeof(".repeat(50_000)),
        format!("#if {}\n#endif", "(".repeat(50_000)),
        "#if 1\n".repeat(50_000),
        "struct a { char x[0xffffffffffffffff]; };".to_owned(),
        "#pragma pack(push, 1)\n".repeat(50_000),
        "__attribute__((".repeat(20_000),
        "; \" ' /* { ( [ # \\".repeat(5_000),
    ] {
        let schema = parse(&text);
        assert!(schema.diagnostics.len() <= 100);
    }
}

#[test]
fn every_prefix_of_a_header_parses_without_panic() {
    let text = format!(
        "{LESSON}
        #pragma pack(push, 1)
        typedef struct {{ unsigned a : 3; union {{ int x[2][3]; char *y; }}; }} t __attribute__((aligned(8)));
        #define F(a, ...) a ## b #a __VA_ARGS__
        enum e {{ A = (1 << 3), B = sizeof(int) }} F(x, y);
        _Static_assert(sizeof(t) == 1, \"成绩\"); extern \"C\" {{ int (*f(int))(void); }}
        struct [[gnu::packed]] z {{ _Alignas(8) char c; }} __declspec(align(4)) w = {{ 1, 2 }};"
    );
    for end in (0..text.len()).filter(|&it| text.is_char_boundary(it)) {
        let schema = parse(&text[..end]);
        for diagnostic in &schema.diagnostics {
            assert!(schema.position(diagnostic.span).is_some(), "{end}: {diagnostic:?}");
        }
    }
}

#[test]
fn what_gcc_preprocesses() {
    let text = "#include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <time.h>
        #include <sys/types.h>
        #include <sys/socket.h>
        #include <netinet/in.h>
        #define NAMEMAX (512-8-8)
        struct msg_st {
            uint32_t math; size_t len; time_t when; off_t at; struct in_addr from; int8_t name[NAMEMAX];
        } __attribute__((packed));";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proto.h");
    fs::write(&path, text).unwrap();
    for arguments in [&["-E"][..], &["-E", "-P"], &["-E", "-O2", "-D_FORTIFY_SOURCE=2"]] {
        let gcc = std::process::Command::new("gcc").args(arguments).arg(&path).output();
        let Ok(output) = gcc else {
            eprintln!("skipped: there is no gcc");
            return;
        };
        assert!(output.status.success());
        let schema = clean(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(field(&schema, "msg_st.math").ctype, fixed(32, false));
        assert_eq!(field(&schema, "msg_st.len").ctype, int(IntKind::Size));
        assert_eq!(field(&schema, "msg_st.when").ctype, int(IntKind::Time));
        assert_eq!(field(&schema, "msg_st.at").ctype, int(IntKind::Off));
        assert_eq!(field(&schema, "msg_st.name").ctype, array(int(IntKind::SignedChar), 496));
        assert!(schema.record("sockaddr_in").is_some());
        if !arguments.contains(&"-P") {
            assert_eq!(schema.messages().collect::<Vec<_>>(), ["msg_st"]);
        }
    }
}
