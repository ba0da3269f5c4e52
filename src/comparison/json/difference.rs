//! What two JSON texts differ in, by path: `body.$.items[3].id`.
//!
//! The order of members is no difference, nor is the spelling of strings and numbers: `1.0` is `1`,
//! by their digits, however many. Elements of arrays that are as long as each other are compared
//! by their index; of others those first that are the same from either end.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::bytes::sieve::Sieve;
use super::super::difference::MAX_OF_ANSWER;
use super::super::unequal::{Unequal, cut};
use super::path::{JsonPath, Key, written};
use super::value::{Json, Value};

/// What may differ.
#[derive(Clone, Debug, Default)]
pub(in crate::comparison) struct JsonCriteria {
    pub ignore: Vec<JsonPath>,
    pub tolerance: Vec<(JsonPath, f64)>,
    /// What does not count of a value's text.
    pub sieve: Sieve,
}

struct Walk<'w, 't> {
    criteria: &'w JsonCriteria,
    place: Vec<Key<'t>>,
    found: Vec<Unequal>,
    /// Only whether there is a difference is asked. Arrays are not aligned then, so that no element
    /// is gone through more than a few times, however deep it lies.
    is_asked: bool,
}

/// The first [`MAX_OF_ANSWER`] differences.
pub(in crate::comparison) fn compare(
    criteria: &JsonCriteria,
    expected: &Json<'_>,
    actual: &Json<'_>,
) -> Vec<Unequal> {
    let mut walk = Walk { criteria, place: Vec::new(), found: Vec::new(), is_asked: false };
    walk.values(expected, actual);
    walk.found
}

