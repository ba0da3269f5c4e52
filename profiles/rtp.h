/*
 * RTP: a packet of a media stream (RFC 3550, section 5.1), with the header extensions of RFC 8285.
 *
 * Bit-fields stand from the highest bit on, as in the RFC's figure: the profile's ABI is one of a
 * big-endian machine. Integers are in network byte order.
 */
#ifndef PROFILES_RTP_H
#define PROFILES_RTP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* RFC 3551, section 6, tables 4 and 5; those from 96 on are agreed on elsewhere. */
enum rtp_payload_type {
	PCMU = 0,
	GSM = 3,
	G723 = 4,
	DVI4_8000 = 5,
	DVI4_16000 = 6,
	LPC = 7,
	PCMA = 8,
	G722 = 9,
	L16_STEREO = 10,
	L16_MONO = 11,
	QCELP = 12,
	CN = 13,
	MPA = 14,
	G728 = 15,
	DVI4_11025 = 16,
	DVI4_22050 = 17,
	G729 = 18,
	CELB = 25,
	JPEG = 26,
	NV = 28,
	H261 = 31,
	MPV = 32,
	MP2T = 33,
	H263 = 34
};

/* RFC 8285, section 4.2: identifier 0 is one byte of padding; the length is one less than that of the data. */
struct rtp_ext_one_byte {
	uint8_t id : 4;
	uint8_t len : 4;
	uint8_t data[0]; /* wr: count = "(len + 1) * (id != 0)" */
} PACKED;

/* RFC 8285, section 4.3. */
struct rtp_ext_two_bytes {
	uint8_t id;
	uint8_t len;     /* wr: present = "id != 0" */
	uint8_t data[0]; /* wr: count = "len" */
} PACKED;

/* RFC 3550, section 5.3.1. */
struct rtp_hdr_exts {
	uint16_t profile; /* wr: show = "hex" */
	uint16_t len;     /* 32-bit words behind it */
	union {
		struct rtp_ext_one_byte rfc5285[0]; /* wr: until = "end" */
		struct rtp_ext_two_bytes two_bytes[0]; /* wr: until = "end" */
		uint32_t hdr_ext[0]; /* wr: until = "end", show = "hex" */
	} PACKED; /* wr: bytes = "len * 4", tag = "profile", cases = { 0xbede = "rfc5285", "0x1000..0x100f" = "two_bytes", default = "hdr_ext" } */
} PACKED;

struct rtp {
	uint8_t version : 2;
	uint8_t padding : 1;   /**< the last byte of the payload counts the padding */
	uint8_t ext : 1;       /**< a header extension follows the sources */
	uint8_t cc : 4;        /**< contributing sources */
	uint8_t marker : 1;
	uint8_t p_type : 7;    /* wr: enum = "rtp_payload_type" */
	uint16_t seq;          /* wr: counter = true */
	uint32_t timestamp;    /**< in ticks of the payload's clock */
	uint32_t ssrc;         /* wr: show = "hex" */
	struct {
		uint32_t item[0];  /* wr: count = "cc", show = "hex" */
	} PACKED csrc;
	struct rtp_hdr_exts hdr_exts; /* wr: present = "ext" */
	uint8_t payload[0];    /* wr: until = "end" */
} PACKED;

#endif
