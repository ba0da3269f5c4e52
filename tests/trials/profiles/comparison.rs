//! Every frame of a capture: the fields that its messages have here, and those that tshark shows of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Compared;
use super::constants::{self, Constants};
use super::values::is_same;
use crate::protocols::pdml::{self, Field};

/// A line of the table.
struct Row {
    protocol: String,
    ours: String,
    theirs: String,
    /// tshark has other fields of that name too.
    some: bool,
}

/// What a frame has of each name of tshark's.
type Values<'v> = BTreeMap<&'v str, Vec<&'v Value>>;

/// All fields of the table are the same in each frame, and each is compared at least once.
///
/// # Errors
///
/// What differs.
pub fn equal(compared: &Compared) -> Result<(), String> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|it| format!("{path:?}: {it}"));
    let rows = rows(&read(&compared.table)?)?;
    let header = read(&compared.header)?;
    let mut constants = constants::read(&header);
    for text in [header, read(&compared.header.with_extension("toml"))?] {
        constants.extend(constants::named_bits(&text));
    }
    let messages = decoded(compared)?;
    let shown = pdml::every_field(&compared.capture, compared.tshark_rules)?;
    let mut frames: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for message in &messages {
        frames.entry(message["frame"].as_u64().unwrap_or_default()).or_default().push(message);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (frame, messages) in &frames {
        let fields = shown.get(frame).map_or(&[][..], Vec::as_slice);
        of_frame(&rows, messages, fields, &constants, &mut counts)
            .map_err(|it| format!("frame {frame}: {it}"))?;
    }
    let names: Vec<_> = rows.iter().filter(|it| speaks_of(it, &messages)).collect();
    if let Some(idle) = names.iter().find(|it| !counts.contains_key(it.theirs.as_str()))
        && !is_part(compared)
    {
        return Err(format!("{} and {} were never compared", idle.ours, idle.theirs));
    }
    let (equal, messages, fields) = (counts.values().sum::<usize>(), messages.len(), counts.len());
    let name = compared.table.file_stem().unwrap_or_default().display();
    println!("{name}: {fields} fields, {messages} messages, {equal} values equal");
    if equal == 0 { Err("nothing was compared".to_owned()) } else { Ok(()) }
}

/// A capture beside the one that has all fields.
fn is_part(compared: &Compared) -> bool {
    compared.capture.file_stem().is_some_and(|it| it.to_string_lossy().ends_with("_tcp"))
}

fn speaks_of(row: &Row, messages: &[Value]) -> bool {
    messages.iter().any(|it| is_of(row, it))
}

/// A protocol over TCP may have a name of its own, `dns-tcp`.
fn is_of(row: &Row, message: &Value) -> bool {
    message["protocol"].as_str().is_some_and(|it| it.trim_end_matches("-tcp") == row.protocol)
}

fn rows(table: &str) -> Result<Vec<Row>, String> {
    let row = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let row = Row {
            protocol: columns.next()?,
            ours: columns.next()?,
            theirs: columns.next()?,
            some: columns.next().is_some_and(|it| it == "some"),
        };
        Some(row)
    };
    table.lines().map(|it| row(it).ok_or_else(|| format!("three columns, not {it:?}"))).collect()
}

fn decoded(compared: &Compared) -> Result<Vec<Value>, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    program.arg("decode").arg(&compared.capture).args(["-T", "json"]);
    compared.rules.iter().for_each(|it| _ = program.args(["-d", it]));
    program.current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = program.output().map_err(|it| it.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let messages = messages.map_err(|it| it.to_string())?;
    let odd = |it: &&Value| it.get("error").is_some() || it.get("trailing").is_some();
    match messages.iter().find(odd) {
        Some(message) => Err(format!("not all of it is understood: {message}")),
        None => Ok(messages),
    }
}

/// Counts what was compared of each name.
fn of_frame<'r>(
    rows: &'r [Row],
    messages: &[&Value],
    fields: &[Field],
    constants: &Constants,
    counts: &mut BTreeMap<&'r str, usize>,
) -> Result<(), String> {
    let mut values = Values::new();
    for message in messages {
        for row in rows.iter().filter(|it| is_of(it, message)) {
            collect(&message["fields"], &row.ours, values.entry(&row.theirs).or_default());
        }
    }
    for row in rows {
        let Some(ours) = values.remove(row.theirs.as_str()) else { continue };
        let is_one = |it: &&Field| row.theirs.split('|').any(|name| name == it.name);
        let mut theirs: Vec<_> = fields.iter().filter(is_one).collect();
        if ours.is_empty() || theirs.is_empty() {
            continue;
        }
        if ours.len() != theirs.len() && !row.some {
            return Err(format!("{}: {} here, {} there", row.theirs, ours.len(), theirs.len()));
        }
        for value in ours {
            let found = theirs.iter().position(|it| is_same(value, it, constants));
            let Some(found) = found else {
                let shown: Vec<_> = theirs.iter().map(|it| &it.show).collect();
                return Err(format!("{}: {value} here, {shown:?} there", row.theirs));
            };
            theirs.swap_remove(found);
            *counts.entry(&row.theirs).or_default() += 1;
        }
    }
    Ok(())
}

/// All values at a path; a step into a list is one into each of its elements.
fn collect<'v>(value: &'v Value, path: &str, values: &mut Vec<&'v Value>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|it| collect(it, path, values)),
        value if path.is_empty() => values.push(value),
        value => {
            let (step, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = value.get(step) {
                collect(value, rest, values);
            }
        }
    }
}
