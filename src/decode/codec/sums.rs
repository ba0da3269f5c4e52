//! The fields that are sums over bytes of their message: where they lie in one message, what they
//! say, and what they should.
//!
//! A sum is over what its rule names, the field's own bytes counted as zeros. Names are looked for in
//! the record of the field first, then in what that is in: so that each element of a list has its own.
//! At most [`MAX_SUMS`] of one message are looked at; the rest is counted.

use std::ops::Range;
use std::sync::Arc;

use super::number::{Number, NumberKind, gather};
use super::plan::{Form, Plan};
use crate::message::{FieldTable, Item, Scalar, Span};
use crate::profile::{Bound, FieldSum, in_scope};
use crate::schema::ByteOrder;
use crate::schema::checksum::Summer;

/// Sums of one message. Each may be over all of its bytes.
pub const MAX_SUMS: usize = 64;

/// As many bytes as a field of a sum has at most.
const ZEROS: [u8; 8] = [0; 8];

/// The fields of a protocol's messages that are sums.
#[derive(Clone, Debug, Default)]
pub struct Sums(Vec<Arc<Sum>>);

#[derive(Clone, Debug)]
struct Sum {
    rule: FieldSum,
    /// The nodes of its path; in which order the bytes of each are.
    nodes: Vec<(u32, ByteOrder)>,
    over: Vec<[Place; 2]>,
    summer: Summer,
}

/// A bound, its name looked up.
#[derive(Clone, Debug)]
enum Place {
    At(usize),
    Begin(Vec<u32>),
    Behind(Vec<u32>),
    End,
}

/// The sums of one message.
#[derive(Debug, Default)]
pub struct FoundSums {
    /// In the order of their fields.
    pub list: Vec<FoundSum>,
    /// Those beyond [`MAX_SUMS`].
    pub left_out: u64,
}

/// A field of one message that is a sum. All offsets are from the start of the message.
#[derive(Debug)]
pub struct FoundSum {
    sum: Arc<Sum>,
    order: ByteOrder,
    /// Where it lies.
    pub span: Range<usize>,
    /// What it says.
    pub said: u64,
    /// What it is over.
    over: Vec<Range<usize>>,
}

impl Sums {
    /// Those of a protocol, whose fields `table` has. One that it does not have is left out.
    pub fn new(table: &FieldTable, rules: Vec<FieldSum>) -> Self {
        Self(rules.into_iter().filter_map(|it| Sum::new(table, it).map(Arc::new)).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a message of `len` bytes. What is over bytes that are not there is none.
    pub fn of(&self, items: &[Item], bytes: &[u8]) -> FoundSums {
        let mut found = FoundSums::default();
        // Indices of the records and lists that an item is in.
        let mut around: Vec<usize> = Vec::new();
        let end_of = |it: usize| items.get(it).map_or(0, |it| it.end as usize);
        for (index, item) in items.iter().enumerate() {
            while around.last().is_some_and(|it| end_of(*it) <= index) {
                around.pop();
            }
            for sum in &self.0 {
                let Some(order) = sum.order(item.node) else { continue };
                if found.list.len() >= MAX_SUMS {
                    found.left_out = found.left_out.saturating_add(1);
                } else {
                    found.list.extend(sum.find(item, order, items, &around, bytes));
                }
            }
            if item.scalar == Scalar::Nested {
                around.push(index);
            }
        }
        found
    }

    /// The nodes that are sums.
    pub(super) fn nodes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|it| &it.nodes).map(|it| it.0)
    }

    /// Takes the orders of integers from where the plan has them.
    pub(super) fn ordered(mut self, plan: &Plan) -> Self {
        let sums = self.0.iter_mut().map(Arc::make_mut);
        for (node, order) in sums.flat_map(|it| &mut it.nodes) {
            let is_it = |it: &&super::plan::Step| it.node.is_some_and(|it| it.number() == *node);
            let number = plan.steps.as_slice().iter().find(is_it).and_then(|it| match it.form {
                Form::Number(number) => Some(number.order),
                _ => None,
            });
            *order = number.unwrap_or(*order);
        }
        self
    }
}

impl Sum {
    fn new(table: &FieldTable, rule: FieldSum) -> Option<Self> {
        let summer = Summer::new(rule.rule.algorithm?, rule.rule.seed);
        let nodes: Vec<_> =
            table.named(&rule.path).into_iter().map(|it| (it, rule.order)).collect();
        let named = |name: &str| {
            in_scope(&rule.path, name)
                .map(|path| table.named(&path))
                .find(|it| !it.is_empty())
                .unwrap_or_default()
        };
        let place = |bound: &Bound| match bound {
            Bound::At(number) => Place::At(usize::try_from(*number).unwrap_or(usize::MAX)),
            Bound::Begin(name) => Place::Begin(named(name)),
            Bound::Behind(name) => Place::Behind(named(name)),
            Bound::End => Place::End,
        };
        let over = rule.rule.over.iter().map(|it| [place(&it.from), place(&it.to)]);
        let over = if rule.rule.over.is_empty() {
            vec![[Place::At(0), Place::End]]
        } else {
            over.collect()
        };
        (!nodes.is_empty()).then_some(Self { nodes, over, summer, rule })
    }

