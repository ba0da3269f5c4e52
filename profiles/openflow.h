/*
 * OpenFlow 1.0: between a switch and its controller (OpenFlow Switch Specification 1.0.0, section 5).
 *
 * Integers are in network byte order.
 */
#ifndef PROFILES_OPENFLOW_H
#define PROFILES_OPENFLOW_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Section 5.1. */
enum ofp_type {
	HELLO,
	ERROR,
	ECHO_REQUEST,
	ECHO_REPLY,
	VENDOR,
	FEATURES_REQUEST,
	FEATURES_REPLY,
	GET_CONFIG_REQUEST,
	GET_CONFIG_REPLY,
	SET_CONFIG,
	PACKET_IN,
	FLOW_REMOVED,
	PORT_STATUS,
	PACKET_OUT,
	FLOW_MOD,
	PORT_MOD,
	STATS_REQUEST,
	STATS_REPLY,
	BARRIER_REQUEST,
	BARRIER_REPLY,
	QUEUE_GET_CONFIG_REQUEST,
	QUEUE_GET_CONFIG_REPLY
};

/* Section 5.2.1. */
enum ofp_port {
	IN_PORT = 0xfff8,
	TABLE = 0xfff9,
	NORMAL = 0xfffa,
	FLOOD = 0xfffb,
	ALL = 0xfffc,
	CONTROLLER = 0xfffd,
	LOCAL = 0xfffe,
	NONE = 0xffff
};

/* Section 5.2.1. */
enum ofp_port_config {
	PORT_DOWN = 0x01,
	NO_STP = 0x02,
	NO_RECV = 0x04,
	NO_RECV_STP = 0x08,
	NO_FLOOD = 0x10,
	NO_FWD = 0x20,
	NO_PACKET_IN = 0x40
};

/* Section 5.2.1. */
enum ofp_port_features {
	HALF_10MB = 0x001,
	FULL_10MB = 0x002,
	HALF_100MB = 0x004,
	FULL_100MB = 0x008,
	HALF_1GB = 0x010,
	FULL_1GB = 0x020,
	FULL_10GB = 0x040,
	COPPER = 0x080,
	FIBER = 0x100,
	AUTONEG = 0x200,
	PAUSE = 0x400,
	PAUSE_ASYM = 0x800
};

/* Section 5.3.1. */
enum ofp_capabilities {
	FLOW_STATS = 0x01,
	TABLE_STATS = 0x02,
	PORT_STATS = 0x04,
	STP = 0x08,
	RESERVED = 0x10,
	IP_REASM = 0x20,
	QUEUE_STATS = 0x40,
	ARP_MATCH_IP = 0x80
};

/* Section 5.2.4. */
enum ofp_action_type {
	OUTPUT,
	SET_VLAN_VID,
	SET_VLAN_PCP,
	STRIP_VLAN,
	SET_DL_SRC,
	SET_DL_DST,
	SET_NW_SRC,
	SET_NW_DST,
	SET_NW_TOS,
	SET_TP_SRC,
	SET_TP_DST,
	ENQUEUE,
	VENDOR_ACTION = 0xffff
};

/* Section 5.2.3: what a flow is not compared by; of addresses, how many of the last bits. */
enum ofp_wildcard {
	ANY_IN_PORT = 0x000001,
	ANY_DL_VLAN = 0x000002,
	ANY_DL_SRC = 0x000004,
	ANY_DL_DST = 0x000008,
	ANY_DL_TYPE = 0x000010,
	ANY_NW_PROTO = 0x000020,
	ANY_TP_SRC = 0x000040,
	ANY_TP_DST = 0x000080,
	NW_SRC_BITS = 0x003f00,
	NW_DST_BITS = 0x0fc000,
	ANY_DL_VLAN_PCP = 0x100000,
	ANY_NW_TOS = 0x200000
};

/* Section 5.3.3. */
enum ofp_command { ADD, MODIFY, MODIFY_STRICT, DELETE, DELETE_STRICT };
enum ofp_flow_flags { SEND_FLOW_REM = 1, CHECK_OVERLAP = 2, EMERG = 4 };

/* Section 5.4. */
enum ofp_packet_in_reason { NO_MATCH, ACTION };
enum ofp_flow_removed_reason { IDLE_TIMEOUT, HARD_TIMEOUT, DELETED };
enum ofp_port_reason { PORT_ADD, PORT_DELETE, PORT_MODIFY };
enum ofp_error_type {
	HELLO_FAILED,
	BAD_REQUEST,
	BAD_ACTION,
	FLOW_MOD_FAILED,
	PORT_MOD_FAILED,
	QUEUE_OP_FAILED
};

