//! What `wirereel generate` refuses: a clear line with its place, exit code 2, and nothing sent.

use std::net::UdpSocket;

use super::stage::{BASIC, generate, listener, waiting, wirereel, written};

/// Runs towards a listener, and expects a refusal that begins so, with nothing sent.
fn refused(args: &[&str], expected: &str) {
    let (socket, to) = listener();
    let to = to.to_string();
    let ran = generate("unicast", &[&["--to", &to, "--count", "1", "-t"], args].concat());
    is_refusal(&ran.stderr, ran.code, &ran.stdout, args, expected);
    assert_eq!(waiting(&socket), 0, "{args:?}");
}

fn is_refusal(stderr: &str, code: Option<i32>, stdout: &str, args: &[&str], expected: &str) {
    assert_eq!((code, stdout), (Some(2), ""), "{args:?}: {stderr}");
    let line = stderr.strip_suffix('\n').unwrap_or_default();
    assert_eq!(line.lines().count(), 1, "{args:?}: {stderr}");
    let said = line.strip_prefix("wirereel: ").unwrap_or_default();
    assert!(said.starts_with(expected), "{args:?}: {said}");
}

#[test]
fn fields_and_values_that_do_not_fit() {
    for (args, expected) in [
        (&["--set", "maths=1"][..], "msg_st has no field \"maths\"; did you mean \"math\"?"),
        (&["--set", "math=4294967296"], "msg_st: math=4294967296 does not fit: "),
        (&["--set", "math=-1"], "msg_st: math=-1 does not fit: "),
        (&["--set", "math=0..4294967296"], "msg_st: math=0..4294967296 does not fit: "),
        (&["--set", "name=AlanAlanAlan"], "msg_st: name=AlanAlanAlan does not fit: "),
        (&["--set", "name=text(3..12)"], "msg_st: name=text(3..12) does not fit: "),
        (&["--set", "math"], "invalid value 'math' for '--set <FIELD=RECIPE>': "),
        (&["--set", "math=1.."], "invalid value 'math=1..' for '--set <FIELD=RECIPE>': recipe "),
        (&["--message", "msg_sd"], "no message \"msg_sd\"; did you mean \"msg_st\"?"),
        (&["--mistake", "byte-ordr"], "invalid value 'byte-ordr' for '--mistake <KIND[=FIELD]>': "),
        (
            &["--expect-reply", "--counter", "maths"],
            "no message of the recipe has a field \"maths\"",
        ),
    ] {
        refused(args, expected);
    }
}

#[test]
fn a_tail_over_max_len() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = "#include <stdint.h>\nstruct var { uint32_t math; uint32_t chinese; uint8_t name[1]; } \
                  __attribute__((packed));\n";
    written(folder.path(), "var.h", header);
    let profile =
        "[[protocol]]\nname = \"var\"\nheader = \"var.h\"\nmessage = \"var\"\nmax_len = 504\n";
    let profile = written(folder.path(), "var.toml", profile);
    let (socket, to) = listener();
    let to = to.to_string();
    let args = ["generate", "unicast", "--to", &to, "--count", "1", "--profile", &profile];
    let long = "name=text(496)";
    let set = ["--message", "var", "--set", long];
    let ran = wirereel(&[&args[..], &set].concat());
    let expected = "var of up to 505 bytes does not fit: the receiver of var takes 504 (max_len)";
    is_refusal(&ran.stderr, ran.code, &ran.stdout, &set, expected);
    assert_eq!(waiting(&socket), 0);
    let ran = wirereel(&[&args[..], &["--message", "var", "--set", "name=text(495)"]].concat());
    assert_eq!((ran.code, waiting(&socket)), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn recipe_files_with_what_a_recipe_does_not_have() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, place) in [
        ("[[message]]\nmesage = \"msg_st\"\n", "2:1: "),
        ("sead = 7\n", "1:1: "),
        ("[[message]]\nname = \"msg_st\"\n[message.fields]\nmath = \"1..\"\n", "4:8: "),
        ("[[message]\n", "1:"),
    ] {
        let path = written(folder.path(), "bad.toml", text);
        refused(&["--recipe", &path], &format!("{path}:{place}"));
    }
    refused(&["--recipe", "no-such.toml"], "cannot read recipe no-such.toml: No such file");
    let path = written(folder.path(), "field.toml", "[[message]]\n[message.fields]\nmaths = 1\n");
    refused(&["--recipe", &path], "msg_st has no field \"maths\"");
}

