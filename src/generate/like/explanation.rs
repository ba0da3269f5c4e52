//! What makes the bytes of a message: its fields by the declared layout, or by a sender's mistake.
//!
//! An explanation is exact: the fields, written again, are the same bytes.

use crate::decode::codec::FieldValue;
use crate::generate::mistake::{Mistake, MistakeKind, MistakenCodec};
use crate::message::Item;
use crate::profile::{Protocol, Protocols};
use crate::schema::ResolvedLayout;

use super::leaf;

/// Mistakes of single fields that are tried of one message.
const MAX_FIELDS: usize = 32;

/// Each way in which the messages of a protocol may have been made, the likeliest first.
pub(super) struct Explanations {
    ways: Vec<Way>,
    max_len: Option<u64>,
}

struct Way {
    mistakes: Vec<Mistake>,
    codec: MistakenCodec,
}

/// What is used again from message to message.
#[derive(Default)]
pub(super) struct Scratch {
    items: Vec<Item>,
    bytes: Vec<u8>,
}

/// One message, explained.
pub(super) struct Explained<'e> {
    /// Which way.
    pub way: usize,
    pub value: FieldValue,
    pub layout: &'e ResolvedLayout,
    /// Where the message ends, bytes.
    pub len: usize,
}

impl Explanations {
    /// `None` where no struct describes it.
    pub fn of(protocols: &Protocols, protocol: &Protocol) -> Option<Self> {
        protocol.format.layout()?;
        let made = |mistakes: Vec<Mistake>| {
            let codec = MistakenCodec::new(protocols, protocol, None, &mistakes).ok()?;
            Some(Way { mistakes, codec })
        };
        let ways: Vec<_> = candidates(protocol).filter_map(made).collect();
        (!ways.is_empty()).then_some(Self { ways, max_len: protocol.max_len })
    }

    /// The first way that makes all of the bytes; `last` is tried behind the declared one, as senders
    /// make the same mistake again.
    pub fn explain(
        &self,
        bytes: &[u8],
        last: usize,
        scratch: &mut Scratch,
    ) -> Option<Explained<'_>> {
        // What has no room for the last mistake was made by its sender all the same.
        if let Some(again) = self.by(last, bytes, false, scratch)
            && let Some(way) = self.ways.get(last)
            && !way.codec.has_residue(&again.value, &mut scratch.bytes)
        {
            return Some(again);
        }
        let all = 1..self.ways.len();
        let order = [0, last].into_iter().chain(all.filter(|it| *it != last));
        order.into_iter().find_map(|way| self.by(way, bytes, false, scratch))
    }

    /// The declared layout, whatever follows the message.
    pub fn with_trailing(&self, bytes: &[u8], scratch: &mut Scratch) -> Option<Explained<'_>> {
        self.by(0, bytes, true, scratch)
    }

    /// The fields that are there of a message that was not captured whole.
    pub fn partly(&self, bytes: &[u8], scratch: &mut Scratch) -> Option<Explained<'_>> {
        let codec = &self.ways.first()?.codec;
        let (mut value, len) = codec.read(bytes, &mut scratch.items);
        let layout = codec.layout_of(bytes);
        leaf::prune(layout, &mut value);
        Some(Explained { way: 0, value, layout, len })
    }

    fn by(
        &self,
        way: usize,
        bytes: &[u8],
        has_trailing: bool,
        scratch: &mut Scratch,
    ) -> Option<Explained<'_>> {
        let Way { codec, mistakes } = self.ways.get(way)?;
        let (mut value, len) = codec.read(bytes, &mut scratch.items);
        let layout = codec.layout_of(bytes);
        leaf::prune(layout, &mut value);
        let own = if has_trailing { bytes.get(..len)? } else { bytes };
        // A recipe's fields do not make more than the receiver's buffer, but for that mistake.
        let is_bounded = mistakes.iter().all(|it| it.kind != MistakeKind::Trailing);
        let is_over = self.max_len.is_some_and(|max| own.len() as u64 > max);
        if !codec.explains(&value, own, &mut scratch.bytes) || is_bounded && is_over {
            return None;
        }
        codec.leave_out_amounts(&mut value, own, &mut scratch.bytes);
        Some(Explained { way, value, layout, len })
    }

    /// Whether the field of a path says something of others, as it is declared.
    pub fn tells(&self, path: &str) -> bool {
        self.ways.first().is_some_and(|it| it.codec.tells(path))
    }

    /// The mistakes of a way.
    pub fn mistakes(&self, way: usize) -> &[Mistake] {
        self.ways.get(way).map_or(&[], |it| &it.mistakes)
    }
}

/// One mistake before several, and those that say more of a message before those that allow any bytes.
fn candidates(protocol: &Protocol) -> impl Iterator<Item = Vec<Mistake>> {
    use MistakeKind::{ByteOrder, Length, Padding, Terminator, Trailing, TypeWidth, Uninitialised};
    let paths: Vec<String> =
        protocol.layouts().flat_map(|it| it.paths().map(str::to_owned)).take(MAX_FIELDS).collect();
    let of_each = move |kind: MistakeKind| {
        let mistake = |path: &String| vec![Mistake { kind, field: Some(path.clone()) }];
        paths.iter().map(mistake).collect::<Vec<_>>()
    };
    let several = |kinds: &[MistakeKind]| kinds.iter().map(|it| Mistake::from(*it)).collect();
    let whole = [&[][..], &[Trailing], &[Padding], &[TypeWidth], &[Terminator], &[Length]];
    let whole: Vec<Vec<Mistake>> = whole.into_iter().map(several).collect();
    let order: Vec<Mistake> = several(&[ByteOrder]);
    let uncleared = [
        &[Uninitialised][..],
        &[Padding, Uninitialised],
        &[TypeWidth, Uninitialised],
        &[Trailing, Uninitialised],
    ];
    let uncleared: Vec<Vec<Mistake>> = uncleared.into_iter().map(several).collect();
    let fields = [TypeWidth, Length].map(&of_each).into_iter().flatten();
    let left = of_each(Uninitialised);
    let all = whole.into_iter().chain(fields).chain([order]).chain(left).chain(uncleared);
    all.collect::<Vec<_>>().into_iter()
}
