//! From a [`Layout`] and what is said of its fields to a [`ResolvedLayout`].
//!
//! What C or the profile decides is decided here, once: paths, byte order, text or bytes, which
//! tail ends the message. At most [`MAX_FIELDS`] parts, [`MAX_DEPTH`] deep, and as many holes: records
//! that nest twice in one another grow without end.

use std::ops::Range;
use std::sync::Arc;

use super::super::byte_order::ByteOrder;
use super::super::ctype::{FieldNotes, RecordKind};
use super::super::meaning::Meaning;
use super::super::source::Span;
use super::bounds::{MAX_DEPTH, MAX_FIELDS};
use super::error::{LayoutError, LayoutErrorKind as Kind};
use super::holes::uncovered;
use super::known::Known;
use super::layout::{Field, Layout, Role, Shape};
use super::naming::names_text;
use super::notation::{Notation, Show};
use super::reading::{FieldReading, Reading, WholeBytes};
use super::resolved::{
    Bits, Part, PartCounter, PartId, PartKind, Repeat, ResolvedLayout, is_whole_bytes,
};
use super::words::Words;

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
            said: &FieldReading::default(),
            notes: &FieldNotes::default(),
            framed: false,
            stop: Some(self.size),
            span: self.span,
            depth: 0,
        };
        let mut resolver = Resolver { reading, parts: Vec::new(), spoken: Vec::new() };
        let root = resolver.record(self, place).and_then(|_| resolver.bind());
        root.map_err(|kind| LayoutError::from(kind).at(self.span))?;
        let holes = resolver.parts.len();
        resolver.add_holes();
        let (name, parts) = (self.name.clone(), resolver.parts);
        Ok(ResolvedLayout { name, size: self.size, align: self.align, parts, holes })
    }
}

pub(super) struct Resolver<'r> {
    pub reading: &'r Reading<'r>,
    pub parts: Vec<Part>,
    /// The parts of which something is said, whose names are looked up at the end.
    pub spoken: Vec<(PartId, Arc<Words>)>,
}

/// Where a shape stands, and what holds there.
#[derive(Clone, Copy)]
pub(super) struct Site<'p> {
    pub name: Option<&'p str>,
    pub path: &'p str,
    pub parent: PartId,
    pub offset: u64,
    pub order: ByteOrder,
    /// What is said of it, or of what it is in.
    pub text: Option<bool>,
    /// What is said of the field that it is, or whose element.
    pub said: &'p FieldReading,
    pub notes: &'p FieldNotes,
    /// What it is in says how long it is, wherever it stands.
    pub framed: bool,
    /// At the end of the message, or of what has a length of its own: where it ends by `sizeof`.
    pub stop: Option<u64>,
    pub span: Span,
    pub depth: u32,
}

