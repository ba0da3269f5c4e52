//! `wirereel generate` over loopback: what arrives, what is printed, and the exit code.

use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::stage::{BASIC, PATIENCE, generate, listener, received, waiting, written};

#[test]
fn messages_arrive_as_the_recipe_says() {
    let (socket, to) = listener();
    let to = to.to_string();
    let set = ["--set", "name=Alan", "--set", "math=counter(83)", "--set", "chinese=5"];
    let rest = ["--to", &to, "-p", "500", "--count", "3", "--seed", "7", "-T", "json"];
    let outcome = generate("unicast", &[&set[..], &rest].concat()).outcome();
    assert_eq!(outcome["sent"], serde_json::json!({"messages": 3, "bytes": 57}));
    assert_eq!((&outcome["seed"], &outcome["skipped"]), (&7.into(), &serde_json::json!([])));
    assert!(outcome["duration_s"].as_f64().expect("a number") >= 0.004);
    assert!(outcome["lateness_us"]["max"].is_number());
    for math in 83..86 {
        let expected = [&b"Alan\0\0\0\0\0\0\0"[..], &[0, 0, 0, math, 0, 0, 0, 5]].concat();
        assert_eq!(received(&socket), expected);
    }
}

#[test]
fn one_seed_makes_the_same_messages() {
    let sent = |seed: &str| {
        let (socket, to) = listener();
        let (to, set) = (to.to_string(), "math=0..4294967295");
        let args = ["--to", &to, "--set", set, "-t", "--count", "20", "--seed", seed, "-T", "json"];
        assert_eq!(generate("unicast", &args).outcome()["sent"]["messages"], 20);
        (0..20).map(|_| received(&socket)).collect::<Vec<_>>()
    };
    assert_eq!(sent("1"), sent("1"));
    assert_ne!(sent("1"), sent("2"));
}

#[test]
fn a_loop_begins_again() {
    let (socket, to) = listener();
    let to = to.to_string();
    let args =
        ["--to", &to, "--set", "math=counter", "-t", "--count", "2", "-l", "3", "-T", "json"];
    assert_eq!(generate("unicast", &args).outcome()["sent"]["messages"], 6);
    let all: Vec<_> = (0..6).map(|_| received(&socket)[14]).collect();
    assert_eq!(all, [0, 1, 0, 1, 0, 1]);
}

#[test]
fn a_recipe_file_may_have_several_senders() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "gap = \"2ms\"\n[[message]]\nname = \"msg_st\"\n[message.fields]\nmath = \"counter\"\n\
                [[sender]]\nfrom = \"127.0.0.1:0\"\ncount = 2\n[[sender]]\nfrom = \"127.0.0.2:0\"\ncount = 3\n";
    let path = written(folder.path(), "two.toml", text);
    let (socket, to) = listener();
    let to = to.to_string();
    let outcome = generate("unicast", &["--to", &to, "--recipe", &path, "-T", "json"]).outcome();
    assert_eq!(outcome["sent"]["messages"], 5);
    assert!(outcome["duration_s"].as_f64().expect("a number") >= 0.008);
    let mut bytes = [0; 99];
    let all: Vec<_> = (0..5)
        .map(|_| {
            let (_, from) = socket.recv_from(&mut bytes).expect("a datagram in time");
            (from.ip().to_string(), bytes[14])
        })
        .collect();
    let [one, two] = ["127.0.0.1", "127.0.0.2"].map(str::to_owned);
    let expected = [(one.clone(), 0), (two.clone(), 0), (one, 1), (two.clone(), 1), (two, 2)];
    assert_eq!(all, expected);
}

#[test]
fn a_printed_recipe_can_be_read_again() {
    let set = ["--set", "name=text(3..8)", "--set", "math=choice(1, 2:3)", "--print-recipe"];
    let printed = generate("unicast", &set);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), "printed.toml", &printed.stdout);
    let again = generate("unicast", &["--recipe", &path, "--print-recipe"]);
    assert_eq!(again.stdout, printed.stdout);
    assert!(printed.stdout.contains("msg_st"), "{}", printed.stdout);
}

