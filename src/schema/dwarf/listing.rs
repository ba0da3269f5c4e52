//! The source as debug data know it: each declaration at its line, so that what is said of it has a
//! place. The files themselves may be elsewhere, or have changed; they are not read.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::super::source::{SourceFile, Span};
use super::placed::SourceLine;

/// Bytes of all the text that is made up; a line beyond it has no place.
const MAX_TEXT: usize = 32 << 20;

/// Files by number, and what they declare.
#[derive(Debug, Default)]
pub(super) struct Listing {
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    items: Vec<(Option<SourceLine>, String)>,
}

/// Where each item came to stand.
pub(super) struct Spans(Vec<Span>);

impl Listing {
    /// The number of a file.
    pub fn file(&mut self, path: &str) -> u32 {
        if let Some(&number) = self.numbers.get(path) {
            return number;
        }
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(path.to_owned());
        self.numbers.insert(path.to_owned(), number);
        number
    }

    pub fn path(&self, file: u32) -> Option<&str> {
        self.paths.get(file as usize).map(String::as_str)
    }

    /// Adds a declaration; what stands for its span until [`Listing::finish`].
    pub fn add(&mut self, line: Option<SourceLine>, text: String) -> Span {
        let number = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push((line, text));
        Span { file: u32::MAX, start: number, end: number }
    }

    /// The text of every file, and the spans of what was added.
    pub fn finish(self) -> (Vec<SourceFile>, Spans) {
        let mut by_file: BTreeMap<u32, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
        for (index, (line, _)) in self.items.iter().enumerate() {
            if let Some(SourceLine { file, line }) = line {
                by_file.entry(*file).or_default().entry(*line).or_default().push(index);
            }
        }
        // What has no line is told apart by where it would be in a file that there is not.
        let nowhere = |index| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            Span { file: u32::MAX, start: index, end: index }
        };
        let mut spans: Vec<_> = (0..self.items.len()).map(nowhere).collect();
        let mut room = MAX_TEXT;
        let mut files = Vec::with_capacity(self.paths.len());
        for (number, path) in (0..).zip(self.paths) {
            let mut text = String::new();
            let lines = by_file.remove(&number).unwrap_or_default();
            let mut at = 1;
            for (line, items) in lines {
                let missing = line.saturating_sub(at) as usize;
                let len: usize = items
                    .iter()
                    .filter_map(|&it| self.items.get(it))
                    .map(|it| it.1.len() + 1)
                    .sum();
                let Some(left) = room.checked_sub(missing.saturating_add(len)) else { break };
                room = left;
                text.extend(std::iter::repeat_n('\n', missing));
                at = line.max(at);
                for index in items {
                    let Some((_, item)) = self.items.get(index) else { continue };
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push(' ');
                    }
                    // Indentation belongs to no declaration.
                    let indent = item.len().saturating_sub(item.trim_start().len());
                    let start = text.len().saturating_add(indent);
                    text.push_str(item);
                    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                    if let Some(span) = spans.get_mut(index) {
                        *span =
                            Span { file: number, start: offset(start), end: offset(text.len()) };
                    }
                }
            }
            files.push(SourceFile { path: PathBuf::from(path), text });
        }
        (files, Spans(spans))
    }
}

impl Spans {
    /// Where an item stands, by what [`Listing::add`] gave.
    pub fn of(&self, item: Span) -> Span {
        self.0.get(item.start as usize).copied().unwrap_or(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_stand_at_their_lines() {
        let mut listing = Listing::default();
        let file = listing.file("proto.h");
        assert_eq!(listing.file("proto.h"), file);
        let at = |line| Some(SourceLine { file, line });
        let c = listing.add(at(4), "    int c;".to_owned());
        let a = listing.add(at(2), "struct m {".to_owned());
        let b = listing.add(at(4), "    int b;".to_owned());
        let nowhere = listing.add(None, "int z;".to_owned());
        let (files, spans) = listing.finish();
        assert_eq!(files[0].text, "\nstruct m {\n\n    int c;     int b;");
        for (item, text) in [(a, "struct m {"), (b, "int b;"), (c, "int c;")] {
            let span = spans.of(item);
            assert_eq!(&files[0].text[span.start as usize..span.end as usize], text);
        }
        assert!(files.get(spans.of(nowhere).file as usize).is_none());
    }

    #[test]
    fn a_line_that_no_file_has_costs_nothing() {
        let mut listing = Listing::default();
        let file = listing.file("proto.h");
        let item = listing.add(Some(SourceLine { file, line: u32::MAX }), "int a;".to_owned());
        let (files, spans) = listing.finish();
        assert!(files[0].text.is_empty());
        assert_eq!(spans.of(item).file, u32::MAX);
    }
}
