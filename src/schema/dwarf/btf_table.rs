//! The type section of BTF, as a table: header, type records, strings.

use gimli::{DwAte, constants as dw};

/// Types of one table; a kernel with everything built in has some 200,000.
const MAX_TYPES: usize = 1 << 23;

/// What a table begins with, in its own byte order.
const MAGIC: u16 = 0xeb9f;

/// Every type, the first being number 1.
#[derive(Debug)]
pub(super) struct Table<'b> {
    pub types: Vec<Type<'b>>,
    pub big: bool,
}

/// One type.
#[derive(Debug)]
pub(super) struct Type<'b> {
    /// Empty where it has none.
    pub name: &'b [u8],
    /// Bytes; 0 where its kind has none.
    pub size: u64,
    pub kind: Kind<'b>,
}

/// What a type is; others by their number, 0 being `void`.
#[derive(Debug)]
pub(super) enum Kind<'b> {
    /// Of an integer that is a bit-field by itself: where it begins and how many bits it has.
    Int {
        encoding: DwAte,
        skip: u32,
        bits: Option<u32>,
    },
    Float {
        encoding: DwAte,
    },
    Pointer,
    /// A typedef, qualifier or tag.
    Alias {
        of: usize,
    },
    Array {
        of: usize,
        len: u32,
    },
    Record {
        union: bool,
        members: Vec<Member<'b>>,
    },
    Enum {
        values: Vec<(&'b [u8], i128)>,
    },
    /// Functions, variables, what is only declared.
    Other,
}

/// A member of a struct or union.
#[derive(Debug)]
pub(super) struct Member<'b> {
    /// Empty where it has none.
    pub name: &'b [u8],
    pub of: usize,
    /// From the start of its record.
    pub first_bit: u64,
    /// Of a bit-field, else 0.
    pub width: u32,
}

/// Whether a file begins as BTF does, in either byte order.
pub(super) fn is_btf(begin: &[u8]) -> bool {
    begin.starts_with(&[0x9f, 0xeb, 1]) || begin.starts_with(&[0xeb, 0x9f, 1])
}

impl<'b> Table<'b> {
    /// Reads a section.
    pub fn read(bytes: &'b [u8]) -> Result<Self, &'static str> {
        let big = bytes.starts_with(&MAGIC.to_be_bytes());
        let mut head = Cursor { rest: bytes, big };
        if head.u16() != Some(MAGIC) {
            return Err("it does not begin as BTF");
        }
        let mut fields = || {
            let _version_and_flags = head.u16()?;
            let len = head.u32()? as usize;
            Some((len, [head.u32()?, head.u32()?, head.u32()?, head.u32()?].map(|it| it as usize)))
        };
        let (len, [types, types_len, strings, strings_len]) =
            fields().ok_or("its header is cut")?;
        let body = bytes.get(len..).unwrap_or_default();
        let part = |start: usize, len: usize| body.get(start..start.checked_add(len)?);
        let strings = part(strings, strings_len).ok_or("its strings are cut")?;
        let rest = part(types, types_len).ok_or("its types are cut")?;
        let mut reader = Reader { cursor: Cursor { rest, big }, strings };
        let mut types = Vec::new();
        while !reader.cursor.rest.is_empty() {
            if types.len() == MAX_TYPES {
                return Err("it has more types than any kernel");
            }
            types.push(reader.next().ok_or("a type is cut, or of no known kind")?);
        }
        Ok(Self { types, big })
    }
}

struct Reader<'b> {
    cursor: Cursor<'b>,
    strings: &'b [u8],
}

