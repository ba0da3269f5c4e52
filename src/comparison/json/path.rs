//! Places in JSON bodies: `body.$.items[3].id`, and what the user writes for several at once:
//! `body.$..id`, `body.$.items[*].id`, `body.$.*` (after RFC 9535, without its filters and slices).

use std::fmt::Write;

/// What leads to a member or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::comparison) enum Key<'k> {
    Member(&'k str),
    Index(usize),
}

/// The places that a user means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::comparison) struct JsonPath {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Member(String),
    Index(usize),
    /// `*`: any member or element.
    Any,
    /// `..`: what follows holds at any depth.
    Descend,
}

impl JsonPath {
    /// Reads what stands behind `body.`, alone or behind the names of its message and protocol;
    /// `None` where that is no path of JSON.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix("http.").or(name.strip_prefix("websocket.")).unwrap_or(name);
        let owners = ["response.", "request.", "text.", "binary."];
        let name = owners.iter().find_map(|it| name.strip_prefix(it)).unwrap_or(name);
        let mut rest = name.strip_prefix("body.$")?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            rest = segment(rest, &mut segments)?;
        }
        let ends_within = segments.last() == Some(&Segment::Descend);
        (!ends_within).then_some(Self { segments })
    }

    /// Whether it means this place.
    pub fn is_of(&self, place: &[Key<'_>]) -> bool {
        is_of(&self.segments, place)
    }
}

fn is_of(segments: &[Segment], place: &[Key<'_>]) -> bool {
    let Some((first, segments)) = segments.split_first() else { return place.is_empty() };
    if *first == Segment::Descend {
        return (0..=place.len()).any(|at| is_of(segments, place.get(at..).unwrap_or_default()));
    }
    place.split_first().is_some_and(|(key, place)| first.is(*key) && is_of(segments, place))
}

impl Segment {
    fn is(&self, key: Key<'_>) -> bool {
        match (self, key) {
            (Self::Any, _) => true,
            (Self::Member(name), Key::Member(key)) => name == key,
            (Self::Index(index), Key::Index(key)) => *index == key,
            _ => false,
        }
    }
}

/// Reads one segment; gives back the rest.
fn segment<'t>(text: &'t str, segments: &mut Vec<Segment>) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix('[') {
        return bracketed(rest, segments);
    }
    let (rest, is_deep) = match text.strip_prefix("..") {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('.')?, false),
    };
    if is_deep {
        segments.push(Segment::Descend);
        if rest.starts_with('[') {
            return Some(rest);
        }
    }
    let (name, rest) = rest.split_at_checked(rest.find(['.', '[']).unwrap_or(rest.len()))?;
    segments.push(match name {
        "" => return None,
        "*" => Segment::Any,
        name => Segment::Member(name.to_owned()),
    });
    Some(rest)
}

/// `3]`, `*]`, `'a name']` or `"a name"]`.
fn bracketed<'t>(text: &'t str, segments: &mut Vec<Segment>) -> Option<&'t str> {
    if let Some(quote) = text.chars().next().filter(|it| matches!(it, '\'' | '"')) {
        let (name, rest) = text.get(1..)?.split_once(quote)?;
        segments.push(Segment::Member(name.to_owned()));
        return rest.strip_prefix(']');
    }
    let (inner, rest) = text.split_once(']')?;
    segments.push(match inner {
        "*" => Segment::Any,
        number => Segment::Index(number.parse().ok()?),
    });
    Some(rest)
}

/// How a place is written: as [`JsonPath::parse`] reads it.
pub(in crate::comparison) fn written(place: &[Key<'_>]) -> String {
    let mut path = "body.$".to_owned();
    for key in place {
        // Writing to a string does not fail.
        _ = match key {
            Key::Index(index) => write!(path, "[{index}]"),
            Key::Member(name) if is_plain(name) => write!(path, ".{name}"),
            Key::Member(name) if name.contains('\'') => write!(path, "[\"{name}\"]"),
            Key::Member(name) => write!(path, "['{name}']"),
        };
    }
    path
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::Key::{Index, Member};
    use super::*;

    #[test]
    fn paths_mean_places() {
        let place = [Member("items"), Index(3), Member("id")];
        for (path, is_meant) in [
            ("body.$.items[3].id", true),
            ("http.body.$.items[3].id", true),
            ("http.response.body.$.items[3].id", true),
            ("request.body.$.items[*].id", true),
            ("body.$..id", true),
            ("body.$.items..id", true),
            ("body.$..[3].id", true),
            ("body.$.*[*].*", true),
            ("body.$['items'][3][\"id\"]", true),
            ("body.$..items", false),
            ("body.$.items[2].id", false),
            ("body.$.id", false),
            ("body.$", false),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().is_of(&place), is_meant, "{path}");
        }
        assert!(JsonPath::parse("body.$").unwrap().is_of(&[]));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "body",
            "body.len",
            "$.a",
            "body.$.",
            "body.$..",
            "body.$.a.",
            "body.$[",
            "body.$[x]",
            "body.$['a]",
            "body.$['a'",
            "body.$a",
            "body.$[-1]",
        ] {
            assert_eq!(JsonPath::parse(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for place in [
            &[][..],
            &[Member("a"), Index(0), Member("b-c_d")],
            &[Member("with space"), Member("a.b"), Member("it's"), Member("")],
        ] {
            let written = written(place);
            assert!(JsonPath::parse(&written).unwrap().is_of(place), "{written}");
        }
    }
}
