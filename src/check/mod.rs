//! What is wrong with the traffic, and with the header: byte order, alignment, type width,
//! termination, framing. Takes packets and messages as events; gives [`Finding`]s.
//!
//! A wrong verdict is worse than none: where the evidence is not enough, the finding is
//! [`Code::Undecided`].

mod finding;
mod infer;

pub use finding::{Code, Evidence, Finding, HeaderPlace, Level};
pub use infer::{Inference, MAX_KEPT, MAX_SENDERS};
