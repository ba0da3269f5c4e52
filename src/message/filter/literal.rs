//! What a literal means, by the types that the field can have.

use std::net::IpAddr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::property::IpVersion;
use super::condition::Comparand;
use super::grammar::{Form, Literal};

/// What the values of a field can be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Types {
    pub number: bool,
    pub text: bool,
    pub bytes: bool,
    /// A number with names.
    pub named: bool,
    /// A number whose bits have names.
    pub flags: bool,
    /// An IPv4 address, or one of an end.
    pub ipv4: bool,
    /// The same of IPv6.
    pub ipv6: bool,
    /// Sixteen bytes that are written as a UUID.
    pub uuid: bool,
    /// Written for people: text stands for what it is written as.
    pub shown: bool,
    pub date: bool,
    pub epoch: bool,
}

impl Types {
    /// The values that a literal can mean for such a field; none where it can never be one.
    pub fn read(self, literal: &Literal<'_>) -> Vec<Comparand> {
        let mut found = Vec::new();
        match &literal.form {
            Form::Text(bytes) => {
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                if self.shown {
                    self.word(text, &mut found);
                }
                if found.is_empty() && (self.text || self.named || self.bytes) {
                    found.push(Comparand::Bytes(bytes.clone()));
                }
                found.extend(date(text).filter(|_| self.date).map(Comparand::Time));
            }
            Form::Character(byte) => {
                if self.number {
                    found.push(Comparand::Integer((*byte).into()));
                }
                if self.text || self.bytes {
                    found.push(Comparand::Bytes(vec![*byte]));
                }
            }
            Form::Word => self.word(literal.at, &mut found),
        }
        found
    }

    fn word(self, word: &str, found: &mut Vec<Comparand>) {
        if self.number {
            found.extend(number(word));
        }
        if self.text || self.bytes {
            found.extend(bytes(word).map(Comparand::Bytes));
        }
        if self.named && word.starts_with(|it: char| it.is_alphabetic() || it == '_') {
            found.push(Comparand::Bytes(word.as_bytes().to_vec()));
        }
        if self.uuid {
            found.extend(uuid(word).map(Comparand::Bytes));
        }
        found.extend(prefix(word).filter(|(_, version)| self.has(*version)).map(|it| it.0));
        if self.date {
            found.extend(date(word).map(Comparand::Time));
        }
        if self.epoch {
            found.extend(epoch(word).map(Comparand::Time));
        }
    }

    fn has(self, version: IpVersion) -> bool {
        match version {
            IpVersion::V4 => self.ipv4,
            IpVersion::V6 => self.ipv6,
        }
    }

    /// What a literal has to be, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Self { ipv4: true, ipv6: true, .. } => {
                "an address or prefix, such as `10.0.0.0/8` or `fe80::/10`"
            }
            Self { ipv4: true, .. } => "an IPv4 address or prefix, such as `10.0.0.0/8`",
            Self { ipv6: true, .. } => "an IPv6 address or prefix, such as `fe80::/10`",
            Self { date: true, .. } => "a time in UTC, such as `\"2024-05-01 12:34:56\"`",
            Self { uuid: true, .. } => "a UUID, or bytes such as `41:6c`",
            Self { epoch: true, .. } => "seconds since 1970, such as `1714566896.5`",
            Self { flags: true, .. } => "a number, or names such as `\"SYN|ACK\"`",
            Self { named: true, .. } => "a number or a name",
            Self { number: true, text: false, bytes: false, .. } => "a number",
            Self { number: true, .. } => "a number, text in `\"` or bytes such as `41:6c`",
            Self { text: true, .. } => "text in `\"`, or bytes such as `41:6c`",
            Self { bytes: true, .. } => "bytes such as `41:6c`, or text in `\"`",
            _ => "a value, but the field has none to compare",
        }
    }

    /// Whether all that it holds are numbers with names, so that what is no number has to be one of these.
    pub fn is_of_names(self) -> bool {
        self.named && !self.text && !self.bytes && !self.uuid && !self.date
    }

    /// Whether it can hold characters.
    pub fn is_string(self) -> bool {
        self.text || self.bytes || self.named
    }
}

/// Decimal, `0x`, `0b`, octal behind a leading zero as in C; or with a point or an exponent.
fn number(word: &str) -> Option<Comparand> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    if !digits.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
        return None;
    }
    let behind = |lower, upper| digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper));
    let (digits, radix) = match (behind("0x", "0X"), behind("0b", "0B")) {
        (Some(digits), _) => (digits, 16),
        (_, Some(digits)) => (digits, 2),
        _ if digits.len() > 1 && digits.starts_with('0') && !digits.contains(['.', 'e', 'E']) => {
            (digits, 8)
        }
        _ => (digits, 10),
    };
    let magnitude = u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'));
    match magnitude.map(i128::from) {
        Some(magnitude) if negative => Some(Comparand::Integer(magnitude.wrapping_neg())),
        Some(magnitude) => Some(Comparand::Integer(magnitude)),
        None if radix == 10 => {
            let number: f64 = digits.parse().ok()?;
            Some(Comparand::Float(if negative { -number } else { number }))
        }
        None => None,
    }
}

/// Pairs of hex digits with `:` between them.
fn bytes(word: &str) -> Option<Vec<u8>> {
    if !word.contains(':') {
        return None;
    }
    let byte = |pair: &str| {
        let is_pair = pair.len() == 2 && pair.bytes().all(|it| it.is_ascii_hexdigit());
        u8::from_str_radix(pair, 16).ok().filter(|_| is_pair)
    };
    word.split(':').map(byte).collect()
}

/// 32 hex digits in groups of 8, 4, 4, 4 and 12.
fn uuid(word: &str) -> Option<Vec<u8>> {
    let lens = word.split('-').map(str::len);
    let digits = word.replace('-', "");
    let is_uuid = lens.eq([8, 4, 4, 4, 12]) && digits.bytes().all(|it| it.is_ascii_hexdigit());
    let bytes = u128::from_str_radix(&digits, 16).ok().filter(|_| is_uuid)?;
    Some(bytes.to_be_bytes().to_vec())
}

fn prefix(word: &str) -> Option<(Comparand, IpVersion)> {
    let (address, len) = match word.split_once('/') {
        Some((address, len)) => (address, Some(len)),
        None => (word, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let is_decimal = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let len = match len {
        Some(len) => len.parse().ok().filter(|&it| it <= bits && is_decimal(len))?,
        None => bits,
    };
    let version = if address.is_ipv4() { IpVersion::V4 } else { IpVersion::V6 };
    Some((Comparand::Prefix { address, len }, version))
}

/// A date, with a time of day or without, in UTC unless it says where. Nanoseconds since 1970.
fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    let time = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    i64::try_from(time.as_nanosecond()).ok()
}

/// Seconds since 1970 with up to nine digits behind the point, as nanoseconds.
fn epoch(word: &str) -> Option<i64> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    let time = whole.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)?;
    Some(if negative { time.wrapping_neg() } else { time })
}
