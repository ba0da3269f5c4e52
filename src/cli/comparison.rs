//! `wirereel layout A --against B`: where two headers or programs differ.

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::ensure;
use wirereel::output::{Against, diagnostics};
use wirereel::schema::{Abi, Layout, LayoutError, Reading, RecordDef, ResolvedLayout, Schema};

use super::{
    args::ResultFormat, globals::Globals, layout::LayoutArgs, terminal::stdout, verdict::Verdict,
};

/// Names that are listed of what only one of them declares.
const LISTED: usize = 8;

/// The header or program that is asked about, and the one it is held against.
pub struct Comparison<'a> {
    /// What is asked.
    pub args: &'a LayoutArgs,
    /// What the first declares.
    pub schema: Schema,
    /// The path of the second.
    pub path: &'a Path,
    /// What the second declares.
    pub other: Schema,
}

impl Comparison<'_> {
    /// Prints every message that both declare, those that are the same too.
    ///
    /// # Errors
    ///
    /// A message that one of them does not declare, or no message that both do; one that has no
    /// layout; I/O.
    pub fn print(&self, cli: &Globals) -> anyhow::Result<Verdict> {
        let verdict = self.compare(cli);
        if verdict.is_err() {
            // What is wrong in a header may be why.
            let mut stderr = io::stderr().lock();
            let is_coloured = cli.is_coloured(&stderr);
            for schema in [&self.schema, &self.other] {
                diagnostics(&schema.diagnostics, &schema.files, is_coloured, &mut stderr)?;
            }
        }
        verdict
    }

    fn compare(&self, cli: &Globals) -> anyhow::Result<Verdict> {
        let own = self.args.records(&self.args.header, &self.schema)?;
        let others = self.args.records(self.path, &self.other)?;
        let paths = [self.args.header.display().to_string(), self.path.display().to_string()];
        let files = [paths[0].as_str(), paths[1].as_str()];
        let pair = |&(name, record): &(_, _)| {
            let (_, other) = others.iter().find(|it| it.0 == name)?;
            Some((name, record, *other))
        };
        let pairs: Vec<(&str, &RecordDef, &RecordDef)> = own.iter().filter_map(pair).collect();
        ensure!(
            !pairs.is_empty(),
            "{} and {} declare no message of the same name",
            files[0],
            files[1]
        );
        self.tell_unpaired([&own, &others], files)?;
        let abi = self.schema.abi.or(self.other.abi).or(self.args.abi).unwrap_or(Abi::X86_64);
        let abis = [self.schema.abi.unwrap_or(abi), self.other.abi.unwrap_or(abi)];
        let mut out = stdout();
        let mut same = true;
        for (message, record, other) in pairs {
            let one = laid_out(record, message, abis[0]);
            let other = laid_out(other, message, abis[1]);
            let refused = |file: &str, error: LayoutError| {
                anyhow::anyhow!("{message} of {file} has no layout: {error}")
            };
            let one = one.map_err(|error| refused(files[0], error))?;
            let other = other.map_err(|error| refused(files[1], error))?;
            let differences = one.differences(&other);
            same &= differences.is_empty();
            let against = Against { message, files, differences: &differences };
            match self.args.format {
                _ if cli.quiet => {}
                ResultFormat::Text => against.write_text(cli.palette(), &mut out)?,
                ResultFormat::Json => against.write_json(&mut out)?,
            }
        }
        out.flush()?;
        Ok(if same { Verdict::Clean } else { Verdict::Findings })
    }

    /// Names what only one of them declares: a program has no trace of what it does not use.
    fn tell_unpaired(&self, both: [&[(&str, &RecordDef)]; 2], files: [&str; 2]) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        for (own, others, file) in [(both[0], both[1], files[1]), (both[1], both[0], files[0])] {
            let alone = own.iter().filter(|it| others.iter().all(|other| other.0 != it.0));
            let alone: Vec<_> = alone.map(|it| it.0).collect();
            let (shown, more) = alone.split_at(alone.len().min(LISTED));
            if !shown.is_empty() {
                let more = match more.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                writeln!(stderr, "wirereel: not in {file}: {}{more}", shown.join(", "))?;
            }
        }
        Ok(())
    }
}

fn laid_out(record: &RecordDef, name: &str, abi: Abi) -> Result<ResolvedLayout, LayoutError> {
    Layout::of(record, name, abi)?.resolve(&Reading::default())
}
