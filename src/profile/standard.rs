//! The protocols that need no header: programs that nobody here wrote speak them, and a decoder of
//! each is part of the library.
//!
//! Each is one row here, one row of the readers of streams (`decode/standard.rs`), and a folder of
//! its own.

/// A protocol that needs no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// RFC 9112, and HTTP/0.9.
    Http,
    /// Redis's protocol.
    Resp,
    /// Commands and replies in lines of text.
    Lines,
}

impl Standard {
    /// All of them, in the order in which each has its place in the list of protocols.
    pub const ALL: [Self; 3] = [Self::Http, Self::Resp, Self::Lines];

    /// What rules and output call it.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The one that rules call so.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Why no datagram carries it.
    pub(super) fn needs_stream(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Http => ("http", "http runs over TCP: the rule begins with tcp"),
            Self::Resp => ("resp", "resp runs over TCP: the rule begins with tcp"),
            Self::Lines => ("lines", "lines are read from a stream: the rule begins with tcp"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_where_its_number_says_and_has_a_name_of_its_own() {
        for (index, standard) in Standard::ALL.into_iter().enumerate() {
            assert_eq!(standard as usize, index);
            assert_eq!(Standard::by_name(standard.name()), Some(standard));
        }
    }
}
