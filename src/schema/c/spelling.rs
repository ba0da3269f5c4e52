//! Declarations as C spells them. Of names for one type the plainest is taken: an `int8_t` is a
//! `signed char`.

use super::super::byte_order::ByteOrder;
use super::super::ctype::{ArrayLen, CType, FieldDef, FloatKind, IntKind, RecordDef, RecordKind};

impl CType {
    /// A declaration of `declarator` with this type: `unsigned char name[11]`. Of a record, its
    /// keyword and tag.
    pub fn declare(&self, declarator: &str) -> String {
        match self {
            Self::Array(element, len) => {
                let dimension = match len {
                    ArrayLen::Fixed(len) => format!("[{len}]"),
                    ArrayLen::Flexible => "[]".to_owned(),
                };
                element.declare(&format!("{declarator}{dimension}"))
            }
            Self::Pointer => format!("void *{declarator}"),
            Self::Aligned(inner, align) => {
                format!("{} __attribute__((aligned({align})))", inner.declare(declarator))
            }
            _ => joined(&self.base(), declarator),
        }
    }

    /// The record that it is, or whose array it is.
    pub fn record(&self) -> Option<&RecordDef> {
        match self {
            Self::Record(def) => Some(def),
            Self::Array(inner, _) | Self::Aligned(inner, _) => inner.record(),
            _ => None,
        }
    }

    fn base(&self) -> String {
        match self {
            Self::Int { kind, order } => kind.spelling(*order),
            Self::Float(FloatKind::Float) => "float".to_owned(),
            Self::Float(FloatKind::Double) => "double".to_owned(),
            Self::Float(FloatKind::LongDouble) => "long double".to_owned(),
            Self::Float(FloatKind::Half) => "_Float16".to_owned(),
            Self::Float(FloatKind::Quad) => "_Float128".to_owned(),
            Self::Enum(def) => joined("enum", def.tag.as_deref().unwrap_or_default()),
            Self::Record(def) => def.heading(),
            Self::Void | Self::Pointer | Self::Array(..) | Self::Aligned(..) => "void".to_owned(),
        }
    }
}

impl IntKind {
    fn spelling(self, order: Option<ByteOrder>) -> String {
        let name = match self {
            Self::Bool => "_Bool",
            Self::Char => "char",
            Self::SignedChar => "signed char",
            Self::UnsignedChar => "unsigned char",
            Self::Short => "short",
            Self::UnsignedShort => "unsigned short",
            Self::Int => "int",
            Self::UnsignedInt => "unsigned int",
            Self::Long => "long",
            Self::UnsignedLong => "unsigned long",
            Self::LongLong => "long long",
            Self::UnsignedLongLong => "unsigned long long",
            Self::Int128 => "__int128",
            Self::UnsignedInt128 => "unsigned __int128",
            Self::Size => "size_t",
            Self::SignedSize => "ssize_t",
            Self::PtrDiff => "ptrdiff_t",
            Self::UnsignedPtr => "uintptr_t",
            Self::Time => "time_t",
            Self::Off => "off_t",
            Self::WideChar => "wchar_t",
            Self::Fixed { bits, signed } => {
                return match (order, signed) {
                    (Some(ByteOrder::Big), _) => format!("__be{bits}"),
                    (Some(ByteOrder::Little), _) => format!("__le{bits}"),
                    (None, true) => format!("int{bits}_t"),
                    (None, false) => format!("uint{bits}_t"),
                };
            }
        };
        name.to_owned()
    }
}

impl RecordDef {
    /// Keyword and tag, or the typedef that names it.
    pub fn heading(&self) -> String {
        if self.typedef {
            return self.tag.clone().unwrap_or_default();
        }
        let keyword = match self.kind {
            RecordKind::Struct => "struct",
            RecordKind::Union => "union",
        };
        joined(keyword, self.tag.as_deref().unwrap_or_default())
    }

    /// Its attributes, each with a space before it.
    pub fn attributes(&self) -> String {
        attributes(self.packed, self.aligned)
    }
}

impl FieldDef {
    /// Its own attributes, each with a space before it.
    pub fn attributes(&self) -> String {
        attributes(self.packed, self.aligned)
    }
}

fn attributes(packed: bool, aligned: Option<u32>) -> String {
    let packed = if packed { " __attribute__((packed))" } else { "" };
    match aligned {
        Some(align) => format!("{packed} __attribute__((aligned({align})))"),
        None => packed.to_owned(),
    }
}

fn joined(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first} {second}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_read_as_in_c() {
        let int = |kind| CType::Int { kind, order: None };
        let array = |inner, len| CType::Array(Box::new(inner), ArrayLen::Fixed(len));
        let big = IntKind::Fixed { bits: 32, signed: false };
        for (ctype, expected) in [
            (int(IntKind::UnsignedChar), "unsigned char x"),
            (array(array(int(IntKind::Fixed { bits: 16, signed: true }), 3), 2), "int16_t x[2][3]"),
            (array(CType::Pointer, 4), "void *x[4]"),
            (CType::Int { kind: big, order: Some(ByteOrder::Big) }, "__be32 x"),
            (CType::Array(Box::new(int(IntKind::Char)), ArrayLen::Flexible), "char x[]"),
            (
                CType::Aligned(Box::new(int(IntKind::Long)), 16),
                "long x __attribute__((aligned(16)))",
            ),
        ] {
            assert_eq!(ctype.declare("x"), expected);
        }
    }
}
