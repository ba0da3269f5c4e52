//! The other side of the replays: servers on loopback, at ports that the kernel chooses.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    panic,
    sync::mpsc,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use wirereel::{
    profile::Protocols,
    replay::{
        Expectation, Outcome, Plan, Stop, Timing,
        server::{Listen, ServeOptions, Workers, serve},
    },
};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How long a server waits for what does not come; on loopback everything does.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Starts the stream-stamp server of the lesson, which tells each client the time of day, as
/// `"%lld\r\n"`. It ends with the program.
pub(super) fn stamps() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(LOOPBACK)?;
    let address = listener.local_addr()?;
    let serve = move || {
        while let Ok((mut client, _)) = listener.accept() {
            let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
            // A client that has gone needs no stamp.
            let _ = write!(client, "{now}\r\n");
        }
    };
    thread::Builder::new().name("stamps".to_owned()).spawn(serve)?;
    Ok(address)
}

/// Plays the servers of a plan, once, while `visit` is at their address. Gives what both came to.
pub(super) fn served(
    plan: &Plan,
    protocols: &Protocols,
    visit: impl FnOnce(SocketAddr) -> Result<Outcome>,
) -> Result<[Outcome; 2]> {
    let options = ServeOptions {
        listen: vec![Listen::all(LOOPBACK)],
        workers: Workers::PerConnection,
        once: true,
        timing: Timing::Reply,
        expectation: Expectation::default(),
        ignore_query: Vec::new(),
        timeout: TIMEOUT,
        duration: Some(TIMEOUT),
    };
    let (options, stop) = (&options, &Stop::default());
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let server = scope.spawn(move || {
            serve(plan, protocols, options, stop, &mut |addresses| {
                // Whoever asked waits for it.
                let _ = addresses.first().map(|address| tell.send(*address));
            })
        });
        // The channel closes where the server cannot begin, and its error is the one to tell.
        let visited = told.recv().map(visit);
        if !matches!(visited, Ok(Ok(_))) {
            stop.request();
        }
        let served = server.join().unwrap_or_else(|panic| panic::resume_unwind(panic))?;
        Ok([visited.context("the server told no address")??, served])
    })
}
