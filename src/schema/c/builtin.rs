//! Types and names that need no header: the basic types, and what `<stdint.h>`, `<sys/types.h>`
//! and `<linux/types.h>` declare.

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;
use super::super::ctype::{ArrayLen, CType, FieldDef, FloatKind, IntKind, RecordDef, RecordKind};
use super::super::layout::Layout;
use super::super::source::Span;

/// How often each word of a basic type stands in a declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::schema) struct BasicWords {
    pub void: u8,
    pub bool: u8,
    pub char: u8,
    pub short: u8,
    pub int: u8,
    pub long: u8,
    pub int128: u8,
    pub float: u8,
    pub double: u8,
    pub complex: u8,
    pub signed: u8,
    pub unsigned: u8,
}

impl BasicWords {
    /// Counts a keyword; `false` where it is none of a basic type.
    pub fn add(&mut self, word: &str) -> bool {
        let count = match word {
            "void" => &mut self.void,
            "_Bool" | "bool" => &mut self.bool,
            "char" => &mut self.char,
            "short" => &mut self.short,
            "int" => &mut self.int,
            "long" => &mut self.long,
            "__int128" => &mut self.int128,
            "float" => &mut self.float,
            "double" => &mut self.double,
            "_Complex" | "__complex__" | "__complex" => &mut self.complex,
            "signed" | "__signed__" | "__signed" => &mut self.signed,
            "unsigned" => &mut self.unsigned,
            _ => return false,
        };
        *count = count.saturating_add(1);
        true
    }

    /// The type that the words make; `None` for `short double` and the like.
    pub fn ctype(self) -> Option<CType> {
        if self.complex == 0 {
            return self.real();
        }
        // A complex number lies as two real ones do (C17 section 6.2.5 paragraph 13).
        let double = Self { double: 1, ..Self::default() };
        let part = Self { complex: 0, ..self };
        let part = if part == Self::default() { double } else { part };
        Some(CType::Array(Box::new(part.real()?), ArrayLen::Fixed(2)))
    }

    fn real(self) -> Option<CType> {
        if self.signed + self.unsigned > 1 || self.int > 1 {
            return None;
        }
        let unsigned = self.unsigned == 1;
        let signless = self.signed + self.unsigned + self.int == 0;
        let others = [self.void, self.bool, self.char, self.short, self.long, self.int128];
        let ctype = match (others, self.float, self.double) {
            ([0, 0, 0, 0, 0, 0], 1, 0) if signless => CType::Float(FloatKind::Float),
            ([0, 0, 0, 0, 0, 0], 0, 1) if signless => CType::Float(FloatKind::Double),
            ([0, 0, 0, 0, 1, 0], 0, 1) if signless => CType::Float(FloatKind::LongDouble),
            ([1, 0, 0, 0, 0, 0], 0, 0) if signless => CType::Void,
            ([0, 1, 0, 0, 0, 0], 0, 0) if signless => int(IntKind::Bool),
            ([0, 0, 1, 0, 0, 0], 0, 0) if self.int == 0 => int(match (unsigned, self.signed) {
                (true, _) => IntKind::UnsignedChar,
                (false, 0) => IntKind::Char,
                (false, _) => IntKind::SignedChar,
            }),
            ([0, 0, 0, 1, 0, 0], 0, 0) => either(unsigned, IntKind::UnsignedShort, IntKind::Short),
            ([0, 0, 0, 0, 0, 0], 0, 0) => either(unsigned, IntKind::UnsignedInt, IntKind::Int),
            ([0, 0, 0, 0, 1, 0], 0, 0) => either(unsigned, IntKind::UnsignedLong, IntKind::Long),
            ([0, 0, 0, 0, 2, 0], 0, 0) => {
                either(unsigned, IntKind::UnsignedLongLong, IntKind::LongLong)
            }
            ([0, 0, 0, 0, 0, 1], 0, 0) if self.int == 0 => {
                either(unsigned, IntKind::UnsignedInt128, IntKind::Int128)
            }
            _ => return None,
        };
        Some(ctype)
    }
}

/// A basic type by its words.
pub(super) fn named_basic(words: &str) -> Option<CType> {
    let mut basic = BasicWords::default();
    words.split(' ').all(|it| basic.add(it)).then(|| basic.ctype())?
}

fn either(unsigned: bool, yes: IntKind, no: IntKind) -> CType {
    int(if unsigned { yes } else { no })
}

fn int(kind: IntKind) -> CType {
    CType::Int { kind, order: None }
}

