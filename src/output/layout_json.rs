//! Layouts as JSON, one object a line for each ABI: `name`, `abi`, `size`, `align`, `min_len`,
//! `fields`, `holes`, and `tail` where there is one; or `name`, `abi` and `error`.
//!
//! A field has `name` (`null` for an anonymous record), `type`, `offset` and `size`; a bit-field
//! `bits` with `first` and `width`; a record `fields`. Offsets and bits count from the start of
//! the outermost record, bits as [`Field::bits`] says.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::layout::LayoutReport;
use crate::schema::{Abi, Field, FieldDef, Layout, LayoutError, RecordDef};

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

    fn object(&self, abi: Abi, layout: &Result<Layout, LayoutError>) -> Value {
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
        object.insert("fields".into(), fields(self.record, layout, 0));
        let holes = layout.holes();
        let holes = holes.iter().map(|it| json!({ "offset": it.offset, "len": it.len }));
        object.insert("holes".into(), holes.collect());
        if let Some(tail) = layout.tail() {
            let tail = json!({ "name": tail.name, "offset": tail.offset, "stride": tail.stride });
            object.insert("tail".into(), tail);
        }
        object.into()
    }
}

fn fields(record: &RecordDef, layout: &Layout, base: u64) -> Value {
    record.placed().zip(&layout.fields).map(|(declared, it)| field(declared, it, base)).collect()
}

fn field(declared: &FieldDef, field: &Field, base: u64) -> Value {
    let offset = base + field.offset;
    let mut object = Map::new();
    object.insert("name".into(), declared.name.clone().into());
    object.insert("type".into(), declared.ctype.declare("").trim_end().into());
    object.insert("offset".into(), offset.into());
    object.insert("size".into(), field.len().into());
    if let Some((first, width)) = field.bits {
        object.insert("bits".into(), json!({ "first": base * 8 + first, "width": width }));
    }
    if let (Some(nested), Some(inner)) = (declared.ctype.record(), field.shape.record()) {
        object.insert("fields".into(), fields(nested, inner, offset));
    }
    object.into()
}
