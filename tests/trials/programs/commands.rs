//! The program of the command line with a program in place of its header: the same messages, and where
//! the two differ.

use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use super::building::{Workshop, missing};
use crate::trial;

/// Header, message, rule and captures.
const LESSONS: [(&str, &str, &[&str]); 2] = [
    ("tests/peers/dgram-basic/proto.h", "msg_st", &["ok_dgram_basic", "bug_dgram_basic_notpacked"]),
    ("tests/peers/dgram-var/proto.h", "msg_st", &["ok_dgram_var", "edge_dgram_var_maxname"]),
];

pub fn trials() -> Vec<Trial> {
    let of_gcc = |name: &str, test: fn() -> Result<(), Failed>| {
        trial::unless(missing(&["gcc"]), format!("programs::{name}"), test)
    };
    let rust = "programs::a_rust_program_decodes_as_the_header_does";
    vec![
        of_gcc("messages_are_those_of_the_header", messages),
        of_gcc("layout_says_where_program_and_header_differ", against),
        trial::unless(missing(&["rustc"]), rust, rust_messages),
    ]
}

fn wirereel(workshop: &Workshop, arguments: &[&str]) -> Result<Output, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    Ok(command.args(arguments).current_dir(workshop.folder()).output()?)
}

fn root(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// What `decode` and `check` print with a header, or a program.
fn printed(workshop: &Workshop, schema: &str, capture: &str) -> Result<[String; 2], Failed> {
    let capture = root(&format!("captures/{capture}.pcap"));
    let rule = "udp.port==1989,msg_st";
    let decode = ["decode", &capture, "-T", "json", "-H", schema, "-d", rule];
    let decoded = wirereel(workshop, &decode)?;
    let check = ["check", &capture, "-H", schema, "-d", rule];
    let checked = wirereel(workshop, &check)?;
    let decoded = String::from_utf8(decoded.stdout)?;
    if decoded.is_empty() {
        return Err(format!("nothing was decoded with {schema}").into());
    }
    // Findings name the file that declares what they are about.
    let codes = String::from_utf8(checked.stdout)?;
    let codes = codes.lines().filter(|it| it.contains("]: ")).map(|it| format!("{it}\n"));
    Ok([decoded, codes.collect()])
}

fn messages() -> Result<(), Failed> {
    for (header, message, captures) in LESSONS {
        let workshop = Workshop::new();
        let header = root(header);
        let source = format!("#include \"{header}\"\nstruct {message} message;\n");
        let program = workshop.compile(&["gcc", "-g", "-c"], &source, "program.o")?;
        let program = program.display().to_string();
        for capture in captures {
            let own = printed(&workshop, &program, capture)?;
            let others = printed(&workshop, &header, capture)?;
            assert_eq!(own, others, "{capture}");
        }
    }
    Ok(())
}

fn rust_messages() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write(
        "main.rs",
        "
#[repr(C, packed)] #[derive(Clone, Copy)] #[allow(non_camel_case_types)]
pub struct msg_st { name: [u8; 11], math: u32, chinese: u32 }
fn main() {
    let msg = msg_st { name: [1; 11], math: 1, chinese: 2 };
    println!(\"{}\", { msg.math });
}\n",
    );
    workshop.run(&["rustc", "-g", "-A", "warnings", "main.rs", "-o", "program"])?;
    let (header, _, captures) = LESSONS[0];
    for capture in captures {
        let own = printed(&workshop, "program", capture)?;
        assert_eq!(own, printed(&workshop, &root(header), capture)?, "{capture}");
    }
    Ok(())
}

fn against() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write(
        "proto.h",
        "#include <stdint.h>
struct msg { uint8_t name[11]; uint32_t math; };
struct same { uint32_t a; };
struct unused { int b; };\n",
    );
    let source = "#include <stdint.h>
struct msg { uint8_t name[11]; int32_t math; uint16_t more; } __attribute__((packed)) msg;
struct same { uint32_t a; } same;\n";
    workshop.compile(&["gcc", "-g", "-c"], source, "program.o")?;
    let layout = |arguments: &[&str]| {
        wirereel(&workshop, &[&["layout", "program.o", "--against", "proto.h"], arguments].concat())
    };
    let text = layout(&[])?;
    let (out, err) = (String::from_utf8(text.stdout)?, String::from_utf8(text.stderr)?);
    let expected = "msg: differs
    (whole)  program.o: struct at 0, 17 bytes; proto.h: struct at 0, 16 bytes  (size)
    math     program.o: int32_t at 11, 4 bytes; proto.h: uint32_t at 12, 4 bytes  (offset, type)
    more     only in program.o: uint16_t at 15, 2 bytes
same: the same\n";
    assert_eq!(out, expected);
    assert_eq!(err, "wirereel: not in program.o: unused\n");
    assert_eq!(text.status.code(), Some(1));
    let same = layout(&["same"])?;
    assert_eq!(
        (String::from_utf8(same.stdout)?.as_str(), same.status.code()),
        ("same: the same\n", Some(0))
    );
    let json = String::from_utf8(layout(&["-T", "json"])?.stdout)?;
    let objects: Result<Vec<serde_json::Value>, _> =
        json.lines().map(serde_json::from_str).collect();
    let objects = objects?;
    assert_eq!(objects[0]["differences"][1]["differs"], serde_json::json!(["offset", "type"]));
    assert_eq!(objects[1]["differences"], serde_json::json!([]));
    let refused = layout(&["--abi", "i386"])?;
    assert_eq!(refused.status.code(), Some(2));
    Ok(())
}
