//! What the outcomes of runs have in common, as JSON and as text.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::Palette;
use super::count::counted;
use super::escape::json_escaped;
use super::json_types::Text;

/// Messages and their bytes.
#[derive(Serialize)]
pub(super) struct Volume {
    pub messages: u64,
    pub bytes: u64,
}

/// How often something was left out.
#[derive(Serialize)]
#[serde(bound(serialize = "R: Display"))]
pub(super) struct Skipped<R: Display> {
    pub reason: Text<R>,
    pub count: u64,
}

/// How long something took: half, 99 of 100 and all. Microseconds, to the nanosecond.
#[derive(Serialize)]
pub(super) struct Quantiles {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Quantiles {
    /// In microseconds.
    pub fn new(p50: Duration, p99: Duration, max: Duration) -> Self {
        let [p50, p99, max] = [p50, p99, max].map(micros);
        Self { p50, p99, max }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 104 days")]
fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1000.0
}

/// Writes an outcome on a line. Its values come from live peers: control characters in them are
/// escaped, those beyond ASCII too. Numbers have no exponent.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn write_outcome(outcome: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    outcome.serialize(&mut Serializer::with_formatter(&mut line, Plain))?;
    line.push(b'\n');
    out.write_all(&line)
}

struct Plain;

impl Formatter for Plain {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        write!(writer, "{value}")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut escaped = Vec::with_capacity(fragment.len());
        json_escaped(fragment, &mut escaped);
        writer.write_all(&escaped)
    }
}

/// Writes a line such as `         6  messages sent, 612 bytes`.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn volume_text(
    messages: u64,
    bytes: u64,
    what: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let plural = if messages == 1 { "" } else { "s" };
    writeln!(out, "{messages:>10}  message{plural} {what}, {}", counted(bytes, "byte"))
}

/// Writes a line such as `late  half within 1.5µs, 99 of 100 within 20.0µs, all within 3.0ms`.
///
/// # Errors
///
/// Those of `out`.
pub(super) fn quantiles_text(
    what: &str,
    [p50, p99, max]: [Duration; 3],
    Palette { dim, .. }: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let told = format!("half within {p50:.1?}, 99 of 100 within {p99:.1?}, all within {max:.1?}");
    writeln!(out, "{dim}{what:>10}  {told}{dim:#}")
}
