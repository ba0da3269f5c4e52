//! Every message of a capture, field by field: ours against tshark's.

use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use serde_json::Value;

use super::pdml::{self, Field, Shown};
use super::protocol::{By, Protocol, Row};

/// Seconds from 1900 to 1970; how many an era of NTP has (RFC 5905, section 6).
const NTP_TO_UNIX: i64 = 2_208_988_800;
const NTP_ERA: i64 = 1 << 32;
/// Of seconds that are shown as decimal fractions.
const TOLERANCE: f64 = 1e-6;

/// All messages are decoded to what tshark shows, no field is left aside, and nothing is found wrong.
///
/// # Errors
///
/// What differs.
pub fn equal(protocol: &Protocol, capture: &Path) -> Result<(), String> {
    let ours = decoded(protocol, capture)?;
    let theirs = pdml::read(capture, protocol.filter)?;
    if ours.is_empty() || ours.len() != theirs.len() {
        return Err(format!("{} messages here, {} there", ours.len(), theirs.len()));
    }
    let mut compared = vec![0_usize; protocol.rows.len()];
    for (message, shown) in ours.iter().zip(&theirs) {
        of_message(protocol, message, shown, &mut compared)
            .map_err(|it| format!("frame {}: {it}: {message}", shown.frame))?;
    }
    let idle = protocol.rows.iter().zip(&compared).find(|it| *it.1 == 0);
    if let Some((row, _)) = idle {
        return Err(format!("{} and {} were never compared", row.ours, row.theirs));
    }
    unfound(protocol, capture)
}

fn wirereel(command: &str, protocol: &Protocol, capture: &Path) -> Result<Output, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    program.arg(command).arg(capture).args(["-T", "json", "--no-builtin", "--profile"]);
    program.arg(protocol.folder().join("wirereel.toml"));
    program.current_dir(env!("CARGO_TARGET_TMPDIR")).output().map_err(|it| it.to_string())
}

fn decoded(protocol: &Protocol, capture: &Path) -> Result<Vec<Value>, String> {
    let output = wirereel("decode", protocol, capture)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    lines(&output)
}

fn lines(output: &Output) -> Result<Vec<Value>, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|it| serde_json::from_str(it).map_err(|it| it.to_string())).collect()
}

/// `check` has nothing but notes to say, and none that traffic could change but what is undecided: bytes
/// that are random, as of a checksum, look like anything now and then.
fn unfound(protocol: &Protocol, capture: &Path) -> Result<(), String> {
    let output = wirereel("check", protocol, capture)?;
    let findings = lines(&output)?;
    let is_fine = |it: &&Value| matches!(it["code"].as_str(), Some("unaligned" | "undecided"));
    let wrong: Vec<_> = findings.iter().filter(|it| !is_fine(it)).map(Value::to_string).collect();
    match (output.status.code(), wrong.is_empty()) {
        (Some(0), true) => Ok(()),
        (code, _) => Err(format!("check exits with {code:?}: {}", wrong.join("\n"))),
    }
}

fn of_message(
    protocol: &Protocol,
    message: &Value,
    shown: &Shown,
    compared: &mut [usize],
) -> Result<(), String> {
    if message["frame"].as_u64() != Some(shown.frame) {
        return Err("another frame here".to_owned());
    }
    if let Some(odd) =
        ["error", "trailing", "candidates"].iter().find(|it| message.get(it).is_some())
    {
        return Err(format!("it has `{odd}`"));
    }
    let fields = &message["fields"];
    let mut leaves = Vec::new();
    leaf_paths(fields, "", &mut leaves);
    let named = protocol.rows.iter().flat_map(|it| it.ours.split('|'));
    let told: Vec<_> = named.chain(protocol.nameless.iter().copied()).collect();
    let is_told = |leaf: &String| told.iter().any(|it| is_within(leaf, it));
    if let Some(untold) = leaves.iter().find(|it| !is_told(it)) {
        return Err(format!("`{untold}` is compared with nothing"));
    }
    for (row, count) in protocol.rows.iter().zip(compared) {
        *count += of_row(row, fields, shown)
            .map_err(|it| format!("{} against {}: {it}", row.ours, row.theirs))?;
    }
    Ok(())
}

/// The paths of all values, each once.
fn leaf_paths(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let stop = if path.is_empty() { "" } else { "." };
                leaf_paths(member, &format!("{path}{stop}{name}"), paths);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|it| leaf_paths(it, path, paths)),
        _ if paths.iter().any(|it| it == path) => {}
        _ => paths.push(path.to_owned()),
    }
}

fn is_within(leaf: &str, path: &str) -> bool {
    leaf.strip_prefix(path).is_some_and(|it| it.is_empty() || it.starts_with('.'))
}

