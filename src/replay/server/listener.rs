//! The addresses that a server listens at, and how many clients each serves at once.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;

use futures_util::future;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::time;

use super::options::{Listen, ServeOptions, Workers};
use super::raw::Raw;
use super::service::{Ended, Service};
use super::udp::Datagrams;
use super::web::Web;
use crate::profile::Protocols;
use crate::replay::{Outcome, Plan, Reason, ReplayError, Stop};

/// Clients that are served at once at most, whatever the workers.
pub const MAX_CLIENTS: usize = 1 << 16;

/// Clients that may wait to be accepted.
const BACKLOG: u32 = 1 << 16;

/// All that is played.
pub(super) struct Listeners<'p> {
    options: &'p ServeOptions,
    stop: &'p Stop,
    tcp: Vec<(SocketAddr, Service<'p>)>,
    udp: Vec<(SocketAddr, Datagrams<'p>)>,
}

impl<'p> Listeners<'p> {
    /// Shares the conversations out among the addresses.
    pub fn new(
        plan: &'p Plan,
        protocols: &'p Protocols,
        options: &'p ServeOptions,
        stop: &'p Stop,
    ) -> Result<Self, ReplayError> {
        let (mut tcp, mut udp, accepted) = (Vec::new(), Vec::new(), Rc::new(Cell::new(0)));
        for listen in &options.listen {
            let indices = played_at(plan, &options.listen, listen);
            let service = Service::new(plan, protocols, options, stop, &indices, &accepted)?;
            if !service.is_empty() {
                tcp.push((listen.at, service));
            }
            let datagrams = Datagrams::new(plan, protocols, options, stop, &indices)?;
            if !datagrams.is_empty() {
                udp.push((listen.at, datagrams));
            }
        }
        if tcp.is_empty() && udp.is_empty() {
            return Err(ReplayError::NothingToServe);
        }
        Ok(Self { options, stop, tcp, udp })
    }

    /// Serves at all addresses.
    pub async fn run(self, ready: &mut dyn FnMut(&[SocketAddr])) -> Result<Outcome, ReplayError> {
        let Self { options, stop, tcp, udp } = self;
        let (mut addresses, mut streams, mut datagrams) = (Vec::new(), Vec::new(), Vec::new());
        for (at, service) in tcp {
            let listener = listen(at).map_err(|cause| bind_error(at, cause))?;
            addresses.push(listener.local_addr().map_err(|cause| bind_error(at, cause))?);
            streams.push((listener, service));
        }
        for (at, service) in udp {
            // What shares an address with TCP shares the port that the kernel chose for it.
            let shared = addresses.iter().find(|it| at.port() == 0 && it.ip() == at.ip());
            let at = shared.copied().unwrap_or(at);
            let socket = UdpSocket::bind(at).await.map_err(|cause| bind_error(at, cause))?;
            let address = socket.local_addr().map_err(|cause| bind_error(at, cause))?;
            if !addresses.contains(&address) {
                addresses.push(address);
            }
            datagrams.push((socket, service));
        }
        ready(&addresses);
        let streams = future::join_all(streams.into_iter().map(|(listener, service)| async move {
            accept(&listener, &service, options, stop).await;
            service.finish()
        }));
        let datagrams =
            future::join_all(datagrams.into_iter().map(|(socket, mut service)| async move {
                let mut outcome = Outcome::default();
                if let Err(error) = service.run(&socket).await {
                    outcome.skip(Reason::AddressGivenUp(error.to_string()), 1);
                }
                outcome.add(service.finish());
                outcome
            }));
        let both = future::join(streams, datagrams);
        let (streams, datagrams) = both.await;
        let mut outcome = Outcome::default();
        streams.into_iter().chain(datagrams).for_each(|it| outcome.add(it));
        Ok(outcome)
    }
}

/// Listens with room for all clients that a capture may bring at once: one that finds none tries
/// again only after a second (RFC 6298 section 2). The kernel takes less where it is told to.
fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the standard library does: not on Windows, where it would let others take the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

fn bind_error(at: SocketAddr, cause: io::Error) -> ReplayError {
    ReplayError::Bind { at, cause }
}

/// The conversations that an address plays, as indices of the plan's: those of its servers, or
/// those that no address is for.
fn played_at(plan: &Plan, all: &[Listen], listen: &Listen) -> Vec<usize> {
    let named: HashSet<_> = all.iter().flat_map(|it| &it.servers).collect();
    let own: HashSet<_> = listen.servers.iter().collect();
    let is_its_own = |server: SocketAddr| match own.is_empty() {
        true => !named.contains(&server),
        false => own.contains(&server),
    };
    let conversations = plan.conversations.iter().enumerate();
    conversations.filter(|(_, it)| is_its_own(it.server)).map(|(index, _)| index).collect()
}

/// Accepts clients until all is played, or the run is to end.
async fn accept(
    listener: &TcpListener,
    service: &Service<'_>,
    options: &ServeOptions,
    stop: &Stop,
) {
    let mut clients = FuturesUnordered::new();
    let limit = options.workers.limit();
    // Out of file descriptors: none can be accepted until a client has gone.
    let mut is_full = false;
    while !(options.once && service.is_done()) {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < limit && !is_full => match accepted {
                Ok((stream, _)) => clients.push(attend(service, stream)),
                Err(error) => is_full = refused(&error, service),
            },
            Some(()) = clients.next(), if !clients.is_empty() => is_full = false,
            () = time::sleep(options.timeout), if is_full && clients.is_empty() => is_full = false,
            () = stop.requested() => break,
        }
    }
    while clients.next().await.is_some() {}
}

/// Counts why no client could be accepted; `true` where there is no room for one.
fn refused(error: &io::Error, service: &Service<'_>) -> bool {
    let is_full = error.kind() != ErrorKind::ConnectionAborted;
    service.skip(Reason::NotAccepted(error.to_string()));
    is_full
}

/// Serves one client.
async fn attend(service: &Service<'_>, stream: TcpStream) {
    let active = service.begin();
    let ended = match service.is_web() {
        true => match Web::new(service, stream, active.number) {
            Ok(web) => web.serve().await,
            Err(error) => Err(Ended::Broken(error)),
        },
        false => Raw::play(service, stream).await,
    };
    match ended {
        Ok(()) | Err(Ended::Stopped) => {}
        Err(Ended::Late(what)) => service.skip(what),
        Err(Ended::Broken(error)) => service.skip(Reason::ConnectionBroke(error.kind())),
        Err(Ended::Unreadable) => service.skip(Reason::Unreadable),
    }
}

impl Workers {
    /// How many clients are served at once.
    fn limit(self) -> usize {
        match self {
            Self::Sequential => 1,
            Self::PerConnection => MAX_CLIENTS,
            Self::Pool(workers) => workers.get(),
        }
    }
}

impl Listen {
    /// Plays all servers of the capture at one address.
    pub fn all(at: SocketAddr) -> Self {
        Self { at, servers: Vec::new() }
    }
}
