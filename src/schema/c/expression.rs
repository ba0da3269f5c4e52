//! Integer constant expressions (C17 section 6.6), for array lengths, bit-field widths, enumerators
//! and `#if`.
//!
//! Values carry their C type's width and sign, so that `~0U` is what a compiler makes of it.
//! Signed overflow and division by zero are errors, never a panic.

use super::super::abi::Abi;
use super::super::ctype::CType;
use super::super::source::Parsed;
use super::super::source::{Diagnostic, Span};
use super::lexer::expected;
use super::lexer::{Token, TokenKind};
use super::literal;
use super::number::Number;

/// What names stand for where an expression stands.
pub(super) trait Names {
    /// The value of an identifier.
    fn constant(&self, name: &str) -> Option<i128>;
    /// The type that these tokens name, as in a cast.
    fn type_name(&mut self, tokens: &[Token]) -> Option<CType>;
    /// The type of an expression that is not evaluated.
    fn type_of(&mut self, tokens: &[Token]) -> Option<CType>;
    /// The offset that `offsetof(…)` of this is, bytes.
    fn offset_of(&mut self, tokens: &[Token]) -> Option<u64>;
    /// The offset that `&…` of this is, bytes.
    fn address_of(&mut self, tokens: &[Token]) -> Option<u64>;
    /// Whose sizes `sizeof` gives.
    fn abi(&self) -> Abi;
    /// What to say where `name` is not known.
    fn unknown(&self, name: &str, span: Span) -> Box<Diagnostic>;
}

/// How deep parentheses and unary operators may nest.
const MAX_DEPTH: u32 = 100;

/// Evaluates the expression at the head of `tokens`: its value, and how many tokens it has.
///
/// # Errors
///
/// What is no integer constant expression, with its place; `end` is where the tokens end.
pub(super) fn evaluate(
    tokens: &[Token],
    end: Span,
    names: &mut impl Names,
) -> Parsed<(Number, usize)> {
    let mut evaluator = Evaluator { tokens, position: 0, end, names, depth: 0, skipped: 0 };
    let value = evaluator.conditional()?;
    Ok((value, evaluator.position))
}

pub(super) struct Evaluator<'a, N> {
    pub tokens: &'a [Token],
    pub position: usize,
    pub end: Span,
    pub names: &'a mut N,
    depth: u32,
    /// Above zero within an operand that C does not evaluate: the right of a decided `&&`.
    skipped: u32,
}

impl<'a, N: Names> Evaluator<'a, N> {
    fn conditional(&mut self) -> Parsed<Number> {
        self.deeper()?;
        let condition = self.binary(0)?;
        let mut value = condition;
        if self.take("?") {
            let yes = self.branch(condition.value != 0)?;
            if !self.take(":") {
                return Err(self.expected("`:`"));
            }
            let no = self.branch(condition.value == 0)?;
            value = common(if condition.value != 0 { yes } else { no }, yes, no);
        }
        self.depth -= 1;
        Ok(value)
    }

    fn branch(&mut self, evaluated: bool) -> Parsed<Number> {
        self.skipped += u32::from(!evaluated);
        let value = self.conditional()?;
        self.skipped -= u32::from(!evaluated);
        Ok(value)
    }

    /// Precedence climbing.
    fn binary(&mut self, least: u8) -> Parsed<Number> {
        let mut left = self.unary()?;
        while let Some((operator, precedence)) = self.operator().filter(|it| it.1 >= least) {
            let span = self.span();
            self.position += 1;
            let decided = match operator {
                "&&" => left.value == 0,
                "||" => left.value != 0,
                _ => false,
            };
            self.skipped += u32::from(decided);
            let right = self.binary(precedence + 1)?;
            self.skipped -= u32::from(decided);
            left = match apply(operator, left, right) {
                Ok(value) => value,
                Err(_) if self.skipped > 0 => left,
                Err(text) => return Err(Diagnostic::syntax(span, text)),
            };
        }
        Ok(left)
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        let TokenKind::Punct(punct) = self.peek()?.kind else { return None };
        let precedence = match punct {
            "||" => 1,
            "&&" => 2,
            "|" => 3,
            "^" => 4,
            "&" => 5,
            "==" | "!=" => 6,
            "<" | ">" | "<=" | ">=" => 7,
            "<<" | ">>" => 8,
            "+" | "-" => 9,
            "*" | "/" | "%" => 10,
            _ => return None,
        };
        Some((punct, precedence))
    }

