/* Prints COUNT datagrams. Its buffer is not cleared in between, as in many a first receiver: after
 * a name without its NUL it prints the rest of an older one. */
#include <stddef.h>

#include "../udp.h"
#include "proto.h"

int main(int argc, char **argv)
{
    int count;
    int fd = udp_receiver(argc, argv, AF_INET6, &count);
    size_t size = sizeof(struct msg_st) + NAMEMAX - 1;
    struct msg_st *msg = calloc(1, size + 1);
    if (msg == NULL)
        die("calloc");
    udp_ready();
    while (count-- > 0) {
        if (recv(fd, msg, size, 0) < 0)
            die("recv");
        const char *name = (const char *)msg + offsetof(struct msg_st, name);
        printf("%s %u %u\n", name, ntohl(msg->math), ntohl(msg->chinese));
    }
    free(msg);
    close(fd);
    return 0;
}
