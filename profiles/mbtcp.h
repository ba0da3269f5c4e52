/*
 * Modbus/TCP: registers and coils of controllers (MODBUS Messaging on TCP/IP Implementation Guide V1.0b,
 * section 3.1.3; MODBUS Application Protocol Specification V1.1b3, section 6).
 *
 * Bit-fields stand from the highest bit on: the profile's ABI is one of a big-endian machine. Integers
 * are in network byte order. What a query has and what a response, its function code says.
 */
#ifndef PROFILES_MBTCP_H
#define PROFILES_MBTCP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum modbus_function {
	READ_COILS = 1,
	READ_DISCRETE_INPUTS = 2,
	READ_HOLDING_REGISTERS = 3,
	READ_INPUT_REGISTERS = 4,
	WRITE_SINGLE_COIL = 5,
	WRITE_SINGLE_REGISTER = 6,
	READ_EXCEPTION_STATUS = 7,
	DIAGNOSTICS = 8,
	GET_COMM_EVENT_COUNTER = 11,
	GET_COMM_EVENT_LOG = 12,
	WRITE_MULTIPLE_COILS = 15,
	WRITE_MULTIPLE_REGISTERS = 16,
	REPORT_SERVER_ID = 17,
	READ_FILE_RECORD = 20,
	WRITE_FILE_RECORD = 21,
	MASK_WRITE_REGISTER = 22,
	READ_WRITE_REGISTERS = 23,
	READ_FIFO_QUEUE = 24,
	ENCAPSULATED = 43
};

/* Section 7. */
enum modbus_exception {
	ILLEGAL_FUNCTION = 1,
	ILLEGAL_DATA_ADDRESS = 2,
	ILLEGAL_DATA_VALUE = 3,
	SERVER_DEVICE_FAILURE = 4,
	ACKNOWLEDGE = 5,
	SERVER_DEVICE_BUSY = 6,
	MEMORY_PARITY_ERROR = 8,
	GATEWAY_PATH_UNAVAILABLE = 10,
	GATEWAY_TARGET_FAILED_TO_RESPOND = 11
};

/* Section 6.21: what encapsulated messages are about. */
enum modbus_mei { CANOPEN_GENERAL_REFERENCE = 13, READ_DEVICE_IDENTIFICATION = 14 };

struct query {
	uint16_t trans_id; /* wr: echo = true, pairs = "response.trans_id" */
	uint16_t prot_id;  /**< 0: Modbus */
	uint16_t len;      /**< bytes behind it */
	uint8_t unit_id;
	struct {
		uint8_t func_code;           /* wr: enum = "modbus_function" */
		uint16_t reference_num;      /* wr: present = "func_code <= WRITE_SINGLE_REGISTER || func_code == WRITE_MULTIPLE_COILS || func_code == WRITE_MULTIPLE_REGISTERS || func_code == MASK_WRITE_REGISTER || func_code == READ_FIFO_QUEUE" */
		uint16_t bit_cnt;            /* wr: present = "func_code <= READ_DISCRETE_INPUTS || func_code == WRITE_MULTIPLE_COILS" */
		uint16_t word_cnt;           /* wr: present = "func_code == READ_HOLDING_REGISTERS || func_code == READ_INPUT_REGISTERS || func_code == WRITE_MULTIPLE_REGISTERS" */
		uint16_t and_mask;           /* wr: present = "func_code == MASK_WRITE_REGISTER", show = "hex" */
		uint16_t or_mask;            /* wr: present = "func_code == MASK_WRITE_REGISTER", show = "hex" */
		uint16_t read_reference_num;  /* wr: present = "func_code == READ_WRITE_REGISTERS" */
		uint16_t read_word_cnt;       /* wr: present = "func_code == READ_WRITE_REGISTERS" */
		uint16_t write_reference_num; /* wr: present = "func_code == READ_WRITE_REGISTERS" */
		uint16_t write_word_cnt;      /* wr: present = "func_code == READ_WRITE_REGISTERS" */
		uint16_t diagnostic_code;    /* wr: present = "func_code == DIAGNOSTICS" */
		uint8_t mei;                 /* wr: present = "func_code == ENCAPSULATED", enum = "modbus_mei" */
		uint8_t read_device_id;      /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		uint8_t object_id;           /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		uint8_t byte_cnt;            /* wr: present = "func_code == WRITE_MULTIPLE_COILS || func_code == WRITE_MULTIPLE_REGISTERS || func_code == READ_FILE_RECORD || func_code == WRITE_FILE_RECORD || func_code == READ_WRITE_REGISTERS" */
		uint16_t regval_uint16[0];   /* wr: present = "func_code == WRITE_SINGLE_REGISTER || func_code == WRITE_MULTIPLE_REGISTERS || func_code == READ_WRITE_REGISTERS", count = "(func_code == WRITE_SINGLE_REGISTER) + byte_cnt / 2" */
		uint8_t data[0];             /* wr: until = "end" */
	} PACKED modbus;
} PACKED;

