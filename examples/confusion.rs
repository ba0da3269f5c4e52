//! How often the inference is right: thousands of generated senders, each hypothesis true in turn.
//!
//! ```text
//! cargo run --release --example confusion [CASES] [SEED]
//! ```
//!
//! Every case has a random packed struct, a distribution of values, a number of messages, and one
//! of: correct; all numbers in the other order; one number alone; the natural layout of an ABI;
//! another data model. A case is wrong where an error-level finding is not true of its sender.
//! `docs/checking.md` has the table that this prints.

#[path = "confusion/cases.rs"]
mod cases;
#[path = "../tests/datagram/mod.rs"]
#[expect(dead_code, reason = "streams are for the tests")]
mod datagram;
#[path = "confusion/found.rs"]
mod found;
#[path = "confusion/values.rs"]
mod values;

use std::collections::BTreeMap;

use anyhow::Result;
use wirereel::{
    capture::Timestamp,
    check::{Code, Finding},
    schema::Level,
};

use self::{
    cases::{Case, Hypothesis},
    datagram::Payload,
    found::found,
    values::{Distribution, Random},
};

/// Messages of a sender.
const COUNTS: [usize; 4] = [1, 3, 10, 100];
/// Structs of one header.
const BATCH: usize = 250;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let cases = arguments.next().map_or(Ok(10_000), |it| it.parse())?;
    let seed = arguments.next().map_or(Ok(1), |it| it.parse())?;
    let mut random = Random::new(seed);
    let mut table = Table::default();
    let mut done = 0;
    while done < cases {
        let of = |index: usize, random: &mut Random| {
            let distribution = Distribution::ALL[index % Distribution::ALL.len()];
            let rest = index / Distribution::ALL.len();
            let count = COUNTS[rest % COUNTS.len()];
            let hypothesis = Hypothesis::ALL[rest / COUNTS.len() % Hypothesis::ALL.len()];
            Case::new(index, hypothesis, distribution, count, random)
        };
        let batch: Vec<_> = (done..cases.min(done + BATCH)).map(|it| of(it, &mut random)).collect();
        done += batch.len();
        for (case, findings) in batch.iter().zip(check(&batch, &mut random)?) {
            table.add(case, &findings);
        }
    }
    table.print();
    Ok(())
}

/// Sends the messages of all cases, and sorts what is found by case.
fn check(batch: &[Case], random: &mut Random) -> Result<Vec<Vec<Finding>>> {
    let text: String = batch.iter().map(Case::declaration).collect();
    found(&text, batch.iter().map(|it| it.name.as_str()), |inference| {
        for case in batch {
            let (protocol, name) = (case.name.as_str(), case.name.as_str());
            for (number, bytes) in (0..).zip(&case.messages(random)) {
                let time = Some(Timestamp((values::NOW + number) * 1_000_000_000));
                let frame = number as u64 + 1;
                Payload { protocol, name, bytes, frame, time, port: 1989 }.push(inference, 4000);
            }
        }
    })
}

#[derive(Default)]
struct Row {
    cases: usize,
    /// With an error-level finding.
    claimed: usize,
    /// With one that is not true.
    wrong: usize,
    /// Error-level findings, and those that are not true.
    findings: usize,
    false_findings: usize,
    /// Cases that have a mistake, and those where it was found.
    mistakes: usize,
    found: usize,
}

#[derive(Default)]
struct Table {
    by_count: BTreeMap<usize, Row>,
    by_distribution: BTreeMap<(usize, &'static str), Row>,
    by_hypothesis: BTreeMap<&'static str, Row>,
    all: Row,
    /// By confidence: findings, and those that are true.
    confidence: BTreeMap<usize, (usize, usize)>,
}

const BINS: [f64; 8] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999];

impl Table {
    fn add(&mut self, case: &Case, findings: &[Finding]) {
        let errors = || findings.iter().filter(|it| it.level == Level::Error);
        let wrong: Vec<_> =
            errors().filter(|it| !case.is_true(it.code, it.field.as_deref())).collect();
        if std::env::var_os("SHOW").is_some() {
            for it in &wrong {
                println!(
                    "{} {} {}\n  {} {:?} {:?} {} {}/{} {:?}\n {}",
                    case.truth(),
                    case.count,
                    case.distribution.name(),
                    it.code.as_str(),
                    it.field,
                    it.confidence,
                    it.text,
                    it.support,
                    it.total,
                    it.notes,
                    case.declaration()
                );
            }
        }
        let right = errors().any(|it| case.is_true(it.code, it.field.as_deref()));
        for it in findings {
            let code = match it.code {
                Code::Undecided if it.text.starts_with("possibly byte-order") => Code::ByteOrder,
                Code::Undecided if it.text.starts_with("possibly padding") => Code::Padding,
                Code::Undecided if it.text.starts_with("possibly type-width") => Code::TypeWidth,
                code => code,
            };
            let confidence = it.confidence.unwrap_or(1.0);
            let bin = BINS.iter().filter(|it| **it <= confidence).count();
            let (all, good) = self.confidence.entry(bin).or_default();
            *all += 1;
            *good += usize::from(case.is_true(code, it.field.as_deref()));
        }
        let distribution = (case.distribution.index(), case.distribution.name());
        for row in [
            &mut self.all,
            self.by_count.entry(case.count).or_default(),
            self.by_distribution.entry(distribution).or_default(),
            self.by_hypothesis.entry(case.truth()).or_default(),
        ] {
            row.cases += 1;
            row.claimed += usize::from(errors().next().is_some());
            row.wrong += usize::from(!wrong.is_empty());
            row.findings += errors().count();
            row.false_findings += wrong.len();
            row.mistakes += usize::from(case.has_mistake());
            row.found += usize::from(right);
        }
    }

    fn print(&self) {
        println!("| | cases | mistakes found | cases with errors | wrong | findings | false |");
        println!("|---|---|---|---|---|---|---|");
        for (count, row) in &self.by_count {
            row.print(&format!("{count} messages"));
        }
        for (truth, row) in &self.by_hypothesis {
            row.print(truth);
        }
        for ((_, name), row) in &self.by_distribution {
            row.print(name);
        }
        self.all.print("all");
        println!("\n| confidence from | findings | true |\n|---|---|---|");
        for (bin, (all, good)) in &self.confidence {
            let from = bin.checked_sub(1).map_or(0.0, |it| BINS[it]);
            println!("| {from} | {all} | {:.1}% |", 100.0 * *good as f64 / *all as f64);
        }
    }
}

impl Row {
    fn print(&self, name: &str) {
        let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        println!(
            "| {name} | {} | {:.0}% | {} | {:.2}% | {} | {:.2}% |",
            self.cases,
            share(self.found, self.mistakes),
            self.claimed,
            share(self.wrong, self.claimed),
            self.findings,
            share(self.false_findings, self.findings),
        );
    }
}
