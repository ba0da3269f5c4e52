//! From a resolved layout to the steps of its plan.
//!
//! What C and the profile decide is decided there; here, which number or span a part is read as,
//! and where it lies from the base of what it is in. Steps are bounded, those of all cases together.

use std::collections::{BTreeSet, HashMap};

use super::error::CodecError;
use super::leaf::{characters, float, integer, number_kind};
use super::number::BitField;
use super::plan::{Count, Form, Name, Plan, Root, RootId, Step, StepId, Steps, TermId};
use crate::message::{Between, FieldKind, FieldTable, Node, NodeId};
use crate::schema::{
    BinaryOperator, Bits, Expression, Part, PartId, PartKind, Reference, Repeat, ResolvedLayout,
    Role,
};

/// Steps of a codec.
const MAX_STEPS: usize = 1 << 16;

#[derive(Default)]
pub(super) struct Compiler {
    pub plan: Plan,
    /// How many steps stand before those of the layout at work.
    first: usize,
    /// The steps of the parts of the layout at work.
    pub steps: HashMap<PartId, StepId>,
    /// The members, by name or struct, that the tag of the message chooses among in the layout at work.
    chosen: Vec<String>,
    /// Nodes by path, so that the same field of several cases is one node.
    nodes: HashMap<String, Vec<NodeId>>,
}

/// The layout at work, and where the base of its steps is in it.
#[derive(Clone, Copy)]
pub(super) struct Based<'l> {
    pub layout: &'l ResolvedLayout,
    pub base: u64,
}

impl Compiler {
    /// Adds the layout of a protocol, of whose unions the message's tag chooses these members.
    pub fn own_root(
        &mut self,
        layout: &ResolvedLayout,
        chosen: Vec<String>,
    ) -> Result<RootId, CodecError> {
        self.chosen = chosen;
        let root = self.root(layout);
        self.chosen.clear();
        root
    }

    /// Adds a layout that a whole message can be.
    pub fn root(&mut self, layout: &ResolvedLayout) -> Result<RootId, CodecError> {
        let start = self.plan.steps.next();
        self.first = start.index();
        self.steps.clear();
        let based = Based { layout, base: 0 };
        let whole = layout.part(ResolvedLayout::ROOT).map(|it| (ResolvedLayout::ROOT, it));
        let reach = match whole {
            Some((id, Part { kind: PartKind::Union(_), .. })) => self.part(based, id)?,
            Some((id, part)) => self.members(based, id, part)?,
            None => 0,
        };
        let size = bytes(layout.size);
        let steps = start..self.plan.steps.next();
        let sequence = self.plan.sequence(steps.clone(), Some(size));
        let table = self.table(steps.clone());
        let name = layout.name.clone();
        let root = Root { name, steps, sequence, length: None, table, size, reach };
        Ok(self.plan.roots.push(root))
    }

    /// The nodes that these steps name, each once.
    fn table(&self, steps: Steps) -> FieldTable {
        let steps = self.plan.steps.as_slice().get(steps.start.index()..steps.end.index());
        let used: BTreeSet<_> =
            steps.unwrap_or_default().iter().filter_map(|step| step.node).collect();
        let nodes = used.iter().filter_map(|&node| self.plan.table.node(node));
        FieldTable { nodes: nodes.cloned().collect(), between: Between::Holes }
    }

    pub fn finish(self) -> Plan {
        self.plan
    }

    /// Adds the members of a record; gives their reach.
    pub fn members(
        &mut self,
        mut based: Based<'_>,
        id: PartId,
        part: &Part,
    ) -> Result<usize, CodecError> {
        let is_union = matches!(part.kind, PartKind::Union(_));
        let mut reach: Option<usize> = None;
        for (member, it) in based.layout.members(id) {
            let step = self.plan.steps.next();
            let end = self.part(based, member)?;
            reach = Some(match (reach, is_union) {
                (None, _) => end,
                (Some(reach), true) => reach.min(end),
                (Some(reach), false) => reach.max(end),
            });
            // What is behind a member that says how long it is counts from its end.
            let is_open = self.plan.steps.as_slice().get(step.index()).is_some_and(Step::is_open);
            if is_open && !is_union {
                based.base = it.end();
            }
        }
        Ok(reach.unwrap_or(based.offset(part)))
    }

    /// Adds a part and what is in it; gives its reach.
    fn part(&mut self, based: Based<'_>, id: PartId) -> Result<usize, CodecError> {
        let Some(part) = based.layout.part(id) else { return Ok(0) };
        match &part.words {
            Some(words) => self.spoken(based, id, part, words),
            None => self.plain(based, id, part),
        }
    }

