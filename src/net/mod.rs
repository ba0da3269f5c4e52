//! The live network: sockets, batches of datagrams, deadlines, the clock and interfaces.
//!
//! The only room that names `socket2`, `quinn-udp`, `nix` and `pnet`. It knows nothing of captures.
//!
//! ```
//! use std::{net, time::Duration};
//! use wirereel::net::{Batch, Leaving, Offload, Sender, UdpSocket};
//!
//! let receiver = net::UdpSocket::bind("127.0.0.1:0")?;
//! let to = receiver.local_addr()?;
//! let socket = UdpSocket::to(to, &Leaving::default())?;
//! let mut batch = Batch::default();
//! batch.push(Some(to), b"one");
//! batch.push(Some(to), b"three");
//! let mut sender = Sender::new(Offload::Batches, Duration::from_secs(1), &|| false);
//! sender.send(&socket, &batch);
//! assert_eq!(sender.take_sent().datagrams, 2);
//! assert_eq!([receiver.recv(&mut [0; 9])?, receiver.recv(&mut [0; 9])?], [3, 5]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrivals;
mod batch;
mod clock;
mod error;
mod firewall;
mod group_source;
mod hardware;
pub mod host;
mod interface_flags;
mod interfaces;
mod lateness;
mod limits;
mod listen_socket;
mod netlink;
mod pacing;
mod packet_socket;
mod readiness;
mod receiver;
mod route;
mod sender;
mod system;
mod tcp;
mod udp;
mod undelivered;

pub use arrivals::{Arrival, Arrivals};
pub use batch::{Batch, MAX_BATCH};
pub use clock::{Clock, ManualClock, MonotonicClock};
pub use error::NetError;
pub use firewall::{DropRule, MAX_RULES, drop_rules};
pub use hardware::Hardware;
pub use interface_flags::InterfaceFlags;
pub use interfaces::{Interface, Network, interfaces};
pub use lateness::LatenessHistogram;
pub use limits::raise_descriptor_limit;
pub use listen_socket::{Listen, ListenSocket};
pub(crate) use pacing::LOOK;
pub use pacing::{Deadlines, Pace, wait_until};
pub use packet_socket::{Direction, LinkPacket, PacketSocket};
pub use readiness::Readiness;
pub use receiver::{MAX_RECEIVED, Receiver};
pub use route::route_source;
pub use sender::{Offload, Sender, Sent, Unsent};
pub use tcp::begin_connect;
pub use udp::{Leaving, MAX_DATAGRAM, UdpSocket};
pub use undelivered::{Undelivered, report_undelivered, take_undelivered};
