/* dgram-bcast: the struct of dgram-basic, to every host of the link. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMESIZE 11

struct msg_st {
    uint8_t name[NAMESIZE];
    uint32_t math;
    uint32_t chinese;
} __attribute__((packed));

#endif
