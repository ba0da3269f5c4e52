/*
 * MAVLink 2: between vehicles and those who fly them (mavlink.io, "Packet Serialization" and "Message Signing").
 *
 * Integers are little-endian. Zeros that end a payload are not sent, nor are fields that a sender does not
 * know: what is missing at the end of a payload reads as zeros.
 * The checksum takes in a byte that no packet carries: it differs with the fields of each message, so that
 * only messages whose fields are known here have theirs checked.
 */
#ifndef PROFILES_MAVLINK_H
#define PROFILES_MAVLINK_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum mavlink_incompat_flag { SIGNED = 0x01 };

enum mav_type { GENERIC, FIXED_WING, QUADROTOR, COAXIAL, HELICOPTER, ANTENNA_TRACKER, GCS, AIRSHIP, FREE_BALLOON, ROCKET, GROUND_ROVER, SURFACE_BOAT, SUBMARINE, HEXAROTOR, OCTOROTOR };

enum mav_autopilot { AUTOPILOT_GENERIC, AUTOPILOT_RESERVED, SLUGS, ARDUPILOTMEGA, OPENPILOT, AUTOPILOT_INVALID = 8, PX4 = 12 };

enum mav_mode_flag {
	CUSTOM_MODE_ENABLED = 0x01,
	TEST_ENABLED = 0x02,
	AUTO_ENABLED = 0x04,
	GUIDED_ENABLED = 0x08,
	STABILIZE_ENABLED = 0x10,
	HIL_ENABLED = 0x20,
	MANUAL_INPUT_ENABLED = 0x40,
	SAFETY_ARMED = 0x80
};

enum mav_state { UNINIT, BOOT, CALIBRATING, STANDBY, ACTIVE, CRITICAL, EMERGENCY, POWEROFF, FLIGHT_TERMINATION };

enum gps_fix_type { NO_GPS, NO_FIX, FIX_2D, FIX_3D, DGPS, RTK_FLOAT, RTK_FIXED, STATIC, PPP };

enum mav_result { ACCEPTED, TEMPORARILY_REJECTED, DENIED, UNSUPPORTED, FAILED, IN_PROGRESS, CANCELLED };

enum mav_severity { SEVERITY_EMERGENCY, ALERT, SEVERITY_CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG };

/* "Message Signing": 10 microseconds since 2015-01-01. */
struct mavlink_signature {
	uint8_t link_id;
	uint8_t timestamp[6]; /* wr: as = "u48" */
	uint8_t signature[6];
} PACKED;

