//! Deliberate mistakes: what a message is on the wire where its sender forgot `htonl`, did not pack
//! its struct, or left a text without its NUL; so that a receiver, and `check`, can be tried.
//!
//! A [`Mistake`] is made of a message by a [`MistakenCodec`]. What lies elsewhere, or the other way
//! round, is written by the codec of that other layout: the one that another compiler gives the same
//! declaration. What only concerns bytes that mean nothing, or the end of the message, is done to
//! what the codec wrote.
//!
//! A mistake that would change nothing, or that would be another one, is refused with the reason when
//! the codec is made: nothing is sent that `check` would have another name for.
//!
//! ```
//! use rand::{SeedableRng, rngs::ChaCha8Rng};
//! use wirereel::decode::codec::FieldValue;
//! use wirereel::generate::mistake::MistakenCodec;
//! use wirereel::profile::{Options, Protocols};
//!
//! let protocols = Protocols::load(&Options {
//!     headers: vec!["tests/peers/dgram-basic/proto.h".into()],
//!     builtin: false,
//!     ..Options::default()
//! })?;
//! let protocol = protocols.list().iter().find(|it| it.message == "msg_st").ok_or("no msg_st")?;
//! let codec = MistakenCodec::new(&protocols, protocol, None, &["byte-order=math".parse()?])?;
//! let value = FieldValue::Group(vec![("math".to_owned(), FieldValue::Integer(83))]);
//! let mut bytes = Vec::new();
//! codec.write(&value, &mut ChaCha8Rng::seed_from_u64(1), &mut bytes)?;
//! assert_eq!(bytes[11..15], [83, 0, 0, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
mod declaration;
mod error;
mod form;
mod kind;
mod length;
#[expect(clippy::module_inception, reason = "the type has the name of its room")]
mod mistake;
mod residue;
mod touch;

#[cfg(test)]
mod tests;

pub use codec::MistakenCodec;
pub use error::MistakeError;
pub use kind::MistakeKind;
pub use mistake::Mistake;
