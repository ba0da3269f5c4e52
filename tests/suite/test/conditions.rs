//! What must come of a case: whole, in part, with what is passed over; runs and variants.

use super::{Cases, MESSAGES, READS};

/// What a decode case with these conditions is told; empty where it passed.
fn told(toml: &str) -> Vec<String> {
    let cases = Cases::new();
    cases.case("x", &format!("run = \"decode\"\n{toml}"));
    told_of(&cases)
}

fn told_of(cases: &Cases) -> Vec<String> {
    let ran = cases.run(&["-T", "json"]);
    let object = &ran.objects()[0];
    let expected = if object["verdict"] == "passed" { 0 } else { 1 };
    assert_eq!(ran.code, Some(expected), "{ran:?}");
    if object["verdict"] == "error" {
        return vec![object["reason"].as_str().unwrap().to_owned()];
    }
    let rows = object["differences"].as_array().cloned().unwrap_or_default();
    let text = |it: &serde_json::Value| it.as_str().unwrap_or("nothing").to_owned();
    let row = |it: &serde_json::Value| {
        let [subject, field] = ["subject", "field"].map(|key| text(&it[key]));
        let [expected, actual] = ["expected", "actual"].map(|key| text(&it[key]));
        format!("{subject}: {field}: expected {expected}, got {actual}")
    };
    rows.iter().map(row).collect()
}

#[test]
fn conditions_that_are_met_pass() {
    for toml in [
        "[[expect]]\ncount = 3\n",
        "[[expect]]\ncount = { at_least = 2 }\n",
        "[[expect]]\ncount = { at_most = 3 }\n",
        "[[expect]]\ncount = { at_least = 1, at_most = 3 }\n",
        "[[expect]]\nfilter = \"math > 50\"\ncount = 2\n",
        "[[expect]]\nequals.fields.name = \"Alan\"\ncount = 1\n",
        "[[expect]]\nequals = { fields.chinese = 4294967295, len = 19 }\n",
        "[[expect]]\nequals = { \"fields.math\" = 83.0 }\n",
        "[[expect]]\nequals.fields = { name = \"Grace\", math = 100, chinese = 0 }\n",
        "[[expect]]\nat_least.fields.math = 83\nat_most.fields.math = 83\ncount = 1\n",
        "[[expect]]\nmatches.fields.name = \"^(Al|Gr)\"\ncount = 2\n",
        "[[expect]]\nlen.fields.name = 5\ncount = 1\n",
        "[[expect]]\nlen.fields = 3\ncount = 3\n",
        "[[expect]]\nabsent = [\"error\", \"trailing\"]\ncount = 3\n",
        "[[expect]]\nabsent = \"fields.math\"\ncount = 0\n",
        "[[expect]]\ncontains.fields.name = \"rac\"\ncount = 1\n",
        "[[expect]]\ncontains.fields = \"math\"\ncount = 3\n",
        "[[expect]]\nequals.time = \"0.000000000\"\n",
        "filter = \"math > 50\"\n[[expect]]\ncount = 2\n",
    ] {
        assert_eq!(told(toml), [""; 0], "{toml}");
    }
}

