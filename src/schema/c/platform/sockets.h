/* <sys/socket.h>, <netinet/in.h>, <sys/un.h>, <sys/uio.h>, <net/if.h>, <linux/netlink.h>, … */
#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46
#define IFNAMSIZ 16
#define IF_NAMESIZE 16
#define IFHWADDRLEN 6
#define UNIX_PATH_MAX 108
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define PF_UNSPEC 0
#define PF_UNIX 1
#define PF_LOCAL 1
#define PF_INET 2
#define PF_INET6 10
#define PF_NETLINK 16
#define PF_PACKET 17
#define PF_CAN 29
#define PF_BLUETOOTH 31
#define AF_LOCAL 1
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_CAN 29
#define AF_BLUETOOTH 31
#define AF_VSOCK 40
#define IPPROTO_IP 0
#define IPPROTO_ICMP 1
#define IPPROTO_IGMP 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132
#define IPPROTO_RAW 255
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5
#define SOMAXCONN 4096
#define IPVERSION 4

struct in_addr { in_addr_t s_addr; };
/* Its addresses are also read as words, and so it lies like them. */
struct in6_addr { uint8_t s6_addr[16]; } __attribute__((aligned(4)));
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
	unsigned char sin_zero[8];
};
struct sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};
struct sockaddr_storage {
	sa_family_t ss_family;
	char __ss_padding[128 - sizeof(sa_family_t) - sizeof(unsigned long)];
	unsigned long __ss_align;
};
struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; };
struct sockaddr_nl {
	sa_family_t nl_family;
	unsigned short nl_pad;
	uint32_t nl_pid;
	uint32_t nl_groups;
};
struct sockaddr_ll {
	unsigned short sll_family;
	__be16 sll_protocol;
	int sll_ifindex;
	unsigned short sll_hatype;
	unsigned char sll_pkttype;
	unsigned char sll_halen;
	unsigned char sll_addr[8];
};
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	size_t msg_iovlen;
	void *msg_control;
	size_t msg_controllen;
	int msg_flags;
};
struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; unsigned char __cmsg_data[]; };
struct linger { int l_onoff; int l_linger; };
struct ucred { pid_t pid; uid_t uid; gid_t gid; };
struct ip_mreq { struct in_addr imr_multiaddr; struct in_addr imr_interface; };
struct ip_mreqn {
	struct in_addr imr_multiaddr;
	struct in_addr imr_address;
	int imr_ifindex;
};
struct ip_mreq_source {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
	struct in_addr imr_sourceaddr;
};
struct ipv6_mreq { struct in6_addr ipv6mr_multiaddr; unsigned int ipv6mr_interface; };
struct in_pktinfo { int ipi_ifindex; struct in_addr ipi_spec_dst; struct in_addr ipi_addr; };
struct in6_pktinfo { struct in6_addr ipi6_addr; unsigned int ipi6_ifindex; };
struct ifmap {
	unsigned long mem_start;
	unsigned long mem_end;
	unsigned short base_addr;
	unsigned char irq;
	unsigned char dma;
	unsigned char port;
};
struct ifreq {
	char ifr_name[16];
	union {
		struct sockaddr ifr_addr;
		struct sockaddr ifr_hwaddr;
		short ifr_flags;
		int ifr_ifindex;
		struct ifmap ifr_map;
		char ifr_newname[16];
		char *ifr_data;
	};
};
struct pollfd { int fd; short events; short revents; };
typedef union { void *ptr; int fd; uint32_t u32; uint64_t u64; } epoll_data_t;
#ifdef __x86_64__
struct epoll_event { uint32_t events; epoll_data_t data; } __attribute__((packed));
#else
struct epoll_event { uint32_t events; epoll_data_t data; };
#endif
struct nlmsghdr {
	uint32_t nlmsg_len;
	uint16_t nlmsg_type;
	uint16_t nlmsg_flags;
	uint32_t nlmsg_seq;
	uint32_t nlmsg_pid;
};
struct nlattr { uint16_t nla_len; uint16_t nla_type; };
