//! Values to records, as `printf` writes them (C17 section 7.21.6.1).

use thiserror::Error;

use super::super::codec::FieldValue;
use super::conversion::{Kind, Radix};
use super::format::{Pattern, Piece, TextFormat};
use super::scan::{Ended, Scan};

/// A value that does not go into its conversion.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextEncodeError {
    /// No conversion has this name.
    #[error("no field `{0}`; a record's are `value`, or `value1`, `value2` and so on")]
    UnknownField(String),
    /// A list for a number, and the like.
    #[error("{path}: {found} where {expected} is needed")]
    Kind {
        /// The field.
        path: String,
        /// What the conversion writes.
        expected: &'static str,
        /// What was given.
        found: &'static str,
    },
    /// Not given, or under a `*`, and not a number: there is no text to write.
    #[error("{0}: no text is given for it")]
    Missing(String),
    /// It could not be read back: white space in a word, a number of more digits than its width,
    /// the end of the record within a value.
    #[error("{0}: the value could not be read back from the record")]
    Unreadable(String),
}

impl TextFormat {
    /// Appends one record with its end. `value` is a [`FieldValue::Group`] of its fields; numbers
    /// that are not given are zero.
    ///
    /// # Errors
    ///
    /// A field that the format does not have, a value that does not go into its conversion, and
    /// one that could not be read back. `out` is then as it was.
    pub fn encode(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), TextEncodeError> {
        let start = out.len();
        let outcome = self.append(value, out).and_then(|()| {
            let record = out.get(start..).unwrap_or_default();
            self.read_back(record)
        });
        if outcome.is_err() {
            out.truncate(start);
        }
        outcome
    }

    fn append(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), TextEncodeError> {
        let FieldValue::Group(fields) = value else {
            let (expected, found) = ("a group", value.kind());
            return Err(TextEncodeError::Kind { path: self.message.clone(), expected, found });
        };
        let is_known = |name: &str| self.table.nodes.iter().any(|node| node.name == name);
        if let Some((name, _)) = fields.iter().find(|(name, _)| !is_known(name)) {
            return Err(TextEncodeError::UnknownField(name.clone()));
        }
        for (index, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Space { written, .. } => out.extend_from_slice(written),
                Piece::Literal { bytes, .. } => out.extend_from_slice(bytes),
                Piece::Conversion(pattern) => {
                    let name = self.context(index);
                    let field = fields.iter().find(|(it, _)| it == name).map(|(_, value)| value);
                    convert(pattern, name, field.filter(|_| pattern.node.is_some()), out)?;
                }
            }
        }
        out.extend_from_slice(&self.end);
        Ok(())
    }

    fn read_back(&self, record: &[u8]) -> Result<(), TextEncodeError> {
        let mut scan = Scan::default();
        let whole = self.end.is_empty();
        let found = scan.advance(self, record, whole, &mut Vec::new());
        let is_whole = |it: &super::scan::Record<'_>| {
            it.len == record.len() && it.trailing == 0 && it.ended != Ended::Limit
        };
        let at = match found {
            Some(it) if it.error.is_none() && is_whole(&it) => return Ok(()),
            Some(it) => it.error.map_or(self.message.as_str(), |error| error.context),
            None => self.message.as_str(),
        };
        Err(TextEncodeError::Unreadable(at.to_owned()))
    }
}

fn convert(
    pattern: &Pattern,
    name: &str,
    value: Option<&FieldValue>,
    out: &mut Vec<u8>,
) -> Result<(), TextEncodeError> {
    let wrong = |expected, value: &FieldValue| {
        let found = value.kind();
        Err(TextEncodeError::Kind { path: name.to_owned(), expected, found })
    };
    match (&pattern.kind, value) {
        (Kind::Integer { radix, signed, upper }, value) => {
            let number = match value {
                None => 0,
                Some(FieldValue::Integer(number)) => *number,
                Some(other) => return wrong("an integer", other),
            };
            let digits = digits(pattern, number.unsigned_abs(), *radix, *upper);
            let prefix = if number < 0 || *signed { sign(pattern, number < 0) } else { "" };
            let hex = pattern.flags.alternate && *radix == Radix::Hex && number != 0;
            let prefix = match (hex, upper) {
                (false, _) => prefix.to_owned(),
                (true, false) => format!("{prefix}0x"),
                (true, true) => format!("{prefix}0X"),
            };
            let zero = pattern.flags.zero && pattern.precision.is_none();
            pad(pattern, prefix.as_bytes(), digits.as_bytes(), zero, out);
        }
        (Kind::Float(letter), value) => {
            let number = match value {
                None => 0.0,
                #[expect(clippy::cast_precision_loss, reason = "to the nearest number")]
                Some(FieldValue::Integer(number)) => *number as f64,
                Some(FieldValue::Float(number)) => *number,
                Some(other) => return wrong("a number", other),
            };
            let digits = float(pattern, *letter, number.abs());
            let prefix = sign(pattern, number.is_sign_negative() && !number.is_nan());
            let zero = pattern.flags.zero && number.is_finite();
            pad(pattern, prefix.as_bytes(), digits.as_bytes(), zero, out);
        }
        (_, Some(FieldValue::Text(text))) => pad(pattern, b"", text.as_bytes(), false, out),
        (_, Some(FieldValue::Bytes(bytes))) => pad(pattern, b"", bytes, false, out),
        (_, Some(other)) => return wrong("text", other),
        (_, None) => return Err(TextEncodeError::Missing(name.to_owned())),
    }
    Ok(())
}

