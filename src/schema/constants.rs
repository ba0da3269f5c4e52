//! The names that a header has for numbers: enumerators, and macros that are an integer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::ctype::{EnumDef, Enumerator};
use super::source::Span;

/// Names for numbers, in the order in which they were declared: enumerators, then macros.
#[derive(Clone, Debug, Default)]
pub(in crate::schema) struct Constants {
    /// The value of each, and which it is.
    values: HashMap<String, (i128, usize)>,
    /// By tag or typedef.
    enums: HashMap<String, Arc<EnumDef>>,
    /// Those of the names that are macros.
    macros: HashSet<String>,
}

/// A name for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedNumber<'s> {
    /// The enumerator, or the macro.
    pub name: &'s str,
    /// What it stands for.
    pub value: i128,
    /// It is a macro.
    pub is_macro: bool,
}

impl Constants {
    /// Takes in a name; of several, the first.
    pub fn add(&mut self, name: String, value: i128) {
        let next = self.values.len();
        self.values.entry(name).or_insert((value, next));
    }

    /// Takes in a macro; of several, and beside an enumerator, the first.
    pub fn add_macro(&mut self, name: String, value: i128) {
        if !self.values.contains_key(&name) {
            self.macros.insert(name.clone());
        }
        self.add(name, value);
    }

    /// Names of numbers, as declared, the enumerators first.
    pub fn numbers(&self) -> Vec<NamedNumber<'_>> {
        let mut all: Vec<_> = self.values.iter().collect();
        all.sort_by_key(|(_, (_, order))| *order);
        let mut numbers = Vec::with_capacity(all.len());
        for (name, (value, _)) in all {
            let is_macro = self.macros.contains(name);
            numbers.push(NamedNumber { name, value: *value, is_macro });
        }
        numbers
    }

    /// Takes in an enum by its tag or typedef; of several, the first.
    pub fn add_enum(&mut self, name: String, def: &Arc<EnumDef>) {
        self.enums.entry(name).or_insert_with(|| def.clone());
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<i128> {
        self.values.get(name).map(|it| it.0)
    }

    /// The enum of that tag or typedef; else all names that match, `*` being any characters and `?` any
    /// one. `None` where there are none.
    pub fn named(&self, pattern: &str) -> Option<Arc<EnumDef>> {
        if let Some(def) = self.enums.get(pattern) {
            return Some(def.clone());
        }
        let mut found: Vec<_> =
            self.values.iter().filter(|(name, _)| matches(pattern, name)).collect();
        found.sort_by_key(|(_, (_, order))| *order);
        let enumerators: Vec<_> = found
            .into_iter()
            .map(|(name, (value, _))| Enumerator { name: name.clone(), value: *value })
            .collect();
        (!enumerators.is_empty()).then(|| {
            let (tag, packed, underlying, span) = (None, false, None, Span::default());
            Arc::new(EnumDef { tag, enumerators, packed, underlying, span })
        })
    }

    /// Names of numbers and their values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i128)> {
        self.values.iter().map(|(name, (value, _))| (name.as_str(), *value))
    }

    /// Tags and typedefs of enums, and names of numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.enums.keys().chain(self.values.keys()).map(String::as_str)
    }
}

/// Whether a name is what a pattern with `*` and `?` means. Of several ways to read a `*` only the last is
/// tried again, which is enough, so that the time is that of the name times the pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut to) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(to) {
        match pattern.get(at) {
            Some(b'*') => {
                at = at.saturating_add(1);
                star = Some((at, to));
            }
            Some(it) if *it == b'?' || it == byte => {
                (at, to) = (at.saturating_add(1), to.saturating_add(1));
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                let taken = taken.saturating_add(1);
                star = Some((behind, taken));
                (at, to) = (behind, taken);
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|it| *it == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        for (pattern, name, expected) in [
            ("KIND_*", "KIND_A", true),
            ("KIND_*", "KIND_", true),
            ("KIND_*", "KINDS", false),
            ("*_A", "KIND_A_A", true),
            ("*_A", "KIND_AB", false),
            ("K*D_?", "KIND_B", true),
            ("K*D_?", "KIND_", false),
            ("KIND", "KIND", true),
            ("", "A", false),
            ("**", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn names_come_as_declared_and_an_enum_before_them() {
        let mut constants = Constants::default();
        for (name, value) in [("K_B", 2), ("K_A", 1), ("K_LAST", 2), ("OTHER", 1), ("K_B", 9)] {
            constants.add(name.to_owned(), value);
        }
        let names = |pattern| {
            constants.named(pattern).map(|it| {
                it.enumerators.iter().map(|it| (it.name.clone(), it.value)).collect::<Vec<_>>()
            })
        };
        let expected = [("K_B", 2), ("K_A", 1), ("K_LAST", 2)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(names("K_*"), Some(expected.to_vec()));
        assert_eq!(names("X_*"), None);
    }
}
