//! What a listener tells of numbered messages: lost, twice, out of order, how long on their way.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::listening::{Listening, header, message, sender, written};

/// Sends numbers to a listener, each with the time of now or later, and returns what it heard.
fn heard(options: &[&str], numbers: &[u32], ahead_us: u64) -> Value {
    let header = header();
    let count = numbers.len().to_string();
    let fixed = ["unicast", "--to", "127.0.0.1:0", "-T", "json", "--count", &count];
    let named = ["-H", &header, "--message", "msg_st"];
    let named = if options.contains(&"--profile") { &[][..] } else { &named[..] };
    let listening = Listening::start(&[&fixed[..], named, options].concat());
    let from = sender("127.0.0.1:0");
    for number in numbers {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
        from.send_to(&message(*number, now + ahead_us), listening.at).unwrap();
    }
    let said = listening.finish();
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let (messages, heard) = said.json();
    let found: Vec<_> = messages.iter().map(|it| it["fields"]["seq"].clone()).collect();
    assert_eq!(found, numbers, "in the order in which they came");
    heard
}

#[test]
fn each_figure_is_that_of_what_was_sent() {
    let last = u32::MAX;
    for (numbers, expected) in [
        (&[5, 6, 7][..], [3, 0, 0, 0]),
        (&[5, 7, 8, 8, 6, 11], [7, 2, 1, 1]),
        (&[last - 1, last, 1, 0, 2], [5, 0, 0, 1]),
    ] {
        let heard = heard(&["--counter", "seq"], numbers, 0);
        let sender = &heard["senders"][0];
        let keys = ["expected", "lost", "duplicates", "reordered"];
        assert_eq!(keys.map(|it| sender[it].as_u64().unwrap()), expected, "{numbers:?}: {sender}");
        assert_eq!(sender["received"], numbers.len());
        assert_eq!([&heard["dropped"], &sender["dropped"]], [0, 0]);
        assert_eq!(sender["latency_us"], Value::Null, "no time is named");
        assert_eq!(sender["histogram"]["of"], "interval");
    }
    let swapped = heard(&["--counter", "seq"], &[1, 4, 5, 2, 3], 0);
    let extent = &swapped["senders"][0]["extent"];
    assert_eq!(*extent, json!({"min": 2, "p50": 2, "p99": 3, "max": 3}), "RFC 4737 section 4.2");
}

#[test]
fn latency_is_told_with_what_the_clocks_say() {
    let options = ["--counter", "seq", "--sent-at", "sent_us"];
    let sender = &heard(&options, &[1, 2, 2, 3], 0)["senders"][0];
    let latency = |key: &str| sender["latency_us"][key].as_f64().unwrap();
    assert!(latency("min") > -1.0 && latency("max") < 60e6, "{sender}");
    assert!(latency("p50") <= latency("p99"), "{sender}");
    assert!(sender["jitter_us"].as_f64().unwrap() >= 0.0);
    assert_eq!((&sender["negative"], &sender["same_clock"]), (&json!(0), &json!(true)));
    let steps = sender["histogram"]["steps"].as_array().unwrap();
    let counted: u64 = steps.iter().map(|it| it["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 3, "what comes twice is measured once");
    // A clock that is ten minutes ahead.
    let ahead = &heard(&["--sent-at", "sent_us:us"], &[1, 2], 600_000_000)["senders"][0];
    assert_eq!(ahead["negative"], 2);
    assert!(ahead["latency_us"]["max"].as_f64().unwrap() < -500e6, "{ahead}");
    assert_eq!(ahead["lost"], Value::Null, "no counter is named");
    // One that is a month ahead, or a field that is no time at all.
    let never = &heard(&["--sent-at", "sent_us"], &[1, 2], 30 * 86_400_000_000)["senders"][0];
    assert_eq!((&never["untimed"], &never["latency_us"]), (&json!(2), &Value::Null));
}

#[test]
fn a_profile_names_the_fields() {
    let header = header();
    let profile = format!(
        "[[protocol]]\nname = \"grades\"\nheader = \"{header}\"\nmessage = \"msg_st\"\n\
         [protocol.fields]\nseq = {{ counter = true }}\nsent_us = {{ time = \"us\" }}\n"
    );
    let profile = written("listen_profile.toml", &profile);
    let options = ["--profile", &profile, "--message", "grades"];
    let sender = &heard(&options, &[1, 3], 0)["senders"][0];
    assert_eq!((&sender["protocol"], &sender["lost"]), (&json!("grades"), &json!(1)));
    assert!(sender["latency_us"]["max"].as_f64().unwrap() < 60e6, "{sender}");
}

#[test]
fn text_tells_the_same_to_people() {
    let header = header();
    let arguments = ["unicast", "--to", "127.0.0.1:0", "-H", &header, "--message", "msg_st"];
    let more = ["--counter", "seq", "--count", "4", "-Y", "seq > 2"];
    let listening = Listening::start(&[&arguments[..], &more].concat());
    let from = sender("127.0.0.1:0");
    [1, 4, 4, 3].iter().for_each(|it| _ = from.send_to(&message(*it, 0), listening.at).unwrap());
    let (src, dst) = (from.local_addr().unwrap(), listening.at);
    let said = listening.finish();
    assert_eq!(said.lines[0].split("  ").last().unwrap(), "seq=4 sent_us=0 name=\"Alan\"");
    assert_eq!(said.lines[3], "4 datagrams received, 76 bytes, 1 sender");
    let begin = said.lines.iter().position(|it| it.starts_with(&src.to_string())).unwrap();
    assert_eq!(said.lines[begin], format!("{src} to {dst}, msg_st"));
    assert!(said.lines[begin + 1].starts_with("         4  messages received, 76 bytes, "));
    assert_eq!(
        said.lines[begin + 2..begin + 5],
        [
            "         1  lost, 25.00% of 4",
            "         1  duplicate",
            "         1  reordered, half by 1 or less, all by 1 or less",
        ]
    );
    assert!(said.lines.iter().any(|it| it == "from one message to the next"));
    assert!(said.lines.last().unwrap().ends_with('#'));
    assert!(said.stderr.starts_with("4 frames, 4 messages, 3 matched\n"), "{}", said.stderr);
}

#[test]
fn rates_are_told_meanwhile() {
    let arguments = ["unicast", "--to", "127.0.0.1:0", "--interval", "1ms", "--count", "1"];
    let mut listening = Listening::start(&arguments);
    let line = listening.told();
    assert!(line.ends_with("  0 datagrams a second, 0.000 Mbit/s, 0 lost\n"), "{line}");
    sender("127.0.0.1:0").send_to(b"x", listening.at).unwrap();
    assert_eq!(listening.finish().code, Some(0));
}
