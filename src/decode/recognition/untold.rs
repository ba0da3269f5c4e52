//! What a TCP conversation gave before it was told who the client is.
//!
//! Where no handshake was seen, content may say it, and later than with the first bytes: till then,
//! or till [`MAX_UNTOLD`] bytes are held, whoever shows the sides holds them back.

use super::first_bytes::{role_of_first, role_of_later};
use crate::capture::Timestamp;
use crate::decode::http::RECOGNITION_LEN;
use crate::flow::{Side, Sides};

/// Bytes that are held back, with what keeping each piece costs.
pub const MAX_UNTOLD: usize = 64 << 10;

/// What is held back.
#[derive(Default)]
pub(in crate::decode) struct Untold {
    held: Vec<Given>,
    /// Bytes of it.
    len: usize,
    /// The first bytes of each side, as far as recognition looks at them.
    first: Sides<Vec<u8>>,
}

/// A piece that is held back.
pub(in crate::decode) struct Given {
    pub side: Side,
    pub frame: u64,
    pub time: Option<Timestamp>,
    pub bytes: Vec<u8>,
    /// So many bytes are missing behind them.
    pub missing: u64,
}

impl Untold {
    /// Who sends these bytes, which a side goes on with, if they say so.
    pub fn role(&mut self, side: Side, bytes: &[u8]) -> Option<Side> {
        let first = self.first.of_mut(side);
        let room = RECOGNITION_LEN.saturating_sub(first.len());
        if room == 0 {
            return role_of_later(bytes);
        }
        first.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        role_of_first(first).or_else(|| role_of_later(bytes))
    }

    /// Keeps a piece. Whether that are too many now.
    pub fn hold(&mut self, given: Given) -> bool {
        let len = given.bytes.len().saturating_add(size_of::<Given>());
        self.len = self.len.saturating_add(len);
        self.held.push(given);
        self.len > MAX_UNTOLD
    }

    /// Exchanges the sides.
    pub fn reverse(&mut self) {
        self.first.exchange();
        for given in &mut self.held {
            given.side = given.side.other();
        }
    }

    /// What was held back, in order.
    pub fn into_pieces(self) -> Vec<Given> {
        self.held
    }
}
