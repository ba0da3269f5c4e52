/*
 * HSRP (RFC 2281, section 5) and its version 2 (Cisco): routers of one link agree which of them has the
 * address that hosts send to. Version 1 is one struct, version 2 a list of type, length and value.
 *
 * Arrays of one element are as long as the profile says.
 */
#ifndef PROFILE_HSRP_H
#define PROFILE_HSRP_H

#include <netinet/in.h>
#include <stdint.h>

enum hsrp_opcode { HELLO, COUP, RESIGN, ADVERTISE };

enum hsrp_state { INITIAL = 0, LEARN = 1, LISTEN = 2, SPEAK = 4, STANDBY = 8, ACTIVE = 16 };

/* Of an advertisement, which is Cisco's. */
enum hsrp_adv_state { DORMANT = 1, PASSIVE = 2, ACTIVE_INTERFACE = 3 };

struct hsrp_head {
    uint8_t version;
    uint8_t opcode;
} __attribute__((packed));

struct hsrp {
    uint8_t version;                        /* 0 */
    uint8_t opcode;
    uint8_t state;
    uint8_t hellotime;                      /* seconds */
    uint8_t holdtime;                       /* seconds */
    uint8_t priority;                       /* the highest is active */
    uint8_t group;
    uint8_t reserved;
    char auth_data[8];
    struct in_addr virt_ip;
} __attribute__((packed));

struct hsrp_advertisement {
    uint8_t version;
    uint8_t opcode;
    struct {
        uint16_t tlvtype;
        uint16_t tlvlength;
        uint8_t state;
        uint8_t reserved1;
        uint16_t activegrp;
        uint16_t passivegrp;
        uint32_t reserved2;
    } __attribute__((packed)) adv;
} __attribute__((packed));

/* --- version 2 ------------------------------------------------------------------------------- */

enum hsrp2_type { GROUP_STATE = 1, INTERFACE_STATE = 2, TEXT_AUTHENTICATION = 3, MD5_AUTHENTICATION = 4 };

enum hsrp2_state {
    DISABLED_2 = 0, INITIAL_2 = 1, LEARN_2 = 2, LISTEN_2 = 3, SPEAK_2 = 4, STANDBY_2 = 5, ACTIVE_2 = 6
};

struct hsrp2_group_state {
    uint8_t version;                        /* 2 */
    uint8_t opcode;
    uint8_t state;
    uint8_t ipversion;
    uint16_t group;
    uint8_t identifier[6];                  /* of the sender */
    uint32_t priority;
    uint32_t hellotime;                     /* milliseconds */
    uint32_t holdtime;                      /* milliseconds */
    struct in_addr virt_ip;
    uint8_t reserved[12];
    struct in6_addr virt_ip_v6;
} __attribute__((packed));

struct hsrp2_interface_state {
    uint16_t active_groups;
    uint16_t passive_groups;
} __attribute__((packed));

struct hsrp2_md5 {
    uint8_t md5_algorithm;                  /* 1: MD5 */
    uint8_t md5_padding;
    uint16_t md5_flags;
    struct in_addr md5_ip_address;          /* of the sender */
    uint32_t md5_key_id;
    uint8_t md5_auth_data[16];
} __attribute__((packed));

struct hsrp2_tlv {
    uint8_t type;
    uint8_t length;                         /* bytes of the value */
    union {
        struct hsrp2_group_state group_state;
        struct hsrp2_interface_state interface_state;
        char auth_data[8];
        struct hsrp2_md5 md5;
        uint8_t bytes[1];
    } __attribute__((packed)) value;
} __attribute__((packed));

struct hsrp2 {
    struct hsrp2_tlv tlv[1];
} __attribute__((packed));

#endif
