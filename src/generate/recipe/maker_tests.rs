use proptest::prelude::*;

use super::super::grammar::tests::any_recipe;
use super::super::stage::{KINDS, KINDS_PROFILE, decoded, load, recipe};
use super::*;
use crate::decode::codec::FieldValue;
use crate::generate::recipe::ValueRecipe;
use crate::profile::Options;

const VAR: &str = r#"
#include <stdint.h>
struct var { uint32_t math; uint32_t chinese; uint8_t name[1]; } __attribute__((packed));
"#;

const VAR_PROFILE: &str = r#"
[[protocol]]
name = "dgram-var"
header = "proto.h"
message = "var"
max_len = 504
"#;

/// The messages of a header's only struct, or of a built-in.
fn protocols(header: &str) -> Protocols {
    let options = Options { headers: vec![header.into()], ..Options::default() };
    Protocols::load(&options).unwrap()
}

fn basic() -> Protocols {
    protocols("tests/peers/dgram-basic/proto.h")
}

/// The first messages of a recipe, one second apart.
fn made(protocols: &Protocols, recipe: &Recipe, count: i64) -> Vec<(Made, Vec<u8>)> {
    let mut maker = Maker::new(protocols, recipe, 7).unwrap_or_else(|it| panic!("{it}"));
    let mut all = Vec::new();
    for index in 0..count {
        let mut out = Vec::new();
        let now = Timestamp::from_parts(1_700_000_000 + index, 5_000_000);
        let Some(made) = maker.next(now, &mut out).unwrap() else { break };
        assert!(out.len() <= maker.max_len(), "{} of {}", out.len(), maker.max_len());
        all.push((made, out));
    }
    all
}

fn bytes(protocols: &Protocols, recipe: &Recipe, count: i64) -> Vec<Vec<u8>> {
    made(protocols, recipe, count).into_iter().map(|(_, it)| it).collect()
}

/// One field of each of the first messages of `kinds`, as it is decoded.
fn values(settings: &[&str], path: &str, count: i64) -> Vec<FieldValue> {
    let protocols = load(KINDS, KINDS_PROFILE);
    let field = |bytes: &Vec<u8>| {
        let fields = decoded(&protocols, "kinds", bytes);
        fields.into_iter().find(|(name, _)| name == path).map(|(_, it)| it).unwrap()
    };
    bytes(&protocols, &recipe("kinds", settings), count).iter().map(field).collect()
}

fn integers(settings: &[&str], path: &str, count: i64) -> Vec<i128> {
    let integer = |it| match it {
        FieldValue::Integer(it) => it,
        other => panic!("{other:?}"),
    };
    values(settings, path, count).into_iter().map(integer).collect()
}

#[test]
fn constants_counters_and_times_are_written() {
    let recipe = recipe("msg_st", &["name=Alan", "math=counter(83)", "chinese=now(s)"]);
    let bytes = bytes(&basic(), &recipe, 2);
    assert_eq!(bytes[0], b"Alan\0\0\0\0\0\0\0\0\0\0\x53\x65\x53\xf1\x00");
    assert_eq!(bytes[1], b"Alan\0\0\0\0\0\0\0\0\0\0\x54\x65\x53\xf1\x01");
}

#[test]
fn what_is_not_set_is_zero() {
    assert_eq!(bytes(&basic(), &recipe("", &[]), 1), [[0; 19]]);
    assert_eq!(bytes(&load(VAR, ""), &recipe("var", &[]), 1), [[0; 9]], "and its NUL");
}

#[test]
fn a_counter_goes_on_from_the_first_past_the_last() {
    for (setting, path, expected) in [
        ("byte=counter(254)", "byte", [254, 255, 0, 1]),
        ("byte=counter(1, -1)", "byte", [1, 0, 255, 254]),
        ("sign=counter(126)", "sign", [126, 127, -128, -127]),
        ("low=counter(6)", "low", [6, 7, 0, 1]),
        ("high=counter(14)", "high", [14, 15, -16, -15]),
        ("half=counter(0, 65537)", "half", [0, 1, 2, 3]),
        ("wide=counter(18446744073709551615)", "wide", [i128::from(u64::MAX), 0, 1, 2]),
        ("word=counter", "word", [0, 1, 2, 3]),
    ] {
        assert_eq!(integers(&[setting], path, 4), expected, "{setting}");
    }
}

