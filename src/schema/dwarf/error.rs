//! Why a program gives no types.

use std::io;

use super::section::MAX_SECTION;

/// What is wrong with a program that was given in place of a header.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It begins as an ELF file, and goes on as none.
    #[error("it is damaged: {0}")]
    Elf(String),
    /// It was compiled without debug data, or these were stripped.
    #[error("no DWARF nor BTF: compile with -g")]
    NoDebugData,
    /// A section that is larger than anyone's, or says so.
    #[error("section {name} has {len} bytes: at most {MAX_SECTION} are read")]
    TooLarge {
        /// Its name.
        name: String,
        /// As its header says, uncompressed.
        len: u64,
    },
    /// A section that is compressed otherwise than by zlib or zstd, or does not come out whole.
    #[error("section {name} does not decompress: {cause}")]
    Compressed {
        /// Its name.
        name: String,
        /// What the decompressor says.
        cause: String,
    },
    /// The types are in files beside the program, none of which is there.
    #[error(
        "its types are in {name}, which is not there: build it again, or keep it beside the program"
    )]
    Split {
        /// The first of them, as the program names it.
        name: String,
    },
    /// A file beside the program that is not of this build.
    #[error("{name} is of another build of the program: build both again")]
    OtherBuild {
        /// As the program names it.
        name: String,
    },
    /// Nothing of the debug data can be read.
    #[error("its DWARF is damaged: {0}")]
    Dwarf(#[from] gimli::Error),
    /// BTF that does not hold together.
    #[error("its BTF is damaged: {0}")]
    Btf(&'static str),
}
