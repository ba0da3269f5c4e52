//! What chooses among the answers to one resource: what the request says of the client's copy, of
//! the part and the codings that it wants, of who it is, and what it brings (RFC 9110 sections 11
//! to 14).
//!
//! An answer that only a certain request may get (304, 206, 416, 412, 101, a coded body) suits no
//! other one. Of those that suit, what is nearer to the recorded request comes first.

use super::accept_encoding::{self, MAX_WEIGHT};
use super::conditional::{Conditions, Validators};
use super::range::{self, Sent, Wanted};
use crate::comparison::Body;
use crate::decode::http::encoding::ContentEncoding;
use crate::decode::http::{header_values, status, version};
use crate::message::Message;

/// What a request says beside its resource; empty where a field is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::replay::server) struct Terms {
    pub conditions: Conditions,
    pub range: Box<[u8]>,
    pub if_range: Box<[u8]>,
    pub accept_encoding: Option<Box<[u8]>>,
    pub authorization: Box<[u8]>,
    pub upgrade: Box<[u8]>,
    /// HTTP/0.9: it wants the body alone.
    pub is_simple: bool,
    /// Tells its body from others; `None` where it has none.
    pub body: Option<[u8; 32]>,
}

/// What an answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::replay::server) struct Facts {
    /// None where it answers a request of HTTP/0.9.
    pub status: Option<u16>,
    pub validators: Validators,
    pub content_range: Box<[u8]>,
    pub content_encoding: Box<[u8]>,
    pub upgrade: Box<[u8]>,
    pub is_chunked: bool,
    /// `Connection: keep-alive`.
    pub keeps_alive: bool,
    /// `Accept-Ranges: none`.
    pub has_no_parts: bool,
}

/// How well an answer suits: the greater the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::replay::server) struct Suits {
    /// It is for this request and no plain one.
    is_special: bool,
    has_same_body: bool,
    has_same_target: bool,
    credentials: Credentials,
    coding: Coding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Credentials {
    Unlike,
    /// Both have some.
    Some,
    Same,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Coding {
    /// The client does not take it: it is undone.
    Undone,
    None,
    /// The client takes it, with that weight.
    Taken(u16),
    /// The recorded client said of codings what this one says.
    AsRecorded,
}

/// Why an answer does not suit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replay::server) enum Unsuited {
    /// It goes to a request with a condition that this one has not.
    Condition,
    /// It goes to one that asks for that part.
    Part,
    /// It goes to one that asks for another protocol.
    Upgrade,
    /// Its coding is not taken by the client, and cannot be undone.
    Coding,
}

impl Terms {
    /// What a request says. `body` is what it brings.
    pub fn of(message: &Message<'_>, body: Option<Body>) -> Self {
        let field = |name| joined(message, name);
        Self {
            conditions: Conditions {
                if_none_match: field("if-none-match"),
                if_modified_since: field("if-modified-since"),
                if_match: field("if-match"),
                if_unmodified_since: field("if-unmodified-since"),
            },
            range: field("range"),
            if_range: field("if-range"),
            accept_encoding: header_values(message, "accept-encoding")
                .next()
                .map(|_| field("accept-encoding")),
            authorization: field("authorization"),
            upgrade: field("upgrade"),
            is_simple: version(message) == Some(b"0.9"),
            body: body.map(Body::fingerprint),
        }
    }

    /// How well an answer to a request with these terms suits one with those of a client.
    pub fn suits(
        &self,
        facts: &Facts,
        client: &Self,
        has_same_target: bool,
    ) -> Result<Suits, Unsuited> {
        let is_special = self.is_special(facts, client)?;
        Ok(Suits {
            is_special,
            has_same_body: self.body == client.body,
            has_same_target,
            credentials: match (&*self.authorization, &*client.authorization) {
                (own, other) if own == other => Credentials::Same,
                (b"", _) | (_, b"") => Credentials::Unlike,
                _ => Credentials::Some,
            },
            coding: self.coding(facts, client)?,
        })
    }

