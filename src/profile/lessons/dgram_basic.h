/*
 * A student's name and marks in one datagram of a fixed size. The name ends at its first NUL,
 * if it is shorter than its field. Broadcast and multicast datagrams carry the same.
 */
#ifndef DGRAM_BASIC_H
#define DGRAM_BASIC_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMELEN 11

struct msg_st {
    uint8_t name[NAMELEN];
    uint32_t math;
    uint32_t chinese;
} __attribute__((packed));

#endif
