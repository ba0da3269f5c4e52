//! A JSON text (RFC 8259) as it is compared: every value with the text that it stands in.
//!
//! Numbers keep their spelling, so that none loses a digit; members keep their order, and one that
//! is there twice counts by its last value. What is no JSON is `None`, as is what lies deeper than
//! [`MAX_DEPTH`].

use std::borrow::Cow;

/// Arrays and objects within one another.
pub(in crate::comparison) const MAX_DEPTH: usize = 128;

/// A value, and the text that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::comparison) struct Json<'t> {
    pub text: &'t str,
    pub value: Value<'t>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::comparison) enum Value<'t> {
    Null,
    Bool(bool),
    /// As it is spelt.
    Number(&'t str),
    Text(Cow<'t, str>),
    Array(Vec<Json<'t>>),
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

impl<'t> Json<'t> {
    /// Reads a text that is one value; a byte order mark before it is passed over.
    pub fn parse(bytes: &'t [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader { rest: text.trim_start_matches('\u{feff}') };
        let value = reader.value(0)?;
        reader.blank();
        reader.rest.is_empty().then_some(value)
    }

    /// Whether it holds other values.
    pub fn is_nested(&self) -> bool {
        matches!(self.value, Value::Array(_) | Value::Object(_))
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Option<Json<'t>> {
        self.blank();
        let before = self.rest;
        let value = match before.as_bytes().first()? {
            b'{' if depth < MAX_DEPTH => Value::Object(self.object(depth)?),
            b'[' if depth < MAX_DEPTH => Value::Array(self.array(depth)?),
            b'"' => Value::Text(self.string()?),
            b'n' => self.word("null", Value::Null)?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            _ => Value::Number(self.number()?),
        };
        let len = before.len().saturating_sub(self.rest.len());
        Some(Json { text: before.get(..len)?, value })
    }

    fn object(&mut self, depth: usize) -> Option<Vec<(Cow<'t, str>, Json<'t>)>> {
        let mut members = Vec::new();
        self.listed('{', '}', &mut |reader| {
            reader.blank();
            let name = reader.string()?;
            reader.blank();
            reader.take(':')?;
            members.push((name, reader.value(depth.saturating_add(1))?));
            Some(())
        })?;
        Some(members)
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Json<'t>>> {
        let mut elements = Vec::new();
        self.listed('[', ']', &mut |reader| {
            elements.push(reader.value(depth.saturating_add(1))?);
            Some(())
        })?;
        Some(elements)
    }

    /// What stands between brackets, with commas between.
    fn listed(
        &mut self,
        open: char,
        close: char,
        one: &mut dyn FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        self.blank();
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            one(self)?;
            self.blank();
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(',')?;
        }
    }

    /// A string; one without escapes is borrowed.
    fn string(&mut self) -> Option<Cow<'t, str>> {
        self.take('"')?;
        let end = memchr::memchr2(b'"', b'\\', self.rest.as_bytes())?;
        let (plain, rest) = self.rest.split_at_checked(end)?;
        if plain.bytes().any(|byte| byte < 0x20) {
            return None;
        }
        self.rest = rest;
        if self.take('"').is_some() {
            return Some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            let character = self.rest.chars().next()?;
            self.take(character)?;
            match character {
                '"' => return Some(Cow::Owned(text)),
                '\\' => text.push(self.escaped()?),
                ..' ' => return None,
                other => text.push(other),
            }
        }
    }

    /// What stands behind a backslash. Half of a surrogate pair is no character: all of these are
    /// U+FFFD.
    fn escaped(&mut self) -> Option<char> {
        let kind = self.rest.chars().next()?;
        self.take(kind)?;
        Some(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.hex()?;
                let before = self.rest;
                let second = match first {
                    0xd800..=0xdbff if self.rest.starts_with("\\u") => {
                        self.rest = self.rest.get(2..)?;
                        Some(self.hex()?)
                    }
                    _ => None,
                };
                let pair = [first, second.unwrap_or_default()];
                let units = pair.get(..if second.is_some() { 2 } else { 1 })?.iter().copied();
                let mut characters = char::decode_utf16(units);
                match (characters.next()?, characters.next()) {
                    (Ok(character), None) => character,
                    _ => {
                        self.rest = before;
                        char::REPLACEMENT_CHARACTER
                    }
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    }

    fn number(&mut self) -> Option<&'t str> {
        let before = self.rest;
        self.take('-');
        match self.take('0') {
            Some(()) => {}
            None => self.digits()?,
        }
        if self.take('.').is_some() {
            self.digits()?;
        }
        if self.take('e').or_else(|| self.take('E')).is_some() {
            _ = self.take('+').or_else(|| self.take('-'));
            self.digits()?;
        }
        before.get(..before.len().saturating_sub(self.rest.len()))
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(|it: char| it.is_ascii_digit());
        let is_any = rest.len() < self.rest.len();
        self.rest = rest;
        is_any.then_some(())
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Option<Value<'t>> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(value)
    }

    fn take(&mut self, character: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_json_is_read_and_nothing_else() {
        for text in [
            "null",
            " true ",
            "-0",
            "0.5e+10",
            "[]",
            "{}",
            "[1,2 , 3]",
            "{\"a\":{\"b\":[null]}}",
            "\"\\u00e4\\ud83d\\ude00\\ud83d\\n\"",
            "\u{feff}{}",
            "{\"a\":1,\"a\":2}",
        ] {
            assert!(Json::parse(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "",
            " ",
            "nul",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "[1,]",
            "[1",
            "{\"a\"}",
            "{a:1}",
            "{\"a\":1,}",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "'a'",
            "1 2",
            "{}x",
            "\"a",
            "\"a\\",
        ] {
            assert_eq!(Json::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), None);
    }

    #[test]
    fn strings_are_what_their_escapes_mean() {
        let text = |text: &str| match Json::parse(text.as_bytes()).unwrap().value {
            Value::Text(text) => text.into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text("\"\\u0041b\\/\""), "Ab/");
        assert_eq!(text("\"\\ud83d\\ude00\""), "\u{1f600}");
        assert_eq!(text("\"\\ud83d\\u0041\""), "\u{fffd}A");
        assert_eq!(text("\"\\ud83dx\\udc00\""), "\u{fffd}x\u{fffd}");
    }

    #[test]
    fn no_depth_overflows_the_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(nested(MAX_DEPTH).as_bytes()).is_some());
        assert_eq!(Json::parse(nested(MAX_DEPTH + 1).as_bytes()), None);
        assert_eq!(Json::parse("[".repeat(1 << 20).as_bytes()), None);
    }

    proptest! {
        #[test]
        fn it_agrees_with_another_parser(text in "[\\[\\]{}\",:0-9eE.+ntrufalse\\\\ -]{0,24}") {
            let ours = Json::parse(text.as_bytes()).is_some();
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // The other refuses numbers beyond its types, and halves of surrogate pairs.
            let is_theirs = match &theirs {
                Ok(_) => true,
                Err(error) => {
                    let error = error.to_string();
                    error.contains("out of range") || error.contains("surrogate") || error.contains("hex escape")
                }
            };
            prop_assert_eq!(ours, is_theirs && (theirs.is_ok() || ours));
        }
    }
}
