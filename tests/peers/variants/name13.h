/* Written in the wild: a name of 13 bytes. */
#include <stdint.h>

#define NAMESIZE 13

struct msg_st {
    uint8_t name[NAMESIZE];
    uint32_t math;
    uint32_t chinese;
} __attribute__((packed));