#[test]
fn both_ends_of_a_range_occur_each_value_as_often() {
    for (setting, path, low, high) in
        [("half=0..9", "half", 0, 9), ("sign=-5..4", "sign", -5, 4), ("low=0..7", "low", 0, 7)]
    {
        let found = integers(&[setting], path, 4000);
        let expected = found.len() as i128 / (high - low + 1);
        for value in low..=high {
            let times = found.iter().filter(|it| **it == value).count() as i128;
            assert!((times - expected).abs() < expected / 4, "{setting}: {value} {times} times");
        }
        assert!(found.iter().all(|it| (low..=high).contains(it)));
    }
    let wide = integers(&["wide=0..18446744073709551615"], "wide", 100);
    assert!(wide.iter().any(|it| *it > 1 << 63) && wide.iter().any(|it| *it < 1 << 63));
}

#[test]
fn choices_come_by_weight() {
    let found = values(&["color=choice(RED:3, 7)"], "color", 4000);
    let red = found.iter().filter(|it| **it == FieldValue::Text("RED".into())).count();
    assert!((2850..3150).contains(&red), "{red}");
    assert!(found.iter().all(|it| {
        matches!(it, FieldValue::Text(name) if name == "RED") || *it == FieldValue::Integer(7)
    }));
}

#[test]
fn text_and_bytes_have_their_lengths() {
    let mut lens = std::collections::BTreeSet::new();
    for it in values(&["name=text(3..8)"], "name", 300) {
        let FieldValue::Text(text) = it else { panic!("{it:?}") };
        assert!(text.bytes().all(|it| it.is_ascii_alphanumeric()), "{text}");
        lens.insert(text.len());
    }
    assert_eq!(lens.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
    let blobs = values(&["blob=bytes(4)"], "blob", 3);
    assert!(blobs[0] != blobs[1] && blobs[1] != blobs[2]);
    assert_eq!(values(&["blob=00ff"], "blob", 1), [FieldValue::Bytes(vec![0, 0xff, 0, 0])]);
    assert_eq!(values(&["blob=hex(01)"], "blob", 1), [FieldValue::Bytes(vec![1, 0, 0, 0])]);
}

#[test]
fn floating_point_numbers_have_ranges_and_times() {
    for it in values(&["real=0.5..1.5"], "real", 50) {
        assert!(matches!(it, FieldValue::Float(it) if (0.5..=1.5).contains(&it)), "{it:?}");
    }
    assert_eq!(values(&["real=now(s)"], "real", 1), [FieldValue::Float(1_700_000_000.005)]);
    assert_eq!(values(&["wide=now(us)"], "wide", 1), [FieldValue::Integer(1_700_000_000_005_000)]);
    assert_eq!(values(&["single=3"], "single", 1), [FieldValue::Float(3.0)]);
    for it in values(&["single=0..3"], "single", 50) {
        assert!(matches!(it, FieldValue::Float(it) if it.fract() == 0.0), "{it:?}");
    }
}

#[test]
fn paths_lead_into_structs_and_lists() {
    let list =
        |all: &[i128]| FieldValue::List(all.iter().copied().map(FieldValue::Integer).collect());
    let point = |x, y| {
        let field = |name: &str, it| (name.to_owned(), FieldValue::Integer(it));
        FieldValue::Group(vec![field("x", x), field("y", y)])
    };
    for (settings, path, expected) in [
        (&["point.x=-3"][..], "point", point(-3, 0)),
        (&["point={y: 4}"], "point", point(0, 4)),
        (&["scores[2]=7"], "scores", list(&[0, 0, 7])),
        (&["scores=7"], "scores", list(&[7, 7, 7])),
        (&["scores=[1, 2]"], "scores", list(&[1, 2, 0])),
        (&["scores=7", "scores[1]=8"], "scores", list(&[7, 8, 7])),
        (&["scores[1]=counter", "scores=7"], "scores", list(&[7, 7, 7])),
        (&["recs[1].x=5"], "recs", FieldValue::List(vec![point(0, 0), point(5, 0)])),
        (&["recs.y=6"], "recs", FieldValue::List(vec![point(0, 6), point(0, 6)])),
        (&["grid[1][0]=9"], "grid", FieldValue::List(vec![list(&[0, 0]), list(&[9, 0])])),
        (&["grid[0]=1", "grid[1]=2"], "grid", FieldValue::List(vec![list(&[1, 1]), list(&[2, 2])])),
        (&["inner=3"], "inner", FieldValue::Integer(3)),
        (&["last=1", "last=2"], "last", FieldValue::Integer(2)),
    ] {
        assert_eq!(values(settings, path, 1), [expected], "{settings:?}");
    }
}

#[test]
fn a_tail_has_the_elements_that_are_named() {
    let header = "struct rec { char tag; char name[3]; };\nstruct m { char n; struct rec r[]; };\n";
    let protocols = load(header, "");
    for (settings, expected) in [
        (&[][..], &b"\0"[..]),
        (&["r[1].name=ab"], b"\0\0\0\0\0\0ab\0"),
        (&["r.tag=1"], b"\0\x01\0\0\0"),
        (&["r.tag=1", "r[1].tag=2"], b"\0\x01\0\0\0\x02\0\0\0"),
        (&["r=[{tag: 1}, {}]"], b"\0\x01\0\0\0\0\0\0\0"),
    ] {
        let found = bytes(&protocols, &recipe("m", settings), 1);
        assert_eq!(found, [expected], "{settings:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let (kinds, var, basic) = (load(KINDS, KINDS_PROFILE), load(VAR, VAR_PROFILE), basic());
    for (protocols, setting, expected) in [
        (
            &basic,
            "math=0..5000000000",
            "msg_st: math=0..5000000000 does not fit: math: 5000000000 is not within 0 to 4294967295",
        ),
        (&basic, "math=-1..5", "msg_st: math=-1..5 does not fit: math: -1 is not within 0 to"),
        (&basic, "math=choice(1, -1)", "msg_st: math=choice(1, -1) does not fit: math: -1"),
        (&basic, "math=counter(-1)", "msg_st: math=counter(-1) does not fit: math: -1"),
        (
            &basic,
            "math=now(ms)",
            "msg_st: math=now(ms) does not fit: math: 2147483647000 is not within 0 to 4294967295",
        ),
        (
            &basic,
            "name=text(3..12)",
            "msg_st: name=text(3..12) does not fit: name: 12 are more than the 11 it holds",
        ),
        (&basic, "name=Alan Mathison", "msg_st: name=Alan Mathison does not fit: name: 13"),
        (&basic, "name=83", "msg_st: name=83 does not fit: name: an integer where text is needed"),
        (
            &basic,
            "math=text(3)",
            "msg_st: math=text(3) does not go: the field is an unsigned integer of 32 bits",
        ),
        (&basic, "math=0.5..1.5", "msg_st: math=0.5..1.5 does not go: the field is an unsigned"),
        (&basic, "name=0..5", "msg_st: name=0..5 does not go: the field is text: text(n..m) makes"),
        (&basic, "name=counter", "msg_st: name=counter does not go: the field is text"),
        (
            &basic,
            "maths=5",
            "msg_st has no field \"maths\"; did you mean \"math\"?; its fields: name, math, chinese",
        ),
        (&basic, "math.x=5", "msg_st has no field \"math.x\""),
        (&basic, "math[0]=5", "msg_st: math has no elements, so there is no math[0]"),
        (&kinds, "scores[3]=5", "kinds: scores has 3 elements, so there is no scores[3]"),
        (&kinds, "scores=[1, 2, 3, 4]", "kinds: scores=[1, 2, 3, 4] does not fit: scores: 4 are"),
        (&kinds, "scores=[1, 70000]", "kinds: scores=[1, 70000] does not fit"),
        (&kinds, "recs[0].z=5", "kinds has no field \"recs[0].z\"; did you mean \"recs.x\"?"),
        (&kinds, "point=5", "kinds: point=5 does not go: the field is a struct or union: set its"),
        (&kinds, "low=8", "kinds: low=8 does not fit: low: 8 is not within 0 to 7"),
        (&kinds, "high=-17", "kinds: high=-17 does not fit: high: -17 is not within -16 to 15"),
        (&kinds, "single=1e39", "kinds: single=1e39 does not fit: single: 1000000000"),
        (&kinds, "single=now(s)", "kinds: single=now(s) does not go: the field is a floating"),
        (&kinds, "real=counter", "kinds: real=counter does not go: the field is a floating-point"),
        (
            &kinds,
            "color=GREN",
            "kinds: color=GREN does not fit: color: `GREN` is not in its enum; did you mean `GREEN`?",
        ),
        (
            &kinds,
            "blob=text(3)",
            "kinds: blob=text(3) does not go: the field is bytes: bytes(n..m)",
        ),
        (&kinds, "blob=xyz", "kinds: blob=xyz does not fit: blob: text where bytes in hex is"),
        (&kinds, "blob=bytes(5)", "kinds: blob=bytes(5) does not fit: blob: 5 are more than the 4"),
        (
            &var,
            "name=text(0..600)",
            "var of up to 609 bytes does not fit: the receiver of dgram-var takes 504 (max_len); its \
             longest part is name=text(0..600)",
        ),
    ] {
        let name = if std::ptr::eq(protocols, &kinds) { "kinds" } else { "" };
        let recipe = recipe(name, &[setting]);
        let error = Maker::new(protocols, &recipe, 1).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{setting}\n{error}\n{expected}");
        assert!(!error.contains('\n'), "one line: {error}");
    }
    assert!(Maker::new(&var, &recipe("", &["name=text(0..495)"]), 1).is_ok(), "504 bytes");
}

#[test]
fn a_seed_makes_two_runs_alike_and_no_sender_depends_on_another() {
    let settings = ["name=text(1..11)", "math=0..4294967295", "chinese=counter"];
    let one = recipe("msg_st", &settings);
    let both = Recipe { senders: vec![SenderRecipe::default(); 2], ..one.clone() };
    let alone = bytes(&basic(), &one, 50);
    assert_eq!(alone, bytes(&basic(), &one, 50));
    let among = made(&basic(), &both, 100);
    let of = |sender| {
        let own = among.iter().filter(move |(made, _)| made.sender == sender);
        own.map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(0), alone);
    assert_ne!(of(1), alone);
    let counters = of(1).iter().map(|it| it[18]).collect::<Vec<_>>();
    assert_eq!(counters, (0..50).collect::<Vec<_>>(), "counters of its own");
    let mut other = Maker::new(&basic(), &one, 8).unwrap();
    let mut out = Vec::new();
    other.next(Timestamp(0), &mut out).unwrap();
    assert_ne!(out, alone[0]);
}

#[test]
fn messages_come_in_turn_or_by_weight() {
    let kind = |value, weight| {
        let raw = Some(ValueRecipe::Constant(FieldValue::Bytes(vec![value])));
        MessageRecipe { raw, weight, ..MessageRecipe::new("") }
    };
    let mut recipe = Recipe { messages: vec![kind(1, 1), kind(2, 3)], ..Recipe::default() };
    assert_eq!(bytes(&basic(), &recipe, 6), [[1], [2], [2], [2], [1], [2]]);
    recipe.order = Order::ByWeight;
    let found = bytes(&basic(), &recipe, 4000);
    let twos = found.iter().filter(|it| **it == [2]).count();
    assert!((2850..3150).contains(&twos), "{twos}");
}

#[test]
fn senders_have_an_end() {
    let sender = |count| SenderRecipe { count, ..SenderRecipe::default() };
    let recipe = Recipe {
        senders: vec![sender(Some(1)), sender(Some(3)), sender(Some(0))],
        ..recipe("msg_st", &[])
    };
    let senders: Vec<_> = made(&basic(), &recipe, 9).iter().map(|(it, _)| it.sender).collect();
    assert_eq!(senders, [0, 1, 1, 1]);
}

#[test]
fn gaps_are_those_of_the_recipe() {
    let gaps = |gap: &str| {
        let recipe = Recipe { gap: Some(gap.parse().unwrap()), ..recipe("msg_st", &[]) };
        made(&basic(), &recipe, 200).iter().map(|(it, _)| it.gap).collect::<Vec<_>>()
    };
    let ms = |it| Some(Duration::from_millis(it));
    assert_eq!(gaps("5ms")[..3], [ms(5); 3]);
    let of_range = gaps("1ms..3ms");
    assert!(of_range.iter().all(|it| (ms(1)..=ms(3)).contains(it)));
    assert!(of_range.iter().any(|it| *it != of_range[0]));
    let of_choice = gaps("choice(1ms:9, 7ms)");
    let sevens = of_choice.iter().filter(|it| **it == ms(7)).count();
    assert!((5..45).contains(&sevens), "{sevens}");
    assert!(of_choice.iter().all(|it| *it == ms(1) || *it == ms(7)));
    assert_eq!(gaps("0s")[0], Some(Duration::ZERO));
}

#[test]
fn bytes_may_stand_behind_a_message_or_in_its_place() {
    let text =
        "[[message]]\nname = \"msg_st\"\ntrailing = \"00ff\"\n[[message]]\nraw = \"text(3)\"\n";
    let recipe = Recipe::parse("r.toml".as_ref(), text).unwrap();
    let found = bytes(&basic(), &recipe, 2);
    assert_eq!((found[0].len(), &found[0][19..]), (21, &[0, 0xff][..]));
    assert!(found[1].len() == 3 && found[1].iter().all(u8::is_ascii_alphanumeric));
    for (text, error) in [
        ("[[message]]\nraw = \"0..5\"\n", "recipe: raw=0..5 does not go: the field is bytes"),
        ("[[message]]\nraw = \"hello\"\n", "recipe: raw=hello does not go: the field is bytes"),
        ("[[message]]\nraw = \"00\"\nfields.a = 1\n", "raw bytes have no fields"),
        ("", "there is nothing to send"),
        ("[[sender]]\nmessage = []\n", "there is nothing to send"),
    ] {
        let recipe = Recipe::parse("r.toml".as_ref(), text).unwrap();
        let found = Maker::new(&basic(), &recipe, 1).unwrap_err().to_string();
        assert!(found.starts_with(error), "{text}: {found}");
    }
}

#[test]
fn a_text_record_is_written_too() {
    let protocols = Protocols::load(&Options::default()).unwrap();
    let found = bytes(&protocols, &recipe("stream-stamp", &["value=now(s)"]), 2);
    assert_eq!(found, [b"1700000000\r\n", b"1700000001\r\n"]);
    let error = Maker::new(&protocols, &recipe("stream-stamp", &["valu=5"]), 1).unwrap_err();
    assert!(error.to_string().contains("did you mean \"value\"?"), "{error}");
}

/// Fields of `kinds`, the elements of lists alike, and their bits.
const INTEGERS: [(&str, u32); 9] = [
    ("byte", 8),
    ("sign", 8),
    ("half", 16),
    ("word", 32),
    ("wide", 64),
    ("low", 3),
    ("high", 5),
    ("scores", 16),
    ("grid", 16),
];

/// Settings of `kinds`, of which some do not fit.
fn any_settings() -> impl Strategy<Value = Vec<String>> {
    let choice = |it: Vec<(i8, u8)>| {
        let all: Vec<_> = it.iter().map(|(it, weight)| format!("{it}:{weight}")).collect();
        format!("choice({})", all.join(", "))
    };
    let integer = prop_oneof![
        (-9..300_i64, 0..300_i64).prop_map(|(low, len)| format!("{low}..{}", low + len)),
        any::<i16>().prop_map(|it| it.to_string()),
        (any::<i8>(), any::<i16>()).prop_map(|(start, step)| format!("counter({start}, {step})")),
        prop::collection::vec((any::<i8>(), 1..4_u8), 1..4).prop_map(choice),
    ];
    let integers = (prop::sample::select(&INTEGERS[..]), integer);
    let lens = || (0..7_usize, 0..4_usize).prop_map(|(low, len)| format!("{low}..{}", low + len));
    let setting = prop_oneof![
        4 => integers.prop_map(|((path, _), it)| format!("{path}={it}")),
        1 => lens().prop_map(|it| format!("name=text({it})")),
        1 => lens().prop_map(|it| format!("blob=bytes({it})")),
        1 => (-9..9_i8).prop_map(|it| format!("real={it}.5..20.25")),
    ];
    prop::collection::vec(setting, 1..6)
}

/// Whether a decoded value is one that the recipe makes.
fn is_of(recipe: &ValueRecipe, value: &FieldValue, width: u32) -> bool {
    match (recipe, value) {
        (recipe, FieldValue::List(all)) => all.iter().all(|it| is_of(recipe, it, width)),
        (ValueRecipe::Range { low, high }, FieldValue::Integer(it)) => (low..=high).contains(&it),
        (ValueRecipe::FloatRange { low, high }, FieldValue::Float(it)) => {
            (*low..=*high).contains(it)
        }
        (ValueRecipe::Constant(it), value) => it == value,
        (ValueRecipe::Choice(all), value) => all.iter().any(|(it, _)| it == value),
        (ValueRecipe::Counter { start, step }, FieldValue::Integer(it)) => {
            (0..5).any(|index| (start + step * index - it).rem_euclid(1 << width) == 0)
        }
        (ValueRecipe::Text { len }, FieldValue::Text(it)) => len.contains(&it.len()),
        (ValueRecipe::Bytes { len }, FieldValue::Bytes(it)) => {
            it.iter().skip(*len.end()).all(|it| *it == 0)
        }
        _ => false,
    }
}

#[test]
fn what_is_made_decodes_to_what_the_recipe_says() {
    let protocols = load(KINDS, KINDS_PROFILE);
    proptest!(|(settings in any_settings())| {
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let recipe = recipe("kinds", &settings);
        // What does not fit is refused as a whole.
        let Ok(mut maker) = Maker::new(&protocols, &recipe, 3) else { return Ok(()) };
        for _ in 0..5 {
            let mut out = Vec::new();
            maker.next(Timestamp(0), &mut out).unwrap();
            for (name, value) in decoded(&protocols, "kinds", &out) {
                let mut settings = recipe.messages[0].fields.iter().rev();
                let set = settings.find(|(path, _)| path.to_string() == name);
                let width = INTEGERS.iter().find(|(it, _)| *it == name).map_or(0, |it| it.1);
                if let Some((_, recipe)) = set {
                    prop_assert!(is_of(recipe, &value, width), "{}={}: {:?}", name, recipe, value);
                }
            }
        }
    });
}

#[test]
fn any_recipe_is_refused_or_makes_messages() {
    let protocols = load(KINDS, KINDS_PROFILE);
    let kinds = crate::generate::recipe::Named::find(&protocols, "kinds").unwrap();
    let paths: Vec<_> = kinds.layout().unwrap().paths().map(str::to_owned).collect();
    proptest!(|(recipe in any_recipe(), path in prop::sample::select(paths))| {
        let fields = vec![(path.parse().unwrap(), recipe)];
        let message = MessageRecipe { fields, ..MessageRecipe::new("kinds") };
        let recipe = Recipe { messages: vec![message], ..Recipe::default() };
        if let Ok(mut maker) = Maker::new(&protocols, &recipe, 3) {
            for _ in 0..20 {
                let mut out = Vec::new();
                maker.next(Timestamp(1_700_000_000_000_000_000), &mut out).unwrap();
                decoded(&protocols, "kinds", &out);
            }
        }
    });
}

const CLOCKS: &str = r#"
#include <stdint.h>
struct clocks { uint64_t ntp; uint32_t since; uint32_t gps; uint32_t up; } __attribute__((packed));
"#;

const CLOCKS_PROFILE: &str = r#"
[[protocol]]
name = "clocks"
header = "proto.h"
message = "clocks"
[protocol.fields]
ntp = { time = "ntp64" }
since = { time = "s", epoch = "ntp" }
gps = { time = "s", epoch = "gps" }
up = { time = "ms", epoch = "boot" }
"#;

#[test]
fn clocks_tell_the_time_from_their_own_epoch() {
    let protocols = load(CLOCKS, CLOCKS_PROFILE);
    let settings = ["ntp=now(s)", "since=now(s)", "gps=now(s)", "up=1.5"];
    let made = bytes(&protocols, &recipe("clocks", &settings), 1).remove(0);
    let word = |at: usize| u32::from_be_bytes(made[at..at + 4].try_into().unwrap());
    // 5 ms behind the second.
    assert_eq!((word(0), word(4)), (1_700_000_000 + 2_208_988_800, 21_474_836));
    assert_eq!((word(8), word(12)), (word(0), 1_700_000_000 - 315_964_800));
    assert_eq!(word(16), 1500);
    let dates = ["ntp=2023-11-14T22:13:20.005Z", "since=2023-11-14T22:13:20Z", "gps=1384035200"];
    let made = bytes(&protocols, &recipe("clocks", &dates), 1).remove(0);
    assert_eq!(made[..8], [0xe8, 0xfe, 0x6f, 0x80, 0x01, 0x47, 0xae, 0x15]);
    assert_eq!(made[8..16], [0xe8, 0xfe, 0x6f, 0x80, 0x52, 0x7e, 0xb3, 0x80]);
    let error = Maker::new(&protocols, &recipe("clocks", &["gps=now(us)"]), 7).unwrap_err();
    assert!(error.to_string().contains("is not within 0 to 4294967295"), "{error}");
}

const WEATHER: &str = r#"
#include <stdint.h>
struct weather { uint8_t flags; int16_t temp[2]; uint16_t volt; } __attribute__((packed));
"#;

const WEATHER_PROFILE: &str = r#"
[[protocol]]
name = "weather"
header = "proto.h"
message = "weather"
[protocol.fields]
flags = { flags = { OPEN = 1, "4..7" = "kind" } }
temp = { scale = 0.1, offset = 100, none = 0x7fff }
volt = { unit = "V" }
"#;

#[test]
fn values_are_given_as_they_are_meant() {
    let protocols = load(WEATHER, WEATHER_PROFILE);
    let written = |settings: &[&str]| bytes(&protocols, &recipe("weather", settings), 1).remove(0);
    let settings = ["flags=\"OPEN|kind=2\"", "temp[0]=123.5", "temp[1]=none", "volt=12 V"];
    assert_eq!(written(&settings), b"\x21\x00\xeb\x7f\xff\x00\x0c");
    // An element that is not set has the number 0, whatever that measures.
    assert_eq!(written(&["temp[1]=choice(99, 99)"]), b"\0\0\0\xff\xf6\0\0");
    for setting in ["temp=20.5..30", "temp=20..30"] {
        for message in bytes(&protocols, &recipe("weather", &[setting]), 50) {
            let temp = i16::from_be_bytes([message[1], message[2]]);
            assert!((-800..=-700).contains(&temp), "{setting} {temp}");
        }
    }
    let counted = bytes(&protocols, &recipe("weather", &["volt=counter(65535)"]), 2);
    assert_eq!((&counted[0][5..], &counted[1][5..]), (&[0xff, 0xff][..], &[0, 0][..]));
    for (setting, expected) in [
        ("temp=counter", "a counter counts integers"),
        ("temp=20..9000", "9000 is not within -3176.8 to 3376.7"),
        ("temp=now(s)", "a number with a scale"),
        ("flags=SHUT", "`SHUT` is none of its flags"),
    ] {
        let error = Maker::new(&protocols, &recipe("weather", &[setting]), 7).unwrap_err();
        assert!(error.to_string().contains(expected), "{setting}: {error}");
    }
}
