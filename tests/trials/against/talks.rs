//! What clients of Debian's packages say to the servers of [`service`](super::service), and what
//! they are told.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::service::{REDIS, postgres_bin};
use crate::hosts::namespaces::Hosts;

/// Runs a program on the near host, with `input` at its standard input: its standard output.
pub fn told(hosts: &Hosts, program: &str, args: &[&str], input: &str) -> String {
    let mut command = hosts.command(&hosts.near, "timeout");
    command.args(["60", program]).args(args);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}: {text}{errors}");
    text.into_owned()
}

/// Values of every kind and errors, each on a connection of its own.
pub fn redis_commands(hosts: &Hosts) -> String {
    let commands = [
        "PING",
        "SET name Alan",
        "GET name",
        "GET nobody",
        "INCR visits",
        "INCRBY visits 41",
        "HSET alan math 83 chinese 86",
        "HGETALL alan",
        "RPUSH list a b c",
        "LRANGE list 0 -1",
        "EXISTS name list",
        "STRLEN name",
        "ECHO 你好",
        "INCR name",
        "NOSUCH",
    ];
    let say = |command: &&str| {
        let words: Vec<_> = command.split(' ').collect();
        told(hosts, "redis-cli", &[&["-h", "127.0.0.1"], &words[..]].concat(), "")
    };
    commands.iter().map(say).collect()
}

/// A transaction at the prompt, which first asks the server for the description of its commands.
pub fn redis_session(hosts: &Hosts) -> String {
    let commands = "MULTI\nSET a 1\nINCR a\nEXEC\nGET a\nDISCARD\n";
    told(hosts, "redis-cli", &["-h", "127.0.0.1"], commands)
}

/// Ten thousand commands of so many clients, sixteen of them under way at once.
pub fn redis_benchmark(hosts: &Hosts, clients: &str) -> String {
    let args = ["-h", "127.0.0.1", "-n", "2500", "-c", clients, "-P", "16", "-q"];
    let tests = ["-t", "set,get,incr,lpush"];
    told(hosts, "redis-benchmark", &[&args[..], &tests].concat(), "");
    String::new()
}

/// How often a server of redis ran each command.
pub fn redis_calls(hosts: &Hosts) -> String {
    let stats = told(hosts, "redis-cli", &["-p", &REDIS.to_string(), "INFO", "commandstats"], "");
    let calls = stats.lines().filter_map(|line| Some(line.split_once(",usec")?.0));
    // Asking counts as well.
    let mut calls: Vec<_> = calls.filter(|it| !it.starts_with("cmdstat_info")).collect();
    calls.sort_unstable();
    calls.join("\n")
}

/// Files stored, fetched, looked for and removed.
pub fn memcached_session(hosts: &Hosts, folder: &Path) -> String {
    let [short, long] = ["short", "long"].map(|it| folder.join(it).display().to_string());
    fs::write(&short, "Alan 83 86\r\nEND\r\n").unwrap();
    fs::write(&long, "0123456789\n".repeat(5000)).unwrap();
    let tool = |name: &str, args: &[&str]| {
        told(hosts, name, &[&["--servers=127.0.0.1:11211"], args].concat(), "")
    };
    tool("memccp", &[&short, &long]);
    let fetched = tool("memccat", &["short", "long"]);
    tool("memcexist", &["short"]);
    tool("memcrm", &["short"]);
    fetched
}

