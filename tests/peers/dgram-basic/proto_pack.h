/* The mistake: the attribute is spelt `packed`. gcc ignores `pack` and leaves a hole at offset 11. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMESIZE 11

struct msg_st {
    uint8_t name[NAMESIZE];
    uint32_t math;
    uint32_t chinese;
} __attribute__((pack));

#endif
