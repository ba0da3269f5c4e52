//! Attributes: `__attribute__((…))`, `[[…]]`, `_Alignas`, `__declspec` (GCC manual, "Attribute
//! Syntax" and "Common Type Attributes").

use super::lexer::expected;
use std::rc::Rc;

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;
use super::super::ctype::Counter;
use super::super::nearest;
use super::super::source::Parsed;
use super::super::source::{Code, Diagnostic, Span};
use super::builtin;
use super::lexer::{Token, TokenKind};
use super::parser::Parser;

/// What a list of attributes says about layout.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    /// Where it says `packed`.
    pub packed: Option<Span>,
    /// `aligned(N)`, the greatest, bytes.
    pub aligned: Option<u32>,
    /// `mode(…)`: another width for an integer.
    pub mode: Option<Rc<str>>,
    /// `scalar_storage_order("…")`.
    pub order: Option<ByteOrder>,
    /// `vector_size(N)`, bytes.
    pub vector: Option<u32>,
    /// `counted_by(…)`.
    pub counter: Option<Counter>,
    /// What the compiler would not know.
    pub unknown: Vec<(Rc<str>, Span)>,
}

/// Attributes that compilers know and that move no field.
const HARMLESS: [&str; 65] = [
    "access",
    "alias",
    "aligned",
    "alloc_align",
    "alloc_size",
    "always_inline",
    "artificial",
    "assume_aligned",
    "availability",
    "cleanup",
    "cold",
    "common",
    "const",
    "constructor",
    "copy",
    "counted_by",
    "counted_by_or_null",
    "deprecated",
    "designated_init",
    "destructor",
    "dllexport",
    "dllimport",
    "enum_extensibility",
    "error",
    "fallthrough",
    "fd_arg",
    "flag_enum",
    "flatten",
    "format",
    "format_arg",
    "gcc_struct",
    "gnu_inline",
    "hardbool",
    "hot",
    "ifunc",
    "interrupt",
    "leaf",
    "malloc",
    "may_alias",
    "maybe_unused",
    "no_sanitize",
    "nocommon",
    "nodiscard",
    "noinline",
    "nonnull",
    "nonstring",
    "noreturn",
    "nothrow",
    "null_terminated_string_arg",
    "optimize",
    "pure",
    "randomize_layout",
    "retain",
    "returns_nonnull",
    "section",
    "sentinel",
    "tls_model",
    "transparent_union",
    "unavailable",
    "unused",
    "used",
    "visibility",
    "warn_if_not_aligned",
    "warn_unused_result",
    "weak",
];

/// Whether compilers know an attribute.
pub(super) fn is_known(name: &str) -> bool {
    let plain = name.trim_matches('_');
    HARMLESS.contains(&plain)
        || matches!(plain, "packed" | "mode" | "scalar_storage_order" | "vector_size")
}

/// The greatest alignment of any type, which `aligned` without a number means, bytes.
fn greatest_alignment(abi: Abi) -> u32 {
    match abi {
        Abi::S390x | Abi::Arm => 8,
        _ => 16,
    }
}

/// No object file aligns further.
const MAX_ALIGNMENT: i128 = 1 << 28;

impl Attributes {
    pub fn extend(&mut self, other: Self) {
        self.packed = self.packed.or(other.packed);
        self.aligned = self.aligned.max(other.aligned);
        self.mode = self.mode.take().or(other.mode);
        self.order = self.order.or(other.order);
        self.vector = self.vector.or(other.vector);
        self.counter = self.counter.take().or(other.counter);
        self.unknown.extend(other.unknown);
    }
}

