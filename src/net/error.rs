//! What keeps the live network from being used.

use std::io;

/// What keeps a socket from being made, or time from being measured.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// A socket could not be opened, bound, connected or set up.
    #[error("{action}: {cause}")]
    Socket {
        /// What was tried, with its address.
        action: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The process has as many sockets as it may.
    #[error("out of file descriptors: raise the limit (ulimit -n)")]
    OutOfDescriptors,
    /// No interface has this name or address.
    #[error("no interface is called {0} or has it as an address")]
    NoInterface(String),
    /// The histogram of lateness cannot be made.
    #[error("cannot measure lateness: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
}

impl NetError {
    /// Tells a lack of file descriptors from other failures of `action`.
    pub(crate) fn of(action: impl FnOnce() -> String, cause: io::Error) -> Self {
        let errno = rustix::io::Errno::from_io_error(&cause);
        match errno {
            Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => Self::OutOfDescriptors,
            _ => Self::Socket { action: action(), cause },
        }
    }
}
