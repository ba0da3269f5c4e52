//! What an interface can do, and whether it does: netdevice(7), `SIOCGIFFLAGS`.

/// The flags of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InterfaceFlags(pub u32);

/// Those that are shown, in the order of ip-link(8) as far as it has one.
const NAMES: [(u32, &str); 9] = [
    (InterfaceFlags::LOOPBACK, "LOOPBACK"),
    (InterfaceFlags::BROADCAST, "BROADCAST"),
    (InterfaceFlags::POINTOPOINT, "POINTOPOINT"),
    (InterfaceFlags::MULTICAST, "MULTICAST"),
    (InterfaceFlags::PROMISC, "PROMISC"),
    (InterfaceFlags::ALLMULTI, "ALLMULTI"),
    (InterfaceFlags::UP, "UP"),
    (InterfaceFlags::RUNNING, "RUNNING"),
    (InterfaceFlags::LOWER_UP, "LOWER_UP"),
];

impl InterfaceFlags {
    const UP: u32 = 0x1;
    const BROADCAST: u32 = 0x2;
    const LOOPBACK: u32 = 0x8;
    const POINTOPOINT: u32 = 0x10;
    const RUNNING: u32 = 0x40;
    const PROMISC: u32 = 0x100;
    const ALLMULTI: u32 = 0x200;
    const MULTICAST: u32 = 0x1000;
    const LOWER_UP: u32 = 0x1_0000;

    /// Whether it is switched on.
    pub fn is_up(self) -> bool {
        self.has(Self::UP)
    }

    /// Whether it is connected, as far as its driver knows.
    pub fn is_running(self) -> bool {
        self.has(Self::RUNNING)
    }

    /// Whether it reaches everybody on its link.
    pub fn is_broadcast(self) -> bool {
        self.has(Self::BROADCAST)
    }

    /// Whether it carries what is for groups.
    pub fn is_multicast(self) -> bool {
        self.has(Self::MULTICAST)
    }

    /// The names of those that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().filter(move |(bit, _)| self.has(*bit)).map(|(_, name)| name)
    }

    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_have_the_kernels_names() {
        for (bits, names, is) in [
            (0x1_1043, "BROADCAST MULTICAST UP RUNNING LOWER_UP", [true, true]),
            (0x1_0049, "LOOPBACK UP RUNNING LOWER_UP", [true, true]),
            (0x1002, "BROADCAST MULTICAST", [false, false]),
            (0x91, "POINTOPOINT UP", [true, false]),
            (0, "", [false; 2]),
        ] {
            let flags = InterfaceFlags(bits);
            assert_eq!(flags.names().collect::<Vec<_>>().join(" "), names);
            assert_eq!([flags.is_up(), flags.is_running()], is);
        }
    }
}
