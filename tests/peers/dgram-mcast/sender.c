/* Sends one datagram for each NAME MATH CHINESE to a group, through the interface that the
 * environment names in INTERFACE.
 *
 *   -DJOINS   the mistake: the sender joins the group too. It stays until it is ended, so that the
 *             report of its membership is on the wire.
 */
#include "../udp.h"
#include "proto.h"

static struct ip_mreqn membership(const char *group)
{
    const char *interface = getenv("INTERFACE");
    struct ip_mreqn request = {.imr_ifindex = interface ? (int)if_nametoindex(interface) : 0};
    inet_pton(AF_INET, group, &request.imr_multiaddr);
    return request;
}

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct ip_mreqn request = membership(argv[1]);
    if (setsockopt(peer.fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) < 0)
        die("IP_MULTICAST_IF");
#ifdef JOINS
    if (setsockopt(peer.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) < 0)
        die("IP_ADD_MEMBERSHIP");
#endif
    for (int i = FIRST_VALUE; i + 2 < argc; i += 3) {
        struct msg_st msg = {.math = htonl((uint32_t)strtoul(argv[i + 1], NULL, 10)),
                             .chinese = htonl((uint32_t)strtoul(argv[i + 2], NULL, 10))};
        memcpy(msg.name, argv[i], strnlen(argv[i], NAMESIZE));
        udp_send(&peer, &msg, sizeof(msg));
    }
#ifdef JOINS
    pause();
#endif
    close(peer.fd);
    return 0;
}
