//! docs/profile.md, docs/protocols.md and docs/compat.md: what stands in them is run. A block of C is
//! `proto.h`, or the file that it names, a block of TOML `wirereel.toml`, a block of hex a capture, and a block marked `console` what is
//! printed. And profiles as they are drafted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::frame::Endpoints;
use crate::tape::{Does, Tape};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages about profiles: all keys, and those about how much, which and whether.
const PAGES: [&str; 2] = ["profile", "protocols"];

fn page(name: &str) -> String {
    fs::read_to_string(project().join(format!("docs/{name}.md"))).unwrap()
}

fn wirereel(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Fenced blocks: what stands behind their fence, and their lines.
fn blocks(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        blocks.push((info, lines.by_ref().take_while(|it| *it != "```").collect()));
    }
    blocks
}

/// What is said to a port, `>`, and comes from it, `<`: a datagram a line, or a part of a stream.
fn capture(name: &str, transport: &str, port: u16, lines: &[&str]) -> PathBuf {
    let ends = Endpoints::numbered(0, port);
    let said = lines.iter().map(|line| {
        let (side, hex) = line.split_at(1);
        let hex: Vec<_> = hex.bytes().filter(|it| *it != b' ').collect();
        let byte = |it: &[u8]| u8::from_str_radix(text(it), 16).unwrap();
        (side == ">", hex.chunks(2).map(byte).collect::<Vec<_>>())
    });
    let mut tape = Tape::new(name);
    if transport == "udp" {
        for (ms, (up, bytes)) in (0..).zip(said) {
            tape.datagram(ms, ends, up, &bytes);
        }
    } else {
        let mut talk = tape.open(0, ends);
        for (ms, (up, bytes)) in (1..).zip(said) {
            tape.act(ms, &mut talk, up, Does::Says(&bytes));
        }
    }
    tape.finish()
}

/// The commands of a block with what each prints: an error to standard error, else its results; with
/// its closing lines or its exit code, where the page asks for them.
fn session(commands: &[&str], folder: &Path) -> String {
    let mut told = String::new();
    for line in commands.iter().filter_map(|it| it.strip_prefix("$ ")) {
        let (call, wants_code) = match line.strip_suffix("; echo $?") {
            Some(call) => (call, true),
            None => (line, false),
        };
        let (call, wants_all) = match call.strip_suffix(" 2>&1") {
            Some(call) => (call, true),
            None => (call, false),
        };
        let arguments: Vec<_> = call.split(' ').skip(1).collect();
        let output = wirereel(&arguments, folder);
        let code = output.status.code().unwrap();
        told += &format!("$ {line}\n");
        for (printed, is_wanted) in
            [(&output.stdout, code != 2 || wants_all), (&output.stderr, code == 2 || wants_all)]
        {
            let printed = text(printed).trim_end();
            if is_wanted && !printed.is_empty() {
                told += &format!("{printed}\n");
            }
        }
        if wants_code {
            told += &format!("{code}\n");
        }
    }
    told
}

/// Runs all examples of a page; gives how many commands' blocks there were.
fn run(name: &str) -> usize {
    let page = page(name);
    let folder = tempfile::tempdir().unwrap();
    let mut examples = 0;
    for (info, lines) in blocks(&page) {
        let body = lines.join("\n") + "\n";
        match info.split(' ').collect::<Vec<_>>().as_slice() {
            ["c", file @ ..] => {
                let file = file.first().unwrap_or(&"proto.h");
                fs::write(folder.path().join(file), body).unwrap();
            }
            ["toml"] => fs::write(folder.path().join("wirereel.toml"), body).unwrap(),
            ["hex", transport, port, file @ ..] => {
                let file = file.first().unwrap_or(&"capture.pcap");
                let made = capture(
                    &format!("{name}_page_{file}"),
                    transport,
                    port.parse().unwrap(),
                    &lines,
                );
                fs::copy(made, folder.path().join(file)).unwrap();
            }
            ["console"] => {
                examples += 1;
                assert_eq!(session(&lines, folder.path()), body);
            }
            _ => panic!("{info}"),
        }
    }
    examples
}

#[test]
fn every_example_of_the_pages_is_as_it_says() {
    let examples = PAGES.map(run);
    assert!(examples.iter().all(|it| *it > 30), "{examples:?}");
}

#[test]
fn every_example_of_compat_is_as_it_says() {
    assert_eq!(run("compat"), 4);
}

/// The keys that the parser knows of a table: it lists them where one is not known.
fn known(toml: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("proto.h"), "struct msg { int math; };\n").unwrap();
    fs::write(folder.path().join("wirereel.toml"), toml).unwrap();
    let output = wirereel(&["decode", "none.pcap"], folder.path());
    let (_, listed) = text(&output.stderr).split_once(", expected ").unwrap();
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The sections of a page whose headings name this.
fn sections<'p>(page: &'p str, above: &str) -> impl Iterator<Item = &'p str> {
    let above = format!("`{above}`");
    page.split("\n## ").filter(move |it| it.lines().next().is_some_and(|it| it.contains(&above)))
}

