//! From a layout to the steps of its plan.
//!
//! What C or the profile decides is decided here, once: byte order, text or bytes, which tail
//! ends the message. Depth and steps are bounded, as records that nest twice in one another grow
//! without end.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::CodecOptions;
use super::error::CodecError;
use super::fixed::Fixed;
use super::number::{BitField, Number, NumberKind};
use super::plan::{ANONYMOUS, Form, Plan, Root, Step};
use crate::message::{Between, FieldKind, FieldTable, Node};
use crate::schema::{ByteOrder, Field, Layout, RecordKind, Role, Shape};

/// Levels of records and arrays within one another.
const MAX_DEPTH: usize = 64;

/// Steps of a codec.
const MAX_STEPS: usize = 1 << 16;

pub(super) struct Compiler<'o> {
    options: &'o CodecOptions,
    plan: Plan,
    /// Nodes by path, so that the same field of several cases is one node.
    nodes: HashMap<String, Vec<u32>>,
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
        Self { options, plan: Plan::default(), nodes: HashMap::new() }
    }

    /// Adds a layout that a whole message can be.
    pub fn root(&mut self, layout: &Layout) -> Result<(), CodecError> {
        let start = self.next();
        let size = bytes(layout.size);
        let place = Place {
            name: None,
            path: "",
            offset: 0,
            order: self.options.order,
            text: true,
            stop: Some(size),
            depth: 0,
        };
        self.plan.roots.push(Root {
            name: layout.name.clone(),
            steps: start..start,
            table: FieldTable::default(),
            size,
            reach: 0,
            fixed: Fixed::default(),
        });
        let reach = match layout.kind {
            RecordKind::Struct => self.members(layout, place)?,
            RecordKind::Union => self.record(layout, place)?,
        };
        let end = self.next();
        let table = self.table(start..end);
        if let Some(root) = self.plan.roots.last_mut() {
            root.steps = start..end;
            root.table = table;
            root.reach = reach;
        }
        Ok(())
    }

    /// The nodes that these steps name, each once.
    fn table(&self, steps: Range<u32>) -> FieldTable {
        let steps = self.plan.steps.get(steps.start as usize..steps.end as usize);
        let used: BTreeSet<u32> = steps.unwrap_or_default().iter().map(|step| step.node).collect();
        let nodes = used.iter().filter_map(|&node| self.plan.table.nodes.get(node as usize));
        FieldTable { nodes: nodes.cloned().collect(), between: Between::Holes }
    }

    /// The plan, once every option is seen to name a field.
    pub fn finish(mut self) -> Result<Plan, CodecError> {
        for (path, _) in &self.options.fields {
            if !self.nodes.contains_key(path) {
                return Err(self.plan.unknown_field(path));
            }
        }
        let plan = &self.plan;
        let fixed: Vec<_> = plan.roots.iter().map(|root| Fixed::of(plan, root)).collect();
        self.plan.roots.iter_mut().zip(fixed).for_each(|(root, fixed)| root.fixed = fixed);
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
            return Err(CodecError::TooDeep { message: self.message(), max: MAX_DEPTH });
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
                let form = Form::List { len: bytes(*len), stride: bytes(*stride) };
                self.list(element, form, bytes(len.saturating_mul(*stride)), place)
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
            return self.list(element, Form::Tail { stride: bytes(stride) }, len, place);
        }
        let padding = stop.saturating_sub(place.offset.saturating_add(len));
        let form = Form::SpanTail { padding, terminated: place.text };
        let index = self.push(characters(place.text), form, len, place)?;
        self.close(index, place.offset);
        Ok(place.offset)
    }

    fn record(&mut self, layout: &Layout, place: Place<'_>) -> Result<usize, CodecError> {
        let form = match layout.kind {
            RecordKind::Struct => Form::Group { open: false },
            RecordKind::Union => Form::Union { open: place.stop.is_some() },
        };
        let index = self.push(FieldKind::Group, form, bytes(layout.size), place)?;
        self.plan.records.insert(index, layout.name.clone());
        let reach = self.members(layout, place)?;
        let is_open =
            self.plan.steps.get(index as usize..).is_some_and(|it| it.iter().any(is_open));
        self.close(index, reach);
        if let Some(Step { form: Form::Group { open }, .. }) =
            self.plan.steps.get_mut(index as usize)
        {
            *open = is_open;
        }
        Ok(reach)
    }

    fn list(
        &mut self,
        element: &Shape,
        form: Form,
        len: usize,
        place: Place<'_>,
    ) -> Result<usize, CodecError> {
        let index = self.push(FieldKind::List, form, len, place)?;
        let inner = Place { name: Some(""), offset: 0, stop: None, ..place };
        let element_reach = self.shape(element, inner)?;
        let reach = match form {
            Form::List { len, stride } if len > 0 => place
                .offset
                .saturating_add(len.saturating_sub(1).saturating_mul(stride))
                .saturating_add(element_reach),
            _ => place.offset,
        };
        self.close(index, reach);
        Ok(reach)
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
        let index = self.push(kind, form, len, place)?;
        let reach = place.offset.saturating_add(len);
        self.close(index, reach);
        Ok(reach)
    }

    fn push(
        &mut self,
        kind: FieldKind,
        form: Form,
        len: usize,
        place: Place<'_>,
    ) -> Result<u32, CodecError> {
        let index = self.next();
        if index as usize >= MAX_STEPS {
            return Err(CodecError::TooManyFields { message: self.message(), max: MAX_STEPS });
        }
        let node = match place.name {
            Some(name) => self.node(name, place.path, kind),
            None => ANONYMOUS,
        };
        self.plan.steps.push(Step {
            node,
            end: index.saturating_add(1),
            offset: place.offset,
            len,
            reach: place.offset,
            form,
        });
        Ok(index)
    }

    fn close(&mut self, index: u32, reach: usize) {
        let end = self.next();
        if let Some(step) = self.plan.steps.get_mut(index as usize) {
            step.end = end;
            step.reach = reach;
        }
    }

    fn node(&mut self, name: &str, path: &str, kind: FieldKind) -> u32 {
        let nodes = &mut self.plan.table.nodes;
        let known = self.nodes.entry(path.to_owned()).or_default();
        let same = known.iter().find(|&&it| {
            nodes
                .get(it as usize)
                .is_some_and(|node| node.name == name && is_same_kind(&node.kind, &kind))
        });
        if let Some(&index) = same {
            return index;
        }
        let index = nodes.len() as u32;
        nodes.push(Node { name: name.to_owned(), path: path.to_owned(), kind });
        known.push(index);
        index
    }

    fn next(&self) -> u32 {
        self.plan.steps.len() as u32
    }

    fn message(&self) -> String {
        self.plan.roots.last().map(|root| root.name.clone()).unwrap_or_default()
    }
}