pub(super) fn fixed(bits: u8, signed: bool) -> CType {
    int(match (bits, signed) {
        (8, true) => IntKind::SignedChar,
        (8, false) => IntKind::UnsignedChar,
        _ => IntKind::Fixed { bits, signed },
    })
}

/// A type of `<stdint.h>` and its kin, whose name says how many bits it has.
pub(in crate::schema) fn exact(name: &str) -> Option<CType> {
    if let Some(name) = name.strip_prefix("__be") {
        return ordered(name, ByteOrder::Big);
    }
    if let Some(name) = name.strip_prefix("__le") {
        return ordered(name, ByteOrder::Little);
    }
    let name = name.strip_suffix("_t")?;
    if let Some(bits) = name.strip_prefix("u_int") {
        return Some(fixed(width(bits)?, false));
    }
    let name = name.strip_prefix("__").unwrap_or(name);
    let (name, signed) = name.strip_prefix('u').map_or((name, true), |name| (name, false));
    let bits = name.strip_prefix("int")?;
    Some(fixed(width(bits.strip_prefix("_least").unwrap_or(bits))?, signed))
}

fn ordered(bits: &str, order: ByteOrder) -> Option<CType> {
    let bits = width(bits).filter(|&bits| bits > 8)?;
    Some(CType::Int { kind: IntKind::Fixed { bits, signed: false }, order: Some(order) })
}

fn width(digits: &str) -> Option<u8> {
    match digits {
        "8" => Some(8),
        "16" => Some(16),
        "32" => Some(32),
        "64" => Some(64),
        _ => None,
    }
}

/// A type whose size each ABI decides.
pub(in crate::schema) fn platform(name: &str) -> Option<CType> {
    let kind = match name {
        "size_t" => IntKind::Size,
        "ssize_t" => IntKind::SignedSize,
        "ptrdiff_t" | "intptr_t" => IntKind::PtrDiff,
        "uintptr_t" => IntKind::UnsignedPtr,
        "time_t" => IntKind::Time,
        "off_t" => IntKind::Off,
        "wchar_t" => IntKind::WideChar,
        _ => return None,
    };
    Some(int(kind))
}

/// A type that needs no declaration, by its name.
pub(super) fn named(name: &str) -> Option<CType> {
    exact(name).or_else(|| platform(name)).or_else(|| customary(name))
}

/// A customary name, which a header of the user's may declare otherwise.
fn customary(name: &str) -> Option<CType> {
    let ctype = match name {
        "u_char" | "uchar" | "unchar" | "UCHAR" | "BYTE" | "u8" | "__u8" | "uint8" | "UINT8"
        | "char8_t" | "uint_fast8_t" | "cc_t" => int(IntKind::UnsignedChar),
        "s8" | "__s8" | "int8" | "INT8" | "int_fast8_t" => int(IntKind::SignedChar),
        "CHAR" => int(IntKind::Char),
        "u_short" | "ushort" | "USHORT" | "sa_family_t" => int(IntKind::UnsignedShort),
        "u16" | "__u16" | "uint16" | "UINT16" | "WORD" | "in_port_t" | "char16_t" | "__sum16" => {
            fixed(16, false)
        }
        "s16" | "__s16" | "int16" | "INT16" | "SHORT" => fixed(16, true),
        "u_int" | "uint" | "UINT" | "uid_t" | "gid_t" | "mode_t" | "socklen_t" | "useconds_t"
        | "wint_t" | "id_t" => int(IntKind::UnsignedInt),
        "INT" | "BOOL" | "pid_t" | "key_t" | "clockid_t" | "sig_atomic_t" => int(IntKind::Int),
        "u32" | "__u32" | "uint32" | "UINT32" | "DWORD" | "ULONG" | "in_addr_t" | "char32_t"
        | "__wsum" => fixed(32, false),
        "s32" | "__s32" | "int32" | "INT32" | "LONG" => fixed(32, true),
        "u_long" | "ulong" | "ino_t" | "nlink_t" | "fsblkcnt_t" | "fsfilcnt_t" | "rlim_t" => {
            int(IntKind::UnsignedLong)
        }
        "clock_t" | "suseconds_t" | "blksize_t" | "blkcnt_t" | "register_t" => int(IntKind::Long),
        "int_fast16_t" | "int_fast32_t" => int(IntKind::PtrDiff),
        "uint_fast16_t" | "uint_fast32_t" => int(IntKind::UnsignedPtr),
        "u64" | "__u64" | "uint64" | "UINT64" | "QWORD" | "ULONGLONG" | "DWORD64" | "u_quad_t"
        | "uintmax_t" | "dev_t" | "ino64_t" | "uint_fast64_t" => fixed(64, false),
        "s64" | "__s64" | "int64" | "INT64" | "LONGLONG" | "quad_t" | "intmax_t" | "off64_t"
        | "loff_t" | "int_fast64_t" => fixed(64, true),
        "be16" => ordered("16", ByteOrder::Big)?,
        "be32" => ordered("32", ByteOrder::Big)?,
        "be64" => ordered("64", ByteOrder::Big)?,
        "le16" => ordered("16", ByteOrder::Little)?,
        "le32" => ordered("32", ByteOrder::Little)?,
        "le64" => ordered("64", ByteOrder::Little)?,
        "__int128_t" => int(IntKind::Int128),
        "__uint128_t" => int(IntKind::UnsignedInt128),
        "BOOLEAN" => int(IntKind::UnsignedChar),
        "_Float16" | "__fp16" | "_Float16x" => CType::Float(FloatKind::Half),
        "_Float32" => CType::Float(FloatKind::Float),
        "_Float64" | "_Float32x" => CType::Float(FloatKind::Double),
        "_Float64x" | "__float80" => CType::Float(FloatKind::LongDouble),
        "_Float128" | "__float128" => CType::Float(FloatKind::Quad),
        "float_t" => CType::Float(FloatKind::Float),
        "double_t" => CType::Float(FloatKind::Double),
        _ => return None,
    };
    Some(ctype)
}

