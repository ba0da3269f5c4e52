//! What a run of messages goes by.

use std::net::SocketAddr;
use std::time::Duration;

use crate::capture::Timestamp;
use crate::generate::mistake::Mistake;
use crate::generate::recipe::{Made, MessageRecipe, Recipe};
use crate::generate::{Destination, GenerateError};
use crate::net::{Leaving, Pace};

/// Makes the next message for a time, and appends it; `None` after the last.
pub type Make<'m> = dyn FnMut(Timestamp, &mut Vec<u8>) -> Result<Option<Made>, GenerateError> + 'm;

/// A number that stands for what a field of a message holds; `None` where it has no such field.
pub type Key<'k> = dyn Fn(&[u8]) -> Option<u64> + 'k;

/// Where, how fast and how long.
#[derive(Clone)]
pub struct SendOptions<'k> {
    /// Where messages go.
    pub destination: Destination,
    /// How they leave the host.
    pub leaving: Leaving,
    /// The senders, each with the address that it sends from, if that is named. At least one.
    pub senders: Vec<SenderOptions>,
    /// How fast. [`Pace::Recorded`] goes by the gaps that messages have.
    pub pace: Pace,
    /// Messages, at most.
    pub count: Option<u64>,
    /// Time, at most.
    pub duration: Option<Duration>,
    /// How long room in a full buffer is waited for.
    pub timeout: Duration,
    /// Whether answers are awaited.
    pub replies: Option<ReplyOptions<'k>>,
}

/// One of the senders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderOptions {
    /// The address and port that it sends from; the kernel chooses, where it is not named.
    pub from: Option<SocketAddr>,
    /// Whether it joins the groups that it sends to, which a sender need not.
    pub joins: bool,
}

/// How answers are awaited.
#[derive(Clone, Copy)]
pub struct ReplyOptions<'k> {
    /// How long after its message an answer may come.
    pub patience: Duration,
    /// What an answer has of the message that it belongs to; where there is nothing, answers
    /// come in the order of the messages.
    pub key: Option<&'k Key<'k>>,
}

/// The senders of a recipe, the only one also by the address `from`, which stands before its own. To
/// join the group is a mistake of the sender, although it is told of a message.
///
/// # Errors
///
/// There is one address for several.
pub fn senders(
    recipe: &Recipe,
    from: Option<SocketAddr>,
) -> Result<Vec<SenderOptions>, GenerateError> {
    let joins = |messages: &[MessageRecipe]| {
        messages.iter().flat_map(|it| &it.mistakes).any(Mistake::joins)
    };
    let own = recipe.senders.iter().map(|it| SenderOptions {
        from: it.from,
        joins: it.join || joins(it.messages.as_deref().unwrap_or(&recipe.messages)),
    });
    let mut senders: Vec<_> = own.collect();
    match (from, senders.as_mut_slice()) {
        (from, []) => senders.push(SenderOptions { from, joins: joins(&recipe.messages) }),
        (None, _) => {}
        (Some(from), [one]) => one.from = Some(from),
        (Some(from), several) => {
            return Err(GenerateError::OneFrom { from, senders: several.len() });
        }
    }
    Ok(senders)
}
