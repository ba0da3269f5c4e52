/*
 * sFlow version 5 (sflow.org, "sFlow Version 5", July 2004): samples of frames and counters of
 * interfaces, as an agent in a switch sends them. All is of 32 bits, as XDR (RFC 4506) has it.
 *
 * A type of samples or records is 20 bits of an enterprise and 12 of a format; those of sflow.org, whose
 * enterprise is 0, are declared here. Arrays of one element are as long as the comment behind them or
 * the profile says.
 */
#ifndef PROFILE_SFLOW_H
#define PROFILE_SFLOW_H

#include <netinet/in.h>
#include <stdint.h>

enum sflow_address_type { UNKNOWN, IPV4, IPV6 };

enum sflow_sample_type { FLOW_SAMPLE = 1, COUNTERS_SAMPLE, EXPANDED_FLOW_SAMPLE, EXPANDED_COUNTERS_SAMPLE };

enum sflow_flow_format {
    RAW_HEADER = 1, ETHERNET_FRAME, IPV4_PACKET, IPV6_PACKET,
    EXTENDED_SWITCH = 1001, EXTENDED_ROUTER, EXTENDED_GATEWAY, EXTENDED_USER, EXTENDED_URL
};

enum sflow_counters_format {
    INTERFACE = 1, ETHERNET_INTERFACE, TOKEN_RING, BASE_VG, VLAN, PROCESSOR = 1001
};

enum sflow_header_protocol { ETHERNET = 1, TOKEN_BUS, TOKEN_RING_HEADER, FDDI, FRAME_RELAY, X25, PPP };

/* --- records of a frame ---------------------------------------------------------------------- */

struct sflow_raw_header {
    uint32_t header_protocol;               /* wr: enum = "sflow_header_protocol" */
    uint32_t frame_length;                  /* bytes on the wire */
    uint32_t payload_stripped;              /* bytes of its end that were taken off before */
    uint32_t sampled_header_length;         /* bytes */
    uint8_t header[1];                      /* wr: bytes = "sampled_header_length" */
    /* up to a multiple of 4 */
    uint8_t padding[3];                     /* wr: bytes = "-sampled_header_length & 3" */
} __attribute__((packed));

struct sflow_ethernet {
    uint32_t length;                        /* bytes, without preamble and check sequence */
    uint8_t source_mac_address[6];          /* wr: show = "mac" */
    uint16_t padding;
    uint8_t destination_mac_address[6];     /* wr: show = "mac" */
    uint16_t padding_2;
    uint32_t packet_type;
} __attribute__((packed));

struct sflow_ipv4 {
    uint32_t length;                        /* bytes of the packet */
    uint32_t ip_protocol;
    struct in_addr ipv4_src;
    struct in_addr ipv4_dst;
    uint32_t source_port;
    uint32_t destination_port;
    uint32_t tcp_flags;
    uint32_t tos;
} __attribute__((packed));

struct sflow_ipv6 {
    uint32_t length;
    uint32_t ip_protocol;
    struct in6_addr ipv6_src;
    struct in6_addr ipv6_dst;
    uint32_t source_port;
    uint32_t destination_port;
    uint32_t tcp_flags;
    uint32_t ipv6_priority;
} __attribute__((packed));

struct sflow_vlan_and_priority {
    uint32_t vlan;
    uint32_t pri;
} __attribute__((packed));

struct sflow_switch {
    struct sflow_vlan_and_priority in;
    struct sflow_vlan_and_priority out;
} __attribute__((packed));

struct sflow_router {
    uint32_t address_type;                  /* wr: enum = "sflow_address_type" */
    struct in_addr nexthop;                 /* wr: present = "address_type == 1" */
    struct in6_addr nexthop_v6;             /* wr: present = "address_type == 2" */
    uint32_t src_mask;                      /* bits of the prefix */
    uint32_t dst_mask;
} __attribute__((packed));

struct sflow_flow_record {
    uint32_t flow_record_format;            /* wr: enum = "sflow_flow_format" */
    uint32_t flow_data_length;              /* bytes behind it */
    union {
        struct sflow_raw_header raw;
        struct sflow_ethernet ethernet;
        struct sflow_ipv4 ip;
        struct sflow_ipv6 ip6;
        struct sflow_switch vlans;
        struct sflow_router router;
        uint8_t data[1];                    /* wr: until = "end" */
    } __attribute__((packed)) body;         /* wr: tag = "flow_record_format", cases = { 1 = "raw", 2 = "ethernet", 3 = "ip", 4 = "ip6", 1001 = "vlans", 1002 = "router", default = "data" } */
} __attribute__((packed));

/* --- records of counters --------------------------------------------------------------------- */

/* As RFC 2233 counts; all ones: not counted. */
struct sflow_interface {
    uint32_t ifindex;
    uint32_t iftype;
    uint64_t ifspeed;                       /* bits a second */
    uint32_t ifdirection;                   /* 0: unknown, 1: full duplex, 2: half, 3: in, 4: out */
    uint32_t ifstatus;
    uint64_t ifinoct;
    uint32_t ifinpkt;
    uint32_t ifinmcast;
    uint32_t ifinbcast;
    uint32_t ifindisc;
    uint32_t ifinerr;
    uint32_t ifinunk;
    uint64_t ifoutoct;
    uint32_t ifoutpkt;
    uint32_t ifoutmcast;
    uint32_t ifoutbcast;
    uint32_t ifoutdisc;
    uint32_t ifouterr;
    uint32_t ifpromisc;                     /* 1: hears all frames, 2: does not */
} __attribute__((packed));

