//! What a listener heard, for people: a paragraph for each sender, then its histogram.

use std::io::{self, Write};

use super::histogram::{bars, nanos};
use crate::generate::listen::{Distribution, Heard, MAX_SENDERS, Rates, SenderFigures};
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::escape::terminal;

/// Writes what came, sender by sender.
///
/// # Errors
///
/// Those of `out`.
pub fn heard_text(heard: &Heard, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Palette { strong, dim, doubt, error, .. } = palette;
    let mut lines = Vec::new();
    let received = counted(heard.received, "datagram");
    let (bytes, senders) = (counted(heard.bytes, "byte"), heard.senders.len() as u64);
    let senders = counted(senders, "sender");
    writeln!(lines, "{strong}{received} received, {bytes}, {senders}{strong:#}")?;
    for (count, what) in [
        (heard.dropped, "dropped by the kernel"),
        (heard.unanswered, "answers that the kernel did not take"),
    ] {
        if count > 0 {
            writeln!(lines, "{error}{count:>10}  {what}{error:#}")?;
        }
    }
    for (count, what) in [
        (heard.elsewhere, "to other addresses of the port".to_owned()),
        (heard.of_others, format!("of senders beyond the first {MAX_SENDERS}")),
        (heard.answered, "answered".to_owned()),
    ] {
        if count > 0 {
            writeln!(lines, "{doubt}{count:>10}  {what}{doubt:#}")?;
        }
    }
    writeln!(lines, "{dim}{:>10}  {:.3} s{dim:#}", "took", heard.duration.as_secs_f64())?;
    for why in &heard.why {
        writeln!(lines, "{error}{:>10}  {}:{error:#} {}", "why", why.cause, why.evidence)?;
        writeln!(lines, "{:>10}  {}", "cure", why.cure)?;
    }
    if heard.received == 0 && heard.why.is_empty() {
        writeln!(lines, "{dim}{:>10}  nothing came: --why looks for the cause{dim:#}", "")?;
    }
    for sender in &heard.senders {
        lines.push(b'\n');
        sender_text(sender, palette, &mut lines)?;
    }
    out.write_all(&lines)
}

/// Writes what came in an interval, as one line.
///
/// # Errors
///
/// Those of `out`.
pub fn rates_text(rates: &Rates, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Palette { dim, error, .. } = palette;
    let seconds = rates.passed.as_secs_f64();
    let received = rates.received as f64 / seconds;
    let bits = rates.bytes as f64 * 8.0 / seconds / 1e6;
    write!(out, "{dim}{:>8.1} s{dim:#}  ", rates.at.as_secs_f64())?;
    write!(out, "{received:.0} datagrams a second, {bits:.3} Mbit/s, {} lost", rates.lost)?;
    if rates.dropped > 0 {
        write!(out, ", {error}{} dropped by the kernel{error:#}", rates.dropped)?;
    }
    writeln!(out)
}

fn sender_text(it: &SenderFigures, palette: Palette, out: &mut Vec<u8>) -> io::Result<()> {
    let Palette { strong, dim, .. } = palette;
    write!(out, "{strong}{}", it.src)?;
    match it.destinations.counts() {
        [] => {}
        [(only, _)] => write!(out, " to {only}")?,
        [(first, _), others @ ..] => write!(out, " to {first} and {} more", others.len())?,
    }
    if let Some(protocol) = &it.protocol {
        out.extend_from_slice(b", ");
        terminal(protocol, out);
    }
    writeln!(out, "{strong:#}")?;
    let bytes = counted(it.bytes, "byte");
    let plural = if it.received == 1 { "" } else { "s" };
    writeln!(out, "{:>10}  message{plural} received, {bytes}{}", it.received, rate(it))?;
    sequence_text(it, palette, out)?;
    if let Some(latencies) = &it.latencies {
        latency_text(it, latencies, palette, out)?;
    } else if it.intervals.count() > 0 {
        let silence = nanos(it.intervals.max().unwrap_or_default());
        writeln!(out, "{dim}{:>10}  {silence} at the longest{dim:#}", "silence")?;
        writeln!(out, "{strong}from one message to the next{strong:#}")?;
        bars(&it.intervals, palette, out)?;
    }
    Ok(())
}

