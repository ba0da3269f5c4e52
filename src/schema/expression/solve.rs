//! The value of one name with which an expression has the value that is wanted: what encoding fills in.

use super::{BinaryOperator as Binary, Expression, UnaryOperator as Unary};

impl<N: PartialEq> Expression<N> {
    /// The value of `unknown`, which is `now`, that gives the expression the value `wanted`. Of a name that
    /// has only some bits in it the others stay. `value` gives the other names. `None` where none does, or
    /// where it is found in more than one place.
    pub fn solve(
        &self,
        unknown: &N,
        now: i128,
        wanted: i128,
        value: &mut impl FnMut(&N) -> Option<i128>,
    ) -> Option<i128> {
        let solution = self.invert(unknown, now, wanted, value)?;
        let mut with = |name: &N| if name == unknown { Some(solution) } else { value(name) };
        (self.evaluate(&mut with)? == wanted).then_some(solution)
    }

    /// The bits of a name that its value goes by: those that it is masked with, else all.
    pub fn bits_of(&self, name: &N) -> i128 {
        match self {
            Self::Number(_) | Self::Name(_) => -1,
            Self::Unary(_, operand) => operand.bits_of(name),
            Self::Binary(operator, operands) => match (operator, &**operands) {
                (Binary::BitAnd, [inner, Self::Number(mask)])
                | (Binary::BitAnd, [Self::Number(mask), inner]) => match inner {
                    Self::Name(it) if it == name => *mask,
                    Self::Binary(Binary::ShiftRight, shifted) => match &**shifted {
                        [Self::Name(it), Self::Number(by)] if it == name => {
                            Binary::ShiftLeft.apply(*mask, *by).unwrap_or(-1)
                        }
                        _ => -1,
                    },
                    _ => inner.bits_of(name),
                },
                (Binary::ShiftRight, [Self::Name(it), Self::Number(by)]) if it == name => {
                    Binary::ShiftLeft.apply(-1, *by).unwrap_or(-1)
                }
                (_, operands) => {
                    let having = operands.iter().filter(|it| it.has(name));
                    having.map(|it| it.bits_of(name)).fold(0, |all, it| all | it)
                }
            },
        }
    }

    fn invert(
        &self,
        unknown: &N,
        now: i128,
        wanted: i128,
        value: &mut impl FnMut(&N) -> Option<i128>,
    ) -> Option<i128> {
        match self {
            Self::Number(_) => None,
            Self::Name(name) => (name == unknown).then_some(wanted),
            Self::Unary(operator, operand) => {
                let wanted = match operator {
                    Unary::Minus => wanted.checked_neg()?,
                    Unary::Complement => !wanted,
                    Unary::Not => (wanted == 0).into(),
                };
                operand.invert(unknown, now, wanted, value)
            }
            Self::Binary(operator, operands) => {
                let [left, right] = &**operands;
                let is_left = left.has(unknown);
                if is_left && right.has(unknown) {
                    return None;
                }
                let (inner, other) = if is_left { (left, right) } else { (right, left) };
                let known = other.evaluate(value)?;
                let mut old = |name: &N| if name == unknown { Some(now) } else { value(name) };
                let before = inner.evaluate(&mut old).unwrap_or(0);
                let wanted = match is_left {
                    true => undo_left(*operator, known, wanted, before)?,
                    false => undo_right(*operator, known, wanted, before)?,
                };
                inner.invert(unknown, now, wanted, value)
            }
        }
    }

    fn has(&self, name: &N) -> bool {
        self.names().contains(&name)
    }
}

/// What stands left of `operator`, `right` being behind it: it was `before`, and what of it the operator does
/// not look at stays.
fn undo_left(operator: Binary, right: i128, wanted: i128, before: i128) -> Option<i128> {
    match operator {
        Binary::Plus => wanted.checked_sub(right),
        Binary::Minus => wanted.checked_add(right),
        Binary::Times => wanted.checked_div(right),
        Binary::Divide => wanted.checked_mul(right),
        Binary::BitAnd => Some((before & !right) | (wanted & right)),
        Binary::BitOr => Some(wanted & !right),
        Binary::BitXor => Some(wanted ^ right),
        Binary::ShiftLeft => Binary::ShiftRight.apply(wanted, right),
        Binary::ShiftRight => {
            let low = Binary::ShiftLeft.apply(1, right)?.checked_sub(1)?;
            Some(Binary::ShiftLeft.apply(wanted, right)? | (before & low))
        }
        _ => truth(operator, right, wanted, before),
    }
}

