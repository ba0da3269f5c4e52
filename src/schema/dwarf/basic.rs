//! Base types: what C calls them, or what of C has their bytes.

use gimli::constants as dw;

use super::super::byte_order::ByteOrder;
use super::super::c::{BasicWords, exact, platform};
use super::super::ctype::{ArrayLen, CType, FloatKind, IntKind};
use super::machine::Machine;
use super::node::Basic;

/// An integer of that many bytes, whatever it is called.
pub(super) fn integer(size: u64, signed: bool) -> Option<CType> {
    let kind = match (size, signed) {
        (1, true) => IntKind::SignedChar,
        (1, false) => IntKind::UnsignedChar,
        (2, signed) => IntKind::Fixed { bits: 16, signed },
        (4, signed) => IntKind::Fixed { bits: 32, signed },
        (8, signed) => IntKind::Fixed { bits: 64, signed },
        (16, true) => IntKind::Int128,
        (16, false) => IntKind::UnsignedInt128,
        _ => return None,
    };
    Some(CType::Int { kind, order: None })
}

/// Bytes of which nothing more is known.
pub(super) fn opaque(size: u64) -> CType {
    let byte = CType::Int { kind: IntKind::UnsignedChar, order: None };
    CType::Array(Box::new(byte), ArrayLen::Fixed(size))
}

impl Basic<'_> {
    /// The type of C; bytes where there is none.
    pub fn ctype(&self, machine: Machine) -> CType {
        let ctype = match self.encoding {
            dw::DW_ATE_boolean if self.size == 1 => Some(int(IntKind::Bool)),
            dw::DW_ATE_boolean
            | dw::DW_ATE_unsigned
            | dw::DW_ATE_unsigned_char
            | dw::DW_ATE_ASCII
            | dw::DW_ATE_UCS
            | dw::DW_ATE_UTF
            | dw::DW_ATE_unsigned_fixed
            | dw::DW_ATE_address => self.integer(false, machine),
            dw::DW_ATE_signed | dw::DW_ATE_signed_char | dw::DW_ATE_signed_fixed => {
                self.integer(true, machine)
            }
            dw::DW_ATE_float | dw::DW_ATE_imaginary_float => float(self.name, self.size, machine),
            dw::DW_ATE_complex_float => float(self.name, self.size / 2, machine)
                .map(|it| CType::Array(Box::new(it), ArrayLen::Fixed(2))),
            _ => None,
        };
        ctype.unwrap_or_else(|| opaque(self.size))
    }

    fn integer(&self, signed: bool, machine: Machine) -> Option<CType> {
        let named = self.named().filter(|kind| {
            let of = machine.abi.integer(*kind);
            // A `char` is text in arrays, whatever a switch of the compiler says of its sign.
            of.is_some_and(|it| {
                it.size == self.size && (it.signed == signed || *kind == IntKind::Char)
            })
        });
        let order = match self.endianity {
            dw::DW_END_big => Some(ByteOrder::Big),
            dw::DW_END_little => Some(ByteOrder::Little),
            _ => None,
        };
        match (named.map(int).or_else(|| integer(self.size, signed))?, order) {
            // `scalar_storage_order`: an order of its own.
            (CType::Int { .. }, Some(_)) if self.size > 1 => {
                let bits = u8::try_from(self.size.checked_mul(8)?).ok().filter(|it| *it <= 64)?;
                Some(CType::Int { kind: IntKind::Fixed { bits, signed }, order })
            }
            (ctype, _) => Some(ctype),
        }
    }

    /// The kind that its name says, in C, C++ and Rust.
    fn named(&self) -> Option<IntKind> {
        let name = std::str::from_utf8(self.name).ok()?;
        match name {
            "usize" => return Some(IntKind::Size),
            "isize" => return Some(IntKind::SignedSize),
            "wchar_t" => return Some(IntKind::WideChar),
            _ => {}
        }
        let mut words = BasicWords::default();
        if !name.split(' ').all(|it| words.add(it)) {
            return None;
        }
        match words.ctype()? {
            CType::Int { kind, .. } => Some(kind),
            _ => None,
        }
    }
}

