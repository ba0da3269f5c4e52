/*
 * STUN (RFC 8489, section 5) with the attributes of ICE (RFC 8445) and TURN (RFC 8656): a head of 20
 * bytes, and attributes, each a type, a length, a value and up to three bytes that fill up.
 *
 * An address that is "xord" is so with the cookie and the transaction's id (section 14.2): a port with
 * 0x2112. Arrays of one element are as long as the profile says.
 */
#ifndef PROFILE_STUN_H
#define PROFILE_STUN_H

#include <netinet/in.h>
#include <stdint.h>

/* Section 5: bits 4 and 8 are the class, the others the method. */
enum stun_type {
    BINDING_REQUEST = 0x0001, BINDING_INDICATION = 0x0011, BINDING_SUCCESS = 0x0101, BINDING_ERROR = 0x0111,
    ALLOCATE_REQUEST = 0x0003, ALLOCATE_SUCCESS = 0x0103, ALLOCATE_ERROR = 0x0113,
    REFRESH_REQUEST = 0x0004, REFRESH_SUCCESS = 0x0104, REFRESH_ERROR = 0x0114,
    SEND_INDICATION = 0x0016, DATA_INDICATION = 0x0017,
    CREATE_PERMISSION_REQUEST = 0x0008, CREATE_PERMISSION_SUCCESS = 0x0108, CREATE_PERMISSION_ERROR = 0x0118,
    CHANNEL_BIND_REQUEST = 0x0009, CHANNEL_BIND_SUCCESS = 0x0109, CHANNEL_BIND_ERROR = 0x0119
};

/* Section 18.3; RFC 8445, section 20.1; RFC 8656, section 18. */
enum stun_attribute {
    MAPPED_ADDRESS = 0x0001, USERNAME = 0x0006, MESSAGE_INTEGRITY = 0x0008, ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a, CHANNEL_NUMBER = 0x000c, LIFETIME = 0x000d, XOR_PEER_ADDRESS = 0x0012,
    DATA = 0x0013, REALM = 0x0014, NONCE = 0x0015, XOR_RELAYED_ADDRESS = 0x0016,
    REQUESTED_ADDRESS_FAMILY = 0x0017, EVEN_PORT = 0x0018, REQUESTED_TRANSPORT = 0x0019,
    DONT_FRAGMENT = 0x001a, MESSAGE_INTEGRITY_SHA256 = 0x001c, PASSWORD_ALGORITHM = 0x001d, USERHASH = 0x001e,
    XOR_MAPPED_ADDRESS = 0x0020, RESERVATION_TOKEN = 0x0022, PRIORITY = 0x0024, USE_CANDIDATE = 0x0025,
    PASSWORD_ALGORITHMS = 0x8002, ALTERNATE_DOMAIN = 0x8003, SOFTWARE = 0x8022, ALTERNATE_SERVER = 0x8023,
    FINGERPRINT = 0x8028, ICE_CONTROLLED = 0x8029, ICE_CONTROLLING = 0x802a
};

enum stun_family { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

/* Section 14.1. */
struct stun_address {
    uint8_t reserved;
    uint8_t family;
    uint16_t port;
    struct in_addr ipv4;
    struct in6_addr ipv6;
} __attribute__((packed));

/* Section 14.2. */
struct stun_xord_address {
    uint8_t reserved;
    uint8_t family;
    uint16_t port_xord;
    uint8_t ipv4_xord[4];
    uint8_t ipv6_xord[16];
} __attribute__((packed));

/* Section 14.8: the code is class * 100 + number. */
struct stun_error {
    uint16_t reserved;
    uint8_t class;
    uint8_t number;
    char reason[1];
} __attribute__((packed));

struct stun_channel {
    uint16_t channelnum;                    /* from 0x4000 on */
    uint16_t reserved;
} __attribute__((packed));

struct stun_transport {
    uint8_t transp;                         /* as in a header of IP: 17 is UDP */
    uint8_t reserved[3];
} __attribute__((packed));

struct stun_att {
    uint16_t type;                          /* from 0x8000 on: who does not know it may pass it over */
    uint16_t length;                        /* bytes of the value */
    union {
        struct stun_address address;
        struct stun_xord_address xord;
        struct stun_error error;
        struct stun_channel channel;
        struct stun_transport transport;
        uint16_t unknown[1];                /* types of attributes */
        uint32_t lifetime;                  /* seconds */
        uint32_t priority;
        uint64_t tie_breaker;
        uint8_t hmac[20];
        uint32_t crc32;                     /* of what stands before the attribute, ^ 0x5354554e */
        char username[1];
        char realm[1];
        char nonce[1];
        char software[1];
        uint8_t value[1];
    } __attribute__((packed)) value;
    uint8_t padding[3];                     /* up to a multiple of 4, of any value */
} __attribute__((packed));

struct stun {
    uint16_t type;
    uint16_t length;                        /* bytes of the attributes */
    uint32_t cookie;                        /* 0x2112a442 */
    uint8_t id[12];                         /* an answer has that of its request */
    struct stun_att att[1];
} __attribute__((packed));

#endif
