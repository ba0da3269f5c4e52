//! What other programs make of the reports of `wirereel test`: xmllint(1) of JUnit, prove(1) of TAP;
//! and a terminal, which script(1) is, of the progress.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::against::peer::find;
use crate::trial::unless;

const WIREREEL: &str = env!("CARGO_BIN_EXE_wirereel");

/// The program that it needs, its name, and the test.
type Row = (&'static str, &'static str, fn() -> Result<(), Failed>);

pub fn trials() -> Vec<Trial> {
    let all: [Row; 5] = [
        ("xmllint", "junit_keeps_the_rules_of_jenkins", junit),
        ("xmllint", "the_rules_refuse_what_jenkins_does_not_know", rules),
        ("prove", "tap_is_read_as_it_is_meant", tap),
        ("prove", "tap_that_is_cut_short_fails", bail_out),
        ("script", "progress_is_shown_on_a_terminal", progress),
    ];
    let trial = |(program, name, test)| {
        let missing = find(program).is_none().then(|| format!("needs the program {program}"));
        unless(missing, format!("runner::{name}"), test)
    };
    all.into_iter().map(trial).collect()
}

/// A folder with a case of each kind, of which one has a name and a reason that are hard to write.
fn cases() -> Result<TempDir, Failed> {
    let root = tempfile::tempdir()?;
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let reads = "capture = \"one.pcap\"\nignore = \"time\"\n";
    let decode = "run = \"decode\"\n[[expect]]\nequals.len = 19\n";
    for (name, rest) in [
        ("a/passes", format!("{decode}count = 3\n")),
        ("a/fails", format!("{decode}count = 4\n")),
        ("a/fails # TODO \\ not", format!("{decode}count = 5\n")),
        ("b/broken", "run = \"decodd\"\n".to_owned()),
        ("b/flaky", FLAKY.to_owned()),
        (
            "b/<skipped> & \"quoted\"",
            format!("skip = \"\\u0000\\uffff \\u001b[31m ]]> <#>\"\n{decode}"),
        ),
        ("b/c/deep", decode.to_owned()),
        ("b/z", decode.to_owned()),
    ] {
        let dir = root.path().join(name);
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("test.toml"), format!("{reads}{rest}"))?;
        fs::copy(captures.join("ok_dgram_basic.pcap"), dir.join("one.pcap"))?;
    }
    Ok(root)
}

/// Fails both times, otherwise each time.
const FLAKY: &str = "run = \"replay\"\nretry = 1\n[server]\ncommand = [\"sh\", \"-c\", \"[ -e tried \
                     ] && exit 4; touch tried; exit 3\"]\n";

fn test(root: &Path, options: &[&str]) -> Result<Output, Failed> {
    let mut command = Command::new(WIREREEL);
    Ok(command.arg("test").arg(root).args(options).stdin(Stdio::null()).output()?)
}

fn junit_of(root: &Path) -> Result<PathBuf, Failed> {
    let path = root.join("report.xml");
    test(root, &["-q", "--junit", &path.to_string_lossy()])?;
    Ok(path)
}

/// What xmllint says of a document, and whether it keeps the rules.
fn lint(document: &Path) -> Result<(bool, String), Failed> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trials/runner/junit.xsd");
    let mut xmllint = Command::new("xmllint");
    let output = xmllint.arg("--noout").arg("--schema").arg(rules).arg(document).output()?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn junit() -> Result<(), Failed> {
    let root = cases()?;
    let document = junit_of(root.path())?;
    let (is_valid, said) = lint(&document)?;
    require(is_valid, said)?;
    for (path, expected) in [
        ("string(/testsuites/@tests)", "8"),
        ("count(//testsuite[@name='b'])", "1"),
        ("string(//testsuite[@name='b']/@skipped)", "1"),
        ("string(//testcase[@name='fails']/failure/@message)", "1 difference"),
        ("string(//testcase[@name='flaky']/error/@message)", "exit code 4"),
        ("string(//testcase[@name='flaky']/rerunFailure/@message)", "exit code 3"),
        ("string(//testcase[@classname='b.c']/@name)", "deep"),
        ("string(//skipped/@message)", "  ]]> <#>"),
    ] {
        let output = Command::new("xmllint").args(["--xpath", path]).arg(&document).output()?;
        let value = String::from_utf8_lossy(&output.stdout).into_owned();
        require(value.contains(expected), format!("{path} is {value}, not {expected}"))?;
    }
    Ok(())
}

