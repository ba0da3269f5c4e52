//! Programs in languages whose types have the bytes of C's: Rust and C++.

use libtest_mimic::{Failed, Trial};
use wirereel::schema::{self, Abi, Layout, LoadOptions, Schema};

use super::building::{Workshop, missing};
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let cpp = ["g++", "clang++"].map(|compiler| {
        let name = format!("programs::structs_of_cpp_are_read_as_{}_laid_them_out", &compiler[..1]);
        trial::unless(missing(&[compiler]), name, move || cpp(compiler))
    });
    let mut trials =
        vec![trial::unless(missing(&["rustc"]), "programs::structs_of_rust_are_read", rust)];
    trials.extend(cpp);
    trials
}

/// Name, offset, size and type of each member.
fn members(schema: &Schema, name: &str) -> Result<Vec<(String, u64, u64, String)>, Failed> {
    let record = schema.record(name).ok_or_else(|| format!("no {name}"))?;
    let abi = schema.abi.unwrap_or(Abi::X86_64);
    let layout = Layout::of(record, name, abi)?;
    let member = |(declared, field): (&schema::FieldDef, &schema::Field)| {
        let name = field.name.clone().unwrap_or_default();
        (name, field.offset, field.len(), declared.ctype.declare("").trim_end().to_owned())
    };
    Ok(record.placed().zip(&layout.fields).map(member).collect())
}

fn expect(schema: &Schema, name: &str, expected: &[(&str, u64, u64, &str)]) -> Result<(), Failed> {
    let found = members(schema, name)?;
    let found: Vec<_> = found.iter().map(|it| (it.0.as_str(), it.1, it.2, it.3.as_str())).collect();
    if found == expected { Ok(()) } else { Err(format!("{name}: {found:?}").into()) }
}

fn rust() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write(
        "main.rs",
        "
#[repr(C, packed)] #[derive(Clone, Copy)]
pub struct Msg { name: [u8; 11], math: u32, chinese: u32 }
#[repr(u8)] #[derive(Clone, Copy)]
pub enum Kind { A = 1, B = 200 }
#[repr(C)] #[derive(Clone, Copy)]
pub union Either { number: u32, real: f32 }
#[repr(C)] #[derive(Clone, Copy)]
pub struct Head { kind: Kind, on: bool, either: Either, msgs: [Msg; 2], wide: u64 }
fn main() {
    let msg = Msg { name: [1; 11], math: 1, chinese: 2 };
    let kind = if std::env::args().count() > 1 { Kind::B } else { Kind::A };
    let head = Head { kind, on: true, either: Either { number: 1 }, msgs: [msg; 2], wide: 3 };
    println!(\"{}\", head.wide + u64::from({ msg.math }));
}\n",
    );
    workshop.run(&["rustc", "-g", "-A", "warnings", "main.rs", "-o", "program"])?;
    let schema = schema::load(&workshop.path("program"), &LoadOptions::default())?;
    assert_eq!(schema.diagnostics, []);
    let msg = [
        ("name", 0, 11, "unsigned char[11]"),
        ("math", 11, 4, "uint32_t"),
        ("chinese", 15, 4, "uint32_t"),
    ];
    // `declare` puts a dimension behind a name that is not there.
    let msg = msg.map(|it| (it.0, it.1, it.2, if it.1 == 0 { "unsigned char [11]" } else { it.3 }));
    expect(&schema, "Msg", &msg)?;
    let head = [
        ("kind", 0, 1, "enum Kind"),
        ("on", 1, 1, "_Bool"),
        ("either", 4, 4, "union Either"),
        ("msgs", 8, 38, "struct Msg [2]"),
        ("wide", 48, 8, "uint64_t"),
    ];
    expect(&schema, "Head", &head)?;
    // The program's own, not the library's.
    let names: Vec<_> = schema.records().map(|it| it.0).collect();
    assert!(names.contains(&"Msg") && !names.contains(&"String"), "{names:?}");
    Ok(())
}

fn cpp(compiler: &str) -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write("main.cc", "
#include <cstdint>
#include <string>
namespace feed {
enum class Side : uint8_t { Buy = 1, Sell = 2 };
struct [[gnu::packed]] Header { uint16_t length; Side side; uint64_t seq; static int count; int f(); };
struct Part { Part(); int a; char b; };
struct Heir : Part { char c; short d; };
struct Virtual { virtual ~Virtual(); int x; };
struct Diamond : virtual Virtual { int y; };
template<int N> struct Buffer { char data[N]; uint32_t sum; };
}
namespace disk { struct Header { int x; }; }
feed::Part::Part() {}
feed::Virtual::~Virtual() {}
feed::Header header; feed::Heir heir; feed::Virtual *v; feed::Diamond *d; feed::Buffer<6> buffer;
disk::Header other; std::string text;
int use(feed::Virtual *v, feed::Diamond *d) { return v->x + d->y; }
int main() { return 0; }\n");
    workshop.run(&[compiler, "-g", "-std=c++17", "main.cc", "-o", "program"])?;
    let schema = schema::load(&workshop.path("program"), &LoadOptions::default())?;
    assert_eq!(schema.diagnostics, []);
    let header =
        [("length", 0, 2, "uint16_t"), ("side", 2, 1, "enum Side"), ("seq", 3, 8, "uint64_t")];
    expect(&schema, "feed::Header", &header)?;
    expect(&schema, "disk::Header", &[("x", 0, 4, "int")])?;
    // An heir uses the padding of what it inherits.
    let heir = [("", 0, 5, "struct Part"), ("c", 5, 1, "char"), ("d", 6, 2, "short")];
    expect(&schema, "Heir", &heir)?;
    expect(&schema, "Buffer<6>", &[("data", 0, 6, "char [6]"), ("sum", 8, 4, "uint32_t")])?;
    // Where a virtual base is, only the running program knows.
    assert!(schema.record("Diamond").is_none());
    assert!(schema.records().all(|it| !it.0.starts_with("basic_string")));
    Ok(())
}
