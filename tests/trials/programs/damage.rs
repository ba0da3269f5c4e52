//! Programs that are cut or spoilt: an error or less than all, in bounded time, never a panic.

use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use wirereel::schema::{self, Abi, Layout, LoadOptions};

use super::building::{Workshop, missing};
use crate::generator::Effort;
use crate::generator::random::Random;
use crate::trial;

/// What one file of a few thousand bytes may cost, by far.
const PATIENCE: Duration = Duration::from_secs(20);

const SOURCE: &str = "#define STAMP \"%d\\n\"
enum kind { A = 1, B = -1 };
struct inner { unsigned a:3, b:7; long long x; };
typedef struct { char name[11]; struct inner in[2][3]; enum kind kind; void *next; } msg_t;
struct tail { int n; union { float f; char c[4]; } u; struct inner last[]; };
msg_t msg; struct tail tail;\n";

pub fn trials() -> Vec<Trial> {
    let kinds: [(&str, &[&str]); 5] = [
        ("gcc", &["gcc", "-g3"]),
        ("gcc_dwarf_4", &["gcc", "-gdwarf-4", "-fdebug-types-section"]),
        ("gcc_zlib", &["gcc", "-g", "-gz=zlib"]),
        ("clang", &["clang", "-g"]),
        ("s390x", &["s390x-linux-gnu-gcc", "-gdwarf-3", "-gstrict-dwarf"]),
    ];
    let trial = |(name, command): (&str, &'static [&'static str])| {
        let name = format!("programs::a_spoilt_{name}_program_is_survived");
        trial::unless(missing(&command[..1]), name, || survived(command))
    };
    let mut trials: Vec<_> = kinds.into_iter().map(trial).collect();
    let name = "programs::spoilt_btf_is_survived";
    trials.push(trial::unless(missing(&["gcc", "pahole"]), name, btf));
    trials
}

fn survived(command: &[&str]) -> Result<(), Failed> {
    let workshop = Workshop::new();
    let program = workshop.compile(&[command, &["-c"]].concat(), SOURCE, "program.o")?;
    spoil(&workshop, &std::fs::read(program)?)
}

fn btf() -> Result<(), Failed> {
    let workshop = Workshop::new();
    let program = workshop.compile(&["gcc", "-g", "-c"], SOURCE, "program.o")?;
    workshop.run(&["pahole", "--btf_encode_detached=types.btf", "program.o"])?;
    drop(program);
    spoil(&workshop, &std::fs::read(workshop.path("types.btf"))?)
}

fn spoil(workshop: &Workshop, whole: &[u8]) -> Result<(), Failed> {
    let effort = Effort::from_env(400);
    let mut random = Random::new(effort.seed);
    let path = workshop.path("spoilt");
    let attempt = |bytes: &[u8]| -> Result<usize, Failed> {
        std::fs::write(&path, bytes)?;
        let start = Instant::now();
        let schema = schema::load(&path, &LoadOptions::default());
        let mut laid_out = 0;
        for (name, record) in schema.iter().flat_map(|it| it.records()) {
            laid_out += usize::from(Layout::of(record, name, Abi::X86_64).is_ok());
        }
        if start.elapsed() > PATIENCE {
            let kept = workshop.path("slow");
            std::fs::write(kept, bytes)?;
            return Err(format!("it took {:?}", start.elapsed()).into());
        }
        Ok(laid_out)
    };
    if attempt(whole)? < 3 {
        return Err("the whole program has less than its messages".into());
    }
    for _ in 0..effort.cases {
        let len = random.below(whole.len());
        attempt(&whole[..len])?;
        let mut odd = whole.to_vec();
        for _ in 0..=random.below(8) {
            let at = random.below(odd.len());
            odd[at] = random.below(256) as u8;
        }
        attempt(&odd)?;
    }
    Ok(())
}
