//! Layouts as pahole shows them: C with offset and size behind each member, holes between them,
//! and how the ABIs differ.

use std::io::{self, Write};

use super::rows::{Place, Row, RowKind, rows};
use crate::output::Palette;
use crate::schema::{Abi, Layout, LayoutError, RecordDef};

/// The layouts that every ABI gives one message.
pub struct LayoutReport<'a> {
    pub(super) record: &'a RecordDef,
    pub(super) name: &'a str,
    /// The ABI that is shown whole.
    abi: Abi,
    chosen: Layout,
    /// Of every ABI.
    pub(super) layouts: Vec<(Abi, Result<Layout, LayoutError>)>,
}

/// The members' places under another ABI.
type Other = (Abi, Vec<Place>);

impl<'a> LayoutReport<'a> {
    /// The layouts of `record`, which is known as `name`; that of `abi` is shown whole.
    ///
    /// # Errors
    ///
    /// Where `abi` gives it none. What another ABI refuses is said in the report.
    pub fn new(record: &'a RecordDef, name: &'a str, abi: Abi) -> Result<Self, LayoutError> {
        let chosen = Layout::of(record, name, abi)?;
        let layouts = Abi::ALL.into_iter().map(|abi| (abi, Layout::of(record, name, abi)));
        Ok(Self { record, name, abi, chosen, layouts: layouts.collect() })
    }

    /// Writes the chosen layout in C, each member with its offset and size in bytes, and what
    /// other ABIs make of it where they differ; then a table of sizes.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_text(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let dim = palette.dim;
        let rows = self.rows(&self.chosen);
        let others = self.others();
        let width = rows.iter().map(Row::width).max().unwrap_or(0);
        writeln!(out, "{dim}/* {}: offset and size in bytes */{dim:#}", self.abi)?;
        let mut index = 0;
        for row in &rows {
            write_row(row, width, palette, out)?;
            if let RowKind::Member(place) = row.kind {
                write_differences(place, index, &others, palette, out)?;
                index += 1;
            }
            writeln!(out)?;
        }
        self.write_table(palette, out)
    }

    fn rows(&self, layout: &Layout) -> Vec<Row> {
        rows(self.record, layout, self.name)
    }

    fn others(&self) -> Vec<Other> {
        let others = self.layouts.iter().filter(|(abi, _)| *abi != self.abi);
        let others = others.filter_map(|(abi, it)| Some((*abi, it.as_ref().ok()?)));
        others.map(|(abi, layout)| (abi, places(&self.rows(layout)))).collect()
    }

    fn write_table(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let (strong, doubt, error) = (palette.strong, palette.doubt, palette.error);
        writeln!(out, "\n{strong}{:<8}{:>8}{:>7}{strong:#}", "ABI", "sizeof", "align")?;
        for (abi, layout) in &self.layouts {
            match layout {
                Ok(it) if it.size == self.chosen.size => {
                    writeln!(out, "{abi:<8}{:>8}{:>7}", it.size, it.align)?;
                }
                Ok(it) => {
                    writeln!(out, "{abi:<8}{doubt}{:>8}{doubt:#}{:>7}", it.size, it.align)?;
                }
                Err(reason) => writeln!(out, "{abi:<8}  {error}{reason}{error:#}")?,
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

fn places(rows: &[Row]) -> Vec<Place> {
    let places = rows.iter().filter_map(|row| match row.kind {
        RowKind::Member(place) => Some(place),
        _ => None,
    });
    places.collect()
}

fn write_row(row: &Row, width: usize, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Palette { dim, strong, doubt, .. } = palette;
    let (text, indent) = (&row.text, row.depth * 4);
    match row.kind {
        RowKind::Brace if row.depth == 0 => write!(out, "{strong}{text}{strong:#}"),
        RowKind::Brace => write!(out, "{:indent$}{text}", ""),
        RowKind::Hole => write!(out, "{:indent$}{doubt}{text}{doubt:#}", ""),
        RowKind::Note => write!(out, "{:indent$}{dim}{text}{dim:#}", ""),
        RowKind::Member(place) => {
            let width = width.saturating_sub(indent);
            let place = place_text(place);
            write!(out, "{:indent$}{text:width$}  {dim}/* {place} */{dim:#}", "")
        }
    }
}

/// Offset, for a bit-field the bit within that byte, and size.
fn place_text(place: Place) -> String {
    let Place { offset, len, bits } = place;
    match bits {
        Some((first, _)) => format!("{offset:5}:{} {len:4}", first % 8),
        None => format!("{offset:5}   {len:4}"),
    }
}

/// The ABIs that put member `index` elsewhere, those that agree named together.
fn write_differences(
    place: Place,
    index: usize,
    others: &[Other],
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut apart: Vec<(Place, Vec<&str>)> = Vec::new();
    for (abi, places) in others {
        let Some(other) = places.get(index).filter(|other| **other != place) else { continue };
        match apart.iter_mut().find(|(known, _)| known == other) {
            Some((_, names)) => names.push(abi.name()),
            None => apart.push((*other, vec![abi.name()])),
        }
    }
    if apart.is_empty() {
        return Ok(());
    }
    let told = apart.iter().map(|(place, names)| {
        let place = place_text(*place);
        let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{} {place}", names.join(" "))
    });
    let doubt = palette.doubt;
    write!(out, " {doubt}/* {} */{doubt:#}", told.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
