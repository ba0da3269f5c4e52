//! Which conversation of a plan.

/// Index of a conversation in [`Plan::conversations`](super::Plan::conversations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationId(pub u32);

impl ConversationId {
    /// As lists are indexed.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
