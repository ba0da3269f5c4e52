/*
 * PTP, version 2 (IEEE 1588-2008 and 1588-2019, clause 13): clocks of a network kept alike.
 *
 * Bit-fields stand from the highest bit on, as in the standard's tables: the profile's ABI is one of a
 * big-endian machine. Integers are in network byte order. Members have Wireshark's names, whose prefix is `ptp.v2`.
 */
#ifndef PROFILES_PTP_H
#define PROFILES_PTP_H

#include <stdint.h>

#define PACKED __attribute__((packed))

/* Table 36. */
enum ptp_message_type {
	SYNC = 0x0,
	DELAY_REQ = 0x1,
	PDELAY_REQ = 0x2,
	PDELAY_RESP = 0x3,
	FOLLOW_UP = 0x8,
	DELAY_RESP = 0x9,
	PDELAY_RESP_FOLLOW_UP = 0xa,
	ANNOUNCE = 0xb,
	SIGNALING = 0xc,
	MANAGEMENT = 0xd
};

/* Table 37, as a number of two octets. */
enum ptp_flag {
	ALTERNATE_MASTER = 0x0100,
	TWO_STEP = 0x0200,
	UNICAST = 0x0400,
	PROFILE_SPECIFIC_1 = 0x2000,
	PROFILE_SPECIFIC_2 = 0x4000,
	SECURITY = 0x8000,
	LEAP_61 = 0x0001,
	LEAP_59 = 0x0002,
	UTC_OFFSET_VALID = 0x0004,
	PTP_TIMESCALE = 0x0008,
	TIME_TRACEABLE = 0x0010,
	FREQUENCY_TRACEABLE = 0x0020,
	SYNCHRONIZATION_UNCERTAIN = 0x0040
};

/* Table 6. */
enum ptp_time_source {
	ATOMIC_CLOCK = 0x10,
	GNSS = 0x20,
	TERRESTRIAL_RADIO = 0x30,
	SERIAL_TIME_CODE = 0x39,
	PTP = 0x40,
	NTP = 0x50,
	HAND_SET = 0x60,
	OTHER = 0x90,
	INTERNAL_OSCILLATOR = 0xa0
};

/* Table 52. */
enum ptp_tlv_type {
	TLV_MANAGEMENT = 0x0001,
	TLV_MANAGEMENT_ERROR_STATUS = 0x0002,
	TLV_ORGANIZATION_EXTENSION = 0x0003,
	TLV_REQUEST_UNICAST_TRANSMISSION = 0x0004,
	TLV_GRANT_UNICAST_TRANSMISSION = 0x0005,
	TLV_CANCEL_UNICAST_TRANSMISSION = 0x0006,
	TLV_ACKNOWLEDGE_CANCEL_UNICAST_TRANSMISSION = 0x0007,
	TLV_PATH_TRACE = 0x0008,
	TLV_ALTERNATE_TIME_OFFSET_INDICATOR = 0x0009
};

/* Table 57. */
enum ptp_action { GET, SET, RESPONSE, COMMAND, ACKNOWLEDGE };

/* Table 59. */
enum ptp_management_id {
	NULL_MANAGEMENT = 0x0000,
	CLOCK_DESCRIPTION = 0x0001,
	USER_DESCRIPTION = 0x0002,
	DEFAULT_DATA_SET = 0x2000,
	CURRENT_DATA_SET = 0x2001,
	PARENT_DATA_SET = 0x2002,
	TIME_PROPERTIES_DATA_SET = 0x2003,
	PORT_DATA_SET = 0x2004,
	PRIORITY1 = 0x2005,
	PRIORITY2 = 0x2006,
	DOMAIN = 0x2007
};

/* Table 61. */
enum ptp_error_id {
	RESPONSE_TOO_BIG = 0x0001,
	NO_SUCH_ID = 0x0002,
	WRONG_LENGTH = 0x0003,
	WRONG_VALUE = 0x0004,
	NOT_SETABLE = 0x0005,
	NOT_SUPPORTED = 0x0006,
	GENERAL_ERROR = 0xfffe
};

/* Section 5.3.3: a time since the epoch of the timescale, which is 1970 in TAI. */
struct ptp_timestamp {
	uint8_t seconds[6];   /* wr: as = "u48" */
	uint32_t nanoseconds; /* wr: unit = "ns" */
} PACKED;

/* Section 15.5.3.3.1, table 65. */
struct ptp_default_data_set {
	uint8_t reserved : 6;
	uint8_t SlavOnly : 1;
	uint8_t twoStep : 1;
	uint8_t reserved2;
	uint16_t numberPorts;
	uint8_t priority1;
	uint8_t clockclass;
	uint8_t clockaccuracy;  /* wr: show = "hex" */
	uint16_t clockvariance;
	uint8_t priority2;
	uint64_t clockidentity; /* wr: show = "hex" */
	uint8_t domainNumber;
	uint8_t reserved3;
} PACKED;

