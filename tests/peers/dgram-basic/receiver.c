/* Prints COUNT datagrams, over IPv4 or IPv6. */
#include "../udp.h"
#include "proto.h"

int main(int argc, char **argv)
{
    int count;
    int fd = udp_receiver(argc, argv, AF_INET6, &count);
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