#[test]
fn conditions_that_are_not_met_say_what_came_instead() {
    let nearest = "[[expect]] 1, nearest: frame 1, msg_st: ";
    for (toml, expected) in [
        ("count = 4\n", "[[expect]] 1: count: expected 4, got 3"),
        ("count = 2\n", "[[expect]] 1: count: expected 2, got 3"),
        ("count = { at_most = 2 }\n", "[[expect]] 1: count: expected at most 2, got 3"),
        ("count = { at_least = 4 }\n", "[[expect]] 1: count: expected 4 or more, got 3"),
        (
            "filter = \"math > 200\"\n",
            "[[expect]] 1 (math > 200): count: expected 1 or more, got 0",
        ),
        ("equals.fields.math = 84\n", "fields.math: expected 84, got 83"),
        ("equals.fields.name = 5\n", "fields.name: expected 5, got \"Alan\""),
        (
            "equals.fields.mth = 83\n",
            "fields.mth: expected 83, got nothing; did you mean fields.math?",
        ),
        ("equals.math = 83\n", "math: expected 83, got nothing; did you mean fields.math?"),
        ("at_least.fields.math = 101\n", "fields.math: expected at least 101, got 83"),
        (
            "at_least.fields.name = 1\n",
            "fields.name: expected at least 1, got \"Alan\", which is no number",
        ),
        ("at_most.fields.math = -1\n", "fields.math: expected at most -1, got 83"),
        (
            "matches.fields.name = \"x$\"\n",
            "fields.name: expected what matches \"x$\", got \"Alan\"",
        ),
        (
            "matches.fields.math = \"8\"\n",
            "fields.math: expected what matches \"8\", got 83, which is no text",
        ),
        ("len.fields.name = 9\n", "fields.name: expected a length of 9, got 4: \"Alan\""),
        (
            "len.fields.math = 2\n",
            "fields.math: expected a length of 2, got 83, which has no length",
        ),
        ("absent = \"fields.math\"\n", "fields.math: expected nothing, got 83"),
        (
            "contains.fields.name = \"Bob\"\n",
            "fields.name: expected what contains \"Bob\", got \"Alan\"",
        ),
        ("contains.len = 1\n", "len: expected what contains 1, got 19, which contains nothing"),
    ] {
        let told = told(&format!("[[expect]]\n{toml}"));
        let last = told.last().unwrap_or_else(|| panic!("{toml}"));
        assert_eq!(last.strip_prefix(nearest).unwrap_or(last), expected, "{toml}{told:?}");
    }
}

#[test]
fn conditions_that_are_none_are_named() {
    for (toml, expected) in [
        ("[[expect]]\nfilter = \"math >\"\n", "[[expect]] 1: filter = \"math >\": "),
        (
            "[[expect]]\n[[expect]]\nfilter = \"mth == 1\"\n",
            "[[expect]] 2: filter = \"mth == 1\": ",
        ),
        ("[[expect]]\nfilter = \"mth == 1\"\n", "did you mean"),
        ("[[expect]]\nmatches.fields.name = \"(\"\n", "matches fields.name: no regular expression"),
        ("filter = \"math >\"\n[[expect]]\n", "filter = \"math >\": "),
        ("allow = \"x\"\n[[expect]]\n", "`allow` means nothing to run = \"decode\""),
    ] {
        let told = told(toml);
        assert!(told.len() == 1 && told[0].contains(expected), "{toml}{told:?}");
    }
    let cases = Cases::new();
    cases.case("x", "run = \"check\"\n[[expect]]\nfilter = \"math > 1\"\n");
    let told = told_of(&cases);
    assert!(told[0].contains("[[expect]] 1: `filter` is for run = \"decode\""), "{told:?}");
}

#[test]
fn what_is_ignored_or_tolerated_is_passed_over_and_nothing_else() {
    let other = MESSAGES.replace("\"math\":100", "\"math\":98").replace("10.0.0.2:1989", "[::1]:1");
    for (toml, expected) in [
        ("ignore = [\"time\", \"dst\", \"fields.math\"]\n", &[][..]),
        ("ignore = [\"time\", \"dst\", \"fields\"]\n", &[]),
        ("ignore = [\"time\", \"dst\"]\ntolerance = { fields.math = 2 }\n", &[]),
        ("ignore = [\"time\", \"dst\"]\ntolerance.\"fields.math\" = 2.5\n", &[]),
        (
            "ignore = [\"time\", \"dst\"]\ntolerance = { fields.math = 1, len = 9 }\n",
            &["frame 2, msg_st: fields.math: expected 98, got 100"],
        ),
        (
            "ignore = [\"time\", \"fields.math\", \"fields.no\"]\nfilter = \"frame.number == 1\"\n",
            &[
                "frame 1, msg_st: dst: expected \"[::1]:1\", got \"10.0.0.2:1989\"",
                "frame 2, msg_st: : expected ",
                "frame 3, msg_st: : expected ",
            ],
        ),
    ] {
        let cases = Cases::new();
        cases.case("x", &format!("run = \"decode\"\n{toml}")).file("x/expected.jsonl", &other);
        let told = told_of(&cases);
        assert_eq!(told.len(), expected.len(), "{toml}{told:?}");
        let pairs = told.iter().zip(expected);
        pairs
            .for_each(|(told, expected)| assert!(told.starts_with(expected), "{told}\n{expected}"));
    }
}

