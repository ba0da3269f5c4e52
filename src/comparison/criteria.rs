//! Which differences count: what the user ignores, tolerates, and asks for.

use super::bytes::sieve::{self, Sieve};
use super::error::ComparisonError;
use super::expectation::{Expect, Expectation};
use super::json::difference::JsonCriteria;
use super::json::path::JsonPath;
use crate::message::{FieldRef, Item, Known, Message, Scalar, UnknownField};
use crate::profile::{Placed, Protocol, Protocols};
use crate::schema;

/// What answers must be, made ready for comparing.
#[derive(Clone, Debug)]
pub(super) struct Criteria {
    pub expect: Expect,
    /// Header fields of HTTP that are compared, in lower case.
    pub headers: Vec<String>,
    /// What may differ within bodies of JSON.
    pub json: JsonCriteria,
    /// What does not count of bytes and text.
    pub sieve: Sieve,
    ignore: Vec<String>,
    tolerance: Vec<(String, f64)>,
}

/// A place in a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'f> {
    pub protocol: &'f str,
    pub message: &'f str,
    /// Without indices: `corners.x`.
    pub path: &'f str,
    /// With them: `corners[1].x`.
    pub indexed: &'f str,
}

/// The prefix of HTTP's header fields.
pub(super) const HEADER: &str = "http.header.";

const CONTENT_TYPE: &str = "content-type";

/// What a difference of a message as a whole is called.
const WHOLE: [&str; 4] = ["error", "trailing", "ended_by", "message"];

impl Criteria {
    /// `ignored` adds to what is ignored.
    ///
    /// # Errors
    ///
    /// A pattern that cannot be read.
    pub fn new(expectation: &Expectation, ignored: &[Placed]) -> Result<Self, ComparisonError> {
        let header = |name: &String| name.strip_prefix(HEADER).unwrap_or(name).to_ascii_lowercase();
        let own = std::iter::once(CONTENT_TYPE.to_owned());
        let mut headers: Vec<_> = own.chain(expectation.headers.iter().map(header)).collect();
        let ignored = ignored.iter().map(|it| &it.value);
        let ignore: Vec<_> = expectation.ignore.iter().chain(ignored).map(|it| plain(it)).collect();
        headers.retain(|name| !ignore.iter().any(|it| is_header(it, name)));
        let tolerance = expectation.tolerance.iter().map(|(path, by)| (plain(path), *by));
        let tolerance: Vec<_> = tolerance.collect();
        let near = tolerance.iter().filter_map(|(path, by)| Some((JsonPath::parse(path)?, *by)));
        let sieve = Sieve::new(&ignore, &expectation.ignore_patterns)?;
        let json = JsonCriteria {
            ignore: ignore.iter().filter_map(|it| JsonPath::parse(it)).collect(),
            tolerance: near.collect(),
            sieve: sieve.clone(),
        };
        Ok(Self { expect: expectation.expect, headers, json, sieve, ignore, tolerance })
    }

    /// Whether HTTP bodies are compared, so that they must be digested.
    pub fn compares_bodies(&self) -> bool {
        self.expect == Expect::Fields
            && !self.ignore.iter().any(|it| it == "body" || it == "http.body")
    }

    /// Whether the field may differ, or one that it lies in.
    pub fn ignores(&self, field: Field<'_>) -> bool {
        self.ignore.iter().any(|it| field.is_named(it))
    }

    /// Whether two numbers are near enough.
    pub fn tolerates(&self, field: Field<'_>, expected: Scalar, actual: Scalar) -> bool {
        let by = self.tolerance.iter().find(|(path, _)| field.is_named(path));
        by.zip(distance(expected, actual)).is_some_and(|((_, by), distance)| distance <= *by)
    }
}

impl<'f> Field<'f> {
    /// A field of a message, whose path has no index.
    pub fn of(message: &Message<'f>, path: &'f str) -> Self {
        Self { protocol: message.protocol, message: message.name, path, indexed: path }
    }

    /// Whether a name means this field, or one around it: a path, alone or behind the names of
    /// its message, its protocol or both.
    fn is_named(&self, name: &str) -> bool {
        let behind = |owner: &str, name: &str| {
            name.strip_prefix(owner).and_then(|it| it.strip_prefix('.')).map(str::len)
        };
        let tail = |len: usize| name.get(name.len().saturating_sub(len)..).unwrap_or_default();
        let of_protocol = behind(self.protocol, name).map(tail);
        let of_message = behind(self.message, name).map(tail);
        let of_both = of_protocol.and_then(|it| behind(self.message, it)).map(tail);
        let names = [Some(name), of_protocol, of_message, of_both];
        names
            .into_iter()
            .flatten()
            .any(|it| is_within(self.path, it) || is_within(self.indexed, it))
    }
}

