/* Sends one datagram for each ID STAMP VALUE FLAGS LEVEL, in the order of the host.
 *
 * Built for several machines, and as it should be:
 *   -DPROTO='"proto_packed.h"'   the struct is packed
 *   -DNETWORK_ORDER              numbers are big-endian
 */
#include "../udp.h"

#include <endian.h>
#include <stddef.h>

#ifndef PROTO
#define PROTO "proto.h"
#endif
#include PROTO

#ifdef NETWORK_ORDER
#define WIRE16(value) htobe16(value)
#define WIRE64(value) htobe64(value)
#else
#define WIRE16(value) (value)
#define WIRE64(value) (value)
#endif

/* By its bits: on i386 a swapped number that passes through a register may change. */
static void set_level(struct reading *reading, double level)
{
    uint64_t bits;
    memcpy(&bits, &level, sizeof(bits));
    bits = WIRE64(bits);
    memcpy((char *)reading + offsetof(struct reading, level), &bits, sizeof(bits));
}

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    for (int i = FIRST_VALUE; i + 4 < argc; i += 5) {
        struct reading reading;
        memset(&reading, 0, sizeof(reading));
        reading.id = (uint8_t)atoi(argv[i]);
        reading.stamp = WIRE64(strtoull(argv[i + 1], NULL, 10));
        reading.value = WIRE64(strtol(argv[i + 2], NULL, 10));
        reading.flags = WIRE16((uint16_t)strtoul(argv[i + 3], NULL, 10));
        set_level(&reading, strtod(argv[i + 4], NULL));
        udp_send(&peer, &reading, sizeof(reading));
    }
    close(peer.fd);
    return 0;
}
