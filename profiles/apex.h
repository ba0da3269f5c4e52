/*
 * Apex: what a racing game sends of a session while it runs, in the manner of such games: packed structs,
 * little-endian, several kinds of packets with one header, each at a rate of its own.
 *
 * The format is this project's own. It is here as an example of such telemetry.
 */
#ifndef PROFILES_APEX_H
#define PROFILES_APEX_H

#include <stdint.h>

#define PACKED __attribute__((packed))

enum apex_packet { MOTION, SESSION, LAPS, EVENT, PARTICIPANTS, TELEMETRY, SETUPS };

enum apex_weather { CLEAR, CLOUDY, OVERCAST, LIGHT_RAIN, HEAVY_RAIN, STORM };

enum apex_session_type { PRACTICE = 1, QUALIFYING = 5, RACE = 10, TIME_TRIAL = 13 };

enum apex_flag { NONE = 0, GREEN, BLUE, YELLOW, RED };

enum apex_pit { ON_TRACK, PITTING, IN_PIT };

enum apex_surface { TARMAC, KERB, CONCRETE, ROCK, GRAVEL, MUD, SAND, GRASS };

/* Four letters each, the first in the lowest byte. */
enum apex_code {
	SESSION_STARTED = 0x41545353, /* SSTA */
	SESSION_ENDED = 0x444e4553,   /* SEND */
	FASTEST_LAP = 0x504c5446,     /* FTLP */
	RETIREMENT = 0x544d5452,      /* RTMT */
	PENALTY = 0x414e4550,         /* PENA */
	SPEED_TRAP = 0x50545053,      /* SPTP */
	BUTTONS = 0x4e545542          /* BUTN */
};

/* In metres and metres a second; directions are of length 1. */
struct apex_motion_car {
	float position[3];
	float velocity[3];
	int16_t forward[3];      /* wr: scale = 0.000030518509475997192 */
	int16_t right[3];        /* wr: scale = 0.000030518509475997192 */
	float g_force[3];
	float yaw;               /* wr: unit = "rad" */
	float pitch;             /* wr: unit = "rad" */
	float roll;              /* wr: unit = "rad" */
} PACKED;

struct apex_zone {
	float start;             /**< where it begins: 0 is the line, 1 a lap later */
	int8_t flag;             /* wr: enum = "apex_flag" */
} PACKED;

struct apex_lap_car {
	uint32_t last_lap;       /* wr: scale = 0.001, unit = "s" */
	uint32_t current_lap;    /* wr: scale = 0.001, unit = "s" */
	uint16_t sector1;        /* wr: scale = 0.001, unit = "s" */
	uint16_t sector2;        /* wr: scale = 0.001, unit = "s" */
	float lap_distance;      /* wr: unit = "m" */
	float total_distance;    /* wr: unit = "m" */
	uint8_t car_position;
	uint8_t lap_number;
	uint8_t pit_status;      /* wr: enum = "apex_pit" */
	uint8_t penalties;       /* wr: unit = "s" */
	uint8_t invalid : 1;     /**< the lap does not count */
	uint8_t sector : 2;
	uint8_t unused : 5;
} PACKED;

struct apex_fastest_lap {
	uint8_t car;
	float lap_time;          /* wr: unit = "s" */
} PACKED;

struct apex_retirement {
	uint8_t car;
} PACKED;

struct apex_penalty {
	uint8_t penalty_type;
	uint8_t infringement;
	uint8_t car;
	uint8_t other_car;       /* wr: none = 255 */
	uint8_t time;            /* wr: none = 255, unit = "s" */
	uint8_t lap_number;
} PACKED;

struct apex_speed_trap {
	uint8_t car;
	float speed;             /* wr: unit = "km/h" */
} PACKED;

struct apex_buttons {
	uint32_t buttons;        /* wr: flags = { up = 0x01, down = 0x02, left = 0x04, right = 0x08, drs = 0x10, talk = 0x20, flashback = 0x40 } */
} PACKED;