    /// A part of which nothing but what C says is said.
    pub fn plain(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
    ) -> Result<usize, CodecError> {
        match (&part.kind, part.repeat) {
            (PartKind::Integer { signed, order, role }, _) => {
                self.leaf(based, id, part, integer(part.len, *signed, *order, role))
            }
            (PartKind::Float { order, .. }, _) => {
                self.leaf(based, id, part, float(part.len, *order))
            }
            (PartKind::Varint { role }, _) => self.varint(based, id, part, role),
            (PartKind::Bits(bits), _) => self.bits(based, id, part, bits),
            (PartKind::Characters { text, .. }, Repeat::ToEnd { padding, .. }) => {
                let count = self.counter(based, part, 1);
                let form = Form::SpanTail { padding: bytes(padding), terminated: *text, count };
                self.open(based, id, part, (characters(*text), form))
            }
            (PartKind::Characters { text, .. }, _) => {
                let form = Form::Span { may_end: part.may_end_within() };
                self.leaf(based, id, part, (characters(*text), form))
            }
            (PartKind::List, _) => self.list(based, id, part),
            (PartKind::Struct(name) | PartKind::Union(name), _) => {
                self.record(based, id, part, name)
            }
            (PartKind::Hole, _) => Ok(based.offset(part)),
        }
    }

    fn record(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        name: &str,
    ) -> Result<usize, CodecError> {
        let step = self.begin(based, id, part, FieldKind::Group)?;
        self.plan.records.insert(step, name.to_owned());
        let reach = self.members(based, id, part)?;
        let form = match part.kind {
            PartKind::Union(_) => {
                let is_chosen = self.is_chosen(based, id);
                let open = part.at_end || is_chosen && !self.is_fixed(step);
                Form::Union { open, whole: part.at_end, cases: None }
            }
            _ => self.plan.record(step),
        };
        self.plan.close(step, reach, form);
        Ok(reach)
    }

    /// Whether the tag of the message chooses among the members of a union.
    fn is_chosen(&self, based: Based<'_>, union: PartId) -> bool {
        let has = |name: &str| self.chosen.iter().any(|it| it == name);
        let mut members = based.layout.members(union);
        members.any(|(_, it)| [it.name.as_deref(), it.record()].into_iter().flatten().any(has))
    }

    fn list(&mut self, based: Based<'_>, id: PartId, part: &Part) -> Result<usize, CodecError> {
        let step = self.begin(based, id, part, FieldKind::List)?;
        let offset = based.offset(part);
        let reach = self.element(based, id, part)?;
        let (reach, form) = match part.repeat {
            Repeat::ToEnd { stride, .. } => {
                let count = self.counter(based, part, stride).map_or(Count::ToEnd, Count::Said);
                (offset, self.plan.repeat(step, count, bytes(stride), 1))
            }
            Repeat::Said { stride, .. } => {
                (offset, self.plan.repeat(step, Count::ToEnd, bytes(stride), 1))
            }
            Repeat::Times { count, stride } => {
                let (len, stride) = (bytes(count), bytes(stride));
                let last = len.checked_sub(1).map(|last| last.saturating_mul(stride));
                let reach = last.map_or(0, |last| last.saturating_add(reach));
                let may_end = part.may_end_within();
                let reach = if may_end { 0 } else { reach };
                let element = step.next();
                let is_open =
                    self.plan.steps.as_slice().get(element.index()).is_some_and(Step::is_open);
                let form = match is_open {
                    true => self.plan.repeat(step, Count::Exactly(len), stride, 1),
                    false => Form::List { len, stride, may_end },
                };
                (offset.saturating_add(reach), form)
            }
            Repeat::Once => (offset, Form::List { len: 0, stride: 0, may_end: false }),
        };
        self.plan.close(step, reach, form);
        Ok(reach)
    }

    /// Adds what a list is of; gives its reach.
    pub fn element(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
    ) -> Result<usize, CodecError> {
        let mut reach = 0;
        for (element, _) in based.layout.members(id) {
            reach = self.part(Based { base: part.offset, ..based }, element)?;
        }
        Ok(reach)
    }

    /// Adds a part that says how long it is.
    pub fn open(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        (kind, form): (FieldKind, Form),
    ) -> Result<usize, CodecError> {
        let step = self.begin(based, id, part, kind)?;
        self.plan.close(step, based.offset(part), form);
        Ok(based.offset(part))
    }

    fn varint(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        role: &Role,
    ) -> Result<usize, CodecError> {
        // No more fit into a number of 64 bits; an array without a length has as many.
        let max = u8::try_from(part.len).ok().filter(|it| (1..=10).contains(it)).unwrap_or(10);
        self.open(based, id, part, (number_kind(role), Form::Varint { max }))
    }

