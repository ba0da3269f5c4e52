//! Who is reached by a broadcast and by a group, and who is not.

use libtest_mimic::Failed;

use super::frames::payloads;
use super::program::{ANYWHERE, BASIC, Heard, Listener, ON_LINK, PORT, counted, generate};
use super::stage::{EVERYBODY, FAR_LINK, Host, Stage};
use crate::against::recording::mark;

/// Datagrams of each sender.
const SENT: u32 = 20;

/// Every host of the network hears it, whichever address is used; none behind a router does.
pub fn broadcasts() -> Result<(), Failed> {
    let stage = Stage::new("broadcast")?;
    let router = stage.router("broadcast")?;
    let folder = stage.folder.path();
    for to in ["255.255.255.255:1989", "10.9.0.255:1989"] {
        let start = |host, name| {
            let args = [&["broadcast"], &ANYWHERE[..]].concat();
            Listener::start(host, BASIC, (folder, name), &args, &[])
        };
        let two = start(&stage.two, "two")?;
        let three = start(&stage.three, "three")?;
        let beyond = start(&router.beyond, "beyond")?;
        send(&stage.one, &[&["broadcast", "--to", to], &ON_LINK[..]].concat(), 0)?;
        // What the network behind the router hears is nothing but this.
        send(&router.router, &["broadcast", "--to", "10.9.1.255:1989", "-i", FAR_LINK], 100)?;
        two.interrupt()?.must_be("10.9.0.1:", 0..SENT)?;
        three.interrupt()?.must_be("10.9.0.1:", 0..SENT)?;
        beyond.interrupt()?.must_be("10.9.1.254:", 100..100 + SENT)?;
    }
    Ok(())
}

/// Members hear it. Who is no member hears nothing, though it comes to its link; nor does a socket
/// of a member's host that has joined another group.
pub fn groups_of_ipv4() -> Result<(), Failed> {
    members(
        "members4",
        ["224.2.2.2", "224.7.7.7"],
        ["224.2.2.2:1989", "224.7.7.7:1989"],
        "10.9.0.1:",
    )
}

pub fn groups_of_ipv6() -> Result<(), Failed> {
    members(
        "members6",
        ["ff05::7", "ff05::8"],
        ["[ff05::7]:1989", "[ff05::8]:1989"],
        "[fd00:9::1]:",
    )
}

fn members(
    test: &str,
    groups: [&str; 2],
    [group, other]: [&str; 2],
    sender: &str,
) -> Result<(), Failed> {
    let stage = Stage::new(test)?;
    let folder = stage.folder.path();
    let start = |host, name, to, joined| {
        let args = [&["multicast", "--group", to], &ON_LINK[..]].concat();
        Listener::start(host, BASIC, (folder, name), &args, &[joined])
    };
    let member = start(&stage.two, "member", group, groups[0])?;
    let beside = start(&stage.two, "beside", other, groups[1])?;
    let stranger = start(&stage.three, "stranger", other, groups[1])?;
    let (recorder, link) = stage.three.record(folder);
    send(&stage.one, &[&["multicast", "--group", group], &ON_LINK[..]].concat(), 0)?;
    send(&stage.one, &[&["multicast", "--group", other], &ON_LINK[..]].concat(), 100)?;
    mark(&stage.one.namespace, EVERYBODY);
    recorder.finish();
    let came = payloads(&link, PORT)?.len();
    if came != 2 * SENT as usize {
        return Err(format!("{came} datagrams came to the stranger's link").into());
    }
    member.interrupt()?.must_be(sender, 0..SENT)?;
    beside.interrupt()?.must_be(sender, 100..100 + SENT)?;
    stranger.interrupt()?.must_be(sender, 100..100 + SENT)
}

/// Three groups in sequence: each datagram goes to each of them, and each is heard.
pub fn groups_in_sequence() -> Result<(), Failed> {
    let stage = Stage::new("sequence")?;
    let folder = stage.folder.path();
    let args = [&["multicast", "--group", "224.2.2.254+3:1989"], &ON_LINK[..]].concat();
    let joined = ["224.2.2.254", "224.2.2.255", "224.2.3.0"];
    let listener = Listener::start(&stage.two, BASIC, (folder, "two"), &args, &joined)?;
    send(&stage.one, &args, 0)?;
    must_reach(&listener.interrupt()?, &joined)
}

fn must_reach(heard: &Heard, groups: &[&str]) -> Result<(), Failed> {
    for group in groups {
        let to = format!("{group}:{PORT}");
        if !heard.messages.iter().any(|it| it["dst"] == *to) {
            return Err(format!("nothing to {to}: {heard:#?}").into());
        }
    }
    Ok(())
}

fn send(host: &Host, args: &[&str], first: u32) -> Result<(), Failed> {
    let counted = counted(first, SENT);
    let counted: Vec<_> = counted.iter().map(String::as_str).collect();
    let outcome = generate(host, BASIC, &[args, &counted].concat())?;
    match outcome["sent"]["messages"].as_u64() {
        Some(sent) if sent >= u64::from(SENT) => Ok(()),
        _ => Err(outcome.to_string().into()),
    }
}
