//! The holes and sums that the layout report shows, against those of pahole.
//!
//! gcc compiles structs with debug data, pahole prints them. Where either is missing the test is
//! listed as skipped; with `CI=true` it fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use wirereel::output::{LayoutReport, Palette};
use wirereel::schema::{Abi, LoadOptions, RecordDef, RecordKind, Schema};

use crate::generator::random::Random;
use crate::generator::{self, Effort};
use crate::trial;

/// What a report says of a struct's own holes, by the struct's name.
type Said = BTreeMap<String, Vec<String>>;

/// What the compiler needs before a header.
const PRELUDE: &str = "#include <stddef.h>\n#include <stdint.h>\n#include <sys/types.h>
#include <time.h>\n#include <wchar.h>
typedef uint16_t __be16, __le16;\ntypedef uint32_t __be32, __le32;
typedef uint64_t __be64, __le64;\n";

const PLAIN: &str = "\
struct inner { uint32_t a; uint8_t b; };
struct msg { uint8_t n; struct inner i; uint8_t z; };
typedef struct { uint8_t name[11]; uint32_t math; } packet_t;
struct of_typedef { packet_t a; uint8_t b; uint64_t c; packet_t d; };
struct arr { struct inner at[2]; uint8_t k; };
struct with_union { uint8_t t; union { uint32_t a; struct { uint8_t q; uint16_t r; } s; }; uint8_t e; };
struct anonymous { uint8_t t; struct { uint32_t a; uint8_t b; }; uint8_t e; };
struct tail { uint32_t m; uint8_t n; char name[1]; };
struct flexible { uint32_t m; uint8_t n; char name[]; };
struct wide { uint8_t a; uint64_t b; } __attribute__((aligned(32)));
struct packed { uint8_t a; uint32_t b; } __attribute__((packed));
struct of_packed { struct packed p; uint32_t q; };
struct solid { uint32_t a, b; };
";

const BIT_FIELDS: &str = "\
struct holes { unsigned a:3; unsigned b:22; unsigned :0; unsigned c:24; unsigned char x; uint64_t d; unsigned e:9; };
struct no_holes { unsigned a:3; unsigned b:7; unsigned long c:39; };
struct mixed { uint8_t x; uint32_t a:5; uint32_t :0; uint32_t b:20; uint8_t y; };
struct padded { uint32_t a; unsigned b:9; };
struct shared { uint8_t a; uint16_t b:3; uint16_t c:4; uint64_t d:33; uint8_t e; uint32_t f; };
struct both { uint8_t x; unsigned a:5; uint64_t z; };
struct leading { unsigned :3; unsigned a:2; uint16_t b; };
struct packed { uint8_t a; uint32_t b; uint16_t c:3; } __attribute__((packed));
struct of_packed { struct packed p; uint32_t q; };
struct of_padded { struct padded p; uint32_t q; };
struct narrow { uint8_t a:4; uint8_t b:5; uint16_t c:10; uint8_t d; };
";

pub fn trials() -> Vec<Trial> {
    let missing = missing();
    let fixed = |name: &str, header: &'static str| {
        trial::unless(missing.clone(), name, move || agree(header))
    };
    vec![
        fixed("pahole::holes_and_padding_equal_paholes", PLAIN),
        fixed("pahole::holes_among_bit_fields_equal_paholes", BIT_FIELDS),
        trial::unless(missing.clone(), "pahole::holes_of_random_structs_equal_paholes", || {
            agree(&random())
        }),
    ]
}

fn missing() -> Option<String> {
    let absent = ["gcc", "pahole"].into_iter().find(|program| !runs(program))?;
    Some(format!("needs {absent}"))
}

fn runs(program: &str) -> bool {
    let call = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    call.is_ok_and(|it| it.success())
}

fn agree(header: &str) -> Result<(), Failed> {
    let (ours, theirs) = (ours(header)?, theirs(header)?);
    if ours.is_empty() {
        return Err("the header has no struct".into());
    }
    let mut differences = String::new();
    for (name, said) in &ours {
        let known = theirs.get(name);
        if known != Some(said) {
            writeln!(differences, "{name}: {said:#?}, but pahole: {known:#?}")?;
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.into()) }
}