    /// What says how many elements of `stride` bytes there are, where the declaration does: an integer of the
    /// same layout, before them.
    fn counter(&mut self, based: Based<'_>, part: &Part, stride: u64) -> Option<TermId> {
        let counter = part.counter.as_ref()?;
        based.layout.find(&counter.path)?;
        let mut steps = self.plan.steps.ids().skip(self.first);
        let field = steps.find(|id| {
            let node = self.plan.node(*id);
            self.plan.steps[*id].is_integer() && node.is_some_and(|it| it.path == counter.path)
        })?;
        let field = self.plan.operand(field);
        let count = match counter.bytes {
            true => {
                let stride = Expression::Number(i128::from(stride).max(1));
                Expression::Binary(BinaryOperator::Divide, Box::new([field, stride]))
            }
            false => field,
        };
        Some(self.plan.term(count))
    }

    /// A term about the message at work as a whole.
    pub fn message_term(
        &mut self,
        layout: &ResolvedLayout,
        expression: &Expression,
    ) -> Result<TermId, CodecError> {
        let bound = layout.bind(expression);
        let bound = bound.map_err(|source| {
            let message = layout.name.clone();
            CodecError::Word { message, source: Box::new(source) }
        })?;
        Ok(self.term(&bound))
    }

    /// A term of the layout at work.
    pub fn term(&mut self, expression: &Expression<Reference>) -> TermId {
        let plan = &mut self.plan;
        let steps = &self.steps;
        let named = expression.try_map(&mut |name| {
            Ok::<_, std::convert::Infallible>(match name {
                Reference::Len => Expression::Name(Name::Len),
                Reference::Rest => Expression::Name(Name::Rest),
                Reference::ToServer => Expression::Name(Name::ToServer),
                // What the layout found has a step: all its parts have.
                Reference::Part(part) => match steps.get(part) {
                    Some(step) => plan.operand(*step),
                    None => Expression::Number(0),
                },
            })
        });
        let Ok(named) = named;
        self.plan.term(named)
    }

    fn bits(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        bits: &Bits,
    ) -> Result<usize, CodecError> {
        let Bits { first, width, signed, order, ref role, .. } = *bits;
        if width > 64 {
            return Err(CodecError::BitFieldWidth { path: part.path.clone(), width });
        }
        let form = match width {
            8 | 16 | 32 | 64 if bits.is_whole_bytes() => {
                integer(u64::from(width / 8), signed, order, role).1
            }
            _ => Form::Bits(BitField { first: (first % 8) as u32, width, signed, order }),
        };
        self.leaf(based, id, part, (number_kind(role), form))
    }

    fn leaf(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        (kind, form): (FieldKind, Form),
    ) -> Result<usize, CodecError> {
        let step = self.begin(based, id, part, kind)?;
        let len = if part.may_end_within() { 0 } else { bytes(part.len) };
        let reach = based.offset(part).saturating_add(len);
        self.plan.close(step, reach, form);
        Ok(reach)
    }

    pub fn begin(
        &mut self,
        based: Based<'_>,
        id: PartId,
        part: &Part,
        kind: FieldKind,
    ) -> Result<StepId, CodecError> {
        if self.plan.steps.as_slice().len() >= MAX_STEPS {
            let message = based.layout.name.clone();
            return Err(CodecError::TooManyFields { message, max: MAX_STEPS });
        }
        let name = match &part.name {
            None if based.layout.is_element(part) => Some(""),
            name => name.as_deref(),
        };
        let kind = part.notation.clone().map_or(kind, FieldKind::Shown);
        let node = name.map(|name| self.node(name, part, kind));
        if matches!(part.kind, PartKind::Integer { role: Role::Boolean, .. }) {
            self.plan.booleans.extend(node);
        }
        let step = self.plan.begin(node, based.offset(part), bytes(part.len));
        self.steps.insert(id, step);
        Ok(step)
    }

    fn node(&mut self, name: &str, part: &Part, kind: FieldKind) -> NodeId {
        let path = part.path.as_str();
        let table = &mut self.plan.table;
        let known = self.nodes.entry(path.to_owned()).or_default();
        let same = known.iter().find(|&&it| {
            table.node(it).is_some_and(|it| it.name == name && is_same_kind(&it.kind, &kind))
        });
        if let Some(&id) = same {
            return id;
        }
        let description = part.description.clone();
        let id = table.push(Node { description, ..Node::new(name, path, kind) });
        known.push(id);
        id
    }
}

impl Based<'_> {
    /// From the base.
    pub fn offset(self, part: &Part) -> usize {
        bytes(part.offset.saturating_sub(self.base))
    }
}

fn is_same_kind(a: &FieldKind, b: &FieldKind) -> bool {
    match (a, b) {
        (FieldKind::Enum(a), FieldKind::Enum(b)) => a == b,
        (FieldKind::Shown(a), FieldKind::Shown(b)) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// What lies beyond the address space lies beyond any message.
pub(super) fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
