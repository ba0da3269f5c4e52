/*
 * Control packets of BFD (RFC 5880, section 4.1): whether the way to a neighbour carries. One hop uses
 * port 3784 (RFC 5881), several 4784 (RFC 5883).
 *
 * Bit-fields stand from the lowest bit of a byte upward, as x86 compilers place them. Arrays of one
 * element are as long as the profile says.
 */
#ifndef PROFILE_BFD_H
#define PROFILE_BFD_H

#include <stdint.h>

/* Why the session changed to the state that it has. */
enum bfd_diag {
    NO_DIAGNOSTIC, DETECTION_TIME_EXPIRED, ECHO_FAILED, NEIGHBOUR_SIGNALED_DOWN, FORWARDING_PLANE_RESET,
    PATH_DOWN, CONCATENATED_PATH_DOWN, ADMINISTRATIVELY_DOWN, REVERSE_CONCATENATED_PATH_DOWN
};

enum bfd_state { ADMIN_DOWN, DOWN, INIT, UP };

enum bfd_auth_type {
    SIMPLE_PASSWORD = 1, KEYED_MD5, METICULOUS_KEYED_MD5, KEYED_SHA1, METICULOUS_KEYED_SHA1
};

/* Section 4.3 and 4.4. */
struct bfd_digest {
    uint8_t reserved;
    uint32_t seq_num;
    uint8_t checksum[20];                   /* MD5 has 16 bytes, SHA-1 20 */
} __attribute__((packed));

struct bfd_auth {
    uint8_t type;
    uint8_t len;                            /* bytes with type and length */
    uint8_t key;                            /* its number */
    union {
        char password[16];
        struct bfd_digest digest;
    } __attribute__((packed)) data;
} __attribute__((packed));

struct bfd {
    uint8_t diag : 5;
    uint8_t version : 3;
    union {
        struct {
            uint8_t m : 1;                  /* multipoint, RFC 8562 */
            uint8_t d : 1;                  /* demand mode */
            uint8_t a : 1;                  /* authenticated */
            uint8_t c : 1;                  /* independent of the control plane */
            uint8_t f : 1;                  /* final: answers a poll */
            uint8_t p : 1;                  /* poll: wants an answer */
        } __attribute__((packed)) flags;
        struct {
            uint8_t : 6;
            uint8_t sta : 2;
        } __attribute__((packed));
    } __attribute__((packed));
    uint8_t detect_time_multiplier;
    uint8_t message_length;                 /* bytes */
    uint32_t my_discriminator;
    uint32_t your_discriminator;            /* 0: not known yet */
    uint32_t desired_min_tx_interval;       /* microseconds, as those below */
    uint32_t required_min_rx_interval;
    uint32_t required_min_echo_interval;    /* 0: no echo is taken */
    struct bfd_auth auth;
} __attribute__((packed));

#endif
