//! Layouts as JSON, one object a line for each ABI: `name`, `abi`, `size`, `align`, `min_len`,
//! `fields`, `holes`, and `tail` where there is one; or `name`, `abi` and `error`.
//!
//! A field has `name` (`null` for an anonymous record), `type`, `offset` and `size`; characters
//! `text`, which is `false` where they are bytes; what is written for people `show`, by the names that a
//! profile has; what a comment describes `description`; an array whose length a member says `counted_by`; a bit-field
//! `bits` with `first` and `width`; a record `fields`. Offsets and bits count from the start of
//! the outermost record, bits as [`Bits::first`](crate::schema::Bits::first) says.

use std::io::{self, Write};

use super::report::LayoutReport;
use crate::output::json_types::{self as json, LaidOut, write_line};
use crate::schema::{Abi, FieldDef, LayoutError, Part, PartId, RecordDef, Repeat, ResolvedLayout};

impl LayoutReport<'_> {
    /// Writes one object a line for each ABI.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        for (abi, layout) in &self.layouts {
            write_line(&self.object(*abi, layout), out)?;
        }
        Ok(())
    }

    fn object<'a>(
        &'a self,
        abi: Abi,
        layout: &'a Result<ResolvedLayout, LayoutError>,
    ) -> json::Layout<'a> {
        let laid_out = match layout {
            Ok(layout) => placed(self.record, layout),
            Err(error) => LaidOut::Refused { error: error.to_string() },
        };
        json::Layout { name: self.name, abi: abi.name(), laid_out }
    }
}

fn placed<'a>(record: &'a RecordDef, layout: &'a ResolvedLayout) -> LaidOut<'a> {
    let holes = layout.holes();
    LaidOut::Placed {
        description: record.description.as_deref(),
        size: layout.size,
        align: layout.align,
        min_len: layout.min_len(),
        fields: fields(record, layout, ResolvedLayout::ROOT),
        holes: holes.iter().map(|it| json::Hole { offset: it.offset, len: it.len }).collect(),
        tail: tail(layout),
    }
}

fn tail(layout: &ResolvedLayout) -> Option<json::Tail<'_>> {
    let (_, tail) = layout.tail()?;
    let Repeat::ToEnd { stride, .. } = tail.repeat else { return None };
    Some(json::Tail { name: tail.name.as_deref(), offset: tail.offset, stride })
}

fn fields<'a>(record: &'a RecordDef, layout: &ResolvedLayout, of: PartId) -> Vec<json::Field<'a>> {
    let members = record.placed().zip(layout.members(of));
    members.map(|(declared, (id, part))| field(declared, layout, id, part)).collect()
}

fn field<'a>(
    declared: &'a FieldDef,
    layout: &ResolvedLayout,
    id: PartId,
    part: &Part,
) -> json::Field<'a> {
    let nested = declared.ctype.record().zip(layout.element(id));
    json::Field {
        name: declared.name.as_deref(),
        r#type: declared.ctype.declare("").trim_end().to_owned(),
        offset: part.offset,
        size: part.len,
        text: layout.element(id).and_then(|(_, it)| it.characters()),
        show: layout.element(id).and_then(|(_, it)| Some(it.notation.as_ref()?.name())),
        counted_by: part.counter.as_ref().map(|it| it.path.clone()),
        description: declared.notes.description.as_deref(),
        bits: part.bits().map(|it| json::Bits { first: it.first, width: it.width }),
        fields: nested.map(|(nested, (inner, _))| fields(nested, layout, inner)),
    }
}
