/*
 * What routers export of the flows that they saw: NetFlow version 5 (Cisco, "NetFlow Export Datagram
 * Format"), version 9 (RFC 3954) and IPFIX (RFC 7011). From version 9 on templates say what the
 * records of a set hold, and come in messages of their own: the records stay bytes here.
 *
 * Arrays of one element are as long as the comment behind them or the profile says.
 */
#ifndef PROFILE_CFLOW_H
#define PROFILE_CFLOW_H

#include <netinet/in.h>
#include <stdint.h>

/* Assigned numbers of the Internet (RFC 790), those that are most often seen. */
enum cflow_protocol { ICMP = 1, IGMP = 2, TCP = 6, UDP = 17, GRE = 47, ESP = 50, ICMP6 = 58, SCTP = 132 };

/* RFC 9293, section 3.1. */
enum cflow_tcpflags {
    FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, URG = 0x20, ECE = 0x40, CWR = 0x80
};

/* RFC 3954, section 5.2 and 6.1; RFC 7011, section 3.3.2. */
enum cflow_set_id { TEMPLATES_9 = 0, OPTIONS_9 = 1, TEMPLATES_IPFIX = 2, OPTIONS_IPFIX = 3 };

struct cflow {
    uint16_t version;
} __attribute__((packed));

/* --- version 5 ------------------------------------------------------------------------------- */

struct cflow_pdu {
    struct in_addr srcaddr;
    struct in_addr dstaddr;
    struct in_addr nexthop;
    uint16_t inputint;                      /* interfaces, as SNMP numbers them */
    uint16_t outputint;
    uint32_t packets;
    uint32_t octets;
    uint32_t timestart;                     /* the first packet: uptime, milliseconds */
    uint32_t timeend;                       /* the last one */
    uint16_t srcport;
    uint16_t dstport;                       /* of ICMP: type and code */
    uint8_t padding;
    uint8_t tcpflags;                       /* of all packets */
    uint8_t protocol;
    uint8_t tos;
    uint16_t srcas;
    uint16_t dstas;
    uint8_t srcmask;                        /* bits of the prefix */
    uint8_t dstmask;
    uint16_t padding_2;
} __attribute__((packed));

struct cflow_5 {
    uint16_t version;
    uint16_t count;                         /* flows, at most 30 */
    uint32_t sysuptime;                     /* milliseconds */
    uint32_t unix_secs;                     /* seconds since 1970 */
    uint32_t unix_nsecs;                    /* and nanoseconds */
    uint32_t sequence;                      /* flows that were exported before */
    uint8_t engine_type;
    uint8_t engine_id;
    uint16_t sampling;                      /* two bits of the mode, fourteen of the interval */
    struct cflow_pdu pdu[30];
} __attribute__((packed));

/* --- version 9 ------------------------------------------------------------------------------- */

struct cflow_field_9 {
    uint16_t template_field_type;
    uint16_t template_field_length;         /* bytes */
} __attribute__((packed));

struct cflow_template_9 {
    uint16_t template_id;                   /* 256 and above: that of the sets that it describes */
    uint16_t template_field_count;
    struct cflow_field_9 field[1];          /* wr: count = "template_field_count" */
} __attribute__((packed));

struct cflow_scope_9 {
    uint16_t scope_field_type;
    uint16_t template_field_length;
} __attribute__((packed));

struct cflow_options_9 {
    uint16_t template_id;
    uint16_t option_scope_length;           /* bytes of the fields that say what it is of */
    uint16_t option_length;                 /* bytes of the fields that say it */
    struct cflow_scope_9 scope[1];          /* wr: bytes = "option_scope_length" */
    struct cflow_field_9 field[1];          /* wr: bytes = "option_length" */
} __attribute__((packed));

struct cflow_set_9 {
    uint16_t flowset_id;
    uint16_t flowset_length;                /* bytes of the set with its head */
    union {
        struct cflow_template_9 templates[1];
        struct cflow_options_9 options[1];
        uint8_t data[1];
    } __attribute__((packed)) body;
    uint8_t padding[3];                     /* up to a multiple of 4 */
} __attribute__((packed));

struct cflow_9 {
    uint16_t version;
    uint16_t count;                         /* templates and records of all sets */
    uint32_t sysuptime;                     /* milliseconds */
    uint32_t unix_secs;                     /* seconds since 1970 */
    uint32_t sequence;                      /* messages that were exported before */
    uint32_t source_id;
    struct cflow_set_9 flowset[1];
} __attribute__((packed));

/* --- IPFIX ----------------------------------------------------------------------------------- */

struct cflow_field_ipfix {
    uint16_t template_ipfix_field_type;     /* the highest bit: of an enterprise */
    uint16_t template_field_length;         /* bytes; 65535: each has its own */
    /* number of a private enterprise */
    uint32_t template_ipfix_field_pen;      /* wr: present = "template_ipfix_field_type & 0x8000" */
} __attribute__((packed));

struct cflow_template_ipfix {
    uint16_t template_id;
    uint16_t template_field_count;          /* 0: the template is withdrawn */
    struct cflow_field_ipfix field[1];      /* wr: count = "template_field_count" */
} __attribute__((packed));

struct cflow_options_ipfix {
    uint16_t template_id;
    uint16_t template_ipfix_total_field_count;
    /* how many of them say what it is of: the first ones */
    uint16_t template_ipfix_scope_field_count;
    struct cflow_field_ipfix field[1];      /* wr: count = "template_ipfix_total_field_count" */
} __attribute__((packed));

struct cflow_set_ipfix {
    uint16_t flowset_id;
    uint16_t flowset_length;
    union {
        struct cflow_template_ipfix templates[1];
        struct cflow_options_ipfix options[1];
        uint8_t data[1];
    } __attribute__((packed)) body;
    uint8_t padding[3];                     /* up to a multiple of 4 */
} __attribute__((packed));

struct cflow_ipfix {
    uint16_t version;
    uint16_t len;                           /* bytes of the message */
    uint32_t exporttime;                    /* seconds since 1970 */
    uint32_t sequence;                      /* records that were exported before */
    uint32_t od_id;                         /* observation domain */
    struct cflow_set_ipfix flowset[1];
} __attribute__((packed));

#endif
