/*
 * TFTP (RFC 1350, section 5), with options (RFC 2347). A request goes to port 69; the server answers
 * from another one, unless it is told to keep to 69.
 *
 * Arrays of one element are as long as the profile says.
 */
#ifndef PROFILE_TFTP_H
#define PROFILE_TFTP_H

#include <stdint.h>

enum tftp_opcode { READ_REQUEST = 1, WRITE_REQUEST, DATA, ACKNOWLEDGEMENT, ERROR, OPTION_ACKNOWLEDGEMENT };

/* RFC 1350, appendix; RFC 2347. */
enum tftp_error_code {
    NOT_DEFINED, NOT_FOUND, ACCESS_VIOLATION, DISK_FULL, ILLEGAL_OPERATION, UNKNOWN_TRANSFER,
    FILE_EXISTS, NO_SUCH_USER, OPTION_REFUSED
};

struct tftp {
    uint16_t opcode;
} __attribute__((packed));

/* Each ends at its NUL. */
struct tftp_option {
    char name[1];
    char value[1];
} __attribute__((packed));

struct tftp_read {
    uint16_t opcode;
    char source_file[1];                    /* up to its NUL, as `type` */
    char type[1];                           /* netascii, octet, mail */
    struct tftp_option option[1];
} __attribute__((packed));

struct tftp_write {
    uint16_t opcode;
    char destination_file[1];
    char type[1];
    struct tftp_option option[1];
} __attribute__((packed));

struct tftp_data {
    uint16_t opcode;
    uint16_t block;                         /* from 1 on */
    uint8_t data[1];                        /* 512 bytes, or what was agreed to; fewer: the last */
} __attribute__((packed));

struct tftp_ack {
    uint16_t opcode;
    uint16_t block;
} __attribute__((packed));

struct tftp_error {
    uint16_t opcode;
    struct {
        uint16_t code;
        char message[1];
    } __attribute__((packed)) error;
} __attribute__((packed));

struct tftp_oack {
    uint16_t opcode;
    struct tftp_option option[1];
} __attribute__((packed));

#endif