fn sign(pattern: &Pattern, negative: bool) -> &'static str {
    match (negative, pattern.flags.plus, pattern.flags.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

/// Fills up to the width: with zeros behind the prefix, or blanks on either side.
fn pad(pattern: &Pattern, prefix: &[u8], body: &[u8], zero: bool, out: &mut Vec<u8>) {
    let missing = pattern.width.saturating_sub(prefix.len()).saturating_sub(body.len());
    let fill = |byte| std::iter::repeat_n(byte, missing);
    match (pattern.flags.left, zero) {
        (true, _) => {
            out.extend([prefix, body].concat());
            out.extend(fill(b' '));
        }
        (false, true) => {
            out.extend_from_slice(prefix);
            out.extend(fill(b'0'));
            out.extend_from_slice(body);
        }
        (false, false) => {
            // What takes white space as it comes would read the blanks.
            if !matches!(pattern.kind, Kind::Set(_)) {
                out.extend(fill(b' '));
            }
            out.extend([prefix, body].concat());
        }
    }
}

fn digits(pattern: &Pattern, number: u128, radix: Radix, upper: bool) -> String {
    let least = pattern.precision.unwrap_or(1);
    match (radix, upper) {
        (Radix::Decimal | Radix::Prefix, _) => format!("{number:0least$}"),
        (Radix::Octal, _) if pattern.flags.alternate && number != 0 => format!("0{number:o}"),
        (Radix::Octal, _) => format!("{number:0least$o}"),
        (Radix::Hex, false) => format!("{number:0least$x}"),
        (Radix::Hex, true) => format!("{number:0least$X}"),
    }
}

fn float(pattern: &Pattern, letter: u8, number: f64) -> String {
    let precision = pattern.precision.unwrap_or(6);
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        "inf".to_owned()
    } else {
        match letter.to_ascii_lowercase() {
            b'f' => format!("{number:.precision$}"),
            b'e' => scientific(number, precision),
            b'a' => hexadecimal(number),
            _ => general(number, precision.max(1), pattern.flags.alternate),
        }
    };
    if letter.is_ascii_uppercase() { text.to_uppercase() } else { text }
}

/// At least two digits of exponent, and its sign.
fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}e-{digits:0>2}"),
        None => format!("{mantissa}e+{exponent:0>2}"),
    }
}

/// `%g`: whichever of the two is shorter, without zeros at the end.
fn general(number: f64, precision: usize, keep_zeros: bool) -> String {
    let last = precision.saturating_sub(1);
    let text = scientific(number, last);
    let exponent = text.split_once('e').and_then(|(_, it)| it.parse::<i64>().ok()).unwrap_or(0);
    let precise = i64::try_from(precision).unwrap_or(i64::MAX);
    if exponent < -4 || exponent >= precise {
        let (mantissa, rest) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{rest}", trimmed(mantissa, keep_zeros));
    }
    let decimals = usize::try_from(precise.saturating_sub(1).saturating_sub(exponent));
    trimmed(&format!("{number:.*}", decimals.unwrap_or(0)), keep_zeros).to_owned()
}

fn trimmed(text: &str, keep_zeros: bool) -> &str {
    if keep_zeros || !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.')
}

/// All digits of the number (IEEE 754 binary64): `0x1.8p+3`.
fn hexadecimal(number: f64) -> String {
    let bits = number.to_bits();
    let exponent = i64::try_from(bits.wrapping_shr(52) & 0x7ff).unwrap_or(0);
    let fraction = format!("{:013x}", bits & 0xf_ffff_ffff_ffff);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    match exponent {
        0 if fraction.is_empty() => "0x0p+0".to_owned(),
        0 => format!("0x0{point}{fraction}p-1022"),
        _ => format!("0x1{point}{fraction}p{:+}", exponent.saturating_sub(1023)),
    }
}
