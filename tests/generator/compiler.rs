//! The compilers that serve as oracle, one for each ABI: gcc's programs are run, of clang's the
//! assembly is read.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use wirereel::schema::Abi;

use super::places::{self, Place};

/// A compiler for one ABI.
pub struct Compiler {
    pub abi: Abi,
    /// Program and arguments.
    command: &'static [&'static str],
    way: Way,
    /// Definitions before a header.
    prelude: &'static str,
}

enum Way {
    /// The program runs, where need be under an emulator.
    Run(&'static [&'static str]),
    /// Constants are read from the assembly.
    Assembly,
}

const HOSTED: &str = "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n\
    #include <string.h>\n#include <sys/types.h>\n#include <time.h>\n#include <wchar.h>\n";
const FREESTANDING: &str = "#include <stddef.h>\n#include <stdint.h>\n\
    typedef ptrdiff_t ssize_t;\ntypedef long off_t;\ntypedef long time_t;\n";
const MICROSOFT: &str = "#include <stddef.h>\n#include <stdint.h>\n\
    typedef ptrdiff_t ssize_t;\ntypedef long off_t;\ntypedef long long time_t;\n";
const ORDERED: &str = "typedef uint16_t __be16, __le16;\ntypedef uint32_t __be32, __le32;\n\
    typedef uint64_t __be64, __le64;\n";

/// One for each ABI.
pub static COMPILERS: [Compiler; 6] = [
    Compiler { abi: Abi::X86_64, command: &["gcc"], way: Way::Run(&[]), prelude: HOSTED },
    Compiler {
        abi: Abi::I386,
        command: &["i686-linux-gnu-gcc", "-static"],
        way: Way::Run(&[]),
        prelude: HOSTED,
    },
    Compiler {
        abi: Abi::S390x,
        command: &["s390x-linux-gnu-gcc", "-static"],
        way: Way::Run(&["qemu-s390x"]),
        prelude: HOSTED,
    },
    Compiler {
        abi: Abi::Win64,
        command: &["clang", "-target", "x86_64-pc-windows-msvc"],
        way: Way::Assembly,
        prelude: MICROSOFT,
    },
    Compiler {
        abi: Abi::Arm,
        command: &["clang", "-target", "armv7-linux-gnueabihf"],
        way: Way::Assembly,
        prelude: FREESTANDING,
    },
    Compiler {
        abi: Abi::Aarch64,
        command: &["clang", "-target", "aarch64-linux-gnu"],
        way: Way::Assembly,
        prelude: FREESTANDING,
    },
];

/// What is asked about one record.
pub struct Question {
    /// `struct m0`.
    name: String,
    /// Constant expressions.
    numbers: Vec<String>,
    /// Bit-fields.
    bit_fields: Vec<String>,
}

/// What a compiler says, or the library, in the question's order.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    pub numbers: Vec<u64>,
    /// The record when all bits of a bit-field are set and no other.
    pub patterns: Vec<Vec<u8>>,
}

impl Question {
    /// Asks for everything that `places` says of the record `name`.
    pub fn new(name: &str, places: &[Place]) -> Self {
        let mut numbers = vec![format!("sizeof({name})"), format!("_Alignof({name})")];
        let mut bit_fields = Vec::new();
        for Place { path, size, signed, bits, .. } in places {
            if bits.is_some() {
                bit_fields.push(path.clone());
                continue;
            }
            let member = format!("(({name} *)0)->{path}");
            numbers.push(format!("__builtin_offsetof({name}, {path})"));
            numbers.extend(size.map(|_| format!("sizeof({member})")));
            let negative = |_| format!("(__typeof__({member}))-1 < (__typeof__({member}))1");
            numbers.extend(signed.map(negative));
        }
        Self { name: name.to_owned(), numbers, bit_fields }
    }

    /// The two answers' first difference.
    pub fn difference(&self, ours: &Answer, theirs: &Answer) -> Option<String> {
        let numbers = self.numbers.iter().zip(&ours.numbers).zip(&theirs.numbers);
        let patterns = self.bit_fields.iter().zip(&ours.patterns).zip(&theirs.patterns);
        let number = numbers.into_iter().find(|((_, ours), theirs)| ours != theirs);
        let pattern = patterns.into_iter().find(|((_, ours), theirs)| ours != theirs);
        let name = &self.name;
        match (number, pattern) {
            (Some(((what, ours), theirs)), _) => {
                Some(format!("{what}: the library says {ours}, the compiler {theirs}"))
            }
            (None, Some(((what, ours), theirs))) => {
                Some(format!("{name}, {what}: the library says {ours:?}, the compiler {theirs:?}"))
            }
            (None, None) if ours == theirs => None,
            (None, None) => Some(format!("{name}: {ours:?} against {theirs:?}")),
        }
    }
}

