//! What a replay came to: for people, and as JSON.
//!
//! Values come from the wire: control characters in them are escaped.

use std::io::{self, Write};
use std::time::Duration;

use super::json_types as json;
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::escape::terminal;
use crate::output::json_types::Text;
use crate::output::outcome_parts::{
    self as parts, Quantiles, quantiles_text, volume_text, write_outcome,
};
use crate::replay::{Difference, Lateness, MAX_DIFFERENCES, Outcome, Reason, Skipped, Volume};

/// Writes the differences, a line each, and a summary below them.
///
/// # Errors
///
/// Those of `out`.
pub fn outcome_text(outcome: &Outcome, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    text(outcome, "answer", palette, out)
}

/// The same where the server was played, so that requests were compared.
///
/// # Errors
///
/// Those of `out`.
pub fn served_text(outcome: &Outcome, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    text(outcome, "request", palette, out)
}

/// `judged` is what was compared.
fn text(outcome: &Outcome, judged: &str, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    for difference in &outcome.differences {
        difference_text(difference, judged, palette, &mut lines)?;
    }
    if outcome.differences.len() >= MAX_DIFFERENCES {
        let Palette { dim, .. } = palette;
        writeln!(lines, "{dim}no more than {MAX_DIFFERENCES} differences are listed{dim:#}")?;
    }
    summary(outcome, judged, palette, &mut lines)?;
    out.write_all(&lines)
}

/// Writes the outcome as one JSON object on a line: `conversations`, `sent` and `received`
/// (`messages`, `bytes`), `matched`, `differed`, `missing`, `skipped` (a list of `reason`,
/// `count`), `lateness_us` (`p50`, `p99`, `max`), `duration_s`, `differences` (a list of
/// `conversation`, `message`, `field`, `expected`, `actual`; `null` where there is nothing), and
/// `interrupted`, which is `true`, where the run was ended before its end.
///
/// # Errors
///
/// Those of `out`.
pub fn outcome_json(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let Lateness { p50, p99, max } = outcome.lateness;
    let object = json::Outcome {
        conversations: outcome.conversations,
        sent: volume(outcome.sent),
        received: volume(outcome.received),
        matched: outcome.matched,
        differed: outcome.differed,
        missing: outcome.missing,
        skipped: outcome.skipped.iter().map(skipped).collect(),
        lateness_us: Quantiles::new(p50, p99, max),
        duration_s: outcome.duration.as_secs_f64(),
        differences: outcome.differences.iter().map(difference).collect(),
        interrupted: outcome.interrupted,
    };
    write_outcome(&object, out)
}

/// `conversation 3, answer 2: status: expected 200, got 404`.
fn difference_text(
    it: &Difference,
    judged: &str,
    palette: Palette,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Palette { dim, strong, error, .. } = palette;
    write!(out, "{dim}conversation {}, {judged} {}:{dim:#} ", it.conversation, it.message)?;
    if !it.field.is_empty() {
        write!(out, "{strong}")?;
        terminal(&it.field, out);
        write!(out, "{strong:#}: ")?;
    }
    write!(out, "expected ")?;
    terminal(it.expected.as_deref().unwrap_or("nothing"), out);
    write!(out, ", got {error}")?;
    terminal(it.actual.as_deref().unwrap_or("nothing"), out);
    writeln!(out, "{error:#}")
}

fn summary(outcome: &Outcome, judged: &str, palette: Palette, out: &mut Vec<u8>) -> io::Result<()> {
    let Palette { dim, strong, doubt, error, .. } = palette;
    let Outcome { matched, differed, missing, .. } = *outcome;
    let conversations = counted(outcome.conversations, "conversation");
    write!(out, "{strong}{conversations}, {} as recorded{strong:#}", counted(matched, judged))?;
    for (count, what) in [(differed, "differed"), (missing, "missing")] {
        if count > 0 {
            write!(out, ", {error}{count} {what}{error:#}")?;
        }
    }
    writeln!(out)?;
    for (volume, what) in [(outcome.sent, "sent"), (outcome.received, "received")] {
        volume_text(volume.messages, volume.bytes, what, out)?;
    }
    for Skipped { reason, count } in &outcome.skipped {
        write!(out, "{doubt}{count:>10}  skipped: ")?;
        terminal(&reason.to_string(), out);
        writeln!(out, "{doubt:#}")?;
    }
    let Lateness { p50, p99, max } = outcome.lateness;
    if max > Duration::ZERO {
        quantiles_text("late", [p50, p99, max], palette, out)?;
    }
    writeln!(out, "{dim}{:>10}  {:.3} s{dim:#}", "took", outcome.duration.as_secs_f64())?;
    if outcome.interrupted {
        writeln!(out, "{doubt}{:>10}  before its end{doubt:#}", "stopped")?;
    }
    Ok(())
}

