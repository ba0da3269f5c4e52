/*
 * GTP-U: packets of mobile users in tunnels between the nodes of a network (3GPP TS 29.281, section 5).
 *
 * Bit-fields stand from the highest bit on, as in the specification's figures: the profile's ABI is one
 * of a big-endian machine. Integers are in network byte order.
 */
#ifndef PROFILES_GTP_H
#define PROFILES_GTP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Table 6.1-1. */
enum gtp_message_type {
	ECHO_REQUEST = 1,
	ECHO_RESPONSE = 2,
	ERROR_INDICATION = 26,
	SUPPORTED_EXTENSION_HEADERS = 31,
	TUNNEL_STATUS = 253,
	END_MARKER = 254,
	T_PDU = 255
};

/* Figure 5.2.1-3. */
enum gtp_extension_type {
	NO_MORE = 0x00,
	LONG_PDCP_PDU_NUMBER = 0x03,
	SERVICE_CLASS_INDICATOR = 0x20,
	UDP_PORT = 0x40,
	RAN_CONTAINER = 0x81,
	XW_RAN_CONTAINER = 0x83,
	NR_RAN_CONTAINER = 0x84,
	PDU_SESSION_CONTAINER = 0x85,
	PDCP_PDU_NUMBER = 0xc0
};

/* Table 8.1-1: those below 128 have a length of their own. */
enum gtp_element_type {
	RECOVERY = 14,
	TEID_DATA = 16,
	GSN_ADDRESS = 133,
	EXTENSION_HEADER_TYPES = 141,
	PRIVATE_EXTENSION = 255
};

/* Section 5.2.2.1. */
struct gtp_udp_port {
	uint16_t udp_port;
} PACKED;

/* Section 5.2.2.2. */
struct gtp_pdcp {
	uint16_t pdcp_sn;
} PACKED;

/* Section 5.2.2.7, and 3GPP TS 38.415, section 5.5.2: downlink is type 0, uplink type 1. */
struct gtp_pdu_session {
	uint8_t pdu_type : 4;
	uint8_t spare : 4;
	uint8_t ppp : 1; /**< a paging policy is there; spare in uplink */
	uint8_t rqi : 1;
	uint8_t qos_flow_id : 6;
	uint8_t more[0]; /* wr: until = "end" */
} PACKED;

/* Section 5.2.1: what it holds depends on the type that stands before it. */
struct gtp_ext_hdr {
	uint8_t length; /**< in units of four bytes, all of it */
	union {
		struct gtp_udp_port port;
		struct gtp_pdcp pdcp;
		struct gtp_pdu_session pdu_session;
		uint8_t content[0]; /* wr: until = "end" */
	} PACKED; /* wr: bytes = "length * 4 - 2", tag = "next", cases = { UDP_PORT = "port", PDCP_PDU_NUMBER = "pdcp", PDU_SESSION_CONTAINER = "pdu_session", default = "content" } */
	uint8_t next_hdr; /* wr: enum = "gtp_extension_type" */
} PACKED;

/* One of those behind the first. */
struct gtp_more_ext_hdr {
	uint8_t length;
	uint8_t content[0]; /* wr: count = "length * 4 - 2" */
	uint8_t next_hdr;   /* wr: enum = "gtp_extension_type" */
} PACKED;

/* Section 8.4: of IPv4 or IPv6, as its length says. */
struct gtp_address {
	uint32_t gsn_ipv4;     /* wr: present = "length == 4", show = "ipv4" */
	uint8_t gsn_ipv6[16];  /* wr: present = "length == 16", show = "ipv6" */
} PACKED;

/* Section 8.6: its number is that of an enterprise, as IANA has them. */
struct gtp_private {
	uint16_t ext_id;
	uint8_t ext_val[0]; /* wr: until = "end" */
} PACKED;

/* Section 8.1. */
struct gtp_element {
	uint8_t type;    /* wr: enum = "gtp_element_type" */
	uint16_t length; /* wr: present = "type & 0x80" */
	union {
		uint8_t recovery;
		uint32_t teid_data;  /* wr: show = "hex" */
		struct gtp_address address;
		struct gtp_private private_ext;
		uint8_t content[0];  /* wr: until = "end" */
	} PACKED; /* wr: bytes = "(type == 14) + (type == 16) * 4 + length", tag = "type", cases = { RECOVERY = "recovery", TEID_DATA = "teid_data", GSN_ADDRESS = "address", PRIVATE_EXTENSION = "private_ext", default = "content" } */
} PACKED;

/* Section 7.2.3: this element counts its bytes in one byte. */
struct gtp_extension_list {
	uint8_t type; /* wr: enum = "gtp_element_type" */
	uint8_t num_ext_hdr_types;
	uint8_t ext_hdr_type[0]; /* wr: count = "num_ext_hdr_types" */
} PACKED;

/* Section 5.1. */
struct gtp {
	struct {
		uint8_t version : 3;
		uint8_t payload : 1;  /**< 1: GTP, 0: GTP' */
		uint8_t reserved : 1;
		uint8_t e : 1;        /**< extension headers follow */
		uint8_t s : 1;        /**< the sequence number counts */
		uint8_t pn : 1;       /**< the N-PDU number counts */
	} PACKED flags;
	uint8_t message;      /* wr: enum = "gtp_message_type" */
	uint16_t length;      /**< bytes behind the first eight */
	uint32_t teid;        /* wr: show = "hex" */
	uint16_t seq_number;  /* wr: present = "flags.e || flags.s || flags.pn" */
	uint8_t npdu_number;  /* wr: present = "flags.e || flags.s || flags.pn" */
	uint8_t next;         /* wr: present = "flags.e || flags.s || flags.pn", enum = "gtp_extension_type" */
	struct gtp_ext_hdr ext_hdr;              /* wr: present = "flags.e && next" */
	struct gtp_more_ext_hdr more_ext_hdr[0]; /* wr: present = "flags.e && next && ext_hdr.next_hdr", until = "next_hdr == 0" */
	union {
		struct gtp_element elements[0];  /* wr: until = "end" */
		struct gtp_extension_list extension_list;
		uint8_t tpdu[0];                 /* wr: until = "end" */
	} PACKED; /* wr: tag = "message", cases = { T_PDU = "tpdu", SUPPORTED_EXTENSION_HEADERS = "extension_list", default = "elements" } */
} PACKED;

#endif
