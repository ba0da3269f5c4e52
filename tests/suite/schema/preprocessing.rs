//! Directives and macros beyond the standard's, as gcc takes them, in headers of several files.

use std::fs;
use std::path::{Path, PathBuf};

use wirereel::schema::{Abi, Level, LoadOptions, Schema};

/// A folder with the files of a case.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Reads one of them, `dirs` being include folders; nothing may be wrong.
    fn clean(&self, name: &str, dirs: &[&str]) -> Schema {
        let include_dirs = dirs.iter().map(|it| self.path(it)).collect();
        let options = LoadOptions { include_dirs, ..LoadOptions::default() };
        let schema = Schema::load(&self.path(name), &options).unwrap();
        assert_eq!(schema.diagnostics, [], "{name}");
        schema
    }
}

fn parse(text: &str, options: &LoadOptions) -> Schema {
    Schema::parse("proto.h", text, options)
}

/// The members of a struct, by name.
fn fields(schema: &Schema, name: &str) -> Vec<String> {
    let record = schema.record(name).unwrap_or_else(|| panic!("{name}: {:?}", schema.diagnostics));
    record.fields.iter().map(|it| it.name.clone().unwrap_or_default()).collect()
}

#[test]
fn a_macro_may_name_its_last_parameters() {
    let text =
        "#define BOTH(NAME, MEMBERS...) union { struct { MEMBERS }; struct { MEMBERS } NAME; }
        #define CALL(first, rest...) first(0, ##rest)
        #define ROW(n, ...) int r[n __VA_OPT__(+) __VA_ARGS__];
        struct route { int hops; BOTH(legs, int out; int back;); ROW(2) };
        enum { NONE = sizeof(struct route) };";
    let schema = parse(text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    assert_eq!(fields(&schema, "route"), ["hops", "", "r"]);
    assert_eq!(schema.constant("NONE"), Some(4 + 8 + 8));
}

#[test]
fn a_mistake_in_a_macros_argument_is_shown_where_it_is_written() {
    let text = "#define WRAP(body...) struct wrapped { body }\nWRAP(int a;\n  no_such b;);\n";
    let schema = parse(text, &LoadOptions::default());
    let first = &schema.diagnostics[0];
    let at = schema.position(first.span).unwrap();
    assert_eq!((at.line, at.column, first.text.as_str()), (3, 3, "unknown type name `no_such`"));
    // What the body itself has wrong is shown where it is used.
    let text = "#define BAD struct bad { no_such x; }\n\n  BAD;\n";
    let schema = parse(text, &LoadOptions::default());
    let at = schema.position(schema.diagnostics[0].span).unwrap();
    assert_eq!((at.line, at.column), (3, 3));
}

#[test]
fn a_file_that_is_read_once_is_known_by_any_path() {
    let folder = Folder::of(&[
        (
            "here/main.h",
            "#pragma once\n#include \"../both.h\"\n#include \"../there/more.h\"\n\
                         struct last { pair p; int z; };\n",
        ),
        (
            "there/more.h",
            "#pragma once\n#include \"../both.h\"\nstruct first { pair p; int y; };\n",
        ),
        ("both.h", "#pragma once\n#include \"deep/base.h\"\n"),
        (
            "deep/base.h",
            "#pragma once\n#include \"../deep/base.h\"\ntypedef struct { int a; } pair;\n",
        ),
    ]);
    let schema = folder.clean("here/main.h", &[]);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["pair", "first", "last"]);
    // A link is the same file.
    std::os::unix::fs::symlink(folder.path("both.h"), folder.path("alias.h")).unwrap();
    fs::write(folder.path("two.h"), "#include \"both.h\"\n#include \"alias.h\"\n").unwrap();
    folder.clean("two.h", &[]);
}

#[test]
fn the_next_file_of_a_name_is_that_of_the_folders_behind() {
    let folder = Folder::of(&[
        (
            "one/types.h",
            "#if __has_include_next(<types.h>)\n#include_next <types.h>\n#endif\n\
                         struct one { base_t b; };\n",
        ),
        (
            "two/types.h",
            "typedef int base_t;\n#if __has_include_next(<types.h>)\n#error \"no more\"\n#endif\n",
        ),
        ("main.h", "#include <types.h>\nstruct msg { base_t b; };\n"),
    ]);
    let schema = folder.clean("main.h", &["one", "two"]);
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["one", "msg"]);
    // The header itself may be such a file.
    folder.clean("one/types.h", &["one", "two"]);
}

