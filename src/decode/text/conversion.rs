//! The grammar of formats: literals, white space and conversions (C17 sections 7.21.6.1, .2).

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit0, one_of};
use nom::combinator::{consumed, map, opt, success, value};
use nom::multi::{fold_many0, many0};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

/// One directive of a format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Directive<'f> {
    /// White space, as it is written.
    Space(&'f [u8]),
    /// Bytes that stand for themselves; `%%` is one `%`.
    Literal(&'f [u8]),
    /// A conversion, with its text.
    Conversion(&'f [u8], Conversion),
}

/// A conversion.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conversion {
    pub kind: Kind,
    /// `*` as of `scanf`: matched, but no field.
    pub suppressed: bool,
    pub flags: Flags,
    /// `None`: none, or `*` as of `printf`.
    pub width: Option<usize>,
    /// `Some(None)`: `*`.
    pub precision: Option<Option<usize>>,
}

/// The flags of `printf`; the others have no effect on what can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub left: bool,
    pub plus: bool,
    pub space: bool,
    pub alternate: bool,
    pub zero: bool,
}

/// What a conversion matches.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `%d`, `%u`, `%x`, `%i` …
    Integer { radix: Radix, signed: bool, upper: bool },
    /// `%f`, `%e`, `%g`, `%a`, by their letter.
    Float(u8),
    /// `%c`.
    Characters,
    /// `%s`.
    Word,
    /// `%[set]`.
    Set(Set),
    /// `%n`, which matches nothing.
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Radix {
    Octal,
    Decimal,
    Hex,
    /// By its prefix: `%i`.
    Prefix,
}

/// The bytes that `%[…]` matches.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Set([u128; 2]);

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries((0..=u8::MAX).filter(|it| self.contains(*it))).finish()
    }
}

impl Set {
    pub fn contains(&self, byte: u8) -> bool {
        let [low, high] = self.0;
        let half = if byte < 128 { low } else { high };
        half.wrapping_shr(u32::from(byte)) & 1 == 1
    }

    fn insert(mut self, first: u8, last: u8) -> Self {
        let [low, high] = &mut self.0;
        for byte in first..=last {
            let half = if byte < 128 { &mut *low } else { &mut *high };
            *half |= 1_u128.wrapping_shl(u32::from(byte));
        }
        self
    }
}

/// White space as `isspace` has it in the C locale.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The directives of a format, and what of it could not be read.
pub(super) fn directives(format: &[u8]) -> IResult<&[u8], Vec<Directive<'_>>> {
    many0(alt((
        map(take_while1(is_space), Directive::Space),
        map(take_while1(|it| it != b'%' && !is_space(it)), Directive::Literal),
        map(preceded(char('%'), tag(&b"%"[..])), Directive::Literal),
        map(consumed(conversion), |(text, it)| Directive::Conversion(text, it)),
    )))
    .parse(format)
}

fn conversion(input: &[u8]) -> IResult<&[u8], Conversion> {
    let mut head = (char('%'), flags, opt(char('*')), number, opt(precision));
    let (input, (_, flags, star, width, precision)) = head.parse(input)?;
    let (input, kind) = preceded(length, kind).parse(input)?;
    // Of `printf` a star is a width that an argument gives.
    let suppressed = star.is_some() && flags == Flags::default() && precision.is_none();
    Ok((input, Conversion { kind, suppressed, flags, width, precision }))
}

fn flags(input: &[u8]) -> IResult<&[u8], Flags> {
    fold_many0(one_of("-+ #0'"), Flags::default, |flags, it| match it {
        '-' => Flags { left: true, ..flags },
        '+' => Flags { plus: true, ..flags },
        ' ' => Flags { space: true, ..flags },
        '#' => Flags { alternate: true, ..flags },
        '0' => Flags { zero: true, ..flags },
        _ => flags,
    })
    .parse(input)
}

/// A number, if there is one; too large a one is the largest.
fn number(input: &[u8]) -> IResult<&[u8], Option<usize>> {
    map(digit0, |digits: &[u8]| {
        let add = |sum: usize, digit: &u8| {
            sum.saturating_mul(10).saturating_add(usize::from(digit.wrapping_sub(b'0')))
        };
        (!digits.is_empty()).then(|| digits.iter().fold(0, add))
    })
    .parse(input)
}

fn precision(input: &[u8]) -> IResult<&[u8], Option<usize>> {
    let counted = map(number, |it| Some(it.unwrap_or(0)));
    preceded(char('.'), alt((value(None, char('*')), counted))).parse(input)
}

/// `h` to `L`, and the `m` of POSIX, which allocates.
fn length(input: &[u8]) -> IResult<&[u8], ()> {
    let allocated = opt(char('m'));
    value((), (allocated, take_while(|it| b"hlLqjzt".contains(&it)))).parse(input)
}

fn kind(input: &[u8]) -> IResult<&[u8], Kind> {
    let integer = |radix, signed, upper| Kind::Integer { radix, signed, upper };
    alt((
        value(integer(Radix::Decimal, true, false), char('d')),
        value(integer(Radix::Prefix, true, false), char('i')),
        value(integer(Radix::Decimal, false, false), char('u')),
        value(integer(Radix::Octal, false, false), char('o')),
        value(integer(Radix::Hex, false, false), one_of("xp")),
        value(integer(Radix::Hex, false, true), char('X')),
        map(one_of("fFeEgGaA"), |it| Kind::Float(it as u8)),
        value(Kind::Characters, one_of("cC")),
        value(Kind::Word, one_of("sS")),
        value(Kind::Count, char('n')),
        map(preceded(char('['), set), Kind::Set),
    ))
    .parse(input)
}

/// What stands between the brackets: a `]` that comes first is one of the set.
fn set(input: &[u8]) -> IResult<&[u8], Set> {
    let (input, inverted) = opt(char('^')).parse(input)?;
    let empty = Set([0; 2]);
    let (input, start) =
        alt((map(char(']'), |_| empty.clone().insert(b']', b']')), success(empty.clone())))
            .parse(input)?;
    let (input, set) =
        terminated(fold_many0(range, || start.clone(), |set, (a, b)| set.insert(a, b)), char(']'))
            .parse(input)?;
    Ok((input, if inverted.is_some() { Set(set.0.map(|half| !half)) } else { set }))
}

fn range(input: &[u8]) -> IResult<&[u8], (u8, u8)> {
    let (rest, first) = nom::bytes::complete::take(1_usize)
        .map(|it: &[u8]| it.first().copied().unwrap_or(b']'))
        .parse(input)?;
    if first == b']' {
        return Err(nom::Err::Error(nom::error::make_error(input, nom::error::ErrorKind::Char)));
    }
    Ok(match rest {
        [b'-', last, rest @ ..] if *last != b']' => (rest, (first, *last)),
        _ => (rest, (first, first)),
    })
}
