/* The mistake: dgram-basic without packing. The compiler leaves a hole at offset 11. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define RCVPORT "1989"
#define NAMESIZE 11

struct msg_st {
    uint8_t name[NAMESIZE];
    uint32_t math;
    uint32_t chinese;
};

#endif
