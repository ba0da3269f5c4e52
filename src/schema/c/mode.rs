//! `mode` and `vector_size`: attributes that make another type of a number.

use super::super::abi::Abi;
use super::super::ctype::{ArrayLen, CType, FloatKind, IntKind};
use super::attribute::Attributes;
use super::builtin;

impl Attributes {
    /// The type that `mode` and `vector_size` make of a number.
    pub fn apply(&self, ctype: CType, abi: Abi) -> CType {
        let ctype = match &self.mode {
            Some(mode) => in_mode(mode, ctype, abi),
            None => ctype,
        };
        // A size is that of a layout: it is not asked for in vain.
        let Some(len) = self.vector.filter(|_| is_number(&ctype)) else { return ctype };
        match builtin::size_of(&ctype, abi) {
            Some(size) if size > 0 => {
                let count = ArrayLen::Fixed(u64::from(len) / size);
                CType::Aligned(Box::new(CType::Array(Box::new(ctype), count)), len)
            }
            _ => ctype,
        }
    }
}

fn is_number(ctype: &CType) -> bool {
    matches!(ctype, CType::Int { .. } | CType::Float(_))
}

/// A number of another width (GCC internals, "Machine Modes").
fn in_mode(mode: &str, ctype: CType, abi: Abi) -> CType {
    let mode = mode.trim_matches('_');
    if let CType::Float(_) = ctype {
        return CType::Float(match mode {
            "HF" => FloatKind::Half,
            "SF" => FloatKind::Float,
            "DF" => FloatKind::Double,
            "XF" => FloatKind::LongDouble,
            "TF" => FloatKind::Quad,
            _ => return ctype,
        });
    }
    let signed = match &ctype {
        CType::Int { kind, .. } => builtin::is_signed(*kind, abi),
        CType::Enum(_) => false,
        _ => return ctype,
    };
    let kind = match mode {
        "QI" | "byte" => return builtin::fixed(8, signed),
        "HI" => return builtin::fixed(16, signed),
        "SI" => return builtin::fixed(32, signed),
        "DI" => return builtin::fixed(64, signed),
        "TI" if signed => IntKind::Int128,
        "TI" => IntKind::UnsignedInt128,
        _ if signed => IntKind::PtrDiff,
        _ => IntKind::UnsignedPtr,
    };
    CType::Int { kind, order: None }
}
