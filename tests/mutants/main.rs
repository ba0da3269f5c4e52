//! Spoiled captures through all commands: none panics, none hangs, memory stays bounded.
//!
//! `WIREREEL_CASES` says how many mutants, `WIREREEL_SEED` which; `.ci/long` runs very many. A
//! mutant that fails is kept in a file that its error names.

mod drive;
mod mutator;
mod packet;
#[path = "../generator/random.rs"]
mod random;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use drive::Drive;
use mutator::Original;

/// How long all commands may take over one mutant, which has some hundred frames at most: two
/// seconds, and ten times that where nothing is optimised.
const MAX_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
/// Memory that the run may come to need: 100 MB.
const MAX_MEMORY: u64 = 100_000_000;

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |it| it.parse().expect(name))
}

fn originals() -> Vec<Original> {
    Original::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("captures"))
}

/// A mutant in a file that stays.
fn keep(original: &Original, seed: u64) -> PathBuf {
    let path = env::temp_dir().join(format!("wirereel-mutant-{seed}-{}.pcap", original.name));
    std::fs::write(&path, original.mutant(seed)).expect("written");
    path
}

#[test]
fn no_mutant_panics_hangs_or_exhausts_memory() {
    let (seed, cases) = (number("WIREREEL_SEED", 20), number("WIREREEL_CASES", 2000));
    let originals = originals();
    assert!(originals.len() >= 60, "{} captures", originals.len());
    let (done, is_done) = mpsc::channel();
    let worker = thread::spawn(move || {
        let (drive, originals) = (Drive::new(), self::originals());
        for (case, original) in (seed..seed + cases).zip(originals.iter().cycle()) {
            drive.run(&original.mutant(case));
            done.send(()).expect("somebody waits");
        }
        drive.redacted.get()
    });
    let (mut slowest, mut last) = (Duration::ZERO, Instant::now());
    for (case, original) in (seed..seed + cases).zip(originals.iter().cycle()) {
        match is_done.recv_timeout(MAX_TIME) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => panic!("hangs: {}", keep(original, case).display()),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("panics: {}", keep(original, case).display());
            }
        }
        slowest = slowest.max(last.elapsed());
        last = Instant::now();
    }
    let [redacted, refused] = worker.join().expect("it has done all");
    println!("{redacted} mutants redacted, {refused} refused since they would not be the same");
    assert!(refused * 10 <= redacted, "{refused} refused, {redacted} redacted");
    let memory = peak_memory();
    println!("{cases} mutants, the slowest in {slowest:?}, memory {memory:?} bytes at most");
    assert!(memory.is_none_or(|it| it < MAX_MEMORY), "{memory:?} bytes of memory");
}

#[test]
fn a_seed_gives_one_mutant_and_most_can_be_read() {
    let originals = originals();
    let mut read = 0;
    for (case, original) in (0..500).zip(originals.iter().cycle()) {
        let mutant = original.mutant(case);
        assert_eq!(mutant, original.mutant(case));
        let reader = wirereel::capture::Reader::new(std::io::Cursor::new(mutant));
        let has_frame =
            |mut it: wirereel::capture::Reader| it.next_frame().is_ok_and(|frame| frame.is_some());
        read += usize::from(reader.is_ok_and(has_frame));
    }
    assert!(read > 400, "{read} of 500 hold a frame");
}

/// The most memory that this process has had resident, bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kilobytes = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kilobytes * 1024)
}
