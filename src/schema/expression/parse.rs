//! An expression from its text.
//!
//! Precedence climbing over nom's pieces. The nodes of the tree are bounded, and so is how deep it
//! nests.

use std::str::FromStr;

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_while, take_while1};
use nom::character::complete::{char, satisfy};
use nom::combinator::{map_opt, recognize};
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use super::{BinaryOperator, Expression, MAX_NODES, Operand, UnaryOperator};

/// How deep parentheses and operators may nest.
const MAX_DEPTH: usize = 64;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Something else stands where this is expected.
    #[error("in \"{text}\": expected {expected}, found {}", found(.text, *.offset))]
    Expected {
        /// The expression.
        text: String,
        /// What would go on.
        expected: &'static str,
        /// Where it is not, bytes.
        offset: usize,
    },
    /// It has too many parts, or they nest too deeply.
    #[error("\"{0}\" is too large for an expression")]
    TooLarge(String),
}

fn found(text: &str, offset: usize) -> String {
    match text.get(offset..).map(str::trim).filter(|it| !it.is_empty()) {
        Some(rest) => format!("`{rest}`"),
        None => "its end".to_owned(),
    }
}

/// What ends the reading.
enum Stop {
    Expected(&'static str),
    TooLarge,
}

/// The text that is left, and how much was read.
struct Parsing<'t> {
    rest: &'t str,
    nodes: usize,
    depth: usize,
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let mut parsing = Parsing { rest: text, nodes: 0, depth: 0 };
        let whole = parsing.binary(0).and_then(|expression| match parsing.next().is_empty() {
            true => Ok(expression),
            false => Err(Stop::Expected("an operator")),
        });
        whole.map_err(|stop| match stop {
            Stop::Expected(expected) => {
                let offset = text.len().saturating_sub(parsing.rest.len());
                ExpressionError::Expected { text: text.to_owned(), expected, offset }
            }
            Stop::TooLarge => ExpressionError::TooLarge(text.chars().take(40).collect()),
        })
    }
}

impl Parsing<'_> {
    fn binary(&mut self, least: u8) -> Result<Expression, Stop> {
        let mut left = self.nested(Self::unary)?;
        while let Some((operator, binds)) = self.operator(least) {
            self.count()?;
            let right = self.nested(|it| it.binary(binds.saturating_add(1)))?;
            left = Expression::Binary(operator, Box::new([left, right]));
        }
        Ok(left)
    }

    /// Takes an operator that binds at least so tightly.
    fn operator(&mut self, least: u8) -> Option<(BinaryOperator, u8)> {
        let next = self.next();
        let found = BinaryOperator::ALL.into_iter().find(|it| next.starts_with(it.1));
        let (operator, sign, binds) = found.filter(|it| it.2 >= least)?;
        self.take(tag(sign))?;
        Some((operator, binds))
    }

    fn unary(&mut self) -> Result<Expression, Stop> {
        self.count()?;
        for (operator, sign) in UnaryOperator::ALL {
            if self.take(tag(sign)).is_some() {
                let operand = self.nested(Self::unary)?;
                return Ok(Expression::Unary(operator, Box::new(operand)));
            }
        }
        if self.take(char('(')).is_some() {
            let inside = self.nested(|it| it.binary(0))?;
            self.take(char(')')).ok_or(Stop::Expected("`)`"))?;
            return Ok(inside);
        }
        let operand = self.take(alt((number, size_of, path)));
        operand.ok_or(Stop::Expected("a number, a field or `(`"))
    }

    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Expression, Stop>,
    ) -> Result<Expression, Stop> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(Stop::TooLarge);
        }
        let parsed = parse(self);
        self.depth = self.depth.saturating_sub(1);
        parsed
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES { Err(Stop::TooLarge) } else { Ok(()) }
    }

    /// The text from the next that is no space.
    fn next(&mut self) -> &str {
        self.rest = self.rest.trim_start();
        self.rest
    }
}

impl<'t> Parsing<'t> {
    fn take<T>(&mut self, mut parser: impl Parser<&'t str, Output = T, Error = ()>) -> Option<T> {
        let (rest, value) = parser.parse(self.rest.trim_start()).ok()?;
        self.rest = rest;
        Some(value)
    }
}