/// What the library says of each struct.
fn ours(header: &str) -> Result<Said, Failed> {
    let schema = Schema::parse("holes.h", header, &LoadOptions::default());
    let mut said = Said::new();
    for (name, record) in schema.records().filter(|it| is_comparable(it.1)) {
        let mut text = Vec::new();
        LayoutReport::new(record, name, Abi::X86_64)?.write_text(Palette::plain(), &mut text)?;
        let text = String::from_utf8(text)?;
        said.insert(name.to_owned(), text.lines().filter_map(|it| remark(it, "    ")).collect());
    }
    Ok(said)
}

/// Not unions, of which pahole says nothing; nor what has a struct of unnamed bit-fields alone: in
/// debug data these have no members, and pahole takes them for empty.
fn is_comparable(record: &RecordDef) -> bool {
    let is_bare =
        |it: &RecordDef| it.fields.iter().all(|it| it.name.is_none() && it.bits.is_some());
    let mut nested = record.fields.iter().filter_map(|it| it.ctype.record());
    record.kind == RecordKind::Struct && !nested.any(is_bare)
}

/// What pahole says of each struct.
fn theirs(header: &str) -> Result<Said, Failed> {
    let dir = tempfile::tempdir()?;
    let (source, object) = (dir.path().join("holes.c"), dir.path().join("holes.o"));
    let names: Vec<_> = ours(header)?.into_keys().collect();
    // Debug data has no more than what is used.
    let schema = Schema::parse("holes.h", header, &LoadOptions::default());
    let mut text = format!("{PRELUDE}{header}");
    for (index, name) in names.iter().enumerate() {
        let typedef = schema.record(name).is_some_and(|it| it.typedef);
        writeln!(text, "{}{name} *used_{index};", if typedef { "" } else { "struct " })?;
    }
    std::fs::write(&source, text)?;
    let mut gcc = Command::new("gcc");
    let compiled = gcc.args(["-w", "-g", "-c"]).arg(&source).arg("-o").arg(&object).output()?;
    if !compiled.status.success() {
        return Err(String::from_utf8_lossy(&compiled.stderr).into_owned().into());
    }
    let printed = Command::new("pahole").arg("-C").arg(names.join(",")).arg(&object).output()?;
    Ok(read(&String::from_utf8(printed.stdout)?))
}

/// The remarks of each struct that pahole prints.
fn read(printed: &str) -> Said {
    let mut said = Said::new();
    let mut remarks = Vec::new();
    let mut tag = String::new();
    for line in printed.lines() {
        if let Some(open) = line.strip_suffix(" {").filter(|it| !it.starts_with('\t')) {
            tag = open.rsplit(' ').next().unwrap_or_default().to_owned();
            remarks.clear();
        } else if let Some(close) = line.strip_prefix('}') {
            let close = close.split("__attribute__").next().unwrap_or_default();
            let alias = close.trim_matches([';', ' ']);
            let name = if tag == "struct" { alias } else { &tag };
            said.insert(name.to_owned(), std::mem::take(&mut remarks));
        } else {
            remarks.extend(remark(line, "\t"));
        }
    }
    said
}

/// What a line says of the struct's own holes, if it does.
fn remark(line: &str, indent: &str) -> Option<String> {
    const KINDS: [&str; 7] = [
        "XXX ",
        "sum members: ",
        "sum bitfield members: ",
        "padding: ",
        "paddings: ",
        "bit_padding: ",
        "BRAIN FART",
    ];
    let text = line.strip_prefix(indent)?.strip_prefix("/* ")?.strip_suffix(" */")?;
    KINDS.iter().any(|kind| text.starts_with(kind)).then(|| text.to_owned())
}

/// Structs of every kind of member.
fn random() -> String {
    let effort = Effort::from_env(150);
    let mut random = Random::new(effort.seed);
    generator::declaration::header(&mut random, effort.cases, true).text
}
