//! What one conversion matches at the start of some bytes.

use memchr::memmem;

use super::conversion::{Kind, Radix, is_space};
use super::format::Pattern;
use crate::message::Scalar;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
    /// `len` bytes are its value; `blanks` behind them fill it up.
    Matched { len: usize, blanks: usize, scalar: Scalar },
    /// It may go on in bytes that are not there yet.
    Incomplete,
    /// Not what it matches.
    Malformed,
    /// The bytes end before it begins, or within it.
    Short,
}

/// Matches a conversion. `whole`: no more bytes will follow. `end` is what ends the record.
pub(super) fn token(pattern: &Pattern, bytes: &[u8], end: &[u8], whole: bool) -> Token {
    let window = bytes.get(..pattern.max).unwrap_or(bytes);
    let input = Window { bytes: window, open: !whole && window.len() == bytes.len() };
    let (len, scalar) = match &pattern.kind {
        _ if window.is_empty() => return if whole { Token::Short } else { Token::Incomplete },
        Kind::Integer { radix, signed, .. } => match integer(input, *radix, *signed) {
            Ok(found) => found,
            Err(token) => return token,
        },
        Kind::Float(_) => match float(input) {
            Ok(found) => found,
            Err(token) => return token,
        },
        Kind::Characters if window.len() < pattern.max => {
            return if whole { Token::Short } else { Token::Incomplete };
        }
        Kind::Characters | Kind::Count => (window.len(), Scalar::Span),
        Kind::Word | Kind::Set(_) => match word(pattern, input, end) {
            Ok(len) => (len, Scalar::Span),
            Err(token) => return token,
        },
    };
    let Some(blanks) = blanks(bytes.get(len..).unwrap_or_default(), pattern, len, whole) else {
        return Token::Incomplete;
    };
    Token::Matched { len, blanks, scalar }
}

/// The bytes that a conversion may take; `open` where more may follow.
#[derive(Clone, Copy)]
struct Window<'a> {
    bytes: &'a [u8],
    open: bool,
}

impl<'a> Window<'a> {
    fn from(self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Whether a token that ends here could go on.
    fn is_open_at(self, at: usize) -> bool {
        self.open && at >= self.bytes.len()
    }
}

/// Blanks behind a value that is written to the left; `None` where more may follow.
fn blanks(rest: &[u8], pattern: &Pattern, len: usize, whole: bool) -> Option<usize> {
    let most = pattern.filled.saturating_sub(len);
    let count = rest.iter().take(most).take_while(|&&it| it == b' ').count();
    (count == most || count < rest.len() || whole).then_some(count)
}

fn word(pattern: &Pattern, input: Window<'_>, end: &[u8]) -> Result<usize, Token> {
    let bytes = input.bytes;
    let own = match pattern.set() {
        Some(set) => bytes.iter().position(|&it| !set.contains(it)),
        None => bytes.iter().position(|&it| is_space(it)),
    };
    let mut len = own.unwrap_or(bytes.len());
    let mut closed = own.is_some() || !input.open;
    // Where a literal may begin that goes on in bytes to come.
    let mut begun = bytes.len();
    for literal in [end, &pattern.until] {
        if literal.is_empty() {
            continue;
        }
        // It may begin before the word ends by itself, and go on behind.
        let reach = len.saturating_add(literal.len()).saturating_sub(1).min(bytes.len());
        if let Some(at) = memmem::find(bytes.get(..reach).unwrap_or(bytes), literal) {
            len = len.min(at);
            closed = true;
        } else if input.open {
            let first = bytes.len().saturating_sub(literal.len().saturating_sub(1));
            let begins = |at: &usize| literal.starts_with(input.from(*at));
            begun = (first..begun).find(begins).unwrap_or(begun);
        }
    }
    match (closed && begun >= len, len) {
        (false, _) => Err(Token::Incomplete),
        (true, 0) => Err(Token::Malformed),
        (true, len) => Ok(len),
    }
}

fn sign(bytes: &[u8]) -> (bool, usize) {
    match bytes.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    }
}

