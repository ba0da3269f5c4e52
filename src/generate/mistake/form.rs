//! A struct as a sender with mistakes has it: its layout, and what is done to the bytes then.

use super::declaration::{Declaration, Elsewhere};
use super::error::MistakeError;
use super::kind::MistakeKind;
use super::length;
use super::mistake::Mistake;
use super::touch::Touch;
use crate::schema::{Packing, Part, PartId, PartKind, Repeat, ResolvedLayout, nearest};
use std::ops::ControlFlow::{Break, Continue};

/// Bytes of the array that stands in place of a tail, with what is before it, where no `max_len`
/// says how large the receiver's buffer is: 512 that UDP is recommended to carry, less its header.
const BUFFER: u64 = 504;
/// Where no `max_len` says how large a buffer is, its size is a multiple of this.
const BUFFER_STEP: u64 = 64;
/// Fields in which the stack is left: of very long arrays the first.
const MAX_RESIDUES: usize = 512;

/// A message, or the struct of a case.
pub(super) struct Form<'p> {
    declaration: Declaration<'p>,
    pub layout: ResolvedLayout,
    pub touches: Vec<Touch>,
}

impl<'p> From<Declaration<'p>> for Form<'p> {
    /// Without a mistake.
    fn from(declaration: Declaration<'p>) -> Self {
        let layout = ResolvedLayout::clone(declaration.layout);
        Self { declaration, layout, touches: Vec::new() }
    }
}