    fn order(&self, node: u32) -> Option<ByteOrder> {
        self.nodes.iter().find(|it| it.0 == node).map(|it| it.1)
    }

    fn find(
        self: &Arc<Self>,
        item: &Item,
        order: ByteOrder,
        items: &[Item],
        around: &[usize],
        bytes: &[u8],
    ) -> Option<FoundSum> {
        let Span::Bytes(span) = item.span() else { return None };
        let own = bytes.get(span.clone()).filter(|it| !it.is_empty() && it.len() <= ZEROS.len())?;
        let range = |[from, to]: &[Place; 2]| {
            let [from, to] = [from, to].map(|it| it.find(items, around, bytes.len()));
            let range = from?..to?;
            bytes.get(range.clone()).map(|_| range)
        };
        let over = self.over.iter().map(range).collect::<Option<_>>()?;
        let said = gather(own, order) as u64;
        Some(FoundSum { sum: Arc::clone(self), order, span, said, over })
    }
}

impl Place {
    fn find(&self, items: &[Item], around: &[usize], len: usize) -> Option<usize> {
        let (Self::Begin(nodes) | Self::Behind(nodes)) = self else {
            return Some(if let Self::At(offset) = self { *offset } else { len });
        };
        let is_it = |it: &&Item| nodes.contains(&it.node);
        let within = |index: &usize| {
            let end = items.get(*index)?.end as usize;
            items.get(index.saturating_add(1)..end)?.iter().find(is_it)
        };
        let item = around.iter().rev().find_map(within).or_else(|| items.iter().find(is_it))?;
        let Span::Bytes(span) = item.span() else { return None };
        Some(if matches!(self, Self::Begin(_)) { span.start } else { span.end })
    }
}

impl FoundSum {
    /// The path of the field.
    pub fn path(&self) -> &str {
        &self.sum.rule.path
    }

    /// What the profile says of it.
    pub fn rule(&self) -> &FieldSum {
        &self.sum.rule
    }

    /// What it should say, `bytes` being those of its message.
    pub fn computed(&self, bytes: &[u8]) -> u64 {
        let own = &self.span;
        let pieces = self.over.iter().flat_map(|it| {
            // Before the field, the field, and behind it, as far as they are in the range.
            let within = own.start.clamp(it.start, it.end)..own.end.clamp(it.start, it.end);
            let zeros = ZEROS.get(..within.len()).unwrap_or_default();
            let piece = |range: Range<usize>| bytes.get(range).unwrap_or_default();
            [piece(it.start..within.start), zeros, piece(within.end..it.end)]
        });
        let extra = self.sum.rule.rule.extra.as_slice();
        let sum = self.sum.summer.sum(pieces.chain([extra]));
        sum & mask(own.len())
    }

    /// Whether it says what it should.
    pub fn is_right(&self, bytes: &[u8]) -> bool {
        self.said == self.computed(bytes)
    }

    /// What its bytes say in the other order.
    pub fn swapped(&self) -> u64 {
        let unused = 8_u32.saturating_sub(u32::try_from(self.span.len()).unwrap_or(8));
        self.said.swap_bytes().wrapping_shr(unused.saturating_mul(8))
    }

    /// Writes what it should say.
    pub fn write(&self, bytes: &mut [u8]) {
        let value = self.computed(bytes);
        let Some(target) = bytes.get_mut(self.span.clone()) else { return };
        let size = u8::try_from(target.len()).unwrap_or(u8::MAX);
        Number { size, kind: NumberKind::Unsigned, order: self.order }.write(value, target);
    }

    fn covers(&self, other: &Self) -> bool {
        let (start, end) = (other.span.start, other.span.end);
        self.over.iter().any(|it| it.start < end && start < it.end)
    }
}

impl FoundSums {
    /// Writes those that `wanted` names, each behind those that it is over.
    pub fn write(&self, bytes: &mut [u8], wanted: impl Fn(&FoundSum) -> bool) {
        let mut left: Vec<_> = self.list.iter().filter(|it| wanted(it)).collect();
        while !left.is_empty() {
            let is_over_none = |at: &usize| {
                let own = left.get(*at);
                let mut others = left.iter().enumerate().filter(|(index, _)| index != at);
                own.is_some_and(|own| others.all(|(_, other)| !own.covers(other)))
            };
            // Two that are over each other cannot both hold.
            let next = (0..left.len()).find(is_over_none).unwrap_or(0);
            left.remove(next).write(bytes);
        }
    }
}

fn mask(len: usize) -> u64 {
    let unused = 8_usize.saturating_sub(len).saturating_mul(8);
    u64::MAX.checked_shr(u32::try_from(unused).unwrap_or(64)).unwrap_or(0)
}
