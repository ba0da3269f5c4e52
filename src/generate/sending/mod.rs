//! Messages on their way: made when they are due, sent in batches of those that are due together,
//! and counted as the kernel accepts them.
//!
//! A message is made when it leaves, so that a time in it is right: where a rate is kept, right before
//! its datagram is sent, and at top speed with its batch. Answers, where they are awaited, are
//! received between the deadlines, and paired with what they answer.

mod echo;
mod live;
mod options;
mod outcome;
mod replies;
mod sockets;
#[cfg(test)]
mod tests;

pub use echo::Echo;
pub use live::{require_fit, send};
pub use options::{Key, Make, ReplyOptions, SendOptions, SenderOptions, senders};
pub use outcome::{Replies, SendingOutcome};