/// The names that stand in code first in lines that begin so, be they links or not.
fn names(section: &str, begin: &str) -> BTreeSet<String> {
    let lines = section.lines().filter_map(|it| {
        let rest = it.strip_prefix(begin)?;
        rest.strip_prefix('[').unwrap_or(rest).strip_prefix('`')?.split('`').next()
    });
    lines.map(str::to_owned).collect()
}

#[test]
fn every_key_has_its_place_on_the_pages() {
    let pages = PAGES.map(page);
    let entry = "[[protocol]]\nname = \"p\"\nheader = \"proto.h\"\nmessage = \"msg\"\n";
    let tables: BTreeSet<_> = ["protocol", "check", "replay"].map(str::to_owned).into();
    assert_eq!(known("zzzzzz = 1\n"), tables, "a section of the page for each");
    for (toml, section) in [
        (format!("{entry}zzzzzz = 1\n"), "[[protocol]]"),
        (format!("{entry}[protocol.fields]\nmath = {{ zzzzzz = 1 }}\n"), "[protocol.fields]"),
        ("[check]\nzzzzzz = 1\n".to_owned(), "[check]"),
        ("[replay]\nzzzzzz = 1\n".to_owned(), "[replay]"),
    ] {
        let mut known = known(&toml);
        assert!(!known.is_empty());
        let rows = sections(&pages[0], section).next().map(|it| names(it, "| ")).unwrap();
        if section.contains("protocol") {
            assert_eq!(known.difference(&rows).next(), None, "a row of {section}");
        }
        // It has a section of its own.
        known.remove("fields");
        let headings = pages.iter().flat_map(|it| sections(it, section));
        let headings: BTreeSet<_> = headings.flat_map(|it| names(it, "### ")).collect();
        assert_eq!(headings, known, "{section}");
    }
}

#[test]
fn every_bundled_profile_is_listed_with_its_ports() {
    let folder = fs::read_dir(project().join("profiles")).unwrap().map(|it| it.unwrap().path());
    let mut known = BTreeMap::new();
    for path in folder.filter(|it| it.extension().is_some_and(|it| it == "toml")) {
        let profile: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        for protocol in profile["protocol"].as_array().unwrap() {
            let rules =
                protocol.get("decode_as").and_then(|it| it.as_array()).into_iter().flatten();
            let ports = rules.map(|it| it.as_str().unwrap().split_once("==").unwrap().1.to_owned());
            known.insert(protocol["name"].as_str().unwrap().to_owned(), ports.collect::<Vec<_>>());
        }
    }
    let page = page("protocols");
    let (_, table) = page.split_once("| name | ports | what |\n").unwrap();
    let rows = table.lines().skip(1).map_while(|it| it.strip_prefix("| `"));
    let listed = rows.map(|row| {
        let (name, cells) = row.split_once("` | ").unwrap();
        let ports = cells.split(" |").next().unwrap().split([' ', ',']);
        let ports = ports.filter(|it| it.parse::<u16>().is_ok()).map(str::to_owned);
        (name.to_owned(), ports.collect::<Vec<_>>())
    });
    assert_eq!(listed.collect::<BTreeMap<_, _>>(), known);
    let readme = fs::read_to_string(project().join("profiles/README.md")).unwrap();
    assert_eq!(names(&readme, "| "), known.into_keys().collect());
}

#[test]
fn a_draft_decodes_as_the_header_alone() {
    let headers = |folder: &str| {
        let files = fs::read_dir(project().join(folder)).unwrap().map(|it| it.unwrap().path());
        files.filter(|it| it.extension().is_some_and(|it| it == "h")).collect::<Vec<_>>()
    };
    let peers = fs::read_dir(project().join("tests/peers")).unwrap().map(|it| it.unwrap());
    let folders = peers.filter(|it| it.path().is_dir());
    let folders = folders.map(|it| format!("tests/peers/{}", it.file_name().to_str().unwrap()));
    let all: Vec<_> =
        folders.chain(["src/profile/lessons".to_owned()]).flat_map(|it| headers(&it)).collect();
    assert!(all.len() > 10, "{all:?}");
    let captures = ["ok_dgram_basic", "ok_dgram_var"]
        .map(|it| project().join(format!("captures/{it}.pcap")).to_str().unwrap().to_owned());
    for header in all {
        let folder = tempfile::tempdir().unwrap();
        let header = header.to_str().unwrap();
        let made = wirereel(&["profile", "--new", header, "-o", "draft.toml"], folder.path());
        if made.status.code() == Some(2) {
            let said = text(&made.stderr);
            assert!(
                said.contains(" declares no message") || said.contains("has no layout"),
                "{said}"
            );
            continue;
        }
        let draft = fs::read_to_string(folder.path().join("draft.toml")).unwrap();
        let names =
            draft.lines().filter_map(|it| it.strip_prefix("message = \"")?.split('"').next());
        for name in names {
            let transport =
                if draft.contains("tcp.port") && name.contains("FMT") { "tcp" } else { "udp" };
            let rule = format!("{transport}.port==1989,{name}");
            for capture in &captures {
                let decode = |how: [&str; 2]| {
                    let common = ["decode", capture, "-T", "json", "--no-builtin", "-d", &rule];
                    wirereel(&[&common[..], &how].concat(), folder.path())
                };
                let (drafted, plain) =
                    (decode(["--profile", "draft.toml"]), decode(["-H", header]));
                assert_eq!(drafted.status.code(), Some(0), "{}{draft}", text(&drafted.stderr));
                assert_eq!(text(&drafted.stdout), text(&plain.stdout), "{header} {name}");
            }
        }
    }
}

