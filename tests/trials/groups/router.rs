//! What crosses a router, by its TTL or hop limit.
//!
//! The kernel of the router routes the group, told to by the peer `router/mroute`.

use libtest_mimic::Failed;

use super::frames::{frames, payload};
use super::program::{BASIC, Listener, ON_LINK, PORT, counted, generate};
use super::running::Running;
use super::stage::{FAR_LINK, LINK, Router, Stage};
use crate::against::peer::compile;
use crate::against::recording::mark;

const SENT: u32 = 10;

/// One network, IPv4 or IPv6.
struct Family {
    name: &'static str,
    source: &'static str,
    /// How the program writes it, up to its port.
    sender: &'static str,
    group: &'static str,
    /// Where an IP header counts its hops.
    hops_at: usize,
}

const FAMILIES: [Family; 2] = [
    Family {
        name: "hops4",
        source: "10.9.0.1",
        sender: "10.9.0.1:",
        group: "239.1.2.3",
        hops_at: 14 + 8,
    },
    Family {
        name: "hops6",
        source: "fd00:9::1",
        sender: "[fd00:9::1]:",
        group: "ff05::7",
        hops_at: 14 + 7,
    },
];

pub fn hops_of_ipv4() -> Result<(), Failed> {
    crosses(&FAMILIES[0])
}

pub fn hops_of_ipv6() -> Result<(), Failed> {
    crosses(&FAMILIES[1])
}

/// With one hop, as it is unless it is said, it ends at the router; with two it arrives with one.
fn crosses(family: &Family) -> Result<(), Failed> {
    let stage = Stage::new(family.name)?;
    let router = stage.router(family.name)?;
    let folder = stage.folder.path();
    let routing = route(&stage, &router, family)?;
    let to = match family.group.contains(':') {
        true => format!("[{}]:{PORT}", family.group),
        false => format!("{}:{PORT}", family.group),
    };
    let args = [&["multicast", "--group", &to], &ON_LINK[..]].concat();
    let listener =
        Listener::start(&router.beyond, BASIC, (folder, "heard"), &args, &[family.group])?;
    let links = [&router.router, &router.beyond].map(|it| it.record(folder));
    for (first, ttl) in [(0, None), (100, Some("1")), (200, Some("2"))] {
        let counted = counted(first, SENT);
        let mut args: Vec<_> =
            args.iter().copied().chain(counted.iter().map(String::as_str)).collect();
        args.extend(ttl.iter().flat_map(|ttl| ["--ttl", ttl]));
        generate(&stage.one, BASIC, &args)?;
    }
    mark(&stage.one.namespace, [10, 9, 1, 1].into());
    let [near, beyond] = links.map(|(recorder, file)| {
        recorder.finish();
        file
    });
    let hops = |file| -> Result<Vec<u8>, Failed> {
        let frames = frames(file)?.into_iter();
        let ours = frames.filter(|it| payload(it, PORT).is_some());
        Ok(ours.map(|it| it[family.hops_at]).collect())
    };
    let once = |hops| vec![hops; SENT as usize];
    assert_eq!(hops(&near)?, [once(1), once(1), once(2)].concat());
    assert_eq!(hops(&beyond)?, once(1));
    drop(routing);
    listener.interrupt()?.must_be(family.sender, 200..200 + SENT)
}

/// The router routes the group while this lives.
fn route(stage: &Stage, router: &Router, family: &Family) -> Result<Running, Failed> {
    let folder = stage.folder.path();
    let mut mroute = router.router.command(compile("router/mroute", folder));
    mroute.args([LINK, FAR_LINK, family.source, family.group]);
    let routing = Running::start(mroute, folder, "mroute")?;
    routing.until("routing", || routing.has_printed("routing\n"))?;
    Ok(routing)
}
