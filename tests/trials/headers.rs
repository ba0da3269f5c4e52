//! The system's own headers, and the constructs of `headers/`: all of them load, and their structs lie as
//! compilers have them.
//!
//! By default a sample of fixed size is tried; `WIREREEL_ALL_HEADERS=1` takes every header that the
//! compiler takes alone. `WIREREEL_SLOWEST` is how long a processor may take to load one,
//! milliseconds: a release build keeps 50.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use wirereel::schema::{Abi, Layout, Level, LoadOptions, Schema};

use crate::generator::places::places;
use crate::generator::probe::{Asked, Language, Prober};
use crate::trial;

/// A compiler, and where its system keeps the headers.
struct System {
    prober: Prober,
    dirs: &'static [&'static str],
    /// How many headers make the sample.
    sample: usize,
}

const NATIVE: &[&str] = &["/usr/include", "/usr/include/x86_64-linux-gnu"];

const SYSTEMS: [System; 5] = [
    system(Abi::X86_64, &["gcc"], "objcopy", NATIVE, 120),
    system(Abi::X86_64, &["clang"], "objcopy", NATIVE, 60),
    system(
        Abi::I386,
        &["i686-linux-gnu-gcc"],
        "i686-linux-gnu-objcopy",
        &["/usr/i686-linux-gnu/include"],
        50,
    ),
    system(
        Abi::S390x,
        &["s390x-linux-gnu-gcc"],
        "s390x-linux-gnu-objcopy",
        &["/usr/s390x-linux-gnu/include"],
        50,
    ),
    system(
        Abi::Aarch64,
        &["aarch64-linux-gnu-gcc"],
        "aarch64-linux-gnu-objcopy",
        &["/usr/aarch64-linux-gnu/include"],
        50,
    ),
];

const fn system(
    abi: Abi,
    command: &'static [&'static str],
    objcopy: &'static str,
    dirs: &'static [&'static str],
    sample: usize,
) -> System {
    let prober = Prober { abi, command, objcopy, language: Language::C };
    System { prober, dirs, sample }
}

/// A C++ compiler for the constructs of C++.
const CPLUSPLUS: Prober = Prober {
    abi: Abi::X86_64,
    command: &["g++", "-std=c++20"],
    objcopy: "objcopy",
    language: Language::CPlusPlus,
};

/// Structs whose alignment their typedef raises: C says that of the typedef, not of the struct.
const TYPEDEFS_RAISE: [&str; 1] = ["__pthread_unwind_buf_t"];

/// Folders of other packages than libc6-dev and linux-libc-dev, which are what is tried.
const OTHERS: [&str; 3] = ["c++", "llvm", "python"];

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for system in &SYSTEMS {
        let (program, abi) = (system.prober.command[0], system.prober.abi);
        let missing = || system.prober.missing().or_else(|| system.missing());
        trials.push(trial::unless(
            missing(),
            format!("headers::of_the_system_lie_as_{program}_has_them"),
            || system.agrees(),
        ));
        let wide = abi.pointer_size() == 8 && abi != Abi::S390x && program != "clang";
        let files = ["constructs.h", "newer.h"].into_iter().take(1 + usize::from(wide));
        for file in files {
            let name = format!("headers::{file}_lies_as_{program}_has_it");
            trials.push(trial::unless(system.prober.missing(), name, move || {
                constructs_agree(&system.prober, file)
            }));
        }
    }
    trials.push(trial::unless(CPLUSPLUS.missing(), "headers::feed.hpp_lies_as_g++_has_it", || {
        constructs_agree(&CPLUSPLUS, "feed.hpp")
    }));
    trials
}

/// What is compared, and what came of it.
#[derive(Default)]
struct Figures {
    headers: usize,
    structs: usize,
    places: usize,
    times: Vec<Duration>,
    wrong: Vec<String>,
}

impl System {
    fn missing(&self) -> Option<String> {
        let absent = self.dirs.iter().find(|it| !Path::new(it).is_dir())?;
        Some(format!("needs {absent}"))
    }

    fn agrees(&self) -> Result<(), Failed> {
        let whole = std::env::var_os("WIREREEL_ALL_HEADERS").is_some();
        let all = self.headers();
        let step = if whole { 1 } else { (all.len() / self.sample).max(1) };
        let folder = tempfile::tempdir()?;
        let mut figures = Figures::default();
        let mut seen = HashSet::new();
        for header in all.iter().step_by(step).filter(|it| self.prober.takes(it)) {
            figures.compare(&self.prober, header, &self.options(), &mut seen, folder.path());
        }
        figures.report(self.prober.command[0])
    }

