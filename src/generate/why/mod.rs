//! Why nothing arrives: what the host's own state and the link say.
//!
//! A [`Watch`] begins before a listener binds and joins, and looks at the link beside it. What it saw, and
//! what the kernel says of memberships, sockets, routes and drops, is evidence; of that alone the
//! causes are made, in the order in which the kernel looks at a packet: a frame has one cause, and a
//! cause is named only with what was seen. Without the right to see the link, the kernel's own counts
//! are left, and they say less.
//!
//! ```
//! use std::net::UdpSocket;
//! use wirereel::generate::{Cast, why::{Wanted, Watch}};
//!
//! let socket = UdpSocket::bind("127.0.0.1:0")?;
//! let local = socket.local_addr()?;
//! let wanted =
//!     Wanted { cast: Cast::Unicast, local, groups: vec![], sources: vec![], interface: None };
//! let watch = Watch::begin(&wanted);
//! UdpSocket::bind("127.0.0.1:0")?.send_to(b"it came", local)?;
//! socket.recv(&mut [0; 9])?;
//! assert_eq!(watch.finish(1, 0), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aim;
mod blind;
mod cause;
mod diagnosis;
mod evidence;
mod fate;
mod host_state;
mod nearby;
mod seen;
mod sender;
mod sighting;
mod wanted;
mod watch;

pub use cause::{Cause, Why};
pub use sender::sender;
pub use wanted::Wanted;
pub use watch::Watch;