/// The type that a typedef's name has in C, where it is one of the system's and `of` has its bytes:
/// `uint32_t` is as wide everywhere, `__be16` big-endian, `size_t` what the ABI says.
pub(super) fn by_name(name: &str, of: &CType, machine: Machine) -> Option<CType> {
    let CType::Int { kind: actual, order: None } = of else { return None };
    let named = exact(name).or_else(|| platform(name))?;
    let CType::Int { kind, .. } = named else { return None };
    let (named_as, actual) = (machine.abi.integer(kind)?, machine.abi.integer(*actual)?);
    (named_as == actual).then_some(named)
}

fn int(kind: IntKind) -> CType {
    CType::Int { kind, order: None }
}

fn float(name: &[u8], size: u64, machine: Machine) -> Option<CType> {
    let kind = match (size, name) {
        (4, _) => FloatKind::Float,
        (8, _) => FloatKind::Double,
        // Other formats are as wide.
        (_, b"_Float128" | b"__float128" | b"f128" | b"__ibm128") => return None,
        _ if machine.paired => return None,
        _ => FloatKind::LongDouble,
    };
    let (of, _) = machine.abi.float(kind);
    (of.size == size).then_some(CType::Float(kind))
}

#[cfg(test)]
mod tests {
    use super::super::super::abi::Abi;
    use super::*;

    const HERE: Machine = Machine { abi: Abi::X86_64, paired: false };

    fn basic(name: &str, encoding: gimli::DwAte, size: u64) -> CType {
        let endianity = dw::DW_END_default;
        Basic { name: name.as_bytes(), encoding, size, endianity }.ctype(HERE)
    }

    #[test]
    fn names_of_every_compiler_are_types_of_c() {
        let fixed = |bits, signed| int(IntKind::Fixed { bits, signed });
        for (name, encoding, size, expected) in [
            ("long unsigned int", dw::DW_ATE_unsigned, 8, int(IntKind::UnsignedLong)),
            ("unsigned long", dw::DW_ATE_unsigned, 8, int(IntKind::UnsignedLong)),
            ("long int", dw::DW_ATE_signed, 4, fixed(32, true)),
            ("char", dw::DW_ATE_signed_char, 1, int(IntKind::Char)),
            ("char", dw::DW_ATE_unsigned_char, 1, int(IntKind::Char)),
            ("_Bool", dw::DW_ATE_boolean, 1, int(IntKind::Bool)),
            ("u8", dw::DW_ATE_unsigned, 1, int(IntKind::UnsignedChar)),
            ("i8", dw::DW_ATE_signed, 1, int(IntKind::SignedChar)),
            ("u32", dw::DW_ATE_unsigned, 4, fixed(32, false)),
            ("usize", dw::DW_ATE_unsigned, 8, int(IntKind::Size)),
            ("char", dw::DW_ATE_UTF, 4, fixed(32, false)),
            ("__int128 unsigned", dw::DW_ATE_unsigned, 16, int(IntKind::UnsignedInt128)),
            ("long double", dw::DW_ATE_float, 16, CType::Float(FloatKind::LongDouble)),
            ("_Float128", dw::DW_ATE_float, 16, opaque(16)),
            ("_Float16", dw::DW_ATE_float, 2, opaque(2)),
            ("_Decimal64", dw::DW_ATE_decimal_float, 8, opaque(8)),
        ] {
            assert_eq!(basic(name, encoding, size), expected, "{name}");
        }
    }

    #[test]
    fn a_typedef_of_the_system_keeps_its_meaning_where_it_has_the_bytes() {
        let (unsigned, long) = (int(IntKind::UnsignedInt), int(IntKind::UnsignedLong));
        let fixed = int(IntKind::Fixed { bits: 32, signed: false });
        assert_eq!(by_name("uint32_t", &unsigned, HERE), Some(fixed));
        assert_eq!(by_name("uint32_t", &long, HERE), None);
        assert_eq!(by_name("size_t", &long, HERE), Some(int(IntKind::Size)));
        assert_eq!(by_name("grade_t", &long, HERE), None);
        let short = int(IntKind::UnsignedShort);
        let kind = IntKind::Fixed { bits: 16, signed: false };
        let big = CType::Int { kind, order: Some(ByteOrder::Big) };
        assert_eq!(by_name("__be16", &short, HERE), Some(big));
    }
}
