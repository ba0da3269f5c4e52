//! Random declarations, compiled with debug data of every kind: what the program says of their
//! layout is what their header says, and what pahole prints.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use wirereel::schema::{
    self, Abi, ByteOrder, Layout, LoadOptions, Reading, RecordDef, ResolvedLayout, Schema,
};

use super::building::{Workshop, missing};
use crate::generator::random::Random;
use crate::generator::{Effort, declaration};
use crate::trial;

/// What stands before a header: the platform's types.
const PRELUDE: &str = "#include <stddef.h>\n#include <stdint.h>\n\
    typedef ptrdiff_t ssize_t;\ntypedef long off_t;\ntypedef long time_t;\n\
    typedef uint16_t __be16, __le16;\ntypedef uint32_t __be32, __le32;\n\
    typedef uint64_t __be64, __le64;\n";

/// A compiler, the ABI of its programs, and how it is told to keep debug data.
struct Kind {
    name: &'static str,
    command: &'static [&'static str],
    abi: Abi,
}

const fn kind(name: &'static str, command: &'static [&'static str], abi: Abi) -> Kind {
    Kind { name, command, abi }
}

const KINDS: [Kind; 16] = [
    kind("gcc", &["gcc", "-g"], Abi::X86_64),
    kind("gcc_dwarf_4", &["gcc", "-gdwarf-4"], Abi::X86_64),
    kind("gcc_dwarf_3", &["gcc", "-gdwarf-3", "-gstrict-dwarf"], Abi::X86_64),
    kind("gcc_zlib", &["gcc", "-g", "-gz=zlib"], Abi::X86_64),
    kind("gcc_type_units", &["gcc", "-g", "-fdebug-types-section"], Abi::X86_64),
    kind("gcc_type_units_4", &["gcc", "-gdwarf-4", "-fdebug-types-section"], Abi::X86_64),
    kind("gcc_split", &["gcc", "-g", "-gsplit-dwarf"], Abi::X86_64),
    kind("gcc_split_4", &["gcc", "-gdwarf-4", "-gsplit-dwarf"], Abi::X86_64),
    kind("clang", &["clang", "-g"], Abi::X86_64),
    kind("clang_dwarf_4", &["clang", "-gdwarf-4"], Abi::X86_64),
    kind("clang_split", &["clang", "-g", "-gsplit-dwarf"], Abi::X86_64),
    kind("i386", &["i686-linux-gnu-gcc", "-g"], Abi::I386),
    kind("s390x", &["s390x-linux-gnu-gcc", "-g"], Abi::S390x),
    kind("s390x_dwarf_3", &["s390x-linux-gnu-gcc", "-gdwarf-3", "-gstrict-dwarf"], Abi::S390x),
    kind("aarch64", &["aarch64-linux-gnu-gcc", "-g"], Abi::Aarch64),
    kind("arm", &["clang", "-target", "armv7-linux-gnueabihf", "-g"], Abi::Arm),
];

/// Machines that no header is laid out for: clang, and what is known of them.
const OTHERS: [(&str, Abi); 6] = [
    ("riscv64-linux-gnu", Abi::Lp64Little),
    ("powerpc64-linux-gnu", Abi::Lp64Big),
    ("powerpc64le-linux-gnu", Abi::Lp64Little),
    ("mips-linux-gnu", Abi::Ilp32Big),
    ("mipsel-linux-gnu", Abi::Ilp32Little),
    ("powerpc-linux-gnu", Abi::Ilp32Big),
];

pub fn trials() -> Vec<Trial> {
    let of_kind = |it: &'static Kind| {
        let name = format!("programs::layouts_of_{}_equal_the_headers", it.name);
        trial::unless(missing(&it.command[..1]), name, || equal_the_headers(it))
    };
    let mut trials: Vec<_> = KINDS.iter().map(of_kind).collect();
    let packages = [
        trial::unless(missing(&["gcc", "objcopy"]), "programs::zstd_sections_are_read", zstd),
        trial::unless(
            missing(&["gcc", "llvm-dwp"]),
            "programs::a_package_of_split_units_is_read",
            package,
        ),
        trial::unless(
            missing(&["gcc"]),
            "programs::split_units_that_are_not_there_are_named",
            absent,
        ),
        trial::unless(missing(&["gcc", "pahole"]), "programs::btf_has_the_headers_layouts", btf),
        trial::unless(missing(&["clang"]), "programs::machines_without_an_abi_are_read", others),
    ];
    trials.extend(packages);
    trials
}

