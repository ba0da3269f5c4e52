/* What the server that a pair of orders brings down is sent, and answers with. */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdint.h>

enum kind { KIND_BUY = 1, KIND_SELL = 2, KIND_CANCEL = 3, KIND_LOCK = 4 };

struct order {
    uint16_t kind;
    uint16_t number;
    uint32_t amount;
} __attribute__((packed));

#endif
