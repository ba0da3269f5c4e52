//! mgen (Naval Research Laboratory), whose payload is a C header of ours: it is heard, and hears.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::Value;

use super::loss::figures;
use super::program::{Listener, peer, sent};
use super::running::Running;
use super::stage::{Host, LINK, Stage, run};

/// Where mgen's messages go; the profile names it.
const PORT: u16 = 5000;
const SENT: usize = 200;

/// The program with the header and the profile of mgen.
fn wirereel(host: &Host, args: &[&str]) -> Command {
    let mut command = host.command(env!("CARGO_BIN_EXE_wirereel"));
    command.args(args).arg("--profile").arg(peer("mgen").join("wirereel.toml"));
    command.args(["-T", "json"]);
    command
}

/// What mgen says it sent is what is heard, to one host and to a group.
pub fn heard() -> Result<(), Failed> {
    let stage = Stage::new("mgen-out")?;
    let folder = stage.folder.path();
    for (to, args, joined) in [
        ("10.9.0.2", &["listen", "unicast", "--to", "0.0.0.0:5000"][..], &[][..]),
        (
            "224.2.2.2",
            &["listen", "multicast", "--group", "224.2.2.2:5000", "-i", LINK],
            &["224.2.2.2"],
        ),
    ] {
        let listener = Listener(Running::start(wirereel(&stage.two, args), folder, "heard")?);
        listener.0.until_heard(PORT, joined)?;
        let log = folder.join("sent.log");
        let event =
            format!("on 7 udp dst {to}/{PORT} interface {LINK} periodic [1000 64] count {SENT}");
        let mut mgen = stage.one.command("mgen");
        run(mgen.args(["event", &event, "txlog", "output"]).arg(&log).arg("flush"))?;
        let told = logged(&log, "SEND");
        assert_eq!(told.len(), SENT);
        let heard = listener.interrupt_at(PORT)?;
        let figures = figures(&heard.outcome)?;
        assert_eq!((figures.received, figures.lost), (SENT as u64, 0), "{heard:?}");
        let field = |it: &Value, name: &str| it["fields"][name].to_string();
        let decoded: Vec<_> = heard
            .messages
            .iter()
            .map(|it| ["flow", "seq", "size"].map(|name| field(it, name)))
            .collect();
        assert_eq!(decoded, told, "{to}");
    }
    Ok(())
}

/// mgen takes what is sent by its header for its own, and logs each.
pub fn hears() -> Result<(), Failed> {
    let stage = Stage::new("mgen-in")?;
    let folder = stage.folder.path();
    let fields = [
        "size=64",
        "version=2",
        "flags=8",
        "flow=9",
        "seq=counter",
        "sent_s=now(s)",
        "sent_us=0..999999",
        "dst_port=5000",
        "dst_type=1",
        "dst_len=4",
        "dst_addr=bytes(4..4)",
        "latitude=10800000",
        "longitude=10800000",
        "payload=bytes(16..16)",
    ];
    let fields: Vec<_> = fields.iter().flat_map(|it| ["--set", it]).collect();
    let count = SENT.to_string();
    for (to, event, joined) in [
        (&["unicast", "--to", "10.9.0.2:5000"][..], None, &[][..]),
        (
            &["multicast", "--group", "224.2.2.2:5000", "-i", LINK],
            Some("0.0 join 224.2.2.2 interface eth0"),
            &["224.2.2.2"],
        ),
    ] {
        let log = folder.join("heard.log");
        let mut mgen = stage.two.command("mgen");
        mgen.args(["port", "5000"]).args(event.iter().flat_map(|it| ["event", it]));
        mgen.arg("output").arg(&log).arg("flush");
        let mgen = Running::start(mgen, folder, "mgen")?;
        mgen.until_heard(PORT, joined)?;
        let args = [
            &["generate"],
            to,
            &["--message", "mgen"],
            &fields,
            &["--count", &count, "-p", "1000"],
        ]
        .concat();
        sent(wirereel(&stage.one, &args))?;
        mgen.until("logged", || logged(&log, "RECV").len() >= SENT)?;
        let expected: Vec<_> =
            (0..SENT).map(|seq| ["9".into(), seq.to_string(), "64".into()]).collect();
        assert_eq!(logged(&log, "RECV"), expected);
        let text = fs::read_to_string(&log)?;
        assert!(!text.contains("ERR"), "{text}");
    }
    Ok(())
}

/// Flow, sequence number and size of each line of that kind in a log of mgen.
fn logged(log: &Path, kind: &str) -> Vec<[String; 3]> {
    let text = fs::read_to_string(log).unwrap_or_default();
    // A line that is being written is no line yet.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter(|it| it.split(' ').nth(1) == Some(kind));
    let value = |line: &str, key: &str| {
        let word = line.split(' ').find_map(|it| it.strip_prefix(key)?.strip_prefix('>'));
        word.unwrap_or_default().to_owned()
    };
    lines.map(|line| ["flow", "seq", "size"].map(|key| value(line, key))).collect()
}
