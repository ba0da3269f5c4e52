//! Traffic by recipe, to a host, to everybody or to a group; what of it arrives; why nothing does.
//!
//! A recipe says what the messages of a header hold: a user writes it, or a capture teaches it. Messages are written by the codec that decodes them, and leave by the senders that a
//! replay has, or as frames of a capture. A listener receives, decodes and counts by the messages' own
//! fields. Where nothing comes, the host's own state and the link say why.
//!
//! Nothing is sent to an address that was not named, and what is counted as sent is what the kernel
//! accepted.

pub mod destination;
pub mod frames;
pub mod like;
pub mod listen;
pub mod mistake;
pub mod recipe;
pub mod sending;
pub mod why;

mod asked;
mod cast;
mod error;
mod groups;

pub use asked::Asked;
pub use cast::Cast;
pub use destination::{Destination, DestinationError};
pub use error::GenerateError;
pub use groups::{Groups, GroupsError};
