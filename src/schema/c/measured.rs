//! Types and offsets of expressions that are not evaluated: `sizeof(((struct s *)0)->m)`,
//! `typeof(…)`, `offsetof(struct s, a.b[2])` (C17 section 6.5.3.4 and 7.19; GCC manual, "Offsetof").

use super::super::abi::Abi;
use super::super::ctype::{ArrayLen, CType, RecordDef};
use super::super::layout::Layout;
use super::builtin;
use super::expression::{balanced_len, evaluate};
use super::lexer::{Token, TokenKind};
use super::parser::Parser;

/// The type of an expression; of a pointer, what it points at.
#[derive(Clone, Debug)]
struct Typed {
    ctype: CType,
    pointee: Option<CType>,
}

impl Parser<'_> {
    /// The type of an expression, as far as it is known without variables.
    pub fn type_of_expression(&mut self, tokens: &[Token]) -> Option<CType> {
        self.nested(|it| Ok(it.typed(tokens).map(|it| it.ctype))).ok()?
    }

    /// The offset in `offsetof(type, member)`, bytes.
    pub fn offset_of(&mut self, tokens: &[Token]) -> Option<u64> {
        let comma = tokens.iter().position(|it| it.is(","))?;
        let ctype = self.type_of(tokens.get(..comma)?)?;
        let (offset, _) = self.designated(&ctype, tokens.get(comma + 1..)?)?;
        Some(offset)
    }

    /// The offset that `&((type *)0)->member` is, bytes.
    pub fn address_of(&mut self, tokens: &[Token]) -> Option<u64> {
        let at = tokens.iter().rposition(|it| it.is("->"))?;
        let record = self.typed(tokens.get(..at)?)?.pointee?;
        let (offset, _) = self.designated(&record, tokens.get(at + 1..)?)?;
        Some(offset)
    }

    fn typed(&mut self, tokens: &[Token]) -> Option<Typed> {
        match tokens {
            [star, rest @ ..] if star.is("*") => {
                let found = self.typed(rest)?;
                let ctype = found.pointee.or_else(|| element(&found.ctype))?;
                Some(Typed { ctype, pointee: None })
            }
            [and, rest @ ..] if and.is("&") => {
                let pointee = self.typed(rest).map(|it| it.ctype);
                Some(Typed { ctype: CType::Pointer, pointee })
            }
            _ => self.postfix(tokens),
        }
    }

    /// A primary expression and what stands behind it: `.name`, `->name`, `[n]`.
    fn postfix(&mut self, tokens: &[Token]) -> Option<Typed> {
        let (mut found, mut rest) = self.primary(tokens)?;
        while let Some((token, after)) = rest.split_first() {
            let (inside, len) = match token.kind {
                TokenKind::Punct("." | "->") => (after.get(..1)?, 2),
                TokenKind::Punct("[") => {
                    let len = balanced_len(rest)?;
                    (rest.get(..len)?, len)
                }
                _ => return None,
            };
            let base = if token.is("->") {
                found.pointee.or_else(|| element(&found.ctype))?
            } else {
                found.ctype
            };
            let (_, ctype) = self.designated(&base, inside)?;
            found = Typed { ctype, pointee: None };
            rest = rest.get(len..)?;
        }
        Some(found)
    }

    /// What a chain of `.` and `[]` begins with, and what follows it.
    fn primary<'a>(&mut self, tokens: &'a [Token]) -> Option<(Typed, &'a [Token])> {
        let first = tokens.first()?;
        if !first.is("(") {
            let plain = self.literal(first)?;
            return Some((Typed { ctype: plain, pointee: None }, tokens.get(1..)?));
        }
        let len = balanced_len(tokens)?;
        let (inside, rest) = (tokens.get(1..len - 1)?, tokens.get(len..)?);
        let Some(cast) = self.cast_type(inside) else {
            return Some((self.typed(inside)?, rest));
        };
        // A compound literal is postfix, a cast takes all that follows.
        let literal = rest.first().is_some_and(|it| it.is("{"));
        let behind = if literal { rest.get(balanced_len(rest)?..)? } else { &[] };
        (!rest.is_empty()).then_some((cast, behind))
    }

    /// A type name, and where it is a pointer, to what.
    fn cast_type(&mut self, tokens: &[Token]) -> Option<Typed> {
        let ctype = self.type_of(tokens)?;
        let pointee = match tokens {
            [inner @ .., star] if star.is("*") => self.type_of(inner),
            _ => None,
        };
        Some(Typed { ctype, pointee })
    }

    fn literal(&mut self, token: &Token) -> Option<CType> {
        match &token.kind {
            TokenKind::Text(text) => {
                let char = builtin::named_basic("char")?;
                Some(CType::Array(Box::new(char), ArrayLen::Fixed(text.len() as u64 + 1)))
            }
            TokenKind::Number(_) => {
                let (value, _) = evaluate(std::slice::from_ref(token), token.span, self).ok()?;
                builtin::named_basic(if value.bits > 32 { "long long" } else { "int" })
            }
            TokenKind::Character(_) => builtin::named_basic("int"),
            TokenKind::Word(name) => {
                self.scope.constant(name)?;
                builtin::named_basic("int")
            }
            _ => None,
        }
    }

    /// The member `a.b[2]` of a type: its offset in it, bytes, and its type.
    fn designated(&mut self, of: &CType, tokens: &[Token]) -> Option<(u64, CType)> {
        let (mut offset, mut ctype) = (0u64, of.clone());
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            match &token.kind {
                TokenKind::Punct(".") => rest = after,
                TokenKind::Word(name) => {
                    let record = plain(&ctype).record()?;
                    let (at, found) = member(record, name, self.scope.abi)?;
                    offset = offset.checked_add(at)?;
                    ctype = found;
                    rest = after;
                }
                TokenKind::Punct("[") => {
                    let len = balanced_len(rest)?;
                    let index = self.constant_in(rest.get(1..len - 1)?).ok()?;
                    ctype = element(&ctype)?;
                    let size = builtin::size_of(&ctype, self.scope.abi)?;
                    offset = offset.checked_add(size.checked_mul(u64::try_from(index).ok()?)?)?;
                    rest = rest.get(len..)?;
                }
                _ => return None,
            }
        }
        Some((offset, ctype))
    }
}

/// What an array is of.
fn element(ctype: &CType) -> Option<CType> {
    match plain(ctype) {
        CType::Array(element, _) => Some((**element).clone()),
        _ => None,
    }
}

fn plain(ctype: &CType) -> &CType {
    match ctype {
        CType::Aligned(inner, _) => plain(inner),
        _ => ctype,
    }
}

/// A member by its name, those of anonymous records among them.
fn member(record: &RecordDef, name: &str, abi: Abi) -> Option<(u64, CType)> {
    let layout = Layout::of(record, "", abi).ok()?;
    record.placed().zip(&layout.fields).find_map(|(declared, placed)| match &declared.name {
        Some(own) if own == name => Some((placed.offset, declared.ctype.clone())),
        Some(_) => None,
        None => {
            let (offset, ctype) = member(declared.ctype.record()?, name, abi)?;
            Some((placed.offset.checked_add(offset)?, ctype))
        }
    })
}
