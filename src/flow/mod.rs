//! Packets to the payloads of numbered conversations: fragments joined, streams numbered, and the
//! bytes of each side of TCP in their order.
//!
//! [`Flow`] is the one serial stage; [`Reassembly`] touches the state of one connection. Each table
//! has a stated bound, and what a bound drops is counted.
//!
//! ```
//! use wirereel::capture::Reader;
//! use wirereel::flow::{Arrival, Flow};
//!
//! // The state that is kept of each conversation: bytes of payload.
//! let mut flow = Flow::<usize>::default();
//! let mut reader = Reader::open("captures/ok_stream_basic.pcap".as_ref())?;
//! while let Some(frame) = reader.next_frame()? {
//!     if let Arrival::Packet(delivery) = flow.push(&frame) {
//!         *delivery.state += delivery.packet.payload.len();
//!     }
//! }
//! let sizes: Vec<_> = flow.finish().map(|gone| gone.state).collect();
//! assert_eq!(sizes, [12, 12, 12]);
//! # Ok::<(), wirereel::capture::CaptureError>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod anomalies;
mod beginning;
mod driver;
pub mod duplicates;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod flow;
mod fragments;
mod half;
mod history;
mod number_set;
pub mod numbering;
mod reassembly;
mod side;
mod sides;
mod sink;
mod stream_set;
mod streams;
mod waiting;

pub use anomalies::{Anomaly, TcpAnomalies};
pub(crate) use driver::{Consumer, Delivered, Driver};
pub use flow::{Arrival, Delivery, Flow, Gone};
#[cfg(feature = "redact")]
pub(crate) use fragments::Fragments;
pub use fragments::{MAX_BYTES, MAX_DATAGRAMS, TIMEOUT};
pub use number_set::NumberSet;
pub use reassembly::Reassembly;
pub use side::{Input, Side};
pub(crate) use sides::Sides;
pub(crate) use sink::Returned;
pub use sink::SinkResult;
pub(crate) use stream_set::split_transport;
pub use stream_set::{StreamCounts, StreamRange, StreamRangeError, StreamSet};
pub use streams::MAX_STREAMS;
pub use waiting::{Held, MAX_HELD, MAX_HELD_TOTAL, PATIENCE};
