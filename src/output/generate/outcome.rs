//! What a run of messages came to: for people, and as JSON.

use std::io::{self, Write};
use std::time::Duration;

use super::json_types as json;
use crate::generate::frames::FramesOutcome;
use crate::generate::sending::{Replies, SendingOutcome};
use crate::net::LatenessHistogram;
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::escape::terminal;
use crate::output::json_types::Text;
use crate::output::outcome_parts::{
    Quantiles, Skipped, Volume, quantiles_text, volume_text, write_outcome,
};

/// Writes what was sent as a summary; `seed` makes the same messages again.
///
/// # Errors
///
/// Those of `out`.
pub fn generated_text(
    outcome: &SendingOutcome,
    seed: u64,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { doubt, .. } = palette;
    let mut lines = Vec::new();
    volume_text(outcome.sent.datagrams, outcome.sent.bytes, "sent", &mut lines)?;
    for (reason, count) in reasons(outcome) {
        write!(lines, "{doubt}{count:>10}  skipped: ")?;
        terminal(&reason, &mut lines);
        writeln!(lines, "{doubt:#}")?;
    }
    if let Some(replies) = &outcome.replies {
        replies_text(replies, palette, &mut lines)?;
    }
    if outcome.lateness.max() > Duration::ZERO {
        quantiles_text("late", quantiles(&outcome.lateness), palette, &mut lines)?;
    }
    end_text(outcome.duration, seed, outcome.interrupted, palette, &mut lines)?;
    out.write_all(&lines)
}

/// Writes what was sent as one JSON object on a line: `sent` (`messages`, `bytes`), `skipped` (a
/// list of `reason`, `count`), `lateness_us` (`p50`, `p99`, `max`), `duration_s`, `seed`; where answers
/// were awaited `replies`, `missing`, `unasked` and `rtt_us`; and `interrupted`, which is `true`, where
/// the run was ended before its end.
///
/// # Errors
///
/// Those of `out`.
pub fn generated_json(outcome: &SendingOutcome, seed: u64, out: &mut dyn Write) -> io::Result<()> {
    let skipped = |(reason, count)| Skipped { reason: Text(reason), count };
    let object = json::Generated {
        sent: Volume { messages: outcome.sent.datagrams, bytes: outcome.sent.bytes },
        skipped: reasons(outcome).map(skipped).collect(),
        lateness_us: micros(&outcome.lateness),
        duration_s: outcome.duration.as_secs_f64(),
        seed,
        replies: outcome.replies.as_ref().map(|it| json::Replies {
            replies: it.answered,
            missing: it.missing,
            unasked: it.unasked,
            rtt_us: micros(&it.round_trips),
        }),
        interrupted: outcome.interrupted,
    };
    write_outcome(&object, out)
}

/// Writes what was written to a capture as a summary.
///
/// # Errors
///
/// Those of `out`.
pub fn written_text(
    outcome: &FramesOutcome,
    file: &str,
    seed: u64,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    let what = format!("written to {file}");
    volume_text(outcome.messages, outcome.bytes, &what, &mut lines)?;
    if outcome.frames != outcome.messages {
        let plural = if outcome.frames == 1 { "" } else { "s" };
        writeln!(lines, "{:>10}  frame{plural}", outcome.frames)?;
    }
    end_text(outcome.duration, seed, outcome.interrupted, palette, &mut lines)?;
    out.write_all(&lines)
}

/// Writes what was written to a capture as one JSON object on a line: `file`, `written` (`messages`,
/// `bytes`), `frames`, `duration_s`, `seed`, and `interrupted` as [`generated_json`] has it.
///
/// # Errors
///
/// Those of `out`.
pub fn written_json(
    outcome: &FramesOutcome,
    file: &str,
    seed: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let object = json::Written {
        file,
        written: Volume { messages: outcome.messages, bytes: outcome.bytes },
        frames: outcome.frames,
        duration_s: outcome.duration.as_secs_f64(),
        seed,
        interrupted: outcome.interrupted,
    };
    write_outcome(&object, out)
}

fn replies_text(replies: &Replies, palette: Palette, out: &mut Vec<u8>) -> io::Result<()> {
    let Palette { doubt, error, .. } = palette;
    let Replies { answered, missing, unasked, round_trips } = replies;
    write!(out, "{answered:>10}  answered")?;
    if *missing > 0 {
        write!(out, ", {error}{missing} missing{error:#}")?;
    }
    writeln!(out)?;
    if *unasked > 0 {
        writeln!(out, "{doubt}{unasked:>10}  {} nothing{doubt:#}", answers(*unasked))?;
    }
    match round_trips.steps() {
        0 => Ok(()),
        _ => quantiles_text("round trip", quantiles(round_trips), palette, out),
    }
}

