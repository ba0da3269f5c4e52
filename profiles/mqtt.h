/*
 * MQTT: messages about topics, by way of a broker (MQTT 3.1.1 and 5.0, OASIS; sections of 5.0, 2 and 3).
 *
 * Bit-fields stand from the highest bit on, as in the specification's figures: the profile's ABI is one
 * of a big-endian machine. Integers are in network byte order. Which version a connection speaks only its
 * CONNECT says: the protocol `mqtt` reads all else as 3.1.1, `mqtt5` as 5.0.
 */
#ifndef PROFILES_MQTT_H
#define PROFILES_MQTT_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Table 2-1. */
enum mqtt_type {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	PUBREC,
	PUBREL,
	PUBCOMP,
	SUBSCRIBE,
	SUBACK,
	UNSUBSCRIBE,
	UNSUBACK,
	PINGREQ,
	PINGRESP,
	DISCONNECT,
	AUTH
};

/* Table 2-4. */
enum mqtt_property_id {
	PAYLOAD_FORMAT_INDICATOR = 0x01,
	MESSAGE_EXPIRY_INTERVAL = 0x02,
	CONTENT_TYPE = 0x03,
	RESPONSE_TOPIC = 0x08,
	CORRELATION_DATA = 0x09,
	SUBSCRIPTION_IDENTIFIER = 0x0b,
	SESSION_EXPIRY_INTERVAL = 0x11,
	ASSIGNED_CLIENT_IDENTIFIER = 0x12,
	SERVER_KEEP_ALIVE = 0x13,
	AUTHENTICATION_METHOD = 0x15,
	AUTHENTICATION_DATA = 0x16,
	REQUEST_PROBLEM_INFORMATION = 0x17,
	WILL_DELAY_INTERVAL = 0x18,
	REQUEST_RESPONSE_INFORMATION = 0x19,
	RESPONSE_INFORMATION = 0x1a,
	SERVER_REFERENCE = 0x1c,
	REASON_STRING = 0x1f,
	RECEIVE_MAXIMUM = 0x21,
	TOPIC_ALIAS_MAXIMUM = 0x22,
	TOPIC_ALIAS = 0x23,
	MAXIMUM_QOS = 0x24,
	RETAIN_AVAILABLE = 0x25,
	USER_PROPERTY = 0x26,
	MAXIMUM_PACKET_SIZE = 0x27,
	WILDCARD_SUBSCRIPTION_AVAILABLE = 0x28,
	SUBSCRIPTION_IDENTIFIER_AVAILABLE = 0x29,
	SHARED_SUBSCRIPTION_AVAILABLE = 0x2a
};

/* Section 1.5.4. */
struct mqtt_string {
	uint16_t prop_string_len;
	char prop_string[0]; /* wr: count = "prop_string_len" */
} PACKED;

/* Section 1.5.6. */
struct mqtt_binary {
	uint16_t prop_data_len;
	uint8_t prop_data[0]; /* wr: count = "prop_data_len" */
} PACKED;

/* Section 1.5.7. */
struct mqtt_pair {
	uint16_t prop_key_len;
	char prop_key[0];   /* wr: count = "prop_key_len" */
	uint16_t prop_value_len;
	char prop_value[0]; /* wr: count = "prop_value_len" */
} PACKED;

/* A number in groups of seven bits. */
struct mqtt_varint {
	uint8_t prop_number[4]; /* wr: as = "varint" */
} PACKED;

struct mqtt_byte {
	uint8_t prop_number;
} PACKED;

struct mqtt_word {
	uint16_t prop_number;
} PACKED;

struct mqtt_dword {
	uint32_t prop_number;
} PACKED;

/* Section 2.2.2.2. */
struct mqtt_property {
	uint8_t property_id; /* wr: enum = "mqtt_property_id" */
	uint8_t property[0]; /* wr: tag = "property_id", cases = { 0x01 = "mqtt_byte", 0x02 = "mqtt_dword", 0x03 = "mqtt_string", 0x08 = "mqtt_string", 0x09 = "mqtt_binary", 0x0b = "mqtt_varint", 0x11 = "mqtt_dword", 0x12 = "mqtt_string", 0x13 = "mqtt_word", 0x15 = "mqtt_string", 0x16 = "mqtt_binary", 0x17 = "mqtt_byte", 0x18 = "mqtt_dword", 0x19 = "mqtt_byte", 0x1a = "mqtt_string", 0x1c = "mqtt_string", 0x1f = "mqtt_string", "0x21..0x23" = "mqtt_word", "0x24..0x25" = "mqtt_byte", 0x26 = "mqtt_pair", 0x27 = "mqtt_dword", "0x28..0x2a" = "mqtt_byte" } */
} PACKED;

/* Any message. */
struct mqtt {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t flags : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint8_t body[0];      /* wr: until = "end" */
} PACKED;

