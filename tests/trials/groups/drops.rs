//! A listener that cannot keep up: what it says the kernel dropped is what the kernel says.

use std::net::UdpSocket;

use libtest_mimic::Failed;
use rustix::process::Signal;

use super::loss::figures;
use super::program::{ANYWHERE, BASIC, Listener, PORT};
use super::stage::Stage;

/// The listener rests until its buffer has run over, and then reads on.
pub fn of_a_full_buffer() -> Result<(), Failed> {
    let stage = Stage::new("drops")?;
    let folder = stage.folder.path();
    let args = [&["unicast", "-q"], &ANYWHERE[..]].concat();
    let listener = Listener::start(&stage.two, BASIC, (folder, "two"), &args, &[])?;
    let socket = stage.one.namespace.within(|| UdpSocket::bind("10.9.0.1:0"))?;
    socket.connect(("10.9.0.2", PORT))?;
    listener.0.signal(Signal::STOP)?;
    let mut sent = 0_u32;
    let mut send = || {
        let mut message = [0; 19];
        message[11..15].copy_from_slice(&sent.to_be_bytes());
        sent += 1;
        socket.send(&message)
    };
    while listener.0.drops(PORT) < 1000 {
        for _ in 0..1000 {
            send()?;
        }
    }
    listener.0.signal(Signal::CONT)?;
    listener.0.until_read(PORT)?;
    // With this one the kernel tells of those that were dropped before it.
    send()?;
    listener.0.until_read(PORT)?;
    let dropped = listener.0.drops(PORT);
    let heard = listener.interrupt()?;
    let figures = figures(&heard.outcome)?;
    assert_eq!(figures.dropped, dropped, "{heard:?}");
    assert_eq!((figures.lost, figures.received), (dropped, u64::from(sent) - dropped), "{heard:?}");
    Ok(())
}
