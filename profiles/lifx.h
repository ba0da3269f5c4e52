/*
 * LIFX: lamps of a local network (LIFX LAN Protocol, "Header Description" and "Packet Contents").
 *
 * Integers are little-endian, and bit-fields begin at the lowest bit.
 */
#ifndef PROFILES_LIFX_H
#define PROFILES_LIFX_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum lifx_type {
	GET_SERVICE = 2,
	STATE_SERVICE = 3,
	GET_HOST_FIRMWARE = 14,
	STATE_HOST_FIRMWARE = 15,
	GET_POWER = 20,
	SET_POWER = 21,
	STATE_POWER = 22,
	GET_LABEL = 23,
	SET_LABEL = 24,
	STATE_LABEL = 25,
	GET_VERSION = 32,
	STATE_VERSION = 33,
	ACKNOWLEDGEMENT = 45,
	GET_LOCATION = 48,
	STATE_LOCATION = 50,
	GET_GROUP = 51,
	STATE_GROUP = 53,
	ECHO_REQUEST = 58,
	ECHO_RESPONSE = 59,
	GET_COLOR = 101,
	SET_COLOR = 102,
	LIGHT_STATE = 107,
	GET_LIGHT_POWER = 116,
	SET_LIGHT_POWER = 117,
	STATE_LIGHT_POWER = 118
};

enum lifx_service { UDP_SERVICE = 1 };

/* Hue and saturation, brightness of the whole, and the warmth of white. */
struct lifx_hsbk {
	uint16_t hue;        /* wr: scale = 0.0054931640625, unit = "deg" */
	uint16_t saturation; /* wr: scale = 0.000015259021896696422 */
	uint16_t brightness; /* wr: scale = 0.000015259021896696422 */
	uint16_t kelvin;     /* wr: unit = "K" */
} PACKED;

struct state_service {
	uint8_t service;     /* wr: enum = "lifx_service" */
	uint32_t port;
} PACKED;

struct state_firmware {
	uint64_t build;      /* wr: time = "ns", show = "time" */
	uint64_t reserved;
	uint16_t version_minor;
	uint16_t version_major;
} PACKED;

struct power {
	uint16_t level;      /**< 0 or 65535 */
} PACKED;

struct light_power {
	uint16_t level;
	uint32_t duration;   /* wr: unit = "ms" */
} PACKED;

struct label {
	char label[32];
} PACKED;

struct state_version {
	uint32_t vendor;
	uint32_t product;
	uint32_t reserved;
} PACKED;

/* Of a location or of a group. */
struct place {
	uint8_t id[16];
	char label[32];
	uint64_t updated_at; /* wr: time = "ns", show = "time" */
} PACKED;

struct echo {
	uint8_t echoing[64];
} PACKED;

struct set_color {
	uint8_t reserved;
	struct lifx_hsbk color;
	uint32_t duration;   /* wr: unit = "ms" */
} PACKED;

struct light_state {
	struct lifx_hsbk color;
	int16_t reserved;
	uint16_t power;
	char label[32];
	uint64_t reserved2;
} PACKED;

struct lifx {
	uint16_t size;       /**< bytes of the whole message */
	uint16_t protocol : 12; /**< 1024 */
	uint16_t addressable : 1;
	uint16_t tagged : 1; /**< to all lamps */
	uint16_t origin : 2;
	uint32_t source;     /* wr: echo = true, show = "hex" */
	uint8_t target[6];   /* wr: show = "mac" */
	uint8_t reserved[8];
	uint8_t res_required : 1;
	uint8_t ack_required : 1;
	uint8_t reserved2 : 6;
	uint8_t sequence;    /* wr: echo = true, pairs = "sequence" */
	uint64_t reserved3;
	uint16_t type;       /* wr: enum = "lifx_type" */
	uint16_t reserved4;
	uint8_t payload[0];  /* wr: until = "end", tag = "type", cases = { GET_SERVICE = "none", STATE_SERVICE = "state_service", GET_HOST_FIRMWARE = "none", STATE_HOST_FIRMWARE = "state_firmware", GET_POWER = "none", SET_POWER = "power", STATE_POWER = "power", GET_LABEL = "none", SET_LABEL = "label", STATE_LABEL = "label", GET_VERSION = "none", STATE_VERSION = "state_version", ACKNOWLEDGEMENT = "none", GET_LOCATION = "none", STATE_LOCATION = "place", GET_GROUP = "none", STATE_GROUP = "place", ECHO_REQUEST = "echo", ECHO_RESPONSE = "echo", GET_COLOR = "none", SET_COLOR = "set_color", LIGHT_STATE = "light_state", GET_LIGHT_POWER = "none", SET_LIGHT_POWER = "light_power", STATE_LIGHT_POWER = "power", default = "bytes" } */
} PACKED;

#endif
