//! A recipe as the text of a file, to be edited and read again.

use std::fmt::{self, Write};

use super::recipe::{MessageRecipe, Order, Recipe, SenderRecipe};
use super::value::ValueRecipe;
use crate::decode::codec::FieldValue;

impl Recipe {
    /// The text of a file that reads as this recipe. Of two recipes for one field the later is written.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        match self.seed.map(|seed| (seed, i64::try_from(seed))) {
            Some((_, Ok(seed))) => writeln!(out, "seed = {seed}")?,
            Some((seed, Err(_))) => writeln!(out, "seed = \"{seed}\"")?,
            None => {}
        }
        if self.order != Order::default() {
            writeln!(out, "order = \"{}\"", self.order.as_str())?;
        }
        if let Some(gap) = &self.gap {
            writeln!(out, "gap = {}", Quoted(&gap.to_string()))?;
        }
        self.messages.iter().try_for_each(|it| message(out, "message", it))?;
        self.senders.iter().try_for_each(|it| sender(out, it))
    }
}

fn message(out: &mut String, table: &str, it: &MessageRecipe) -> fmt::Result {
    let apart = if out.is_empty() { "" } else { "\n" };
    writeln!(out, "{apart}[[{table}]]")?;
    if !it.message.is_empty() {
        writeln!(out, "name = {}", Quoted(&it.message))?;
    }
    if it.weight != 1 {
        writeln!(out, "weight = {}", it.weight)?;
    }
    match it.mistakes.as_slice() {
        [] => {}
        [one] => writeln!(out, "mistake = {}", Quoted(&one.to_string()))?,
        several => {
            let all: Vec<_> =
                several.iter().map(|it| Quoted(&it.to_string()).to_string()).collect();
            writeln!(out, "mistake = [{}]", all.join(", "))?;
        }
    }
    for (key, value) in [("raw", &it.raw), ("trailing", &it.trailing)] {
        if let Some(value) = value {
            writeln!(out, "{key} = {}", Value(value))?;
        }
    }
    if it.fields.is_empty() {
        return Ok(());
    }
    writeln!(out, "[{table}.fields]")?;
    for (index, (path, value)) in it.fields.iter().enumerate() {
        let later = it.fields.iter().skip(index.saturating_add(1));
        if later.clone().all(|(other, _)| other != path) {
            writeln!(out, "{} = {}", Key(&path.to_string()), Value(value))?;
        }
    }
    Ok(())
}

fn sender(out: &mut String, it: &SenderRecipe) -> fmt::Result {
    let apart = if out.is_empty() { "" } else { "\n" };
    writeln!(out, "{apart}[[sender]]")?;
    if let Some(from) = it.from {
        writeln!(out, "from = \"{from}\"")?;
    }
    if it.join {
        writeln!(out, "join = true")?;
    }
    if let Some(count) = it.count {
        writeln!(out, "count = {count}")?;
    }
    match &it.messages {
        None => Ok(()),
        Some(none) if none.is_empty() => writeln!(out, "message = []"),
        Some(own) => own.iter().try_for_each(|it| message(out, "sender.message", it)),
    }
}

/// A recipe as a value of TOML: numbers, and lists of such, are themselves.
struct Value<'r>(&'r ValueRecipe);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self.0 {
            ValueRecipe::Constant(FieldValue::List(all)) => {
                let all: Option<Vec<_>> = all.iter().map(number).collect();
                all.map(|all| format!("[{}]", all.join(", ")))
            }
            ValueRecipe::Constant(value) => number(value),
            _ => None,
        };
        match number {
            Some(number) => f.write_str(&number),
            None => Quoted(&self.0.to_string()).fmt(f),
        }
    }
}

/// A number of TOML; its integers have 64 bits.
fn number(value: &FieldValue) -> Option<String> {
    match value {
        FieldValue::Integer(value) => i64::try_from(*value).ok().map(|it| it.to_string()),
        FieldValue::Float(value) if value.is_nan() => Some("nan".to_owned()),
        FieldValue::Float(value) if value.is_infinite() => {
            Some(if *value > 0.0 { "inf" } else { "-inf" }.to_owned())
        }
        FieldValue::Float(value) => Some(format!("{value:?}")),
        _ => None,
    }
}

/// A key, in quotes where it is not one word.
struct Key<'k>(&'k str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bare = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
        match !self.0.is_empty() && self.0.bytes().all(is_bare) {
            true => f.write_str(self.0),
            false => Quoted(self.0).fmt(f),
        }
    }
}

/// A string of TOML: between single quotes where that saves escapes.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs_escape = |it: char| it == '"' || it == '\\';
        let is_literal = !self.0.contains(|it: char| it == '\'' || it.is_control());
        if is_literal && self.0.contains(needs_escape) {
            return write!(f, "'{}'", self.0);
        }
        f.write_str("\"")?;
        for it in self.0.chars() {
            match it {
                _ if needs_escape(it) => write!(f, "\\{it}")?,
                _ if it.is_control() => write!(f, "\\u{:04x}", u32::from(it))?,
                _ => write!(f, "{it}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
#[path = "printing_tests.rs"]
mod tests;
