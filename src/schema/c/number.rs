//! A number as the preprocessor and constant expressions have it.

/// An integer of a C type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub value: i128,
    /// 32 or 64.
    pub bits: u32,
    pub unsigned: bool,
}

impl Number {
    pub fn int(value: i128) -> Self {
        let bits = if i32::try_from(value).is_ok() { 32 } else { 64 };
        Self { value, bits, unsigned: value > i128::from(i64::MAX) }
    }

    /// Brings the value into its type; `None` where a signed one overflows.
    pub fn in_range(self) -> Option<Self> {
        if self.unsigned {
            return Some(self.wrapped());
        }
        let limit = 1i128 << (self.bits - 1);
        (-limit..limit).contains(&self.value).then_some(self)
    }

    /// The low bits of the value, read as its type.
    pub fn wrapped(self) -> Self {
        let modulus = 1i128 << self.bits;
        let value = self.value.rem_euclid(modulus);
        let negative = !self.unsigned && value >= modulus >> 1;
        Self { value: if negative { value - modulus } else { value }, ..self }
    }
}
