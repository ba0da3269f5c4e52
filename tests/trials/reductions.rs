//! `wirereel reduce` by what a live server does, and by what `wirereel check` says; what tshark and gcc
//! say of what it writes.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use wirereel::flow::Side;
use wirereel::replay::Recording;

use crate::against::peer::{compile, find, free_port};
use crate::trial;
use crate::wire::tshark;

pub fn trials() -> Vec<Trial> {
    let missing = find("gcc").is_none().then_some("needs gcc").or_else(tshark::missing);
    vec![
        trial::unless(missing, "reductions::two_orders_bring_a_server_down", two_orders),
        trial::unless(missing, "reductions::one_message_is_in_the_wrong_order", one_in_wrong_order),
    ]
}

/// Tries at most.
const TRIES: u32 = 100;
const PORT: u16 = 1990;
/// Connections, and orders in each: with its answer each is two messages of ten thousand.
const CONNECTIONS: u16 = 50;
const ORDERS: u16 = 100;
const LOCK: u16 = 4;
const CANCEL: u16 = 3;

const PROFILE: &str = "[[protocol]]\nname = \"orders\"\nheader = \"orders.h\"\nmessage = \"order\"\n\
                       decode_as = [\"tcp.port==1990\"]\n";

/// What is locked and then cancelled, in one connection, brings the server down.
fn two_orders() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(root.join("tests/peers/faulty/orders.h"), at("orders.h"))?;
    fs::write(at("wirereel.toml"), PROFILE)?;
    orders(&at("orders.pcap"))?;
    let server = compile("faulty/orders", folder.path());
    let port = free_port().to_string();
    let script = root.join("examples/replay-to-server.sh");
    let mut reduce = reduce(folder.path(), "orders.pcap");
    reduce.args(["--emit-c", "orders.c", "--case", "case", "--"]);
    let stderr = said(reduce.arg(script).arg("{}").arg(&port).arg(server).arg(&port))?;
    must_be_few(&stderr)?;
    let reduced = "10000 messages to 2, 50 conversations to 1, ";
    assert!(stderr.starts_with(reduced) && stderr.contains("still exits with 1"), "{stderr}");
    assert_eq!(tshark::flaws(&at("small.pcap")), "");
    assert_eq!(tshark::right_checksums(&at("small.pcap")), tshark::frames(&at("small.pcap")).len());

    // Of each only the kind matters.
    let order = |kind: u16| [&kind.to_be_bytes()[..], &[0; 6]].concat();
    let wanted = [order(LOCK), order(CANCEL)].concat();
    assert_eq!(sent_by(&at("orders.c"))?, wanted);
    let mut test = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    let text = said(test.args(["test", "case"]).current_dir(folder.path()))?;
    assert!(text.contains("1 passed, 0 failed"), "{text}");
    let expected = fs::read_to_string(at("case/expected.jsonl"))?;
    assert_eq!(expected.matches("\"message\":\"order\"").count(), 2, "{expected}");
    Ok(())
}

/// Orders and their answers; those that bring it down lie far apart in one of the connections.
fn orders(path: &Path) -> Result<(), Failed> {
    let recording = Recording::create(path)?;
    for number in 0..CONNECTIONS {
        let client = SocketAddr::from(([10, 0, 0, 1], 40_000 + number));
        let mut wire = recording.connect(client, ([10, 0, 0, 2], PORT).into());
        for order in 0..ORDERS {
            let kind = match (number, order) {
                (31, 17) => LOCK,
                (31, 83) | (12, 40) => CANCEL,
                (44, 50) => LOCK,
                _ => 1 + order % 2,
            };
            let amount = (u32::from(number) * 1000 + u32::from(order)).to_be_bytes();
            let head = [kind.to_be_bytes(), order.to_be_bytes()].concat();
            let message = [&head[..], &amount].concat();
            [Side::Client, Side::Server].into_iter().for_each(|side| wire.sent(side, &message));
        }
        [Side::Client, Side::Server].into_iter().for_each(|side| wire.finished(side));
    }
    Ok(recording.finish()?)
}

/// One of ten thousand, of a sender of its own: `check` alone says whether it is there.
fn one_in_wrong_order() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("grades.pcap");
    let recording = Recording::create(&path)?;
    for number in 0..10_000_u32 {
        let grades = [60 + number % 40, 90];
        let (host, grades) = match number {
            7_654 => (9, grades.map(u32::to_le_bytes)),
            _ => (1, grades.map(u32::to_be_bytes)),
        };
        let message = [&b"Alan\0\0\0\0\0\0\0"[..], &grades.concat()].concat();
        let from = SocketAddr::from(([10, 0, 0, host], 40_000 + u16::try_from(number % 100)?));
        recording.datagram(from, ([10, 0, 0, 2], 1989).into(), &message);
    }
    recording.finish()?;
    let mut reduce = reduce(folder.path(), "grades.pcap");
    let check = [env!("CARGO_BIN_EXE_wirereel"), "check", "-q"];
    let stderr = said(reduce.args(["--case", "case", "--"]).args(check))?;
    must_be_few(&stderr)?;
    assert!(stderr.starts_with("10000 messages to 1, "), "{stderr}");
    let small = folder.path().join("small.pcap");
    assert_eq!((tshark::flaws(&small), tshark::right_checksums(&small)), (String::new(), 1));
    Ok(())
}

/// A reduction of a capture in a folder, whose profile holds.
fn reduce(folder: &Path, capture: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirereel"));
    command.current_dir(folder).env("WIREREEL", env!("CARGO_BIN_EXE_wirereel"));
    command.args(["reduce", capture, "-o", "small.pcap"]);
    command
}

/// All that a command prints, which ends well.
fn said(command: &mut Command) -> Result<String, Failed> {
    let output = command.output()?;
    let text = String::from_utf8([output.stdout, output.stderr].concat())?;
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{}: {text}", output.status).into())
    }
}

/// A try takes a tenth of a second or two, so that what is bounded is how long a user waits; how busy
/// the machine of a test is does not count.
fn must_be_few(stderr: &str) -> Result<(), Failed> {
    let (_, behind) = stderr.split_once(" simpler, in ").ok_or("no count of tries")?;
    let tries: u32 = behind.split(' ').next().unwrap_or_default().parse()?;
    if tries <= TRIES { Ok(()) } else { Err(format!("it took {tries} tries").into()) }
}

/// What a program of C sends, which gcc builds without a warning.
fn sent_by(source: &Path) -> Result<Vec<u8>, Failed> {
    let program = source.with_extension("");
    let mut gcc = Command::new("gcc");
    said(gcc.args(["-Wall", "-Wextra", "-Werror", "-o"]).args([&program, source]))?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port().to_string();
    let mut child =
        Command::new(&program).args(["127.0.0.1", &port]).stdin(Stdio::null()).spawn()?;
    let (mut stream, _) = listener.accept()?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    assert!(child.wait()?.success());
    Ok(all)
}
