//! Senders that interfaces admit to groups, or keep out: `/proc/net/mcfilter` and
//! `/proc/net/mcfilter6`. They show all sockets of an interface together (RFC 3376 section 3.2).

use std::net::{IpAddr, Ipv4Addr};

use super::{read, v6_in_order};

/// How many sockets admit a source to a group by an interface, and how many keep it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFilter {
    /// The interface's number.
    pub index: u32,
    /// The group.
    pub group: IpAddr,
    /// The sender.
    pub source: IpAddr,
    /// Sockets that admit it.
    pub admitting: u32,
    /// Sockets that keep it out.
    pub excluding: u32,
}

/// All of both families.
pub fn source_filters() -> Vec<SourceFilter> {
    let files =
        [("/proc/net/mcfilter", v4 as fn(&str) -> Option<IpAddr>), ("/proc/net/mcfilter6", v6)];
    files
        .into_iter()
        .flat_map(|(path, address)| parse(&read(path).unwrap_or_default(), address))
        .collect()
}

/// `  4      eth0 0xe0020202 0x0a090002      1      0`
fn parse(text: &str, address: fn(&str) -> Option<IpAddr>) -> Vec<SourceFilter> {
    let filter = |line: &str| {
        let mut words = line.split_whitespace();
        let index = words.next()?.parse().ok()?;
        let mut addresses = words.by_ref().skip(1).map(address);
        let (group, source) = (addresses.next()??, addresses.next()??);
        let mut counts = words.map(|it| it.parse().ok());
        let (admitting, excluding) = (counts.next()??, counts.next()??);
        Some(SourceFilter { index, group, source, admitting, excluding })
    };
    text.lines().filter_map(filter).collect()
}

/// The number that the address is, not the word in memory.
fn v4(text: &str) -> Option<IpAddr> {
    let number = u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()?;
    Some(Ipv4Addr::from(number).into())
}

fn v6(text: &str) -> Option<IpAddr> {
    v6_in_order(text).map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_by_group() {
        let text = "\
Idx Device        MCA        SRC    INC    EXC
  4   eth0 0xe0020202 0x0a090002      1      0
  4   eth0 0xe0020202 0x0a09
";
        let found = parse(text, v4);
        let (group, source) = ("224.2.2.2".parse().unwrap(), "10.9.0.2".parse().unwrap());
        assert_eq!(found, [SourceFilter { index: 4, group, source, admitting: 1, excluding: 0 }]);
        let text = "\
Idx                Device Multicast Address Source Address    INC    EXC
  3   eth0 ff050000000000000000000000000007 fd000000000000000000000000000002      0      2
";
        let found = parse(text, v6);
        let (group, source) = ("ff05::7".parse().unwrap(), "fd00::2".parse().unwrap());
        assert_eq!(found, [SourceFilter { index: 3, group, source, admitting: 0, excluding: 2 }]);
    }
}
