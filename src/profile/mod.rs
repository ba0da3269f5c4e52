//! Which traffic is which message, and what C cannot say.
//!
//! A header declares messages; a profile (`wirereel.toml`) adds what C cannot say; rules name the
//! ports. [`Protocols::load`] brings them together with the built-in protocols, which are headers
//! and a profile too. The only room that names `toml`.
//!
//! ```
//! use wirereel::packet::Transport;
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options {
//!     headers: vec!["tests/peers/dgram-basic/proto.h".into()],
//!     rules: vec!["udp.port==1989,msg_st".parse()?],
//!     builtin: false,
//!     ..Options::default()
//! })?;
//! assert!(protocols.list().iter().any(|it| it.name == "msg_st"));
//! assert_eq!(protocols.candidates(Transport::Udp, 40000, 1989).len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod as_name;
mod bundled;
mod candidates;
mod checksum;
mod comments;
mod draft;
mod entry;
mod error;
mod field;
mod file;
mod flags;
mod headers;
mod lessons;
mod line;
mod load;
mod meaning;
mod nesting;
mod options;
mod order;
mod pairing;
mod protocol;
mod protocol_id;
mod quoted;
mod resolution;
mod rule;
mod scale;
mod settings;
mod source;
mod standard;
mod time;
mod words;

pub use as_name::AsName;
pub use candidates::Candidate;
pub(crate) use checksum::in_scope;
pub use checksum::{Bound, ByteRange, ChecksumRule};
pub use draft::{Draft, DraftOptions, draft};
pub use entry::{CaseEntries, DirectionEntry, MatchEntry, ProtocolEntry};
pub use error::ProfileError;
pub use field::{CounterScope, FieldEntries, FieldRules, ShowName, TimeUnit};
pub use file::ProfileFile;
#[cfg(any(feature = "fixture", feature = "generate"))]
pub(crate) use file::parse_toml;
pub use flags::FlagsRule;
pub use line::ProfileLine;
pub use load::Protocols;
pub use options::Options;
pub use order::OrderName;
pub use pairing::{PairEnd, PairRule};
pub(crate) use protocol::MAX_TAGS;
pub use protocol::{Case, Declared, FieldSum, Format, MessageWords, Protocol};
pub use protocol_id::ProtocolId;
pub(crate) use protocol_id::{PerProtocol, StandardIds};
pub(crate) use quoted::quoted;
pub use rule::{End, Rule, RuleError, Target, Traffic};
pub use settings::{CheckEntry, CheckOptions, Placed, PlacedError, ReplayEntry, ReplayOptions};
pub use standard::Standard;
pub use time::{Epoch, NtpTime};
pub use words::{CaseRule, CountsName, FormName, Number, Numbers, WordRules};

#[cfg(test)]
mod tests;
