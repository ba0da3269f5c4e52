/* Written in the wild: a tail of no declared length, which sizeof does not count. */
#include <stdint.h>

struct msg_st {
    uint32_t math;
    uint32_t chinese;
    char name[0];
} __attribute__((packed));
