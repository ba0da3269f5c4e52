//! What the side that speaks first says, where nothing reads it: the other side may tell yet that
//! it is HTTP all the same. A server answers a malformed request line in HTTP, and what has no head
//! may be the answer of HTTP/0.9 to a request that is captured behind it.
//!
//! Bounds: [`MAX_WITHHELD`] bytes of a conversation, [`MAX_WITHHELD_TOTAL`] of all. Beyond, it
//! stays what nothing reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::flow::{Input, Side};

/// Bytes of one conversation, with what keeping each piece costs.
pub const MAX_WITHHELD: usize = 64 << 10;
/// Bytes of all conversations together.
pub const MAX_WITHHELD_TOTAL: usize = 4 << 20;

/// What all conversations withhold together.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowance(Arc<AtomicUsize>);

/// What one conversation withholds.
#[derive(Debug)]
pub(super) struct Withheld {
    pub side: Side,
    pub pieces: Vec<Box<[u8]>>,
    /// The side has ended behind them; whether by FIN.
    pub close: Option<bool>,
    cost: usize,
    allowance: Allowance,
}

impl Withheld {
    /// Nothing of a side yet.
    pub fn new(side: Side, allowance: &Allowance) -> Self {
        let allowance = allowance.clone();
        Self { side, pieces: Vec::new(), close: None, cost: 0, allowance }
    }

    /// Takes what the side says next; `false` where it cannot be kept.
    pub fn hold(&mut self, input: Input<'_>) -> bool {
        match input {
            _ if self.close.is_some() => return false,
            Input::Bytes(bytes) => {
                let cost = bytes.len().saturating_add(size_of::<Box<[u8]>>());
                let own = self.cost.saturating_add(cost);
                let all = self.allowance.0.load(Ordering::Relaxed).saturating_add(cost);
                if own > MAX_WITHHELD || all > MAX_WITHHELD_TOTAL {
                    return false;
                }
                self.allowance.0.fetch_add(cost, Ordering::Relaxed);
                self.cost = own;
                self.pieces.push(bytes.into());
            }
            Input::Close { clean } => self.close = Some(clean),
            Input::Gap(_) => return false,
        }
        true
    }
}

impl Drop for Withheld {
    fn drop(&mut self) {
        self.allowance.0.fetch_sub(self.cost, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_withheld_than_the_bounds_and_all_of_it_is_given_back() {
        let allowance = Allowance::default();
        let piece = [0; 1000];
        let mut many = Vec::new();
        loop {
            let mut one = Withheld::new(Side::Client, &allowance);
            while one.hold(Input::Bytes(&piece)) {}
            assert!(one.cost <= MAX_WITHHELD);
            if one.pieces.is_empty() {
                break;
            }
            many.push(one);
        }
        let all = many.iter().map(|it| it.cost).sum::<usize>();
        assert!(all <= MAX_WITHHELD_TOTAL && all > MAX_WITHHELD_TOTAL - 2000, "{all}");
        assert_eq!(allowance.0.load(Ordering::Relaxed), all);
        drop(many);
        assert_eq!(allowance.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn nothing_follows_the_end_of_a_side() {
        let mut one = Withheld::new(Side::Server, &Allowance::default());
        assert!(one.hold(Input::Bytes(b"a")));
        assert!(!one.hold(Input::Gap(1)));
        assert!(one.hold(Input::Close { clean: true }));
        assert!(!one.hold(Input::Bytes(b"b")) && !one.hold(Input::Close { clean: true }));
        assert_eq!((one.pieces.len(), one.close), (1, Some(true)));
    }
}