/* Section 5.3.5. */
enum ofp_stats_type { DESC, FLOW, AGGREGATE, TABLES, PORTS, QUEUES, VENDOR_STATS = 0xffff };

/* Any message: nothing is known of what is in it. */
struct openflow {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint8_t data[0];  /* wr: until = "end" */
} PACKED;

/* Sections 5.5.1, 5.3.7 and those that have nothing but the header. */
struct simple {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint8_t body[0];  /* wr: until = "end" */
} PACKED;

/* Section 5.4.4. */
struct error {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint16_t error_type; /* wr: enum = "ofp_error_type" */
	uint16_t error_code;
	uint8_t data[0];     /* wr: until = "end" */
} PACKED;

/* Section 5.5.4. */
struct vendor {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint32_t vendor_id;  /* wr: show = "hex" */
	uint8_t data[0];     /* wr: until = "end" */
} PACKED;

/* Section 5.2.1. */
struct ofp_phy_port {
	uint16_t port_no;         /* wr: enum = "ofp_port" */
	uint8_t hw_add[6];        /* wr: show = "mac" */
	char port_name[16];
	uint32_t port_config;     /* wr: flags = "ofp_port_config" */
	uint32_t port_state;      /* wr: flags = { LINK_DOWN = 0x01, "8..9" = "stp" } */
	uint32_t port_curr;       /* wr: flags = "ofp_port_features" */
	uint32_t port_advertised; /* wr: flags = "ofp_port_features" */
	uint32_t port_supported;  /* wr: flags = "ofp_port_features" */
	uint32_t port_peer;       /* wr: flags = "ofp_port_features" */
} PACKED;

/* Section 5.3.1. */
struct features_reply {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint64_t datapath_id;  /* wr: show = "hex" */
	uint32_t n_buffers;    /**< packets that it keeps at once */
	uint8_t n_tables;
	uint8_t pad[3];
	uint32_t capabilities; /* wr: flags = "ofp_capabilities" */
	uint32_t actions;      /**< a bit for each type of action */
	struct ofp_phy_port ports[0]; /* wr: until = "end" */
} PACKED;

/* Section 5.3.2. */
struct config {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint16_t config_flags;
	uint16_t miss_send_len; /**< bytes of a packet that the controller gets */
} PACKED;

/* Section 5.2.4: their length counts them whole. */
struct ofp_action {
	uint16_t action_typ;  /* wr: enum = "ofp_action_type" */
	uint16_t action_len;
	uint16_t output_port; /* wr: present = "action_typ == OUTPUT || action_typ == ENQUEUE", enum = "ofp_port" */
	uint16_t max_len;     /* wr: present = "action_typ == OUTPUT" */
	uint16_t vlan_vid;    /* wr: present = "action_typ == SET_VLAN_VID" */
	uint8_t vlan_pcp;     /* wr: present = "action_typ == SET_VLAN_PCP" */
	uint8_t dl_addr[6];   /* wr: present = "action_typ == SET_DL_SRC || action_typ == SET_DL_DST", show = "mac" */
	uint32_t nw_addr;     /* wr: present = "action_typ == SET_NW_SRC || action_typ == SET_NW_DST", show = "ipv4" */
	uint8_t nw_tos;       /* wr: present = "action_typ == SET_NW_TOS" */
	uint16_t tp_port;     /* wr: present = "action_typ == SET_TP_SRC || action_typ == SET_TP_DST" */
	uint8_t pad6[6];      /* wr: present = "action_typ == ENQUEUE" */
	uint32_t queue_id;    /* wr: present = "action_typ == ENQUEUE" */
	uint8_t padding[0];   /* wr: until = "end" */
} PACKED;

/* Section 5.4.1. */
struct packet_in {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint32_t buffer_id;  /* wr: show = "hex" */
	uint16_t total_len;  /**< bytes of the frame */
	uint16_t in_port;    /* wr: enum = "ofp_port" */
	uint8_t reason;      /* wr: enum = "ofp_packet_in_reason" */
	uint8_t pad;
	uint8_t frame[0];    /* wr: until = "end" */
} PACKED;