/// How many values were compared.
fn of_row(row: &Row, fields: &Value, shown: &Shown) -> Result<usize, String> {
    let ours = row.ours.split('|').map(|it| at(fields, it)).find(|it| !it.is_empty());
    let (ours, theirs) = (ours.unwrap_or_default(), theirs(row.theirs, shown));
    if let By::Rest(skipped) = row.by {
        if ours.is_empty() {
            return Ok(0);
        }
        let rest = shown.payload.get(skipped * 2..).unwrap_or_default();
        let own: String = ours.iter().map(|it| hex(it)).collect();
        return if own == rest { Ok(usize::from(!rest.is_empty())) } else { Err(rest.to_owned()) };
    }
    // A name may come again in what is nested.
    let is_list = row.ours.split('|').any(|it| passes_list(fields, it));
    let theirs = if is_list { theirs } else { theirs.into_iter().take(1).collect() };
    if theirs.is_empty() {
        return Ok(0);
    }
    if ours.len() != theirs.len() {
        return Err(format!("{} values here, {} there", ours.len(), theirs.len()));
    }
    match ours.iter().zip(&theirs).find(|(ours, theirs)| !is_same(row.by, ours, theirs)) {
        None => Ok(ours.len()),
        Some((ours, theirs)) => Err(format!("{ours}, but {} ({})", theirs.show, theirs.value)),
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let step = |values: Vec<&'v Value>, name: &str| -> Vec<&'v Value> {
        let elements = values.into_iter().flat_map(|it| match it {
            Value::Array(elements) => elements.iter().collect(),
            one => vec![one],
        });
        elements.filter_map(|it| it.get(name)).collect()
    };
    path.split('.').fold(vec![value], step)
}

fn passes_list(fields: &Value, path: &str) -> bool {
    let begin = path.split('.').next().and_then(|it| fields.get(it));
    begin.is_some_and(Value::is_array)
}

/// tshark's fields of a name, or the bytes of several as one.
fn theirs(names: &str, shown: &Shown) -> Vec<Field> {
    if !names.contains('+') {
        let is_one = |it: &&Field| names.split('|').any(|name| name == it.name);
        return shown.fields.iter().filter(is_one).cloned().collect();
    }
    let parts = names.split('+').filter_map(|name| shown.fields.iter().find(|it| it.name == name));
    let parts: Vec<_> = parts.collect();
    let value: String = parts.iter().map(|it| it.value.as_str()).collect();
    let size = parts.iter().map(|it| it.size).sum();
    let whole = Field { name: names.to_owned(), show: String::new(), value, size };
    if parts.is_empty() { Vec::new() } else { vec![whole] }
}

fn is_same(by: By, ours: &Value, theirs: &Field) -> bool {
    let number = ours.as_i64().map(i128::from).or(ours.as_u64().map(i128::from));
    let seconds = |unit: f64| {
        let shown: Option<f64> = theirs.show.parse().ok();
        number.zip(shown).is_some_and(|(it, shown)| (it as f64 / unit - shown).abs() < TOLERANCE)
    };
    match by {
        By::Same => match number {
            Some(number) => shown_number(theirs) == Some(number),
            None => ours.as_str().is_some_and(|it| is_text(it, theirs)),
        },
        By::Signed => {
            let modulus = 1_i128 << (theirs.size * 8);
            let shown = i128::from_str_radix(&theirs.value, 16).ok();
            number.map(|it| it.rem_euclid(modulus)) == shown
        }
        By::Bits { shift, mask } => {
            number.map(|it| it >> shift & i128::from(mask)) == shown_number(theirs)
        }
        By::Fixed => seconds(65_536.0),
        By::Millis => seconds(1_000.0),
        By::NtpTime => ntp_time(ours).is_some_and(|it| it == theirs.show),
        By::Seconds48 => {
            let part = |name: &str| ours[name].as_i64().map(i128::from);
            let [high, low] = ["seconds_msb", "seconds_lsb"].map(part);
            high.zip(low).map(|(high, low)| high << 32 | low) == shown_number(theirs)
        }
        By::Rest(_) => false,
    }
}

/// A number as tshark writes some: decimal, hexadecimal, an address, or else bytes.
fn shown_number(field: &Field) -> Option<i128> {
    let show = &field.show;
    if let Some(digits) = show.strip_prefix("0x") {
        return i128::from_str_radix(digits, 16).ok();
    }
    let address = show.parse().ok().map(|it: std::net::Ipv4Addr| i128::from(it.to_bits()));
    let decimal = show.parse().ok();
    decimal.or(address).or_else(|| i128::from_str_radix(&field.value, 16).ok())
}

fn is_text(ours: &str, theirs: &Field) -> bool {
    ours == theirs.value || ours == theirs.show
}

fn hex(value: &Value) -> String {
    match value {
        Value::Array(elements) => elements.iter().map(hex).collect(),
        Value::Number(number) => format!("{:08x}", number.as_u64().unwrap_or_default()),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// As tshark writes a date; a highest bit that is not set means the next era.
fn ntp_time(ours: &Value) -> Option<String> {
    let seconds = ours["Ul_i"]["Xl_ui"].as_i64()?;
    let fraction = ours["l_uf"].as_i64()?;
    if (seconds, fraction) == (0, 0) {
        return Some("NULL".to_owned());
    }
    let era = if seconds < NTP_ERA / 2 { NTP_ERA } else { 0 };
    let nanos = (fraction as f64 / NTP_ERA as f64 * 1e9) as i32;
    let time = Timestamp::new(seconds + era - NTP_TO_UNIX, nanos).ok()?;
    Some(time.strftime("%b %e, %Y %H:%M:%S.%9f UTC").to_string())
}
