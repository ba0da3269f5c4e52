/*
 * RTCP: what senders and receivers of RTP say of it (RFC 3550, section 6), with the feedback of RFC 4585
 * and RFC 5104, and the extended reports of RFC 3611. A datagram holds several of them.
 *
 * Bit-fields stand from the highest bit on, as in the RFC's figures: the profile's ABI is one of a
 * big-endian machine. Integers are in network byte order. Where `padding` is set, the last byte of the
 * last packet counts the bytes of padding at its end.
 */
#ifndef PROFILES_RTCP_H
#define PROFILES_RTCP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* RFC 3550, section 12.1; RFC 4585, section 6.1; RFC 3611, section 2. */
enum rtcp_packet_type { SR = 200, RR, SDES, BYE, APP, RTPFB, PSFB, XR };

/* RFC 3550, section 12.2. */
enum rtcp_sdes_type { END, CNAME, NAME, EMAIL, PHONE, LOC, TOOL, NOTE, PRIV };

/* RFC 4585, section 6.2; RFC 5104, section 4.2. */
enum rtcp_rtpfb_format { NACK = 1, TMMBR = 3, TMMBN = 4, TRANSPORT_CC = 15 };

/* RFC 4585, section 6.3; RFC 5104, section 4.3. */
enum rtcp_psfb_format { PLI = 1, SLI, RPSI, FIR, TSTR, TSTN, VBCM, AFB = 15 };

/* RFC 3611, section 4. */
enum rtcp_xr_type {
	LOSS_RLE = 1,
	DUPLICATE_RLE,
	RECEIPT_TIMES,
	REFERENCE_TIME,
	DLRR,
	STATISTICS,
	VOIP_METRICS
};

/* Any packet: what the five bits count depends on its type. */
struct rtcp {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t rc : 5;
	uint8_t pt;       /* wr: enum = "rtcp_packet_type" */
	uint16_t length;  /**< 32-bit words of the packet, less one */
	uint8_t data[0];  /* wr: until = "end" */
} PACKED;

/* RFC 3550, section 6.4.1: what was received of one source. */
struct rtcp_report {
	uint32_t identifier; /* wr: show = "hex" */
	uint8_t fraction;    /* wr: scale = 0.00390625 */
	uint8_t cum_nr[3];   /* wr: as = "i24" */
	uint32_t ext_high;   /**< the highest sequence number, and above it how often they wrapped */
	uint32_t jitter;     /**< in ticks of the payload's clock */
	uint32_t lsr;        /**< the middle 32 bits of the last sender report's time; 0: none came */
	uint32_t dlsr;       /* wr: scale = 0.0000152587890625, unit = "s" */
} PACKED;

struct sender_report {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t rc : 5;      /**< reports of sources */
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	uint32_t senderssrc; /* wr: show = "hex" */
	struct {
		uint64_t ntp;    /* wr: time = "ntp64" */
		uint32_t rtp;
	} PACKED timestamp;
	struct {
		uint32_t packetcount;
		uint32_t octetcount;
	} PACKED sender;
	struct rtcp_report ssrc[0]; /* wr: count = "rc" */
	uint8_t extension[0];       /* wr: present = "length > 6 + rc * 6", until = "end" */
} PACKED;

/* RFC 3550, section 6.4.2. */
struct receiver_report {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t rc : 5;
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	uint32_t senderssrc; /* wr: show = "hex" */
	struct rtcp_report ssrc[0]; /* wr: count = "rc" */
	uint8_t extension[0];       /* wr: present = "length > 1 + rc * 6", until = "end" */
} PACKED;

/* RFC 3550, section 6.5: an item of type 0 ends those of a source, and has no length. */
struct rtcp_sdes_item {
	uint8_t type;   /* wr: enum = "rtcp_sdes_type" */
	uint8_t length; /* wr: present = "type != 0" */
	char text[0];   /* wr: count = "length" */
} PACKED;

/* One source: its items end, and zeros fill it up to 32 bits. */
struct rtcp_sdes_chunk {
	uint32_t identifier; /* wr: show = "hex" */
	struct rtcp_sdes_item sdes[0]; /* wr: until = "type == 0" */
} PACKED;