/// What a server of memcached counts of its commands and items.
pub fn memcached_counts(hosts: &Hosts) -> String {
    let stats = told(hosts, "memcstat", &["--servers=127.0.0.1:11211"], "");
    let counted = ["cmd_", "get_hits", "get_misses", "delete_", "curr_items", "total_items"];
    let lines = stats.lines().map(str::trim);
    lines
        .filter(|it| counted.iter().any(|name| it.starts_with(name)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A table made and filled, an error among the statements.
pub fn postgresql_session(hosts: &Hosts) -> String {
    let script = "CREATE TABLE grades (id serial, name text, math int);\n\
        INSERT INTO grades (name, math) VALUES ('Alan', 83), ('Grace', 100);\n\
        SELECT * FROM nowhere;\n\
        BEGIN; UPDATE grades SET math = math + 1; COMMIT;\n\
        INSERT INTO grades (name, math) SELECT 'student ' || it, it FROM generate_series(1, 500) it;\n\
        SELECT * FROM grades ORDER BY id;\n";
    psql(hosts, script)
}

/// What a server of PostgreSQL holds.
pub fn postgresql_rows(hosts: &Hosts) -> String {
    psql(hosts, "SELECT count(*), sum(math), max(id), min(name) FROM grades;\n")
}

fn psql(hosts: &Hosts, script: &str) -> String {
    let program = postgres_bin().unwrap().join("psql");
    let args = ["-X", "-At", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"];
    told(hosts, program.to_str().unwrap(), &args, script)
}

/// Messages of every quality of service, kept by the server and then heard.
pub fn mosquitto_session(hosts: &Hosts) -> String {
    for (quality, grade) in [("0", "83"), ("1", "86"), ("2", "100")] {
        let topic = format!("grades/{quality}");
        // A server lets go of a client when another one comes by its name.
        let teacher = format!("teacher {quality}");
        let args =
            ["-h", "127.0.0.1", "-i", &teacher, "-r", "-q", quality, "-t", &topic, "-m", grade];
        told(hosts, "mosquitto_pub", &args, "");
    }
    let args = ["-h", "127.0.0.1", "-i", "student", "-q", "2", "-t", "grades/#", "-C", "3", "-v"];
    let heard = told(hosts, "mosquitto_sub", &args, "");
    let mut heard: Vec<_> = heard.lines().collect();
    heard.sort_unstable();
    heard.join("\n")
}

/// What a server of MQTT was sent, and sent.
pub fn mosquitto_log(log: &str) -> String {
    let counted =
        ["Received PUBLISH", "Sending PUBLISH", "Received SUBSCRIBE", "Received DISCONNECT"];
    let count = |what: &&str| format!("{what} {}", log.matches(*what).count());
    counted.iter().map(count).collect::<Vec<_>>().join("\n")
}

/// Names that are known and unknown, over both transports.
pub fn dig_session(hosts: &Hosts) -> String {
    let ask = |args: &[&str]| {
        let common = ["@127.0.0.1", "+nocookie", "+noall", "+answer", "+comments", "+tries=1"];
        let answer = told(hosts, "dig", &[&common, args].concat(), "");
        // The number of a query is its own.
        let lines = answer.lines().filter(|it| !it.contains(", id: ")).map(str::to_owned);
        lines.collect::<Vec<_>>().join("\n")
    };
    let one = [
        &["one.test", "A"][..],
        &["two.test", "TXT"],
        &["three.test", "A"],
        &["one.test", "A", "+tcp"],
    ];
    one.map(ask).join("\n")
}

/// Which queries a server of DNS had.
pub fn dnsmasq_log(log: &str) -> String {
    let queries = log.lines().filter_map(|line| Some(line.split_once("query[")?.1));
    queries.collect::<Vec<_>>().join("\n")
}

/// Files fetched and put, one of them empty blocks apart.
pub fn tftp_session(hosts: &Hosts, folder: &Path) -> String {
    let sent = folder.join("sent");
    fs::write(&sent, "a grade each line\n".repeat(200)).unwrap();
    let tftp = |args: &[&str]| {
        let common = ["-m", "binary", "127.0.0.1", "69", "-c"];
        told(hosts, "tftp", &[&common, args].concat(), "");
    };
    let mut lens = Vec::new();
    for name in ["small", "blocks", "long"] {
        let got = folder.join(name);
        tftp(&["get", name, got.to_str().unwrap()]);
        let bytes = fs::read(&got).unwrap();
        assert!(bytes.iter().enumerate().all(|(at, byte)| *byte as usize == at % 251), "{name}");
        lens.push(format!("{name} {}", bytes.len()));
    }
    tftp(&["put", sent.to_str().unwrap(), "sent"]);
    lens.join("\n")
}

/// What a server of TFTP was given.
pub fn tftp_files(folder: &Path) -> String {
    fs::read_to_string(folder.join("sent")).unwrap()
}

/// Whether all of these run here; the first that does not.
pub fn lacking(programs: &[&str]) -> Option<String> {
    let lacks = programs.iter().find(|it| super::peer::find(it).is_none());
    lacks.map(|it| format!("needs {it}"))
}
