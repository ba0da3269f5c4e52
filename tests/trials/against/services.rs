//! Real servers and their real clients: what they said to each other is recorded, replayed to a
//! fresh server, and served to the client again. The server's own counts say what reached it.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::program::run;
use super::recording::record;
use super::service::{
    DNSMASQ, MEMCACHED, MOSQUITTO, POSTGRESQL, REDIS, Service, TFTPD, dnsmasq, memcached,
    mosquitto, postgresql, redis, tftpd,
};
use super::talks;
use crate::hosts::namespaces::Hosts;
use crate::serving::Serving;

/// A kind of server, what its client says, and what the server counts of it.
struct Trial<'t> {
    name: &'t str,
    port: u16,
    start: fn(&Hosts) -> Service,
    talk: &'t dyn Fn(&Hosts, &Path) -> String,
    counts: &'t dyn Fn(&Hosts, &Service) -> String,
    /// What differs each time, and is named to be left out.
    ignore: &'t [&'t str],
}

pub fn redis_cli() {
    Trial {
        name: "redis",
        port: REDIS,
        start: redis,
        talk: &|hosts, _| talks::redis_commands(hosts),
        counts: &|hosts, _| talks::redis_calls(hosts),
        ignore: &[],
    }
    .run();
}

/// The description of the commands is in another order each time a server starts.
pub fn redis_prompt() {
    Trial {
        name: "rprompt",
        port: REDIS,
        start: redis,
        talk: &|hosts, _| talks::redis_session(hosts),
        counts: &|hosts, _| talks::redis_calls(hosts),
        ignore: &["--expect", "status"],
    }
    .run();
}

pub fn redis_benchmark() {
    Trial {
        name: "rbench",
        port: REDIS,
        start: redis,
        talk: &|hosts, _| talks::redis_benchmark(hosts, "1"),
        counts: &|hosts, _| talks::redis_calls(hosts),
        ignore: &[],
    }
    .run();
}

/// Four clients share the commands out as it comes: their counters do not count in the order of the
/// recording, and another run of them has other conversations, so that they are not served.
pub fn redis_benchmark_of_four() {
    Trial {
        name: "rbench4",
        port: REDIS,
        start: redis,
        talk: &|hosts, _| talks::redis_benchmark(hosts, "4"),
        counts: &|hosts, _| talks::redis_calls(hosts),
        ignore: &["--ignore", "reply.value"],
    }
    .replayed();
}

pub fn memcached_tools() {
    Trial {
        name: "memc",
        port: MEMCACHED,
        start: memcached,
        talk: &talks::memcached_session,
        counts: &|hosts, _| talks::memcached_counts(hosts),
        ignore: &[],
    }
    .run();
}

/// Each session has a process and a key of its own (BackendKeyData, 13 bytes).
pub fn psql() {
    Trial {
        name: "psql",
        port: POSTGRESQL,
        start: postgresql,
        talk: &|hosts, _| talks::postgresql_session(hosts),
        counts: &|hosts, _| talks::postgresql_rows(hosts),
        ignore: &["--ignore-pattern", r"(?s-u)K\x00\x00\x00\x0c.{8}"],
    }
    .run();
}

pub fn mosquitto_clients() {
    Trial {
        name: "mqtt",
        port: MOSQUITTO,
        start: mosquitto,
        talk: &|hosts, _| talks::mosquitto_session(hosts),
        counts: &|_, service| talks::mosquitto_log(&service.log()),
        ignore: &[],
    }
    .run();
}

pub fn dig() {
    Trial {
        name: "dns",
        port: DNSMASQ,
        start: dnsmasq,
        talk: &|hosts, _| talks::dig_session(hosts),
        counts: &|_, service| talks::dnsmasq_log(&service.log()),
        ignore: &[],
    }
    .run();
}

pub fn tftp() {
    Trial {
        name: "tftp",
        port: TFTPD,
        start: tftpd,
        talk: &talks::tftp_session,
        counts: &|_, service| talks::tftp_files(&service.path("files")),
        ignore: &[],
    }
    .run();
}

impl Trial<'_> {
    fn run(&self) {
        let (hosts, folder, capture, said) = self.replayed();
        let serving = self.serve(&hosts, &capture);
        assert_eq!((self.talk)(&hosts, folder.path()), said, "{}: the client's words", self.name);
        self.must_be_as_recorded(serving.finish());
    }

    /// Records the client's talk with a server and replays it to a fresh one: where, the capture,
    /// and what the client was told.
    fn replayed(&self) -> (Hosts, TempDir, PathBuf, String) {
        let hosts = Hosts::new(self.name).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let capture = folder.path().join("recorded.pcap");

        let service = (self.start)(&hosts);
        let said = record(&hosts, &capture, || (self.talk)(&hosts, folder.path()));
        let counted = (self.counts)(&hosts, &service);
        drop(service);

        let fresh = (self.start)(&hosts);
        self.replay(&hosts, &capture);
        assert_eq!((self.counts)(&hosts, &fresh), counted, "{}: the server's counts", self.name);
        (hosts, folder, capture, said)
    }

    fn replay(&self, hosts: &Hosts, capture: &PathBuf) {
        let mut replay = hosts.command(&hosts.near, env!("CARGO_BIN_EXE_wirereel"));
        replay.arg("replay").arg(capture).args(["-T", "json", "--timing", "reply", "--to"]);
        replay.arg(format!("127.0.0.1:{}", self.port)).args(self.ignore);
        self.must_be_as_recorded(run(replay.current_dir(env!("CARGO_TARGET_TMPDIR"))));
    }

    fn serve(&self, hosts: &Hosts, capture: &PathBuf) -> Serving {
        let mut serve = hosts.command(&hosts.near, env!("CARGO_BIN_EXE_wirereel"));
        serve.arg("serve").arg(capture).args(["-T", "json", "--once", "--duration", "60s"]);
        serve.arg("--listen").arg(format!("127.0.0.1:{}", self.port));
        Serving::run(&mut serve)
    }

    /// Everything was said and answered as it was recorded.
    fn must_be_as_recorded(&self, (outcome, code): (Value, i32)) {
        let name = self.name;
        assert_eq!(code, 0, "{name}: {outcome}");
        assert!(outcome["matched"].as_u64() > Some(0), "{name}: {outcome}");
        for count in ["differed", "missing"] {
            assert_eq!(outcome[count], 0, "{name}: {outcome}");
        }
        assert_eq!(outcome["skipped"], Value::Array(vec![]), "{name}: {outcome}");
    }
}
