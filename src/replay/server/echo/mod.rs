//! What an answer repeats of its request, such as a transaction id: the value that the live request
//! has takes the place of the recorded one's.
//!
//! Fields are those that a profile declares with `echo = true`, found in both messages by their
//! codec. Without a rule for its port DNS has its id and its cookie repeated, where both port and
//! header say that it is DNS. A field is put back only where the recorded answer repeated
//! the recorded request, and where it has the same length. Sums that were right are made right again; in
//! a stream only those of a message that is sent as one.

mod dns;
mod stream;
mod sums;

use std::borrow::Cow;
use std::ops::Range;

pub(super) use self::stream::StreamEcho;
use self::sums::DeclaredSums;
use crate::decode::codec::CodecError;
use crate::decode::live::Live;
use crate::flow::Side;
use crate::message::{Between, Item, Message, Scalar, Span};
use crate::profile::Protocols;
use crate::replay::Conversation;

/// Fields of one message that are put back.
const MAX_FIELDS: usize = 64;

/// Finds the fields that answers repeat.
pub(super) struct Echo<'p> {
    protocols: &'p Protocols,
    live: Live<'p>,
    fields: Fields,
    sums: DeclaredSums,
}

/// What profiles declare: the protocol, and the path within it.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

/// A field in the bytes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Echoed {
    /// Its path; of several elements of a list all have the same.
    pub path: String,
    pub range: Range<usize>,
    /// It may become longer or shorter.
    pub is_text: bool,
}

/// Names of the fields, as `--ignore` takes them; with those that are sums, which differ where these do.
pub(super) fn names(protocols: &Protocols) -> Vec<String> {
    let fields = Fields::new(protocols).0;
    let sums = DeclaredSums::new(protocols);
    let sums = sums.names(|protocol| fields.iter().any(|it| it.0 == protocol));
    fields.iter().map(|(protocol, path)| format!("{protocol}.{path}")).chain(sums).collect()
}

impl<'p> Echo<'p> {
    /// Prepares the decoders.
    ///
    /// # Errors
    ///
    /// A protocol that no codec can read.
    pub fn new(protocols: &'p Protocols) -> Result<Self, CodecError> {
        let live = Live::new(protocols, false)?;
        let (fields, sums) = (Fields::new(protocols), DeclaredSums::new(protocols));
        Ok(Self { protocols, live, fields, sums })
    }

    /// Whether a conversation may have such fields.
    pub fn is_of_interest(&self, conversation: &Conversation) -> bool {
        !self.fields.0.is_empty() || self.is_dns(conversation)
    }

    /// The fields in a datagram of a conversation that `side` sent, in their order.
    pub fn of_datagram(
        &mut self,
        conversation: &Conversation,
        side: Side,
        bytes: &[u8],
    ) -> Vec<Echoed> {
        if self.is_dns(conversation) {
            return dns::fields(side, bytes).into_iter().map(Echoed::dns).collect();
        }
        let mut found = Vec::new();
        if !self.fields.0.is_empty() {
            let Conversation { client, server, .. } = *conversation;
            let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
            let fields = &self.fields;
            self.live.datagram(src, dst, bytes, &mut |message| found = fields.of(message));
        }
        found
    }

