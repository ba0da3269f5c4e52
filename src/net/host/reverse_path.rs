//! Whether packets are dropped that come by an interface which answers to their sender would not
//! leave by: `/proc/sys/net/ipv4/conf/NAME/rp_filter` (RFC 3704 sections 2.2 and 2.4). Of `all` and the
//! interface's own value the larger one holds.

use super::read;

/// How strictly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReversePath {
    /// Not at all.
    #[default]
    Off,
    /// The interface must be the best one to the sender.
    Strict,
    /// Some interface must lead to the sender.
    Loose,
}

impl ReversePath {
    /// That of an interface.
    pub fn of(interface: &str) -> Self {
        let value = |of: &str| {
            let is_a_name = !of.contains('/') && !of.starts_with('.');
            let path = format!("/proc/sys/net/ipv4/conf/{of}/rp_filter");
            is_a_name.then(|| read(&path)).flatten().map_or(Self::Off, |it| Self::from_value(&it))
        };
        value("all").max(value(interface))
    }

    fn from_value(text: &str) -> Self {
        match text.trim() {
            "1" => Self::Strict,
            "2" => Self::Loose,
            _ => Self::Off,
        }
    }

    /// Its value in the file.
    pub fn value(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::Strict => 1,
            Self::Loose => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        for (text, value) in [("0\n", 0), ("1\n", 1), ("2\n", 2), ("", 0), ("7", 0)] {
            assert_eq!(ReversePath::from_value(text).value(), value);
        }
        assert!(ReversePath::Loose > ReversePath::Strict, "the larger value holds");
    }
}
