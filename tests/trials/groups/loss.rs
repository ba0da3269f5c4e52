//! What `listen` measures where datagrams are lost, doubled and overtaken, against tcpdump at both
//! ends.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::Value;

use super::counts::Counts;
use super::program::{ANYWHERE, BASIC, Listener, MATH, counted, generate};
use super::way::{LOST_OF, PORT, Way};
use crate::against::recording::mark;

/// Datagrams of a test.
const SENT: u32 = 3000;

/// The stage itself, with nothing of the program.
pub fn the_way() -> Result<(), Failed> {
    let way = Way::new("way")?;
    let counts = recorded(&way, 0, || {
        way.sender.namespace.within(|| {
            let socket = UdpSocket::bind("10.9.0.1:0")?;
            for number in 0..SENT {
                socket.send_to(&number.to_be_bytes(), ("10.9.0.2", PORT))?;
                thread::sleep(Duration::from_micros(50));
            }
            Ok(())
        })
    })?;
    must_suffer(&counts)
}

/// `listen` says of every datagram what the captures say.
pub fn measured() -> Result<(), Failed> {
    let way = Way::new("loss")?;
    let args = [&["unicast"], &ANYWHERE[..]].concat();
    let listener = Listener::start(&way.receiver, BASIC, (way.folder.path(), "heard"), &args, &[])?;
    let counted = counted(0, SENT);
    let counted: Vec<_> = counted.iter().map(String::as_str).collect();
    let to = ["unicast", "--to", "10.9.0.2:1989"];
    let counts = recorded(&way, MATH, || {
        generate(&way.sender, BASIC, &[&to[..], &counted].concat()).map(drop)
    })?;
    must_suffer(&counts)?;
    let heard = listener.interrupt()?;
    let figures = figures(&heard.outcome)?;
    let said = Counts {
        received: figures.received,
        lost: figures.lost,
        duplicates: figures.duplicates,
        reordered: figures.reordered,
        extent: figures.extent,
    };
    assert_eq!((said, figures.dropped), (counts, 0), "{:#}", heard.outcome);
    Ok(())
}

/// What a listener says of its only sender.
#[derive(Debug)]
pub struct Figures {
    pub received: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub reordered: u64,
    pub extent: u64,
    pub dropped: u64,
}

/// Those of an outcome.
pub fn figures(outcome: &Value) -> Result<Figures, Failed> {
    let number = |it: &Value| it.as_u64().ok_or_else(|| format!("{outcome:#}"));
    let Some([sender]) = outcome["senders"].as_array().map(Vec::as_slice) else {
        return Err(format!("not one sender: {outcome:#}").into());
    };
    Ok(Figures {
        received: number(&sender["received"])?,
        lost: number(&sender["lost"])?,
        duplicates: number(&sender["duplicates"])?,
        reordered: number(&sender["reordered"])?,
        extent: sender["extent"]["max"].as_u64().unwrap_or_default(),
        dropped: number(&outcome["dropped"])?,
    })
}

/// Runs `talk` while both ends record: what became of the datagrams, numbered at that offset.
fn recorded(
    way: &Way,
    offset: usize,
    talk: impl FnOnce() -> Result<(), Failed>,
) -> Result<Counts, Failed> {
    let ends = [&way.sender, &way.receiver].map(|it| it.record(way.folder.path()));
    talk()?;
    mark(&way.sender.namespace, [10, 9, 0, 2].into());
    let [sent, received]: [PathBuf; 2] = ends.map(|(recorder, file)| {
        recorder.finish();
        file
    });
    Counts::between(&sent, &received, PORT, offset)
}

/// All that the way does happened, about as often as it should.
fn must_suffer(counts: &Counts) -> Result<(), Failed> {
    let overtaken = u64::from(SENT) / 20;
    let is_right = counts.lost == u64::from(SENT) / LOST_OF
        && (5..=80).contains(&counts.duplicates)
        && (overtaken * 8 / 10..=overtaken).contains(&counts.reordered)
        && counts.extent == 3;
    match is_right {
        true => Ok(()),
        false => Err(format!("{counts:?}").into()),
    }
}
