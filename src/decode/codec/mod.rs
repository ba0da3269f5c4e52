//! The struct codec: reads and writes the fields of a [`ResolvedLayout`].
//!
//! It is compiled once into a plan of segments with a running base; decoding walks
//! the plan over the bytes and lists [`Item`]s, encoding walks it over named values. What the walk
//! rests on:
//!
//! - A step reads only bytes that are there. The first field that is not ends the walk; what was
//!   read before it stays.
//! - Multi-byte numbers go by the order that the layout says, bit-fields of whole bytes among them.
//!   Other bit-fields have none of their own: their bits follow the ABI.
//! - A list stops at [`MAX_ITEMS`], so that no header makes a datagram exhaust memory.
//! - Of what C declares, a tail counts as one only at the end of the message; elsewhere it has the
//!   elements that `sizeof` counts. An array at the end has as many elements as the message.

mod bases;
mod build;
mod compile;
mod encode;
mod error;
mod evidence;
mod extent;
mod fill;
mod fit;
mod id;
mod leaf;
mod measure;
mod number;
mod operand;
mod optional;
mod placed;
mod plan;
mod read;
mod ready;
mod repeated;
mod shown;
mod spoken;
mod steps;
mod sums;
mod tag;
mod value;
mod varint;
mod varying;
mod write;

#[cfg(test)]
mod tests;

pub use error::{CodecError, EncodeError};
pub use extent::Framing;
pub use fit::Fit;
pub use measure::{Extent, MAX_STREAMED_LEN};
pub(crate) use number::gather;
pub use read::MAX_ITEMS;
pub use sums::{FoundSum, FoundSums, MAX_SUMS, Sums};
pub use value::FieldValue;
pub use write::MAX_ENCODED_LEN;

use std::ops::RangeInclusive;

use crate::message::{DecodeError, ErrorKind, FieldTable, Item, Marks, Message};
use crate::profile::FieldSum;
pub use crate::profile::{Case, MessageWords};
use crate::schema::ResolvedLayout;
use compile::Compiler;
use evidence::Trait;
use placed::{PlacedTerm, placed};
use plan::{Plan, RootId};
use read::{Failure, Reader};
use ready::Ready;
use tag::{Selected, Tag};

/// Reads and writes the messages of one layout.
#[derive(Clone, Debug)]
pub struct Codec {
    plan: Plan,
    /// The layout itself.
    root: RootId,
    tag: Option<Tag>,
    /// The bytes of a message, where fields at fixed places say so.
    length: Option<PlacedTerm>,
    /// Bytes before a message that are not of it.
    skip: usize,
    /// The struct of a case that is written where the tag is not given.
    preferred: Option<RootId>,
    /// Nothing is said of whole messages but a tag: each is all that there is.
    is_plain: bool,
    /// What a message is goes by its way.
    goes_by_way: bool,
    /// What fields of every message have.
    identity: Vec<(PlacedTerm, RangeInclusive<i128>)>,
    /// All items, where every message has the same.
    alike: Option<Ready>,
    /// What is known of each node's values, to weigh them.
    traits: Vec<Trait>,
    sums: Sums,
}

/// What [`Codec::decode`] made of a message, besides its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<'c> {
    /// The layout's name, or that of the case's struct.
    pub name: &'c str,
    /// Length of the message, bytes; where it is cut short, the bytes that there are.
    pub len: usize,
    /// Bytes left over behind it, captured or not; 0 where it is cut short.
    pub trailing: usize,
    /// The first error.
    pub error: Option<DecodeError<'c>>,
    /// A character tail has no NUL, or the padding that `sizeof` counts is missing.
    pub loose: bool,
    /// It ends within its last member, an array that has fewer elements than declared.
    pub partial: bool,
}

