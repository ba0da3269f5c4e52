/*
 * WireGuard: an encrypted tunnel (WireGuard whitepaper, section 5.4).
 *
 * Integers are little-endian. What is encrypted stays bytes.
 */
#ifndef PROFILES_WG_H
#define PROFILES_WG_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum wg_type { INITIATION = 1, RESPONSE = 2, COOKIE_REPLY = 3, TRANSPORT_DATA = 4 };

/* Any message. */
struct wg {
	uint8_t type;        /* wr: enum = "wg_type" */
	uint8_t reserved[3]; /* wr: as = "u24" */
} PACKED;

/* Section 5.4.2: what is encrypted is 16 bytes longer. */
struct initiation {
	uint8_t type;        /* wr: enum = "wg_type" */
	uint8_t reserved[3]; /* wr: as = "u24" */
	uint32_t sender;     /* wr: show = "hex", pairs = "response.receiver" */
	uint8_t ephemeral[32];
	uint8_t encrypted_static[48];
	uint8_t encrypted_timestamp[28];
	uint8_t mac1[16];
	uint8_t mac2[16];    /**< zeros unless a cookie was given */
} PACKED;

/* Section 5.4.3. */
struct response {
	uint8_t type;        /* wr: enum = "wg_type" */
	uint8_t reserved[3]; /* wr: as = "u24" */
	uint32_t sender;     /* wr: show = "hex" */
	uint32_t receiver;   /* wr: show = "hex" */
	uint8_t ephemeral[32];
	uint8_t encrypted_empty[16];
	uint8_t mac1[16];
	uint8_t mac2[16];
} PACKED;

/* Section 5.4.7. */
struct cookie_reply {
	uint8_t type;        /* wr: enum = "wg_type" */
	uint8_t reserved[3]; /* wr: as = "u24" */
	uint32_t receiver;   /* wr: show = "hex" */
	uint8_t nonce[24];
	uint8_t encrypted_cookie[32];
} PACKED;

/* Section 5.4.6: one that keeps the tunnel alive has nothing but 16 bytes of authentication. */
struct transport_data {
	uint8_t type;        /* wr: enum = "wg_type" */
	uint8_t reserved[3]; /* wr: as = "u24" */
	uint32_t receiver;   /* wr: show = "hex" */
	uint64_t counter;    /* wr: counter = true */
	uint8_t encrypted_packet[0]; /* wr: until = "end" */
} PACKED;

#endif
