//! The bytes of a section: decompressed (zlib, zstd; ELF gABI, "Section Compression"), and in
//! object files with their relocations applied.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use object::read::{CompressionFormat, Relocation, RelocationKind, RelocationTarget};
use object::{Object, ObjectKind, ObjectSection, ObjectSymbol, ReadRef, SectionFlags, SectionKind};

use super::error::ProgramError;

/// Bytes of a section that are read at most, uncompressed: twice what a kernel with all its
/// modules' debug data has.
pub(super) const MAX_SECTION: u64 = 2 << 30;

/// What a compressed byte becomes at most: deflate cannot do better than 1,032, and zstd does so with
/// nothing but repetition. Debug data come to 20.
const MAX_RATIO: u64 = 1100;

/// The bytes of a section; empty where there is none of that name. Where several have it, as those
/// that each hold one type, they stand one behind the other, what belongs to the whole file first.
pub(super) fn bytes<'d, R: ReadRef<'d>>(
    file: &object::File<'d, R>,
    name: &str,
) -> Result<Cow<'d, [u8]>, ProgramError> {
    let sections = same_name(file, name);
    if let [section] = sections.as_slice() {
        return one(file, section, name);
    }
    let mut bytes = Vec::new();
    for section in &sections {
        let part = one(file, section, name)?;
        let len = (bytes.len() as u64).saturating_add(part.len() as u64);
        if len > MAX_SECTION {
            return Err(ProgramError::TooLarge { name: name.to_owned(), len });
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Cow::Owned(bytes))
}

/// The sections of a name, those of groups last.
fn same_name<'d, 'f, R: ReadRef<'d>>(
    file: &'f object::File<'d, R>,
    name: &str,
) -> Vec<object::Section<'d, 'f, R>> {
    let named = file.sections().filter(|it| it.name_bytes().is_ok_and(|it| it == name.as_bytes()));
    let mut sections: Vec<_> = named.collect();
    sections.sort_by_key(|it| match it.flags() {
        SectionFlags::Elf { sh_flags, .. } => sh_flags.contains(object::elf::SHF_GROUP),
        _ => false,
    });
    sections
}

fn one<'d, R: ReadRef<'d>>(
    file: &object::File<'d, R>,
    section: &object::Section<'d, '_, R>,
    name: &str,
) -> Result<Cow<'d, [u8]>, ProgramError> {
    let damaged =
        |error: object::read::Error| ProgramError::Elf(format!("section {name}: {error}"));
    // A stripped program keeps the names of what a file beside it has.
    if section.kind() == SectionKind::UninitializedData {
        return Ok(Cow::Borrowed(&[]));
    }
    let range = section.compressed_file_range().map_err(damaged)?;
    let len = range.uncompressed_size;
    if len > MAX_SECTION {
        return Err(ProgramError::TooLarge { name: name.to_owned(), len });
    }
    let data = section.compressed_data().map_err(damaged)?;
    let bytes = match data.format {
        CompressionFormat::None => Cow::Borrowed(data.data),
        format => Cow::Owned(decompress(name, format, data.data, len)?),
    };
    if file.kind() != ObjectKind::Relocatable {
        return Ok(bytes);
    }
    let mut bytes = bytes.into_owned();
    relocate(file, section, &mut bytes);
    Ok(Cow::Owned(bytes))
}

fn decompress(
    name: &str,
    format: CompressionFormat,
    data: &[u8],
    len: u64,
) -> Result<Vec<u8>, ProgramError> {
    let failed = |cause: String| ProgramError::Compressed { name: name.to_owned(), cause };
    let mut bytes = Vec::new();
    // The header may say anything.
    if len / MAX_RATIO > data.len() as u64 {
        return Err(failed(format!("{len} bytes cannot be in {}", data.len())));
    }
    let read = match format {
        CompressionFormat::Zlib => ZlibDecoder::new(data).take(len).read_to_end(&mut bytes),
        CompressionFormat::Zstandard => zstd::stream::read::Decoder::with_buffer(data)
            .and_then(|it| it.take(len).read_to_end(&mut bytes)),
        _ => return Err(failed("its format is not known".to_owned())),
    };
    read.map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 != len {
        return Err(failed(format!("{} bytes came out, not {len}", bytes.len())));
    }
    Ok(bytes)
}

/// Puts in what a linker would. What goes beyond the section, or is of no kind that debug data
/// have, stays as it is: it is an address of code, which nobody here reads.
fn relocate<'d, R: ReadRef<'d>>(
    file: &object::File<'d, R>,
    section: &object::Section<'d, '_, R>,
    bytes: &mut [u8],
) {
    let big = !file.is_little_endian();
    for (offset, relocation) in section.relocations() {
        let Some(value) = value_of(file, &relocation) else { continue };
        let len = usize::from(relocation.size() / 8);
        let place = usize::try_from(offset)
            .ok()
            .and_then(|start| bytes.get_mut(start..start.checked_add(len)?));
        let Some(place) = place.filter(|it| matches!(it.len(), 4 | 8)) else { continue };
        let mut value = value;
        if relocation.has_implicit_addend() {
            value = value.wrapping_add(number(place, big));
        }
        write(place, value, big);
    }
}

/// Symbol and addend; `None` where it is not absolute.
fn value_of<'d, R: ReadRef<'d>>(
    file: &object::File<'d, R>,
    relocation: &Relocation,
) -> Option<u64> {
    if relocation.kind() != RelocationKind::Absolute {
        return None;
    }
    let symbol = match relocation.target() {
        RelocationTarget::Symbol(index) => file.symbol_by_index(index).ok()?.address(),
        RelocationTarget::Section(_) | RelocationTarget::Absolute => 0,
        _ => return None,
    };
    Some(symbol.wrapping_add_signed(relocation.addend()))
}

fn number(bytes: &[u8], big: bool) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
}

fn write(place: &mut [u8], value: u64, big: bool) {
    let len = place.len();
    let bytes = value.to_le_bytes();
    let bytes = bytes.iter().take(len);
    if big {
        place.iter_mut().rev().zip(bytes).for_each(|(at, byte)| *at = *byte);
    } else {
        place.iter_mut().zip(bytes).for_each(|(at, byte)| *at = *byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways_in_both_orders() {
        for (big, len, expected) in [
            (false, 4, &[4, 3, 2, 1][..]),
            (true, 4, &[1, 2, 3, 4]),
            (true, 8, &[0, 0, 0, 0, 1, 2, 3, 4]),
        ] {
            let mut place = vec![0xff; len];
            write(&mut place, 0x0102_0304, big);
            assert_eq!(place, expected);
            assert_eq!(number(&place, big), 0x0102_0304);
        }
    }

    #[test]
    fn a_header_that_promises_too_much_costs_nothing() {
        let error = decompress(".debug_info", CompressionFormat::Zlib, &[0; 8], 1 << 30);
        assert!(matches!(error, Err(ProgramError::Compressed { .. })), "{error:?}");
    }

    #[test]
    fn what_does_not_come_out_whole_is_told() {
        let packed = zstd::encode_all(&b"debug data"[..], 1).unwrap();
        let format = CompressionFormat::Zstandard;
        assert_eq!(decompress(".x", format, &packed, 10).unwrap(), b"debug data");
        let error = decompress(".x", format, &packed, 11).unwrap_err().to_string();
        assert_eq!(error, "section .x does not decompress: 10 bytes came out, not 11");
    }
}