impl Parser<'_> {
    /// Reads all attributes that stand here.
    pub fn attributes(&mut self) -> Parsed<Attributes> {
        let mut found = Attributes::default();
        while self.attribute(&mut found)? {}
        Ok(found)
    }

    /// Reads one attribute specifier, if one stands here.
    pub fn attribute(&mut self, found: &mut Attributes) -> Parsed<bool> {
        let Some(token) = self.peek() else { return Ok(false) };
        if token.is("[") && self.peek_at(1).is_some_and(|it| it.is("[")) {
            let inside = self.bracket()?;
            self.list(inside.get(1..inside.len().saturating_sub(1)).unwrap_or_default(), found)?;
            return Ok(true);
        }
        let Some(word) = token.word().cloned() else { return Ok(false) };
        match &*word {
            "__attribute__" | "__attribute" => {
                self.position += 1;
                let inside = self.bracket()?;
                match inside {
                    [open, list @ .., close] if open.is("(") && close.is(")") => {
                        self.list(list, found)?;
                    }
                    _ => return Err(expected("`((`", inside.first(), self.end_span())),
                }
            }
            "__declspec" => {
                self.position += 1;
                let inside = self.bracket()?;
                self.declspec(inside, found)?;
            }
            "_Alignas" | "alignas" => {
                self.position += 1;
                let inside = self.bracket()?;
                found.aligned = found.aligned.max(self.alignment(inside)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn list(&mut self, tokens: &[Token], found: &mut Attributes) -> Parsed<()> {
        for (name, arguments) in separated(tokens) {
            let Some(word) = name.word() else { continue };
            let plain = word.trim_matches('_');
            match plain {
                "packed" => found.packed = Some(name.span),
                "aligned" if arguments.is_empty() => {
                    let greatest = greatest_alignment(self.scope.abi);
                    found.aligned = found.aligned.max(Some(greatest));
                }
                "aligned" => found.aligned = found.aligned.max(self.alignment(arguments)?),
                "mode" => found.mode = arguments.first().and_then(Token::word).cloned(),
                "scalar_storage_order" => found.order = storage_order(arguments),
                "vector_size" => found.vector = self.alignment(arguments)?,
                _ if counts(plain) => found.counter = counter(plain, arguments),
                _ if HARMLESS.contains(&plain) => {}
                _ => found.unknown.push((word.clone(), name.span)),
            }
        }
        Ok(())
    }

    /// `__declspec(align(N))`; the others say nothing about layout.
    fn declspec(&mut self, tokens: &[Token], found: &mut Attributes) -> Parsed<()> {
        for (name, arguments) in separated(tokens) {
            if name.word().is_some_and(|it| &**it == "align") {
                found.aligned = found.aligned.max(self.alignment(arguments)?);
            }
        }
        Ok(())
    }

    /// The number, or the alignment of the type, in `aligned(…)`.
    fn alignment(&mut self, tokens: &[Token]) -> Parsed<Option<u32>> {
        let span = tokens.first().map_or(self.end_span(), |it| it.span);
        let value = match self.type_of(tokens) {
            Some(ctype) => builtin::align_of(&ctype, self.scope.abi).unwrap_or(1).into(),
            None => self.constant_in(tokens)?,
        };
        if value == 0 {
            return Ok(None);
        }
        let valid = value.count_ones() == 1 && (1..=MAX_ALIGNMENT).contains(&value);
        match u32::try_from(value) {
            Ok(value) if valid => Ok(Some(value)),
            _ => Err(Diagnostic::syntax(span, "an alignment is a power of two")),
        }
    }

    /// Reports attributes of a type or a member that the compiler ignores.
    pub fn report_unknown(&mut self, attributes: &Attributes) {
        for (name, span) in &attributes.unknown {
            let text = format!("unknown attribute `{name}`, which the compiler ignores");
            let error = Diagnostic::error(Code::UnknownAttribute, *span, text);
            let known = HARMLESS.iter().copied().chain(["packed"]);
            let error = match nearest(name.trim_matches('_'), known) {
                Some(nearest) => error.help(format!("did you mean `{nearest}`?")),
                None => error,
            };
            self.diagnostics.push(error);
        }
    }

    /// Reports `packed` where gcc accepts and ignores it: before `struct`, or behind the name of a
    /// typedef.
    pub fn report_ignored(&mut self, attributes: &Attributes) {
        if let Some(span) = attributes.packed {
            let text = "`packed` has no effect here: the compiler ignores it";
            let error = Diagnostic::error(Code::UnknownAttribute, span, text);
            self.diagnostics.push(error.help("write it right behind the closing brace"));
        }
    }
}

/// Splits `a, b::c(x, y)` into names and the tokens in their parentheses.
fn separated(mut tokens: &[Token]) -> Vec<(&Token, &[Token])> {
    let mut list = Vec::new();
    while let Some((token, rest)) = tokens.split_first() {
        tokens = rest;
        if rest.first().is_some_and(|it| it.is("::")) {
            tokens = rest.get(1..).unwrap_or_default();
            continue;
        }
        let mut arguments: &[Token] = &[];
        if rest.first().is_some_and(|it| it.is("(")) {
            let len = super::expression::balanced_len(rest).unwrap_or(rest.len());
            arguments = rest.get(1..len.saturating_sub(1)).unwrap_or_default();
            tokens = rest.get(len..).unwrap_or_default();
        }
        if token.word().is_some() {
            list.push((token, arguments));
        }
    }
    list
}

/// Whether it says how much of an array there is. `counted_by_be` and `counted_by_le` are what headers of
/// the kernel have macros for; no compiler knows them as attributes.
fn counts(name: &str) -> bool {
    matches!(name, "counted_by" | "counted_by_be" | "counted_by_le" | "sized_by")
}

fn counter(name: &str, arguments: &[Token]) -> Option<Counter> {
    let [member] = arguments else { return None };
    let order = match name {
        "counted_by_be" => Some(ByteOrder::Big),
        "counted_by_le" => Some(ByteOrder::Little),
        _ => None,
    };
    let member = member.word()?.to_string();
    Some(Counter { member, order, bytes: name == "sized_by" })
}

fn storage_order(arguments: &[Token]) -> Option<ByteOrder> {
    match arguments {
        [Token { kind: TokenKind::Text(text), .. }] => match &**text {
            b"big-endian" => Some(ByteOrder::Big),
            b"little-endian" => Some(ByteOrder::Little),
            _ => None,
        },
        _ => None,
    }
}