const HEADER: &str = "#include <stdint.h>
enum { OP_READ = 1, OP_WRITE };
struct head { uint8_t op; uint16_t len; } __attribute__((packed));
struct read_st { struct head h; uint32_t block; } __attribute__((packed));
struct write_st { struct head h; uint8_t mac[6]; uint8_t tail[]; } __attribute__((packed));
struct link { struct link *next; };
struct bad { char a[]; int b; };
#define FMT_STAMP \"%lld\\r\\n\"
";

#[test]
fn a_draft_is_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("proto.h"), HEADER).unwrap();
    let run = |arguments: &[&str]| {
        let output =
            wirereel(&[&["profile", "--new", "proto.h"], arguments].concat(), folder.path());
        (
            output.status.code().unwrap(),
            text(&output.stdout).to_owned(),
            text(&output.stderr).to_owned(),
        )
    };
    let (code, draft, _) = run(&[]);
    assert_eq!(code, 0);
    for line in [
        "# tag = \"op\" ",
        "# cases = { OP_READ = \"read_st\", OP_WRITE = \"write_st\" }",
        "# \"h.op\" = { enum = \"OP_*\" }",
        "# tail = { count = \"h.len\", text = true }  # if that counts it, and if these bytes are text",
        "message = \"FMT_STAMP\" ",
        "# decode_as = [\"tcp.port==1989\"] ",
        "# bad is left out: proto.h:7:19: ",
        "# Left out, since they hold pointers: link",
    ] {
        assert!(draft.contains(line), "{line}\n{draft}");
    }

    let rule = ["-d", "udp.port==7,read_st", "--byte-order", "little", "--abi", "i386"];
    let (_, one, _) = run(&[&["read_st"], &rule[..]].concat());
    let entry = "name = \"read_st\"";
    assert_eq!((one.matches("[[protocol]]").count(), one.contains(entry)), (1, true), "{one}");
    for line in
        ["\ndecode_as = [\"udp.port==7\"]\n", "\nbyte_order = \"little\" ", "\nabi = \"i386\"\n"]
    {
        assert!(one.contains(line), "{line}\n{one}");
    }

    let (code, out, told) = run(&["read_st", "-o", "sub/p.toml"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(told, "wirereel: wrote sub/p.toml, a draft for read_st\n");
    assert!(fs::read_to_string(at("sub/p.toml")).unwrap().contains("\nheader = \"../proto.h\"\n"));
    fs::write(at("sub/p.toml"), "mine\n").unwrap();
    let (code, _, told) = run(&["-o", "sub/p.toml"]);
    assert_eq!(
        (code, told.as_str()),
        (2, "wirereel: sub/p.toml is there: --force writes over it\n")
    );
    assert_eq!(fs::read_to_string(at("sub/p.toml")).unwrap(), "mine\n");
    assert_eq!(run(&["-o", "sub/p.toml", "--force", "-q"]), (0, String::new(), String::new()));
    assert!(fs::read_to_string(at("sub/p.toml")).unwrap().contains("[[protocol]]"));

    for (arguments, expected) in [
        (&["read_sd"][..], "no message \"read_sd\" in proto.h; did you mean \"read_st\"?"),
        (&["bad"], "proto.h:7:19: \"bad\" has no layout for x86_64: "),
        (
            &["-d", "udp.port==7,raed_st"],
            "no message \"raed_st\" in proto.h; did you mean \"read_st\"?",
        ),
        (&["-d", "udp.port==7,FMT_STAMP"], "a text record is read from a stream"),
        (&["-o", "none/p.toml"], "cannot write none/p.toml: No such file"),
    ] {
        let (code, _, told) = run(arguments);
        assert!(code == 2 && told.contains(expected), "{arguments:?} {told}");
    }
}

#[test]
fn an_asked_pointer_is_drafted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p.h"), "struct link { struct link *next; };\n").unwrap();
    let drafted = wirereel(&["profile", "--new", "p.h", "link"], folder.path());
    assert!(text(&drafted.stdout).contains("message = \"link\" "), "{drafted:?}");
    let none = wirereel(&["profile", "--new", "p.h"], folder.path());
    assert_eq!(none.status.code(), Some(2));
    let missing = wirereel(&["profile", "--new", "none.h"], folder.path());
    assert!(text(&missing.stderr).contains("cannot read the header none.h: "), "{missing:?}");
}
