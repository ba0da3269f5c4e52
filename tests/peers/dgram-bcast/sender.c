/* Sends one datagram for each NAME MATH CHINESE to a broadcast address. */
#include "../udp.h"
#include "proto.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    int on = 1;
    if (setsockopt(peer.fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0)
        die("SO_BROADCAST");
    for (int i = FIRST_VALUE; i + 2 < argc; i += 3) {
        struct msg_st msg = {.math = htonl((uint32_t)strtoul(argv[i + 1], NULL, 10)),
                             .chinese = htonl((uint32_t)strtoul(argv[i + 2], NULL, 10))};
        memcpy(msg.name, argv[i], strnlen(argv[i], NAMESIZE));
        udp_send(&peer, &msg, sizeof(msg));
    }
    close(peer.fd);
    return 0;
}