#[test]
fn angle_brackets_do_not_look_beside_what_the_platform_has() {
    let folder = Folder::of(&[
        ("net/time.h", "struct not_this { int x; };\n"),
        (
            "net/main.h",
            "#include <time.h>\n#include <own.h>\nstruct msg { struct timeval t; own_t o; };\n",
        ),
        ("net/own.h", "typedef int own_t;\n"),
    ]);
    let schema = folder.clean("net/main.h", &[]);
    assert!(schema.record("not_this").is_none());
}

#[test]
fn the_command_line_defines_and_includes() {
    let folder = Folder::of(&[
        ("config.h", "#define LEN 6\ntypedef unsigned short id_type;\n"),
        (
            "main.h",
            "ALIGN(4, struct msg { id_type id; char name[LEN]; });\nstruct plain { TWICE(int, a, b) };\n",
        ),
    ]);
    let options = LoadOptions {
        defines: vec![
            ("ALIGN(n, x...)".into(), "x __attribute__((aligned(n)))".into()),
            ("TWICE(t, x, y)".into(), "t x; t y;".into()),
        ],
        includes: vec![folder.path("config.h")],
        ..LoadOptions::default()
    };
    let schema = Schema::load(&folder.path("main.h"), &options).unwrap();
    assert_eq!(schema.diagnostics, []);
    assert_eq!(schema.record("msg").unwrap().aligned, Some(4));
    assert_eq!(fields(&schema, "plain"), ["a", "b"]);
    let options = LoadOptions { includes: vec![folder.path("none.h")], ..LoadOptions::default() };
    let schema = Schema::load(&folder.path("main.h"), &options).unwrap();
    assert!(schema.diagnostics[0].text.contains("none.h"), "{:?}", schema.diagnostics);
}

#[test]
fn each_abi_has_its_own_branches_and_sizes() {
    let text = "#ifdef __s390x__\nstruct big { int a; };\n#elif defined(__i386__)\nstruct small { long a; };\n\
        #elif __SIZEOF_POINTER__ == 8\nstruct wide { long a; };\n#endif\n\
        #if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__\nstruct order { int first; };\n#else\n\
        struct order { int last; };\n#endif\nstruct sized { char c[sizeof(long)]; };\n";
    for (abi, own, order, len) in [
        (Abi::X86_64, "wide", "last", 8),
        (Abi::I386, "small", "last", 4),
        (Abi::S390x, "big", "first", 8),
        (Abi::Win64, "wide", "last", 4),
    ] {
        let schema = parse(text, &LoadOptions { abi, ..LoadOptions::default() });
        assert_eq!(schema.diagnostics, [], "{abi}");
        assert_eq!(schema.messages().next(), Some(own), "{abi}");
        assert_eq!(fields(&schema, "order"), [order], "{abi}");
        let layout = wirereel::schema::Layout::of(schema.record("sized").unwrap(), "sized", abi);
        assert_eq!(layout.unwrap().size, len, "{abi}");
    }
}

#[test]
fn what_a_missing_header_would_declare_is_said_once_and_names_it() {
    let text = "#include <stdio.h>\n#include <vendor/types.h>\nstruct a { vendor_id id; };\n\
        struct b { vendor_id id; struct vendor_head h; };\nstruct good { int x; };\n\
        struct typo { uint23_t n; };\n";
    let schema = parse(text, &LoadOptions::default());
    let said: Vec<_> = schema
        .diagnostics
        .iter()
        .map(|it| (schema.position(it.span).unwrap().line, it.text.as_str()))
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], (6, "unknown type name `uint23_t`"));
    assert_eq!(
        said[1],
        (2, "<vendor/types.h> is not found, and nothing else declares `vendor_id` (line 3)")
    );
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["good"]);
    // Where nothing of it is needed, nothing is said.
    let schema =
        parse("#include <vendor/types.h>\nstruct good { int x; };\n", &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
}

