//! Any bytes as a capture, through all commands that read one. `captures/` are good seeds:
//! `cargo fuzz run commands fuzz/corpus/commands captures`.

#![no_main]

#[path = "../../tests/mutants/drive.rs"]
mod drive;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use drive::Drive;

static DRIVE: LazyLock<Drive> = LazyLock::new(Drive::new);

fuzz_target!(|capture: &[u8]| DRIVE.run(capture));
