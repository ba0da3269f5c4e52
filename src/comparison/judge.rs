//! Two messages that may be each other's counterpart, whoever has found that out: what tells a
//! message from others, and what two of them differ in.
//!
//! [`Likeness`] and [`Judge::differences`] agree: messages whose whole likeness is the same do not
//! differ in anything that is compared. The other way round it need not hold, since numbers may be
//! near enough, and members of JSON ignored.

use std::hash::{BuildHasher, Hash, Hasher};

use super::answer::Answer;
use super::body::Body;
use super::bytes::byte_run;
use super::criteria::{Criteria, Field};
use super::difference::{Difference, MAX_OF_ANSWER};
use super::error::ComparisonError;
use super::expectation::Expectation;
use super::http;
use super::ledger::{judge, title};
use super::standing::Origin;
use super::unequal::{Unequal, cut};
use super::websocket;
use crate::decode::http::is_http;
use crate::message::{FieldKind, Item, Message, Scalar, Value};
use crate::profile::Protocols;

/// Compares messages as answers are compared.
pub(crate) struct Judge {
    criteria: Criteria,
}

/// What tells a message from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Of all that is compared.
    pub whole: u64,
    /// Of what it is about, and seldom changes: its text and its names, what a request asks for,
    /// the status of a response.
    pub gist: u64,
}

/// A message that is kept until its counterpart comes.
#[derive(Debug)]
pub(crate) struct Kept(Box<Answer>);

impl Kept {
    /// Copies a message.
    pub fn new(message: &Message<'_>, body: Body) -> Self {
        let mut answer = Box::<Answer>::default();
        answer.fill(message, body);
        Self(answer)
    }

    /// Bytes of memory, about.
    pub fn memory(&self) -> usize {
        self.0.memory().saturating_add(size_of::<Answer>())
    }
}

impl Judge {
    /// What the profile ignores is ignored too.
    ///
    /// # Errors
    ///
    /// What is ignored can name nothing; a protocol that no codec can read.
    pub fn new(protocols: &Protocols, expectation: &Expectation) -> Result<Self, ComparisonError> {
        expectation.check(protocols)?;
        Ok(Self { criteria: Criteria::new(expectation, &protocols.replay().ignore)? })
    }

    /// Whether bodies of HTTP must be kept to be compared.
    pub fn compares_bodies(&self) -> bool {
        self.criteria.compares_bodies()
    }

    /// Whether a field of a message may differ.
    pub fn ignores(&self, message: &Message<'_>, path: &str) -> bool {
        let Message { protocol, name, .. } = *message;
        self.criteria.ignores(Field { protocol, message: name, path, indexed: path })
    }

    /// What tells a message from others.
    pub fn likeness(
        &self,
        message: &Message<'_>,
        body: Body,
        hashes: &impl BuildHasher,
    ) -> Likeness {
        let (mut whole, mut gist) = (hashes.build_hasher(), hashes.build_hasher());
        for hasher in [&mut whole, &mut gist] {
            (message.protocol, message.name).hash(hasher);
        }
        if is_http(message) {
            http::tell(&self.criteria, message, body, [&mut whole, &mut gist]);
        } else if message.protocol == websocket::PROTOCOL {
            body.fingerprint().hash(&mut whole);
        } else {
            self.fields(message, [&mut whole, &mut gist]);
        }
        Likeness { whole: whole.finish(), gist: gist.finish() }
    }

    fn fields(&self, message: &Message<'_>, [whole, gist]: [&mut dyn Hasher; 2]) {
        let mut rest = message.items.iter().enumerate();
        while let Some((index, item)) = rest.next() {
            let Some(node) = message.node(item) else { continue };
            if self.ignores(message, &node.path) {
                let within = (item.end as usize).saturating_sub(index.saturating_add(1));
                if let Some(last) = within.checked_sub(1) {
                    rest.nth(last);
                }
                continue;
            }
            whole.write_u32(item.node);
            value(message, item, whole);
            if matches!(node.kind, FieldKind::Enum(_) | FieldKind::Text) {
                value(message, item, gist);
            }
        }
        for (name, said) in [
            ("trailing", message.trailing),
            ("ended_by", usize::from(message.ended_by_close)),
            ("error", message.error.map_or(0, |it| it.offset.saturating_add(1))),
        ] {
            if !self.ignores(message, name) {
                whole.write_usize(said);
            }
        }
        // What stands where a field could not be read is compared too.
        if let Some(error) = message.error {
            whole.write(error.to_string().as_bytes());
            whole.write(message.bytes);
        }
    }

    /// What two messages differ in, the first of them kept: `is_expected` where that is the one that
    /// was expected.
    pub fn differences(
        &self,
        mut kept: Kept,
        is_expected: bool,
        (message, mut body): (&Message<'_>, Body),
    ) -> Vec<Difference> {
        let origin = if is_expected { Origin::Live } else { Origin::Capture };
        let unequal = judge(&self.criteria, origin, &mut kept.0, (message, &mut body));
        unequal.into_iter().map(|it| it.difference(0, 0)).collect()
    }

    /// What two runs of bytes differ in.
    pub fn bytes(&self, expected: &[u8], actual: &[u8]) -> Vec<Difference> {
        let unlike = byte_run::unlike(&self.criteria.sieve, expected, actual);
        let shown = unlike.into_iter().take(MAX_OF_ANSWER).map(Unequal::from);
        shown.map(|it| it.difference(0, 0)).collect()
    }

    /// Whether bytes may differ, whichever they are.
    pub fn ignores_bytes(&self) -> bool {
        self.criteria.sieve.ignores_all()
    }
}

/// What a message is, in a few words: `GET /index.html`, `msg_st {name: "Alan", math: 83}`.
pub(crate) fn described(message: &Message<'_>) -> String {
    if is_http(message) {
        return http::title(message);
    }
    let fields = message.fields().filter(|it| !it.name().is_empty());
    let fields: Vec<_> = fields.map(|it| format!("{}: {it:?}", it.name())).collect();
    match fields.is_empty() {
        true => title(message),
        false => cut(&format!("{} {{{}}}", message.name, fields.join(", "))),
    }
}

fn value(message: &Message<'_>, item: &Item, hasher: &mut dyn Hasher) {
    match item.scalar {
        Scalar::Unsigned(number) => hasher.write_u64(number),
        Scalar::Signed(number) => hasher.write_i64(number),
        Scalar::Float(number) => hasher.write_u64(number.to_bits()),
        Scalar::Span => {
            let bytes = match message.value(item) {
                Value::Text(text) | Value::Name(text) => text.as_bytes(),
                Value::Bytes(bytes) => bytes,
                Value::Shown(_) => message.bytes_of(item),
                _ => &[],
            };
            hasher.write_usize(bytes.len());
            hasher.write(bytes);
        }
        Scalar::Nested => hasher.write_u8(1),
        Scalar::Null => hasher.write_u8(2),
    }
}