/// Each header with what is said of it: the line, and the text.
#[test]
fn of_several_missing_headers_the_likeliest_is_named() {
    for (text, expected) in [
        // The one that has the beginning of the name; once, and none that declares nothing.
        (
            "#include <stdbool.h>\n#include <linux/ethtool.h>\n#include <linux/ethtool.h>\n\
             #include <linux/other.h>\nstruct a { struct ethtool_stats s; };\n",
            &[(
                2,
                "<linux/ethtool.h> is not found, and nothing else declares `ethtool_stats` (line 5)",
            )][..],
        ),
        (
            "#include <linux/ethtool.h>\n#include <vendor.h>\nstruct a { struct ethtool_stats s; };\n\
             struct b { my_id i; };\n",
            &[
                (
                    1,
                    "<linux/ethtool.h> is not found, and nothing else declares `ethtool_stats` (line 3)",
                ),
                (2, "<vendor.h> is not found, and nothing else declares `my_id` (line 4)"),
            ],
        ),
        // The user's own, before the system's.
        (
            "#include <vendor.h>\n#include \"types.h\"\nstruct a { my_id i; char c[MY_LEN]; };\n\
             struct b { char c[MY_LEN]; };\n",
            &[(
                2,
                "\"types.h\" is not found, and nothing else declares `my_id` (line 3), `MY_LEN` (line 4)",
            )],
        ),
        // None that could: each as it is, and many at once.
        ("#include <string.h>\nstruct a { my_id i; };\n", &[(2, "unknown type name `my_id`")]),
        (
            "struct a { ta i; };\nstruct b { tb i; };\nstruct c { tc i; };\nstruct d { td i; };\n\
             struct e { te i; };\n",
            &[(
                1,
                "nothing declares `ta` (line 1), `tb` (line 2), `tc` (line 3), `td` (line 4), `te` (line 5)",
            )],
        ),
        (
            "#include \"missing.h\"\nstruct a { int i; };\n",
            &[(1, "cannot find the included file \"missing.h\"")],
        ),
    ] {
        let schema = parse(text, &LoadOptions::default());
        let said = schema.diagnostics.iter();
        let said: Vec<_> =
            said.map(|it| (schema.position(it.span).unwrap().line, it.text.as_str())).collect();
        assert_eq!(said, expected, "{text}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_no_error() {
    let text = "#include \"config.h\"\nstruct a { int i; };\n";
    let schema = parse(text, &LoadOptions::default());
    let said: Vec<_> = schema.diagnostics.iter().map(|it| (it.level, it.text.as_str())).collect();
    assert_eq!(said, [(Level::Warning, "cannot find the included file \"config.h\"")]);
}

#[test]
fn a_tree_of_sources_is_its_own_include_folder() {
    let folder = Folder::of(&[
        ("src/lib/types.h", "typedef unsigned short id_type;\n"),
        ("src/net/wire/head.h", "#include \"lib/types.h\"\nstruct head { id_type id; };\n"),
        ("src/net/wire/own.h", "#include <net/wire/head.h>\nstruct own { struct head h; };\n"),
        ("src/net/wire/other.h", "#include <lib/types.h>\nstruct other { id_type id; };\n"),
        ("src/net/near.h", "struct near { char far; };\n"),
        ("src/net/wire/far.h", "#include \"near.h\"\nstruct far { struct near n; };\n"),
    ]);
    assert_eq!(folder.clean("src/net/wire/head.h", &[]).record("head").unwrap().fields.len(), 1);
    assert!(folder.clean("src/net/wire/own.h", &[]).record("own").is_some());
    // In `<…>`, what does not begin as the file's own path is the system's.
    for name in ["other.h", "far.h"] {
        let path = folder.path("src/net/wire").join(name);
        let schema = Schema::load(&path, &LoadOptions::default()).unwrap();
        let said = schema.diagnostics.iter().filter(|it| it.text.contains("not found"));
        assert_eq!(said.count(), 1, "{name}: {:?}", schema.diagnostics);
    }
}

#[test]
fn the_paths_of_diagnostics_are_as_written() {
    let folder = Folder::of(&[
        ("main.h", "#include \"sub/bad.h\"\n"),
        ("sub/bad.h", "struct x { nope y; };\n"),
    ]);
    let schema = Schema::load(&folder.path("main.h"), &LoadOptions::default()).unwrap();
    let at = schema.position(schema.diagnostics[0].span).unwrap();
    assert_eq!((at.path, at.line), (Path::new(&folder.path("sub/bad.h")), 1));
}