/* Any message. */
struct mavlink {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	uint8_t payload[0];      /* wr: count = "len" */
	uint16_t checksum;       /* wr: show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* HEARTBEAT (0): there it is, and how it does. */
struct heartbeat {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint32_t custom_mode;
		uint8_t type;                  /* wr: enum = "mav_type" */
		uint8_t autopilot;             /* wr: enum = "mav_autopilot" */
		uint8_t base_mode;             /* wr: flags = "mav_mode_flag" */
		uint8_t system_status;         /* wr: enum = "mav_state" */
		uint8_t mavlink_version;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 50, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* SYS_STATUS (1): sensors, load, battery. */
struct sys_status {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint32_t onboard_control_sensors_present; /* wr: show = "hex" */
		uint32_t onboard_control_sensors_enabled; /* wr: show = "hex" */
		uint32_t onboard_control_sensors_health; /* wr: show = "hex" */
		uint16_t load;                 /* wr: scale = 0.1, unit = "%" */
		uint16_t voltage_battery;      /* wr: scale = 0.001, unit = "V", none = 65535 */
		int16_t current_battery;       /* wr: scale = 0.01, unit = "A", none = -1 */
		uint16_t drop_rate_comm;       /* wr: scale = 0.01, unit = "%" */
		uint16_t errors_comm;
		uint16_t errors_count1;
		uint16_t errors_count2;
		uint16_t errors_count3;
		uint16_t errors_count4;
		int8_t battery_remaining;      /* wr: unit = "%", none = -1 */
		uint32_t onboard_control_sensors_present_extended; /* wr: show = "hex" */
		uint32_t onboard_control_sensors_enabled_extended; /* wr: show = "hex" */
		uint32_t onboard_control_sensors_health_extended; /* wr: show = "hex" */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 124, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* SYSTEM_TIME (2): its clocks. */
struct system_time {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint64_t time_unix_usec;       /* wr: time = "us", show = "time" */
		uint32_t time_boot_ms;         /* wr: time = "ms", epoch = "boot" */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 137, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* PING (4): is there a way to it, and how long. */
struct ping {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint64_t time_usec;            /* wr: unit = "us" */
		uint32_t seq;
		uint8_t target_system;
		uint8_t target_component;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 237, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* PARAM_REQUEST_LIST (21): all parameters, please. */
struct param_request_list {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint8_t target_system;
		uint8_t target_component;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 159, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* PARAM_VALUE (22): a parameter. */
struct param_value {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		float param_value;
		uint16_t param_count;
		uint16_t param_index;
		char param_id[16];
		uint8_t param_type;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 220, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* PARAM_SET (23): a parameter to be set. */
struct param_set {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		float param_value;
		uint8_t target_system;
		uint8_t target_component;
		char param_id[16];
		uint8_t param_type;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 168, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* GPS_RAW_INT (24): what the receiver says. */
struct gps_raw_int {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint64_t time_usec;            /* wr: unit = "us" */
		int32_t lat;                   /* wr: scale = 1e-7, unit = "deg" */
		int32_t lon;                   /* wr: scale = 1e-7, unit = "deg" */
		int32_t alt;                   /* wr: scale = 0.001, unit = "m" */
		uint16_t eph;                  /* wr: none = 65535 */
		uint16_t epv;                  /* wr: none = 65535 */
		uint16_t vel;                  /* wr: scale = 0.01, unit = "m/s", none = 65535 */
		uint16_t cog;                  /* wr: scale = 0.01, unit = "deg", none = 65535 */
		uint8_t fix_type;              /* wr: enum = "gps_fix_type" */
		uint8_t satellites_visible;    /* wr: none = 255 */
		int32_t alt_ellipsoid;         /* wr: scale = 0.001, unit = "m" */
		uint32_t h_acc;                /* wr: scale = 0.001, unit = "m" */
		uint32_t v_acc;                /* wr: scale = 0.001, unit = "m" */
		uint32_t vel_acc;              /* wr: scale = 0.001, unit = "m/s" */
		uint32_t hdg_acc;              /* wr: scale = 0.00001, unit = "deg" */
		uint16_t yaw;                  /* wr: scale = 0.01, unit = "deg", none = 0 */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 24, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* ATTITUDE (30): how it lies in the air. */
struct attitude {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint32_t time_boot_ms;         /* wr: time = "ms", epoch = "boot" */
		float roll;                    /* wr: unit = "rad" */
		float pitch;                   /* wr: unit = "rad" */
		float yaw;                     /* wr: unit = "rad" */
		float rollspeed;               /* wr: unit = "rad/s" */
		float pitchspeed;              /* wr: unit = "rad/s" */
		float yawspeed;                /* wr: unit = "rad/s" */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 39, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* GLOBAL_POSITION_INT (33): where it is. */
struct global_position_int {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint32_t time_boot_ms;         /* wr: time = "ms", epoch = "boot" */
		int32_t lat;                   /* wr: scale = 1e-7, unit = "deg" */
		int32_t lon;                   /* wr: scale = 1e-7, unit = "deg" */
		int32_t alt;                   /* wr: scale = 0.001, unit = "m" */
		int32_t relative_alt;          /* wr: scale = 0.001, unit = "m" */
		int16_t vx;                    /* wr: scale = 0.01, unit = "m/s" */
		int16_t vy;                    /* wr: scale = 0.01, unit = "m/s" */
		int16_t vz;                    /* wr: scale = 0.01, unit = "m/s" */
		uint16_t hdg;                  /* wr: scale = 0.01, unit = "deg", none = 65535 */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 104, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* VFR_HUD (74): what a pilot looks at. */
struct vfr_hud {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		float airspeed;                /* wr: unit = "m/s" */
		float groundspeed;             /* wr: unit = "m/s" */
		float alt;                     /* wr: unit = "m" */
		float climb;                   /* wr: unit = "m/s" */
		int16_t heading;               /* wr: unit = "deg" */
		uint16_t throttle;             /* wr: unit = "%" */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 20, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* COMMAND_LONG (76): do this. */
struct command_long {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		float param1;
		float param2;
		float param3;
		float param4;
		float param5;
		float param6;
		float param7;
		uint16_t command;
		uint8_t target_system;
		uint8_t target_component;
		uint8_t confirmation;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 152, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* COMMAND_ACK (77): done or not. */
struct command_ack {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint16_t command;
		uint8_t result;                /* wr: enum = "mav_result" */
		uint8_t progress;
		int32_t result_param2;
		uint8_t target_system;
		uint8_t target_component;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 143, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* TIMESYNC (111): clocks compared. */
struct timesync {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		int64_t tc1;                   /* wr: unit = "ns" */
		int64_t ts1;                   /* wr: unit = "ns" */
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 34, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* VIBRATION (241): how it shakes. */
struct vibration {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint64_t time_usec;            /* wr: unit = "us" */
		float vibration_x;
		float vibration_y;
		float vibration_z;
		uint32_t clipping_0;
		uint32_t clipping_1;
		uint32_t clipping_2;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 90, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

/* STATUSTEXT (253): a line for people. */
struct statustext {
	uint8_t magic;           /* wr: show = "hex" */
	uint8_t len;             /**< bytes of the payload */
	uint8_t incompat_flags;  /* wr: flags = "mavlink_incompat_flag" */
	uint8_t compat_flags;    /* wr: show = "hex" */
	uint8_t seq;             /* wr: counter = true */
	uint8_t sysid;
	uint8_t compid;
	uint8_t msgid[3];        /* wr: as = "u24" */
	struct {
		uint8_t severity;              /* wr: enum = "mav_severity" */
		char text[50];
		uint16_t id;
		uint8_t chunk_seq;
	} PACKED payload;        /* wr: bytes = "len", zeros = true */
	uint16_t checksum;       /* wr: checksum = "crc16-mcrf4xx", over = "1..checksum", extra = 83, show = "hex" */
	struct mavlink_signature signature; /* wr: present = "incompat_flags & SIGNED" */
} PACKED;

#endif
