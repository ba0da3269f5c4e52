/*
 * BGP-4: routes between networks (RFC 4271, section 4), with capabilities (RFC 5492), route refresh (RFC
 * 2918), communities (RFC 1997, RFC 8092) and other address families (RFC 4760).
 *
 * Bit-fields stand from the highest bit on: the profile's ABI is one of a big-endian machine. Integers
 * are in network byte order. The numbers of an AS_PATH are taken to be of four bytes (RFC 6793), and
 * routes to have no identifiers (RFC 7911): what two peers agreed on only their OPEN messages say.
 */
#ifndef PROFILES_BGP_H
#define PROFILES_BGP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Section 4.1. */
enum bgp_type { OPEN = 1, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH };

/* IANA, "Capability Codes". */
enum bgp_capability {
	MULTIPROTOCOL = 1,
	CAP_ROUTE_REFRESH = 2,
	EXTENDED_NEXT_HOP = 5,
	EXTENDED_MESSAGE = 6,
	ROLE = 9,
	GRACEFUL_RESTART = 64,
	FOUR_OCTET_AS = 65,
	ADD_PATH = 69,
	ENHANCED_ROUTE_REFRESH = 70,
	LONG_LIVED_GRACEFUL_RESTART = 71,
	FQDN = 73
};

/* IANA, "BGP Path Attributes". */
enum bgp_attribute {
	ORIGIN = 1,
	AS_PATH = 2,
	NEXT_HOP = 3,
	MULTI_EXIT_DISC = 4,
	LOCAL_PREF = 5,
	ATOMIC_AGGREGATE = 6,
	AGGREGATOR = 7,
	COMMUNITIES = 8,
	ORIGINATOR_ID = 9,
	CLUSTER_LIST = 10,
	MP_REACH_NLRI = 14,
	MP_UNREACH_NLRI = 15,
	EXTENDED_COMMUNITIES = 16,
	AS4_PATH = 17,
	AS4_AGGREGATOR = 18,
	LARGE_COMMUNITY = 32
};

/* Section 4.3. */
enum bgp_origin { IGP, EGP, INCOMPLETE };
enum bgp_segment { AS_SET = 1, AS_SEQUENCE, AS_CONFED_SEQUENCE, AS_CONFED_SET };
enum bgp_attribute_flag { OPTIONAL = 0x80, TRANSITIVE = 0x40, PARTIAL = 0x20, EXTENDED_LENGTH = 0x10 };

/* Section 4.5, and RFC 5492, RFC 7313. */
enum bgp_error {
	MESSAGE_HEADER_ERROR = 1,
	OPEN_MESSAGE_ERROR,
	UPDATE_MESSAGE_ERROR,
	HOLD_TIMER_EXPIRED,
	FINITE_STATE_MACHINE_ERROR,
	CEASE,
	ROUTE_REFRESH_MESSAGE_ERROR
};

/* IANA, "Address Family Numbers" and "SAFI Values". */
enum bgp_afi { IPV4 = 1, IPV6 = 2, L2VPN = 25 };
enum bgp_safi { UNICAST = 1, MULTICAST = 2, LABELED = 4, EVPN = 70, VPN = 128 };

/* Section 4.3: as many bytes as its bits need. */
struct bgp_prefix {
	uint8_t prefix_length; /* wr: unit = "bits" */
	uint8_t prefix[0];     /* wr: count = "(prefix_length + 7) / 8" */
} PACKED;

/* RFC 4760, section 8. */
struct bgp_cap_mp {
	uint16_t afi; /* wr: enum = "bgp_afi" */
	uint8_t reserved;
	uint8_t safi; /* wr: enum = "bgp_safi" */
} PACKED;

/* RFC 4724, section 3. */
struct bgp_cap_gr_family {
	uint16_t afi; /* wr: enum = "bgp_afi" */
	uint8_t safi; /* wr: enum = "bgp_safi" */
	uint8_t flag; /* wr: flags = { pfs = 0x80 } */
} PACKED;

struct bgp_cap_gr {
	uint16_t restart_flag : 1;
	uint16_t notification_flag : 1;
	uint16_t reserved : 2;
	uint16_t restart_time : 12; /**< seconds */
	struct bgp_cap_gr_family families[0]; /* wr: until = "end" */
} PACKED;

