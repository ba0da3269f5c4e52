//! What stands in for the system's own headers, where no `-I` leads to them: the types that headers
//! of protocols name, laid out as glibc and Linux have them on each ABI.
//!
//! All of it is there from the start, whether included or not; its macros do not count as defined
//! before the header that has them is included.

/// The folder of these files, as diagnostics show it.
pub(super) const BUILT_IN: &str = "<built-in>";

/// A file that stands in for headers of the system.
pub(super) struct StandIn {
    pub name: &'static str,
    /// The headers that include it stands for, as `#include` names them.
    pub headers: &'static [&'static str],
    pub text: &'static str,
}

/// In the order in which they need one another.
pub(super) const STAND_INS: [StandIn; 9] = [
    StandIn {
        name: "integers.h",
        headers: &[
            "stddef.h",
            "stdint.h",
            "inttypes.h",
            "limits.h",
            "cstdint",
            "cstddef",
            "climits",
            "stdlib.h",
        ],
        text: include_str!("integers.h"),
    },
    StandIn {
        name: "errors.h",
        headers: &["errno.h", "cerrno", "asm/errno.h", "linux/errno.h"],
        text: include_str!("errors.h"),
    },
    StandIn {
        name: "kernel.h",
        headers: &[
            "linux/types.h",
            "asm/types.h",
            "linux/stddef.h",
            "linux/list.h",
            "linux/compiler.h",
            "linux/kernel.h",
            "linux/bitops.h",
            "linux/const.h",
            "linux/version.h",
            "linux/posix_types.h",
            "asm/posix_types.h",
            "linux/netdevice.h",
        ],
        text: include_str!("kernel.h"),
    },
    StandIn {
        name: "times.h",
        headers: &[
            "time.h",
            "sys/time.h",
            "sys/times.h",
            "linux/time.h",
            "linux/time_types.h",
            "ctime",
        ],
        text: include_str!("times.h"),
    },
    StandIn {
        name: "files.h",
        headers: &[
            "stdio.h",
            "sys/types.h",
            "sys/select.h",
            "sys/ipc.h",
            "sys/msg.h",
            "termios.h",
            "dirent.h",
            "uuid/uuid.h",
            "sys/param.h",
            "linux/limits.h",
            "sys/ioctl.h",
            "netdb.h",
            "sys/utsname.h",
        ],
        text: include_str!("files.h"),
    },
    StandIn {
        name: "sockets.h",
        headers: &[
            "sys/socket.h",
            "netinet/in.h",
            "arpa/inet.h",
            "sys/un.h",
            "sys/uio.h",
            "net/if.h",
            "linux/if.h",
            "linux/in.h",
            "linux/in6.h",
            "linux/socket.h",
            "linux/netlink.h",
            "linux/if_packet.h",
            "netpacket/packet.h",
            "poll.h",
            "sys/poll.h",
            "sys/epoll.h",
        ],
        text: include_str!("sockets.h"),
    },
    StandIn {
        name: "packets.h",
        headers: &[
            "netinet/ip.h",
            "netinet/ip6.h",
            "netinet/tcp.h",
            "netinet/udp.h",
            "netinet/ip_icmp.h",
            "netinet/icmp6.h",
            "netinet/igmp.h",
            "netinet/if_ether.h",
            "netinet/ether.h",
            "net/ethernet.h",
            "net/if_arp.h",
            "linux/if_ether.h",
            "linux/if_arp.h",
            "linux/ip.h",
            "linux/ipv6.h",
            "linux/tcp.h",
            "linux/udp.h",
            "linux/icmp.h",
            "linux/icmpv6.h",
        ],
        text: include_str!("packets.h"),
    },
    StandIn {
        name: "threads.h",
        headers: &[
            "pthread.h",
            "semaphore.h",
            "signal.h",
            "sched.h",
            "threads.h",
            "bits/pthreadtypes.h",
        ],
        text: include_str!("threads.h"),
    },
    StandIn {
        name: "lists.h",
        headers: &["sys/queue.h", "sys/tree.h", "bsd/sys/queue.h", "bsd/sys/tree.h"],
        text: include_str!("lists.h"),
    },
];