impl Codec {
    /// Compiles a layout, and what a profile says of the whole message.
    ///
    /// # Errors
    ///
    /// A tag, length, identity or case that names nothing in the layout, or no integer at a fixed place; too
    /// many fields of all cases; a bit-field of more than 64 bits.
    pub fn new(layout: &ResolvedLayout, words: &MessageWords) -> Result<Self, CodecError> {
        let mut compiler = Compiler::default();
        let members = words.cases.iter().filter(|it| it.layout.is_none() && !it.is_nothing());
        let root = compiler.own_root(layout, members.map(|it| it.name.clone()).collect())?;
        let mut terms = Vec::new();
        for tag in &words.tags {
            terms.push(compiler.message_term(layout, tag)?);
        }
        let mut whens = Vec::new();
        for case in &words.cases {
            let when = case.when.as_ref().map(|it| compiler.message_term(layout, it));
            whens.push(when.transpose()?);
        }
        let length =
            words.length.as_ref().map(|it| compiler.message_term(layout, it)).transpose()?;
        let mut identity = Vec::new();
        for (path, values) in &words.identity {
            identity.push((path, compiler.message_term(layout, path)?, values.clone()));
        }
        let mut roots = vec![root];
        for case in words.cases.iter().filter_map(|case| case.layout.as_deref()) {
            let root = compiler.root(case)?;
            // What is not at the start of every message may be said of this one.
            if let Some(length) = &words.length {
                compiler.plan.roots[root].length = compiler.message_term(case, length).ok();
            }
            roots.push(root);
        }
        let mut plan = compiler.finish();
        let at = |plan: &Plan, term| placed(plan, term, "tag");
        let terms = terms.into_iter().map(|it| at(&plan, it)).collect::<Result<Vec<_>, _>>()?;
        let whens = whens.into_iter().map(|it| it.map(|it| at(&plan, it)).transpose());
        let whens = whens.collect::<Result<Vec<_>, _>>()?;
        let identity = identity
            .into_iter()
            .map(|(_, term, values)| Ok((placed(&plan, term, "match")?, values)));
        let identity = identity.collect::<Result<Vec<_>, CodecError>>()?;
        let placed_length = length.and_then(|it| PlacedTerm::new(&plan, it));
        plan.roots[root].length = length;
        if placed_length.is_some() {
            plan.roots.iter_mut().for_each(|it| it.length = None);
        }
        let tag = match terms.is_empty() {
            true => None,
            false => Some(Tag::resolve(&mut plan, terms, &words.cases, whens, &roots)?),
        };
        let codec = Self::of(plan, root, tag, words.sums.clone())?;
        let alike = codec.alike.filter(|_| length.is_none());
        let skip = words.skip;
        let is_whole = skip == 0 && !words.several;
        let is_plain = is_whole && identity.is_empty() && !codec.goes_by_way;
        Ok(Self { length: placed_length, identity, alike, skip, is_plain, ..codec })
    }

    /// Completes a plan, and reads by it.
    fn of(
        mut plan: Plan,
        root: RootId,
        tag: Option<Tag>,
        sums: Vec<FieldSum>,
    ) -> Result<Self, CodecError> {
        plan.mark()?;
        let sums = Sums::new(&plan.table, sums).ordered(&plan);
        plan.sums = sums.nodes().collect();
        let alike = plan.sequences[plan.roots[root].sequence].alike();
        let alike = alike.filter(|_| tag.is_none()).cloned();
        let traits = evidence::traits(&plan);
        let terms = plan.terms.as_slice().iter();
        let goes_by_way =
            terms.into_iter().any(|it| it.expression.names().contains(&&plan::Name::ToServer));
        let (length, skip, identity) = (None, 0, Vec::new());
        let (preferred, is_plain) = (None, true);
        Ok(Self {
            plan,
            root,
            tag,
            length,
            skip,
            preferred,
            is_plain,
            goes_by_way,
            identity,
            alike,
            traits,
            sums,
        })
    }

    /// Whether nothing is said of whole messages but a tag, as of most protocols.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Has messages be that case, by the name of its struct, whose tag is not given.
    pub fn preferring(self, name: &str) -> Self {
        let mut cases = self.plan.roots.ids().skip(1);
        let preferred = cases.find(|it| self.plan.roots[*it].name == name);
        Self { preferred, ..self }
    }

    /// Bytes before a message that are not of it.
    #[inline]
    pub fn skip(&self) -> usize {
        self.skip
    }

    /// Whether what a message is goes by its way: to the port of its rule, or from it.
    #[inline]
    pub fn goes_by_way(&self) -> bool {
        self.goes_by_way
    }

    /// The bytes of a message that it takes to tell whether it [`matches`](Self::matches).
    pub fn identity_len(&self) -> usize {
        self.identity.iter().map(|it| it.0.needed()).max().unwrap_or(0)
    }

