/* Written in the wild: a third subject, and integers signed. */
#include <stdint.h>

typedef struct msg_st {
    uint8_t name[11];
    int32_t math;
    int32_t chinese;
    int32_t english;
} __attribute__((__packed__)) msg_t;
