//! What keeps messages from being made, sent or written.

use super::destination::DestinationError;
use crate::capture::CaptureError;
use crate::net::NetError;
use crate::packet::build::BuildError;

/// What keeps messages from being made, sent or written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Nothing can be sent there.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// A socket cannot be had.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The capture cannot be written.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A message fits no packet.
    #[error("message {number}: {cause}")]
    Frame {
        /// Of the message, from 1.
        number: u64,
        /// Why.
        cause: BuildError,
    },
}
