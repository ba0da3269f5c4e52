//! What ends a replay before it is done.

use std::io;
use std::net::SocketAddr;

use crate::capture::CaptureError;
use crate::comparison::ComparisonError;
use crate::decode::codec::CodecError;
use crate::net::NetError;

/// What ends a replay, or keeps it from beginning. What one conversation runs into is a count of
/// the [`Outcome`](super::Outcome) instead.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The capture cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A socket or an interface that cannot be used at all.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A protocol that no codec can read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// What answers must be is not understood.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
    /// Payload cannot be kept, or not be read again.
    #[error("cannot read the payload at offset {offset} again: {cause}")]
    Payload {
        /// Where it lies in its file, bytes.
        offset: u64,
        /// Why.
        cause: io::Error,
    },
    /// No file can be made for payload that cannot be read twice.
    #[error("cannot keep payload in a temporary file: {0}")]
    Spool(#[source] io::Error),
    /// Nothing can wait for sockets.
    #[error("cannot start the runtime of the connections: {0}")]
    Runtime(#[source] io::Error),
    /// An address cannot be listened at.
    #[error("cannot listen at {at}: {cause}")]
    Bind {
        /// The address.
        at: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// No server of the capture is played at any address.
    #[error("nothing to serve: the capture has no answers for these addresses")]
    NothingToServe,
}
