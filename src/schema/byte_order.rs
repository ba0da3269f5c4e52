//! Which byte of a number comes first.

/// Which byte of an integer comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Most significant first: network byte order.
    Big,
    /// Least significant first.
    Little,
}

impl ByteOrder {
    /// The one that it is not.
    pub const fn other(self) -> Self {
        match self {
            Self::Big => Self::Little,
            Self::Little => Self::Big,
        }
    }
}
