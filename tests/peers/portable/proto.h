/* A struct sent as it lies in memory: not packed, in the order of the host. Compilers disagree
 * about it: i386 aligns 64 bits to 4, its `long` has 4 bytes, and s390x is big-endian.
 *
 *          id  stamp  value  flags  level  bytes
 *   x86-64  0      8     16     24     32     40
 *   i386    0      4  12(4)     16     20     28
 *   s390x   0      8     16     24     32     40   big-endian */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"

struct reading {
    uint8_t id;
    uint64_t stamp; /* seconds since 1970 */
    long value;
    uint16_t flags;
    double level;
};

#endif
