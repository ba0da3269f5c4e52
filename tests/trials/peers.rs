//! `wirereel replay` and `wirereel serve` against programs of others: C peers that gcc builds,
//! nginx, Apache, curl and a browser, all of them on loopback or in network namespaces.
//!
//! A test whose programs are missing is skipped, and listed as such; with `CI=true` it fails.

use libtest_mimic::Trial;

use crate::against::peer::find;
use crate::against::talks::lacking;
use crate::against::{clients, each_other, faults, lessons, servers, services};
use crate::hosts::namespaces::Hosts;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let gcc = || missing("gcc");
    let hosts = || gcc().or_else(|| Hosts::missing().map(str::to_owned));
    let alone =
        |programs: &[&str]| lacking(programs).or_else(|| lacking(&["tcpdump"])).or_else(hosts);
    vec![
        trial("a_receiver_gets_every_datagram", lessons::datagrams, gcc()),
        trial("a_receiver_hears_broadcasts", lessons::broadcasts, hosts()),
        trial("a_receiver_hears_its_group", lessons::group, hosts()),
        trial("stamps_of_every_kind_of_server", lessons::stamps, gcc()),
        trial("a_client_is_told_the_recorded_stamps", lessons::client, gcc()),
        trial("webdl_gets_the_recorded_image", lessons::webdl, gcc()),
        trial("a_browser_capture_against_nginx", servers::nginx, missing("nginx")),
        trial("a_browser_capture_against_apache", servers::apache, missing("apache2")),
        trial("recorded_answers_of_nginx", servers::recorded_of_nginx, missing("nginx")),
        trial("recorded_answers_of_apache", servers::recorded_of_apache, missing("apache2")),
        trial("curl_gets_the_page_and_its_image", clients::curl, missing("curl")),
        trial("curl_asks_otherwise", clients::curl_asks_otherwise, missing("curl")),
        trial("a_browser_is_served", clients::browser, missing("chromium")),
        trial("every_capture_against_itself", each_other::captures, None),
        trial("redis_and_its_client", services::redis_cli, alone(&["redis-server", "redis-cli"])),
        trial("redis_at_the_prompt", services::redis_prompt, alone(&["redis-server", "redis-cli"])),
        trial("ten_thousand_commands", services::redis_benchmark, alone(&["redis-benchmark"])),
        trial(
            "ten_thousand_commands_of_four",
            services::redis_benchmark_of_four,
            alone(&["redis-benchmark"]),
        ),
        trial(
            "memcached_and_its_tools",
            services::memcached_tools,
            alone(&["memcached", "memccp"]),
        ),
        trial("postgresql_and_psql", services::psql, alone(&["psql"])),
        trial(
            "mosquitto_and_its_clients",
            services::mosquitto_clients,
            alone(&["mosquitto", "mosquitto_sub"]),
        ),
        trial("dnsmasq_and_dig", services::dig, alone(&["dnsmasq", "dig"])),
        trial("tftpd_and_tftp", services::tftp, alone(&["in.tftpd", "tftp"])),
        trial("nobody_listens", faults::refused, None),
        trial("a_server_that_never_answers", faults::silent, None),
        trial("a_server_that_closes_early", faults::closes, None),
    ]
}

/// A failed assertion of the test is its failure.
fn trial(name: &str, test: fn(), missing: Option<String>) -> Trial {
    trial::unless(missing, format!("peers::{name}"), move || {
        test();
        Ok(())
    })
}

fn missing(program: &str) -> Option<String> {
    find(program).is_none().then(|| format!("needs {program}"))
}
