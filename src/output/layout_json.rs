//! Layouts as JSON, one object a line for each ABI: `name`, `abi`, `size`, `align`, `min_len`,
//! `fields`, `holes`, and `tail` where there is one; or `name`, `abi` and `error`.
//!
//! A field has `name` (`null` for an anonymous record), `type`, `offset` and `size`; a bit-field
//! `bits` with `first` and `width`; a record `fields`. Offsets and bits count from the start of
//! the outermost record, bits as [`Bits::first`](crate::schema::Bits::first) says.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::layout::LayoutReport;
use crate::schema::{Abi, FieldDef, LayoutError, Part, PartId, RecordDef, Repeat, ResolvedLayout};

impl LayoutReport<'_> {
    /// Writes one object a line for each ABI.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        for (abi, layout) in &self.layouts {
            writeln!(out, "{}", self.object(*abi, layout))?;
        }
        Ok(())
    }

    fn object(&self, abi: Abi, layout: &Result<ResolvedLayout, LayoutError>) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), self.name.into());
        object.insert("abi".into(), abi.name().into());
        let layout = match layout {
            Ok(layout) => layout,
            Err(error) => {
                object.insert("error".into(), error.to_string().into());
                return object.into();
            }
        };
        object.insert("size".into(), layout.size.into());
        object.insert("align".into(), layout.align.into());
        object.insert("min_len".into(), layout.min_len().into());
        object.insert("fields".into(), fields(self.record, layout, ResolvedLayout::ROOT));
        let holes = layout.holes();
        let holes = holes.iter().map(|it| json!({ "offset": it.offset, "len": it.len }));
        object.insert("holes".into(), holes.collect());
        if let Some((_, tail)) = layout.tail()
            && let Repeat::ToEnd { stride, .. } = tail.repeat
        {
            let tail = json!({ "name": tail.name, "offset": tail.offset, "stride": stride });
            object.insert("tail".into(), tail);
        }
        object.into()
    }
}

fn fields(record: &RecordDef, layout: &ResolvedLayout, of: PartId) -> Value {
    let members = record.placed().zip(layout.members(of));
    members.map(|(declared, (id, part))| field(declared, layout, id, part)).collect()
}

fn field(declared: &FieldDef, layout: &ResolvedLayout, id: PartId, part: &Part) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), declared.name.clone().into());
    object.insert("type".into(), declared.ctype.declare("").trim_end().into());
    object.insert("offset".into(), part.offset.into());
    object.insert("size".into(), part.len.into());
    if let Some(bits) = part.bits() {
        object.insert("bits".into(), json!({ "first": bits.first, "width": bits.width }));
    }
    if let (Some(nested), Some((inner, _))) = (declared.ctype.record(), layout.element(id)) {
        object.insert("fields".into(), fields(nested, layout, inner));
    }
    object.into()
}
