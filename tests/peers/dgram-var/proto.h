/* dgram-var: a fixed part, then a name as long as it is, its NUL counted. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMEMAX (512-8-8) /* recommended size of a datagram - UDP header - fixed part */

struct msg_st {
    uint32_t math;
    uint32_t chinese;
    uint8_t name[1];
} __attribute__((packed));

#endif