fn undo_right(operator: Binary, left: i128, wanted: i128, before: i128) -> Option<i128> {
    match operator {
        Binary::Plus | Binary::Times | Binary::BitAnd | Binary::BitOr | Binary::BitXor => {
            undo_left(operator, left, wanted, before)
        }
        Binary::Minus => left.checked_sub(wanted),
        Binary::Less => truth(Binary::Greater, left, wanted, before),
        Binary::LessOrEqual => truth(Binary::GreaterOrEqual, left, wanted, before),
        Binary::Greater => truth(Binary::Less, left, wanted, before),
        Binary::GreaterOrEqual => truth(Binary::LessOrEqual, left, wanted, before),
        _ => truth(operator, left, wanted, before),
    }
}

/// What makes a comparison true or false, the nearest: `before` where that does.
fn truth(operator: Binary, other: i128, wanted: i128, before: i128) -> Option<i128> {
    let is_so = |it: &i128| operator.apply(*it, other) == Some(wanted);
    let beside = [other, other.checked_add(1)?, other.checked_sub(1)?, 0, 1];
    std::iter::once(before).chain(beside).find(is_so)
}

#[cfg(test)]
mod tests {
    use super::super::Operand;
    use super::*;

    fn solve(text: &str, now: i128, wanted: i128) -> Option<i128> {
        let expression: Expression = text.parse().unwrap();
        let unknown = Operand::Path { path: "n".to_owned(), constant: None };
        expression.solve(&unknown, now, wanted, &mut |name| match name {
            Operand::Path { path, .. } if path == "m" => Some(3),
            _ => None,
        })
    }

    #[test]
    fn bits_are_those_that_a_mask_leaves() {
        let name = Operand::Path { path: "n".to_owned(), constant: None };
        for (text, bits) in [
            ("n", -1),
            ("n & 0x0f", 0x0f),
            ("0x0f & n", 0x0f),
            ("n >> 4", -16),
            ("n >> 4 & 3", 0x30),
            ("(n & 3) + (n & 8)", 11),
            ("(n & 3) != 0", 3),
        ] {
            assert_eq!(text.parse::<Expression>().unwrap().bits_of(&name), bits, "{text}");
        }
    }

    #[test]
    fn a_solution_gives_what_is_wanted() {
        for (text, now, wanted, expected) in [
            ("n", 0, 7, Some(7)),
            ("n + 4", 0, 12, Some(8)),
            ("4 + n", 0, 12, Some(8)),
            ("20 - n", 0, 12, Some(8)),
            ("(n + 1) * 4", 0, 24, Some(5)),
            ("(n + 1) * 4", 0, 25, None),
            ("n / 4", 0, 3, Some(12)),
            ("n * m", 0, 12, Some(4)),
            ("n & 0x0f", 0xa3, 5, Some(0xa5)),
            ("n & 0x0f", 0xa3, 0x15, None),
            ("n >> 4", 0x5a, 3, Some(0x3a)),
            ("n << 2", 0, 12, Some(3)),
            ("(n >> 4 & 3) * 4", 0xffff, 8, Some(0xffef)),
            ("n | 0x80", 0, 0x85, Some(5)),
            ("n ^ 3", 0, 5, Some(6)),
            ("~n", 0, 0, Some(-1)),
            ("-n", 0, 4, Some(-4)),
            ("!n", 4, 1, Some(0)),
            ("!n", 0, 0, Some(1)),
            ("n == 5", 0, 1, Some(5)),
            ("n != 5", 5, 1, Some(6)),
            ("n > 5", 0, 1, Some(6)),
            ("5 < n", 0, 1, Some(6)),
            ("n > 5", 9, 1, Some(9)),
            ("n && m", 0, 1, Some(3)),
            ("n + n", 0, 4, None),
            ("m", 0, 3, None),
            ("n + unknown", 0, 3, None),
        ] {
            assert_eq!(solve(text, now, wanted), expected, "{text}");
        }
    }
}
