/*
 * SOME/IP: calls and events between the control units of a vehicle (AUTOSAR PRS_SOMEIPProtocol), its
 * segments (SOME/IP-TP), and service discovery (AUTOSAR PRS_SOMEIPServiceDiscoveryProtocol).
 *
 * Bit-fields stand from the highest bit on, as in the specification's figures: the profile's ABI is one
 * of a big-endian machine. Integers are in network byte order. Sections are those of release R22-11.
 */
#ifndef PROFILES_SOMEIP_H
#define PROFILES_SOMEIP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Section 4.1.2.7; 0x20 is added in segments. */
enum someip_message_type {
	REQUEST = 0x00,
	REQUEST_NO_RETURN = 0x01,
	NOTIFICATION = 0x02,
	REQUEST_ACK = 0x40,
	REQUEST_NO_RETURN_ACK = 0x41,
	NOTIFICATION_ACK = 0x42,
	RESPONSE = 0x80,
	ERROR = 0x81,
	RESPONSE_ACK = 0xc0,
	ERROR_ACK = 0xc1,
	TP_REQUEST = 0x20,
	TP_REQUEST_NO_RETURN = 0x21,
	TP_NOTIFICATION = 0x22,
	TP_RESPONSE = 0xa0,
	TP_ERROR = 0xa1
};

/* Section 4.2.6. */
enum someip_return_code {
	E_OK,
	E_NOT_OK,
	E_UNKNOWN_SERVICE,
	E_UNKNOWN_METHOD,
	E_NOT_READY,
	E_NOT_REACHABLE,
	E_TIMEOUT,
	E_WRONG_PROTOCOL_VERSION,
	E_WRONG_INTERFACE_VERSION,
	E_MALFORMED_MESSAGE,
	E_WRONG_MESSAGE_TYPE
};

/* Service discovery, section 4.1.2.3: with a time to live of 0 an offer is withdrawn, a subscription refused. */
enum someipsd_entry_type { FIND = 0x00, OFFER = 0x01, SUBSCRIBE = 0x06, SUBSCRIBE_ACK = 0x07 };

/* Service discovery, section 4.1.2.4. */
enum someipsd_option_type {
	CONFIGURATION = 0x01,
	LOAD_BALANCING = 0x02,
	IPV4_ENDPOINT = 0x04,
	IPV6_ENDPOINT = 0x06,
	IPV4_MULTICAST = 0x14,
	IPV6_MULTICAST = 0x16,
	IPV4_SD_ENDPOINT = 0x24,
	IPV6_SD_ENDPOINT = 0x26
};

enum someipsd_l4proto { TCP = 6, UDP = 17 };

/* Service discovery, section 4.1.2.3: of a service, or of an eventgroup. */
struct someipsd_entry {
	uint8_t type;              /* wr: enum = "someipsd_entry_type" */
	uint8_t index1;            /**< of its first run of options */
	uint8_t index2;            /**< of its second run */
	uint8_t numopt1 : 4;       /**< options of the first run */
	uint8_t numopt2 : 4;
	uint16_t serviceid;        /* wr: show = "hex" */
	uint16_t instanceid;       /* wr: show = "hex" */
	uint8_t majorver;
	uint8_t ttl[3];            /* wr: as = "u24", unit = "s" */
	uint32_t minorver;         /* wr: present = "type < SUBSCRIBE" */
	uint8_t reserved;          /* wr: present = "type >= SUBSCRIBE" */
	struct {
		uint8_t initialevents : 1; /**< initial events are asked for */
		uint8_t reserved2 : 3;
		uint8_t counter : 4;
	} PACKED;                  /* wr: present = "type >= SUBSCRIBE" */
	uint16_t eventgroupid;     /* wr: present = "type >= SUBSCRIBE" */
} PACKED;

/* Texts of DNS-SD: each with its length, and a length of 0 behind them. */
struct someipsd_item {
	uint8_t len;
	char config_string_element[0]; /* wr: count = "len" */
} PACKED;

/* Service discovery, section 4.1.2.4: the low half of an address's type says which family it has. */
struct someipsd_option {
	uint16_t length;         /**< bytes behind the type */
	uint8_t type;            /* wr: enum = "someipsd_option_type" */
	uint8_t reserved;
	struct someipsd_item config[0]; /* wr: present = "type == CONFIGURATION", until = "end" */
	uint16_t priority;       /* wr: present = "type == LOAD_BALANCING" */
	uint16_t weight;         /* wr: present = "type == LOAD_BALANCING" */
	uint32_t ipv4address;    /* wr: present = "(type & 0x0f) == 4", show = "ipv4" */
	uint8_t ipv6address[16]; /* wr: present = "(type & 0x0f) == 6", show = "ipv6" */
	uint8_t reserved2;       /* wr: present = "(type & 0x0f) >= 4" */
	uint8_t proto;           /* wr: present = "(type & 0x0f) >= 4", enum = "someipsd_l4proto" */
	uint16_t port;           /* wr: present = "(type & 0x0f) >= 4" */
	uint8_t content[0];      /* wr: until = "end" */
} PACKED;

/* Service discovery, section 4.1.2.1. */
struct someipsd {
	uint8_t flags;         /* wr: flags = { Reboot = 0x80, Unicast = 0x40, ExplicitInitialData = 0x20 } */
	uint8_t reserved[3];
	uint32_t length_entriesarray; /**< bytes */
	struct someipsd_entry entry[0];   /* wr: bytes = "length_entriesarray" */
	uint32_t length_optionsarray; /**< bytes */
	struct someipsd_option option[0]; /* wr: bytes = "length_optionsarray", length = "length + 3" */
} PACKED;

/* Section 4.1.2. */
struct someip {
	uint16_t serviceid;        /* wr: show = "hex" */
	uint16_t methodid;         /* wr: show = "hex" */
	uint32_t length;           /**< bytes behind it */
	uint16_t clientid;         /* wr: show = "hex" */
	uint16_t sessionid;
	uint8_t protoversion;
	uint8_t interfaceversion;
	uint8_t messagetype;       /* wr: enum = "someip_message_type" */
	uint8_t returncode;        /* wr: enum = "someip_return_code" */
	struct {
		uint32_t offset : 28;  /* wr: scale = 16, unit = "bytes" */
		uint32_t reserved : 3;
		uint32_t more_segments : 1;
	} PACKED tp;               /* wr: present = "messagetype & 0x20" */
	struct someipsd someipsd;  /* wr: present = "serviceid == 0xffff && methodid == 0x8100" */
	uint8_t payload[0];        /* wr: until = "end" */
} PACKED;

#endif
