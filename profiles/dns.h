/*
 * DNS (RFC 1035, section 4): a head of 12 bytes, questions, and the records of three sections, one
 * behind another. Multicast DNS (RFC 6762) is the same but for the highest bit of a class.
 *
 * A name is a list of labels, up to one of length 0, or to one whose two high bits are set: that one has
 * 14 bits that say at which byte of the message the rest of the name stands.
 *
 * Bit-fields stand from the lowest bit of a byte upward, as x86 compilers place them. Arrays of one
 * element are as long as the comment behind them says.
 */
#ifndef PROFILE_DNS_H
#define PROFILE_DNS_H

#include <netinet/in.h>
#include <stdint.h>

/* RFC 1035, section 4.1.1; RFC 1996; RFC 2136; RFC 8490. */
enum dns_opcode { QUERY = 0, INVERSE_QUERY = 1, STATUS = 2, NOTIFY = 4, UPDATE = 5, STATEFUL = 6 };

/* RFC 1035, section 4.1.1; RFC 2136, section 2.2. */
enum dns_rcode {
    NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_SUCH_NAME, NOT_IMPLEMENTED, REFUSED,
    NAME_EXISTS, SET_EXISTS, NO_SUCH_SET, NOT_AUTHORITATIVE, NOT_OF_ZONE
};

/* RFC 1035, section 3.2.2 and 3.2.3, and those that came later. */
enum dns_type {
    A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, NAPTR = 35,
    OPT = 41, DS = 43, RRSIG = 46, NSEC = 47, DNSKEY = 48, NSEC3 = 50, TLSA = 52, SVCB = 64, HTTPS = 65,
    TSIG = 250, IXFR = 251, AXFR = 252, ANY = 255, CAA = 257
};

struct dns_label {
    uint8_t length;                         /* from 192 on: high bits of a place, `pointer` the low ones */
    char label[63];                         /* wr: count = "(length < 64) * length" */
    uint8_t pointer;                        /* wr: present = "length >= 192" */
} __attribute__((packed));

struct dns_qry {
    struct dns_label name[1];               /* wr: until = "length == 0 || length >= 192" */
    uint16_t type;                          /* wr: enum = "dns_type" */
    uint16_t class;                         /* 1: the Internet */
} __attribute__((packed));

/* RFC 1035, section 3.3. */
struct dns_mx {
    uint16_t preference;                    /* the lowest first */
    struct dns_label mail_exchange[1];      /* wr: until = "length == 0 || length >= 192" */
} __attribute__((packed));

struct dns_soa {
    /* the server of the zone */
    struct dns_label mname[1];              /* wr: until = "length == 0 || length >= 192" */
    /* who keeps it: the first label is before the @ */
    struct dns_label rname[1];              /* wr: until = "length == 0 || length >= 192" */
    uint32_t serial_number;
    uint32_t refresh_interval;              /* wr: unit = "s" */
    uint32_t retry_interval;                /* wr: unit = "s" */
    uint32_t expire_limit;                  /* wr: unit = "s" */
    uint32_t minimum_ttl;                   /* wr: unit = "s" */
} __attribute__((packed));

struct dns_text {
    uint8_t length;
    char text[255];                         /* wr: count = "length" */
} __attribute__((packed));

/* RFC 2782. */
struct dns_srv {
    uint16_t priority;                      /* the lowest first */
    uint16_t weight;
    uint16_t port;
    struct dns_label target[1];             /* wr: until = "length == 0 || length >= 192" */
} __attribute__((packed));

/* RFC 6891, section 6.1.2. */
struct dns_opt {
    uint16_t code;
    uint16_t len;                           /* bytes of the data */
    uint8_t data[1];                        /* wr: bytes = "len" */
} __attribute__((packed));

struct dns_resp {
    struct dns_label name[1];               /* wr: until = "length == 0 || length >= 192" */
    uint16_t type;                          /* wr: enum = "dns_type" */
    uint16_t class;                         /* of OPT: the bytes that the sender takes of UDP */
    /* of OPT: high bits of the code, version, flags */
    uint32_t ttl;                           /* wr: unit = "s" */
    uint16_t len;                           /* bytes of the data */
    union {
        struct in_addr a;
        struct in6_addr aaaa;
        struct dns_label ns[1];             /* wr: until = "length == 0 || length >= 192" */
        struct dns_label cname[1];          /* wr: until = "length == 0 || length >= 192" */
        struct dns_label ptr[1];            /* wr: until = "length == 0 || length >= 192" */
        struct dns_mx mx;
        struct dns_soa soa;
        struct dns_srv srv;
        struct dns_text txt[1];             /* wr: until = "end" */
        struct dns_opt opt[1];              /* wr: until = "end" */
        uint8_t other[1];                   /* wr: until = "end" */
    } __attribute__((packed)) data;
} __attribute__((packed));

struct dns {
    /* an answer has that of its question */
    uint16_t id;                            /* wr: show = "hex", echo = true, pairs = "id" */
    struct {
        uint8_t recdesired : 1;             /* the server is to ask others */
        uint8_t truncated : 1;
        uint8_t authoritative : 1;
        uint8_t opcode : 4;                 /* wr: enum = "dns_opcode" */
        uint8_t response : 1;
        uint8_t rcode : 4;                  /* wr: enum = "dns_rcode" */
        uint8_t checkdisable : 1;           /* RFC 4035, section 3.2.2 */
        uint8_t authenticated : 1;          /* section 3.2.3 */
        uint8_t z : 1;
        uint8_t recavail : 1;               /* the server does ask others */
    } __attribute__((packed)) flags;
    struct {
        uint16_t queries;
        uint16_t answers;
        uint16_t auth_rr;                   /* of the servers that know */
        uint16_t add_rr;                    /* and what is good to know besides */
    } __attribute__((packed)) count;
    struct dns_qry qry[1];                  /* wr: count = "count.queries" */
    /* of all three sections */
    struct dns_resp resp[1];                /* wr: count = "count.answers + count.auth_rr + count.add_rr" */
} __attribute__((packed));

#endif
