//! Header text to tokens with spans (C17 section 6.4; ISO/IEC 9899:2018).
//!
//! Comments in any language, CRLF and line continuations are blanks; those that describe what they stand
//! beside are noted (`description.rs`). Whatever is no C token
//! becomes [`TokenKind::Stray`], so that the lexer accepts any text: only the parser complains, and
//! only where the token is used.

use crate::schema::Diagnostic;
use std::fmt;
use std::rc::Rc;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::character::complete::{anychar, char, none_of, one_of, satisfy};
use nom::combinator::{opt, recognize};
use nom::multi::many0_count;
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use super::super::source::Span;
use super::description::{self, Blanks, Comment};
use super::literal;

/// One preprocessing token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
    /// Nothing but blanks stands before it on its line.
    pub first_on_line: bool,
    /// A blank stands before it on its line.
    pub spaced: bool,
    /// Declared by the system, not by the user's header.
    pub system: bool,
    /// The `#pragma pack` in force here, bytes; 0 where there is none.
    pub pack: u8,
    /// The name of a macro that stands for itself.
    pub painted: bool,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// Identifier or keyword.
    Word(Rc<str>),
    /// A preprocessing number, as written.
    Number(Rc<str>),
    /// A string literal, its escapes undone.
    Text(Rc<[u8]>),
    /// A character constant.
    Character(i32),
    /// An operator or separator.
    Punct(&'static str),
    /// A character that begins no token.
    Stray(char),
}

/// The tokens of a file, its describing comments, and the comment that never ends, if there is one.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    pub tokens: Vec<Token>,
    /// Those that describe something.
    pub comments: Vec<Comment>,
    pub unterminated: Option<Span>,
}

/// No comment that describes anything is shorter, bytes.
const MIN_COMMENT: usize = 4;

/// Separators, and operators that begin no other.
const SINGLE: [&str; 10] = [";", ",", "(", ")", "{", "}", "[", "]", "~", "?"];

/// Longer operators before their beginnings.
const PUNCTUATORS: [&str; 38] = [
    "...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "*=",
    "/=", "%=", "+=", "-=", "&=", "^=", "|=", "##", "::", ":", "*", "=", "#", "+", "-", "/", "%",
    "<", ">", "&", "|", "^", "!",
];

impl Token {
    pub fn new(kind: TokenKind, span: Span) -> Self {
        let (first_on_line, spaced, system, pack, painted) = (false, false, false, 0, false);
        Self { kind, span, first_on_line, spaced, system, pack, painted }
    }

    pub fn is(&self, punct: &str) -> bool {
        matches!(self.kind, TokenKind::Punct(it) if it == punct)
    }

    pub fn word(&self) -> Option<&Rc<str>> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TokenKind::Word(it) | TokenKind::Number(it) => write!(f, "`{it}`"),
            TokenKind::Text(_) => f.write_str("a string"),
            TokenKind::Character(_) => f.write_str("a character constant"),
            TokenKind::Punct(it) => write!(f, "`{it}`"),
            TokenKind::Stray(it) => write!(f, "`{}`", it.escape_debug()),
        }
    }
}

/// Splits the text of file number `file`.
pub(super) fn lex(text: &str, file: u32) -> Lexed {
    let position = |rest: &str| u32::try_from(text.len() - rest.len()).unwrap_or(u32::MAX);
    let (mut tokens, mut comments) = (Vec::<Token>::new(), Vec::new());
    let mut rest = text;
    let mut first_on_line = true;
    loop {
        let before = rest;
        let (after, newline) = blanks(rest);
        first_on_line |= newline;
        let read = text.get(..text.len() - after.len()).unwrap_or_default();
        let spaced = after.len() != before.len() && !read.ends_with('\n');
        let start = position(after);
        if after.starts_with("/*") {
            let span = Span { file, start, end: start.saturating_add(2) };
            return Lexed { tokens, comments, unterminated: Some(span) };
        }
        let skipped = rest.len().saturating_sub(after.len());
        if skipped > MIN_COMMENT {
            let previous = tokens.last().map_or(0, |it| it.span.end);
            let before = text.as_bytes().get((previous as usize).wrapping_sub(1)).copied();
            let text = rest.get(..skipped).unwrap_or_default();
            description::note(&Blanks { text, before, previous, next: start }, &mut comments);
        }
        let Ok((next, kind)) = token(after) else { break };
        let span = Span { file, start, end: position(next) };
        tokens.push(Token { first_on_line, spaced, ..Token::new(kind, span) });
        first_on_line = false;
        rest = next;
    }
    Lexed { tokens, comments, unterminated: None }
}

