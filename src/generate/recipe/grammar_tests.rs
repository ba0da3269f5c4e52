use proptest::prelude::*;

use super::*;
use crate::profile::TimeUnit;

fn text(it: &str) -> FieldValue {
    FieldValue::Text(it.to_owned())
}

fn int(it: i128) -> FieldValue {
    FieldValue::Integer(it)
}

#[test]
fn recipes_are_written_as_they_are_read() {
    use ValueRecipe::{Bytes, Choice, Constant, Counter, FloatRange, Now, Range, Text};
    let group = |it: &[(&str, FieldValue)]| {
        FieldValue::Group(it.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect())
    };
    for (written, recipe) in [
        ("83", Constant(int(83))),
        ("-1", Constant(int(-1))),
        ("340282366920938463463", Constant(int(340_282_366_920_938_463_463))),
        ("1.5", Constant(FieldValue::Float(1.5))),
        ("-1e-7", Constant(FieldValue::Float(-1e-7))),
        ("Alan", Constant(text("Alan"))),
        ("Alan Turing", Constant(text("Alan Turing"))),
        ("10.0.0.1", Constant(text("10.0.0.1"))),
        ("00ff", Constant(text("00ff"))),
        ("\"\"", Constant(text(""))),
        ("\"83\"", Constant(text("83"))),
        ("\"0..100\"", Constant(text("0..100"))),
        ("\"counter\"", Constant(text("counter"))),
        ("\"a, b\"", Constant(text("a, b"))),
        ("\" a\"", Constant(text(" a"))),
        ("\"\\\"\\\\\\n\\r\\t\\u{7}\"", Constant(text("\"\\\n\r\t\u{7}"))),
        ("hex(00ff)", Constant(FieldValue::Bytes(vec![0, 0xff]))),
        ("hex()", Constant(FieldValue::Bytes(Vec::new()))),
        ("[]", Constant(FieldValue::List(Vec::new()))),
        ("[1, [a b, 2.0]]", {
            let inner = FieldValue::List(vec![text("a b"), FieldValue::Float(2.0)]);
            Constant(FieldValue::List(vec![int(1), inner]))
        }),
        (
            "{x: 1, y: {z: \"1\"}}",
            Constant(group(&[("x", int(1)), ("y", group(&[("z", text("1"))]))])),
        ),
        ("0..100", Range { low: 0, high: 100 }),
        ("-5..-1", Range { low: -5, high: -1 }),
        ("7..7", Range { low: 7, high: 7 }),
        ("0.5..2.0", FloatRange { low: 0.5, high: 2.0 }),
        ("counter", Counter { start: 0, step: 1 }),
        ("counter(5)", Counter { start: 5, step: 1 }),
        ("counter(0, -10)", Counter { start: 0, step: -10 }),
        ("now(s)", Now(TimeUnit::S)),
        ("now(ns)", Now(TimeUnit::Ns)),
        ("choice(1, 2, RED)", Choice(vec![(int(1), 1), (int(2), 1), (text("RED"), 1)])),
        ("choice(a:3, \"b:4\")", Choice(vec![(text("a"), 3), (text("b:4"), 1)])),
        ("text(3..10)", Text { len: 3..=10 }),
        ("text(8)", Text { len: 8..=8 }),
        ("bytes(0..65535)", Bytes { len: 0..=65535 }),
    ] {
        assert_eq!(written.parse::<ValueRecipe>().unwrap(), recipe, "{written}");
        assert_eq!(recipe.to_string(), written);
    }
}

#[test]
fn there_is_more_than_one_way_to_write() {
    for (written, shown) in [
        ("0x53", "83"),
        ("-0xFF", "-255"),
        (" 5 ", "5"),
        ("\"Alan\"", "Alan"),
        ("0 .. 0x10", "0..16"),
        ("0..1.5", "0.0..1.5"),
        ("counter ( 0 , 1 )", "counter"),
        ("counter(0x10)", "counter(16)"),
        ("choice(1:1)", "choice(1)"),
        ("text(8..8)", "text(8)"),
        ("[ 1,2 ]", "[1, 2]"),
        ("hex( 00FF )", "hex(00ff)"),
        ("O'Brien", "O'Brien"),
        ("a=b", "a=b"),
    ] {
        assert_eq!(written.parse::<ValueRecipe>().unwrap().to_string(), shown, "{written}");
    }
}

