//! What the macros of a program stand for: the C front end says so, as of those of a header.

use std::collections::HashMap;

use super::super::c::{LoadOptions, Schema, TextRecord};
use super::super::source::Span;
use super::listing::Listing;
use super::placed::SourceLine;

/// Bytes of all macros together; more is left out.
const MAX_TEXT: usize = 4 << 20;

/// Macros without parameters, each once.
#[derive(Debug, Default)]
pub(super) struct Macros {
    /// As a header defines them.
    text: String,
    /// Where each stands in the listing.
    spans: HashMap<String, Span>,
}

impl Macros {
    pub fn add(
        &mut self,
        name: String,
        body: String,
        line: Option<SourceLine>,
        listing: &mut Listing,
    ) {
        if self.spans.contains_key(&name) || self.text.len() > MAX_TEXT {
            return;
        }
        let definition = format!("#define {name} {body}");
        self.text.push_str(&definition);
        self.text.push('\n');
        self.spans.insert(name, listing.add(line, definition));
    }

    /// Those that are integers, and those that are text records.
    pub fn read(&self) -> (Vec<(String, i128)>, Vec<TextRecord>) {
        if self.spans.is_empty() {
            return Default::default();
        }
        let schema = Schema::parse("macros", &self.text, &LoadOptions::default());
        let value = |name: &String| Some((name.clone(), schema.constant(name)?));
        let values = self.spans.keys().filter_map(value).collect();
        let of_program = |it: &TextRecord| {
            let span = *self.spans.get(&it.name)?;
            Some(TextRecord { span, ..it.clone() })
        };
        (values, schema.text_records.iter().filter_map(of_program).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_mean_what_they_mean_in_a_header() {
        let (mut macros, mut listing) = (Macros::default(), Listing::default());
        for (name, body) in [
            ("FMT", r#""%lld\r\n""#),
            ("PORT", "1989"),
            ("NEXT", "(PORT + 1)"),
            ("WORDS", r#""no conversion""#),
            ("PORT", "1"),
            ("ODD", ") \""),
        ] {
            macros.add(name.to_owned(), body.to_owned(), None, &mut listing);
        }
        let (mut values, texts) = macros.read();
        values.sort();
        assert_eq!(values, [("NEXT".to_owned(), 1990), ("PORT".to_owned(), 1989)]);
        let texts: Vec<_> = texts.iter().map(|it| (it.name.as_str(), &*it.format)).collect();
        assert_eq!(texts, [("FMT", &b"%lld\r\n"[..])]);
    }
}
