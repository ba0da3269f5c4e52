//! Which cases are run, in which order, and which are skipped.

use super::Cases;

fn names(ran: &super::Ran) -> Vec<String> {
    ran.objects().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn cases_are_chosen_by_parts_of_their_names() {
    let cases = Cases::new();
    cases.passing("http/get").passing("http/head").passing("grades/one").failing("grades/two");
    for (asked, code, expected) in [
        (&["http"][..], 0, &["http/get", "http/head"][..]),
        (&["get", "one"], 0, &["grades/one", "http/get"]),
        (&["/"], 1, &["grades/one", "grades/two", "http/get", "http/head"]),
    ] {
        let options: Vec<_> = asked.iter().flat_map(|it| ["--name", it]).collect();
        let ran = cases.run(&[&options[..], &["-T", "json"]].concat());
        assert_eq!((ran.code, names(&ran)), (Some(code), expected.map_to()), "{ran:?}");
    }
    let ran = cases.run(&["-n", "get", "-n", "nothing"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.ends_with("wirereel: no case has a name with nothing\n"), "{ran:?}");
    let ran = cases.run(&["--list", "-n", "nothing"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

trait MapTo {
    fn map_to(&self) -> Vec<String>;
}

impl MapTo for &[&str] {
    fn map_to(&self) -> Vec<String> {
        self.iter().map(|it| (*it).to_owned()).collect()
    }
}

#[test]
fn the_order_and_the_verdicts_do_not_depend_on_how_many_run_at_once() {
    let cases = Cases::new();
    for at in 0..40 {
        let name = format!("{at:02}");
        if at % 7 == 3 {
            cases.failing(&name)
        } else {
            cases.passing(&name)
        };
    }
    let without_times = |jobs: &str| {
        let ran = cases.run(&["-T", "json", "-j", jobs]);
        assert_eq!(ran.code, Some(1));
        let mut objects = ran.objects();
        for it in &mut objects {
            it.as_object_mut().unwrap().remove("duration_s");
        }
        (objects, ran.stderr)
    };
    let one = without_times("1");
    assert_eq!(one.0.len(), 40);
    assert_eq!(one, without_times("8"));
    assert_eq!(cases.run(&["-j", "0"]).code, Some(2));
}

#[test]
fn nothing_is_begun_behind_the_first_failure_where_that_is_asked_for() {
    let cases = Cases::new();
    cases.passing("a").failing("b").passing("c").passing("d");
    let ran = cases.run(&["--fail-fast", "-j", "1", "-T", "json"]);
    assert_eq!((ran.code, names(&ran)), (Some(1), (&["a", "b"][..]).map_to()), "{ran:?}");
    assert_eq!(ran.stderr, "{\"passed\":1,\"failed\":1,\"skipped\":0,\"interrupted\":true}\n");
    let runs = "ignore = \"time\"\n[[run]]\nname = \"x\"\nrun = \"decode\"\n[[run.expect]]\ncount = \
                9\n[[run]]\nname = \"y\"\nrun = \"check\"\n[[run.expect]]\ncount = 0\n";
    let cases = Cases::new();
    cases.case("last", runs);
    let ran = cases.run(&["--fail-fast"]);
    assert!(ran.stderr.contains("ended before all were run"), "{ran:?}");
}

#[test]
fn what_the_machine_lacks_is_skipped_with_its_reason_and_never_passed() {
    let cases = Cases::new();
    let decode = "run = \"decode\"\n[[expect]]\ncount = 99\n";
    for (name, key) in [
        ("program", "requires = \"program:no-such-program\""),
        ("system", "requires = [\"os:linux\", \"os:plan9\"]"),
        ("asked", "skip = \"its server is gone\""),
        ("both", "skip = \"its server is gone\"\nrequires = \"program:no-such-program\""),
    ] {
        cases.case(name, &format!("{key}\n{decode}"));
    }
    cases.case("there", &format!("requires = [\"os:linux\", \"program:sh\"]\n{decode}"));
    let ran = cases.run(&["-T", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for (name, reason) in [
        ("program", "needs the program no-such-program"),
        ("system", "needs plan9, this is linux"),
        ("asked", "its server is gone"),
        ("both", "its server is gone"),
    ] {
        assert_eq!(ran.verdict(name), ("skipped".to_owned(), reason.to_owned()));
    }
    assert_eq!(ran.verdict("there").0, "failed");
    let text = cases.run(&["-n", "program"]);
    assert_eq!(text.stdout, "SKIP program: needs the program no-such-program\n");
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), "0 passed, 0 failed, 1 skipped\n"));
}

#[test]
fn cases_are_listed_with_what_they_do() {
    let cases = Cases::new();
    cases.passing("a").case("b", "skip = \"not now\"\nrun = \"check\"\n[[expect]]\n");
    let ran = cases.run(&["--list"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "a  decode\nb  check  not now\n"));
    cases.case("c", "run = \"decodd\"\n");
    let ran = cases.run(&["--list", "-T", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "{\"name\":\"a\",\"run\":\"decode\",\"note\":null}");
    assert_eq!(lines[1], "{\"name\":\"b\",\"run\":\"check\",\"note\":\"not now\"}");
    assert!(lines[2].starts_with("{\"name\":\"c\",\"run\":\"broken\",\"note\":\""), "{ran:?}");
    assert!(lines[2].contains("did you mean `decode`?"), "{ran:?}");
    assert_eq!(cases.run(&["--list", "--tap"]).code, Some(2));
}

#[test]
fn an_exact_name_is_no_part_of_another() {
    let cases = Cases::new();
    let runs = "[[run]]\nname = \"all\"\nrun = \"decode\"\nexpect = [{ count = 3 }]\n";
    cases.passing("http/get").failing("http/get_more").case("one", runs);
    let ran = cases.run(&["--exact", "-n", "http/get", "-n", "one:all", "-T", "json"]);
    let expected = &["http/get", "one:all"][..];
    assert_eq!((ran.code, names(&ran)), (Some(0), expected.map_to()), "{ran:?}");
    for options in [&["--exact", "-n", "one"][..], &["--exact", "-n", "one", "--list"]] {
        let ran = cases.run(options);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.ends_with("wirereel: no case has the name one\n"), "{ran:?}");
    }
}
