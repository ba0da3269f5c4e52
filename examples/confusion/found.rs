//! What is found of many senders, each of a message of its own.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use wirereel::{
    check::{Finding, Inference},
    profile::{Options, Protocols},
};

/// What the inference finds with a header once it was given all messages; in the order of the messages' names.
pub fn found<'n>(
    header: &str,
    names: impl IntoIterator<Item = &'n str>,
    push: impl FnOnce(&mut Inference<'_>),
) -> Result<Vec<Vec<Finding>>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("proto.h");
    fs::write(&path, header)?;
    let options = Options { headers: vec![path], builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options)?;
    let mut inference = Inference::new(&protocols);
    push(&mut inference);
    let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in inference.finish() {
        let name = finding.message.clone().context("a finding names its message")?;
        found.entry(name).or_default().push(finding);
    }
    Ok(names.into_iter().map(|it| found.remove(it).unwrap_or_default()).collect())
}
