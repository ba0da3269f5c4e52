//! What `listen` measures where datagrams are lost, doubled and overtaken, against tcpdump at both
//! ends.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use libtest_mimic::Failed;

use super::counts::Counts;
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
