//! What a frame begins with, numbered and named as in the LINKTYPE registry
//! (draft-ietf-opsawg-pcaplinktype).

use std::borrow::Cow;

use pcap_file::DataLink;

/// What a frame begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkType {
    /// BSD loopback: address family in the byte order of the capturing host (0).
    Null,
    /// IEEE 802.3 (1).
    Ethernet,
    /// An IPv4 or IPv6 header (101; 12 and 14 in old files).
    Raw,
    /// OpenBSD loopback: address family in network byte order (108).
    Loop,
    /// Linux cooked capture (113).
    LinuxSll,
    /// An IPv4 header (228).
    Ipv4,
    /// An IPv6 header (229).
    Ipv6,
    /// Linux cooked capture, version 2 (276).
    LinuxSll2,
    /// Any other, by its number.
    Other(u16),
}

impl LinkType {
    /// The number in the registry.
    pub fn number(self) -> u16 {
        match self {
            Self::Null => 0,
            Self::Ethernet => 1,
            Self::Raw => 101,
            Self::Loop => 108,
            Self::LinuxSll => 113,
            Self::Ipv4 => 228,
            Self::Ipv6 => 229,
            Self::LinuxSll2 => 276,
            Self::Other(number) => number,
        }
    }

    /// The name in the registry, without its `LINKTYPE_`; a number that has none is `LINKTYPE_n`.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Null => "NULL",
            Self::Ethernet => "ETHERNET",
            Self::Raw => "RAW",
            Self::Loop => "LOOP",
            Self::LinuxSll => "LINUX_SLL",
            Self::Ipv4 => "IPV4",
            Self::Ipv6 => "IPV6",
            Self::LinuxSll2 => "LINUX_SLL2",
            Self::Other(number) => return Cow::Owned(registered_name(number)),
        })
    }
}

impl LinkType {
    /// Its name and its number, as people are told of one that is not read: `USER0 (147)`; a number
    /// without a name alone.
    pub fn description(self) -> String {
        let (name, number) = (self.name(), self.number());
        if is_registered(number) { format!("{name} ({number})") } else { number.to_string() }
    }
}

impl From<u16> for LinkType {
    fn from(number: u16) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            // What BSD systems called DLT_RAW before it had a number of its own in files.
            12 | 14 | 101 => Self::Raw,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }
}

/// What the registry has renamed since pcap-file's list was made of it.
const RENAMED: [(u16, &str); 1] = [(195, "IEEE802_15_4_WITHFCS")];

/// pcap-file's list carries the registry's names as those of its variants.
fn registered_name(number: u16) -> String {
    if let Some((_, name)) = RENAMED.iter().find(|(renamed, _)| *renamed == number) {
        return (*name).to_owned();
    }
    match is_registered(number) {
        true => format!("{:?}", DataLink::from(u32::from(number))),
        false => format!("LINKTYPE_{number}"),
    }
}

fn is_registered(number: u16) -> bool {
    !matches!(DataLink::from(u32::from(number)), DataLink::Unknown(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_the_registrys() {
        for (number, link_type, name) in [
            (0, LinkType::Null, "NULL"),
            (1, LinkType::Ethernet, "ETHERNET"),
            (101, LinkType::Raw, "RAW"),
            (108, LinkType::Loop, "LOOP"),
            (113, LinkType::LinuxSll, "LINUX_SLL"),
            (228, LinkType::Ipv4, "IPV4"),
            (229, LinkType::Ipv6, "IPV6"),
            (276, LinkType::LinuxSll2, "LINUX_SLL2"),
            (105, LinkType::Other(105), "IEEE802_11"),
            (127, LinkType::Other(127), "IEEE802_11_RADIOTAP"),
            (147, LinkType::Other(147), "USER0"),
            (65_000, LinkType::Other(65_000), "LINKTYPE_65000"),
        ] {
            assert_eq!(LinkType::from(number), link_type);
            assert_eq!(link_type.number(), number);
            assert_eq!(link_type.name(), name);
        }
    }

    #[test]
    fn people_are_told_name_and_number() {
        for (number, description) in [
            (127, "IEEE802_11_RADIOTAP (127)"),
            (147, "USER0 (147)"),
            (195, "IEEE802_15_4_WITHFCS (195)"),
            (189, "USB_LINUX (189)"),
            (187, "BLUETOOTH_HCI_H4 (187)"),
            (9, "PPP (9)"),
            (65_000, "65000"),
        ] {
            assert_eq!(LinkType::from(number).description(), description);
        }
    }

    #[test]
    fn the_old_numbers_of_raw_are_raw() {
        assert_eq!(LinkType::from(12), LinkType::Raw);
        assert_eq!(LinkType::from(14), LinkType::Raw);
    }
}