/* Section 5.3.6. */
struct packet_out {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint32_t buffer_id;  /* wr: show = "hex" */
	uint16_t in_port;    /* wr: enum = "ofp_port" */
	uint16_t actions_len; /**< bytes */
	struct ofp_action actions[0]; /* wr: bytes = "actions_len", length = "action_len" */
	uint8_t frame[0];    /* wr: until = "end" */
} PACKED;

/* Section 5.3.3. */
struct flow_mod {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint32_t wildcards;  /* wr: flags = "ofp_wildcard" */
	uint16_t in_port;    /* wr: enum = "ofp_port" */
	uint8_t eth_src[6];  /* wr: show = "mac" */
	uint8_t eth_dst[6];  /* wr: show = "mac" */
	uint16_t dl_vlan;    /**< 0xffff: without a tag */
	uint8_t dl_vlan_pcp;
	uint8_t pad;
	struct {
		uint16_t dl_type;     /* wr: show = "hex" */
		uint8_t tos;
		uint8_t nw_proto;
		uint8_t pad[2];
		uint32_t source_addr; /* wr: show = "ipv4" */
		uint32_t dest_addr;   /* wr: show = "ipv4" */
		uint16_t source_port;
		uint16_t dest_port;
	} PACKED ofp_match;
	uint64_t cookie;     /* wr: show = "hex" */
	uint16_t command;    /* wr: enum = "ofp_command" */
	uint16_t idle_timeout; /* wr: unit = "s" */
	uint16_t hard_timeout; /* wr: unit = "s" */
	uint16_t priority;
	uint32_t buffer_id;  /* wr: show = "hex" */
	uint16_t out_port;   /* wr: enum = "ofp_port" */
	uint16_t flags;      /* wr: flags = "ofp_flow_flags" */
	struct ofp_action actions[0]; /* wr: until = "end", length = "action_len" */
} PACKED;

/* Section 5.4.2. */
struct flow_removed {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint32_t wildcards;  /* wr: flags = "ofp_wildcard" */
	uint16_t in_port;    /* wr: enum = "ofp_port" */
	uint8_t eth_src[6];  /* wr: show = "mac" */
	uint8_t eth_dst[6];  /* wr: show = "mac" */
	uint16_t dl_vlan;    /**< 0xffff: without a tag */
	uint8_t dl_vlan_pcp;
	uint8_t pad;
	struct {
		uint16_t dl_type;     /* wr: show = "hex" */
		uint8_t tos;
		uint8_t nw_proto;
		uint8_t pad[2];
		uint32_t source_addr; /* wr: show = "ipv4" */
		uint32_t dest_addr;   /* wr: show = "ipv4" */
		uint16_t source_port;
		uint16_t dest_port;
	} PACKED ofp_match;
	uint64_t cookie;     /* wr: show = "hex" */
	uint16_t priority;
	uint8_t reason;      /* wr: enum = "ofp_flow_removed_reason" */
	uint8_t pad2;
	uint32_t duration_sec;  /* wr: unit = "s" */
	uint32_t duration_nsec; /* wr: unit = "ns" */
	uint16_t idle_timeout;  /* wr: unit = "s" */
	uint8_t pad3[2];
	uint64_t packet_count;
	uint64_t byte_count;
} PACKED;

/* Section 5.4.3. */
struct port_status {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint8_t reason;      /* wr: enum = "ofp_port_reason" */
	uint8_t pad[7];
	struct ofp_phy_port port;
} PACKED;

/* Section 5.3.4. */
struct port_mod {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	uint16_t port_no;         /* wr: enum = "ofp_port" */
	uint8_t hw_add[6];        /* wr: show = "mac" */
	uint32_t port_config;     /* wr: flags = "ofp_port_config" */
	uint32_t mask;            /* wr: flags = "ofp_port_config" */
	uint32_t port_advertised; /* wr: flags = "ofp_port_features" */
	uint8_t pad[4];
} PACKED;

/* Section 5.2.3. */
struct ofp_match {
	uint32_t wildcards;  /* wr: flags = "ofp_wildcard" */
	uint16_t in_port;    /* wr: enum = "ofp_port" */
	uint8_t eth_src[6];  /* wr: show = "mac" */
	uint8_t eth_dst[6];  /* wr: show = "mac" */
	uint16_t dl_vlan;    /**< 0xffff: without a tag */
	uint8_t dl_vlan_pcp;
	uint8_t pad;
	struct {
		uint16_t dl_type;     /* wr: show = "hex" */
		uint8_t tos;
		uint8_t nw_proto;
		uint8_t pad[2];
		uint32_t source_addr; /* wr: show = "ipv4" */
		uint32_t dest_addr;   /* wr: show = "ipv4" */
		uint16_t source_port;
		uint16_t dest_port;
	} PACKED ofp_match;
} PACKED;

