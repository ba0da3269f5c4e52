//! `wirereel demo`, as somebody meets it who has just built the program.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use serde_json::Value;

fn demo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.arg("demo").args(args);
    command
}

fn run(args: &[&str]) -> (String, String) {
    let Output { status, stdout, stderr } = demo(args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let (stdout, stderr) = (text(stdout), text(stderr));
    assert_eq!(status.code(), Some(0), "{stdout}{stderr}");
    (stdout, stderr)
}

/// What stands under the title of a scene, without the capture's name.
fn scene<'t>(demo: &'t str, title: &str) -> Vec<&'t str> {
    let of_title = |it: &&str| it.lines().next().is_some_and(|it| it.contains(title));
    let scenes: Vec<_> = demo.split("\n\n").filter(of_title).collect();
    let [scene] = scenes.as_slice() else { panic!("{} of {title}: {demo}", scenes.len()) };
    scene.lines().skip(2).collect()
}

fn seconds_since_epoch() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs()
}

#[test]
fn a_live_server_is_told_from_the_recorded_one_by_its_stamps() {
    let before = seconds_since_epoch();
    let (demo, _) = run(&[]);
    let now = before..=seconds_since_epoch();
    let lines = scene(&demo, "that tells the time of day: replay");
    // They run at once: which one ends first is not said.
    let mut told: Vec<_> = lines.iter().take(3).collect();
    told.sort();
    for (number, line) in told.iter().enumerate() {
        let expected = format!(
            "conversation {number}, answer 1: value: expected {}, got ",
            1_700_000_000 + number
        );
        let stamp = line.strip_prefix(&expected).unwrap_or_else(|| panic!("{line}"));
        assert!(now.contains(&stamp.parse().expect("a number")), "{stamp} in {now:?}");
    }
    assert_eq!(lines[3], "3 conversations, 0 answers as recorded, 3 differed");
    let lines = scene(&demo, "where the stamp may differ");
    assert_eq!(lines[0], "3 conversations, 3 answers as recorded");
    assert_eq!(lines[2], "         3  messages received, 36 bytes");
}

#[test]
fn a_bundled_profile_needs_no_header() {
    let (demo, summary) = run(&[]);
    let lines = scene(&demo, "ntp: a bundled profile");
    assert_eq!(lines.len(), 15);
    assert_eq!(lines[0], "1\tCLIENT\t0\t2023-11-14T22:13:20.000000000Z");
    assert_eq!(lines[1], "2\tSERVER\t1\t2023-11-14T22:13:20.009299999Z");
    assert!(summary.contains("        15  ntp\n"), "{summary}");
}

#[test]
fn a_changed_page_is_the_one_difference() {
    let (demo, _) = run(&[]);
    let lines = scene(&demo, "the page has changed");
    let (difference, rest) = lines.split_first().expect("lines");
    let expected = "conversation 0, answer 1: body: expected offset 131 of 195: \"…";
    assert!(difference.starts_with(expected), "{difference}");
    let (then, now) = difference.split_once(", got offset 131 of 195: ").expect("both");
    assert!(then.contains("<h1>Grades</h1>") && now.contains("<h1>Scores</h1>"), "{difference}");
    assert_eq!(rest[0], "1 conversation, 1 answer as recorded, 1 differed");
    assert_eq!(rest[1], "         2  messages sent, 158 bytes");
}

#[test]
fn a_changed_byte_is_told_by_message_and_field() {
    let (demo, _) = run(&[]);
    let lines = scene(&demo, "a byte of the capture was changed: test");
    let begins = |line: &str, text: &str| assert!(line.starts_with(text), "{line}");
    begins(lines[0], "PASS grades/as_recorded (");
    begins(lines[1], "FAIL grades/changed (");
    assert_eq!(lines[2], "  frame 1, msg_st");
    assert_eq!(lines[3], "    fields.math: expected 83, got 84");
    let [.., skipped, total] = lines.as_slice() else { panic!("{demo}") };
    let reason = "needs the program grades-server-of-yours";
    assert_eq!(*skipped, format!("SKIP grades/with_a_server: {reason}"));
    assert_eq!(*total, "1 passed, 1 failed, 1 skipped");
}

#[test]
fn mistakes_are_found_and_datagrams_received_as_recorded() {
    let (demo, summary) = run(&[]);
    assert!(demo.contains("error[byte-order]: `math` arrives in little-endian order"), "{demo}");
    assert!(demo.contains("= help: at the sender: `htonl(chinese)`\n\n"), "{demo}");
    let lines = scene(&demo, "with a member more: compat");
    assert!(
        lines.contains(&"  = note: `math` moves from 11 to 13, `chinese` from 15 to 17"),
        "{lines:?}"
    );
    let lines = scene(&demo, "knows what should come");
    assert_eq!(lines[0], "1 conversation, 3 requests as recorded");
    assert_eq!(lines[2], "         3  messages received, 57 bytes");
    assert!(summary.starts_with("87 frames, 40 messages\n"), "{summary}");
}

#[test]
fn json_is_one_object_a_line_of_each_kind() {
    let (stdout, stderr) = run(&["-T", "json"]);
    let parse = |line| serde_json::from_str::<Value>(line).expect("an object");
    let objects: Vec<_> = stdout.lines().map(parse).collect();
    let with = |key: &str| objects.iter().filter(|it| it.get(key).is_some()).collect::<Vec<_>>();
    assert_eq!((with("fields").len(), with("code").len()), (37, 3));
    let outcomes = with("matched");
    let came_to = |it: &&Value| [&it["matched"], &it["differed"]].map(|it| it.as_u64());
    let expected = [[0, 3], [3, 0], [3, 0], [1, 1]].map(|it| it.map(Some));
    assert_eq!(outcomes.iter().map(came_to).collect::<Vec<_>>(), expected);
    assert_eq!(outcomes[3]["differences"][0]["field"], "body");
    let heard = with("senders");
    let received: Vec<_> = heard.iter().map(|it| it["received"].as_u64()).collect();
    assert_eq!(received, [Some(5), Some(5), Some(0)]);
    assert!(heard[..2].iter().all(|it| it["senders"][0]["lost"] == 0), "{heard:?}");
    assert_eq!(heard[2]["why"][0]["cause"], "other-port");
    let tested = with("verdict");
    let verdicts: Vec<_> = tested.iter().filter_map(|it| it["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["passed", "failed", "skipped"]);
    assert_eq!(tested[1]["differences"][0]["field"], "fields.math");
    assert_eq!(objects.len(), 37 + 3 + 4 + 3 + 3);
    assert_eq!(parse(stderr.trim_end())["frames"], 87);
}

#[test]
fn quiet_prints_the_closing_summary_alone() {
    let (stdout, stderr) = run(&["-q"]);
    assert_eq!(stdout, "");
    assert_eq!(stderr, run(&[]).1);
}

#[test]
fn whoever_has_seen_enough_may_leave() {
    let mut child =
        demo(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("UTF-8");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{stderr}");
    assert!(line.starts_with("dgram-basic"), "{line}");
    assert!(!stderr.contains("wirereel:"), "{stderr}");
}
