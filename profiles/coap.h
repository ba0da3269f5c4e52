/*
 * CoAP: requests and responses of small devices (RFC 7252, section 3).
 *
 * Bit-fields stand from the highest bit on, as in the RFC's figures: the profile's ABI is one of a
 * big-endian machine. Integers are in network byte order.
 */
#ifndef PROFILES_COAP_H
#define PROFILES_COAP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum coap_type { CON, NON, ACK, RST };

/* Section 12.1; RFC 8132. The three high bits are a class, 2.05 is 0x45. */
enum coap_code {
	EMPTY = 0x00,
	GET = 0x01,
	POST = 0x02,
	PUT = 0x03,
	DELETE = 0x04,
	FETCH = 0x05,
	PATCH = 0x06,
	IPATCH = 0x07,
	CREATED = 0x41,
	DELETED = 0x42,
	VALID = 0x43,
	CHANGED = 0x44,
	CONTENT = 0x45,
	CONTINUE = 0x5f,
	BAD_REQUEST = 0x80,
	UNAUTHORIZED = 0x81,
	BAD_OPTION = 0x82,
	FORBIDDEN = 0x83,
	NOT_FOUND = 0x84,
	METHOD_NOT_ALLOWED = 0x85,
	NOT_ACCEPTABLE = 0x86,
	PRECONDITION_FAILED = 0x8c,
	REQUEST_ENTITY_TOO_LARGE = 0x8d,
	UNSUPPORTED_CONTENT_FORMAT = 0x8f,
	INTERNAL_SERVER_ERROR = 0xa0,
	NOT_IMPLEMENTED = 0xa1,
	BAD_GATEWAY = 0xa2,
	SERVICE_UNAVAILABLE = 0xa3,
	GATEWAY_TIMEOUT = 0xa4,
	PROXYING_NOT_SUPPORTED = 0xa5
};

/*
 * Section 3.1: the number of an option is the sum of the deltas so far. 13 and 14 stand for more in one or
 * two bytes behind, 15 is the marker behind which the payload lies.
 */
struct coap_opt {
	uint8_t delta : 4;
	uint8_t length : 4;
	uint8_t delta_ext;    /* wr: present = "delta == 13" */
	uint16_t delta_ext16; /* wr: present = "delta == 14" */
	uint8_t length_ext;   /* wr: present = "length == 13" */
	uint16_t length_ext16; /* wr: present = "length == 14" */
	uint8_t value[0];     /* wr: count = "(length < 13) * length + (length == 13) * (length_ext + 13) + (length == 14) * (length_ext16 + 269)" */
	uint8_t payload[0];   /* wr: present = "delta == 15", until = "end" */
} PACKED;

struct coap {
	uint8_t version : 2;
	uint8_t type : 2;     /* wr: enum = "coap_type" */
	uint8_t token_len : 4;
	uint8_t code;         /* wr: enum = "coap_code" */
	uint16_t mid;         /* wr: echo = true, pairs = "mid" */
	uint8_t token[0];     /* wr: count = "token_len" */
	struct coap_opt opt[0]; /* wr: until = "end" */
} PACKED;

#endif
