/* Takes COUNT datagrams of any layout and prints their lengths. */
#include "../udp.h"

int main(int argc, char **argv)
{
    int count;
    int fd = udp_receiver(argc, argv, AF_INET6, &count);
    udp_ready();
    while (count-- > 0) {
        char bytes[65536];
        ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
        if (len < 0)
            die("recv");
        printf("%zd bytes\n", len);
    }
    close(fd);
    return 0;
}
