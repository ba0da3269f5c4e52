//! From a [`Layout`] and what is said of its fields to a [`ResolvedLayout`].
//!
//! What C or the profile decides is decided here, once: paths, byte order, text or bytes, which
//! tail ends the message. At most [`MAX_FIELDS`] parts, [`MAX_DEPTH`] deep, and as many holes: records
//! that nest twice in one another grow without end.

use std::ops::Range;

use super::super::byte_order::ByteOrder;
use super::super::ctype::RecordKind;
use super::super::source::Span;
use super::bounds::{MAX_DEPTH, MAX_FIELDS};
use super::error::{LayoutError, LayoutErrorKind as Kind};
use super::holes::uncovered;
use super::layout::{Field, Layout, Role, Shape};
use super::naming::names_text;
use super::reading::Reading;
use super::resolved::{Bits, Part, PartId, PartKind, Repeat, ResolvedLayout, is_whole_bytes};

impl Layout {
    /// All its parts, each as it is read.
    ///
    /// # Errors
    ///
    /// More than [`MAX_FIELDS`] parts, or more than [`MAX_DEPTH`] within one another.
    pub fn resolve(&self, reading: &Reading<'_>) -> Result<ResolvedLayout, LayoutError> {
        let place = Site {
            name: None,
            path: "",
            parent: ResolvedLayout::ROOT,
            offset: 0,
            order: reading.order,
            text: None,
            stop: Some(self.size),
            span: self.span,
            depth: 0,
        };
        let mut resolver = Resolver { reading, parts: Vec::new() };
        let root = resolver.record(self, place);
        root.map_err(|kind| LayoutError::from(kind).at(self.span))?;
        let holes = resolver.parts.len();
        resolver.add_holes();
        let (name, parts) = (self.name.clone(), resolver.parts);
        Ok(ResolvedLayout { name, size: self.size, align: self.align, parts, holes })
    }
}

struct Resolver<'r> {
    reading: &'r Reading<'r>,
    parts: Vec<Part>,
}

/// Where a shape stands, and what holds there.
#[derive(Clone, Copy)]
struct Site<'p> {
    name: Option<&'p str>,
    path: &'p str,
    parent: PartId,
    offset: u64,
    order: ByteOrder,
    /// What is said of it, or of what it is in.
    text: Option<bool>,
    /// At the end of the message: where it ends by `sizeof`.
    stop: Option<u64>,
    span: Span,
    depth: u32,
}

