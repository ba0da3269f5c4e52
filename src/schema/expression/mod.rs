//! Integer expressions over the fields of a message: how many, how long, whether, which.
//!
//! An expression is a tree of at most [`MAX_NODES`] nodes. It always has an end: it has no loops and
//! no functions. Its integers are of 128 bits, and what does not fit has no value. What it
//! names is a parameter: text as it is written, a part of a layout, a place of a codec.

mod operator;
mod parse;
mod solve;

pub use operator::{BinaryOperator, UnaryOperator};
pub use parse::ExpressionError;

/// Nodes of one expression: what a person writes has some ten.
const MAX_NODES: usize = 256;

/// An integer expression whose names are `N`s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression<N = Operand> {
    /// A number.
    Number(i128),
    /// What it names.
    Name(N),
    /// One operand.
    Unary(UnaryOperator, Box<Self>),
    /// Two operands.
    Binary(BinaryOperator, Box<[Self; 2]>),
}

/// A name as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A field or a constant: `n`, `head.len`.
    Path {
        /// It.
        path: String,
        /// What the header has it stand for.
        constant: Option<i128>,
    },
    /// `sizeof(x)`.
    SizeOf {
        /// A field or a struct.
        of: String,
        /// Bytes, where it is a struct of the header.
        size: Option<i128>,
    },
}

impl<N> Expression<N> {
    /// Its value, where everything in it has one; `value` gives that of a name.
    pub fn evaluate(&self, value: &mut impl FnMut(&N) -> Option<i128>) -> Option<i128> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(name) => value(name),
            Self::Unary(operator, operand) => operator.apply(operand.evaluate(value)?),
            Self::Binary(operator, operands) => {
                let [left, right] = &**operands;
                let left = left.evaluate(value)?;
                match operator.decided(left) {
                    Some(decided) => Some(decided),
                    None => operator.apply(left, right.evaluate(value)?),
                }
            }
        }
    }

    /// The same with other names.
    ///
    /// # Errors
    ///
    /// The first of `name`.
    pub fn try_map<M, E>(
        &self,
        name: &mut impl FnMut(&N) -> Result<Expression<M>, E>,
    ) -> Result<Expression<M>, E> {
        Ok(match self {
            Self::Number(number) => Expression::Number(*number),
            Self::Name(it) => name(it)?,
            Self::Unary(operator, operand) => {
                Expression::Unary(*operator, Box::new(operand.try_map(name)?))
            }
            Self::Binary(operator, operands) => {
                let [left, right] = &**operands;
                let operands = [left.try_map(name)?, right.try_map(name)?];
                Expression::Binary(*operator, Box::new(operands))
            }
        })
    }

    /// Its names, from left to right.
    pub fn names(&self) -> Vec<&N> {
        let mut names = Vec::new();
        self.each_name(&mut |it| names.push(it));
        names
    }

    /// Lends each of its names, from left to right.
    pub fn each_name<'e>(&'e self, take: &mut impl FnMut(&'e N)) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => take(name),
            Self::Unary(_, operand) => operand.each_name(take),
            Self::Binary(_, operands) => operands.iter().for_each(|it| it.each_name(take)),
        }
    }
}