/// A source whose every message is a variable, and its header.
pub fn source(abi: Abi) -> (String, Schema) {
    let effort = Effort::from_env(150);
    let mut random = Random::new(effort.seed);
    let header = declaration::header(&mut random, effort.cases, abi.pointer_size() == 8);
    let schema = Schema::parse("random.h", &header.text, &LoadOptions::default());
    let variable = |(at, it): (usize, &std::sync::Arc<RecordDef>)| {
        format!("{} variable_{at};\n", it.heading())
    };
    let variables: String = header.records.iter().enumerate().map(variable).collect();
    (format!("{PRELUDE}{}{variables}", header.text), schema)
}

fn equal_the_headers(kind: &Kind) -> Result<(), Failed> {
    let (text, header) = source(kind.abi);
    let workshop = Workshop::new();
    let command = [kind.command, &["-std=gnu11", "-ffreestanding", "-c"]].concat();
    let program = workshop.compile(&command, &text, "program.o")?;
    compare(&program, &header, kind.abi)
}

/// Every message of the header is in the program, and lies the same.
fn compare(program: &Path, header: &Schema, abi: Abi) -> Result<(), Failed> {
    let found = schema::load(program, &LoadOptions::default())?;
    if found.abi != Some(abi) || !found.diagnostics.is_empty() {
        return Err(format!("{:?} {:?}", found.abi, found.diagnostics).into());
    }
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (name, record) in header.records().filter(|it| it.0.starts_with('m')) {
        compared += 1;
        let Some(own) = found.record(name) else {
            wrong.push(format!("no {name}"));
            continue;
        };
        let (own, other) = (resolved(own, name, abi)?, resolved(record, name, abi)?);
        wrong.extend(own.differences(&other).iter().map(|it| format!("{name}: {it:?}")));
    }
    if compared == 0 {
        return Err("nothing was compared".into());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn resolved(record: &RecordDef, name: &str, abi: Abi) -> Result<ResolvedLayout, Failed> {
    let reading = Reading::plain(ByteOrder::Big, abi.byte_order());
    Ok(Layout::of(record, name, abi)?.resolve(&reading)?)
}

fn built(options: &[&str], to: &str) -> Result<(Workshop, PathBuf, Schema), Failed> {
    let (text, header) = source(Abi::X86_64);
    let workshop = Workshop::new();
    let text = format!("{text}int main(void) {{ return 0; }}\n");
    let command = [&["gcc", "-std=gnu11"], options].concat();
    let program = workshop.compile(&command, &text, to)?;
    Ok((workshop, program, header))
}

fn zstd() -> Result<(), Failed> {
    let (workshop, _, header) = built(&["-g"], "plain")?;
    let option = "--compress-debug-sections=zstd";
    if let Err(error) = workshop.run(&["objcopy", option, "plain", "program"]) {
        // Older binutils do not know it.
        eprintln!("skipped: {error}");
        return Ok(());
    }
    compare(&workshop.path("program"), &header, Abi::X86_64)
}

fn package() -> Result<(), Failed> {
    for options in [&["-g"][..], &["-gdwarf-4"]] {
        let (workshop, program, header) =
            built(&[options, &["-gsplit-dwarf"]].concat(), "program")?;
        workshop.run(&["llvm-dwp", "-e", "program", "-o", "program.dwp"])?;
        for file in std::fs::read_dir(workshop.folder())? {
            let file = file?.path();
            if file.extension().is_some_and(|it| it == "dwo") {
                std::fs::remove_file(file)?;
            }
        }
        compare(&program, &header, Abi::X86_64)?;
    }
    Ok(())
}

fn absent() -> Result<(), Failed> {
    let workshop = Workshop::new();
    let text = "struct msg { int a; } msg; int main(void) { return 0; }";
    let program = workshop.compile(&["gcc", "-g", "-gsplit-dwarf"], text, "program")?;
    let dwo = std::fs::read_dir(workshop.folder())?
        .filter_map(Result::ok)
        .map(|it| it.path())
        .find(|it| it.extension().is_some_and(|it| it == "dwo"))
        .ok_or("no .dwo")?;
    assert!(schema::load(&program, &LoadOptions::default())?.record("msg").is_some());
    std::fs::remove_file(&dwo)?;
    let error = schema::load(&program, &LoadOptions::default()).unwrap_err().to_string();
    let name = dwo.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    if !error.contains(&name) || !error.contains("not there") {
        return Err(error.into());
    }
    // Of another build, it would say what was there before.
    let other = "struct msg { int a, b; } msg; int main(void) { return 1; }";
    let kept = std::fs::read(&program)?;
    workshop.compile(&["gcc", "-g", "-gsplit-dwarf"], other, "program")?;
    std::fs::write(&program, kept)?;
    let error = schema::load(&program, &LoadOptions::default()).unwrap_err().to_string();
    if error.contains("another build") { Ok(()) } else { Err(error.into()) }
}

/// BTF knows no alignment of members and no `[0]`, yet every place is the same.
fn btf() -> Result<(), Failed> {
    let (workshop, program, header) = built(&["-g"], "program")?;
    workshop.run(&["pahole", "-J", "program"])?;
    workshop.run(&["objcopy", "--strip-debug", "program", "stripped"])?;
    let found = schema::load(&workshop.path("stripped"), &LoadOptions::default())?;
    let known = schema::load(&program, &LoadOptions::default())?;
    let mut compared = 0;
    for (name, _) in header.records().filter(|it| it.0.starts_with('m')) {
        let (Some(own), Some(other)) = (found.record(name), known.record(name)) else {
            return Err(format!("no {name}").into());
        };
        let own = Layout::of(own, name, Abi::X86_64)?;
        let other = Layout::of(other, name, Abi::X86_64)?;
        let places = |it: &Layout| -> Vec<_> {
            it.fields.iter().map(|it| (it.name.clone(), it.offset, it.bits)).collect()
        };
        if (own.size, places(&own)) != (other.size, places(&other)) {
            return Err(format!("{name}: {own:#?}\n{other:#?}").into());
        }
        compared += 1;
    }
    if compared > 0 { Ok(()) } else { Err("nothing was compared".into()) }
}

/// What clang puts where on a machine of another kind, it says itself.
fn others() -> Result<(), Failed> {
    let text = "#include <stdint.h>\n\
        struct msg { uint8_t a; uint64_t b; void *p; unsigned x:3, y:13; long l; char t[5]; };\n\
        struct packed { uint8_t a; uint32_t b; } __attribute__((packed));\n\
        struct msg msg; struct packed packed;\n\
        const unsigned sizes[] = { sizeof msg, sizeof packed };\n";
    let members = ["b", "p", "l", "t"];
    let mut probe = text.to_owned();
    for member in members {
        let assert = format!("_Static_assert(__builtin_offsetof(struct msg, {member}) == ");
        probe.push_str(&format!("{assert}OFFSET_{member}, \"\");\n"));
    }
    probe.push_str("_Static_assert(sizeof(struct msg) == SIZE, \"\");\n");
    for (target, abi) in OTHERS {
        let workshop = Workshop::new();
        let clang = ["clang", "-target", target, "-ffreestanding", "-c"];
        let program = workshop.compile(&[&clang[..], &["-g"]].concat(), text, "program.o")?;
        let found = schema::load(&program, &LoadOptions::default())?;
        assert_eq!(found.abi, Some(abi), "{target}");
        let record = found.record("msg").ok_or("no msg")?;
        let layout = Layout::of(record, "msg", abi)?;
        let mut options = vec![format!("-DSIZE={}", layout.size)];
        for member in members {
            let field = layout.fields.iter().find(|it| it.name.as_deref() == Some(member));
            options.push(format!("-DOFFSET_{member}={}", field.ok_or("no member")?.offset));
        }
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        workshop.compile(&[&clang[..], &options].concat(), &probe, "probe.o")?;
        let packed = found.record("packed").ok_or("no packed")?;
        assert!(packed.packed, "{target}");
    }
    Ok(())
}