/* Section 5.3.5: of flows, as a request says which. */
struct ofp_flow_stats_request {
	struct ofp_match match;
	uint8_t table_id;    /**< 0xff: all */
	uint8_t pad;
	uint16_t out_port;   /* wr: enum = "ofp_port" */
} PACKED;

struct ofp_port_stats_request {
	uint16_t port_no;    /* wr: enum = "ofp_port" */
	uint8_t pad[6];
} PACKED;

struct stats_request {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	struct {
		uint16_t type;   /* wr: enum = "ofp_stats_type" */
		uint16_t flags;
	} PACKED stats;
	union {
		struct ofp_flow_stats_request flow;
		struct ofp_port_stats_request port;
		uint8_t data[0]; /* wr: until = "end" */
	} PACKED; /* wr: tag = "stats.type", cases = { FLOW = "flow", AGGREGATE = "flow", PORTS = "port", default = "data" } */
} PACKED;

struct ofp_desc_stats {
	char mfr_desc[256];
	char hw_desc[256];
	char sw_desc[256];
	char serial_num[32];
	char dp_desc[256];
} PACKED;

struct ofp_flow_stats {
	uint16_t entry_len;  /**< bytes of all of it */
	uint8_t table_id;
	uint8_t pad;
	struct ofp_match match;
	uint32_t duration_sec;  /* wr: unit = "s" */
	uint32_t duration_nsec; /* wr: unit = "ns" */
	uint16_t priority;
	uint16_t idle_timeout;  /* wr: unit = "s" */
	uint16_t hard_timeout;  /* wr: unit = "s" */
	uint8_t pad2[6];
	uint64_t cookie;     /* wr: show = "hex" */
	uint64_t packet_count;
	uint64_t byte_count;
	struct ofp_action actions[0]; /* wr: until = "end", length = "action_len" */
} PACKED;

struct ofp_aggregate_stats {
	uint64_t packet_count;
	uint64_t byte_count;
	uint32_t flow_count;
	uint8_t pad[4];
} PACKED;

struct ofp_table_stats {
	uint8_t table_id;
	uint8_t pad[3];
	char name[32];
	uint32_t wildcards;  /* wr: flags = "ofp_wildcard" */
	uint32_t max_entries;
	uint32_t active_count;
	uint64_t lookup_count;
	uint64_t matched_count;
} PACKED;

struct ofp_port_stats {
	uint16_t port_no;    /* wr: enum = "ofp_port" */
	uint8_t pad[6];
	uint64_t rx_packets;
	uint64_t tx_packets;
	uint64_t rx_bytes;
	uint64_t tx_bytes;
	uint64_t rx_dropped;
	uint64_t tx_dropped;
	uint64_t rx_errors;
	uint64_t tx_errors;
	uint64_t rx_frame_err;
	uint64_t rx_over_err;
	uint64_t rx_crc_err;
	uint64_t collisions;
} PACKED;

struct stats_reply {
	uint8_t version;
	uint8_t type;     /* wr: enum = "ofp_type" */
	uint16_t length;  /**< bytes of the whole message */
	uint32_t xid;     /**< an answer has that of its request */
	struct {
		uint16_t type;   /* wr: enum = "ofp_stats_type" */
		uint16_t flags;  /* wr: flags = { MORE = 1 } */
	} PACKED stats;
	union {
		struct ofp_desc_stats desc;
		struct ofp_flow_stats flow[0];  /* wr: until = "end", length = "entry_len" */
		struct ofp_aggregate_stats aggregate;
		struct ofp_table_stats table[0]; /* wr: until = "end" */
		struct ofp_port_stats port[0];   /* wr: until = "end" */
		uint8_t data[0];                 /* wr: until = "end" */
	} PACKED; /* wr: tag = "stats.type", cases = { DESC = "desc", FLOW = "flow", AGGREGATE = "aggregate", TABLES = "table", PORTS = "port", default = "data" } */
} PACKED;

#endif
