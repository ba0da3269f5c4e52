//! Many layouts at once: a line each.

use std::io::{self, Write};

use crate::output::Palette;
use crate::output::table::Columns;
use crate::schema::{Abi, Layout, LayoutError, Reading, RecordDef, ResolvedLayout};

const COLUMNS: Columns<7> = Columns {
    head: ["message", "size", "align", "fields", "holes", "elsewhere", "declared"],
    is_number: [false, true, true, true, true, false, false],
};

/// The layouts of a header with many structs, a row each.
#[derive(Default)]
pub struct LayoutTable {
    rows: Vec<[String; 7]>,
}

impl LayoutTable {
    /// Adds a record, which is known as `name` and declared at `place`, as `abi` lays it out.
    ///
    /// # Errors
    ///
    /// Where `abi` gives it no layout.
    pub fn add(
        &mut self,
        record: &RecordDef,
        name: &str,
        place: String,
        abi: Abi,
    ) -> Result<(), LayoutError> {
        let resolved = Layout::of(record, name, abi)?.resolve(&Reading::default())?;
        let holes: u64 = resolved.holes().iter().map(|it| it.len).sum();
        self.rows.push([
            name.to_owned(),
            resolved.size.to_string(),
            resolved.align.to_string(),
            record.placed().count().to_string(),
            if holes > 0 { holes.to_string() } else { String::new() },
            elsewhere(record, name, &resolved),
            place,
        ]);
        Ok(())
    }

    /// Writes the table.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        COLUMNS.write(self.rows.into_iter(), palette, out)
    }
}

/// The sizes that other ABIs give it, where they are others.
fn elsewhere(record: &RecordDef, name: &str, own: &ResolvedLayout) -> String {
    let mut sizes: Vec<(u64, Vec<&str>)> = Vec::new();
    for abi in Abi::ALL {
        let Ok(layout) = Layout::of(record, name, abi) else { continue };
        match sizes.iter_mut().find(|it| it.0 == layout.size) {
            Some((_, abis)) => abis.push(abi.name()),
            None => sizes.push((layout.size, vec![abi.name()])),
        }
    }
    let others = sizes.iter().filter(|it| it.0 != own.size);
    let others = others.map(|(size, abis)| format!("{size} on {}", abis.join(", ")));
    others.collect::<Vec<_>>().join("; ")
}
