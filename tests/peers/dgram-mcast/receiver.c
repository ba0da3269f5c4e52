/* Prints COUNT datagrams of the group, heard on the interface that the environment names in
 * INTERFACE. */
#include "../udp.h"
#include "proto.h"

int main(int argc, char **argv)
{
    int count;
    int fd = udp_receiver(argc, argv, AF_INET, &count);
    const char *interface = getenv("INTERFACE");
    struct ip_mreqn request = {.imr_ifindex = interface ? (int)if_nametoindex(interface) : 0};
    inet_pton(AF_INET, MGROUP, &request.imr_multiaddr);
    if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) < 0)
        die("IP_ADD_MEMBERSHIP");
    udp_ready();
    while (count-- > 0) {
        struct msg_st msg = {0};
        if (recv(fd, &msg, sizeof(msg), 0) < 0)
            die("recv");
        printf("%.*s %u %u\n", NAMESIZE, (char *)msg.name, ntohl(msg.math), ntohl(msg.chinese));
    }
    close(fd);
    return 0;
}