/// How many a second, between the first and the last.
fn rate(it: &SenderFigures) -> String {
    let nanos = it.last.saturating_sub(it.first);
    if nanos <= 0 {
        return String::new();
    }
    let seconds = nanos as f64 / 1e9;
    format!(", {:.1} a second", it.received.saturating_sub(1) as f64 / seconds)
}

fn sequence_text(it: &SenderFigures, palette: Palette, out: &mut Vec<u8>) -> io::Result<()> {
    let Palette { dim, doubt, error, .. } = palette;
    let Some(sequence) = &it.sequence else {
        return writeln!(out, "{dim}{:>10}  no counter, so that losses cannot be told{dim:#}", "");
    };
    let counts = sequence.counts();
    let lost = counts.lost();
    let style = if lost > 0 { error } else { dim };
    let share = lost as f64 * 100.0 / counts.expected.max(1) as f64;
    writeln!(out, "{style}{lost:>10}  lost, {share:.2}% of {}{style:#}", counts.expected)?;
    let extent = it.extents.as_ref().and_then(|extents| {
        let (half, most) = (extents.quantile(0.5)?, extents.max()?);
        Some(format!(", half by {half} or less, all by {most} or less"))
    });
    let extent = extent.unwrap_or_default();
    for (count, what) in [
        (counts.duplicates, "duplicate".to_owned()),
        (counts.reordered, format!("reordered{extent}")),
    ] {
        let style = if count > 0 { doubt } else { dim };
        let plural = if what == "duplicate" && count != 1 { "s" } else { "" };
        writeln!(out, "{style}{count:>10}  {what}{plural}{style:#}")?;
    }
    for (count, what) in
        [(counts.stray, "with a number out of all order"), (sequence.restarts(), "begun anew")]
    {
        if count > 0 {
            writeln!(out, "{doubt}{count:>10}  {what}{doubt:#}")?;
        }
    }
    Ok(())
}

fn latency_text(
    it: &SenderFigures,
    latencies: &Distribution,
    palette: Palette,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Palette { strong, dim, doubt, .. } = palette;
    let at = |share| nanos(latencies.quantile(share).unwrap_or_default());
    let end = |value: Option<i64>| nanos(value.unwrap_or_default());
    writeln!(
        out,
        "{:>10}  half within {}, 99 of 100 within {}, all from {} to {}",
        "latency",
        at(0.5),
        at(0.99),
        end(latencies.min()),
        end(latencies.max())
    )?;
    if latencies.negative() > 0 {
        let ahead = nanos(latencies.min().unwrap_or_default().saturating_neg());
        let count = counted(latencies.negative(), "message");
        writeln!(
            out,
            "{doubt}{:>10}  {count} before being sent: the sender's clock is ahead by {ahead} or \
             more{doubt:#}",
            "clock"
        )?;
    } else if !it.is_same_clock() {
        writeln!(
            out,
            "{dim}{:>10}  two clocks: what they are apart is in each latency, and not in the \
             jitter{dim:#}",
            "clock"
        )?;
    }
    if let Some(jitter) = it.jitter.nanos() {
        #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
        let jitter = nanos(jitter as i64);
        writeln!(out, "{:>10}  {jitter}", "jitter")?;
    }
    if it.untimed > 0 {
        let count = it.untimed;
        writeln!(out, "{doubt}{count:>10}  without a time of this day{doubt:#}")?;
    }
    let silence = end(it.intervals.max());
    writeln!(out, "{dim}{:>10}  {silence} at the longest{dim:#}", "silence")?;
    writeln!(out, "{strong}from sending to arrival{strong:#}")?;
    bars(latencies, palette, out)
}
