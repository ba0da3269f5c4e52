//! Source-specific membership (RFC 4607): the other sender is not heard.

use libtest_mimic::Failed;

use super::frames::payloads;
use super::program::{BASIC, Listener, ON_LINK, PORT, counted, generate};
use super::stage::{EVERYBODY, Stage};
use crate::against::recording::mark;

const SENT: u32 = 10;

pub fn source_of_ipv4() -> Result<(), Failed> {
    excludes("source4", ["232.1.1.1", "232.1.1.1:1989"], ["10.9.0.1", "10.9.0.1:"])
}

pub fn source_of_ipv6() -> Result<(), Failed> {
    excludes("source6", ["ff3e::1234", "[ff3e::1234]:1989"], ["fd00:9::1", "[fd00:9::1]:"])
}

/// Hosts one and three send, both reach the link of host two, and one of them is heard there; an
/// any-source member on the same host hears both.
fn excludes(test: &str, [group, to]: [&str; 2], [source, sender]: [&str; 2]) -> Result<(), Failed> {
    let stage = Stage::new(test)?;
    let folder = stage.folder.path();
    let to = [&["multicast", "--group", to], &ON_LINK[..]].concat();
    let chosen = [&to[..], &["--source", source]].concat();
    let chosen = Listener::start(&stage.two, BASIC, (folder, "chosen"), &chosen, &[group])?;
    let any = Listener::start(&stage.two, BASIC, (folder, "any"), &to, &[group])?;
    let (recorder, link) = stage.two.record(folder);
    for (host, first) in [(&stage.three, 100), (&stage.one, 0)] {
        let counted = counted(first, SENT);
        let counted: Vec<_> = counted.iter().map(String::as_str).collect();
        generate(host, BASIC, &[&to[..], &counted].concat())?;
    }
    mark(&stage.one.namespace, EVERYBODY);
    recorder.finish();
    assert_eq!(payloads(&link, PORT)?.len(), 2 * SENT as usize);
    let all: Vec<_> = (100..100 + u64::from(SENT)).chain(0..u64::from(SENT)).collect();
    assert_eq!(any.interrupt()?.math(), all);
    chosen.interrupt()?.must_be(sender, 0..SENT)
}