    pub fn unary(&mut self) -> Parsed<Number> {
        self.deeper()?;
        let value = self.unary_unchecked()?;
        self.depth -= 1;
        Ok(value)
    }

    fn unary_unchecked(&mut self) -> Parsed<Number> {
        let span = self.span();
        let Some(token) = self.peek() else { return Err(self.expected("a value")) };
        match token.kind.clone() {
            TokenKind::Punct(sign @ ("+" | "-" | "~" | "!")) => {
                self.position += 1;
                let operand = self.unary()?;
                prefix(sign, operand).ok_or_else(|| Diagnostic::syntax(span, "the value overflows"))
            }
            TokenKind::Punct("&") => self.address(),
            TokenKind::Punct("(") => self.parenthesis(),
            TokenKind::Number(text) => {
                self.position += 1;
                literal::integer(&text).ok_or_else(|| {
                    Diagnostic::syntax(span, format!("`{text}` is no integer constant"))
                })
            }
            TokenKind::Character(value) => {
                self.position += 1;
                Ok(Number::int(value.into()))
            }
            TokenKind::Word(word) => self.word(&word, span),
            _ => Err(self.expected("a value")),
        }
    }

    /// A cast, or an expression in parentheses.
    fn parenthesis(&mut self) -> Parsed<Number> {
        let span = self.span();
        let (inside, len) = self.balanced()?;
        if let Some(ctype) = self.names.type_name(inside) {
            self.position += len;
            let operand = self.unary()?;
            return self.cast(&ctype, operand, span);
        }
        self.position += 1;
        let value = self.conditional()?;
        if !self.take(")") {
            return Err(self.expected("`)`"));
        }
        Ok(value)
    }

    /// What stands within the parentheses that open here, and how many tokens they span.
    pub fn balanced(&self) -> Parsed<(&'a [Token], usize)> {
        let tokens = self.tokens.get(self.position..).unwrap_or_default();
        let len = balanced_len(tokens).ok_or_else(|| expected("`)`", None, self.end))?;
        Ok((tokens.get(1..len - 1).unwrap_or_default(), len))
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Diagnostic::syntax(self.span(), "the expression nests too deeply"));
        }
        Ok(())
    }

    pub fn take(&mut self, punct: &str) -> bool {
        let found = self.peek().is_some_and(|it| it.is(punct));
        self.position += usize::from(found);
        found
    }

    pub fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position)
    }

    pub fn span(&self) -> Span {
        self.peek().map_or(self.end, |it| it.span)
    }

    fn expected(&self, what: &str) -> Box<Diagnostic> {
        expected(what, self.peek(), self.end)
    }
}

/// How many tokens the bracket at the head of `tokens` spans, to the one that closes it.
pub(super) fn balanced_len(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Punct("(" | "[" | "{") => depth += 1,
            TokenKind::Punct(")" | "]" | "}") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then_some(index + 1);
        }
    }
    None
}

/// `chosen` in the type that `left` and `right` share (C17 section 6.3.1.8).
fn common(chosen: Number, left: Number, right: Number) -> Number {
    let bits = left.bits.max(right.bits);
    let unsigned = [left, right].iter().any(|it| it.unsigned && it.bits == bits);
    Number { value: chosen.value, bits, unsigned }.wrapped()
}

fn prefix(sign: &str, operand: Number) -> Option<Number> {
    match sign {
        "-" => Number { value: -operand.value, ..operand }.in_range(),
        "~" => Some(Number { value: !operand.value, ..operand }.wrapped()),
        "!" => Some(Number::int((operand.value == 0).into())),
        _ => Some(operand),
    }
}

fn apply(operator: &str, left: Number, right: Number) -> Result<Number, &'static str> {
    let truth = |it: bool| Ok(Number::int(it.into()));
    let (a, b) = (common(left, left, right), common(right, left, right));
    let (x, y) = (a.value, b.value);
    let value = match operator {
        "&&" => return truth(left.value != 0 && right.value != 0),
        "||" => return truth(left.value != 0 || right.value != 0),
        "==" => return truth(x == y),
        "!=" => return truth(x != y),
        "<" => return truth(x < y),
        ">" => return truth(x > y),
        "<=" => return truth(x <= y),
        ">=" => return truth(x >= y),
        "<<" | ">>" => return shift(operator, left, right),
        "/" | "%" if y == 0 => return Err("division by zero"),
        "|" => Some(x | y),
        "^" => Some(x ^ y),
        "&" => Some(x & y),
        "+" => x.checked_add(y),
        "-" => x.checked_sub(y),
        "*" => x.checked_mul(y),
        "/" => x.checked_div(y),
        _ => x.checked_rem(y),
    };
    value.and_then(|value| Number { value, ..a }.in_range()).ok_or("the value overflows")
}