/* Table 66; intervals in 2^-16 ns. */
struct ptp_current_data_set {
	uint16_t stepsRemoved;
	int64_t offset;    /* wr: scale = 0.0000152587890625, unit = "ns" */
	int64_t pathDelay; /* wr: scale = 0.0000152587890625, unit = "ns" */
} PACKED;

/* Table 67. */
struct ptp_parent_data_set {
	uint64_t parentclockidentity; /* wr: show = "hex" */
	uint16_t parentsourceportid;
	uint8_t parentstats;
	uint8_t reserved;
	uint16_t observedParentOffsetScaledLogVariance;
	int32_t observedParentClockPhaseChangeRate;
	uint8_t grandmasterPriority1;
	uint8_t grandmasterclockclass;
	uint8_t grandmasterclockaccuracy;  /* wr: show = "hex" */
	uint16_t grandmasterclockvariance;
	uint8_t grandmasterPriority2;
	uint64_t grandmasterclockidentity; /* wr: show = "hex" */
} PACKED;

/* Table 68. */
struct ptp_time_properties_data_set {
	int16_t currentutcoffset; /* wr: unit = "s" */
	uint8_t reserved : 2;
	uint8_t frequencyTraceable : 1;
	uint8_t timeTraceable : 1;
	uint8_t ptptimescale : 1;
	uint8_t CurrentUTCOffsetValid : 1;
	uint8_t li59 : 1;
	uint8_t li61 : 1;
	uint8_t timesource; /* wr: enum = "ptp_time_source" */
} PACKED;

/* Tables 70 to 72: a number, and what fills it up. */
struct ptp_octet {
	uint8_t value;
	uint8_t reserved;
} PACKED;

/* Section 15.5.2. */
struct ptp_management {
	uint16_t managementId; /* wr: enum = "ptp_management_id" */
	union {
		struct ptp_default_data_set default_data_set;
		struct ptp_current_data_set current_data_set;
		struct ptp_parent_data_set parent_data_set;
		struct ptp_time_properties_data_set time_properties;
		struct ptp_octet octet;
		uint8_t data[0]; /* wr: until = "end" */
	} PACKED; /* wr: bytes = "lengthField - 2", tag = ["lengthField > 2", "managementId"], cases = { "0,*" = "none", "1,DEFAULT_DATA_SET" = "default_data_set", "1,CURRENT_DATA_SET" = "current_data_set", "1,PARENT_DATA_SET" = "parent_data_set", "1,TIME_PROPERTIES_DATA_SET" = "time_properties", "1,PRIORITY1" = "octet", "1,PRIORITY2" = "octet", "1,DOMAIN" = "octet", default = "data" } */
} PACKED;

/* Section 15.5.4. */
struct ptp_management_error {
	uint16_t managementErrorId; /* wr: enum = "ptp_error_id" */
	uint16_t managementId;      /* wr: enum = "ptp_management_id" */
	uint8_t reserved[4];
	uint8_t displayData[0];     /* wr: until = "end" */
} PACKED;

/* Section 14.3. */
struct ptp_organization {
	uint8_t organizationId[3];      /* wr: as = "u24", show = "hex" */
	uint8_t organizationSubType[3]; /* wr: as = "u24" */
	uint8_t dataField[0];           /* wr: until = "end" */
} PACKED;

/* Section 16.1.4.1. */
struct ptp_unicast_request {
	uint8_t messageType : 4;       /* wr: enum = "ptp_message_type" */
	uint8_t reserved : 4;
	int8_t logInterMessagePeriod;
	uint32_t durationField;        /* wr: unit = "s" */
} PACKED;

/* Section 16.1.4.2. */
struct ptp_unicast_grant {
	uint8_t messageType : 4;       /* wr: enum = "ptp_message_type" */
	uint8_t reserved : 4;
	int8_t logInterMessagePeriod;
	uint32_t durationField;        /* wr: unit = "s" */
	uint8_t reserved2;
	uint8_t renewalInvited;
} PACKED;

/* Sections 16.1.4.3 and 16.1.4.4. */
struct ptp_unicast_cancel {
	uint8_t messageType : 4;       /* wr: enum = "ptp_message_type" */
	uint8_t flags : 4;
	uint8_t reserved;
} PACKED;

/* Section 16.2. */
struct ptp_path_trace {
	uint64_t pathsequence[0]; /* wr: until = "end", show = "hex" */
} PACKED;