impl<'b> Reader<'b> {
    /// The next type; `None` where it is no type.
    fn next(&mut self) -> Option<Type<'b>> {
        let name = self.name()?;
        let info = self.cursor.u32()?;
        // Size or type, by the kind.
        let value = self.cursor.u32()?;
        let (count, flag) = (info & 0xffff, info >> 31 == 1);
        let of = value as usize;
        let kind = match info >> 24 & 0x1f {
            1 => self.integer(value)?,
            2 => Kind::Pointer,
            3 => {
                let (of, _index, len) =
                    (self.cursor.u32()?, self.cursor.u32()?, self.cursor.u32()?);
                Kind::Array { of: of as usize, len }
            }
            kind @ (4 | 5) => {
                let members: Option<_> = (0..count).map(|_| self.member(flag)).collect();
                Kind::Record { union: kind == 5, members: members? }
            }
            6 => {
                let value = |it: &mut Self| {
                    let (name, value) = (it.name()?, it.cursor.u32()?);
                    let signed = i128::from(value.cast_signed());
                    Some((name, if flag { signed } else { i128::from(value) }))
                };
                let values: Option<_> = (0..count).map(|_| value(self)).collect();
                Kind::Enum { values: values? }
            }
            19 => {
                let value = |it: &mut Self| {
                    let (name, low, high) = (it.name()?, it.cursor.u32()?, it.cursor.u32()?);
                    let value = u64::from(high) << 32 | u64::from(low);
                    let signed = i128::from(value.cast_signed());
                    Some((name, if flag { signed } else { i128::from(value) }))
                };
                let values: Option<_> = (0..count).map(|_| value(self)).collect();
                Kind::Enum { values: values? }
            }
            8..=11 | 18 => Kind::Alias { of },
            16 => Kind::Float { encoding: dw::DW_ATE_float },
            kind @ (7 | 12 | 13 | 14 | 15 | 17) => {
                let words = match kind {
                    13 => count.saturating_mul(2),
                    14 | 17 => 1,
                    15 => count.saturating_mul(3),
                    _ => 0,
                };
                self.cursor.skip(words)?;
                Kind::Other
            }
            _ => return None,
        };
        let sized = matches!(
            kind,
            Kind::Int { .. } | Kind::Float { .. } | Kind::Record { .. } | Kind::Enum { .. }
        );
        Some(Type { name, size: if sized { u64::from(value) } else { 0 }, kind })
    }

    fn integer(&mut self, size: u32) -> Option<Kind<'b>> {
        let word = self.cursor.u32()?;
        let (flags, skip, bits) = (word >> 24 & 0xf, word >> 16 & 0xff, word & 0xff);
        let encoding = match flags {
            _ if flags & 4 != 0 => dw::DW_ATE_boolean,
            _ if flags & 1 != 0 => dw::DW_ATE_signed,
            _ => dw::DW_ATE_unsigned,
        };
        let is_whole = skip == 0 && bits == size.saturating_mul(8);
        Some(Kind::Int { encoding, skip, bits: (!is_whole).then_some(bits) })
    }

    fn member(&mut self, has_widths: bool) -> Option<Member<'b>> {
        let (name, of, place) = (self.name()?, self.cursor.u32()? as usize, self.cursor.u32()?);
        let (first_bit, width) =
            if has_widths { (place & 0xff_ffff, place >> 24) } else { (place, 0) };
        Some(Member { name, of, first_bit: u64::from(first_bit), width })
    }

    fn name(&mut self) -> Option<&'b [u8]> {
        let offset = self.cursor.u32()? as usize;
        let rest = self.strings.get(offset..).unwrap_or_default();
        rest.get(..memchr::memchr(0, rest).unwrap_or(rest.len()))
    }
}

#[derive(Clone, Copy)]
struct Cursor<'b> {
    rest: &'b [u8],
    big: bool,
}

impl<'b> Cursor<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes = self.take()?;
        Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// Leaves words of four bytes out.
    fn skip(&mut self, words: u32) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(words).ok()?.checked_mul(4)?..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `struct m { int a:3; } ` and its `int`, in either byte order.
    fn table(big: bool) -> Vec<u8> {
        let strings = b"\0int\0m\0a\0";
        let word = |it: u32| if big { it.to_be_bytes() } else { it.to_le_bytes() };
        let types = [
            [1, 1 << 24, 4, 1 << 24 | 32].as_slice(),
            &[5, 1 << 31 | 4 << 24 | 1, 4, 7, 1, 3 << 24 | 8],
        ];
        let types: Vec<u8> = types.concat().into_iter().flat_map(word).collect();
        let len = u32::try_from(types.len()).unwrap();
        let mut bytes = if big { vec![0xeb, 0x9f, 1, 0] } else { vec![0x9f, 0xeb, 1, 0] };
        for it in [24, 0, len, len, u32::try_from(strings.len()).unwrap()] {
            bytes.extend(word(it));
        }
        [bytes, types, strings.to_vec()].concat()
    }

    #[test]
    fn a_table_reads_in_both_orders() {
        for big in [false, true] {
            let bytes = table(big);
            assert!(is_btf(&bytes));
            let table = Table::read(&bytes).unwrap();
            assert_eq!((table.big, table.types.len(), table.types[0].name), (big, 2, &b"int"[..]));
            let Kind::Record { union: false, members } = &table.types[1].kind else { panic!() };
            let one = &members[0];
            assert_eq!((one.name, one.of, one.first_bit, one.width), (&b"a"[..], 1, 8, 3));
        }
    }

    #[test]
    fn no_part_of_a_table_is_one() {
        let bytes = table(false);
        for len in 0..bytes.len() {
            assert!(Table::read(&bytes[..len]).is_err(), "{len}");
        }
        for at in 0..bytes.len() {
            let mut odd = bytes.clone();
            odd[at] ^= 0x55;
            let _ = Table::read(&odd);
        }
    }
}