    /// Whether bytes that [`match`](Self::matches) are of the protocol beyond a doubt: by chance one message in
    /// 65,536 would.
    pub fn is_telling(&self) -> bool {
        const TELLING_BITS: u32 = 16;
        let bits = self.identity.iter().map(|(term, values)| {
            let width = term.field().map_or(0, |it| self.plan.width(it));
            let of = values.end().saturating_sub(*values.start()).saturating_add(1);
            let spread =
                u128::try_from(of).map_or(128, |it| u128::BITS.saturating_sub(it.leading_zeros()));
            width.saturating_sub(spread.saturating_sub(1))
        });
        bits.fold(0_u32, u32::saturating_add) >= TELLING_BITS
    }

    /// Whether what is in every message of the protocol is in these bytes; what they do not reach is not.
    #[inline]
    pub fn matches(&self, bytes: &[u8]) -> bool {
        let has = |(term, values): &(PlacedTerm, RangeInclusive<i128>)| {
            term.value(&self.plan, bytes, true).is_some_and(|it| values.contains(&it))
        };
        self.identity.iter().all(has)
    }

    /// The names and kinds of the fields, those of the cases included. A field of several cases
    /// is one node, unless its kind differs.
    pub fn table(&self) -> &FieldTable {
        &self.plan.table
    }

    /// The fields that are sums.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The layout's name.
    pub fn name(&self) -> &str {
        self.plan.name()
    }

    /// What its messages may be: the layout itself, then the structs of the cases; each with its
    /// name and the fields that it really has. These tables are for looking up names; items index
    /// [`table`](Self::table).
    pub fn messages(&self) -> impl Iterator<Item = (&str, &FieldTable)> {
        self.plan.roots.as_slice().iter().map(|root| (root.name.as_str(), &root.table))
    }

    /// `sizeof`, bytes.
    pub fn size(&self) -> usize {
        self.plan.roots[self.root].size
    }

    /// Where the last field ends, a last array left out and unions at their smallest: no shorter
    /// message is whole. Bytes.
    pub fn min_len(&self) -> usize {
        self.plan.roots[self.root].reach
    }

