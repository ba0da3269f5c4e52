//! The listing of objects, a row each.

use std::io::{self, Write};

use super::Object;
use crate::output::Palette;
use crate::output::escape::printable;
use crate::output::json_types::write_line;

impl Object {
    /// Writes it as one JSON object on a line.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        write_line(self, out)
    }

    /// Writes it as a line of text: frame, stream, bytes, file, type, origin, marks.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_text(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let Palette { strong, dim, doubt, .. } = palette;
        let Self { frame, stream, len, .. } = self;
        let file = printable(&self.file);
        write!(out, "{frame:>8} {stream:>6} {len:>10}  {strong}{file}{strong:#}")?;
        if let Some(content_type) = &self.content_type {
            write!(out, "  {}", printable(content_type))?;
        }
        let host = self.host.as_deref().unwrap_or_default();
        let target = self.target.as_deref().unwrap_or_default();
        write!(out, "  {dim}{}{}{dim:#}", printable(host), printable(target))?;
        if !self.marks.is_empty() {
            write!(out, "  {doubt}[{}]{doubt:#}", self.marks.join(", "))?;
        }
        writeln!(out)
    }
}
