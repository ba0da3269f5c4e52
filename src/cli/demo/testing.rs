//! Testing: captures as regression tests. One is as expected, in one a byte was changed, and one
//! needs what no machine has.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use anyhow::Result;
use wirereel::fixture::report::{report_json, report_text, totals_text};
use wirereel::fixture::{Report, SuiteOptions, discover, run_suite};

use super::stage::{Bundled, Stage};
use crate::cli::args::ResultFormat;

const TITLE: &str = "three cases, in one of which a byte of the capture was changed: test";
const CAPTURE: Bundled = Bundled {
    file: "ok_dgram_basic.pcap",
    bytes: include_bytes!("../../../captures/ok_dgram_basic.pcap"),
};
const EXPECTED: &str =
    include_str!("../../../fixtures/lessons/dgram_basic/ok_builtin/expected.messages.jsonl");

/// What each case says, and what it adds.
const CASES: [(&str, &str); 3] = [
    ("grades/as_recorded", ""),
    ("grades/changed", ""),
    ("grades/with_a_server", "requires = \"program:grades-server-of-yours\"\n"),
];
const CHANGED: &str = "grades/changed";

/// A name and its marks, and the same with another mark: `math` is 83, then 84.
const CHANGE: [&[u8]; 2] = [b"Alan\0\0\0\0\0\0\0\0\0\0\x53", b"Alan\0\0\0\0\0\0\0\0\0\0\x54"];

/// Makes the cases in a folder that is gone afterwards, and judges them.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin(TITLE, CAPTURE.file)?;
    let folder = tempfile::tempdir()?;
    CASES.iter().try_for_each(|(name, more)| write(&folder.path().join(name), name, more))?;
    let mut told = Ok(());
    let cases = discover(folder.path())?;
    let totals = run_suite(folder.path(), &cases, &SuiteOptions::default(), &mut |report| {
        if told.is_ok() {
            told = tell(report, stage);
        }
    });
    told?;
    match stage.format {
        ResultFormat::Json => Ok(()),
        ResultFormat::Text => Ok(totals_text(&totals, stage.cli.palette(), &mut stage.out)?),
    }
}

fn tell(report: &Report, stage: &mut Stage<'_>) -> io::Result<()> {
    match stage.format {
        ResultFormat::Json => report_json(report, &mut stage.out),
        ResultFormat::Text => report_text(report, true, stage.cli.palette(), &mut stage.out),
    }
}

fn write(case: &Path, name: &str, more: &str) -> Result<()> {
    fs::create_dir_all(case)?;
    let mut toml = File::create(case.join("test.toml"))?;
    write!(toml, "capture = \"{}\"\nrun = \"decode\"\nignore = \"time\"\n{more}", CAPTURE.file)?;
    fs::write(case.join("expected.jsonl"), EXPECTED)?;
    let capture = if name == CHANGED { CAPTURE.changed(CHANGE)? } else { CAPTURE.bytes.to_vec() };
    Ok(fs::write(case.join(CAPTURE.file), capture)?)
}