/* Section 14.1. */
struct ptp_tlv {
	uint16_t tlvType; /* wr: enum = "ptp_tlv_type" */
	uint16_t lengthField;
	union {
		struct ptp_management management;
		struct ptp_management_error error;
		struct ptp_organization oe;
		struct ptp_unicast_request request;
		struct ptp_unicast_grant grant;
		struct ptp_unicast_cancel cancel;
		struct ptp_path_trace path_trace;
		uint8_t data[0]; /* wr: until = "end" */
	} PACKED; /* wr: bytes = "lengthField", tag = "tlvType", cases = { TLV_MANAGEMENT = "management", TLV_MANAGEMENT_ERROR_STATUS = "error", TLV_ORGANIZATION_EXTENSION = "oe", TLV_REQUEST_UNICAST_TRANSMISSION = "request", TLV_GRANT_UNICAST_TRANSMISSION = "grant", TLV_CANCEL_UNICAST_TRANSMISSION = "cancel", TLV_ACKNOWLEDGE_CANCEL_UNICAST_TRANSMISSION = "cancel", TLV_PATH_TRACE = "path_trace", default = "data" } */
} PACKED;

/* Section 13.6: Sync, Delay_Req. */
struct ptp_sync {
	struct ptp_timestamp origintimestamp;
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.7. */
struct ptp_follow_up {
	struct ptp_timestamp preciseorigintimestamp;
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.8. */
struct ptp_delay_resp {
	struct ptp_timestamp receivetimestamp;
	uint64_t requestingsourceportidentity; /* wr: show = "hex" */
	uint16_t requestingsourceportid;
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.9: as long as what answers it. */
struct ptp_pdelay_req {
	struct ptp_timestamp origintimestamp;
	uint8_t reserved[10];
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.10. */
struct ptp_pdelay_resp {
	struct ptp_timestamp requestreceipttimestamp;
	uint64_t requestingportidentity; /* wr: show = "hex" */
	uint16_t requestingsourceportid;
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.11. */
struct ptp_pdelay_resp_follow_up {
	struct ptp_timestamp responseorigintimestamp;
	uint64_t requestingportidentity; /* wr: show = "hex" */
	uint16_t requestingsourceportid;
	struct ptp_tlv tlv[0]; /* wr: until = "end" */
} PACKED;

/* Section 13.5. */
struct ptp_announce {
	struct ptp_timestamp origintimestamp;
	int16_t origincurrentutcoffset;    /* wr: unit = "s" */
	uint8_t reserved;
	uint8_t priority1;
	uint8_t grandmasterclockclass;
	uint8_t grandmasterclockaccuracy;  /* wr: show = "hex" */
	uint16_t grandmasterclockvariance;
	uint8_t priority2;
	uint64_t grandmasterclockidentity; /* wr: show = "hex" */
	uint16_t localstepsremoved;
	uint8_t timesource;                /* wr: enum = "ptp_time_source" */
	struct ptp_tlv tlv[0];            /* wr: until = "end" */
} PACKED;

/* Section 13.12. */
struct ptp_signaling {
	uint64_t targetportidentity; /* wr: show = "hex" */
	uint16_t targetportid;
	struct ptp_tlv tlv[0];      /* wr: until = "end" */
} PACKED;

/* Section 15.4. */
struct ptp_management_message {
	uint64_t targetportidentity; /* wr: show = "hex" */
	uint16_t targetportid;
	uint8_t startingboundaryhops;
	uint8_t boundaryhops;
	uint8_t reserved : 4;
	uint8_t action : 4;          /* wr: enum = "ptp_action" */
	uint8_t reserved2;
	struct ptp_tlv tlv[0];      /* wr: until = "end" */
} PACKED;

/* Section 13.3, table 35. */
struct ptp {
	struct {
		uint8_t majorsdoid : 4;
		uint8_t messagetype : 4;   /* wr: enum = "ptp_message_type" */
		uint8_t minorversionptp : 4;
		uint8_t versionptp : 4;
		uint16_t messagelength;    /**< bytes of the whole message */
		uint8_t domainnumber;
		uint8_t minorsdoid;
		uint16_t flags;            /* wr: flags = "ptp_flag" */
		int64_t correction;        /* wr: scale = 0.0000152587890625, unit = "ns" */
		uint32_t messagetypespecific;
		uint64_t clockidentity;    /* wr: show = "hex" */
		uint16_t sourceportid;
		uint16_t sequenceid;       /* wr: counter = true */
		uint8_t controlfield;
		int8_t logmessageperiod;   /**< log2 of the seconds between two; 127: none is said */
		union {
			struct ptp_sync sdr;
			struct ptp_follow_up fu;
			struct ptp_delay_resp dr;
			struct ptp_pdelay_req pdrq;
			struct ptp_pdelay_resp pdrs;
			struct ptp_pdelay_resp_follow_up pdfu;
			struct ptp_announce an;
			struct ptp_signaling sig;
			struct ptp_management_message mm;
		} PACKED;
	} PACKED v2;
} PACKED;

#endif
