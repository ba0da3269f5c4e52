//! A header that changes: what breaks of it on the wire.

use std::io;

use anyhow::Result;
use wirereel::{
    check::{Versions, compat},
    output::{findings_json, findings_text},
    schema::{Abi, LoadOptions, Schema},
};

use super::stage::Stage;
use crate::cli::args::ResultFormat;

const TITLE: &str = "the struct of dgram-basic, with a member more: compat";
const OLD: &str = "\
struct msg_st {
    char name[11];
    unsigned math;
    unsigned chinese;
} __attribute__((packed));
";
const NEW: &str = "\
struct msg_st {
    char name[11];
    unsigned short room;
    unsigned math;
    unsigned chinese;
} __attribute__((packed));
";

/// Says what the change breaks.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<()> {
    stage.begin_live(TITLE, "old.h, new.h")?;
    let read = |path: &str, text: &str, abi| {
        Schema::parse(path, text, &LoadOptions { abi, ..LoadOptions::default() })
    };
    let pairs = Abi::ALL.map(|abi| (abi, read("old.h", OLD, abi), read("new.h", NEW, abi)));
    let versions = pairs.each_ref().map(|(abi, old, new)| Versions { abi: *abi, old, new });
    let findings = compat(&versions, None);
    let Stage { cli, format, out, .. } = stage;
    match format {
        ResultFormat::Json => findings_json(&findings, out)?,
        ResultFormat::Text => {
            let schemas = versions.first().map(|it| [it.old.clone(), it.new.clone()]);
            let is_coloured = cli.is_coloured(&io::stdout());
            let mut text = Vec::new();
            findings_text(
                &findings,
                schemas.as_ref().map_or(&[], |it| it),
                is_coloured,
                &mut text,
            )?;
            // The empty line behind the last finding stands between scenes already.
            out.write_all(text.trim_ascii_end())?;
            writeln!(out)?;
        }
    }
    Ok(())
}