fn number(input: &str) -> IResult<&str, Expression, ()> {
    let hex = |digits: &str| i128::from_str_radix(digits, 16).ok();
    let hex =
        preceded(tag_no_case("0x"), map_opt(take_while1(|c: char| c.is_ascii_hexdigit()), hex));
    let decimal = map_opt(take_while1(|c: char| c.is_ascii_digit()), |it: &str| it.parse().ok());
    alt((hex, decimal)).map(Expression::Number).parse(input)
}

fn size_of(input: &str) -> IResult<&str, Expression, ()> {
    let inside = delimited(spaced('('), name, spaced(')'));
    let size_of = preceded(tag("sizeof"), inside);
    let operand = |it: &str| Operand::SizeOf { of: it.to_owned(), size: None };
    size_of.map(operand).map(Expression::Name).parse(input)
}

fn path(input: &str) -> IResult<&str, Expression, ()> {
    let operand = |it: &str| Operand::Path { path: it.to_owned(), constant: None };
    name.map(operand).map(Expression::Name).parse(input)
}

/// Names joined by dots.
fn name(input: &str) -> IResult<&str, &str, ()> {
    let begins = satisfy(|c| c.is_alphabetic() || c == '_');
    let goes_on = take_while(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
    recognize(pair(begins, goes_on)).parse(input)
}

fn spaced<'t>(it: char) -> impl Parser<&'t str, Output = char, Error = ()> {
    let spaces = || take_while(char::is_whitespace);
    delimited(spaces(), char(it), spaces())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<i128> {
        let expression: Expression = text.parse().unwrap_or_else(|it| panic!("{it}"));
        expression.evaluate(&mut |name| match name {
            Operand::Path { path, .. } => [("n", 5), ("h.len", 40), ("flags", 0x12), ("zero", 0)]
                .into_iter()
                .find(|it| it.0 == path)
                .map(|it| it.1),
            Operand::SizeOf { .. } => Some(12),
        })
    }

    #[test]
    fn expressions_have_the_values_that_c_gives_them() {
        for (text, expected) in [
            ("n", Some(5)),
            (" h.len - 8 ", Some(32)),
            ("(n + 1) * 4", Some(24)),
            ("n + 1 * 4", Some(9)),
            ("flags & 0x10", Some(0x10)),
            ("flags >> 4 == 1 && n", Some(1)),
            ("flags & 2 == 2", Some(0)),
            ("10 - 3 - 2", Some(5)),
            ("1 << 4 | 1", Some(17)),
            ("6 ^ 3", Some(5)),
            ("-n + ~0", Some(-6)),
            ("!n || !zero", Some(1)),
            ("7 / 2 * 2 + 7 % 2", Some(7)),
            ("-7 / 2", Some(-3)),
            ("sizeof( rec ) * n", Some(60)),
            ("n <= 5 && n >= 5 && n != 4 && !(n < 5) && !(n > 5)", Some(1)),
            ("zero && n / zero", Some(0)),
            ("n || n / zero", Some(1)),
            ("n / zero", None),
            ("n % zero", None),
            ("1 << 128", None),
            ("1 << 127 >> 127", None),
            ("n << -1", None),
            ("unknown", None),
            ("0x7fffffffffffffffffffffffffffffff + 1", None),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_says_where() {
        for (text, expected) in [
            ("", "in \"\": expected a number, a field or `(`, found its end"),
            ("n +", "in \"n +\": expected a number, a field or `(`, found its end"),
            ("n 4", "in \"n 4\": expected an operator, found `4`"),
            ("(n + 1", "in \"(n + 1\": expected `)`, found its end"),
            ("n = 1", "in \"n = 1\": expected an operator, found `= 1`"),
            ("f(n)", "in \"f(n)\": expected an operator, found `(n)`"),
            ("n ? 1 : 2", "in \"n ? 1 : 2\": expected an operator, found `? 1 : 2`"),
        ] {
            let error = text.parse::<Expression>().unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let long = format!("n{}", " + n".repeat(MAX_NODES));
        for text in ["(".repeat(100_000), "-".repeat(100_000), long] {
            let error = text.parse::<Expression>().unwrap_err();
            assert!(matches!(error, ExpressionError::TooLarge(_)), "{error}");
        }
    }
}