fn rules() -> Result<(), Failed> {
    let root = cases()?;
    let document = junit_of(root.path())?;
    let text = fs::read_to_string(&document)?;
    for (from, to) in [
        (" skipped=\"", " disabled=\""),
        (" errors=\"0\" failures=\"", " failures=\""),
        ("<failure ", "<failed "),
        (" classname=", " class="),
        (" tests=\"8\"", " tests=\"many\""),
    ] {
        let spoilt = text.replace(from, to);
        require(spoilt != text, format!("nothing like {from} in {text}"))?;
        fs::write(&document, spoilt)?;
        let (is_valid, _) = lint(&document)?;
        require(!is_valid, format!("{to} is taken"))?;
    }
    Ok(())
}

/// What prove says of what a script prints.
fn prove(output: &Output) -> Result<(bool, String), Failed> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("cases.t");
    let printed = folder.path().join("printed");
    fs::write(&printed, &output.stdout)?;
    fs::write(&script, "#!/bin/sh\ncat \"$(dirname \"$0\")/printed\"\n")?;
    let mut prove = Command::new("prove");
    let output = prove.args(["-v", "--exec", "sh"]).arg(&script).output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn tap() -> Result<(), Failed> {
    let root = cases()?;
    let output = test(root.path(), &["--tap"])?;
    let (passes, said) = prove(&output)?;
    require(!passes, "prove finds nothing wrong")?;
    require(!said.contains("Parse errors"), &said)?;
    for expected in ["Failed tests:  1-2, 5, 7", "Failed 4/8 subtests", "(less 1 skipped subtest"] {
        require(said.contains(expected), format!("no {expected} in\n{said}"))?;
    }
    let only = test(root.path(), &["--tap", "-n", "passes", "-n", "skipped"])?;
    let (passes, said) = prove(&only)?;
    require(passes && said.contains("Result: PASS"), &said)?;
    yaml(&output.stdout)
}

/// The blocks, as the parser of prove reads them.
fn yaml(printed: &[u8]) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("printed");
    fs::write(&path, printed)?;
    let script = "use TAP::Parser; my $parser = TAP::Parser->new({tap => do { local $/; <STDIN> }}); \
                  while (my $it = $parser->next) { next unless $it->is_yaml; my $d = $it->data; \
                  print join('|', $d->{message}, $d->{severity}, $d->{tries} // 1, map { \
                  ($_->{subject}, $_->{expected}, $_->{actual}) } @{$d->{differences} || []}), \
                  \"\\n\" }";
    let mut perl = Command::new("perl");
    let output = perl.args(["-e", script]).stdin(fs::File::open(&path)?).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    require(output.status.success(), String::from_utf8_lossy(&output.stderr))?;
    for expected in
        ["1 difference|fail|1|[[expect]] 1|4|3", "1 difference|fail|1|[[expect]] 1|5|3", "|error|2"]
    {
        require(said.contains(expected), format!("no {expected} in\n{said}"))?;
    }
    Ok(())
}

fn bail_out() -> Result<(), Failed> {
    let root = cases()?;
    let (passes, said) = prove(&test(root.path(), &["--tap", "--fail-fast", "-j", "1"])?)?;
    require(!passes && said.contains("Bailout called"), said)
}

fn progress() -> Result<(), Failed> {
    let root = cases()?;
    let inner = format!("{WIREREEL} test {} -n passes -n b/z", root.path().display());
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &inner, "/dev/null"]).stdin(Stdio::null()).env("TERM", "xterm");
    let output = script.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    require(output.status.into_raw() == 0, &said)?;
    require(said.contains("of 8 cases"), format!("no progress in {said:?}"))?;
    require(said.contains("2 passed, 0 failed, 0 skipped"), &said)?;
    let output = test(root.path(), &["-n", "passes"])?;
    require(output.stderr == b"1 passed, 0 failed, 0 skipped\n", format!("{output:?}"))
}

fn require(holds: bool, or: impl AsRef<str>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(or.as_ref().to_owned().into()) }
}