/// Refuses what `--ignore` names and no message has that can occur: neither a field, nor what is
/// said of messages as a whole, nor a place among bytes.
///
/// # Errors
///
/// The first such name, with the nearest one that there is.
pub(super) fn require_known(ignore: &[String], known: &[Known<'_>]) -> Result<(), ComparisonError> {
    ignore.iter().try_for_each(|name| is_known(name, known))
}

/// The same of what a profile has ignored, with its place there. What is of a protocol that no rule
/// names in this run is for another one.
///
/// # Errors
///
/// The first such name.
pub(super) fn require_placed(
    protocols: &Protocols,
    known: &[Known<'_>],
) -> Result<(), ComparisonError> {
    protocols.replay().ignore.iter().try_for_each(|it| {
        let Err(ComparisonError::IgnoredField(mut source)) = is_known(&it.value, known) else {
            return is_known(&it.value, known);
        };
        if is_declared(&it.value, protocols) {
            return Ok(());
        }
        let paths = || protocols.read().flat_map(Protocol::layouts).flat_map(|it| it.paths());
        source.nearest = source.nearest.or_else(|| schema::nearest(&it.value, paths()));
        Err(ComparisonError::IgnoredByProfile { place: Box::new(it.place.clone()), source })
    })
}

/// Whether a protocol has such a field, whatever its traffic is.
fn is_declared(name: &str, protocols: &Protocols) -> bool {
    let plain = without_indices(&plain(name));
    protocols.read().any(|it| {
        let of = |message, path| Field { protocol: &it.name, message, path, indexed: path };
        it.layouts().any(|of_case| {
            let message = if of_case.name.is_empty() { &it.message } else { &of_case.name };
            of_case.paths().any(|path| of(message, path).is_named(&plain))
        })
    })
}

fn is_known(name: &str, known: &[Known<'_>]) -> Result<(), ComparisonError> {
    let plain = without_indices(&plain(name));
    let is_of_bytes = plain == sieve::BYTES || sieve::place(&plain).is_some();
    // What a body of JSON holds is named by the body.
    let is_of_body = JsonPath::parse(&self::plain(name)).is_some();
    if is_of_bytes || is_of_body || WHOLE.contains(&&*plain) {
        return Ok(());
    }
    if plain.starts_with("bytes:") {
        return Err(ComparisonError::IgnoredPlace(name.to_owned()));
    }
    let has = |it: &Known<'_>| {
        it.table.paths().any(|path| {
            let (protocol, message) = (it.protocol, it.message);
            Field { protocol, message, path, indexed: path }.is_named(&plain)
        })
    };
    if known.iter().any(has) {
        return Ok(());
    }
    let nearest = match FieldRef::parse(&plain, known) {
        Ok(FieldRef::Header(_)) => return Ok(()),
        Ok(_) => None,
        Err(unknown) => unknown.nearest,
    };

    Err(ComparisonError::IgnoredField(UnknownField { name: name.to_owned(), nearest }))
}

/// `corners.x` for `corners[1].x`.
fn without_indices(name: &str) -> String {
    let mut parts = name.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + part.split_once(']').map_or(part, |(_, behind)| behind))
}

/// How far apart two numbers are.
fn distance(one: Scalar, other: Scalar) -> Option<f64> {
    match (one.integer(), other.integer()) {
        #[expect(clippy::cast_precision_loss, reason = "a tolerance is not finer")]
        (Some(one), Some(other)) => Some(one.abs_diff(other) as f64),
        _ => Some((float(one)? - float(other)?).abs()),
    }
}

fn float(scalar: Scalar) -> Option<f64> {
    match scalar {
        Scalar::Float(value) => Some(value),
        _ => None,
    }
}

fn is_within(path: &str, outer: &str) -> bool {
    let rest = path.strip_prefix(outer).filter(|_| !outer.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A field's name as in the JSON of a message, `fields.math`, is its path there, `math`.
fn plain(name: &str) -> String {
    name.strip_prefix("fields.").unwrap_or(name).to_owned()
}

/// Whether a name of `--ignore` means a header: `http.header.date`, `http.content_type`.
fn is_header(name: &str, header: &str) -> bool {
    let name = name.strip_prefix(HEADER).or_else(|| name.strip_prefix("http."));
    name.is_some_and(|name| name.replace('_', "-").eq_ignore_ascii_case(header))
}

/// Whether two values are the same number or span.
pub(super) fn is_same(expected: (&Message<'_>, &Item), actual: (&Message<'_>, &Item)) -> bool {
    match (expected.1.scalar, actual.1.scalar) {
        // Not a number is the same as itself, when bytes are compared.
        (Scalar::Float(one), Scalar::Float(other)) => one.to_bits() == other.to_bits(),
        (Scalar::Span, Scalar::Span) => expected.0.value(expected.1) == actual.0.value(actual.1),
        (one, other) => one == other,
    }
}