struct source_description {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t sc : 5;
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	struct rtcp_sdes_chunk chunks[0]; /* wr: count = "sc", pad = 4 */
} PACKED;

/* RFC 3550, section 6.6. */
struct goodbye {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t sc : 5;
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	struct {
		uint32_t identifier; /* wr: show = "hex" */
	} PACKED ssrc[0];        /* wr: count = "sc" */
	uint8_t reason_len;      /* wr: present = "length > sc" */
	char reason[0];          /* wr: present = "length > sc", count = "reason_len" */
	uint8_t fill[0];         /* wr: present = "length > sc", until = "end" */
} PACKED;

/* RFC 3550, section 6.7. */
struct application {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t subtype : 5;
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	struct {
		uint32_t identifier; /* wr: show = "hex" */
	} PACKED ssrc;
	struct {
		char name[4];
		uint8_t data[0]; /* wr: until = "end" */
	} PACKED app;
} PACKED;

/* RFC 4585, section 6.2.1: the packet that is missing, and a bit for each of the 16 behind it. */
struct rtcp_nack {
	uint16_t nack_pid;
	uint16_t nack_blp; /* wr: show = "hex" */
} PACKED;

/* RFC 5104, section 4.2.1.1. */
struct rtcp_tmmbr {
	uint32_t ssrc; /* wr: show = "hex" */
	uint32_t exp : 6;
	uint32_t mantissa : 17;
	uint32_t measuredoverhead : 9; /**< bytes */
} PACKED;

/* RFC 4585, section 6.1: about the transport. */
struct transport_feedback {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t fmt : 5;     /* wr: enum = "rtcp_rtpfb_format" */
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	uint32_t senderssrc; /* wr: show = "hex" */
	uint32_t mediassrc;  /* wr: show = "hex" */
	union {
		struct rtcp_nack nack[0];  /* wr: until = "end" */
		struct rtcp_tmmbr tmmb[0]; /* wr: until = "end" */
		uint8_t fci[0];            /* wr: until = "end" */
	} PACKED rtpfb; /* wr: tag = "fmt", cases = { NACK = "nack", TMMBR = "tmmb", TMMBN = "tmmb", default = "fci" } */
} PACKED;

/* RFC 4585, section 6.3.2.2. */
struct rtcp_sli {
	uint32_t first : 13;
	uint32_t number : 13;
	uint32_t picture_id : 6;
} PACKED;

/* RFC 5104, section 4.3.1.1. */
struct rtcp_fir {
	uint32_t ssrc; /* wr: show = "hex" */
	uint8_t csn;
	uint8_t reserved[3]; /* wr: as = "u24" */
} PACKED;

/* The feedback of an application; most of it begins with four letters, as REMB. */
struct rtcp_afb {
	char identifier[4];
	uint8_t fci[0]; /* wr: until = "end" */
} PACKED;

/* RFC 4585, section 6.1: about the payload. */
struct payload_feedback {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t fmt : 5;     /* wr: enum = "rtcp_psfb_format" */
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	uint32_t senderssrc; /* wr: show = "hex" */
	uint32_t mediassrc;  /* wr: show = "hex" */
	union {
		struct rtcp_sli sli[0]; /* wr: until = "end" */
		struct rtcp_fir fir[0]; /* wr: until = "end" */
		struct rtcp_afb afb;
		uint8_t fci[0];         /* wr: until = "end" */
	} PACKED psfb; /* wr: tag = "fmt", cases = { PLI = "none", SLI = "sli", FIR = "fir", AFB = "afb", default = "fci" } */
} PACKED;

/* RFC 3611, sections 4.1 and 4.2. */
struct rtcp_xr_runs {
	uint32_t identifier; /* wr: show = "hex" */
	uint16_t beginseq;
	uint16_t endseq;
	uint16_t chunk[0];   /* wr: until = "end", show = "hex" */
} PACKED;

/* RFC 3611, section 4.3: a time for each packet, in ticks of the payload's clock. */
struct rtcp_xr_receipts {
	uint32_t identifier;          /* wr: show = "hex" */
	uint16_t beginseq;
	uint16_t endseq;
	uint32_t receipt_time_seq[0]; /* wr: until = "end" */
} PACKED;

