//! Checking: a sender that forgot `htonl`.

use std::io;

use anyhow::Result;
use wirereel::{
    check::Checker,
    decode::Summary,
    output::{findings_json, findings_text},
};

use super::stage::{Bundled, Stage};
use crate::cli::args::ResultFormat;

const TITLE: &str = "dgram-basic, from a sender that forgot htonl: check";
const CAPTURE: Bundled = Bundled {
    file: "bug_dgram_basic_nohtonl.pcap",
    bytes: include_bytes!("../../../captures/bug_dgram_basic_nohtonl.pcap"),
};

/// Says what is wrong with the capture, and gives what was in it.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<Summary> {
    stage.begin(TITLE, CAPTURE.file)?;
    let Stage { cli, format, protocols, out, .. } = stage;
    let mut checker = Checker::new(protocols);
    let summary = CAPTURE.dissect(protocols, &mut |found| {
        checker.found(&found);
        Ok(())
    })?;
    let findings = checker.finish(&summary);
    match format {
        ResultFormat::Json => findings_json(&findings, out)?,
        ResultFormat::Text => {
            let is_coloured = cli.is_coloured(&io::stdout());
            let mut text = Vec::new();
            findings_text(&findings, protocols.schemas(), is_coloured, &mut text)?;
            // The empty line behind the last finding stands between scenes already.
            out.write_all(text.trim_ascii_end())?;
            writeln!(out)?;
        }
    }
    Ok(summary)
}