fn integer(input: Window<'_>, radix: Radix, signed: bool) -> Result<(usize, Scalar), Token> {
    let (negative, start) = sign(input.bytes);
    let (base, start) = base(input, radix, start)?;
    let is_digit = |it: &u8| char::from(*it).is_digit(base);
    let count = input.from(start).iter().take_while(|it| is_digit(it)).count();
    let len = start.saturating_add(count);
    if input.is_open_at(len) {
        return Err(Token::Incomplete);
    }
    if count == 0 {
        return Err(if len >= input.bytes.len() { Token::Short } else { Token::Malformed });
    }
    let digits = input.bytes.get(start..len).unwrap_or_default();
    let magnitude = magnitude(digits, base).ok_or(Token::Malformed)?;
    let number = if negative { magnitude.checked_neg() } else { Some(magnitude) };
    let number = number.ok_or(Token::Malformed)?;
    let scalar = match signed {
        true => i64::try_from(number).map(Scalar::Signed),
        false => u64::try_from(number).map(Scalar::Unsigned),
    };
    Ok((len, scalar.map_err(|_| Token::Malformed)?))
}

/// The base of the digits, and where they start: behind `0x`, where that may stand.
fn base(input: Window<'_>, radix: Radix, start: usize) -> Result<(u32, usize), Token> {
    let rest = input.from(start);
    let takes_prefix = matches!(radix, Radix::Hex | Radix::Prefix);
    match (rest, radix) {
        ([] | [b'0'] | [b'0', b'x' | b'X'], _) if takes_prefix && input.open => {
            Err(Token::Incomplete)
        }
        ([b'0', b'x' | b'X', digit, ..], _) if takes_prefix && digit.is_ascii_hexdigit() => {
            Ok((16, start.saturating_add(2)))
        }
        (_, Radix::Hex) => Ok((16, start)),
        (_, Radix::Octal) | ([b'0', ..], Radix::Prefix) => Ok((8, start)),
        (_, Radix::Decimal | Radix::Prefix) => Ok((10, start)),
    }
}

fn magnitude(digits: &[u8], base: u32) -> Option<i128> {
    digits.iter().try_fold(0_i128, |sum, digit| {
        let digit = char::from(*digit).to_digit(base)?;
        sum.checked_mul(base.into())?.checked_add(digit.into())
    })
}

fn float(input: Window<'_>) -> Result<(usize, Scalar), Token> {
    let (negative, start) = sign(input.bytes);
    let (len, number) = named(input, start).unwrap_or_else(|| numeric(input, start))?;
    Ok((len, Scalar::Float(if negative { -number } else { number })))
}

/// `inf`, `infinity` and `nan`, in either case; `None` for anything else.
fn named(input: Window<'_>, start: usize) -> Option<Result<(usize, f64), Token>> {
    let rest = input.from(start);
    let begins = |name: &[u8]| rest.iter().zip(name).all(|(a, b)| a.eq_ignore_ascii_case(b));
    for (name, number) in
        [(&b"infinity"[..], f64::INFINITY), (b"inf", f64::INFINITY), (b"nan", f64::NAN)]
    {
        if rest.is_empty() || !begins(name) {
            continue;
        }
        if rest.len() >= name.len() {
            return Some(Ok((start.saturating_add(name.len()), number)));
        }
        if input.open {
            return Some(Err(Token::Incomplete));
        }
    }
    None
}

fn numeric(input: Window<'_>, start: usize) -> Result<(usize, f64), Token> {
    let rest = input.from(start);
    let is_hex = matches!(rest, [b'0', b'x' | b'X', ..]);
    let mantissa = start.saturating_add(if is_hex { 2 } else { 0 });
    let is_digit = |it: u8| if is_hex { it.is_ascii_hexdigit() } else { it.is_ascii_digit() };
    let digits = |at: usize| input.from(at).iter().take_while(|it| is_digit(**it)).count();
    let whole = digits(mantissa);
    let mut len = mantissa.saturating_add(whole);
    let mut count = whole;
    if input.from(len).first() == Some(&b'.') {
        let fraction = digits(len.saturating_add(1));
        count = count.saturating_add(fraction);
        len = len.saturating_add(1).saturating_add(fraction);
    }
    if count > 0 {
        len = exponent(input, len, is_hex)?;
    }
    if input.is_open_at(len) {
        return Err(Token::Incomplete);
    }
    if count == 0 {
        return Err(if len >= input.bytes.len() { Token::Short } else { Token::Malformed });
    }
    let text = input.bytes.get(start..len).unwrap_or_default();
    let number = if is_hex { hexadecimal(text) } else { decimal(text) };
    Ok((len, number.ok_or(Token::Malformed)?))
}