/* Section 3.1; in version 5 properties stand before the client's name and before the will. */
struct connect {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t proto_len;
	char protoname[0];    /* wr: count = "proto_len" */
	uint8_t ver;          /**< 3: 3.1, 4: 3.1.1, 5: 5.0 */
	struct {
		uint8_t uname : 1;
		uint8_t passwd : 1;
		uint8_t retain : 1;
		uint8_t qos : 2;
		uint8_t willflag : 1;
		uint8_t cleansess : 1;
		uint8_t reserved : 1;
	} PACKED conflag;
	uint16_t kalive;      /* wr: unit = "s" */
	uint8_t property_len[4]; /* wr: as = "varint", present = "ver == 5" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
	uint16_t clientid_len;
	char clientid[0];     /* wr: count = "clientid_len" */
	uint8_t will_property_len[4]; /* wr: as = "varint", present = "ver == 5 && conflag.willflag" */
	struct mqtt_property will_properties[0]; /* wr: bytes = "will_property_len" */
	uint16_t willtopic_len; /* wr: present = "conflag.willflag" */
	char willtopic[0];    /* wr: count = "willtopic_len", present = "conflag.willflag" */
	uint16_t willmsg_len; /* wr: present = "conflag.willflag" */
	uint8_t willmsg[0];   /* wr: count = "willmsg_len", present = "conflag.willflag" */
	uint16_t username_len; /* wr: present = "conflag.uname" */
	char username[0];     /* wr: count = "username_len", present = "conflag.uname" */
	uint16_t passwd_len;  /* wr: present = "conflag.passwd" */
	char passwd[0];       /* wr: count = "passwd_len", present = "conflag.passwd" */
} PACKED;

/* Section 3.2. */
struct connack {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	struct {
		struct {
			uint8_t reserved : 7;
			uint8_t sp : 1;   /**< the session is there already */
		} PACKED flags;
		uint8_t val;          /**< 0: accepted */
	} PACKED conack;
	uint8_t body[0];      /* wr: until = "end" */
} PACKED;

/* Section 3.3. */
struct publish {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t dupflag : 1;
	uint8_t qos : 2;
	uint8_t retain : 1;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t topic_len;
	char topic[0];        /* wr: count = "topic_len" */
	uint16_t msgid;       /* wr: present = "qos" */
	uint8_t msg[0];       /* wr: until = "end", text = false */
} PACKED;

/* Sections 3.4 to 3.7 and 3.11: PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK. */
struct acknowledgement {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	uint8_t body[0];      /* wr: until = "end" */
} PACKED;

/* Section 3.8.3. */
struct mqtt_subscription {
	uint16_t topic_len;
	char topic[0];        /* wr: count = "topic_len" */
	struct {
		uint8_t reserved : 6;
		uint8_t qos : 2;
	} PACKED sub;
} PACKED;

struct subscribe {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	struct mqtt_subscription topics[0]; /* wr: until = "end" */
} PACKED;

/* Section 3.9: 0x80 is a refusal. */
struct suback {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	struct {
		uint8_t qos;
	} PACKED suback[0];   /* wr: until = "end" */
} PACKED;

/* Section 3.10.3. */
struct mqtt_topic {
	uint16_t topic_len;
	char topic[0];        /* wr: count = "topic_len" */
} PACKED;

struct unsubscribe {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	struct mqtt_topic topics[0]; /* wr: until = "end" */
} PACKED;

/* As above, in version 5. */
struct connack5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	struct {
		struct {
			uint8_t reserved : 7;
			uint8_t sp : 1;
		} PACKED flags;
	} PACKED conack;
	struct {
		uint8_t reason_code; /* wr: show = "hex" */
	} PACKED connack;
	uint8_t property_len[4]; /* wr: as = "varint" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
} PACKED;

struct publish5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t dupflag : 1;
	uint8_t qos : 2;
	uint8_t retain : 1;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t topic_len;
	char topic[0];        /* wr: count = "topic_len" */
	uint16_t msgid;       /* wr: present = "qos" */
	uint8_t property_len[4]; /* wr: as = "varint" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
	uint8_t msg[0];       /* wr: until = "end", text = false */
} PACKED;

/* Without a reason it is 0, without properties there are none: then neither is there. */
struct acknowledgement5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	uint8_t reason_code;  /* wr: present = "len > 2", show = "hex" */
	uint8_t property_len[4]; /* wr: as = "varint", present = "len > 3" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
} PACKED;

struct mqtt_subscription5 {
	uint16_t topic_len;
	char topic[0];        /* wr: count = "topic_len" */
	uint8_t subscription_options_reserved : 2;
	uint8_t subscription_options_retain : 2; /**< of retained messages, 0: all, 1: of a new subscription, 2: none */
	uint8_t subscription_options_rap : 1;
	uint8_t subscription_options_nl : 1;
	uint8_t subscription_options_qos : 2;
} PACKED;

struct subscribe5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	uint8_t property_len[4]; /* wr: as = "varint" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
	struct mqtt_subscription5 topics[0]; /* wr: until = "end" */
} PACKED;

/* SUBACK and UNSUBACK: a reason for each topic. */
struct suback5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	uint8_t property_len[4]; /* wr: as = "varint" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
	uint8_t reason_codes[0]; /* wr: until = "end" */
} PACKED;

struct unsubscribe5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint16_t msgid;
	uint8_t property_len[4]; /* wr: as = "varint" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
	struct mqtt_topic topics[0]; /* wr: until = "end" */
} PACKED;

/* Sections 3.14 and 3.15: DISCONNECT, AUTH. */
struct reason5 {
	uint8_t msgtype : 4;  /* wr: enum = "mqtt_type" */
	uint8_t hdr_reserved : 4;
	uint8_t len[4];       /* wr: as = "varint" */
	uint8_t reason_code;  /* wr: present = "len > 0", show = "hex" */
	uint8_t property_len[4]; /* wr: as = "varint", present = "len > 1" */
	struct mqtt_property properties[0]; /* wr: bytes = "property_len" */
} PACKED;

#endif
