//! What is wrong with the traffic, and with the header: byte order, alignment, type width,
//! termination, framing. Takes packets and messages as events; gives [`Finding`]s.
//!
//! A wrong verdict is worse than none: where the evidence is not enough, the finding is
//! [`Code::Undecided`].

mod checker;
mod code;
mod finding;
mod fold;
mod header;
mod http_framing;
mod infer;
mod senders;
mod sight;
mod traffic;

pub use checker::Checker;
pub use code::{Code, UnknownCode};
pub use finding::{Evidence, Finding, HeaderPlace, Level};
pub use fold::fold;
pub use header::{HeaderMessage, header_findings, headers_in_use, not_told_apart_in};
pub use infer::{Inference, MAX_INFERRED, MAX_KEPT};
pub use senders::MAX_SENDERS;
pub use traffic::{MAX_JOINED, TrafficCheck};