    /// Decodes one message. `bytes` is what was captured of its `wire_len` bytes. `items` is
    /// cleared first.
    #[inline]
    pub fn decode<'c>(
        &'c self,
        bytes: &[u8],
        wire_len: usize,
        items: &mut Vec<Item>,
    ) -> Decoded<'c> {
        self.decode_toward(true, bytes, wire_len, items)
    }

    /// Decodes one message that goes to the port of its rule, or comes from it.
    #[inline]
    pub fn decode_toward<'c>(
        &'c self,
        to_server: bool,
        bytes: &[u8],
        wire_len: usize,
        items: &mut Vec<Item>,
    ) -> Decoded<'c> {
        items.clear();
        // Items count bytes in 32 bits: what is longer is taken as captured in part.
        let bytes = bytes.get(..u32::MAX as usize).unwrap_or(bytes);
        let wire_len = wire_len.max(bytes.len());
        // Most messages are of fixed fields alone; the rest takes the longer way.
        if let Some(alike) = &self.alike
            && alike.read(bytes, items)
        {
            let root = &self.plan.roots[self.root];
            return Decoded::whole(&root.name, root.size, wire_len);
        }
        // Field by field, so that the short way's result need not be where the walk leaves its own.
        let Decoded { name, len, trailing, error, loose, partial } =
            self.walk(to_server, bytes, wire_len, items);
        Decoded { name, len, trailing, error, loose, partial }
    }

    #[inline(never)]
    fn walk<'c>(
        &'c self,
        to_server: bool,
        bytes: &[u8],
        wire_len: usize,
        items: &mut Vec<Item>,
    ) -> Decoded<'c> {
        let selected = match &self.tag {
            Some(tag) => tag.select(&self.plan, self.root, bytes, to_server),
            None => Selected::Root(self.root),
        };
        let root = match selected {
            Selected::Root(root) => root,
            Selected::Unknown | Selected::Absent => self.root,
        };
        let root = &self.plan.roots[root];
        let (there, said) = self.cut(bytes, wire_len);
        let mut reader = Reader::new(&self.plan, root, there, said.unwrap_or(wire_len), items);
        reader.to_server = to_server;
        if let (Some(tag), Selected::Unknown) = (self.tag.as_ref().and_then(Tag::field), selected) {
            reader.noted = Some(Failure::unknown(&self.plan, tag));
        }
        let failure = reader.root(root).err();
        let failure = self.lie(said, wire_len, &reader, failure);
        let end = said.unwrap_or(reader.end);
        let mut decoded = Decoded::whole(&root.name, end, wire_len);
        decoded.loose |= reader.unterminated;
        decoded.partial = reader.partial;
        // Behind what cannot be, nothing tells where the message ends.
        let mut failures = failure.iter().chain(&reader.noted);
        let is_unsure = failures.any(|it| it.kind != ErrorKind::UnknownCase);
        if is_unsure && said.is_none_or(|it| it >= bytes.len()) {
            (decoded.len, decoded.trailing) = (bytes.len(), 0);
        }
        // What was noted stands before what could not be read.
        let failure = reader.noted.or(failure);
        decoded.error = failure.map(|it| self.error(&it, &root.name));
        decoded
    }

    /// The bytes that the message says that it has, and how many these are.
    fn cut<'b>(&self, bytes: &'b [u8], wire_len: usize) -> (&'b [u8], Option<usize>) {
        let Some(length) = &self.length else { return (bytes, None) };
        let said = length.value(&self.plan, bytes, true).and_then(|it| usize::try_from(it).ok());
        let said = said.filter(|it| *it >= length.needed());
        (said.and_then(|it| bytes.get(..it)).unwrap_or(bytes), said.map(|it| it.min(wire_len)))
    }

    /// The error of a length that is not that of the message.
    fn lie(
        &self,
        said: Option<usize>,
        wire_len: usize,
        reader: &Reader<'_>,
        failure: Option<Failure>,
    ) -> Option<Failure> {
        let Some(length) = &self.length else { return failure };
        let at = |kind| {
            let step = length.field()?;
            Some(Failure { step, offset: self.plan.steps[step].offset, kind })
        };
        let value = length.value(&self.plan, reader.bytes, true);
        match (value, said) {
            // It is less than it takes to say so, or no number of bytes.
            (Some(_), None) => at(ErrorKind::Malformed),
            (Some(value), _) if value > wire_len as i128 => {
                let short = failure.filter(|it| matches!(it.kind, ErrorKind::Short));
                let lost =
                    Failure { kind: ErrorKind::Short, offset: wire_len, ..at(ErrorKind::Short)? };
                failure.filter(|it| it.kind != ErrorKind::Short).or(short).or(Some(lost))
            }
            // The message ends within what it has in any case.
            (Some(_), Some(said)) if said < wire_len => match failure {
                Some(it) if it.kind == ErrorKind::Short && said < reader.reach => {
                    at(ErrorKind::Malformed)
                }
                _ => failure,
            },
            _ => failure,
        }
    }

    /// What [`decode`](Self::decode) made of some bytes, as a message of a protocol; of it stands nothing that only a
    /// capture can tell.
    pub fn message<'a>(
        &'a self,
        protocol: &'a str,
        bytes: &'a [u8],
        decoded: &Decoded<'a>,
        items: &'a [Item],
    ) -> Message<'a> {
        Message {
            protocol,
            name: decoded.name,
            table: self.table(),
            items,
            bytes,
            apart: None,
            len: decoded.len,
            trailing: decoded.trailing,
            candidates: &[],
            ended_by_close: false,
            marks: Marks::default(),
            request: None,
            pair: None,
            error: decoded.error,
        }
    }

    fn error<'c>(&'c self, failure: &Failure, name: &'c str) -> DecodeError<'c> {
        let context = self.plan.path(failure.step).unwrap_or(name);
        DecodeError { offset: failure.offset, context, kind: failure.kind }
    }
}

impl<'c> Decoded<'c> {
    /// A message that ends at `end`, of which `wire_len` bytes are there.
    fn whole(name: &'c str, end: usize, wire_len: usize) -> Self {
        Self {
            name,
            len: end.min(wire_len),
            trailing: wire_len.saturating_sub(end),
            error: None,
            loose: end > wire_len,
            partial: false,
        }
    }

    /// Whether the bytes end before the message does.
    pub fn is_cut(&self) -> bool {
        self.error.is_some_and(|it| matches!(it.kind, ErrorKind::Short | ErrorKind::Snapped))
    }
}
