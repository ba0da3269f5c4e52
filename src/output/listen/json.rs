//! What a listener heard, as one JSON object on a line. Keys may be added, never renamed.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;

use crate::generate::listen::{Distribution, Heard as Outcome, SenderFigures, Step};
use crate::generate::why::Why as Cause;
use crate::output::json_types::Text;
use crate::output::outcome_parts::write_outcome;

/// What came, in all.
#[derive(Serialize)]
struct Heard<'a> {
    received: u64,
    bytes: u64,
    dropped: u64,
    elsewhere: u64,
    duration_s: f64,
    senders: Vec<Sender<'a>>,
    /// Datagrams of senders that are not listed.
    of_others: u64,
    answered: u64,
    unanswered: u64,
    why: Vec<Why<'a>>,
}

/// A cause, what was seen of it, and what helps.
#[derive(Serialize)]
struct Why<'a> {
    cause: &'static str,
    evidence: &'a str,
    cure: &'a str,
}

/// What came of a sender; `null` is what nothing tells.
#[derive(Serialize)]
struct Sender<'a> {
    src: Text<SocketAddr>,
    destinations: Vec<To>,
    protocol: Option<&'a str>,
    received: u64,
    bytes: u64,
    expected: Option<u64>,
    lost: Option<u64>,
    duplicates: Option<u64>,
    reordered: Option<u64>,
    extent: Option<Quantiles<i64>>,
    stray: Option<u64>,
    restarts: Option<u64>,
    latency_us: Option<Quantiles<f64>>,
    /// Messages that came before they were sent, by the two clocks.
    negative: u64,
    untimed: u64,
    same_clock: bool,
    jitter_us: Option<f64>,
    interval_us: Option<Quantiles<f64>>,
    /// Those of the socket, where this is its only sender.
    dropped: Option<u64>,
    histogram: Histogram,
}

/// Datagrams to an address.
#[derive(Serialize)]
struct To {
    dst: Text<SocketAddr>,
    received: u64,
}

#[derive(Serialize)]
struct Quantiles<T> {
    min: T,
    p50: T,
    p99: T,
    max: T,
}

/// How many messages took so long, or followed each other so fast.
#[derive(Serialize)]
struct Histogram {
    /// `latency` or `interval`.
    of: &'static str,
    steps: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    from_us: f64,
    to_us: f64,
    count: u64,
}

/// Writes what came as one JSON object on a line: `received`, `bytes`, `dropped`, `elsewhere`,
/// `duration_s`, `senders`, `of_others`, `answered`, `unanswered` and `why`
/// (a list of `cause`, `evidence`, `cure`). Of each sender `src`,
/// `destinations` (`dst`, `received`), `protocol`, `received`, `bytes`, `expected`, `lost`, `duplicates`, `reordered`, `extent`, `stray`,
/// `restarts`, `latency_us`, `negative`, `untimed`, `same_clock`, `jitter_us`, `interval_us`,
/// `dropped` and `histogram`.
///
/// # Errors
///
/// Those of `out`.
pub fn heard_json(heard: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let is_only = heard.senders.len() == 1 && heard.of_others == 0;
    let dropped = is_only.then_some(heard.dropped);
    let object = Heard {
        received: heard.received,
        bytes: heard.bytes,
        dropped: heard.dropped,
        elsewhere: heard.elsewhere,
        duration_s: heard.duration.as_secs_f64(),
        senders: heard.senders.iter().map(|it| sender(it, dropped)).collect(),
        of_others: heard.of_others,
        answered: heard.answered,
        unanswered: heard.unanswered,
        why: heard.why.iter().map(why).collect(),
    };
    write_outcome(&object, out)
}

fn why(it: &Cause) -> Why<'_> {
    Why { cause: it.cause.as_str(), evidence: &it.evidence, cure: &it.cure }
}

fn sender(it: &SenderFigures, dropped: Option<u64>) -> Sender<'_> {
    let counts = it.sequence.as_ref().map(|it| it.counts());
    let timed = it.latencies.as_ref();
    let (of, shown) = timed.map_or(("interval", &it.intervals), |it| ("latency", it));
    Sender {
        src: Text(it.src),
        destinations: it.destinations.counts().iter().map(to).collect(),
        protocol: it.protocol.as_deref(),
        received: it.received,
        bytes: it.bytes,
        expected: counts.map(|it| it.expected),
        lost: it.lost(),
        duplicates: counts.map(|it| it.duplicates),
        reordered: counts.map(|it| it.reordered),
        extent: it.extents.as_ref().and_then(|it| quantiles(it, |value| value)),
        stray: counts.map(|it| it.stray),
        restarts: it.sequence.as_ref().map(|it| it.restarts()),
        latency_us: timed.and_then(|it| quantiles(it, micros)),
        negative: timed.map_or(0, Distribution::negative),
        untimed: it.untimed,
        same_clock: it.is_same_clock(),
        jitter_us: it.jitter.nanos().map(|nanos| nanos / 1000.0),
        interval_us: quantiles(&it.intervals, micros),
        dropped,
        histogram: Histogram { of, steps: shown.steps().into_iter().map(bar).collect() },
    }
}

fn to((dst, received): &(SocketAddr, u64)) -> To {
    To { dst: Text(*dst), received: *received }
}

fn quantiles<T>(of: &Distribution, unit: impl Fn(i64) -> T) -> Option<Quantiles<T>> {
    Some(Quantiles {
        min: unit(of.min()?),
        p50: unit(of.quantile(0.5)?),
        p99: unit(of.quantile(0.99)?),
        max: unit(of.max()?),
    })
}

fn bar(Step { from, to, count }: Step) -> Bar {
    Bar { from_us: micros(from), to_us: micros(to), count }
}

/// Microseconds, to the nanosecond.
#[expect(clippy::cast_precision_loss, reason = "exact up to 104 days")]
fn micros(nanos: i64) -> f64 {
    nanos as f64 / 1000.0
}