    /// Whether only certain requests may get the answer, and this is one of them.
    fn is_special(&self, facts: &Facts, client: &Self) -> Result<bool, Unsuited> {
        let (conditions, validators) = (&client.conditions, &facts.validators);
        let (may, otherwise) = match facts.status {
            Some(304) => {
                (conditions.is_unchanged(&self.conditions, validators), Unsuited::Condition)
            }
            Some(412) => (conditions.is_any(), Unsuited::Condition),
            Some(206) => {
                let is_it = self.is_same_part(facts, client);
                (is_it && validators.allow_part(&client.if_range), Unsuited::Part)
            }
            Some(416) => (self.is_same_part(facts, client), Unsuited::Part),
            Some(101) => (client.wants_protocol(&facts.upgrade), Unsuited::Upgrade),
            _ => return Ok(false),
        };
        if may { Ok(true) } else { Err(otherwise) }
    }

    fn is_same_part(&self, facts: &Facts, client: &Self) -> bool {
        let of_sent = || Some(Wanted::parse(&client.range)?.is(Sent::parse(&facts.content_range)?));
        !client.range.is_empty()
            && (range::is_same(&self.range, &client.range) || of_sent().unwrap_or_default())
    }

    fn wants_protocol(&self, protocol: &[u8]) -> bool {
        let mut wanted = self.upgrade.split(|it| *it == b',').map(<[u8]>::trim_ascii);
        wanted.any(|it| !it.is_empty() && it.eq_ignore_ascii_case(protocol.trim_ascii()))
    }

    fn coding(&self, facts: &Facts, client: &Self) -> Result<Coding, Unsuited> {
        let coding = &*facts.content_encoding;
        let is_bodiless = matches!(facts.status, Some(100..=199 | 204 | 304));
        if is_bodiless || accept_encoding::codings(coding).next().is_none() {
            return Ok(Coding::None);
        }
        if self.accept_encoding == client.accept_encoding {
            return Ok(Coding::AsRecorded);
        }
        let is_known = || ContentEncoding::parse([coding]).is_some();
        match accept_encoding::weight(client.accept_encoding.as_deref(), coding) {
            // Of a part nothing can be undone.
            0 if facts.status == Some(206) || !is_known() => Err(Unsuited::Coding),
            0 => Ok(Coding::Undone),
            weight => Ok(Coding::Taken(weight.min(MAX_WEIGHT))),
        }
    }

    /// The part that is to be cut out of a whole body. A recorded server that was asked for a part,
    /// and sent the whole, has none.
    pub fn part_of_whole(&self, facts: &Facts, client: &Self) -> Option<Wanted> {
        let may = facts.status == Some(200)
            && !facts.has_no_parts
            && self.range.is_empty()
            && facts.validators.allow_part(&client.if_range);
        Wanted::parse(&client.range).filter(|_| may)
    }
}

impl Facts {
    /// What a response is.
    pub fn of(message: &Message<'_>) -> Self {
        let field = |name| joined(message, name);
        let is = |name, word: &[u8]| field(name).to_ascii_lowercase().ends_with(word);
        Self {
            status: status(message),
            validators: Validators { etag: field("etag"), last_modified: field("last-modified") },
            content_range: field("content-range"),
            content_encoding: field("content-encoding"),
            upgrade: field("upgrade"),
            is_chunked: is("transfer-encoding", b"chunked"),
            keeps_alive: has_option(message, b"keep-alive"),
            has_no_parts: is("accept-ranges", b"none"),
        }
    }
}

impl Suits {
    /// The coding of the answer is not one that the client takes.
    pub fn is_undone(self) -> bool {
        self.coding == Coding::Undone
    }
}

impl Unsuited {
    /// Why the nearest recorded answer was not given, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Condition => "recorded only for a client that has a copy",
            Self::Part => "recorded only for a client that wants another part",
            Self::Upgrade => "recorded only for a client that changes the protocol",
            Self::Coding => "recorded only in a coding that the client does not take",
        }
    }
}

/// Whether the sender says that it will close behind the message (RFC 9112 section 9.6).
pub(in crate::replay::server) fn says_close(message: &Message<'_>) -> bool {
    has_option(message, b"close")
}

/// Whether the message's Connection has that option (RFC 9110 section 7.6.1).
pub(in crate::replay::server) fn has_option(message: &Message<'_>, option: &[u8]) -> bool {
    header_values(message, "connection")
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|it| it.trim_ascii().eq_ignore_ascii_case(option))
}

/// A field's values as one (RFC 9110 section 5.3).
pub(in crate::replay::server) fn joined(message: &Message<'_>, name: &'static str) -> Box<[u8]> {
    let mut values = header_values(message, name);
    let first = values.next().unwrap_or_default().to_vec();
    let all = values.fold(first, |all, value| [&all, &b", "[..], value].concat());
    all.into()
}