impl Answer {
    /// What the library says.
    pub fn of(size: u64, align: u64, found: &[Place], abi: Abi) -> Self {
        let mut numbers = vec![size, align];
        let mut patterns = Vec::new();
        for place in found {
            if let Some(bits) = place.bits {
                patterns.push(places::pattern(size, bits, abi));
                continue;
            }
            numbers.push(place.offset);
            numbers.extend(place.size);
            numbers.extend(place.signed.map(u64::from));
        }
        Self { numbers, patterns }
    }
}

impl Compiler {
    /// What this machine lacks to use it.
    pub fn missing(&self) -> Option<String> {
        let emulator = match self.way {
            Way::Run(emulator) => emulator,
            Way::Assembly => &[],
        };
        let mut programs = self.command.iter().take(1).chain(emulator);
        let absent = programs.find(|program| {
            let run = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            !run.is_ok_and(|status| status.success())
        });
        absent.map(|program| format!("no {program}"))
    }

    /// Whether its programs can be run.
    pub fn runs(&self) -> bool {
        matches!(self.way, Way::Run(_))
    }

    /// What it says of `header`. The source stays below the target folder as `name`.
    pub fn ask(&self, name: &str, header: &str, questions: &[Question]) -> Vec<Answer> {
        match self.way {
            Way::Run(_) => parse_lines(&self.run(name, header, &printing(questions))),
            Way::Assembly => {
                let constants: String =
                    questions.iter().enumerate().map(|(at, it)| it.constants(at)).collect();
                let source = format!("{}{ORDERED}{header}\n{constants}", self.prelude);
                let arguments = ["-S", "-ffreestanding", "-o", "-"];
                parse_assembly(&self.compile(name, &source, &arguments), questions.len())
            }
        }
    }

    /// Compiles a program whose `main` has `body`, runs it, and gives what it prints.
    pub fn run(&self, name: &str, header: &str, body: &str) -> String {
        let Way::Run(emulator) = self.way else { panic!("{} cannot be run here", self.abi) };
        let program = folder().join(format!("{name}-{}", self.abi));
        let source = format!("{}{ORDERED}{header}\n{DUMP}{body}", self.prelude);
        self.compile(name, &source, &["-O0", "-o", &program.to_string_lossy()]);
        let mut command = match emulator {
            [] => Command::new(&program),
            [emulator, ..] => {
                let mut command = Command::new(emulator);
                command.arg(&program);
                command
            }
        };
        output(&mut command)
    }

    fn compile(&self, name: &str, source: &str, arguments: &[&str]) -> String {
        let path = folder().join(format!("{name}-{}.c", self.abi));
        std::fs::write(&path, source).expect("writing a source file");
        let (program, target) = self.command.split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(target).args(["-std=gnu11", "-w"]).arg(&path).args(arguments);
        output(&mut command)
    }
}

const DUMP: &str = "static void dump(const void *at, size_t len) {\n\
    for (size_t i = 0; i < len; i++) printf(\"%02x\", ((const unsigned char *)at)[i]);\n\
    printf(\"\\n\");\n}\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors: Vec<u8> = output.stderr.into_iter().take(4000).collect();
    let errors = String::from_utf8_lossy(&errors);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program that prints a line `n` of numbers for each record, and a line of hex for each of its
/// bit-fields.
fn printing(questions: &[Question]) -> String {
    let mut text = String::new();
    for (index, Question { name, numbers, bit_fields }) in questions.iter().enumerate() {
        let _ = writeln!(text, "static void ask_{index}(void) {{\n  printf(\"n\");");
        for number in numbers {
            let _ = writeln!(text, "  printf(\" %llu\", (unsigned long long)({number}));");
        }
        let _ = writeln!(text, "  printf(\"\\n\");");
        for path in bit_fields {
            let _ = writeln!(
                text,
                "  {{ {name} it; memset(&it, 0, sizeof it); it.{path} = -1; dump(&it, sizeof it); }}"
            );
        }
        text.push_str("}\n");
    }
    text.push_str("int main(void) {\n");
    for index in 0..questions.len() {
        let _ = writeln!(text, "  ask_{index}();");
    }
    text.push_str("}\n");
    text
}

