//! From a layout to the steps of its plan.
//!
//! What C or the profile decides is decided here, once: byte order, text or bytes, which tail
//! ends the message. Depth and steps are bounded, as records that nest twice in one another grow
//! without end.

use std::collections::{BTreeSet, HashMap};

use super::CodecOptions;
use super::error::CodecError;
use super::leaf::{characters, float, integer, is_character, number_kind};
use super::number::BitField;
use super::plan::{Count, Form, Plan, Root, RootId, StepId, Steps};
use crate::message::{Between, FieldKind, FieldTable, Node, NodeId};
use crate::schema::{ByteOrder, Field, Layout, RecordKind, Shape};

/// Levels of records and arrays within one another.
const MAX_DEPTH: usize = 64;

/// Steps of a codec.
const MAX_STEPS: usize = 1 << 16;

pub(super) struct Compiler<'o> {
    options: &'o CodecOptions,
    plan: Plan,
    /// Nodes by path, so that the same field of several cases is one node.
    nodes: HashMap<String, Vec<NodeId>>,
    /// The layout at work.
    message: String,
}

/// Where a shape stands, and what holds there.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// Empty for elements; `None` for an anonymous record.
    name: Option<&'p str>,
    path: &'p str,
    offset: usize,
    order: ByteOrder,
    text: bool,
    /// At the end of the message: where it ends by `sizeof`.
    stop: Option<usize>,
    depth: usize,
}

impl<'o> Compiler<'o> {
    pub fn new(options: &'o CodecOptions) -> Self {
        Self { options, plan: Plan::default(), nodes: HashMap::new(), message: String::new() }
    }

    /// Adds a layout that a whole message can be.
    pub fn root(&mut self, layout: &Layout) -> Result<RootId, CodecError> {
        let start = self.plan.steps.next();
        let size = bytes(layout.size);
        self.message.clone_from(&layout.name);
        let place = Place {
            name: None,
            path: "",
            offset: 0,
            order: self.options.order,
            text: true,
            stop: Some(size),
            depth: 0,
        };
        let reach = match layout.kind {
            RecordKind::Struct => self.members(layout, place)?,
            RecordKind::Union => self.record(layout, place)?,
        };
        let steps = start..self.plan.steps.next();
        let sequence = self.plan.sequence(steps.clone(), Some(size));
        let table = self.table(steps.clone());
        let name = layout.name.clone();
        Ok(self.plan.roots.push(Root { name, steps, sequence, table, size, reach }))
    }

    /// The nodes that these steps name, each once.
    fn table(&self, steps: Steps) -> FieldTable {
        let steps = self.plan.steps.as_slice().get(steps.start.index()..steps.end.index());
        let used: BTreeSet<_> =
            steps.unwrap_or_default().iter().filter_map(|step| step.node).collect();
        let nodes = used.iter().filter_map(|&node| self.plan.table.node(node));
        FieldTable { nodes: nodes.cloned().collect(), between: Between::Holes }
    }

    /// The plan, once every option is seen to name a field.
    pub fn finish(self) -> Result<Plan, CodecError> {
        for (path, _) in &self.options.fields {
            if !self.nodes.contains_key(path) {
                return Err(self.plan.unknown_field(path));
            }
        }
        Ok(self.plan)
    }

    /// Adds the members of a record; gives their reach.
    fn members(&mut self, layout: &Layout, place: Place<'_>) -> Result<usize, CodecError> {
        let is_union = layout.kind == RecordKind::Union;
        let mut reach: Option<usize> = None;
        for (index, field) in layout.fields.iter().enumerate() {
            let is_last = index.saturating_add(1) == layout.fields.len();
            let offset = place.offset.saturating_add(bytes(field.offset));
            let stop = place.stop.filter(|_| is_last || is_union).map(|stop| match is_union {
                true => offset.saturating_add(bytes(field.shape.size())),
                false => stop,
            });
            let end = self.field(field, Place { offset, stop, ..place }, place.offset)?;
            reach = Some(match (reach, is_union) {
                (None, _) => end,
                (Some(reach), true) => reach.min(end),
                (Some(reach), false) => reach.max(end),
            });
        }
        Ok(reach.unwrap_or(place.offset))
    }

    fn field(
        &mut self,
        field: &Field,
        place: Place<'_>,
        record: usize,
    ) -> Result<usize, CodecError> {
        let Some(name) = field.name.as_deref() else {
            return self.shape(&field.shape, Place { name: None, ..place });
        };
        let path = match place.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let options = self.options.fields.iter().filter(|(it, _)| *it == path);
        let (order, text) = options.fold((place.order, place.text), |(order, text), (_, it)| {
            (it.order.unwrap_or(order), it.text.unwrap_or(text))
        });
        let place = Place { name: Some(name), path: &path, order, text, ..place };
        match field.bits {
            Some((first, width)) => self.bits(&field.shape, first, width, record, place),
            None => self.shape(&field.shape, place),
        }
    }

