#ifndef ORDER_TYPES_H
#define ORDER_TYPES_H

#define PACKED __attribute__((packed))

typedef unsigned char u8;
typedef unsigned int u32;

#endif
