//! Who is heard: a host, everybody, a group, some of its senders.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::listening::{Listening, header, message, port, sender};

const JSON: [&str; 2] = ["-T", "json"];

fn sources(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|it| it["src"].as_str().unwrap().split(':').next().unwrap()).collect()
}

#[test]
fn broadcasts_are_heard_by_all_who_listen_and_nothing_else_counts() {
    let header = header();
    let options = ["-H", &header, "--count", "2", "-T", "json"];
    let first = Listening::start(&[&["broadcast", "--to", ":0"], &options[..]].concat());
    let port = first.at.port();
    let to = format!(":{port}");
    let second = Listening::start(&[&["broadcast", "--to", &to], &options[..]].concat());
    let from = sender("127.0.0.1:0");
    // Whoever bound last has what is for the host.
    from.send_to(&message(9, 0), ("127.0.0.1", port)).unwrap();
    for seq in [1, 2] {
        from.send_to(&message(seq, 0), ("127.255.255.255", port)).unwrap();
    }
    let mut elsewhere = 0;
    for listening in [first, second] {
        let (messages, heard) = listening.finish().json();
        let numbers: Vec<_> = messages.iter().map(|it| it["fields"]["seq"].clone()).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(messages[0]["dst"], format!("127.255.255.255:{port}"));
        elsewhere += heard["elsewhere"].as_u64().unwrap();
    }
    assert_eq!(elsewhere, 1);
}

#[test]
fn a_directed_broadcast_alone_may_be_heard() {
    let to = "127.255.255.255:0";
    let listening =
        Listening::start(&[&["broadcast", "--to", to, "--count", "1"], &JSON[..]].concat());
    sender("127.0.0.1:0").send_to(b"x", listening.at).unwrap();
    let (_, heard) = listening.finish().json();
    assert_eq!((&heard["received"], &heard["elsewhere"]), (&json!(1), &json!(0)));
}

#[test]
fn a_group_is_heard_and_no_other() {
    let (port, _kept) = port();
    let group = format!("239.2.2.2:{port}");
    let header = header();
    let options = ["--group", &group, "-i", "lo", "-H", &header, "--count", "1"];
    // Somebody else is a member of the other group.
    let other = format!("239.2.2.3:{port}");
    let other =
        Listening::start(&["multicast", "--group", &other, "-i", "127.0.0.1", "--count", "2"]);
    let listening = Listening::start(&[&["multicast"], &options[..], &JSON[..]].concat());
    assert_eq!(listening.at.to_string(), group);
    let from = sender("127.0.0.1:0");
    from.send_to(&message(1, 0), ("239.2.2.3", port)).unwrap();
    from.send_to(&message(2, 0), ("239.2.2.2", port)).unwrap();
    let (messages, heard) = listening.finish().json();
    assert_eq!(messages[0]["dst"], group);
    assert_eq!(messages[0]["fields"]["seq"], 2);
    assert_eq!(heard["received"], 1);
    from.send_to(&message(3, 0), ("239.2.2.3", port)).unwrap();
    assert_eq!(other.finish().code, Some(0));
}

#[test]
fn groups_in_sequence_are_told_apart() {
    let (port, _kept) = port();
    let groups = format!("239.2.2.250+10:{port}");
    let options = ["--group", &groups, "-i", "lo", "--count", "3"];
    let listening = Listening::start(&[&["multicast"], &options[..], &JSON[..]].concat());
    let from = sender("127.0.0.1:0");
    for to in ["239.2.2.250", "239.2.3.3", "239.2.3.3"] {
        from.send_to(b"x", (to, port)).unwrap();
    }
    let (_, heard) = listening.finish().json();
    let to =
        |group: &str, received| json!({"dst": format!("{group}:{port}"), "received": received});
    let expected = json!([to("239.2.2.250", 1), to("239.2.3.3", 2)]);
    assert_eq!(heard["senders"][0]["destinations"], expected);
}

#[test]
fn of_a_group_only_the_sources_that_are_named_are_heard() {
    let (port, _kept) = port();
    let group = format!("232.2.2.2:{port}");
    let header = header();
    let options = ["--group", &group, "-i", "lo", "-H", &header, "--count", "2"];
    let named = ["--source", "127.0.0.2", "--source", "127.0.0.4"];
    let listening = Listening::start(&[&["multicast"], &options[..], &named, &JSON[..]].concat());
    let to: SocketAddr = group.parse().unwrap();
    for from in ["127.0.0.3:0", "127.0.0.2:0", "127.0.0.1:0", "127.0.0.4:0"] {
        sender(from).send_to(&message(1, 0), to).unwrap();
    }
    let (messages, heard) = listening.finish().json();
    assert_eq!(sources(&messages), ["127.0.0.2", "127.0.0.4"]);
    assert_eq!(heard["senders"].as_array().unwrap().len(), 2);
}