/// A shift has the type of its left operand; gcc lets `1 << 31` become negative.
fn shift(operator: &str, left: Number, right: Number) -> Result<Number, &'static str> {
    let count = u32::try_from(right.value).ok().filter(|&it| it < left.bits);
    let count = count.ok_or("the shift is wider than its operand")?;
    let value = if operator == "<<" { left.value << count } else { left.value >> count };
    Ok(Number { value, ..left }.wrapped())
}

#[cfg(test)]
mod tests {
    use super::super::super::ctype::ArrayLen;
    use super::super::builtin;
    use super::super::lexer::lex;
    use super::*;

    struct Only;

    impl Names for Only {
        fn constant(&self, name: &str) -> Option<i128> {
            (name == "TEN").then_some(10)
        }

        fn type_name(&mut self, tokens: &[Token]) -> Option<CType> {
            let word = tokens.first()?.word()?;
            builtin::named(word)
        }

        fn type_of(&mut self, tokens: &[Token]) -> Option<CType> {
            match tokens {
                [Token { kind: TokenKind::Text(text), .. }] => {
                    let len = ArrayLen::Fixed(text.len() as u64 + 1);
                    Some(CType::Array(Box::new(builtin::named_basic("char")?), len))
                }
                _ => None,
            }
        }

        fn offset_of(&mut self, _: &[Token]) -> Option<u64> {
            None
        }

        fn address_of(&mut self, _: &[Token]) -> Option<u64> {
            None
        }

        fn abi(&self) -> Abi {
            Abi::X86_64
        }

        fn unknown(&self, name: &str, span: Span) -> Box<Diagnostic> {
            Diagnostic::syntax(span, format!("`{name}` is not defined"))
        }
    }

    fn value(text: &str) -> Result<i128, String> {
        let tokens = lex(text, 0).tokens;
        match evaluate(&tokens, Span::default(), &mut Only) {
            Ok((number, used)) => {
                assert_eq!(used, tokens.len(), "{text}");
                Ok(number.value)
            }
            Err(it) => Err(it.text),
        }
    }

    #[test]
    fn values() {
        for (text, expected) in [
            ("(512-8-8)", 496),
            ("2 + 3 * 4 - 5 % 3", 12),
            ("1 << 4 | 1", 17),
            ("1 << 31", -2_147_483_648),
            ("-7 / 2", -3),
            ("~0U", 0xffff_ffff),
            ("~0", -1),
            ("-1 < 0U", 0),
            ("1 ? TEN : 1 / 0", 10),
            ("0 && 1 / 0", 0),
            ("1 || TEN", 1),
            ("!3 == 0", 1),
            ("'A' + 1", 66),
            ("sizeof(uint32_t) * 2", 8),
            ("__alignof__(int64_t) + sizeof(time_t)", 16),
            ("sizeof(\"abc\")", 4),
            ("(uint8_t)0x1ff", 255),
            ("(int8_t)0xff", -1),
            ("0xffffffffffffffff", 0xffff_ffff_ffff_ffff),
            ("((((TEN))))", 10),
            ("5 - 3 - 1", 1),
            ("7 & 3 ^ 1", 2),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors() {
        for (text, expected) in [
            ("1 / 0", "division by zero"),
            ("2147483647 + 1", "the value overflows"),
            ("1 << 32", "the shift is wider than its operand"),
            ("ELEVEN", "`ELEVEN` is not defined"),
            ("1.5", "`1.5` is no integer constant"),
            ("1 +", "expected a value, found the end"),
            ("(1", "expected `)`, found the end"),
            ("1 ? 2", "expected `:`, found the end"),
        ] {
            assert_eq!(value(text), Err(expected.to_owned()), "{text}");
        }
        let deep = "(".repeat(10_000) + "1" + &")".repeat(10_000);
        assert_eq!(value(&deep), Err("the expression nests too deeply".to_owned()));
    }
}