fn integer(size: u64, signed: bool, order: ByteOrder, role: &Role) -> (FieldKind, Form) {
    match u8::try_from(size) {
        Ok(size @ (1 | 2 | 4 | 8)) => {
            let kind = if signed { NumberKind::Signed } else { NumberKind::Unsigned };
            (number_kind(role), Form::Number(Number { size, kind, order }))
        }
        _ => (FieldKind::Bytes, Form::Span),
    }
}

fn float(size: u64, order: ByteOrder) -> (FieldKind, Form) {
    match u8::try_from(size) {
        Ok(size @ (4 | 8)) => {
            (FieldKind::Number, Form::Number(Number { size, kind: NumberKind::Float, order }))
        }
        _ => (FieldKind::Bytes, Form::Span),
    }
}

fn number_kind(role: &Role) -> FieldKind {
    match role {
        Role::Enum(names) => FieldKind::Enum(names.clone()),
        Role::Number | Role::Character | Role::Boolean | Role::Pointer => FieldKind::Number,
    }
}

fn characters(text: bool) -> FieldKind {
    if text { FieldKind::Text } else { FieldKind::Bytes }
}

fn is_character(shape: &Shape) -> bool {
    matches!(shape, Shape::Integer { size: 1, role: Role::Character, .. })
}

fn is_same_kind(a: &FieldKind, b: &FieldKind) -> bool {
    match (a, b) {
        (FieldKind::Enum(a), FieldKind::Enum(b)) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// Whether the step by itself makes the length of the message vary.
fn is_open(step: &Step) -> bool {
    matches!(step.form, Form::Tail { .. } | Form::SpanTail { .. } | Form::Union { open: true })
}

/// What lies beyond the address space lies beyond any message.
fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
