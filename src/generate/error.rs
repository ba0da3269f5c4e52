//! What keeps traffic from being generated, of whichever part of the room.

use std::net::SocketAddr;

use super::destination::DestinationError;
use super::like::LikeError;
use super::listen::ListenToError;
use super::mistake::MistakeError;
use super::recipe::RecipeError;
use crate::capture::CaptureError;
use crate::net::NetError;
use crate::packet::build::BuildError;

/// What keeps traffic from being generated, or from being heard. Each part has its own enum.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// What messages hold.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A mistake that a message cannot have.
    #[error(transparent)]
    Mistake(#[from] MistakeError),
    /// A capture that nothing is learned from.
    #[error(transparent)]
    Like(#[from] LikeError),
    /// Nothing can be sent there.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// That cannot be listened to.
    #[error(transparent)]
    ListenTo(#[from] ListenToError),
    /// A socket cannot be had.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The capture cannot be written.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// No answer can repeat it.
    #[error("no message of the recipe has a field \"{field}\"{}", hint(.nearest))]
    NoEcho {
        /// As it was named.
        field: String,
        /// The nearest name that there is, where one is near.
        nearest: Option<String>,
    },
    /// One address for several senders.
    #[error("--from {from}: the recipe has {senders} senders, each with its own")]
    OneFrom {
        /// The address.
        from: SocketAddr,
        /// How many.
        senders: usize,
    },
    /// A message is longer than UDP carries.
    #[error("a message of up to {len} bytes is longer than a datagram can be: {max}")]
    TooLong {
        /// Bytes.
        len: usize,
        /// As many fit.
        max: usize,
    },
    /// A message fits no packet.
    #[error("message {number}: {cause}")]
    Frame {
        /// Of the message, from 1.
        number: u64,
        /// Why.
        cause: BuildError,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"))
}
