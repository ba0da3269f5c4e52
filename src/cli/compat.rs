//! `wirereel compat`: what of a header's change breaks on the wire.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::check::{Corpus, Finding, Versions, compat};
use wirereel::decode::Dissector;
use wirereel::output::{
    asserts, diagnostics, findings_json, findings_sarif, findings_summary, findings_text,
};
use wirereel::profile::{CheckOptions, Options, OrderName, ProfileError, Protocols};
use wirereel::schema::{self, Abi, Level, Schema};

use super::{
    args::{IncludeArgs, abi_parser, order_parser},
    check::{CheckFormat, PolicyArgs},
    globals::Globals,
    session::{Reading, Session},
    terminal::stdout,
    verdict::Verdict,
};

/// Say what of a header's change breaks on the wire, message by message and ABI by ABI
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel compat old/proto.h proto.h
  wirereel compat old/proto.h proto.h msg_st --abi i386 -T sarif
  wirereel compat old/proto.h proto.h --corpus capture.pcap -d udp.port==1989,msg_st
  wirereel compat old/proto.h proto.h --emit-asserts > proto_asserts.c")]
pub struct CompatArgs {
    /// The header that programs have, or a program that was compiled with -g
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The one that shall take its place
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// A struct, union or text record of both; without one, all
    #[arg(value_name = "MESSAGE")]
    pub message: Option<String>,

    #[command(flatten)]
    pub include: IncludeArgs,

    /// An ABI to compare for; repeatable [default: all, or a program's own]
    #[arg(long = "abi", value_name = "NAME", value_parser = abi_parser())]
    pub abis: Vec<Abi>,

    /// Captures of the old version's messages: each message is read by both
    #[arg(long, value_name = "CAPTURE", num_args = 1..)]
    pub corpus: Vec<PathBuf>,

    /// What the corpus' traffic of a port is: udp.port==1989,msg_st
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub rules: Vec<String>,

    /// The byte order of the corpus' integers whose type does not fix it [default: big]
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub byte_order: Option<OrderName>,

    /// How findings are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: CheckFormat,

    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Print `_Static_assert`s that hold where NEW is compiled as it is now, in place of findings
    #[arg(long)]
    pub emit_asserts: bool,
}

/// Prints what breaks; or what pins the new version.
///
/// # Errors
///
/// A header that cannot be read, a message that neither declares; I/O.
pub fn run(args: &CompatArgs, cli: &Globals) -> Result<Verdict> {
    let versions = args.versions()?;
    let versions: Vec<Versions<'_>> =
        versions.iter().map(|(abi, old, new)| Versions { abi: *abi, old, new }).collect();
    let Some(first) = versions.first() else { return Ok(Verdict::Clean) };
    args.sees_message(first)?;
    let mut out = stdout();
    if args.emit_asserts {
        asserts(&versions, args.message.as_deref(), &mut out)?;
        out.flush()?;
        return Ok(Verdict::Clean);
    }
    let mut err = io::stderr().lock();
    for schema in [first.old, first.new] {
        let wrong = schema.diagnostics.iter().filter(|it| it.level >= Level::Error).cloned();
        let wrong: Vec<_> = wrong.collect();
        diagnostics(&wrong, &schema.files, cli.is_coloured(&io::stderr()), &mut err)?;
    }
    let policy = args.policy.with(&CheckOptions::default())?;
    let mut findings = compat(&versions, args.message.as_deref());
    if !args.corpus.is_empty() {
        args.corpus(first.abi)?.prove(&mut findings);
    }
    let (findings, allowed) = policy.sift(findings);
    if !cli.quiet {
        args.print(&findings, first, cli, &mut out)?;
    }
    out.flush()?;
    if args.format == CheckFormat::Text {
        findings_summary(&findings, allowed, cli.err_palette(), &mut err)?;
    }
    Ok(if policy.fails(&findings) { Verdict::Findings } else { Verdict::Clean })
}

impl CompatArgs {
    fn print(
        &self,
        findings: &[Finding],
        first: &Versions<'_>,
        cli: &Globals,
        out: &mut dyn Write,
    ) -> Result<()> {
        let schemas = [first.old.clone(), first.new.clone()];
        match self.format {
            CheckFormat::Text => {
                findings_text(findings, &schemas, cli.is_coloured(&io::stdout()), out)?;
            }
            CheckFormat::Json => findings_json(findings, out)?,
            CheckFormat::Sarif => findings_sarif(findings, &schemas, None, out)?,
        }
        Ok(())
    }

    /// The messages of the captures, read by both versions.
    fn corpus(&self, abi: Abi) -> Result<Corpus> {
        let rules = self.rules.iter().map(|rule| rule.parse()).collect::<Result<Vec<_>, _>>()?;
        let options = |header: &Path, rules| Options {
            headers: vec![header.to_owned()],
            include_dirs: self.include.include_dirs.clone(),
            defines: self.include.defines.clone(),
            includes: self.include.includes.clone(),
            abi: Some(abi),
            byte_order: self.byte_order,
            builtin: false,
            rules,
            ..Options::default()
        };
        let old = Protocols::load(&options(&self.old, rules))?;
        let new = Protocols::load(&options(&self.new, Vec::new()))?;
        let mut corpus = Corpus::new(&new)?;
        let reading = Reading::default();
        let mut session = Session::open(&self.corpus, &reading)?;
        session.dissect(Dissector::new(&old, false)?, &mut |found| corpus.found(&found));
        session.finish()?;
        Ok(corpus)
    }

    /// Both headers, as each ABI that is asked for reads them; a program's own, where one is compared.
    fn versions(&self) -> Result<Vec<(Abi, Schema, Schema)>> {
        let asked = if self.abis.is_empty() { Abi::ALL.to_vec() } else { self.abis.clone() };
        let mut versions = Vec::new();
        for abi in asked {
            let (old, new) = (self.load(&self.old, abi)?, self.load(&self.new, abi)?);
            for (path, own) in [(&self.old, old.abi), (&self.new, new.abi)] {
                let Some(own) = own else { continue };
                if let Some(asked) = self.abis.iter().find(|it| **it != own) {
                    let program = path.display().to_string();
                    return Err(
                        ProfileError::ProgramAbi { program, abi: own, asked: *asked }.into()
                    );
                }
                // Whatever the ABI, a header beside a program is read as by the program's.
                let both = (self.load(&self.old, own)?, self.load(&self.new, own)?);
                return Ok(vec![(own, both.0, both.1)]);
            }
            versions.push((abi, old, new));
        }
        Ok(versions)
    }

    fn load(&self, path: &Path, abi: Abi) -> Result<Schema> {
        Ok(schema::load(path, &self.include.options(abi))?)
    }

    /// What is asked for is there.
    fn sees_message(&self, versions: &Versions<'_>) -> Result<()> {
        let Some(name) = &self.message else { return Ok(()) };
        let has = |schema: &Schema| schema.messages().any(|it| it == name);
        match (has(versions.old), has(versions.new)) {
            (true, _) => Ok(()),
            (false, true) => bail!("{} does not declare {name}", self.old.display()),
            (false, false) => {
                let header = vec![self.old.display().to_string()];
                let known = versions.old.messages();
                Err(ProfileError::unknown_message(name, header, known).into())
            }
        }
    }
}
