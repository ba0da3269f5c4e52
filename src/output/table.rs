//! Aligned columns of text.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Palette;

/// The heads of columns, and which of them are numbers, which end at their right edge.
pub(super) struct Columns<const N: usize> {
    pub head: [&'static str; N],
    pub is_number: [bool; N],
}

impl<const N: usize> Columns<N> {
    /// Writes the head, then the rows.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(
        &self,
        rows: impl Iterator<Item = [String; N]>,
        palette: Palette,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let head = self.head.map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        let mut widths = [0; N];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let Palette { strong, .. } = palette;
        for (at, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for ((cell, width), number) in row.iter().zip(widths).zip(self.is_number) {
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                let (before, behind) = if number { (&*padding, "") } else { ("", &*padding) };
                line.extend([before, cell, behind, "  "]);
            }
            let line = line.trim_end();
            match at {
                0 => writeln!(out, "{strong}{line}{strong:#}")?,
                _ => writeln!(out, "{line}")?,
            }
        }
        Ok(())
    }
}
