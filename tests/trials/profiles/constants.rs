//! The numbers that names stand for: enumerators of a header, macros that are a number, bits.

use std::collections::HashMap;

pub type Constants = HashMap<String, i128>;

/// Of a header that is written plainly: an enumerator is one more than that before it, or a number.
pub fn read(header: &str) -> Constants {
    let text = without_comments(header);
    let mut constants = Constants::new();
    for body in text.split("enum ").skip(1).filter_map(body) {
        let mut next = 0;
        for enumerator in body.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, value) = enumerator.split_once('=').unwrap_or((enumerator, ""));
            let value = number(value.trim()).unwrap_or(next);
            constants.insert(name.trim().to_owned(), value);
            next = value + 1;
        }
    }
    for line in text.lines().filter_map(|it| it.strip_prefix("#define ")) {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) {
            constants.insert(name.to_owned(), value);
        }
    }
    constants
}

/// And of what a profile, or a comment, says of bits: `flags = { NAME = 0x80, "8..9" = "number" }`, of which
/// the last stands for its lowest bit.
pub fn named_bits(text: &str) -> Constants {
    let tables = text.split("flags = {").skip(1).filter_map(|it| it.split('}').next());
    let entries = tables.flat_map(|it| it.split(',')).filter_map(|it| it.split_once('='));
    let words = |it: &str| it.trim().trim_matches('"').to_owned();
    let named = entries.map(|(key, value)| match key.split_once("..") {
        None => (words(key), number(value.trim())),
        Some((first, _)) => (words(value), lowest_bit(&words(first))),
    });
    named.filter_map(|(name, bit)| Some((name, bit?))).collect()
}

fn lowest_bit(position: &str) -> Option<i128> {
    position.parse().ok().and_then(|it| 1_i128.checked_shl(it))
}

/// What stands in braces behind the tag, if it is a declaration of the enum.
fn body(declaration: &str) -> Option<&str> {
    let (tag, rest) = declaration.split_once('{')?;
    let is_tag = tag.chars().all(|it| it.is_alphanumeric() || "_ ".contains(it));
    is_tag.then(|| rest.split('}').next()).flatten()
}

/// As C writes it: decimal or hexadecimal.
pub fn number(text: &str) -> Option<i128> {
    match text.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, it| all + it.split_once("*/").map_or("", |it| it.1))
}
