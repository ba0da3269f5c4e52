//! Programs as schemas: an ELF file with DWARF or BTF declares what its compiler laid out.
//!
//! `image.rs` opens the file and its sections, `unit.rs` reads what each unit describes, `types.rs` makes types
//! of C of it, `attributes.rs` finds what a header would say to have each member where it is, and
//! `catalogue.rs` brings the units together. `btf.rs` does the same for the types of kernels. What
//! comes out is the [`Schema`] of a header, and nothing behind it knows the difference.
//!
//! A file may hold anything: no number of it is trusted to index, allocate or count by, types may
//! refer to each other in circles, and nesting is bounded.

mod attributes;
mod basic;
mod btf;
mod btf_table;
mod catalogue;
mod error;
mod image;
mod listing;
mod machine;
mod macro_values;
mod macros;
mod measure;
mod name;
mod names;
mod node;
mod origin;
mod placed;
mod program;
mod section;
mod source_path;
mod split;
mod types;
mod unit;
mod walk;
mod world;

use std::path::Path;

pub use error::ProgramError;

use super::c::Schema;

/// Bytes of a file of bare BTF that are read.
const MAX_BTF: u64 = 256 << 20;

/// Whether a file, by its first bytes, is read here.
pub(super) fn is_program(begin: &[u8]) -> bool {
    begin.starts_with(b"\x7fELF") || btf_table::is_btf(begin)
}

/// What a program declares.
///
/// # Errors
///
/// It cannot be read, has no debug data, or none of them can be understood.
pub(super) fn load(path: &Path, begin: &[u8]) -> Result<Schema, ProgramError> {
    if !btf_table::is_btf(begin) {
        return program::load(path);
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(
        &mut std::io::Read::take(std::fs::File::open(path)?, MAX_BTF),
        &mut bytes,
    )?;
    btf::load_bare(&bytes)
}
