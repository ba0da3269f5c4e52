/* Sends one datagram for each NAME MATH CHINESE.
 *
 * Built as it should be, and with the mistakes that people make:
 *   -DPROTO='"proto_unpacked.h"'           the struct is not packed, and sizeof counts its padding
 *   -DPROTO='"proto_array.h"' -DNO_NUL     the whole buffer in place of the tail: 503 + strlen bytes
 *   -DNO_NUL      the size is sizeof - 1 + strlen: the name's NUL stays behind
 *   -DNO_HTONL    integers in the host's order
 *   -DUNCLEARED   what was in memory is sent along: here 0xAA, so that it is the same each time
 *   -DOVERSIZE    names over the receiver's buffer are sent too
 */
#include <stddef.h>

#include "../udp.h"

#ifndef PROTO
#define PROTO "proto.h"
#endif
#include PROTO

#ifdef NO_HTONL
#define WIRE32(value) (value)
#else
#define WIRE32(value) htonl(value)
#endif

#ifdef NO_NUL
#define FIXED_SIZE (sizeof(struct msg_st) - 1)
#else
#define FIXED_SIZE sizeof(struct msg_st)
#endif

#ifdef UNCLEARED
#define HEAP 0xAA
#else
#define HEAP 0
#endif

static void refuse_long_name(const char *name)
{
#ifndef OVERSIZE
    if (strlen(name) >= NAMEMAX) {
        fprintf(stderr, "the name is longer than %d bytes\n", NAMEMAX - 1);
        exit(1);
    }
#else
    (void)name;
#endif
}

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    for (int i = FIRST_VALUE; i + 2 < argc; i += 3) {
        refuse_long_name(argv[i]);
        size_t name_len = strlen(argv[i]);
        size_t room = sizeof(struct msg_st) + name_len + 1;
        struct msg_st *msg = malloc(room);
        if (msg == NULL)
            die("malloc");
        memset(msg, HEAP, room);
        msg->math = WIRE32((uint32_t)strtoul(argv[i + 1], NULL, 10));
        msg->chinese = WIRE32((uint32_t)strtoul(argv[i + 2], NULL, 10));
        memcpy((char *)msg + offsetof(struct msg_st, name), argv[i], name_len + 1);
        udp_send(&peer, msg, FIXED_SIZE + name_len);
        free(msg);
    }
    close(peer.fd);
    return 0;
}
