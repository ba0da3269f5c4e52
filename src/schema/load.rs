//! A file that declares messages: a C header, or a program that was compiled with one.

#[cfg(feature = "dwarf")]
use std::{fs::File, io::Read};

use std::path::Path;

use super::c::{LoadOptions, Schema, SchemaError};

/// Reads a header and what it includes, or what a program declares: its first bytes tell which it is.
///
/// # Errors
///
/// It cannot be read; it is a program without debug data. What is wrong in a header is in
/// [`Schema::diagnostics`].
pub fn load(path: &Path, options: &LoadOptions) -> Result<Schema, SchemaError> {
    #[cfg(feature = "dwarf")]
    {
        let begin = first_bytes(path);
        if super::dwarf::is_program(&begin) {
            return super::dwarf::load(path, &begin)
                .map_err(|source| SchemaError::Program { path: path.to_owned(), source });
        }
    }
    Schema::load(path, options)
}

impl Schema {
    /// The units of a program that declare different records of this name: with a unit in front of it
    /// and a colon between, each is a name.
    pub fn units_of(&self, name: &str) -> Vec<&str> {
        let names = self.records().map(|(it, _)| it);
        let unit = |it: &'_ str| -> Option<usize> {
            let unit = it.strip_suffix(name)?.strip_suffix(':')?;
            (!unit.is_empty() && !unit.ends_with(':')).then_some(unit.len())
        };
        names.filter_map(|it| it.get(..unit(it)?)).collect()
    }
}

/// None where it cannot be read: whoever reads it then says why. What is no regular file may give
/// them only once.
#[cfg(feature = "dwarf")]
fn first_bytes(path: &Path) -> Vec<u8> {
    let mut begin = Vec::new();
    if path.metadata().is_ok_and(|it| it.is_file())
        && let Ok(file) = File::open(path)
    {
        let _ = file.take(4).read_to_end(&mut begin);
    }
    begin
}
