//! What a compiler says of records that headers declare: one object file, whose section is read.
//!
//! Sizes, alignments and offsets stand in it as constants, and behind them each bit-field as its
//! record with all bits of this field set and no other. Nothing is run, so that any cross compiler
//! will do.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use wirereel::schema::{Abi, ByteOrder, Layout};

use super::places::{self, Place};

/// What a header is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    C,
    /// Bit-fields are not asked about: their records may have no initialiser.
    CPlusPlus,
}

/// A compiler that makes object files, and what takes these apart.
pub struct Prober {
    pub abi: Abi,
    /// Program and arguments.
    pub command: &'static [&'static str],
    pub objcopy: &'static str,
    pub language: Language,
}

/// A record as the library lays it out.
pub struct Asked {
    /// `struct m0`.
    pub name: String,
    pub layout: Layout,
}

const SECTION: &str = ".wirereel";

/// A record in which a bit-field is set may be so long, bytes.
const MAX_PATTERN: u64 = 1 << 16;

impl Prober {
    /// What this machine lacks to use it.
    pub fn missing(&self) -> Option<String> {
        let programs = [self.command[0], self.objcopy];
        let absent = programs.into_iter().find(|program| {
            let run = Command::new(program).arg("--version").stdout(Stdio::null()).status();
            !run.is_ok_and(|status| status.success())
        });
        absent.map(|program| format!("needs {program}"))
    }

    /// The call of the compiler.
    pub fn compiler(&self) -> Command {
        let mut command = Command::new(self.command[0]);
        command.args(&self.command[1..]).stdin(Stdio::null());
        command
    }

    /// Whether it takes a header by itself.
    pub fn takes(&self, header: &Path) -> bool {
        let mut command = self.compiler();
        let call = command.args(["-fsyntax-only", "-w", "-x", self.language.name()]).arg(header);
        call.stderr(Stdio::null()).status().is_ok_and(|it| it.success())
    }

    /// Where the library and the compiler differ, a line each. `header` is the text that declares the
    /// records; `folder` takes the files.
    ///
    /// # Errors
    /// The compiler's first messages, where it takes the header or the question not.
    pub fn differences(
        &self,
        header: &str,
        asked: &[Asked],
        folder: &Path,
    ) -> Result<Vec<String>, String> {
        let questions: Vec<Question> =
            asked.iter().map(|it| Question::new(it, self.language)).collect();
        let bytes = self.section(&source(header, &questions), folder)?;
        let numbers: usize = questions.iter().map(|it| it.numbers.len()).sum();
        let (words, mut patterns) = bytes.split_at_checked(numbers * 8).ok_or("short section")?;
        let mut words = words.as_chunks::<8>().0.iter().map(|it| match self.abi.byte_order() {
            ByteOrder::Little => u64::from_le_bytes(*it),
            ByteOrder::Big => u64::from_be_bytes(*it),
        });
        let mut differences = Vec::new();
        for it in &questions {
            for (what, ours) in &it.numbers {
                let theirs = words.next().ok_or("short section")?;
                if theirs != *ours {
                    differences.push(format!("{what}: {ours}, but the compiler: {theirs}"));
                }
            }
        }
        for (it, path, bits) in questions.iter().flat_map(Question::patterns) {
            let (theirs, rest) =
                patterns.split_at_checked(it.size as usize).ok_or("short section")?;
            patterns = rest;
            let ours = places::pattern(it.size, bits, self.abi);
            if ours != theirs {
                differences.push(format!("{}.{path}: other bits: {bits:?}", it.name));
            }
        }
        Ok(differences)
    }

    fn section(&self, source: &str, folder: &Path) -> Result<Vec<u8>, String> {
        let at = |name: &str| folder.join(name);
        std::fs::write(at("probe.c"), source).map_err(|it| it.to_string())?;
        let mut compiler = self.compiler();
        let compiler =
            compiler.args(["-w", "-c", "-x", self.language.name()]).arg(at("probe.c")).arg("-o");
        run(compiler.arg(at("probe.o")))?;
        let mut objcopy = Command::new(self.objcopy);
        let objcopy = objcopy.args(["-O", "binary", "--only-section", SECTION]);
        run(objcopy.arg(at("probe.o")).arg(at("probe.bin")))?;
        std::fs::read(at("probe.bin")).map_err(|it| it.to_string())
    }
}

impl Language {
    /// As `-x` has it.
    fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::CPlusPlus => "c++",
        }
    }
}

struct Question {
    name: String,
    size: u64,
    /// A constant expression, and what the library says that it is.
    numbers: Vec<(String, u64)>,
    bit_fields: HashMap<usize, (String, (u64, u32))>,
}

impl Question {
    fn new(asked: &Asked, language: Language) -> Self {
        let Asked { name, layout } = asked;
        let mut numbers = vec![
            (format!("sizeof({name})"), layout.size),
            (format!("__alignof__({name})"), layout.align),
        ];
        let mut bit_fields = HashMap::new();
        for (index, Place { path, offset, size, bits, .. }) in
            places::places(layout).into_iter().enumerate()
        {
            // Complex numbers and vectors lie like arrays, and are none.
            if path.ends_with(']') {
                continue;
            }
            if let Some(bits) = bits {
                if layout.size <= MAX_PATTERN && language == Language::C {
                    bit_fields.insert(index, (path, bits));
                }
                continue;
            }
            let member = format!("(({name} *)0)->{path}");
            numbers.push((format!("__builtin_offsetof({name}, {path})"), offset));
            numbers.extend(size.map(|size| (format!("sizeof({member})"), size)));
        }
        Self { name: name.clone(), size: layout.size, numbers, bit_fields }
    }

    /// The bit-fields in their order.
    fn patterns(&self) -> Vec<(&Self, &str, (u64, u32))> {
        let mut all: Vec<_> = self.bit_fields.iter().collect();
        all.sort_by_key(|it| it.0);
        all.into_iter().map(|(_, (path, bits))| (self, path.as_str(), *bits)).collect()
    }
}

/// The header, and behind it one object in a section of its own.
fn source(header: &str, questions: &[Question]) -> String {
    let numbers: Vec<_> = questions.iter().flat_map(|it| &it.numbers).map(|it| &*it.0).collect();
    let mut members = format!("unsigned long long numbers[{}];\n", numbers.len().max(1));
    let mut values = format!("{{ {} }},\n", numbers.join(",\n"));
    for (index, (it, path, _)) in questions.iter().flat_map(Question::patterns).enumerate() {
        let _ = writeln!(members, "{} b{index};", it.name);
        let _ = writeln!(values, "{{ .{path} = -1 }},");
    }
    // Some headers define the names of members as macros, which are written out in the paths.
    let paths = questions.iter().flat_map(|it| it.numbers.iter().map(|it| &it.0));
    let paths = paths
        .map(String::as_str)
        .chain(questions.iter().flat_map(Question::patterns).map(|it| it.1));
    let mut words: Vec<&str> =
        paths.flat_map(|it| it.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    words.sort_unstable();
    words.dedup();
    let words =
        words.into_iter().filter(|it| it.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let plain: String = words.map(|it| format!("#undef {it}\n")).collect();
    format!(
        "{header}\n{plain}const struct {{\n{members}}} __attribute__((packed)) wirereel_probe \
         __attribute__((section(\"{SECTION}\"), used)) = {{\n{values}}};\n"
    )
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().filter(|it| it.contains("error")).take(3).collect::<Vec<_>>().join("; "))
}
