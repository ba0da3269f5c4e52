/* Sends standard input in one piece, whatever it holds, and prints how many bytes came back until
 * the server closed. */
#include "../tcp.h"

int main(int argc, char **argv)
{
    char bytes[4096];
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT SOURCE_PORT <REQUESTS\n", argv[0]);
        return 2;
    }
    size_t request_len = fread(bytes, 1, sizeof(bytes), stdin);
    int fd = tcp_connect(argv[1], argv[2], argv[3]);
    tcp_write(fd, bytes, request_len);
    size_t total = 0;
    ssize_t len;
    while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0)
        total += (size_t)len;
    if (len < 0)
        die("recv");
    printf("%zu bytes\n", total);
    close(fd);
    return 0;
}