#[test]
fn broadcasts_of_loopback_arrive() {
    for (named, by) in
        [("127.255.255.255", None), ("", Some("lo")), ("255.255.255.255", Some("lo"))]
    {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a port");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let to = format!("{named}:{}", socket.local_addr().expect("bound").port());
        let mut args = vec!["--to", &to, "--set", "name=Alan", "--count", "1", "-T", "json"];
        args.extend(by.iter().flat_map(|by| ["-i", by]));
        assert_eq!(generate("broadcast", &args).outcome()["sent"]["messages"], 1, "{to}");
        assert!(received(&socket).starts_with(b"Alan"), "{to}");
    }
}

#[test]
fn members_of_groups_hear_what_is_for_theirs() {
    let socket = UdpSocket::bind("224.2.9.3:0").expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let group = Ipv4Addr::new(224, 2, 9, 3);
    socket.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST).expect("joined");
    let port = socket.local_addr().expect("bound").port();
    let group = format!("224.2.9.2+3:{port}");
    let rest = ["-i", "lo", "--set", "math=counter", "-t", "--count", "9", "-T", "json"];
    let args = [&["--group", &group], &rest[..]].concat();
    assert_eq!(generate("multicast", &args).outcome()["sent"]["messages"], 9);
    assert_eq!([(); 3].map(|()| received(&socket)[14]), [1, 4, 7]);
    assert_eq!(waiting(&socket), 0);
}

#[test]
fn what_nobody_takes_is_a_finding() {
    let (socket, to) = listener();
    drop(socket);
    let to = to.to_string();
    let ran = generate("unicast", &["--to", &to, "-p", "100", "--count", "2"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let refused =
        format!("         2  skipped: UDP datagram refused: no program listens at {to}\n");
    assert!(ran.stdout.contains(&refused), "{}", ran.stdout);
}

#[test]
fn round_trips_are_measured_and_missing_answers_fail() {
    for (args, lost) in
        [(&["--expect-reply"][..], None), (&["--expect-reply", "--counter", "math"], Some(2))]
    {
        let (socket, to) = listener();
        let answering = thread::spawn(move || {
            let mut bytes = [0; 99];
            for _ in 0..5 {
                let (len, from) = socket.recv_from(&mut bytes).expect("a datagram in time");
                if lost != Some(bytes[14]) {
                    socket.send_to(&bytes[..len], from).expect("sent");
                }
            }
        });
        let to = to.to_string();
        let rest = [
            "--to",
            &to,
            "--set",
            "math=counter",
            "-p",
            "100",
            "--count",
            "5",
            "-T",
            "json",
            "--timeout",
            "500ms",
        ];
        let ran = generate("unicast", &[args, &rest].concat());
        answering.join().expect("it answers");
        let missing = u64::from(lost.is_some());
        assert_eq!(ran.code, Some(i32::from(lost.is_some())), "{}", ran.stderr);
        let outcome = ran.json();
        assert_eq!(
            (&outcome["replies"], &outcome["missing"]),
            (&(5 - missing).into(), &missing.into())
        );
        let rtt = |key: &str| outcome["rtt_us"][key].as_f64().expect("a number");
        assert!(rtt("p50") > 0.0 && rtt("p50") <= rtt("p99") && rtt("p99") <= rtt("max"));
    }
}

/// A run that goes on for long, once it has begun to send.
fn running(args: &[&str]) -> Child {
    let (socket, to) = listener();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.args(["generate", "unicast", "-H", BASIC, "-T", "json", "--to", &to.to_string()]);
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).args(args);
    let child = command.stdout(Stdio::piped()).spawn().expect("the program runs");
    received(&socket);
    child
}

#[test]
fn a_run_without_an_end_ends_by_the_user_and_one_with_is_cut_short() {
    for (args, code, interrupted) in [
        (&["-p", "200"][..], 0, true),
        (&["-p", "200", "--count", "1000000"], 130, true),
        (&["-t", "--duration", "10m"], 130, true),
        (&["-t", "--duration", "100ms"], 0, false),
    ] {
        let child = running(args);
        if interrupted {
            kill_process(Pid::from_child(&child), Signal::INT).expect("told");
        }
        let output = child.wait_with_output().expect("it ends");
        let outcome: Value = serde_json::from_slice(&output.stdout).expect("one object");
        // What was sent to the listener, which is gone by then, may be refused.
        let found = output.status.code().filter(|it| *it != 1).unwrap_or(code);
        assert_eq!(found, code, "{args:?}: {outcome}");
        assert_eq!(outcome.get("interrupted").is_some(), interrupted);
        assert!(outcome["sent"]["messages"].as_u64().expect("a number") > 0);
    }
}
