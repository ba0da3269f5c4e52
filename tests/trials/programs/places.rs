//! Every struct and union that programs declare, member by member: where it lies, against what pahole
//! prints of the same program.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use wirereel::schema::{self, Abi, Layout, LoadOptions, RecordDef, RecordKind, Schema, Shape};

use super::building::{Workshop, missing};
use super::layouts;
use crate::trial;

/// A compiler, the ABI of its programs, and how many types of the system's headers it writes down at
/// least.
struct Kind {
    name: &'static str,
    command: &'static [&'static str],
    abi: Abi,
    of_system: usize,
}

const fn kind(name: &'static str, command: &'static [&'static str], abi: Abi) -> Kind {
    Kind { name, command, abi, of_system: 300 }
}

const KINDS: [Kind; 4] = [
    kind("gcc", &["gcc"], Abi::X86_64),
    kind("clang", &["clang"], Abi::X86_64),
    kind("i386", &["i686-linux-gnu-gcc"], Abi::I386),
    kind("s390x", &["s390x-linux-gnu-gcc"], Abi::S390x),
];

/// Unused types are written down as well.
const OPTIONS: [&str; 4] = ["-g", "-fno-eliminate-unused-debug-types", "-std=gnu11", "-c"];

/// Headers that every machine has which can compile for Linux.
const HEADERS: [&str; 46] = [
    "aio.h",
    "arpa/inet.h",
    "arpa/nameser.h",
    "arpa/tftp.h",
    "dirent.h",
    "fcntl.h",
    "grp.h",
    "linux/bpf.h",
    "linux/can.h",
    "linux/ethtool.h",
    "linux/fuse.h",
    "linux/if_packet.h",
    "linux/io_uring.h",
    "linux/kvm.h",
    "linux/netlink.h",
    "linux/nl80211.h",
    "linux/perf_event.h",
    "linux/pkt_cls.h",
    "linux/rtnetlink.h",
    "linux/tcp.h",
    "linux/v4l2-controls.h",
    "linux/videodev2.h",
    "mqueue.h",
    "net/ethernet.h",
    "net/if_arp.h",
    "netdb.h",
    "netinet/icmp6.h",
    "netinet/ip.h",
    "netinet/ip6.h",
    "netinet/ip_icmp.h",
    "netinet/udp.h",
    "pthread.h",
    "pwd.h",
    "semaphore.h",
    "signal.h",
    "sys/epoll.h",
    "sys/ipc.h",
    "sys/msg.h",
    "sys/resource.h",
    "sys/sem.h",
    "sys/shm.h",
    "sys/stat.h",
    "sys/sysinfo.h",
    "sys/timex.h",
    "sys/utsname.h",
    "termios.h",
];

pub fn trials() -> Vec<Trial> {
    let of_kind = |it: &'static Kind| {
        let missing = missing(&[it.command[0], "pahole"]);
        let name = |what: &str| format!("programs::{what}_of_{}_lie_where_pahole_says", it.name);
        [
            trial::unless(missing.clone(), name("random_structs"), || random(it)),
            trial::unless(missing, name("structs_of_the_system"), || of_the_system(it)),
        ]
    };
    KINDS.iter().flat_map(of_kind).collect()
}

fn random(kind: &Kind) -> Result<(), Failed> {
    let (text, _) = layouts::source(kind.abi);
    let workshop = Workshop::new();
    let program = workshop.compile(
        &[kind.command, &OPTIONS, &["-ffreestanding"]].concat(),
        &text,
        "program.o",
    )?;
    let compared = compare(&program, kind.abi)?;
    if compared > 100 { Ok(()) } else { Err(format!("{compared} were compared").into()) }
}

fn of_the_system(kind: &Kind) -> Result<(), Failed> {
    let includes: String = HEADERS.iter().map(|it| format!("#include <{it}>\n")).collect();
    let text = format!("#define _GNU_SOURCE\n{includes}int used;\n");
    let workshop = Workshop::new();
    let program = workshop.compile(&[kind.command, &OPTIONS].concat(), &text, "program.o")?;
    let compared = compare(&program, kind.abi)?;
    println!("{}: {compared} types of the system's headers lie where pahole says", kind.name);
    if compared > kind.of_system { Ok(()) } else { Err(format!("{compared} were compared").into()) }
}

/// Name, first bit, and width in bits; of what is no bit-field, in bytes.
type Member = (Option<String>, u64, u64);

/// A type's members, and the bytes of a struct: pahole has no line for those of a union.
#[derive(Debug, Default, PartialEq)]
struct Places {
    size: Option<u64>,
    members: Vec<Member>,
}

/// How many types were compared; which differ.
fn compare(program: &Path, abi: Abi) -> Result<usize, Failed> {
    let schema = schema::load(program, &LoadOptions::default())?;
    if schema.abi != Some(abi) || !schema.diagnostics.is_empty() {
        return Err(format!("{:?} {:?}", schema.abi, schema.diagnostics).into());
    }
    let ours = ours(&schema, abi)?;
    let names: Vec<_> = ours.keys().map(String::as_str).collect();
    let theirs = theirs(program, &names)?;
    let mut wrong = Vec::new();
    for (name, own) in &ours {
        match theirs.get(name) {
            Some(other) if other == own => {}
            other => wrong.push(format!("{name}: {own:?}\n  pahole: {other:?}")),
        }
    }
    if wrong.is_empty() { Ok(ours.len()) } else { Err(wrong.join("\n").into()) }
}

