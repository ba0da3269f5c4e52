/* Written in the wild: fields in another order, basic C types, a header of its own for the types. */
#include "order_types.h"

struct msg_st {
    u32 math;
    u8 name[11];
    u32 chinese;
} PACKED;