impl<'t> Walk<'_, 't> {
    fn values(&mut self, expected: &'t Json<'t>, actual: &'t Json<'t>) {
        if self.is_full() || expected.text == actual.text || self.is_ignored() {
            return;
        }
        let is_same = match (&expected.value, &actual.value) {
            (Value::Object(one), Value::Object(other)) => return self.objects(one, other),
            (Value::Array(one), Value::Array(other)) => return self.arrays(one, other),
            (Value::Number(one), Value::Number(other)) => self.is_same_number(one, other),
            (one, other) => one == other,
        };
        let sieve = &self.criteria.sieve;
        if !is_same && !sieve.is_same(expected.text.as_bytes(), actual.text.as_bytes()) {
            self.note([Some(expected), Some(actual)]);
        }
    }

    fn objects(&mut self, expected: &'t [Member<'t>], actual: &'t [Member<'t>]) {
        let (before, after) = (by_name(expected), by_name(actual));
        let is_last =
            |members: &HashMap<&str, usize>, name: &str, at| members.get(name) == Some(&at);
        for (at, (name, value)) in expected.iter().enumerate() {
            if is_last(&before, name, at) {
                let other = after.get(&**name).and_then(|at| actual.get(*at));
                self.at(Key::Member(name), Some(value), other.map(|(_, value)| value));
            }
        }
        for (at, (name, value)) in actual.iter().enumerate() {
            if is_last(&after, name, at) && !before.contains_key(&**name) {
                self.at(Key::Member(name), None, Some(value));
            }
        }
    }

    fn arrays(&mut self, expected: &'t [Json<'t>], actual: &'t [Json<'t>]) {
        let is_by_index = self.is_asked || expected.len() == actual.len();
        let (begin, end) = if is_by_index { (0, 0) } else { self.alike(expected, actual) };
        let [mut one, mut other] = [expected, actual].map(|list| {
            let middle = list.get(begin..list.len().saturating_sub(end)).unwrap_or_default();
            (begin..).zip(middle)
        });
        while !self.is_full() {
            let (index, one, other) = match (one.next(), other.next()) {
                (None, None) => return,
                (Some((at, one)), other) => (at, Some(one), other.map(|(_, it)| it)),
                (None, Some((at, other))) => (at, None, Some(other)),
            };
            self.at(Key::Index(index), one, other);
        }
    }

    /// How many elements are the same from the beginning, and how many of the rest from the end.
    fn alike(&self, expected: &'t [Json<'t>], actual: &'t [Json<'t>]) -> (usize, usize) {
        let same = |(index, (one, other)): &(usize, (&'t Json<'t>, &'t Json<'t>))| {
            self.is_same(Key::Index(*index), one, other)
        };
        let begin = expected.iter().zip(actual).enumerate().take_while(same).count();
        let [one, other] = [expected, actual].map(|it| it.get(begin..).unwrap_or_default());
        let from_end = one.iter().rev().zip(other.iter().rev());
        let index = |back: usize| expected.len().saturating_sub(back).saturating_sub(1);
        let from_end = from_end.enumerate().map(|(back, pair)| (index(back), pair));
        (begin, from_end.take_while(same).count())
    }

    /// Whether two values at a place below this one are the same.
    fn is_same(&self, key: Key<'t>, expected: &'t Json<'t>, actual: &'t Json<'t>) -> bool {
        let place = self.place.iter().copied().chain([key]).collect();
        let Self { criteria, .. } = *self;
        let mut walk = Walk { criteria, place, found: Vec::new(), is_asked: true };
        walk.values(expected, actual);
        walk.found.is_empty()
    }

    fn at(&mut self, key: Key<'t>, one: Option<&'t Json<'t>>, other: Option<&'t Json<'t>>) {
        self.place.push(key);
        match (one, other) {
            (Some(one), Some(other)) => self.values(one, other),
            _ if self.is_ignored() => {}
            only => self.note([only.0, only.1]),
        }
        self.place.pop();
    }

    fn note(&mut self, [expected, actual]: [Option<&Json<'_>>; 2]) {
        if !self.is_full() {
            let text = |json: Option<&Json<'_>>| json.map(|it| cut(it.text));
            let field = written(&self.place);
            self.found.push(Unequal { field, expected: text(expected), actual: text(actual) });
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= if self.is_asked { 1 } else { MAX_OF_ANSWER }
    }

    fn is_ignored(&self) -> bool {
        self.criteria.ignore.iter().any(|it| it.is_of(&self.place))
    }

    fn is_same_number(&self, one: &str, other: &str) -> bool {
        if Decimal::of(one) == Decimal::of(other) {
            return true;
        }
        let mut tolerance = self.criteria.tolerance.iter();
        let by = tolerance.find(|(path, _)| path.is_of(&self.place)).map(|(_, by)| *by);
        let [one, other] = [one, other].map(|it| it.parse::<f64>().ok());
        let distance = one.zip(other).map(|(one, other)| (one - other).abs());
        by.zip(distance).is_some_and(|(by, distance)| distance <= by)
    }
}

/// A name and its value.
type Member<'t> = (Cow<'t, str>, Json<'t>);

/// Where each name stands last.
fn by_name<'m>(members: &'m [Member<'_>]) -> HashMap<&'m str, usize> {
    members.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect()
}

/// A number by its digits, so that none is rounded: they stand behind the point, and the exponent
/// says where that is. Zero has no digits.
#[derive(Debug)]
struct Decimal<'t> {
    is_negative: bool,
    /// Before and behind the point, as it is spelt.
    digits: [&'t [u8]; 2],
    exponent: i64,
}

impl<'t> Decimal<'t> {
    fn of(number: &'t str) -> Self {
        let positive = number.strip_prefix('-');
        let (mantissa, exponent) = match positive.unwrap_or(number).split_once(['e', 'E']) {
            // What is beyond is far from anything else.
            Some((mantissa, exponent)) => {
                let is_small = exponent.starts_with('-');
                let limit = if is_small { i64::MIN / 2 } else { i64::MAX / 2 };
                (mantissa, exponent.parse().unwrap_or(limit))
            }
            None => (positive.unwrap_or(number), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut whole = whole.trim_start_matches('0');
        let mut fraction = fraction.trim_end_matches('0');
        let mut exponent = i64::saturating_add(exponent, signed(whole.len()));
        if whole.is_empty() {
            let behind = fraction.trim_start_matches('0');
            exponent = exponent.saturating_sub(signed(fraction.len().saturating_sub(behind.len())));
            fraction = behind;
        }
        if fraction.is_empty() {
            whole = whole.trim_end_matches('0');
        }
        let is_zero = whole.is_empty() && fraction.is_empty();
        Self {
            is_negative: positive.is_some() && !is_zero,
            digits: [whole.as_bytes(), fraction.as_bytes()],
            exponent: if is_zero { 0 } else { exponent },
        }
    }
}

fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        let digits = |it: &Self| it.digits.concat();
        self.is_negative == other.is_negative
            && self.exponent == other.exponent
            && digits(self) == digits(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(criteria: &JsonCriteria, one: &str, other: &str) -> Vec<String> {
        let [one, other] = [one, other].map(|it| Json::parse(it.as_bytes()).unwrap());
        let text = |it: Option<String>| it.unwrap_or_else(|| "-".to_owned());
        let found = compare(criteria, &one, &other).into_iter();
        found.map(|it| format!("{} {} {}", it.field, text(it.expected), text(it.actual))).collect()
    }

    fn ignoring(paths: &[&str]) -> JsonCriteria {
        let ignore = paths.iter().map(|it| JsonPath::parse(it).unwrap()).collect();
        JsonCriteria { ignore, ..JsonCriteria::default() }
    }

    #[test]
    fn differences_have_their_paths() {
        for (one, other, expected) in [
            (r#"{"n":1}"#, r#"{"n":2}"#, &["body.$.n 1 2"][..]),
            (r#"{"a":1,"b":2}"#, r#"{ "b": 2, "a": 1 }"#, &[]),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"c":3}"#, &["body.$.a 1 -", "body.$.c - 3"]),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, &[]),
            (
                r#"{"a":{"b":[1,{"c":null}]}}"#,
                r#"{"a":{"b":[1,{"c":"x"}]}}"#,
                &[r#"body.$.a.b[1].c null "x""#],
            ),
            (r#"{"a b":"1"}"#, r#"{"a b":1}"#, &[r#"body.$['a b'] "1" 1"#]),
            (r#"["\u0041","b"]"#, r#"["A","B"]"#, &[r#"body.$[1] "b" "B""#]),
            ("[]", "{}", &["body.$ [] {}"]),
            ("[true]", "[false]", &["body.$[0] true false"]),
        ] {
            assert_eq!(told(&JsonCriteria::default(), one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn an_element_too_many_does_not_make_the_others_differ() {
        for (one, other, expected) in [
            ("[1,2,3]", "[1,2,9,3]", &["body.$[2] - 9"][..]),
            ("[1,2,3]", "[2,3]", &["body.$[0] 1 -"]),
            ("[1,2,3]", "[1,2,3,4,5]", &["body.$[3] - 4", "body.$[4] - 5"]),
            ("[1,2,3]", "[]", &["body.$[0] 1 -", "body.$[1] 2 -", "body.$[2] 3 -"]),
            ("[1,1]", "[1,1,1]", &["body.$[2] - 1"]),
            ("[1,2,3]", "[1,5,6,3]", &["body.$[1] 2 5", "body.$[2] - 6"]),
        ] {
            assert_eq!(told(&JsonCriteria::default(), one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn numbers_are_the_same_by_their_digits() {
        for (one, other, is_same) in [
            ("1.0", "1", true),
            ("1e2", "100", true),
            ("100e-2", "1", true),
            ("0.001", "1E-3", true),
            ("-0", "0.0", true),
            ("0e5", "0", true),
            ("120", "12", false),
            ("0.12", "0.012", false),
            ("1.01", "10.1e-1", true),
            ("-1", "1", false),
            ("12345678901234567890123", "12345678901234567890124", false),
            ("0.1", "0.10000000000000000001", false),
            ("1e99999999999999999999", "1e-99999999999999999999", false),
        ] {
            let found = told(&JsonCriteria::default(), &format!("[{one}]"), &format!("[{other}]"));
            assert_eq!(found.is_empty(), is_same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_ignored_or_near_enough_is_no_difference() {
        let [one, other] = [
            r#"{"id":1,"t":5,"items":[{"id":2,"v":1},{"id":3,"v":1}]}"#,
            r#"{"id":7,"t":9,"items":[{"id":8,"v":1},{"id":9,"v":2}],"new":{}}"#,
        ];
        let all = [
            "body.$.id 1 7",
            "body.$.t 5 9",
            "body.$.items[0].id 2 8",
            "body.$.items[1].id 3 9",
            "body.$.items[1].v 1 2",
            "body.$.new - {}",
        ];
        assert_eq!(told(&JsonCriteria::default(), one, other), all);
        let found = told(&ignoring(&["body.$..id", "body.$.new"]), one, other);
        assert_eq!(found, ["body.$.t 5 9", "body.$.items[1].v 1 2"]);
        let found = told(&ignoring(&["body.$.items[*]", "body.$.new"]), one, other);
        assert_eq!(found, all[..2]);
        assert_eq!(told(&ignoring(&["body.$"]), one, other), [""; 0]);
        let path = JsonPath::parse("body.$.t").unwrap();
        for (by, is_near) in [(4.0, true), (3.9, false)] {
            let tolerance = vec![(path.clone(), by)];
            let found = told(&JsonCriteria { tolerance, ..ignoring(&[]) }, one, other);
            assert_eq!(!found.contains(&all[1].to_owned()), is_near, "{by}");
        }
        // Elements are found again also where what may differ in them does.
        let [one, other] = [r#"[{"id":1,"v":1}]"#, r#"[{"id":7,"v":0},{"id":8,"v":1}]"#];
        assert_eq!(told(&ignoring(&["body.$..id"]), one, other), [r#"body.$[0] - {"id":7,"v":0}"#]);
    }

    #[test]
    fn no_more_is_told_than_the_bound() {
        let [one, other] = ["1", "2"].map(|it| format!("[{}]", vec![it; 1000].join(",")));
        assert_eq!(told(&JsonCriteria::default(), &one, &other).len(), MAX_OF_ANSWER);
    }
}
