//! `wirereel layout`: where a compiler puts the fields of a header's structs, or has put those of a
//! program.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    slice,
};

use anyhow::{bail, ensure};
use clap::Args;
use wirereel::check::{Code, Finding, HeaderMessage, fold, header_findings, not_told_apart_in};
use wirereel::output::{LayoutReport, LayoutTable, diagnostics, findings_json, findings_text};
use wirereel::profile::ProfileError;
use wirereel::schema::{self, Abi, LayoutError, Level, RecordDef, Schema};

use super::{
    args::{IncludeArgs, ResultFormat, abi_parser},
    comparison::Comparison,
    globals::Globals,
    terminal::stdout,
    verdict::Verdict,
};

/// Headers with more structs are shown as a table.
const MAX_WHOLE: usize = 12;

/// Print offsets, holes and sizes of structs for each ABI, and what is not portable
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel layout proto.h
  wirereel layout proto.h msg_st --abi i386
  wirereel layout proto.h -D 'PACKED=__attribute__((packed))' -T json
  wirereel layout a.out --against proto.h")]
pub struct LayoutArgs {
    /// The C header, or a program that was compiled with -g
    #[arg(value_name = "HEADER-OR-ELF")]
    pub header: PathBuf,

    /// A struct or union of it, by tag or typedef; without one, all
    #[arg(value_name = "MESSAGE")]
    pub message: Option<String>,

    /// Say where another header or program differs, member by member
    #[arg(long, value_name = "HEADER-OR-ELF")]
    pub against: Option<PathBuf>,

    #[command(flatten)]
    pub include: IncludeArgs,

    /// The ABI that is shown whole; of the others what differs. A program has its own [default: x86_64]
    #[arg(long, value_name = "NAME", value_parser = abi_parser())]
    pub abi: Option<Abi>,

    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Prints layouts, and what in the header is wrong or not portable: as text, on stderr.
///
/// # Errors
///
/// A header that cannot be read, a message that it does not declare or that has no layout; I/O.
pub fn run(args: &LayoutArgs, cli: &Globals) -> anyhow::Result<Verdict> {
    let schema = args.load(&args.header)?;
    if let Some(other) = &args.against {
        return Comparison { args, schema, path: other, other: args.load(other)? }.print(cli);
    }
    let verdict = print(args, cli, &schema);
    if verdict.is_err() {
        // What is wrong in the header may be why.
        let mut stderr = io::stderr().lock();
        let is_coloured = cli.is_coloured(&stderr);
        diagnostics(&schema.diagnostics, &schema.files, is_coloured, &mut stderr)?;
    }
    verdict
}

fn print(args: &LayoutArgs, cli: &Globals, schema: &Schema) -> anyhow::Result<Verdict> {
    let records = args.records(&args.header, schema)?;
    if records.is_empty() {
        let header = args.header.display();
        writeln!(io::stderr().lock(), "wirereel: {header} declares no struct or union")?;
    }
    let mut out = stdout();
    let is_table = args.is_table(&records);
    let all_fit = if is_table && !cli.quiet {
        print_table(args, cli, schema, &records, &mut out)?
    } else {
        print_layouts(args, cli, schema, &records, &mut out)?
    };
    let findings = args.findings(schema, &records);
    match args.format {
        _ if cli.quiet => {}
        ResultFormat::Json => findings_json(&findings, &mut out)?,
        ResultFormat::Text => {
            // On a terminal they stand behind the layouts.
            out.flush()?;
            let mut stderr = io::stderr().lock();
            let is_coloured = cli.is_coloured(&stderr);
            let is_of_header =
                |it: &Finding| matches!(it.code, Code::Syntax | Code::UnknownAttribute);
            let is_shown = |it: &&Finding| !is_table || cli.verbose || is_of_header(it);
            let shown: Vec<_> = findings.iter().filter(is_shown).cloned().collect();
            findings_text(&shown, slice::from_ref(schema), is_coloured, &mut stderr)?;
            let left = findings.len() - shown.len();
            if left > 0 {
                writeln!(
                    stderr,
                    "wirereel: {left} findings more with -v, or for one message by its name"
                )?;
            }
        }
    }
    out.flush()?;
    let concerns = |it: &&Finding| args.message.is_none() || it.code != Code::Syntax;
    let fails = findings.iter().filter(concerns).any(|it| it.level >= Level::Error);
    Ok(if all_fit && !fails { Verdict::Clean } else { Verdict::Findings })
}

/// Whether all records have a layout.
fn print_layouts(
    args: &LayoutArgs,
    cli: &Globals,
    schema: &Schema,
    records: &[(&str, &RecordDef)],
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut all_fit = true;
    for (index, &(name, record)) in records.iter().enumerate() {
        let report = match LayoutReport::new(record, name, args.abi_of(schema)) {
            Ok(report) => report,
            Err(error) => {
                args.refuse(schema, name, record, &error)?;
                all_fit = false;
                continue;
            }
        };
        match args.format {
            _ if cli.quiet => {}
            ResultFormat::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                report.write_text(cli.palette(), out)?;
            }
            ResultFormat::Json => report.write_json(out)?,
        }
    }
    Ok(all_fit)
}