/// Skips white space, continued line ends and comments; says whether a line ended.
fn blanks(text: &str) -> (&str, bool) {
    let mut rest = text;
    let mut newline = false;
    if text.starts_with(|it: char| {
        it.is_ascii() && !it.is_ascii_whitespace() && !"/\\\u{b}".contains(it)
    }) {
        return (text, false);
    }
    while let Ok((after, skipped)) = alt((space, continuation, comment)).parse(rest) {
        // A line end within a comment does not end a directive.
        newline |= !skipped.starts_with(['/', '\\']) && skipped.contains('\n');
        rest = after;
    }
    (rest, newline)
}

fn space(text: &str) -> IResult<&str, &str> {
    take_while1(|it: char| it.is_ascii_whitespace() || it == '\u{b}' || it == '\u{feff}')(text)
}

/// A backslash ends its line, also with blanks behind it, as gcc has it.
fn continuation(text: &str) -> IResult<&str, &str> {
    let blank = |it: char| matches!(it, ' ' | '\t' | '\r');
    recognize((char('\\'), take_while(blank), char('\n'))).parse(text)
}

fn comment(text: &str) -> IResult<&str, &str> {
    let line =
        recognize(pair(tag("//"), many0_count(alt((continuation, recognize(none_of("\n")))))));
    let block = recognize((tag("/*"), take_until("*/"), tag("*/")));
    alt((line, block)).parse(text)
}

/// The first byte tells most kinds apart.
fn token(text: &str) -> IResult<&str, TokenKind> {
    match text.as_bytes().first() {
        Some(b'"' | b'\'' | b'L' | b'R' | b'U' | b'u') => {
            alt((string, character, word, stray)).parse(text)
        }
        Some(it) if it.is_ascii_alphabetic() || *it == b'_' => word(text),
        Some(it) if it.is_ascii_digit() || *it == b'.' => alt((number, punctuator)).parse(text),
        _ => alt((word, punctuator, stray)).parse(text),
    }
}

fn word(text: &str) -> IResult<&str, TokenKind> {
    let (rest, word) =
        recognize(pair(satisfy(begins_word), take_while(continues_word))).parse(text)?;
    let (rest, more) = spliced(rest);
    Ok((
        rest,
        TokenKind::Word(if more.is_empty() {
            word.into()
        } else {
            (word.to_owned() + &more).into()
        }),
    ))
}

/// What goes on in the next line, behind a backslash in the midst of a word or number.
fn spliced(text: &str) -> (&str, String) {
    let (mut rest, mut more) = (text, String::new());
    while rest.starts_with('\\')
        && let Ok((after, _)) = continuation(rest)
        && after.starts_with(continues_word)
    {
        let len = after.find(|it| !continues_word(it)).unwrap_or(after.len());
        let (part, behind) = after.split_at_checked(len).unwrap_or((after, ""));
        more.push_str(part);
        rest = behind;
    }
    (rest, more)
}

fn begins_word(it: char) -> bool {
    it == '_' || it == '$' || it.is_alphabetic()
}

fn continues_word(it: char) -> bool {
    it == '_' || it == '$' || it.is_alphanumeric()
}

fn number(text: &str) -> IResult<&str, TokenKind> {
    let exponent = recognize(pair(one_of("eEpP"), one_of("+-")));
    let digit = recognize(satisfy(|it| continues_word(it) || it == '.'));
    // C23 and C++ part digits by quotes.
    let parted = recognize(pair(char('\''), satisfy(continues_word)));
    let number = (
        opt(char('.')),
        satisfy(|it| it.is_ascii_digit()),
        many0_count(alt((exponent, digit, parted))),
    );
    let (rest, number) = recognize(number).parse(text)?;
    let (rest, more) = spliced(rest);
    Ok((rest, TokenKind::Number((number.replace('\'', "") + &more).into())))
}

fn string(text: &str) -> IResult<&str, TokenKind> {
    alt((raw_string, plain_string)).parse(text)
}

/// `R"end(…)end"`, in which nothing is escaped.
fn raw_string(text: &str) -> IResult<&str, TokenKind> {
    let prefix = (opt(alt((tag("u8"), tag("L"), tag("u"), tag("U")))), tag("R\""));
    let delimiter = take_while(|it: char| !matches!(it, '(' | ')' | '\\' | ' ' | '\n' | '"'));
    let (rest, (_, delimiter, _)) = (prefix, delimiter, char('(')).parse(text)?;
    let close = format!("){delimiter}\"");
    let (rest, inside) = take_until(close.as_str()).parse(rest)?;
    let rest = rest.strip_prefix(close.as_str()).unwrap_or(rest);
    Ok((rest, TokenKind::Text(inside.as_bytes().into())))
}