    /// What a client's datagram is compared as: with the recorded values in these fields.
    pub fn as_recorded<'b>(
        &mut self,
        conversation: &Conversation,
        recorded: &[u8],
        live: &'b [u8],
    ) -> Cow<'b, [u8]> {
        let of_live = self.of_datagram(conversation, Side::Client, live);
        if of_live.is_empty() {
            return Cow::Borrowed(live);
        }
        let of_recorded = self.of_datagram(conversation, Side::Client, recorded);
        let right = self.right_sums(conversation, Side::Client, live);
        let mut bytes = live.to_vec();
        for (at, echoed) in of_live.iter().enumerate().rev() {
            if let Some(value) = counterpart(&of_live, at, &of_recorded, recorded) {
                replace(&mut bytes, echoed, value);
            }
        }
        self.set_sums(conversation, Side::Client, &mut bytes, &right);
        Cow::Owned(bytes)
    }

    /// Puts the values of a live request into the answer that was recorded for another one.
    pub fn put_back(
        &mut self,
        conversation: &Conversation,
        [recorded, live]: [&[u8]; 2],
        answer: &mut Vec<u8>,
    ) {
        let of_answer = self.of_datagram(conversation, Side::Server, answer);
        if of_answer.is_empty() {
            return;
        }
        let right = self.right_sums(conversation, Side::Server, answer);
        let of_recorded = self.of_datagram(conversation, Side::Client, recorded);
        let of_live = self.of_datagram(conversation, Side::Client, live);
        for (at, echoed) in of_answer.iter().enumerate().rev() {
            let asked = counterpart(&of_answer, at, &of_recorded, recorded);
            let is_repeated = asked.is_some() && asked == answer.get(echoed.range.clone());
            let value = counterpart(&of_answer, at, &of_live, live);
            if let Some(value) = value.filter(|_| is_repeated) {
                replace(answer, echoed, value);
            }
        }
        self.set_sums(conversation, Side::Server, answer, &right);
    }

    /// What a client's datagram is told by: its bytes, with zeros in these fields and in sums; of DNS its
    /// question alone. `None` where it has no such field.
    pub fn blank(&mut self, conversation: &Conversation, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.is_dns(conversation) {
            return dns::question(bytes);
        }
        let fields = self.of_datagram(conversation, Side::Client, bytes);
        let mut blank = bytes.to_vec();
        for echoed in &fields {
            if let Some(value) = blank.get_mut(echoed.range.clone()) {
                value.fill(0);
            }
        }
        if fields.is_empty() {
            return None;
        }
        self.blank_sums(conversation, Side::Client, &mut blank);
        Some(blank)
    }

    /// DNS that no rule of the user's calls something else.
    fn is_dns(&self, conversation: &Conversation) -> bool {
        let Conversation { transport, client, server, .. } = *conversation;
        let candidates = || self.protocols.candidates(transport, client.port(), server.port());
        let is_ruled = || candidates().iter().any(|it| !it.is_by_fit());
        server.port() == dns::PORT && !is_ruled()
    }
}

impl Fields {
    fn new(protocols: &Protocols) -> Self {
        let fields = protocols.read().flat_map(|protocol| {
            let echoed = protocol.fields.iter().filter(|(_, rules)| rules.echo);
            echoed.map(|(path, _)| (protocol.name.clone(), path.clone()))
        });
        Self(fields.collect())
    }

    /// Those of a message. One that shares its bytes with another, a bit-field, is left alone.
    pub fn of(&self, message: &Message<'_>) -> Vec<Echoed> {
        let is_scalar = |it: &&Item| it.scalar != Scalar::Nested;
        let mut found = Vec::new();
        for item in message.items.iter().filter(is_scalar) {
            let Some(node) = message.node(item) else { continue };
            if found.len() >= MAX_FIELDS || !self.has(message.protocol, &node.path) {
                continue;
            }
            let Span::Bytes(range) = item.span() else { continue };
            let shares = |it: &Item| match it.span() {
                Span::Bytes(other) => {
                    !std::ptr::eq(it, item) && other.start < range.end && range.start < other.end
                }
                Span::Computed => false,
            };
            if !message.items.iter().filter(is_scalar).any(shares) {
                let is_text = message.table.between != Between::Holes;
                found.push(Echoed { path: node.path.clone(), range, is_text });
            }
        }
        found
    }

    /// Whether a field is declared so, or one around it.
    fn has(&self, protocol: &str, path: &str) -> bool {
        let is_within = |outer: &str| {
            let rest = path.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.iter().any(|(name, outer)| name == protocol && is_within(outer))
    }
}

impl Echoed {
    fn dns((name, range): (&str, Range<usize>)) -> Self {
        Self { path: name.to_owned(), range, is_text: false }
    }
}

/// The value in another message of the field that is at `at` in its own: of the same path, and as
/// many of that path before it.
fn counterpart<'b>(
    own: &[Echoed],
    at: usize,
    other: &[Echoed],
    bytes: &'b [u8],
) -> Option<&'b [u8]> {
    let path = &own.get(at)?.path;
    let before = own.iter().take(at).filter(|it| it.path == *path).count();
    let found = other.iter().filter(|it| it.path == *path).nth(before)?;
    bytes.get(found.range.clone())
}

fn replace(bytes: &mut Vec<u8>, echoed: &Echoed, value: &[u8]) {
    let Range { start, end } = echoed.range;
    if end <= bytes.len() && (echoed.is_text || echoed.range.len() == value.len()) {
        bytes.splice(start..end, value.iter().copied());
    }
}
