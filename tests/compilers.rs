//! Random declarations: what the library says of their layout against what compilers do.
//!
//! `WIREREEL_CASES` sets how many records are tried for each ABI, `WIREREEL_SEED` which ones. A
//! compiler that this machine lacks is skipped, and listed as such; with `CI=true` it fails.

mod generator;

use std::process::ExitCode;
use std::sync::Arc;

use generator::Effort;
use generator::compiler::{Answer, COMPILERS, Compiler, Question};
use generator::declaration::{self, Header};
use generator::places::places;
use generator::random::Random;
use generator::values;
use libtest_mimic::{Arguments, Failed, Trial};
use wirereel::schema::{Abi, Layout, LoadOptions, RecordDef, RecordKind, Schema};

fn main() -> ExitCode {
    let layouts = COMPILERS.iter().map(|it| trial("layouts", it, layouts_agree));
    let values =
        COMPILERS.iter().filter(|it| it.runs()).map(|it| trial("values", it, values_agree));
    let trials = layouts.chain(values).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(
    what: &str,
    compiler: &'static Compiler,
    test: fn(&Compiler) -> Result<(), Failed>,
) -> Trial {
    let name = format!("{what}_of_{}_equal_the_compilers", compiler.abi);
    let in_ci = std::env::var("CI").is_ok_and(|it| it == "true");
    match compiler.missing() {
        None => Trial::test(name, move || test(compiler)),
        Some(missing) if in_ci => Trial::test(name, move || Err(missing.into())),
        Some(missing) => Trial::test(name, || Ok(())).with_kind(missing).with_ignored_flag(true),
    }
}

fn layouts_agree(compiler: &Compiler) -> Result<(), Failed> {
    let effort = Effort::from_env(400);
    let mut random = Random::new(effort.seed);
    let wide = compiler.abi.pointer_size() == 8;
    let header = declaration::header(&mut random, effort.cases, wide);
    let asked = read(&header)?.into_iter().map(|def| ask(&def, compiler.abi));
    let asked: Vec<_> = asked.collect();
    let (questions, ours): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let theirs = compiler.ask("layouts", &header.text, &questions);
    assert_eq!(theirs.len(), ours.len());
    let differences = questions.iter().zip(&ours).zip(&theirs);
    let differences: Vec<String> =
        differences.filter_map(|((it, ours), theirs)| it.difference(ours, theirs)).collect();
    if differences.is_empty() {
        return Ok(());
    }
    let shown = &differences[..differences.len().min(20)];
    Err(format!("{} records of {}:\n{}", differences.len(), ours.len(), shown.join("\n")).into())
}

/// Every value is where the layout says, and nothing else is touched.
fn values_agree(compiler: &Compiler) -> Result<(), Failed> {
    let abi = compiler.abi;
    let effort = Effort::from_env(400);
    let mut random = Random::new(effort.seed);
    let header = declaration::header(&mut random, effort.cases, abi.pointer_size() == 8);
    let mut sample = |def| (name(def), values::sample(&mut random, &lay_out(def, abi)));
    let samples: Vec<_> = read(&header)?.iter().map(|def| sample(def)).collect();
    let stored = values::stored(compiler, "values", &header.text, &samples);
    assert_eq!(stored.len(), samples.len());
    for ((name, sample), stored) in samples.iter().zip(&stored) {
        let ours = sample.bytes(abi);
        if ours != *stored {
            let leaves = &sample.leaves;
            return Err(format!("{name}: {ours:02x?}\nbut stored {stored:02x?}\n{leaves:?}").into());
        }
    }
    Ok(())
}

/// The messages as the library reads them from the header's text, like those that were meant.
fn read(header: &Header) -> Result<Vec<Arc<RecordDef>>, Failed> {
    let schema = Schema::parse("random.h", &header.text, &LoadOptions::default());
    if let Some(first) = schema.diagnostics.first() {
        return Err(format!("{first:?}").into());
    }
    let found = |def: &Arc<RecordDef>| schema.record(def.tag.as_deref()?).cloned();
    let records: Option<Vec<_>> = header.records.iter().map(found).collect();
    records.ok_or_else(|| "a message is missing from the schema".into())
}

fn ask(def: &RecordDef, abi: Abi) -> (Question, Answer) {
    let (name, layout) = (name(def), lay_out(def, abi));
    let places = places(&layout);
    (Question::new(&name, &places), Answer::of(layout.size, layout.align, &places, abi))
}

fn lay_out(def: &RecordDef, abi: Abi) -> Layout {
    Layout::of(def, "", abi).unwrap_or_else(|error| panic!("{}: {error}", name(def)))
}

fn name(def: &RecordDef) -> String {
    let keyword = match def.kind {
        RecordKind::Struct => "struct",
        RecordKind::Union => "union",
    };
    format!("{keyword} {}", def.tag.as_deref().expect("a tag"))
}
