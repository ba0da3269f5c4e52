/*
 * TLS: records, and what of a handshake is not encrypted (RFC 5246, sections 6 and 7; RFC 8446, sections 4 to
 * 6 and appendix B).
 *
 * Integers are in network byte order. A record of a handshake whose message is longer than the record is taken to
 * be encrypted, or to go on in the next record: it stays bytes.
 */
#ifndef PROFILES_TLS_H
#define PROFILES_TLS_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* RFC 8446, appendix B.1; RFC 6520. */
enum tls_content_type { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, HEARTBEAT = 24 };

enum tls_version { SSL_3_0 = 0x0300, TLS_1_0 = 0x0301, TLS_1_1 = 0x0302, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/* RFC 8446, appendix B.2. */
enum tls_alert_level { ALERT_WARNING = 1, ALERT_FATAL = 2 };

enum tls_alert {
	CLOSE_NOTIFY = 0,
	UNEXPECTED_MESSAGE = 10,
	BAD_RECORD_MAC = 20,
	RECORD_OVERFLOW = 22,
	HANDSHAKE_FAILURE = 40,
	BAD_CERTIFICATE = 42,
	UNSUPPORTED_CERTIFICATE = 43,
	CERTIFICATE_REVOKED = 44,
	CERTIFICATE_EXPIRED = 45,
	CERTIFICATE_UNKNOWN = 46,
	ILLEGAL_PARAMETER = 47,
	UNKNOWN_CA = 48,
	ACCESS_DENIED = 49,
	DECODE_ERROR = 50,
	DECRYPT_ERROR = 51,
	PROTOCOL_VERSION = 70,
	INSUFFICIENT_SECURITY = 71,
	INTERNAL_ERROR = 80,
	INAPPROPRIATE_FALLBACK = 86,
	USER_CANCELED = 90,
	NO_RENEGOTIATION = 100,
	MISSING_EXTENSION = 109,
	UNSUPPORTED_EXTENSION = 110,
	UNRECOGNIZED_NAME = 112,
	CERTIFICATE_REQUIRED = 116,
	NO_APPLICATION_PROTOCOL = 120
};

/* RFC 8446, appendix B.3; RFC 5246, appendix A.4. */
enum tls_handshake_type {
	HELLO_REQUEST = 0,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	NEW_SESSION_TICKET = 4,
	ENCRYPTED_EXTENSIONS = 8,
	CERTIFICATE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_HELLO_DONE = 14,
	CERTIFICATE_VERIFY = 15,
	CLIENT_KEY_EXCHANGE = 16,
	FINISHED = 20,
	CERTIFICATE_STATUS = 22,
	KEY_UPDATE = 24
};

/* IANA, "TLS ExtensionType Values". */
enum tls_extension_type {
	SERVER_NAME = 0,
	STATUS_REQUEST = 5,
	SUPPORTED_GROUPS = 10,
	EC_POINT_FORMATS = 11,
	SIGNATURE_ALGORITHMS = 13,
	ALPN = 16,
	SIGNED_CERTIFICATE_TIMESTAMP = 18,
	PADDING = 21,
	ENCRYPT_THEN_MAC = 22,
	EXTENDED_MASTER_SECRET = 23,
	SESSION_TICKET = 35,
	PRE_SHARED_KEY = 41,
	EARLY_DATA = 42,
	SUPPORTED_VERSIONS = 43,
	COOKIE = 44,
	PSK_KEY_EXCHANGE_MODES = 45,
	KEY_SHARE = 51,
	RENEGOTIATION_INFO = 65281
};

/* RFC 8446, section 4.2.7. */
enum tls_group { SECP256R1 = 23, SECP384R1 = 24, SECP521R1 = 25, X25519 = 29, X448 = 30, FFDHE2048 = 256, FFDHE3072 = 257, FFDHE4096 = 258 };

/* RFC 6066, section 3. */
struct tls_server_name_entry {
	uint8_t extensions_server_name_type; /**< 0: a host */
	uint16_t extensions_server_name_len;
	char extensions_server_name[0];      /* wr: count = "extensions_server_name_len" */
} PACKED;

struct tls_server_name {
	uint16_t extensions_server_name_list_len;
	struct tls_server_name_entry names[0]; /* wr: bytes = "extensions_server_name_list_len" */
} PACKED;

/* RFC 8446, section 4.2.7. */
struct tls_supported_groups {
	uint16_t extensions_supported_groups_length;
	uint16_t extensions_supported_group[0]; /* wr: bytes = "extensions_supported_groups_length", enum = "tls_group" */
} PACKED;

/* RFC 8446, section 4.2.3. */
struct tls_signature_algorithms {
	uint16_t sig_hash_alg_len;
	uint16_t sig_hash_alg[0]; /* wr: bytes = "sig_hash_alg_len", show = "hex" */
} PACKED;

/* RFC 7301, section 3.1. */
struct tls_alpn_name {
	uint8_t extensions_alpn_str_len;
	char extensions_alpn_str[0]; /* wr: count = "extensions_alpn_str_len" */
} PACKED;

struct tls_alpn {
	uint16_t extensions_alpn_len;
	struct tls_alpn_name names[0]; /* wr: bytes = "extensions_alpn_len" */
} PACKED;

/* RFC 8446, section 4.2.1: what a client can. */
struct tls_supported_versions {
	uint8_t supported_versions_len;
	uint16_t supported_version[0]; /* wr: bytes = "supported_versions_len", enum = "tls_version" */
} PACKED;

/* And what a server chose. */
struct tls_selected_version {
	uint16_t supported_version; /* wr: enum = "tls_version" */
} PACKED;

/* RFC 8446, section 4.2. */
struct tls_extension {
	uint16_t type;   /* wr: enum = "tls_extension_type" */
	uint16_t len;
	uint8_t data[0]; /* wr: bytes = "len", tag = "type", cases = { 0 = { is = "tls_server_name", when = "len" }, 10 = "tls_supported_groups", 13 = "tls_signature_algorithms", 16 = "tls_alpn", 43 = { is = "tls_selected_version", when = "len == 2" }, "43..43" = "tls_supported_versions", default = "bytes" } */
} PACKED;

struct tls_certificate {
	uint8_t certificate_length[3]; /* wr: as = "u24" */
	uint8_t certificate[0];        /* wr: count = "certificate_length" */
} PACKED;

/*
 * RFC 8446, section 4: a hello is there where its version is, that of a client where its cipher suites are. All
 * else is bytes behind the length.
 */
struct tls_handshake {
	uint8_t type;        /* wr: enum = "tls_handshake_type" */
	uint8_t length[3];   /* wr: as = "u24" */
	uint16_t version;    /* wr: present = "(type == CLIENT_HELLO || type == SERVER_HELLO) && length + 4 <= record.length", enum = "tls_version" */
	uint8_t random[32];  /* wr: present = "version" */
	uint8_t session_id_length; /* wr: present = "version" */
	uint8_t session_id[0];     /* wr: present = "session_id_length", count = "session_id_length" */
	uint16_t cipher_suites_length; /* wr: present = "version && type == CLIENT_HELLO" */
	uint16_t ciphersuites[0];  /* wr: present = "cipher_suites_length", bytes = "cipher_suites_length", show = "hex" */
	uint16_t ciphersuite;      /* wr: present = "version && type == SERVER_HELLO", show = "hex" */
	uint8_t comp_methods_length; /* wr: present = "version && type == CLIENT_HELLO" */
	uint8_t comp_methods[0];   /* wr: present = "comp_methods_length", count = "comp_methods_length" */
	uint8_t comp_method;       /* wr: present = "version && type == SERVER_HELLO" */
	uint16_t extensions_length; /* wr: present = "version && length > 38 + session_id_length + cipher_suites_length + comp_methods_length" */
	struct tls_extension extension[0]; /* wr: present = "extensions_length", bytes = "extensions_length" */
	uint8_t certificates_length[3]; /* wr: as = "u24", present = "type == CERTIFICATE && length + 4 <= record.length" */
	struct tls_certificate certificates[0]; /* wr: present = "certificates_length", bytes = "certificates_length" */
	uint8_t data[0];     /* wr: until = "end" */
} PACKED;

/* RFC 5246, section 6.2.1. */
struct tls {
	struct {
		uint8_t content_type; /* wr: enum = "tls_content_type" */
		uint16_t version;     /* wr: enum = "tls_version" */
		uint16_t length;      /**< bytes behind it */
	} PACKED record;
	uint8_t change_cipher_spec; /* wr: present = "record.content_type == CHANGE_CIPHER_SPEC" */
	struct {
		uint8_t level;        /* wr: enum = "tls_alert_level" */
		uint8_t desc;         /* wr: enum = "tls_alert" */
	} PACKED alert_message;   /* wr: present = "record.content_type == ALERT && record.length == 2" */
	struct tls_handshake handshake[0]; /* wr: present = "record.content_type == HANDSHAKE", until = "end", length = "(length + 4 <= record.length) * (length + 4) + (length + 4 > record.length) * record.length" */
	uint8_t app_data[0];      /* wr: present = "record.content_type == APPLICATION_DATA", until = "end" */
	uint8_t encrypted[0];     /* wr: present = "record.content_type == ALERT && record.length != 2 || record.content_type == HEARTBEAT", until = "end" */
} PACKED;

#endif
