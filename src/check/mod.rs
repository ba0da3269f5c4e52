//! What is wrong with the traffic, and with the header: byte order, alignment, type width,
//! termination, framing. Takes packets and messages as events; gives [`Finding`]s.
//!
//! A wrong verdict is worse than none: where the evidence is not enough, the finding is
//! [`Code::Undecided`].
//!
//! ```
//! use wirereel::capture::Reader;
//! use wirereel::check::{Checker, Code};
//! use wirereel::decode::Dissector;
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options {
//!     headers: vec!["tests/peers/dgram-basic/proto.h".into()],
//!     rules: vec!["udp.port==1989,msg_st".parse()?],
//!     ..Options::default()
//! })?;
//! let mut dissector = Dissector::new(&protocols, false)?;
//! let mut checker = Checker::new(&protocols);
//! let mut reader = Reader::open("captures/bug_dgram_basic_nohtonl.pcap".as_ref())?;
//! while let Some(frame) = reader.next_frame()? {
//!     dissector.push(&frame, None, &mut |found| checker.found(&found));
//! }
//! let summary = dissector.finish(&mut |found| checker.found(&found));
//! let findings = checker.finish(&summary);
//! assert_eq!(findings[0].code, Code::ByteOrder);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod checker;
mod code;
mod compat;
mod consequences;
mod field_ranges;
mod field_sums;
mod finding;
mod fold;
mod header;
mod http_framing;
mod infer;
mod lies;
mod policy;
mod senders;
mod sight;
mod traffic;

pub use checker::Checker;
pub use code::{Code, UnknownCode};
pub use compat::{Corpus, Versions, compat};
pub use finding::{Evidence, Finding, HeaderPlace, Level};
pub use fold::fold;
pub use header::{HeaderMessage, header_findings, headers_in_use, not_told_apart_in};
pub use infer::{Inference, MAX_INFERRED, MAX_KEPT};
pub use policy::Policy;
pub use senders::MAX_SENDERS;
pub use traffic::{MAX_JOINED, TrafficCheck};
