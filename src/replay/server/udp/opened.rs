//! Sockets that a server opens for single clients, since the recorded one answered them from ports
//! of its own (TFTP, RFC 1350 section 4). Each is connected to its client.

use std::io;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroUsize};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use lru::LruCache;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::watch;

use crate::net::report_undelivered;

/// Such sockets at once; the one that was idle longest gives way.
const MAX_OPENED: usize = 1 << 12;

/// A client, and the port of the capture that its socket stands for.
pub(super) type Key = (SocketAddr, NonZeroU16);

/// All of an address.
pub(super) struct Opened {
    sockets: LruCache<Key, Socket>,
    /// How many gave way.
    pub closed: u64,
    /// Each waits for its socket to have something.
    waits: FuturesUnordered<LocalBoxFuture<'static, Option<Key>>>,
}

struct Socket {
    socket: Rc<UdpSocket>,
    /// Ends the waiting when it is dropped.
    end: watch::Sender<()>,
}

impl Opened {
    pub fn new() -> Self {
        let room = NonZeroUsize::new(MAX_OPENED).unwrap_or(NonZeroUsize::MIN);
        Self { sockets: LruCache::new(room), closed: 0, waits: FuturesUnordered::new() }
    }

    /// The socket for a client, beside the one that it asked at `asked`.
    ///
    /// # Errors
    ///
    /// There are no more sockets.
    pub fn socket(&mut self, key: Key, asked: SocketAddr) -> io::Result<Rc<UdpSocket>> {
        if let Some(it) = self.sockets.get(&key) {
            return Ok(it.socket.clone());
        }
        let socket = std::net::UdpSocket::bind((asked.ip(), 0))?;
        socket.set_nonblocking(true)?;
        socket.connect(key.0)?;
        report_undelivered(&socket, asked.is_ipv6())?;
        let socket = Rc::new(UdpSocket::from_std(socket)?);
        let end = watch::Sender::new(());
        self.waits.push(Box::pin(wait(key, socket.clone(), end.subscribe())));
        if self.sockets.push(key, Socket { socket: socket.clone(), end }).is_some() {
            self.closed = self.closed.saturating_add(1);
        }
        Ok(socket)
    }

    /// All there are.
    pub fn all(&self) -> Vec<Rc<UdpSocket>> {
        self.sockets.iter().map(|(_, it)| it.socket.clone()).collect()
    }

    /// Waits until some socket has something, and lends it; for ever, where there is none.
    pub async fn ready(&mut self) -> (Key, Rc<UdpSocket>) {
        loop {
            match self.waits.next().await {
                Some(Some(key)) => {
                    if let Some(it) = self.sockets.get(&key) {
                        return (key, it.socket.clone());
                    }
                }
                Some(None) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// All that a socket had is taken: it is waited for again.
    pub fn wait_again(&mut self, key: Key) {
        if let Some(it) = self.sockets.peek(&key) {
            self.waits.push(Box::pin(wait(key, it.socket.clone(), it.end.subscribe())));
        }
    }
}

async fn wait(key: Key, socket: Rc<UdpSocket>, mut end: watch::Receiver<()>) -> Option<Key> {
    tokio::select! {
        _ = socket.ready(Interest::READABLE | Interest::ERROR) => Some(key),
        // Nothing is ever sent: its other half is gone.
        _ = end.changed() => None,
    }
}
