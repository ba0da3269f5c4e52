//! A recipe learned from a capture: what each sender's datagrams hold, and when they come.
//!
//! Of each field it is learned whether it is the same always, a counter, a time, one of a few values,
//! or any of a range; of texts their lengths, or the few that there are. A message is taken apart
//! only where its fields, written again, are the same bytes, as declared or with a sender's mistake; all else is kept
//! as bytes. So what `check` says of a capture, it says of the traffic that is learned from it.
//!
//! A sender of a few messages says nothing of what is common: its messages are sent as they were, in
//! turn, but for what counts or tells the time. What answers another sender is left out.
//!
//! Bounds: [`MAX_SENDERS`], [`MAX_ROOM`] for all values that are kept; what they leave out is counted.

mod cycle;
mod explanation;
mod field;
mod gaps;
mod integers;
mod kind;
mod leaf;
mod learner;
mod sender;

#[cfg(test)]
mod learning_tests;
#[cfg(test)]
mod tests;

pub use learner::{Learned, LikeError, MAX_ROOM, MAX_SENDERS};

use self::learner::Learner;
use super::GenerateError;
use super::recipe::RecipeError;
use crate::capture::Reader;
use crate::decode::Dissector;
use crate::profile::Protocols;

/// Learns from all frames that are left of a capture.
///
/// # Errors
///
/// A capture that cannot be read, or that has no datagram to learn from; a protocol whose layout and
/// options do not go together.
pub fn learn(reader: &mut Reader, protocols: &Protocols) -> Result<Learned, GenerateError> {
    let mut dissector = Dissector::new(protocols, false).map_err(RecipeError::from)?;
    let mut learner = Learner::new(protocols);
    while let Some(frame) = reader.next_frame()? {
        dissector.push(&frame, None, &mut |found| learner.found(&found));
    }
    dissector.finish(&mut |found| learner.found(&found));
    learner.finish()
}
