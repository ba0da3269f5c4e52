//! How a conversation begins: what later messages mean may go by it.

use crate::flow::Side;

/// Bytes of each side that are kept.
const LEN: usize = 128;

/// The first bytes of both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub client: Vec<u8>,
    pub server: Vec<u8>,
}

impl Head {
    /// Takes what a side sent next.
    pub fn take(&mut self, side: Side, bytes: &[u8]) {
        let kept = match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        let room = LEN.saturating_sub(kept.len());
        kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}
