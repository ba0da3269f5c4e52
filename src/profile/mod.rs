//! Which traffic is which message, and what C cannot say.
//!
//! A header declares messages; a profile (`wirereel.toml`) adds what C cannot say; rules name the
//! ports. [`Protocols::load`] brings them together with the built-in protocols, which are headers
//! and a profile too. The only room that names `toml`.

mod candidates;
mod entry;
mod error;
mod field;
mod file;
mod headers;
mod lessons;
mod load;
mod paths;
mod protocol;
mod protocol_id;
mod rule;
mod standard;

pub use candidates::Candidate;
pub use error::ProfileError;
pub use field::{FieldEntries, FieldRules, TimeUnit};
pub(crate) use file::parse_toml;
pub use file::{CheckOptions, OrderName, Place, ProfileFile, ProtocolEntry, ReplayOptions};
pub use load::{Options, Protocols};
pub use protocol::{Case, Declared, Format, Protocol};
pub use protocol_id::ProtocolId;
pub(crate) use protocol_id::{PerProtocol, StandardIds};
pub use rule::{End, Rule, RuleError, Target, Traffic};
pub use standard::Standard;

#[cfg(test)]
mod tests;
