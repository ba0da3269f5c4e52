//! What people are told of a message beside its fields: doubts, oddities, the error.

use std::io::{self, Write};

use anstyle::Style;

use super::value_text::ValueText;
use crate::message::{Captured, FieldValue, Property, Remark, Values, common_fields};
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::escape::{printable, terminal};

/// What stands around each remark, `open` and `close` within its colour.
pub(super) struct Around {
    pub open: &'static str,
    pub close: &'static str,
    pub end: &'static str,
}

impl Around {
    /// Writes all remarks of a message; `remark` says which of a property's.
    pub fn write(
        &self,
        captured: &Captured<'_>,
        remark: fn(&Property) -> Remark,
        palette: &Palette,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        for property in common_fields::BEHIND_FIELDS {
            let remark = remark(property);
            if remark == Remark::None {
                continue;
            }
            let values = (property.values)(captured);
            if values.is_empty() {
                continue;
            }
            let style = match remark {
                Remark::Error | Remark::ErrorInFrame => palette.error,
                Remark::Value(_) => Style::new(),
                _ => palette.doubt,
            };
            if remark == Remark::Each {
                for name in values.names() {
                    self.begin(style, out)?;
                    terminal(name, out);
                    self.finish(style, out)?;
                }
                continue;
            }
            self.begin(style, out)?;
            match (remark, values) {
                (Remark::Others(words), values) => others(words, values, out),
                (remark, Values::One(value)) => one(remark, &value, captured, out)?,
                _ => {}
            }
            self.finish(style, out)?;
        }
        Ok(())
    }

    fn begin(&self, style: Style, out: &mut Vec<u8>) -> io::Result<()> {
        write!(out, "  {style}{}", self.open)
    }

    fn finish(&self, style: Style, out: &mut Vec<u8>) -> io::Result<()> {
        write!(out, "{}{style:#}{}", self.close, self.end)
    }
}

/// The names but the first, separated by commas.
fn others(words: &str, values: Values<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(words.as_bytes());
    for (at, name) in values.names().skip(1).enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        terminal(name, out);
    }
}

fn one(
    remark: Remark,
    value: &FieldValue<'_>,
    captured: &Captured<'_>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    match (remark, value) {
        (Remark::Words(words), _) => out.extend_from_slice(words.as_bytes()),
        (Remark::Bytes(words), FieldValue::Unsigned(len)) => {
            let len = usize::try_from(*len).unwrap_or(usize::MAX);
            write!(out, "{} {words}", counted(len, "byte"))?;
        }
        (Remark::ErrorInFrame, FieldValue::Error(error)) => {
            write!(out, "error: {}", printable(&error.to_string()))?;
            if let Some(start) = captured.frame_offset {
                write!(out, " (offset {} of the frame)", start.saturating_add(error.offset))?;
            }
        }
        (remark, value) => {
            if let Remark::Value(words) = remark {
                out.extend_from_slice(words.as_bytes());
            }
            let mut text = Vec::new();
            ValueText::default().write(value, &mut text);
            terminal(&String::from_utf8_lossy(&text), out);
        }
    }
    Ok(())
}