fn parse_lines(text: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for line in text.lines() {
        if let Some(numbers) = line.strip_prefix('n') {
            let numbers = numbers.split_whitespace().map(|it| it.parse().expect("a number"));
            answers.push(Answer { numbers: numbers.collect(), patterns: Vec::new() });
        } else {
            answers.last_mut().expect("numbers first").patterns.push(from_hex(line));
        }
    }
    answers
}

/// The bytes that hexadecimal digits name.
pub fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

impl Question {
    /// The same as constants: `n_0`, and `b_0_0`, `b_0_1` for the bit-fields.
    fn constants(&self, index: usize) -> String {
        let numbers = self.numbers.join(", ");
        let mut text = format!("const unsigned long long n_{index}[] = {{ {numbers} }};\n");
        for (at, path) in self.bit_fields.iter().enumerate() {
            let _ = writeln!(text, "const {} b_{index}_{at} = {{ .{path} = -1 }};", self.name);
        }
        text
    }
}

/// Reads the constants of [`Question::constants`] from assembly for a little-endian target.
fn parse_assembly(text: &str, questions: usize) -> Vec<Answer> {
    let mut answers: Vec<Answer> = (0..questions).map(|_| Answer::default()).collect();
    let mut label = String::new();
    let mut bytes = Vec::new();
    for line in text.lines() {
        let words = line.trim().split_once(char::is_whitespace);
        match (line.split_once(':'), words) {
            (Some((name, _)), _) if name.starts_with(['n', 'b']) => {
                store(&mut answers, &label, &bytes);
                bytes.clear();
                label = name.to_owned();
            }
            (_, Some((directive, operand))) => data(directive, operand, &mut bytes),
            _ => {}
        }
    }
    store(&mut answers, &label, &bytes);
    answers
}

fn store(answers: &mut [Answer], label: &str, bytes: &[u8]) {
    let mut parts = label.split('_');
    let kind = parts.next();
    let Some(index) = parts.next().and_then(|it| it.parse::<usize>().ok()) else { return };
    match kind {
        Some("n") => {
            let numbers = bytes.as_chunks().0.iter().map(|it| u64::from_le_bytes(*it));
            answers[index].numbers = numbers.collect();
        }
        _ => answers[index].patterns.push(bytes.to_vec()),
    }
}

fn data(directive: &str, operand: &str, bytes: &mut Vec<u8>) {
    let width = match directive {
        ".byte" => 1,
        ".short" | ".hword" | ".2byte" => 2,
        ".long" | ".word" | ".4byte" => 4,
        ".quad" | ".xword" | ".8byte" => 8,
        ".zero" => {
            let operand = operand.split([' ', '\t', ',']).next().expect("a length");
            bytes.resize(bytes.len() + operand.parse::<usize>().expect("a length"), 0);
            return;
        }
        ".ascii" | ".asciz" => {
            bytes.extend(unquote(operand));
            bytes.extend((directive == ".asciz").then_some(0));
            return;
        }
        _ => return,
    };
    let operand = operand.split([' ', '\t']).next().expect("a number");
    let value = match operand.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16),
        None => operand.parse(),
    };
    let value = value.expect("a number");
    bytes.extend_from_slice(&value.to_le_bytes()[..width]);
}

/// The bytes of an assembler's string.
fn unquote(operand: &str) -> Vec<u8> {
    let inner = operand.trim().trim_start_matches('"').strip_suffix('"').expect("a string");
    let mut bytes = Vec::new();
    let mut rest = inner.as_bytes();
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'\\', [a @ b'0'..=b'7', b, c, tail @ ..]) => {
                let digit = |it: &u8| u32::from(it - b'0');
                let byte = digit(a) * 64 + digit(b) * 8 + digit(c);
                ([bytes, vec![byte as u8]].concat(), tail)
            }
            (b'\\', [escaped, tail @ ..]) => {
                let byte = match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'f' => 12,
                    b'b' => 8,
                    other => *other,
                };
                ([bytes, vec![byte]].concat(), tail)
            }
            _ => ([bytes, vec![*first]].concat(), tail),
        };
    }
    bytes
}