/* Section 6.21: an object of the device. */
struct modbus_object {
	uint8_t object_id;
	uint8_t objects_len;
	char object_str_value[0]; /* wr: count = "objects_len" */
} PACKED;

struct response {
	uint16_t trans_id; /* wr: echo = true */
	uint16_t prot_id;
	uint16_t len;
	uint8_t unit_id;
	struct {
		uint8_t exception : 1;       /**< the query was refused */
		uint8_t func_code : 7;       /* wr: enum = "modbus_function" */
		uint8_t exception_code;      /* wr: present = "exception", enum = "modbus_exception" */
		uint16_t reference_num;      /* wr: present = "!exception && (func_code == WRITE_SINGLE_COIL || func_code == WRITE_SINGLE_REGISTER || func_code == WRITE_MULTIPLE_COILS || func_code == WRITE_MULTIPLE_REGISTERS || func_code == MASK_WRITE_REGISTER)" */
		uint16_t bit_cnt;            /* wr: present = "!exception && func_code == WRITE_MULTIPLE_COILS" */
		uint16_t and_mask;           /* wr: present = "!exception && func_code == MASK_WRITE_REGISTER", show = "hex" */
		uint16_t or_mask;            /* wr: present = "!exception && func_code == MASK_WRITE_REGISTER", show = "hex" */
		uint8_t status;              /* wr: present = "!exception && func_code == READ_EXCEPTION_STATUS", show = "hex" */
		uint16_t diagnostic_code;    /* wr: present = "!exception && func_code == DIAGNOSTICS" */
		uint8_t mei;                 /* wr: present = "!exception && func_code == ENCAPSULATED", enum = "modbus_mei" */
		uint8_t read_device_id;      /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		uint8_t conformity_level;    /* wr: present = "mei == READ_DEVICE_IDENTIFICATION", show = "hex" */
		uint8_t more_follows;        /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		uint8_t next_object_id;      /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		uint8_t num_objects;         /* wr: present = "mei == READ_DEVICE_IDENTIFICATION" */
		struct modbus_object object[0]; /* wr: count = "num_objects" */
		uint8_t byte_cnt;            /* wr: present = "!exception && (func_code <= READ_INPUT_REGISTERS || func_code == GET_COMM_EVENT_LOG || func_code == REPORT_SERVER_ID || func_code == READ_FILE_RECORD || func_code == WRITE_FILE_RECORD || func_code == READ_WRITE_REGISTERS)" */
		uint16_t byte_cnt_16;        /* wr: present = "!exception && func_code == READ_FIFO_QUEUE" */
		uint16_t ev_status;          /* wr: present = "!exception && (func_code == GET_COMM_EVENT_COUNTER || func_code == GET_COMM_EVENT_LOG)", show = "hex" */
		uint16_t ev_count;           /* wr: present = "!exception && (func_code == GET_COMM_EVENT_COUNTER || func_code == GET_COMM_EVENT_LOG)" */
		uint16_t ev_msg_count;       /* wr: present = "!exception && func_code == GET_COMM_EVENT_LOG" */
		uint16_t word_cnt;           /* wr: present = "!exception && (func_code == WRITE_MULTIPLE_REGISTERS || func_code == READ_FIFO_QUEUE)" */
		uint16_t regval_uint16[0];   /* wr: present = "!exception && (func_code == WRITE_SINGLE_REGISTER || func_code == READ_HOLDING_REGISTERS || func_code == READ_INPUT_REGISTERS || func_code == READ_WRITE_REGISTERS || func_code == READ_FIFO_QUEUE)", count = "(func_code == WRITE_SINGLE_REGISTER) + byte_cnt / 2 + (func_code == READ_FIFO_QUEUE) * word_cnt" */
		uint8_t data[0];             /* wr: until = "end" */
	} PACKED modbus;
} PACKED;

#endif
