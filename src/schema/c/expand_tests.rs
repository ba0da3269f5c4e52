use super::super::lexer::lex;
use super::super::macros::{Definer, Macros};
use super::super::substitute::spelling;

fn defined(definitions: &[&str]) -> Macros {
    let mut macros = Macros::default();
    for definition in definitions {
        let by = Definer { user: true, ambient: false };
        assert!(macros.define(&lex(definition, 0).tokens, by).is_some(), "{definition}");
    }
    macros
}

fn expanded(definitions: &[&str], text: &str) -> String {
    let mut budget = 10_000;
    let tokens = defined(definitions).expand(&lex(text, 0).tokens, &mut budget);
    tokens.iter().map(|it| spelling(std::slice::from_ref(it))).collect::<Vec<_>>().join(" ")
}

#[test]
fn expansions() {
    for (definitions, text, expected) in [
        (&["A 1", "B A + A"][..], "B C", "1 + 1 C"),
        (&["A B", "B A"], "A B", "A B"),
        (
            &["MAX(a, b) ((a) > (b) ? (a) : (b))"],
            "MAX(1, (2, 3))",
            "( ( 1 ) > ( ( 2 , 3 ) ) ? ( 1 ) : ( ( 2 , 3 ) ) )",
        ),
        (&["F (x)"], "F", "( x )"),
        (&["F(x) x"], "F + F(F(1))", "F + 1"),
        (&["G F", "F(x) [x]"], "G(2)", "[ 2 ]"),
        (&["CAT(a, b) a##b", "S(x) #x"], "CAT(uint, 8_t) S(a + b)", "uint8_t \"a + b\""),
        (&["CAT(a, b) x a##b"], "CAT(, y) CAT(y, ) CAT(,)", "x y x y x"),
        (&["CAT3(a, b, c) a##b##c"], "CAT3(x, , z) CAT3(, , z)", "xz z"),
        (&["V(f, ...) f __VA_ARGS__"], "V(a, b, c)", "a b , c"),
        (&["V(f, rest...) f(rest)"], "V(a, b, c) V(a)", "a ( b , c ) a ( )"),
        (&["V(f, rest...) f(0, ##rest)"], "V(a, b) V(a)", "a ( 0 , b ) a ( 0 )"),
        (&["V(f, ...) f(0 __VA_OPT__(,) __VA_ARGS__)"], "V(a, b) V(a)", "a ( 0 , b ) a ( 0 )"),
        (&["V(...) [__VA_OPT__(x ## __VA_ARGS__)]"], "V(1) V()", "[ x1 ] [ ]"),
        (&["N() 7", "T(x) x"], "N() T() T(N ())", "7 7"),
        (&["F(x) {x}"], "F([a, b]) F((a, b))", "F ( [ a , b ] ) { ( a , b ) }"),
        (&["EMPTY"], "a EMPTY b", "a b"),
        // Brackets other than parentheses do not hold a comma together; a body may end in the name
        // of a macro whose arguments follow it.
        (&["f(x) g", "g(x) <x>"], "f(1)(2)", "< 2 >"),
        (&["f(a) a*g", "g(a) f(a)"], "f(2)(9)", "2 * 9 * g"),
        (&["LP (", "F(x) [x]"], "F LP 1)", "F ( 1 )"),
        (&["E(x) x", "LP (", "F(x) [x]"], "E(F LP 1))", "[ 1 ]"),
    ] {
        assert_eq!(expanded(definitions, text), expected, "{definitions:?} {text}");
    }
}

#[test]
fn arguments_keep_their_place_and_bodies_have_that_of_the_use() {
    let macros = defined(&["WRAP(x) struct { x }"]);
    let tokens = macros.expand(&lex("  WRAP(int a;)", 5).tokens, &mut 1000);
    let starts: Vec<_> = tokens.iter().map(|it| (it.span.file, it.span.start)).collect();
    assert_eq!(starts, [(5, 2), (5, 2), (5, 7), (5, 11), (5, 12), (5, 2)]);
}

#[test]
fn arguments_that_do_not_end_are_left() {
    let macros = defined(&["F(x) [x]"]);
    let text = lex("F(1) F(2", 0).tokens;
    let (output, open) = macros.expand_open(&text, &mut 1000);
    assert_eq!((output.len(), open.len()), (3, 3));
    let text = lex("a F", 0).tokens;
    assert_eq!(macros.expand_open(&text, &mut 1000).1.len(), 1);
}

#[test]
fn an_explosion_stops_at_the_budget() {
    let mut definitions: Vec<String> =
        (1..60).map(|n| format!("A{n} A{} A{}", n - 1, n - 1)).collect();
    definitions.push("A0".into());
    let definitions: Vec<_> = definitions.iter().map(String::as_str).collect();
    let mut budget = 100_000;
    let text = lex("A59", 0).tokens;
    assert_eq!(defined(&definitions).expand(&text, &mut budget), []);
    assert_eq!(budget, 0);
}