#[test]
fn times_count_from_the_first_frame_and_may_be_tolerated() {
    let cases = Cases::new();
    cases.case("x", "run = \"decode\"\n");
    assert_eq!(cases.run(&["--update"]).code, Some(0));
    let path = cases.path("x/expected.jsonl");
    let lines = std::fs::read_to_string(&path).unwrap();
    assert!(lines.starts_with("{\"frame\":1,\"time\":\"0.000000000\","), "{lines}");
    let later = lines.replacen("\"0.000000000\"", "\"0.250000000\"", 1);
    cases.file("x/expected.jsonl", later);
    let told = told_of(&cases);
    let expected = "frame 1, msg_st: time: expected \"0.250000000\", got \"0.000000000\"";
    assert_eq!(told, [expected]);
    for (tolerance, count) in [("0.25", 0), ("0.2", 1)] {
        cases.case("x", &format!("run = \"decode\"\ntolerance.time = {tolerance}\n"));
        assert_eq!(told_of(&cases).len(), count, "{tolerance}");
    }
}

#[test]
fn an_expectation_and_conditions_must_both_hold() {
    let with = |expected: &str, toml: &str| {
        let cases = Cases::new();
        cases.case("x", &format!("run = \"decode\"\nignore = \"time\"\n{toml}"));
        told_of(cases.file("x/expected.jsonl", expected)).len()
    };
    let other = MESSAGES.replace("Grace", "Ada");
    for (expected, toml, count) in [
        (MESSAGES, "[[expect]]\ncount = 3\n", 0),
        (MESSAGES, "[[expect]]\ncount = 2\n", 1),
        (&other, "[[expect]]\ncount = 3\n", 1),
        (&other, "[[expect]]\ncount = 2\n", 2),
    ] {
        assert_eq!(with(expected, toml), count, "{toml}");
    }
}

#[test]
fn each_run_is_judged_in_each_variant() {
    let cases = Cases::new();
    let toml = r#"ignore = "time"
[[run]]
name = "messages"
run = "decode"
[[run]]
name = "findings"
run = "check"
[[run.expect]]
equals.level = "error"
count = 0
[[run]]
name = "talks"
run = "flows"
[[run.expect]]
count = 1
[[variant]]
name = "named"
[[variant]]
name = "little"
byte_order = "little"
"#;
    cases.case("x", toml).file("x/expected.messages.jsonl", MESSAGES);
    let ran = cases.run(&["-T", "json"]);
    let verdicts: Vec<_> = ran
        .objects()
        .iter()
        .map(|it| format!("{} {}", it["name"], it["verdict"]).replace('"', ""))
        .collect();
    assert_eq!(
        verdicts,
        [
            "x:messages@named passed",
            "x:messages@little failed",
            "x:findings@named passed",
            "x:findings@little failed",
            "x:talks@named passed",
            "x:talks@little passed",
        ],
        "{ran:?}"
    );
    let told = ran.objects()[1]["differences"][0].to_string();
    assert!(told.contains("\"subject\":\"frame 1, msg_st\",\"field\":\"fields.math\""), "{told}");
    let ran = cases.run(&["-T", "json", "-n", "talks", "-n", "@named"]);
    assert_eq!((ran.code, ran.objects().len()), (Some(0), 4), "{ran:?}");
}

#[test]
fn the_exit_code_is_held_to_where_it_is_given() {
    let cut = &super::CAPTURE[..200];
    let whole = format!("{READS}run = \"decode\"\n[[expect]]\n");
    for (exit, is_cut, expected) in [
        (None, false, None),
        (None, true, Some("exit code 2, expected 0: ")),
        (Some(2), true, None),
        (Some(2), false, Some("exit code 0, expected 2")),
        (Some(0), false, None),
    ] {
        let cases = Cases::new();
        let exit = exit.map_or_else(String::new, |it: i32| format!("exit = {it}\n"));
        cases.bare("x", &whole.replace("[[", &format!("{exit}[[")));
        if is_cut {
            cases.file("x/one.pcap", cut);
        }
        let ran = cases.run(&["-T", "json"]);
        let (verdict, reason) = ran.verdict("x");
        match expected {
            Some(text) => assert!(verdict == "failed" && reason.starts_with(text), "{ran:?}"),
            None => assert_eq!(verdict, "passed", "{exit}{ran:?}"),
        }
    }
}
