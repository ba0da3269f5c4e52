//! Layouts as pahole shows them: C with offset and size behind each member, holes between them,
//! and how the ABIs differ.

use std::io::{self, Write};

use super::rows::{Row, RowKind, rows};
use crate::output::Palette;
use crate::schema::{Abi, Layout, LayoutError, Part, PartId, Reading, RecordDef, ResolvedLayout};

/// The layouts that every ABI gives one message.
pub struct LayoutReport<'a> {
    pub(super) record: &'a RecordDef,
    pub(super) name: &'a str,
    /// The ABI that is shown whole.
    abi: Abi,
    chosen: ResolvedLayout,
    /// Of every ABI.
    pub(super) layouts: Vec<(Abi, Result<ResolvedLayout, LayoutError>)>,
}

impl<'a> LayoutReport<'a> {
    /// The layouts of `record`, which is known as `name`; that of `abi` is shown whole.
    ///
    /// # Errors
    ///
    /// Where `abi` gives it none. What another ABI refuses is said in the report.
    pub fn new(record: &'a RecordDef, name: &'a str, abi: Abi) -> Result<Self, LayoutError> {
        let of = |abi| Layout::of(record, name, abi)?.resolve(&Reading::default());
        // A program may be of a machine that no header is laid out for.
        let own = Some(abi).filter(|it| !Abi::ALL.contains(it));
        let layouts = own.into_iter().chain(Abi::ALL).map(|abi| (abi, of(abi)));
        Ok(Self { record, name, abi, chosen: of(abi)?, layouts: layouts.collect() })
    }

    /// Writes the chosen layout in C, each member with its offset and size in bytes, arrays of
    /// characters with whether they are text, and what other ABIs make of it where they differ;
    /// then a table of sizes.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_text(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let dim = palette.dim;
        let rows = rows(self.record, &self.chosen, self.name);
        let width = rows.iter().map(Row::width).max().unwrap_or(0);
        writeln!(out, "{dim}/* {}: offset and size in bytes */{dim:#}", self.abi)?;
        for row in &rows {
            self.write_row(row, width, palette, out)?;
            writeln!(out)?;
        }
        self.write_table(palette, out)
    }

    fn write_row(
        &self,
        row: &Row,
        width: usize,
        palette: Palette,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Palette { dim, strong, doubt, .. } = palette;
        let (text, indent) = (&row.text, row.depth * 4);
        match row.kind {
            RowKind::Brace if row.depth == 0 => write!(out, "{strong}{text}{strong:#}"),
            RowKind::Brace => write!(out, "{:indent$}{text}", ""),
            RowKind::Hole => write!(out, "{:indent$}{doubt}{text}{doubt:#}", ""),
            RowKind::Note => write!(out, "{:indent$}{dim}{text}{dim:#}", ""),
            RowKind::Member(id) => {
                let Some(part) = self.chosen.part(id) else { return Ok(()) };
                let width = width.saturating_sub(indent);
                let place = place_text(part);
                let kind = characters_text(self.chosen.element(id).map(|it| it.1));
                write!(out, "{:indent$}{text:width$}  {dim}/* {place}{kind} */{dim:#}", "")?;
                self.write_differences(id, &place, palette, out)
            }
        }
    }

    /// The ABIs that put a member elsewhere, those that agree named together.
    fn write_differences(
        &self,
        id: PartId,
        place: &str,
        palette: Palette,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut apart: Vec<(String, Vec<&str>)> = Vec::new();
        for (abi, layout) in &self.layouts {
            let other = layout.as_ref().ok().and_then(|it| it.part(id)).map(place_text);
            let Some(other) = other.filter(|it| it != place) else { continue };
            match apart.iter_mut().find(|(known, _)| *known == other) {
                Some((_, names)) => names.push(abi.name()),
                None => apart.push((other, vec![abi.name()])),
            }
        }
        if apart.is_empty() {
            return Ok(());
        }
        let told = apart.iter().map(|(place, names)| {
            let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{} {place}", names.join(" "))
        });
        let doubt = palette.doubt;
        write!(out, " {doubt}/* {} */{doubt:#}", told.collect::<Vec<_>>().join("; "))
    }

    fn write_table(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let (strong, doubt, error) = (palette.strong, palette.doubt, palette.error);
        let width = self.layouts.iter().map(|(abi, _)| abi.name().len()).max().unwrap_or(0).max(8);
        writeln!(out, "\n{strong}{:<width$}{:>8}{:>7}{strong:#}", "ABI", "sizeof", "align")?;
        for (abi, layout) in &self.layouts {
            match layout {
                Ok(it) if it.size == self.chosen.size => {
                    writeln!(out, "{abi:<width$}{:>8}{:>7}", it.size, it.align)?;
                }
                Ok(it) => {
                    writeln!(out, "{abi:<width$}{doubt}{:>8}{doubt:#}{:>7}", it.size, it.align)?;
                }
                Err(reason) => writeln!(out, "{abi:<width$}  {error}{reason}{error:#}")?,
            }
        }
        Ok(())
    }
}

impl Row {
    /// Columns of a member's declaration.
    fn width(&self) -> usize {
        match self.kind {
            RowKind::Member(_) => self.depth * 4 + self.text.chars().count(),
            _ => 0,
        }
    }
}

/// How an array of characters is read, or what is written for people.
fn characters_text(part: Option<&Part>) -> String {
    if let Some(notation) = part.and_then(|it| it.notation.as_ref()) {
        return format!("  {}", notation.name());
    }
    match part.and_then(Part::characters) {
        Some(true) => "  text",
        Some(false) => "  bytes",
        None => "",
    }
    .to_owned()
}

/// Offset, for a bit-field the bit within that byte, and size.
fn place_text(part: &Part) -> String {
    let Part { offset, len, .. } = part;
    match part.bits() {
        Some(bits) => format!("{offset:5}:{} {len:4}", bits.first % 8),
        None => format!("{offset:5}   {len:4}"),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
