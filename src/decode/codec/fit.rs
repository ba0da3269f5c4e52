//! How well a layout explains a message, to choose among several.

use super::{Codec, Decoded};
use crate::decode::message::text;
use crate::decode::{FieldKind, Item};

/// How ill a layout fits a message: the least is the best, and equal ones leave a doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fit {
    /// There is an error.
    pub error: bool,
    /// Bytes are left over.
    pub trailing: bool,
    /// Character arrays that are not text.
    pub not_text: usize,
    /// As [`Decoded::loose`].
    pub loose: bool,
}

impl Codec {
    /// Judges what [`decode`](Self::decode) gave for these bytes.
    pub fn fit(&self, bytes: &[u8], decoded: &Decoded<'_>, items: &[Item]) -> Fit {
        let is_text = |item: &Item| {
            self.table()
                .nodes
                .get(item.node as usize)
                .is_some_and(|node| matches!(node.kind, FieldKind::Text))
        };
        Fit {
            error: decoded.error.is_some(),
            trailing: decoded.trailing > 0,
            not_text: items
                .iter()
                .filter(|item| is_text(item))
                .filter(|item| !is_readable(bytes.get(item.span()).unwrap_or_default()))
                .count(),
            loose: decoded.loose,
        }
    }
}

/// Text as a person would write it: no control characters but tabs and line ends.
fn is_readable(bytes: &[u8]) -> bool {
    text(bytes).is_some_and(|text| {
        text.chars().all(|it| !it.is_control() || matches!(it, '\t' | '\r' | '\n'))
    })
}
