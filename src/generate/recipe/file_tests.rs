use super::*;

const WHOLE: &str = r#"
seed = 7
order = "by-weight"
gap = "choice(1ms:3, 20ms)"

[[message]]
name = "msg_st"
weight = 3
mistake = "byte-order=math"
trailing = "bytes(2)"
[message.fields]
name = "text(3..10)"
math = 83
ratio = 0.5
flag = true
scores = [1, 2]
recs = [{ x = 1, tag = "a" }]
point.x = "0..5"
"recs[0].x" = "counter"

[[message]]
raw = "hex(00ff)"
mistake = ["padding", "byte-order"]

[[sender]]
from = "10.0.0.1"
join = true
count = 5

[[sender]]
from = "[fd00::1]:4000"
[[sender.message]]
name = "other"
"#;

fn parse(text: &str) -> Result<Recipe, String> {
    Recipe::parse(Path::new("r.toml"), text).map_err(|error| error.to_string())
}

#[test]
fn every_key_is_read() {
    let recipe = parse(WHOLE).unwrap();
    assert_eq!((recipe.seed, recipe.order), (Some(7), Order::ByWeight));
    assert_eq!(recipe.gap, Some("choice(1ms:3, 20ms)".parse().unwrap()));
    let [first, second] = recipe.messages.as_slice() else { panic!("{:?}", recipe.messages) };
    assert_eq!((first.message.as_str(), first.weight), ("msg_st", 3));
    assert_eq!(first.mistakes, ["byte-order=math".parse().unwrap()]);
    assert_eq!(first.trailing, Some("bytes(2)".parse().unwrap()));
    let fields: Vec<_> =
        first.fields.iter().map(|(path, it)| (path.to_string(), it.to_string())).collect();
    let expected = [
        ("name", "text(3..10)"),
        ("math", "83"),
        ("ratio", "0.5"),
        ("flag", "1"),
        ("scores", "[1, 2]"),
        ("recs", "[{x: 1, tag: a}]"),
        ("point.x", "0..5"),
        ("recs[0].x", "counter"),
    ];
    assert_eq!(fields, expected.map(|(path, it)| (path.to_owned(), it.to_owned())));
    assert_eq!((second.message.as_str(), second.weight), ("", 1));
    assert_eq!(second.raw, Some("hex(00ff)".parse().unwrap()));
    assert_eq!(second.mistakes.len(), 2);
    let [one, other] = recipe.senders.as_slice() else { panic!("{:?}", recipe.senders) };
    assert_eq!(one.from, Some("10.0.0.1:0".parse().unwrap()));
    assert_eq!((one.join, one.count, &one.messages), (true, Some(5), &None));
    assert_eq!(other.from, Some("[fd00::1]:4000".parse().unwrap()));
    assert_eq!(other.messages.as_deref(), Some(&[MessageRecipe::new("other")][..]));
}

#[test]
fn a_bad_file_names_line_and_key() {
    let message = "[[message]]\nname = \"m\"\n";
    let fields = format!("{message}[message.fields]\n");
    for (text, expected) in [
        ("[[message]\n", "r.toml:1:11: `[[message]`: "),
        ("sed = 5\n", "r.toml:1:1: `sed = 5`: unknown field `sed`, expected one of `seed`"),
        ("seed = -1\n", "r.toml:1:8: `seed = -1`: a seed is a whole number below 2^64"),
        ("order = \"random\"\n", "r.toml:1:9: `order = \"random\"`: unknown variant `random`"),
        ("gap = 5\n", "r.toml:1:7: `gap = 5`: invalid type: integer `5`, expected a string"),
        ("gap = \"5\"\n", "r.toml:1:7: `gap = \"5\"`: recipe \"5\", column 1: expected a time"),
        (&format!("{message}weigth = 1\n"), "r.toml:3:1: `weigth = 1`: unknown field `weigth`"),
        (&format!("{message}weight = 0\n"), "r.toml:3:10: `weight = 0`: invalid value"),
        (
            &format!("{message}mistake = \"pading\"\n"),
            "r.toml:3:11: `mistake = \"pading\"`: no mistake `pading`; did you mean `padding`?",
        ),
        (&format!("{message}fields = 5\n"), "r.toml:3:10: `fields = 5`: fields is a table"),
        (
            &format!("{fields}math = \"txt(3)\"\n"),
            "r.toml:4:8: `math = \"txt(3)\"`: recipe \"txt(3)\", column 1: there is no `txt(…)`",
        ),
        (
            &format!("{fields}scores = [1, \"0..5\"]\n"),
            "r.toml:4:10: `scores = [1, \"0..5\"]`: a list holds constants",
        ),
        (
            &format!("{fields}\"a[\" = 5\n"),
            "r.toml:4:1: `\"a[\" = 5`: \"a[\" is no path of a field",
        ),
        (&format!("{fields}a = 1\na = 2\n"), "r.toml:5:1: `a = 2`: duplicate key"),
        ("[[sender]]\nform = \"a\"\n", "r.toml:2:1: `form = \"a\"`: unknown field `form`"),
        (
            "[[sender]]\nfrom = \"here\"\n",
            "r.toml:2:8: `from = \"here\"`: \"here\" is no address: write 10.0.0.1",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with(expected), "{text}\n{error}\n{expected}");
        assert!(!error.contains('\n'), "one line: {error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Recipe::read(Path::new("no/such.toml")).unwrap_err().to_string();
    assert!(error.starts_with("cannot read recipe no/such.toml: "), "{error}");
}

#[test]
fn the_file_of_the_reference_is_read() {
    let reference = include_str!("../../../docs/generating.md");
    let (_, block) = reference.split_once("```toml\n").unwrap();
    let (text, _) = block.split_once("```").unwrap();
    let recipe = parse(text).unwrap();
    assert_eq!(recipe.messages[0].fields.len(), 5);
    assert_eq!(parse(&recipe.to_toml()).unwrap(), recipe);
}