fn difference(it: &Difference) -> json::Difference<'_> {
    json::Difference {
        conversation: it.conversation,
        message: it.message,
        field: &it.field,
        expected: it.expected.as_deref(),
        actual: it.actual.as_deref(),
    }
}

pub(super) fn skipped(it: &Skipped) -> parts::Skipped<&Reason> {
    parts::Skipped { reason: Text(&it.reason), count: it.count }
}

fn volume(Volume { messages, bytes }: Volume) -> parts::Volume {
    parts::Volume { messages, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let difference = |field: &str, expected: Option<&str>, actual: Option<&str>| Difference {
            conversation: 3,
            message: 2,
            field: field.to_owned(),
            expected: expected.map(str::to_owned),
            actual: actual.map(str::to_owned),
        };
        Outcome {
            conversations: 2,
            sent: Volume { messages: 6, bytes: 612 },
            received: Volume { messages: 1, bytes: 1 },
            matched: 1,
            differed: 1,
            missing: 1,
            skipped: vec![Skipped { reason: Reason::MidStream, count: 4 }],
            lateness: Lateness {
                p50: Duration::from_nanos(1500),
                p99: Duration::from_micros(20),
                max: Duration::from_millis(3),
            },
            duration: Duration::from_millis(1250),
            differences: vec![
                difference("status", Some("200"), Some("4\x1b[31m04\u{9b}")),
                difference("", Some("200 OK"), None),
            ],
            interrupted: true,
        }
    }

    #[test]
    fn text_tells_each_difference_and_sums_up() {
        let mut out = Vec::new();
        outcome_text(&outcome(), Palette::plain(), &mut out).unwrap();
        let expected = "\
conversation 3, answer 2: status: expected 200, got 4\\x1b[31m04\\u{9b}
conversation 3, answer 2: expected 200 OK, got nothing
2 conversations, 1 answer as recorded, 1 differed, 1 missing
         6  messages sent, 612 bytes
         1  message received, 1 byte
         4  skipped: TCP conversation that began before the capture: no SYN
      late  half within 1.5µs, 99 of 100 within 20.0µs, all within 3.0ms
      took  1.250 s
   stopped  before its end
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_clean_run_is_short() {
        let mut out = Vec::new();
        let clean = Outcome { conversations: 1, matched: 2, ..Outcome::default() };
        outcome_text(&clean, Palette::plain(), &mut out).unwrap();
        let mut served = Vec::new();
        served_text(&clean, Palette::plain(), &mut served).unwrap();
        assert!(served.starts_with(b"1 conversation, 2 requests as recorded\n"));
        let expected = "1 conversation, 2 answers as recorded\n         0  messages sent, 0 bytes\n         \
                        0  messages received, 0 bytes\n      took  0.000 s\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn colour_is_taken_back() {
        let (mut plain, mut coloured) = (Vec::new(), Vec::new());
        outcome_text(&outcome(), Palette::plain(), &mut plain).unwrap();
        outcome_text(&outcome(), Palette::coloured(), &mut coloured).unwrap();
        let mut stripped = anstream::StripStream::new(Vec::new());
        stripped.write_all(&coloured).unwrap();
        assert_eq!(stripped.into_inner(), plain);
        assert_ne!(coloured, plain);
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        let mut out = Vec::new();
        outcome_json(&outcome(), &mut out).unwrap();
        let expected = concat!(
            r#"{"conversations":2,"sent":{"messages":6,"bytes":612},"received":{"messages":1,"bytes":1},"#,
            r#""matched":1,"differed":1,"missing":1,"#,
            r#""skipped":[{"reason":"TCP conversation that began before the capture: no SYN","count":4}],"#,
            r#""lateness_us":{"p50":1.5,"p99":20,"max":3000},"duration_s":1.25,"differences":["#,
            r#"{"conversation":3,"message":2,"field":"status","expected":"200","actual":"4\u001b[31m04\u009b"},"#,
            r#"{"conversation":3,"message":2,"field":"","expected":"200 OK","actual":null}],"#,
            r#""interrupted":true}"#,
            "\n"
        );
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, expected);
        serde_json::from_str::<serde_json::Value>(&written).unwrap();
        let mut out = Vec::new();
        outcome_json(&Outcome::default(), &mut out).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read.get("interrupted"), None);
        assert_eq!(read["skipped"], serde_json::json!([]));
    }
}
