//! What comments in a header say of its fields, in the words of a profile: `/* wr: count = "n" */`.
//!
//! Each text is read once for a protocol. A profile's own rules come before them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::field::{FieldEntries, FieldTable};
use super::resolution::check_meant;
use super::words::Names;
use super::{FieldRules, ProfileError};
use crate::schema::{ByteOrder, FieldReading, ResolvedLayout, WordError};

/// The comments of a header that were met, by their texts.
pub(super) struct Comments<'h> {
    names: Names<'h>,
    host: ByteOrder,
    known: RefCell<HashMap<String, FieldRules>>,
}

impl<'h> Comments<'h> {
    pub fn new(names: Names<'h>, host: ByteOrder) -> Self {
        Self { names, host, known: RefCell::default() }
    }

    /// How the field of a comment is read.
    pub fn reading(&self, text: &str) -> Result<FieldReading, WordError> {
        Ok(self.rules(text)?.reading(self.host))
    }

    fn rules(&self, text: &str) -> Result<FieldRules, WordError> {
        if let Some(rules) = self.known.borrow().get(text) {
            return Ok(rules.clone());
        }
        let rules = parse(text)?;
        let rules = self.names.complete(rules).map_err(|it| WordError::Comment(it.to_string()))?;
        self.known.borrow_mut().insert(text.to_owned(), rules.clone());
        Ok(rules)
    }

    /// Sees that what comments say goes with the fields that they are of.
    pub fn check(&self, layout: &ResolvedLayout) -> Result<(), ProfileError> {
        for (id, part) in layout.fields().filter(|it| it.1.name.is_some()) {
            let element = layout.element(id);
            if let (Some(text), Some((_, element))) = (part.comment.as_deref(), element)
                && let Ok(rules) = self.rules(text)
            {
                check_meant(&rules, &part.path, element)?;
            }
        }
        Ok(())
    }

    /// Adds what comments say of the fields of a layout to the rules of a profile, which come first.
    pub fn add(&self, layout: &ResolvedLayout, fields: &mut BTreeMap<String, FieldRules>) {
        let named = layout.fields().map(|it| it.1).filter(|it| it.name.is_some());
        for (part, text) in named.filter_map(|it| Some((it, it.comment.as_deref()?))) {
            if let (false, Ok(rules)) = (fields.contains_key(&part.path), self.rules(text)) {
                fields.insert(part.path.clone(), rules);
            }
        }
    }

    /// How the field of each comment that was met is read, by its text.
    pub fn met(self) -> BTreeMap<String, FieldReading> {
        let host = self.host;
        let known = self.known.into_inner().into_iter();
        known.map(|(text, rules)| (text, rules.reading(host))).collect()
    }
}

/// One table of a profile, without its braces.
fn parse(text: &str) -> Result<FieldRules, WordError> {
    #[derive(Deserialize)]
    struct Comment {
        wr: FieldTable,
    }
    let wrapped = format!("wr = {{ {} }}", text.trim().trim_end_matches([',', ';']));
    let comment: Comment = toml::from_str(&wrapped).map_err(|error| {
        let message = error.message().replace('\n', "; ");
        WordError::Comment(format!("`wr: {text}`: {message}"))
    })?;
    let entries = FieldEntries::of_field(comment.wr);
    match (entries.unknown.first(), entries.rules.len()) {
        (None, 0) => Ok(FieldRules::default()),
        (None, 1) if entries.rules.contains_key("") => {
            let rules = entries.rules.into_values().next();
            Ok(rules.map(|it| it.0).unwrap_or_default())
        }
        (Some((key, _)), _) => Err(unknown(key)),
        (None, _) => {
            let within = entries.rules.into_keys().find(|it| !it.is_empty());
            Err(unknown(&within.unwrap_or_default()))
        }
    }
}

fn unknown(path: &str) -> WordError {
    let key = path.trim_start_matches('.');
    WordError::Comment(super::ProfileError::unknown_key(key).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Number;

    #[test]
    fn a_comment_has_the_words_of_a_table() {
        let rules = parse(" count = \"n\", range = [1, 3], ").unwrap();
        assert_eq!(rules.words.count, Some(Number::Text("n".to_owned())));
        assert_eq!(rules.range, Some(1.0..=3.0));
        assert_eq!(parse("").unwrap(), FieldRules::default());
        for (text, expected) in [
            ("cout = 3", "unknown key `cout`, expected one of"),
            ("count = ", "`wr: count = `: "),
            ("x = { range = [1, 2] }", "unknown key `x`"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
