//! Validators: whether a client's copy is the recorded one (RFC 9110 sections 8.8 and 13.1).

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// What tells one version of a resource from another; empty where a field is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::replay::server) struct Validators {
    pub etag: Box<[u8]>,
    pub last_modified: Box<[u8]>,
}

/// What a client says of its copy; empty where a field is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::replay::server) struct Conditions {
    pub if_none_match: Box<[u8]>,
    pub if_modified_since: Box<[u8]>,
    pub if_match: Box<[u8]>,
    pub if_unmodified_since: Box<[u8]>,
}

impl Conditions {
    /// There are any.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the client has what a recorded 304 says it had: the version that `validators` are
    /// of, or, where the response lacks them, the one that the recorded client had.
    pub fn is_unchanged(&self, recorded: &Self, validators: &Validators) -> bool {
        if !self.if_none_match.is_empty() {
            let same = |tag: &[u8]| match validators.etag.is_empty() {
                true => tags(&recorded.if_none_match).any(|it| is_weakly_same(it, tag)),
                false => is_weakly_same(&validators.etag, tag),
            };
            return tags(&self.if_none_match).any(|tag| tag == b"*" || same(tag));
        }
        let modified = match validators.last_modified.is_empty() {
            true => &recorded.if_modified_since,
            false => &validators.last_modified,
        };
        let (since, modified) = (&*self.if_modified_since, &**modified);
        !since.is_empty()
            && (since == modified
                || date(since)
                    .zip(date(modified))
                    .is_some_and(|(since, modified)| since >= modified))
    }
}

impl Validators {
    /// Whether a part may be sent to a client with this If-Range (RFC 9110 section 13.1.5): its
    /// copy is this version for sure.
    pub fn allow_part(&self, if_range: &[u8]) -> bool {
        let is_date = !if_range.contains(&b'"');
        match (if_range.is_empty(), is_date) {
            (true, _) => true,
            (_, true) => if_range == &*self.last_modified,
            (_, false) => if_range == &*self.etag && !if_range.starts_with(b"W/"),
        }
    }
}

/// The entity-tags of a list; commas within one part nothing.
fn tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut is_quoted = false;
    let parts = list.split(move |byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    parts.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty())
}

/// RFC 9110 section 8.8.3.2.
fn is_weakly_same(one: &[u8], other: &[u8]) -> bool {
    let [one, other] = [one, other].map(|it| it.strip_prefix(b"W/").unwrap_or(it));
    one == other
}

fn date(text: &[u8]) -> Option<Timestamp> {
    let date = rfc2822::parse(std::str::from_utf8(text).ok()?).ok()?;
    Some(date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
    const TUESDAY: &str = "Tue, 02 Jan 2024 00:00:00 GMT";

    fn conditions(if_none_match: &str, if_modified_since: &str) -> Conditions {
        Conditions {
            if_none_match: if_none_match.as_bytes().into(),
            if_modified_since: if_modified_since.as_bytes().into(),
            ..Conditions::default()
        }
    }

    fn validators(etag: &str, last_modified: &str) -> Validators {
        Validators { etag: etag.as_bytes().into(), last_modified: last_modified.as_bytes().into() }
    }

    #[test]
    fn a_copy_is_unchanged_by_its_tag_or_else_by_its_date() {
        let recorded = conditions("\"old\"", MONDAY);
        for (own, of_response, is_unchanged) in [
            (conditions("", ""), validators("\"a\"", MONDAY), false),
            (conditions("\"a\"", ""), validators("\"a\"", ""), true),
            (conditions("W/\"a\"", ""), validators("\"a\"", ""), true),
            (conditions("\"x,\", \"a\"", ""), validators("W/\"a\"", ""), true),
            (conditions("\"x,\"", ""), validators("\"x\"", ""), false),
            (conditions("*", ""), validators("\"a\"", ""), true),
            (conditions("\"old\"", ""), validators("", ""), true),
            (conditions("\"old\"", ""), validators("\"a\"", ""), false),
            // A tag counts before a date.
            (conditions("\"b\"", TUESDAY), validators("\"a\"", MONDAY), false),
            (conditions("", MONDAY), validators("\"a\"", MONDAY), true),
            (conditions("", TUESDAY), validators("", MONDAY), true),
            (conditions("", MONDAY), validators("", TUESDAY), false),
            (conditions("", MONDAY), validators("", ""), true),
            (conditions("", "yesterday"), validators("", "yesterday"), true),
            (conditions("", "yesterday"), validators("", MONDAY), false),
        ] {
            let found = own.is_unchanged(&recorded, &of_response);
            assert_eq!(found, is_unchanged, "{own:?} {of_response:?}");
        }
    }

    #[test]
    fn a_part_goes_only_to_who_has_the_same_version_for_sure() {
        for (if_range, of_response, may) in [
            ("", validators("", ""), true),
            ("\"a\"", validators("\"a\"", ""), true),
            ("\"b\"", validators("\"a\"", ""), false),
            ("W/\"a\"", validators("W/\"a\"", ""), false),
            (MONDAY, validators("\"a\"", MONDAY), true),
            (TUESDAY, validators("\"a\"", MONDAY), false),
        ] {
            assert_eq!(of_response.allow_part(if_range.as_bytes()), may, "{if_range}");
        }
    }
}
