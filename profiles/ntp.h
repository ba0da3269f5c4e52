/*
 * NTP version 4 (RFC 5905, section 7.3) and those before it, between hosts that set their clocks:
 * 48 bytes, and behind them extension fields (RFC 7822) and what authenticates all. Control messages,
 * of mode 6 and 7, are others.
 *
 * Bit-fields stand from the lowest bit of a byte upward, as x86 compilers place them. Arrays of one
 * element are as long as the profile says.
 */
#ifndef PROFILE_NTP_H
#define PROFILE_NTP_H

#include <stdint.h>

/* Section 7.3, figure 9: what the last minute of the day has. */
enum ntp_leap { NO_WARNING, LAST_MINUTE_61, LAST_MINUTE_59, NOT_SYNCHRONISED };

/* Section 7.3, figure 10. */
enum ntp_mode {
    RESERVED, SYMMETRIC_ACTIVE, SYMMETRIC_PASSIVE, CLIENT, SERVER, BROADCAST, CONTROL, PRIVATE
};

/* Section 7.5. The low byte is the version for which it was first declared, or 4. */
enum ntp_extension {
    UNIQUE_IDENTIFIER = 0x0104,             /* RFC 8915, section 5.3 to 5.6 */
    NTS_COOKIE = 0x0204,
    NTS_COOKIE_PLACEHOLDER = 0x0304,
    NTS_AUTHENTICATOR = 0x0404,
    CHECKSUM_COMPLEMENT = 0x2005            /* RFC 7821 */
};

struct ntp_ext {
    uint16_t type;
    uint16_t length;                        /* bytes of the extension field, a multiple of 4 */
    uint8_t value[1];
} __attribute__((packed));

struct ntp {
    struct {
        uint8_t mode : 3;
        uint8_t vn : 3;                     /* version */
        uint8_t li : 2;                     /* leap indicator */
    } __attribute__((packed)) flags;
    uint8_t stratum;                        /* 1: has a clock of its own; 16: not synchronised */
    int8_t ppoll;                           /* time between messages, log2 of seconds */
    int8_t precision;                       /* of the clock, log2 of seconds */
    uint32_t rootdelay;                     /* there and back to the reference, 16.16 of seconds */
    uint32_t rootdispersion;                /* 16.16 of seconds */
    uint8_t refid[4];                       /* stratum 0 and 1: four characters; else an address */
    uint64_t reftime;                       /* 32.32 of seconds since 1900, as those below: last set */
    uint64_t org;                           /* the request left the client, by the client's clock */
    uint64_t rec;                           /* it came to the server */
    uint64_t xmt;                           /* this message left */
    struct ntp_ext ext[1];
    uint32_t keyid;                         /* 0, with no digest behind it: not authentic */
    uint8_t mac[20];                        /* MD5 has 16 bytes, SHA-1 20 */
} __attribute__((packed));

#endif