    fn options(&self) -> LoadOptions {
        let include_dirs = self.dirs.iter().map(PathBuf::from).collect();
        LoadOptions { include_dirs, abi: self.prober.abi, ..LoadOptions::default() }
    }

    /// Every header below the folders, in the order of their paths.
    fn headers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::from(self.dirs[0])];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = entry.file_name().to_string_lossy().into_owned();
                if path.is_dir() {
                    folders.extend((!OTHERS.iter().any(|it| name.starts_with(it))).then_some(path));
                } else if name.ends_with(".h") {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }
}

/// What this thread has had of a processor: other tests run beside it.
fn spent() -> Duration {
    let figures = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = figures.split(' ').next().and_then(|it| it.parse().ok());
    first.map_or(Duration::ZERO, Duration::from_nanos)
}

fn constructs_agree(prober: &Prober, file: &str) -> Result<(), Failed> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trials/headers").join(file);
    let folder = tempfile::tempdir()?;
    let options = LoadOptions { abi: prober.abi, ..LoadOptions::default() };
    let mut figures = Figures::default();
    figures.compare(prober, &header, &options, &mut HashSet::new(), folder.path());
    figures.report(prober.command[0])
}

impl Figures {
    /// Takes in one header: what it declares and no earlier one did.
    fn compare(
        &mut self,
        prober: &Prober,
        header: &Path,
        options: &LoadOptions,
        seen: &mut HashSet<(PathBuf, String)>,
        folder: &Path,
    ) {
        let name = header.display();
        let begin = spent();
        let schema = match Schema::load(header, options) {
            Ok(schema) => schema,
            Err(error) => return self.wrong.push(error.to_string()),
        };
        self.times.push(spent().saturating_sub(begin));
        self.headers += 1;
        let said = schema.diagnostics.iter().filter(|it| it.level == Level::Error);
        self.wrong.extend(said.map(|it| format!("{name}: {}", it.text)));
        let mut asked = Vec::new();
        let all = schema.every_record();
        for &(tag, record) in &all {
            let file = &schema.files[record.span.file as usize].path;
            let is_own = record.tag.as_deref() == Some(tag) || prober.language != Language::C;
            if schema.is_built_in(record.span)
                || !is_own
                || TYPEDEFS_RAISE.contains(&tag)
                || !seen.insert((file.clone(), tag.to_owned()))
            {
                continue;
            }
            let heading = match prober.language {
                Language::C => record.heading(),
                // The name with its namespaces.
                Language::CPlusPlus => {
                    let names = all.iter().filter(|it| Arc::ptr_eq(it.1, record)).map(|it| it.0);
                    names.max_by_key(|it| it.len()).unwrap_or(tag).to_owned()
                }
            };
            match Layout::of(record, tag, prober.abi) {
                Ok(layout) => asked.push(Asked { name: heading, layout }),
                Err(error) => self.wrong.push(format!("{name}: {tag}: {error}")),
            }
        }
        self.structs += asked.len();
        self.places += asked.iter().map(|it| places(&it.layout).len()).sum::<usize>();
        if asked.is_empty() {
            return;
        }
        match prober.differences(&format!("#include \"{name}\""), &asked, folder) {
            Ok(differences) => {
                self.wrong.extend(differences.iter().map(|it| format!("{name}: {it}")));
            }
            Err(error) => self.wrong.push(format!("{name}: not compiled: {error}")),
        }
    }

    fn report(mut self, compiler: &str) -> Result<(), Failed> {
        self.times.sort();
        let (median, slowest) = (self.times.get(self.times.len() / 2), self.times.last());
        let (median, slowest) =
            (median.copied().unwrap_or_default(), slowest.copied().unwrap_or_default());
        println!(
            "{compiler}: {} headers, {} structs, {} places, {} wrong; loaded in {median:.1?}, \
             the slowest in {slowest:.1?}",
            self.headers,
            self.structs,
            self.places,
            self.wrong.len()
        );
        if let Ok(most) = std::env::var("WIREREEL_SLOWEST")
            && slowest > Duration::from_millis(most.parse()?)
        {
            self.wrong.push(format!("a header took {slowest:?} to load"));
        }
        if self.structs == 0 {
            return Err("nothing was compared".into());
        }
        let shown = &self.wrong[..self.wrong.len().min(20)];
        if shown.is_empty() { Ok(()) } else { Err(shown.join("\n").into()) }
    }
}