/* RFC 7911, section 4. */
struct bgp_cap_ap {
	uint16_t afi; /* wr: enum = "bgp_afi" */
	uint8_t safi; /* wr: enum = "bgp_safi" */
	uint8_t sendreceive; /**< 1: receives, 2: sends, 3: both */
} PACKED;

/* draft-walton-bgp-hostname-capability-02. */
struct bgp_cap_fqdn {
	uint8_t hostname_len;
	char hostname[0];    /* wr: count = "hostname_len" */
	uint8_t domain_name_len;
	char domain_name[0]; /* wr: count = "domain_name_len" */
} PACKED;

/* RFC 5492, section 4. */
struct bgp_cap {
	uint8_t type;     /* wr: enum = "bgp_capability" */
	uint8_t length;
	union {
		struct bgp_cap_mp mp;
		struct bgp_cap_gr gr;
		uint32_t as4;
		struct bgp_cap_ap ap[0]; /* wr: until = "end" */
		struct bgp_cap_fqdn fqdn;
		uint8_t role;
		uint8_t unknown[0]; /* wr: until = "end" */
	} PACKED; /* wr: bytes = "length", tag = "type", cases = { MULTIPROTOCOL = "mp", GRACEFUL_RESTART = "gr", FOUR_OCTET_AS = "as4", ADD_PATH = "ap", FQDN = "fqdn", ROLE = "role", CAP_ROUTE_REFRESH = "none", EXTENDED_MESSAGE = "none", ENHANCED_ROUTE_REFRESH = "none", default = "unknown" } */
} PACKED;

/* Section 4.2, RFC 5492: parameters are lists of capabilities. */
struct bgp_parameter {
	uint8_t type;     /**< 2: capabilities */
	uint8_t len;
	union {
		struct bgp_cap cap[0];  /* wr: until = "end" */
		uint8_t unknown[0];     /* wr: until = "end" */
	} PACKED; /* wr: bytes = "len", tag = "type", cases = { 2 = "cap", default = "unknown" } */
} PACKED;

struct bgp_open {
	uint8_t version;
	uint16_t myas;       /**< 23456: it takes four bytes, and stands among the capabilities */
	uint16_t holdtime;   /* wr: unit = "s" */
	uint32_t identifier; /* wr: show = "ipv4" */
	struct {
		uint8_t len;     /**< bytes of the parameters */
		struct bgp_parameter params[0]; /* wr: bytes = "len" */
	} PACKED opt;
} PACKED;

struct bgp_as_path_segment {
	uint8_t type;     /* wr: enum = "bgp_segment" */
	uint8_t length;   /**< numbers */
	uint32_t as4[0];  /* wr: count = "length" */
} PACKED;

struct bgp_aggregator {
	uint32_t aggregator_as;
	uint32_t aggregator_origin; /* wr: show = "ipv4" */
} PACKED;

/* RFC 1997. */
struct bgp_community {
	uint16_t community_as;
	uint16_t community_value;
} PACKED;

/* RFC 8092. */
struct bgp_large_community {
	uint32_t ga;
	uint32_t ldp1;
	uint32_t ldp2;
} PACKED;

/* RFC 4760, section 3. */
struct bgp_mp_reach {
	uint16_t afi;     /* wr: enum = "bgp_afi" */
	uint8_t safi;     /* wr: enum = "bgp_safi" */
	uint8_t next_hop_len;
	struct {
		uint32_t ipv4;          /* wr: present = "afi == IPV4 && next_hop_len == 4", show = "ipv4" */
		uint8_t ipv6[16];       /* wr: present = "afi == IPV6 && safi == UNICAST && next_hop_len >= 16", show = "ipv6" */
		uint8_t link_local[16]; /* wr: present = "afi == IPV6 && safi == UNICAST && next_hop_len == 32", show = "ipv6" */
		uint8_t other[0];       /* wr: until = "end" */
	} PACKED next_hop;   /* wr: bytes = "next_hop_len" */
	uint8_t reserved;
	struct bgp_prefix nlri[0]; /* wr: until = "end", present = "safi == UNICAST" */
	uint8_t other_nlri[0];     /* wr: until = "end" */
} PACKED;

