//! Byte orders as profiles and options name them.

use serde::Deserialize;

use crate::schema::ByteOrder;

/// `big`, `little`, or `host`: the order of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderName {
    /// Network byte order.
    Big,
    /// Least significant byte first.
    Little,
    /// The ABI's own.
    Host,
}

impl OrderName {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Big => "big",
            Self::Little => "little",
            Self::Host => "host",
        }
    }

    /// The order that it names, where the ABI's own is `host`.
    pub fn resolve(self, host: ByteOrder) -> ByteOrder {
        match self {
            Self::Big => ByteOrder::Big,
            Self::Little => ByteOrder::Little,
            Self::Host => host,
        }
    }
}
