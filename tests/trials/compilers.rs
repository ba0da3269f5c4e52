//! Random declarations: what the library says of their layout against what compilers do.
//!
//! `WIREREEL_CASES` sets how many records are tried for each ABI, `WIREREEL_SEED` which ones. A
//! compiler that this machine lacks is skipped, and listed as such; with `CI=true` it fails.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use wirereel::decode::codec::{Codec, FieldValue, MessageWords};
use wirereel::message::{Item, Message};
use wirereel::schema::{Abi, Layout, LoadOptions, Reading, RecordDef, RecordKind, Schema};

use crate::generator::compiler::{Answer, COMPILERS, Compiler, Question};
use crate::generator::declaration::{self, Header};
use crate::generator::places::places;
use crate::generator::random::Random;
use crate::generator::values::{self, Sample};
use crate::generator::{Effort, fields};
use crate::trial;

pub fn trials() -> impl Iterator<Item = Trial> {
    let layouts = COMPILERS.iter().map(|it| trial("layouts", it, layouts_agree));
    let values =
        COMPILERS.iter().filter(|it| it.runs()).map(|it| trial("values", it, values_agree));
    layouts.chain(values)
}

fn trial(
    what: &str,
    compiler: &'static Compiler,
    test: fn(&Compiler) -> Result<(), Failed>,
) -> Trial {
    let name = format!("compilers::{what}_of_{}_equal_the_compilers", compiler.abi);
    trial::unless(compiler.missing(), name, move || test(compiler))
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

/// Every value is where the layout says, and nothing else is touched; the codec reads the values
/// from what the compiler stored, and writes the same bytes from the values.
fn values_agree(compiler: &Compiler) -> Result<(), Failed> {
    let abi = compiler.abi;
    let effort = Effort::from_env(1000);
    let mut random = Random::new(effort.seed);
    let header = declaration::header(&mut random, effort.cases, abi.pointer_size() == 8);
    let records = read(&header)?;
    let layouts: Vec<_> = records.iter().map(|def| lay_out(def, abi)).collect();
    let sample = |(def, layout)| (name(def), values::sample(&mut random, layout));
    let defs = records.iter().map(|def| &**def);
    let samples: Vec<_> = defs.zip(&layouts).map(sample).collect();
    let stored = values::stored(compiler, "values", &header.text, &samples);
    assert_eq!(stored.len(), samples.len());
    for (((name, sample), stored), layout) in samples.iter().zip(&stored).zip(&layouts) {
        let ours = sample.bytes(abi);
        if ours != *stored {
            let leaves = &sample.leaves;
            return Err(format!("{name}: {ours:02x?}\nbut stored {stored:02x?}\n{leaves:?}").into());
        }
        if let Err(what) = codec_agrees(layout, sample, stored, abi) {
            return Err(format!("{name}: {what}\nstored {stored:02x?}").into());
        }
    }
    Ok(())
}

fn codec_agrees(layout: &Layout, sample: &Sample, stored: &[u8], abi: Abi) -> Result<(), String> {
    let reading = Reading::plain(abi.byte_order(), abi.byte_order());
    let resolved = layout.resolve(&reading).map_err(|error| error.to_string())?;
    let codec = Codec::new(&resolved, &MessageWords::default()).map_err(|it| it.to_string())?;
    let mut items = Vec::new();
    let decoded = codec.decode(stored, stored.len(), &mut items);
    // As the character tail of another member, what a union stores need not have a NUL.
    let has_union = fields::has_union(layout);
    let is_whole = (decoded.len, decoded.trailing, decoded.error) == (stored.len(), 0, None);
    if !is_whole || decoded.loose && !has_union {
        return Err(format!("{decoded:?}"));
    }
    let message = message(&codec, stored, &items);
    fields::difference(&message, sample, abi).map_or(Ok(()), Err)?;
    writes(&codec, &fields::value(layout, sample, abi), stored, fields::ends_with_union(layout))?;
    // Of a union every member is read: there is more than was stored, and it need not agree.
    if has_union {
        return Ok(());
    }
    writes(&codec, &FieldValue::from(&message), stored, false)?;
    let (found, meant) = (fields::count(&message, sample), fields::count_in(layout, sample));
    if found == meant { Ok(()) } else { Err(format!("{found} fields in place of {meant}")) }
}

/// `open`: what is written may end earlier, with nothing but zeros behind it.
fn writes(codec: &Codec, value: &FieldValue, stored: &[u8], open: bool) -> Result<(), String> {
    let mut out = Vec::new();
    codec.encode(value, &mut out).map_err(|error| format!("{error} in {value:?}"))?;
    if open && out.len() < stored.len() {
        out.resize(stored.len(), 0);
    }
    if out == stored { Ok(()) } else { Err(format!("wrote {out:02x?} from {value:?}")) }
}

fn message<'a>(codec: &'a Codec, bytes: &'a [u8], items: &'a [Item]) -> Message<'a> {
    Message {
        protocol: "",
        name: codec.name(),
        table: codec.table(),
        items,
        bytes,
        apart: None,
        len: bytes.len(),
        trailing: 0,
        candidates: &[],
        ended_by_close: false,
        marks: Default::default(),
        request: None,
        pair: None,
        error: None,
    }
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
