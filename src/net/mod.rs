//! The live network: sockets, batches of datagrams, deadlines, the clock and interfaces.
//!
//! The only room that names `socket2`, `quinn-udp`, `nix` and `pnet`. It knows nothing of captures.

mod batch;
mod clock;
mod error;
mod interfaces;
mod lateness;
mod limits;
mod pacing;
mod readiness;
mod sender;
mod tcp;
mod udp;
mod undelivered;

pub use batch::{Batch, MAX_BATCH};
pub use clock::{Clock, ManualClock, MonotonicClock};
pub use error::NetError;
pub use interfaces::{Interface, interfaces};
pub use lateness::LatenessHistogram;
pub use limits::raise_descriptor_limit;
pub(crate) use pacing::LOOK;
pub use pacing::{Deadlines, Pace, wait_until};
pub use readiness::Readiness;
pub use sender::{Fault, Offload, Sender, Sent};
pub use tcp::begin_connect;
pub use udp::{Leaving, MAX_DATAGRAM, UdpSocket};
pub use undelivered::{Undelivered, report_undelivered, take_undelivered};
