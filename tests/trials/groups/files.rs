//! What is written to a file instead of being sent: the same for the same seed, and replayed as it
//! stands.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use super::frames::payloads;
use super::program::{ANYWHERE, BASIC, Listener, PORT, sent, wirereel};
use super::stage::{Host, Stage};

const RECIPES: [&str; 3] = ["name=text(1..10)", "math=0..100", "chinese=counter(5, 7)"];
const SENT: usize = 500;

/// One seed makes one file, another seed another; and `replay` sends what it holds.
pub fn seeds() -> Result<(), Failed> {
    let stage = Stage::new("seeds")?;
    let folder = stage.folder.path();
    let write = |name, seed| written(&stage.one, folder, name, seed);
    let [first, second, other] =
        [write("first", "7")?, write("second", "7")?, write("other", "8")?];
    assert_eq!(fs::read(&first)?, fs::read(&second)?);
    assert_ne!(fs::read(&first)?, fs::read(&other)?);
    let said = payloads(&first, PORT)?;
    assert_eq!(said.len(), SENT);
    assert_ne!(said, payloads(&other, PORT)?);

    let heard = folder.join("heard.pcap");
    let to = heard.to_string_lossy();
    let args = [&["unicast"], &ANYWHERE[..], &["-w", &to]].concat();
    let listener = Listener::start(&stage.two, BASIC, (folder, "two"), &args, &[])?;
    let mut replay = stage.one.command(env!("CARGO_BIN_EXE_wirereel"));
    replay.arg("replay").arg(&first).args(["--to", "10.9.0.2:1989", "-T", "json", "-p", "2000"]);
    sent(replay)?;
    listener.interrupt()?;
    assert_eq!(payloads(&heard, PORT)?, said);
    Ok(())
}

fn written(host: &Host, folder: &Path, name: &str, seed: &str) -> Result<PathBuf, Failed> {
    let file = folder.join(name).with_extension("pcap");
    let args = ["unicast", "--to", "10.9.0.2:1989", "--seed", seed, "-p", "1000", "-T", "json"];
    let mut generate = wirereel(host, BASIC, "generate", &args);
    generate.args(RECIPES.iter().flat_map(|it| ["--set", it]));
    generate.args(["--count", &SENT.to_string(), "-w"]).arg(&file);
    sent(generate)?;
    Ok(file)
}
