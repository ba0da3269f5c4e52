/* A file in pieces: path, data and end, told apart by a leading field. */
#ifndef TAGGED_H
#define TAGGED_H

#include <stdint.h>

#define PATHSIZE 32
#define DATASIZE 16

enum { MSG_PATH = 1, MSG_DATA, MSG_END };

struct path_st {
    uint32_t type; /* MSG_PATH */
    char path[PATHSIZE];
} __attribute__((packed));

struct data_st {
    uint32_t type; /* MSG_DATA */
    uint16_t datalen;
    uint16_t data[DATASIZE / 2];
} __attribute__((packed));

struct end_st {
    uint32_t type; /* MSG_END */
} __attribute__((packed));

union packet_un {
    uint32_t type;
    struct path_st path;
    struct data_st data;
    struct end_st end;
};

#endif
