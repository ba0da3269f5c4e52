//! Operands of constant expressions that are words: names, `sizeof`, `offsetof`, casts (C17 sections
//! 6.5.3.4 and 6.5.4; GCC manual, "Alignment" and "Offsetof").

use super::super::ctype::CType;
use super::super::source::{Diagnostic, Parsed, Span};
use super::builtin;
use super::expression::{Evaluator, Names, balanced_len, evaluate};
use super::lexer::{Token, TokenKind};
use super::number::Number;

impl<'a, N: Names> Evaluator<'a, N> {
    /// `&((type *)0)->member`, which some write for `offsetof`.
    pub fn address(&mut self) -> Parsed<Number> {
        let span = self.span();
        let rest = self.tokens.get(self.position + 1..).unwrap_or_default();
        let len = operand_len(rest);
        let operand = rest.get(..len).unwrap_or_default();
        match self.names.address_of(operand) {
            Some(offset) => {
                self.position += len + 1;
                Ok(Number { value: offset.into(), bits: 64, unsigned: true })
            }
            None => Err(Diagnostic::syntax(span, "an address is no constant")),
        }
    }

    pub fn word(&mut self, word: &str, span: Span) -> Parsed<Number> {
        self.position += 1;
        match word {
            "sizeof" | "_Alignof" | "alignof" | "__alignof__" | "__alignof" => {
                self.size(word, span)
            }
            "__builtin_offsetof" | "offsetof" if self.peek().is_some_and(|it| it.is("(")) => {
                let inside = self.inside()?;
                let offset = self.names.offset_of(inside);
                let error = || Diagnostic::syntax(span, "cannot tell the offset of this");
                Ok(Number { value: offset.ok_or_else(error)?.into(), bits: 64, unsigned: true })
            }
            "__builtin_choose_expr" | "__builtin_constant_p" | "__builtin_types_compatible_p" => {
                let text = format!("`{word}` is not evaluated here");
                Err(Diagnostic::syntax(span, text))
            }
            "_Generic" => Err(Diagnostic::syntax(span, "`_Generic` is not evaluated here")),
            "__extension__" => self.unary(),
            _ => self.name(word, span),
        }
    }

    /// A constant; in C++ also `space::name`, `type(value)` and `static_cast<type>(value)`.
    pub fn name(&mut self, word: &str, span: Span) -> Parsed<Number> {
        let begin = self.position - 1;
        let mut name = word.to_owned();
        while let Some([colons, Token { kind: TokenKind::Word(next), .. }]) =
            self.tokens.get(self.position..self.position + 2)
            && colons.is("::")
        {
            name = format!("{name}::{next}");
            self.position += 2;
        }
        if let Some(value) = self.names.constant(&name) {
            return Ok(Number::int(value));
        }
        let mut named = self.tokens.get(begin..self.position).unwrap_or_default();
        if word == "static_cast" && self.take("<") {
            let open = self.position;
            while self.peek().is_some_and(|it| !it.is(">")) {
                self.position += 1;
            }
            named = self.tokens.get(open..self.position).unwrap_or_default();
            self.take(">");
        }
        let opens = self.peek().is_some_and(|it| it.is("(") || it.is("{"));
        match self.names.type_name(named).filter(|_| opens) {
            Some(ctype) => {
                let end = self.end;
                let inside = self.inside()?;
                let (value, _) = evaluate(inside, end, self.names)?;
                self.cast(&ctype, value, span)
            }
            None => Err(self.names.unknown(&name, span)),
        }
    }

    pub fn size(&mut self, word: &str, span: Span) -> Parsed<Number> {
        let inside = if self.peek().is_some_and(|it| it.is("(")) {
            self.inside()?
        } else {
            let rest = self.tokens.get(self.position..).unwrap_or_default();
            let len = operand_len(rest);
            self.position += len;
            rest.get(..len).unwrap_or_default()
        };
        let measure = if word == "sizeof" { builtin::size_of } else { builtin::align_of };
        let abi = self.names.abi();
        let ctype = self.names.type_name(inside).or_else(|| self.names.type_of(inside));
        match ctype.and_then(|it| measure(&it, abi)) {
            Some(size) => Ok(Number { value: size.into(), bits: 64, unsigned: true }),
            None => Err(Diagnostic::syntax(span, format!("cannot evaluate `{word}` of this"))),
        }
    }

    /// Reads the parenthesis that opens here; gives what is within.
    pub fn inside(&mut self) -> Parsed<&'a [Token]> {
        let (inside, len) = self.balanced()?;
        self.position += len;
        Ok(inside)
    }

    pub fn cast(&self, ctype: &CType, operand: Number, span: Span) -> Parsed<Number> {
        let signed = match ctype {
            CType::Int { kind, .. } => builtin::is_signed(*kind, self.names.abi()),
            CType::Enum(_) => true,
            CType::Pointer => false,
            _ => return Err(Diagnostic::syntax(span, "a constant cannot be cast to this type")),
        };
        let bits = builtin::size_of(ctype, self.names.abi()).unwrap_or(8).min(8) * 8;
        let bits = u32::try_from(bits).unwrap_or(64);
        let Number { value, .. } = Number { bits, unsigned: !signed, ..operand }.wrapped();
        // Arithmetic on what is narrower than `int` is done in `int`.
        let unsigned = !signed && bits >= 32;
        Ok(Number { value, bits: bits.max(32), unsigned })
    }
}

/// How many tokens an operand with its `.`, `->` and `[]` has.
fn operand_len(tokens: &[Token]) -> usize {
    let mut len = 0;
    while let Some(token) = tokens.get(len) {
        let rest = tokens.get(len..).unwrap_or_default();
        let is_prefix = matches!(token.kind, TokenKind::Punct("*" | "&"));
        len += match token.kind {
            TokenKind::Punct("(" | "[") => balanced_len(rest).unwrap_or(rest.len()),
            _ => 1,
        };
        let goes_on =
            tokens.get(len).is_some_and(|it| matches!(it.kind, TokenKind::Punct("." | "->" | "[")));
        let is_link = matches!(token.kind, TokenKind::Punct("." | "->"));
        if !goes_on && !is_link && !is_prefix {
            break;
        }
    }
    len.min(tokens.len())
}
