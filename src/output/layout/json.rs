//! Layouts as JSON, one object a line for each ABI: `name`, `abi`, `size`, `align`, `min_len`,
//! `fields`, `holes`, and `tail` where there is one; or `name`, `abi` and `error`.
//!
//! A field has `name` (`null` for an anonymous record), `type`, `offset` and `size`; a bit-field
//! `bits` with `first` and `width`; a record `fields`. Offsets and bits count from the start of
//! the outermost record, bits as [`Field::bits`](crate::schema::Field::bits) says.

use std::io::{self, Write};

use super::report::LayoutReport;
use crate::output::json_types::{self as json, LaidOut, write_line};
use crate::schema::{Abi, Field, FieldDef, Layout, LayoutError, RecordDef};

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

    fn object<'a>(&'a self, abi: Abi, layout: &'a Result<Layout, LayoutError>) -> json::Layout<'a> {
        let laid_out = match layout {
            Ok(layout) => placed(self.record, layout),
            Err(error) => LaidOut::Refused { error: error.to_string() },
        };
        json::Layout { name: self.name, abi: abi.name(), laid_out }
    }
}

fn placed<'a>(record: &'a RecordDef, layout: &'a Layout) -> LaidOut<'a> {
    let holes = layout.holes();
    let tail = layout.tail();
    LaidOut::Placed {
        size: layout.size,
        align: layout.align,
        min_len: layout.min_len(),
        fields: fields(record, layout, 0),
        holes: holes.iter().map(|it| json::Hole { offset: it.offset, len: it.len }).collect(),
        tail: tail.map(|it| json::Tail { name: it.name, offset: it.offset, stride: it.stride }),
    }
}

fn fields<'a>(record: &'a RecordDef, layout: &Layout, base: u64) -> Vec<json::Field<'a>> {
    record.placed().zip(&layout.fields).map(|(declared, it)| field(declared, it, base)).collect()
}

fn field<'a>(declared: &'a FieldDef, field: &Field, base: u64) -> json::Field<'a> {
    let offset = base + field.offset;
    let nested = declared.ctype.record().zip(field.shape.record());
    json::Field {
        name: declared.name.as_deref(),
        r#type: declared.ctype.declare("").trim_end().to_owned(),
        offset,
        size: field.len(),
        bits: field.bits.map(|(first, width)| json::Bits { first: base * 8 + first, width }),
        fields: nested.map(|(nested, inner)| fields(nested, inner, offset)),
    }
}
