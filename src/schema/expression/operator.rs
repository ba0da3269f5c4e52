//! The operators of C, over integers that never overflow in silence.

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!`: 1 where it is 0, else 0.
    Not,
    /// `~`: every bit the other way.
    Complement,
    /// `-`
    Minus,
}

/// An operator between its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `*`
    Times,
    /// `/`, towards zero.
    Divide,
    /// `%`
    Remainder,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `&`
    BitAnd,
    /// `^`
    BitXor,
    /// `|`
    BitOr,
    /// `&&`
    And,
    /// `||`
    Or,
}

use BinaryOperator as Binary;

impl BinaryOperator {
    /// Each with its sign and how tightly it binds. A sign that another begins with stands behind it.
    pub(super) const ALL: [(Self, &'static str, u8); 18] = [
        (Binary::Or, "||", 1),
        (Binary::And, "&&", 2),
        (Binary::ShiftLeft, "<<", 8),
        (Binary::ShiftRight, ">>", 8),
        (Binary::LessOrEqual, "<=", 7),
        (Binary::GreaterOrEqual, ">=", 7),
        (Binary::Equal, "==", 6),
        (Binary::Unequal, "!=", 6),
        (Binary::BitOr, "|", 3),
        (Binary::BitXor, "^", 4),
        (Binary::BitAnd, "&", 5),
        (Binary::Less, "<", 7),
        (Binary::Greater, ">", 7),
        (Binary::Plus, "+", 9),
        (Binary::Minus, "-", 9),
        (Binary::Times, "*", 10),
        (Binary::Divide, "/", 10),
        (Binary::Remainder, "%", 10),
    ];

    /// What the left operand decides alone.
    pub(super) fn decided(self, left: i128) -> Option<i128> {
        match (self, left) {
            (Self::And, 0) => Some(0),
            (Self::Or, 1.. | ..=-1) => Some(1),
            _ => None,
        }
    }

    /// `None` where it does not fit, and for a division by zero.
    pub(super) fn apply(self, left: i128, right: i128) -> Option<i128> {
        let bits = || u32::try_from(right).ok().filter(|it| *it < i128::BITS);
        Some(match self {
            Self::Times => left.checked_mul(right)?,
            Self::Divide => left.checked_div(right)?,
            Self::Remainder => left.checked_rem(right)?,
            Self::Plus => left.checked_add(right)?,
            Self::Minus => left.checked_sub(right)?,
            Self::ShiftLeft => {
                let shifted = left.checked_shl(bits()?)?;
                (shifted.checked_shr(bits()?)? == left).then_some(shifted)?
            }
            Self::ShiftRight => left.checked_shr(bits()?)?,
            Self::Less => (left < right).into(),
            Self::LessOrEqual => (left <= right).into(),
            Self::Greater => (left > right).into(),
            Self::GreaterOrEqual => (left >= right).into(),
            Self::Equal => (left == right).into(),
            Self::Unequal => (left != right).into(),
            Self::BitAnd => left & right,
            Self::BitXor => left ^ right,
            Self::BitOr => left | right,
            Self::And => (left != 0 && right != 0).into(),
            Self::Or => (left != 0 || right != 0).into(),
        })
    }
}

impl UnaryOperator {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::Not, "!"), (Self::Complement, "~"), (Self::Minus, "-")];

    /// `None` where it does not fit.
    pub(super) fn apply(self, operand: i128) -> Option<i128> {
        match self {
            Self::Not => Some((operand == 0).into()),
            Self::Complement => Some(!operand),
            Self::Minus => operand.checked_neg(),
        }
    }
}