/// `sizeof`, bytes; `None` for what has no size.
pub(super) fn size_of(ctype: &CType, abi: Abi) -> Option<u64> {
    match ctype {
        CType::Aligned(inner, _) => size_of(inner, abi),
        CType::Array(_, ArrayLen::Flexible) => None,
        _ => alone(ctype, abi).map(|it| it.size),
    }
}

/// `_Alignof`, bytes.
pub(super) fn align_of(ctype: &CType, abi: Abi) -> Option<u64> {
    alone(ctype, abi).map(|it| it.align)
}

/// The layout of a struct that has this one member.
fn alone(ctype: &CType, abi: Abi) -> Option<Layout> {
    let member = FieldDef::new(Some(String::new()), ctype.clone());
    let record = RecordDef {
        kind: RecordKind::Struct,
        tag: None,
        typedef: false,
        fields: vec![member],
        packed: false,
        pragma_pack: None,
        aligned: None,
        description: None,
        span: Span::default(),
    };
    Layout::of(&record, "", abi).ok()
}

/// Whether an integer type is signed.
pub(super) fn is_signed(kind: IntKind, abi: Abi) -> bool {
    abi.integer(kind).is_some_and(|it| it.signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::named_basic as basic;

    #[test]
    fn words_in_any_order_make_a_type() {
        for (words, kind) in [
            ("char", IntKind::Char),
            ("signed char", IntKind::SignedChar),
            ("char unsigned", IntKind::UnsignedChar),
            ("short int", IntKind::Short),
            ("int short unsigned", IntKind::UnsignedShort),
            ("unsigned", IntKind::UnsignedInt),
            ("signed", IntKind::Int),
            ("long int", IntKind::Long),
            ("long unsigned int", IntKind::UnsignedLong),
            ("long long int", IntKind::LongLong),
            ("long int unsigned long", IntKind::UnsignedLongLong),
            ("unsigned __int128", IntKind::UnsignedInt128),
            ("_Bool", IntKind::Bool),
        ] {
            assert_eq!(basic(words), Some(int(kind)), "{words}");
        }
        assert_eq!(basic("long double"), Some(CType::Float(FloatKind::LongDouble)));
        for words in
            ["long long long", "short char", "unsigned float", "signed unsigned", "int int"]
        {
            assert_eq!(basic(words), None, "{words}");
        }
    }

    #[test]
    fn names_of_fixed_width() {
        for (name, expected) in [
            ("uint8_t", int(IntKind::UnsignedChar)),
            ("int8_t", int(IntKind::SignedChar)),
            ("u_int8_t", int(IntKind::UnsignedChar)),
            ("__uint32_t", fixed(32, false)),
            ("int64_t", fixed(64, true)),
            ("uint_least16_t", fixed(16, false)),
            ("u_int64_t", fixed(64, false)),
            ("__u16", fixed(16, false)),
            ("DWORD", fixed(32, false)),
        ] {
            assert_eq!(named(name), Some(expected), "{name}");
        }
        let kind = IntKind::Fixed { bits: 16, signed: false };
        assert_eq!(named("__be16"), Some(CType::Int { kind, order: Some(ByteOrder::Big) }));
        assert_eq!(named("__le16"), Some(CType::Int { kind, order: Some(ByteOrder::Little) }));
        for name in ["uint7_t", "int_t", "__be8", "msg_t"] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