fn answers(count: u64) -> String {
    let counted = counted(count, "datagram");
    let word = counted.trim_start_matches(|it: char| it.is_ascii_digit()).trim_start();
    format!("{word} that {}", if count == 1 { "answers" } else { "answer" })
}

fn end_text(
    duration: Duration,
    seed: u64,
    interrupted: bool,
    Palette { dim, doubt, .. }: Palette,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    writeln!(out, "{dim}{:>10}  {:.3} s{dim:#}", "took", duration.as_secs_f64())?;
    writeln!(out, "{dim}{:>10}  {seed}{dim:#}", "seed")?;
    match interrupted {
        true => writeln!(out, "{doubt}{:>10}  before its end{doubt:#}", "stopped"),
        false => Ok(()),
    }
}

/// What did not leave, and what did not arrive.
fn reasons(outcome: &SendingOutcome) -> impl Iterator<Item = (String, u64)> + '_ {
    let faults = outcome.sent.faults.iter();
    let faults = faults.map(|(it, count)| (format!("UDP datagram: {it}"), *count));
    let undelivered = outcome.sent.undelivered.iter().map(|(it, count)| (it.to_string(), *count));
    faults.chain(undelivered)
}

fn quantiles(of: &LatenessHistogram) -> [Duration; 3] {
    [of.quantile(0.5), of.quantile(0.99), of.max()]
}

fn micros(of: &LatenessHistogram) -> Quantiles {
    let [p50, p99, max] = quantiles(of);
    Quantiles::new(p50, p99, max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Sent, Undelivered, Unsent};

    fn outcome() -> SendingOutcome {
        let histogram = |micros: &[u64]| {
            let mut histogram = LatenessHistogram::new().unwrap();
            for micros in micros {
                histogram.record(Duration::ZERO, Duration::from_micros(*micros), 1);
            }
            histogram
        };
        let to = Some("127.0.0.1:9".parse().unwrap());
        SendingOutcome {
            sent: Sent {
                datagrams: 3,
                bytes: 57,
                retries: 1,
                undelivered: vec![(Undelivered::refused(to), 2)],
                faults: vec![(Unsent::TooLong, 1)],
            },
            lateness: histogram(&[1, 2]),
            duration: Duration::from_millis(1250),
            replies: Some(Replies {
                answered: 1,
                missing: 2,
                unasked: 1,
                round_trips: histogram(&[20]),
            }),
            interrupted: true,
            failure: None,
        }
    }

    #[test]
    fn text_sums_up() {
        let mut out = Vec::new();
        generated_text(&outcome(), 7, Palette::plain(), &mut out).unwrap();
        let expected = "         3  messages sent, 57 bytes
         1  skipped: UDP datagram: longer than the interface can send
         2  skipped: UDP datagram refused: no program listens at 127.0.0.1:9
         1  answered, 2 missing
         1  datagram that answers nothing
round trip  half within 20.0µs, 99 of 100 within 20.0µs, all within 20.0µs
      late  half within 1.0µs, 99 of 100 within 2.0µs, all within 2.0µs
      took  1.250 s
      seed  7
   stopped  before its end
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        let mut out = Vec::new();
        generated_json(&outcome(), 7, &mut out).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!({
            "sent": {"messages": 3, "bytes": 57},
            "skipped": [
                {"reason": "UDP datagram: longer than the interface can send", "count": 1},
                {"reason": "UDP datagram refused: no program listens at 127.0.0.1:9", "count": 2},
            ],
            "lateness_us": read["lateness_us"],
            "duration_s": 1.25, "seed": 7, "replies": 1, "missing": 2, "unasked": 1,
            "rtt_us": read["rtt_us"], "interrupted": true,
        });
        assert_eq!(read, expected);
        assert_eq!((&read["lateness_us"]["max"], &read["rtt_us"]["max"]), (&2.into(), &20.into()));
        let plain = SendingOutcome { replies: None, interrupted: false, ..outcome() };
        out.clear();
        generated_json(&plain, 7, &mut out).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((read.get("replies"), read.get("interrupted")), (None, None));
    }

    #[test]
    fn what_is_written_is_not_sent() {
        let outcome = FramesOutcome {
            messages: 4,
            bytes: 16_000,
            frames: 12,
            duration: Duration::from_millis(3),
            interrupted: false,
        };
        let mut out = Vec::new();
        written_text(&outcome, "out.pcap", 7, Palette::plain(), &mut out).unwrap();
        let expected = "         4  messages written to out.pcap, 16000 bytes
        12  frames
      took  0.003 s
      seed  7
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let mut out = Vec::new();
        written_json(&outcome, "out.pcap", 7, &mut out).unwrap();
        let expected = concat!(
            r#"{"file":"out.pcap","written":{"messages":4,"bytes":16000},"frames":12,"#,
            r#""duration_s":0.003,"seed":7}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