/// The same for many records, a line each.
fn print_table(
    args: &LayoutArgs,
    cli: &Globals,
    schema: &Schema,
    records: &[(&str, &RecordDef)],
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut table = LayoutTable::default();
    let mut all_fit = true;
    for &(name, record) in records {
        let place = schema.position(record.span);
        let place =
            place.map_or_else(String::new, |it| format!("{}:{}", it.path.display(), it.line));
        if let Err(error) = table.add(record, name, place, args.abi_of(schema)) {
            args.refuse(schema, name, record, &error)?;
            all_fit = false;
        }
    }
    table.write(cli.palette(), out)?;
    Ok(all_fit)
}

impl LayoutArgs {
    /// A screen holds no more than some whole layouts.
    fn is_table(&self, records: &[(&str, &RecordDef)]) -> bool {
        self.message.is_none() && self.format == ResultFormat::Text && records.len() > MAX_WHOLE
    }

    /// A record has no layout: an error where it is the one that is asked for.
    fn refuse(
        &self,
        schema: &Schema,
        name: &str,
        record: &RecordDef,
        error: &LayoutError,
    ) -> anyhow::Result<()> {
        let span = error.span.unwrap_or(record.span);
        let place = schema.position(span).map_or_else(String::new, |it| format!("{it}: "));
        let refusal = format!("{place}{name} has no layout: {error}");
        ensure!(self.message.is_none(), refusal);
        writeln!(io::stderr().lock(), "wirereel: {refusal}")?;
        Ok(())
    }

    /// What in the header is not portable. That a struct has a pointer is no error where nobody asked
    /// for that struct: it need not be a message.
    fn findings(&self, schema: &Schema, records: &[(&str, &RecordDef)]) -> Vec<Finding> {
        let message = |&(name, record)| HeaderMessage { name, record, protocol: None };
        let messages: Vec<_> = records.iter().map(message).collect();
        let mut findings = header_findings(0, schema, &messages);
        if self.message.is_none() && records.len() > 1 {
            let pointers = findings.iter_mut().filter(|it| it.code == Code::Pointer);
            pointers.for_each(|it| it.level = it.level.min(Level::Warning));
        }
        findings.extend(not_told_apart_in(0, schema, &messages));
        fold(findings)
    }

    /// A program's own, the one that is asked for, or the usual one.
    fn abi_of(&self, schema: &Schema) -> Abi {
        schema.abi.or(self.abi).unwrap_or_default()
    }

    /// Reads a header or program, for the ABI that is asked for.
    fn load(&self, path: &Path) -> anyhow::Result<Schema> {
        let schema = schema::load(path, &self.include.options(self.abi.unwrap_or_default()))?;
        if let (Some(abi), Some(asked)) = (schema.abi, self.abi)
            && abi != asked
        {
            let program = path.display().to_string();
            return Err(ProfileError::ProgramAbi { program, abi, asked }.into());
        }
        Ok(schema)
    }

    /// The struct or union that is asked for, else all.
    pub(super) fn records<'a>(
        &'a self,
        path: &Path,
        schema: &'a Schema,
    ) -> anyhow::Result<Vec<(&'a str, &'a RecordDef)>> {
        let Some(name) = &self.message else {
            return Ok(schema.records().map(|(name, record)| (name, &**record)).collect());
        };
        match (schema.record(name), schema.text_record(name)) {
            (Some(record), _) => Ok(vec![(name, record)]),
            (None, Some(_)) => bail!("{name} is a text record: it has no layout"),
            (None, None) => {
                let units: Vec<_> = schema.units_of(name).into_iter().map(str::to_owned).collect();
                if !units.is_empty() {
                    let name = name.clone();
                    return Err(ProfileError::Ambiguous { name, headers: units }.into());
                }
                let header = vec![path.display().to_string()];
                Err(ProfileError::unknown_message(name, header, schema.messages()).into())
            }
        }
    }
}