fn plain_string(text: &str) -> IResult<&str, TokenKind> {
    preceded(opt(alt((tag("u8"), tag("L"), tag("u"), tag("U")))), quoted('"'))
        .map(|it| TokenKind::Text(literal::unescape(it).into()))
        .parse(text)
}

fn character(text: &str) -> IResult<&str, TokenKind> {
    preceded(opt(alt((tag("u8"), tag("L"), tag("u"), tag("U")))), quoted('\''))
        .map(|it| TokenKind::Character(literal::character(it)))
        .parse(text)
}

/// What stands between two quotes on one line.
fn quoted<'a>(
    quote: char,
) -> impl Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>> {
    let escaped = alt((tag("\\\r\n"), recognize(pair(char('\\'), anychar))));
    let plain = recognize(satisfy(move |it| it != quote && it != '\n' && it != '\\'));
    delimited(char(quote), recognize(many0_count(alt((plain, escaped)))), char(quote))
}

/// Other spellings of punctuators (C17 section 6.4.6 paragraph 3).
const DIGRAPHS: [(&str, &str); 6] =
    [("%:%:", "##"), ("%:", "#"), ("<:", "["), (":>", "]"), ("<%", "{"), ("%>", "}")];

fn punctuator(text: &str) -> IResult<&str, TokenKind> {
    let find = |(written, meant): (&'static str, &'static str)| {
        Some((text.strip_prefix(written)?, TokenKind::Punct(meant)))
    };
    let found = match text.as_bytes().first() {
        // Nothing longer begins with these.
        Some(b'{' | b'}' | b'(' | b')' | b'[' | b']' | b';' | b',' | b'~' | b'?') => {
            SINGLE.iter().find_map(|&it| find((it, it)))
        }
        _ => DIGRAPHS
            .into_iter()
            .find_map(find)
            .or_else(|| PUNCTUATORS.iter().find_map(|&it| find((it, it)))),
    };
    match found {
        Some(found) => Ok(found),
        None => char('.').map(|_| TokenKind::Punct(".")).parse(text),
    }
}

fn stray(text: &str) -> IResult<&str, TokenKind> {
    anychar.map(TokenKind::Stray).parse(text)
}

/// `what` should stand where `found` does; without one, at the end of the text.
pub(super) fn expected(what: &str, found: Option<&Token>, end: Span) -> Box<Diagnostic> {
    let Some(found) = found else {
        return Diagnostic::syntax(end, format!("expected {what}, found the end"));
    };
    let error = Diagnostic::syntax(found.span, format!("expected {what}, found {found}"));
    match found.kind {
        TokenKind::Stray(it) if !it.is_ascii() => {
            error.help("this is no ASCII character: type it with a Latin keyboard")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        lex(text, 0).tokens.into_iter().map(|it| it.kind).collect()
    }

    fn word(text: &str) -> TokenKind {
        TokenKind::Word(text.into())
    }

    #[test]
    fn tokens_of_every_kind() {
        let text = "int 名字[0x1F]; \"%lld\\r\\n\" L'\\n' 1.5e-3f ->x ； '";
        let expected = vec![
            word("int"),
            word("名字"),
            TokenKind::Punct("["),
            TokenKind::Number("0x1F".into()),
            TokenKind::Punct("]"),
            TokenKind::Punct(";"),
            TokenKind::Text(b"%lld\r\n"[..].into()),
            TokenKind::Character(10),
            TokenKind::Number("1.5e-3f".into()),
            TokenKind::Punct("->"),
            word("x"),
            TokenKind::Stray('；'),
            TokenKind::Stray('\''),
        ];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn comments_and_continued_lines_are_blanks() {
        assert_eq!(kinds("\"a\\\r\nb\""), [TokenKind::Text(b"ab"[..].into())]);
        let text = "a// 注释 \\\n still\r\n/* b\n c */ d \\\r\n e\n";
        let tokens = lex(text, 0).tokens;
        let seen: Vec<_> = tokens.iter().map(|it| (it.kind.clone(), it.first_on_line)).collect();
        assert_eq!(seen, [(word("a"), true), (word("d"), true), (word("e"), false)]);
    }

    #[test]
    fn spans_are_bytes_of_the_text() {
        let text = "/* 汉 */ struct  s{";
        let found: Vec<_> = lex(text, 3)
            .tokens
            .iter()
            .map(|it| (it.span.file, &text[it.span.start as usize..it.span.end as usize]))
            .collect();
        assert_eq!(found, [(3, "struct"), (3, "s"), (3, "{")]);
    }

    #[test]
    fn a_comment_that_never_ends_is_noted() {
        let lexed = lex("int a; /* open", 0);
        assert_eq!(lexed.tokens.len(), 3);
        assert_eq!(lexed.unterminated, Some(Span { file: 0, start: 7, end: 9 }));
    }
}
