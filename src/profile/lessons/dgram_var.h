/*
 * A student's marks and a name of any length, whose NUL ends the datagram. It is kept to the 512
 * bytes that every path carries, less 8 of the UDP header and 8 of the marks.
 */
#ifndef DGRAM_VAR_H
#define DGRAM_VAR_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMEMAX (512 - 8 - 8)

struct msg_st {
    uint32_t math;
    uint32_t chinese;
    uint8_t name[1];
} __attribute__((packed));

#endif
