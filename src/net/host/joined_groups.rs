//! Groups that this host is a member of: `/proc/net/igmp` and `/proc/net/igmp6`.

use std::net::IpAddr;

use super::{read, v4_of_memory, v6_in_order};

/// A group that some socket, or the kernel itself, is a member of by an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedGroup {
    /// The interface's number.
    pub index: u32,
    /// The interface's name; that of IPv4 is cut at 10 characters by some kernels.
    pub interface: String,
    /// The group.
    pub group: IpAddr,
    /// How often it was joined.
    pub users: u32,
}

/// All of both families; `None` where the kernel shows neither.
pub fn joined_groups() -> Option<Vec<JoinedGroup>> {
    let v4 = read("/proc/net/igmp").map(|text| igmp(&text));
    let v6 = read("/proc/net/igmp6").map(|text| igmp6(&text));
    (v4.is_some() || v6.is_some()).then(|| v4.into_iter().chain(v6).flatten().collect())
}

/// A line of an interface, then a line for each group, which begins with a tabulator.
fn igmp(text: &str) -> Vec<JoinedGroup> {
    let mut found = Vec::new();
    let mut current = None;
    for line in text.lines().skip(1) {
        let mut words = line.split_whitespace();
        if !line.starts_with(['\t', ' ']) {
            let index = words.next().and_then(|it| it.parse().ok());
            let name = words.next().map(|it| it.trim_end_matches(':').to_owned());
            current = index.zip(name);
            continue;
        }
        let group = words.next().and_then(v4_of_memory);
        let users = words.next().and_then(|it| it.parse().ok());
        if let (Some((index, interface)), Some(group), Some(users)) = (&current, group, users) {
            let (index, interface) = (*index, interface.clone());
            found.push(JoinedGroup { index, interface, group: group.into(), users });
        }
    }
    found
}

/// `1    lo   ff020000000000000000000000000001     1 0000000C 0`
fn igmp6(text: &str) -> Vec<JoinedGroup> {
    let membership = |line: &str| {
        let mut words = line.split_whitespace();
        Some(JoinedGroup {
            index: words.next()?.parse().ok()?,
            interface: words.next()?.to_owned(),
            group: v6_in_order(words.next()?)?.into(),
            users: words.next()?.parse().ok()?,
        })
    };
    text.lines().filter_map(membership).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(all: &[JoinedGroup]) -> Vec<String> {
        all.iter()
            .map(|it| format!("{} {} {} {}", it.index, it.interface, it.group, it.users))
            .collect()
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn groups_are_told_by_interface() {
        let text = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
1\tlo        :     1      V3
\t\t\t\t010000E0     1 0:00000000\t\t0
4\teth0      :     2      V2
\t\t\t\t020202E0     3 0:00000000\t\t1
\t\t\t\tcut
\t\t\t\t010000E0     1 0:00000000\t\t0
";
        assert_eq!(
            told(&igmp(text)),
            ["1 lo 224.0.0.1 1", "4 eth0 224.2.2.2 3", "4 eth0 224.0.0.1 1"]
        );
    }

    #[test]
    fn groups_of_ipv6_are_told_by_interface() {
        let text = "\
1    lo              ff020000000000000000000000000001     1 0000000C 0
4    eth0            ff0200000000000000000001ff000002     2 00000004 0
4    eth0            ff02                                 2 00000004 0
";
        assert_eq!(told(&igmp6(text)), ["1 lo ff02::1 1", "4 eth0 ff02::1:ff00:2 2"]);
    }

    #[test]
    fn this_host_is_a_member_of_what_a_test_joins() {
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        let group = "239.77.66.55".parse().unwrap();
        socket.join_multicast_v4(&group, &"127.0.0.1".parse().unwrap()).unwrap();
        let all = joined_groups().unwrap();
        let ours = all.iter().find(|it| it.group == IpAddr::from(group)).unwrap();
        assert_eq!((&*ours.interface, ours.users), ("lo", 1));
    }
}
