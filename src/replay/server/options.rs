//! How a server is played.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::comparison::Expectation;
use crate::replay::Timing;

/// What a user may ask of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServeOptions {
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// How many clients are served at once.
    pub workers: Workers,
    /// End when each recorded conversation has been played.
    pub once: bool,
    /// Whether answers come as late as they did, or at once.
    pub timing: Timing,
    /// What clients must send.
    pub expectation: Expectation,
    /// Parameters of the query that do not count when HTTP requests are told apart; `*` is all.
    pub ignore_query: Vec<String>,
    /// How long a client may be silent where the recorded one was not.
    pub timeout: Duration,
    /// How long to serve.
    pub duration: Option<Duration>,
}

/// An address to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Port 0 lets the kernel choose.
    pub at: SocketAddr,
    /// The captured servers that are played there; none stands for all that no other address is
    /// for.
    pub servers: Vec<SocketAddr>,
}

/// How many clients of TCP are served at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workers {
    /// One; the next waits.
    Sequential,
    /// All of them.
    #[default]
    PerConnection,
    /// So many; the next waits.
    Pool(NonZeroUsize),
}
