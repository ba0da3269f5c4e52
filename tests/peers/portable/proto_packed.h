/* The same as it should be: packed, types of a fixed width, big-endian; 27 bytes everywhere. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"

struct reading {
    uint8_t id;
    uint64_t stamp; /* seconds since 1970 */
    int64_t value;
    uint16_t flags;
    double level;
} __attribute__((packed));

#endif