    fn shape(&mut self, shape: &Shape, place: Place<'_>) -> Result<usize, CodecError> {
        let place = Place { depth: place.depth.saturating_add(1), ..place };
        if place.depth > MAX_DEPTH {
            return Err(CodecError::TooDeep { message: self.message.clone(), max: MAX_DEPTH });
        }
        match shape {
            Shape::Integer { size, signed, order, role } => {
                let order = order.unwrap_or(place.order);
                let (kind, form) = integer(*size, *signed, order, role);
                self.leaf(kind, form, bytes(*size), place)
            }
            Shape::Float { size, .. } => {
                let (kind, form) = float(*size, place.order);
                self.leaf(kind, form, bytes(*size), place)
            }
            Shape::Record(layout) => self.record(layout, place),
            Shape::Array { element, len, stride } => {
                if is_character(element) {
                    let len = bytes(len.saturating_mul(*stride));
                    return self.leaf(characters(place.text), Form::Span, len, place);
                }
                self.list(element, bytes(*len), bytes(*stride), place)
            }
            Shape::Tail { element, stride, counted } => {
                self.tail(element, *stride, *counted, place)
            }
        }
    }

    fn tail(
        &mut self,
        element: &Shape,
        stride: u64,
        counted: u64,
        place: Place<'_>,
    ) -> Result<usize, CodecError> {
        let len = bytes(counted.saturating_mul(stride));
        let Some(stop) = place.stop else {
            let array = Shape::Array { element: Box::new(element.clone()), len: counted, stride };
            return self.shape(&array, place);
        };
        if !is_character(element) {
            let id = self.begin(FieldKind::List, len, place)?;
            self.element(element, place)?;
            let form = self.plan.repeat(id, Count::ToEnd, bytes(stride));
            self.plan.close(id, place.offset, form);
            return Ok(place.offset);
        }
        let padding = stop.saturating_sub(place.offset.saturating_add(len));
        let form = Form::SpanTail { padding, terminated: place.text };
        let id = self.begin(characters(place.text), len, place)?;
        self.plan.close(id, place.offset, form);
        Ok(place.offset)
    }

    fn record(&mut self, layout: &Layout, place: Place<'_>) -> Result<usize, CodecError> {
        let id = self.begin(FieldKind::Group, bytes(layout.size), place)?;
        self.plan.records.insert(id, layout.name.clone());
        let reach = self.members(layout, place)?;
        let open = place.stop.is_some();
        let form = match layout.kind {
            RecordKind::Struct => self.plan.record(id),
            RecordKind::Union => Form::Union { open, whole: open, cases: None },
        };
        self.plan.close(id, reach, form);
        Ok(reach)
    }

    fn list(
        &mut self,
        element: &Shape,
        len: usize,
        stride: usize,
        place: Place<'_>,
    ) -> Result<usize, CodecError> {
        let id = self.begin(FieldKind::List, len.saturating_mul(stride), place)?;
        let reach = self.element(element, place)?;
        let last = len.checked_sub(1).map(|last| last.saturating_mul(stride));
        let reach = place.offset.saturating_add(last.map_or(0, |last| last.saturating_add(reach)));
        self.plan.close(id, reach, Form::List { len, stride });
        Ok(reach)
    }

    fn element(&mut self, element: &Shape, list: Place<'_>) -> Result<usize, CodecError> {
        self.shape(element, Place { name: Some(""), offset: 0, stop: None, ..list })
    }

    fn bits(
        &mut self,
        shape: &Shape,
        first: u64,
        width: u32,
        record: usize,
        place: Place<'_>,
    ) -> Result<usize, CodecError> {
        let Shape::Integer { signed, role, .. } = shape else {
            return self.shape(shape, place);
        };
        if width > 64 {
            return Err(CodecError::BitFieldWidth { path: place.path.to_owned(), width });
        }
        let offset = record.saturating_add(bytes(first / 8));
        let end = record.saturating_add(bytes(first.saturating_add(u64::from(width)).div_ceil(8)));
        let field = BitField {
            first: (first % 8) as u32,
            width,
            signed: *signed,
            order: self.options.abi.byte_order(),
        };
        let len = end.saturating_sub(offset);
        self.leaf(number_kind(role), Form::Bits(field), len, Place { offset, ..place })
    }

    fn leaf(
        &mut self,
        kind: FieldKind,
        form: Form,
        len: usize,
        place: Place<'_>,
    ) -> Result<usize, CodecError> {
        let id = self.begin(kind, len, place)?;
        let reach = place.offset.saturating_add(len);
        self.plan.close(id, reach, form);
        Ok(reach)
    }

    fn begin(
        &mut self,
        kind: FieldKind,
        len: usize,
        place: Place<'_>,
    ) -> Result<StepId, CodecError> {
        if self.plan.steps.as_slice().len() >= MAX_STEPS {
            return Err(CodecError::TooManyFields {
                message: self.message.clone(),
                max: MAX_STEPS,
            });
        }
        let node = place.name.map(|name| self.node(name, place.path, kind));
        Ok(self.plan.begin(node, place.offset, len))
    }

    fn node(&mut self, name: &str, path: &str, kind: FieldKind) -> NodeId {
        let table = &mut self.plan.table;
        let known = self.nodes.entry(path.to_owned()).or_default();
        let same = known.iter().find(|&&it| {
            table.node(it).is_some_and(|it| it.name == name && is_same_kind(&it.kind, &kind))
        });
        if let Some(&id) = same {
            return id;
        }
        let id = table.push(Node { name: name.to_owned(), path: path.to_owned(), kind });
        known.push(id);
        id
    }
}

fn is_same_kind(a: &FieldKind, b: &FieldKind) -> bool {
    match (a, b) {
        (FieldKind::Enum(a), FieldKind::Enum(b)) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// What lies beyond the address space lies beyond any message.
fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