/* RFC 3611, section 4.4. */
struct rtcp_xr_reference {
	uint64_t timestamp; /* wr: time = "ntp64" */
} PACKED;

/* RFC 3611, section 4.5. */
struct rtcp_xr_dlrr {
	uint32_t identifier; /* wr: show = "hex" */
	uint32_t lrr;
	uint32_t dlrr;       /* wr: scale = 0.0000152587890625, unit = "s" */
} PACKED;

/* RFC 3611, section 4.6. */
struct rtcp_xr_statistics {
	uint32_t identifier; /* wr: show = "hex" */
	uint16_t beginseq;
	uint16_t endseq;
	uint32_t lost;
	uint32_t dups;
	uint32_t minjitter;
	uint32_t maxjitter;
	uint32_t meanjitter;
	uint32_t devjitter;
	uint8_t minttl;
	uint8_t maxttl;
	uint8_t meanttl;
	uint8_t devttl;
} PACKED;

/* RFC 3611, section 4.7. Levels are in dBm, echo loss in dB; 127 is no value. */
struct rtcp_xr_voip {
	uint32_t identifier;    /* wr: show = "hex" */
	uint8_t fraction;       /* wr: scale = 0.00390625 */
	uint8_t discarded;      /* wr: scale = 0.00390625 */
	uint8_t burstdensity;   /* wr: scale = 0.00390625 */
	uint8_t gapdensity;     /* wr: scale = 0.00390625 */
	uint16_t burstduration; /* wr: unit = "ms" */
	uint16_t gapduration;   /* wr: unit = "ms" */
	uint16_t rtdelay;       /* wr: unit = "ms" */
	uint16_t esdelay;       /* wr: unit = "ms" */
	int8_t signallevel;     /* wr: unit = "dBm", none = 127 */
	int8_t noiselevel;      /* wr: unit = "dBm", none = 127 */
	uint8_t rerl;           /* wr: unit = "dB", none = 127 */
	uint8_t gmin;
	uint8_t rfactor;        /* wr: none = 127 */
	uint8_t extrfactor;     /* wr: none = 127 */
	uint8_t moslq;          /* wr: scale = 0.1, none = 127 */
	uint8_t moscq;          /* wr: scale = 0.1, none = 127 */
	uint8_t plc : 2;
	uint8_t jba : 2;
	uint8_t jbrate : 4;
	uint8_t reserved;
	uint16_t jbnominal;     /* wr: unit = "ms" */
	uint16_t jbmax;         /* wr: unit = "ms" */
	uint16_t jbabsmax;      /* wr: unit = "ms" */
} PACKED;

/* RFC 3611, section 3. */
struct rtcp_xr_block {
	uint8_t bt;  /* wr: enum = "rtcp_xr_type" */
	uint8_t bs;  /* wr: show = "hex" */
	uint16_t bl; /**< 32-bit words behind it */
	union {
		struct rtcp_xr_runs runs;
		struct rtcp_xr_receipts receipts;
		struct rtcp_xr_reference reference;
		struct rtcp_xr_dlrr dlrr[0]; /* wr: until = "end" */
		struct rtcp_xr_statistics stats;
		struct rtcp_xr_voip voipmetrics;
		uint8_t content[0];          /* wr: until = "end" */
	} PACKED; /* wr: bytes = "bl * 4", tag = "bt", cases = { LOSS_RLE = "runs", DUPLICATE_RLE = "runs", RECEIPT_TIMES = "receipts", REFERENCE_TIME = "reference", DLRR = "dlrr", STATISTICS = "stats", VOIP_METRICS = "voipmetrics", default = "content" } */
} PACKED;

/* RFC 3611, section 2. */
struct extended_report {
	uint8_t version : 2;
	uint8_t padding : 1;
	uint8_t reserved : 5;
	uint8_t pt;          /* wr: enum = "rtcp_packet_type" */
	uint16_t length;
	uint32_t senderssrc; /* wr: show = "hex" */
	struct rtcp_xr_block xr[0]; /* wr: until = "end" */
} PACKED;

#endif