/// Where the number ends: behind its exponent, if there is a whole one.
fn exponent(input: Window<'_>, at: usize, is_hex: bool) -> Result<usize, Token> {
    let letter = if is_hex { b'p' } else { b'e' };
    let Some((first, rest)) = input.from(at).split_first() else { return Ok(at) };
    if !first.eq_ignore_ascii_case(&letter) {
        return Ok(at);
    }
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    let digits = rest.iter().skip(sign).take_while(|it| it.is_ascii_digit()).count();
    let end = at.saturating_add(1).saturating_add(sign).saturating_add(digits);
    match digits {
        0 if input.is_open_at(end) => Err(Token::Incomplete),
        0 => Ok(at),
        _ => Ok(end),
    }
}

fn decimal(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `0x1.8p3`: digits beyond the first 60 bits do not count.
fn hexadecimal(text: &[u8]) -> Option<f64> {
    let text = text.get(2..)?;
    let split = text.iter().position(|it| it.eq_ignore_ascii_case(&b'p')).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(split)?;
    let mut value = 0_u64;
    let mut scale = 0_i64;
    let mut in_fraction = false;
    for &byte in mantissa {
        let Some(digit) = char::from(byte).to_digit(16) else {
            in_fraction = true;
            continue;
        };
        let fits = value < 1 << 56;
        if fits {
            value = value.wrapping_shl(4) | u64::from(digit);
        }
        scale = scale.saturating_add(match (fits, in_fraction) {
            (true, true) => -4,
            (false, false) => 4,
            _ => 0,
        });
    }
    let exponent = match exponent.get(1..) {
        Some(digits) => {
            let digits = std::str::from_utf8(digits).ok()?;
            let limit = if digits.starts_with('-') { -100_000 } else { 100_000 };
            digits.parse::<i64>().unwrap_or(limit)
        }
        None => 0,
    };
    Some(scaled(value, scale.saturating_add(exponent)))
}

/// `value` times two to the power of `exponent`, rounded once.
fn scaled(value: u64, exponent: i64) -> f64 {
    let Some(top) = value.checked_ilog2().map(i64::from) else { return 0.0 };
    // Where the bits of a subnormal number end, rounding has to happen before the last step.
    let last = exponent.saturating_add(top);
    if last > 1023 {
        return f64::INFINITY;
    }
    let (value, exponent) = match (-1074_i64).saturating_sub(exponent) {
        lost if last < -1022 && lost > 0 => (rounded(value, lost), -1074),
        _ => (value, exponent),
    };
    #[expect(clippy::cast_precision_loss, reason = "to the nearest number, which is meant")]
    let mut number = value as f64;
    let mut left = exponent;
    while left != 0 && number != 0.0 && number.is_finite() {
        let step = left.clamp(-1000, 1000);
        let step = i32::try_from(step).unwrap_or(0);
        number *= 2_f64.powi(step);
        left = left.saturating_sub(step.into());
    }
    number
}

/// `value` without its last `bits` bits, halves to the even number.
fn rounded(value: u64, bits: i64) -> u64 {
    let Ok(bits @ ..=64) = u32::try_from(bits) else { return 0 };
    let wide = u128::from(value);
    let kept = wide.wrapping_shr(bits);
    let rest = wide.wrapping_sub(kept.wrapping_shl(bits));
    let half = 1_u128.wrapping_shl(bits.saturating_sub(1));
    let up = rest > half || rest == half && kept & 1 == 1;
    u64::try_from(kept.wrapping_add(u128::from(up))).unwrap_or(u64::MAX)
}
