//! The lessons' C peers: what they hear of `generate`, and what `listen` hears of them.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use super::program::{ANYWHERE, Listener, PORT, generate};
use super::running::Running;
use super::stage::{Host, LINK, Stage, run};
use crate::against::peer::compile;

/// A lesson: how its datagrams are addressed by either side.
struct Lesson {
    name: &'static str,
    send: &'static [&'static str],
    listen: &'static [&'static str],
    /// Where the C sender sends.
    to: &'static str,
    joined: &'static [&'static str],
}

const LESSONS: [Lesson; 5] = [
    Lesson {
        name: "dgram-basic",
        send: &["unicast", "--to", "10.9.0.2:1989"],
        listen: &["unicast"],
        to: "10.9.0.2",
        joined: &[],
    },
    Lesson {
        name: "dgram-var",
        send: &["unicast", "--to", "[fd00:9::2]:1989"],
        listen: &["unicast"],
        to: "10.9.0.2",
        joined: &[],
    },
    Lesson {
        name: "dgram-bcast",
        send: &["broadcast", "--to", "255.255.255.255:1989", "-i", LINK],
        listen: &["broadcast"],
        to: "10.9.0.255",
        joined: &[],
    },
    Lesson {
        name: "dgram-bcast",
        send: &["broadcast", "--to", "10.9.0.255:1989"],
        listen: &["broadcast"],
        to: "10.9.0.255",
        joined: &[],
    },
    Lesson {
        name: "dgram-mcast",
        send: &["multicast", "--group", "224.2.2.2:1989", "-i", LINK],
        listen: &["multicast", "--group", "224.2.2.2:1989", "-i", LINK],
        to: "224.2.2.2",
        joined: &["224.2.2.2"],
    },
];

pub fn receivers() -> Result<(), Failed> {
    let stage = Stage::new("receivers")?;
    let folder = stage.folder.path();
    for lesson in &LESSONS {
        let mut receiver = stage.two.command(compiled(lesson, "receiver", folder));
        receiver.args([&PORT.to_string(), "4"]).env("INTERFACE", LINK);
        let receiver = Running::start(receiver, folder, "receiver")?;
        receiver.until_heard(PORT, lesson.joined)?;
        let values = ["name=Alan", "math=counter(7, 3)", "chinese=86"];
        let values = values.iter().flat_map(|it| ["--set", it]);
        let args: Vec<_> =
            lesson.send.iter().copied().chain(values).chain(["--count", "4"]).collect();
        generate(&stage.one, lesson.name, &args)?;
        let heard = receiver.finish()?.well()?.out;
        assert_eq!(
            heard, "listening\nAlan 7 86\nAlan 10 86\nAlan 13 86\nAlan 16 86\n",
            "{}",
            lesson.name
        );
    }
    Ok(())
}

pub fn senders() -> Result<(), Failed> {
    let stage = Stage::new("senders")?;
    let folder = stage.folder.path();
    for lesson in &LESSONS {
        let anywhere = if lesson.joined.is_empty() { &ANYWHERE[..] } else { &[] };
        let args = [lesson.listen, anywhere].concat();
        let listener =
            Listener::start(&stage.two, lesson.name, (folder, "heard"), &args, lesson.joined)?;
        speak(&stage.one, lesson, folder)?;
        let heard = listener.interrupt()?;
        heard.must_be("10.9.0.1:4000", [83, 100])?;
        let names: Vec<_> = heard.messages.iter().map(|it| &it["fields"]["name"]).collect();
        assert_eq!(names, ["Alan", "Grace"], "{}", lesson.name);
    }
    Ok(())
}

/// The C sender says two things.
fn speak(host: &Host, lesson: &Lesson, folder: &Path) -> Result<(), Failed> {
    let mut sender = host.command(compiled(lesson, "sender", folder));
    sender.args([lesson.to, &PORT.to_string(), "4000"]).env("INTERFACE", LINK);
    run(sender.args(["Alan", "83", "86", "Grace", "100", "0"]))?;
    Ok(())
}

fn compiled(lesson: &Lesson, peer: &str, folder: &Path) -> PathBuf {
    compile(&format!("{}/{peer}", lesson.name), folder)
}

/// socat as the receiver of a group and of a broadcast: byte for byte what `-w` writes.
pub fn socat_receives() -> Result<(), Failed> {
    let stage = Stage::new("socat-in")?;
    let folder = stage.folder.path();
    let membership = format!("UDP4-RECV:{PORT},ip-add-membership=224.2.2.2:{LINK}");
    for (from, cast, joined) in [
        (format!("UDP4-RECVFROM:{PORT},broadcast"), LESSONS[2].send, &[][..]),
        (membership, LESSONS[4].send, &["224.2.2.2"]),
    ] {
        let mut socat = stage.two.command("socat");
        socat.args(["-u", &from, "STDOUT"]);
        let socat = Running::start(socat, folder, "socat")?;
        socat.until_heard(PORT, joined)?;
        let args =
            ["--set", "name=Alan", "--set", "math=83", "--set", "chinese=86", "--count", "1"];
        generate(&stage.one, "dgram-basic", &[cast, &args].concat())?;
        let expected = "Alan\0\0\0\0\0\0\0\0\0\0\x53\0\0\0\x56";
        socat.until("heard", || socat.has_printed(expected))?;
    }
    Ok(())
}

/// socat as the sender: to a group, to everybody, to one.
pub fn socat_sends() -> Result<(), Failed> {
    let stage = Stage::new("socat-out")?;
    let folder = stage.folder.path();
    for (to, lesson) in [
        ("UDP4-DATAGRAM:10.9.0.2:1989", &LESSONS[0]),
        ("UDP4-DATAGRAM:255.255.255.255:1989,broadcast,so-bindtodevice=eth0", &LESSONS[2]),
        ("UDP4-DATAGRAM:224.2.2.2:1989,ip-multicast-if=10.9.0.1", &LESSONS[4]),
    ] {
        let anywhere = if lesson.joined.is_empty() { &ANYWHERE[..] } else { &[] };
        let args = [lesson.listen, anywhere].concat();
        let listener =
            Listener::start(&stage.two, lesson.name, (folder, "heard"), &args, lesson.joined)?;
        let said = folder.join("said");
        std::fs::write(&said, b"Grace\0\0\0\0\0\0\0\0\0\x64\0\0\0\x07")?;
        let mut socat = stage.one.command("socat");
        run(socat.args(["-u", &format!("OPEN:{}", said.display()), to]))?;
        let heard = listener.interrupt()?;
        heard.must_be("10.9.0.1:", [100])?;
        assert_eq!(heard.messages[0]["fields"]["chinese"], 7, "{heard:?}");
    }
    Ok(())
}
