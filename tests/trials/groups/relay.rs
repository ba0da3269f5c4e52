//! A relay between two interfaces, which lets frames be overtaken.

use std::os::fd::IntoRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, setsockopt, socket};
use pnet::datalink::{self, Channel, Config, DataLinkReceiver, DataLinkSender};

use super::frames::payload;
use crate::hosts::namespaces::Namespace;

/// Each so manieth datagram is held back: 5%.
const HELD_OF: u64 = 20;
/// So many that follow overtake it: one, two or three, in turn.
const OVERTAKEN_BY: [usize; 3] = [1, 2, 3];
/// How often the threads look whether they are to end.
const LOOK: Duration = Duration::from_millis(50);
/// As much as waits at an interface, bytes.
const BUFFER: usize = 16 << 20;

/// The relay at work; it ends with this.
pub struct Relay {
    is_over: Arc<AtomicBool>,
    ways: Vec<JoinHandle<()>>,
}

impl Relay {
    /// Starts one. What goes to `port` from the first interface to the second is overtaken.
    pub fn start(host: &Namespace, [one, other]: [&str; 2], port: u16) -> Self {
        let (one, other) = host.within(|| (open(one), open(other)));
        let is_over = Arc::new(AtomicBool::new(false));
        let there = Line { port: Some(port), ..Line::default() };
        let ways = [(one.1, other.0, there), (other.1, one.0, Line::default())];
        let ways = ways.map(|(from, to, line)| {
            let is_over = is_over.clone();
            thread::spawn(move || line.pass(from, to, &is_over))
        });
        Self { is_over, ways: ways.into() }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for way in self.ways.drain(..) {
            let _ = way.join();
        }
    }
}

/// Both directions of one.
pub type Ends = (Box<dyn DataLinkSender>, Box<dyn DataLinkReceiver>);

/// A packet socket on an interface of this thread's namespace. Receiving fails now and then where
/// nothing comes.
pub fn open(name: &str) -> Ends {
    let interface = datalink::interfaces().into_iter().find(|it| it.name == name);
    let flags = SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll);
    let socket = socket.expect("a packet socket");
    setsockopt(&socket, RcvBufForce, &BUFFER).expect("root");
    let socket_fd = Some(socket.into_raw_fd());
    let config = Config { read_timeout: Some(LOOK), socket_fd, ..Config::default() };
    match datalink::channel(&interface.expect("an interface"), config) {
        Ok(Channel::Ethernet(to, from)) => (to, from),
        _ => panic!("no packet socket on {name}"),
    }
}

/// One direction.
#[derive(Default)]
struct Line {
    /// The port whose datagrams are overtaken.
    port: Option<u16>,
    datagrams: u64,
    held: Option<(Vec<u8>, usize)>,
}

impl Line {
    fn pass(
        mut self,
        mut from: Box<dyn DataLinkReceiver>,
        mut to: Box<dyn DataLinkSender>,
        is_over: &AtomicBool,
    ) {
        while !is_over.load(Ordering::Relaxed) {
            let Ok(frame) = from.next() else { continue };
            for frame in self.next(frame.to_vec()) {
                let _ = to.send_to(&frame, None);
            }
        }
    }

    /// The frames that leave when one has come. What is no such datagram overtakes nothing.
    fn next(&mut self, frame: Vec<u8>) -> Vec<Vec<u8>> {
        let is_counted = self.port.is_some_and(|port| payload(&frame, port).is_some());
        if let Some((held, left)) = self.held.take() {
            return match (is_counted, left) {
                (false, _) => vec![held, frame],
                (true, 1) => vec![frame, held],
                (true, _) => {
                    self.held = Some((held, left - 1));
                    vec![frame]
                }
            };
        }
        self.datagrams += u64::from(is_counted);
        if is_counted && self.datagrams.is_multiple_of(HELD_OF) {
            let turn = (self.datagrams / HELD_OF) as usize % OVERTAKEN_BY.len();
            self.held = Some((frame, OVERTAKEN_BY[turn]));
            return Vec::new();
        }
        vec![frame]
    }
}
