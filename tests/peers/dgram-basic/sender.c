/* Sends one datagram for each NAME MATH CHINESE.
 *
 * Built as it should be, and with the mistakes that people make:
 *   -DPROTO='"proto_unpacked.h"', '"proto_pack.h"'   the struct is not packed
 *   -DNO_HTONL    integers in the host's order
 *   -DUNCLEARED   the struct holds what was on the stack: here 0xAA, so that it is the same each time
 *   -DCUT=N       the last N bytes are not sent
 */
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

#ifdef UNCLEARED
#define STACK 0xAA
#else
#define STACK 0
#endif

#ifndef CUT
#define CUT 0
#endif

/* A name of NAMESIZE bytes fills the field and leaves no room for its NUL. */
static void set_name(struct msg_st *msg, const char *name)
{
    size_t len = strlen(name) + 1;
    memcpy(msg->name, name, len < NAMESIZE ? len : NAMESIZE);
}

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    for (int i = FIRST_VALUE; i + 2 < argc; i += 3) {
        struct msg_st msg;
        memset(&msg, STACK, sizeof(msg));
        set_name(&msg, argv[i]);
        msg.math = WIRE32((uint32_t)strtoul(argv[i + 1], NULL, 10));
        msg.chinese = WIRE32((uint32_t)strtoul(argv[i + 2], NULL, 10));
        udp_send(&peer, &msg, sizeof(msg) - CUT);
    }
    close(peer.fd);
    return 0;
}