#[test]
fn addresses_that_are_not_what_they_are_called() {
    for (cast, args, expected) in [
        ("unicast", &[][..], "no destination: name one by --to ADDR:PORT"),
        (
            "unicast",
            &["--to", "224.2.2.2:5"],
            "224.2.2.2 is the address of a group: send to it by `generate multicast --group 224.2.2.2:5`",
        ),
        (
            "unicast",
            &["--to", "255.255.255.255:5"],
            "255.255.255.255 is a broadcast address: send to it by `generate broadcast --to ",
        ),
        (
            "unicast",
            &["--to", "127.255.255.255:5"],
            "127.255.255.255 is a broadcast address of lo: ",
        ),
        ("unicast", &["--to", ":5"], "0.0.0.0:5 names no host"),
        (
            "unicast",
            &["--to", "127.0.0.1"],
            "invalid value '127.0.0.1' for '--to <ADDR:PORT>': it names no port",
        ),
        ("unicast", &["--group", "224.2.2.2:5"], "--group 224.2.2.2:5: a group is sent to by"),
        (
            "broadcast",
            &["--to", "127.0.0.7:5", "-i", "lo"],
            "127.0.0.7 is no broadcast address of lo: its is 127.255.255.255",
        ),
        (
            "broadcast",
            &["--to", "127.0.0.7:5"],
            "127.0.0.7 is no broadcast address of this host's: those are ",
        ),
        (
            "broadcast",
            &["--to", "255.255.255.255:5"],
            "255.255.255.255 goes out by one interface: name it by -i (there are ",
        ),
        (
            "broadcast",
            &["--to", "[::1]:5", "-i", "lo"],
            "::1 is an address of IPv6, which has no broadcast",
        ),
        ("broadcast", &["--to", "224.2.2.2:5", "-i", "lo"], "224.2.2.2 is the address of a group"),
        ("multicast", &[], "no group: name one by --group"),
        ("multicast", &["--to", "127.0.0.1:5"], "--to 127.0.0.1:5: multicast goes to a group"),
        (
            "multicast",
            &["--group", "127.0.0.1:5"],
            "invalid value '127.0.0.1:5' for '--group <GROUP[+N]:PORT>': 127.0.0.1 is no multicast address",
        ),
        (
            "multicast",
            &["--group", "239.255.255.255+2:5"],
            "invalid value '239.255.255.255+2:5' for '--group <GROUP[+N]:PORT>': 2 groups from",
        ),
        (
            "multicast",
            &["--group", "224.2.2.2:5", "-i", "no-such-if"],
            "no interface is called no-such-if or has it as an address",
        ),
        (
            "multicast",
            &["--group", "224.2.2.2:5", "-i", "loo"],
            "no interface is called loo or has it as an address; did you mean lo?",
        ),
    ] {
        let ran = generate(cast, &[&["--count", "1"], args].concat());
        is_refusal(&ran.stderr, ran.code, &ran.stdout, args, expected);
    }
}

#[test]
fn addresses_to_send_from_that_cannot_be_had() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let from = taken.local_addr().expect("bound").to_string();
    refused(&["--from", &from], &format!("cannot send from {from}: Address already in use"));
    refused(&["--from", "203.0.113.9:0"], "cannot send from 203.0.113.9:0: ");
    refused(&["--from", "[::1]:0"], "[::1]:0 and 127.0.0.1:");
}

#[test]
fn options_that_do_not_go_together() {
    refused(&["-p", "5"], "the argument '--topspeed' cannot be used with '--pps <N>'");
    refused(&["-w", "x.pcap", "--expect-reply"], "the argument '--write <FILE>' cannot be used");
    let ran = generate("unicast", &["--to", "127.0.0.1:5", "-w", "endless.pcap"]);
    let expected = "-w endless.pcap: how much? --count or --duration says";
    is_refusal(&ran.stderr, ran.code, &ran.stdout, &["-w"], expected);
    let ran = wirereel(&["generate", "unicast", "--to", "127.0.0.1:5", "--no-builtin"]);
    let expected = "there is nothing to send: name a message";
    is_refusal(&ran.stderr, ran.code, &ran.stdout, &[], expected);
    assert!(std::path::Path::new(BASIC).exists());
}