impl Form<'_> {
    /// Makes one mistake more.
    pub fn make(&mut self, mistake: &Mistake) -> Result<(), MistakeError> {
        let field = match mistake.field.as_deref() {
            Some(path) => Some(self.field(mistake, path)?),
            None => None,
        };
        let made = match mistake.kind {
            MistakeKind::Padding => self.repack(),
            MistakeKind::TypeWidth => self.change_model(mistake.field.as_deref()),
            MistakeKind::ByteOrder => self.swap(mistake.field.as_deref()),
            MistakeKind::Trailing => self.lengthen(field),
            MistakeKind::Terminator => self.unterminate(field),
            MistakeKind::Length => self.shorten(field),
            MistakeKind::Uninitialised => self.leave(field),
            MistakeKind::GroupJoin => Ok(()),
        };
        made.map_err(|why| MistakeError::Impossible { mistake: mistake.clone(), why })
    }

    fn field(&self, mistake: &Mistake, path: &str) -> Result<PartId, MistakeError> {
        let found = self.layout.find(path).map(|(id, _)| id);
        found.ok_or_else(|| MistakeError::UnknownField {
            mistake: mistake.clone(),
            message: self.name().to_owned(),
            nearest: nearest(path, self.layout.paths()),
        })
    }

    fn name(&self) -> &str {
        self.declaration.name
    }

    /// Without packing, or with where the header has none.
    fn repack(&mut self) -> Result<(), String> {
        let (declaration, name) = (&self.declaration, self.name());
        let own = |it: &Elsewhere| it.abi == declaration.protocol.abi;
        let differs = |it: &Elsewhere| !it.layout.lies_as(declaration.layout);
        let repacked = |it: &Elsewhere| it.packing != Packing::Declared;
        let Some(found) = declaration.elsewhere().find(|it| own(it) && repacked(it) && differs(it))
        else {
            return Err(format!("`{name}` has no holes: padding would change nothing"));
        };
        let same = |it: &Elsewhere| !repacked(it) && it.layout.lies_as(&found.layout);
        if let Some(other) = declaration.elsewhere().find(same) {
            let how = match found.packing {
                Packing::Packed => "packed".to_owned(),
                Packing::AtMost(most) => format!("packed to {most}"),
                Packing::Declared | Packing::Natural => "not packed".to_owned(),
            };
            return Err(format!("{how}, `{name}` lies as on {}: that is type-width", other.abi));
        }
        self.layout = found.layout;
        Ok(())
    }

    /// The layout of another ABI: one that has another width, rather than another alignment alone.
    fn change_model(&mut self, field: Option<&str>) -> Result<(), String> {
        let (declaration, name) = (&self.declaration, self.name());
        let host = declaration.protocol.abi.byte_order();
        let same_bits = |it: &Elsewhere| !declaration.has_bits() || it.abi.byte_order() == host;
        let differs = |it: &Elsewhere| !it.layout.lies_as(declaration.layout);
        let declared = |it: &Elsewhere| it.packing == Packing::Declared;
        let others = declaration.elsewhere().filter(declared).filter(differs).filter(same_bits);
        let mut others: Vec<_> = others.collect();
        let is_wider = |it: &Elsewhere| {
            let pairs = declaration.layout.fields().zip(it.layout.fields()).skip(1);
            pairs.map(|((_, own), (_, other))| (own, other)).any(|(own, other)| {
                let is_leaf = !matches!(own.kind, PartKind::Struct(_) | PartKind::Union(_));
                is_leaf && is_within(own, field) && own.len != other.len
            })
        };
        others.sort_by_key(|it| !is_wider(it));
        let chosen = others.into_iter().next().filter(|it| field.is_none() || is_wider(it));
        match (chosen, field) {
            (Some(chosen), _) => self.layout = chosen.layout,
            (None, Some(field)) => return Err(format!("`{field}` is as wide on every ABI")),
            (None, None) => {
                return Err(format!(
                    "`{name}` is the same on every ABI: it has no `long`, `size_t`, pointer or the like"
                ));
            }
        }
        Ok(())
    }

    /// Numbers in the order that is not the declared one.
    fn swap(&mut self, field: Option<&str>) -> Result<(), String> {
        let declared = self.declaration.layout;
        let is_meant = |id: PartId, part: &Part| {
            let is_declared = declared.part(id).is_some_and(|it| order(it) == order(part));
            is_within(part, field) && order(part).is_some() && is_declared
        };
        if !declared.fields().any(|(id, part)| is_meant(id, part)) {
            let name = field.unwrap_or(self.name());
            return Err(format!(
                "`{name}` has no number of several bytes, whose order could be wrong"
            ));
        }
        self.layout = self.layout.swapped(is_meant);
        Ok(())
    }

    /// A buffer, or an array in place of the tail.
    fn lengthen(&mut self, field: Option<PartId>) -> Result<(), String> {
        let max_len = self.declaration.protocol.max_len;
        let touch = match self.layout.tail() {
            Some((id, part)) if field.is_none_or(|it| it == id) => {
                if !is_text(part) {
                    return Err(format!("bytes behind `{}` are more of it", part.path));
                }
                let end = max_len.unwrap_or(BUFFER).max(part.offset.saturating_add(BUFFER_STEP));
                Touch::Array { tail: bytes(part.offset), end: bytes(end) }
            }
            None if field.is_none() => {
                let longest = self.declaration.elsewhere().map(|it| it.layout.size).max();
                let size = longest.unwrap_or(self.layout.size);
                let step = size.saturating_add(1).next_multiple_of(BUFFER_STEP);
                Touch::Buffer { len: bytes(max_len.filter(|it| *it > size).unwrap_or(step)) }
            }
            _ => return Err("only behind the last field, where it varies, can be more".to_owned()),
        };
        self.touches.push(touch);
        Ok(())
    }

    fn unterminate(&mut self, field: Option<PartId>) -> Result<(), String> {
        let name = self.name();
        let tail = match self.layout.tail() {
            Some((id, part)) if field.is_none_or(|it| it == id) => part,
            Some((_, part)) => return Err(format!("only the tail, `{}`, needs a NUL", part.path)),
            None => {
                return Err(format!(
                    "`{name}` ends with no text of any length: one that fills its array needs no NUL"
                ));
            }
        };
        if !is_text(tail) {
            return Err(format!("`{}`, the tail of `{name}`, is no text", tail.path));
        }
        self.touches.push(Touch::Unterminated { tail: bytes(tail.offset) });
        Ok(())
    }

    fn shorten(&mut self, field: Option<PartId>) -> Result<(), String> {
        let field = field.and_then(|id| Some((id, self.layout.part(id)?)));
        let touch = length::cut(&self.declaration, &self.layout, field)?;
        self.touches.push(touch);
        Ok(())
    }

    /// Bytes that mean nothing: behind the NUL of texts, and in holes.
    fn leave(&mut self, field: Option<PartId>) -> Result<(), String> {
        let mut found = Vec::new();
        self.layout.each_leaf(&mut |leaf| {
            let is_meant = field.is_none_or(|it| it == leaf.id);
            let is_array = matches!(leaf.part.repeat, Repeat::Times { count: 2.., .. });
            if is_meant && is_array && is_text(leaf.part) {
                let end = leaf.offset.saturating_add(leaf.part.len);
                let (offset, end) = (bytes(leaf.offset), Some(bytes(end)));
                found.push(Touch::BehindNul { offset, end });
            }
            if found.len() < MAX_RESIDUES { Continue(()) } else { Break(()) }
        });
        let tail = self.layout.tail();
        if let Some((id, part)) = tail
            && field.is_none_or(|it| it == id)
            && is_text(part)
            && self.is_padded(part)
        {
            found.push(Touch::BehindNul { offset: bytes(part.offset), end: None });
        }
        if field.is_none() {
            let end = tail.map_or(u64::MAX, |(_, it)| it.offset);
            let holes = self.layout.holes().into_iter().filter(|it| it.offset < end);
            let hole = |offset, len| Touch::Hole { offset: bytes(offset), len: bytes(len) };
            found.extend(holes.map(|it| hole(it.offset, it.len)).take(MAX_RESIDUES));
        }
        match (found.is_empty(), field.and_then(|it| self.layout.part(it))) {
            (true, Some(part)) => {
                Err(format!("behind a NUL in `{}` is no byte left over", part.path))
            }
            (true, None) => Err(format!(
                "`{}` has no holes, and no text of fixed length with room behind its NUL",
                self.name()
            )),
            (false, _) => {
                self.touches.append(&mut found);
                Ok(())
            }
        }
    }

    /// Whether bytes follow the NUL of the tail.
    fn is_padded(&self, tail: &Part) -> bool {
        let counted = matches!(tail.repeat, Repeat::ToEnd { padding: 1.., .. });
        counted || self.touches.iter().any(|it| matches!(it, Touch::Array { .. }))
    }
}

/// Whether a part is the field of a path, or in it.
fn is_within(part: &Part, field: Option<&str>) -> bool {
    field.is_none_or(|field| {
        let rest = part.path.strip_prefix(field);
        rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
    })
}

/// Of a number that has one.
fn order(part: &Part) -> Option<crate::schema::ByteOrder> {
    match (&part.kind, part.len) {
        (PartKind::Integer { order, .. }, 2..=8) => Some(*order),
        (PartKind::Float { order, .. }, 4 | 8) => Some(*order),
        (PartKind::Bits(bits), 2 | 4 | 8) if bits.is_whole_bytes() => Some(bits.order),
        _ => None,
    }
}

fn is_text(part: &Part) -> bool {
    matches!(part.kind, PartKind::Characters { text: true, .. })
}

fn bytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