struct apex_participant {
	uint8_t ai : 1;          /**< driven by the game */
	uint8_t telemetry : 1;   /**< what it sends is for all to see */
	uint8_t unused : 6;
	uint8_t driver;          /* wr: none = 255 */
	uint8_t team;
	uint8_t race_number;
	uint8_t nationality;
	char name[32];
} PACKED;

/* Wheels are rear left, rear right, front left, front right. */
struct apex_telemetry_car {
	uint16_t speed;          /* wr: unit = "km/h" */
	float throttle;          /* wr: range = [0, 1] */
	float steer;             /* wr: range = [-1, 1] */
	float brake;             /* wr: range = [0, 1] */
	uint8_t clutch;          /* wr: unit = "%" */
	int8_t gear;             /**< -1: reverse, 0: neutral */
	uint16_t engine_rpm;     /* wr: unit = "1/min" */
	uint8_t drs;
	uint16_t rev_lights;     /* wr: show = "hex" */
	uint16_t brake_temperature[4]; /* wr: unit = "°C" */
	uint8_t tyre_temperature[4];   /* wr: show = "raw" */
	uint16_t engine_temperature;   /* wr: unit = "°C" */
	float tyre_pressure[4];  /* wr: unit = "psi" */
	uint8_t surface[4];
} PACKED;

/* The header, and what its packet_id says. */
struct apex {
	uint16_t format;         /**< 0x5041: "AP" */
	uint8_t version;
	uint8_t packet_id;       /* wr: enum = "apex_packet" */
	uint64_t session_uid;    /* wr: show = "hex" */
	float session_time;      /* wr: unit = "s" */
	uint32_t frame_id;       /**< goes back where the player does */
	uint8_t num_cars;
	uint8_t player_car;      /**< index */
	uint8_t body[0];         /* wr: until = "end" */
} PACKED;

#define APEX_HEADER \
	uint16_t format; \
	uint8_t version; \
	uint8_t packet_id; \
	uint64_t session_uid; \
	float session_time; \
	uint32_t frame_id; \
	uint8_t num_cars; \
	uint8_t player_car

struct motion {
	APEX_HEADER;
	struct apex_motion_car cars[0]; /* wr: count = "num_cars" */
	float wheel_speed[4];    /* wr: unit = "m/s" */
} PACKED;

struct session {
	APEX_HEADER;
	uint8_t weather;         /* wr: enum = "apex_weather" */
	int8_t track_temperature; /* wr: unit = "°C" */
	int8_t air_temperature;  /* wr: unit = "°C" */
	uint8_t total_laps;
	uint16_t track_length;   /* wr: unit = "m" */
	uint8_t session_type;    /* wr: enum = "apex_session_type" */
	int8_t track;            /* wr: none = -1 */
	uint16_t time_left;      /* wr: unit = "s" */
	uint8_t num_zones;
	struct apex_zone zones[0]; /* wr: count = "num_zones" */
	uint8_t safety_car;
} PACKED;

struct laps {
	APEX_HEADER;
	struct apex_lap_car cars[0]; /* wr: count = "num_cars" */
} PACKED;

struct event {
	APEX_HEADER;
	uint32_t code;           /* wr: enum = "apex_code" */
	union {
		struct apex_fastest_lap fastest_lap;
		struct apex_retirement retirement;
		struct apex_penalty penalty;
		struct apex_speed_trap speed_trap;
		struct apex_buttons buttons;
		uint8_t other[0];    /* wr: until = "end" */
	} PACKED details; /* wr: tag = "code", cases = { SESSION_STARTED = "none", SESSION_ENDED = "none", FASTEST_LAP = "fastest_lap", RETIREMENT = "retirement", PENALTY = "penalty", SPEED_TRAP = "speed_trap", BUTTONS = "buttons", default = "other" } */
} PACKED;

struct participants {
	APEX_HEADER;
	uint8_t num_active;
	struct apex_participant list[0]; /* wr: count = "num_active" */
} PACKED;

struct telemetry {
	APEX_HEADER;
	struct apex_telemetry_car cars[0]; /* wr: count = "num_cars" */
	int8_t suggested_gear;   /* wr: none = 0 */
} PACKED;

#endif
