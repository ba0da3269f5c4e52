//! Equal findings made one, and all put in the order in which they are read.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
};

use super::Finding;

/// Frames that a finding names.
const MAX_FRAMES: usize = 5;

/// Folds findings that say the same of the same field and sender, whatever the conversation. The
/// gravest come first, then those of the header in its order, then by frame.
pub fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let mut places = HashMap::new();
    let mut folded: Vec<Finding> = Vec::new();
    for finding in findings {
        match places.entry(key(&finding)) {
            Entry::Vacant(place) => {
                place.insert(folded.len());
                folded.push(finding);
            }
            Entry::Occupied(place) => {
                if let Some(known) = folded.get_mut(*place.get()) {
                    add(known, finding);
                }
            }
        }
    }
    folded.sort_by_cached_key(order);
    folded
}

/// What makes two findings equal. Two headers may include one file.
fn key(it: &Finding) -> impl Eq + std::hash::Hash + use<> {
    (
        (it.code, it.level, it.text.clone()),
        (it.protocol.clone(), it.message.clone(), it.field.clone()),
        (it.src.map(|it| it.host()), it.dst),
        it.header.as_ref().map(|it| (it.file.clone(), it.span.start)),
    )
}

fn order(it: &Finding) -> impl Ord + use<> {
    let header = it.header.as_ref().map(|it| (it.schema, it.span));
    // What no header declares comes behind what one does.
    (Reverse(it.level), header.is_none(), header, it.frames.first().copied())
}

fn add(known: &mut Finding, other: Finding) {
    known.support = known.support.saturating_add(other.support);
    known.total = known.total.saturating_add(other.total);
    known.frames.extend(other.frames);
    known.frames.sort_unstable();
    known.frames.dedup();
    known.frames.truncate(MAX_FRAMES);
    // No more sure than the least sure of them.
    known.confidence = match (known.confidence, other.confidence) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

#[cfg(test)]
mod tests {
    use super::super::code::Code;
    use super::*;
    use crate::check::HeaderPlace;
    use crate::schema::{Level, Span};

    fn finding(code: Code, src: &str, frames: &[u64]) -> Finding {
        Finding {
            src: src.parse().ok(),
            dst: "10.0.0.2:1989".parse().ok(),
            frames: frames.to_vec(),
            support: frames.len() as u64,
            total: 4,
            ..Finding::new(code, "text")
        }
    }

    #[test]
    fn equal_findings_of_a_sender_are_one() {
        let folded = fold(vec![
            finding(Code::HttpBareLf, "10.0.0.1:1000", &[7]),
            finding(Code::HttpBareLf, "10.0.0.1:1001", &[3, 4, 5]),
            finding(Code::HttpBareLf, "10.0.0.3:1000", &[9]),
            finding(Code::HttpBareLf, "10.0.0.1:1002", &[7, 8, 9]),
        ]);
        let shown: Vec<_> =
            folded.iter().map(|it| (it.frames.as_slice(), it.support, it.total)).collect();
        assert_eq!(shown, [(&[3, 4, 5, 7, 8][..], 7, 12), (&[9], 1, 4)]);
    }

    #[test]
    fn a_difference_keeps_them_apart() {
        let one = finding(Code::ByteOrder, "10.0.0.1:1", &[1]);
        for other in [
            finding(Code::Padding, "10.0.0.1:1", &[1]),
            Finding { level: Level::Note, ..one.clone() },
            Finding { text: "other".into(), ..one.clone() },
            Finding { field: Some("x".into()), ..one.clone() },
            Finding { message: Some("x".into()), ..one.clone() },
            Finding { dst: None, ..one.clone() },
        ] {
            assert_eq!(fold(vec![one.clone(), other.clone()]).len(), 2, "{other:?}");
        }
        assert_eq!(fold(vec![one.clone(), one]).len(), 1);
    }

    #[test]
    fn the_gravest_comes_first_then_the_header_then_frames() {
        let at = |code, line: u32| Finding {
            header: Some(HeaderPlace {
                schema: 0,
                span: Span { file: 0, start: line * 10, end: line * 10 + 5 },
                file: "p.h".into(),
                line: line as usize,
            }),
            ..Finding::new(code, "text")
        };
        let folded = fold(vec![
            finding(Code::Ambiguous, "10.0.0.1:1", &[1]),
            at(Code::Unaligned, 1),
            finding(Code::HttpFraming, "10.0.0.1:1", &[2]),
            finding(Code::Length, "10.0.0.1:1", &[1]),
            at(Code::NotPacked, 9),
            at(Code::Pointer, 2),
            finding(Code::Range, "10.0.0.1:1", &[3]),
        ]);
        let codes: Vec<_> = folded.iter().map(|it| it.code.as_str()).collect();
        let expected =
            ["pointer", "not-packed", "length", "http-framing", "range", "unaligned", "ambiguous"];
        assert_eq!(codes, expected);
    }

    #[test]
    fn what_is_folded_is_as_sure_as_its_least_sure_part() {
        let sure =
            |confidence| Finding { confidence, ..finding(Code::ByteOrder, "10.0.0.1:1", &[1]) };
        let folded = fold(vec![sure(Some(0.99)), sure(Some(0.97)), sure(None)]);
        assert_eq!(folded[0].confidence, Some(0.97));
    }
}
