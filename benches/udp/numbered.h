/* 64 bytes with a number and a time. */
#include <stdint.h>

struct numbered {
	uint32_t seq;
	uint64_t sent;
	uint8_t rest[52];
} __attribute__((packed));