/* RFC 4760, section 4. */
struct bgp_mp_unreach {
	uint16_t afi;     /* wr: enum = "bgp_afi" */
	uint8_t safi;     /* wr: enum = "bgp_safi" */
	struct bgp_prefix nlri[0]; /* wr: until = "end", present = "safi == UNICAST" */
	uint8_t other_nlri[0];     /* wr: until = "end" */
} PACKED;

/* Section 4.3: the length takes two bytes where the flags say so. */
struct bgp_path_attribute {
	uint8_t flags;      /* wr: flags = "bgp_attribute_flag" */
	uint8_t type_code;  /* wr: enum = "bgp_attribute" */
	uint8_t length;     /* wr: present = "!(flags & EXTENDED_LENGTH)" */
	uint16_t length16;  /* wr: present = "flags & EXTENDED_LENGTH" */
	union {
		uint8_t origin;          /* wr: enum = "bgp_origin" */
		struct bgp_as_path_segment as_path_segment[0];    /* wr: until = "end" */
		uint32_t next_hop;       /* wr: show = "ipv4" */
		uint32_t multi_exit_disc;
		uint32_t local_pref;
		struct bgp_aggregator aggregator;
		struct bgp_community communities[0];         /* wr: until = "end" */
		uint32_t originator_id;  /* wr: show = "ipv4" */
		uint32_t cluster_list[0]; /* wr: until = "end", show = "ipv4" */
		struct bgp_mp_reach mp_reach_nlri;
		struct bgp_mp_unreach mp_unreach_nlri;
		struct bgp_large_community large_communities[0]; /* wr: until = "end" */
		uint8_t unknown[0];      /* wr: until = "end" */
	} PACKED; /* wr: bytes = "length + length16", tag = "type_code", cases = { ORIGIN = "origin", AS_PATH = "as_path_segment", AS4_PATH = "as_path_segment", NEXT_HOP = "next_hop", MULTI_EXIT_DISC = "multi_exit_disc", LOCAL_PREF = "local_pref", ATOMIC_AGGREGATE = "none", AGGREGATOR = "aggregator", AS4_AGGREGATOR = "aggregator", COMMUNITIES = "communities", ORIGINATOR_ID = "originator_id", CLUSTER_LIST = "cluster_list", MP_REACH_NLRI = "mp_reach_nlri", MP_UNREACH_NLRI = "mp_unreach_nlri", LARGE_COMMUNITY = "large_communities", default = "unknown" } */
} PACKED;

/* Section 4.3. */
struct bgp_update {
	struct {
		uint16_t length; /**< bytes */
	} PACKED withdrawn_routes;
	struct bgp_prefix withdrawn[0]; /* wr: bytes = "withdrawn_routes.length" */
	struct {
		uint16_t length; /**< bytes */
	} PACKED path_attributes;
	struct bgp_path_attribute path_attribute[0]; /* wr: bytes = "path_attributes.length" */
	struct bgp_prefix nlri[0];      /* wr: until = "end" */
} PACKED;

/* Section 4.5. */
struct bgp_notify {
	uint8_t major_error; /* wr: enum = "bgp_error" */
	uint8_t minor_error;
	uint8_t minor_data[0]; /* wr: until = "end" */
} PACKED;

/* RFC 2918, section 3, RFC 7313, section 3.2. */
struct bgp_route_refresh {
	uint16_t afi;        /* wr: enum = "bgp_afi" */
	uint8_t subtype;     /**< 0: asks, 1: begins, 2: ends */
	uint8_t safi;        /* wr: enum = "bgp_safi" */
	uint8_t orf[0];      /* wr: until = "end" */
} PACKED;

/* Section 4.1. */
struct bgp {
	uint8_t marker[16];
	uint16_t length;     /**< bytes of the whole message */
	uint8_t type;        /* wr: enum = "bgp_type" */
	union {
		struct bgp_open open;
		struct bgp_update update;
		struct bgp_notify notify;
		struct bgp_route_refresh route_refresh;
	} PACKED;
} PACKED;

#endif
