//! Headers and profiles of a new case.

use std::fs;

use crate::test::project::{Frames, HEADER, Project, RULE};

#[test]
fn headers_are_copied_with_what_they_include() {
    let project = Project::new();
    project.write("src/wire/proto.h", "#include \"../common/types.h\"\n#include \"sub/../limits.h\"\n#include \"net/order.h\"\nstruct msg_st { name_t name[NAMES]; u32 math; u32 chinese; } PACKED;\n");
    project.write("src/wire/sub/unused.h", "");
    project.write(
        "src/common/types.h",
        "#pragma once\n#include \"more.h\"\n#include <stdint.h>\ntypedef uint8_t name_t;\n",
    );
    project.write("src/common/more.h", "#define PACKED __attribute__((packed))\n");
    project.write("src/wire/limits.h", "#define NAMES SIZE\n");
    project.write("sdk/include/net/order.h", "#include \"order_types.h\"\n");
    project.write("sdk/include/net/order_types.h", "#include <stdint.h>\ntypedef uint32_t u32;\n");
    project.write("sdk/include/net/unread.h", "");
    project.write("other/unused.h", "");
    let mut frames = Frames::default();
    frames.grade("Alan", 83).pcap(&project, "c.pcap");
    let args = [
        "--new",
        "grades",
        "c.pcap",
        "-H",
        "src/wire/proto.h",
        "-I",
        "other",
        "-I",
        "sdk/include",
        "-D",
        "SIZE=11",
        "-D",
        "FLAG",
        "-d",
        RULE,
        "--abi",
        "i386",
        "--byte-order",
        "big",
        "--no-builtin",
    ];
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/grades");
    assert_eq!(
        own,
        [
            "c.pcap",
            "common/more.h",
            "common/types.h",
            "expected.jsonl",
            "include/net/order.h",
            "include/net/order_types.h",
            "test.toml",
            "wire/limits.h",
            "wire/proto.h",
            "wire/sub/.gitkeep",
        ]
    );
    let toml = project.read("fixtures/grades/test.toml");
    for line in [
        "header = \"wire/proto.h\"",
        "include_dirs = \"include\"",
        "define = [\"SIZE=11\", \"FLAG\"]",
        "abi = \"i386\"",
        "byte_order = \"big\"",
        "builtin = false",
    ] {
        assert!(toml.lines().any(|it| it == line), "{line}\n{toml}");
    }
    // The project may go.
    fs::remove_dir_all(project.path("src")).unwrap();
    fs::remove_dir_all(project.path("sdk")).unwrap();
    project.passes();
}

#[test]
fn what_comes_from_elsewhere_leaves_its_path_behind() {
    let project = Project::new();
    project.write("proto.h", format!("#include \"net/order.h\"\n{HEADER}"));
    project.write("sdk/net/order.h", "#define ORDER 1\n");
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    let sdk = project.path("sdk");
    let args = ["--new", "one", "c.pcap", "-H", "proto.h", "-I", sdk.to_str().unwrap(), "-d", RULE];
    project.draft(&args);
    let own = project.files("fixtures/one");
    assert_eq!(own, ["c.pcap", "expected.jsonl", "include/net/order.h", "proto.h", "test.toml"]);
}

#[test]
fn what_is_included_by_its_whole_path_cannot_be_copied() {
    let project = Project::new();
    let types = project.write("types.h", HEADER);
    project.write("proto.h", format!("#include \"{}\"\n", types.display()));
    Frames::default().grade("Alan", 83).pcap(&project, "c.pcap");
    let (code, _, err) = project.run(&["--new", "one", "c.pcap", "-H", "proto.h", "-d", RULE]);
    assert_eq!(code, Some(2));
    assert!(err.contains("types.h is included by its whole path"), "{err}");
    assert!(!project.path("fixtures").exists());
}

#[test]
fn several_headers_keep_what_tells_them_apart() {
    let project = Project::new();
    project.write("a/proto.h", format!("#include \"types.h\"\n{HEADER}"));
    project.write("a/types.h", "#define A 1\n");
    project.write("b/proto.h", "#include \"types.h\"\nstruct msg_st { char c[B]; };\n");
    project.write("b/types.h", "#define B 3\n");
    project.write("c/other.h", "struct other { char x[2]; };\n");
    let mut frames = Frames::default();
    frames.grade("Alan", 83).datagram([40_000, 7], b"abc").datagram([40_000, 8], b"xy");
    frames.pcap(&project, "c.pcap");
    let headers = ["-H", "a/proto.h", "-H", "b/proto.h", "-H", "c/other.h"];
    let rules = [
        "-d",
        "udp.port==1989,a/proto.h:msg_st",
        "-d",
        "udp.port==7,b/proto.h:msg_st",
        "-d",
        "udp.port==8,other",
    ];
    let args = [&["--new", "both", "c.pcap"][..], &headers, &rules].concat();
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/both");
    for name in ["a/proto.h", "a/types.h", "b/proto.h", "b/types.h", "c/other.h"] {
        assert!(own.contains(&name.to_owned()), "{own:?}");
    }
    let lines = project.expected("fixtures/both/expected.jsonl");
    let names: Vec<_> = lines.iter().map(|it| it["protocol"].as_str().unwrap()).collect();
    assert_eq!(names, ["a/proto.h:msg_st", "b/proto.h:msg_st", "other"]);
    // Those that are told apart by their names lie beside the case.
    let args = [
        "--new",
        "flat",
        "c.pcap",
        "-H",
        "a/proto.h",
        "-H",
        "c/other.h",
        "-d",
        "udp.port==8,other.h:other",
    ];
    project.draft(&args);
    let own: Vec<_> = project.files("fixtures/flat");
    assert_eq!(own, ["c.pcap", "expected.jsonl", "other.h", "proto.h", "test.toml", "types.h"]);
}

#[test]
fn a_profile_names_its_headers_where_they_lie() {
    let project = Project::new();
    project.write("include/proto.h", HEADER);
    let profile = "# Kept.\n[[protocol]]\nname = \"grades\" # and this\nheader = \"../include/proto.h\"\nmessage = \"msg_st\"\ndecode_as = [\"udp.port==1989\"]\nbyte_order = \"big\"\n";
    project.write("etc/grades.toml", profile);
    let mut frames = Frames::default();
    frames.grade("Alan", 83).pcap(&project, "c.pcap");
    project.draft(&["--new", "one", "c.pcap", "--profile", "etc/grades.toml"]);
    let expected = profile.replace("../include/proto.h", "proto.h");
    assert_eq!(project.read("fixtures/one/grades.toml"), expected);
    assert!(project.read("fixtures/one/test.toml").contains("profile = \"grades.toml\"\n"));
    assert_eq!(project.expected("fixtures/one/expected.jsonl")[0]["protocol"], "grades");
    // The profile of the working directory.
    project.write("wirereel.toml", profile.replace("../include", "include"));
    project.draft(&["--new", "two", "c.pcap"]);
    fs::remove_dir_all(project.path("include")).unwrap();
    project.passes();
}