#[test]
fn what_is_no_recipe_is_refused_with_its_place() {
    for (written, column, expected) in [
        ("", 1, "expected a value"),
        ("a..b", 1, "a range has a number at both ends"),
        ("0..", 1, "a range has a number at both ends"),
        ("9..1", 1, "this range is empty: the lower end stands first, 1..9"),
        ("1..2..3", 1, "a range has"),
        ("  counter(x)", 11, "expected an integer"),
        ("counter()", 9, "`counter` is written `counter`, `counter(start)`"),
        ("counter(1, 2, 3)", 9, "`counter` is written"),
        ("counter(1.5)", 9, "expected an integer"),
        ("now", 1, "`now` is written `now(s)`, `now(ms)`"),
        ("now(h)", 5, "`now` is written"),
        ("choice()", 1, "`choice` is written"),
        ("choice(1 2..3)", 8, "only constants stand here"),
        ("choice(a:0)", 10, "expected a weight"),
        ("choice(a:-1)", 10, "expected a weight"),
        ("choice(a", 9, "expected `,` and one more, or `)`"),
        ("choice(text(3))", 8, "only constants stand here"),
        ("choice(text)", 8, "`text` is written `text(3..10)`"),
        ("text(5..3)", 6, "`text` is written"),
        ("text(65536)", 6, "at most 65535"),
        ("text", 1, "`text` is written `text(3..10)` or `text(8)`; as text it stands in quotes"),
        ("txt(3)", 1, "there is no `txt(…)`; did you mean `text`?"),
        ("hex(0)", 5, "expected pairs of hex digits"),
        ("hex(0g)", 5, "expected pairs of hex digits"),
        ("1e999", 1, "no floating-point number is so large"),
        ("\"abc", 1, "this text has no end"),
        ("\"a\\x\"", 3, "expected an escape"),
        ("\"a\" b", 5, "expected the end"),
        ("a, b", 2, "expected the end"),
        ("名(1)", 1, "there is no `名(…)`"),
        ("[1, 2", 6, "expected `,` and one more, or `]`"),
        ("{x 1}", 2, "expected a field and its value"),
        (&"[".repeat(40), 18, "nested too deeply"),
    ] {
        let error = written.parse::<ValueRecipe>().unwrap_err();
        let RecipeError::Syntax { column: found, expected: said, .. } = error else {
            panic!("{written}: {error}");
        };
        assert!(said.starts_with(expected) || said.contains(expected), "{written}: {said}");
        assert_eq!(found, column, "{written}: {said}");
    }
}

/// Any recipe that can be read.
pub(in super::super) fn any_recipe() -> impl Strategy<Value = ValueRecipe> {
    let ends = (any::<i64>(), any::<i64>()).prop_map(|(a, b)| (a.min(b).into(), a.max(b).into()));
    let numbers = (finite(), finite()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let lens = || (0..300_usize, 0..300_usize).prop_map(|(a, b)| a.min(b)..=a.max(b));
    let unit =
        prop_oneof![Just(TimeUnit::S), Just(TimeUnit::Ms), Just(TimeUnit::Us), Just(TimeUnit::Ns)];
    prop_oneof![
        any_value().prop_map(ValueRecipe::Constant),
        ends.prop_map(|(low, high)| ValueRecipe::Range { low, high }),
        numbers.prop_map(|(low, high)| ValueRecipe::FloatRange { low, high }),
        (any::<i64>(), any::<i64>()).prop_map(|(start, step)| ValueRecipe::Counter {
            start: start.into(),
            step: step.into()
        }),
        unit.prop_map(ValueRecipe::Now),
        prop::collection::vec((any_value(), 1..u32::MAX), 1..5).prop_map(ValueRecipe::Choice),
        lens().prop_map(|len| ValueRecipe::Text { len }),
        lens().prop_map(|len| ValueRecipe::Bytes { len }),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn any_value() -> impl Strategy<Value = FieldValue> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|it| FieldValue::Integer(it.into())),
        finite().prop_map(FieldValue::Float),
        any::<String>().prop_map(FieldValue::Text),
        "[a-z0-9. :,()-]{0,12}".prop_map(FieldValue::Text),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(FieldValue::Bytes),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(FieldValue::List),
            prop::collection::vec(("[a-z_][a-z0-9_]{0,5}", inner), 0..4)
                .prop_map(FieldValue::Group),
        ]
    })
}

proptest! {
    #[test]
    fn any_recipe_reads_as_it_is_written(recipe in any_recipe()) {
        let written = recipe.to_string();
        prop_assert_eq!(written.parse::<ValueRecipe>().unwrap(), recipe, "{}", written);
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        if let Ok(recipe) = text.parse::<ValueRecipe>() {
            let written = recipe.to_string();
            prop_assert_eq!(written.parse::<ValueRecipe>().unwrap(), recipe);
        }
    }
}
