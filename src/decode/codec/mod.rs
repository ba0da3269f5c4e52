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
mod plan;
mod read;
mod ready;
mod shown;
mod steps;
mod sums;
mod tag;
mod value;
mod varying;
mod write;

#[cfg(test)]
mod tests;

pub use error::{CodecError, EncodeError};
pub use extent::Framing;
pub use fit::Fit;
pub use measure::{Extent, MAX_STREAMED_LEN};
pub use read::MAX_ITEMS;
pub use sums::{FoundSum, FoundSums, MAX_SUMS, Sums};
pub use value::FieldValue;
pub use write::MAX_ENCODED_LEN;

use crate::message::{DecodeError, ErrorKind, FieldTable, Item};
pub use crate::profile::Case;
use crate::profile::{FieldSum, Protocol};
use crate::schema::ResolvedLayout;
use compile::Compiler;
use evidence::Trait;
use plan::{Plan, RootId};
use read::{Failure, Reader};
use ready::Ready;
use tag::{Selected, Tag};

/// What tells which message it is, and which of its fields are computed.
#[derive(Clone, Debug, Default)]
pub struct CodecOptions {
    /// The path of the field whose value chooses among `cases`. In a union it may also be the
    /// path within a member.
    pub tag: Option<String>,
    /// What the values of `tag` mean.
    pub cases: Vec<Case>,
    /// The fields that are sums, which [`Codec::encode`] fills in.
    pub sums: Vec<FieldSum>,
}

impl CodecOptions {
    /// Those of a protocol.
    pub fn of(protocol: &Protocol) -> Self {
        let (tag, cases) = (protocol.tag.clone(), protocol.cases.clone());
        Self { tag, cases, sums: protocol.sums() }
    }
}

/// Reads and writes the messages of one layout.
#[derive(Clone, Debug)]
pub struct Codec {
    plan: Plan,
    /// The layout itself.
    root: RootId,
    tag: Option<Tag>,
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
    /// Compiles a layout.
    ///
    /// # Errors
    ///
    /// A tag or case that names nothing in the layout; a tag that is not an integer; too many fields
    /// of all cases; a bit-field of more than 64 bits.
    pub fn new(layout: &ResolvedLayout, options: &CodecOptions) -> Result<Self, CodecError> {
        let mut compiler = Compiler::default();
        let root = compiler.root(layout)?;
        let mut roots = vec![root];
        for case in options.cases.iter().filter_map(|case| case.layout.as_deref()) {
            roots.push(compiler.root(case)?);
        }
        let mut plan = compiler.finish();
        let tag = match &options.tag {
            Some(path) => Some(Tag::resolve(&mut plan, path, &options.cases, &roots)?),
            None => None,
        };
        Self::of(plan, root, tag, options.sums.clone())
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
        Ok(Self { plan, root, tag, alike, traits, sums })
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
            self.walk(bytes, wire_len, items);
        Decoded { name, len, trailing, error, loose, partial }
    }

    #[inline(never)]
    fn walk<'c>(&'c self, bytes: &[u8], wire_len: usize, items: &mut Vec<Item>) -> Decoded<'c> {
        let selected = match &self.tag {
            Some(tag) => tag.select(&self.plan, self.root, bytes),
            None => Selected::Root(self.root),
        };
        let root = match selected {
            Selected::Root(root) => root,
            Selected::Unknown | Selected::Absent => self.root,
        };
        let root = &self.plan.roots[root];
        let mut reader = Reader::new(&self.plan, root, bytes, wire_len, items);
        if let (Some(tag), Selected::Unknown) = (&self.tag, selected) {
            reader.unknown = Some(Failure::unknown(&self.plan, tag.step));
        }
        let failure = reader.root(root).err();
        let mut decoded = Decoded::whole(&root.name, reader.end, wire_len);
        decoded.loose |= reader.unterminated;
        decoded.partial = reader.partial;
        let is_cut = failure.filter(|it| it.kind != ErrorKind::UnknownCase);
        if is_cut.is_some() {
            (decoded.len, decoded.trailing) = (bytes.len(), 0);
        }
        // The tag stands before what cannot be read without it.
        let failure = reader.unknown.or(failure);
        decoded.error = failure.map(|it| self.error(&it, &root.name));
        decoded
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
