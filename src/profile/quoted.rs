//! Text as a basic string of TOML.

use std::fmt::Write;

/// A basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for it in text.chars() {
        match it {
            '"' | '\\' => quoted.extend(['\\', it]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            it if it.is_control() => {
                // A string takes what it is given.
                let _ = write!(quoted, "\\u{:04X}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::profile::file::parse_toml;

    #[test]
    fn text_is_read_again_as_it_was() {
        for text in
            ["", "a", "a\"b\\c", "张三\n\t\u{7f}\u{1}\u{85}", "name == \"Alan\" && x matches '\\d'"]
        {
            let toml = format!("key = {}", quoted(text));
            let read: BTreeMap<String, String> = parse_toml(Path::new("t"), &toml).unwrap();
            assert_eq!(read["key"], text);
        }
    }
}