impl Resolver<'_> {
    pub fn record(&mut self, layout: &Layout, place: Site<'_>) -> Result<PartId, Kind> {
        let kind = match layout.kind {
            RecordKind::Struct => PartKind::Struct(layout.name.clone()),
            RecordKind::Union => PartKind::Union(layout.name.clone()),
        };
        let known = Known::of(layout);
        let id = self.add(kind, Repeat::Once, layout.size, place)?;
        for (index, field) in layout.fields.iter().enumerate() {
            let is_last = index.saturating_add(1) == layout.fields.len();
            let offset = place.offset.saturating_add(field.offset);
            let stop = match layout.kind {
                RecordKind::Struct => place.stop.filter(|_| is_last),
                RecordKind::Union => place.stop.map(|_| offset.saturating_add(field.shape.size())),
            };
            let own = known.and_then(|it| it.order(field.name.as_deref(), self.reading.host));
            let order = own.unwrap_or(place.order);
            let member = self.field(field, Site { parent: id, offset, order, stop, ..place })?;
            self.adopt(id, member);
        }
        let notation = self.notation(id, known, place);
        if let Some(part) = self.parts.get_mut(id.index()) {
            part.notation = notation;
        }
        Ok(id)
    }

    /// How a record is written.
    fn notation(&self, id: PartId, known: Option<Known>, place: Site<'_>) -> Option<Notation> {
        let record = self.parts.get(id.index())?;
        match place.said.show {
            Some(show) => shown(show, &record.kind, record.len, place.said.digits),
            None => {
                let ids = record.children.iter();
                let members: Vec<_> = ids.filter_map(|it| self.parts.get(it.index())).collect();
                known?.notation(record, &members)
            }
        }
    }

    fn field(&mut self, field: &Field, place: Site<'_>) -> Result<PartId, Kind> {
        let Some(name) = field.name.as_deref() else {
            let site = Site { name: None, span: field.span, ..place };
            let (said, notes) = (&self.comment(field, site)?, &field.notes);
            let order = said.order.unwrap_or(place.order);
            let place = Site { said, notes, order, ..site };
            return match &said.words {
                Some(words) => self.spoken(field, words, place),
                None => self.shape(&field.shape, place),
            };
        };
        let path = match place.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let site = Site { name: Some(name), path: &path, span: field.span, ..place };
        let mut said = (self.reading.of)(&path).or(self.comment(field, site)?);
        // As C declares it holds for all that is in it.
        said.show = said.show.or(place.said.show.filter(|it| *it == Show::Raw));
        let notes = &field.notes;
        let is_network = matches!(notes.meaning, Some(Meaning::Ipv4 | Meaning::Port));
        let own = is_network.then_some(ByteOrder::Big);
        let order = said.order.or(own).unwrap_or(place.order);
        let text = said.text.or(place.text);
        let (said, span) = (&said, field.span);
        let place = Site { name: Some(name), path: &path, order, text, said, notes, span, ..place };
        if let Some(words) = &said.words {
            return self.spoken(field, words, place);
        }
        match (field.bits, &field.shape) {
            (Some((first, width)), Shape::Integer { size, signed, order, role }) => {
                let first = first.saturating_add(self.start(place.parent).saturating_mul(8));
                let (unit, signed, role) = (*size, *signed, place.role(role));
                // Whole bytes are an integer as any other; only within a byte does the ABI say
                // from which end bits are counted.
                let order = match is_whole_bytes(first, width) {
                    true => order.unwrap_or(place.order),
                    false => self.reading.host,
                };
                let kind = PartKind::Bits(Bits { first, width, unit, signed, order, role });
                self.leaf(kind, Repeat::Once, field.len(), place)
            }
            _ => self.shape(&field.shape, place),
        }
    }

    /// What a comment at a field says of it.
    fn comment(&self, field: &Field, place: Site<'_>) -> Result<FieldReading, Kind> {
        let Some(words) = &field.notes.words else { return Ok(FieldReading::default()) };
        (self.reading.comment)(words).map_err(|error| place.word(error))
    }

    pub fn shape(&mut self, shape: &Shape, place: Site<'_>) -> Result<PartId, Kind> {
        let place = Site { depth: place.depth.saturating_add(1), ..place };
        if place.depth > MAX_DEPTH {
            return Err(Kind::TooDeep);
        }
        match shape {
            Shape::Integer { size, signed, order, role } => {
                let order = order.unwrap_or(place.order);
                let kind = PartKind::Integer { signed: *signed, order, role: place.role(role) };
                self.leaf(kind, Repeat::Once, *size, place)
            }
            Shape::Float { size, significant } => {
                let kind = PartKind::Float { order: place.order, significant: *significant };
                self.leaf(kind, Repeat::Once, *size, place)
            }
            Shape::Record(layout) => self.record(layout, place),
            // Only at the end of a message does C take it for one of any length.
            Shape::Array { element, len: counted @ (0 | 1), stride }
                if place.framed && place.stop.is_some() =>
            {
                let end = place.offset.saturating_add(shape.size());
                let padding = place.stop.map_or(0, |it| it.saturating_sub(end));
                let repeat = Repeat::ToEnd { counted: *counted, stride: *stride, padding };
                self.list(element, repeat, false, place)
            }
            Shape::Array { element, len, stride } => {
                self.list(element, Repeat::Times { count: *len, stride: *stride }, false, place)
            }
            Shape::Tail { element, stride, counted } => {
                let end = place.offset.saturating_add(shape.size());
                let repeat = match place.stop.map(|stop| stop.saturating_sub(end)) {
                    Some(padding) => Repeat::ToEnd { counted: *counted, stride: *stride, padding },
                    None => Repeat::Times { count: *counted, stride: *stride },
                };
                self.list(element, repeat, false, place)
            }
        }
    }

    /// Characters are one part, all else a list and its element; `framed`: each has a length of its
    /// own, within which it may end.
    pub fn list(
        &mut self,
        element: &Shape,
        repeat: Repeat,
        framed: bool,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let len = match repeat {
            Repeat::Times { count, stride }
            | Repeat::Said { counted: count, stride }
            | Repeat::ToEnd { counted: count, stride, .. } => count.saturating_mul(stride),
            Repeat::Once => 0,
        };
        if let Shape::Integer {
            size: 1,
            role: ref role @ (Role::Character | Role::Byte),
            signed,
            ..
        } = *element
        {
            if let (Some(WholeBytes { len, signed }), Repeat::Times { count, .. }) =
                (place.said.integer, repeat)
                && count == len
            {
                let role = place.role(&Role::Number);
                let kind = PartKind::Integer { signed, order: place.order, role };
                return self.leaf(kind, Repeat::Once, len, place);
            }
            let name = place.path.rsplit('.').next().unwrap_or_default();
            let is_hex = place.said.show == Some(Show::Hex);
            let is_meant = || !is_hex && (*role == Role::Character || names_text(name));
            let text = place.text.unwrap_or_else(is_meant);
            let kind = PartKind::Characters { text, signed };
            return self.leaf(kind, repeat, len, place);
        }
        let id = self.add(PartKind::List, repeat, len, place)?;
        let stop = framed.then(|| place.offset.saturating_add(element.size()));
        let first = self.shape(element, Site { name: None, parent: id, stop, framed, ..place })?;
        self.adopt(id, first);
        Ok(id)
    }

    /// A part that holds no others, as it is written.
    pub fn leaf(
        &mut self,
        kind: PartKind,
        repeat: Repeat,
        len: u64,
        place: Site<'_>,
    ) -> Result<PartId, Kind> {
        let said = place.said;
        let meant = match (&said.written, said.show, place.notes.meaning) {
            (Some(notation), ..) => written(notation, &kind, len),
            (_, Some(show), _) => shown(show, &kind, len, said.digits),
            (_, _, Some(meaning)) => meant(meaning, &kind, len),
            _ => None,
        };
        // What is as long as the message is no address.
        let notation =
            meant.filter(|_| !matches!(repeat, Repeat::ToEnd { .. } | Repeat::Said { .. }));
        let id = self.add(kind, repeat, len, place)?;
        if let Some(part) = self.parts.get_mut(id.index()) {
            part.notation = notation;
        }
        Ok(id)
    }

    pub fn add(
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
            notation: None,
            description: place.name.and(place.notes.description.clone()),
            counter: place.counter(),
            comment: place.notes.words.clone(),
            words: None,
            span: place.span,
            children: Vec::new(),
        }))
    }

    fn push(&mut self, part: Part) -> PartId {
        let id = PartId(u32::try_from(self.parts.len()).unwrap_or(u32::MAX));
        self.parts.push(part);
        id
    }

    pub fn adopt(&mut self, parent: PartId, child: PartId) {
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
                notation: None,
                description: None,
                counter: None,
                comment: None,
                words: None,
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

impl Site<'_> {
    /// What an integer stands for here: the profile may have names for its values, or none.
    pub fn role(&self, role: &Role) -> Role {
        let is_plain = !matches!(role, Role::Pointer | Role::Boolean);
        let has_other_names = matches!(self.said.written, Some(Notation::Flags { .. }));
        match (&self.said.names, self.said.show) {
            (_, Some(Show::Dec)) if matches!(role, Role::Enum(_)) => Role::Number,
            _ if has_other_names && matches!(role, Role::Enum(_)) => Role::Number,
            (Some(names), None) if is_plain => Role::Enum(names.clone()),
            _ => role.clone(),
        }
    }

    /// A member of the record that it is in, or of one around that without a name between: neither adds
    /// to the path.
    fn counter(&self) -> Option<PartCounter> {
        let counter = self.notes.counter.as_ref().filter(|_| self.name.is_some())?;
        let path = match self.path.rsplit_once('.') {
            Some((outer, _)) => format!("{outer}.{}", counter.member),
            None => counter.member.clone(),
        };
        Some(PartCounter { path, bytes: counter.bytes })
    }
}

