/* grades: somebody asks for a name, and is told the marks. */
#ifndef PROTO_H
#define PROTO_H

#include <stdint.h>

#define NAMESIZE 11

struct ask_st {
    uint32_t number;
    uint8_t name[NAMESIZE];
} __attribute__((packed));

struct msg_st {
    uint32_t number; /* that of the question */
    uint8_t name[NAMESIZE];
    uint32_t math;
    uint32_t chinese;
} __attribute__((packed));

#endif
