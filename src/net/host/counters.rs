//! What the kernel counted of arriving packets: `/proc/net/snmp`, `/proc/net/snmp6` and
//! `/proc/net/netstat` (RFC 4293, RFC 4113, and what Linux adds). They are of the whole host, or of its
//! network namespace, and never of one socket.

use super::read;

/// Counts of both families together, but where one family alone has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// IPv4 packets whose header was wrong.
    pub header_errors: u64,
    /// IPv4 packets that the reverse-path filter dropped.
    pub reverse_path: u64,
    /// Packets that no route was known for.
    pub no_routes: u64,
    /// Datagrams to a host that has no socket at their port.
    pub no_ports: u64,
    /// Datagrams to everybody or to a group whose port no socket of this host has.
    pub ignored_groups: u64,
    /// Datagrams whose checksum was wrong.
    pub checksum_errors: u64,
    /// Datagrams that sockets had no room for.
    pub buffer_errors: u64,
    /// Packets whose fragments did not all come.
    pub reassembly_failures: u64,
}

/// Which key of which protocol adds to which count: of `snmp` and `netstat`, and of `snmp6`.
type Row = (&'static str, &'static str, &'static str, fn(&mut Counters) -> &mut u64);
const ROWS: [Row; 8] = [
    ("Ip", "InHdrErrors", "", |it| &mut it.header_errors),
    ("TcpExt", "IPReversePathFilter", "", |it| &mut it.reverse_path),
    ("IpExt", "InNoRoutes", "Ip6InNoRoutes", |it| &mut it.no_routes),
    ("Udp", "NoPorts", "Udp6NoPorts", |it| &mut it.no_ports),
    ("Udp", "IgnoredMulti", "Udp6IgnoredMulti", |it| &mut it.ignored_groups),
    ("Udp", "InCsumErrors", "Udp6InCsumErrors", |it| &mut it.checksum_errors),
    ("Udp", "RcvbufErrors", "Udp6RcvbufErrors", |it| &mut it.buffer_errors),
    ("Ip", "ReasmFails", "Ip6ReasmFails", |it| &mut it.reassembly_failures),
];

impl Counters {
    /// As they stand; what the kernel does not show is zero.
    pub fn now() -> Self {
        let mut counters = Self::default();
        for path in ["/proc/net/snmp", "/proc/net/netstat"] {
            counters.add(&read(path).unwrap_or_default());
        }
        counters.add_v6(&read("/proc/net/snmp6").unwrap_or_default());
        counters
    }

    /// What was counted since `before`.
    pub fn since(mut self, mut before: Self) -> Self {
        for (.., count) in ROWS {
            let then = *count(&mut before);
            let now = count(&mut self);
            *now = now.saturating_sub(then);
        }
        self
    }

    /// Lines in pairs: `Udp: InDatagrams NoPorts`, `Udp: 31 0`.
    fn add(&mut self, text: &str) {
        let mut lines = text.lines();
        while let (Some(keys), Some(values)) = (lines.next(), lines.next()) {
            let (Some((protocol, keys)), Some((_, values))) =
                (keys.split_once(':'), values.split_once(':'))
            else {
                continue;
            };
            for (key, value) in keys.split_whitespace().zip(values.split_whitespace()) {
                let row = ROWS.iter().find(|(of, it, ..)| *of == protocol && *it == key);
                self.add_one(row, value);
            }
        }
    }

    /// Lines of a key and a value.
    fn add_v6(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if let (Some(key), Some(value)) = (words.next(), words.next()) {
                self.add_one(ROWS.iter().find(|(_, _, it, _)| *it == key), value);
            }
        }
    }

    fn add_one(&mut self, row: Option<&Row>, value: &str) {
        if let (Some((.., count)), Ok(value)) = (row, value.parse::<u64>()) {
            let count = count(self);
            *count = count.saturating_add(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_by_their_keys() {
        let mut found = Counters::default();
        found.add(
            "Ip: Forwarding InHdrErrors ReasmFails
Ip: 2 7 3
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti
Udp: 31 5 0 32 11 0 13 17
UdpLite: InDatagrams NoPorts
UdpLite: 1 1
TcpExt: SyncookiesSent IPReversePathFilter
TcpExt: 1 19
IpExt: InNoRoutes InTruncatedPkts
IpExt: 23 x
Torn: 1",
        );
        found.add_v6("Ip6InNoRoutes \t2\nUdp6NoPorts 1\nUdp6InCsumErrors\nUdp6IgnoredMulti x\n");
        let expected = Counters {
            header_errors: 7,
            reverse_path: 19,
            no_routes: 25,
            no_ports: 6,
            ignored_groups: 17,
            checksum_errors: 13,
            buffer_errors: 11,
            reassembly_failures: 3,
        };
        assert_eq!(found, expected);
        let before = Counters { no_ports: 4, header_errors: 9, ..Counters::default() };
        assert_eq!(found.since(before), Counters { no_ports: 2, header_errors: 0, ..expected });
    }
}