/// How a number is written that the profile has names for; `None` where it is none.
fn written(notation: &Notation, kind: &PartKind, len: u64) -> Option<Notation> {
    let (width, signed) = match (kind, notation) {
        (PartKind::Integer { signed, .. }, _) if len <= 8 => {
            (u32::try_from(len.saturating_mul(8)).ok()?, *signed)
        }
        (PartKind::Bits(bits), _) => (bits.width, bits.signed),
        // What has a fraction of its own may have a unit.
        (PartKind::Float { .. }, Notation::Scale(it)) if it.is_raw() && it.none().is_empty() => {
            return Some(notation.clone());
        }
        _ => return None,
    };
    Some(match notation {
        Notation::Flags { flags, .. } => Notation::Flags { flags: flags.clone(), width },
        Notation::Time { .. } if !matches!(len, 4 | 8) => return None,
        Notation::Ntp if width != 64 => return None,
        Notation::Scale(it) => Notation::Scale(Arc::new(it.of_width(width, signed))),
        other => other.clone(),
    })
}

/// How a part is written that a profile says something of; `None` where that does not go with it.
fn shown(show: Show, kind: &PartKind, len: u64, digits: u8) -> Option<Notation> {
    let is_record = matches!(kind, PartKind::Struct(_) | PartKind::Union(_));
    let is_bytes = is_record || matches!(kind, PartKind::Characters { .. });
    let is_integer = matches!(kind, PartKind::Integer { .. });
    let fits = is_bytes && show.len() == Some(len);
    match show {
        Show::Hex if is_integer || matches!(kind, PartKind::Bits(_)) => Some(Notation::Hex),
        Show::Hex if is_record => Some(Notation::Bytes),
        Show::Ipv4 if fits || is_integer && len == 4 => Some(Notation::Ipv4),
        Show::Ipv6 if fits => Some(Notation::Ipv6),
        Show::Mac if fits => Some(Notation::Mac),
        Show::Uuid if fits => Some(Notation::Uuid),
        Show::Time if is_integer && matches!(len, 4 | 8) => {
            Some(Notation::Time { digits, epoch: 0 })
        }
        _ => None,
    }
}

/// How a part is written whose type has a name that says so.
fn meant(meaning: Meaning, kind: &PartKind, len: u64) -> Option<Notation> {
    match (meaning, kind, len) {
        (Meaning::Time, PartKind::Integer { role: Role::Number, .. }, 4 | 8) => {
            Some(Notation::Time { digits: 0, epoch: 0 })
        }
        (Meaning::Ipv4, PartKind::Integer { role: Role::Number, .. }, 4) => Some(Notation::Ipv4),
        (Meaning::Uuid, PartKind::Characters { .. }, 16) => Some(Notation::Uuid),
        _ => None,
    }
}
