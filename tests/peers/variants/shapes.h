/* What C can put into a struct: nested and anonymous records, arrays of arrays and of structs,
 * bit-fields, an enum, signed, 64-bit and floating-point numbers. Natural alignment, in the order
 * of the host. */
#include <stdint.h>

enum colour { RED = 1, GREEN, BLUE = 10 };

struct point {
    int16_t x;
    int16_t y;
};

struct shape_st {
    uint8_t version : 4;
    uint8_t visible : 1;
    int8_t layer : 3;
    enum colour fill;
    struct point corners[3];
    union {
        uint32_t serial;
        uint8_t octets[4];
    };
    uint8_t grid[2][3];
    uint16_t matrix[2][2];
    int64_t balance;
    float weight;
    double area;
};