/* RFC 2358. */
struct sflow_ethernet_counters {
    uint32_t dot3StatsAlignmentErrors;
    uint32_t dot3StatsFCSErrors;
    uint32_t dot3StatsSingleCollisionFrames;
    uint32_t dot3StatsMultipleCollisionFrames;
    uint32_t dot3StatsSQETestErrors;
    uint32_t dot3StatsDeferredTransmissions;
    uint32_t dot3StatsLateCollisions;
    uint32_t dot3StatsExcessiveCollisions;
    uint32_t dot3StatsInternalMacTransmitErrors;
    uint32_t dot3StatsCarrierSenseErrors;
    uint32_t dot3StatsFrameTooLongs;
    uint32_t dot3StatsInternalMacReceiveErrors;
    uint32_t dot3StatsSymbolErrors;
} __attribute__((packed));

struct sflow_vlan {
    uint32_t vlan_id;
    uint64_t octets;
    uint32_t ucastPkts;
    uint32_t multicastPkts;
    uint32_t broadcastPkts;
    uint32_t discards;
} __attribute__((packed));

struct sflow_processor {
    uint32_t cpu_5s;                        /* load of the last 5 seconds, hundredths of a percent */
    uint32_t cpu_1m;
    uint32_t cpu_5m;
    uint64_t total_memory;                  /* bytes */
    uint64_t free_memory;
} __attribute__((packed));

struct sflow_counters_record {
    uint32_t counters_record_format;        /* wr: enum = "sflow_counters_format" */
    uint32_t flow_data_length;
    union {
        struct sflow_interface interface;
        struct sflow_ethernet_counters ethernet;
        struct sflow_vlan vlan;
        struct sflow_processor processor;
        uint8_t data[1];                    /* wr: until = "end" */
    } __attribute__((packed)) body;         /* wr: tag = "counters_record_format", cases = { 1 = "interface", 2 = "ethernet", 5 = "vlan", 1001 = "processor", default = "data" } */
} __attribute__((packed));

/* --- samples --------------------------------------------------------------------------------- */

struct sflow_flow_sample {
    uint32_t sequence_number;               /* of the source */
    uint8_t source_id_class;                /* 0: an interface, 1: a VLAN, 2: a physical entity */
    uint8_t index[3];                       /* wr: as = "u24" */
    uint32_t sampling_rate;                 /* one of so many packets */
    uint32_t sample_pool;                   /* packets that may have been sampled */
    uint32_t dropped_packets;               /* samples that were lost for want of room */
    uint32_t input_interface;
    uint32_t output_interface;              /* the two high bits say what the others are */
    uint32_t flow_record;
    struct sflow_flow_record record[1];     /* wr: count = "flow_record", length = "flow_data_length + 8" */
} __attribute__((packed));

struct sflow_expanded_flow_sample {
    uint32_t sequence_number;
    uint32_t source_id_type;
    uint32_t source_id_index;
    uint32_t sampling_rate;
    uint32_t sample_pool;
    uint32_t dropped_packets;
    uint32_t input_interface_format;
    uint32_t input_interface_value;
    uint32_t output_interface_format;
    uint32_t output_interface_value;
    uint32_t flow_record;
    struct sflow_flow_record record[1];     /* wr: count = "flow_record", length = "flow_data_length + 8" */
} __attribute__((packed));

struct sflow_counters_sample {
    uint32_t sequence_number;
    uint8_t source_id_type;
    uint8_t source_id_index[3];             /* wr: as = "u24" */
    uint32_t counters_records;
    struct sflow_counters_record record[1]; /* wr: count = "counters_records", length = "flow_data_length + 8" */
} __attribute__((packed));

struct sflow_expanded_counters_sample {
    uint32_t sequence_number;
    uint32_t source_id_type;
    uint32_t source_id_index;
    uint32_t counters_records;
    struct sflow_counters_record record[1]; /* wr: count = "counters_records", length = "flow_data_length + 8" */
} __attribute__((packed));

struct sflow_sample {
    uint32_t sampletype;
    uint32_t sample_length;                 /* bytes behind it */
    union {
        struct sflow_flow_sample flow_sample;
        struct sflow_counters_sample counters_sample;
        struct sflow_expanded_flow_sample expanded_flow_sample;
        struct sflow_expanded_counters_sample expanded_counters_sample;
        uint8_t data[1];
    } __attribute__((packed)) body;
} __attribute__((packed));

struct sflow {
    uint32_t version;
    uint32_t agenttype;
    struct in_addr agent;
    struct in6_addr agent_v6;
    uint32_t sub_agent_id;
    uint32_t sequence_number;               /* of the datagram */
    uint32_t sysuptime;                     /* milliseconds */
    uint32_t numsamples;
    struct sflow_sample sample[1];
} __attribute__((packed));

#endif
