//! How often `check` is right about programs: whole messages of many fields of use, and what programmers do wrong.
//!
//! ```text
//! cargo run --release --example verdicts [fitted | held-out] [SENDERS] [MESSAGES] [SEED]
//! ```
//!
//! A sender is *wrong* where an error-level finding is not true of it. `docs/checking.md` has the table that
//! this prints for the programs that are held out.

#[path = "verdicts/content.rs"]
mod content;
#[path = "../tests/datagram/mod.rs"]
#[expect(dead_code, reason = "streams are for the tests")]
mod datagram;
#[path = "confusion/found.rs"]
mod found;
#[path = "verdicts/programs.rs"]
mod programs;
#[path = "../tests/generator/random.rs"]
mod random;
#[path = "verdicts/senders.rs"]
mod senders;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use wirereel::{
    capture::Timestamp,
    check::{Code, Finding},
    schema::Level,
};

use self::{
    datagram::Payload,
    found::found,
    programs::{FITTED, HELD_OUT, Program},
    random::Random,
    senders::{Mistake, Sender},
};

/// Structs of one header.
const BATCH: usize = 250;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let lines = match arguments.next().as_deref() {
        Some("held-out") => HELD_OUT,
        Some("fitted") | None => FITTED,
        Some(other) => bail!("no set {other:?}: fitted or held-out"),
    };
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |it| it.parse());
    let (senders, count, seed) = (number(6000)?, number(10)?, number(1)?);
    let programs = lines.iter().map(|it| Program::parse(it)).collect::<Result<Vec<_>>>()?;
    let mut random = Random::new(seed as u64);
    let mut table = Table::default();
    let mut drawn = Vec::new();
    for index in 0.. {
        if drawn.len() == senders {
            break;
        }
        // Two in five do nothing wrong, as in captures.
        let mistake = match random.chance(40) {
            true => Mistake::Nothing,
            false => *random.pick(Mistake::ALL),
        };
        drawn.extend(Sender::new(index, random.pick(&programs), mistake, &mut random));
    }
    for batch in drawn.chunks(BATCH) {
        for (sender, findings) in batch.iter().zip(check(batch, count, &mut random)?) {
            table.add(sender, &findings);
        }
    }
    table.print();
    Ok(())
}

/// Sends the messages of all, and sorts what is found by sender.
fn check(batch: &[Sender], count: usize, random: &mut Random) -> Result<Vec<Vec<Finding>>> {
    let text: String = batch.iter().map(Sender::declaration).collect();
    let header = format!("#include <stdint.h>\n{text}");
    found(&header, batch.iter().map(|it| it.name.as_str()), |inference| {
        for sender in batch {
            let (protocol, name) = (sender.name.as_str(), sender.name.as_str());
            for (frame, (src, now, bytes)) in (1..).zip(&sender.messages(count, random)) {
                let time = Some(Timestamp(*now));
                Payload { protocol, name, bytes, frame, time, port: 1989 }.push(inference, *src);
            }
        }
    })
}

#[derive(Default)]
struct Row {
    senders: usize,
    wrong: usize,
    found: usize,
    /// Where what is true is not sure.
    undecided: usize,
    /// Those in another order than declared, and those found.
    fields: usize,
    fields_found: usize,
    warned: usize,
}

#[derive(Default)]
struct Table {
    rows: BTreeMap<Mistake, Row>,
    all: Row,
    /// Findings of at least 0.99, and those that are true.
    sure: (usize, usize),
}

impl Table {
    fn add(&mut self, sender: &Sender, findings: &[Finding]) {
        let errors = || findings.iter().filter(|it| it.level == Level::Error);
        let is_true = |it: &&Finding| sender.is_true(it.code, it);
        let is_wrong = errors().any(|it| !is_true(&it));
        let is_whole = |it: &&Finding| match it.code {
            Code::Length => false,
            Code::Drift => sender.is_placed(it),
            _ => true,
        };
        let is_found = errors().filter(is_whole).any(|it| is_true(&it));
        let possibly = |it: &&Finding| {
            let codes = [Code::ByteOrder, Code::Padding, Code::Drift];
            let named = codes
                .into_iter()
                .find(|code| it.text.starts_with(&format!("possibly {}:", code.as_str())));
            it.code == Code::Undecided && named.is_some_and(|code| sender.is_true(code, it))
        };
        let is_undecided = !is_found && findings.iter().any(|it| possibly(&it));
        let fields = sender.swapped().count();
        let fields_found = sender.swapped().filter(|name| {
            let of = |it: &Finding| {
                it.field.as_deref().and_then(|it| it.split('[').next()) == Some(*name)
            };
            errors().any(|it| it.code == Code::ByteOrder && of(it) && is_true(&it))
        });
        let fields_found = fields_found.count();
        if std::env::var_os("SHOW").is_some_and(|it| is_wrong || it == sender.mistake.name()) {
            println!("{} {}", sender.mistake.name(), sender.declaration());
            for it in findings {
                println!(
                    "   {} {} {:?} {:?} {:?} {}/{} {:?}",
                    is_true(&it),
                    it.code.as_str(),
                    it.field,
                    it.confidence,
                    it.text,
                    it.support,
                    it.total,
                    it.notes
                );
            }
        }
        for it in errors().filter(|it| it.confidence.is_some_and(|it| it >= 0.99)) {
            self.sure.0 += 1;
            self.sure.1 += usize::from(is_true(&it));
        }
        for row in [&mut self.all, self.rows.entry(sender.mistake).or_default()] {
            row.senders += 1;
            row.wrong += usize::from(is_wrong);
            row.found += usize::from(is_found);
            row.undecided += usize::from(is_undecided);
            row.fields += fields;
            row.fields_found += fields_found;
            row.warned += usize::from(findings.iter().any(|it| it.level == Level::Warning));
        }
    }

    fn print(&self) {
        println!("| sender | senders | wrong | found | undecided | fields found | warned |");
        println!("|---|---|---|---|---|---|---|");
        for (mistake, row) in &self.rows {
            row.print(mistake.name(), true);
        }
        self.all.print("all", false);
        let (sure, right) = self.sure;
        println!("\nerrors of 0.99 and more: {sure}, true: {}", percent(right, sure));
    }
}

impl Row {
    fn print(&self, name: &str, has_truth: bool) {
        let of = |part| if has_truth { percent(part, self.senders) } else { String::new() };
        let fields = if self.fields > 0 && has_truth {
            percent(self.fields_found, self.fields)
        } else {
            String::new()
        };
        println!(
            "| {name} | {} | {} | {} | {} | {fields} | {} |",
            self.senders,
            percent(self.wrong, self.senders),
            of(self.found),
            of(self.undecided),
            percent(self.warned, self.senders),
        );
    }
}

fn percent(part: usize, of: usize) -> String {
    format!("{:.1}%", 100.0 * part as f64 / of.max(1) as f64)
}
