/* <netinet/ip.h>, <netinet/udp.h>, <net/ethernet.h>, <linux/if_ether.h>, <net/if_arp.h>, … */
#define ETH_ALEN 6
#define ETHER_ADDR_LEN 6
#define ETH_HLEN 14
#define ETH_DATA_LEN 1500
#define ETH_FRAME_LEN 1514

struct ether_addr { uint8_t ether_addr_octet[6]; } __attribute__((packed));
struct ether_header {
	uint8_t ether_dhost[6];
	uint8_t ether_shost[6];
	uint16_t ether_type;
} __attribute__((packed));
struct ethhdr {
	unsigned char h_dest[6];
	unsigned char h_source[6];
	__be16 h_proto;
} __attribute__((packed));
struct arphdr {
	unsigned short ar_hrd;
	unsigned short ar_pro;
	unsigned char ar_hln;
	unsigned char ar_pln;
	unsigned short ar_op;
};
struct ether_arp {
	struct arphdr ea_hdr;
	uint8_t arp_sha[6];
	uint8_t arp_spa[4];
	uint8_t arp_tha[6];
	uint8_t arp_tpa[4];
};
struct iphdr {
#if __BYTE_ORDER == __LITTLE_ENDIAN
	unsigned int ihl : 4;
	unsigned int version : 4;
#else
	unsigned int version : 4;
	unsigned int ihl : 4;
#endif
	uint8_t tos;
	uint16_t tot_len;
	uint16_t id;
	uint16_t frag_off;
	uint8_t ttl;
	uint8_t protocol;
	uint16_t check;
	uint32_t saddr;
	uint32_t daddr;
};
struct ip {
#if __BYTE_ORDER == __LITTLE_ENDIAN
	unsigned int ip_hl : 4;
	unsigned int ip_v : 4;
#else
	unsigned int ip_v : 4;
	unsigned int ip_hl : 4;
#endif
	uint8_t ip_tos;
	unsigned short ip_len;
	unsigned short ip_id;
	unsigned short ip_off;
	uint8_t ip_ttl;
	uint8_t ip_p;
	unsigned short ip_sum;
	struct in_addr ip_src, ip_dst;
};
struct ip6_hdr {
	uint32_t ip6_flow;
	uint16_t ip6_plen;
	uint8_t ip6_nxt;
	uint8_t ip6_hlim;
	struct in6_addr ip6_src;
	struct in6_addr ip6_dst;
};
struct ipv6hdr {
#if __BYTE_ORDER == __LITTLE_ENDIAN
	uint8_t priority : 4, version : 4;
#else
	uint8_t version : 4, priority : 4;
#endif
	uint8_t flow_lbl[3];
	__be16 payload_len;
	uint8_t nexthdr;
	uint8_t hop_limit;
	struct in6_addr saddr;
	struct in6_addr daddr;
};
struct tcphdr {
	uint16_t source;
	uint16_t dest;
	uint32_t seq;
	uint32_t ack_seq;
#if __BYTE_ORDER == __LITTLE_ENDIAN
	uint16_t res1 : 4;
	uint16_t doff : 4;
	uint16_t fin : 1;
	uint16_t syn : 1;
	uint16_t rst : 1;
	uint16_t psh : 1;
	uint16_t ack : 1;
	uint16_t urg : 1;
	uint16_t res2 : 2;
#else
	uint16_t doff : 4;
	uint16_t res1 : 4;
	uint16_t res2 : 2;
	uint16_t urg : 1;
	uint16_t ack : 1;
	uint16_t psh : 1;
	uint16_t rst : 1;
	uint16_t syn : 1;
	uint16_t fin : 1;
#endif
	uint16_t window;
	uint16_t check;
	uint16_t urg_ptr;
};
struct udphdr { uint16_t source; uint16_t dest; uint16_t len; uint16_t check; };
struct icmphdr {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	union {
		struct { uint16_t id; uint16_t sequence; } echo;
		uint32_t gateway;
		struct { uint16_t __glibc_reserved; uint16_t mtu; } frag;
	} un;
};
struct icmp6_hdr {
	uint8_t icmp6_type;
	uint8_t icmp6_code;
	uint16_t icmp6_cksum;
	union {
		uint32_t icmp6_un_data32[1];
		uint16_t icmp6_un_data16[2];
		uint8_t icmp6_un_data8[4];
	} icmp6_dataun;
};
struct igmp {
	uint8_t igmp_type;
	uint8_t igmp_code;
	uint16_t igmp_cksum;
	struct in_addr igmp_group;
};