impl Resolver<'_> {
    fn record(&mut self, layout: &Layout, place: Site<'_>) -> Result<PartId, Kind> {
        let kind = match layout.kind {
            RecordKind::Struct => PartKind::Struct(layout.name.clone()),
            RecordKind::Union => PartKind::Union(layout.name.clone()),
        };
        let id = self.add(kind, Repeat::Once, layout.size, place)?;
        for (index, field) in layout.fields.iter().enumerate() {
            let is_last = index.saturating_add(1) == layout.fields.len();
            let offset = place.offset.saturating_add(field.offset);
            let stop = match layout.kind {
                RecordKind::Struct => place.stop.filter(|_| is_last),
                RecordKind::Union => place.stop.map(|_| offset.saturating_add(field.shape.size())),
            };
            let member = self.field(field, Site { parent: id, offset, stop, ..place })?;
            self.adopt(id, member);
        }
        Ok(id)
    }

    fn field(&mut self, field: &Field, place: Site<'_>) -> Result<PartId, Kind> {
        let Some(name) = field.name.as_deref() else {
            return self.shape(&field.shape, Site { name: None, span: field.span, ..place });
        };
        let path = match place.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let said = (self.reading.of)(&path);
        let (order, text) = (said.order.unwrap_or(place.order), said.text.or(place.text));
        let place = Site { name: Some(name), path: &path, order, text, span: field.span, ..place };
        match (field.bits, &field.shape) {
            (Some((first, width)), Shape::Integer { size, signed, order, role }) => {
                let first = first.saturating_add(self.start(place.parent).saturating_mul(8));
                let (unit, signed, role) = (*size, *signed, role.clone());
                // Whole bytes are an integer as any other; only within a byte does the ABI say
                // from which end bits are counted.
                let order = match is_whole_bytes(first, width) {
                    true => order.unwrap_or(place.order),
                    false => self.reading.host,
                };
                let bits = Bits { first, width, unit, signed, order, role };
                self.add(PartKind::Bits(bits), Repeat::Once, field.len(), place)
            }
            _ => self.shape(&field.shape, place),
        }
    }

    fn shape(&mut self, shape: &Shape, place: Site<'_>) -> Result<PartId, Kind> {
        let place = Site { depth: place.depth.saturating_add(1), ..place };
        if place.depth > MAX_DEPTH {
            return Err(Kind::TooDeep);
        }
        match shape {
            Shape::Integer { size, signed, order, role } => {
                let order = order.unwrap_or(place.order);
                let kind = PartKind::Integer { signed: *signed, order, role: role.clone() };
                self.add(kind, Repeat::Once, *size, place)
            }
            Shape::Float { size, significant } => {
                let kind = PartKind::Float { order: place.order, significant: *significant };
                self.add(kind, Repeat::Once, *size, place)
            }
            Shape::Record(layout) => self.record(layout, place),
            Shape::Array { element, len, stride } => {
                self.list(element, Repeat::Times { count: *len, stride: *stride }, place)
            }
            Shape::Tail { element, stride, counted } => {
                let end = place.offset.saturating_add(shape.size());
                let repeat = match place.stop.map(|stop| stop.saturating_sub(end)) {
                    Some(padding) => Repeat::ToEnd { counted: *counted, stride: *stride, padding },
                    None => Repeat::Times { count: *counted, stride: *stride },
                };
                self.list(element, repeat, place)
            }
        }
    }

    /// Characters are one part, all else a list and its element.
    fn list(&mut self, element: &Shape, repeat: Repeat, place: Site<'_>) -> Result<PartId, Kind> {
        let len = match repeat {
            Repeat::Times { count, stride } | Repeat::ToEnd { counted: count, stride, .. } => {
                count.saturating_mul(stride)
            }
            Repeat::Once => 0,
        };
        if let Shape::Integer {
            size: 1,
            role: ref role @ (Role::Character | Role::Byte),
            signed,
            ..
        } = *element
        {
            let name = place.path.rsplit('.').next().unwrap_or_default();
            let text = place.text.unwrap_or_else(|| *role == Role::Character || names_text(name));
            let kind = PartKind::Characters { text, signed };
            return self.add(kind, repeat, len, place);
        }
        let id = self.add(PartKind::List, repeat, len, place)?;
        let first = self.shape(element, Site { name: None, parent: id, stop: None, ..place })?;
        self.adopt(id, first);
        Ok(id)
    }

    fn add(
        &mut self,
        kind: PartKind,
        repeat: Repeat,
        len: u64,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        // The message itself is none of its fields.
        if self.parts.len() as u64 > MAX_FIELDS {
            return Err(Kind::TooManyFields);
        }
        Ok(self.push(Part {
            name: place.name.map(str::to_owned),
            path: place.path.to_owned(),
            parent: place.parent,
            offset: place.offset,
            len,
            kind,
            repeat,
            at_end: place.stop.is_some(),
            span: place.span,
            children: Vec::new(),
        }))
    }

    fn push(&mut self, part: Part) -> PartId {
        let id = PartId(u32::try_from(self.parts.len()).unwrap_or(u32::MAX));
        self.parts.push(part);
        id
    }

    fn adopt(&mut self, parent: PartId, child: PartId) {
        if let Some(part) = self.parts.get_mut(parent.index()) {
            part.children.push(child);
        }
    }

    fn start(&self, id: PartId) -> u64 {
        self.parts.get(id.index()).map_or(0, |it| it.offset)
    }

    /// Puts the bytes of each record that no member covers between its members, as if these were
    /// solid.
    fn add_holes(&mut self) {
        for index in 0..self.parts.len() {
            let Some(record) = self.parts.get(index).filter(|it| it.record().is_some()) else {
                continue;
            };
            let members = record.children.clone();
            let parts = members.iter().filter_map(|it| self.parts.get(it.index()));
            let mut holes =
                uncovered(parts.map(Part::bytes).collect(), record.bytes()).into_iter().peekable();
            let outline = Part {
                name: None,
                parent: PartId(u32::try_from(index).unwrap_or(u32::MAX)),
                kind: PartKind::Hole,
                repeat: Repeat::Once,
                at_end: false,
                children: Vec::new(),
                ..record.clone()
            };
            let add = |resolver: &mut Self, hole: Range<u64>| {
                let len = hole.end.saturating_sub(hole.start);
                resolver.push(Part { offset: hole.start, len, ..outline.clone() })
            };
            let mut children = Vec::with_capacity(members.len());
            for member in members {
                let start = self.start(member);
                while let Some(hole) = holes.next_if(|it| it.start <= start) {
                    children.push(add(self, hole));
                }
                children.push(member);
            }
            holes.for_each(|hole| children.push(add(self, hole)));
            if let Some(record) = self.parts.get_mut(index) {
                record.children = children;
            }
        }
    }
}