/// Where the program's own records put their members. Several of one name are one unit's each, of
/// which pahole knows no name.
fn ours(schema: &Schema, abi: Abi) -> Result<BTreeMap<String, Places>, Failed> {
    let mut all = BTreeMap::new();
    // A union that a typedef alone names is none of pahole's either.
    let is_asked = |it: &RecordDef| it.kind == RecordKind::Struct || !it.typedef;
    let records = schema.records().filter(|it| !it.0.contains(':') && is_asked(it.1));
    for (name, record) in records {
        let layout = Layout::of(record, name, abi)?;
        let member = |it: &schema::Field| match it.bits {
            Some((first, width)) => (it.name.clone(), first, u64::from(width)),
            None => (it.name.clone(), it.offset * 8, len(it)),
        };
        let members = layout.fields.iter().map(member).collect();
        let size = (record.kind == RecordKind::Struct).then_some(layout.size);
        all.insert(name.to_owned(), Places { size, members });
    }
    Ok(all)
}

/// What has only bit-fields without names has no members in debug data, and for pahole no bytes.
fn len(field: &schema::Field) -> u64 {
    match &field.shape {
        Shape::Record(nested) if nested.fields.is_empty() => 0,
        _ => field.len(),
    }
}

fn theirs(program: &Path, names: &[&str]) -> Result<BTreeMap<String, Places>, Failed> {
    let mut all = BTreeMap::new();
    // As many as a command line holds.
    for names in names.chunks(200) {
        let printed =
            Command::new("pahole").arg("-C").arg(names.join(",")).arg(program).output()?;
        all.extend(read(&String::from_utf8(printed.stdout)?));
    }
    Ok(all)
}

/// The types that pahole prints. What belongs to a type itself is one tab in.
fn read(printed: &str) -> BTreeMap<String, Places> {
    let mut all = BTreeMap::new();
    let (mut tag, mut places) = (String::new(), Places::default());
    for line in printed.lines() {
        if let Some(open) = line.strip_suffix(" {").filter(|it| !it.starts_with('\t')) {
            tag = open.rsplit(' ').next().unwrap_or_default().to_owned();
            places = Places::default();
        } else if let Some(close) = line.strip_prefix('}') {
            let close = close.split("__attribute__").next().unwrap_or_default();
            let alias = close.trim_matches([';', ' ']);
            let is_alias = matches!(tag.as_str(), "struct" | "union") && !alias.is_empty();
            let name = if is_alias { alias } else { &tag };
            all.insert(name.to_owned(), std::mem::take(&mut places));
        } else if let Some(size) = line.strip_prefix("\t/* size: ") {
            places.size = size.split(',').next().and_then(|it| it.parse().ok());
        } else if let Some(own) = line.strip_prefix('\t').filter(|it| !it.starts_with('\t')) {
            places.members.extend(member(own));
        }
    }
    all
}

/// `unsigned int  y:13;  /*  20: 3  4 */`, without its tab; what lies around it has none of this.
fn member(line: &str) -> Option<Member> {
    let (declared, place) = line.split_once("/*")?;
    let place = place.split("*/").next()?;
    let declared = without_attributes(declared);
    let declared = declared.trim_end().trim_end_matches(';');
    let bits = declared.rsplit_once(':').and_then(|it| it.1.trim().parse().ok());
    let declared = if bits.is_some() { declared.rsplit_once(':')?.0 } else { declared };
    let name = name_of(declared);
    match (place.split_once(':'), bits) {
        (Some((byte, rest)), Some(width)) => {
            let bit = rest.split_whitespace().next()?;
            Some((name, byte.trim().parse::<u64>().ok()? * 8 + bit.parse::<u64>().ok()?, width))
        }
        _ => {
            let mut words = place.split_whitespace();
            let (offset, size) = (words.next()?.parse::<u64>().ok()?, words.next()?.parse().ok()?);
            Some((name, offset * 8, size))
        }
    }
}

/// `__attribute__((…))` taken out, wherever it stands.
fn without_attributes(declared: &str) -> String {
    let mut text = declared.to_owned();
    while let Some(start) = text.find("__attribute__") {
        let mut depth = 0_i32;
        let close = text[start..].find(|it: char| {
            depth += i32::from(it == '(') - i32::from(it == ')');
            it == ')' && depth == 0
        });
        text.replace_range(start..close.map_or(text.len(), |it| start + it + 1), "");
    }
    text
}

/// The name in a declarator: `int (*fn)(int)`, `char t[3][2]`, `} w`; none of `}`.
fn name_of(declared: &str) -> Option<String> {
    let inner = declared.split_once("(*").map_or(declared, |it| it.1);
    let end = inner.find(['[', ')', '(']).unwrap_or(inner.len());
    let word = inner[..end].trim_end().rsplit([' ', '*', '\t']).next()?;
    let is_name = word.starts_with(|it: char| it.is_alphabetic() || it == '_');
    is_name.then(|| word.to_owned())
}
