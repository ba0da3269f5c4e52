/* What mgen 5 (Multi-Generator, Naval Research Laboratory) writes into its datagrams, where their
 * destination is one of IPv4 and its own host is not told. */
#ifndef MGEN_H
#define MGEN_H

#include <stdint.h>

struct mgen_msg {
    uint16_t size; /* of the whole message */
    uint8_t version;
    uint8_t flags;
    uint32_t flow;
    uint32_t seq;
    uint32_t sent_s;
    uint32_t sent_us;
    uint16_t dst_port;
    uint8_t dst_type; /* 1: IPv4 */
    uint8_t dst_len;
    uint8_t dst_addr[4];
    uint16_t host_port;
    uint8_t host_type;
    uint8_t host_len;
    uint32_t latitude; /* (degrees + 180) * 60000 */
    uint32_t longitude;
    int32_t altitude;
    uint8_t gps_status;
    uint8_t reserved;
    uint16_t payload_len;
    uint8_t payload[];
} __attribute__((packed));

#endif
