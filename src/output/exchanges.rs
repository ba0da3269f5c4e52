//! What the numbers of messages came to, and their requests and answers: as cells of a table, lines of
//! a summary, and objects of JSON.

use serde::Serialize;

use super::count::counted;
use super::escape::printable;
use super::json_types::Text;
use super::time;
use crate::decode::{NumberFigures, PairCounts, PairFigures};
use crate::packet::Endpoint;

/// What numbers came to, as an object.
#[derive(Serialize)]
pub(super) struct Numbers<'a> {
    transport: &'static str,
    src: Text<Endpoint>,
    protocol: &'a str,
    field: &'a str,
    received: u64,
    lost: u64,
    duplicates: u64,
    reordered: u64,
    restarts: u64,
}

/// What requests came to, as an object.
#[derive(Serialize)]
pub(super) struct Pairs {
    asked: u64,
    answered: u64,
    unanswered: u64,
    unasked: u64,
    repeated: u64,
    further: u64,
    forgotten: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_us: Option<Latency>,
}

#[derive(Serialize)]
struct Latency {
    p50: f64,
    max: f64,
}

impl<'a> From<&'a NumberFigures> for Numbers<'a> {
    fn from(it: &'a NumberFigures) -> Self {
        Self {
            transport: it.transport.as_str(),
            src: Text(it.src),
            protocol: &it.protocol,
            field: &it.field,
            received: it.received,
            lost: it.counts.lost(),
            duplicates: it.counts.duplicates,
            reordered: it.counts.reordered,
            restarts: it.restarts,
        }
    }
}

impl From<&PairCounts> for Pairs {
    fn from(it: &PairCounts) -> Self {
        Self {
            asked: it.asked,
            answered: it.answered,
            unanswered: it.unanswered(),
            unasked: it.unasked,
            repeated: it.repeated,
            further: it.further,
            forgotten: it.forgotten,
            latency_us: None,
        }
    }
}

impl From<&PairFigures> for Pairs {
    fn from(it: &PairFigures) -> Self {
        let micros = |nanos: u64| nanos as f64 / 1000.0;
        let latency = it.median.zip(it.largest);
        let latency_us = latency.map(|(p50, max)| Latency { p50: micros(p50), max: micros(max) });
        Self { latency_us, ..Self::from(&it.counts) }
    }
}

/// Those of all conversations, where there are any.
pub(super) fn pairs_of(counts: &PairCounts) -> Option<Pairs> {
    (*counts != PairCounts::default()).then(|| counts.into())
}

/// What numbers came to, in words.
pub(super) fn numbers_text(it: &NumberFigures) -> String {
    let counts = &it.counts;
    let what = [
        (counts.lost(), "lost"),
        (counts.duplicates, "twice"),
        (counts.reordered, "late"),
        (it.restarts, "begun anew"),
    ];
    let field = printable(&it.field);
    format!("{field} from {}: {} received{}", it.src, it.received, listed(&what))
}

/// What requests came to, in words.
pub(super) fn pairs_text(it: &PairFigures) -> String {
    let PairFigures { counts, median, largest } = it;
    let what = [
        (counts.unanswered(), "without answer"),
        (counts.unasked, "unasked"),
        (counts.repeated, "asked again"),
        (counts.further, "further answers"),
    ];
    let latency = median.zip(*largest).map_or_else(String::new, |(median, largest)| {
        format!(", median {} s, largest {} s", time::seconds(median), time::seconds(largest))
    });
    let requests = counted(counts.asked, "request");
    format!("{requests}, {} answered{}{latency}", counts.answered, listed(&what))
}

/// Those that there are, each behind a comma.
fn listed(what: &[(u64, &str)]) -> String {
    let any = what.iter().filter(|it| it.0 > 0);
    any.map(|(count, what)| format!(", {count} {what}")).collect()
}

/// The lines of a summary: how many, what, and whether that is a doubt.
pub(super) fn pair_lines(counts: &PairCounts) -> impl Iterator<Item = (u64, &'static str, bool)> {
    let lines = [
        (counts.answered, "requests answered", false),
        (counts.unanswered(), "requests without an answer", true),
        (counts.unasked, "answers to no request", true),
        (counts.repeated, "requests sent again before they were answered", true),
        (counts.further, "further answers to a request", false),
        (counts.forgotten, "requests forgotten before an answer came", true),
    ];
    lines.into_iter().filter(|it| it.0 > 0)
}
